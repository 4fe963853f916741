"""What nobody finished: waiting rows whose time is over, and rows whose worker went silent."""

from django.db import connection, transaction

from ..kinds import KINDS
from ..settings import get_settings
from ..telemetry import count_finished, count_lost
from .columns import PAUSED
from .finishing import settle

__all__ = (
    'expire_overdue',
    'reap_leases',
)


def expire_overdue() -> int:
    """Close waiting rows whose time is over. Returns how many.

    A run that no worker ever took up says so; otherwise its turn did not come in time. What had failed before and
    waited for another attempt failed; so did what waited for an address. While a kind is paused nothing of it expires.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH overdue AS (
                SELECT w.id FROM netbox_netops_runtarget w
                WHERE w.state = 'waiting' AND w.expires <= statement_timestamp() AND NOT {PAUSED}
                ORDER BY w.id FOR UPDATE SKIP LOCKED
            )
            UPDATE netbox_netops_runtarget t SET
                state = CASE WHEN t.error_code <> '' OR t.blocked = 'waiting:address' THEN 'failed' ELSE 'expired' END,
                finished = statement_timestamp(), next_attempt = NULL, blocked = '',
                error_code = CASE
                    WHEN t.error_code <> '' THEN t.error_code
                    WHEN t.blocked = 'waiting:address' THEN 'target:no-address'
                    WHEN r.started IS NULL THEN 'expired:no-worker'
                    ELSE 'expired:deadline'
                END
            FROM overdue, netbox_netops_run r
            WHERE t.id = overdue.id AND r.id = t.run_id
            RETURNING t.run_id, r.kind, t.state, t.error_code
            """
        )
        rows = cursor.fetchall()
        runs = [run for run, *_rest in rows]
        if runs:
            settle(set(runs))
            count_finished((kind, state, code) for _run, kind, state, code in rows)
    return len(runs)


def reap_leases() -> set[int]:
    """Take back rows whose worker went silent. Returns the runs that have work again or are finished by it."""
    settings = get_settings()
    with transaction.atomic(), connection.cursor() as cursor:
        # A target whose worker died in each attempt is closed: it may be what kills the workers.
        cursor.execute(
            """
            WITH lost AS (
                SELECT w.id, r.kind, CASE
                    WHEN w.cancel THEN 'cancelled'
                    WHEN w.attempt < k.attempts THEN 'waiting'
                    ELSE 'failed'
                END AS state
                FROM netbox_netops_runtarget w
                JOIN netbox_netops_run r ON r.id = w.run_id
                LEFT JOIN unnest(%s::text[], %s::integer[]) AS k(kind, attempts) ON k.kind = r.kind
                WHERE w.state = 'running' AND w.lease_until <= statement_timestamp()
                ORDER BY w.id FOR UPDATE OF w SKIP LOCKED
            )
            UPDATE netbox_netops_runtarget t SET
                state = lost.state,
                error_code = CASE lost.state WHEN 'waiting' THEN '' WHEN 'cancelled' THEN 'cancelled:user'
                                             ELSE 'lease:lost' END,
                error_detail = '',
                finished = CASE WHEN lost.state <> 'waiting' THEN statement_timestamp() END,
                lease_token = NULL, lease_until = NULL
            FROM lost WHERE t.id = lost.id
            RETURNING t.run_id, lost.kind, t.state, t.error_code
            """,
            [list(KINDS), [settings.attempts_of(kind) for kind in KINDS]],
        )
        rows = cursor.fetchall()
        runs = {run for run, *_rest in rows}
        if runs:
            settle(runs)
            count_lost(kind for _run, kind, _state, _code in rows)
            count_finished((kind, state, code) for _run, kind, state, code in rows if state != 'waiting')
    return runs
