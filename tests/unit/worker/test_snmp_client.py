"""The SNMP session tells apart what can go wrong, and reads on where an agent is merely odd."""

import os
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import WalkError
from netops_worker.probes.snmp.gufo import _socket_error

from .agent import (
    GET,
    GETBULK,
    GETNEXT,
    Agent,
    Request,
    interface_objects,
    oid,
    parse,
    string,
    system_objects,
    ticks,
)
from .snmp_session import (
    AUTHORIZATION_ERROR,
    DESCR,
    GEN_ERR,
    NAME,
    NO_ACCESS,
    NO_SUCH_NAME,
    TIMEOUT,
    TOO_BIG,
    UPTIME,
    fails,
    get,
    session,
    walk,
)

pytestmark = pytest.mark.filterwarnings('error')


# Answers


@pytest.mark.parametrize('address', ['127.0.0.1', '::1'])
def test_get(address):
    """One GET brings all values of the objects that exist, over IPv4 and IPv6; others are missing."""
    with Agent(system_objects(), address=address) as agent:
        assert session(agent, get(NAME, UPTIME, '1.3.6.1.9.9.0')) == {NAME: b'sw1', UPTIME: 4711}
        assert len(agent.requests) == 1


@pytest.mark.parametrize('count', [0, 1, 24, 25, 26, 50, 60])
def test_walk(count):
    """A walk gives the rows of its column in order and nothing of the next one."""
    with Agent(system_objects() | interface_objects(count)) as agent:
        rows = session(agent, walk())
    assert rows == [(str(index), f'GigabitEthernet0/{index}'.encode()) for index in range(1, count + 1)]


def test_walk_to_the_end_of_the_view():
    """A walk of the very last column ends where the agent has nothing more."""
    column = '1.3.6.1.2.1.31.1.1.1.18'
    with Agent(interface_objects(30)) as agent:
        assert len(session(agent, walk(column))) == 30
        assert session(agent, walk('1.3.6.1.4.1')) == []


def test_walk_with_long_indexes():
    """Indexes of several numbers come as dotted text, in their numeric order, also mixed with short ones."""
    rows = ['2', '10', '10.0.0.1', '10.0.0.2', '10.0.0.10', '192.0.2.1', '4294967295.1']
    with Agent({f'{DESCR}.{row}': string(row) for row in rows}) as agent:
        assert session(agent, walk(), max_repetitions=3) == [(row, row.encode()) for row in rows]


def test_walk_asks_for_max_repetitions():
    """Rows are asked for as many at a time as the option says."""
    with Agent(interface_objects(60)) as agent:
        session(agent, walk(), max_repetitions=50)
        assert [request.repetitions for request in agent.requests] == [50, 50]


# Silence and other failures


def test_silence():
    """An agent that does not answer costs time-out x tries and is unreachable:no-response."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        assert fails(agent, get(NAME), retries=2, timeout=TIMEOUT).code == 'unreachable:no-response'
        assert 3 * TIMEOUT <= time.monotonic() - begin < 3 * TIMEOUT + 0.5
        assert len(agent.requests) == 3


def test_a_lost_answer_is_asked_for_again():
    """One lost packet does not fail a request."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [] if len(agent.requests) == 1 else None
        assert session(agent, get(NAME), retries=1, timeout=TIMEOUT) == {NAME: b'sw1'}


def test_a_wrong_community_is_silence():
    """SNMP v2c does not tell a wrong community from a dead device."""
    with Agent(system_objects()) as agent:
        assert fails(agent, get(NAME), community='wrong', timeout=TIMEOUT).code == 'unreachable:no-response'


def test_a_closed_port_is_told_at_once(closed_port):
    """A closed port is unreachable:port-closed without waiting for any time-out, also when asked again."""

    async def twice(client):
        with pytest.raises(NetOpsError, match='port-closed'):
            await client.get([NAME])
        await client.get([NAME])

    begin = time.monotonic()
    assert fails(closed_port, twice, timeout=10, retries=3).code == 'unreachable:port-closed'
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize('number', [101, 113, 13, 1, 22])
def test_routing_errors(number):
    """What the kernel says about routes (no network, no host, prohibited, blackhole) is unreachable:network."""
    error = _socket_error(OSError(number, os.strerror(number)))
    assert (error.code, error.detail) == ('unreachable:network', os.strerror(number))
    assert _socket_error(OSError(f'{os.strerror(number)} (os error {number})')).code == 'unreachable:network'


def test_no_more_descriptors():
    """A process out of file descriptors does not blame the device."""
    assert _socket_error(OSError('Too many open files (os error 24)')).code == 'internal:error'


def test_broadcast_is_no_device():
    """An address that the kernel refuses to send to is unreachable:network."""
    agent = Agent(address='255.255.255.255')
    agent.port = 161
    assert fails(agent, get(NAME)).code == 'unreachable:network'


