"""Whatever bytes come from the network, decoders end with a value or with an error that is told."""

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import Malformed, element, encode_object_id, integer, object_id_numbers
from netops_worker.probes.snmp.client import IpAddress, ObjectId
from netops_worker.probes.snmp.pdu import (
    ABSENT,
    END_OF_VIEW,
    GET,
    bindings,
    decode_value,
    dotted,
    encode_request,
    parse_pdu,
)
from netops_worker.probes.snmp.security import CommunitySecurity
from netops_worker.probes.snmp.transport import Forged
from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.probes.snmp.walk import Column, outcome, take
from netops_worker.secrets import Secret

from . import agent
from .agent import GETBULK, REPORT, RESPONSE, Request, View, interface_objects
from .agent_v3 import AUTH, PRIV, AgentV3, Envelope
from .corpus import CORPUS

COLUMNS = ['1.3.6.1.2.1.2.2.1.2', '1.3.6.1.2.1.2.2.1.3', '1.3.6.1.2.1.2.2.1.9']
MESSAGE_ID, REQUEST_ID = 1, 77


def _rows():
    request = Request(b'public', GETBULK, REQUEST_ID, 3, [agent.parse(name) for name in COLUMNS])
    objects = interface_objects(3) | {f'{COLUMNS[0]}.200.300.70000': agent.string('x' * 200)}
    binds, status, index = View(objects).answer(request)
    return request, request.reply_pdu(binds, status, index=index)


REQUEST, RESPONSE_PDU = _rows()
REPORT_PDU = REQUEST.reply_pdu([(agent.parse('1.3.6.1.6.3.15.1.1.2.0'), b'\x41\x01\x05')], kind=REPORT)
BINDINGS = RESPONSE_PDU[parse_pdu(RESPONSE_PDU, 0, len(RESPONSE_PDU)).start :]


# Bytes


def mutate(data, changes):
    """Of valid bytes: some changed, cut out, doubled or cut off."""
    data = bytearray(data)
    for what, where, value in changes:
        place = int(where * len(data))
        if what == 'set':
            data[place : place + 1] = bytes([value])
        elif what == 'insert':
            data[place:place] = bytes([value]) * (value % 9)
        elif what == 'delete':
            del data[place : place + value % 9]
        elif what == 'double':
            data[place:place] = data[place : place + value]
        else:
            del data[place:]
    return bytes(data)


KINDS = st.sampled_from(['set', 'set', 'insert', 'delete', 'double', 'cut'])
# Lengths, tags and numbers at their limits are more telling than others.
VALUES = st.integers(0, 255) | st.sampled_from([0, 1, 2, 4, 5, 6, 0x30, 0x40, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA2, 0xFF])
CHANGES = st.lists(st.tuples(KINDS, st.floats(0, 1, exclude_max=True), VALUES), min_size=1, max_size=4)


def damaged(*valid):
    return st.binary(max_size=80) | st.builds(mutate, st.sampled_from(valid), CHANGES)


def with_corpus(test):
    for data in CORPUS.values():
        test = example(data)(test)
    return test


# Decoders


def decoded(decode, *arguments):
    """What it gives, or None where it says that it does not understand."""
    try:
        return decode(*arguments)
    except (Malformed, Forged, NetOpsError):
        return None


def is_value(value):
    if type(value) is int:
        return -(2**63) <= value < 2**64
    return value is None or value in (ABSENT, END_OF_VIEW) or type(value) in (bytes, ObjectId, IpAddress)


@with_corpus
@given(damaged(BINDINGS))
def test_elements(data):
    """An element lies within its frame, and numbers have the size they may have."""
    found = decoded(element, data, 0, len(data))
    assert found is None or 2 <= found[1] <= found[2] <= len(data)
    number = decoded(integer, data, 0, len(data))
    assert number is None or (-(2**63) <= number[0] < 2**63 and number[1] <= len(data))
    numbers = decoded(object_id_numbers, data)
    assert numbers is None or all(0 <= number < 2**32 for number in numbers)


@with_corpus
@given(damaged(agent.oid('1.3.6.1.4.1.4294967295')[2:]))
def test_object_ids(content):
    """What is read as an OID is one: it can be sent again."""
    text = decoded(dotted, content)
    assert text is None or object_id_numbers(encode_object_id(text))


@with_corpus
@given(damaged(b'\x02\x01\x05', b'\x46\x09\x00' + b'\xff' * 8))
def test_values(data):
    """Any type with any content is a value, or None."""
    assert not data or is_value(decode_value(data[0], data[1:]))


@with_corpus
@given(damaged(RESPONSE_PDU, REPORT_PDU))
def test_pdus(data):
    """A PDU and its bindings lie within the data."""
    pdu = decoded(parse_pdu, data, 0, len(data))
    if pdu is not None:
        assert 0 < pdu.start <= pdu.end <= len(data)
        found = decoded(bindings, data, pdu.start, pdu.end)
        assert found is None or all(type(name) is bytes and is_value(value) for name, value in found)


