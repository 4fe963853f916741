"""Whatever damaged datagram comes from the network, the session ends with a value or with a code."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.secrets import Secret

from .agent import Agent, interface_objects, system_objects
from .agent_v3 import AgentV3
from .snmp_session import DESCR, NAME, TIMEOUT, TYPE, UPTIME, fails, get, session

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


def test_garbage_does_not_count_for_the_next_request():
    """Silence after a request that was answered with garbage is silence."""
    with Agent(system_objects()) as agent:

        async def act(client):
            agent.hook = lambda request: [b'garbage']
            with pytest.raises(NetOpsError, match='snmp:malformed'):
                await client.get([NAME])
            agent.hook = lambda request: []
            return await client.get([NAME])

        assert fails(agent, act, timeout=TIMEOUT).code == 'unreachable:no-response'


# Damage that decoders are known to meet with a panic or an untypical exception: (bytes to find, replacement).
TRICKY = {
    'empty varbind': (b'\x30\x0f\x06', b'\x30\x00\x06'),
    'varbinds cut': (b'\x06\x08\x2b', b'\x06\xff\x2b'),
    'unfinished OID': (b'\x06\x08\x2b', b'\x06\x00\x2b'),
    'version of no length': (b'\x02\x01\x01', b'\x02\xf9\x01'),
    'community too long': (b'\x04\x06pub', b'\x04\xffpub'),
    'value too long': (b'\x04\x03sw1', b'\x04\x9bsw1'),
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


fractions = st.floats(0, 1, exclude_max=True)


def test_a_value_of_no_known_type():
    """A value whose type does not exist is not understood, and the others of the answer are there."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [agent.answer(request).replace(b'\x04\x03sw1', b'\x84\x03sw1')]
        assert session(agent, get(NAME, UPTIME)) == {NAME: None, UPTIME: 4711}


changes = st.lists(st.tuples(fractions, st.integers(0, 255)), min_size=1, max_size=3)
lengths = st.just(1.0) | fractions


def damaged(reply, bytes_to_change, length):
    reply = bytearray(reply)
    for where, value in bytes_to_change:
        reply[int(where * len(reply))] = value
    return bytes(reply[: int(length * len(reply))])


async def everything(client):
    """Whatever a session can be asked for; the codes of what failed."""
    walk = await client.walk([DESCR, TYPE])
    await client.present([DESCR, '1.3.6.1.4.1'])
    await client.get([NAME, UPTIME])
    return {error.code for error in walk.failures.values()}


KNOWN = ('snmp:', 'unreachable:no-response', 'credential:')


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(changes, lengths)
def test_any_damage_ends_with_a_code(bytes_to_change, length):
    """Whatever bytes of an answer are damaged or missing, the outcome is a value or an error with a code."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [damaged(agent.answer(request), bytes_to_change, length)]
        try:
            codes = session(agent, everything, timeout=0.01)
        except NetOpsError as error:
            codes = {error.code}
    assert all(code.startswith(KNOWN) for code in codes)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(changes, lengths, st.booleans())
def test_any_damage_in_v3_ends_with_a_code(bytes_to_change, length, signed):
    """So it is in SNMP v3, with and without keys, from the discovery on."""
    level = {} if signed else {'auth': '', 'priv': ''}
    with AgentV3(system_objects() | interface_objects(3), **level) as agent:
        agent.hook = lambda request: [damaged(reply, bytes_to_change, length) for reply in agent.usual(request)]
        user = SecurityUser('operator')
        if signed:
            user = SecurityUser('operator', 'SHA-256', Secret(agent.auth), 'AES', Secret(agent.priv))
        try:
            codes = session(agent, everything, security=UserSecurity(user), timeout=0.01)
        except NetOpsError as error:
            codes = {error.code}
    assert all(code.startswith(KNOWN) for code in codes)
