"""The scan of a device: which credential, what is read, what is reported when it fails."""

import socket
import time

import pytest

from netops_worker.engine import Engine
from netops_worker.probes import default_probes
from netops_worker.probes.snmp.interfaces import COLUMNS
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

from .agent import (
    GET,
    GETNEXT,
    NO_SUCH_OBJECT,
    Agent,
    gauge,
    integer,
    interface_objects,
    oid,
    parse,
    string,
    system_objects,
)

SYSTEM = '1.3.6.1.2.1.1'
# Long, because a busy machine must not make an answer late; tests of silence give their own.
OPTIONS = {'timeout': 5, 'retries': 0}
SILENCE = 0.2
pytestmark = pytest.mark.filterwarnings('error')


def credential(number, *, protocol='snmp-v2c', reference=None, **parameters):
    return CredentialRef(
        number, f'c{number}', protocol, 'environment', reference or f'NETOPS_SECRET_C{number}', parameters
    )


def scan(agent, communities=('public',), *, credentials=None, address=None, **options):
    """The result of scanning `agent` with one credential per community, through the engine."""
    environment = {f'NETOPS_SECRET_C{number}': value for number, value in enumerate(communities, 1) if value}
    if credentials is None:
        credentials = [credential(number) for number in range(1, len(communities) + 1)]
    port = {'port': agent.port} if agent else {}
    task = make_task(
        1,
        address=address or (agent.address if agent else '127.0.0.1'),
        credentials=tuple(credentials),
        options={**OPTIONS, **port, **options},
    )
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
    Engine(MemorySource([task]), sink, default_probes(), resolver, worker='w').run()
    return sink.results[1]


def interfaces(agent, **options):
    result = scan(agent, **options)
    assert result.ok, result.error_code
    return result.data['interfaces']


# What is read


def test_system_and_interfaces():
    """A scan gives the system group and the interface table, and says which credential it used."""
    with Agent(system_objects() | interface_objects(30)) as agent:
        result = scan(agent)
    assert (result.ok, result.error_code, result.credential) == (True, '', 1)
    assert set(result.data) == {'system', 'interfaces'}
    assert result.data['system'] == {
        'name': 'sw1',
        'description': 'Lab switch',
        'object_id': '1.3.6.1.4.1.9.1.516',
        'uptime_ticks': 4711,
        'contact': 'noc@example.net',
        'location': 'Lab',
    }
    rows = result.data['interfaces']
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
    ],
)
def test_speed(low, high, speed):
    """ifHighSpeed counts when it says something, otherwise ifSpeed unless it is at its limit."""
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

    def hook(request):
        if request.kind != GET and request.oids[0][: len(start)] == start:
            return [request.reply([((*start, row), integer(9000)) for row in (1, 2, 1, 2)])]
        return None

    with Agent(system_objects() | interface_objects(3), hook=hook) as agent:
        result = scan(agent)
    assert (result.ok, result.error_code) == (False, 'snmp:endless-walk')
    assert 'ifMtu' in result.error_detail
    assert result.credential == 1
    assert result.data['system']['name'] == 'sw1'
    assert [(row['mtu'], row['alias']) for row in result.data['interfaces']] == [
        (9000, 'port 1'), (9000, 'port 2'), (None, 'port 3'),
    ]  # fmt: skip


def test_a_table_without_end():
    """An agent that invents rows for ever ends as snmp:endless-walk, with a bounded number of rows and requests."""

    def hook(request):
        if request.kind == GET:
            return None
        name = request.oids[0]
        index = name[10] if len(name) > 10 else 0
        return [request.reply([((*name[:10], row), string('x')) for row in range(index + 1, index + 101)])]

    with Agent(system_objects(), hook=hook) as agent:
        result = scan(agent, max_repetitions=100)
        assert len(agent.requests) < 210
    assert result.error_code == 'snmp:endless-walk'
    assert len(result.data['interfaces']) == 20_000


