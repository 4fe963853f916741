"""Values of the network in the form in which engineers write them."""

from datetime import timedelta

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext
from utilities.string import humanize_duration
from utilities.templatetags.helpers import humanize_speed

from ..kinds import KINDS
from ..settings import get_settings

__all__ = (
    'age',
    'attempt',
    'clock',
    'elapsed',
    'interface_type',
    'speed',
    'timestamp',
    'until',
    'uptime',
)

# The assigned numbers of ifType (IANAifType-MIB) that real devices answer with; others are shown as their number.
_INTERFACE_TYPES = {
    1: 'other',
    6: 'ethernetCsmacd',
    15: 'fddi',
    18: 'ds1',
    22: 'propPointToPointSerial',
    23: 'ppp',
    24: 'softwareLoopback',
    30: 'ds3',
    32: 'frameRelay',
    33: 'rs232',
    37: 'atm',
    39: 'sonet',
    49: 'aal5',
    53: 'propVirtual',
    54: 'propMultiplexor',
    56: 'fibreChannel',
    62: 'fastEther',
    63: 'isdn',
    69: 'fastEtherFX',
    71: 'ieee80211',
    77: 'lapd',
    81: 'ds0',
    94: 'adsl',
    97: 'vdsl',
    108: 'pppMultilinkBundle',
    117: 'gigabitEthernet',
    131: 'tunnel',
    134: 'atmSubInterface',
    135: 'l2vlan',
    136: 'l3ipvlan',
    142: 'ipForward',
    150: 'mplsTunnel',
    161: 'ieee8023adLag',
    166: 'mpls',
    171: 'pos',
    188: 'radioMAC',
    195: 'opticalChannel',
    209: 'bridge',
    230: 'adsl2',
    244: 'wwanPP2',
    246: 'ilan',
    250: 'gpon',
    251: 'vdsl2',
    258: 'vmwareVirtualNic',
}


def interface_type(number: int | None) -> str:
    if number is None:
        return ''
    return _INTERFACE_TYPES.get(number, str(number))


def speed(bits_per_second: int | None) -> str:
    if not bits_per_second:
        return ''
    # NetBox's own formatter counts in kbit/s.
    if bits_per_second < 1000:
        return f'{bits_per_second} bps'
    return humanize_speed(bits_per_second // 1000)


def uptime(ticks: int | None) -> str:
    """sysUpTime counts hundredths of a second."""
    return '' if ticks is None else humanize_duration(timedelta(seconds=ticks // 100))


def age(since) -> str:
    """How long ago, in its largest unit."""
    return '' if since is None else timesince(since, depth=1)


def until(moment) -> str:
    """In how long, to the second."""
    if moment is None:
        return ''
    seconds = round((moment - timezone.now()).total_seconds())
    if seconds <= 0:
        return gettext('now')
    return gettext('in {duration}').format(duration=humanize_duration(timedelta(seconds=seconds)))


def clock(moment) -> str:
    """A moment in the time zone of NetBox: the time if it is today, else with the date."""
    text = timestamp(moment)
    return text[11:] if moment and timezone.localtime(moment).date() == timezone.localdate() else text


def timestamp(value) -> str:
    """A moment in the time zone of NetBox, to the second."""
    return '' if value is None else timezone.localtime(value).strftime('%Y-%m-%d %H:%M:%S')


def attempt(number: int, kind: str) -> str:
    """Which attempt at a target it is, of how many at most for this kind of run."""
    most = get_settings().attempts_of(kind) if kind in KINDS else number
    return gettext('{attempt} of {most}').format(attempt=number, most=max(number, most))


def elapsed(started, finished) -> timedelta | None:
    """How long something took, or takes until now. What was closed before it started took no time."""
    if started is None:
        return None
    return max((finished or timezone.now()) - started, timedelta(0))
