"""IP addresses from the tables of four MIBs."""

import asyncio
from pathlib import Path

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import IpAddress, ObjectId, Walk
from netops_worker.probes.snmp.collectors.addresses import ROOTS, collect_addresses
from netops_worker.probes.snmp.text import ip_address

from .recorded import RecordedClient

RECORDINGS = Path(__file__).parent / 'recordings'

IP_ADDRESS = '1.3.6.1.2.1.4.34.1'
IP_ADDR = '1.3.6.1.2.1.4.20.1'
PREFIX = '1.3.6.1.2.1.4.32.1.5'


def collected(client):
    return asyncio.run(collect_addresses(client, asyncio.run(client.present(ROOTS))))


def found(*lines):
    return [tuple(row.values()) for row in collected(RecordedClient('\n'.join(lines))).rows]


def recorded(name):
    client = RecordedClient.load(RECORDINGS / f'{name}.snmprec')
    return client, [tuple(row.values()) for row in collected(client).rows]


def test_both_tables_of_ip_mib():
    """The old table adds what the new one lacks; broadcast addresses and zones are dropped; IPv4 comes first."""
    client, rows = recorded('addresses')
    assert rows == [
        ('127.0.0.1', 8, 1),
        ('192.0.2.1', 24, 7),
        ('198.51.100.9', 30, 9),
        ('2001:db8::1', 64, 7),
        ('2001:db8:ffff::53', None, 8),
        ('fe80::1', 64, 7),
    ]
    assert len(client.walked) == 6


def test_ipv6_mib():
    """The table of RFC 2465 is read where the newer one has no IPv6."""
    assert recorded('addresses_ipv6_mib')[1] == [
        ('192.0.2.10', 23, 2),
        ('2001:db8:1::a', 64, 2),
        ('fe80::a', 10, 2),
    ]


def test_cisco():
    assert recorded('addresses_cisco')[1] == [('192.0.2.20', 32, 3), ('2001:db8:2::1', 48, 3)]


def test_other_forms():
    """An IPv6 address as groups with the ifIndex behind them, an IPv4 address as text and called IPv6, and addresses
    whose octets happen to be those of text. The old table knows the interface where the new one says 0.
    """
    assert recorded('addresses_vendors')[1] == [
        ('192.0.2.30', 24, 6),
        ('198.51.100.30', 26, 9),
        ('2001:db8::20', None, 8),
        ('2001:db8:1::a', None, 7),
        ('2a20:3040:0:50::a', None, 8),
    ]


def test_ipv6_mib_with_text():
    """The text of address and prefix in place of the octets, with its length before it or not."""
    assert recorded('addresses_ipv6_text')[1] == [('2001:db8:3::a', 48, 9), ('2001:db8:4::1', 120, 9)]


def test_ipv6_is_read_once():
    """With IPv6 in ipAddressTable, the other tables of IPv6 addresses are left alone."""
    client = RecordedClient(
        f'{IP_ADDRESS}.3.2.16.32.1.13.184{".0" * 11}.1|2|4\n1.3.6.1.2.1.55.1.8.1.2.4.32.1.13.184{".0" * 11}.2|2|64'
    )
    assert [row['address'] for row in collected(client).rows] == ['2001:db8::1']
    assert not any(column.startswith('1.3.6.1.2.1.55') for column in client.walked)


def test_a_column_is_enough():
    """An agent that tells masks or types of addresses, but no interface, has addresses."""
    assert found(f'{IP_ADDR}.3.192.0.2.7|64|255.255.255.0') == [('192.0.2.7', 24, None)]
    assert found(f'{IP_ADDRESS}.4.1.4.192.0.2.7|2|1') == [('192.0.2.7', None, None)]


def test_absent_tables_are_not_walked():
    client = RecordedClient('')
    assert collected(client).rows == []
    assert client.walked == []


