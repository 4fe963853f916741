"""Neighbours from LLDP and CDP, and which interface they are behind."""

import asyncio
from pathlib import Path

import pytest

from netops_worker.probes.snmp.collectors.neighbours import ROOTS, collect_neighbours

from .recorded import RecordedClient

RECORDINGS = Path(__file__).parent / 'recordings'

REMOTE = '1.0.8802.1.1.2.1.4.1.1'
ADDRESS = '1.0.8802.1.1.2.1.4.2.1.3'
LOCAL = '1.0.8802.1.1.2.1.3.7.1'
BRIDGE = '1.3.6.1.2.1.17.1.4.1.2'
CDP = '1.3.6.1.4.1.9.9.23.1.2.1.1'


def interface(index, name, *, description='', alias='', mac=''):
    return {'index': index, 'name': name, 'description': description or name, 'alias': alias, 'mac': mac}


INTERFACES = [
    interface(501, 'ge-0/0/1', alias='lab', mac='00:00:5e:00:53:11'),
    interface(502, 'ge-0/0/2', mac='00:00:5e:00:53:02'),
    interface(505, 'ge-0/0/5'),
]


def rows(client, interfaces=INTERFACES):
    return asyncio.run(collect_neighbours(client, asyncio.run(client.present(ROOTS)), interfaces)).rows


def recorded(name):
    client = RecordedClient.load(RECORDINGS / f'{name}.snmprec')
    return client, rows(client)


def test_lldp():
    """IDs of every subtype, and the management address, which may have another time mark than the neighbour."""
    _, found = recorded('neighbours_lldp')
    by_name = {row['system_name']: row for row in found}
    assert len(found) == 3
    assert by_name['spine-1'] == {
        'protocol': 'lldp',
        'interface': 501,
        'local_port': 'ge-0/0/1',
        'chassis_id': '00:00:5e:00:53:01',
        'port_id': 'Ethernet7',
        'port_description': 'to the lab',
        'system_name': 'spine-1',
        'system_description': 'Example OS\nversion 7',
        'address': '192.0.2.65',
        'platform': '',
    }
    phone = by_name['phone']
    assert (phone['interface'], phone['local_port']) == (502, 'ge-0/0/2')
    assert (phone['chassis_id'], phone['port_id']) == ('198.51.100.2', '00:00:5e:00:53:22')
    assert phone['address'] == '2001:db8::66'
    silent = by_name['']
    assert (silent['interface'], silent['local_port'], silent['address']) == (505, 'ge-0/0/5', '')
    assert (silent['chassis_id'], silent['port_id']) == ('old-switch', '17')


def test_lldp_v2():
    """Its index has the ifIndex; it is read where the older MIB is not there."""
    _, (row,) = recorded('neighbours_lldp_v2')
    assert (row['interface'], row['local_port'], row['address']) == (501, 'ge-0/0/1', '192.0.2.77')
    assert (row['chassis_id'], row['port_id'], row['system_name']) == ('00:00:5e:00:53:41', 'eth1', 'core')


def test_cdp():
    _, found = recorded('neighbours_cdp')
    assert found == [
        {
            'protocol': 'cdp',
            'interface': 999,
            'local_port': '999',
            'chassis_id': 'ap-9',
            'port_id': 'eth0',
            'port_description': '',
            'system_name': 'ap-9',
            'system_description': '',
            'address': '',
            'platform': '',
        },
        {
            'protocol': 'cdp',
            'interface': 501,
            'local_port': 'ge-0/0/1',
            'chassis_id': 'dist-1.example.net',
            'port_id': 'TenGigabitEthernet1/1',
            'port_description': '',
            'system_name': 'dist-1',
            'system_description': 'Example IOS\nRelease 15',
            'address': '192.0.2.66',
            'platform': 'EX-9000',
        },
        {
            'protocol': 'cdp',
            'interface': 502,
            'local_port': 'ge-0/0/2',
            'chassis_id': '00:00:5e:00:53:55',
            'port_id': 'Port 1',
            'port_description': '',
            'system_name': '00:00:5e:00:53:55',
            'system_description': '',
            'address': '2001:db8::42',
            'platform': 'EX-Phone',
        },
    ]


def test_absent_tables_are_not_walked():
    client = RecordedClient(f'{BRIDGE}.1|2|501\n{LOCAL}.3.1|4|ge-0/0/1')
    assert rows(client) == []
    assert client.walked == []


def test_one_neighbour_in_two_rows():
    """An agent that keeps an outdated row beside the new one does not give two neighbours."""
    client = RecordedClient('\n'.join(f'{REMOTE}.{column}.{mark}.1.1|4|x' for mark in (1, 2) for column in (5, 7, 9)))
    assert len(rows(client)) == 1


@pytest.mark.parametrize('index', ['1', '1.2', '1.2.3.4'])
def test_index_of_another_shape(index):
    assert rows(RecordedClient(f'{REMOTE}.5.{index}|4|x\n{CDP}.6.{index}.9.9.9|4|x')) == []


