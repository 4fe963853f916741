"""BGP sessions, put together from BGP4-MIB and what vendors have beside it."""

from collections.abc import Collection, Iterable
from typing import Any

from netops_worker.probes.snmp.client import SnmpClient
from netops_worker.probes.snmp.collectors.bgp.bgp4 import BGP4
from netops_worker.probes.snmp.collectors.bgp.bgp4m2 import BGP4M2
from netops_worker.probes.snmp.collectors.bgp.bgp4v2 import BGP4V2
from netops_worker.probes.snmp.collectors.bgp.cisco import CBGP_PEER2, CBGP_PEER3, CBGP_PEER_PREFIXES
from netops_worker.probes.snmp.collectors.bgp.cumulus import BGPUN, BGPVRF
from netops_worker.probes.snmp.collectors.bgp.huawei import HUAWEI
from netops_worker.probes.snmp.collectors.bgp.sessions import ESTABLISHED, Source
from netops_worker.probes.snmp.collectors.bgp.timetra import TIMETRA
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.tables import TableReader

__all__ = (
    'ROOTS',
    'collect_bgp',
)

# The richer come first: of what two of them say about a session, the word of the first counts.
_SOURCES: tuple[Source, ...] = (
    CBGP_PEER3,
    CBGP_PEER2,
    *BGP4V2,
    *BGP4M2,
    HUAWEI,
    TIMETRA,
    BGPVRF,
    BGPUN,
    BGP4,
    CBGP_PEER_PREFIXES,
)

ROOTS: tuple[str, ...] = tuple(table.root for source in _SOURCES for table in source.tables)

# What a speaker with a four-octet AS number is called where there is room for two octets only (RFC 6793).
_AS_TRANS = 23456
_LAST_TWO_OCTET_AS = 65535

type Sessions = dict[tuple[str, str], dict[str, Any]]


async def collect_bgp(client: SnmpClient, present: Collection[str]) -> Collected:
    """The sessions, one row for each VRF and remote address, ordered by them.

    Text, '' if there is none: `vrf` (the name, or the number where the agent gives no name; '' for the default),
    `address` (of the other side; IPv6 without a zone), `local_address`, `router_id` (of the other side), `last_error`
    ('6.2' is code 6 with subcode 2 of a NOTIFICATION, RFC 4271 and 4486), `description`, `mib` (the module that the row
    was begun from). Integers or None: `remote_as`, `local_as`, `state` (bgpPeerState: 1 idle to 6 established),
    `established_seconds` (bgpPeerFsmEstablishedTime), `transitions` (to established), `prefixes_accepted` and
    `prefixes_advertised` (sums over the address families). `enabled`: whether it is meant to run, or None.
    """
    sessions: Sessions = {}
    reader = TableReader(client, present)
    for source in _SOURCES:
        if source.tables[0].root in present:
            _merge(sessions, source.rows(await reader.read(*source.tables)), source.vrfs)
    return Collected([sessions[key] for key in sorted(sessions)], reader.failure)


def _merge(sessions: Sessions, rows: Iterable[dict[str, Any]], vrfs: bool) -> None:
    """Fill the gaps of sessions that are known from a richer MIB, and add the others.

    A MIB without VRFs may mean by an address a session in one: that it does if only one can be it.
    """
    by_address: dict[str, list[dict[str, Any]]] = {}
    if not vrfs and sessions:
        for known in sessions.values():
            by_address.setdefault(known['address'], []).append(known)
    for row in rows:
        key = row['vrf'], row['address']
        known = sessions.get(key)
        if known is not None and (not known['remote_as'] or not row['remote_as'] or _same_as(known, row)):
            _fill(known, row)
            continue
        alike = [session for session in by_address.get(row['address'], ()) if _alike(session, row)]
        if len(alike) == 1:
            _fill(alike[0], row)
        elif known is None and (row['state'] or row['remote_as']):
            sessions[key] = row


def _alike(session: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether they are the same session. Down, the state changes too fast to be the same in two walks."""
    if not session['state'] or not row['state'] or not session['remote_as']:
        return False
    if (session['state'] == ESTABLISHED) is not (row['state'] == ESTABLISHED):
        return False
    if session['router_id'] and row['router_id'] and session['router_id'] != row['router_id']:
        return False
    return _same_as(session, row)


def _same_as(session: dict[str, Any], row: dict[str, Any]) -> bool:
    remote_as, told = session['remote_as'], row['remote_as']
    return remote_as == told or (told == _AS_TRANS and remote_as > _LAST_TWO_OCTET_AS)


def _fill(session: dict[str, Any], row: dict[str, Any]) -> None:
    for name, value in row.items():
        if session[name] is None or session[name] == '':
            session[name] = value
