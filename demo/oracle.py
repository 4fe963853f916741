"""What a simulated device really says, read by pysnmp: an implementation of SNMP the product does not use.

Deliberately shares no code with `netops_worker`, the conversion of text and speeds included.
"""

import asyncio
import ipaddress
import unicodedata
from collections.abc import Iterable

from pysnmp.hlapi.v1arch.asyncio import (
    CommunityData,
    ObjectIdentity,
    ObjectType,
    SnmpDispatcher,
    UdpTransportTarget,
    bulk_walk_cmd,
    get_cmd,
)

from lab.snmpsim import SimulatedDevice

__all__ = (
    'differences',
    'read_devices',
    'read_uptimes',
    'table_differences',
    'visible',
)

SYSTEM = {
    'description': '1.3.6.1.2.1.1.1.0',
    'object_id': '1.3.6.1.2.1.1.2.0',
    'uptime_ticks': '1.3.6.1.2.1.1.3.0',
    'contact': '1.3.6.1.2.1.1.4.0',
    'name': '1.3.6.1.2.1.1.5.0',
    'location': '1.3.6.1.2.1.1.6.0',
}
IF_ENTRY, IFX_ENTRY = '1.3.6.1.2.1.2.2.1', '1.3.6.1.2.1.31.1.1.1'
COLUMNS = {
    'description': f'{IF_ENTRY}.2', 'type': f'{IF_ENTRY}.3', 'mtu': f'{IF_ENTRY}.4', 'low_speed': f'{IF_ENTRY}.5',
    'mac': f'{IF_ENTRY}.6', 'admin_status': f'{IF_ENTRY}.7', 'oper_status': f'{IF_ENTRY}.8',
    'last_change': f'{IF_ENTRY}.9', 'name': f'{IFX_ENTRY}.1', 'high_speed': f'{IFX_ENTRY}.15',
    'alias': f'{IFX_ENTRY}.18',
}  # fmt: skip
TEXTS = ('description', 'contact', 'name', 'location', 'alias')
IP_ADDR_ADDRESS, IP_ADDR_MASK = '1.3.6.1.2.1.4.20.1.1', '1.3.6.1.2.1.4.20.1.3'
IPV6_ADDR_LENGTH = '1.3.6.1.2.1.55.1.8.1.2'
IP_ADDRESS_ENTRY, CISCO_ADDRESS_ENTRY = '1.3.6.1.2.1.4.34.1', '1.3.6.1.4.1.9.10.86.1.1.2.1'
# What their prefixes point to.
PREFIX_TABLES = ('1.3.6.1.2.1.4.32.', '1.3.6.1.4.1.9.10.86.1.1.1.')
BROADCAST = 3
BGP_PEER_STATE, BGP_PEER_REMOTE_AS = '1.3.6.1.2.1.15.3.1.2', '1.3.6.1.2.1.15.3.1.9'


def read_devices(devices: Iterable[SimulatedDevice], port: int) -> dict[str, dict]:
    """By address: {'system': {field: value}, 'interfaces': {index: {field: value}}, 'addresses': {address: prefix
    length}, 'peers': {address: (remote AS, state)}}, in the product's field names.
    """
    return asyncio.run(_all(_read, devices, port))


def read_uptimes(devices: Iterable[SimulatedDevice], port: int) -> dict[str, int | None]:
    """By address: sysUpTime in hundredths of a second, for devices whose clock moves."""
    return asyncio.run(_all(_uptime, devices, port))


async def _all(read, devices, port):
    devices = list(devices)
    # One dispatcher for all: each would compile the MIBs anew.
    with SnmpDispatcher() as dispatcher:
        answers = await asyncio.gather(*(read(dispatcher, device, port) for device in devices))
    return {device.address: answer for device, answer in zip(devices, answers, strict=True)}


async def _uptime(dispatcher, device, port):
    return (await _get(dispatcher, device, port, [SYSTEM['uptime_ticks']]))[0]


