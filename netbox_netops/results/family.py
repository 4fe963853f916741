"""What a family of a scan's data is, and the SQL that merges its rows into its table."""

import marshal
from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from operator import itemgetter
from typing import Any

from .columns import Column

__all__ = (
    'Event',
    'Family',
    'last_seen',
)

# To be raised when the same data would be stored as something else: every digest is out of date then.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a row between two scans without a trace in its values. `condition`: SQL over `t` and `i`.
    `told`: the kept column whose values before and after tell of it.
    """

    name: str
    condition: str
    told: str


@dataclass(frozen=True)
class Family:
    """`wire`: its name in the data, where that is another one. `columns`: as they come.
    `key`: what tells the rows of one target apart. `volatile`: columns kept current without counting as a change.
    `names`: columns that tell a person which row appeared or vanished. `label`: that in one text.
    `unstored`: columns that only others are derived from.
    `settled`: columns that an incomplete scan does not change once they have a value, because it may bring part of it.
    `derived`: further values, as SQL over the incoming row `i` as it came (with `i.started` and `i.uptime_ticks` of the
    scan).
    `kept`: columns made when a row is written, as SQL: for a new row over `i`, and for a changed one also over the row
    `t` as it was; `i` has then what is to be stored, and `i.whole` tells whether the scan was complete.
    `stale`: further SQL condition over `t` and `i` under which a row is written. `event`: see there.
    `renumbered`: the column by which rows are known again when the device has given them other keys, which are numbers.
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
    settled: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stale: str = 'false'
    event: Event | None = None
    renumbered: str = ''
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
        """Takes lists of targets: `all`, `partial` (read incompletely), `listed` (what did not come is gone),
        `baseline` (nothing known to compare with); where rows may be renumbered, `moved`, the ids of those that were.
        """
        key, values, volatile = _quoted(self.key), _quoted(self.values), _quoted(self.volatile)
        stored = [*key, *values, *volatile]
        differs = f'({_of("t", values)}) IS DISTINCT FROM ({_of("i", values)})'
        stale = f'({_of("t", volatile)}) IS DISTINCT FROM ({_of("i", volatile)})' if volatile else 'false'
        derived = ''.join(f', {sql} AS "{name}"' for name, sql in self.derived.items())
        came = _of('n', ['target_id', 'started', 'whole', *_quoted((*self.key, *self.unstored, *self.derived))])
        taken = ', '.join(_taken(column, column.name in self.settled) for column in self.columns
                          if column.name not in {*self.key, *self.unstored})  # fmt: skip
        told = 'NULL::jsonb'
        if event := self.event:
            new = self.kept[event.told][1]
            told = f'CASE WHEN {event.condition} THEN jsonb_build_array(t."{event.told}", {new}) END'
        moved = 't.id = ANY(%(moved)s)' if self.renumbered else 'false'
        report = [*key, *values]
        # What had to make way for a renumbered row bears its old number in another form.
        former = [f'CASE WHEN {name} < 0 THEN ~{name} ELSE {name} END' for name in key] if self.renumbered else key
        kept = list(self.kept)
        incoming_columns = ', '.join(f'i."{column.name}"' for column in self.columns)
        set_kept = ''.join(f', "{name}" = c."kept_{name}"' for name in kept)
        changed_kept = ''.join(f', {self.kept[name][1]} AS "kept_{name}"' for name in kept)
        return f"""
            WITH read AS (
                SELECT i.target_id, i.ctid AS place, {incoming_columns}, s.started, s.uptime_ticks,
                       i.target_id <> ALL(%(partial)s) AS whole
                FROM netops_{self.name} i JOIN netops_scan s ON s.target = i.target_id AND s.merged
            ), incoming AS MATERIALIZED (
                -- Of several rows with one key the first.
                SELECT DISTINCT ON ({', '.join(['target_id', *key])}) i.*{derived}
                FROM read i ORDER BY {', '.join(['target_id', *key])}, place
            ), changed AS MATERIALIZED (
                SELECT t.id, t.target_id, i.started, {_of('i', [*values, *volatile])}{changed_kept},
                       {differs} OR {moved} AS reported, {told} AS event,
                       jsonb_build_array({_of('t', report)}) AS old, jsonb_build_array({_of('i', report)}) AS new
                FROM {self.table} t JOIN incoming n ON {self._match('n')}
                CROSS JOIN LATERAL (SELECT {came}, {taken}) i
                WHERE t.target_id = ANY(%(all)s) AND ({differs} OR {stale} OR {self.stale} OR {moved})
            ), updated AS (
                UPDATE {self.table} t SET
                    ({', '.join([*values, *volatile])}) = ROW({_of('c', [*values, *volatile])}){set_kept},
                    changed_at = CASE WHEN c.reported THEN c.started ELSE t.changed_at END
                FROM changed c WHERE t.id = c.id
            ), appeared AS (
                INSERT INTO {self.table} (target_id, {', '.join(stored + [f'"{name}"' for name in kept])}, changed_at)
                SELECT {', '.join(['i.target_id', _of('i', stored), *(self.kept[name][0] for name in kept)])}, i.started
                FROM incoming i
                WHERE NOT EXISTS (SELECT 1 FROM {self.table} t WHERE t.target_id = ANY(%(all)s) AND {self._match('i')})
                RETURNING target_id, jsonb_build_array({', '.join(report)}) AS new
            ), vanished AS (
                DELETE FROM {self.table} t
                WHERE t.target_id = ANY(%(listed)s) AND NOT EXISTS (SELECT 1 FROM incoming i WHERE {self._match('i')})
                RETURNING target_id, jsonb_build_array({', '.join([*former, *values])}) AS old
            ), changes AS (
                SELECT target_id, old, new, event FROM changed WHERE reported OR event IS NOT NULL
                UNION ALL SELECT target_id, NULL, new, NULL FROM appeared
                UNION ALL SELECT target_id, old, NULL, NULL FROM vanished
            )
            SELECT target_id, old, new, event FROM changes
            WHERE target_id <> ALL(%(baseline)s) OR (old IS NOT NULL AND new IS NOT NULL)
            ORDER BY target_id, COALESCE(new, old)
        """

    def _match(self, alias: str) -> str:
        # The index of an interface is the one part of a key that may be unknown.
        same = (
            f'(t.{name} = {alias}.{name} OR (t.{name} IS NULL AND {alias}.{name} IS NULL))' if name == '"if_index"'
            else f't.{name} = {alias}.{name}' for name in _quoted(self.key)
        )  # fmt: skip
        return ' AND '.join([f't.target_id = {alias}.target_id', *same])


def last_seen(name: str) -> str:
    """SQL: the latest scan before this one that is known to have seen a row `t` of the family of this name."""
    # The history of this scan, and what is the latest, are written after its rows.
    return f"""GREATEST(t.changed_at, (
        SELECT s.started FROM netbox_netops_target g JOIN netbox_netops_scanresult s ON s.id = g.latest_scan_id
        WHERE g.id = t.target_id AND s.counts ? '{name}'))"""


def _taken(column: Column, settled: bool) -> str:
    """SQL: what of an incoming row `n` is stored in its row `t`."""
    unknown = "= ''" if column.kind == 'text' else 'IS NULL'
    told = f't."{column.name}" {unknown}' if settled else f'NOT n."{column.name}" {unknown}'
    return f'CASE WHEN n.whole OR {told} THEN n."{column.name}" ELSE t."{column.name}" END AS "{column.name}"'


def _quoted(names: Collection[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _of(alias: str, quoted: Sequence[str]) -> str:
    return ', '.join(f'{alias}.{name}' for name in quoted)
