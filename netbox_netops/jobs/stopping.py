"""When a job that drains a run has to stop: its worker is told to end, or others wait for their turn.

On the way it says that the job lives (`liveness.heartbeat`).
"""

import os
import time

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


class StopWatch:
    """Called about once a second by the engine; true once it shall stop, and `reason` says why.

    RQ's warm stop (SIGTERM) reaches only the parent process, which waits for this one: the request is read from Redis.
    """

    def __init__(self, run: Run, *, yield_seconds: float, interval: float = 1.0) -> None:
        self.run = run
        self.reason = ''
        self._yield_at = time.monotonic() + yield_seconds
        self._interval = interval
        self._look_at = 0.0
        self._parent = os.getppid()
        job = get_current_job()
        self._job = job.id if job else ''
        self._worker_key = f'{Worker.redis_worker_namespace_prefix}{job.worker_name}' if job else ''
        self._connection = job.connection if job else get_connection('default')

    def __call__(self) -> bool:
        now = time.monotonic()
        if self.reason or now < self._look_at:
            return bool(self.reason)
        self._look_at = now + self._interval
        if self._worker_key and os.getppid() != self._parent:
            self.reason = 'The worker process is gone'
            return True
        try:
            if self._job:
                heartbeat(self._connection, self._job)
            if self._worker_key and self._connection.hexists(self._worker_key, 'shutdown_requested_date'):
                self.reason = 'The worker shuts down'
            elif now >= self._yield_at and self._others_wait():
                self.reason = 'Others wait in the queue'
        except RedisError:
            # It comes back, or the work ends without it.
            return False
        return bool(self.reason)

    def _others_wait(self) -> bool:
        """Whether any queue of NetBox holds a job that is not one of this run."""
        with self._connection.pipeline(transaction=False) as pipeline:
            for name in django_settings.RQ_QUEUES:
                pipeline.lrange(Queue.redis_queue_namespace_prefix + name, 0, _LOOK_AHEAD - 1)
            waiting = {job.decode() for jobs in pipeline.execute() for job in jobs}
        if not waiting:
            return False
        # The other way round it would be a question for ids that others may choose, and that are no UUIDs.
        own = Job.objects.filter(object_id=self.run.pk, object_type__model=Run._meta.model_name)
        return not waiting <= set(map(str, own.values_list('job_id', flat=True)))
