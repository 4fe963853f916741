"""The tick: what has to happen though nobody asks for it. Overdue work expires, lost leases return, bells ring again.

It runs every 2 s in `netbox netops_scheduler`. Where nobody starts that process, a system job in NetBox's own job
worker runs it every minute, and every job of ours expires what is overdue when it ends. Retries that are due, policies
and retention will be further lines of `tick()`.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from core.choices import JobNotificationChoices, JobStatusChoices
from core.models import Job
from django.db import connection, transaction
from django.utils import timezone
from django_rq import get_queue
from netbox.jobs import JobRunner, system_job
from redis.exceptions import RedisError
from rq.job import JobStatus

from ..choices import RunStatusChoices
from ..dispatch import ring
from ..lifecycle import expire_overdue, has_claimable, reap_leases, settle_finished
from ..models import Run
from ..settings import get_settings

__all__ = (
    'TickJob',
    'TickStats',
    'register',
    'tick',
)

logger = logging.getLogger('netbox.netbox_netops.tick')

# Any number nobody else uses; NetBox's own are listed in netbox.constants.ADVISORY_LOCK_KEYS.
_LOCK = 7_368_611
# A run so young may be about to get its jobs by the request that made it, a job so young to claim its first targets.
_SETTLING = timedelta(seconds=10)
_QUEUED = (JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.DEFERRED)


@dataclass(frozen=True, slots=True)
class TickStats:
    """`ran` is False when another process is at it. Rows expired, runs with leases taken back, runs rung again."""

    ran: bool
    expired: int = 0
    reaped: int = 0
    rung: int = 0


def tick() -> TickStats:
    with transaction.atomic(), connection.cursor() as cursor:
        # Ends with the transaction, so that a killed process cannot keep it.
        cursor.execute('SELECT pg_try_advisory_xact_lock(%s)', [_LOCK])
        if not cursor.fetchone()[0]:
            return TickStats(ran=False)
        expired = expire_overdue()
        reaped = len(reap_leases())
        settle_finished()
    # Redis is asked outside of the transaction: while it hangs nobody may wait for our locks. Two ticks may come here
    # at the same time; a bell too many is harmless, since a claim is exclusive.
    silent = [run for run in _settled_active_runs() if has_claimable(run.pk) and not _has_live_job(run)]
    for run in silent:
        logger.warning(f'{run} has work and no job: ringing again')
        ring(run)
    return TickStats(ran=True, expired=expired, reaped=reaped, rung=len(silent))


def _settled_active_runs():
    return Run.objects.filter(
        status__in=RunStatusChoices.ACTIVE, created__lt=timezone.now() - _SETTLING
    ).select_related('requested_by')


def _has_live_job(run: Run) -> bool:
    """Whether a core job of the run is queued or at work. Core jobs that are neither are closed on the way."""
    at_work = run.targets.filter(lease_until__gt=timezone.now()).exists()
    alive = False
    for job in run.jobs.filter(status__in=JobStatusChoices.ENQUEUED_STATE_CHOICES).defer('data', 'log_entries'):
        try:
            entry = get_queue(job.queue_name).fetch_job(str(job.job_id))
            status = None if entry is None else entry.get_status()
        except RedisError:
            # Nothing can be rung without Redis either.
            return True
        # Redis believes for minutes that a killed worker is at work. One that is holds leases, or has just begun.
        begun = job.started is not None and job.started > timezone.now() - _SETTLING
        if status in _QUEUED or (status == JobStatus.STARTED and (at_work or begun)):
            alive = True
        else:
            Job.objects.filter(pk=job.pk).update(
                status=JobStatusChoices.STATUS_ERRORED, completed=timezone.now(), error='Its worker is gone'
            )
    return alive


class TickJob(JobRunner):
    class Meta:
        name = 'NetOps tick'

    @classmethod
    def enqueue(cls, *args, **kwargs):
        kwargs.setdefault('queue_name', get_settings().default_queue)
        kwargs.setdefault('notifications', JobNotificationChoices.NOTIFICATION_NEVER)
        return super().enqueue(*args, **kwargs)

    def run(self, *args, **kwargs):
        stats = tick()
        self.logger.info(f'{stats.expired} expired, {stats.reaped} runs reaped, {stats.rung} runs rung again')
        # One row a minute would drown NetBox's list of jobs.
        old = Job.objects.filter(
            name=self.name,
            status=JobStatusChoices.STATUS_COMPLETED,
            completed__lt=timezone.now() - timedelta(hours=1),
        )
        old._raw_delete(using=old.db)


def register() -> None:
    system_job(interval=1)(TickJob)
