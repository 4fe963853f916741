"""The components of a device from ENTITY-MIB."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.probes.snmp.collectors.inventory import ROOTS, collect_inventory
from netops_worker.probes.snmp.text import line, lines

from .recorded import RecordedClient

RECORDINGS = Path(__file__).parent / 'recordings'

ENTRY = '1.3.6.1.2.1.47.1.1.1.1'


def rows(client):
    return asyncio.run(collect_inventory(client, asyncio.run(client.present(ROOTS)))).rows


def test_components():
    """One row for each component, with what its agent says of it; padding is removed."""
    client = RecordedClient.load(RECORDINGS / 'inventory.snmprec')
    chassis, slot, card, port, other_port = rows(client)
    assert chassis == {
        'index': 1,
        'parent': None,
        'class': 3,
        'name': 'Chassis',
        'description': 'Lab chassis, 2 slots',
        'model': 'EX-2000',
        'serial': 'LAB0001',
        'hardware': 'A0',
        'firmware': '',
        'software': '7.4.1',
        'manufacturer': 'Example Networks',
        'vendor_type': '1.3.6.1.4.1.32473.1.7',
        'fru': False,
    }
    assert (slot['parent'], slot['class'], slot['vendor_type'], slot['serial']) == (1, 5, '', '')
    assert (card['hardware'], card['firmware'], card['fru']) == ('B2', '15.1(2r)', True)
    assert (port['parent'], port['name'], port['vendor_type']) == (10, 'ge-1/0/1', '')
    assert other_port['fru'] is None
    assert len(client.walked) == 12


def test_absent_table_is_not_walked():
    client = RecordedClient('1.3.6.1.2.1.1.1.0|4|switch')
    assert rows(client) == []
    assert client.walked == []


def test_order_is_numeric():
    client = RecordedClient('\n'.join(f'{ENTRY}.7.{index}|4|x' for index in (100, 20, 3)))
    assert [row['index'] for row in rows(client)] == [3, 20, 100]


@pytest.mark.parametrize('index', ['1.2', '7.0'])
def test_index_of_another_shape(index):
    """What has more than one number for index is no component."""
    assert rows(RecordedClient(f'{ENTRY}.7.{index}|4|x\n{ENTRY}.7.9|4|y'))[0]['index'] == 9


@pytest.mark.parametrize(
    ('column', 'value', 'name', 'expected'),
    [
        (4, '2|-1', 'parent', None),
        (4, '4|chassis', 'parent', None),
        (5, '4|chassis', 'class', None),
        (11, '2|4711', 'serial', ''),
        (3, '4|1.3.6', 'vendor_type', ''),
        (16, '2|7', 'fru', None),
        (16, '4|true', 'fru', None),
    ],
)
def test_wrong_types(column, value, name, expected):
    """A value of another type than the MIB says is none; the row stays."""
    assert rows(RecordedClient(f'{ENTRY}.{column}.1|{value}'))[0][name] == expected


printable = st.text(st.sampled_from('ab \n\t\0é'), max_size=4).map(str.encode)


@given(st.lists(st.one_of(printable, st.binary(max_size=3), st.none(), st.just(7)), max_size=5))
def test_lines_of_a_column(values):
    """A column decoded at once gives what its values give one by one."""
    assert lines(values) == list(map(line, values))
