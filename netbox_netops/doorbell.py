"""Telling the workers of gateways that there is work. They poll, too: a ring that is lost costs delay only."""

import threading
import time

from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from netops_worker.doorbell import ring as ring_at
from netops_worker.log import get_logger
from netops_worker.secrets import Secret

from .lifecycle.columns import DUE
from .models import Run
from .settings import get_settings

__all__ = ('ring_gateways',)

logger = get_logger('netbox.netbox_netops.doorbell')

# Whoever rings may be a request that somebody waits for, and a Redis at a POP may be far away, or gone.
_MOST_SECONDS = 1.0
_SOCKET_SECONDS = 5.0


def ring_gateways(run: Run) -> None:
    """Ring at the gateways that have work of this run, as far as their Redis is known."""
    known = get_settings().gateway_redis
    if not known:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT g.slug FROM netbox_netops_runtarget w JOIN netbox_netops_gateway g ON g.id = w.gateway_id
            WHERE w.run_id = %s AND g.enabled AND g.slug = ANY(%s) AND {DUE}
            """,
            [run.pk, list(known)],
        )
        slugs = [row[0] for row in cursor.fetchall()]
    threads = [
        threading.Thread(target=_ring, args=(slug, known[slug]), name='netops-doorbell', daemon=True) for slug in slugs
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + _MOST_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _ring(slug: str, url: Secret) -> None:
    try:
        with Redis.from_url(
            url.reveal(), socket_connect_timeout=_SOCKET_SECONDS, socket_timeout=_SOCKET_SECONDS
        ) as redis:
            ring_at(redis, slug)
    except RedisError as error:
        # redis-py names host and port in its texts, and never the password.
        logger.warning(f'The doorbell of the gateway {slug} cannot be rung: {type(error).__name__}: {error}')
