"""Enqueueing a fleet: one request for all of its devices, against one core job per device in the same run.

Each measured dispatch is of targets that nobody works on; between two of them the run is deleted. `wall_s` is the
median, from the call until the job that drains the run is queued. Queries are those of the call, its commit included.
Environment: BENCH_DEVICES (10000), BENCH_BASELINE (200), BENCH_ROUNDS (5).
"""

import json
import os
import statistics
import sys

from benchmarks._metering import calibrate
from lab.process import LabError, stop_on_signals
from lab.session import Lab
from lab.system import say

MOST_DEVICES, SMALL = 10_000, 1_000


def main() -> int:
    stop_on_signals()
    devices = int(os.environ.get('BENCH_DEVICES', str(MOST_DEVICES)))
    sample = int(os.environ.get('BENCH_BASELINE', '200'))
    rounds = int(os.environ.get('BENCH_ROUNDS', '5'))
    if not (SMALL < devices <= MOST_DEVICES and 0 < sample <= MOST_DEVICES and 0 < rounds <= 100):
        say(f'BENCH_DEVICES must be more than {SMALL} and at most {MOST_DEVICES}.')
        return 2
    try:
        print(json.dumps(measure(devices, sample, rounds)), flush=True)
    except LabError as error:
        say(f'\n{error}')
        return 1
    return 0


def measure(devices: int, sample: int, rounds: int) -> dict:
    calibrations = [calibrate()]
    with Lab('bench-dispatch') as lab:
        in_netbox(lab, 'prepare', 161, devices, sample)
        found = in_netbox(lab, 'dispatch', devices, SMALL, rounds)
        calibrations.append(calibrate())
        base = in_netbox(lab, 'enqueue-jobs', sample)
    calibrations.append(calibrate())
    if len(queries := set(found['queries'])) != 1:
        raise LabError(f'The number of queries depends on the number of targets: {queries}.')
    wall = statistics.median(found['walls'])
    return {
        'targets': devices,
        'wall_s': round(wall, 3),
        'cpu_s': round(statistics.median(found['cpus']), 3),
        'queries': found['queries'][0],
        f'queries_of_{SMALL}': found['queries'][-1],
        'baseline_targets': sample,
        'baseline_ms_per_target': round(base['wall_s'] / sample * 1000, 2),
        'ratio': round(base['wall_s'] / sample / (wall / devices), 1),
        'calibration_ms': round(statistics.median(calibrations), 1),
    }


def in_netbox(lab: Lab, *arguments) -> dict:
    return json.loads(lab.netbox.python('-m', 'benchmarks._netbox', *map(str, arguments)))


if __name__ == '__main__':
    sys.exit(main())
