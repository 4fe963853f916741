"""From SNMP values to plain ones: text that can be stored, numbers, addresses, and nothing invented."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.probes.snmp.client import IpAddress
from netops_worker.probes.snmp.text import (
    address_at,
    indexed_address,
    integer,
    integers,
    ip_address,
    line,
    mac,
    object_id,
    sub_identifiers,
    text,
    unsigned,
)


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


@given(st.binary(max_size=30) | st.integers() | st.none())
def test_line_of_anything(value):
    """One line without white space around it, whatever it was."""
    assert line(value) == line(value).strip()
    assert '\n' not in line(value)


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
    assert list(map(unsigned, [0, 5, -1, b'5', True])) == [0, 5, None, None, None]
    assert object_id('1.3') == '1.3'
    assert object_id(b'1.3') is None


def is_address(found):
    return found == '' or str(ipaddress.ip_address(found)) == found


@given(st.binary(max_size=60) | st.ip_addresses().map(lambda address: str(address).encode()))
def test_ip_address_of_anything(value):
    """Any octets are an address in canonical text, or none."""
    assert is_address(ip_address(value))


@given(st.text(max_size=20) | st.ip_addresses(v=4).map(str))
def test_ip_address_of_any_text(value):
    """So is an IpAddress, whose text may come from an index."""
    assert is_address(ip_address(IpAddress(value)))


numbers = st.integers(0, 300) | st.integers(0, 2**32 - 1) | st.sampled_from([1, 2, 3, 4, 8, 16, 20])


@given(st.lists(numbers, max_size=30).map(tuple), st.integers(0, 5), st.booleans())
def test_addresses_of_any_index(identifiers, start, sized):
    """Whatever an index has, there is an address in it or none, and it ends within the index."""
    found = address_at(identifiers, start, sized=sized)
    assert found is None or (is_address(found[0]) and found[1] <= len(identifiers))
    assert is_address(indexed_address(identifiers, start))
    assert sub_identifiers('.'.join(map(str, identifiers))) == identifiers
