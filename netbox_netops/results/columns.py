"""The columns of a result family: what PostgreSQL can store of what a worker at a POP may send.

Whole columns are checked at once. Nearly always every value is of its type and inside its bounds, which a few calls in
C find out for thousands of rows; only where that fails a column is gone through value by value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from ..bulk import NULL

__all__ = (
    'Column',
    'address',
    'clean_number',
    'clean_text',
    'flag',
    'number',
    'text',
)

_ESCAPES = str.maketrans({'\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r'})
_NUMBERS = {'smallint': 2**15, 'integer': 2**31, 'bigint': 2**63}


@dataclass(frozen=True, slots=True)
class Column:
    """`source`: its name on the wire. `kind`: PostgreSQL type. `clean`: raw values to what `copy_columns` takes."""

    name: str
    source: str
    kind: str
    clean: Callable[[Sequence[Any]], Sequence[Any]]


def text(name: str, length: int = 255, *, source: str = '', required: bool = False) -> Column:
    """What is no text is the empty one, and that is NULL where it is `required`. Longer ones are cut off."""

    def clean(values):
        if set(map(type, values)) != {str}:
            values = [value if isinstance(value, str) else '' for value in values]
        if max(map(len, values)) > length:
            values = [value[:length] for value in values]
        joined = ''.join(values)
        if '\0' in joined:
            values = [value.replace('\0', '') for value in values]
        if '\\' in joined or '\n' in joined or '\r' in joined or '\t' in joined:
            values = [value.translate(_ESCAPES) for value in values]
        return [value or NULL for value in values] if required else values

    return Column(name, source or name, 'text', clean)


def number(name: str, kind: str = 'bigint', *, source: str = '', least: int | None = None) -> Column:
    """What is no whole number, too large to be stored, or less than `least`, is NULL."""
    bound = _NUMBERS[kind]
    bottom = -bound if least is None else least

    def clean(values):
        if set(map(type, values)) == {int} and bottom <= min(values) and max(values) < bound:
            return values
        return [value if type(value) is int and bottom <= value < bound else NULL for value in values]

    return Column(name, source or name, kind, clean)


def flag(name: str, *, source: str = '') -> Column:
    def clean(values):
        return [value if value is True or value is False else NULL for value in values]

    return Column(name, source or name, 'boolean', clean)


def address(name: str, *, source: str = '') -> Column:
    """An IP address without its zone, which is an interface; what is none is NULL."""

    def clean(values):
        return [_clean_address(value) for value in values]

    return Column(name, source or name, 'inet', clean)


def _clean_address(value: Any) -> str:
    if not isinstance(value, str):
        return NULL
    try:
        found = ip_address(value.partition('%')[0])
    except ValueError:
        return NULL
    return str(getattr(found, 'ipv4_mapped', None) or found)


def clean_text(value: Any, length: int) -> str:
    return value.replace('\0', '')[:length] if isinstance(value, str) else ''


def clean_number(value: Any, kind: str) -> int | None:
    bound = _NUMBERS[kind]
    return value if type(value) is int and -bound <= value < bound else None
