"""What the BGP MIBs have in common: the rows of sessions, and the values in them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netops_worker.probes.snmp.client import SnmpValue
from netops_worker.probes.snmp.collectors.tables import Column, Columns, Table
from netops_worker.probes.snmp.text import ip_address, lines, unsigned

__all__ = (
    'ESTABLISHED',
    'Source',
    'last_error',
    'sessions',
    'sums',
)

ESTABLISHED = 6

# stop, start of BGP4-MIB; halted, running of its successors; the truth of "shut down" in TIMETRA-BGP-MIB.
_ENABLED = {1: False, 2: True}

_AS_NUMBERS = 2**32


@dataclass(frozen=True, slots=True)
class Source:
    """A MIB. `tables`: the first is that of the sessions; the others are of no use without it. `rows`: makes them of
    the columns. `vrfs`: whether it tells the sessions of VRFs from those of the default VRF.
    """

    tables: tuple[Table, ...]
    rows: Callable[[Columns], list[dict[str, Any]]]
    vrfs: bool = True


def sessions(
    mib: str,
    peers: Mapping[str, tuple[str, str]],
    columns: Columns,
    objects: Mapping[str, str],
    *,
    local_as: Sequence[SnmpValue] = (),
    descriptions: Sequence[SnmpValue] = (),
    accepted: Sequence[int | None] = (),
    advertised: Sequence[int | None] = (),
    errors: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Rows as collect_bgp() returns them.

    `peers`: index to VRF and remote address. `objects`: which object of the MIB says what. What is not simply the value
    of an object is handed over in the order of the peers.
    """
    size = len(peers)

    def values(what: str) -> list[SnmpValue]:
        column = columns[objects[what]] if what in objects else None
        return list(map(column.get, peers)) if column else [None] * size

    states = [state if type(state) is int and 1 <= state <= ESTABLISHED else None for state in values('state')]
    return [
        {
            'vrf': vrf,
            'address': address,
            'remote_as': remote_as,
            'local_as': own_as,
            'local_address': local_address,
            'router_id': router_id,
            'state': state,
            'enabled': enabled,
            'established_seconds': seconds,
            'transitions': changes,
            'prefixes_accepted': taken,
            'prefixes_advertised': sent,
            'last_error': error,
            'description': description,
            'mib': mib,
        }
        for (
            (vrf, address), remote_as, own_as, local_address, router_id, state, enabled, seconds, changes, taken, sent,
            error, description
        ) in zip(
            peers.values(),
            map(_as_number, values('remote_as')),
            map(_as_number, local_as or values('local_as')),
            map(ip_address, values('local_address')),
            map(ip_address, values('router_id')),
            states,
            map(_enabled, values('admin_status'), states),
            map(unsigned, values('established_time')),
            map(unsigned, values('transitions')),
            accepted or [None] * size,
            advertised or [None] * size,
            errors or [''] * size,
            lines(descriptions or values('description')),
            strict=True,
        )
    ]  # fmt: skip


def last_error(*values: SnmpValue) -> str:
    """The first of these pairs of octets, code and subcode of a NOTIFICATION (RFC 4271, section 4.5), that is one."""
    for value in values:
        if value != b'\0\0' and isinstance(value, bytes) and len(value) == 2:
            return f'{value[0]}.{value[1]}'
    return ''


def sums(column: Column) -> dict[str, int]:
    """Counts per address family added up: the index of the peer, which its AFI and SAFI follow, to the sum."""
    found: dict[str, int] = {}
    for index, value in column.items():
        count = unsigned(value)
        peer, *family = index.rsplit('.', 2)
        if count is not None and len(family) == 2:
            found[peer] = found.get(peer, 0) + count
    return found


def _as_number(value: SnmpValue) -> int | None:
    """Some agents send the four octets of an AS number as a signed Integer32. 0 is the number of no AS (RFC 7607)."""
    if type(value) is not int:
        return None
    if 0 < value < _AS_NUMBERS:
        return value
    return value + _AS_NUMBERS if -(_AS_NUMBERS // 2) <= value < 0 else None


def _enabled(admin_status: SnmpValue, state: int | None) -> bool | None:
    if type(admin_status) is not int:
        return None
    enabled = _ENABLED.get(admin_status)
    # There are agents that report every session as halted.
    return None if state == ESTABLISHED and not enabled else enabled
