"""Whole rows out of the answer to a GETBULK, at the speed of a regular expression.

Nearly all that a scan reads are rows of tables: one binding of each column after the other, all with the same index.
What such a row looks like is known beforehand but for the values, so an expression finds the values, and the loop in
`walk.take`, three times as slow, is left for everything else.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from netops_worker.probes.snmp.ber import Malformed
from netops_worker.probes.snmp.client import SnmpValue
from netops_worker.probes.snmp.pdu import decode_value

__all__ = ('find_row',)

# An index of more octets is left to the loop.
_LONGEST_INDEX = 32
# Encoded values that came before: most of them come again, from other rows and other devices.
_known: dict[bytes, SnmpValue] = {}
_MOST_KNOWN, _LONGEST_KNOWN = 32_768, 64


def find_row(
    data: bytes, position: int, end: int, prefixes: tuple[bytes, ...]
) -> tuple[bytes, Sequence[SnmpValue], int] | None:
    """The row at `position`: content octets of its index, a value for each of the prefixes, and the position after it.

    None if what is there is not exactly a row of values, in bindings of less than 128 octets.
    """
    if position + 4 > end:
        return None
    size = data[position + 3] - len(prefixes[0])
    if not 0 < size <= _LONGEST_INDEX:
        return None
    match = _pattern(prefixes, size).match(data, position, end)
    if match is None:
        return None
    # The last value is followed by anything, so its own length says where it ends.
    start = match.end()
    stop = start + 2 + data[start + 1] if start + 2 <= end else end + 1
    if stop > end:
        return None
    index, *found = match.groups()
    found.append(data[start:stop])
    known = _known
    try:
        return index, [known[value] if value in known else _decode(value) for value in found], stop
    except Malformed:
        return None


@lru_cache(maxsize=512)
def _pattern(prefixes: tuple[bytes, ...], size: int) -> re.Pattern[bytes]:
    """Of a row whose index has `size` octets, up to its last name. Groups: the index, all values but the last.

    Each value ends where the next name begins, and if such octets occur inside of it, it will be found too short.
    Atomic groups: what an agent makes up must not have the expression try every combination.
    """
    heads = [
        rb'\x30[\x00-\x7f]\x06' + re.escape(bytes((len(prefix) + size,))) + re.escape(prefix) for prefix in prefixes
    ]
    parts = [heads[0], b'(.{%d})' % size]
    for head in heads[1:]:
        parts.append(rb'(?>([\x00-\x7f]{2}.{0,127}?)(?=' + head + rb'))' + head + rb'\1')
    return re.compile(b''.join(parts), re.DOTALL)


def _decode(encoded: bytes) -> SnmpValue:
    """A value of short length, which is remembered. Raises Malformed if it is none, or a marker in the place of one."""
    if len(encoded) != 2 + encoded[1] or encoded[0] >= 0x80 or encoded[1] >= 0x80:
        raise Malformed('not a value')
    global _known
    value = decode_value(encoded[0], encoded[2:])
    if len(encoded) <= _LONGEST_KNOWN:
        if len(_known) >= _MOST_KNOWN:
            # A new one: another thread may be reading the old one.
            _known = {}
        _known[encoded] = value
    return value