async def _read(dispatcher, device, port):
    values = dict(zip(SYSTEM, await _get(dispatcher, device, port, SYSTEM.values()), strict=True))
    rows: dict[int, dict] = {}
    for field, oid in COLUMNS.items():
        for index, value in (await _walk(dispatcher, device, port, oid)).items():
            if index.isdigit():
                rows.setdefault(int(index), {})[field] = value
    as_numbers = await _walk(dispatcher, device, port, BGP_PEER_REMOTE_AS)
    states = await _walk(dispatcher, device, port, BGP_PEER_STATE)
    return {
        'system': {field: _text(value) if field in TEXTS else value for field, value in values.items()},
        'interfaces': {index: _interface(row) for index, row in rows.items()},
        'addresses': await _addresses(dispatcher, device, port),
        'peers': {address: (number, states.get(address)) for address, number in as_numbers.items()},
    }


async def _addresses(dispatcher, device, port) -> dict[str, int | None]:
    """From both tables of IP-MIB, and from what older agents have for IPv6: what may be the address of a host."""
    found = {}
    addresses = await _walk(dispatcher, device, port, IP_ADDR_ADDRESS)
    for index, mask in (await _walk(dispatcher, device, port, IP_ADDR_MASK)).items():
        # Some agents number the rows. Without this column nobody knows which address is meant.
        address = index if index.count('.') == 3 else addresses.get(index)
        if address:
            found[address] = ipaddress.ip_network(f'0.0.0.0/{mask}').prefixlen or None
    found = await _by_type(dispatcher, device, port, IP_ADDRESS_ENTRY, found)
    if not any(':' in address for address in found):
        for index, length in (await _walk(dispatcher, device, port, IPV6_ADDR_LENGTH)).items():
            _if_index, *octets = (int(part) for part in index.split('.'))
            found[str(ipaddress.IPv6Address(bytes(octets)))] = length or None
        found = await _by_type(dispatcher, device, port, CISCO_ADDRESS_ENTRY, {}) | found
    return found


async def _by_type(dispatcher, device, port, entry: str, found: dict[str, int | None]) -> dict[str, int | None]:
    """With what ipAddressTable, or Cisco's table made from a draft of it, adds to the addresses and takes from them."""
    found = dict(found)
    types = await _walk(dispatcher, device, port, f'{entry}.4')
    for index, pointer in (await _walk(dispatcher, device, port, f'{entry}.5')).items():
        kind, size, *octets = (int(part) for part in index.split('.'))
        if kind not in (1, 2, 3, 4) or size != len(octets):
            # RFC 4001 names the kinds, and RFC 2578, section 7.7, says what an index is.
            continue
        address = _spelled_out(bytes(octets)) or str(ipaddress.ip_address(bytes(octets[: 4 if kind in (1, 3) else 16])))
        if types.get(index) == BROADCAST:
            found.pop(address, None)
        else:
            length = int(pointer.rpartition('.')[2]) if pointer.startswith(PREFIX_TABLES) else None
            found[address] = length or found.get(address)
    return found


def _spelled_out(octets: bytes) -> str:
    """Brocade's FOS has the text of the address in the place of its octets."""
    try:
        text = octets.decode('ascii').strip('\0')
        if text.count('.') == 3:
            # With leading zeros.
            text = '.'.join(str(int(part)) for part in text.split('.'))
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ''


def _interface(row: dict) -> dict:
    address = row.get('mac') or b''
    high, low = row.get('high_speed'), row.get('low_speed')
    return {
        'name': _text(row.get('name')) or _text(row.get('description')),
        'description': _text(row.get('description')),
        'alias': _text(row.get('alias')),
        'type': row.get('type'),
        'mtu': row.get('mtu'),
        # RFC 2863: the largest Gauge32 says "too fast for this object"; ifHighSpeed counts in Mbit/s, but not by agents
        # that would have ports of 100 Tbit/s.
        'speed': high * 10**6 if high and high < 10**8 else (None if low == 4_294_967_295 else low),
        'mac': ':'.join(f'{octet:02x}' for octet in address) if len(address) == 6 else '',
        'admin_status': row.get('admin_status'),
        'oper_status': row.get('oper_status'),
        'last_change': row.get('last_change'),
    }


def _text(value: bytes | None) -> str:
    if value is None:
        return ''
    for encoding in ('utf-8', 'iso-8859-1'):
        try:
            return value.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError('ISO 8859-1 decodes everything')


def visible(text: str | None) -> str:
    """The visible characters of a text: how white space and control characters are tidied is the product's choice."""
    return ''.join(char for char in text or '' if not char.isspace() and unicodedata.category(char) != 'Cc')


