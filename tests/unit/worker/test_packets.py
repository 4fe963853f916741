"""Small facts about SNMP messages, and from SNMP values to plain ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.probes.snmp.packets import StatusError, error_status, increasing
from netops_worker.probes.snmp.text import integer, integers, mac, object_id, text

from .agent import NULL, Request


@pytest.mark.parametrize('community', [b'', b'public', b'x' * 200, b'x' * 300])
@pytest.mark.parametrize('status', [0, 1, 5, 16, 18])
@pytest.mark.parametrize('size', [1, 40])
def test_error_status(community, status, size):
    """The error status is found behind communities and in messages of any length, from the head alone."""
    request = Request(community, 0, 2**31 - 1, 0, [])
    reply = request.reply([((1, 3, 6, 1, 2, 1), NULL)] * size, status)
    assert error_status(reply[: len(community) + 48]) == status


@given(st.binary(max_size=60))
def test_error_status_of_anything(head):
    """No bytes make the look at the status fail."""
    assert isinstance(error_status(head), int)


def test_unknown_status():
    """A status without a name is told by its number."""
    assert StatusError(99).detail == '99'
    assert StatusError(-1).detail == '-1'


indexes = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple), min_size=1, max_size=6)


@given(indexes, st.lists(st.integers(0, 3), max_size=2).map(tuple))
def test_increasing(names, last):
    """It counts the indexes up to the first that does not follow its predecessor."""
    expected, previous = 0, last
    for name in names:
        if name <= previous:
            break
        expected, previous = expected + 1, name
    assert increasing(['.'.join(map(str, name)) for name in names], last) == (expected, previous)


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        (b'Lab switch', 'Lab switch'),
        ('São Paulo'.encode(), 'São Paulo'),
        ('São Paulo'.encode('latin-1'), 'São Paulo'),
        (b'', ''),
        (b'abc\0\0', 'abc'),
        (b'a\0b', 'ab'),
        (b'\x1b[31mred', '[31mred'),
        (b'two\r\nlines\tand tab', 'two lines and tab'),
        (b'\x80\x9fx', 'x'),
        (b'\xff\xfe', 'ÿþ'),
        (b'trailing blank ', 'trailing blank '),
        (7, None),
        ('1.3.6', None),
        (None, None),
    ],
)
def test_text(value, expected):
    """UTF-8, else Latin-1; no NUL and no control characters; what is no octet string is None."""
    assert text(value) == expected


def test_text_with_lines():
    """Where lines are wanted they are kept, with one kind of line end."""
    assert text(b'one\r\ntwo\nthree\rfour\0\n', lines=True) == 'one\ntwo\nthree\nfour'


@given(st.binary(max_size=30), st.booleans())
def test_text_of_anything(value, lines):
    """Any octets give text that PostgreSQL stores and JSON carries."""
    decoded = text(value, lines=lines)
    assert not set(decoded) & {chr(code) for code in [*range(32), *range(0x7F, 0xA0)] if chr(code) != '\n'}
    assert lines or '\n' not in decoded
    decoded.encode()


@pytest.mark.parametrize(
    ('value', 'expected'),
    [(bytes([0, 0x11, 0x22, 0x33, 0x44, 0xFF]), '00:11:22:33:44:ff'), (b'', ''), (b'\x00' * 5, ''),
     (b'\x00' * 8, ''), (b'00:11:22:33:44:55', ''), (5, ''), (None, ''), ('abcdef', '')],
)  # fmt: skip
def test_mac(value, expected):
    """Six octets are a MAC address; other lengths and types are none."""
    assert mac(value) == expected


def test_wrong_types_are_none():
    """A value of another type than the MIB says is None."""
    values = [5, b'5', '5', 5.0, None, True]
    assert integers(values) == list(map(integer, values)) == [5, None, None, None, None, None]
    assert object_id('1.3') == '1.3'
    assert object_id(b'1.3') is None
