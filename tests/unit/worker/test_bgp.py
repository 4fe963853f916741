"""BGP sessions: BGP4-MIB, and what becomes of several MIBs that describe the same session."""

import asyncio
from pathlib import Path

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import Walk
from netops_worker.probes.snmp.collectors.bgp import ROOTS, collect_bgp

from .recorded import RecordedClient

RECORDINGS = Path(__file__).parent / 'recordings'

BGP4 = '1.3.6.1.2.1.15.3.1'
ARISTA = '1.3.6.1.4.1.30065.4.1.1'


def collected(client):
    return asyncio.run(collect_bgp(client, asyncio.run(client.present(ROOTS))))


def sessions(*lines):
    return {(row['vrf'], row['address']): row for row in collected(RecordedClient('\n'.join(lines))).rows}


def test_bgp4_mib():
    """What the MIB that every vendor has tells; addresses of zeros and errors of zeros are none."""
    client = RecordedClient.load(RECORDINGS / 'bgp4.snmprec')
    assert collected(client).rows == [
        {
            'vrf': '',
            'address': '192.0.2.1',
            'remote_as': 64501,
            'local_as': 64500,
            'local_address': '192.0.2.100',
            'router_id': '198.51.100.1',
            'state': 6,
            'enabled': True,
            'established_seconds': 86400,
            'transitions': 3,
            'prefixes_accepted': None,
            'prefixes_advertised': None,
            'last_error': '',
            'description': '',
            'mib': 'BGP4-MIB',
        },
        {
            'vrf': '',
            'address': '192.0.2.2',
            'remote_as': 23456,
            'local_as': 64500,
            'local_address': '',
            'router_id': '',
            'state': 3,
            'enabled': True,
            'established_seconds': 120,
            'transitions': 0,
            'prefixes_accepted': None,
            'prefixes_advertised': None,
            'last_error': '6.2',
            'description': '',
            'mib': 'BGP4-MIB',
        },
    ]


class Counting(RecordedClient):
    """`walks`: the number of columns of every walk."""

    def __init__(self, text):
        super().__init__(text)
        self.walks = []

    async def walk(self, columns):
        self.walks.append(len(columns))
        return await super().walk(columns)


def test_one_walk():
    """A device with BGP4-MIB alone is asked for that in one walk of few columns, one without BGP for nothing."""
    client = Counting((RECORDINGS / 'bgp4.snmprec').read_text())
    collected(client)
    assert client.walks == [9]
    client = Counting('1.3.6.1.2.1.15.2.0|2|0')
    assert collected(client).rows == []
    assert client.walks == []


@pytest.mark.parametrize(
    ('column', 'value', 'name', 'expected'),
    [
        (2, '2|0', 'state', None),
        (2, '2|7', 'state', None),
        (2, '4|6', 'state', None),
        (3, '2|1', 'enabled', False),
        (3, '2|3', 'enabled', None),
        (9, '2|0', 'remote_as', None),
        (9, '2|4294967295', 'remote_as', 4294967295),
        (9, '2|4294967296', 'remote_as', None),
        (9, '2|-94967294', 'remote_as', 4200000002),
        (5, '4|192.0.2.9', 'local_address', '192.0.2.9'),
        (5, '2|1', 'local_address', ''),
        (14, '4x|0000', 'last_error', ''),
        (14, '4x|0400', 'last_error', '4.0'),
        (14, '4x|040001', 'last_error', ''),
        (14, '4|', 'last_error', ''),
        (15, '65|-1', 'transitions', None),
        (16, '4|1 day', 'established_seconds', None),
    ],
)
def test_values(column, value, name, expected):
    """What is outside the range that the MIB allows, or of another type, is not told."""
    columns = {2: '2|1', 9: '2|64501', column: value}
    (row,) = sessions(*(f'{BGP4}.{number}.192.0.2.1|{told}' for number, told in columns.items())).values()
    assert row[name] == expected


@pytest.mark.parametrize('index', ['192.0.2', '192.0.2.1.1', '192.0.2.300', '0.0.0.0'])
def test_index_of_another_shape(index):
    assert sessions(f'{BGP4}.2.{index}|2|6', f'{BGP4}.9.{index}|2|64501') == {}


def arista(instance, address, **columns):
    index = f'{instance}.1.4.{address}'
    numbers = {'local_address': 3, 'remote_as': 10, 'router_id': 11, 'admin': 12, 'state': 13, 'description': 14}
    tags = {'local_address': '64', 'router_id': '64', 'description': '4'}
    return [f'{ARISTA}.2.1.{numbers[name]}.{index}|{tags.get(name, 2)}|{value}' for name, value in columns.items()]


def bgp4(address, **columns):
    numbers = {'router_id': 1, 'state': 2, 'admin': 3, 'local_address': 5, 'remote_as': 9, 'time': 16}
    tags = {'router_id': '64', 'local_address': '64'}
    return [f'{BGP4}.{numbers[name]}.{address}|{tags.get(name, 2)}|{value}' for name, value in columns.items()]


