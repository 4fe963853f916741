"""The scan of a device: what is read, and what is reported when part of it fails."""

import json

import pytest

from netops_worker.probes.snmp.collectors.interfaces import COLUMNS

from .agent import (
    END_OF_VIEW,
    GET,
    GETNEXT,
    Agent,
    below,
    gauge,
    integer,
    interface_objects,
    oid,
    parse,
    string,
    system_objects,
)
from .agent_v3 import AgentV3
from .scan_cases import (
    SILENCE,
    credential,
    device_objects,
    interfaces,
    scan,
    silent_from,
    v3_credential,
)

pytestmark = pytest.mark.filterwarnings('error')


# What is read


COMPLETE = {'complete': True, 'code': '', 'detail': ''}
COLLECTORS = ('inventory', 'platform', 'interfaces', 'addresses', 'neighbours', 'bgp')


def test_everything():
    """A scan gives all that the agent has, and says which credential it used and that each part is complete."""
    with Agent(device_objects()) as agent:
        result = scan(agent)
    assert (result.ok, result.error_code, result.credential) == (True, '', 1)
    assert set(result.data) == {
        'system', 'interfaces', 'addresses', 'inventory', 'neighbours', 'bgp', 'collectors',
    }  # fmt: skip
    assert result.data['system'] == {
        'name': 'sw1',
        'description': 'Cisco IOS Software, C3750 Software (C3750-IPSERVICESK9-M), Version 12.2(55)SE1, '
        'RELEASE SOFTWARE (fc1)',
        'object_id': '1.3.6.1.4.1.9.1.516',
        'uptime_ticks': 4711,
        'contact': 'noc@example.net',
        'location': 'Lab',
        'vendor': 'Cisco',
        'model': 'WS-C3750G-24TS',
        'os': 'IOS',
        'os_version': '12.2(55)SE1',
        'serial': 'FDO1234X56Y',
    }
    assert result.data['collectors'] == dict.fromkeys(COLLECTORS, COMPLETE)
    assert result.data['addresses'] == [{'address': '192.0.2.1', 'prefix_length': 24, 'interface': 1}]
    (component,) = result.data['inventory']
    assert (component['index'], component['model'], component['serial']) == (1001, 'WS-C3750G-24TS', 'FDO1234X56Y')
    (neighbour,) = result.data['neighbours']
    assert (neighbour['interface'], neighbour['system_name'], neighbour['port_id']) == (1, 'router1', 'ge-0/0/1')
    (peer,) = result.data['bgp']
    assert (peer['address'], peer['remote_as'], peer['state']) == ('192.0.2.2', 64500, 6)


def test_a_result_is_json():
    """What a scan gives can be sent and stored."""
    with Agent(device_objects()) as agent:
        data = scan(agent).data
    assert json.loads(json.dumps(data)) == data


def test_interfaces():
    """A row of the interface table has all its values."""
    with Agent(system_objects() | interface_objects(30)) as agent:
        rows = interfaces(agent)
    assert [row['index'] for row in rows] == list(range(1, 31))
    assert rows[9] == {
        'index': 10,
        'name': 'Gi0/10',
        'description': 'GigabitEthernet0/10',
        'alias': 'port 10',
        'type': 6,
        'mtu': 1500,
        'speed': 1_000_000_000,
        'mac': '00:11:22:33:00:0a',
        'admin_status': 1,
        'oper_status': 2,
        'last_change': 10,
    }


def test_an_agent_that_has_nothing_but_a_name():
    """Tables that the agent lacks are empty and complete, and cost no walk."""
    with Agent(system_objects()) as agent:
        result = scan(agent)
        assert len(agent.requests) <= 5
    assert result.ok
    assert {name: result.data[name] for name in ('interfaces', 'addresses', 'inventory', 'neighbours', 'bgp')} == {
        'interfaces': [], 'addresses': [], 'inventory': [], 'neighbours': [], 'bgp': [],
    }  # fmt: skip
    assert result.data['collectors'] == dict.fromkeys(COLLECTORS, COMPLETE)


