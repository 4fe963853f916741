"""What the whole fleet's work looks like now, for the queue page, REST and metrics: a constant number of queries.

Redis may be silent: then what only Redis knows is missing, and `redis` says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from redis.exceptions import RedisError

from netops_worker.log import get_logger

from .kinds import KINDS
from .limiting import limits_in_effect
from .models import Gateway, Pause, Policy, Target
from .queues import QueueState, read_queues
from .settings import get_settings
from .telemetry import Totals, read_telemetry

__all__ = (
    'RETRY',
    'KindState',
    'LimitState',
    'Overview',
    'read_kinds',
    'read_overview',
)

logger = get_logger('netbox.netbox_netops.overview')

# Why a row waits that failed before and whose next attempt is not due: it has no error code of its own.
RETRY = 'retry'
# Limits of other than kinds that are listed, those with the least room first.
_MOST_LIMITS = 100
# Sites, and tenants, whose limits are listed whether or not anything is at work: those known first.
_MOST_SCOPES = 500


@dataclass(slots=True)
class KindState:
    """The active RunTargets of one kind.

    `due`: waiting, and nothing but their turn is missing as far as the database knows. `blocked`: waiting rows by what
    they wait for, an error code or RETRY. `oldest`: when the oldest run with waiting rows was created.
    `overdue`: running rows whose lease has run out and was not taken back yet.
    """

    kind: str
    waiting: int = 0
    due: int = 0
    running: int = 0
    overdue: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    oldest: datetime | None = None
    last_started: datetime | None = None
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class LimitState:
    """`scope`: kind, gateway, policy, site or tenant, and `key` which one: the kind, or the primary key."""

    scope: str
    key: str
    most: int
    used: int

    @property
    def is_full(self) -> bool:
        return self.used >= self.most


@dataclass(slots=True)
class Overview:
    """`redis`: whether it answered. `tick_age`: seconds since the last tick, None when that is not known."""

    kinds: list[KindState]
    queues: list[QueueState]
    limits: list[LimitState]
    totals: Totals
    tick_age: float | None
    redis: bool = True

    @property
    def unserved(self) -> list[QueueState]:
        return [queue for queue in self.queues if not queue.is_served]

    @property
    def is_tick_late(self) -> bool:
        return self.redis and (self.tick_age is None or self.tick_age > get_settings().health_tick_seconds)

    @property
    def overdue(self) -> int:
        return sum(state.overdue for state in self.kinds)

    @property
    def running(self) -> int:
        return sum(state.running for state in self.kinds)

    @property
    def token(self) -> str:
        """Differs when leases were taken or ended."""
        started = max((state.last_started for state in self.kinds if state.last_started), default=None)
        return f'{self.running}-{started.timestamp() if started else 0}'


def read_overview(*, steady_limits: bool = False) -> Overview:
    """`steady_limits`: with the same limits each time, whatever is at work; else those with the least room now."""
    kinds = read_kinds()
    scopes = _steady_scopes() if steady_limits else _limited_scopes()
    try:
        # First who does not wait for long: a Redis that is frozen is noticed here.
        totals, tick_age = read_telemetry()
        limits = _limits(scopes) if steady_limits else _tightest(_limits(scopes))
        queues = read_queues()
        redis = True
    except RedisError as error:
        logger.warning('Redis does not answer: %s', type(error).__name__)
        queues, totals, tick_age, limits, redis = [], Totals(), None, [], False
    return Overview(kinds=kinds, queues=queues, limits=limits, totals=totals, tick_age=tick_age, redis=redis)


def read_kinds() -> list[KindState]:
    """All kinds, also those of which nothing is active."""
    states = {kind: KindState(kind) for kind in KINDS}
    for pause in Pause.objects.filter(kind__in=KINDS).select_related('paused_by'):
        states[pause.kind].pause = pause
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVE, {'kinds': list(KINDS), 'retry': RETRY})
        for kind, reason, waiting, due, running, overdue, oldest, last_started in cursor.fetchall():
            state = states[kind]
            state.waiting += waiting
            state.due += 0 if state.pause else due
            state.running += running
            state.overdue += overdue
            if reason:
                state.blocked[reason] = state.blocked.get(reason, 0) + waiting
            state.oldest = min((moment for moment in (state.oldest, oldest) if moment), default=None)
            state.last_started = max((moment for moment in (state.last_started, last_started) if moment), default=None)
    return list(states.values())


# A row whose turn it was, and whose target another exclusive operation works on, is not marked as blocked: nobody has
# asked the limits for it. What was refused keeps its mark until it is claimed.
_ACTIVE = """
    SELECT r.kind, x.reason,
           count(*) FILTER (WHERE w.state = 'waiting'),
           count(*) FILTER (WHERE w.state = 'waiting' AND x.is_due AND x.reason = ''),
           count(*) FILTER (WHERE w.state = 'running'),
           count(*) FILTER (WHERE w.state = 'running' AND w.lease_until <= statement_timestamp()),
           min(r.created) FILTER (WHERE w.state = 'waiting'),
           max(w.started) FILTER (WHERE w.state = 'running')
    FROM netbox_netops_runtarget w
    JOIN netbox_netops_run r ON r.id = w.run_id
    LEFT JOIN netbox_netops_runtarget o
        ON o.target_id = w.target_id AND o.exclusive AND o.state = 'running' AND w.exclusive AND w.state = 'waiting'
    CROSS JOIN LATERAL (SELECT w.next_attempt IS NULL OR w.next_attempt <= statement_timestamp() AS is_due) d
    CROSS JOIN LATERAL (
        SELECT d.is_due, CASE
            WHEN w.state = 'running' THEN ''
            WHEN d.is_due AND o.id IS NOT NULL THEN 'waiting:busy'
            WHEN NOT d.is_due AND w.blocked = '' THEN %(retry)s
            ELSE w.blocked
        END AS reason
    ) x
    WHERE w.state IN ('waiting', 'running') AND r.kind = ANY(%(kinds)s)
    GROUP BY r.kind, x.reason
