"""What the benchmark `history` does inside a NetBox process: `python -m benchmarks._history TARGETS ROWS SAMPLE`."""

import json
import statistics
import sys
import time
from collections.abc import Callable

import django

# Of each run of the history; and the run that is on while metrics and queue page are read.
RUN_TARGETS, WAITING, RUNNING = 10_000, 10_000, 512
ROUNDS = 7

# Targets whose devices were deleted: nothing here looks at devices.
MAKE_TARGETS = """
    INSERT INTO netbox_netops_target (name, status, options, options_error, reachability, last_error, created)
    SELECT 'target-' || n, 'retired', '{}', '', 'unknown', '', now() FROM generate_series(1, %(targets)s) n
"""
# A tenth of them failed, and is kept.
MAKE_SCANS = """
    INSERT INTO netbox_netops_scanresult
        (target_id, ok, error_code, error_detail, started, duration_ms, worker, first, counts, problems, change_count,
         changes)
    SELECT t.ids[1 + n %% cardinality(t.ids)], n %% 10 <> 0, CASE WHEN n %% 10 = 0 THEN 'deadline:probe' ELSE '' END,
           '', now() - interval '31 days' - n * interval '1 second', 250, 'worker:1', false,
           '{"interfaces": 48, "bgp": 20, "addresses": 50}', '[]', 0, '[]'
    FROM generate_series(1, %(rows)s) n, (SELECT array_agg(id) AS ids FROM netbox_netops_target) t
"""
MAKE_RUNS = """
    INSERT INTO netbox_netops_run
        (kind, status, reason, options, joined, interactive, total, succeeded, failed, created, started, finished,
         expires)
    SELECT 'device-scan', 'succeeded', '', '{}', '{}', false, %(size)s, %(size)s, 0, m.at, m.at, m.at, m.at
    FROM generate_series(1, %(runs)s) n, LATERAL (SELECT now() - interval '31 days' - n * interval '1 hour' AS at) m
"""
MAKE_RUN_TARGETS = """
    INSERT INTO netbox_netops_runtarget
        (run_id, target_id, name, dedup_key, exclusive, state, attempt, expires, worker, error_code, error_detail,
         lease_until, lease_token, started)
    SELECT r.id, t.ids[n], 'target-' || n, 'device-scan:' || n, true, %(state)s, 1, now() + interval '1 hour',
           'worker:1', '', '',
           CASE WHEN %(state)s = 'running' THEN now() + interval '1 hour' END,
           CASE WHEN %(state)s = 'running' THEN gen_random_uuid() END, now()
    FROM netbox_netops_run r, (SELECT array_agg(id ORDER BY id) AS ids FROM netbox_netops_target) t,
         generate_series(%(first)s, %(last)s) n
    WHERE r.status = %(status)s
"""
TABLES = 'netbox_netops_target, netbox_netops_scanresult, netbox_netops_run, netbox_netops_runtarget, core_job'


def measure(targets: int, rows: int, sample: int) -> dict:
    from django.db import connection

    from netbox_netops.metrics import scrape
    from netbox_netops.models import ScanResult
    from netbox_netops.overview import read_overview

    with connection.cursor() as cursor:
        cursor.execute(MAKE_TARGETS, {'targets': targets})
        cursor.execute(MAKE_SCANS, {'rows': rows})
        cursor.execute(MAKE_RUNS, {'runs': rows // RUN_TARGETS, 'size': RUN_TARGETS})
        _add_run_targets(cursor, 'succeeded', 'succeeded', 1, RUN_TARGETS)
        cursor.execute(MAKE_RUNS.replace("'succeeded'", "'running'").replace('m.at, m.at, m.at, m.at', "now(), now(), "
                       "NULL, now() + interval '1 hour'"), {'runs': 1, 'size': WAITING + RUNNING})  # fmt: skip
        _add_run_targets(cursor, 'running', 'running', 1, RUNNING)
        _add_run_targets(cursor, 'running', 'waiting', RUNNING + 1, RUNNING + WAITING)
        cursor.execute(f'VACUUM ANALYZE {TABLES}')

    metrics, overview = _median(lambda: scrape('')), _median(read_overview)
    some = ScanResult.objects.filter(ok=True).order_by('-started')[:sample].values_list('pk', flat=True)
    begun = time.perf_counter()
    ScanResult.objects.filter(pk__in=list(some)).delete()
    obvious = time.perf_counter() - begun
    return {
        'metrics_ms': round(metrics * 1000, 1),
        'overview_ms': round(overview * 1000, 1),
        'orm_us_per_row': round(obvious / sample * 1e6, 1),
        **_retain(),
    }


def _add_run_targets(cursor, status: str, state: str, first: int, last: int) -> None:
    cursor.execute(MAKE_RUN_TARGETS, {'status': status, 'state': state, 'first': first, 'last': last})


def _median(function: Callable) -> float:
    """Seconds that a call takes, without the first one."""
    function()
    times = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        function()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _retain() -> dict:
    from netbox_netops.retention import retain

    found, ticks = [], []
    while not found or not found[-1].complete:
        begun = time.perf_counter()
        found.append(retain())
        ticks.append(time.perf_counter() - begun)
    scans, runs, run_targets = (
        sum(getattr(item, name) for item in found) for name in ('scan_results', 'runs', 'run_targets')
    )
    return {
        'scan_results': scans,
        'runs': runs,
        'run_targets': run_targets,
        'wall_s': sum(ticks),
        'ticks': len(ticks),
        'longest_tick_s': round(max(ticks), 2),
    }


if __name__ == '__main__':
    django.setup()
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
