"""The BGP MIBs of vendors, each from a recording."""

import asyncio
from pathlib import Path

import pytest

from netops_worker.probes.snmp.collectors.bgp import ROOTS, collect_bgp

from .recorded import RecordedClient

RECORDINGS = Path(__file__).parent / 'recordings'


def recorded(name):
    client = RecordedClient.load(RECORDINGS / f'{name}.snmprec')
    result = asyncio.run(collect_bgp(client, asyncio.run(client.present(ROOTS))))
    return {(row['vrf'], row['address']): row for row in result.rows}


def told(row, *names):
    return tuple(row[name] for name in names)


def test_cisco():
    """Both versions of IP and four octets of AS; the sums of the address families; the old table for the rest."""
    rows = recorded('bgp_cisco')
    assert set(rows) == {('', '192.0.2.1'), ('', '192.0.2.2'), ('', '2001:db8::1')}
    first, second, third = rows.values()
    assert told(first, 'mib', 'remote_as', 'local_as', 'router_id', 'local_address') == (
        'CISCO-BGP4-MIB',
        4200000001,
        64500,
        '198.51.100.1',
        '192.0.2.100',
    )
    # 12 announced and 5 of them withdrawn, and 3 of the second address family
    assert told(first, 'prefixes_accepted', 'prefixes_advertised', 'last_error') == (120, 10, '')
    assert told(second, 'mib', 'enabled', 'prefixes_accepted', 'prefixes_advertised') == ('BGP4-MIB', False, 0, 0)
    # More withdrawn than announced makes no number.
    assert told(third, 'established_seconds', 'transitions', 'last_error') == (601, 2, '4.4')
    assert told(third, 'prefixes_accepted', 'prefixes_advertised') == (7, None)


def test_cisco_vrf():
    """VRFs by name, the default one without; one that has no name by its number."""
    rows = recorded('bgp_cisco_vrf')
    assert {key: told(row, 'remote_as', 'state', 'local_as') for key, row in rows.items()} == {
        ('', '192.0.2.1'): (64501, 6, 64500),
        ('3', '192.0.2.1'): (64510, 1, None),
        ('blue', '192.0.2.1'): (64509, 6, None),
        ('blue', '2001:db8::9'): (64511, 2, None),
    }


BGP4V2 = {
    'vrf': '',
    'address': '192.0.2.1',
    'remote_as': 4200000002,
    'local_as': 64500,
    'local_address': '192.0.2.100',
    'router_id': '198.51.100.2',
    'state': 6,
    'enabled': True,
    'established_seconds': 3600,
    'transitions': 2,
    'last_error': '6.4',
    'description': 'upstream',
}


def test_arista():
    rows = recorded('bgp_arista')
    assert rows['', '192.0.2.1'] == {
        **BGP4V2,
        'prefixes_accepted': 980,
        'prefixes_advertised': 10,
        'mib': 'ARISTA-BGP4V2-MIB',
    }
    assert told(rows['3', '2001:db8::3'], 'remote_as', 'state', 'prefixes_accepted') == (64503, 1, None)


def test_frrouting():
    """The same MIB below another number, with VRFs in a column and without the number of octets in the index."""
    rows = recorded('bgp_frr')
    assert rows.pop(('', '192.0.2.1')) == {
        **BGP4V2,
        'prefixes_accepted': None,
        'prefixes_advertised': None,
        'mib': 'BGP4V2-MIB',
    }
    assert {key: row['state'] for key, row in rows.items()} == {('12', '2001:db8::3'): 1}


@pytest.mark.parametrize(
    ('objects', 'mib'),
    [
        ('1.3.6.1.4.1.674.11000.5000.200.1.1', 'DELLEMC-OS10-BGP4V2-MIB'),
        ('1.3.6.1.4.1.1991.3.5.1.1', 'BGP4V2-MIB'),
    ],
)
def test_bgp4v2_elsewhere(objects, mib):
    """Every vendor's copy of the draft is read alike."""
    text = (RECORDINGS / 'bgp_arista.snmprec').read_text().replace('1.3.6.1.4.1.30065.4.1.1.', f'{objects}.')
    client = RecordedClient(text)
    rows = asyncio.run(collect_bgp(client, asyncio.run(client.present(ROOTS)))).rows
    assert rows[0] == {**BGP4V2, 'prefixes_accepted': 980, 'prefixes_advertised': 10, 'mib': mib}


