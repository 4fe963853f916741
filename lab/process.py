"""Child processes that never outlive the lab: own session, own log file, the whole tree ended on stop."""

import atexit
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

__all__ = (
    'RUN_MARK',
    'Child',
    'LabError',
    'end_marked',
    'stop_on_signals',
    'wait_until',
)

# Every child inherits this environment variable; it is how a later run recognises what a killed one left behind.
RUN_MARK = 'NETOPS_LAB_RUN'

PR_SET_PDEATHSIG = 1
_prctl = None
if sys.platform == 'linux':
    with contextlib.suppress(OSError, AttributeError):
        _prctl = ctypes.CDLL(None, use_errno=True).prctl


class LabError(RuntimeError):
    """A part of the lab could not be set up. The text is for people: what failed and what to do about it."""


def wait_until(ready: Callable[[], object], *, what: str, timeout: float = 60.0, interval: float = 0.05,
               child: 'Child | None' = None):  # fmt: skip
    """Ask `ready()` until it returns something true, and return that.

    `timeout` and `interval` in seconds. Raises LabError when the time is up or when `child` ended meanwhile.
    """
    deadline = time.monotonic() + timeout
    while True:
        if answer := ready():
            return answer
        if child is not None and not child.alive:
            raise LabError(f'{what}: the process ended with status {child.returncode}.\n{child.log_tail()}')
        if time.monotonic() > deadline:
            raise LabError(f'{what}: not ready after {timeout:.0f} s.' + (f'\n{child.log_tail()}' if child else ''))
        time.sleep(interval)


class Child:
    """A process started by the lab.

    `argv`: the program and its arguments. `log`: file that collects its output (appended). `env`: its whole
    environment. `death_signal`: sent by the kernel if the lab itself dies without stopping it (Linux).
    `identity`: keywords `user`, `group`, `extra_groups` of subprocess.Popen. Start it from the main thread: the
    kernel sends `death_signal` when the starting *thread* ends.
    """

    _running: 'list[Child]' = []

    def __init__(self, name: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: str | Path = '/',
                 stop_signal: int = signal.SIGTERM, death_signal: int = signal.SIGKILL, grace: float = 10.0,
                 identity: Mapping | None = None):  # fmt: skip
        self.name = name
        self.log = log
        self.stop_signal = stop_signal
        self.grace = grace

        def die_with_parent():
            if _prctl is not None:
                _prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)

        with log.open('ab') as output:
            self.process = subprocess.Popen(
                [str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=dict(env), cwd=str(cwd), start_new_session=True, preexec_fn=die_with_parent,
                **(identity or {}),
            )  # fmt: skip
        Child._running.append(self)

    @classmethod
    def running(cls) -> 'list[Child]':
        """All that were started and not stopped yet, also those that ended by themselves."""
        return list(cls._running)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def returncode(self) -> int | None:
        return self.process.poll()

    def log_tail(self, lines: int = 25) -> str:
        """The last lines of the log, for error messages."""
        with contextlib.suppress(OSError):
            return f'--- {self.log}\n' + '\n'.join(self.log.read_text(errors='replace').splitlines()[-lines:])
        return f'--- {self.log} cannot be read'

    def stop(self) -> None:
        """Ask it to end, wait `grace` seconds, then end its whole tree. Safe to call twice."""
        if self not in Child._running:
            return
        tree = descendants(self.pid)
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
        self._end_tree(tree)

    def kill(self) -> None:
        """End it and everything below it at once, as a power cut would (SIGKILL)."""
        self._end_tree(descendants(self.pid) if self.alive else [])

    def _end_tree(self, tree: Iterable[tuple[int, str]]) -> None:
        if self.alive:
            tree = [*tree, *descendants(self.pid)]
            # Not reaped yet, so the number of its group cannot belong to a stranger.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        for pid, born in tree:
            if birth(pid) == born:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self in Child._running:
            Child._running.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.stop()


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on (state, ppid, ...); empty when it is gone."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    except OSError:
        return []


def birth(pid: int) -> str:
    """The start time of a process in clock ticks since boot: with the pid it names one process for ever."""
    fields = _stat(pid)
    return fields[19] if fields else ''


def state(pid: int) -> str:
    """The state of a process as ps shows it: 'R', 'S', 'T' for stopped, …; empty when it is gone."""
    fields = _stat(pid)
    return fields[0] if fields else ''


def descendants(pid: int) -> list[tuple[int, str]]:
    """(pid, birth) of all processes below one. A forked job process has its own session: the group misses it."""
    children: dict[int, list[int]] = {}
    for entry in _numbered():
        fields = _stat(entry)
        if fields:
            children.setdefault(int(fields[1]), []).append(entry)
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.append((child, birth(child)))
            todo.append(child)
    return found


def _numbered() -> list[int]:
    try:
        return [int(name) for name in os.listdir('/proc') if name.isdigit()]
    except OSError:
        return []


def end_marked(run: str) -> list[int]:
    """SIGKILL every process that carries the mark of run `run` in its environment, and return their pids."""
    mark, ended = f'{RUN_MARK}={run}'.encode(), []
    for pid in _numbered():
        try:
            environment = Path(f'/proc/{pid}/environ').read_bytes()
        except OSError:
            continue
        if pid != os.getpid() and mark in environment.split(b'\0'):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
    return ended


@atexit.register
def _stop_everything() -> None:
    for child in reversed(Child._running[:]):
        child.stop()


def stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind the program as Ctrl-C does, so that context managers stop what they started."""

    def unwind(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, unwind)
    # A script's background job inherits an ignored SIGINT, and nobody could stop it by that signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
