"""CISCO-BGP4-MIB: from old to new, counts for the peers of BGP4-MIB, peers over IPv4 and IPv6, and those of VRFs."""

from typing import Any

from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions, sums
from netops_worker.probes.snmp.collectors.tables import Column, Columns, Table
from netops_worker.probes.snmp.text import address_text, indexed_address, line, sub_identifiers

__all__ = (
    'CBGP_PEER2',
    'CBGP_PEER3',
    'CBGP_PEER_PREFIXES',
)

_MIB = 'CISCO-BGP4-MIB'

# cbgpPeer3VrfName of the default VRF.
_DEFAULT_VRF = 'default'

_PEER3_ENTRY = '1.3.6.1.4.1.9.9.187.1.2.9.1'
_PEERS3 = Table(
    _PEER3_ENTRY,
    {
        'cbgpPeer3VrfName': f'{_PEER3_ENTRY}.4',
        'cbgpPeer3State': f'{_PEER3_ENTRY}.5',
        'cbgpPeer3AdminStatus': f'{_PEER3_ENTRY}.6',
        'cbgpPeer3LocalAddr': f'{_PEER3_ENTRY}.8',
        'cbgpPeer3LocalAs': f'{_PEER3_ENTRY}.10',
        'cbgpPeer3RemoteAs': f'{_PEER3_ENTRY}.13',
        'cbgpPeer3RemoteIdentifier': f'{_PEER3_ENTRY}.14',
        'cbgpPeer3LastError': f'{_PEER3_ENTRY}.19',
        'cbgpPeer3FsmEstablishedTransitions': f'{_PEER3_ENTRY}.20',
        'cbgpPeer3FsmEstablishedTime': f'{_PEER3_ENTRY}.21',
    },
)
_OBJECTS3 = {
    'remote_as': 'cbgpPeer3RemoteAs',
    'local_as': 'cbgpPeer3LocalAs',
    'local_address': 'cbgpPeer3LocalAddr',
    'router_id': 'cbgpPeer3RemoteIdentifier',
    'state': 'cbgpPeer3State',
    'admin_status': 'cbgpPeer3AdminStatus',
    'established_time': 'cbgpPeer3FsmEstablishedTime',
    'transitions': 'cbgpPeer3FsmEstablishedTransitions',
}

_PEER2_ENTRY = '1.3.6.1.4.1.9.9.187.1.2.5.1'
_PEERS2 = Table(
    _PEER2_ENTRY,
    {
        'cbgpPeer2State': f'{_PEER2_ENTRY}.3',
        'cbgpPeer2AdminStatus': f'{_PEER2_ENTRY}.4',
        'cbgpPeer2LocalAddr': f'{_PEER2_ENTRY}.6',
        'cbgpPeer2LocalAs': f'{_PEER2_ENTRY}.8',
        'cbgpPeer2RemoteAs': f'{_PEER2_ENTRY}.11',
        'cbgpPeer2RemoteIdentifier': f'{_PEER2_ENTRY}.12',
        'cbgpPeer2LastError': f'{_PEER2_ENTRY}.17',
        'cbgpPeer2FsmEstablishedTransitions': f'{_PEER2_ENTRY}.18',
        'cbgpPeer2FsmEstablishedTime': f'{_PEER2_ENTRY}.19',
    },
)
_OBJECTS2 = {
    'remote_as': 'cbgpPeer2RemoteAs',
    'local_as': 'cbgpPeer2LocalAs',
    'local_address': 'cbgpPeer2LocalAddr',
    'router_id': 'cbgpPeer2RemoteIdentifier',
    'state': 'cbgpPeer2State',
    'admin_status': 'cbgpPeer2AdminStatus',
    'established_time': 'cbgpPeer2FsmEstablishedTime',
    'transitions': 'cbgpPeer2FsmEstablishedTransitions',
}

