"""The table of one synthetic device for snmp_fleet: a switch with BGP sessions. A line is `OID hex(BER)`.

System group, ifTable and ifXTable, entPhysicalTable, lldpLocPortTable and lldpRemTable, bgpPeerTable.
"""

from collections.abc import Iterable
from pathlib import Path

__all__ = ('write_table',)

INTEGER, STRING, OID, ADDRESS, COUNTER, GAUGE, TICKS, COUNTER64 = 0x02, 0x04, 0x06, 0x40, 0x41, 0x42, 0x43, 0x46

# entPhysicalClass
CHASSIS, MODULE = 3, 9


def write_table(path: Path, ports: int, peers: int, entities: int = 0, neighbours: int = 0) -> None:
    """A device with so many interfaces, BGP sessions, physical entities (chassis first) and LLDP neighbours."""
    rows = dict(_system())
    for port in range(1, ports + 1):
        rows |= _row('1.3.6.1.2.1.2.2.1', port, _if_entry(port)) | _row('1.3.6.1.2.1.31.1.1.1', port, _ifx_entry(port))
        if neighbours:
            rows |= _row('1.0.8802.1.1.2.1.3.7.1', port, [None, _number(5), _string(f'Gi1/0/{port}')])
    for entity in range(1, entities + 1):
        rows |= _row('1.3.6.1.2.1.47.1.1.1.1', entity, _entity(entity))
    for port in range(1, neighbours + 1):
        rows |= _row('1.0.8802.1.1.2.1.4.1.1', f'0.{port}.1', _neighbour(port))
    for peer in range(1, peers + 1):
        rows |= _row('1.3.6.1.2.1.15.3.1', f'10.{peer >> 8}.{peer & 255}.1', _bgp_peer(peer))
    ordered = sorted(rows, key=lambda oid: [int(part) for part in oid.split('.')])
    path.write_text(''.join(f'{oid} {rows[oid].hex()}\n' for oid in ordered))


def _row(entry: str, index: int | str, values: Iterable[bytes | None]) -> dict[str, bytes]:
    """The columns 1, 2, 3 ... of a row; None for one that cannot be read."""
    return {f'{entry}.{column}.{index}': value for column, value in enumerate(values, 1) if value is not None}


def _system() -> Iterable[tuple[str, bytes]]:
    values = (
        _string('Cisco IOS Software, C9300 Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE'),
        _oid('1.3.6.1.4.1.9.1.2494'),
        _number(123456789, TICKS),
        _string('noc@example.net'),
        _string('sw-access-01.example.net'),
        _string('DC1 row 4'),
        _number(6),
    )
    return ((f'1.3.6.1.2.1.1.{number}.0', value) for number, value in enumerate(values, 1))


def _if_entry(port: int) -> Iterable[bytes]:
    return (
        _number(port),
        _string(f'GigabitEthernet1/0/{port}'),
        _number(6),
        _number(1500),
        _number(1_000_000_000, GAUGE),
        _tlv(STRING, bytes([0, 0x1B, 0x2C, 0, port >> 8, port & 255])),
        _number(1),
        _number(1 if port % 3 else 2),
        _number(1234, TICKS),
        *(_number(port * 99991, COUNTER) for _ in range(10, 22)),
    )


def _ifx_entry(port: int) -> Iterable[bytes]:
    return (
        _string(f'Gi1/0/{port}'),
        *(_number(port * 7, COUNTER) for _ in range(2, 6)),
        *(_number(port * 10**10, COUNTER64) for _ in range(6, 14)),
        _number(1),
        _number(1000, GAUGE),
        _number(2),
        _number(1),
        _string(f'uplink to host {port} rack {port % 40}'),
    )


def _entity(index: int) -> Iterable[bytes | None]:
    chassis = index == 1
    return (
        None,
        _string('C9300-48P chassis' if chassis else f'Module {index}'),
        _oid('1.3.6.1.4.1.9.12.3.1.3.1800'),
        _number(0 if chassis else 1),
        _number(CHASSIS if chassis else MODULE),
        _number(index),
        _string('Switch 1' if chassis else f'Slot {index}'),
        _string('V02'),
        _string('17.9.1r'),
        _string('17.09.04a'),
        _string(f'FOC2345X{index:03}'),
        _string('Cisco Systems, Inc.'),
        _string('C9300-48P' if chassis else f'C9300-NM-{index}'),
        _string(''),
        _string(''),
        _number(1),
    )


def _neighbour(port: int) -> Iterable[bytes | None]:
    return (
        *(None, None, None),
        _number(4),
        _tlv(STRING, bytes([0, 0x11, 0x22, 0x33, 0x44, port])),
        _number(5),
        _string(f'Gi0/{port}'),
        _string(f'GigabitEthernet0/{port}'),
        _string(f'sw-{port}.example.net'),
        _string('Cisco IOS Software, C2960X'),
    )


def _bgp_peer(peer: int) -> Iterable[bytes]:
    address = _tlv(ADDRESS, bytes([10, peer >> 8, peer & 255, 1]))
    return (
        address,
        _number(6),
        _number(2),
        _number(4),
        _tlv(ADDRESS, bytes([10, peer >> 8, peer & 255, 2])),
        _number(179),
        address,
        _number(33000 + peer),
        _number(65000 + peer),
        _number(peer * 1000, COUNTER),
        _number(peer * 1000, COUNTER),
        _number(5, COUNTER),
        _number(5, COUNTER),
        _tlv(STRING, b'\6\2'),
        _number(3, COUNTER),
        _number(86400, GAUGE),
    )


def _tlv(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content


def _number(value: int, tag: int = INTEGER) -> bytes:
    return _tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, 'big'))


def _string(text: str) -> bytes:
    return _tlv(STRING, text.encode())


def _oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split('.'))
    content = bytearray([first * 40 + second])
    for number in rest:
        group = [number & 127]
        while number := number >> 7:
            group.append(number & 127 | 128)
        content += bytes(reversed(group))
    return _tlv(OID, bytes(content))
