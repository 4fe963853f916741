"""Claiming work, and giving it back: waiting -> running -> waiting."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, UniqueViolation
from redis.exceptions import RedisError

from netops_worker.limits import Limits, Wish
from netops_worker.log import get_logger

from ..kinds import KINDS
from ..limiting import Limiting
from ..settings import get_settings
from ..telemetry import count_finished
from .columns import ASSIGNED, BUSY, DUE, SERVED
from .finishing import settle

__all__ = (
    'MOST_RETURNS',
    'Claim',
    'Claimed',
    'claim',
    'claimable',
    'claimable_runs',
    'defer',
    'hand_back',
)

logger = get_logger('netbox.netbox_netops.lifecycle')

# Given back more often than this without an end, it counts as an attempt.
MOST_RETURNS = 3
# Seconds after which it is worth asking again, when it is not known what would change the answer.
_AGAIN = 1.0
_AGAIN_WITHOUT_REDIS = 2.0
# Looks at the queue in one claim: past targets whose site or tenant is at its limit, and when somebody was faster.
_ROUNDS = 5
# Seconds. An end of a maintenance window in the year 9999 would lead to moments that no client can read.
_MOST_DEFERRED = 365 * 24 * 3600.0
_FASTER = (UniqueViolation, DeadlockDetected)


@dataclass(frozen=True, slots=True)
class Claim:
    id: int
    target: int | None
    name: str
    attempt: int
    lease_token: str
    urgent: bool = False
    returns: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """`again_after`: seconds after which more may be claimable though nothing of this run ends before; None: never."""

    claims: list[Claim]
    again_after: float | None = None


def claim(
    run: int,
    limit: int,
    *,
    worker: str,
    lease_seconds: float,
    limiting: Limiting | None = None,
    gateway: int | None = None,
) -> Claimed:
    """Lease up to `limit` due rows of the run: the urgent ones first, then the oldest.

    Rows other claimers are looking at are passed over.
    """
    claims: list[Claim] = []
    waits: list[float] = []
    full: dict[str, set[int]] = {'site': set(), 'tenant': set()}
    for _round in range(_ROUNDS):
        missing = limit - len(claims)
        try:
            found, refused = _claim_once(run, missing, worker, lease_seconds, limiting, gateway, full, waits)
        except (IntegrityError, OperationalError) as error:
            if not isinstance(error.__cause__, _FASTER):
                raise
            # Somebody else started an exclusive operation on one of the targets since we looked.
            continue
        claims.extend(found)
        # Only a site or tenant that is full can be looked past: what is behind it may have room.
        if limiting is None or not refused or len(claims) >= limit:
            break
        try:
            _note_full(run, limiting, gateway, full)
        except RedisError:
            logger.exception('Redis does not answer: nothing more is started')
            waits.append(_AGAIN_WITHOUT_REDIS)
            break
    if not claims and not waits and claimable(run, gateway):
        # Others are at work on the targets, or look at the rows at this moment.
        waits.append(_AGAIN)
    return Claimed(claims, min(waits) if waits else None)


def _note_full(run: int, limiting: Limiting, gateway: int | None, full: dict[str, set[int]]) -> None:
    """Note all sites and tenants of the run that are full: there may be more of them than rounds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT DISTINCT t.site_id, t.tenant_id
            FROM netbox_netops_runtarget w JOIN netbox_netops_target t ON t.id = w.target_id
            WHERE w.run_id = %(run)s AND {DUE} AND w.gateway_id IS NOT DISTINCT FROM %(gateway)s
            """,
            {'run': run, 'gateway': gateway},
        )
        found = cursor.fetchall()
    for scope, keys in zip(('site', 'tenant'), zip(*found, strict=True), strict=False):
        full[scope] |= limiting.full(scope, set(keys) - full[scope] - {None})


def _claim_once(run, limit, worker, lease_seconds, limiting, gateway, full, waits) -> tuple[list[Claim], bool]:
    """Returns the claims, and whether rows were refused for a site or tenant that was not known to be full."""
    limits = None
    tokens: list[str] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = _candidates(cursor, run, limit, gateway, full)
            if not rows:
                return [], False
            tokens = [str(uuid.uuid4()) for _row in rows]
            granted = list(range(len(rows)))
            refused = False
            if limiting is not None:
                limits = limiting.limits
                wishes = [
                    limiting.wish(token, target=row[1], site=row[4], tenant=row[5], exclusive=row[6])
                    for token, row in zip(tokens, rows, strict=True)
                ]
                granted, refused = _ask(cursor, limiting, wishes, rows, lease_seconds, full, waits)
            return _take(cursor, run, worker, lease_seconds, rows, tokens, granted), refused
    except BaseException:
        if limits is not None:
            _release_quietly(limits, tokens)
        raise


def _candidates(cursor, run, limit, gateway, full) -> list[tuple]:
    cursor.execute(
        f"""
        SELECT w.id, w.target_id, w.name, w.attempt, t.site_id, t.tenant_id, w.exclusive, w.blocked, w.urgent,
               w.returns
        FROM netbox_netops_runtarget w {SERVED}
        WHERE w.run_id = %(run)s AND {DUE} AND NOT {BUSY} AND w.gateway_id IS NOT DISTINCT FROM %(gateway)s
          AND {ASSIGNED}
          AND (t.site_id IS NULL OR t.site_id <> ALL(%(sites)s))
          AND (t.tenant_id IS NULL OR t.tenant_id <> ALL(%(tenants)s))
        ORDER BY w.urgent DESC, w.id LIMIT %(limit)s
        FOR UPDATE OF w SKIP LOCKED
        """,
        {
            'run': run,
            'gateway': gateway,
            'limit': limit,
            'sites': sorted(full['site']),
            'tenants': sorted(full['tenant']),
        },
    )
    return cursor.fetchall()


def _ask(cursor, limiting: Limiting, wishes: list[Wish], rows, lease_seconds, full, waits) -> tuple[list[int], bool]:
    """What the limits grant: indexes of rows. The reason of the others is noted at them."""
    try:
        verdicts = limiting.acquire(wishes, lease_seconds)
    except RedisError:
        # Without Redis nobody knows what others are doing: the work waits, and is not lost.
        logger.exception('Redis does not answer: nothing is started')
        waits.append(_AGAIN_WITHOUT_REDIS)
        return [], False
    granted, blocked, refused = [], [], False
    for index, (verdict, row) in enumerate(zip(verdicts, rows, strict=True)):
        if not verdict.code:
            granted.append(index)
            continue
        waits.append(_AGAIN if verdict.seconds is None else min(max(verdict.seconds, 0.01), 30.0))
        for scope, column in (('site', 4), ('tenant', 5)):
            if verdict.code == f'waiting:{scope}' and row[column] not in full[scope]:
                full[scope].add(row[column])
                refused = True
        if row[7] != verdict.code:
            blocked.append((row[0], verdict.code))
    if blocked:
        cursor.execute(
            """
            UPDATE netbox_netops_runtarget t SET blocked = b.code
            FROM unnest(%s::bigint[], %s::text[]) AS b(id, code) WHERE t.id = b.id
            """,
            [list(column) for column in zip(*blocked, strict=True)],
        )
    return granted, refused


def _take(cursor, run, worker, lease_seconds, rows, tokens, granted) -> list[Claim]:
    if not granted:
        return []
    cursor.execute(
        """
        WITH claimed AS (
            UPDATE netbox_netops_runtarget t SET
                state = 'running', attempt = t.attempt + 1, next_attempt = NULL, blocked = '',
                lease_token = g.token, lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
                started = statement_timestamp(), worker = %(worker)s
            FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS g(id, token) WHERE t.id = g.id
        )
        UPDATE netbox_netops_run SET status = 'running', started = statement_timestamp()
        WHERE id = %(run)s AND status = 'queued'
        """,
        {
            'run': run,
            'ids': [rows[index][0] for index in granted],
            'tokens': [tokens[index] for index in granted],
            'lease': lease_seconds,
            'worker': worker[:100],
        },
    )
    return [
        Claim(
            id=pk,
            target=target,
            name=name,
            attempt=attempt + 1,
            lease_token=tokens[index],
            urgent=urgent,
            returns=returns,
        )
        for index in granted
        for pk, target, name, attempt, *_rest, urgent, returns in (rows[index],)
    ]


def _release_quietly(limits: Limits, tokens: Sequence[str]) -> None:
    try:
        limits.release(tokens)
    except RedisError:
        # It ends by itself with the lease.
        logger.exception('Limits could not be given back')


def claimable(run: int, gateway: int | None = None) -> int:
    """How many rows of the run are due, whether or not limits or other operations on their targets hold them up."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM netbox_netops_runtarget w {SERVED}
            WHERE w.run_id = %(run)s AND {DUE} AND w.gateway_id IS NOT DISTINCT FROM %(gateway)s AND {ASSIGNED}
            """,
            {'run': run, 'gateway': gateway},
        )
        return cursor.fetchone()[0]


def claimable_runs() -> dict[int, int]:
    """As `claimable`, of all runs that have any such rows for the workers inside of NetBox."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT w.run_id, count(*) FROM netbox_netops_runtarget w {SERVED}
            WHERE {DUE} AND w.gateway_id IS NULL AND {ASSIGNED} GROUP BY w.run_id ORDER BY w.run_id
            """
        )
        return dict(cursor.fetchall())


# Rows of leases (id, token) that are still valid, locked in one order before anything is decided about them.
_LEASED = """
    JOIN netbox_netops_runtarget w ON w.id = g.id AND w.lease_token = g.token AND w.state = 'running'
    JOIN netbox_netops_run r ON r.id = w.run_id"""
# What somebody cancelled meanwhile ends by its return: nobody would claim it again.
_RETURNED = """state = held.state, lease_token = NULL, lease_until = NULL,
                error_code = CASE held.state WHEN 'cancelled' THEN 'cancelled:user' WHEN 'failed' THEN 'lease:lost'
                                             ELSE t.error_code END,
                error_detail = CASE held.state WHEN 'waiting' THEN t.error_detail ELSE '' END,
                finished = CASE WHEN held.state <> 'waiting' THEN statement_timestamp() END"""


def _close(returned: Sequence[tuple[int, str, str, str]]) -> None:
    if ended := [row for row in returned if row[2] != 'waiting']:
        settle({run for run, *_rest in ended})
        count_finished((kind, state, code) for _run, kind, state, code in ended)


def hand_back(leases: Sequence[tuple[int, str]], limiting: Limiting | None = None) -> int:
    """Let other workers have rows, by (id, lease token), that this one does not finish. Returns how many.

    That is no attempt, unless it happened too often: then something may be wrong with the target, and it ends as one
    whose worker died in each attempt.
    """
    settings = get_settings()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH held AS (
                SELECT w.id, r.kind, CASE
                    WHEN w.cancel THEN 'cancelled'
                    WHEN w.returns < %(most)s OR w.attempt < k.attempts THEN 'waiting'
                    ELSE 'failed'
                END AS state
                FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[]) AS g(id, token) {_LEASED}
                LEFT JOIN unnest(%(kinds)s::text[], %(attempts)s::integer[]) AS k(kind, attempts) ON k.kind = r.kind
                ORDER BY w.id FOR UPDATE OF w
            )
            UPDATE netbox_netops_runtarget t SET
                {_RETURNED}, returns = t.returns + 1,
                attempt = CASE WHEN t.returns < %(most)s THEN t.attempt - 1 ELSE t.attempt END
            FROM held WHERE t.id = held.id
            RETURNING t.run_id, held.kind, t.state, t.error_code
            """,
            {
                'most': MOST_RETURNS,
                'ids': [pk for pk, _token in leases],
                'tokens': [token for _pk, token in leases],
                'kinds': list(KINDS),
                'attempts': [settings.attempts_of(kind) for kind in KINDS],
            },
        )
        returned = cursor.fetchall()
        _close(returned)
    if limiting is not None:
        _release_quietly(limiting.limits, [token for _pk, token in leases])
    return len(returned)