def test_vendor_comes_first():
    """The row of the vendor's MIB wins, and BGP4-MIB fills what it lacks."""
    (row,) = sessions(
        *arista(1, '192.0.2.1', remote_as=4200000001, state=6, description='upstream'),
        *bgp4('192.0.2.1', remote_as=23456, state=3, time=77, local_address='192.0.2.100'),
    ).values()
    assert (row['remote_as'], row['state'], row['mib']) == (4200000001, 6, 'ARISTA-BGP4V2-MIB')
    assert (row['established_seconds'], row['local_address']) == (77, '192.0.2.100')


@pytest.mark.parametrize(
    ('in_vrf', 'in_bgp4', 'same'),
    [
        ({'remote_as': 64501, 'state': 6}, {'remote_as': 64501, 'state': 6}, True),
        # Down, the state changes between two walks.
        ({'remote_as': 64501, 'state': 1}, {'remote_as': 64501, 'state': 3}, True),
        ({'remote_as': 4200000001, 'state': 6}, {'remote_as': 23456, 'state': 6}, True),
        ({'remote_as': 64501, 'state': 6}, {'remote_as': 64501, 'state': 3}, False),
        ({'remote_as': 64501, 'state': 6}, {'remote_as': 64502, 'state': 6}, False),
        ({'remote_as': 64501, 'state': 6}, {'remote_as': 23456, 'state': 6}, False),
        ({'remote_as': 64501, 'state': 6}, {'remote_as': 64501}, False),
        (
            {'remote_as': 64501, 'state': 6, 'router_id': '198.51.100.1'},
            {'remote_as': 64501, 'state': 6, 'router_id': '198.51.100.2'},
            False,
        ),
    ],
)
def test_session_in_a_vrf(in_vrf, in_bgp4, same):
    """BGP4-MIB knows no VRF: its row is that of the VRF only if nothing speaks against it."""
    rows = sessions(*arista(7, '192.0.2.1', **in_vrf), *bgp4('192.0.2.1', **in_bgp4, time=77))
    assert set(rows) == ({('7', '192.0.2.1')} if same else {('', '192.0.2.1'), ('7', '192.0.2.1')})
    assert rows['7', '192.0.2.1']['established_seconds'] == (77 if same else None)


def test_session_in_two_vrfs():
    """The same peer in two VRFs: which of them BGP4-MIB means is not guessed at."""
    told = {'remote_as': 64501, 'state': 6}
    rows = sessions(*arista(7, '192.0.2.1', **told), *arista(8, '192.0.2.1', **told), *bgp4('192.0.2.1', **told))
    assert set(rows) == {('', '192.0.2.1'), ('7', '192.0.2.1'), ('8', '192.0.2.1')}


def test_session_in_a_vrf_and_outside():
    """With a row of the default VRF, that is the one."""
    told = {'remote_as': 64501, 'state': 6}
    rows = sessions(
        *arista(1, '192.0.2.1', **told), *arista(8, '192.0.2.1', **told), *bgp4('192.0.2.1', **told, time=5)
    )
    assert {key: row['established_seconds'] for key, row in rows.items()} == {
        ('', '192.0.2.1'): 5,
        ('8', '192.0.2.1'): None,
    }


def test_default_vrf_with_another_as():
    """What BGP4-MIB says of a session with another AS is not mixed into the row that the vendor's MIB has."""
    rows = sessions(
        *arista(1, '192.0.2.1', remote_as=64501, state=6),
        *arista(8, '192.0.2.1', remote_as=64502, state=6),
        *bgp4('192.0.2.1', remote_as=64502, state=6, time=5),
    )
    assert {key: row['established_seconds'] for key, row in rows.items()} == {
        ('', '192.0.2.1'): None,
        ('8', '192.0.2.1'): 5,
    }


def test_established_though_halted():
    """There are agents that call every session halted: of one that is up, that is not believed."""
    (row,) = sessions(*arista(1, '192.0.2.1', remote_as=64501, state=6, admin=1)).values()
    assert row['enabled'] is None
    (row,) = sessions(*arista(1, '192.0.2.1', remote_as=64501, state=1, admin=1)).values()
    assert row['enabled'] is False


class Failing(Counting):
    error = NetOpsError('snmp:no-answer')

    async def walk(self, columns):
        walk = await super().walk(columns)
        return Walk(walk.columns, {columns[0]: self.error})


@pytest.mark.parametrize(('code', 'mib'), [('snmp:endless-walk', 2), ('unreachable:no-response', 1)])
def test_failure(code, mib):
    """What was read is kept. A failure of one MIB leaves the others, unless it ends the session."""
    client = Failing('\n'.join([*arista(1, '192.0.2.1', state=6), *bgp4('192.0.2.2', state=6)]))
    client.error = NetOpsError(code)
    result = collected(client)
    assert result.failure is client.error
    assert len(result.rows) == mib
    assert len(client.walks) == mib


def test_many_sessions():
    """A route server with a thousand peers."""
    lines = []
    for number in range(1000):
        address = f'10.{number // 250}.{number % 250}.1'
        lines += arista(1, address, remote_as=64512 + number, state=6) + bgp4(
            address, remote_as=64512 + number, state=6
        )
    rows = collected(RecordedClient('\n'.join(lines))).rows
    assert len(rows) == 1000
    assert {row['mib'] for row in rows} == {'ARISTA-BGP4V2-MIB'}
