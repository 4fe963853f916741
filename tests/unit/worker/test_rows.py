"""The expression that finds whole rows finds what the general decoder finds, or nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.probes.snmp import rows
from netops_worker.probes.snmp.ber import encode_object_id, encode_tlv
from netops_worker.probes.snmp.pdu import bindings
from netops_worker.probes.snmp.rows import find_row

NAMES = ('1.3.6.1.2.1.2.2.1.2', '1.3.6.1.2.1.2.2.1.10', '1.3.6.1.2.1.31.1.1.1.1')
PREFIXES = tuple(encode_object_id(name) for name in NAMES)


def binding(name, value):
    return encode_tlv(0x30, encode_tlv(0x06, name) + value)


def row(index, values):
    return b''.join(binding(prefix + index, value) for prefix, value in zip(PREFIXES, values, strict=True))


def string(content):
    return encode_tlv(0x04, content)


# What looks like the beginning of the next binding, inside a value.
LURES = [b'\x30\x10\x06' + bytes((len(prefix) + 1,)) + prefix + b'\x05' for prefix in PREFIXES]
contents = st.one_of(st.binary(max_size=40), st.sampled_from(LURES), st.just(b'0' * 60), st.binary(max_size=200))
values = st.one_of(
    contents.map(string),
    st.integers(-(2**31), 2**31 - 1).map(lambda n: encode_tlv(0x02, n.to_bytes(n.bit_length() // 8 + 1, signed=True))),
    st.integers(0, 2**64 - 1).map(lambda n: encode_tlv(0x46, n.to_bytes(n.bit_length() // 8 + 1))),
    st.sampled_from([b'\x05\x00', b'\x80\x00', b'\x81\x00', b'\x82\x00', b'\x40\x04\xc0\x00\x02\x01', b'\x06\x01\x2b']),
)
indexes = st.lists(st.integers(0, 300), min_size=1, max_size=6).map(
    lambda numbers: encode_object_id('.'.join(map(str, (1, 3, *numbers))))[1:]
)


@given(indexes, st.tuples(values, values, values), st.binary(max_size=20))
def test_finds_what_the_decoder_finds(index, cells, rest):
    """A row is found with its index and values, whatever follows it, or it is left to the general decoder."""
    data = row(index, cells)
    found = find_row(data + rest, 0, len(data) + len(rest), PREFIXES)
    if found is None:
        assert (
            any(cell[0] >= 0x80 or len(cell) > 100 for cell in cells)
            or len(index) > 32
            or any(head[:3] in cell for cell in cells for head in LURES)
        )
    else:
        assert found[0] == index
        assert found[1] == [value for _name, value in bindings(data, 0, len(data))]
        assert found[2] == len(data)


@given(st.binary(max_size=120))
def test_anything(data):
    """No octets make it fail."""
    found = find_row(data, 0, len(data), PREFIXES)
    assert found is None or found[2] <= len(data)


def test_only_rows():
    """Another index in one column, a cut row, or a row beyond the end of the frame is none."""
    cells = (string(b'one'), string(b'two'), string(b'three'))
    data = row(b'\x07', cells)
    assert find_row(data, 0, len(data), PREFIXES) == (b'\x07', [b'one', b'two', b'three'], len(data))
    other = binding(PREFIXES[0] + b'\x08', cells[0])
    mixed = binding(PREFIXES[0] + b'\x07', cells[0]) + row(b'\x08', cells)[len(other) :]
    assert find_row(mixed, 0, len(mixed), PREFIXES) is None
    for end in range(len(data)):
        assert find_row(data, 0, end, PREFIXES) is None
        assert find_row(data[:end], 0, end, PREFIXES) is None


def test_a_hostile_answer_costs_little():
    """Beginnings of bindings without end do not make the expression try every combination of them."""
    prefixes = tuple(encode_object_id(f'1.3.6.1.2.1.2.2.1.{number}') for number in range(1, 13))
    heads = [b'\x30\x10\x06' + bytes((len(prefix) + 1,)) + prefix + b'\x01' for prefix in prefixes]
    data = (heads[0] + b'\x04\x10' + b''.join(heads) * 3) * 100
    begun = time.process_time()
    for position in range(0, 2000, 10):
        find_row(data, position, len(data), prefixes)
    assert time.process_time() - begun < 1


def test_what_is_remembered_is_bounded(monkeypatch):
    """Values that came before are remembered, but not without end."""
    monkeypatch.setattr(rows, '_MOST_KNOWN', 10)
    monkeypatch.setattr(rows, '_known', {})
    for number in range(100):
        data = row(b'\x01', [string(f'{number}-{column}'.encode()) for column in range(3)])
        assert find_row(data, 0, len(data), PREFIXES)[1][2] == f'{number}-2'.encode()
        assert len(rows._known) <= 10


@pytest.mark.parametrize('size', [0, 33])
def test_indexes_that_are_left_to_the_decoder(size):
    """No index at all, and a very long one."""
    data = row(b'\x01' * size, (string(b'x'),) * 3)
    assert find_row(data, 0, len(data), PREFIXES) is None
