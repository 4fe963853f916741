"""One directory per run of the lab, locked by its owner, so that a later run can clear what a killed one left."""

import contextlib
import fcntl
import os
import secrets
import shutil
import sys
from pathlib import Path

from lab.paths import state_directory
from lab.process import RUN_MARK, LabError, end_marked

__all__ = (
    'RunDirectory',
    'file_lock',
    'inherited_environment',
)

NOT_INHERITED = (
    'DJANGO_SETTINGS_MODULE', 'PGDATABASE', 'PGHOST', 'PGOPTIONS', 'PGPORT', 'PGSERVICE', 'PGUSER', 'PYTHONHOME',
)  # fmt: skip


@contextlib.contextmanager
def file_lock(path: Path, *, wait: bool = True):
    """Hold an exclusive lock on `path`. Raises BlockingIOError when another process holds it and `wait` is false."""
    with path.open('a') as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


class RunDirectory:
    """`<state>/<name>` when `keep`, else a fresh `<state>/runs/<name>-<random>` that is removed at the end.

    `path`: the directory. `env`: what every child of this run must find in its environment.
    Raises LabError when a kept directory is in use by another process.
    """

    def __init__(self, name: str, *, keep: bool = False):
        self.keep = keep
        parent = state_directory() if keep else state_directory() / 'runs'
        self.path = parent / (name if keep else f'{name}-{secrets.token_hex(4)}')
        self._lock = contextlib.ExitStack()
        # Nobody may sweep between making the directory and locking it.
        with _sweeping():
            sweep()
            self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
            try:
                self._lock.enter_context(file_lock(self.path / 'lock', wait=False))
            except BlockingIOError:
                raise LabError(f'{name} is already running in {self.path}: stop it first.') from None
        # The path is the mark: unique on this machine, and known to whoever sweeps the directory.
        self.env = {RUN_MARK: str(self.path)}
        if keep:
            end_marked(str(self.path))

    def log(self, name: str) -> Path:
        """The log file of one process of this run."""
        return self.path / f'{name}.log'

    def close(self) -> None:
        end_marked(str(self.path))
        if not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()


def _sweeping():
    return file_lock(state_directory() / 'runs.lock')


def sweep() -> None:
    """Remove the run directories whose owner is gone, and end the processes it left. Hold `_sweeping()` for it."""
    for path in (state_directory() / 'runs').glob('*'):
        try:
            with file_lock(path / 'lock', wait=False):
                end_marked(str(path))
                shutil.rmtree(path, ignore_errors=True)
        except (BlockingIOError, OSError):
            continue


def inherited_environment() -> dict[str, str]:
    """The environment of this process without what would change how a child of the lab behaves."""
    return {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}


def main() -> int:
    """For `make clean`: end what killed runs left; status 1 when a run is alive, whose owner must stop it first."""
    with _sweeping():
        sweep()
    busy = [path.name for path in (state_directory() / 'runs').glob('*')]
    for path in state_directory().glob('*/lock'):
        try:
            with file_lock(path, wait=False):
                end_marked(str(path.parent))
        except BlockingIOError:
            busy.append(path.parent.name)
    if busy:
        print(f'Still running: {", ".join(busy)}. Stop it first.', file=sys.stderr)
    return 1 if busy else 0


if __name__ == '__main__':
    sys.exit(main())
