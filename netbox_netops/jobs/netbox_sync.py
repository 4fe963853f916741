import time
from dataclasses import asdict

from netops_worker.wire import Result

from ..dispatch import request_sync
from ..drift.compare import compare_all
from ..inventory import sync
from ..kinds import NETBOX_SYNC
from ..lifecycle import cancelled_among, claim
from ..models import Run
from ..results import ResultSink
from ..settings import get_settings
from .base import RunJob, worker_name
from .liveness import beating

__all__ = ('NetBoxSyncJob',)


class NetBoxSyncJob(RunJob):
    """Builds and refreshes all targets, and compares what was found on them with NetBox.

    The run's one row is claimed and finished like any other. It is cancelled between two batches of the comparison, or
    before the first; the targets are brought up to date by then.
    """

    kind = NETBOX_SYNC

    class Meta:
        name = 'NetOps NetBox sync'

    def work(self, run: Run) -> None:
        worker = worker_name()
        # The job's own time-out bounds it; while it lives nobody may take the work for lost.
        claims = claim(run.pk, 1, worker=worker, lease_seconds=get_settings().job_timeout).claims
        if not claims:
            self.logger.info('Another job is at it')
            return
        row = claims[0].id

        def is_cancelled() -> bool:
            return bool(cancelled_among([row]))

        started = time.time()
        outcome = {'ok': False, 'error_code': 'internal:error'}
        try:
            with beating(self.job.job_id):
                stats = sync()
                compare_all(is_cancelled)
            outcome = {'ok': True, 'data': {'sync': asdict(stats)}}
            if is_cancelled():
                outcome |= {'ok': False, 'error_code': 'cancelled:user'}
        except Exception as error:
            # The core job tells the rest; the run must not wait for its lease to end.
            outcome['error_detail'] = type(error).__name__
            raise
        finally:
            ResultSink().write(
                [
                    Result(
                        task=row,
                        run=run.pk,
                        target=0,
                        kind=self.kind,
                        lease_token=claims[0].lease_token,
                        started_at=started,
                        duration_ms=(time.time() - started) * 1000,
                        attempt=claims[0].attempt,
                        worker=worker,
                        **outcome,
                    )
                ]
            )
        self.logger.info(
            f'{stats.seen} devices and virtual machines: {stats.created} targets created, {stats.updated} updated, '
            f'{stats.retired} retired'
        )
        self.job.data = asdict(stats)
        if Run.objects.filter(pk=run.pk, options__again=True).exists():
            request_sync(run.reason)
