"""What workers at gateways ask for: the same claims and the same results as inside of NetBox, for their rows only.

A worker is believed about what it found, and about nothing else: which run, target and attempt a result belongs to is
read from the row whose lease it holds.
"""

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.wire import Result, Task

from .jobs.source import RunSource
from .kinds import KINDS
from .lifecycle import hand_back
from .lifecycle.columns import ASSIGNED, DUE, SERVED
from .limiting import release
from .matching import credentials_for
from .models import Gateway, Run, RunTarget, Target
from .results import ResultSink
from .settings import get_settings

__all__ = (
    'claim_tasks',
    'given_up',
    'note_worker',
    'read_results',
    'take_back',
    'take_results',
)

logger = get_logger('netbox.netbox_netops.serving')

# Runs that one claim looks into, at most. The work of each may wait for a limit, and costs queries all the same.
_MOST_RUNS = 8
_AGAIN_SECONDS = 1.0
# A worker with work at hand is heard of every second: that need not be written as often.
_SEEN = timedelta(seconds=5)
_MAX_ID = 2**63 - 1
_MOST_CODE = 50
# Also of a code that only a newer worker knows.
_CODE = re.compile(r'[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*)+')


def note_worker(gateway: Gateway, worker: str) -> None:
    now = timezone.now()
    old = Q(last_seen__isnull=True) | Q(last_seen__lt=now - _SEEN)
    Gateway.objects.filter(old, pk=gateway.pk).update(last_seen=now, last_worker=worker)


def claim_tasks(
    gateway: Gateway, *, worker: str, limit: int, kinds: Collection[str]
) -> tuple[list[Task], float | None]:
    """Lease up to `limit` rows of any runs to a worker of the gateway: of those somebody waits for, then of the oldest.

    With them: after how many seconds it is worth asking again though no bell rings. None: not known.
    """
    if not gateway.enabled:
        return [], None
    settings = get_settings()
    tasks: list[Task] = []
    waits: list[float] = []
    runs = _runs(gateway, kinds)
    for run in runs:
        source = RunSource(run, worker=worker, settings=settings, gateway=gateway.pk)
        tasks += source.claim(limit - len(tasks))
        if len(tasks) >= limit:
            break
        if source.again_after is not None:
            waits.append(source.again_after)
    if len(runs) == _MOST_RUNS:
        # There may be others behind them.
        waits.append(_AGAIN_SECONDS)
    return tasks, min(waits) if waits else None


def _runs(gateway: Gateway, kinds: Collection[str]) -> list[Run]:
    """Runs with rows that are due at the gateway."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT r.id FROM netbox_netops_run r
            WHERE r.status IN ('queued', 'running') AND r.kind = ANY(%(kinds)s) AND EXISTS (
                SELECT 1 FROM netbox_netops_runtarget w {SERVED}
                WHERE w.run_id = r.id AND w.gateway_id = %(gateway)s AND {DUE} AND {ASSIGNED})
            ORDER BY r.interactive OR EXISTS (
                SELECT 1 FROM netbox_netops_runtarget w {SERVED}
                WHERE w.run_id = r.id AND w.gateway_id = %(gateway)s AND w.urgent AND {DUE} AND {ASSIGNED}
            ) DESC, r.id LIMIT %(most)s
            """,
            {'gateway': gateway.pk, 'kinds': sorted(kinds), 'most': _MOST_RUNS},
        )
        ids = [row[0] for row in cursor.fetchall()]
    runs = Run.objects.select_related('requested_by', 'policy').in_bulk(ids)
    return [runs[pk] for pk in ids if pk in runs]


def read_results(items: Sequence[Any]) -> list[Result]:
    """Results from their wire form, with values that the database can hold.

    Raises NetOpsError wire:invalid or wire:version, naming the item.
    """
    results = []
    for index, item in enumerate(items):
        try:
            result = Result.from_json(item)
        except NetOpsError as error:
            raise NetOpsError(error.code, f'results[{index}]: {error.detail}') from None
        if problem := _problem(result):
            raise NetOpsError('wire:invalid', f'results[{index}]: {problem}')
        results.append(
            replace(
                result,
                lease_token=str(uuid.UUID(result.lease_token)),
                # Halves of characters that JSON can carry, and UTF-8 cannot.
                error_detail=result.error_detail.encode('utf-8', 'replace').decode(),
            )
        )
    return results


