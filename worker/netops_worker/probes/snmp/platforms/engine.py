"""Read what a rule wants of an agent with as few requests as possible."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import FATAL, SnmpClient, SnmpValue
from netops_worker.probes.snmp.platforms.book import FIELDS, Compiled, compiled
from netops_worker.probes.snmp.platforms.rule import (
    ANY,
    ENTERPRISES,
    Cell,
    Column,
    Descr,
    Entity,
    ObjectIdName,
    Scalar,
    Source,
    full,
)
from netops_worker.probes.snmp.platforms.values import clean, spoken

__all__ = ('Reading',)

# PhysicalClass
_CHASSIS = 3
_STACK = 11
# other, unknown, container, module, and an agent that does not tell
_UNSPECIFIC = (1, 2, 5, 9, None)

_PART_NAME = re.compile(r'fan|power|psu|supply|sensor|temp|port|module|card|slot|sfp|cpu|disk', re.IGNORECASE)
_PART_DESCRIPTION = re.compile(r'\b(fan|power|sensor|temperature|slot|transceiver)\b', re.IGNORECASE)

# What a sysDescr plainly calls the version of its software, or else of its firmware or of the whole, and its serial
# number
_NUMBER = r'v?(\d+\.\d(?:(?!\.[a-z]{3})[\w.()-])*)'
_VERSIONS = (
    *(
        rf'(?i)(?<!boot )\b(?:{name})(?: ?(?:version|ver\.?|release|rel\.?))?[ :=]{{1,3}}{_NUMBER}'
        for name in ('software|sw', 'firmware|fw')
    ),
    rf'(?i)(?<!boot)(?<!bootstrap)(?:^|[,;] ?)version[ :]{{1,2}}{_NUMBER}',
)

_SERIAL = r'(?i)\b(?:serial ?(?:number|num|no\.?)|s/n|sn)[ :=#]{1,3}((?=(?:[a-z-]*\d){4})[a-z\d-]{5,})(?![\w.])'

type Row = Mapping[str, Any]


@dataclass(slots=True)
class Reading:
    """One agent: what is known of it, and what was read for the rule."""

    client: SnmpClient
    object_id: str
    description: str
    entities: Sequence[Row]
    values: dict[str, SnmpValue] = field(default_factory=dict)
    columns: dict[str, list[SnmpValue]] = field(default_factory=dict)
    failure: NetOpsError | None = None
    chassis: Row = field(init=False)

    def __post_init__(self) -> None:
        self.chassis = find_chassis(self.entities) or {}

    async def choose(self, candidates: Sequence[Compiled]) -> Compiled | None:
        """The first whose subtree the agent has, if it is to have one."""
        subtrees = {full(one.rule.present) for one in candidates if one.rule.present}
        if subtrees:
            try:
                subtrees = await self.client.present(subtrees)
            except NetOpsError as error:
                self.failure = error
                subtrees = set()
        return next((one for one in candidates if not one.rule.present or full(one.rule.present) in subtrees), None)

    async def read(self, chosen: Compiled) -> list[str]:
        """The values of FIELDS."""
        # A pattern that is optional as a whole matches nothing at first: what counts is a match that says something.
        matches = compiled(chosen.rule.descr).finditer(self.description) if chosen.rule.descr else iter(())
        groups = next((match.groupdict() for match in matches if match.lastindex), {})
        while True:
            results = [
                self._first(sources, groups.get(name)) for name, sources in zip(FIELDS, chosen.sources, strict=True)
            ]
            open_sources = [
                sources for sources, result in zip(chosen.sources, results, strict=True) if not isinstance(result, str)
            ]
            if not open_sources:
                version, *others = [result for result in results if isinstance(result, str)]
                return [_unpunctuated(version), *others]
            await self._fetch([result for result in results if not isinstance(result, str)], open_sources)

    def unruled(self) -> list[str]:
        """The values of FIELDS by what every agent may be believed: its ENTITY-MIB chassis, and its sysDescr."""
        chassis = self.chassis if self.chassis.get('class') == _CHASSIS else {}
        version, model, serial = (clean(chassis.get(name)) for name in ('software', 'model', 'serial'))
        stated = (clean(self._part(self.description, pattern)) for pattern in _VERSIONS)
        version = version or next(filter(None, stated), '')
        return [_unpunctuated(version), model, serial or clean(self._part(self.description, _SERIAL))]

    def _first(self, sources: Iterable[Source], group: str | None) -> str | Source:
        """The first usable value, or the source that has to be read before it is known."""
        for source in sources:
            values = self._values(source, group)
            if values is None:
                return source
            for value in values:
                if found := clean(self._part(value, getattr(source, 'pattern', ''))):
                    return found
        return ''

    def _part(self, value: str, text: str) -> str:
        if not text:
            return value
        match = compiled(text).search(value)
        return (match[1] or '') if match else ''

    def _values(self, source: Source, group: str | None) -> list[str] | None:
        """What the source says. None: it is not read yet."""
        match source:
            case Entity():
                return self._entities(source)
            case Descr():
                return [self.description if source.pattern else group or '']
            case Scalar() if source.oid[0] in '@^' and not self.object_id.startswith(ENTERPRISES):
                return []
            case Scalar():
                oid = self._oid(source)
                return [spoken(self.values[oid])] if oid in self.values else None
            case Cell():
                key = self.values.get(full(source.key))
                cell = f'{full(source.oid)}.{key}'
                if full(source.key) in self.values and not isinstance(key, int):
                    return []
                return [spoken(self.values[cell])] if cell in self.values else None
            case Column():
                column = self.columns.get(full(source.oid))
                return None if column is None else [spoken(value) for value in column]
            case ObjectIdName():
                return [source.names.get(self.object_id.removeprefix(ENTERPRISES), '')]

    def _oid(self, source: Scalar) -> str:
        if source.oid.startswith('@'):
            return self.object_id + source.oid[1:]
        if source.oid.startswith('^'):
            return self.object_id.rpartition('.')[0] + source.oid[1:]
        return full(source.oid)

    def _entities(self, source: Entity) -> list[str]:
        if source.kind == _CHASSIS:
            return [str(self.chassis.get(source.name) or '')]
        return [
            str(row.get(source.name) or '')
            for row in self.entities
            if source.kind == ANY or row.get('class') == source.kind
        ]

    async def _fetch(self, missing: Sequence[Source], open_sources: Iterable[Iterable[Source]]) -> None:
        """Read what is missing: scalars all at once, those that may be needed later too; then cells, then columns."""
        scalars = {
            full(source.key) if isinstance(source, Cell) else self._oid(source)
            for sources in open_sources
            for source in sources
            if isinstance(source, Scalar | Cell) and self._values(source, None) is None
        } - self.values.keys()
        cells = {
            f'{full(source.oid)}.{self.values[full(source.key)]}'
            for source in missing
            if isinstance(source, Cell) and full(source.key) in self.values
        }
        wanted = sorted(scalars) if any(isinstance(source, Scalar | Cell) for source in missing) else []
        wanted += sorted(cells)
        if wanted:
            await self._get(wanted)
        else:
            await self._walk([full(source.oid) for source in missing if isinstance(source, Column)])

    async def _get(self, oids: list[str]) -> None:
        self.values.update(dict.fromkeys(oids))
        if self._may_go_on():
            try:
                values = await self.client.get(oids)
                self.values |= values
                self.failure = self.failure or values.failure
            except NetOpsError as error:
                self.failure = error

    async def _walk(self, columns: list[str]) -> None:
        self.columns.update({column: [] for column in columns})
        if self._may_go_on():
            walk = await self.client.walk(sorted(set(columns)))
            self.columns |= {column: list(rows.values()) for column, rows in walk.columns.items()}
            self.failure = walk.failure or self.failure

    def _may_go_on(self) -> bool:
        return self.failure is None or not self.failure.code.startswith(FATAL)


def _unpunctuated(version: str) -> str:
    """Without the full stop or comma of the sentence that it was taken from."""
    return version.rstrip('.,;')


def find_chassis(entities: Sequence[Row]) -> Row | None:
    """The chassis of the device: of several (a stack) the first that names itself, rather than one inside another.

    Agents without a row of that class: a child of the stack, or else a row on top that is not evidently a part.
    """
    found = [row for row in entities if row.get('class') == _CHASSIS]
    if not found:
        stacks = {row['index'] for row in entities if row.get('class') == _STACK}
        found = [row for row in entities if row.get('parent') in stacks]
    if not found:
        found = [row for row in entities if not row.get('parent') and not _is_part(row)]
        found.sort(key=lambda row: not (clean(row.get('model')) and clean(row.get('serial'))))
    inner = {row['index'] for row in found}
    found = [row for row in found if row.get('parent') not in inner] or found
    named = (row for row in found if clean(row.get('model')) or clean(row.get('serial')))
    return next(named, found[0] if found else None)


def _is_part(row: Row) -> bool:
    if row.get('class') not in _UNSPECIFIC:
        return True
    name, description = row.get('name') or '', row.get('description') or ''
    return bool(_PART_NAME.search(name) or _PART_DESCRIPTION.search(description))
