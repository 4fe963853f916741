"""What RQ's queues hold and who serves them, for those that a kind of run uses: two round trips to Redis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django_rq import get_connection
from rq.job import Job as Entry
from rq.queue import Queue
from rq.utils import utcparse
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

from .kinds import KINDS
from .settings import get_settings

__all__ = (
    'QueueState',
    'configured_queues',
    'read_queues',
)

# How far into a queue to look for its oldest job: what somebody waits for is put at the front.
_LOOK_AHEAD = 100


@dataclass(frozen=True, slots=True)
class QueueState:
    """`depth`: jobs that wait, `oldest` since when. `workers`: alive as far as Redis knows, `busy` of them at work."""

    name: str
    kinds: tuple[str, ...]
    depth: int
    oldest: datetime | None
    workers: int
    busy: int

    @property
    def is_served(self) -> bool:
        return self.workers > 0


def configured_queues() -> dict[str, tuple[str, ...]]:
    """{queue: the kinds of run that use it}, with the one in which the tick waits for its turn."""
    settings = get_settings()
    queues: dict[str, list[str]] = {}
    for kind in KINDS:
        queues.setdefault(settings.queue_for(kind), []).append(kind)
    queues.setdefault(settings.default_queue, [])
    return {name: tuple(kinds) for name, kinds in queues.items()}


def read_queues() -> list[QueueState]:
    """Raises what redis-py raises.

    A worker that was killed counts until its key in Redis expires, some minutes later; RQ has no better sign of life.
    """
    queues = configured_queues()
    connection = get_connection('default')
    with connection.pipeline(transaction=False) as pipeline:
        for name in queues:
            pipeline.llen(Queue.redis_queue_namespace_prefix + name)
            pipeline.lrange(Queue.redis_queue_namespace_prefix + name, 0, _LOOK_AHEAD - 1)
            pipeline.smembers(WORKERS_BY_QUEUE_KEY % name)
        answers = iter(pipeline.execute())
    held = {name: (next(answers), next(answers), next(answers)) for name in queues}
    jobs = [job for _depth, queued, _workers in held.values() for job in queued]
    workers = sorted({worker for _depth, _queued, found in held.values() for worker in found})
    with connection.pipeline(transaction=False) as pipeline:
        for job in jobs:
            pipeline.hget(Entry.key_for(job.decode()), 'enqueued_at')
        for worker in workers:
            pipeline.hmget(worker, 'birth', 'death', 'state')
        answers = pipeline.execute()
    queued_at = dict(zip(jobs, answers[: len(jobs)], strict=True))
    states = dict(zip(workers, answers[len(jobs) :], strict=True))
    return [
        _state(name, kinds, depth, [queued_at[job] for job in queued], [states[worker] for worker in found])
        for name, kinds in queues.items()
        for depth, queued, found in (held[name],)
    ]


def _state(name, kinds, depth: int, queued: Sequence, workers: Sequence) -> QueueState:
    # The key of a worker that went silent has expired, that of one that ended says so.
    alive = [state for birth, death, state in workers if birth and not death]
    return QueueState(
        name=name,
        kinds=kinds,
        depth=depth,
        oldest=min((utcparse(moment.decode()) for moment in queued if moment), default=None),
        workers=len(alive),
        busy=sum(state == b'busy' for state in alive),
    )
