"""The life of RunTargets, as set-based SQL: claim, finish, take back, expire; and what a Run's counts derive from.

waiting -> running -> succeeded | failed            (claim, finish)
           running -> waiting | failed              (reap: the lease ran out)
waiting            -> expired                       (expire: nobody came in time)

Retries with a delay and cancelling hook in here: `next_attempt` already holds back a claim, `finish` is the only place
that decides a final state.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from netops_worker.wire import Result

from .bulk import copy_rows
from .choices import RunStatusChoices, RunTargetStateChoices

__all__ = (
    'MAX_ATTEMPTS',
    'Claim',
    'claim',
    'expire_overdue',
    'finish',
    'has_claimable',
    'reap_leases',
    'settle',
    'settle_finished',
)

# A target whose worker died this often is closed: it may be what kills the workers.
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    id: int
    target: int | None
    name: str
    attempt: int
    lease_token: str


def claim(run: int, limit: int, *, worker: str, lease_seconds: float) -> list[Claim]:
    """Lease up to `limit` waiting rows of the run, oldest first. Rows other claimers are looking at are passed over."""
    for _attempt in range(3):
        try:
            with transaction.atomic():
                return _claim(run, limit, worker, lease_seconds)
        except IntegrityError:
            # Another run took up the same target between our look and our update: look again.
            continue
    return []


def _claim(run: int, limit: int, worker: str, lease_seconds: float) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH chosen AS (
                SELECT id FROM netbox_netops_runtarget w
                WHERE run_id = %(run)s AND state = 'waiting'
                  AND (next_attempt IS NULL OR next_attempt <= statement_timestamp())
                  AND NOT (exclusive AND EXISTS (
                      SELECT 1 FROM netbox_netops_runtarget o
                      WHERE o.target_id = w.target_id AND o.exclusive AND o.state = 'running'))
                ORDER BY id LIMIT %(limit)s
                FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE netbox_netops_runtarget t SET
                    state = 'running',
                    attempt = attempt + 1,
                    lease_token = gen_random_uuid(),
                    lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
                    started = statement_timestamp(),
                    worker = %(worker)s
                FROM chosen WHERE t.id = chosen.id
                RETURNING t.id, t.target_id, t.name, t.attempt, t.lease_token
            ), started AS (
                UPDATE netbox_netops_run SET status = 'running', started = statement_timestamp()
                WHERE id = %(run)s AND status = 'queued' AND EXISTS (SELECT 1 FROM claimed)
            )
            SELECT * FROM claimed ORDER BY id
            """,
            {'run': run, 'limit': limit, 'lease': lease_seconds, 'worker': worker[:100]},
        )
        return [
            Claim(id=pk, target=target, name=name, attempt=attempt, lease_token=str(token))
            for pk, target, name, attempt, token in cursor.fetchall()
        ]


def has_claimable(run: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT 1 FROM netbox_netops_runtarget WHERE run_id = %s AND state = 'waiting'
                           AND (next_attempt IS NULL OR next_attempt <= statement_timestamp()))
            """,
            [run],
        )
        return cursor.fetchone()[0]


def finish(results: Sequence[Result]) -> set[int]:
    """Give the rows of these results their final state. Returns the ids of those whose lease was still valid.

    A result with another lease token belongs to an owner that was too late: nothing of it may be written.
    """
    rows = [
        (
            result.task,
            uuid.UUID(result.lease_token),
            RunTargetStateChoices.SUCCEEDED if result.ok else RunTargetStateChoices.FAILED,
            result.error_code[:50],
            result.error_detail.replace('\0', '')[:500],
        )
        for result in results
    ]
    columns = {'id': 'bigint', 'token': 'uuid', 'state': 'text', 'error_code': 'text', 'error_detail': 'text'}
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, 'netops_finish', columns, rows)
        cursor.execute(
            """
            UPDATE netbox_netops_runtarget t SET
                state = f.state, error_code = f.error_code, error_detail = f.error_detail,
                finished = statement_timestamp(), lease_token = NULL, lease_until = NULL
            FROM netops_finish f
            WHERE t.id = f.id AND t.state = 'running' AND t.lease_token = f.token
            RETURNING t.id
            """
        )
        return {row[0] for row in cursor.fetchall()}


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
    """Derive counts and status of these runs from their rows. A run without active rows is finished."""
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
            """,
            [sorted(runs), list(RunStatusChoices.ACTIVE)],
        )


def expire_overdue() -> int:
    """Close waiting rows whose time is over. Returns how many.

    A run that no worker ever took up says so; otherwise its turn did not come in time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH overdue AS (
                SELECT w.id FROM netbox_netops_runtarget w
                WHERE w.state = 'waiting' AND w.expires <= statement_timestamp()
                ORDER BY w.id FOR UPDATE SKIP LOCKED
            )
            UPDATE netbox_netops_runtarget t SET
                state = 'expired', finished = statement_timestamp(),
                error_code = CASE WHEN r.started IS NULL THEN 'expired:no-worker' ELSE 'expired:deadline' END
            FROM overdue, netbox_netops_run r
            WHERE t.id = overdue.id AND r.id = t.run_id
            RETURNING t.run_id
            """
        )
        runs = [row[0] for row in cursor.fetchall()]
        if runs:
            settle(set(runs))
    return len(runs)


def reap_leases() -> set[int]:
    """Take back rows whose worker went silent. Returns the runs that have work again or are finished by it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (
                SELECT id FROM netbox_netops_runtarget
                WHERE state = 'running' AND lease_until <= statement_timestamp()
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE netbox_netops_runtarget t SET
                state = CASE WHEN attempt < %(most)s THEN 'waiting' ELSE 'failed' END,
                error_code = CASE WHEN attempt < %(most)s THEN '' ELSE 'lease:lost' END,
                finished = CASE WHEN attempt < %(most)s THEN NULL ELSE statement_timestamp() END,
                lease_token = NULL, lease_until = NULL
            FROM lost WHERE t.id = lost.id
            RETURNING t.run_id
            """,
            {'most': MAX_ATTEMPTS},
        )
        runs = {row[0] for row in cursor.fetchall()}
        if runs:
            settle(runs)
    return runs
