"""SNMP v3, authPriv with SHA and AES: simulated devices scanned by our engine, and the same objects read by pysnmp.

CPU is user and system time of reading alone. Forged: devices whose answers are signed with another key than the user's;
every one of them must be refused. Environment: BENCH_DEVICES (500, at most 10000), BENCH_BASELINE (20).
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys

from benchmarks._metering import calibrate
from benchmarks._objects import asked_objects
from benchmarks.fleet import ADDRESS, COMMUNITY, Fleet
from lab.paths import CHECKOUT
from lab.process import LabError, stop_on_signals
from lab.runs import RunDirectory
from lab.system import say

PORTS, PEERS = 48, 20
NETWORK, BASELINE_NETWORK = '127.32', '127.33'
FORGED = 100
MOST_DEVICES, TIMEOUT = 10_000, 900


def main() -> int:
    stop_on_signals()
    devices = int(os.environ.get('BENCH_DEVICES', '500'))
    sample = int(os.environ.get('BENCH_BASELINE', '20'))
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
    with RunDirectory('bench-snmpv3') as run:
        with Fleet(run, PORTS, PEERS) as fleet:
            asked = asyncio.run(asked_objects(ADDRESS, fleet.port, COMMUNITY))
            ours = side('ours', fleet.port, NETWORK, devices)
            say(f'ours: {ours["ok"]} ok, {ours["cpu_s"]:.2f} CPU s')
            calibrations.append(calibrate())
            # One more than counted: the first pays for what pysnmp loads.
            pysnmp = side('pysnmp', fleet.port, BASELINE_NETWORK, sample + 1, json.dumps(asked))
            say(f'pysnmp: {pysnmp["ok"]} devices, {pysnmp["cpu_s"]:.2f} CPU s')
        with Fleet(run, PORTS, PEERS, auth_passphrase='another pass phrase', name='forging') as forging:  # noqa: S106
            forged = side('ours', forging.port, NETWORK, FORGED)
            say(f'forged: {forged["ok"]} accepted, {forged["codes"]}')
    calibrations.append(calibrate())
    if ours['ok'] != devices or ours['rows'] != devices * (PORTS + PEERS):
        raise LabError(f'{ours["ok"]} of {devices} devices are ok, {ours["rows"]} rows: {ours["codes"]}')
    if pysnmp['ok'] != sample:
        raise LabError(f'pysnmp read {pysnmp["ok"]} of {sample} devices')
    cpu, pysnmp_cpu = 1000 * ours['cpu_s'] / devices, 1000 * pysnmp['cpu_s'] / sample
    return {
        'devices': devices,
        'ok': ours['ok'],
        'cpu_ms_per_device': round(cpu, 2),
        'pysnmp_cpu_ms_per_device': round(pysnmp_cpu, 2),
        'pysnmp_devices': sample,
        'ratio': round(pysnmp_cpu / cpu, 1),
        'forged': FORGED,
        'forged_refused': forged['codes'].get('snmp:not-authentic', 0),
        'calibration_ms': round(statistics.median(calibrations), 1),
    }


def side(*arguments) -> dict:
    command = [sys.executable, '-m', 'benchmarks._snmpv3', *map(str, arguments)]
    done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT)
    if done.returncode:
        raise LabError(f'{" ".join(command[:4])} failed')
    return json.loads(done.stdout)


if __name__ == '__main__':
    sys.exit(main())
