"""From SNMP values to plain JSON values. What has another type than the MIB says becomes None."""

from collections.abc import Iterable

from netops_worker.probes.snmp.client import SnmpValue

__all__ = (
    'integer',
    'integers',
    'mac',
    'object_id',
    'text',
)

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
_SPACES = '\t\n\v\f\r'
_ONE_LINE = {code: ' ' if chr(code) in _SPACES else None for code in _CONTROLS}
_LINES = {**_ONE_LINE, ord('\n'): '\n'}


def text(value: SnmpValue, *, lines: bool = False) -> str | None:
    """An octet string as text: UTF-8, otherwise Latin-1, without control characters (PostgreSQL takes no NUL).

    White space among them becomes a space; with `lines`, line ends are kept as newlines.
    """
    if not isinstance(value, bytes):
        return None
    try:
        decoded = value.decode()
    except UnicodeDecodeError:
        decoded = value.decode('latin-1')
    if decoded.isprintable():
        return decoded
    if lines:
        return decoded.replace('\r\n', '\n').replace('\r', '\n').translate(_LINES).strip()
    return decoded.replace('\r\n', ' ').translate(_ONE_LINE).strip()


def integer(value: SnmpValue) -> int | None:
    return value if type(value) is int else None


def integers(values: Iterable[SnmpValue]) -> list[int | None]:
    """The same for a column: a scan has hundreds of thousands of them."""
    return [value if type(value) is int else None for value in values]


def object_id(value: SnmpValue) -> str | None:
    return value if isinstance(value, str) else None


def mac(value: SnmpValue) -> str:
    """Six octets as 00:11:22:33:44:55. Anything else, a port without an address as well, is ''."""
    return value.hex(':') if isinstance(value, bytes) and len(value) == 6 else ''
