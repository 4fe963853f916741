"""What people do to work under way: cancel, try again now, pause a kind and resume it."""

from collections.abc import Collection

from django.db import connection, transaction

from ..models import Pause
from ..settings import get_settings
from ..telemetry import count_finished
from .finishing import settle

__all__ = (
    'cancel_rows',
    'cancel_run',
    'cancelled_among',
    'hurry',
    'pause',
    'resume',
    'retry_now',
    'wake',
    'wake_all',
)


def cancel_run(run: int, user) -> int:
    """Cancel what of the run is not finished. Returns how many rows.

    What waits is cancelled with this transaction; what is at work, when its worker hears of it, within 2 s.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # The rows before the run, as those who write results do.
        rows = _cancel(cursor, 'run_id = %(of)s', run)
        cursor.execute(
            """
            UPDATE netbox_netops_run SET cancelled = statement_timestamp(), cancelled_by_id = %s
            WHERE id = %s AND status IN ('queued', 'running') AND cancelled IS NULL
            """,
            [user and user.pk, run],
        )
        return _close(rows)


def cancel_rows(rows: Collection[int]) -> int:
    """Cancel these RunTargets; as `cancel_run`."""
    with transaction.atomic(), connection.cursor() as cursor:
        return _close(_cancel(cursor, 'id = ANY(%(of)s)', list(rows)))


def _cancel(cursor, condition: str, of) -> list[tuple]:
    cursor.execute(
        f"""
        WITH active AS (
            SELECT id FROM netbox_netops_runtarget
            WHERE {condition} AND state IN ('waiting', 'running') AND NOT cancel
            ORDER BY id FOR UPDATE
        )
        UPDATE netbox_netops_runtarget t SET
            cancel = true, next_attempt = NULL, blocked = '',
            state = CASE WHEN t.state = 'waiting' THEN 'cancelled' ELSE t.state END,
            error_code = CASE WHEN t.state = 'waiting' THEN 'cancelled:user' ELSE t.error_code END,
            error_detail = CASE WHEN t.state = 'waiting' THEN '' ELSE t.error_detail END,
            finished = CASE WHEN t.state = 'waiting' THEN statement_timestamp() END
        FROM active, netbox_netops_run r WHERE t.id = active.id AND r.id = t.run_id
        RETURNING t.run_id, r.kind, t.state, t.error_code
        """,
        {'of': of},
    )
    return cursor.fetchall()


def _close(rows: list[tuple]) -> int:
    if rows:
        settle({run for run, *_rest in rows})
        # What is at work is counted when its worker gives it up.
        count_finished((kind, state, code) for _run, kind, state, code in rows if state == 'cancelled')
    return len(rows)


def cancelled_among(rows: Collection[int]) -> set[int]:
    """Which of these rows their worker shall give up: somebody cancelled them, or deleted their run."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.id FROM unnest(%s::bigint[]) AS g(id)
            LEFT JOIN netbox_netops_runtarget t ON t.id = g.id AND NOT t.cancel
            WHERE t.id IS NULL
            """,
            [list(rows)],
        )
        return {row[0] for row in cursor.fetchall()}


def retry_now(rows: Collection[int]) -> set[int]:
    """Have these rows, which wait for their next attempt, tried at once. Returns their runs, which need a bell."""
    return _due(
        "id = ANY(%(of)s) AND next_attempt > statement_timestamp() AND blocked <> 'waiting:address'", list(rows)
    )


def hurry(keys: Collection[str], runs: Collection[int]) -> set[int]:
    """Have what waits of these operations (dedup keys) in these runs go first, at once: somebody asks for it by hand.

    Returns the runs that need a bell for it.
    """
    # Not what is urgent already: who clicks again and again rings once.
    condition = """dedup_key = ANY(%(of)s) AND run_id = ANY(%(runs)s) AND (NOT urgent OR next_attempt IS NOT NULL)"""
    return _due(condition, list(keys), urgent=True, runs=list(runs))


def wake(devices: Collection[int], machines: Collection[int]) -> set[int]:
    """Have start what waited for an address of these devices and virtual machines, if they have one now.

    Returns the runs, which need a bell.
    """
    return _due(
        """blocked = 'waiting:address' AND target_id IN (
            SELECT id FROM netbox_netops_target
            WHERE address IS NOT NULL AND (device_id = ANY(%(of)s) OR virtual_machine_id = ANY(%(machines)s)))""",
        list(devices),
        machines=list(machines),
    )


def wake_all() -> set[int]:
    """As `wake`, of all: the address came with a sync, or while somebody was about to let the row wait for it."""
    return _due(
        """blocked = 'waiting:address' AND EXISTS (
            SELECT 1 FROM netbox_netops_target a WHERE a.id = target_id AND a.address IS NOT NULL)""",
        [],
    )


def _due(condition: str, of: list, *, urgent: bool = False, **parameters) -> set[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH found AS (
                SELECT id FROM netbox_netops_runtarget WHERE state = 'waiting' AND {condition} ORDER BY id FOR UPDATE
            )
            UPDATE netbox_netops_runtarget t SET
                urgent = t.urgent OR %(urgent)s,
                -- What has no address has nothing to go on with.
                next_attempt = CASE WHEN %(urgent)s AND t.blocked = 'waiting:address' THEN t.next_attempt END,
                blocked = CASE WHEN %(urgent)s AND t.blocked = 'waiting:address' THEN t.blocked ELSE '' END,
                expires = GREATEST(t.expires, statement_timestamp() + make_interval(secs => %(expiry)s))
            FROM found WHERE t.id = found.id
            RETURNING t.run_id
            """,
            {'of': of, 'urgent': urgent, 'expiry': get_settings().run_expiry, **parameters},
        )
        return {row[0] for row in cursor.fetchall()}


def pause(kind: str, user, reason: str = '') -> bool:
    """Start nothing more of this kind until `resume`. False when it was paused already."""
    _pause, created = Pause.objects.get_or_create(kind=kind, defaults={'paused_by': user, 'reason': reason[:200]})
    return created


def resume(kind: str) -> bool:
    """End the pause: what waited has as much time left as before it. False when it was not paused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('DELETE FROM netbox_netops_pause WHERE kind = %s RETURNING since', [kind])
        row = cursor.fetchone()
        if row is None:
            return False
        cursor.execute(
            """
            WITH paused AS (
                SELECT w.id, statement_timestamp() - GREATEST(%(since)s, r.created) AS time
                FROM netbox_netops_runtarget w JOIN netbox_netops_run r ON r.id = w.run_id
                WHERE r.kind = %(kind)s AND w.state = 'waiting'
                ORDER BY w.id FOR UPDATE OF w
            )
            UPDATE netbox_netops_runtarget t SET
                expires = t.expires + paused.time,
                -- How long it waits for an address is part of its time.
                next_attempt = CASE t.blocked WHEN 'waiting:address' THEN t.next_attempt + paused.time
                                              ELSE t.next_attempt END
            FROM paused WHERE t.id = paused.id
            """,
            {'since': row[0], 'kind': kind},
        )
        return True
