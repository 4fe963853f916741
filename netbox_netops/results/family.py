"""What a family of a scan's data is, and the SQL that merges its rows into its table."""

import json
import marshal
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from typing import Any

from ..bulk import NULL, copy_columns
from .columns import Column

__all__ = (
    'Family',
    'RowChange',
    'merge_rows',
)

# To be raised when the same data would be stored as something else: every digest is out of date then.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that appeared (`old` is None), vanished (`new` is None) or changed: its values by column."""

    target: int
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None


@dataclass(frozen=True)
class Family:
    """`wire`: its name in the data, where that is another one. `columns`: as they come.
    `key`: what tells the rows of one target apart. `volatile`: columns kept current without counting as a change.
    `names`: columns that tell a person which row appeared or vanished. `label`: that in one text.
    `unstored`: columns that only others are derived from.
    `derived`: further values, as SQL over the incoming row `i` (with `i.started`, the time of the scan).
    `kept`: columns made when a row is written, as SQL: for a new row over `i`, and for a changed one also over the row
    `t` as it was. `stale`: further SQL condition over `t` and `i` under which a row is written.
    `clock`: an age in seconds that moves although nothing happens, the column that says whether it runs, and the value
    with which it does.
    """

    name: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    names: tuple[str, ...]
    label: Callable[[Mapping[str, Any]], str]
    volatile: tuple[str, ...] = ()
    unstored: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stale: str = 'false'
    wire: str = ''
    clock: tuple[str, str, int] | None = None

    @property
    def source(self) -> str:
        return self.wire or self.name

    @cached_property
    def reported(self) -> tuple[str, ...]:
        """The columns whose values make up a RowChange."""
        return (*self.key, *self.values)

    @cached_property
    def values(self) -> tuple[str, ...]:
        left_out = {*self.key, *self.volatile, *self.unstored}
        return tuple(column.name for column in self.columns if column.name not in left_out)

    @cached_property
    def getter(self) -> Callable[[Mapping[str, Any]], tuple]:
        return itemgetter(*(column.source for column in self.columns))

    def read(self, items: Sequence[Any]) -> list[tuple]:
        """The values of each item in the order of the columns, unchecked."""
        try:
            return list(map(self.getter, items))
        except (KeyError, TypeError):
            sources = [column.source for column in self.columns]
            return [tuple(map(item.get, sources)) for item in items if isinstance(item, dict)]

    def fingerprint(self, rows: Sequence[tuple], started: float) -> tuple[str, array]:
        """(digest of the values, times at which the clocks began). The digest is '' for what cannot be compared."""
        clocks = array('q')
        if self.clock:
            names = [column.name for column in self.columns]
            age, condition, running = names.index(self.clock[0]), names.index(self.clock[1]), self.clock[2]
            now = int(started)
            clocks.extend([
                now - row[age] if row[condition] == running and type(row[age]) is int and abs(row[age]) < 2**32 else 0
                for row in rows
            ])  # fmt: skip
            rows = [row[:age] + row[age + 1 :] for row in rows]
        try:
            # Version 2 of the format: equal values give equal bytes.
            return sha256(marshal.dumps((_VERSION, rows), 2)).hexdigest(), clocks
        except ValueError:
            return '', clocks

    @cached_property
    def statement(self) -> str:
        key, values, volatile = _quoted(self.key), _quoted(self.values), _quoted(self.volatile)
        stored = [*key, *values, *volatile]
        # The index of an interface is the one part of a key that may be unknown.
        same = ' AND '.join(
            f'(t.{name} = i.{name} OR (t.{name} IS NULL AND i.{name} IS NULL))' if name == '"if_index"'
            else f't.{name} = i.{name}' for name in key
        )  # fmt: skip
        match = f't.target_id = i.target_id{" AND " if same else ""}{same}'
        differs = f'({_of("t", values)}) IS DISTINCT FROM ({_of("i", values)})'
        stale = f'({_of("t", volatile)}) IS DISTINCT FROM ({_of("i", volatile)})' if volatile else 'false'
        derived = ''.join(f', {sql} AS "{name}"' for name, sql in self.derived.items())
        report = [*key, *values]
        kept = list(self.kept)
        incoming_columns = ', '.join(f'i."{column.name}"' for column in self.columns)
        set_kept = ''.join(f', "{name}" = c."kept_{name}"' for name in kept)
        changed_kept = ''.join(f', {self.kept[name][1]} AS "kept_{name}"' for name in kept)
        return f"""
            WITH read AS (
                SELECT i.target_id, i.ctid AS place, {incoming_columns}, s.started
                FROM netops_{self.name} i JOIN netops_scan s ON s.target = i.target_id AND s.merged
            ), incoming AS MATERIALIZED (
                -- Of several rows with one key the first.
                SELECT DISTINCT ON ({', '.join(['target_id', *key])}) i.*{derived}
                FROM read i ORDER BY {', '.join(['target_id', *key])}, place
            ), changed AS MATERIALIZED (
                -- A walk that broke off lacks whole columns: rows that are known already stay as they were.
                SELECT t.id, t.target_id, i.started, {_of('i', [*values, *volatile])}{changed_kept},
                       {differs} AS reported,
                       jsonb_build_array({_of('t', report)}) AS old, jsonb_build_array({_of('i', report)}) AS new
                FROM {self.table} t JOIN incoming i ON {match}
                WHERE t.target_id = ANY(%(complete)s) AND ({differs} OR {stale} OR {self.stale})
            ), updated AS (
                UPDATE {self.table} t SET
                    ({', '.join([*values, *volatile])}) = ROW({_of('c', [*values, *volatile])}){set_kept},
                    changed_at = CASE WHEN c.reported THEN c.started ELSE t.changed_at END
                FROM changed c WHERE t.id = c.id
            ), appeared AS (
                INSERT INTO {self.table} (target_id, {', '.join(stored + [f'"{name}"' for name in kept])}, changed_at)
                SELECT {', '.join(['i.target_id', _of('i', stored), *(self.kept[name][0] for name in kept)])}, i.started
                FROM incoming i
                WHERE NOT EXISTS (SELECT 1 FROM {self.table} t WHERE t.target_id = ANY(%(all)s) AND {match})
                RETURNING target_id, jsonb_build_array({', '.join(report)}) AS new
            ), vanished AS (
                DELETE FROM {self.table} t
                WHERE t.target_id = ANY(%(complete)s) AND NOT EXISTS (SELECT 1 FROM incoming i WHERE {match})
                RETURNING target_id, jsonb_build_array({', '.join(report)}) AS old
            ), changes AS (
                SELECT target_id, old, new FROM changed WHERE reported
                UNION ALL SELECT target_id, NULL, new FROM appeared
                UNION ALL SELECT target_id, old, NULL FROM vanished
            )
            SELECT target_id, old, new FROM changes WHERE target_id <> ALL(%(baseline)s)
            ORDER BY target_id, COALESCE(new, old)
        """


def merge_rows(
    cursor,
    family: Family,
    parts: Sequence[tuple[int, Sequence[tuple]]],
    complete: Collection[int],
    baseline: Collection[int],
) -> list[RowChange]:
    """Bring the rows of these targets up to date; returns what changed in targets that are not in `baseline`.

    `parts`: for each target what `Family.read` gave. Of targets in `complete` everything is taken over, and what they
    lack is deleted; of the others only rows that are not known yet are added. Expects the batch in `netops_scan`, and
    its targets locked.
    """
    columns = {'target_id': 'bigint'} | {column.name: column.kind for column in family.columns}
    rows = [row for _target, rows in parts for row in rows]
    targets = [target for target, rows in parts for _row in rows]
    copy_columns(cursor, f'netops_{family.name}', columns, _clean(family, targets, rows))
    cursor.execute(
        family.statement,
        {'all': [target for target, _rows in parts], 'complete': list(complete), 'baseline': list(baseline)},
    )
    return [RowChange(target, _record(family, old), _record(family, new)) for target, old, new in cursor.fetchall()]


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


def _quoted(names: Collection[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _of(alias: str, quoted: Sequence[str]) -> str:
    return ', '.join(f'{alias}.{name}' for name in quoted)