@pytest.mark.parametrize('version', ['snmp-v1', 'snmp-v2c', 'snmp-v3'])
def test_all_versions_say_the_same(version):
    """The same agent gives the same over each version of SNMP."""
    with AgentV3(device_objects()) as agent:
        wanted = v3_credential(1) if version == 'snmp-v3' else credential(1, protocol=version)
        found = scan(agent, ['authentication-1' if version == 'snmp-v3' else 'public'], credentials=[wanted])
        plain = scan(agent)
    assert found.ok
    assert found.data == plain.data


def test_ipv6():
    """A device is scanned over IPv6 as well."""
    with Agent(system_objects(), address='::1') as agent:
        assert scan(agent).ok


def test_without_if_x_table():
    """An agent without ifXTable gives names and speeds from ifTable."""
    with Agent(system_objects() | interface_objects(2, high=False)) as agent:
        row = interfaces(agent)[0]
    assert (row['name'], row['alias'], row['speed']) == ('GigabitEthernet0/1', None, 100_000_000)


@pytest.mark.parametrize('column', COLUMNS)
def test_any_column_may_be_missing(column):
    """An agent that lacks one column loses that value only."""
    objects = system_objects() | interface_objects(3)
    objects = {name: value for name, value in objects.items() if not name.startswith(COLUMNS[column] + '.')}
    with Agent(objects) as agent:
        rows = interfaces(agent)
    assert [row['index'] for row in rows] == [1, 2, 3]
    assert all(row['name'] for row in rows)


def test_columns_may_have_holes():
    """A row that a column lacks is a row with a value less, and rows of any column count."""
    objects = system_objects() | interface_objects(3)
    del objects[f'{COLUMNS["ifMtu"]}.2']
    objects[f'{COLUMNS["ifAlias"]}.9'] = string('only here')
    with Agent(objects) as agent:
        rows = interfaces(agent)
    assert [(row['index'], row['mtu']) for row in rows] == [(1, 1500), (2, None), (3, 1500), (9, None)]
    assert rows[3]['name'] == ''
    assert rows[3]['mac'] == ''


@pytest.mark.parametrize(
    ('low', 'high', 'speed'),
    [
        (100_000_000, 1000, 1_000_000_000),
        (2**32 - 1, 100_000, 100_000_000_000),
        (64_000, 0, 64_000),
        (64_000, None, 64_000),
        (0, 0, 0),
        (2**32 - 1, 0, None),
        (2**32 - 1, None, None),
        (-5, None, None),
        (None, 10, 10_000_000),
        (None, None, None),
        # Rounded, or cut off: T1, E1, STM-1.
        (1_544_000, 2, 1_544_000),
        (2_048_000, 2, 2_048_000),
        (155_520_000, 155, 155_520_000),
        (155_520_000, 156, 155_520_000),
        (155_520_000, 157, 157_000_000),
        (1, 1, 1_000_000),
        (2_000_000, 1, 1_000_000),
        # What is left of 10 Gbit/s in 32 bits.
        (1_410_065_408, 10_000, 10_000_000_000),
        # bit/s in place of Mbit/s, and "unknown".
        (1_000_000_000, 1_000_000_000, 1_000_000_000),
        (0, 100_000_000, 0),
        (None, 220_000_000, None),
        (2**32 - 1, 2**32 - 1, None),
        (None, 99_999_999, 99_999_999_000_000),
    ],
)
def test_speed(low, high, speed):
    """ifHighSpeed counts when it says something that can be, unless ifSpeed says the same exactly; without it ifSpeed,
    if that is not at its limit.
    """
    objects = system_objects() | {f'{COLUMNS["ifDescr"]}.1': string('x')}
    if low is not None:
        objects[f'{COLUMNS["ifSpeed"]}.1'] = gauge(low) if low >= 0 else integer(low)
    if high is not None:
        objects[f'{COLUMNS["ifHighSpeed"]}.1'] = gauge(high)
    with Agent(objects) as agent:
        assert interfaces(agent)[0]['speed'] == speed


