"""Which limits apply to a target, and the way to Redis that keeps them (`netops_worker.limits`)."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import connection
from redis.exceptions import RedisError

from netops_worker.limits import Held, Limit, Limits, NotSeeded, Rate, Verdict, Wish
from netops_worker.log import get_logger

from .kinds import KINDS
from .models import Run
from .quick_redis import quick_redis
from .settings import Settings, get_settings

__all__ = (
    'Limiting',
    'get_limits',
    'limits_in_effect',
    'release',
)

logger = get_logger('netbox.netbox_netops.limiting')

# How many starts at once a rate allows after a pause: so many seconds of it.
_BURST_SECONDS = 1.0
_HOST_BURST = 3.0
# Tokens for which Redis was asked in vain: it may have granted them all the same, or be about to do so.
_doubtful: deque[str] = deque(maxlen=10_000)


def get_limits() -> Limits:
    # The Redis that holds NetBox's queues: whoever works can reach it.
    return Limits(quick_redis())


@dataclass(slots=True)
class Limiting:
    """The limits of one run."""

    limits: Limits
    settings: Settings
    kind: str
    policy: int | None = None
    policy_limits: tuple[Limit, ...] = ()
    policy_rates: tuple[Rate, ...] = ()
    gateway: int | None = None

    @classmethod
    def of(cls, run: Run, settings: Settings, gateway: int | None = None) -> 'Limiting':
        policy = run.policy
        limits = rates = ()
        if policy is not None and policy.concurrency:
            limits = (Limit(f'policy:{policy.pk}', policy.concurrency, 'waiting:policy'),)
        if policy is not None and policy.rate:
            per_second = policy.rate / 60
            rates = (Rate(f'policy:{policy.pk}', per_second, max(1.0, per_second * _BURST_SECONDS), 'waiting:policy'),)
        return cls(get_limits(), settings, run.kind, run.policy_id, limits, rates, gateway)

    def wish(self, token: str, *, target, site, tenant, exclusive) -> Wish:
        settings = self.settings
        limits = [*self.policy_limits]
        for name, key, most in (
            ('kind', self.kind, settings.concurrency_of(self.kind)),
            ('gateway', self.gateway, settings.gateway_concurrency),
            ('tenant', tenant, settings.tenant_concurrency),
            ('site', site, settings.site_concurrency),
        ):
            if key is not None and most is not None:
                limits.append(Limit(f'{name}:{key}', most, f'waiting:{name}'))
        rates = [*self.policy_rates]
        if (per_second := settings.rate_of(self.kind)) is not None:
            rates.append(Rate(f'kind:{self.kind}', per_second, max(1.0, per_second * _BURST_SECONDS), 'waiting:rate'))
        # By target, not by address: behind one address translation there may be many.
        if target is not None and settings.host_rate is not None:
            rates.append(Rate(f'host:{target}', settings.host_rate / 60, _HOST_BURST, 'waiting:host'))
        return Wish(token, target if exclusive else None, tuple(limits), tuple(rates))

    def acquire(self, wishes: Sequence[Wish], lease_seconds: float) -> list[Verdict]:
        """As `Limits.acquire`, of a Redis that is told what is running if it does not know."""
        try:
            verdicts = self._acquire(wishes, lease_seconds)
        except RedisError:
            _doubtful.extend(wish.token for wish in wishes)
            raise
        # Not before it has answered: a Redis that was frozen first does what it was asked for until then.
        if _doubtful:
            self._release_doubtful()
        return verdicts

    def _acquire(self, wishes: Sequence[Wish], lease_seconds: float) -> list[Verdict]:
        for _attempt in range(3):
            try:
                return self.limits.acquire(wishes, lease_seconds)
            except NotSeeded:
                self.seed()
        raise RedisError('it is emptied again and again')

    def _release_doubtful(self) -> None:
        tokens = []
        with suppress(IndexError):
            while True:
                tokens.append(_doubtful.popleft())
        try:
            self.limits.release(tokens)
        except RedisError:
            # They end by themselves with the lease that they were asked for.
            logger.exception('Limits could not be given back')

    def full(self, scope: str, keys: Iterable[int]) -> set[int]:
        """Which of these sites or tenants (`scope`) are at their limit. Raises what redis-py raises."""
        most = self.settings.site_concurrency if scope == 'site' else self.settings.tenant_concurrency
        if most is None:
            return set()
        names = {key: f'{scope}:{key}' for key in keys}
        usage = self.limits.usage(list(names.values()))
        return {key for key, name in names.items() if usage[name] >= most}

    def seed(self) -> None:
        """Tell a Redis that was emptied or restarted what is running, by PostgreSQL, which knows."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT w.lease_token::text, w.target_id, t.site_id, t.tenant_id, w.exclusive, w.gateway_id, r.kind,
                       r.policy_id, p.concurrency, extract(epoch FROM w.lease_until - statement_timestamp())::float
                FROM netbox_netops_runtarget w JOIN netbox_netops_run r ON r.id = w.run_id
                LEFT JOIN netbox_netops_target t ON t.id = w.target_id
                LEFT JOIN netbox_netops_policy p ON p.id = r.policy_id
                WHERE w.state = 'running' AND w.lease_until > statement_timestamp()
                """
            )
            rows = cursor.fetchall()
        self.limits.seed([self._held(*row) for row in rows])

    def _held(self, token, target, site, tenant, exclusive, gateway, kind, policy, concurrency, seconds) -> Held:
        limits = ()
        if policy is not None and concurrency:
            limits = (Limit(f'policy:{policy}', concurrency, 'waiting:policy'),)
        other = Limiting(self.limits, self.settings, kind, policy, limits, (), gateway)
        wish = other.wish(token, target=target, site=site, tenant=tenant, exclusive=exclusive)
        return Held(wish, seconds)


def release(tokens: Iterable[str]) -> None:
    """Give back what these leases hold. Raises what redis-py raises; it ends by itself with the lease, too."""
    get_limits().release(list(tokens))


def limits_in_effect(
    *,
    sites: Iterable[int] = (),
    tenants: Iterable[int] = (),
    gateways: Iterable[int] = (),
    policies: Mapping[int, int] | None = None,
) -> list[tuple[Limit, int]]:
    """Each limit that applies to a kind or to one of these, and how many are at work under it.

    `policies`: how many each policy allows. Raises what redis-py raises.
    """
    settings = get_settings()
    limits = [Limit(f'kind:{kind}', most, 'waiting:kind') for kind in KINDS if (most := settings.concurrency_of(kind))]
    for scope, most, found in (
        ('gateway', settings.gateway_concurrency, gateways),
        ('tenant', settings.tenant_concurrency, tenants),
        ('site', settings.site_concurrency, sites),
    ):
        if most is not None:
            limits += [Limit(f'{scope}:{pk}', most, f'waiting:{scope}') for pk in found]
    limits += [Limit(f'policy:{pk}', most, 'waiting:policy') for pk, most in (policies or {}).items()]
    usage = get_limits().usage([limit.name for limit in limits])
    return [(limit, usage[limit.name]) for limit in limits]
