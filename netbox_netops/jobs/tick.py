"""The tick: what has to happen though nobody asks for it. Overdue work expires, lost leases return, bells ring again.

It runs every 2 s in `netbox netops_scheduler`. Where nobody starts that process, a system job in NetBox's own job
worker runs it every minute, and so does every job of ours when it ends.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from core.choices import JobNotificationChoices, JobStatusChoices
from core.models import Job
from django.db import connection, transaction
from django.utils import timezone
from netbox.jobs import JobRunner, system_job
from netbox.registry import registry
from redis.exceptions import RedisError

from netops_worker.log import get_logger

from ..assignment import reassign
from ..choices import RunStatusChoices
from ..dispatch import drainers_for, ring, ring_all
from ..doorbell import ring_gateways
from ..lifecycle import claimable_runs, expire_overdue, reap_leases, settle_finished, wake_all
from ..models import Run
from ..policies import fire_due
from ..retention import retain
from ..settings import get_settings
from ..telemetry import note_tick
from .liveness import beating, close_dead_jobs, close_job, dead_jobs

__all__ = (
    'TickJob',
    'TickStats',
    'register',
    'tick',
)

logger = get_logger('netbox.netbox_netops.tick')

# Any number nobody else uses; NetBox's own are listed in netbox.constants.ADVISORY_LOCK_KEYS.
_LOCK = 7_368_611
# A run so young may be about to get its jobs by the request that made it.
_SETTLING = timedelta(seconds=10)
# Seconds between two looks at the system job.
_REVIVE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class TickStats:
    """`ran` is False when another process is at it. Rows expired, runs with leases taken back, runs rung again,
    policies fired.
    """

    ran: bool
    expired: int = 0
    reaped: int = 0
    rung: int = 0
    fired: int = 0


def tick() -> TickStats:
    done = []
    # One after the other: each locks runs in their order, which all of them together would not.
    # What has got its address goes before what is overdue: it is not.
    for step in (wake_all, expire_overdue, reap_leases, settle_finished, reassign):
        with transaction.atomic(), connection.cursor() as cursor:
            # Ends with the transaction, so that a killed process cannot keep it.
            cursor.execute('SELECT pg_try_advisory_xact_lock(%s)', [_LOCK])
            if not cursor.fetchone()[0]:
                return TickStats(ran=False)
            done.append(step())
    woken, expired, reaped, _settled, assigned = done
    # Redis is asked outside of the transaction: while it hangs nobody may wait for our locks. Two ticks may come here
    # at the same time; a bell too many is harmless, since a claim is exclusive.
    ring_all({*woken, *assigned})
    for run in Run.objects.filter(pk__in=reaped, status__in=RunStatusChoices.ACTIVE):
        # Whether a gateway has other workers nobody here knows.
        ring_gateways(run)
    fired = fire_due()
    rung = _ring_missing()
    _revive()
    note_tick()
    retain()
    return TickStats(ran=True, expired=expired, reaped=len(reaped), rung=rung, fired=fired)


def _ring_missing() -> int:
    """Ring for runs that have more work than jobs: some were killed, or their bell was lost. Returns how many runs."""
    alive = close_dead_jobs()
    if alive is None:
        # Nothing can be rung without Redis either.
        return 0
    missing = {run: number for run, due in claimable_runs().items() if (number := drainers_for(due) - alive[run]) > 0}
    runs = Run.objects.filter(
        pk__in=missing, status__in=RunStatusChoices.ACTIVE, created__lt=timezone.now() - _SETTLING
    ).select_related('requested_by')
    for run in runs:
        logger.warning(f'{run} has work and {alive[run.pk]} jobs: ringing again')
        ring(run, missing[run.pk])
    return len(runs)


def _revive() -> None:
    """Bring the system job back whose worker was killed, or whose entry Redis has lost.

    NetBox starts it with each `rqworker`, and not even then while a row says that it runs.
    """
    if TickJob not in registry['system_jobs']:
        return
    now = time.monotonic()
    if now < _revival.due:
        return
    _revival.due = now + _REVIVE_SECONDS
    try:
        if dead := dead_jobs(Job.objects.filter(name=TickJob.name)):
            logger.warning('The system job of the tick was lost: it is queued again')
            close_job(dead)
        # Nothing happens when one is queued or at work.
        TickJob.enqueue_once(**registry['system_jobs'][TickJob])
    except RedisError:
        logger.exception('Redis does not answer')


class _Revival:
    due = 0.0


_revival = _Revival()


class TickJob(JobRunner):
    class Meta:
        name = 'NetOps tick'

    @classmethod
    def enqueue(cls, *args, **kwargs):
        kwargs.setdefault('queue_name', get_settings().default_queue)
        kwargs.setdefault('notifications', JobNotificationChoices.NOTIFICATION_NEVER)
        return super().enqueue(*args, **kwargs)

    def run(self, *args, **kwargs):
        # A tick that starts many large policies takes a while.
        with beating(self.job.job_id):
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
