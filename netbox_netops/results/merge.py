"""What a batch brought of one family becomes its rows."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..bulk import NULL, copy_columns, without_nested_loops
from .family import Family
from .renumbering import Move, renumber

__all__ = (
    'RowChange',
    'merge_rows',
)


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that appeared (`old` is None), vanished (`new` is None) or changed: its values by column.

    `event`: what the family's Event told before and after, where it happened.
    """

    target: int
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    event: Sequence[Any] | None = None


def merge_rows(
    cursor,
    family: Family,
    parts: Sequence[tuple[int, Sequence[tuple]]],
    complete: Collection[int],
    listed: Collection[int],
    baseline: Collection[int],
) -> list[RowChange]:
    """Bring the rows of these targets up to date; returns what changed. Of targets in `baseline` these are values that
    were known only.

    `parts`: for each target what `Family.read` gave. Of targets in `complete` everything is taken over. Of the others
    what is unknown now keeps the value that it had. What targets in `complete` and `listed` lack is deleted. Expects
    the batch in `netops_scan`, and its targets locked.
    """
    columns = {'target_id': 'bigint'} | {column.name: column.kind for column in family.columns}
    rows = [row for _target, rows in parts for row in rows]
    targets = [target for target, rows in parts for _row in rows]
    copy_columns(cursor, f'netops_{family.name}', columns, _clean(family, targets, rows))
    everyone = [target for target, _rows in parts]
    parameters = {
        'all': everyone,
        'partial': sorted({*everyone} - {*complete}),
        'listed': [*complete, *listed],
        'baseline': list(baseline),
    }
    moves: Mapping[tuple[int, int], Move] = {}
    if family.renumbered:
        moves = renumber(cursor, family, sorted({*parameters['listed']} - {*baseline}))
        parameters['moved'] = [move.id for move in moves.values()]
    with without_nested_loops(cursor):
        cursor.execute(family.statement, parameters)
        changes = cursor.fetchall()
    return [_change(family, values, moves, baseline) for values in changes]


def _change(
    family: Family, values: tuple, moves: Mapping[tuple[int, int], Move], baseline: Collection[int]
) -> RowChange:
    target, old, new, event = values
    before, after = _record(family, old), _record(family, new)
    if before and after:
        if move := moves and moves.get((target, after[family.key[0]])):
            before[family.key[0]] = move.old
        if target in baseline:
            before |= {name: after[name] for name, value in before.items() if value is None or value == ''}
    return RowChange(target, before, after, event and json.loads(event))


def _clean(family: Family, targets: list[int], rows: list[tuple]) -> list[Sequence]:
    if not rows:
        return [()] * (1 + len(family.columns))
    columns = [targets]
    for column, values in zip(family.columns, zip(*rows, strict=True), strict=True):
        columns.append(column.clean(values))
    needed = [
        values for column, values in zip(family.columns, columns[1:], strict=True)
        if column.name in family.key and column.name != 'if_index' and NULL in values
    ]  # fmt: skip
    if needed:
        keep = [NULL not in row for row in zip(*needed, strict=True)]
        columns = [[value for value, good in zip(values, keep, strict=True) if good] for values in columns]
    return columns


def _record(family: Family, values: str | None) -> dict[str, Any] | None:
    return None if values is None else dict(zip(family.reported, json.loads(values), strict=True))
