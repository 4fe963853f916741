"""TIMETRA-BGP-MIB (Nokia SR OS and SR Linux): the sessions of every virtual router."""

from typing import Any

from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions
from netops_worker.probes.snmp.collectors.tables import Columns, Table
from netops_worker.probes.snmp.text import indexed_address, line, sub_identifiers, unsigned

__all__ = ('TIMETRA',)

_PEER_ENTRY = '1.3.6.1.4.1.6527.3.1.2.14.4.7.1'
_OPER_ENTRY = '1.3.6.1.4.1.6527.3.1.2.14.4.8.1'
_PARAMS_ENTRY = '1.3.6.1.4.1.6527.3.1.2.14.4.10.1'
_VRTR_NAME = '1.3.6.1.4.1.6527.3.1.2.3.1.1.4'

# The address families that sessions carry nearly always: prefixes received, of them rejected, and sent.
_FAMILIES = {
    'tBgpPeerNgOperReceivedPrefixes': ('tBgpPeerNgOperIpv4RejPfxs', 'tBgpPeerNgOperSentPrefixes'),
    'tBgpPeerNgOperV6ReceivedPrefixes': ('tBgpPeerNgOperIpv6RejPfxs', 'tBgpPeerNgOperV6SentPrefixes'),
    'tBgpPeerNgOperVpnRecvPrefixes': ('tBgpPeerNgOperVpnIpv4RejPfxs', 'tBgpPeerNgOperVpnSentPrefixes'),
    'tBgpPeerNgOperVpnIpv6RecvPfxs': ('tBgpPeerNgOperVpnIpv6RejPfxs', 'tBgpPeerNgOperVpnIpv6SentPfxs'),
    'tBgpPeerNgOperl2VpnRecvPfxs': ('tBgpPeerNgOperl2VpnRejPfxs', 'tBgpPeerNgOperl2VpnSentPfxs'),
    'tBgpPeerNgOperEvpnRecvPfxs': ('tBgpPeerNgOperEvpnRejPfxs', 'tBgpPeerNgOperEvpnSentPfxs'),
    'tBgpPeerNgOperLabelV4RecvPfxs': ('tBgpPeerNgOperLabelV4RejPfxs', 'tBgpPeerNgOperLabelV4SentPfxs'),
    'tBgpPeerNgOperLabelV6RecvPfxs': ('tBgpPeerNgOperLabelV6RejPfxs', 'tBgpPeerNgOperLabelV6SentPfxs'),
}