"""


def _limited_scopes() -> Mapping[str, list[int]]:
    """Of what work is going on or was refused: {scope: primary keys}."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.site_id, t.tenant_id, w.gateway_id, r.policy_id
            FROM netbox_netops_runtarget w
            JOIN netbox_netops_run r ON r.id = w.run_id
            LEFT JOIN netbox_netops_target t ON t.id = w.target_id
            WHERE w.state = 'running' OR (w.state = 'waiting' AND w.blocked <> '')
            GROUP BY GROUPING SETS ((t.site_id), (t.tenant_id), (w.gateway_id), (r.policy_id))
            """
        )
        rows = cursor.fetchall()
    return {
        scope: sorted({row[index] for row in rows} - {None})
        for index, scope in enumerate(('site', 'tenant', 'gateway', 'policy'))
    }


def _steady_scopes() -> Mapping[str, list[int]]:
    """Of all gateways and policies, and of the sites and tenants that have targets: {scope: primary keys}."""
    targets = Target.objects.order_by()
    return {
        'policy': list(Policy.objects.order_by('pk').values_list('pk', flat=True)),
        'gateway': list(Gateway.objects.order_by('pk').values_list('pk', flat=True)),
        'site': _first(targets.values_list('site', flat=True)),
        'tenant': _first(targets.values_list('tenant', flat=True)),
    }


def _first(keys: QuerySet) -> list[int]:
    # By key and not by use, so that no series ends because another begins.
    return sorted(set(keys.distinct()) - {None})[:_MOST_SCOPES]


def _limits(scopes: Mapping[str, list[int]]) -> list[LimitState]:
    policies = Policy.objects.filter(pk__in=scopes['policy'], concurrency__isnull=False).order_by('pk')
    found = limits_in_effect(
        sites=scopes['site'],
        tenants=scopes['tenant'],
        gateways=scopes['gateway'],
        policies=dict(policies.values_list('pk', 'concurrency')),
    )
    states = []
    for limit, used in found:
        scope, _separator, key = limit.name.partition(':')
        states.append(LimitState(scope, key, limit.most, used))
    return states


def _tightest(states: list[LimitState]) -> list[LimitState]:
    kinds = [state for state in states if state.scope == 'kind']
    others = sorted((state for state in states if state.scope != 'kind'), key=lambda state: state.most - state.used)
    return kinds + others[:_MOST_LIMITS]
