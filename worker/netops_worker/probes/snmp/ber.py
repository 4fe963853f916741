"""The part of the Basic Encoding Rules (X.690) that SNMP uses (RFC 3417, section 8)."""

from functools import lru_cache

__all__ = (
    'INTEGER',
    'NULL',
    'OBJECT_ID',
    'OCTET_STRING',
    'SEQUENCE',
    'Malformed',
    'element',
    'encode_integer',
    'encode_object_id',
    'encode_tlv',
    'expect',
    'integer',
    'object_id_numbers',
)

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_ID = 0x06
SEQUENCE = 0x30

# RFC 2578, section 3.5: at most 128 sub-identifiers of 32 bits.
_MAX_OBJECT_ID_BYTES = 128 * 5
_MAX_NUMBER = 2**32 - 1


class Malformed(ValueError):
    """Bytes that are not what they should be. The text never quotes them."""


def encode_tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    if size < 0x100:
        return bytes((tag, 0x81, size)) + content
    return bytes((tag, 0x82, size >> 8, size & 0xFF)) + content


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, signed=True)
    return bytes((tag, len(content))) + content


@lru_cache(maxsize=4096)
def encode_object_id(text: str) -> bytes:
    """The content octets of a dotted OID of at least two numbers. Raises ValueError if it is none."""
    first, second, *rest = map(int, text.split('.'))
    if first not in (0, 1, 2) or not 0 <= second < (40 if first < 2 else 2**32 - 80):
        raise ValueError(f'{text!r} is not an object identifier')
    content = bytearray()
    for number in (first * 40 + second, *rest):
        if not 0 <= number <= _MAX_NUMBER:
            raise ValueError(f'{text!r} is not an object identifier')
        if number < 0x80:
            content.append(number)
            continue
        shift = (number.bit_length() - 1) // 7 * 7
        while shift:
            content.append(0x80 | number >> shift & 0x7F)
            shift -= 7
        content.append(number & 0x7F)
    return bytes(content)


def object_id_numbers(content: bytes) -> list[int]:
    """The sub-identifiers in content octets as they are encoded: the first two numbers of a whole OID are one there."""
    if len(content) > _MAX_OBJECT_ID_BYTES:
        raise Malformed('an object identifier is too long')
    numbers = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if octet < 0x80:
            if number > _MAX_NUMBER:
                raise Malformed('a sub-identifier has more than 32 bits')
            numbers.append(number)
            number = 0
    if content and content[-1] >= 0x80:
        raise Malformed('an object identifier is cut off')
    return numbers


def element(data: bytes, position: int, end: int) -> tuple[int, int, int]:
    """Tag, and start and end of the content, of the element at `position`, which must lie before `end`."""
    start = position + 2
    if start > end:
        raise Malformed('an element is cut off')
    size = data[position + 1]
    if size >= 0x80:
        width = size & 0x7F
        if not 0 < width <= 4 or start + width > end:
            raise Malformed('a length is not understood')
        size = int.from_bytes(data[start : start + width])
        start += width
    stop = start + size
    if stop > end:
        raise Malformed('an element is longer than its frame')
    return data[position], start, stop


def expect(tag: int, data: bytes, position: int, end: int) -> tuple[int, int]:
    """Start and end of the content of the element at `position`, which must have this tag."""
    found, start, stop = element(data, position, end)
    if found != tag:
        raise Malformed(f'tag 0x{found:02x} in the place of 0x{tag:02x}')
    return start, stop


def integer(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The INTEGER at `position` and the position after it."""
    start, stop = expect(INTEGER, data, position, end)
    if not 0 < stop - start <= 8:
        raise Malformed('an integer of impossible size')
    return int.from_bytes(data[start:stop], signed=True), stop
