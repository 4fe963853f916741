"""What is counted and noted in Redis for metrics and health: totals, and when the tick ran last.

Totals of rows in the database would shrink with retention, which a counter must not. These only grow; a Redis that is
emptied starts them anew, which Prometheus takes for the restart of a process. What is counted while Redis does not
answer is missing in them.
"""

import bisect
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from redis.exceptions import RedisError

from netops_worker.errors import ERRORS
from netops_worker.log import get_logger
from netops_worker.wire import Result

from .choices import RunTargetStateChoices
from .quick_redis import quick_redis

__all__ = (
    'BUCKETS',
    'OTHER',
    'Durations',
    'Totals',
    'count_attempts',
    'count_finished',
    'count_lost',
    'note_tick',
    'read_telemetry',
)

logger = get_logger('netbox.netbox_netops.telemetry')

_TOTALS = 'netops:totals'
_TICK = 'netops:tick'

# Upper bounds of the histogram of durations, in seconds.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

# Family of the error codes that this version does not know.
OTHER = 'other'

# First part of a field of the hash of totals; the others are kind, and what is told apart within it.
_FINISHED, _RETRIES, _LOST, _REFUSED, _BUCKET, _SECONDS = (
    *('finished', 'retries', 'lost', 'refused'),
    *('bucket', 'seconds'),
)


@dataclass(slots=True)
class Durations:
    """Attempts by duration: one number per bucket and one for what took longer, and the seconds of all of them."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


@dataclass(slots=True)
class Totals:
    """Since Redis was last emptied. `finished`: RunTargets by (kind, final state, family of the error code)."""

    finished: dict[tuple[str, str, str], int] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    durations: dict[str, Durations] = field(default_factory=dict)


def count_attempts(results: Sequence[Result], states: Mapping[int, str]) -> None:
    """Count these results once the transaction commits. `states`: what became of the rows whose lease was valid."""
    counted: Counter[tuple[str, ...]] = Counter()
    seconds: Counter[str] = Counter()
    for result in results:
        state = states.get(result.task)
        if state is None:
            counted[_REFUSED, result.kind] += 1
            continue
        if state == RunTargetStateChoices.WAITING:
            counted[_RETRIES, result.kind] += 1
        else:
            counted[_finished(result.kind, state, result.error_code)] += 1
        # What was closed without being probed took no time.
        if result.duration_ms > 0:
            took = result.duration_ms / 1000
            counted[_BUCKET, result.kind, str(bisect.bisect_left(BUCKETS, took))] += 1
            seconds[result.kind] += took
    _count(counted, seconds)


def count_finished(rows: Iterable[tuple[str, str, str]]) -> None:
    """Count rows by (kind, final state, error code) that ended without a result."""
    _count(Counter(_finished(*row) for row in rows))


def count_lost(kinds: Iterable[str]) -> None:
    """Count leases that ran out, by kind."""
    _count(Counter((_LOST, kind) for kind in kinds))


def _finished(kind: str, state: str, code: str) -> tuple[str, ...]:
    return _FINISHED, kind, state, _family(code)


def _family(code: str) -> str:
    """What is before the colon. Of codes of a newer worker at a gateway OTHER: they must not make up new labels."""
    return code.partition(':')[0] if code in ERRORS or not code else OTHER


def _count(numbers: Mapping[tuple[str, ...], int], seconds: Mapping[str, float] | None = None) -> None:
    if numbers:
        transaction.on_commit(partial(_add, numbers, seconds or {}))


def _add(numbers: Mapping[tuple[str, ...], int], seconds: Mapping[str, float]) -> None:
    try:
        with quick_redis().pipeline(transaction=False) as pipeline:
            for parts, number in numbers.items():
                pipeline.hincrby(_TOTALS, '|'.join(parts), number)
            for kind, number in seconds.items():
                pipeline.hincrbyfloat(_TOTALS, f'{_SECONDS}|{kind}', number)
            pipeline.execute()
    except RedisError as error:
        logger.warning('Redis does not answer: totals are not counted (%s)', type(error).__name__)


def note_tick() -> None:
    """Note that the tick ran now. Without Redis it is as if it had not."""
    try:
        quick_redis().set(_TICK, repr(time.time()))
    except RedisError as error:
        logger.warning('Redis does not answer: the tick is not noted (%s)', type(error).__name__)


def read_telemetry() -> tuple[Totals, float | None]:
    """The totals, and how many seconds ago the tick ran last (None: unknown). Raises what redis-py raises."""
    with quick_redis().pipeline(transaction=False) as pipeline:
        pipeline.hgetall(_TOTALS)
        pipeline.get(_TICK)
        fields, tick = pipeline.execute()
    totals = Totals()
    for name, value in fields.items():
        what, kind, *rest = name.decode().split('|')
        if what == _FINISHED:
            totals.finished[kind, *rest] = int(value)
        elif what in (_BUCKET, _SECONDS):
            durations = totals.durations.setdefault(kind, Durations())
            if what == _SECONDS:
                durations.seconds = float(value)
            else:
                durations.buckets[int(rest[0])] = int(value)
        else:
            {_RETRIES: totals.retries, _LOST: totals.lost, _REFUSED: totals.refused}[what][kind] = int(value)
    return totals, None if tick is None else max(0.0, time.time() - float(tick))
