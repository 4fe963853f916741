"""draft-ietf-idr-bgp4-mibv2 before version 4, as BGP4-V2-MIB-JUNIPER and FORCE10-BGP4-V2-MIB.

The peers have a number of their own, by which the tables of prefixes are indexed. The two differ in their columns.
"""

from functools import partial
from typing import Any

from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions, sums
from netops_worker.probes.snmp.collectors.tables import Columns, Table
from netops_worker.probes.snmp.text import address_at, sub_identifiers

__all__ = ('BGP4M2',)

_OBJECTS = {
    'remote_as': 'bgpM2PeerRemoteAs',
    'local_as': 'bgpM2PeerLocalAs',
    'local_address': 'bgpM2PeerLocalAddr',
    'router_id': 'bgpM2PeerIdentifier',
    'state': 'bgpM2PeerState',
    'admin_status': 'bgpM2PeerStatus',
    'established_time': 'bgpM2PeerFsmEstablishedTime',
    'transitions': 'bgpM2PeerFsmEstablishedTrans',
}


def _prefixes(peer: str) -> Table:
    """Below bgpM2Peer, where all have it."""
    entry = f'{peer}.6.2.1'
    return Table(
        entry,
        {
            'bgpM2PrefixInPrefixesAccepted': f'{entry}.8',
            'bgpM2PrefixOutPrefixes': f'{entry}.10',
        },
    )


_JUNIPER_PEER = '1.3.6.1.4.1.2636.5.1.1.2'
_JUNIPER = Table(
    f'{_JUNIPER_PEER}.1.1.1',
    {
        'bgpM2PeerIdentifier': f'{_JUNIPER_PEER}.1.1.1.1',
        'bgpM2PeerState': f'{_JUNIPER_PEER}.1.1.1.2',
        'bgpM2PeerStatus': f'{_JUNIPER_PEER}.1.1.1.3',
        'bgpM2PeerLocalAddr': f'{_JUNIPER_PEER}.1.1.1.7',
        'bgpM2PeerLocalAs': f'{_JUNIPER_PEER}.1.1.1.9',
        'bgpM2PeerRemoteAs': f'{_JUNIPER_PEER}.1.1.1.13',
        'bgpM2PeerIndex': f'{_JUNIPER_PEER}.1.1.1.14',
        'bgpM2PeerLastErrorReceived': f'{_JUNIPER_PEER}.2.1.1.1',
        'bgpM2PeerLastErrorSent': f'{_JUNIPER_PEER}.2.1.1.2',
        'bgpM2PeerFsmEstablishedTime': f'{_JUNIPER_PEER}.4.1.1.1',
        'bgpM2PeerFsmEstablishedTrans': f'{_JUNIPER_PEER}.6.1.1.5',
    },
)

_FORCE10_PEER = '1.3.6.1.4.1.6027.20.1.2'
_FORCE10 = Table(
    f'{_FORCE10_PEER}.1.1.1',
    {
        'bgpM2PeerIdentifier': f'{_FORCE10_PEER}.1.1.1.2',
        'bgpM2PeerState': f'{_FORCE10_PEER}.1.1.1.3',
        'bgpM2PeerStatus': f'{_FORCE10_PEER}.1.1.1.4',
        'bgpM2PeerLocalAddr': f'{_FORCE10_PEER}.1.1.1.8',
        'bgpM2PeerLocalAs': f'{_FORCE10_PEER}.1.1.1.10',
        'bgpM2PeerRemoteAs': f'{_FORCE10_PEER}.1.1.1.14',
        'bgpM2PeerIndex': f'{_FORCE10_PEER}.1.1.1.15',
        'bgpM2PeerLastErrorReceived': f'{_FORCE10_PEER}.2.1.1.1',
        'bgpM2PeerLastErrorSent': f'{_FORCE10_PEER}.2.1.1.2',
        'bgpM2PeerFsmEstablishedTime': f'{_FORCE10_PEER}.3.1.1.1',
        'bgpM2PeerFsmEstablishedTrans': f'{_FORCE10_PEER}.6.1.1.5',
    },
)


def _sessions(mib: str, default_instance: int, columns: Columns) -> list[dict[str, Any]]:
    """Index: the routing instance, then InetAddressType and InetAddress of this side and of the other."""
    peers: dict[str, tuple[str, str]] = {}
    for index in {**columns['bgpM2PeerState'], **columns['bgpM2PeerRemoteAs']}:
        identifiers = sub_identifiers(index)
        address = _remote_address(identifiers)
        if address:
            # The name of the instance is not in the MIB.
            peers[index] = '' if identifiers[0] == default_instance else str(identifiers[0]), address
    numbers = [str(columns['bgpM2PeerIndex'].get(index)) for index in peers]
    received, sent = columns['bgpM2PeerLastErrorReceived'], columns['bgpM2PeerLastErrorSent']
    return sessions(
        mib,
        peers,
        columns,
        _OBJECTS,
        accepted=list(map(sums(columns['bgpM2PrefixInPrefixesAccepted']).get, numbers)),
        advertised=list(map(sums(columns['bgpM2PrefixOutPrefixes']).get, numbers)),
        errors=[last_error(received.get(index), sent.get(index)) for index in peers],
    )


def _remote_address(identifiers: tuple[int, ...]) -> str:
    # Junos leaves the number of octets out.
    for sized in (False, True):
        local = address_at(identifiers, 1, sized=sized)
        remote = local and address_at(identifiers, local[1], sized=sized)
        if remote and remote[1] == len(identifiers):
            return remote[0]
    return ''


BGP4M2 = (
    # The master instance of Junos is number 0.
    Source((_JUNIPER, _prefixes(_JUNIPER_PEER)), partial(_sessions, 'BGP4-V2-MIB-JUNIPER', 0)),
    # 1 where there is only one, says the draft.
    Source((_FORCE10, _prefixes(_FORCE10_PEER)), partial(_sessions, 'FORCE10-BGP4-V2-MIB', 1)),
)
