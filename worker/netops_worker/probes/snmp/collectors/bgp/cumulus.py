"""The MIBs of Cumulus Linux: CUMULUS-BGPUN-MIB, and its successor with VRFs, CUMULUS-BGPVRF-MIB.

They have the columns of BGP4-MIB and peers without an address of their own ("unnumbered"), whose link-local address is
a value. Addresses are text.
"""

from typing import Any

from netops_worker.probes.snmp.client import SnmpValue
from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions
from netops_worker.probes.snmp.collectors.tables import Columns, Table
from netops_worker.probes.snmp.text import address_text, ip_address, line, sub_identifiers

__all__ = (
    'BGPUN',
    'BGPVRF',
)


def _peers(bgp: str) -> Table:
    entry = f'{bgp}.3.1.1'
    return Table(
        entry,
        {
            'bgpLocalAs': f'{bgp}.2',
            'bgpPeerIdentifier': f'{entry}.1',
            'bgpPeerState': f'{entry}.2',
            'bgpPeerAdminStatus': f'{entry}.3',
            'bgpPeerLocalAddr': f'{entry}.5',
            'bgpPeerRemoteAddr': f'{entry}.7',
            'bgpPeerRemoteAs': f'{entry}.9',
            'bgpPeerLastError': f'{entry}.14',
            'bgpPeerFsmEstablishedTransitions': f'{entry}.15',
            'bgpPeerFsmEstablishedTime': f'{entry}.16',
            'bgpPeerDesc': f'{entry}.26',
        },
    )


_BGPUN = '1.3.6.1.4.1.40310.4'
_BGPVRF = '1.3.6.1.4.1.40310.7'
_VRFS = Table(f'{_BGPVRF}.8', {'bgpVrfName': f'{_BGPVRF}.8'})

_OBJECTS = {
    'remote_as': 'bgpPeerRemoteAs',
    'local_address': 'bgpPeerLocalAddr',
    'router_id': 'bgpPeerIdentifier',
    'state': 'bgpPeerState',
    'admin_status': 'bgpPeerAdminStatus',
    'established_time': 'bgpPeerFsmEstablishedTime',
    'transitions': 'bgpPeerFsmEstablishedTransitions',
}

_DEFAULT_VRF = 'default'

# bgpPeerIdType: the octets behind it are those of an address. 0 is an ifIndex.
_ADDRESS_SIZES = {1: 4, 2: 16}

# bgpPeerDesc of a peer without one.
_NO_DESCRIPTION = b'NA'


def _sessions(columns: Columns) -> list[dict[str, Any]]:
    """Index: bgpPeerRemoteAddr, in place of which an unnumbered peer has other four octets."""
    peers = {
        index: ('', address)
        for index in {**columns['bgpPeerState'], **columns['bgpPeerRemoteAs']}
        if (address := ip_address(columns['bgpPeerRemoteAddr'].get(index)) or address_text(index))
    }
    return _rows('CUMULUS-BGPUN-MIB', peers, columns, [columns['bgpLocalAs'].get('0')] * len(peers))


def _vrf_sessions(columns: Columns) -> list[dict[str, Any]]:
    """Index: bgpVrfTable (the number of the kernel's routing table), bgpPeerIdType, bgpPeerIndex."""
    peers: dict[str, tuple[str, str]] = {}
    local_as = []
    for index in {**columns['bgpPeerState'], **columns['bgpPeerRemoteAs']}:
        table = index.partition('.')[0]
        address = ip_address(columns['bgpPeerRemoteAddr'].get(index)) or _indexed(sub_identifiers(index))
        if address:
            vrf = line(columns['bgpVrfName'].get(table)) or table
            peers[index] = '' if vrf == _DEFAULT_VRF else vrf, address
            local_as.append(columns['bgpLocalAs'].get(table))
    return _rows('CUMULUS-BGPVRF-MIB', peers, columns, local_as)


def _rows(
    mib: str, peers: dict[str, tuple[str, str]], columns: Columns, local_as: list[SnmpValue]
) -> list[dict[str, Any]]:
    descriptions = map(columns['bgpPeerDesc'].get, peers)
    return sessions(
        mib,
        peers,
        columns,
        _OBJECTS,
        local_as=local_as,
        descriptions=[None if description == _NO_DESCRIPTION else description for description in descriptions],
        errors=list(map(last_error, map(columns['bgpPeerLastError'].get, peers))),
    )


def _indexed(identifiers: tuple[int, ...]) -> str:
    _, kind, *octets = identifiers if len(identifiers) > 1 else (0, 0)
    if len(octets) != _ADDRESS_SIZES.get(kind) or max(octets) > 255:
        return ''
    return ip_address(bytes(octets))


BGPUN = Source((_peers(_BGPUN),), _sessions, vrfs=False)
BGPVRF = Source((_peers(_BGPVRF), _VRFS), _vrf_sessions)
