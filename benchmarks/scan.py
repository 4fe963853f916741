"""`device-scan` of a simulated fleet through the whole path, against the obvious stack in the same run.

Whole path: dispatch, claim, SNMP, PostgreSQL, finish, in one real `netbox rqworker`; the same devices are scanned
twice, and the second time nothing has changed. CPU is user and system time of that worker and its children. The obvious
stack (benchmarks/baseline) has devices of its own, which nobody has scanned before either.
Environment: BENCH_DEVICES (10000, which is the most), BENCH_BASELINE (30).
"""

import asyncio
import json
import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks._metering import PeakMemory, calibrate, cpu_seconds, resident
from benchmarks._netbox import BASELINE, BASELINE_QUEUE
from benchmarks._objects import asked_objects
from benchmarks.fleet import ADDRESS, COMMUNITY, Fleet
from lab.netbox import Server
from lab.paths import CHECKOUT
from lab.process import LabError, stop_on_signals, wait_until
from lab.session import Lab
from lab.system import Progress, say

PORTS, PEERS = 48, 20
SYSTEM_OBJECTS, INTERFACE_COLUMNS, PEER_COLUMNS = 6, 11, 8
VARBINDS = SYSTEM_OBJECTS + INTERFACE_COLUMNS * PORTS + PEER_COLUMNS * PEERS
# The queue of our jobs by default. Our own system job, the tick, runs there too, and is counted.
SCAN_QUEUE = 'low'
MOST_DEVICES, TIMEOUT = 10_000, 600

FINISHED = """
    SELECT extract(epoch FROM finished)::float FROM netbox_netops_run WHERE id = %s AND finished IS NOT NULL
"""
# Counted one by one from what was stored; a speed is made of two objects. History per run, state as it is now.
STORED = """
    SELECT
        count(*) FILTER (WHERE s.ok AND w.state = 'succeeded'),
        COALESCE(sum(
            (y.name <> '')::int + (y.description <> '')::int + (y.object_id <> '')::int
            + (y.contact <> '')::int + (y.location <> '')::int + num_nonnulls(s.uptime_ticks)
            + i.varbinds + b.varbinds
        ), 0)::bigint,
        COALESCE(sum(i.changed + b.changed), 0)::bigint
    FROM netbox_netops_runtarget w
    JOIN netbox_netops_run r ON r.id = w.run_id
    JOIN netbox_netops_scanresult s ON s.run_id = w.run_id AND s.target_id = w.target_id
    JOIN netbox_netops_systemstate y ON y.target_id = w.target_id
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(
            (name <> '')::int + (description <> '')::int + (alias <> '')::int + (mac <> '')::int
            + num_nonnulls(type, mtu, speed, speed, admin_status, oper_status, last_change)
        ), 0) AS varbinds, count(*) FILTER (WHERE changed_at >= r.created) AS changed
        FROM netbox_netops_interfacestate WHERE target_id = w.target_id
    ) i
    CROSS JOIN LATERAL (
        SELECT COALESCE(sum(
            (router_id <> '')::int + (local_address <> '')::int + (last_error <> '')::int
            + num_nonnulls(state, enabled, remote_as, transitions, established_at)
        ), 0) AS varbinds, count(*) FILTER (WHERE changed_at >= r.created) AS changed
        FROM netbox_netops_bgppeerstate WHERE target_id = w.target_id
    ) b
    WHERE w.run_id = %s
"""
ERRORS = """
    SELECT state, error_code, count(*) FROM netbox_netops_runtarget WHERE run_id = %s GROUP BY 1, 2 ORDER BY 3 DESC
"""
OPEN_JOBS = "SELECT count(*) FROM core_job WHERE name LIKE %s AND status IN ('pending', 'scheduled', 'running')"
BASELINE_DONE = """
    SELECT count(*) FROM netbox_netops_target t
    JOIN netbox_netops_scanresult s ON s.id = t.latest_scan_id
    JOIN netbox_netops_systemstate y ON y.target_id = t.id
    WHERE t.name LIKE %s AND y.name <> '' AND s.counts @> %s AND %s = (
        SELECT count(*) FROM netbox_netops_interfacestate i
        WHERE i.target_id = t.id AND i.name <> '' AND i.alias <> '' AND i.mac <> '' AND i.speed > 0)
      AND %s = (
        SELECT count(*) FROM netbox_netops_bgppeerstate b
        WHERE b.target_id = t.id AND b.state = 6 AND b.enabled AND b.remote_as > 65000 AND b.last_error = '6.2')
"""


