"""NetBox in the lab: its environment, management commands, web server and job workers."""

import json
import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence

from lab.paths import CHECKOUT, state_directory
from lab.postgres import Cluster
from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, file_lock, inherited_environment
from lab.valkey import Valkey, free_port

__all__ = (
    'PLUGIN',
    'NetBox',
    'Server',
    'default_plugins',
)

PLUGIN = 'netbox_netops'
WEB_THREADS = 16
QUEUES = ('high', 'default', 'low')


def default_plugins() -> list[str]:
    """Ours, unless NETOPS_LAB_PLUGINS names others (none, to see NetBox alone)."""
    return os.environ.get('NETOPS_LAB_PLUGINS', PLUGIN).split()


class Server(Child):
    """A process of NetBox. `ready`: asks it whether it serves. `url`: of a web server, without a trailing slash."""

    ready: Callable[[], object]
    url: str = ''

    def wait(self, timeout: float = 90) -> None:
        """Wait until it serves. Raises LabError with the end of its log when it does not within `timeout` seconds."""
        wait_until(self.ready, what=f'NetBox ({self.name})', timeout=timeout, child=self)


class NetBox:
    """One NetBox: a database, two Redis databases and a configuration, and the processes started on them.

    `database`: name of its database in `cluster`. `redis_databases`: numbers for tasks and caching. `settings`:
    NetBox settings by name, as `lab.netbox_configuration` merges them. `plugins`: names of plugins. `env`: further
    variables of its processes. `secrets_directory`: the only place where credentials may refer to files.
    """

    def __init__(self, run: RunDirectory, cluster: Cluster, valkey: Valkey, database: str, *,
                 redis_databases: tuple[int, int] = (0, 1), settings: Mapping | None = None,
                 plugins: Sequence[str] | None = None, env: Mapping[str, str] | None = None):  # fmt: skip
        self.run, self.cluster, self.valkey = run, cluster, valkey
        self.database = database
        self.redis_databases = redis_databases
        self.plugins = default_plugins() if plugins is None else plugins
        self.settings = dict(settings or {})
        self.extra_env = dict(env or {})
        self.secrets_directory = run.path / 'secrets'
        self.secrets_directory.mkdir(mode=0o700, exist_ok=True)

    @property
    def grace(self) -> float:
        """Seconds its processes may take to end. Where the database is thrown away nobody has to wait for them."""
        return 5.0 if self.run.keep else 0.0

    @property
    def lab_env(self) -> dict[str, str]:
        """The variables that make any Python process on this machine this NetBox's process."""
        root = self.run.path / 'netbox'
        root.mkdir(exist_ok=True)
        return self.run.env | self.extra_env | {
            'DJANGO_SETTINGS_MODULE': 'netbox.settings',
            'NETBOX_CONFIGURATION': 'lab.netbox_configuration',
            'NETBOX_ROOT': str(root),
            'NETOPS_LAB_DATABASE': self.database,
            'NETOPS_LAB_DATABASE_HOST': self.cluster.host,
            'NETOPS_LAB_KEYS': signing_keys(),
            'NETOPS_LAB_PLUGINS': ' '.join(self.plugins),
            'NETOPS_LAB_REDIS_DATABASES': ','.join(map(str, self.redis_databases)),
            'NETOPS_LAB_REDIS_PORT': str(self.valkey.port),
            'NETOPS_LAB_SECRETS_DIRECTORY': str(self.secrets_directory),
            'NETOPS_LAB_SETTINGS': json.dumps(self.settings),
        }  # fmt: skip

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a child process; `lab` and `demo` are importable there."""
        paths = [str(CHECKOUT), *filter(None, [os.environ.get('PYTHONPATH')])]
        return inherited_environment() | {'PYTHONPATH': os.pathsep.join(paths), 'PYTHONUNBUFFERED': '1'} | self.lab_env

    # Commands

    def python(self, *arguments: str, text: str | None = None, timeout: float = 600) -> str:
        """Run Python with `arguments` in this NetBox's environment and return what it printed on stdout.

        Raises LabError with its stderr when it fails.
        """
        done = subprocess.run(
            [sys.executable, *arguments], input=text, capture_output=True, text=True, cwd=CHECKOUT, env=self.env,
            timeout=timeout,
        )  # fmt: skip
        if done.returncode:
            raise LabError(f'python {" ".join(arguments[:3])} failed with status {done.returncode}:\n{done.stderr}')
        return done.stdout

    def manage(self, *arguments: str, **options) -> str:
        """Run a management command, such as `manage('migrate', '--no-input')`, and return its stdout."""
        return self.python('-m', 'netbox', *arguments, **options)

    # Servers

    def web(self, port: int | None = None, *, wait: bool = True) -> Server:
        """Start the web server on `port` (default: a free one) and, with `wait`, wait until it answers."""
        port = port or free_port()
        command = [
            sys.executable, '-m', 'gunicorn', 'lab.wsgi:application', '--bind', f'127.0.0.1:{port}', '--workers', '1',
            '--worker-class', 'gthread', '--threads', str(WEB_THREADS), '--timeout', '120', '--graceful-timeout', '2',
            '--worker-tmp-dir', str(self.run.path), '--no-control-socket',
        ]  # fmt: skip
        url = f'http://127.0.0.1:{port}'
        server = Server('web', command, log=self.run.log('web'), env=self.env, cwd=CHECKOUT, grace=self.grace)
        server.url, server.ready = url, lambda: _answers(f'{url}/login/')
        if wait:
            server.wait()
        return server

    def worker(self, *queues: str, name: str = 'worker', wait: bool = True) -> Server:
        """Start `netbox rqworker` for `queues` (default: high, default, low) and, with `wait`, until it listens."""
        before = self._workers()
        # The system checks would load every URL and the GraphQL schema, which takes longer than all the rest.
        command = [sys.executable, '-m', 'netbox', 'rqworker', '--skip-checks', *(queues or QUEUES)]
        server = Server(name, command, log=self.run.log(name), env=self.env, cwd=CHECKOUT, grace=self.grace)
        server.ready = lambda: self._workers() - before
        if wait:
            server.wait()
        return server

    def scheduler(self, *, name: str = 'scheduler', wait: bool = True) -> Server:
        """Start `netbox netops_scheduler` and, with `wait`, wait until it ticks."""
        command = [sys.executable, '-m', 'netbox', 'netops_scheduler', '--skip-checks']
        server = Server(name, command, log=self.run.log(name), env=self.env, cwd=CHECKOUT, grace=self.grace)
        server.ready = lambda: 'a tick every' in server.log.read_text()
        if wait:
            server.wait()
        return server

    def _workers(self) -> set[bytes]:
        return self.valkey.client(self.redis_databases[0]).smembers('rq:workers')


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310
            return response.status == 200
    except urllib.error.HTTPError as error:
        body = error.read()[:2000].decode(errors='replace')
        raise LabError(f'NetBox answers {error.code} at {url}:\n{body}') from None
    except OSError:
        return False


def signing_keys() -> str:
    """Path of the file with Django's secret key and the pepper of API tokens, made once per state directory."""
    path = state_directory() / 'signing-keys.json'
    with file_lock(path.with_suffix('.lock')):
        if not path.exists():
            fresh = path.with_suffix('.new')
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps({'secret_key': secrets.token_urlsafe(60), 'pepper': secrets.token_urlsafe(60)}))
            fresh.replace(path)
    return str(path)
