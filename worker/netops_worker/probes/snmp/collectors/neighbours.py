"""The neighbours that announce themselves: LLDP (IEEE 802.1AB) and the Cisco Discovery Protocol."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from netops_worker.probes.snmp.client import SnmpClient, SnmpValue
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.tables import Columns, Table, TableReader
from netops_worker.probes.snmp.text import address_octets, ip_address, line, mac, sub_identifiers, text, unsigned

__all__ = (
    'ROOTS',
    'collect_neighbours',
)

# LLDP-MIB (IEEE 802.1AB-2005)
_LLDP_REM_ENTRY = '1.0.8802.1.1.2.1.4.1.1'
_LLDP = Table(
    _LLDP_REM_ENTRY,
    {
        'lldpRemChassisIdSubtype': f'{_LLDP_REM_ENTRY}.4',
        'lldpRemChassisId': f'{_LLDP_REM_ENTRY}.5',
        'lldpRemPortIdSubtype': f'{_LLDP_REM_ENTRY}.6',
        'lldpRemPortId': f'{_LLDP_REM_ENTRY}.7',
        'lldpRemPortDesc': f'{_LLDP_REM_ENTRY}.8',
        'lldpRemSysName': f'{_LLDP_REM_ENTRY}.9',
        'lldpRemSysDesc': f'{_LLDP_REM_ENTRY}.10',
    },
)
# The address is in the index, which any column that can be read has.
_LLDP_ADDRESSES = Table(
    '1.0.8802.1.1.2.1.4.2.1',
    {'lldpRemManAddrIfSubtype': '1.0.8802.1.1.2.1.4.2.1.3'},
)
_LLDP_PORTS = Table(
    '1.0.8802.1.1.2.1.3.7.1',
    {
        'lldpLocPortIdSubtype': '1.0.8802.1.1.2.1.3.7.1.2',
        'lldpLocPortId': '1.0.8802.1.1.2.1.3.7.1.3',
        'lldpLocPortDesc': '1.0.8802.1.1.2.1.3.7.1.4',
    },
)
# BRIDGE-MIB (RFC 4188)
_BRIDGE_PORTS = Table(
    '1.3.6.1.2.1.17.1.4.1.2',
    {'dot1dBasePortIfIndex': '1.3.6.1.2.1.17.1.4.1.2'},
)

# LLDP-V2-MIB (IEEE 802.1AB-2009)
_LLDP_V2_REM_ENTRY = '1.3.111.2.802.1.1.13.1.4.1.1'
_LLDP_V2 = Table(
    _LLDP_V2_REM_ENTRY,
    {
        'lldpV2RemChassisIdSubtype': f'{_LLDP_V2_REM_ENTRY}.5',
        'lldpV2RemChassisId': f'{_LLDP_V2_REM_ENTRY}.6',
        'lldpV2RemPortIdSubtype': f'{_LLDP_V2_REM_ENTRY}.7',
        'lldpV2RemPortId': f'{_LLDP_V2_REM_ENTRY}.8',
        'lldpV2RemPortDesc': f'{_LLDP_V2_REM_ENTRY}.9',
        'lldpV2RemSysName': f'{_LLDP_V2_REM_ENTRY}.10',
        'lldpV2RemSysDesc': f'{_LLDP_V2_REM_ENTRY}.11',
    },
)
_LLDP_V2_ADDRESSES = Table(
    '1.3.111.2.802.1.1.13.1.4.2.1',
    {'lldpV2RemManAddrIfSubtype': '1.3.111.2.802.1.1.13.1.4.2.1.3'},
)

# CISCO-CDP-MIB
_CDP_CACHE_ENTRY = '1.3.6.1.4.1.9.9.23.1.2.1.1'
_CDP = Table(
    _CDP_CACHE_ENTRY,
    {
        'cdpCacheAddressType': f'{_CDP_CACHE_ENTRY}.3',
        'cdpCacheAddress': f'{_CDP_CACHE_ENTRY}.4',
        'cdpCacheVersion': f'{_CDP_CACHE_ENTRY}.5',
        'cdpCacheDeviceId': f'{_CDP_CACHE_ENTRY}.6',
        'cdpCacheDevicePort': f'{_CDP_CACHE_ENTRY}.7',
        'cdpCachePlatform': f'{_CDP_CACHE_ENTRY}.8',
        'cdpCacheSysName': f'{_CDP_CACHE_ENTRY}.17',
    },
)

_TABLES = (_LLDP, _LLDP_ADDRESSES, _LLDP_PORTS, _BRIDGE_PORTS, _LLDP_V2, _LLDP_V2_ADDRESSES, _CDP)

ROOTS: tuple[str, ...] = tuple(table.root for table in _TABLES)

# LldpChassisIdSubtype and LldpPortIdSubtype
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_PORT_ALIAS, _PORT_MAC, _PORT_ADDRESS = 1, 3, 4

# AddressFamilyNumbers (IANA): ipV4, ipV6, and the octets of their addresses.
_FAMILY_SIZES = {1: (4,), 2: (16,)}
_MAC_TEXT = re.compile(r'([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}')
_NUMBERS = re.compile(r'0*([0-9]+)')
_DIGITS = '0123456789'
# A kind of interface that says nothing.
_PORT = 'port'
_WITHOUT_SEPARATORS = str.maketrans('', '', ':-. ')

# CiscoNetworkProtocol: ip, ipv6
_CDP_ADDRESS_TYPES = (1, 20)


async def collect_neighbours(
    client: SnmpClient, present: Collection[str], interfaces: Iterable[Mapping[str, Any]]
) -> Collected:
    """The neighbours, once for each protocol, local port, and chassis and port of the other side.

    `interfaces`: the rows of the interface table, of which `index`, `name`, `description`, `alias` and `mac` are used.

    `protocol` is 'lldp' or 'cdp'. `interface`: the ifIndex of the local port; None if it cannot be told for sure. The
    others are text, '' if there is none: `local_port` (the name of that
    interface, else what the agent calls the port), and of the other side `chassis_id`,
    `port_id` (a MAC address as 00:11:22:33:44:55, an IP address in canonical text, anything else as it is),
    `port_description`, `system_name`, `system_description`, `address` (for its management) and `platform` (CDP only).
    """
    reader = TableReader(client, present)
    rows: list[dict[str, Any]] = []
    ports = _LocalPorts(interfaces)
    if _LLDP.root in present:
        columns = await reader.read(_LLDP, _LLDP_ADDRESSES, _LLDP_PORTS, _BRIDGE_PORTS)
        rows += _lldp(columns, ports)
    elif _LLDP_V2.root in present:
        rows += _lldp_v2(await reader.read(_LLDP_V2, _LLDP_V2_ADDRESSES), ports)
    if _CDP.root in present:
        rows += _cdp(await reader.read(_CDP), ports)
    unique = {(row['protocol'], row['local_port'], row['chassis_id'], row['port_id']): row for row in reversed(rows)}
    return Collected([unique[key] for key in sorted(unique)], reader.failure)


class _LocalPorts:
    """Finds the interface of a port. `interfaces`: rows of the interface table."""

    def __init__(self, interfaces: Iterable[Mapping[str, Any]]) -> None:
        self._interfaces: dict[int, Mapping[str, Any]] = {}
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self._by_alias: defaultdict[str, set[int]] = defaultdict(set)
        self._by_mac: defaultdict[str, set[int]] = defaultdict(set)
        for interface in interfaces:
            index = interface['index']
            self._interfaces[index] = interface
            self._by_name[interface['name'] or ''].add(index)
            self._by_name[interface['description'] or ''].add(index)
            self._by_alias[interface['alias'] or ''].add(index)
            self._by_mac[interface['mac'] or ''].add(index)

    def name(self, index: int | None) -> str:
        """'' for an interface that is not known."""
        return (self._interfaces.get(index) or {}).get('name') or '' if index is not None else ''

    def find(
        self, number: int, subtype: SnmpValue, port_id: str, description: str, bridge_interface: SnmpValue
    ) -> int | None:
        """The ifIndex of the port lldpLocPortNum, whose lldpLocPortId and lldpLocPortDesc are `port_id` and
        `description`, and which as a port of the bridge is `bridge_interface` (dot1dBasePortIfIndex).

        None if nothing tells it, or if what tells it is contradictory.
        """
        # What the standard lets the number be: that of a port of the bridge, or an ifIndex.
        numbered = {index for index in (unsigned(bridge_interface), number) if index in self._interfaces}
        by_id = self._matches(subtype, port_id)
        by_description = self._matches(None, description)
        if by_id and by_description:
            found = by_id & by_description
        elif by_id or by_description:
            found = by_id or by_description
        else:
            names = [text for text in (port_id, description) if _tells(text, number)]
            found = {index for index in numbered if self._fits(index, names)}
        if len(found) > 1:
            found = found & numbered
        return next(iter(found)) if len(found) == 1 else None

    def _matches(self, subtype: SnmpValue, value: str) -> set[int]:
        if not value:
            return set()
        if subtype == _PORT_ALIAS and value in self._by_alias:
            return self._by_alias[value]
        return self._by_name.get(value) or self._by_mac.get(value.lower()) or set()

    def _fits(self, index: int, names: Sequence[str]) -> bool:
        """Whether an interface may be what the first of the names means, in other words than the interface table."""
        interface = self._interfaces[index]
        known = [interface[key] for key in ('name', 'description', 'alias') if interface[key]]
        return not names or not known or names[0] == str(index) or any(_similar(names[0], other) for other in known)


def _tells(name: str, number: int) -> bool:
    """Whether the name of a port is more than its number: a MAC address or free text is not, nor is '01' for port 1."""
    if not name or name[-1] not in _DIGITS or _MAC_TEXT.fullmatch(name):
        return False
    return name.lstrip('0') != str(number)


def _similar(one: str, other: str) -> bool:
    """'Gi1/0/1' is like 'GigabitEthernet1/0/1', and '1/24' or 'port-024' like 'eth1/0/24'."""
    (kind, numbers), (other_kind, other_numbers) = _split(one), _split(other)
    if not numbers or not other_numbers or numbers[-1] != other_numbers[-1]:
        return False
    if len(numbers) == len(other_numbers):
        if numbers != other_numbers:
            return False
    elif min(len(numbers), len(other_numbers)) > 1 and numbers[0] != other_numbers[0]:
        return False
    return _PORT in (kind, other_kind) or kind.startswith(other_kind) or other_kind.startswith(kind)


def _split(name: str) -> tuple[str, list[str]]:
    """The kind of an interface, and the numbers that tell it from its like."""
    kind = name.rstrip(_DIGITS + '/.:')
    return kind.lower().strip(' -_'), _NUMBERS.findall(name[len(kind) :])


def _lldp(columns: Columns, ports: _LocalPorts) -> Iterable[dict[str, Any]]:
    """Index: lldpRemTimeMark, lldpRemLocalPortNum, lldpRemIndex."""
    addresses = _management_addresses(columns['lldpRemManAddrIfSubtype'], 3)
    for index in _neighbour_indexes(columns, 'lldp'):
        identifiers = sub_identifiers(index)
        if len(identifiers) != 3:
            continue
        number = str(identifiers[1])
        subtype = columns['lldpLocPortIdSubtype'].get(number)
        port_id = _port_id(subtype, columns['lldpLocPortId'].get(number))
        description = line(columns['lldpLocPortDesc'].get(number))
        bridge_interface = columns['dot1dBasePortIfIndex'].get(number)
        interface = ports.find(identifiers[1], subtype, port_id, description, bridge_interface)
        # A MAC address is no name that people know the port by.
        names = (description, port_id) if _MAC_TEXT.fullmatch(port_id) else (port_id, description)
        local_port = ports.name(interface) or names[0] or names[1] or number
        address = addresses.get(identifiers, '') or addresses.get(identifiers[1:], '')
        yield _lldp_row(columns, 'lldp', index, interface, local_port, address)


def _lldp_v2(columns: Columns, ports: _LocalPorts) -> Iterable[dict[str, Any]]:
    """Index: lldpV2RemTimeMark, lldpV2RemLocalIfIndex, lldpV2RemLocalDestMACAddress (a number), lldpV2RemIndex."""
    addresses = _management_addresses(columns['lldpV2RemManAddrIfSubtype'], 4)
    for index in _neighbour_indexes(columns, 'lldpV2'):
        identifiers = sub_identifiers(index)
        if len(identifiers) == 4:
            interface = identifiers[1]
            address = addresses.get(identifiers, '') or addresses.get(identifiers[1:], '')
            local_port = ports.name(interface) or str(interface)
            yield _lldp_row(columns, 'lldpV2', index, interface or None, local_port, address)


def _neighbour_indexes(columns: Columns, prefix: str) -> Iterable[str]:
    # What the standard makes mandatory is missing at times.
    return dict.fromkeys(
        index for name in ('ChassisId', 'PortId', 'SysName', 'SysDesc') for index in columns[f'{prefix}Rem{name}']
    )


def _lldp_row(
    columns: Columns, prefix: str, index: str, interface: int | None, local_port: str, address: str
) -> dict[str, Any]:
    def value(name: str) -> SnmpValue:
        return columns[f'{prefix}Rem{name}'].get(index)

    chassis_subtype = value('ChassisIdSubtype')
    return {
        'protocol': 'lldp',
        'interface': interface,
        'local_port': local_port,
        'chassis_id': _identifier(
            value('ChassisId'), chassis_subtype == _CHASSIS_MAC, chassis_subtype == _CHASSIS_ADDRESS
        ),
        'port_id': _port_id(value('PortIdSubtype'), value('PortId')),
        'port_description': line(value('PortDesc')),
        'system_name': line(value('SysName')),
        'system_description': text(value('SysDesc'), lines=True) or '',
        'address': address,
        'platform': '',
    }


def _management_addresses(column: Mapping[str, SnmpValue], key_size: int) -> dict[tuple[int, ...], str]:
    """Index: that of the neighbour, of `key_size` identifiers; lldpRemManAddrSubtype, lldpRemManAddr.

    An IPv4 address before an IPv6 address. There are agents with another time mark here than at the neighbour: it can
    be found without as well.
    """
    found: dict[tuple[int, ...], str] = {}
    for index in column:
        identifiers = sub_identifiers(index)
        sizes = _FAMILY_SIZES.get(identifiers[key_size]) if len(identifiers) > key_size else None
        address = address_octets(identifiers[key_size + 1 :], sizes) if sizes else ''
        for key in (identifiers[:key_size], identifiers[1:key_size]):
            known = found.get(key, '')
            if address and (not known or (':' in known and ':' not in address)):
                found[key] = address
    return found


def _cdp(columns: Columns, ports: _LocalPorts) -> Iterable[dict[str, Any]]:
    """Index: cdpCacheIfIndex, cdpCacheDeviceIndex."""
    for index in {**columns['cdpCacheDeviceId'], **columns['cdpCacheDevicePort']}:
        identifiers = sub_identifiers(index)
        if len(identifiers) != 2:
            continue
        interface = identifiers[0]
        device = _identifier(columns['cdpCacheDeviceId'].get(index), False, False)
        is_ip = columns['cdpCacheAddressType'].get(index) in _CDP_ADDRESS_TYPES
        yield {
            'protocol': 'cdp',
            'interface': interface or None,
            'local_port': ports.name(interface) or str(interface),
            'chassis_id': device,
            'port_id': line(columns['cdpCacheDevicePort'].get(index)),
            'port_description': '',
            'system_name': line(columns['cdpCacheSysName'].get(index)) or device,
            'system_description': text(columns['cdpCacheVersion'].get(index), lines=True) or '',
            'address': ip_address(columns['cdpCacheAddress'].get(index)) if is_ip else '',
            'platform': line(columns['cdpCachePlatform'].get(index)),
        }


def _port_id(subtype: SnmpValue, value: SnmpValue) -> str:
    return _identifier(value, subtype == _PORT_MAC, subtype == _PORT_ADDRESS)


def _identifier(value: SnmpValue, is_mac: bool, is_address: bool) -> str:
    """A chassis or port ID. Agents that have text where there should be octets are taken at their word."""
    if not isinstance(value, bytes):
        return ''
    if is_mac and len(value) == 6:
        return mac(value)
    if is_address:
        # Its AddressFamilyNumbers comes first.
        found = ip_address(value[1:]) if value[:1] in (b'\1', b'\2') else ''
        found = found or ip_address(value)
        if found:
            return found
    shown = line(value)
    if is_mac:
        digits = shown.lower().translate(_WITHOUT_SEPARATORS)
        try:
            return mac(bytes.fromhex(digits)) or shown
        except ValueError:
            pass
    if _is_text(value):
        return shown
    return mac(value) or value.hex()


def _is_text(value: bytes) -> bool:
    try:
        return value.rstrip(b'\0').decode().strip().isprintable()
    except UnicodeDecodeError:
        return False