def test_odd_strings():
    """Latin-1, NULs and control characters in names come out as text that can be stored."""
    objects = system_objects(descr=string('Über\r\nzwei\0'.encode('latin-1')), name=string(b'sw\0\x071'))
    objects |= interface_objects(1) | {f'{COLUMNS["ifAlias"]}.1': string('São Paulo'.encode('latin-1') + b'\0')}
    with Agent(objects) as agent:
        result = scan(agent)
    assert result.data['system']['description'] == 'Über\nzwei'
    assert result.data['system']['name'] == 'sw1'
    assert result.data['interfaces'][0]['alias'] == 'São Paulo'


def test_wrong_types():
    """Values of another type than the MIB says are None or empty, and the rest is there."""
    objects = system_objects(name=integer(5), uptime=string('soon'), object_id=string('1.3'))
    objects |= interface_objects(1)
    for column in COLUMNS.values():
        objects[f'{column}.1'] = oid('1.3.6')
    with Agent(objects) as agent:
        result = scan(agent)
    system, row = result.data['system'], result.data['interfaces'][0]
    assert (system['name'], system['uptime_ticks'], system['object_id']) == (None, None, None)
    assert system['description'] == 'Lab switch'
    assert (row.pop('index'), row.pop('name'), row.pop('mac')) == (1, '', '')
    assert set(row.values()) == {None}


def test_partial_system_group():
    """A system group with single objects missing is a working credential."""
    objects = {name: value for name, value in system_objects().items() if not name.endswith('.4.0')}
    with Agent(objects) as agent:
        result = scan(agent)
    assert result.ok
    assert result.data['system']['contact'] is None


# Failures after the first answer


