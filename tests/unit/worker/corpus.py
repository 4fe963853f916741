"""Messages and parts of them that a decoder once took wrongly or could have: each goes through every decoder.

Whatever a fuzzer finds is added here, with what was wrong. Written by hand from the definitions of the formats.
"""

from .agent import integer, oid, string, tlv
from .agent_v3 import sequence

__all__ = ('CORPUS',)

_NAME = oid('1.3.6.1.2.1.2.2.1.2.1')


def _v3(engine_id: bytes, flags: bytes = b'\x00', **parts: bytes) -> bytes:
    parameters = sequence(
        string(engine_id), parts.get('boots', integer(1)), parts.get('time', integer(1)), string('operator'),
        string(''), string(parts.get('salt', b'')),
    )  # fmt: skip
    header = sequence(parts.get('id', integer(1)), integer(65_507), string(flags), parts.get('model', integer(3)))
    pdu = tlv(0xA8, integer(0) + integer(0) + integer(0) + sequence(parts.get('binding', b'')))
    scoped = parts.get('scoped', sequence(string(engine_id), string(''), pdu))
    return sequence(integer(3), header, string(parameters), scoped)


CORPUS: dict[str, bytes] = {
    # Decoders that panic or loop are known for these.
    'nothing': b'',
    'one octet': b'\x30',
    'no length': b'\x30\x82',
    'indefinite length': b'\x30\x80\x02\x01\x01\x00\x00',
    'length of four octets': b'\x30\x84\xff\xff\xff\xff',
    'length of many octets': b'\x30\xff' + b'\xff' * 130,
    'version without octets': bytes.fromhex('3007 0200 0400 a200'),
    'version of many octets': sequence(tlv(0x02, bytes(30)), string('public')),
    'only a version': b'\x30\x03\x02\x01\x01',
    'community longer than its frame': b'\x30\x08\x02\x01\x01\x04\xff\xff\xff\xff',
    'no PDU': sequence(integer(1), string('public')),
    'nested without end': b'\x30\x80' * 500,
    'empty binding': b'\x30\x00',
    'binding without a value': sequence(_NAME),
    'binding of two values': sequence(_NAME + integer(1) + integer(2)),
    'name without octets': sequence(b'\x06\x00' + integer(1)),
    'name that is cut off': sequence(b'\x06\x0b' + _NAME[2:-1] + b'\x81' + integer(1)),
    'name of zeros': sequence(b'\x06\x0b' + _NAME[2:-1] + b'\x80' + integer(1)),
    'sub-identifier of 70 bits': sequence(b'\x06\x14' + _NAME[2:] + b'\xff' * 9 + b'\x7f' + integer(1)),
    'name of 700 octets': sequence(tlv(0x06, _NAME[2:] + bytes(700)) + integer(1)),
    'constructed string': sequence(_NAME + tlv(0x24, string('x'))),
    # Its value was kept, cut off, before the damage was noticed.
    'value longer than its frame': sequence(_NAME + string('x'))[:-1],
    # The prefix of the column went on in the value that follows a shorter name.
    'name that is completed by its value': sequence(b'\x06\x08' + _NAME[2:10] + b'\x02\x02\x01\x02'),
    # Was taken for a number of 72 bits, which no column of the database holds.
    'counter of more than 64 bits': sequence(_NAME + b'\x46\x09' + b'\xff' * 9),
    'gauge without octets': sequence(_NAME + b'\x42\x00'),
    'address of three octets': sequence(_NAME + b'\x40\x03\x0a\x00\x01'),
    # A user without keys took it, and sent messages with it that no length fits.
    'engine id of 60,000 octets': _v3(bytes(60_000)),
    'engine id without octets': _v3(b''),
    'two octets of flags': _v3(b'engine', b'\x00\x00'),
    'no octet of flags': _v3(b'engine', b''),
    'privacy without authentication': _v3(b'engine', b'\x02'),
    'privacy, but nothing encrypted': _v3(b'engine', b'\x03', salt=bytes(8)),
    'encrypted to nothing': _v3(b'engine', b'\x03', salt=bytes(8), scoped=string(b'')),
    'a short salt': _v3(b'engine', b'\x03', salt=bytes(7), scoped=string(bytes(16))),
    'another security model': _v3(b'engine', model=integer(1)),
    'boots below zero': _v3(b'engine', boots=b'\x02\x01\xff'),
    'time of 33 bits': _v3(b'engine', time=integer(2**32)),
    'report of nothing': _v3(b'engine'),
    'report of a name that is cut off': _v3(b'engine', binding=sequence(b'\x06\x01\x81' + integer(1))),
    'report without a value': _v3(b'engine', binding=sequence(b'\x06\x01\x2b')),
}
