"""HUAWEI-BGP-VPN-MIB: the sessions of every VPN instance, one row for each of their address families."""

from typing import Any

from netops_worker.probes.snmp.collectors.bgp.sessions import Source, last_error, sessions
from netops_worker.probes.snmp.collectors.tables import Column, Columns, Table
from netops_worker.probes.snmp.text import indexed_address, line, sub_identifiers, unsigned

__all__ = ('HUAWEI',)

_PEERS_OBJECTS = '1.3.6.1.4.1.2011.5.25.177.1.1'

_PEERS = Table(
    f'{_PEERS_OBJECTS}.2.1',
    {
        'hwBgpPeerVrfName': f'{_PEERS_OBJECTS}.1.1.6',
        'hwBgpPeerRemoteAs': f'{_PEERS_OBJECTS}.2.1.2',
        'hwBgpPeerState': f'{_PEERS_OBJECTS}.2.1.5',
        'hwBgpPeerFsmEstablishedCounter': f'{_PEERS_OBJECTS}.2.1.6',
        'hwBgpPeerFsmEstablishedTime': f'{_PEERS_OBJECTS}.2.1.7',
        'hwBgpPeerLastError': f'{_PEERS_OBJECTS}.2.1.9',
        'hwBgpPeerAdminStatus': f'{_PEERS_OBJECTS}.2.1.11',
        'hwBgpPeerDescription': f'{_PEERS_OBJECTS}.2.1.12',
        'hwBgpPeerPrefixRcvCounter': f'{_PEERS_OBJECTS}.3.1.1',
        'hwBgpPeerPrefixAdvCounter': f'{_PEERS_OBJECTS}.3.1.3',
    },
)
_LOCAL_ADDRESS = 'hwBgpPeerSessionExtLocalAddr'
# Newer releases. Its index has the number of the VPN instance and the address, as that of the peers.
_SESSIONS = Table(
    f'{_PEERS_OBJECTS}.8.1',
    {
        _LOCAL_ADDRESS: f'{_PEERS_OBJECTS}.8.1.5',
        'hwBgpPeerSessionExtDescription': f'{_PEERS_OBJECTS}.8.1.11',
    },
)

_OBJECTS = {
    'remote_as': 'hwBgpPeerRemoteAs',
    'state': 'hwBgpPeerState',
    'admin_status': 'hwBgpPeerAdminStatus',
    'established_time': 'hwBgpPeerFsmEstablishedTime',
    'transitions': 'hwBgpPeerFsmEstablishedCounter',
    'local_address': _LOCAL_ADDRESS,
}

# hwBgpPeerInstanceId and hwBgpPeerVrfName of what is in no VPN instance.
_PUBLIC_INSTANCE = 0
_PUBLIC_NAMES = ('Public', '_public_')


def _sessions(columns: Columns) -> list[dict[str, Any]]:
    """Index: hwBgpPeerInstanceId, hwBgpPeerAddrFamilyAfi, hwBgpPeerAddrFamilySafi, hwBgpPeerType (InetAddressType),
    hwBgpPeerIPAddr.

    The prefixes are those received and not dropped: the device does not keep others.
    """
    # By VPN instance and address: the first index of the session, which stands for it, and the others.
    indexes: dict[tuple[int, str], list[str]] = {}
    for index in {**columns['hwBgpPeerState'], **columns['hwBgpPeerRemoteAs']}:
        identifiers = sub_identifiers(index)
        address = indexed_address(identifiers, 3)
        if address:
            indexes.setdefault((identifiers[0], address), []).append(index)
    peers = {
        families[0]: (_vrf(columns, families[0], instance), address)
        for (instance, address), families in indexes.items()
    }
    in_session = [_without_family(index) for index in peers]
    descriptions = map(columns['hwBgpPeerDescription'].get, peers)
    other_descriptions = map(columns['hwBgpPeerSessionExtDescription'].get, in_session)
    return sessions(
        'HUAWEI-BGP-VPN-MIB',
        peers,
        {**columns, _LOCAL_ADDRESS: dict(zip(peers, map(columns[_LOCAL_ADDRESS].get, in_session), strict=True))},
        _OBJECTS,
        accepted=[_sum(columns['hwBgpPeerPrefixRcvCounter'], families) for families in indexes.values()],
        advertised=[_sum(columns['hwBgpPeerPrefixAdvCounter'], families) for families in indexes.values()],
        errors=list(map(last_error, map(columns['hwBgpPeerLastError'].get, peers))),
        descriptions=[one or other for one, other in zip(descriptions, other_descriptions, strict=True)],
    )


def _without_family(index: str) -> str:
    instance, _, _, address = index.split('.', 3)
    return f'{instance}.{address}'


def _vrf(columns: Columns, index: str, instance: int) -> str:
    if instance == _PUBLIC_INSTANCE:
        return ''
    name = line(columns['hwBgpPeerVrfName'].get(index)) or str(instance)
    return '' if name in _PUBLIC_NAMES else name


def _sum(column: Column, indexes: list[str]) -> int | None:
    counts = [count for index in indexes if (count := unsigned(column.get(index))) is not None]
    return sum(counts) if counts else None


HUAWEI = Source((_PEERS, _SESSIONS), _sessions)
