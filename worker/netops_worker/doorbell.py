"""The doorbell: NetBox puts a job into a queue of the gateway's own Redis to say that there is work. No more than that.

The job is one of RQ with the JSON serializer, so that RQ's tools show it. It is read here and not by an RQ worker,
which would import and call whatever function the job names: this one knows a few names, and never unpickles. The loss
of a ring, of Redis or of all its data costs delay until the next poll, and no work.
"""

import threading
from collections.abc import Callable, Mapping

from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import DequeueTimeout
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from netops_worker.log import get_logger, log_context
from netops_worker.secrets import Secret, redact

__all__ = (
    'WAKE',
    'Listener',
    'queue_name',
    'ring',
)

logger = get_logger('netops_worker.doorbell')

# The function that a ring names. It is a name in a list, not code that is looked up.
WAKE = 'netops_worker.agent.wake'

_LISTEN_SECONDS = 5
_LONGEST_PAUSE = 30.0


def queue_name(gateway: str) -> str:
    """Of the gateway of this slug; several may share a Redis."""
    return f'netops-gateway-{gateway}'


def ring(redis: Redis, gateway: str) -> bool:
    """Say that there is work. False when a ring is waiting to be heard. Raises what redis-py raises."""
    queue = Queue(queue_name(gateway), connection=redis, serializer=JSONSerializer)
    # Whoever hears the one that waits looks for work after that, and finds ours. So nothing piles up without a worker.
    if queue.count:
        return False
    queue.enqueue(WAKE, result_ttl=0, failure_ttl=0)
    return True


class Listener:
    """Listens in a thread of its own, and calls the function that a job names, if it is one of `functions`."""

    def __init__(self, url: Secret, queue: str, functions: Mapping[str, Callable[[], None]], *, worker: str) -> None:
        # Longer than it listens at a time, or every silence would be a broken connection.
        self._redis = Redis.from_url(url.reveal(), socket_connect_timeout=5, socket_timeout=_LISTEN_SECONDS + 10)
        self._queue = Queue(queue, connection=self._redis, serializer=JSONSerializer)
        self._functions = functions
        self._worker = worker
        self._closing = threading.Event()
        # It may be waiting for Redis when the process ends.
        self._thread = threading.Thread(target=self._listen, name='netops-doorbell', daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Take no further ring. The thread ends a little later."""
        self._closing.set()

    def _listen(self) -> None:
        pause = 0.0
        with log_context(worker=self._worker):
            while not self._closing.wait(pause):
                try:
                    self._take_one()
                    if pause:
                        logger.info('the doorbell works again')
                    pause = 0.0
                except RedisError as error:
                    pause = min(pause * 2 or 1.0, _LONGEST_PAUSE)
                    logger.warning('no doorbell, NetBox is polled: %s: %s', type(error).__name__, redact(str(error)))
            self._redis.close()

    def _take_one(self) -> None:
        try:
            _key, job_id = Queue.lpop([self._queue.key], _LISTEN_SECONDS, connection=self._redis)
        except DequeueTimeout:
            return
        name = self._function_name(job_id.decode(errors='replace'))
        function = self._functions.get(name)
        if function is None:
            logger.warning('a job in the queue of the doorbell is refused: it names %.100r', name)
            return
        function()

    def _function_name(self, job_id: str) -> str:
        """What the job names, '' if that cannot be understood; the job is gone then."""
        try:
            job = Job.fetch(job_id, connection=self._redis, serializer=JSONSerializer)
            name = job.func_name
        except RedisError:
            raise
        except Exception as error:
            # RQ has no common class for what a damaged or foreign job may raise. Its text may show the job.
            logger.warning('a job in the queue of the doorbell is not understood: %s', type(error).__name__)
            name = ''
        self._redis.delete(Job.key_for(job_id))
        return name if isinstance(name, str) else ''
