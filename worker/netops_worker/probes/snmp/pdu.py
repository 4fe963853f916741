"""SNMP PDUs (RFC 3416, section 3; RFC 1157 for v1): requests into bytes, and what responses say."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import (
    INTEGER,
    OBJECT_ID,
    OCTET_STRING,
    SEQUENCE,
    Malformed,
    element,
    encode_integer,
    encode_tlv,
    expect,
    integer,
    object_id_numbers,
)
from netops_worker.probes.snmp.client import IpAddress, ObjectId, SnmpValue

__all__ = (
    'ABSENT',
    'END_OF_VIEW',
    'GET',
    'GETBULK',
    'GETNEXT',
    'NO_SUCH_NAME',
    'REPORT',
    'RESPONSE',
    'TOO_BIG',
    'UNSIGNED',
    'Binding',
    'Pdu',
    'StatusError',
    'bindings',
    'decode_value',
    'dotted',
    'encode_request',
    'locate',
    'parse_pdu',
)

GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8


class _Marker:
    __slots__ = ('_name',)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


# In the place of a value: noSuchObject and noSuchInstance; endOfMibView.
ABSENT: Final = _Marker('ABSENT')
END_OF_VIEW: Final = _Marker('END_OF_VIEW')

# Content octets of the OID, and the value.
type Binding = tuple[bytes, SnmpValue | _Marker]

# RFC 3416, section 3
_STATUS_NAMES = (
    'noError', 'tooBig', 'noSuchName', 'badValue', 'readOnly', 'genErr', 'noAccess', 'wrongType', 'wrongLength',
    'wrongEncoding', 'wrongValue', 'noCreation', 'inconsistentValue', 'resourceUnavailable', 'commitFailed',
    'undoFailed', 'authorizationError', 'notWritable', 'inconsistentName',
)  # fmt: skip
TOO_BIG = 1
NO_SUCH_NAME = 2
_NO_ACCESS = (6, 16)

# RFC 2578, section 7.1: application-wide types
_IP_ADDRESS, _COUNTER32, _GAUGE32, _TICKS, _OPAQUE, _COUNTER64, _UNSIGNED32 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x47
UNSIGNED = (_GAUGE32, _COUNTER32, _TICKS, _COUNTER64, _UNSIGNED32)
_NO_SUCH = (0x80, 0x81)
_END_OF_VIEW = 0x82


# A response up to its bindings, as answers to us begin: request id, error status, error index, length of the bindings.
_RESPONSE_HEAD = re.compile(
    rb'\xa2(?:[\x00-\x7f]|\x81.|\x82..)\x02\x04(.{4})\x02\x01([\x00-\x7f])\x02\x01([\x00-\x7f])'
    rb'\x30(?:\x81(.)|\x82(..)|([\x00-\x7f]))',
    re.DOTALL,
)
# What comes before an OID of so many content octets, in a binding of less than 128 octets whose value is NULL.
_BINDING_HEADS = [bytes((SEQUENCE, size + 4, OBJECT_ID, size)) for size in range(0x7C)]


class StatusError(NetOpsError):
    """The agent answered with an error status other than noError. `index`: the binding it blames, from 1, or 0."""

    def __init__(self, status: int, index: int = 0) -> None:
        name = _STATUS_NAMES[status] if 0 <= status < len(_STATUS_NAMES) else str(status)
        super().__init__('credential:no-access' if status in _NO_ACCESS else 'snmp:error-status', name)
        self.status = status
        self.index = index


class Pdu(NamedTuple):
    """A response or report. Its bindings lie from `start` to `end` of the data it was parsed from."""

    kind: int
    request_id: int
    status: int
    index: int
    start: int
    end: int


def encode_request(kind: int, request_id: int, object_ids: Iterable[bytes], repetitions: int = 0) -> bytes:
    """A GET, GETNEXT or GETBULK (of `repetitions`, no non-repeaters) for OIDs given as content octets."""
    wanted = b''.join([
        _BINDING_HEADS[len(content)] + content + b'\x05\x00'
        if len(content) < len(_BINDING_HEADS)
        else encode_tlv(SEQUENCE, encode_tlv(OBJECT_ID, content) + b'\x05\x00')
        for content in object_ids
    ])  # fmt: skip
    head = encode_integer(request_id) + b'\x02\x01\x00' + encode_integer(repetitions)
    return encode_tlv(kind, head + encode_tlv(SEQUENCE, wanted))


def parse_pdu(data: bytes, position: int, end: int) -> Pdu:
    """The response or report at `position`. Raises Malformed for anything else."""
    usual = _RESPONSE_HEAD.match(data, position, end)
    if usual and usual.end() + int.from_bytes(usual[usual.lastindex]) == end:
        return Pdu(RESPONSE, int.from_bytes(usual[1], signed=True), usual[2][0], usual[3][0], usual.end(), end)
    kind, position, end = element(data, position, end)
    if kind not in (RESPONSE, REPORT):
        raise Malformed(f'a PDU of type 0x{kind:02x}')
    request_id, position = integer(data, position, end)
    status, position = integer(data, position, end)
    index, position = integer(data, position, end)
    start, end = expect(SEQUENCE, data, position, end)
    return Pdu(kind, request_id, status, index, start, end)


def bindings(data: bytes, position: int, end: int) -> list[Binding]:
    """The variable bindings between these positions.

    Raises Malformed when the frame of one of them is damaged: then nothing of the message can be trusted.
    """
    found: list[Binding] = []
    while position < end:
        name, middle, start, stop = locate(data, position, end)
        found.append((data[name:middle], decode_value(data[middle], data[start:stop])))
        position = stop
    return found


def locate(data: bytes, position: int, end: int) -> tuple[int, int, int, int]:
    """Of the variable binding at `position`: start and end of the name, start and end of the value. Raises Malformed.

    The tag of the value is where the name ends.
    """
    start, stop = expect(SEQUENCE, data, position, end)
    name, middle = expect(OBJECT_ID, data, start, stop)
    _tag, start, value_end = element(data, middle, stop)
    if value_end != stop:
        raise Malformed('a variable binding has more than a name and a value')
    return name, middle, start, stop


def decode_value(tag: int, content: bytes) -> SnmpValue | _Marker:
    """A value, or ABSENT or END_OF_VIEW. None if the type is unknown or the size impossible for it."""
    if tag in (OCTET_STRING, _OPAQUE):
        return content
    if tag == INTEGER:
        return int.from_bytes(content, signed=True) if 0 < len(content) <= 8 else None
    if tag in UNSIGNED:
        # Unsigned even if the agent forgot the leading zero.
        return int.from_bytes(content) if 0 < len(content) <= 8 or (len(content) == 9 and not content[0]) else None
    if tag in _NO_SUCH:
        return ABSENT
    if tag == _END_OF_VIEW:
        return END_OF_VIEW
    if tag == OBJECT_ID:
        try:
            return ObjectId(dotted(content))
        except Malformed:
            return None
    if tag == _IP_ADDRESS:
        return IpAddress('.'.join(map(str, content))) if len(content) == 4 else content
    return None


def dotted(content: bytes) -> str:
    """The content octets of a whole OID as dotted text. Raises Malformed."""
    numbers = object_id_numbers(content)
    if not numbers:
        return '0.0'
    # X.690, 8.19.4: the first number is 0, 1 or 2, and the second below 40 under 0 and 1.
    first = min(numbers[0] // 40, 2)
    return '.'.join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))
