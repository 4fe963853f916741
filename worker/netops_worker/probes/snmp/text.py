"""From SNMP values to plain JSON values. What has another type than the MIB says becomes None."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address
from socket import AF_INET, inet_pton
from typing import cast

from netops_worker.probes.snmp.client import IpAddress, SnmpValue

__all__ = (
    'address_at',
    'address_octets',
    'address_text',
    'indexed_address',
    'integer',
    'integers',
    'ip_address',
    'line',
    'lines',
    'mac',
    'object_id',
    'sub_identifiers',
    'text',
    'unsigned',
)

_CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
_SPACES = '\t\n\v\f\r'
_ONE_LINE = {code: ' ' if chr(code) in _SPACES else None for code in _CONTROLS}
_LINES = {**_ONE_LINE, ord('\n'): '\n'}

# Octets of an InetAddress by its InetAddressType (RFC 4001): ipv4, ipv6, ipv4z, ipv6z. The last two end with a zone of
# four octets.
_ADDRESS_SIZES = {1: 4, 2: 16, 3: 8, 4: 20}
_IPV4_SIZES, _IPV6_SIZES = (4, 8), (16, 20)
_FAMILY_SIZES = {1: _IPV4_SIZES, 2: _IPV6_SIZES, 3: _IPV4_SIZES, 4: _IPV6_SIZES}
_OCTETS = frozenset(_ADDRESS_SIZES.values())
_GROUPS = 8
# Taken out of the enumeration, which costs more than the call it is for.
_AF_INET = int(AF_INET)
_NO_IPV4 = '0.0.0.0'  # noqa: S104 - no socket is bound to it
_PRINTABLE = bytes(range(0x20, 0x7F)) + b'\t\r\n\0'


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


def unsigned(value: SnmpValue) -> int | None:
    """A counter, a gauge or a count."""
    return value if type(value) is int and value >= 0 else None


def line(value: SnmpValue) -> str:
    """An octet string as one line without white space around it, '' if there is none: see text()."""
    return (text(value) or '').strip()


def lines(values: Sequence[SnmpValue]) -> list[str]:
    """The same for a column, of which nearly all are plain text that can be decoded at once."""
    try:
        joined = b'\n'.join(cast(Sequence[bytes], values)).decode()
    except (TypeError, UnicodeDecodeError):
        return list(map(line, values))
    found = joined.split('\n')
    if len(found) == len(values) and ''.join(found).isprintable():
        return [value.strip() for value in found] if ' ' in joined else found
    return list(map(line, values))


def object_id(value: SnmpValue) -> str | None:
    return value if isinstance(value, str) else None


def mac(value: SnmpValue) -> str:
    """Six octets as 00:11:22:33:44:55. Anything else, a port without an address as well, is ''."""
    return value.hex(':') if isinstance(value, bytes) and len(value) == 6 else ''


def ip_address(value: SnmpValue) -> str:
    """An IpAddress or InetAddress (RFC 4001) in canonical text, without a zone.

    Agents also send the text itself instead of its octets. '' for anything else, and for the unspecified address, with
    which agents say that there is none.
    """
    if isinstance(value, IpAddress):
        return address_text(value)
    if not isinstance(value, bytes):
        return ''
    if found := _spelled_out(value):
        return found
    # Nothing but letters is some other text. A binary address may look like it by chance, but then it has zeros.
    if len(value) > 4 and 0 not in value and not value.strip(_PRINTABLE):
        return ''
    return _ip_address_octets(value)


def address_text(value: str) -> str:
    """The same of text."""
    try:
        # It takes nothing but the canonical text of an IPv4 address.
        inet_pton(_AF_INET, value)
    except (OSError, ValueError):
        try:
            # Behind it may be a zone or the length of the prefix.
            return _ip_address_octets(IPv6Address(value.partition('%')[0].partition('/')[0]).packed)
        except ValueError:
            return ''
    return str(value) if value != _NO_IPV4 else ''


def sub_identifiers(index: str) -> tuple[int, ...]:
    return tuple(map(int, index.split('.'))) if index else ()


def indexed_address(identifiers: tuple[int, ...], start: int = 0) -> str:
    """An InetAddressType and InetAddress from `start` to the end of an index, as ip_address() gives it.

    '' if there is nothing like it.
    """
    sizes = _FAMILY_SIZES.get(identifiers[start]) if len(identifiers) > start else None
    if sizes is None:
        return ''
    numbers = identifiers[start + 1 :]
    return address_octets(numbers, sizes) or (_address_groups(numbers) if sizes is _IPV6_SIZES else '')


def address_octets(octets: tuple[int, ...], sizes: tuple[int, ...]) -> str:
    """The same of octets alone, which may be as many as one of the `sizes`.

    Their number precedes them (RFC 2578, section 7.7) or not: some agents leave it out, some put it where it does not
    belong. Others have a zone where the type is one without, or none where it is one with, or text for octets.
    """
    if not octets or max(octets) > 255:
        return ''
    if octets[0] == len(octets) - 1 and (found := _sized_address(bytes(octets[1:]), sizes)):
        return found
    return _sized_address(bytes(octets), sizes)


def _sized_address(octets: bytes, sizes: tuple[int, ...]) -> str:
    return ip_address(octets) if len(octets) in sizes else _spelled_out(octets)


def _address_groups(numbers: tuple[int, ...]) -> str:
    """FortiOS: the eight groups of an IPv6 address in place of its octets, and the ifIndex behind them."""
    groups = numbers[:_GROUPS]
    if len(numbers) not in (_GROUPS, _GROUPS + 1) or numbers[0] == len(numbers) - 1 or max(groups) > 0xFFFF:
        return ''
    return _ip_address_octets(b''.join(group.to_bytes(2) for group in groups))


def address_at(identifiers: tuple[int, ...], start: int, *, sized: bool) -> tuple[str, int] | None:
    """The address that begins at `start` of an index where another follows, and where it ends. None if there is none.

    `sized`: with the number of octets.
    """
    begin = start + 1 + sized
    if len(identifiers) < begin:
        return None
    size = _ADDRESS_SIZES.get(identifiers[start])
    if size is None or (sized and identifiers[start + 1] != size):
        return None
    octets = identifiers[begin : begin + size]
    if len(octets) < size or max(octets) > 255:
        return None
    return ip_address(bytes(octets)), begin + size


def _spelled_out(octets: bytes) -> str:
    """The address whose text, not the address itself, these octets are; '' if they are not."""
    if len(octets) <= 4 or octets.strip(_PRINTABLE):
        return ''
    return address_text(octets.decode().strip('\t\r\n\0 '))


def _ip_address_octets(octets: bytes) -> str:
    size = len(octets)
    if size not in _OCTETS:
        return ''
    if size <= 8:
        return f'{octets[0]}.{octets[1]}.{octets[2]}.{octets[3]}' if any(octets[:4]) else ''
    return str(IPv6Address(octets[:16])) if any(octets[:16]) else ''