def test_an_endless_column_keeps_the_rest():
    """Of a column whose OIDs do not increase the good rows are kept, and the other columns are read."""
    start = parse(COLUMNS['ifMtu'])

    with Agent(system_objects() | interface_objects(3)) as agent:

        def hook(request):
            if request.kind == GET or start not in [name[: len(start)] for name in request.oids]:
                return None
            # Rows 1, 2, 1, 2 in the place of that column.
            width, place = len(request.oids), [name[: len(start)] for name in request.oids].index(start)
            binds, _, _ = agent._view.answer(request)
            return [request.reply(
                ((*start, 1 + number // width % 2), integer(9000)) if number % width == place else bind
                for number, bind in enumerate(binds)
            )]  # fmt: skip

        agent.hook = hook
        result = scan(agent)
    assert (result.ok, result.error_code) == (False, 'snmp:endless-walk')
    assert 'ifMtu' in result.error_detail
    assert result.credential == 1
    assert result.data['system']['name'] == 'sw1'
    assert [(row['mtu'] in (9000, None), row['alias']) for row in result.data['interfaces']] == [
        (True, 'port 1'), (True, 'port 2'), (True, 'port 3'),
    ]  # fmt: skip
    assert result.data['interfaces'][0]['mtu'] == 9000
    assert not result.data['collectors']['interfaces']['complete']
    assert result.data['collectors']['bgp'] == COMPLETE


def test_a_table_without_end():
    """An agent that invents rows for ever ends as snmp:endless-walk, with a bounded number of rows and requests."""
    start = parse(COLUMNS['ifDescr'])

    def hook(request):
        names = [name for name in request.oids if name[: len(start)] == start]
        if request.kind == GET or not names:
            return None
        if len(request.oids) > 1:
            # The others have nothing.
            return [request.reply(((*name, 1), string('x')) if name in names else (name, END_OF_VIEW)
                                  for name in request.oids)]  # fmt: skip
        index = names[0][10] if len(names[0]) > 10 else 0
        return [request.reply([((*start, row), string('x')) for row in range(index + 1, index + 101)])]

    with Agent(system_objects(), hook=hook) as agent:
        result = scan(agent, max_repetitions=100)
        assert len(agent.requests) < 215
    assert result.error_code == 'snmp:endless-walk'
    assert len(result.data['interfaces']) == 20_000


def test_a_device_that_dies_during_the_scan():
    """What was read before the device stopped answering is kept."""
    with Agent(device_objects() | interface_objects(30), hook=silent_from(COLUMNS['ifDescr'], 3)) as agent:
        result = scan(agent, timeout=SILENCE)
    assert (result.ok, result.error_code) == (False, 'unreachable:no-response')
    assert result.data['system']['model'] == 'WS-C3750G-24TS'
    assert len(result.data['inventory']) == 1
    assert 0 < len(result.data['interfaces']) < 30
    assert result.data['interfaces'][0]['alias'] == 'port 1'
    assert result.data['collectors']['interfaces']['code'] == 'unreachable:no-response'
    assert 'addresses' not in result.data['collectors']


def test_a_device_that_dies_after_the_interfaces():
    """So is all of the interfaces, if it died later."""
    with Agent(device_objects(), hook=silent_from('1.0.8802.1.1.2.1.4', 2)) as agent:
        result = scan(agent, timeout=SILENCE)
    assert (result.ok, result.error_code) == (False, 'unreachable:no-response')
    assert len(result.data['interfaces']) == 3
    assert result.data['collectors']['interfaces'] == COMPLETE
    assert result.data['collectors']['neighbours']['code'] == 'unreachable:no-response'
    assert 'bgp' not in result.data


def test_the_deadline_keeps_what_was_read():
    """A scan that takes too long ends with deadline:probe and what it had."""
    with Agent(device_objects() | interface_objects(30), hook=silent_from(COLUMNS['ifDescr'], 3)) as agent:
        result = scan(agent, timeout=30, deadline=1)
    assert (result.ok, result.error_code) == (False, 'deadline:probe')
    assert result.data['system']['name'] == 'sw1'
    assert 0 < len(result.data['interfaces']) < 30


def test_a_refused_column_keeps_the_rest():
    """A column that the agent answers with an error costs that column only."""
    with Agent(device_objects()) as agent:
        agent.hook = lambda request: [request.refuse(5)] if below(request, COLUMNS['ifAlias']) else None
        result = scan(agent)
    assert (result.error_code, result.error_detail) == ('snmp:error-status', 'ifAlias: genErr')
    assert [(row['name'], row['alias']) for row in result.data['interfaces']] == [
        ('Gi0/1', None), ('Gi0/2', None), ('Gi0/3', None),
    ]  # fmt: skip
    assert len(result.data['addresses']) == 1


ENTRIES = {
    'inventory': '1.3.6.1.2.1.47.1.1.1.1',
    'addresses': '1.3.6.1.2.1.4.20.1',
    'neighbours': '1.0.8802.1.1.2.1.4.1.1',
    'bgp': '1.3.6.1.2.1.15.3.1',
}


@pytest.mark.parametrize('name', ENTRIES)
@pytest.mark.parametrize('code', ['snmp:error-status', 'snmp:no-answer', 'credential:no-access', 'snmp:malformed'])
def test_a_collector_that_fails(name, code):
    """Of all but the interfaces a failure is noted next to the rows, and the scan has succeeded."""
    mishandle = {
        'snmp:error-status': lambda request: [request.refuse(5)],
        'credential:no-access': lambda request: [request.refuse(16)],
        'snmp:no-answer': lambda request: [],
        'snmp:malformed': lambda request: [b'garbage'],
    }
    with Agent(device_objects()) as agent:

        def hook(request):
            # Not to the question what there is.
            asked = below(request, ENTRIES[name]) and len(request.oids) < 20
            return mishandle[code](request) if asked else None

        agent.hook = hook
        result = scan(agent, timeout=SILENCE)
    assert (result.ok, result.error_code) == (True, '')
    noted = result.data['collectors']
    assert (noted[name]['complete'], noted[name]['code']) == (False, code)
    assert result.data[name] == []
    for other in {*ENTRIES, 'interfaces'} - {name}:
        assert noted[other] == COMPLETE
        assert result.data[other]
    # Serial number and model may be in the inventory.
    assert noted['platform']['complete'] is (name != 'inventory')
    assert 'system' not in noted


@pytest.mark.parametrize('name', ENTRIES)
def test_an_error_is_not_taken_for_absence(name):
    """Also where already the question what there is meets with it."""
    with Agent(device_objects()) as agent:
        agent.hook = lambda request: [request.refuse(5)] if below(request, ENTRIES[name]) else None
        result = scan(agent)
    noted = result.data['collectors']
    assert (noted[name]['complete'], noted[name]['code'], noted[name]['listed']) == (False, 'snmp:error-status', False)
    assert {other for other in {*ENTRIES, 'interfaces'} if noted[other] != COMPLETE} == {name}


def test_a_value_of_the_system_group_that_is_refused():
    """It is missing, not empty."""
    with Agent(device_objects()) as agent:
        agent.hook = lambda request: [request.refuse(5)] if below(request, '1.3.6.1.2.1.1.5') else None
        result = scan(agent)
    assert result.ok
    assert result.data['system']['name'] is None
    assert result.data['system']['description']
    noted = result.data['collectors']['system']
    assert (noted['complete'], noted['code']) == (False, 'snmp:error-status')


@pytest.mark.parametrize(
    ('column', 'name'), [('1.3.6.1.2.1.31.1.1.1.18', 'interfaces'), ('1.3.6.1.2.1.47.1.1.1.1.11', 'inventory')]
)
def test_rows_are_listed_though_a_column_is_refused(column, name):
    """So that rows which are gone can be told from those that could not be read."""
    with Agent(device_objects()) as agent:
        complete = scan(agent).data
        agent.hook = lambda request: [request.refuse(5)] if below(request, column) else None
        result = scan(agent).data
    assert len(result[name]) == len(complete[name]) > 0
    assert result['collectors'][name]['complete'] is False
    assert result['collectors'][name]['listed'] is True


def test_rows_are_not_listed_where_the_walk_broke_off():
    """Every column ends in the middle."""

    def hook(request):
        last = (*request.oids[0], 0)[10] if below(request, '1.3.6.1.2.1.2.2.1') else 0
        return [request.refuse(5)] if last >= 1 else None

    with Agent(device_objects()) as agent:
        agent.hook = hook
        result = scan(agent).data
    assert result['collectors']['interfaces']['listed'] is False


@pytest.mark.parametrize(('answer', 'code'), [('silence', 'snmp:no-answer'), ('garbage', 'snmp:malformed')])
def test_interfaces_that_fail(answer, code):
    """Without its interfaces a scan has failed, but the rest of the device is read."""
    with Agent(device_objects()) as agent:
        agent.hook = lambda request: (
            ([] if answer == 'silence' else [answer.encode()]) if below(request, '1.3.6.1.2.1.2.2') else None
        )
        result = scan(agent, timeout=0.1)
    assert (result.ok, result.error_code) == (False, code)
    assert result.credential == 1
    assert result.data['collectors']['interfaces']['code'] == code
    assert {name: bool(result.data[name]) for name in ENTRIES} == dict.fromkeys(ENTRIES, True)


def test_an_agent_without_getbulk():
    """An agent that is silent to GETBULK is read by GETNEXT, every row of it."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: None if request.kind in (GET, GETNEXT) else []
        rows = interfaces(agent, timeout=SILENCE)
    assert [row['alias'] for row in rows] == ['port 1', 'port 2', 'port 3']


@pytest.mark.parametrize('most', [1, 5, 20])
def test_an_agent_of_small_answers(most):
    """However little fits into its answers, all is read."""
    with Agent(device_objects()) as agent:
        whole = scan(agent).data
        agent.most = most
        assert scan(agent).data == whole
