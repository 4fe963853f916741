"""Schedules in words."""

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

__all__ = ('schedule_text',)

_HOUR = 60
_DAY = 24 * _HOUR


def schedule_text(cron: str, interval: int | None) -> str:
    """'daily at 03:00', 'every 15 minutes'; a cron expression that needs many words as it is; '' for no schedule."""
    if interval:
        return _interval(interval)
    fields = cron.split()
    return (len(fields) == 5 and _cron(*fields)) or cron


def _interval(minutes: int) -> str:
    if minutes % _DAY == 0:
        return ngettext('every day', 'every {count} days', minutes // _DAY).format(count=minutes // _DAY)
    if minutes % _HOUR == 0:
        return ngettext('every hour', 'every {count} hours', minutes // _HOUR).format(count=minutes // _HOUR)
    return ngettext('every minute', 'every {count} minutes', minutes).format(count=minutes)


def _cron(minute: str, hour: str, day: str, month: str, weekday: str) -> str:
    if month != '*' or '*' not in (day, weekday):
        return ''
    daily = day == weekday == '*'
    if daily and hour == '*' and (step := _step(minute, _HOUR)):
        return _interval(step)
    if not _is_number(minute, _HOUR):
        return ''
    if daily and (step := _step(hour, 24)):
        every = _interval(step * _HOUR)
        return _('{every}, at minute {minute}').format(every=every, minute=int(minute))
    if not _is_number(hour, 24):
        return ''
    time = f'{int(hour):02}:{int(minute):02}'
    if daily:
        return _('daily at {time}').format(time=time)
    if weekday == '*':
        return _('on day {day} of the month at {time}').format(day=int(day), time=time) if _is_number(day, 32) else ''
    days = _weekdays(weekday)
    return _('{days} at {time}').format(days=days, time=time) if days else ''


def _step(text: str, of: int) -> int | None:
    """1 for *, 15 for */15; None where the steps are not all of the same length."""
    if text == '*':
        return 1
    head, _slash, step = text.partition('/')
    return int(step) if head == '*' and _is_number(step, of) and int(step) and of % int(step) == 0 else None


def _weekdays(text: str) -> str:
    first, dash, last = text.partition('-')
    names = [_weekday(item) for item in ((first, last) if dash else text.split(','))]
    if not all(names):
        return ''
    return _('{first} to {last}').format(first=names[0], last=names[1]) if dash else ', '.join(names)


def _weekday(text: str) -> str:
    # To cron both 0 and 7 are the Sunday, to Django 6 is.
    return str(WEEKDAYS[(int(text) - 1) % 7]) if _is_number(text, 8) else ''


def _is_number(text: str, below: int) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < below