def differences(
    expected: dict, system: dict | None, scan: dict, interfaces: Iterable[dict], uptime_after: int | None
) -> list[str]:
    """How the system facts of a target, its scan result and its interface rows, all as the REST API gives them, differ
    from what `read_devices` says of the device. For its other tables see `table_differences`.
    """
    found = []
    system = system or dict.fromkeys(SYSTEM, '')
    for field, value in expected['system'].items():
        if field == 'uptime_ticks':
            if value is not None and not value <= scan[field] <= uptime_after:
                found.append(f'{field}: {scan[field]}, expected {value} to {uptime_after}')
        elif not _same(field, value, system[field]):
            found.append(f'{field}: {system[field]!r}, expected {value!r}')
    rows = {row['index']: row for row in interfaces}
    if rows.keys() != expected['interfaces'].keys():
        found.append(f'interfaces: indexes {sorted(rows)}, expected {sorted(expected["interfaces"])}')
    for index in rows.keys() & expected['interfaces'].keys():
        for field, value in expected['interfaces'][index].items():
            if not _same(field, value, rows[index][field]):
                found.append(f'interface {index}, {field}: {rows[index][field]!r}, expected {value!r}')
    return found


def table_differences(expected: dict, addresses: Iterable[dict], peers: Iterable[dict]) -> list[str]:
    """The same for rows of addresses and BGP sessions."""
    found = []
    lengths = {row['address']: row['prefix_length'] for row in addresses}
    # The unspecified address is none.
    wanted = {address: length for address, length in expected['addresses'].items() if address not in ('0.0.0.0', '::')}  # noqa: S104
    if lengths != wanted:
        found.append(f'addresses: {sorted(lengths.items())}, expected {sorted(wanted.items())}')
    sessions = {row['address']: row for row in peers}
    for address, (number, state) in expected['peers'].items():
        row = sessions.get(address)
        # A number of four octets does not fit into BGP4-MIB (RFC 6793).
        if row is None or row['state']['value'] != state or (number != 23456 and row['remote_as'] != number):
            found.append(f'BGP session {address}: {row}, expected AS {number} in state {state}')
    if extra := [address for address in sessions if ':' not in address and address not in expected['peers']]:
        found.append(f'BGP sessions {extra} are not in BGP4-MIB')
    return found


def _same(field: str, expected, actual) -> bool:
    if isinstance(actual, dict):
        # A choice in the REST API.
        actual = actual['value']
    if field in TEXTS:
        return visible(expected) == visible(actual)
    if field == 'mac':
        return expected == (actual or '').lower()
    if field == 'object_id':
        # What is absent is an empty text in the REST API.
        return (expected or '') == actual
    return expected == actual


# pysnmp


async def _session(device, port):
    target = await UdpTransportTarget.create((device.address, port), timeout=3, retries=2)
    return CommunityData(device.community, mpModel=1), target  # noqa: S508


async def _get(dispatcher, device, port, oids) -> list:
    error, status, _index, bindings = await get_cmd(
        dispatcher, *await _session(device, port), *(ObjectType(ObjectIdentity(oid)) for oid in oids), lookupMib=False
    )
    if error or status:
        raise AssertionError(f'{device.name}: {error or status}')
    return [_plain(value) for _oid, value in bindings]


async def _walk(dispatcher, device, port, oid) -> dict[str, object]:
    """{rest of the OID: value} of all rows below a column."""
    rows = {}
    async for error, status, _index, bindings in bulk_walk_cmd(
        dispatcher, *await _session(device, port), 0, 40, ObjectType(ObjectIdentity(oid)),
        lexicographicMode=False, lookupMib=False,
    ):  # fmt: skip
        if error or status:
            raise AssertionError(f'{device.name}: {error or status}')
        for name, value in bindings:
            rows[str(name).removeprefix(f'{oid}.')] = _plain(value)
    return rows


def _plain(value):
    kind = type(value).__name__
    if kind in ('NoSuchObject', 'NoSuchInstance', 'EndOfMibView', 'Null'):
        return None
    if kind in ('ObjectIdentifier', 'ObjectIdentity'):
        return str(value)
    if kind == 'IpAddress':
        return value.prettyPrint()
    return bytes(value) if kind == 'OctetString' else int(value)
