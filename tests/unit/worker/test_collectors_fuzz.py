"""Whatever an agent answers, the collectors of tables return rows of the shape they promise."""

import asyncio
import json
from collections.abc import Callable
from ipaddress import ip_address
from itertools import chain
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import IpAddress, ObjectId, SnmpValue, Walk
from netops_worker.probes.snmp.collectors import addresses, bgp, inventory, neighbours

INTERFACES = [
    {'index': 1, 'name': 'ge-0/0/1', 'description': None, 'alias': 'a', 'mac': '00:00:5e:00:53:01'},
    {'index': 2, 'name': '', 'description': 'x1', 'alias': None, 'mac': ''},
]

octets = st.integers(0, 255)
identifiers = st.integers(0, 2**32 - 1)
# Half of the addresses are one and the same, so that rows of different tables meet.
ipv4 = st.one_of(st.just([192, 0, 2, 1]), st.lists(octets, min_size=4, max_size=4))
ipv6 = st.one_of(st.just([32, 1, 13, 184, *[0] * 11, 1]), st.lists(octets, min_size=16, max_size=16))
any_address = st.one_of(ipv4, ipv6, st.lists(octets, max_size=21))


@st.composite
def inet(draw: Callable[..., Any]) -> list[int]:
    """An InetAddressType and InetAddress, well formed or not quite."""
    address = draw(any_address)
    kind = draw(st.one_of(st.just({4: 1, 16: 2}.get(len(address), 0)), st.integers(0, 5)))
    return [kind, *([len(address)] if draw(st.booleans()) else []), *address]


few = st.integers(0, 2)


