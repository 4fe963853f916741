"""The SNMP session tells apart what can go wrong, and reads on where an agent is merely odd: GET, and the transport."""

import asyncio
import contextlib
import os
import socket
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.transport import _socket_error, resolve

from .agent import (
    GET,
    NULL,
    REPORT,
    Agent,
    Request,
    integer,
    interface_objects,
    oid,
    parse,
    string,
    system_objects,
    ticks,
    tlv,
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
    V1,
    V2C,
    fails,
    get,
    rows,
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


def test_get_in_v1():
    """SNMP v1 refuses a GET because of one object it lacks: the others are asked for one by one."""
    with Agent(system_objects()) as agent:
        assert session(agent, get(NAME, UPTIME), version=V1) == {NAME: b'sw1', UPTIME: 4711}
        assert session(agent, get(NAME, '1.3.6.1.9.9.0', UPTIME), version=V1) == {NAME: b'sw1', UPTIME: 4711}
        assert session(agent, get('1.3.6.1.9.9.0'), version=V1) == {}
        assert {request.version for request in agent.requests} == {V1}


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
    values = [-1, 2**32 - 1, b'\x00\xff', '1.3.6.1.4.1.4294967295', '192.0.2.1', 2**64 - 1]
    with Agent(objects) as agent:
        assert list(rows(agent).values()) == values
        assert session(agent, get(*objects)) == dict(zip(objects, values, strict=True))


def test_the_agent_of_these_tests_reads_requests():
    """The fake agent understands what the client sends; otherwise these tests would prove little."""
    with Agent(interface_objects(3)) as agent:
        session(agent, walk())
        assert agent.requests[0].oids == [parse(DESCR)]
        assert isinstance(agent.requests[0], Request)


def test_each_request_has_its_own_id():
    """Request ids differ within a session and between sessions, so that no answer fits another request."""

    async def twice(client):
        await client.get([NAME])
        await client.get([NAME])

    with Agent(system_objects()) as agent:
        session(agent, twice)
        session(agent, twice)
        ids = [request.id for request in agent.requests]
    assert len(set(ids)) == 4
    assert all(0 <= number < 2**31 for number in ids)


# Silence and other failures


def test_silence():
    """An agent that does not answer costs time-out x tries and is unreachable:no-response."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        assert fails(agent, get(NAME), retries=2, timeout=TIMEOUT).code == 'unreachable:no-response'
        assert 3 * TIMEOUT <= time.monotonic() - begin < 3 * TIMEOUT + 0.5
        assert len(agent.requests) == 3


def test_a_lost_answer_is_asked_for_again():
    """One lost packet does not fail a request, which is sent again as it was."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [] if len(agent.requests) == 1 else None
        assert session(agent, get(NAME), retries=1, timeout=TIMEOUT) == {NAME: b'sw1'}
        assert len({request.id for request in agent.requests}) == 1


@pytest.mark.parametrize('version', [V1, V2C])
def test_a_wrong_community_is_silence(version):
    """SNMP v1 and v2c do not tell a wrong community from a dead device."""
    with Agent(system_objects()) as agent:
        error = fails(agent, get(NAME), community='wrong', version=version, timeout=TIMEOUT)
    assert error.code == 'unreachable:no-response'


def test_an_answer_in_another_version():
    """An answer in another version than that of the request is none."""
    with Agent(system_objects()) as agent:

        def hook(request):
            request.version = V1

        agent.hook = hook
        assert fails(agent, get(NAME), timeout=TIMEOUT).code == 'unreachable:no-response'


def test_a_report_without_a_user():
    """Reports are of SNMP v3: in another version one is no answer."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [
            tlv(0x30, integer(V2C) + tlv(0x04, request.community) + request.reply_pdu([], kind=REPORT))
        ]
        assert fails(agent, get(NAME), timeout=TIMEOUT).code == 'unreachable:no-response'


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


@pytest.mark.parametrize('number', [23, 24])
def test_no_more_descriptors(number):
    """A process out of file descriptors does not blame the device."""
    assert _socket_error(OSError(number, os.strerror(number))).code == 'internal:error'


def test_broadcast_is_no_device():
    """An address that the kernel refuses to send to is unreachable:network."""
    agent = Agent(address='255.255.255.255')
    agent.port = 161
    assert fails(agent, get(NAME)).code == 'unreachable:network'


@pytest.mark.parametrize('community', ['x' * 5000, 'x' * 256, 'pub\udcff'])
def test_an_impossible_community(community):
    """A community that cannot be sent is refused, and not shown."""
    with Agent(system_objects()) as agent:
        error = fails(agent, get(NAME), community=community)
    assert error.code == 'secret:refused'
    assert 'xxx' not in str(error)
    assert 'pub' not in str(error)


# Names and addresses


def test_a_host_name():
    """A name that resolves is asked at its address."""
    address = socket.getaddrinfo('localhost', 161, type=socket.SOCK_DGRAM)[0][4][0]
    with Agent(system_objects(), address=address) as agent:
        agent.address = 'localhost'
        assert session(agent, get(NAME)) == {NAME: b'sw1'}


def unresolved(address):
    agent = Agent(address=address)
    agent.port = 161
    return fails(agent, get(NAME))


@pytest.mark.parametrize('address', ['', 'fe80::1%eth0 ', 'a' * 300, 'x..y', '\udcff', 'a\0b'])
def test_what_is_no_name(address):
    """What is neither an address nor can be a name is the target's fault, and nothing is sent."""
    assert unresolved(address).code == 'target:no-address'


@pytest.mark.parametrize('address', ['switch1', '127.0.0.1/24', '1.2.3', ' '])
def test_what_does_not_resolve(address, monkeypatch):
    """So is a name that does not resolve; the detail says which."""

    def nobody_knows(*args, **options):
        raise socket.gaierror(socket.EAI_NONAME, 'Name or service not known')

    monkeypatch.setattr(socket, 'getaddrinfo', nobody_knows)
    error = unresolved(address)
    assert error.code == 'target:no-address'
    assert repr(address) in error.detail


def test_a_look_up_without_end(monkeypatch):
    """A name server that does not answer costs the time of the probe, and no more."""

    async def without_end(*args, **options):
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.BaseEventLoop, 'getaddrinfo', without_end)
    agent = Agent(address='switch1')
    agent.port = 161
    error = fails(agent, get(NAME), seconds=0.2)
    assert error.code == 'deadline:probe'
    assert 'switch1' in error.detail


