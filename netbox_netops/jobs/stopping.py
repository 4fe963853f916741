"""When a job that drains a run has to stop: its worker is told to end, or others wait for their turn.

On the way it says that the job lives (`liveness.heartbeat`).
"""

import os
import time
from collections.abc import Callable

from core.models import Job
from django.conf import settings as django_settings
from django_rq import get_connection
from redis.exceptions import RedisError
from rq import get_current_job
from rq.queue import Queue
from rq.worker import Worker

from ..models import Run
from .liveness import heartbeat

__all__ = ('StopWatch',)

# How far into each queue to look for work that is not the run's own.
_LOOK_AHEAD = 50
# A job that only waits gives way after so many seconds. Not at once: each turn of two that wait is one more core job.
_IDLE_SECONDS = 2.0


class StopWatch:
    """Its methods are asked by the engine about once a second, `should_stop` to the end; `reason` tells what they said.

    RQ's warm stop (SIGTERM) reaches only the parent process, which waits for this one: the request is read from Redis.
    `is_idle`: whether the job does nothing but wait for something that nobody knows to be near.
    """

    def __init__(self, run: Run, *, yield_seconds: float, is_idle: Callable[[], bool], interval: float = 1.0) -> None:
        self.run = run
        self.reason = ''
        self._stops = False
        self._yield_at = time.monotonic() + yield_seconds
        self._is_idle = is_idle
        self._idle_since: float | None = None
        self._interval = interval
        self._stop_look_at = self._yield_look_at = 0.0
        self._parent = os.getppid()
        job = get_current_job()
        self._job = job.id if job else ''
        self._worker_key = f'{Worker.redis_worker_namespace_prefix}{job.worker_name}' if job else ''
        self._connection = job.connection if job else get_connection('default')

    def should_stop(self) -> bool:
        now = time.monotonic()
        if now < self._stop_look_at:
            return self._stops
        self._stop_look_at = now + self._interval
        if self._worker_key and os.getppid() != self._parent:
            return self._stop('The worker process is gone')
        try:
            if self._job:
                heartbeat(self._connection, self._job)
            if self._worker_key and self._connection.hexists(self._worker_key, 'shutdown_requested_date'):
                return self._stop('The worker shuts down')
        except RedisError:
            # It comes back, or the work ends without it.
            pass
        return self._stops

    def _stop(self, reason: str) -> bool:
        self.reason = reason
        self._stops = True
        return True

    def should_yield(self) -> bool:
        now = time.monotonic()
        if now < self._yield_look_at:
            return False
        self._yield_look_at = now + self._interval
        if not self._is_idle():
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        idle = self._idle_since is not None and now - self._idle_since >= _IDLE_SECONDS
        try:
            if (idle or now >= self._yield_at) and self._others_wait():
                self.reason = 'Others wait in the queue'
                return True
        except RedisError:
            # Who waits there cannot be served now, either.
            pass
        return False

    def _queues(self) -> list[str]:
        """Those that the worker of this job serves; all of NetBox when Redis does not know the worker any more."""
        found = self._connection.hget(self._worker_key, 'queues') if self._worker_key else None
        return found.decode().split(',') if found else list(django_settings.RQ_QUEUES)

    def _others_wait(self) -> bool:
        """Whether the worker would find a job that is not one of this run."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for name in self._queues():
                pipeline.lrange(Queue.redis_queue_namespace_prefix + name, 0, _LOOK_AHEAD - 1)
            waiting = {job.decode() for jobs in pipeline.execute() for job in jobs}
        if not waiting:
            return False
        # The other way round it would be a question for ids that others may choose, and that are no UUIDs.
        own = Job.objects.filter(object_id=self.run.pk, object_type__model=Run._meta.model_name)
        return not waiting <= set(map(str, own.values_list('job_id', flat=True)))
