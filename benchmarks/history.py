"""A long history: how fast retention deletes it, and what metrics and the queue page cost beside it.

Of the scan results a tenth failed, and is kept; as many RunTargets belong to runs that succeeded. Retention gets about
a second in each tick, whose waits are not counted. `orm_us_per_row` is the obvious way, `QuerySet.delete()`, of a
sample. Environment: BENCH_TARGETS (50000), BENCH_ROWS (1000000), BENCH_BASELINE (2000).
"""

import json
import os
import statistics
import sys

from benchmarks._metering import calibrate
from lab.process import LabError, stop_on_signals
from lab.session import Lab
from lab.system import say

LEAST_TARGETS, LEAST_ROWS = 20_000, 20_000


def main() -> int:
    stop_on_signals()
    targets = int(os.environ.get('BENCH_TARGETS', '50000'))
    rows = int(os.environ.get('BENCH_ROWS', '1000000'))
    sample = int(os.environ.get('BENCH_BASELINE', '2000'))
    if targets < LEAST_TARGETS or rows < LEAST_ROWS or not 0 < sample <= rows // 10:
        say(f'BENCH_TARGETS must be at least {LEAST_TARGETS}, BENCH_ROWS {LEAST_ROWS} and ten times BENCH_BASELINE.')
        return 2
    try:
        print(json.dumps(measure(targets, rows, sample)), flush=True)
    except LabError as error:
        say(f'\n{error}')
        return 1
    return 0


def measure(targets: int, rows: int, sample: int) -> dict:
    calibrations = [calibrate()]
    with Lab('bench-history') as lab:
        answer = lab.netbox.python('-m', 'benchmarks._history', str(targets), str(rows), str(sample))
    calibrations.append(calibrate())
    found = json.loads(answer.splitlines()[-1])
    deleted = found['scan_results'] + found['run_targets'] + found['runs']
    us_per_row = found['wall_s'] / deleted * 1e6
    return {
        'targets': targets,
        'rows': rows,
        **found,
        'wall_s': round(found['wall_s'], 1),
        'rows_per_s': round(deleted / found['wall_s']),
        'ratio': round(found['orm_us_per_row'] / us_per_row, 1),
        'calibration_ms': round(statistics.median(calibrations), 1),
    }


if __name__ == '__main__':
    sys.exit(main())