_PREFIX2_ENTRY = '1.3.6.1.4.1.9.9.187.1.2.8.1'
_PREFIXES2 = Table(
    _PREFIX2_ENTRY,
    {
        'cbgpPeer2AcceptedPrefixes': f'{_PREFIX2_ENTRY}.1',
        'cbgpPeer2AdvertisedPrefixes': f'{_PREFIX2_ENTRY}.6',
        'cbgpPeer2WithdrawnPrefixes': f'{_PREFIX2_ENTRY}.8',
    },
)

_PREFIX_ENTRY = '1.3.6.1.4.1.9.9.187.1.2.4.1'
_PREFIXES = Table(
    _PREFIX_ENTRY,
    {
        'cbgpPeerAcceptedPrefixes': f'{_PREFIX_ENTRY}.1',
        'cbgpPeerAdvertisedPrefixes': f'{_PREFIX_ENTRY}.6',
        'cbgpPeerWithdrawnPrefixes': f'{_PREFIX_ENTRY}.8',
    },
)


def _sessions3(columns: Columns) -> list[dict[str, Any]]:
    """Index: cbgpPeer3VrfId, cbgpPeer3Type (InetAddressType), cbgpPeer3RemoteAddr."""
    peers: dict[str, tuple[str, str]] = {}
    for index in {**columns['cbgpPeer3State'], **columns['cbgpPeer3RemoteAs']}:
        identifiers = sub_identifiers(index)
        address = indexed_address(identifiers, 1)
        if address:
            vrf = line(columns['cbgpPeer3VrfName'].get(index)) or str(identifiers[0])
            peers[index] = '' if vrf == _DEFAULT_VRF else vrf, address
    errors = list(map(last_error, map(columns['cbgpPeer3LastError'].get, peers)))
    return sessions(_MIB, peers, columns, _OBJECTS3, errors=errors)


def _sessions2(columns: Columns) -> list[dict[str, Any]]:
    """Index: cbgpPeer2Type (InetAddressType), cbgpPeer2RemoteAddr."""
    peers = {
        index: ('', address)
        for index in {**columns['cbgpPeer2State'], **columns['cbgpPeer2RemoteAs']}
        if (address := indexed_address(sub_identifiers(index)))
    }
    advertised = _advertised(columns['cbgpPeer2AdvertisedPrefixes'], columns['cbgpPeer2WithdrawnPrefixes'])
    return sessions(
        _MIB,
        peers,
        columns,
        _OBJECTS2,
        accepted=list(map(sums(columns['cbgpPeer2AcceptedPrefixes']).get, peers)),
        advertised=list(map(advertised.get, peers)),
        errors=list(map(last_error, map(columns['cbgpPeer2LastError'].get, peers))),
    )


def _counts(columns: Columns) -> list[dict[str, Any]]:
    """Index: bgpPeerRemoteAddr, AFI, SAFI."""
    accepted = sums(columns['cbgpPeerAcceptedPrefixes'])
    advertised = _advertised(columns['cbgpPeerAdvertisedPrefixes'], columns['cbgpPeerWithdrawnPrefixes'])
    peers = {index: ('', address) for index in {**accepted, **advertised} if (address := address_text(index))}
    return sessions(
        _MIB,
        peers,
        columns,
        {},
        accepted=list(map(accepted.get, peers)),
        advertised=list(map(advertised.get, peers)),
    )


def _advertised(advertised: Column, withdrawn: Column) -> dict[str, int]:
    """Both count what happened since the session was last reset: a prefix that was announced again counts twice."""
    minus = sums(withdrawn)
    return {peer: count for peer, plus in sums(advertised).items() if (count := plus - minus.get(peer, 0)) >= 0}


CBGP_PEER3 = Source((_PEERS3,), _sessions3)
CBGP_PEER2 = Source((_PEERS2, _PREFIXES2), _sessions2, vrfs=False)
# Only numbers for sessions that BGP4-MIB has.
CBGP_PEER_PREFIXES = Source((_PREFIXES,), _counts, vrfs=False)
