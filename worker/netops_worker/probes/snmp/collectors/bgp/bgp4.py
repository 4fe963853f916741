"""BGP4-MIB (RFC 4273): sessions over IPv4, without VRF and with two-octet AS numbers. Every vendor has it."""

from typing import Any

from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions
from netops_worker.probes.snmp.collectors.tables import Columns, Table
from netops_worker.probes.snmp.text import address_text

__all__ = ('BGP4',)

_BGP_PEER_ENTRY = '1.3.6.1.2.1.15.3.1'

_PEERS = Table(
    _BGP_PEER_ENTRY,
    {
        'bgpLocalAs': '1.3.6.1.2.1.15.2',
        'bgpPeerIdentifier': f'{_BGP_PEER_ENTRY}.1',
        'bgpPeerState': f'{_BGP_PEER_ENTRY}.2',
        'bgpPeerAdminStatus': f'{_BGP_PEER_ENTRY}.3',
        'bgpPeerLocalAddr': f'{_BGP_PEER_ENTRY}.5',
        'bgpPeerRemoteAs': f'{_BGP_PEER_ENTRY}.9',
        'bgpPeerLastError': f'{_BGP_PEER_ENTRY}.14',
        'bgpPeerFsmEstablishedTransitions': f'{_BGP_PEER_ENTRY}.15',
        'bgpPeerFsmEstablishedTime': f'{_BGP_PEER_ENTRY}.16',
    },
)

_OBJECTS = {
    'remote_as': 'bgpPeerRemoteAs',
    'local_address': 'bgpPeerLocalAddr',
    'router_id': 'bgpPeerIdentifier',
    'state': 'bgpPeerState',
    'admin_status': 'bgpPeerAdminStatus',
    'established_time': 'bgpPeerFsmEstablishedTime',
    'transitions': 'bgpPeerFsmEstablishedTransitions',
}


def _sessions(columns: Columns) -> list[dict[str, Any]]:
    """Index: bgpPeerRemoteAddr."""
    peers = {
        index: ('', address)
        for index in {**columns['bgpPeerState'], **columns['bgpPeerRemoteAs']}
        if (address := address_text(index))
    }
    return sessions(
        'BGP4-MIB',
        peers,
        columns,
        _OBJECTS,
        local_as=[columns['bgpLocalAs'].get('0')] * len(peers),
        errors=list(map(last_error, map(columns['bgpPeerLastError'].get, peers))),
    )


BGP4 = Source((_PEERS,), _sessions, vrfs=False)