@pytest.mark.parametrize(
    ('index', 'address'),
    [
        ('1.4.192.0.2.7', '192.0.2.7'),
        ('1.192.0.2.7', '192.0.2.7'),
        ('3.8.192.0.2.7.0.0.0.5', '192.0.2.7'),
        ('3.4.192.0.2.7', '192.0.2.7'),
        ('1.9.49.57.50.46.48.46.50.46.55', '192.0.2.7'),
        ('2.32.1.13.184' + '.0' * 11 + '.7', '2001:db8::7'),
        ('2.32.1.13.184' + '.0' * 11 + '.7.0.0.0.0', '2001:db8::7'),
        ('4.254.128' + '.0' * 13 + '.7', 'fe80::7'),
        ('4.20.254.128' + '.0' * 13 + '.7.0.0.0.5', 'fe80::7'),
        ('2.8.102.101.56.48.58.58.97.49', 'fe80::a1'),
        ('2.8193.3512.0.0.0.0.0.7', '2001:db8::7'),
        ('4.65152.0.0.0.1.2.3.4.99999', 'fe80::1:2:3:4'),
    ],
)
def test_forms_of_the_index(index, address):
    """With or without the number of octets, with or without a zone, and text or groups in place of octets."""
    assert found(f'{IP_ADDRESS}.3.{index}|2|5') == [(address, None, 5)]


@pytest.mark.parametrize(
    'index',
    [
        '1',
        '1.4',
        '1.192.0.2',
        '1.4.192.0.2.7.9',
        '1.4.192.0.2.256',
        '0.0',
        '16.4.192.0.2.7',
        '1.4.0.0.0.0',
        '2.16' + '.0' * 16,
        '2.14.32.1.13.184' + '.0' * 10,
        '2.4.192.0.2.7',
        '2.16' + '.50' * 16,
        '2.8193.3512.0.0.0.0.7',
        '2.8193.3512.0.0.0.0.0.65536',
        '2.8193.3512.0.0.0.0.0.7.1.1',
        '2' + '.0' * 8 + '.7',
        '2.8.1.2.3.4.5.6.7.8',
        '1.8193.3512.0.0.0.0.0.7',
    ],
)
def test_not_an_address(index):
    """Another shape, another type of address, and the unspecified address make no row."""
    assert found(f'{IP_ADDRESS}.3.{index}|2|5') == []


@pytest.mark.parametrize(
    'prefix',
    [
        '6|0.0',
        f'6|{PREFIX}.7.1.4.0.0.0.0.0',
        f'6|{PREFIX}.7.1.4.192.0.2.0.33',
        '6|1.3.6.1.2.1.4.21.1.24',
        '2|24',
    ],
)
def test_no_prefix(prefix):
    """What does not point to a prefix, or to one that cannot be, is no length of 0."""
    assert found(f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|5', f'{IP_ADDRESS}.5.1.4.192.0.2.7|{prefix}') == [
        ('192.0.2.7', None, 5)
    ]


@pytest.mark.parametrize(
    ('mask', 'length'),
    [
        ('64|255.255.255.255', 32),
        ('64|128.0.0.0', 1),
        ('64|255.255.0.255', None),
        ('64|0.255.255.0', None),
        ('64|0.0.0.0', None),
        ('4x|ffffff00', 24),
        ('2|24', None),
    ],
)
def test_masks(mask, length):
    assert found(f'{IP_ADDR}.2.192.0.2.7|2|5', f'{IP_ADDR}.3.192.0.2.7|{mask}') == [('192.0.2.7', length, 5)]


def test_mask_in_place_of_a_prefix():
    """An address of the new table without a prefix has the mask of the old one."""
    assert found(
        f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|5', f'{IP_ADDR}.2.192.0.2.7|2|5', f'{IP_ADDR}.3.192.0.2.7|64|255.255.255.0'
    ) == [('192.0.2.7', 24, 5)]


