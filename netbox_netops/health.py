"""Is it alive? Checks that answer within a bounded time, also while PostgreSQL or Redis hang."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from netops_worker.log import get_logger

from .choices import RunTargetStateChoices
from .models import RunTarget
from .queues import read_queues
from .quick_redis import quick_redis
from .settings import get_settings
from .telemetry import read_telemetry

__all__ = (
    'WEB',
    'WORKER',
    'Health',
    'check',
)

logger = get_logger('netbox.netbox_netops.health')

# Seconds that the checks of one answer may take together.
_PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Health:
    """`details`: for those who may read them."""

    ok: bool
    details: Mapping[str, Any] = field(default_factory=dict)


class _Check:
    """Runs a function in a thread, since nothing else ends the wait for a server that is frozen.

    While one hangs, whoever asks waits for the same: however often that is, one thread is all that hangs.
    """

    def __init__(self, name: str, function: Callable[[], Health]) -> None:
        self.name = name
        self._function = function
        self._lock = threading.Lock()
        self._future: Future[Health] | None = None

    def start(self) -> Future[Health]:
        with self._lock:
            if self._future is None or self._future.done():
                self._future = Future()
                threading.Thread(
                    target=self._run, args=(self._future,), name=f'netops-health-{self.name}', daemon=True
                ).start()
            return self._future

    def _run(self, future: Future[Health]) -> None:
        try:
            health = self._function()
        except Exception as error:
            # Its text may name hosts and users.
            logger.warning('Health check %s failed: %s', self.name, type(error).__name__)
            health = Health(False, {'error': type(error).__name__})
        finally:
            connections.close_all()
        future.set_result(health)


def check(checks: tuple[_Check, ...]) -> dict[str, Health]:
    """Run these checks side by side: {name: health}. One that does not answer in time has failed."""
    deadline = time.monotonic() + _PATIENCE
    found = {}
    for name, future in [(item.name, item.start()) for item in checks]:
        try:
            found[name] = future.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            found[name] = Health(False, {'error': 'no answer in time'})
    return found


def _database() -> Health:
    with connection.cursor() as cursor:
        cursor.execute('SELECT 1')
        return Health(cursor.fetchone() == (1,))


def _redis() -> Health:
    return Health(bool(quick_redis().ping()))


def _cache() -> Health:
    cache.get('netops:health')
    return Health(True)


def _queues() -> Health:
    queues = read_queues()
    return Health(
        all(queue.is_served for queue in queues), {'workers': {queue.name: queue.workers for queue in queues}}
    )


def _tick() -> Health:
    _totals, age = read_telemetry()
    most = get_settings().health_tick_seconds
    return Health(
        age is not None and age <= most, {'age_seconds': None if age is None else round(age, 1), 'most_seconds': most}
    )


def _leases() -> Health:
    # The tick takes them back: what is overdue for longer than it may be late, nobody will.
    late = timezone.now() - timedelta(seconds=get_settings().health_tick_seconds)
    overdue = RunTarget.objects.filter(state=RunTargetStateChoices.RUNNING, lease_until__lt=late).count()
    return Health(overdue == 0, {'overdue': overdue})


# Nobody works without these.
_NEEDED = (_Check('database', _database), _Check('cache', _cache))
WEB = (*_NEEDED, _Check('redis', _redis))
WORKER = (*_NEEDED, _Check('queues', _queues), _Check('tick', _tick), _Check('leases', _leases))
