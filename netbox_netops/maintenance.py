"""Maintenance windows: when a device is not to be touched, by the config context key `netops.maintenance`."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

__all__ = (
    'check_windows',
    'seconds_left',
)

DAYS = ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
_TIME = re.compile(r'([01]\d|2[0-3]):([0-5]\d)')
_MOST = 50


def check_windows(value: Any) -> list[dict[str, Any]]:
    """The windows of a config context, checked; raises ValueError that says what is wrong.

    Each is {"from": "22:00", "to": "04:00"} in the time zone of NetBox, over midnight if `to` is not later, optionally
    with "days": ["sat", "sun"] on which it begins; or {"start": …, "end": …}, two moments of ISO 8601.
    """
    if not isinstance(value, list) or len(value) > _MOST:
        raise ValueError(f'must be a list of at most {_MOST} windows')
    return [_check(window) for window in value]


def _check(window: Any) -> dict[str, Any]:
    if not isinstance(window, Mapping):
        raise ValueError('must be a list of objects')
    keys = set(window)
    if keys == {'start', 'end'}:
        start, end = _moment(window['start']), _moment(window['end'])
        if end <= start:
            raise ValueError('has a window whose end is not after its start')
        return {'start': start.isoformat(), 'end': end.isoformat()}
    if keys - {'days'} != {'from', 'to'}:
        raise ValueError('has a window that names neither "from" and "to" nor "start" and "end", or something else')
    checked = {}
    for name in ('from', 'to'):
        if not isinstance(window[name], str) or not _TIME.fullmatch(window[name]):
            raise ValueError(f'has a window whose "{name}" is not a time such as "22:00"')
        checked[name] = window[name]
    if 'days' in window:
        days = window['days']
        if not isinstance(days, list) or not days or not all(day in DAYS for day in days):
            raise ValueError(f'has a window whose "days" are not some of {", ".join(DAYS)}')
        checked['days'] = list(days)
    return checked


def _moment(value: Any) -> datetime:
    moment = None
    if isinstance(value, str):
        try:
            moment = parse_datetime(value)
        except ValueError:
            moment = None
    if moment is None:
        raise ValueError('has a window whose "start" or "end" is not a moment such as "2027-01-31T22:00"')
    return timezone.make_aware(moment, timezone.get_default_timezone()) if timezone.is_naive(moment) else moment


def seconds_left(options: Mapping[str, Any], now: datetime) -> float:
    """Seconds until the last of the windows that are open ends; 0 when none is. `options` have been checked."""
    return max((_seconds_left(window, now) for window in options.get('maintenance', ())), default=0.0)


def _seconds_left(window: Mapping[str, Any], now: datetime) -> float:
    if 'start' in window:
        start, end = datetime.fromisoformat(window['start']), datetime.fromisoformat(window['end'])
        return (end - now).total_seconds() if start <= now < end else 0.0
    zone = timezone.get_default_timezone()
    today = now.astimezone(zone).date()
    left = 0.0
    # One that began yesterday may reach into today.
    for day in (today - timedelta(days=1), today):
        if 'days' in window and DAYS[day.weekday()] not in window['days']:
            continue
        start = _at(day, window['from'], zone)
        end = _at(day, window['to'], zone)
        if window['to'] <= window['from']:
            end = _at(day + timedelta(days=1), window['to'], zone)
        if start <= now < end:
            left = max(left, (end - now).total_seconds())
    return left


def _at(day, time: str, zone) -> datetime:
    hour, minute = map(int, time.split(':'))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
