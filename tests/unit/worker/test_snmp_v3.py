"""SNMP v3: what is sent at each level, the engine and its clock, and what the agent reports is done or told."""

import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.pdu import GET

from .agent import GETNEXT, Request, interface_objects, parse, string, system_objects
from .agent_v3 import (
    AUTH,
    DECRYPTION_ERROR,
    NOT_IN_TIME_WINDOW,
    PRIV,
    REPORTABLE,
    UNKNOWN_CONTEXT,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    UNSUPPORTED_LEVEL,
    WRONG_DIGEST,
)
from .snmp_session import DESCR, GEN_ERR, NAME, TIMEOUT, TYPE, session, walk
from .v3_cases import EVERY_LEVEL, FOUND, SIGNED_LEVELS, agent_v3, ask, refused, security, twice

pytestmark = pytest.mark.filterwarnings('error')


# What is sent


@EVERY_LEVEL
def test_levels(level):
    """At each security level a GET costs one message after the discovery, and says what it must say."""
    with agent_v3(**level) as agent:
        assert ask(agent, level=level) == FOUND
        probe, request = agent.requests
    assert (probe.flags, probe.engine_id, probe.user, probe.pdu.oids) == (REPORTABLE, b'', b'', [])
    assert (probe.boots, probe.time, probe.mac, probe.salt) == (0, 0, b'', b'')
    assert request.flags == REPORTABLE | agent.level
    assert (request.engine_id, request.user) == (agent.engine_id, b'operator')
    assert (request.boots, request.time) == (agent.boots, agent.clock)
    assert (request.pdu.kind, request.pdu.oids) == (GET, [parse(NAME)])


@EVERY_LEVEL
def test_walks(level):
    """Walks and the question for subtrees go over v3 as over v2c."""
    with agent_v3(system_objects() | interface_objects(60), **level) as agent:
        found = ask(agent, walk(DESCR, TYPE), level=level)
        there = ask(agent, lambda client: client.present([DESCR, '1.3.6.1.4.1']), level=level)
    assert found.failures == {}
    assert [len(column) for column in found.columns.values()] == [60, 60]
    assert there == {DESCR}


def test_a_discovery_serves_the_session():
    """The engine is looked for once per session."""
    with agent_v3() as agent:
        assert ask(agent, twice(lambda: None)) == FOUND
        assert [bool(request.engine_id) for request in agent.requests] == [False, True, True]


def test_the_context_name():
    """The name of the context is in each request, and one that the agent does not have is told."""
    with agent_v3(contexts=('', 'vlan-7')) as agent:
        assert ask(agent, level={'context': 'vlan-7'}) == FOUND
        assert [request.context_name for request in agent.requests] == [b'vlan-7', b'vlan-7']
        assert refused(agent, level={'context': 'vlan-8'}).code == 'credential:no-access'


def test_a_message_that_is_sent_again():
    """A repetition has a message id and a salt of its own, and the answer to either is taken."""
    with agent_v3() as agent:

        def hook(request):
            if len(agent.requests) != 3:
                return [] if request.flags & AUTH else None
            first = agent.requests[1]
            return [agent.message(first, first.pdu.reply_pdu([(parse(NAME), string('first'))]))]

        agent.hook = hook
        assert ask(agent, retries=1, timeout=TIMEOUT) == {NAME: b'first'}
        _, first, second = agent.requests
    assert first.id != second.id
    assert first.salt != second.salt
    assert first.pdu.id == second.pdu.id


# The clock of the engine


@SIGNED_LEVELS
def test_a_discovery_that_tells_no_time(level):
    """An agent that tells its time only to whom it knows is asked once more."""
    with agent_v3(hides_clock=True, **level) as agent:
        assert ask(agent, level=level) == FOUND
        assert [request.boots for request in agent.requests] == [0, 0, 7]


@pytest.mark.parametrize(
    ('boots', 'clock'),
    [(8, 0), (8, 100_000), (7, 200_000), (7, 0), (1, 5), (0, 0)],
    ids=['restarted', 'restarted at the same time', 'ahead', 'set back', 'lost its memory', 'at zero'],
)
@SIGNED_LEVELS
def test_an_engine_whose_clock_changes(level, boots, clock):
    """Whatever the clock of the engine does within a session, its signed report is believed, also backwards."""
    with agent_v3(**level) as agent:

        def change():
            agent.boots, agent.clock = boots, clock

        assert ask(agent, twice(change), level=level) == FOUND
        assert len(agent.requests) == 4


