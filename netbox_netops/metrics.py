"""Metrics for Prometheus, computed from PostgreSQL and Redis at each scrape: the same from every process.

No label names a device: what a label may be is one of a few kinds, states, queues, codes, and keys of limits.
"""

from collections.abc import Iterator
from itertools import accumulate

from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from .choices import RunStatusChoices
from .overview import Overview, read_overview
from .telemetry import BUCKETS, Totals

__all__ = ('scrape',)

_BOUNDS = (*map(str, BUCKETS), '+Inf')


def scrape(accept: str) -> tuple[bytes, str]:
    """The metrics in the format that the header `Accept` asks for, and its content type."""
    # Of its own: what is in the global registry belongs to one process, and is NetBox's.
    registry = CollectorRegistry()
    registry.register(_Collector())
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Collector:
    def describe(self) -> list[Metric]:
        # Else the registry would collect everything once just to learn the names.
        return []

    def collect(self) -> Iterator[Metric]:
        overview = read_overview(steady_limits=True)
        yield from _work(overview)
        yield from _runs()
        yield from _targets()
        yield _gauge('netops_redis_up', 'Whether the Redis of the queues answers', (), [((), int(overview.redis))])
        if overview.redis:
            yield from _queues(overview)
            yield from _limits(overview)
            yield from _totals(overview.totals)


def _gauge(name: str, text: str, labels: tuple[str, ...], samples) -> Metric:
    metric = GaugeMetricFamily(name, text, labels=labels)
    for values, number in samples:
        metric.add_metric(values, number)
    return metric


def _counter(name: str, text: str, labels: tuple[str, ...], samples) -> Metric:
    metric = CounterMetricFamily(name, text, labels=labels)
    for values, number in samples:
        metric.add_metric(values, number)
    return metric


def _work(overview: Overview) -> Iterator[Metric]:
    kinds = overview.kinds
    now = timezone.now()
    states = [(state.kind, name, getattr(state, name)) for state in kinds for name in ('waiting', 'running')]
    yield _gauge(
        'netops_run_targets',
        'Targets of runs that are waiting or running',
        ('kind', 'state'),
        [((kind, state), number) for kind, state, number in states],
    )
    yield _gauge(
        'netops_run_targets_due',
        'Waiting targets that lack nothing but their turn',
        ('kind',),
        [((state.kind,), state.due) for state in kinds],
    )
    yield _gauge(
        'netops_run_targets_blocked',
        'Waiting targets by what they wait for',
        ('kind', 'reason'),
        [((state.kind, reason), number) for state in kinds for reason, number in sorted(state.blocked.items())],
    )
    yield _gauge(
        'netops_oldest_waiting_seconds',
        'Age of the oldest run that has waiting targets',
        ('kind',),
        [((state.kind,), max(0.0, (now - state.oldest).total_seconds()) if state.oldest else 0) for state in kinds],
    )
    yield _gauge(
        'netops_leases_active',
        'Targets that a worker holds',
        ('kind',),
        [((state.kind,), state.running - state.overdue) for state in kinds],
    )
    yield _gauge(
        'netops_leases_overdue',
        'Targets whose lease ran out and was not taken back yet',
        ('kind',),
        [((state.kind,), state.overdue) for state in kinds],
    )
    yield _gauge(
        'netops_kind_paused',
        'Whether somebody paused this kind of run',
        ('kind',),
        [((state.kind,), int(state.pause is not None)) for state in kinds],
    )


def _runs() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT kind, status, count(*) FROM netbox_netops_run WHERE status = ANY(%s) GROUP BY kind, status '
            'ORDER BY kind, status',
            [list(RunStatusChoices.ACTIVE)],
        )
        samples = [((kind, status), number) for kind, status, number in cursor.fetchall()]
    yield _gauge('netops_runs_active', 'Runs that are not finished', ('kind', 'status'), samples)


def _targets() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT status, reachability, count(*), count(*) FILTER (WHERE spared_until > statement_timestamp()) '
            'FROM netbox_netops_target GROUP BY status, reachability ORDER BY status, reachability'
        )
        rows = cursor.fetchall()
    yield _gauge(
        'netops_targets',
        'Targets by status and reachability',
        ('status', 'reachability'),
        [((status, reachability), number) for status, reachability, number, _spared in rows],
    )
    spared = sum(number for *_labels, number in rows)
    yield _gauge('netops_targets_spared', 'Targets not asked for a while (circuit breaker)', (), [((), spared)])


def _queues(overview: Overview) -> Iterator[Metric]:
    queues, now = overview.queues, timezone.now()
    for name, text, value in (
        ('netops_queue_depth', 'Jobs that wait in the queue', lambda queue: queue.depth),
        (
            'netops_queue_oldest_seconds',
            'Age of the oldest job that waits in the queue',
            lambda queue: max(0.0, (now - queue.oldest).total_seconds()) if queue.oldest else 0,
        ),
        ('netops_queue_workers', 'Live workers that serve the queue', lambda queue: queue.workers),
        ('netops_queue_workers_busy', 'Workers of the queue that are at work', lambda queue: queue.busy),
    ):
        yield _gauge(name, text, ('queue',), [((queue.name,), value(queue)) for queue in queues])
    if overview.tick_age is not None:
        yield _gauge('netops_tick_age_seconds', 'Time since the last tick', (), [((), overview.tick_age)])


def _limits(overview: Overview) -> Iterator[Metric]:
    for name, text, value in (
        ('netops_limit_used', 'Targets at work under the limit', lambda limit: limit.used),
        ('netops_limit_most', 'Targets that may be at work under the limit', lambda limit: limit.most),
    ):
        samples = [((limit.scope, limit.key), value(limit)) for limit in overview.limits]
        yield _gauge(name, text, ('scope', 'key'), samples)


def _totals(totals: Totals) -> Iterator[Metric]:
    yield _counter(
        'netops_run_targets_finished',
        'Targets of runs by how they ended',
        ('kind', 'outcome', 'error_family'),
        sorted(totals.finished.items()),
    )
    for name, text, numbers in (
        ('netops_retries', 'Attempts that failed and are followed by another', totals.retries),
        ('netops_leases_lost', 'Leases that ran out while their worker was silent', totals.lost),
        ('netops_results_refused', 'Results that came after the end of their lease', totals.refused),
    ):
        yield _counter(name, text, ('kind',), [((kind,), number) for kind, number in sorted(numbers.items())])
    histogram = HistogramMetricFamily('netops_attempt_duration_seconds', 'Time that attempts took', labels=('kind',))
    for kind, durations in sorted(totals.durations.items()):
        counts = accumulate(durations.buckets)
        histogram.add_metric((kind,), list(zip(_BOUNDS, counts, strict=True)), durations.seconds)
    yield histogram