@pytest.mark.parametrize('address', ['', 'switch1', '127.0.0.1/24', '1.2.3', 'fe80::1%eth0 '])
def test_only_addresses(address):
    """A host name or prefix is not sent anywhere."""
    agent = Agent(address=address)
    agent.port = 161
    assert fails(agent, get(NAME)).code in ('target:no-address', 'unreachable:network')


@pytest.mark.parametrize('community', ['x' * 5000, 'pub\udcff'])
def test_an_impossible_community(community):
    """A community that cannot be sent is refused, and not shown."""
    with Agent(system_objects()) as agent:
        error = fails(agent, get(NAME), community=community)
    assert error.code == 'secret:refused'
    assert 'xxx' not in str(error)
    assert 'pub' not in str(error)


# Error status


@pytest.mark.parametrize('status', [NO_ACCESS, AUTHORIZATION_ERROR])
@pytest.mark.parametrize('action', [get(NAME), get(NAME, UPTIME), walk()], ids=['get', 'get two', 'walk'])
def test_no_access(status, action):
    """noAccess and authorizationError mean that the credential may not read this."""
    with Agent(system_objects(), hook=lambda request: [request.refuse(status)]) as agent:
        assert fails(agent, action).code == 'credential:no-access'


@pytest.mark.parametrize('action', [get(NAME), get(NAME, UPTIME), walk()], ids=['get', 'get two', 'walk'])
def test_error_status(action):
    """Any other error status is told by its name."""
    with Agent(system_objects(), hook=lambda request: [request.refuse(GEN_ERR)]) as agent:
        error = fails(agent, action)
    assert (error.code, error.detail) == ('snmp:error-status', 'genErr')


@pytest.mark.parametrize('status', [TOO_BIG, NO_SUCH_NAME, GEN_ERR])
def test_a_refused_get_is_split(status):
    """An agent that refuses a GET of several objects is asked for each, and the good ones are kept."""
    bad = parse('1.3.6.1.2.1.1.4.0')

    def hook(request):
        refuse = len(request.oids) > 1 or request.oids == [bad]
        return [request.refuse(status)] if refuse else None

    with Agent(system_objects(), hook=hook) as agent:
        assert session(agent, get(NAME, '1.3.6.1.2.1.1.4.0', UPTIME)) == {NAME: b'sw1', UPTIME: 4711}


# Agents that mishandle GETBULK


def only_up_to(most, mishandle):
    def hook(request):
        return mishandle(request) if request.kind == GETBULK and request.repetitions > most else None

    return hook


MISHANDLED = {
    'tooBig': lambda request: [request.refuse(TOO_BIG)],
    'tooBig without varbinds': lambda request: [request.reply([], TOO_BIG)],
    'genErr': lambda request: [request.refuse(GEN_ERR)],
    'silence': lambda request: [],
    'garbage': lambda request: [b'\x30\x84garbage'],
}


@pytest.mark.parametrize('most', [10, 0], ids=['fewer', 'getnext'])
@pytest.mark.parametrize('mishandle', MISHANDLED.values(), ids=MISHANDLED)
def test_falls_back_to_smaller_requests(mishandle, most):
    """If large GETBULKs fail while GETs work, ten rows are asked for, and then one; nothing is lost."""
    with Agent(system_objects() | interface_objects(30), hook=only_up_to(most, mishandle)) as agent:
        rows = session(agent, walk(), timeout=TIMEOUT)
        assert [index for index, _ in rows] == [str(index) for index in range(1, 31)]
        kinds = {(request.kind, request.repetitions) for request in agent.requests}
    assert (GETBULK, 10) in kinds
    assert ((GETNEXT, 0) in kinds) == (most == 0)


def test_continues_where_the_larger_request_failed():
    """A fall-back in the middle of a column neither repeats nor skips rows, and stays for the next column."""
    rows = 60

    def hook(request):
        late = request.oids[0] > parse(f'{DESCR}.25')
        return [request.refuse(TOO_BIG)] if request.kind == GETBULK and request.repetitions > 10 and late else None

    async def two(client):
        return await client.walk(DESCR), await client.walk('1.3.6.1.2.1.2.2.1.3')

    with Agent(interface_objects(rows), hook=hook) as agent:
        first, second = session(agent, two)
        sizes = [request.repetitions for request in agent.requests]
    assert [int(index) for index, _ in first] == [int(index) for index, _ in second] == list(range(1, rows + 1))
    assert sizes[:3] == [25, 25, 25]
    assert set(sizes[3:]) == {10}