def test_a_clock_that_goes_on():
    """The clock of the engine goes on between requests, as ours does."""
    with agent_v3() as agent:

        def a_thousand_seconds_later():
            # As if its clock had been read long ago.
            proof._read_at -= 1000
            agent.clock += 1000

        proof = security()
        assert session(agent, twice(a_thousand_seconds_later), security=proof) == FOUND
        assert agent.requests[-1].time >= 101_000
        assert len(agent.requests) == 3


def test_the_time_of_an_answer():
    """Answers may lag by 150 seconds; what is older was recorded, and is not taken."""
    with agent_v3() as agent:
        for lag, taken in ((149, True), (152, False)):
            agent.hook = lambda request, lag=lag: (
                [agent.answer(request, time=agent.clock - lag)] if request.flags & AUTH else None
            )
            if taken:
                assert ask(agent) == FOUND
            else:
                assert refused(agent).code == 'snmp:not-authentic'


def test_an_engine_that_restarts_within_an_answer():
    """An answer from after a restart, and so with more boots, is taken."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.answer(request, boots=8, time=1)] if request.flags & AUTH else None
        assert ask(agent) == FOUND


def test_an_answer_from_before_a_restart():
    """Once it was seen that the engine restarted, what it said before is of old."""
    with agent_v3() as agent:

        def hook(request):
            if not request.flags & AUTH:
                return None
            boots, clock = (8, 1) if len(agent.requests) == 2 else (7, agent.clock)
            return [agent.answer(request, boots=boots, time=clock)]

        agent.hook = hook
        assert refused(agent, twice(lambda: None)).code == 'snmp:not-authentic'
        assert len(agent.requests) == 3


def test_an_unsigned_report_about_time():
    """The clock is not set by somebody who cannot sign."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.report(request, NOT_IN_TIME_WINDOW)] if request.flags & AUTH else None
        assert refused(agent).code == 'snmp:not-authentic'
        agent.hook = lambda request: (
            [agent.report(request, NOT_IN_TIME_WINDOW, boots=99), agent.answer(request)]
            if request.flags & AUTH
            else None
        )
        assert ask(agent) == FOUND
        assert len(agent.requests) == 4


def test_reports_about_time_without_end():
    """An agent that is never content with the time is given up after a few tries."""
    with agent_v3() as agent:
        agent.hook = lambda request: (
            [agent.report(request, NOT_IN_TIME_WINDOW, flags=AUTH)] if request.flags & AUTH else None
        )
        error = refused(agent)
        assert len(agent.requests) == 5
    assert error.code == 'snmp:malformed'


# Engines


@EVERY_LEVEL
def test_an_engine_that_changes(level):
    """An engine that gets another id within a session is found again, with keys for it."""
    with agent_v3(**level) as agent:

        def change():
            agent.engine_id, agent.boots = bytes.fromhex('80001f8804746573740a'), 1

        assert ask(agent, twice(change), level=level) == FOUND
        assert agent.requests[-1].engine_id == agent.engine_id


