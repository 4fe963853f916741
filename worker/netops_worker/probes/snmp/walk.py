"""The bookkeeping of a walk over several columns at once."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import Malformed, encode_object_id, object_id_numbers
from netops_worker.probes.snmp.client import SnmpValue, Walk
from netops_worker.probes.snmp.pdu import ABSENT, END_OF_VIEW, decode_value, locate
from netops_worker.probes.snmp.rows import find_row

__all__ = (
    'Column',
    'outcome',
    'take',
)


class Column:
    """One column (or subtree) of a walk, and how far it was read: `suffix` is the index to go on from, as octets."""

    __slots__ = ('ended', 'failure', 'name', 'prefix', 'rows', 'size', 'suffix')

    def __init__(self, name: str) -> None:
        self.name = name
        self.prefix = encode_object_id(name)
        self.size = len(self.prefix)
        self.suffix = b''
        self.rows: dict[str, SnmpValue] = {}
        self.ended = False
        self.failure: NetOpsError | None = None

    @property
    def position(self) -> bytes:
        """The content octets of the OID to go on from."""
        return self.prefix + self.suffix

    def fail(self, error: NetOpsError) -> None:
        self.ended = True
        self.failure = error


@lru_cache(maxsize=65_536)
def read_index(suffix: bytes) -> tuple[str, tuple[int, ...]]:
    """The content octets after a column's as dotted text, and as numbers; none if they are not understood.

    Remembered, because an index comes once per column, and the same ones on many devices.
    """
    try:
        numbers = object_id_numbers(suffix)
    except Malformed:
        numbers = []
    return '.'.join(map(str, numbers)), tuple(numbers)


def take(data: bytes, position: int, end: int, columns: Sequence[Column], max_rows: int) -> int:
    """Put the bindings between these positions, the answer to a GETNEXT or GETBULK of `columns`, into the columns.

    They are row after row, one of each column (RFC 3416, section 4.2.3). Of a last row that is cut off nothing is taken
    unless it is the only one: columns that were read equally far are read several times faster. Returns how many
    bindings were taken. Raises Malformed where the frame of one is damaged, or a value stands in the place of another
    column's; the rows before it are in their columns then.
    """
    width = active = len(columns)
    count = 0
    # What comes after the end of all of them is of no interest.
    while position < end and active:
        if active == width:
            rows, position = _take_rows(data, position, end, columns)
            count += rows * width
        row = []
        while position < end and len(row) < width:
            row.append(locate(data, position, end))
            position = row[-1][3]
        if count and len(row) < width:
            break
        count += len(row)
        for column, (name, middle, start, stop) in zip(columns, row, strict=False):
            if not column.ended:
                _take_value(data[name:middle], decode_value(data[middle], data[start:stop]), column, columns)
                active -= column.ended
    for column in columns:
        if len(column.rows) > max_rows:
            column.rows = dict(islice(column.rows.items(), max_rows))
            column.fail(NetOpsError('snmp:endless-walk', f'more than {max_rows} rows below {column.name}'))
    return count


def _take_rows(data: bytes, position: int, end: int, columns: Sequence[Column]) -> tuple[int, int]:
    """Take the rows that are nothing but that, in columns that were read equally far. Returns how many there were, and
    the position after them.
    """
    suffix = columns[0].suffix
    for column in columns:
        if column.suffix != suffix:
            return 0, position
    prefixes = tuple([column.prefix for column in columns])
    stores = [column.rows for column in columns]
    last = read_index(suffix)[1]
    count = 0
    while row := find_row(data, position, end, prefixes):
        found, values, after = row
        text, numbers = read_index(found)
        if numbers <= last:
            break
        for store, value in zip(stores, values, strict=True):
            store[text] = value
        last, suffix, position = numbers, found, after
        count += 1
    for column in columns:
        column.suffix = suffix
    return count, position


def _take_value(name: bytes, value: Any, column: Column, columns: Sequence[Column]) -> None:
    if value is END_OF_VIEW or value is ABSENT:
        column.ended = True
    elif not name.startswith(column.prefix):
        _check_place(name, column, columns)
        column.ended = True
    else:
        suffix = name[column.size :]
        text, numbers = read_index(suffix)
        if numbers <= read_index(column.suffix)[1]:
            # Also without an index: the agent returned the very object it was asked to go on from.
            column.fail(NetOpsError('snmp:endless-walk', f'OIDs below {column.name} do not increase'))
        else:
            column.rows[text] = value
            column.suffix = suffix


def _check_place(name: bytes, column: Column, columns: Sequence[Column]) -> None:
    """Raise Malformed if this OID, found beyond the end of `column`, belongs to another one of the columns.

    Such an agent answers for fewer columns than it was asked for. To take its rows for the end would lose the rest.
    """
    for other in columns:
        if other is column or not other.rows or not name.startswith(other.prefix):
            continue
        # What follows a column may well be the first row of another one, but no further row.
        if read_index(name[other.size :])[0] != next(iter(other.rows)):
            raise Malformed('a value in the place of another column')


def outcome(columns: Iterable[Column]) -> Walk:
    return Walk(
        {column.name: column.rows for column in columns},
        {column.name: column.failure for column in columns if column.failure},
    )
