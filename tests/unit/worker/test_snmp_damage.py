"""Whatever damaged datagram comes from the network, the session ends with a value or with a code."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netops_worker.errors import NetOpsError

from .agent import (
    NULL,
    Agent,
    interface_objects,
    parse,
    string,
    system_objects,
)
from .snmp_session import (
    GEN_ERR,
    NAME,
    TIMEOUT,
    UPTIME,
    fails,
    get,
    session,
    walk,
)

pytestmark = pytest.mark.filterwarnings('error')


GARBAGE = [b'hello', b'', b'0', b'\x30\x82', b'\x30\x03\x02\x01\x01', b'\xff' * 100, b'\x00' * 2000, bytes(range(256))]


@pytest.mark.parametrize('garbage', GARBAGE, ids=range(len(GARBAGE)))
def test_only_garbage(garbage):
    """If nothing but garbage comes until the time-out, the answer is not SNMP."""
    with Agent(hook=lambda request: [garbage]) as agent:
        assert fails(agent, get(NAME), timeout=TIMEOUT).code == 'snmp:malformed'


@pytest.mark.parametrize('garbage', GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_before_the_answer(garbage):
    """Garbage that is followed by the right answer within the time-out does no harm."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [garbage, garbage, agent.answer(request), garbage]
        assert session(agent, get(NAME), timeout=5) == {NAME: b'sw1'}


# Damage that gufo meets with a panic or an untypical exception, found by fuzzing: (bytes to find, replacement).
TRICKY = {
    'empty varbind': (b'\x30\x0f\x06', b'\x30\x00\x06'),
    'varbinds cut': (b'\x06\x08\x2b', b'\x06\xff\x2b'),
    'unfinished OID': (b'\x06\x08\x2b', b'\x06\x00\x2b'),
    'version of no length': (b'\x02\x01\x01', b'\x02\xf9\x01'),
    'community too long': (b'\x04\x06pub', b'\x04\xffpub'),
    'value too long': (b'\x04\x03sw1', b'\x04\x9bsw1'),
    'no such object in a value': (b'\x04\x03sw1', b'\x84\x03sw1'),
}


@pytest.mark.parametrize(('old', 'new'), TRICKY.values(), ids=TRICKY)
def test_tricky_damage(old, new):
    """Damage of kinds that crash decoders is told as malformed, and does no harm when the right answer follows."""
    with Agent(system_objects()) as agent:

        def damaged(request):
            reply = agent.answer(request)
            assert old in reply
            return reply.replace(old, new)

        agent.hook = lambda request: [damaged(request)]
        assert fails(agent, get(NAME), timeout=TIMEOUT).code == 'snmp:malformed'
        agent.hook = lambda request: [damaged(request), agent.answer(request)]
        assert session(agent, get(NAME), timeout=5) == {NAME: b'sw1'}


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


fractions = st.floats(0, 1, exclude_max=True)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(fractions, st.integers(0, 255)), min_size=1, max_size=3), st.just(1.0) | fractions)
def test_any_damage_ends_with_a_code(bytes_to_change, length):
    """Whatever bytes of an answer are damaged or missing, the outcome is a value or an error with a code."""
    with Agent(system_objects() | interface_objects(3)) as agent:

        def damage(request):
            reply = bytearray(agent.answer(request))
            for where, value in bytes_to_change:
                reply[int(where * len(reply))] = value
            return [bytes(reply[: int(length * len(reply))])]

        agent.hook = damage
        for action in (get(NAME, UPTIME), walk()):
            code = ''
            try:
                session(agent, action, timeout=0.01)
            except NetOpsError as error:
                code = error.code
            assert code in ('', 'unreachable:no-response', 'credential:no-access') or code.startswith('snmp:')
