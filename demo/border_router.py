"""The demo's border router: what no recording has that may be given away, a router with BGP over IPv4 and IPv6.

Written from the definitions of SNMPv2-MIB, IF-MIB, IP-MIB, ENTITY-MIB, LLDP-MIB, BGP4-MIB and CISCO-BGP4-MIB. Addresses
and AS numbers are those of documentation (RFC 5737, 3849, 5398).
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ('write_recording',)

INTEGER, STRING, HEX, OID, ADDRESS, COUNTER, GAUGE = '2', '4', '4x', '6', '64', '65', '66'
IDLE, ACTIVE, ESTABLISHED = 1, 3, 6
STOP, START = 1, 2
LOCAL_AS = 64500


@dataclass(frozen=True)
class Port:
    index: int
    name: str
    description: str
    alias: str
    speed: int
    up: bool = True
    kind: int = 6
    address: str = ''
    # System name, port and chassis of the neighbour that LLDP hears there.
    neighbour: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Peer:
    """`since`: seconds. `prefixes`: accepted, advertised."""

    address: str
    local: str
    remote_as: int
    state: int = ESTABLISHED
    admin: int = START
    since: int = 0
    transitions: int = 1
    error: str = '0000'
    prefixes: tuple[int, int] = (0, 0)


PORTS = (
    Port(1, 'Te0/0/0/0', 'TenGigE0/0/0/0', 'Transit 1 (64511)', 10_000, address='192.0.2.1/30'),
    Port(2, 'Te0/0/0/1', 'TenGigE0/0/0/1', 'IX Sao Paulo', 10_000, address='198.51.100.10/24'),
    Port(3, 'Te0/0/0/2', 'TenGigE0/0/0/2', 'Core spo1-cr1', 10_000, address='203.0.113.1/31',
         neighbour=('spo1-cr1', 'xe-0/0/0', '00005e005310')),
    Port(4, 'Te0/0/0/3', 'TenGigE0/0/0/3', 'spo1-sw1 uplink', 10_000,
         neighbour=('spo1-sw1', 'GigabitEthernet0/0/1', '00005e005311')),
    Port(5, 'Gi0/0/0/0', 'GigabitEthernet0/0/0/0', 'Customer 1042', 1_000, up=False, address='192.0.2.5/30'),
    Port(6, 'Lo0', 'Loopback0', 'Router ID', 0, kind=24, address='203.0.113.255/32'),
    Port(7, 'Mg0/RSP0/CPU0/0', 'MgmtEth0/RSP0/CPU0/0', 'Management', 1_000),
)  # fmt: skip
DAY = 86_400
PEERS = (
    Peer('192.0.2.2', '192.0.2.1', 64511, since=31 * DAY, prefixes=(948_120, 14)),
    Peer('198.51.100.1', '198.51.100.10', 65_551, since=12 * DAY, prefixes=(183_402, 14)),
    Peer('198.51.100.2', '198.51.100.10', 65_551, since=12 * DAY, transitions=3, prefixes=(183_377, 14)),
    Peer('198.51.100.77', '198.51.100.10', 65_540, ACTIVE, since=5_400, transitions=8, error='0400'),
    Peer('192.0.2.6', '192.0.2.5', 64_505, IDLE, STOP, since=3 * DAY, error='0602'),
    Peer('203.0.113.0', '203.0.113.1', LOCAL_AS, since=90 * DAY, prefixes=(14, 948_200)),
    Peer('2001:db8:1::2', '2001:db8:1::1', 64511, since=31 * DAY, prefixes=(198_220, 6)),
    Peer('2001:db8:100::1', '2001:db8:100::10', 65_551, since=12 * DAY, prefixes=(61_044, 6)),
)
CHASSIS = 'ASR-9001'
ENTITIES = (
    # Class, parent, name, description, model, serial; class 3 is a chassis, 9 a module, 6 a power supply
    (3, 0, 'Rack 0', 'ASR-9001 chassis', CHASSIS, 'FOC1900N0AA'),
    (9, 1, '0/RSP0/CPU0', 'Route switch processor', 'ASR9001-RP', 'FOC1900N0AB'),
    (9, 1, '0/0/CPU0', 'Line card with four ports 10GE', 'ASR9001-LC', 'FOC1900N0AC'),
    (6, 1, '0/PS0/M0', 'Power supply 750 W AC', 'A9K-750W-AC', 'ART1900N0AD'),
)


def write_recording(path: Path) -> Path:
    rows = sorted(_rows(), key=lambda row: [int(part) for part in row[0].split('.')])
    text = ''.join(f'{oid}|{tag}|{value}\n' for oid, tag, value in rows)
    # The simulator makes its index anew for a file that was written anew.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def _rows() -> Iterator[tuple[str, str, object]]:
    yield from _system()
    for port in PORTS:
        yield from _port(port)
    for index, entity in enumerate(ENTITIES, start=1):
        for column, value in zip((5, 4, 7, 2, 13, 11), entity, strict=True):
            yield f'1.3.6.1.2.1.47.1.1.1.1.{column}.{index}', INTEGER if column in (4, 5) else STRING, value
    yield '1.3.6.1.2.1.15.2.0', INTEGER, LOCAL_AS
    for peer in PEERS:
        yield from _cisco_peer(peer)
        if '.' in peer.address:
            yield from _bgp4_peer(peer)


def _system() -> Iterator[tuple[str, str, object]]:
    description = 'Cisco IOS XR Software (Cisco ASR9K Series),  Version 6.5.3[Default]'
    yield '1.3.6.1.2.1.1.1.0', STRING, description
    yield '1.3.6.1.2.1.1.2.0', OID, '1.3.6.1.4.1.9.1.1762'
    yield '1.3.6.1.2.1.1.3.0', '67:numeric', 'rate=100,initial=777600000'
    yield '1.3.6.1.2.1.1.4.0', STRING, 'noc@example.net'
    yield '1.3.6.1.2.1.1.5.0', STRING, 'spo1-br1'
    yield '1.3.6.1.2.1.1.6.0', STRING, 'Sao Paulo POP, rack 2'


def _port(port: Port) -> Iterator[tuple[str, str, object]]:
    status = 1 if port.up else 2
    mac = f'00005e0053{port.index:02x}' if port.kind == 6 else ''
    if_entry = {
        1: (INTEGER, port.index), 2: (STRING, port.description), 3: (INTEGER, port.kind), 4: (INTEGER, 1514),
        5: (GAUGE, min(port.speed * 10**6, 2**32 - 1)), 6: (HEX, mac), 7: (INTEGER, 1), 8: (INTEGER, status),
        9: ('67', 4200),
    }  # fmt: skip
    ifx_entry = {1: (STRING, port.name), 15: (GAUGE, port.speed), 18: (STRING, port.alias)}
    for entry, columns in (('1.3.6.1.2.1.2.2.1', if_entry), ('1.3.6.1.2.1.31.1.1.1', ifx_entry)):
        for column, (tag, value) in columns.items():
            yield f'{entry}.{column}.{port.index}', tag, value
    if port.address:
        address = ipaddress.ip_interface(port.address)
        yield f'1.3.6.1.2.1.4.20.1.2.{address.ip}', INTEGER, port.index
        yield f'1.3.6.1.2.1.4.20.1.3.{address.ip}', ADDRESS, address.netmask
    if port.neighbour:
        name, remote, chassis = port.neighbour
        yield f'1.0.8802.1.1.2.1.3.7.1.2.{port.index}', INTEGER, 5
        yield f'1.0.8802.1.1.2.1.3.7.1.3.{port.index}', STRING, port.name
        neighbour = {4: (INTEGER, 4), 5: (HEX, chassis), 6: (INTEGER, 5), 7: (STRING, remote), 9: (STRING, name)}
        for column, (tag, value) in neighbour.items():
            yield f'1.0.8802.1.1.2.1.4.1.1.{column}.0.{port.index}.1', tag, value


def _bgp4_peer(peer: Peer) -> Iterator[tuple[str, str, object]]:
    columns = {
        1: (ADDRESS, peer.address if peer.state == ESTABLISHED else '0.0.0.0'),  # noqa: S104 - no address to listen on
        2: (INTEGER, peer.state), 3: (INTEGER, peer.admin), 5: (ADDRESS, peer.local), 7: (ADDRESS, peer.address),
        9: (INTEGER, peer.remote_as if peer.remote_as < 65_536 else 23_456), 14: (HEX, peer.error),
        15: (COUNTER, peer.transitions), 16: (GAUGE, peer.since),
    }  # fmt: skip
    for column, (tag, value) in columns.items():
        yield f'1.3.6.1.2.1.15.3.1.{column}.{peer.address}', tag, value


def _cisco_peer(peer: Peer) -> Iterator[tuple[str, str, object]]:
    address, local = ipaddress.ip_address(peer.address).packed, ipaddress.ip_address(peer.local).packed
    index = '.'.join(map(str, (1 if len(address) == 4 else 2, len(address), *address)))
    columns = {
        3: (INTEGER, peer.state), 4: (INTEGER, peer.admin), 6: (HEX, local.hex()), 8: (GAUGE, LOCAL_AS),
        11: (GAUGE, peer.remote_as), 17: (HEX, peer.error), 18: (COUNTER, peer.transitions), 19: (GAUGE, peer.since),
    }  # fmt: skip
    for column, (tag, value) in columns.items():
        yield f'1.3.6.1.4.1.9.9.187.1.2.5.1.{column}.{index}', tag, value
    family = f'{index}.{1 if len(address) == 4 else 2}.1'
    accepted, advertised = peer.prefixes
    for column, tag, value in ((1, COUNTER, accepted), (6, GAUGE, advertised), (8, GAUGE, 0)):
        yield f'1.3.6.1.4.1.9.9.187.1.2.8.1.{column}.{family}', tag, value
