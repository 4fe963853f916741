"""The IP addresses of a device, from whichever of four tables it has."""

import socket
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from netops_worker.probes.snmp.client import ObjectId, SnmpClient, SnmpValue
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.tables import Column, Table, TableReader
from netops_worker.probes.snmp.text import (
    address_octets,
    address_text,
    indexed_address,
    ip_address,
    sub_identifiers,
    unsigned,
)

__all__ = (
    'ROOTS',
    'collect_addresses',
)

# IP-MIB, RFC 4293
_IP_ADDRESS_TABLE = Table(
    '1.3.6.1.2.1.4.34.1',
    {
        'ipAddressIfIndex': '1.3.6.1.2.1.4.34.1.3',
        'ipAddressType': '1.3.6.1.2.1.4.34.1.4',
        'ipAddressPrefix': '1.3.6.1.2.1.4.34.1.5',
    },
)
# The same MIB: deprecated, but often all there is.
_IP_ADDR_TABLE = Table(
    '1.3.6.1.2.1.4.20.1',
    {
        'ipAdEntAddr': '1.3.6.1.2.1.4.20.1.1',
        'ipAdEntIfIndex': '1.3.6.1.2.1.4.20.1.2',
        'ipAdEntNetMask': '1.3.6.1.2.1.4.20.1.3',
    },
)
# IPV6-MIB, RFC 2465
_IPV6_ADDR_TABLE = Table(
    '1.3.6.1.2.1.55.1.8.1.2',
    {'ipv6AddrPfxLength': '1.3.6.1.2.1.55.1.8.1.2'},
)
# CISCO-IETF-IP-MIB: made from a draft of RFC 4293, with the same columns.
_CISCO_ADDRESS_TABLE = Table(
    '1.3.6.1.4.1.9.10.86.1.1.2.1',
    {
        'cIpAddressIfIndex': '1.3.6.1.4.1.9.10.86.1.1.2.1.3',
        'cIpAddressType': '1.3.6.1.4.1.9.10.86.1.1.2.1.4',
        'cIpAddressPrefix': '1.3.6.1.4.1.9.10.86.1.1.2.1.5',
    },
)

ROOTS: tuple[str, ...] = (
    _IP_ADDRESS_TABLE.root,
    _IP_ADDR_TABLE.root,
    _IPV6_ADDR_TABLE.root,
    _CISCO_ADDRESS_TABLE.root,
)

# What ipAddressPrefix and cIpAddressPrefix point to: an instance of ipAddressPrefixOrigin or cIpAddressPfxOrigin.
_PREFIX_ENTRIES = ('1.3.6.1.2.1.4.32.1.', '1.3.6.1.4.1.9.10.86.1.1.1.1.')

_BROADCAST = 3  # ipAddressType
_IPV6_SIZES = (16,)

# Address, length of its prefix, ifIndex.
type _Found = tuple[str, int | None, int | None]


async def collect_addresses(client: SnmpClient, present: Collection[str]) -> Collected:
    """The addresses, IPv4 first, in ascending order; once per interface.

    `address`: canonical text without a zone. `prefix_length` and `interface` (its ifIndex) are int, or None if the
    agent does not say it intelligibly. Broadcast and unspecified addresses are left out.
    """
    reader = TableReader(client, present)
    columns = await reader.read(_IP_ADDRESS_TABLE, _IP_ADDR_TABLE)
    found: dict[tuple[str, int | None], int | None] = {}
    _add(found, _by_type(columns['ipAddressIfIndex'], columns['ipAddressType'], columns['ipAddressPrefix']))
    _add_masks(found, columns['ipAdEntAddr'], columns['ipAdEntIfIndex'], columns['ipAdEntNetMask'])

    if not any(':' in address for address, _ in found):
        columns = await reader.read(_IPV6_ADDR_TABLE, _CISCO_ADDRESS_TABLE)
        _add(found, _ipv6_mib(columns['ipv6AddrPfxLength']))
        known = {address for address, _ in found}
        rows = _by_type(columns['cIpAddressIfIndex'], columns['cIpAddressType'], columns['cIpAddressPrefix'])
        _add(found, (row for row in rows if row[0] not in known))

    return Collected(
        [
            {'address': address, 'prefix_length': length, 'interface': interface}
            for (address, interface), length in sorted(found.items(), key=_order)
        ],
        reader.failure,
    )


def _order(item: tuple[tuple[str, int | None], Any]) -> tuple[int, bytes, int]:
    (address, interface), _ = item
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    return family, socket.inet_pton(family, address), interface or 0


def _add(found: dict[tuple[str, int | None], int | None], rows: Iterator[_Found]) -> None:
    for address, length, interface in rows:
        if found.get((address, interface)) is None:
            found[address, interface] = length


def _by_type(interfaces: Column, types: Column, prefixes: Column) -> Iterator[_Found]:
    """Index: InetAddressType, InetAddress."""
    for index in {**interfaces, **types}:
        address = indexed_address(sub_identifiers(index))
        if address and types.get(index) != _BROADCAST:
            yield address, _pointed_length(prefixes.get(index), address), _interface(interfaces.get(index))


def _add_masks(
    found: dict[tuple[str, int | None], int | None], addresses: Column, interfaces: Column, masks: Column
) -> None:
    """Index: the IPv4 address; some agents add a number to it, or have only that.

    Adds what ipAddressTable does not have, and the interfaces and prefix lengths that it does not give.
    """
    known: dict[str, list[tuple[str, int | None]]] = {}
    for key in found:
        known.setdefault(key[0], []).append(key)
    for index in {**interfaces, **masks}:
        address = address_text(index) or ip_address(addresses.get(index))
        if not address:
            continue
        interface, length = _interface(interfaces.get(index)), _mask_length(masks.get(index))
        if address not in known:
            found[address, interface] = length
            continue
        if known[address] == [(address, None)] and interface:
            found[address, interface] = found.pop((address, None))
            known[address] = [(address, interface)]
        for key in known[address]:
            if found[key] is None:
                found[key] = length


def _ipv6_mib(lengths: Column) -> Iterator[_Found]:
    """Index: ipv6IfIndex, which is the ifIndex as well; the octets of the address."""
    for index, length in lengths.items():
        interface, *octets = sub_identifiers(index) or (0,)
        address = address_octets(tuple(octets), _IPV6_SIZES)
        if address:
            yield address, _length(unsigned(length), address), interface or None


def _interface(value: SnmpValue) -> int | None:
    return unsigned(value) or None


def _length(length: int | None, address: str) -> int | None:
    # 0 says that the agent does not know it: no address is configured with it.
    return length if length and length <= (128 if ':' in address else 32) else None


def _pointed_length(pointer: SnmpValue, address: str) -> int | None:
    """The last index of the prefix that is pointed to is its length (RFC 4293, ipAddressPrefixEntry)."""
    if not isinstance(pointer, ObjectId) or not pointer.startswith(_PREFIX_ENTRIES):
        return None
    return _length(int(pointer.rpartition('.')[2]), address)


_MASK_LENGTHS: Mapping[str, int] = {
    socket.inet_ntoa((2**32 - 2 ** (32 - length)).to_bytes(4)): length for length in range(1, 33)
}


def _mask_length(mask: SnmpValue) -> int | None:
    """None if it is not contiguous ones followed by zeros."""
    return _MASK_LENGTHS.get(ip_address(mask))
