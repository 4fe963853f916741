"""What every job of ours shares: queue and time-out, and the draining of a run by the engine."""

import gc
import os
import socket
from typing import ClassVar

from core.choices import JobNotificationChoices
from netbox.jobs import JobRunner

from netops_worker.engine import Engine, EngineLimits
from netops_worker.log import log_context
from netops_worker.probes import default_probes

from ..lifecycle import claimable
from ..models import Run
from ..results import ResultSink
from ..secrets import get_resolver
from ..settings import get_settings
from .liveness import beating
from .source import RunSource
from .stopping import StopWatch

__all__ = (
    'DrainJob',
    'RunJob',
    'worker_name',
)


# A job whose next claim is worth it only after so many seconds leaves its worker to others. Shorter waits are those for
# the next token of a rate.
_LONG_WAIT = 1.0


def worker_name() -> str:
    return f'{socket.gethostname()}:{os.getpid()}'


class RunJob(JobRunner):
    """A job that works on one Run. It gets plain ids only; everything else is read from the database when it runs."""

    kind: ClassVar[str]

    @classmethod
    def enqueue(cls, *args, **kwargs):
        # On every call, not in a decorator: NetBox forgets queue and time-out of a job that it schedules anew.
        settings = get_settings()
        kwargs.setdefault('queue_name', settings.queue_for(cls.kind))
        kwargs.setdefault('job_timeout', settings.job_timeout)
        # One message per scan would bury the user's notifications; the run itself is what tells the outcome.
        kwargs.setdefault('notifications', JobNotificationChoices.NOTIFICATION_NEVER)
        return super().enqueue(*args, **kwargs)

    def run(self, run, request_id=None, **payload):
        # The request whose bell this job answers, so that its lines are found by the id that its user was shown.
        with log_context(request=request_id, run=run):
            self.work_on(run)

    def work_on(self, run: int) -> None:
        found = Run.objects.filter(pk=run).select_related('requested_by').first()
        if found is None:
            self.logger.info(f'Run {run} was deleted')
        elif not found.is_active:
            self.logger.info(f'{found} is already {found.get_status_display()}')
        else:
            self.work(found)
            # Where no scheduler runs, this is what wakes and closes what is due. Not after a failure: by the bell that
            # it rings for what is left, a job that fails at once would come back at once, for ever.
            from .tick import tick

            with beating(self.job.job_id):
                tick()

    def work(self, run: Run) -> None:
        raise NotImplementedError


class DrainJob(RunJob):
    """Drains the RunTargets of a run through the engine. Several may drain the same run at the same time."""

    def work(self, run: Run) -> None:
        # The objects of NetBox itself outlive this job. Collecting them again and again costs a fifth of the time of a
        # fleet's scan, and copies the memory shared with RQ's parent process: 110 MB.
        gc.freeze()
        settings = get_settings()
        source = RunSource(run, worker=worker_name(), settings=settings)
        engine = Engine(
            source,
            ResultSink(),
            {self.kind: default_probes()[self.kind]},
            get_resolver(),
            worker=source.worker,
            limits=EngineLimits(concurrency=settings.concurrency),
        )
        watch = StopWatch(
            run,
            yield_seconds=settings.yield_seconds,
            is_idle=lambda: not engine.in_flight and (source.again_after or 0.0) >= _LONG_WAIT,
        )
        stats = engine.run(
            watch.should_stop,
            time_budget=settings.drain_seconds,
            grace=settings.stop_grace_seconds,
            should_yield=watch.should_yield,
        )
        self.logger.info(
            f'{stats.claimed} targets claimed in {stats.seconds:.1f} s: {stats.ok} succeeded, {stats.failed} failed, '
            f'{stats.handed_back} handed back; {source.not_ready} were not ready'
        )
        if lost := stats.claimed - stats.accepted - stats.handed_back:
            self.logger.warning(f'{lost} results came after the end of their lease')
        if stats.ended != 'drained':
            self.logger.info(watch.reason or 'Time is up')
            if claimable(run.pk):
                # A successor takes its turn behind whatever else waits in the queue, also when somebody waits for this
                # run: it had its turn, and what it may have to wait for must not hold up everybody.
                from ..dispatch import ring

                ring(run, drainers=1, at_front=False)
