"""The rules made ready to be looked up: which of them match an agent."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    ENTERPRISES,
    Entity,
    Rule,
    Source,
    full,
)

__all__ = (
    'FIELDS',
    'Compiled',
    'RuleBook',
    'compiled',
)

FIELDS = ('version', 'model', 'serial')

# Agents with no sysObjectID below `enterprises` are looked into as those of net-snmp are.
_UNSPECIFIC_ID = f'{ENTERPRISES}8072'

# uname: the name of the host is up to its administrator
_HOST = re.compile(r'^(Linux|\w*BSD|SunOS|Darwin) (?!\d+\.\d)\S+ ')

_WORD = re.compile(r'[a-z0-9+!]+')


@cache
def compiled(text: str) -> re.Pattern[str]:
    """Compiled when it is first needed: all of them together take longer than the scan of a device."""
    return re.compile(text, re.ASCII)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule made ready. `prefixes`: full OIDs; `sources`: of each of the FIELDS, in order of trust.

    `names`: those of the vendor and of the system, as `_words` gives them.
    """

    rule: Rule
    prefixes: tuple[str, ...]
    sources: tuple[tuple[Source, ...], ...]
    names: tuple[str, ...]

    def matches(self, object_id: str, description: str) -> bool:
        if self.prefixes and not any(object_id == one or object_id.startswith(one + '.') for one in self.prefixes):
            return False
        return not self.rule.descr or compiled(self.rule.descr).search(description) is not None

    def is_named(self, description: str, words: str) -> bool:
        """Whether the description is enough. An optional pattern has to match something."""
        rule = self.rule
        if rule.alone is False or rule.present or rule.generic or not rule.descr:
            return False
        if not rule.alone and not any(name in words for name in self.names):
            return False
        return any(match[0] for match in compiled(rule.descr).finditer(description))


def _words(text: str) -> str:
    """The words with a space before and behind each, so that names of several words are found as part of it."""
    return f' {" ".join(_WORD.findall(text.lower()))} '


def _spoken_names(description: str) -> str:
    return _words(_HOST.sub(r'\1 ', description))


class RuleBook:
    """The rules by enterprise number, so that an agent meets only those of its vendor and those for any.

    `called`: how else a vendor is called, by its name in the rules.
    `patterns`: all regular expressions of the rules. `subtrees`: where the objects lie that they name.
    """

    def __init__(self, rules: Iterable[Rule], called: Mapping[str, Sequence[str]] | None = None) -> None:
        self.patterns: set[str] = set()
        self._called = called or {}
        ready = [self._compile(rule) for rule in rules]
        named = {
            oid
            for one in ready
            for source in itertools.chain(*one.sources)
            for oid in (getattr(source, 'oid', ''), getattr(source, 'key', ''))
            if oid and oid[0] not in '@^'
        } | {one.rule.present for one in ready if one.rule.present}
        self.subtrees = {full(oid.removesuffix('.0')) for oid in named}
        own = [{_enterprise(prefix) for prefix in one.prefixes} for one in ready]
        self._any = [one for one in ready if not one.prefixes]
        self._all = ready
        self._rules: dict[str, list[Compiled]] = {number: [] for number in set().union(*own)}
        for one, numbers in zip(ready, own, strict=True):
            for number in numbers or self._rules:
                self._rules[number].append(one)

    def candidates(self, object_id: str, description: str) -> list[Compiled]:
        """The rules that match, best first, up to the first that needs no look at the agent."""
        number = _enterprise(object_id)
        found = []
        for one in self._rules.get(number, self._any) if number else self._unspecific(description):
            if not number or one.matches(object_id, description):
                found.append(one)
                if not one.rule.present:
                    break
        return found

    def _unspecific(self, description: str) -> Iterator[Compiled]:
        """The rules that match an agent without a sysObjectID that names anyone."""
        words = _spoken_names(description)
        for one in self._all:
            if one.rule.present or not one.prefixes:
                if one.matches(_UNSPECIFIC_ID, description):
                    yield one
            elif one.is_named(description, words):
                yield one

    def described(self, description: str) -> Compiled | None:
        """The first rule for which this sysDescr is enough, for agents whose sysObjectID leads to none."""
        words = _spoken_names(description)
        return next((one for one in self._all if one.prefixes and one.is_named(description, words)), None)

    def _compile(self, rule: Rule) -> Compiled:
        prefixes = tuple(ENTERPRISES + prefix for prefix in rule.oids.split())
        sources = tuple(self._sources(rule, name) for name in FIELDS)
        self.patterns |= {rule.descr, *(getattr(source, 'pattern', '') for group in sources for source in group)} - {''}
        names = (rule.vendor, rule.os, *self._called.get(rule.vendor, ()))
        return Compiled(rule, prefixes, sources, tuple(_words(name) for name in names if name))

    @staticmethod
    def _sources(rule: Rule, name: str) -> tuple[Source, ...]:
        sources: tuple[Source, ...] = getattr(rule, name)
        if name != 'version' and rule.chassis and CHASSIS not in sources:
            sources = (CHASSIS, *sources)
        if f'(?P<{name}>' in rule.descr and DESCR not in sources:
            sources = (*sources, DESCR)
        return tuple(Entity(name) if source == CHASSIS else source for source in sources)


def _enterprise(object_id: str) -> str:
    return object_id.removeprefix(ENTERPRISES).partition('.')[0] if object_id.startswith(ENTERPRISES) else ''
