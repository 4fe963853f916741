"""The history of scans, and what the newest one means for its target."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from netops_worker.errors import ERRORS
from netops_worker.wire import Result

from ..settings import get_settings
from .changes import MOST_CHANGES
from .columns import clean_number, clean_text

__all__ = (
    'SCAN',
    'insert_history',
    'reachability_of',
    'scan_row',
    'start_time',
    'update_targets',
)

# The temporary table `netops_scan`: a row for each result of the batch.
SCAN = {
    'target': 'bigint',
    'run': 'bigint',
    'credential': 'bigint',
    'ok': 'boolean',
    'error_code': 'text',
    'error_detail': 'text',
    'started': 'timestamptz',
    'duration_ms': 'integer',
    'worker': 'text',
    # NULL: the device was not asked, so nothing is known about its reachability.
    'reachability': 'text',
    'has_facts': 'boolean',
    'uptime_ticks': 'bigint',
    'first': 'boolean',
    'counts': 'jsonb',
    'problems': 'jsonb',
    # Whether current state is taken from this result: it is news.
    'merged': 'boolean',
}
_COUNTED = ('interfaces', 'addresses', 'inventory', 'neighbours', 'bgp')


def scan_row(result: Result, *, merged: bool, first: bool) -> tuple:
    """The row of `SCAN`."""
    system = result.data.get('system')
    if not isinstance(system, dict):
        system = {}
    return (
        result.target,
        result.run,
        result.credential,
        result.ok,
        clean_text(result.error_code, 50),
        clean_text(result.error_detail, 500),
        start_time(result),
        min(max(int(result.duration_ms), 0), 2**31 - 1),
        clean_text(result.worker, 100),
        reachability_of(result),
        bool(system),
        clean_number(system.get('uptime_ticks'), 'bigint'),
        first and merged and bool(system),
        _counts(result),
        _problems(result),
        merged,
    )


def _counts(result: Result) -> str:
    numbers = {name: len(items) for name in _COUNTED if isinstance(items := result.data.get(name), list)}
    return json.dumps(numbers)


def _problems(result: Result) -> str:
    collectors = result.data.get('collectors')
    if not isinstance(collectors, dict):
        return '[]'
    found = [
        {
            'collector': clean_text(name, 50),
            'code': clean_text(entry.get('code'), 50),
            'detail': clean_text(entry.get('detail'), 500),
        }
        for name, entry in collectors.items()
        if isinstance(entry, dict) and entry.get('complete') is not True
    ]
    return json.dumps(found)


def reachability_of(result: Result) -> str | None:
    """What the result says about the device; None: nothing, it was not asked."""
    if result.ok or result.data.get('system'):
        return 'reachable'
    info = ERRORS.get(result.error_code)
    if info is not None and info.unreachable:
        return 'unreachable'
    # Any other SNMP error is an answer, and so is that it does not let us in.
    answers = ('snmp:', 'credential:no-access', 'credential:rejected')
    return 'reachable' if result.error_code.startswith(answers) else None


def start_time(result: Result) -> datetime:
    return datetime.fromtimestamp(result.started_at, UTC)


def insert_history(cursor, changes_by_target: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
    """Keep all results of the batch, and the changes that the merged ones brought."""
    changes = [(target, len(found), json.dumps(found[:MOST_CHANGES])) for target, found in changes_by_target.items()]
    # The joins leave out what was deleted meanwhile.
    cursor.execute(
        """
        INSERT INTO netbox_netops_scanresult
            (target_id, run_id, credential_id, ok, error_code, error_detail, started, duration_ms, worker, uptime_ticks,
             first, counts, problems, change_count, changes)
        SELECT t.id, r.id, c.id, s.ok, s.error_code, s.error_detail, s.started, s.duration_ms, s.worker, s.uptime_ticks,
               s.first, s.counts, s.problems, COALESCE(f.number, 0), COALESCE(f.changes, '[]')
        FROM netops_scan s
        JOIN netbox_netops_target t ON t.id = s.target
        LEFT JOIN netbox_netops_run r ON r.id = s.run
        LEFT JOIN netbox_netops_credential c ON c.id = s.credential
        LEFT JOIN unnest(%s::bigint[], %s::integer[], %s::jsonb[]) AS f(target_id, number, changes)
            ON f.target_id = s.target AND s.merged
        ORDER BY s.target, s.started
        """,
        [list(column) for column in zip(*changes, strict=True)] or [[], [], []],
    )


def update_targets(cursor) -> None:
    """Bring the targets up to date with the merged results, whose history must be there already.

    A device that did not answer often in a row is spared for a while (a circuit breaker). That it refused a credential
    counts as an answer: who is locked out must not look like what is dead.
    """
    settings = get_settings()
    cursor.execute(
        """
        UPDATE netbox_netops_target t SET
            last_attempt_at = n.started,
            last_success_at = CASE WHEN n.ok THEN n.started ELSE t.last_success_at END,
            last_error = n.error_code,
            failures = CASE n.reachability WHEN 'unreachable' THEN LEAST(t.failures + 1, 30000) WHEN 'reachable' THEN 0
                                           ELSE t.failures END,
            spared_until = CASE
                WHEN n.reachability = 'unreachable' AND t.failures + 1 >= %(failures)s THEN
                    statement_timestamp() + make_interval(secs => LEAST(
                        %(most)s, %(seconds)s * 2.0 ^ LEAST(t.failures + 1 - %(failures)s, 20)))
                WHEN n.reachability = 'reachable' THEN NULL
                ELSE t.spared_until
            END,
            reachability = COALESCE(n.reachability, t.reachability),
            reachability_since = CASE WHEN n.reachability IS NULL OR n.reachability = t.reachability
                                      THEN t.reachability_since ELSE n.started END,
            snmp_credential_id = COALESCE(
                (SELECT id FROM netbox_netops_credential c WHERE c.id = n.credential), t.snmp_credential_id),
            latest_scan_id = CASE WHEN n.has_facts THEN (
                SELECT s.id FROM netbox_netops_scanresult s
                WHERE s.target_id = t.id AND s.started = n.started ORDER BY s.id DESC LIMIT 1
            ) ELSE t.latest_scan_id END
        FROM netops_scan n WHERE t.id = n.target AND n.merged
        """,
        {
            'failures': settings.breaker_failures,
            'seconds': settings.breaker_seconds,
            'most': settings.breaker_most_seconds,
        },
    )
