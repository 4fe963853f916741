"""The Redis of NetBox's queues, for questions to which no answer is an answer as well: it is waited for briefly.

RQ's own connection waits 5 s for each answer and asks ten times. Whoever asks for limits holds locks on rows, and
others wait for these.
"""

from functools import cache

from django_rq import get_connection
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import SentinelConnectionPool

__all__ = ('quick_redis',)

_SECONDS = 1.0


@cache
def quick_redis() -> Redis:
    """The client of this process: host, TLS, Sentinel, password and database are those of the queues.

    Nothing is asked twice, so that what came too late has not happened twice. Its pool opens connections of its own in
    each thread, and after a fork.
    """
    client = get_connection('default')
    _hurry(client.connection_pool)
    if isinstance(client.connection_pool, SentinelConnectionPool):
        for sentinel in client.connection_pool.sentinel_manager.sentinels:
            _hurry(sentinel.connection_pool)
    return client


def _hurry(pool: ConnectionPool) -> None:
    """Of a pool that has no connections yet: django-rq makes a new one each time, and takes no such arguments."""
    pool.connection_kwargs.update(
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
        retry=Retry(NoBackoff(), 0),
        retry_on_error=[],
        retry_on_timeout=False,
    )