def numbers(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(few, min_size=size, max_size=size)


def index(*parts: st.SearchStrategy[list[int]]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: '.'.join(map(str, chain.from_iterable(found))))


anything = index(st.lists(st.one_of(few, octets, identifiers), max_size=6))
ADDRESS_INDEXES = (index(inet()), index(ipv4), index(numbers(1), ipv6), anything)
INVENTORY_INDEXES = (index(numbers(1)), anything)
NEIGHBOUR_INDEXES = (
    *(index(numbers(size)) for size in (1, 2, 3, 4)),
    *(index(numbers(size), inet()) for size in (3, 4)),
    anything,
)
BGP_INDEXES = (
    index(ipv4),
    index(ipv4, numbers(2)),
    *(index(numbers(size), inet()) for size in (0, 1, 3)),
    *(index(numbers(size), inet(), numbers(2)) for size in (0, 1)),
    index(numbers(1), inet(), inet()),
    index(numbers(3)),
    index(numbers(2), ipv4),
    index(numbers(1)),
    anything,
)

USUAL: list[SnmpValue] = [1, 6, 64501, IpAddress('192.0.2.1'), b'ge-0/0/1']

values: st.SearchStrategy[SnmpValue] = st.one_of(
    st.integers(0, 6),
    st.integers(-(2**31), 2**64 - 1),
    st.binary(max_size=24),
    st.sampled_from([b'192.0.2.1', b'fe80::1%1', b'ge-0/0/1', b'00:00:5E:00:53:01', b'\0', b'\xff\xfe', b'7', b'x1']),
    any_address.map(bytes),
    ipv4.map(lambda address: IpAddress('.'.join(map(str, address)))),
    st.lists(identifiers, min_size=2, max_size=8).map(lambda numbers: ObjectId('.'.join(map(str, numbers)))),
    st.lists(identifiers, max_size=8).map(
        lambda numbers: ObjectId('.'.join(['1.3.6.1.2.1.4.32.1.5', *map(str, numbers)]))
    ),
)


class Agent:
    """An agent that has a few rows, with values of its own making in every column."""

    def __init__(self, data: st.DataObject, indexes: tuple[st.SearchStrategy[str], ...]) -> None:
        self._random = Random(data.draw(st.integers(0, 2**32)))
        # Many columns have few indexes and values: rows have more than one value, and some have the same.
        self._indexes = list(
            chain.from_iterable(data.draw(st.lists(shape, min_size=1, max_size=2)) for shape in indexes)
        )
        self._values = [*USUAL, *data.draw(st.lists(values, max_size=12))]
        self._failure = data.draw(st.sampled_from([None] * 8 + ['snmp:no-answer', 'deadline:probe']))

    async def walk(self, columns: list[str]) -> Walk:
        cells = {
            column: {index: self._random.choice(self._values) for index in self._indexes if self._random.random() < 0.8}
            for column in columns
        }
        return Walk(cells, {columns[0]: NetOpsError(self._failure)} if self._failure else {})


def text(value: Any) -> bool:
    return type(value) is str


def number(value: Any) -> bool:
    return value is None or type(value) is int


def count(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def flag(value: Any) -> bool:
    return value is None or type(value) is bool


def canonical(value: Any) -> bool:
    return text(value) and value == str(ip_address(value))


def canonical_or_none(value: Any) -> bool:
    return value == '' or canonical(value)


ADDRESS = {'address': canonical, 'prefix_length': lambda value: value is None or 1 <= value <= 128, 'interface': count}
INVENTORY = {
    'index': lambda value: type(value) is int,
    'parent': count,
    'class': number,
    **dict.fromkeys(('name', 'description', 'model', 'serial', 'hardware', 'firmware', 'software'), text),
    'manufacturer': text,
    'vendor_type': text,
    'fru': flag,
}
NEIGHBOUR = {
    'protocol': lambda value: value in ('lldp', 'cdp'),
    'interface': count,
    **dict.fromkeys(('local_port', 'chassis_id', 'port_id', 'port_description', 'system_name'), text),
    'system_description': text,
    'address': canonical_or_none,
    'platform': text,
}
SESSION = {
    'vrf': text,
    'address': canonical,
    'remote_as': lambda value: value is None or 0 < value < 2**32,
    'local_as': lambda value: value is None or 0 < value < 2**32,
    'local_address': canonical_or_none,
    'router_id': canonical_or_none,
    'state': lambda value: value is None or value in range(1, 7),
    'enabled': flag,
    'established_seconds': count,
    'transitions': count,
    'prefixes_accepted': count,
    'prefixes_advertised': count,
    'last_error': text,
    'description': text,
    'mib': lambda value: text(value) and value.endswith(('-MIB', '-MIB-JUNIPER')),
}


def check(rows: list[dict[str, Any]], columns: dict[str, Callable[[Any], bool]], *key: str) -> None:
    assert json.loads(json.dumps(rows)) == rows
    for row in rows:
        assert list(row) == list(columns)
        wrong = {name: row[name] for name, right in columns.items() if not right(row[name])}
        assert not wrong
        assert '\0' not in json.dumps(row)
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)


def some(roots: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    return st.one_of(st.just(set(roots)), st.sets(st.sampled_from(roots), min_size=1))


@settings(deadline=None)
@given(st.data(), some(addresses.ROOTS))
def test_addresses(data, roots):
    rows = asyncio.run(addresses.collect_addresses(Agent(data, ADDRESS_INDEXES), roots)).rows
    check(rows, ADDRESS, 'address', 'interface')


@settings(deadline=None)
@given(st.data())
def test_inventory(data):
    rows = asyncio.run(inventory.collect_inventory(Agent(data, INVENTORY_INDEXES), inventory.ROOTS)).rows
    check(rows, INVENTORY, 'index')


@settings(deadline=None)
@given(st.data(), some(neighbours.ROOTS))
def test_neighbours(data, roots):
    agent = Agent(data, NEIGHBOUR_INDEXES)
    rows = asyncio.run(neighbours.collect_neighbours(agent, roots, INTERFACES)).rows
    check(rows, NEIGHBOUR, 'protocol', 'local_port', 'chassis_id', 'port_id')


@settings(deadline=None)
@given(st.data(), some(bgp.ROOTS))
def test_bgp(data, roots):
    rows = asyncio.run(bgp.collect_bgp(Agent(data, BGP_INDEXES), roots)).rows
    check(rows, SESSION, 'vrf', 'address')
