"""Which core jobs of runs are queued or at work. Those that are neither are closed: NetBox itself never does.

Redis believes for minutes that a killed worker is at work, so a drainer says each second that it lives.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.choices import JobStatusChoices
from core.models import Job
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django_rq import get_connection
from redis.exceptions import RedisError
from rq.job import Job as Entry
from rq.job import JobStatus

from netops_worker.log import get_logger

from ..choices import RunStatusChoices
from ..models import Run, RunTarget

__all__ = (
    'close_dead_jobs',
    'close_job',
    'heartbeat',
    'is_queued',
)

logger = get_logger('netbox.netbox_netops.tick')

_QUEUED = (JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.DEFERRED)
# Seconds that a heartbeat counts.
_HEARTBEAT = 15
# A job so young may be about to be queued, or to say for the first time that it lives; and one whose run has finished
# so lately may still be about to end.
_SETTLING = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _Found:
    pk: int
    run: int
    key: str
    created: datetime
    started: datetime | None


def _key(job: str) -> str:
    return f'netops:drainer:{job}'


def heartbeat(connection, job: str) -> None:
    """Say that the work of this core job (its id, as text) goes on. Raises what redis-py raises."""
    connection.set(_key(job), '1', ex=_HEARTBEAT)


def close_dead_jobs() -> set[int] | None:
    """Close core jobs of runs that nobody works on any more. Returns the runs that have a live one.

    None when Redis does not answer: then nobody knows.
    """
    jobs = Job.objects.filter(
        object_type=ContentType.objects.get_for_model(Run), status__in=JobStatusChoices.ENQUEUED_STATE_CHOICES
    )
    found = [_Found(*row) for row in jobs.values_list('pk', 'object_id', 'job_id', 'created', 'started')]
    if not found:
        return set()
    runs = {item.run for item in found}
    # A run that was finished lately, or of which somebody holds targets.
    busy = set(_busy(runs))
    connection = get_connection('default')
    try:
        entries = Entry.fetch_many([str(item.key) for item in found], connection=connection)
        beats = connection.mget([_key(str(item.key)) for item in found])
    except RedisError:
        logger.exception('Redis does not answer')
        return None
    alive, dead = set(), []
    young = timezone.now() - _SETTLING
    for item, entry, beat in zip(found, entries, beats, strict=True):
        status = entry and entry.get_status(refresh=False)
        begun = max(item.created, item.started or item.created) > young
        if beat or begun or status in _QUEUED or (status == JobStatus.STARTED and item.run in busy):
            alive.add(item.run)
        else:
            dead.append(item.pk)
    if dead:
        logger.warning(f'{len(dead)} core jobs closed: their workers are gone')
        close_job(dead)
    return alive


def _busy(runs: Collection[int]):
    leases = RunTarget.objects.filter(run=OuterRef('pk'), lease_until__gt=timezone.now())
    ending = ~Q(status__in=RunStatusChoices.ACTIVE) & Q(finished__gt=timezone.now() - _SETTLING)
    return Run.objects.filter(ending | Exists(leases), pk__in=runs).values_list('pk', flat=True)


def close_job(jobs: Collection[int]) -> None:
    """Mark core jobs as errored whose worker is gone."""
    Job.objects.filter(pk__in=jobs, status__in=JobStatusChoices.ENQUEUED_STATE_CHOICES).update(
        status=JobStatusChoices.STATUS_ERRORED, completed=timezone.now(), error='Its worker is gone'
    )


def is_queued(job: Job) -> bool:
    """Whether Redis knows this core job as one that waits for its turn. Raises what redis-py raises."""
    entry = next(iter(Entry.fetch_many([str(job.job_id)], connection=get_connection('default'))))
    return entry is not None and entry.get_status(refresh=False) in _QUEUED