@pytest.mark.parametrize(
    ('subtype', 'value', 'expected'),
    [
        (4, '4x|00005e0053ff', '00:00:5e:00:53:ff'),
        (4, '4|00:00:5E:00:53:FF', '00:00:5e:00:53:ff'),
        (4, '4|0000.5e00.53ff', '00:00:5e:00:53:ff'),
        (4, '4|not a MAC', 'not a MAC'),
        (5, '4x|01c0000201', '192.0.2.1'),
        (5, '4x|0220010db8000000000000000000000001', '2001:db8::1'),
        (5, '4|192.0.2.1', '192.0.2.1'),
        (5, '4x|c0000201', '192.0.2.1'),
        (7, '4|rack 7', 'rack 7'),
        (7, '4x|80ff001122', '80ff001122'),
        (None, '4x|00005e0053ff', '00:00:5e:00:53:ff'),
        (7, '2|5', ''),
    ],
)
def test_chassis_id(subtype, value, expected):
    """By subtype; octets that are no text are told in hexadecimal."""
    lines = [f'{REMOTE}.5.0.1.1|{value}']
    if subtype is not None:
        lines.append(f'{REMOTE}.4.0.1.1|2|{subtype}')
    assert rows(RecordedClient('\n'.join(lines)))[0]['chassis_id'] == expected


@pytest.mark.parametrize(
    ('addresses', 'expected'),
    [
        (['0.1.1.1.4.192.0.2.1'], '192.0.2.1'),
        (['0.1.1.1.192.0.2.1'], '192.0.2.1'),
        (['0.1.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1', '0.1.1.1.4.192.0.2.1'], '192.0.2.1'),
        (['0.1.1.6.6.0.0.94.0.83.1'], ''),
        (['0.1.1.1.4.0.0.0.0'], ''),
        (['0.1.2.1.4.192.0.2.1'], ''),
        (['0.1.1'], ''),
    ],
)
def test_management_address(addresses, expected):
    """IPv4 before IPv6; a MAC address is none, and that of another neighbour is not taken."""
    lines = [f'{REMOTE}.5.0.1.1|4|x', *(f'{ADDRESS}.{index}|2|2' for index in addresses)]
    assert rows(RecordedClient('\n'.join(lines)))[0]['address'] == expected


PORTS = [
    interface(1, 'lo'),
    interface(10, 'Gi1/0/1', description='GigabitEthernet1/0/1', alias='uplink', mac='00:00:5e:00:53:01'),
    interface(11, 'Gi1/0/2', description='GigabitEthernet1/0/2', mac='00:00:5e:00:53:02'),
    interface(12, 'Gi2/0/1', description='GigabitEthernet2/0/1', mac='00:00:5e:00:53:03'),
    interface(20, 'Vlan1', mac='00:00:5e:00:53:03'),
    interface(24, 'eth1/0/24'),
    interface(30, 'Ethernet Interface'),
    interface(31, 'Ethernet Interface'),
]


@pytest.mark.parametrize(
    ('number', 'subtype', 'port_id', 'description', 'bridge', 'expected'),
    [
        # By a text that is the name, the description, the alias or the MAC address
        (7, 5, 'Gi1/0/1', '', None, 10),
        (7, 5, 'GigabitEthernet1/0/1', '', None, 10),
        (7, 7, '7', 'Gi1/0/1', None, 10),
        (7, 1, 'uplink', '', None, 10),
        (7, 3, '00:00:5e:00:53:02', '', None, 11),
        (7, 5, 'Gi1/0/1', 'GigabitEthernet1/0/1', None, 10),
        # A name tells more than a number
        (1, 5, 'Gi1/0/1', '', None, 10),
        (1, 5, 'Gi1/0/1', '', 11, 10),
        # Two interfaces of that name or address: the other text or the number tells which
        (7, 3, '00:00:5e:00:53:03', '', None, None),
        (7, 3, '00:00:5e:00:53:03', 'Gi2/0/1', None, 12),
        (20, 3, '00:00:5e:00:53:03', '', None, 20),
        (30, 5, 'Ethernet Interface', '', None, 30),
        (5, 5, 'Ethernet Interface', '', 31, 31),
        # Texts that contradict each other
        (7, 5, 'Gi1/0/1', 'Gi1/0/2', None, None),
        # By the number of the bridge port, or an ifIndex
        (7, 7, '7', '', 10, 10),
        (10, 7, '10', '', None, 10),
        (10, None, '', '', None, 10),
        (10, None, '', '', 10, 10),
        (10, None, '', '', 11, None),
        (7, None, '', '', None, None),
        (7, None, '', '', 99, None),
        # Names that are alike
        (24, 7, '1/24', '', 24, 24),
        (24, 7, 'port-024', '', None, 24),
        (7, 5, 'Gig1/0/1', '', 10, 10),
        (10, 1, 'free text', 'and more', None, 10),
        # Names that are not
        (1, 5, 'Te1/1/1', '', None, None),
        (10, 5, 'Gi2/0/9', '', None, None),
        (12, 5, 'Te2/0/1', '', None, None),
        (12, 5, 'Port 1/0/1', '', None, None),
        (10, 7, '9' * 5000, '', None, None),
    ],
)
def test_local_port(number, subtype, port_id, description, bridge, expected):
    """Which interface a port is. What is contradictory or ambiguous is not guessed at."""
    lines = [f'{REMOTE}.5.0.{number}.1|4|x']
    if subtype is not None:
        value = bytes.fromhex(port_id.replace(':', '')) if subtype == 3 else port_id.encode()
        lines += [f'{LOCAL}.2.{number}|2|{subtype}', f'{LOCAL}.3.{number}|4x|{value.hex()}']
    if description:
        lines.append(f'{LOCAL}.4.{number}|4|{description}')
    if bridge is not None:
        lines.append(f'{BRIDGE}.{number}|2|{bridge}')
    assert rows(RecordedClient('\n'.join(lines)), PORTS)[0]['interface'] == expected


def test_without_interfaces():
    """A device whose interface table is not readable still has neighbours."""
    client = RecordedClient(f'{REMOTE}.5.0.7.1|4|x\n{CDP}.6.7.1|4|y')
    assert [(row['interface'], row['local_port']) for row in rows(client, [])] == [(7, '7'), (None, '7')]