@dataclass
class Scan:
    """One measured run: `ok` devices, `varbinds` stored, `changed` rows of tables; what it cost."""

    ok: int
    varbinds: int
    changed: int
    wall_s: float
    enqueue_s: float
    cpu_s: float
    peak_kib: int


def main() -> int:
    stop_on_signals()
    devices = int(os.environ.get('BENCH_DEVICES', str(MOST_DEVICES)))
    sample = int(os.environ.get('BENCH_BASELINE', '30'))
    if not (0 < devices <= MOST_DEVICES and 0 < sample <= MOST_DEVICES):
        say(f'BENCH_DEVICES and BENCH_BASELINE must be from 1 to {MOST_DEVICES}.')
        return 2
    try:
        print(json.dumps(measure(devices, sample)), flush=True)
    except LabError as error:
        say(f'\n{error}')
        return 1
    return 0


def measure(devices: int, sample: int) -> dict:
    calibrations = [calibrate()]
    with Lab('bench-scan', env={'NETOPS_SECRET_BENCH': COMMUNITY}) as lab, Fleet(lab.run, PORTS, PEERS) as fleet:
        made = in_netbox(lab, 'prepare', fleet.port, devices, sample)
        say(f'{made["targets"]} targets on UDP port {fleet.port}')
        with start_worker(lab, SCAN_QUEUE, 'worker') as worker:
            idle_kib = resident(worker.pid)
            first = scan(lab, worker, 'first scan', devices)
            calibrations.append(calibrate())
            second = scan(lab, worker, 'second scan', devices)
        if second.changed:
            raise LabError(f'Nothing had changed, but the second scan changed {second.changed} rows.')
        calibrations.append(calibrate())
        asked = asyncio.run(asked_objects(ADDRESS, fleet.port, COMMUNITY))
        baseline_s = measure_baseline(lab, sample, asked)
    calibrations.append(calibrate())
    baseline_ms, first_ms, second_ms = (
        round(1000 * seconds / number, 2)
        for seconds, number in ((baseline_s, sample), (first.cpu_s, devices), (second.cpu_s, devices))
    )
    return {
        'devices': devices,
        'ok': first.ok,
        'varbinds': first.varbinds,
        'wall_s': round(first.wall_s, 2),
        'worker_cpu_ms_per_device': first_ms,
        'second_scan_cpu_ms_per_device': second_ms,
        'extra_rss_mb': round((max(first.peak_kib, second.peak_kib) - idle_kib) / 1024),
        'enqueue_s': round(first.enqueue_s, 2),
        'baseline_cpu_ms_per_device': baseline_ms,
        'baseline_devices': sample,
        'ratio': round(baseline_ms / first_ms, 1),
        'calibration_ms': round(statistics.median(calibrations), 1),
    }


def in_netbox(lab: Lab, *arguments) -> dict:
    return json.loads(lab.netbox.python('-m', 'benchmarks._netbox', *map(str, arguments)))