_PEERS = Table(
    _PEER_ENTRY,
    {
        'tBgpPeerNgShutdown': f'{_PEER_ENTRY}.6',
        'tBgpPeerNgDescription': f'{_PEER_ENTRY}.7',
        'tBgpPeerNgLocalAddress': f'{_PEER_ENTRY}.13',
        'tBgpPeerNgConnState': f'{_PEER_ENTRY}.59',
        'tBgpPeerNgLocalAS4Byte': f'{_PEER_ENTRY}.65',
        'tBgpPeerNgPeerAS4Byte': f'{_PEER_ENTRY}.66',
        'tBgpPeerNgOperReceivedPrefixes': f'{_OPER_ENTRY}.5',
        'tBgpPeerNgOperSentPrefixes': f'{_OPER_ENTRY}.6',
        'tBgpPeerNgOperVpnRecvPrefixes': f'{_OPER_ENTRY}.13',
        'tBgpPeerNgOperVpnSentPrefixes': f'{_OPER_ENTRY}.14',
        'tBgpPeerNgOperV6ReceivedPrefixes': f'{_OPER_ENTRY}.27',
        'tBgpPeerNgOperV6SentPrefixes': f'{_OPER_ENTRY}.28',
        'tBgpPeerNgOperVpnIpv6RecvPfxs': f'{_OPER_ENTRY}.40',
        'tBgpPeerNgOperVpnIpv6SentPfxs': f'{_OPER_ENTRY}.41',
        'tBgpPeerNgOperl2VpnRecvPfxs': f'{_OPER_ENTRY}.49',
        'tBgpPeerNgOperl2VpnSentPfxs': f'{_OPER_ENTRY}.50',
        'tBgpPeerNgOperEvpnRecvPfxs': f'{_OPER_ENTRY}.88',
        'tBgpPeerNgOperEvpnSentPfxs': f'{_OPER_ENTRY}.89',
        'tBgpPeerNgOperIpv4RejPfxs': f'{_OPER_ENTRY}.98',
        'tBgpPeerNgOperVpnIpv4RejPfxs': f'{_OPER_ENTRY}.99',
        'tBgpPeerNgOperIpv6RejPfxs': f'{_OPER_ENTRY}.100',
        'tBgpPeerNgOperVpnIpv6RejPfxs': f'{_OPER_ENTRY}.101',
        'tBgpPeerNgOperl2VpnRejPfxs': f'{_OPER_ENTRY}.103',
        'tBgpPeerNgOperEvpnRejPfxs': f'{_OPER_ENTRY}.112',
        'tBgpPeerNgOperLabelV4RecvPfxs': f'{_OPER_ENTRY}.116',
        'tBgpPeerNgOperLabelV4SentPfxs': f'{_OPER_ENTRY}.117',
        'tBgpPeerNgOperLabelV4RejPfxs': f'{_OPER_ENTRY}.119',
        'tBgpPeerNgOperLabelV6RecvPfxs': f'{_OPER_ENTRY}.122',
        'tBgpPeerNgOperLabelV6SentPfxs': f'{_OPER_ENTRY}.123',
        'tBgpPeerNgOperLabelV6RejPfxs': f'{_OPER_ENTRY}.125',
        'tBgpPeerNgLastError': f'{_PARAMS_ENTRY}.11',
    },
)
# TIMETRA-VRTR-MIB
_VIRTUAL_ROUTERS = Table(_VRTR_NAME, {'vRtrName': _VRTR_NAME})

_OBJECTS = {
    'remote_as': 'tBgpPeerNgPeerAS4Byte',
    'local_as': 'tBgpPeerNgLocalAS4Byte',
    'local_address': 'tBgpPeerNgLocalAddress',
    'state': 'tBgpPeerNgConnState',
    'admin_status': 'tBgpPeerNgShutdown',
    'description': 'tBgpPeerNgDescription',
}

# vRtrID of the router "Base".
_BASE = 1


def _sessions(columns: Columns) -> list[dict[str, Any]]:
    """Index: tBgpPeerNgInstanceIndex (vRtrID), tBgpPeerNgAddressType (InetAddressType), tBgpPeerNgAddress."""
    peers: dict[str, tuple[str, str]] = {}
    for index in {**columns['tBgpPeerNgConnState'], **columns['tBgpPeerNgPeerAS4Byte']}:
        identifiers = sub_identifiers(index)
        address = indexed_address(identifiers, 1)
        if address:
            router = str(identifiers[0])
            vrf = '' if identifiers[0] == _BASE else line(columns['vRtrName'].get(router)) or router
            peers[index] = vrf, address
    prefixes = [_prefixes(columns, index) for index in peers]
    return sessions(
        'TIMETRA-BGP-MIB',
        peers,
        columns,
        _OBJECTS,
        accepted=[accepted for accepted, _ in prefixes],
        advertised=[advertised for _, advertised in prefixes],
        errors=list(map(last_error, map(columns['tBgpPeerNgLastError'].get, peers))),
    )


def _prefixes(columns: Columns, index: str) -> tuple[int | None, int | None]:
    """Accepted and advertised. Releases that do not count the rejected ones cannot tell what was accepted."""
    accepted: int | None = None
    advertised: int | None = None
    for received_name, (rejected_name, sent_name) in _FAMILIES.items():
        received = unsigned(columns[received_name].get(index))
        rejected = unsigned(columns[rejected_name].get(index))
        sent = unsigned(columns[sent_name].get(index))
        if received is not None and rejected is not None and received >= rejected:
            accepted = (accepted or 0) + received - rejected
        if sent is not None:
            advertised = (advertised or 0) + sent
    return accepted, advertised


TIMETRA = Source((_PEERS, _VIRTUAL_ROUTERS), _sessions)
