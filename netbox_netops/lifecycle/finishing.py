"""From a result to a state: running -> succeeded | failed | cancelled, or waiting for another attempt."""

import random
import uuid
from collections.abc import Collection, Sequence
from functools import partial

from django.db import connection, transaction
from redis.exceptions import RedisError

from netops_worker.errors import ERRORS
from netops_worker.log import get_logger
from netops_worker.wire import Result

from ..bulk import copy_rows
from ..choices import RunStatusChoices, RunTargetStateChoices
from ..limiting import release
from ..settings import Settings, get_settings
from ..telemetry import count_attempts
from .announcing import runs_finished

__all__ = (
    'finish',
    'release_limits',
    'retry_delay',
    'settle',
    'settle_finished',
)

logger = get_logger('netbox.netbox_netops.lifecycle')

_COLUMNS = {
    'id': 'bigint',
    'token': 'uuid',
    'state': 'text',
    'error_code': 'text',
    'error_detail': 'text',
    # Seconds to the next attempt; NULL: there is none.
    'retry': 'double precision',
}


def finish(results: Sequence[Result]) -> set[int]:
    """Give the rows of these results their next state. Returns the ids of those whose lease was still valid.

    A result with another lease token belongs to an owner that was too late: nothing of it may be written. What failed
    with a code that is worth it waits for another attempt, unless it was the last one, or the row expires before.
    """
    settings = get_settings()
    rows = [
        (
            result.task,
            uuid.UUID(result.lease_token),
            _state(result),
            result.error_code[:50],
            result.error_detail.replace('\0', '')[:500],
            retry_delay(result, settings),
        )
        for result in results
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, 'netops_finish', _COLUMNS, rows)
        # Locked first, in one order, and only then looked at: somebody may be about to cancel them.
        cursor.execute(
            """
            WITH held AS (
                SELECT w.id, f.error_code, f.error_detail, f.retry, CASE
                    WHEN f.retry IS NULL OR f.state <> 'failed' THEN f.state
                    WHEN w.cancel THEN 'cancelled'
                    WHEN statement_timestamp() + make_interval(secs => f.retry) >= w.expires THEN f.state
                    ELSE 'waiting'
                END AS state
                FROM netops_finish f JOIN netbox_netops_runtarget w ON w.id = f.id
                WHERE w.state = 'running' AND w.lease_token = f.token
                ORDER BY w.id FOR UPDATE OF w
            )
            UPDATE netbox_netops_runtarget t SET
                state = held.state, error_code = held.error_code, error_detail = held.error_detail,
                finished = CASE WHEN held.state <> 'waiting' THEN statement_timestamp() END,
                next_attempt = CASE WHEN held.state = 'waiting'
                                    THEN statement_timestamp() + make_interval(secs => held.retry) END,
                lease_token = NULL, lease_until = NULL
            FROM held WHERE t.id = held.id
            RETURNING t.id, t.state
            """
        )
        states = dict(cursor.fetchall())
        count_attempts(results, states)
        return set(states)


def _state(result: Result) -> str:
    if result.ok:
        return RunTargetStateChoices.SUCCEEDED
    if result.error_code.startswith('cancelled:'):
        return RunTargetStateChoices.CANCELLED
    return RunTargetStateChoices.FAILED


def retry_delay(result: Result, settings: Settings) -> float | None:
    """Seconds to the next attempt; None when there is to be none.

    They double with each attempt, and vary by half, so that what failed together does not come back together.
    """
    info = ERRORS.get(result.error_code)
    if result.ok or info is None or not info.retryable or result.attempt >= settings.attempts_of(result.kind):
        return None
    seconds = min(settings.retry_seconds * 2.0 ** (result.attempt - 1), settings.retry_most_seconds)
    return seconds * random.uniform(0.75, 1.25)  # noqa: S311


def release_limits(results: Sequence[Result]) -> None:
    """Give back what the leases of these results hold. To be called after the commit: Redis may let one wait."""
    try:
        release([result.lease_token for result in results])
    except RedisError:
        # What is held ends by itself with the lease.
        logger.exception('Limits could not be given back')


def settle_finished() -> None:
    """Settle active runs without an active row: whoever finished their last one was killed before he could."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id FROM netbox_netops_run r
            WHERE r.status = ANY(%s) AND NOT EXISTS (
                SELECT 1 FROM netbox_netops_runtarget t
                WHERE t.run_id = r.id AND t.state IN ('waiting', 'running'))
            """,
            [list(RunStatusChoices.ACTIVE)],
        )
        if runs := [row[0] for row in cursor.fetchall()]:
            settle(runs)


def settle(runs: Collection[int]) -> None:
    """Derive counts and status of these runs from their rows. A run without active rows is finished, which is told."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A statement of its own: the count below must see what a drainer that settled before us has committed. In one
        # statement the snapshot would be older than the wait for the lock, and both would count the other's as open.
        cursor.execute(
            'SELECT id FROM netbox_netops_run WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE', [sorted(runs)]
        )
        cursor.execute(
            """
            UPDATE netbox_netops_run r SET
                total = c.total, succeeded = c.succeeded, failed = c.failed + c.expired + c.cancelled,
                status = CASE
                    WHEN c.active > 0 THEN r.status
                    WHEN c.succeeded = c.total THEN 'succeeded'
                    WHEN r.cancelled IS NOT NULL AND c.cancelled > 0 THEN 'cancelled'
                    WHEN c.succeeded > 0 THEN 'partial'
                    WHEN c.failed > 0 THEN 'failed'
                    WHEN c.expired > 0 THEN 'expired'
                    ELSE 'cancelled'
                END,
                finished = CASE WHEN c.active = 0 THEN COALESCE(r.finished, statement_timestamp()) END
            FROM (
                SELECT run_id, count(*) AS total,
                    count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
                    count(*) FILTER (WHERE state = 'failed') AS failed,
                    count(*) FILTER (WHERE state = 'expired') AS expired,
                    count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
                    count(*) FILTER (WHERE state IN ('waiting', 'running')) AS active
                FROM netbox_netops_runtarget WHERE run_id = ANY(%s) GROUP BY run_id
            ) c
            WHERE r.id = c.run_id AND r.status = ANY(%s)
            RETURNING r.id, r.finished IS NOT NULL
            """,
            [sorted(runs), list(RunStatusChoices.ACTIVE)],
        )
        if finished := sorted(pk for pk, is_finished in cursor.fetchall() if is_finished):
            transaction.on_commit(partial(runs_finished.send_robust, sender=None, runs=finished))