def test_juniper():
    """Counts are found by the number of the peer; a routing instance has only a number."""
    rows = recorded('bgp_juniper')
    assert rows['', '192.0.2.1'] == {
        'vrf': '',
        'address': '192.0.2.1',
        'remote_as': 64501,
        'local_as': 64500,
        'local_address': '192.0.2.100',
        'router_id': '198.51.100.1',
        'state': 6,
        'enabled': True,
        'established_seconds': 77,
        'transitions': 4,
        'prefixes_accepted': 24,
        'prefixes_advertised': 6,
        'last_error': '6.0',
        'description': '',
        'mib': 'BGP4-V2-MIB-JUNIPER',
    }
    assert told(rows['7', '2001:db8::1'], 'router_id', 'prefixes_accepted', 'last_error') == ('', 0, '')


def test_force10():
    """The same draft with other columns."""
    (row,) = recorded('bgp_force10').values()
    assert told(row, 'vrf', 'address', 'remote_as', 'local_as', 'state', 'established_seconds', 'transitions') == (
        '',
        '192.0.2.1',
        64501,
        64500,
        6,
        55,
        1,
    )
    assert told(row, 'prefixes_accepted', 'prefixes_advertised', 'last_error') == (8, 9, '6.4')


def test_huawei():
    """One session with two address families is one row; those of VPN instances have their names."""
    rows = recorded('bgp_huawei')
    assert set(rows) == {('', '192.0.2.1'), ('blue', '192.0.2.1')}
    public, blue = rows.values()
    assert told(public, 'prefixes_accepted', 'prefixes_advertised', 'local_address', 'description') == (
        130,
        11,
        '192.0.2.100',
        'upstream',
    )
    assert told(blue, 'remote_as', 'state', 'last_error', 'description', 'local_address') == (
        4200000003,
        3,
        '2.2',
        'branch',
        '',
    )


def test_timetra():
    """Virtual routers by name. What was accepted is what was received without the rejected."""
    rows = recorded('bgp_timetra')
    assert set(rows) == {('', '192.0.2.1'), ('9', '192.0.2.9'), ('vprn100', '2001:db8::1')}
    base = rows['', '192.0.2.1']
    assert told(base, 'remote_as', 'local_address', 'enabled', 'description') == (
        4200000004,
        '192.0.2.100',
        True,
        'upstream',
    )
    assert told(base, 'prefixes_accepted', 'prefixes_advertised') == (130, 9)
    # From BGP4-MIB, which says AS_TRANS for the peer.
    assert told(base, 'established_seconds', 'transitions') == (4000, 9)
    assert told(rows['vprn100', '2001:db8::1'], 'enabled', 'prefixes_accepted') == (False, 0)
    assert told(rows['9', '192.0.2.9'], 'prefixes_accepted', 'prefixes_advertised') == (None, 1)
    assert {key: row['last_error'] for key, row in rows.items()} == {
        ('', '192.0.2.1'): '',
        ('9', '192.0.2.9'): '',
        ('vprn100', '2001:db8::1'): '6.2',
    }


def test_cumulus_vrf():
    """Unnumbered peers by their link-local address; one that has not shown it yet has no address to be known by."""
    rows = recorded('bgp_cumulus_vrf')
    assert {key: told(row, 'remote_as', 'state', 'description') for key, row in rows.items()} == {
        ('', '192.0.2.1'): (64502, 6, 'leaf'),
        ('', 'fe80::2'): (64501, 6, ''),
        ('mgmt', '2001:db8::1'): (64503, 1, ''),
    }
    assert {row['local_as'] for row in rows.values()} == {64500}


def test_cumulus():
    rows = recorded('bgp_cumulus')
    assert {key: told(row, 'remote_as', 'local_address', 'mib') for key, row in rows.items()} == {
        ('', '192.0.2.1'): (64501, '192.0.2.100', 'CUMULUS-BGPUN-MIB'),
        ('', 'fe80::2'): (64502, 'fe80::1', 'CUMULUS-BGPUN-MIB'),
    }
