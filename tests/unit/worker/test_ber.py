"""The encoding is that of X.690, as another implementation reads and writes it, and no bytes are taken for what they
are not.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netops_worker.probes.snmp.ber import (
    INTEGER,
    NULL,
    OCTET_STRING,
    Malformed,
    element,
    encode_integer,
    encode_object_id,
    encode_tlv,
    expect,
    integer,
    object_id_numbers,
)

from . import agent

NUMBERS = st.integers(0, 2**32 - 1) | st.sampled_from([0, 127, 128, 16383, 16384, 2**31, 2**32 - 1])


@pytest.mark.parametrize('size', [0, 1, 127, 128, 255, 256, 65_507])
def test_lengths(size):
    """Short, one-octet and two-octet lengths, each in its shortest form, and back."""
    encoded = encode_tlv(OCTET_STRING, bytes(size))
    assert encoded == agent.tlv(OCTET_STRING, bytes(size))
    start, stop = expect(OCTET_STRING, encoded, 0, len(encoded))
    assert (stop - start, stop) == (size, len(encoded))


@given(st.integers(0, 2**63 - 1))
@example(0)
@example(127)
@example(128)
@example(2**31 - 1)
def test_integers(value):
    """What requests have, from 0 upwards, is encoded as others do it, and read back."""
    encoded = encode_integer(value)
    assert encoded == agent.integer(value)
    assert integer(encoded, 0, len(encoded)) == (value, len(encoded))


@given(st.binary(min_size=1, max_size=8))
def test_integers_with_a_sign(content):
    """Integers of up to 64 bits are read with their sign, also in more octets than needed."""
    assert integer(encode_tlv(INTEGER, content), 0, 2 + len(content))[0] == int.from_bytes(content, signed=True)


@pytest.mark.parametrize('content', [b'', bytes(9)])
def test_integers_of_impossible_size(content):
    """An integer without octets, or of more than 64 bits, is none."""
    encoded = encode_tlv(INTEGER, content)
    with pytest.raises(Malformed):
        integer(encoded, 0, len(encoded))


@given(st.integers(0, 2), st.lists(NUMBERS, max_size=126), st.data())
def test_object_ids(first, rest, data):
    """Any OID that RFC 2578 allows is encoded as another implementation reads it, and comes back."""
    second = data.draw(st.integers(0, 39 if first < 2 else 47))
    numbers = (first, second, *rest)
    content = encode_object_id('.'.join(map(str, numbers)))
    assert agent.tlv(0x06, content) == agent.oid(numbers)
    assert object_id_numbers(content) == [first * 40 + second, *rest]


def test_object_ids_under_two():
    """Under 2 the second number may be large (X.690, 8.19.4)."""
    assert encode_object_id('2.999') == b'\x88\x37'
    assert encode_object_id('2.4294967215') == b'\x8f\xff\xff\xff\x7f'


@pytest.mark.parametrize(
    'text', ['', '1', '1.', '.1.3', '3.1', '0.40', '1.40', '2.4294967216', '1.3.4294967296', '1.3.-1', '1.3.x']
)
def test_what_is_no_object_id(text):
    """Text that is no OID is refused and not sent."""
    with pytest.raises(ValueError, match=r'identifier|invalid literal|unpack'):
        encode_object_id(text)


@pytest.mark.parametrize(
    'content',
    [b'\x80', b'\x2b\x86', b'\x90\x80\x80\x80\x00', b'\xff' * 20 + b'\x01', b'\x01' * 641],
    ids=['only a head', 'cut off', '33 bits', '140 bits', 'too many'],
)
def test_damaged_object_ids(content):
    """Sub-identifiers that are cut off or have more than 32 bits, and OIDs without end, are not understood."""
    with pytest.raises(Malformed):
        object_id_numbers(content)


@pytest.mark.parametrize(
    'data',
    [b'', b'\x04', b'\x04\x01', b'\x04\x81', b'\x04\x81\x01', b'\x04\x80', b'\x04\x80ab\0\0', b'\x04\x85\0\0\0\0\1a',
     b'\x04\x84\xff\xff\xff\xff', b'\x04\xff' + bytes(200)],
)  # fmt: skip
def test_damaged_elements(data):
    """What is cut off, longer than its frame, or of a length that SNMP does not allow, is not understood."""
    with pytest.raises(Malformed):
        element(data, 0, len(data))


def test_a_frame_ends_before_the_data():
    """An element may not reach beyond its frame, although there are more bytes."""
    data = b'\x04\x02ab' * 2
    assert element(data, 0, 4) == (OCTET_STRING, 2, 4)
    with pytest.raises(Malformed):
        element(data, 0, 3)


def test_another_tag():
    """What has another tag than it must have is not understood."""
    with pytest.raises(Malformed, match='0x05 in the place of 0x04'):
        expect(OCTET_STRING, bytes((NULL, 0)), 0, 2)


def test_lengths_longer_than_needed():
    """Lengths in more octets than needed are read: there are agents that reserve room for them (RFC 3417, 8)."""
    assert element(b'\x04\x82\x00\x02ab', 0, 6) == (OCTET_STRING, 4, 6)
    assert element(b'\x04\x84\x00\x00\x00\x02ab', 0, 8) == (OCTET_STRING, 6, 8)