def defer(leases: Sequence[tuple[int, str, float]], code: str, limiting: Limiting | None, expiry: float) -> None:
    """Put off rows, by (id, lease token, seconds): that is no attempt. They expire `expiry` seconds after that.

    Not for longer than a year: then it is looked at them again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH held AS (
                SELECT w.id, r.kind, g.seconds, CASE WHEN w.cancel THEN 'cancelled' ELSE 'waiting' END AS state
                FROM unnest(%(ids)s::bigint[], %(tokens)s::uuid[], %(seconds)s::double precision[])
                    AS g(id, token, seconds) {_LEASED}
                ORDER BY w.id FOR UPDATE OF w
            )
            UPDATE netbox_netops_runtarget t SET
                {_RETURNED}, attempt = t.attempt - 1,
                blocked = CASE held.state WHEN 'waiting' THEN %(code)s ELSE '' END,
                next_attempt = CASE held.state WHEN 'waiting'
                                    THEN statement_timestamp() + make_interval(secs => held.seconds) END,
                expires = GREATEST(t.expires,
                                   statement_timestamp() + make_interval(secs => held.seconds + %(expiry)s))
            FROM held WHERE t.id = held.id
            RETURNING t.run_id, held.kind, t.state, t.error_code
            """,
            {
                'code': code,
                'expiry': expiry,
                'ids': [pk for pk, _token, _seconds in leases],
                'tokens': [token for _pk, token, _seconds in leases],
                'seconds': [min(seconds, _MOST_DEFERRED) for _pk, _token, seconds in leases],
            },
        )
        _close(cursor.fetchall())
    if limiting is not None:
        _release_quietly(limiting.limits, [token for _pk, token, _seconds in leases])