def test_a_device_that_dies_in_a_walk():
    """If the agent is gone, the walk fails with what it had, without trying every smaller request."""
    with Agent(system_objects() | interface_objects(60)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 1 else None
        error = fails(agent, walk(), timeout=TIMEOUT)
        assert len(agent.requests) == 3
        assert agent.requests[-1].kind == GET
    assert isinstance(error, WalkError)
    assert error.code == 'unreachable:no-response'
    assert len(error.rows) == 25


def test_no_such_name_ends_a_walk():
    """noSuchName, which says in SNMP v1 that there is nothing more, ends a walk in v2c as well."""

    def hook(request):
        return [request.refuse(NO_SUCH_NAME)] if request.oids[0] >= parse(f'{DESCR}.25') else None

    with Agent(interface_objects(25), hook=hook) as agent:
        assert len(session(agent, walk())) == 25


# Walks without end


def counting(step):
    """An agent that answers any GETBULK with rows that follow the one it was asked for, `step` apart."""

    def hook(request):
        last = request.oids[0][len(parse(DESCR)) :] or (0,)
        rows = range(last[0] + step, last[0] + step * (request.repetitions + 1), step)
        return [request.reply([((*parse(DESCR), max(row, 0)), string('x')) for row in rows])]

    return hook


def test_rows_without_end():
    """A walk of more rows than allowed ends, and keeps as many as are allowed."""
    with Agent(hook=counting(1)) as agent:
        error = fails(agent, walk(), max_rows=110)
        assert len(agent.requests) == 5
    assert (error.code, error.capped, len(error.rows)) == ('snmp:endless-walk', True, 110)


def test_as_many_rows_as_allowed():
    """A table of exactly the allowed size is complete."""
    with Agent(interface_objects(50)) as agent:
        assert len(session(agent, walk(), max_rows=50)) == 50


def looping(request):
    """Gives rows 1, 2, 3 again and again."""
    return [request.reply([((*parse(DESCR), row), string('x')) for row in (1, 2, 3)])]


def standing(request):
    """Returns the object it was asked to go on from."""
    return [request.reply([(request.oids[0], string('x'))])]


def disordered(request):
    return [request.reply([((*parse(DESCR), row), string('x')) for row in (1, 2, 5, 4, 6)])]


def disordered_tuples(request):
    names = [(1,), (1, 5), (2, 7), (2, 6), (3,)]
    return [request.reply([((*parse(DESCR), *name), string('x')) for name in names])]


@pytest.mark.parametrize(
    ('hook', 'rows'),
    [(looping, ['1', '2', '3']), (standing, []), (disordered, ['1', '2', '5']),
     (disordered_tuples, ['1', '1.5', '2.7'])],
)  # fmt: skip
def test_rows_that_do_not_increase(hook, rows):
    """A walk whose OIDs do not increase ends at once and keeps the rows in order."""
    with Agent(hook=hook) as agent:
        error = fails(agent, walk())
        assert len(agent.requests) <= 2
    assert (error.code, error.capped) == ('snmp:endless-walk', False)
    assert [index for index, _ in error.rows] == rows


# Time


def test_the_deadline_ends_a_session():
    """When the time of the probe is used up nothing more is sent, and waiting ends with it."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        assert fails(agent, get(NAME), timeout=10, retries=5, seconds=0.3).code == 'deadline:probe'
        assert time.monotonic() - begin < 1
        assert len(agent.requests) == 1


def test_the_deadline_keeps_the_rows():
    """A walk that is too slow ends with deadline:probe and the rows it had."""
    with Agent(interface_objects(60)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 1 else None
        error = fails(agent, walk(), timeout=10, seconds=0.5)
    assert error.code == 'deadline:probe'
    assert len(error.rows) == 25


@pytest.mark.parametrize(('seconds', 'lease', 'code'), [(-1.0, 5.0, 'deadline:probe'), (-1.0, -0.5, 'lease:lost')])
def test_nothing_is_sent_after_the_end(seconds, lease, code):
    """After the deadline, or the end of the lease, not one packet is sent."""
    with Agent(system_objects()) as agent:
        assert fails(agent, get(NAME), seconds=seconds, lease=lease).code == code
        assert agent.requests == []


def test_close_frees_the_socket():
    """A session leaves no descriptor behind, and close() may be called twice."""

    async def close(client):
        await client.get([NAME])
        client.close()

    with Agent(system_objects()) as agent:
        session(agent, close)
        before = len(os.listdir('/proc/self/fd'))
        session(agent, close)
        assert len(os.listdir('/proc/self/fd')) == before


def test_values_of_all_kinds():
    """Integers, ticks, text, OIDs and addresses arrive as int, bytes and dotted text."""
    objects = {
        f'{DESCR}.1': b'\x02\x01\xff',
        f'{DESCR}.2': ticks(2**32 - 1),
        f'{DESCR}.3': string(b'\x00\xff'),
        f'{DESCR}.4': oid('1.3.6.1.4.1.4294967295'),
        f'{DESCR}.5': b'\x40\x04\xc0\x00\x02\x01',
        f'{DESCR}.6': b'\x46\x09\x00' + b'\xff' * 8,
    }
    with Agent(objects) as agent:
        values = [value for _, value in session(agent, walk())]
    assert values == [-1, 2**32 - 1, b'\x00\xff', '1.3.6.1.4.1.4294967295', '192.0.2.1', 2**64 - 1]


def test_the_agent_of_these_tests_reads_requests():
    """The fake agent understands what the client sends; otherwise the tests above would prove little."""
    with Agent(interface_objects(3)) as agent:
        session(agent, walk())
        assert agent.requests[0].oids == [parse(DESCR)]
        assert isinstance(agent.requests[0], Request)