def test_addresses_are_not_looked_up(monkeypatch):
    """An IPv4 address costs no look-up, which would take a thread."""

    async def resolved():
        monkeypatch.setattr(asyncio.get_running_loop(), 'getaddrinfo', None)
        return await resolve('192.0.2.1', 161)

    assert asyncio.run(resolved()) == (socket.AF_INET, ('192.0.2.1', 161))


def test_an_address_with_a_zone():
    """The zone of a link-local address says by which interface it is reached."""
    name = socket.if_indextoname(1)
    family, endpoint = asyncio.run(resolve(f'fe80::1%{name}', 161))
    assert (family, endpoint[0].split('%')[0], endpoint[3]) == (socket.AF_INET6, 'fe80::1', 1)


# Whose answer, and when


@pytest.mark.parametrize('address', ['127.0.0.1', '::1'])
def test_answers_from_elsewhere_are_not_taken(address):
    """What another port sends is dropped, however right it looks, before the answer and without one."""
    with Agent(system_objects(), address=address) as agent:

        def forge(request):
            agent.send_from_elsewhere(request.reply([(parse(NAME), string('forged'))]), request)

        agent.hook = forge
        assert session(agent, get(NAME)) == {NAME: b'sw1'}
        agent.hook = lambda request: forge(request) or []
        assert fails(agent, get(NAME), timeout=TIMEOUT).code == 'unreachable:no-response'


