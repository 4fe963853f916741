"""Which core jobs of ours are queued or at work. Those that are neither are closed: NetBox itself never does.

Redis believes for minutes that a killed worker is at work, so a job says each second that it lives. One that is silent
for longer counts as dead, though it may only be frozen: when it wakes up its leases decide what it may still write, and
the end of the job is noted over what was written here.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.choices import JobStatusChoices
from core.models import Job
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone
from django_rq import get_connection
from redis.exceptions import RedisError
from rq.job import Job as Entry
from rq.job import JobStatus
from rq.queue import Queue

from netops_worker.log import get_logger

from ..models import Run

__all__ = (
    'beating',
    'close_dead_jobs',
    'close_job',
    'dead_jobs',
    'heartbeat',
)

logger = get_logger('netbox.netbox_netops.tick')

# Seconds that a heartbeat counts, and between two of them.
_HEARTBEAT = 15
_BEAT_SECONDS = 1.0
# A job so young may be about to be queued, or to say for the first time that it lives.
_SETTLING = timedelta(seconds=15)
# One that is older, and in no queue, is not about to be put there.
_QUEUING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Found:
    pk: int
    run: int | None
    key: str
    queue: str
    created: datetime
    started: datetime | None


def _key(job: str) -> str:
    return f'netops:drainer:{job}'


def heartbeat(connection, job: str) -> None:
    """Say that the work of this core job (its id, as text) goes on. Raises what redis-py raises."""
    connection.set(_key(job), '1', ex=_HEARTBEAT)


@contextmanager
def beating(job) -> Iterator[None]:
    """Say from a thread that this core job (its id) goes on: for work that cannot say so itself between its steps.

    Also while the work hangs: what bounds it then is the time-out of the job.
    """
    ended = threading.Event()
    connection = get_connection('default')

    def beat() -> None:
        while True:
            try:
                heartbeat(connection, str(job))
            except RedisError:
                logger.debug('Redis does not answer: no heartbeat')
            if ended.wait(_BEAT_SECONDS):
                return

    thread = threading.Thread(target=beat, name='netops-heartbeat', daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        # Not longer than for what is under way: a Redis that hangs must not keep the job.
        thread.join(_BEAT_SECONDS)


def close_dead_jobs() -> Counter[int] | None:
    """Close core jobs of runs that nobody works on any more. Returns how many live ones each run has.

    None when Redis does not answer: then nobody knows.
    """
    found = _read(Job.objects.filter(object_type=ContentType.objects.get_for_model(Run)))
    try:
        dead = _dead(found)
    except RedisError:
        logger.exception('Redis does not answer')
        return None
    if dead:
        logger.warning(f'{len(dead)} core jobs closed: their workers are gone')
        close_job(dead)
    return Counter(item.run for item in found if item.pk not in dead)


def dead_jobs(jobs: QuerySet[Job]) -> set[int]:
    """Which of these core jobs, as far as they have not ended, nobody works on any more, by primary key.

    Raises what redis-py raises.
    """
    return _dead(_read(jobs))


def _read(jobs: QuerySet[Job]) -> list[_Found]:
    rows = jobs.filter(status__in=JobStatusChoices.ENQUEUED_STATE_CHOICES).values_list(
        'pk', 'object_id', 'job_id', 'queue_name', 'created', 'started'
    )
    return [_Found(pk, run, str(key), *rest) for pk, run, key, *rest in rows]


def _dead(found: Collection[_Found]) -> set[int]:
    if not found:
        return set()
    connection = get_connection('default')
    with connection.pipeline(transaction=False) as pipeline:
        for item in found:
            pipeline.exists(_key(item.key))
            pipeline.lpos(Queue.redis_queue_namespace_prefix + item.queue, item.key)
        answers = pipeline.execute()
    # After the look into the queues: what was taken out of one before that has begun by now.
    entries = Entry.fetch_many([item.key for item in found], connection=connection)
    now = timezone.now()
    return {
        item.pk
        for item, beats, place, entry in zip(found, answers[::2], answers[1::2], entries, strict=True)
        if not (beats or _is_alive(item, entry, place is not None, now))
    }


def _is_alive(item: _Found, entry: Entry | None, in_queue: bool, now: datetime) -> bool:
    status = entry and entry.get_status(refresh=False)
    # RQ notes the start before the process that works exists, NetBox when that begins.
    begun = max(filter(None, (item.created, item.started, entry and entry.started_at)))
    if begun > now - _SETTLING or status in (JobStatus.SCHEDULED, JobStatus.DEFERRED):
        return True
    # The worker may have died between taking it out of the queue and saying so.
    return status == JobStatus.QUEUED and (in_queue or item.created > now - _QUEUING)


def close_job(jobs: Collection[int]) -> None:
    """Mark core jobs as errored whose worker is gone."""
    Job.objects.filter(pk__in=jobs, status__in=JobStatusChoices.ENQUEUED_STATE_CHOICES).update(
        status=JobStatusChoices.STATUS_ERRORED, completed=timezone.now(), error='Its worker is gone'
    )
