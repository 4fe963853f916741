"""SNMP v3: whoever cannot prove to be the agent, now, is not believed, and not one bit of an answer can be changed."""

import asyncio

import pytest

from netops_worker.probes.snmp.ber import Malformed, encode_object_id
from netops_worker.probes.snmp.pdu import GET, RESPONSE, encode_request
from netops_worker.probes.snmp.transport import Forged

from .agent import parse, string
from .agent_v3 import AUTH, PRIV
from .snmp_session import NAME
from .v3_cases import EVERY_LEVEL, FOUND, SIGNED_LEVELS, agent_v3, ask, refused, security

pytestmark = pytest.mark.filterwarnings('error')


def forged(agent, request):
    return request.pdu.reply_pdu([(parse(NAME), string('forged'))])


FORGERIES = {
    'another authentication key': {'auth': 'authentication-2'},
    'unsigned': {'flags': 0},
    'unencrypted': {'flags': AUTH},
    'no digest': {'mac': b''},
    'a short digest': {'mac': bytes(12)},
    'a wrong digest': {'mac': bytes(24)},
    'another user': {'user': 'somebody'},
    'another engine': {'engine_id': b'another-engine'},
    'an old time': {'boots': 6},
    'from before the window': {'time': 99_000},
}


@pytest.mark.parametrize('changes', FORGERIES.values(), ids=FORGERIES)
def test_forgeries(changes):
    """An answer that does not prove to be the agent's, now, is refused, and the right one that follows is taken."""
    with agent_v3() as agent:

        def hook(request):
            if not request.flags & AUTH:
                return None
            right = [agent.answer(request)] if follows else []
            return [agent.message(request, forged(agent, request), **changes), *right]

        agent.hook, follows = hook, False
        assert refused(agent).code == 'snmp:not-authentic'
        follows = True
        assert ask(agent) == FOUND


def test_an_engine_that_cannot_count_its_boots_any_more():
    """Nothing of it is recent (RFC 3414, section 2.2.2): it needs new keys."""
    with agent_v3() as agent:
        agent.boots = 2**31 - 1
        assert refused(agent).code == 'snmp:not-authentic'


def test_an_unsigned_answer_to_a_signed_request():
    """The same without privacy."""
    with agent_v3(priv='') as agent:
        agent.hook = lambda request: (
            [agent.message(request, forged(agent, request), flags=0)] if request.flags & AUTH else None
        )
        assert refused(agent, level={'priv': ''}).code == 'snmp:not-authentic'


def test_a_signed_answer_to_who_cannot_check_it():
    """A user without keys does not take for authentic what claims to be."""
    with agent_v3(auth='', priv='') as agent:
        agent.hook = lambda request: (
            [agent.message(request, forged(agent, request), flags=AUTH, auth='authentication-1')]
            if request.engine_id
            else None
        )
        assert refused(agent, level={'auth': '', 'priv': ''}).code == 'snmp:not-authentic'


@pytest.mark.parametrize('flags', [PRIV, AUTH | PRIV])
def test_an_encrypted_answer_to_who_cannot_decrypt_it(flags):
    """What cannot be decrypted, or is encrypted without a signature, is not understood."""
    with agent_v3() as agent:
        agent.priv = ''
        agent.hook = lambda request: (
            [agent.message(request, forged(agent, request), flags=flags, priv='privacy-1')]
            if request.flags & AUTH
            else None
        )
        assert refused(agent, level={'priv': ''}).code == 'snmp:malformed'


def test_an_answer_in_noise():
    """What another privacy key encrypted, although signed, is noise: not understood, and never a value."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.answer(request, priv='privacy-2')] if request.flags & AUTH else None
        assert refused(agent).code == 'snmp:malformed'


@EVERY_LEVEL
def test_another_message_id(level):
    """An answer to another message, or to another request, is none."""
    with agent_v3(**level) as agent:
        agent.hook = lambda request: (
            [
                agent.message(request, forged(agent, request), id=request.id ^ 1),
                agent.message(request, request.pdu.reply_pdu([(parse(NAME), string('x'))], id=request.pdu.id ^ 1)),
                *(agent.usual(request) if answers else []),
            ]
            if request.engine_id
            else None
        )
        answers = True
        assert ask(agent, level=level) == FOUND
        answers = False
        assert refused(agent, level=level).code == 'unreachable:no-response'


def test_a_replayed_answer():
    """The right answer to an earlier request is not the answer to this one."""
    with agent_v3() as agent:
        recorded = []

        def hook(request):
            if len(agent.requests) == 2:
                recorded.append(agent.message(request, request.pdu.reply_pdu([(parse(NAME), string('old'))])))
                return recorded
            return recorded + agent.usual(request) if request.flags & AUTH else None

        agent.hook = hook

        async def act(client):
            return await client.get([NAME]), await client.get([NAME])

        assert ask(agent, act) == ({NAME: b'old'}, FOUND)


# Damage


def exchange(agent):
    """A prepared UserSecurity of the agent's user, and the agent's right answer to a GET of it."""
    proof = security(agent.auth, agent.priv)

    class Wire:
        """Hands messages over without a network."""

        async def request(self, message, accept):
            (answer,) = agent.usual(agent.decode(message()))
            return accept(answer)

    asyncio.run(proof.prepare(Wire()))
    request = encode_request(GET, 4711, [encode_object_id(NAME)])
    (answer,) = agent.usual(agent.decode(proof.wrap(request, 4711)))
    return proof, answer


@SIGNED_LEVELS
def test_no_byte_can_be_changed(level):
    """Of a signed answer not one bit can be changed, and no byte be cut off, without its being refused."""
    with agent_v3(**level) as agent:
        proof, answer = exchange(agent)
    for place in range(len(answer)):
        for bit in range(8):
            changed = bytearray(answer)
            changed[place] ^= 1 << bit
            assert taken(proof, bytes(changed)) is None
        assert taken(proof, answer[:place]) is None
        assert taken(proof, answer[:place] + answer[place + 1 :]) is None
        assert taken(proof, answer[:place] + b'\0' + answer[place:]) is None
    data, pdu = taken(proof, answer)
    assert (pdu.kind, pdu.request_id, b'sw1' in data) == (RESPONSE, 4711, True)


def taken(proof, datagram):
    try:
        return proof.unwrap(datagram)
    except (Malformed, Forged):
        return None


def test_nothing_is_taken_before_a_request():
    """A security that has asked for nothing takes nothing."""
    with agent_v3() as agent:
        _, answer = exchange(agent)
    assert security().unwrap(answer) is None
