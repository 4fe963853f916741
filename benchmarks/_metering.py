"""What a process and its children cost: CPU time and memory from /proc, and how fast this machine is at all."""

import os
import threading
import time
from pathlib import Path

from lab.process import descendants

__all__ = ('PeakMemory', 'calibrate', 'cpu_seconds', 'resident')

TICKS = os.sysconf('SC_CLK_TCK')
SAMPLE_SECONDS = 0.1


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process, its ended children, and those that run (RQ's scheduler)."""
    return sum(_cpu_ticks(each) for each in (pid, *(child for child, _birth in descendants(pid)))) / TICKS


def _cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    except OSError:
        return 0
    # utime, stime, cutime, cstime: the last two are of children that were waited for.
    return sum(map(int, fields[11:15]))


def resident(pid: int, field: str = 'VmRSS') -> int:
    """Resident memory of a process in KiB, or with `VmHWM` the most it ever had; 0 when it is gone."""
    try:
        status = Path(f'/proc/{pid}/status').read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(f'{field}:')), 0)


class PeakMemory:
    """A context manager: `kib` is the most that any process below `pid` had while it was entered."""

    def __init__(self, pid: int):
        self.pid, self.kib = pid, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exc):
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        # The kernel keeps the high-water mark: only what happens after the last sample of a process is missed.
        while not self._ended.wait(SAMPLE_SECONDS):
            self.kib = max([self.kib, *(resident(child, 'VmHWM') for child, _birth in descendants(self.pid))])


def calibrate() -> float:
    """CPU milliseconds of a fixed loop in pure Python, so that figures of different machines can be compared."""
    begun = time.process_time()
    sum(number * number % 7 for number in range(2_000_000))
    return (time.process_time() - begun) * 1000