def test_a_device_that_dies_during_the_scan():
    """What was read before the device stopped answering is kept."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 4 else None
        result = scan(agent, timeout=SILENCE)
    assert (result.ok, result.error_code) == (False, 'unreachable:no-response')
    assert result.data['system']['name'] == 'sw1'
    assert [(row['description'], row['type'], row['alias']) for row in result.data['interfaces']] == [
        (f'GigabitEthernet0/{index}', 6, None) for index in (1, 2, 3)
    ]


def test_the_deadline_keeps_what_was_read():
    """A scan that takes too long ends with deadline:probe and what it had."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 2 else None
        result = scan(agent, timeout=30, deadline=1)
    assert (result.ok, result.error_code) == (False, 'deadline:probe')
    assert result.data['system']['name'] == 'sw1'
    assert len(result.data['interfaces']) == 3


def test_a_refused_column_keeps_the_rest():
    """A column that the agent answers with an error costs that column only."""
    start = parse(COLUMNS['ifAlias'])

    def hook(request):
        return [request.refuse(5)] if request.oids[0][: len(start)] == start else None

    with Agent(system_objects() | interface_objects(2), hook=hook) as agent:
        result = scan(agent)
    assert (result.error_code, result.error_detail) == ('snmp:error-status', 'ifAlias: genErr')
    assert [(row['name'], row['alias']) for row in result.data['interfaces']] == [('Gi0/1', None), ('Gi0/2', None)]


def test_an_agent_without_getbulk():
    """An agent that is silent to GETBULK is read by GETNEXT, every row of it."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: None if request.kind in (GET, GETNEXT) else []
        rows = interfaces(agent, timeout=SILENCE)
    assert [row['alias'] for row in rows] == ['port 1', 'port 2', 'port 3']


# Credentials


def test_credentials_are_tried_in_order():
    """The first credential that works is used and remembered; none is tried after it."""
    with Agent(system_objects(), community='right') as agent:
        result = scan(agent, ['wrong', 'right', 'unused'], timeout=SILENCE)
        communities = [request.community for request in agent.requests]
    assert (result.ok, result.credential) == (True, 2)
    assert communities[:2] == [b'wrong', b'right']
    assert b'unused' not in communities


@pytest.mark.parametrize(('options', 'tries'), [({}, 4), ({'max_credentials': 2}, 2)])
def test_the_tries_are_bounded(options, tries):
    """Not more credentials are tried than allowed."""
    with Agent(hook=lambda request: []) as agent:
        result = scan(agent, ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'], timeout=0.05, **options)
        assert len(agent.requests) == tries
    assert result.error_code == 'unreachable:no-response'


@pytest.mark.parametrize('credentials', [[], [credential(1, protocol='ssh'), credential(2, protocol='snmp-v3')]])
def test_no_credential(credentials):
    """Without a credential of SNMP v2c nothing is sent."""
    with Agent(system_objects()) as agent:
        result = scan(agent, credentials=credentials)
        assert agent.requests == []
    assert result.error_code == 'credential:none'


def test_a_dead_device_costs_the_first_get_only():
    """A silent device costs its time-outs for one GET per credential, and nothing more."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        result = scan(agent, ['a1', 'b2'], retries=1, timeout=0.1)
        assert time.monotonic() - begin < 4 * 0.1 + 0.5
        assert [request.kind for request in agent.requests] == [GET] * 4
    assert result.error_code == 'unreachable:no-response'
    assert result.data == {}
    assert result.credential is None


def test_a_closed_port_ends_the_tries():
    """A closed port is reported at once, without trying further credentials."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(('127.0.0.77', 0))
        begin = time.monotonic()
        result = scan(None, ['one', 'two', 'three'], port=holder.getsockname()[1], timeout=20)
    assert result.error_code == 'unreachable:port-closed'
    # Not 'also tried'
    assert 'c2' not in result.error_detail
    assert time.monotonic() - begin < 5


def test_a_view_without_anything():
    """A credential that may read nothing of the system group is no working credential."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: (
            [request.reply([(name, NO_SUCH_OBJECT) for name in request.oids])]
            if request.community == b'nothing'
            else None
        )
        assert scan(agent, ['nothing']).error_code == 'credential:no-access'
        assert scan(agent, ['nothing', 'public']).credential == 2


def test_a_missing_secret_does_not_stop_the_others():
    """A credential whose secret is missing is passed over."""
    with Agent(system_objects()) as agent:
        assert scan(agent, [None, 'public']).credential == 2