def scan(lab: Lab, worker: Server, what: str, devices: int) -> Scan:
    before = cpu_seconds(worker.pid)
    with PeakMemory(worker.pid) as peak:
        started = in_netbox(lab, 'scan')
        run = started['run']
        with Progress(lambda: what):
            finished = wait(worker, lambda: query(lab, FINISHED, run), what)[0][0]
            wait(worker, lambda: query(lab, OPEN_JOBS, f'%#{run}') == [(0,)], f'the jobs of the {what}')
            settle(lab, worker, SCAN_QUEUE)
    cpu = cpu_seconds(worker.pid) - before
    ok, varbinds, changed = query(lab, STORED, run)[0]
    if (ok, varbinds, started['queued']) != (devices, devices * VARBINDS, devices):
        found = ', '.join(f'{number} {state} {code}' for state, code, number in query(lab, ERRORS, run))
        raise LabError(
            f'{what}: {ok} of {devices} devices are ok, {varbinds} of {devices * VARBINDS} varbinds stored: {found}.\n'
            f'{worker.log_tail()}'
        )
    wall = finished - started['begun']
    say(f'{what}: {ok} ok, {varbinds} varbinds, {changed} rows changed, {wall:.1f} s, {cpu:.2f} CPU s')
    return Scan(ok, varbinds, changed, wall, started['enqueue_s'], cpu, peak.kib)


def measure_baseline(lab: Lab, sample: int, asked: dict[str, list[str]]) -> float:
    """CPU seconds of the obvious stack, reading the objects `asked` for, for `sample` devices."""
    lab.netbox.plugins = [*lab.netbox.plugins, 'benchmarks.baseline']
    with start_worker(lab, BASELINE_QUEUE, 'worker-baseline') as worker:
        before = cpu_seconds(worker.pid)
        in_netbox(lab, 'baseline', json.dumps(asked))
        with Progress(lambda: 'baseline'):
            wait(worker, lambda: query(lab, OPEN_JOBS, 'Baseline scan') == [(0,)], 'the baseline')
            settle(lab, worker, BASELINE_QUEUE)
        cpu = cpu_seconds(worker.pid) - before
    counts = json.dumps({'interfaces': PORTS, 'bgp': PEERS})
    done = query(lab, BASELINE_DONE, f'{BASELINE}%', counts, PORTS, PEERS)[0][0]
    if done != sample:
        errors = query(lab, "SELECT DISTINCT error FROM core_job WHERE name = 'Baseline scan'")
        raise LabError(f'The baseline stored {done} of {sample} devices: {errors}.\n{worker.log_tail()}')
    say(f'baseline: {done} devices, {cpu:.2f} CPU s')
    return cpu


def start_worker(lab: Lab, queue: str, name: str) -> Server:
    """`netbox rqworker` as one starts it in production, waiting for jobs.

    Not the lab's own: that one skips the system checks to start sooner. They load all URLs, and without them every
    forked job loads them again when it ends, which doubles what the obvious stack costs.
    """
    command = [sys.executable, '-m', 'netbox', 'rqworker', queue]
    worker = Server(name, command, log=lab.run.log(name), env=lab.netbox.env, cwd=CHECKOUT, grace=lab.netbox.grace)
    settle(lab, worker, queue)
    return worker


def settle(lab: Lab, worker: Server, queue: str) -> None:
    """Wait until the worker waits for jobs: it has reaped its children then, so that their CPU time counts as its own.

    To be called when the jobs in question have ended; between two of them a worker is idle for a moment too.
    """
    client = lab.valkey.client(lab.netbox.redis_databases[0])

    def waits_for_jobs():
        states = [client.hmget(key, 'pid', 'state') for key in client.smembers('rq:workers')]
        return [str(worker.pid).encode(), b'idle'] in states and not client.llen(f'rq:queue:{queue}')

    wait(worker, waits_for_jobs, f'NetBox ({worker.name})')


def wait(worker: Server, ready: Callable[[], object], what: str):
    return wait_until(ready, what=what, timeout=TIMEOUT, interval=0.2, child=worker)


def query(lab: Lab, statement: str, *parameters) -> list[tuple]:
    return lab.cluster.execute(statement, *parameters, database=lab.netbox.database)


if __name__ == '__main__':
    sys.exit(main())
