"""The BGP4V2-MIB of draft-ietf-idr-bgp4-mibv2, version 4 and later, which never became an RFC.

Vendors put it below their own numbers, with the same objects and columns. FRRouting leaves the number of octets out of
the index, has 1 for the instance there and the number of the VRF in the column, and has no table of prefixes.
"""

from functools import partial
from typing import Any, TypeGuard

from netops_worker.probes.snmp.client import SnmpValue
from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions, sums
from netops_worker.probes.snmp.collectors.tables import Columns, Table
from netops_worker.probes.snmp.text import indexed_address, sub_identifiers, unsigned

__all__ = ('BGP4V2',)

# bgp4V2PeerInstance of agents that know only one and of the default VRF, and that of FRRouting.
_DEFAULT_INSTANCES = (1, 0)

_OBJECTS = {
    'remote_as': 'bgp4V2PeerRemoteAs',
    'local_as': 'bgp4V2PeerLocalAs',
    'local_address': 'bgp4V2PeerLocalAddr',
    'router_id': 'bgp4V2PeerRemoteIdentifier',
    'state': 'bgp4V2PeerState',
    'admin_status': 'bgp4V2PeerAdminStatus',
    'established_time': 'bgp4V2PeerFsmEstablishedTime',
    'transitions': 'bgp4V2PeerFsmEstablishedTransitions',
    'description': 'bgp4V2PeerDescription',
}


def _source(mib: str, objects: str) -> Source:
    """The MIB whose bgp4V2Objects are `objects`."""
    peer, errors, times, counters, gauges = (f'{objects}.{number}.1' for number in (2, 3, 4, 7, 8))
    peers = Table(
        peer,
        {
            'bgp4V2PeerInstance': f'{peer}.1',
            'bgp4V2PeerLocalAddr': f'{peer}.3',
            'bgp4V2PeerLocalAs': f'{peer}.7',
            'bgp4V2PeerRemoteAs': f'{peer}.10',
            'bgp4V2PeerRemoteIdentifier': f'{peer}.11',
            'bgp4V2PeerAdminStatus': f'{peer}.12',
            'bgp4V2PeerState': f'{peer}.13',
            'bgp4V2PeerDescription': f'{peer}.14',
            'bgp4V2PeerLastErrorCodeReceived': f'{errors}.1',
            'bgp4V2PeerLastErrorSubCodeReceived': f'{errors}.2',
            'bgp4V2PeerLastErrorCodeSent': f'{errors}.6',
            'bgp4V2PeerLastErrorSubCodeSent': f'{errors}.7',
            'bgp4V2PeerFsmEstablishedTime': f'{times}.1',
            'bgp4V2PeerFsmEstablishedTransitions': f'{counters}.5',
        },
    )
    prefixes = Table(
        gauges,
        {
            'bgp4V2PrefixInPrefixesAccepted': f'{gauges}.4',
            'bgp4V2PrefixOutPrefixes': f'{gauges}.5',
        },
    )
    return Source((peers, prefixes), partial(_sessions, mib))


def _sessions(mib: str, columns: Columns) -> list[dict[str, Any]]:
    """Index: bgp4V2PeerInstance, bgp4V2PeerRemoteAddrType, bgp4V2PeerRemoteAddr."""
    peers: dict[str, tuple[str, str]] = {}
    for index in {**columns['bgp4V2PeerState'], **columns['bgp4V2PeerRemoteAs']}:
        identifiers = sub_identifiers(index)
        address = indexed_address(identifiers, 1)
        if address:
            instance = unsigned(columns['bgp4V2PeerInstance'].get(index))
            instance = identifiers[0] if instance is None else instance
            peers[index] = '' if instance in _DEFAULT_INSTANCES else str(instance), address
    return sessions(
        mib,
        peers,
        columns,
        _OBJECTS,
        accepted=list(map(sums(columns['bgp4V2PrefixInPrefixesAccepted']).get, peers)),
        advertised=list(map(sums(columns['bgp4V2PrefixOutPrefixes']).get, peers)),
        errors=[_last_error(columns, index) for index in peers],
    )


def _last_error(columns: Columns, index: str) -> str:
    def octets(way: str) -> bytes | None:
        code = columns[f'bgp4V2PeerLastErrorCode{way}'].get(index)
        subcode = columns[f'bgp4V2PeerLastErrorSubCode{way}'].get(index)
        return bytes((code, subcode)) if _octet(code) and _octet(subcode) else None

    return last_error(octets('Received'), octets('Sent'))


def _octet(value: SnmpValue) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= 255


BGP4V2 = (
    _source('ARISTA-BGP4V2-MIB', '1.3.6.1.4.1.30065.4.1.1'),
    _source('DELLEMC-OS10-BGP4V2-MIB', '1.3.6.1.4.1.674.11000.5000.200.1.1'),
    # FRRouting
    _source('BGP4V2-MIB', '1.3.6.1.4.1.7336.4.2.1.1'),
    # Brocade and its heirs
    _source('BGP4V2-MIB', '1.3.6.1.4.1.1991.3.5.1.1'),
)