@pytest.mark.parametrize(
    ('communities', 'answers', 'code'),
    [
        (['a1', None], [], 'secret:not-found'),
        ([None, 'a1'], [], 'secret:not-found'),
        ([None, None], [], 'secret:not-found'),
        (['a1', 'b2'], [], 'unreachable:no-response'),
        (['a1', None], ['garbage'], 'snmp:malformed'),
        ([None, 'a1'], ['refuse'], 'credential:no-access'),
        (['a1', 'b2'], ['refuse', 'garbage'], 'credential:no-access'),
        (['a1', 'b2'], ['garbage', 'refuse'], 'credential:no-access'),
        (['a1', 'b2'], ['silence', 'garbage'], 'snmp:malformed'),
    ],
)
def test_the_most_useful_failure_is_reported(communities, answers, code):
    """What the device said comes before a secret that is missing, and that before silence."""
    behaviour = {'garbage': lambda request: [b'garbage'], 'refuse': lambda request: [request.refuse(16)]}
    by_community = dict(zip([value.encode() for value in communities if value], answers, strict=False))

    def hook(request):
        return behaviour.get(by_community.get(request.community), lambda request: [])(request)

    with Agent(hook=hook) as agent:
        result = scan(agent, communities, timeout=SILENCE)
    assert (result.ok, result.error_code) == (False, code)
    assert 'c1' in result.error_detail
    if len(communities) == 2:
        assert 'c2' in result.error_detail


def test_no_secret_in_a_result():
    """Neither what worked nor what did not appears anywhere in a result."""
    with Agent(system_objects(), community='canary-right') as agent:
        for communities in (['canary-wrong', 'canary-right'], ['canary-wrong', 'canary-other']):
            assert 'canary' not in repr(scan(agent, communities, timeout=SILENCE))


# Options


def test_the_port_of_the_credential():
    """A credential may name the port; the option of the task wins over it; then it is 161."""
    with Agent(system_objects()) as agent:
        assert scan(None, credentials=[credential(1, port=agent.port)]).ok
        assert scan(agent, credentials=[credential(1, port=1)]).ok


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('port', 0), ('port', 65536), ('port', '161'), ('port', 161.5), ('port', True),
        ('timeout', 0), ('timeout', -1), ('timeout', 61), ('timeout', 'x'), ('timeout', float('nan')),
        ('retries', -1), ('retries', 11), ('retries', 1.5), ('retries', [1]),
        ('max_repetitions', 0), ('max_repetitions', 101), ('max_repetitions', 10**400),
        ('max_credentials', 0), ('max_credentials', 17),
        ('deadline', 0), ('deadline', 3601), ('deadline', float('inf')), ('deadline', False),
    ],
)  # fmt: skip
def test_wrong_options(name, value):
    """An option out of its range is refused by name before anything is sent."""
    with Agent(system_objects()) as agent:
        result = scan(agent, **{name: value})
        assert agent.requests == []
    assert result.error_code == 'options:invalid'
    assert name in result.error_detail


@pytest.mark.parametrize('port', [0, 'snmp', True])
def test_a_wrong_port_of_a_credential(port):
    """A wrong port parameter of a credential is reported by the credential's name."""
    result = scan(None, credentials=[credential(1, port=port)])
    assert result.error_code == 'options:invalid'
    assert 'c1' in result.error_detail
    assert 'port' in result.error_detail


def test_other_options_are_ignored():
    """Options that are not set, or meant for something else, do no harm."""
    with Agent(system_objects()) as agent:
        assert scan(agent, deadline=None, max_repetitions=None, colour='blue').ok


def test_no_system_without_address():
    """A host name is not resolved by this version, and nothing is sent."""
    assert scan(None, address='localhost').error_code == 'target:no-address'


def test_the_first_get_asks_for_the_system_group():
    """The GET that decides over a credential is the one that reads the system group."""
    with Agent(system_objects()) as agent:
        scan(agent)
        first = agent.requests[0]
    assert first.kind == GET
    assert first.oids == [parse(f'{SYSTEM}.{number}.0') for number in range(1, 7)]
