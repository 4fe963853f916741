import time
from dataclasses import asdict

from netops_worker.wire import Result

from ..inventory import sync
from ..kinds import NETBOX_SYNC
from ..lifecycle import claim
from ..models import Run
from ..results import ResultSink
from ..settings import get_settings
from .base import RunJob, worker_name

__all__ = ('NetBoxSyncJob',)


class NetBoxSyncJob(RunJob):
    """Builds and refreshes all targets. The run's one row is claimed and finished like any other."""

    kind = NETBOX_SYNC

    class Meta:
        name = 'NetOps NetBox sync'

    def work(self, run: Run) -> None:
        worker = worker_name()
        claims = claim(run.pk, 1, worker=worker, lease_seconds=get_settings().lease_seconds)
        if not claims:
            self.logger.info('Another job is at it')
            return
        started = time.time()
        stats = sync()
        self.logger.info(
            f'{stats.seen} devices and virtual machines: {stats.created} targets created, {stats.updated} updated, '
            f'{stats.retired} retired'
        )
        ResultSink().write(
            [
                Result(
                    task=claims[0].id,
                    run=run.pk,
                    target=0,
                    kind=self.kind,
                    ok=True,
                    lease_token=claims[0].lease_token,
                    started_at=started,
                    duration_ms=(time.time() - started) * 1000,
                    attempt=claims[0].attempt,
                    worker=worker,
                    data={'sync': asdict(stats)},
                )
            ]
        )
        self.job.data = asdict(stats)
