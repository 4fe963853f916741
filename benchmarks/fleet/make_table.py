"""The table of one synthetic device for snmp_fleet: system group, ifTable, ifXTable. A line is `OID hex(BER)`."""

from pathlib import Path

__all__ = ('write_table',)

INTEGER, STRING, OID, COUNTER, GAUGE, TICKS, COUNTER64 = 0x02, 0x04, 0x06, 0x41, 0x42, 0x43, 0x46


def write_table(path: Path, ports: int) -> None:
    rows = _system() | {oid: value for port in range(1, ports + 1) for oid, value in _interface(port).items()}
    ordered = sorted(rows, key=lambda oid: [int(part) for part in oid.split('.')])
    path.write_text(''.join(f'{oid} {rows[oid].hex()}\n' for oid in ordered))


def _system() -> dict[str, bytes]:
    values = (
        _string('Cisco IOS Software, C9300 Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE'),
        _oid('1.3.6.1.4.1.9.1.2494'),
        _number(123456789, TICKS),
        _string('noc@example.net'),
        _string('sw-access-01.example.net'),
        _string('DC1 row 4'),
    )
    return {f'1.3.6.1.2.1.1.{number}.0': value for number, value in enumerate(values, 1)}


def _interface(port: int) -> dict[str, bytes]:
    entry = (
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
    extension = (
        _string(f'Gi1/0/{port}'),
        *(_number(port * 7, COUNTER) for _ in range(2, 6)),
        *(_number(port * 10**10, COUNTER64) for _ in range(6, 14)),
        _number(1),
        _number(1000, GAUGE),
        _number(2),
        _number(1),
        _string(f'uplink to host {port} rack {port % 40}'),
    )
    return {f'1.3.6.1.2.1.2.2.1.{column}.{port}': value for column, value in enumerate(entry, 1)} | {
        f'1.3.6.1.2.1.31.1.1.1.{column}.{port}': value for column, value in enumerate(extension, 1)
    }


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