@with_corpus
@given(damaged(BINDINGS))
def test_columns(data):
    """Rows come in order under indexes that are dotted numbers, whether the answer is intelligible or not, and where it
    is, they are what the plain decoder sees.
    """
    columns = [Column(name) for name in COLUMNS]
    count = decoded(take, data, 0, len(data), columns, 100)
    plain = decoded(bindings, data, 0, len(data))
    walk = outcome(columns)
    for rows in walk.columns.values():
        keys = [tuple(map(int, index.split('.'))) for index in rows]
        assert keys == sorted(set(keys))
        assert all(is_value(value) for value in rows.values())
        assert ABSENT not in rows.values()
        assert END_OF_VIEW not in rows.values()
    if plain is not None:
        assert count is None or count <= len(plain)
        seen = [(decoded(dotted, name), value) for name, value in plain]
        for name, rows in walk.columns.items():
            assert all((f'{name}.{index}', value) in seen for index, value in rows.items())


COMMUNITY_MESSAGE = agent.tlv(0x30, agent.integer(1) + agent.string('public') + RESPONSE_PDU)


@with_corpus
@given(damaged(COMMUNITY_MESSAGE))
def test_community_messages(data):
    """A message of v2c is a response, of no interest, or not understood."""
    found = decoded(CommunitySecurity(1, Secret('public')).unwrap, data)
    assert found is None or (found[1].kind == RESPONSE and found[1].end <= len(data))


LEVELS = [0, AUTH, AUTH | PRIV]


class Wire:
    """Hands the answer to a discovery over."""

    def __init__(self, answer):
        self.answer = answer

    async def request(self, message, accept):
        message()
        return accept(self.answer)


AGENT = AgentV3(clock=100, boots=1)
ENVELOPE = Envelope(MESSAGE_ID, AUTH | PRIV, AGENT.engine_id, 1, 100, b'operator', b'', b'', b'', REQUEST, b'')
DISCOVERY = AGENT.report(ENVELOPE, '1.3.6.1.6.3.15.1.1.4.0')


def user(level):
    return SecurityUser(
        'operator',
        'SHA-256' if level & AUTH else None,
        Secret(AGENT.auth) if level & AUTH else None,
        'AES' if level & PRIV else None,
        Secret(AGENT.priv) if level & PRIV else None,
    )


USERS = {level: user(level) for level in LEVELS}


def prepared(level):
    """A UserSecurity that knows the engine and waits for an answer to MESSAGE_ID."""
    security = UserSecurity(USERS[level])
    security._next_id = MESSAGE_ID - 1
    asyncio.run(security.prepare(Wire(DISCOVERY)))
    security._next_id = MESSAGE_ID - 1
    security.wrap(encode_request(GET, REQUEST_ID, []), REQUEST_ID)
    return security


@pytest.mark.parametrize('level', LEVELS)
def test_the_messages_that_are_damaged_below_are_valid(level):
    """Otherwise the tests would see nothing but the first check."""
    answer = prepared(level).unwrap(AGENT.message(ENVELOPE, RESPONSE_PDU, flags=level))
    assert len(bindings(answer[0], answer[1].start, answer[1].end)) == 9


def check(answer):
    assert answer is None or 0 < answer[1].start <= answer[1].end <= len(answer[0])


@pytest.mark.parametrize('level', LEVELS)
def test_damaged_v3_messages(level):
    """A message of v3 of which anything is damaged is taken, of no interest, told, or not understood."""
    security = prepared(level)
    valid = [
        AGENT.message(ENVELOPE, pdu, flags=flags) for pdu in (RESPONSE_PDU, REPORT_PDU) for flags in {0, AUTH, level}
    ]

    @with_corpus
    @given(damaged(*valid))
    def damage(data):
        check(decoded(security.unwrap, data))
        # What follows still makes a message.
        security.wrap(b'', REQUEST_ID)
        security._ids.add(MESSAGE_ID)

    damage()


@pytest.mark.parametrize('level', LEVELS)
def test_damaged_pdus_in_v3_messages(level):
    """So is one that is signed and encrypted as it must be, around damage."""
    security = prepared(level)

    @with_corpus
    @given(damaged(RESPONSE_PDU, REPORT_PDU))
    def damage(pdu):
        check(decoded(security.unwrap, AGENT.message(ENVELOPE, pdu, flags=level)))
        security.wrap(b'', REQUEST_ID)
        security._ids.add(MESSAGE_ID)

    damage()


@with_corpus
@given(damaged(DISCOVERY))
def test_discoveries(data):
    """An answer to the discovery gives an engine that messages can be sent to, or none."""
    security = UserSecurity(USERS[AUTH | PRIV])
    security._next_id = MESSAGE_ID - 1
    try:
        asyncio.run(security.prepare(Wire(data)))
    except (Malformed, NetOpsError):
        return
    assert AGENT.decode(security.wrap(encode_request(GET, REQUEST_ID, []), REQUEST_ID)).flags & PRIV
