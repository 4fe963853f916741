"""When a policy is due: cron expressions in the time zone of NetBox, and intervals. Pure, but for the clock's zone."""

import re
from datetime import datetime, timedelta

from croniter import CroniterError, croniter
from django.utils import timezone

from netops_worker.errors import NetOpsError

__all__ = (
    'check_cron',
    'next_time',
    'next_times',
)

_FIELDS = 5
# What croniter knows besides: a moment by chance, another one with each look at it.
_BY_CHANCE = re.compile(r'\b[hr]\b', re.IGNORECASE)


def check_cron(expression: str) -> None:
    """Raises NetOpsError `schedule:invalid` for what is no cron expression of five fields, or never comes true."""
    if len(expression.split()) != _FIELDS:
        raise NetOpsError('schedule:invalid', 'a cron expression has five fields: minute hour day month weekday')
    if _BY_CHANCE.search(expression):
        raise NetOpsError('schedule:invalid', 'name the moment; H and R would choose it by chance')
    _next_cron(expression, timezone.now())


def next_time(cron: str, interval: int | None, after: datetime, last: datetime | None = None) -> datetime | None:
    """The first moment later than `after` at which a policy of this schedule is due; None when it has no schedule.

    `interval` is minutes, counted from `last` (when it was due the last time), so that it does not wander.
    Raises NetOpsError `schedule:invalid`.
    """
    if cron:
        return _next_cron(cron, after)
    if interval:
        step = timedelta(minutes=interval)
        if last is None or last > after:
            return after + step
        return last + step * ((after - last) // step + 1)
    return None


def next_times(cron: str, interval: int | None, count: int, first: datetime) -> list[datetime]:
    """`count` moments from `first` on, for people to look at. Raises NetOpsError `schedule:invalid`."""
    found = [first]
    while len(found) < count and (following := next_time(cron, interval, found[-1], last=found[-1])) is not None:
        found.append(following)
    return found


def _next_cron(expression: str, after: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    try:
        moments = croniter(expression, after.astimezone(zone))
        following = moments.get_next(datetime)
        # As cron does it when the clock is put back: what names its hours is due once, not again an hour later.
        while _is_repeated(following) and not expression.split()[1].startswith('*'):
            following = moments.get_next(datetime)
    except (CroniterError, ValueError, KeyError, OverflowError) as error:
        raise NetOpsError('schedule:invalid', str(error)[:200]) from None
    return following


def _is_repeated(moment: datetime) -> bool:
    """Whether the clock has shown this time before, at the end of daylight saving time."""
    return moment.utcoffset() != moment.replace(fold=0).utcoffset()