@pytest.mark.parametrize('index', ['192.0.2.7.1', '1.192.0.2.7', '0'])
def test_index_that_is_not_the_address(index):
    """The column has it then; without the column there is no telling."""
    row = (f'{IP_ADDR}.2.{index}|2|5', f'{IP_ADDR}.3.{index}|64|255.255.255.0')
    assert found(f'{IP_ADDR}.1.{index}|64|192.0.2.7', *row) == [('192.0.2.7', 24, 5)]
    assert found(*row) == []


def test_address_on_two_interfaces():
    assert found(f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|5', f'{IP_ADDRESS}.3.3.8.192.0.2.7.0.0.0.6|2|6') == [
        ('192.0.2.7', None, 5),
        ('192.0.2.7', None, 6),
    ]


def test_interface_of_the_old_table():
    """It fills a gap, but takes nothing back; of an address on two interfaces it says nothing new."""
    old = (f'{IP_ADDR}.2.192.0.2.7|2|6', f'{IP_ADDR}.3.192.0.2.7|64|255.255.255.0')
    assert found(f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|0', *old) == [('192.0.2.7', 24, 6)]
    assert found(f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|5', *old) == [('192.0.2.7', 24, 5)]
    on_two = (f'{IP_ADDRESS}.3.1.4.192.0.2.7|2|0', f'{IP_ADDRESS}.3.3.8.192.0.2.7.0.0.0.5|2|5')
    assert found(*on_two, *old) == [('192.0.2.7', 24, None), ('192.0.2.7', 24, 5)]


@pytest.mark.parametrize('interface', ['2|0', '2|-3', '4|5'])
def test_no_interface(interface):
    assert found(f'{IP_ADDRESS}.3.1.4.192.0.2.7|{interface}') == [('192.0.2.7', None, None)]


class Failing(RecordedClient):
    """Every walk reads what there is and fails with `error`."""

    error = NetOpsError('snmp:no-answer')

    async def walk(self, columns):
        walk = await super().walk(columns)
        return Walk(walk.columns, {columns[0]: self.error})


def test_failure():
    """Rows that were read are kept; a failure of one table does not keep the others from being read."""
    client = Failing((RECORDINGS / 'addresses.snmprec').read_text())
    result = collected(client)
    assert len(result.rows) == 6
    assert result.failure is client.error
    assert len(client.walked) == 6


def test_end_of_the_session():
    """After a failure that ends the session nothing more is asked."""
    client = Failing((RECORDINGS / 'addresses.snmprec').read_text())
    client.error = NetOpsError('deadline:probe')
    result = collected(client)
    assert result.failure is client.error
    assert len(client.walked) == 3


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        (IpAddress('192.0.2.1'), '192.0.2.1'),
        (IpAddress('0.0.0.0'), ''),
        (IpAddress('192.0.2.1.5'), ''),
        (b'\xc0\0\2\1', '192.0.2.1'),
        (b'\xc0\0\2\1\0\0\0\7', '192.0.2.1'),
        (b'\0\0\0\0', ''),
        (bytes.fromhex('20010db8000000000000000000000001'), '2001:db8::1'),
        (bytes.fromhex('fe80000000000000000000000000000100000007'), 'fe80::1'),
        (bytes(16), ''),
        (b'192.0.2.1', '192.0.2.1'),
        (b'192.0.2.1\0', '192.0.2.1'),
        (b'2001:DB8:0::1', '2001:db8::1'),
        (b'fe80::1%swp1', 'fe80::1'),
        (b'2001:db8::1/64', '2001:db8::1'),
        (b'*\x20\x30\x40\0\0\0P\0\0\0\0\0\0\0\n', '2a20:3040:0:50::a'),
        (b'\n@ d\0\0\0A', '10.64.32.100'),
        (b'somewhere in text', ''),
        (b'sixteen letters!', ''),
        (b'', ''),
        (b'\xc0\0\2', ''),
        (ObjectId('1.3.6.1'), ''),
        (3221225985, ''),
        (None, ''),
    ],
)
def test_ip_address(value, expected):
    """Octets or text, of either version; anything else is no address, and so is the unspecified one."""
    assert ip_address(value) == expected
