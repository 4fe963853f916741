"""From changed rows to the list of changes of a scan result, and to transitions."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from netops_worker.wire import Result

from ..transitions import Transition
from .bgp import BGP
from .family import Family
from .interfaces import INTERFACES
from .merge import RowChange

__all__ = (
    'MOST_CHANGES',
    'describe',
    'transitions',
)

# What a scan result lists; it counts all of them.
MOST_CHANGES = 200

_UP, _ESTABLISHED = 1, 6
_OPER_STATUS = {
    1: 'up',
    2: 'down',
    3: 'testing',
    4: 'unknown',
    5: 'dormant',
    6: 'notPresent',
    7: 'lowerLayerDown',
}
_BGP_STATE = {1: 'idle', 2: 'connect', 3: 'active', 4: 'opensent', 5: 'openconfirm', 6: 'established'}
_GONE = 'gone'


def describe(family: Family, change: RowChange) -> Iterator[dict[str, Any]]:
    """The entries of `ScanResult.changes`: one for a row that came or went, else one for each value, and one for what
    happened in between.
    """
    row = change.new or change.old or {}
    entry = {'family': family.source, 'key': family.label(row)}
    if change.old is None or change.new is None:
        yield entry | {'field': '', 'old': _names(family, change.old), 'new': _names(family, change.new)}
        return
    for name in family.reported:
        if change.old[name] != change.new[name]:
            yield entry | {'field': name, 'old': change.old[name], 'new': change.new[name]}
    if change.event is not None:
        old, new = change.event
        yield entry | {'field': family.event.name, 'old': old, 'new': new}


def _names(family: Family, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: row[name] for name in family.names}


def transitions(
    family: Family, changes: Iterable[RowChange], times: Mapping[int, datetime], results: Mapping[int, Result]
) -> Iterator[Transition]:
    """`times`: the start of the scan, by target; `results`: what it brought."""
    find = {INTERFACES.name: _interface, BGP.name: _session}.get(family.name)
    if find is None:
        return
    for change in changes:
        if found := find(change):
            kind, key, name, old, new, details = found
            target = change.target
            yield Transition(kind, target, key, name, old, new, times[target], run=results[target].run, details=details)


def _interface(change):
    old, new = change.old, change.new
    if old is None or new is None:
        return None
    before, after = old['oper_status'], new['oper_status']
    # What was or is not known neither went up nor down.
    if None in (before, after) or (before == _UP) == (after == _UP):
        return None
    names = (_OPER_STATUS.get(status, str(status)) for status in (before, after))
    return 'interface', str(new['index']), new['name'], *names, {}


def _session(change):
    old, new = change.old, change.new
    before, after = (None if row is None else row['state'] for row in (old, new))
    if (before == _ESTABLISHED) == (after == _ESTABLISHED) and change.event is None:
        return None
    if (old is not None and before is None) or (new is not None and after is None):
        return None
    row = new or old
    names = (_GONE if state is None else _BGP_STATE.get(state, str(state)) for state in (before, after))
    return 'bgp', BGP.label(row), row['description'], *names, row