def _problem(result: Result) -> str:
    if not 0 < result.task <= _MAX_ID:
        return 'task is not an ID'
    if result.credential is not None and not 0 < result.credential <= _MAX_ID:
        return 'credential is not an ID'
    try:
        uuid.UUID(result.lease_token)
    except ValueError:
        return 'leaseToken is not a UUID'
    code = result.error_code
    if code and (len(code) > _MOST_CODE or not _CODE.fullmatch(code)):
        return 'errorCode is not an error code'
    if result.ok == bool(code):
        return 'ok and errorCode contradict each other'
    return ''


def take_results(gateway: Gateway, results: Sequence[Result]) -> int:
    """Store the results of rows that a worker of the gateway holds the lease of. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.id, w.run_id, w.target_id, r.kind, w.attempt, w.worker,
                   extract(epoch FROM w.started)::double precision
            FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS g(id, token)
            JOIN netbox_netops_runtarget w ON w.id = g.id AND w.lease_token = g.token
            JOIN netbox_netops_run r ON r.id = w.run_id
            WHERE w.state = 'running' AND w.gateway_id = %(gateway)s
            """,
            {
                'ids': [result.task for result in results],
                'tokens': [result.lease_token for result in results],
                'gateway': gateway.pk,
            },
        )
        held = {row[0]: row[1:] for row in cursor.fetchall()}
    taken: dict[int, Result] = {}
    for result in results:
        if result.task not in held or result.task in taken:
            continue
        run, target, kind, attempt, worker, started = held[result.task]
        taken[result.task] = replace(
            result,
            run=run,
            target=target or 0,
            kind=kind,
            attempt=attempt,
            worker=worker,
            # By a worker's clock that is slow, it could be older than what is known already.
            started_at=max(result.started_at, started),
        )
    if len(taken) < len(results):
        logger.warning(f'{gateway}: {len(results) - len(taken)} results refused: no lease of this gateway')
    return ResultSink().write(_with_own_credentials(taken.values())) if taken else 0


def _with_own_credentials(results: Iterable[Result]) -> list[Result]:
    """The results, without credentials that do not apply to their targets: no worker was given those for it."""
    results = list(results)
    by_kind: dict[str, set[int]] = {}
    for result in results:
        if result.credential is not None:
            by_kind.setdefault(result.kind, set()).add(result.target)
    targets = Target.objects.in_bulk(set().union(*by_kind.values()))
    own = set()
    for kind, keys in by_kind.items():
        protocols = KINDS[kind].protocols if kind in KINDS else ()
        found = credentials_for([targets[key] for key in keys if key in targets], protocols, stopped=True)
        own |= {(kind, key, credential.pk) for key, applying in found.items() for credential in applying}
    return [
        result if (result.kind, result.target, result.credential) in own else replace(result, credential=None)
        for result in results
    ]


def given_up(gateway: Gateway, rows: Collection[int]) -> list[int]:
    """Which of these rows a worker of the gateway shall give up: cancelled, deleted, or never the gateway's."""
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.id FROM unnest(%s::bigint[]) AS g(id)
            LEFT JOIN netbox_netops_runtarget t ON t.id = g.id AND NOT t.cancel AND t.gateway_id = %s
            WHERE t.id IS NULL ORDER BY g.id
            """,
            [list(rows), gateway.pk],
        )
        return [row[0] for row in cursor.fetchall()]


def take_back(gateway: Gateway, leases: Sequence[tuple[int, str]]) -> int:
    """As `lifecycle.hand_back`, for rows of the gateway."""
    rows = RunTarget.objects.filter(pk__in=[pk for pk, _token in leases], gateway=gateway)
    held = set(rows.order_by().values_list('pk', flat=True))
    own = [(pk, token) for pk, token in leases if pk in held]
    if not own:
        return 0
    returned = hand_back(own)
    try:
        release([token for _pk, token in own])
    except RedisError:
        # What is held ends by itself with the lease.
        logger.exception('Limits could not be given back')
    return returned
