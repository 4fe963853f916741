"""Requests say what is meant, and of responses only what is intelligible is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.probes.snmp.ber import Malformed, encode_object_id
from netops_worker.probes.snmp.client import IpAddress, ObjectId
from netops_worker.probes.snmp.pdu import (
    ABSENT,
    END_OF_VIEW,
    GET,
    GETBULK,
    GETNEXT,
    REPORT,
    RESPONSE,
    StatusError,
    bindings,
    decode_value,
    dotted,
    encode_request,
    parse_pdu,
)

from . import agent
from .agent import Request

NAME = agent.parse('1.3.6.1.2.1.1.5.0')
CONTENT = encode_object_id('1.3.6.1.2.1.1.5.0')


@pytest.mark.parametrize('kind', [GET, GETNEXT, GETBULK])
@pytest.mark.parametrize('tail', [1, 60, 110, 111, 112, 113, 120])
def test_requests(kind, tail):
    """Another implementation reads from a request what was put in, also with OIDs of any length."""
    names = [NAME, NAME + (300,) * (tail // 2), NAME + (1,) * tail]
    contents = [encode_object_id('.'.join(map(str, name))) for name in names]
    request = Request.of_pdu(encode_request(kind, 2**31 - 1, contents, 25 if kind == GETBULK else 0))
    assert (request.kind, request.id, request.oids) == (kind, 2**31 - 1, names)
    assert request.repetitions == (25 if kind == GETBULK else 0)


def test_a_request_without_objects():
    """The probe of SNMP v3 asks for nothing."""
    assert Request.of_pdu(encode_request(GET, 0, ())).oids == []


@pytest.mark.parametrize('kind', [RESPONSE, REPORT])
@pytest.mark.parametrize('size', [1, 40])
@pytest.mark.parametrize('status', [0, 1, 5, 16, 18, -3])
def test_responses(kind, size, status):
    """Kind, request id, status, index and bindings of a response of any length are found."""
    request = Request(b'', GET, 77, 0, [])
    data = request.reply_pdu([(NAME, agent.string('sw1'))] * size, status, index=size, kind=kind)
    pdu = parse_pdu(b'?' + data + b'?', 1, len(data) + 1)
    assert (pdu.kind, pdu.request_id, pdu.status, pdu.index) == (kind, 77, status, size)
    assert bindings(b'?' + data, pdu.start, pdu.end) == [(CONTENT, b'sw1')] * size


@pytest.mark.parametrize('request_id', [1, 300, 2**30, 2**31 - 1])
def test_what_follows_the_bindings(request_id):
    """What stands behind the bindings in a PDU is not taken for one; bindings longer than their PDU are damaged."""
    head = agent.integer(request_id) + agent.integer(0) * 2
    content = agent.tlv(0x30, agent.oid(NAME) + agent.string('sw1'))
    data = agent.tlv(RESPONSE, head + agent.tlv(0x30, content) + agent.string('more'))
    pdu = parse_pdu(data, 0, len(data))
    assert (pdu.request_id, bindings(data, pdu.start, pdu.end)) == (request_id, [(CONTENT, b'sw1')])
    data = agent.tlv(RESPONSE, head + agent.tlv(0x30, content + b'more')[:-4])
    with pytest.raises(Malformed):
        parse_pdu(data, 0, len(data))


@pytest.mark.parametrize('kind', [GET, GETNEXT, GETBULK, 0xA3, 0xA4, 0xA6, 0xA7, 0x30])
def test_what_is_no_response(kind):
    """Requests, traps and anything else in the place of a response are not understood."""
    data = Request(b'', GET, 77, 0, []).reply_pdu([], kind=kind)
    with pytest.raises(Malformed):
        parse_pdu(data, 0, len(data))


@pytest.mark.parametrize(
    ('status', 'code', 'name'),
    [(1, 'snmp:error-status', 'tooBig'), (2, 'snmp:error-status', 'noSuchName'), (5, 'snmp:error-status', 'genErr'),
     (6, 'credential:no-access', 'noAccess'), (16, 'credential:no-access', 'authorizationError'),
     (18, 'snmp:error-status', 'inconsistentName'), (19, 'snmp:error-status', '19'), (-1, 'snmp:error-status', '-1')],
)  # fmt: skip
def test_status(status, code, name):
    """An error status is told by its name in RFC 3416, one without a name by its number."""
    error = StatusError(status, 3)
    assert (error.code, error.detail, error.status, error.index) == (code, name, status, 3)


@pytest.mark.parametrize(
    ('encoded', 'value'),
    [
        (agent.string(b'\0\xff'), b'\0\xff'),
        (b'\x44\x02\x9f\x78', b'\x9f\x78'),
        (b'\x02\x01\xff', -1),
        (agent.integer(2**31 - 1), 2**31 - 1),
        (b'\x02\x08' + b'\x80' + bytes(7), -(2**63)),
        (b'\x02\x00', None),
        (b'\x02\x09' + bytes(9), None),
        (agent.gauge(2**32 - 1), 2**32 - 1),
        # Agents that forget the leading zero.
        (b'\x42\x04\xff\xff\xff\xff', 2**32 - 1),
        (b'\x41\x01\x80', 128),
        (agent.ticks(4711), 4711),
        (b'\x46\x09\x00' + b'\xff' * 8, 2**64 - 1),
        (b'\x46\x08' + b'\xff' * 8, 2**64 - 1),
        (b'\x46\x09\x01' + b'\xff' * 8, None),
        (b'\x46\x00', None),
        (b'\x47\x01\x05', 5),
        (b'\x40\x04\xc0\x00\x02\x01', IpAddress('192.0.2.1')),
        (b'\x40\x02\xc0\x00', b'\xc0\x00'),
        (agent.oid('1.3.6.1.4.1.4294967295'), ObjectId('1.3.6.1.4.1.4294967295')),
        (b'\x06\x01\x80', None),
        (b'\x06\x00', ObjectId('0.0')),
        (b'\x05\x00', None),
        (b'\x80\x00', ABSENT),
        (b'\x81\x00', ABSENT),
        (b'\x82\x00', END_OF_VIEW),
        (b'\x84\x03abc', None),
        (b'\x03\x01\x00', None),
    ],
)
def test_values(encoded, value):
    """Each type of RFC 2578 as its Python value; unknown types and impossible sizes are None."""
    data = agent.tlv(0x30, agent.oid(NAME) + encoded)
    ((name, found),) = bindings(data, 0, len(data))
    assert (name, found, type(found)) == (CONTENT, value, type(value))


DAMAGED = {
    'no sequence': b'\x31\x04\x06\x00\x05\x00',
    'empty': b'\x30\x00',
    'no name': b'\x30\x02\x05\x00',
    'no value': b'\x30\x03\x06\x01\x2b',
    'value longer than its frame': b'\x30\x05\x06\x00\x04\x02a',
    'value shorter than its frame': b'\x30\x05\x06\x00\x04\x00\x00',
    'two values': b'\x30\x06\x06\x00\x05\x00\x05\x00',
    'cut off': b'\x30\x06\x06\x00\x04\x02',
}


@pytest.mark.parametrize('data', DAMAGED.values(), ids=DAMAGED)
def test_damaged_bindings(data):
    """A binding whose frame is damaged takes the whole answer with it: it was not what the agent meant."""
    good = agent.tlv(0x30, agent.oid(NAME) + agent.string('x'))
    with pytest.raises(Malformed):
        bindings(good + data, 0, len(good + data))


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20), st.integers(0, 2), st.integers(0, 39))
def test_dotted(rest, first, second):
    """The dotted text of an OID is what it was made from."""
    text = '.'.join(map(str, (first, second, *rest)))
    assert dotted(encode_object_id(text)) == text


def test_values_that_are_no_numbers():
    """The marks for what is absent print as what they are, and are no value of any type."""
    assert (repr(ABSENT), repr(END_OF_VIEW)) == ('ABSENT', 'END_OF_VIEW')
    assert decode_value(0x80, b'') is not decode_value(0x82, b'')