def test_an_engine_that_does_not_know_itself():
    """A report that the engine is unknown, from that very engine, ends the request."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.report(request, UNKNOWN_ENGINE)]
        error = refused(agent)
        assert len(agent.requests) == 2
    assert error.code == 'snmp:error-status'


def test_an_engine_that_changes_always():
    """An engine that has another id each time is given up."""
    with agent_v3() as agent:
        agent.hook = lambda request: [
            agent.report(request, UNKNOWN_ENGINE, engine_id=b'engine' + bytes([len(agent.requests)]))
        ]
        error = refused(agent)
        assert len(agent.requests) == 5
    assert error.code == 'snmp:malformed'


@EVERY_LEVEL
@pytest.mark.parametrize('size', [0, 33, 1000, 60_000])
def test_impossible_engine_ids(level, size):
    """An engine id without octets or with too many is not used, neither from the discovery nor later."""
    with agent_v3(**level) as agent:
        agent.hook = lambda request: [agent.report(request, UNKNOWN_ENGINE, engine_id=bytes(size))]
        assert refused(agent, level=level).code == 'snmp:malformed'
        agent.hook = lambda request: (
            [agent.report(request, UNKNOWN_ENGINE, engine_id=bytes(size))] if request.engine_id else None
        )
        assert refused(agent, level=level).code == 'snmp:malformed'


@pytest.mark.parametrize('size', [1, 32])
def test_possible_engine_ids(size):
    """From one octet, which RFC 3411 does not allow and agents have, to 32."""
    with agent_v3(engine_id=bytes(range(size))) as agent:
        assert ask(agent) == FOUND


def test_a_discovery_in_vain():
    """Silence to the discovery is silence, garbage is garbage, and the next request looks for the engine again."""
    with agent_v3() as agent:

        async def act(client):
            agent.hook = lambda request: []
            with pytest.raises(NetOpsError, match='unreachable:no-response'):
                await client.get([NAME])
            agent.hook = lambda request: [b'garbage', b'\x30\x03\x02\x01\x03']
            with pytest.raises(NetOpsError, match='snmp:malformed'):
                await client.get([NAME])
            agent.hook = None
            return await client.get([NAME])

        assert ask(agent, act, timeout=TIMEOUT) == FOUND


def test_an_answer_to_another_discovery():
    """A report with another message id is not the answer to the discovery."""
    with agent_v3() as agent:
        agent.hook = lambda request: [
            agent.report(request, UNKNOWN_ENGINE, id=request.id ^ 1, engine_id=b'another'),
            *agent.usual(request),
        ]
        assert ask(agent) == FOUND


# Reports


REPORTS = {
    UNSUPPORTED_LEVEL: 'credential:rejected',
    UNKNOWN_USER: 'credential:rejected',
    WRONG_DIGEST: 'credential:rejected',
    DECRYPTION_ERROR: 'credential:rejected',
    UNKNOWN_CONTEXT: 'credential:no-access',
    '1.3.6.1.6.3.12.1.4.0': 'credential:no-access',
    '1.3.6.1.6.3.11.2.1.1.0': 'credential:rejected',
    '1.3.6.1.6.3.11.2.1.3.0': 'snmp:error-status',
    '1.3.6.1.2.1.1.5.0': 'snmp:error-status',
    '': 'snmp:error-status',
}


@pytest.mark.parametrize(('name', 'code'), REPORTS.items())
@pytest.mark.parametrize('flags', [0, AUTH, AUTH | PRIV], ids=['unsigned', 'signed', 'encrypted'])
def test_reports(name, code, flags):
    """Each report ends the request at once with its code, signed or not: who sends it may be unable to sign it."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.report(request, name, flags=flags)] if request.flags & AUTH else None
        begin = time.monotonic()
        error = refused(agent, timeout=20)
        assert time.monotonic() - begin < 5
        assert len(agent.requests) == 2
    assert error.code == code
    assert name in error.detail or code != 'snmp:error-status'


@pytest.mark.parametrize(
    ('level', 'detail'),
    [
        ({'name': 'stranger'}, 'unknown user'),
        ({'auth': 'authentication-2'}, 'wrong authentication'),
        ({'priv': ''}, 'level'),
        ({'auth': '', 'priv': ''}, 'level'),
    ],
    ids=['name', 'authentication', 'no privacy', 'nothing'],
)
def test_wrong_credentials(level, detail):
    """What is wrong with a user is told, as far as the agent tells it."""
    with agent_v3() as agent:
        error = refused(agent, level=level)
    assert error.code == 'credential:rejected'
    assert detail in error.detail
    assert 'authentication-2' not in str(error)


def test_a_wrong_privacy_key():
    """An agent that cannot decrypt says so."""
    with agent_v3() as agent:
        agent.hook = lambda request: [agent.report(request, DECRYPTION_ERROR)] if request.pdu is None else None
        assert refused(agent, level={'priv': 'privacy-2'}).code == 'credential:rejected'


def test_a_pass_phrase_that_is_too_short():
    """What no agent takes (RFC 3414, section 11.2) is refused before a message is signed with it."""
    with agent_v3() as agent:
        error = refused(agent, level={'priv': 'private'})
        assert len(agent.requests) == 1
    assert error.code == 'secret:refused'
    assert 'private' not in str(error)


@EVERY_LEVEL
def test_an_error_status(level):
    """Errors of the request itself are those of v2c."""
    with agent_v3(**level) as agent:
        agent.hook = lambda request: (
            [agent.message(request, request.pdu.reply_pdu([], GEN_ERR))] if request.engine_id else None
        )
        assert refused(agent, level=level).detail == 'genErr'


def test_the_fake_agent_reads_requests():
    """The fake agent understands what the client sends; otherwise these tests would prove little."""
    with agent_v3() as agent:
        ask(agent, walk())
        assert isinstance(agent.requests[-1].pdu, Request)
        assert agent.requests[-1].pdu.kind != GETNEXT
        assert agent.requests[-1].pdu.repetitions == 25