def test_answers_to_other_requests_are_dropped():
    """An answer with another request id, with or without an error, is not taken for ours."""
    with Agent(system_objects()) as agent:
        wrong = [(parse(NAME), string('wrong'))]
        agent.hook = lambda request: [
            request.reply(wrong, id=request.id ^ 1),
            request.reply([(parse(NAME), NULL)], GEN_ERR, id=request.id ^ 1),
            agent.answer(request),
        ]
        assert session(agent, get(NAME), timeout=5) == {NAME: b'sw1'}


def test_the_answer_to_the_first_try_after_the_second_was_sent():
    """An answer later than the time-out is taken if the request was sent again meanwhile; the other one is ignored."""
    with Agent(system_objects()) as agent:

        def hook(request):
            if len(agent.requests) == 1:
                return []
            # The answer to the first try, and then the one to this one.
            agent.send(request.reply([(parse(NAME), string('first'))]), agent.requests[0])
            return [request.reply([(parse(NAME), string('second'))])]

        async def twice(client):
            first = await client.get([NAME])
            agent.hook = None
            return first, await client.get([UPTIME])

        agent.hook = hook
        found = session(agent, twice, retries=1, timeout=TIMEOUT)
    assert found == ({NAME: b'first'}, {UPTIME: 4711})


def test_a_very_late_answer():
    """An answer that comes when the request was given up is not the answer to the next one."""
    with Agent(system_objects()) as agent:

        async def late(client):
            agent.hook = lambda request: []
            with pytest.raises(NetOpsError, match='unreachable:no-response'):
                await client.get([NAME])
            (held,) = agent.requests
            agent.send(held.reply([(parse(NAME), string('late'))]), held)
            agent.hook = None
            return await client.get([NAME])

        assert session(agent, late, timeout=TIMEOUT) == {NAME: b'sw1'}
        assert len(agent.requests) == 2


def test_late_answers_do_not_keep_the_loop_busy():
    """A repeated answer, read while nothing was asked, is thrown away and the next request works."""

    async def twice(client):
        await client.get([NAME])
        # Two turns of the loop: the reader sees the surplus answers.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await client.get([UPTIME])

    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [agent.answer(request)] * 5
        assert session(agent, twice) == {UPTIME: 4711}


def test_a_flood():
    """More datagrams than are read at once do not hide the answer that follows them."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [b'flood'] * 120 + [agent.answer(request)]
        assert session(agent, get(NAME)) == {NAME: b'sw1'}


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
        values = session(agent, get(NAME, '1.3.6.1.2.1.1.4.0', UPTIME))
    assert values == {NAME: b'sw1', UPTIME: 4711}
    # Missing is one thing, refused another.
    assert (values.failure is None) is (status == NO_SUCH_NAME)


# Time


def test_the_deadline_ends_a_session():
    """When the time of the probe is used up nothing more is sent, and waiting ends with it."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        assert fails(agent, get(NAME), timeout=10, retries=5, seconds=0.3).code == 'deadline:probe'
        assert time.monotonic() - begin < 1
        assert len(agent.requests) == 1


@pytest.mark.parametrize(('seconds', 'lease', 'code'), [(-1.0, 5.0, 'deadline:probe'), (-1.0, -0.5, 'lease:lost')])
@pytest.mark.parametrize('action', [get(NAME), walk()], ids=['get', 'walk'])
def test_nothing_is_sent_after_the_end(seconds, lease, code, action):
    """After the deadline, or the end of the lease, not one packet is sent."""
    with Agent(system_objects()) as agent:
        assert fails(agent, action, seconds=seconds, lease=lease).code == code
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


def test_a_request_that_is_cancelled():
    """What is cancelled while it waits leaves a session that works."""

    async def cancelled(client):
        request = asyncio.ensure_future(client.get([NAME]))
        while not agent.requests:
            await asyncio.sleep(0)
        request.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await request
        agent.hook = None
        return request.cancelled(), await client.get([UPTIME])

    with Agent(system_objects(), hook=lambda request: []) as agent:
        assert session(agent, cancelled) == (True, {UPTIME: 4711})
        assert [request.kind for request in agent.requests] == [GET, GET]
