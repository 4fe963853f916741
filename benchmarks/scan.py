"""`device-scan` of a simulated fleet through the whole path, against the obvious stack in the same run.

Whole path: dispatch, claim, SNMP, PostgreSQL, finish, in one real `netbox rqworker`. CPU is user and system time of
that worker and its children. Variables: BENCH_DEVICES (2000), BENCH_BASELINE (20).
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.fleet.make_table import write_table
from lab.paths import state_directory
from lab.process import Child, descendants, wait_until
from lab.session import Lab
from lab.snmpsim import free_snmp_port, snmp_get_answers
from lab.system import find_program, install_packages, say

DEVICES = int(os.environ.get('BENCH_DEVICES', '2000'))
BASELINE = int(os.environ.get('BENCH_BASELINE', '20'))
PORTS = 48
# 6 objects of the system group, 11 columns of the interface tables.
VARBINDS = 6 + 11 * PORTS
TICKS = os.sysconf('SC_CLK_TCK')

PREPARE = """
import django; django.setup()
from dcim.models import Device, DeviceRole, DeviceType, Manufacturer, Site
from netbox_netops.inventory import sync
from netbox_netops.models import Credential
site = Site.objects.create(name='Bench', slug='bench')
role = DeviceRole.objects.create(name='Bench', slug='bench')
maker = Manufacturer.objects.create(name='Bench', slug='bench')
kind = DeviceType.objects.create(manufacturer=maker, model='Bench', slug='bench')
Device.objects.bulk_create(
    Device(name=f'bench-{n}', site=site, role=role, device_type=kind, status='active', local_context_data={
        'netops': {'address': f'127.30.{n // 250}.{n %% 250 + 1}', 'snmp': {'port': %(port)d}}})
    for n in range(%(devices)d))
Credential.objects.create(name='Bench', reference='NETOPS_SECRET_BENCH')
print(sync().created)
"""
START = """
import django; django.setup()
import time
from dcim.models import Device
from netbox_netops.dispatch import enqueue
begun = time.perf_counter()
run = enqueue('device-scan', user=None, devices=Device.objects.all()).run
print(run.pk, time.perf_counter() - begun)
"""


def main() -> int:
    fleet, rows = build()
    port = free_snmp_port(['127.30.0.1'], 10161)
    with Lab('bench-scan', env={'NETOPS_SECRET_BENCH': 'public'}) as lab:
        command = [fleet, str(port), rows, '0', '0', '1472', '1800']
        with Child('fleet', command, log=lab.run.log('fleet'), env=dict(os.environ)) as child:
            wait_until(
                lambda: snmp_get_answers('127.30.0.1', port, 'public'), what='the fleet', timeout=20, child=child
            )
            created = int(lab.netbox.python('-c', PREPARE % {'port': port, 'devices': DEVICES}))
            say(f'{created} devices on UDP port {port}')
            first, second = measure(lab, 'first'), measure(lab, 'second')
            baseline = measure_baseline(lab)
    figures = {
        'devices': DEVICES,
        'ok': first['ok'],
        'varbinds': VARBINDS * DEVICES,
        'wall_s': first['wall_s'],
        'enqueue_s': first['enqueue_s'],
        'worker_cpu_ms_per_device': first['cpu_ms'],
        'second_scan_cpu_ms_per_device': second['cpu_ms'],
        'extra_rss_mb': first['extra_rss_mb'],
        'baseline_devices': BASELINE,
        'baseline_cpu_ms_per_device': baseline,
        'ratio': round(baseline / first['cpu_ms'], 1),
        'calibration_ms': calibration(),
    }
    print(json.dumps(figures), flush=True)
    return 0 if first['ok'] == second['ok'] == DEVICES else 1


def build() -> tuple[Path, Path]:
    """Compile the fleet and write its device; (program, table)."""
    if find_program('gcc') is None:
        install_packages('gcc', 'libc6-dev')
    if not Path('/usr/include/openssl/evp.h').exists():
        install_packages('libssl-dev')
    directory = state_directory() / 'fleet'
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    source = Path(__file__).parent / 'fleet' / 'snmp_fleet.c'
    subprocess.run(['gcc', '-O2', '-o', directory / 'fleet', source, '-lcrypto'], check=True)
    write_table(directory / 'device.txt', PORTS)
    return directory / 'fleet', directory / 'device.txt'


def measure(lab: Lab, name: str) -> dict:
    with lab.netbox.worker('low', name=f'worker-{name}') as worker:
        idle, before = resident(worker.pid), cpu_seconds(worker.pid)
        number, enqueue_s = lab.netbox.python('-c', START).split()
        peak = [idle]

        def ended():
            peak.extend(resident(pid) for pid, _birth in descendants(worker.pid))
            return finished(lab, int(number))

        succeeded, seconds = wait_until(ended, what='the run', timeout=1200, interval=0.2, child=worker)
        wait_until(lambda: idle_again(lab), what='the end of the job', timeout=60)
        cpu = cpu_seconds(worker.pid) - before
    say(f'{name} scan: {succeeded} ok, {cpu:.1f} CPU s')
    return {
        'ok': succeeded,
        'wall_s': round(seconds, 2),
        'enqueue_s': round(float(enqueue_s), 2),
        'cpu_ms': round(cpu * 1000 / DEVICES, 2),
        'extra_rss_mb': round((max(peak) - idle) / 1024),
    }


def idle_again(lab: Lab) -> bool:
    """Whether no job is queued or running: the worker has reaped its children, and their CPU time counts as its own."""
    client = lab.valkey.client(lab.netbox.redis_databases[0])
    states = [client.hget(key, 'state') for key in client.smembers('rq:workers')]
    queued = sum(client.llen(f'rq:queue:{name}') for name in ('default', 'low'))
    return b'busy' not in states and not queued


def finished(lab: Lab, number: int) -> tuple[int, float] | None:
    rows = lab.cluster.execute(
        'SELECT succeeded, extract(epoch FROM finished - created)::float FROM netbox_netops_run '
        'WHERE id = %s AND finished IS NOT NULL',
        number,
        database=lab.netbox.database,
    )
    return rows[0] if rows else None


def measure_baseline(lab: Lab) -> float:
    lab.netbox.python(
        '-c', f'import django; django.setup()\nfrom benchmarks.baseline import enqueue; enqueue({BASELINE})'
    )
    with lab.netbox.worker('default', name='worker-baseline') as worker:
        before = cpu_seconds(worker.pid)
        query = "SELECT count(*) FROM core_job WHERE name = 'Baseline scan' AND status = 'completed'"
        wait_until(
            lambda: lab.cluster.execute(query, database=lab.netbox.database)[0][0] == BASELINE,
            what='the baseline', timeout=600, child=worker,
        )  # fmt: skip
        wait_until(lambda: idle_again(lab), what='the end of the last job', timeout=60)
        cpu = cpu_seconds(worker.pid) - before
    say(f'baseline: {BASELINE} devices, {cpu:.1f} CPU s')
    return round(cpu * 1000 / BASELINE, 1)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that have ended."""
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return sum(int(value) for value in fields[11:15]) / TICKS


def resident(pid: int) -> int:
    """Resident memory in KiB; 0 when the process is gone."""
    try:
        status = Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith('VmRSS')), 0)


def calibration() -> float:
    begun = time.process_time()
    sum(number * number % 7 for number in range(2_000_000))
    return round((time.process_time() - begun) * 1000, 1)


if __name__ == '__main__':
    sys.exit(main())
