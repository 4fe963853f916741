"""A private PostgreSQL cluster: the system's server binaries, a unix socket only, and no durability."""

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.system import install_packages

__all__ = (
    'Cluster',
    'Databases',
    'find_binaries',
)

MINIMUM = 15
SUPERUSER = 'netbox'
# sockaddr_un holds 108 bytes, and the server adds '/.s.PGSQL.5432' and a lock file's '.lock'.
LONGEST_SOCKET_DIRECTORY = 85
# Databases put aside before they are dropped, 26 MB each.
MOST_DISCARDED = 40


def find_binaries(*, install: bool = True) -> Path:
    """The `bin` directory of a PostgreSQL server >= 15. Installs Debian's package when it may; else LabError."""
    found = _search()
    if found is None and install and install_packages('postgresql'):
        found = _search()
    if found is None:
        raise LabError(
            f'No PostgreSQL server >= {MINIMUM} was found. Install it, then start again:\n'
            '  Debian 12+, Ubuntu 24.04+:  apt-get install postgresql\n'
            '  Fedora, RHEL 9+:            dnf install postgresql-server postgresql-contrib\n'
            '  other systems:              put the directory that holds initdb and postgres on PATH'
        )
    return found


def _search() -> Path | None:
    places = [*Path('/usr/lib/postgresql').glob('*/bin'), *Path('/usr').glob('pgsql-*/bin')]
    if program := shutil.which('pg_config'):
        answer = subprocess.run([program, '--bindir'], capture_output=True, text=True)
        places.append(Path(answer.stdout.strip() or '/nonexistent'))
    if program := shutil.which('initdb'):
        places.append(Path(program).resolve().parent)
    versions = {}
    for place in places:
        if all((place / name).exists() for name in ('initdb', 'postgres', 'pg_dump', 'pg_restore')):
            versions[_major(place)] = place
    best = max(versions, default=0)
    return versions[best] if best >= MINIMUM else None


def _major(binaries: Path) -> int:
    answer = subprocess.run([binaries / 'postgres', '--version'], capture_output=True, text=True)
    number = re.search(r'(\d+)', answer.stdout)
    return int(number[1]) if number else 0


def _identity() -> dict:
    """The server refuses to run as root: then it becomes `postgres`, or `nobody` where that user is missing."""
    if os.geteuid() != 0:
        return {}
    for name in ('postgres', 'nobody'):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {'user': entry.pw_uid, 'group': entry.pw_gid, 'extra_groups': []}
    raise LabError('Running as root, and neither a user postgres nor a user nobody exists to run the database.')


class Databases:
    """The databases of a running private cluster, seen from any process: only its socket directory is needed."""

    def __init__(self, host: str):
        self.host = host

    def connect(self, database: str = 'postgres', **options) -> psycopg.Connection:
        """A psycopg connection in autocommit mode."""
        return psycopg.connect(host=self.host, user=SUPERUSER, dbname=database, autocommit=True, **options)

    def execute(self, statement, *parameters, database: str = 'postgres') -> list[tuple]:
        """Run one statement; the rows it returns, or an empty list."""
        with self.connect(database) as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def exists(self, database: str) -> bool:
        return bool(self.execute('SELECT 1 FROM pg_database WHERE datname = %s', database))

    def create(self, database: str, template: str = 'template0') -> str:
        """A new database, replacing one of that name; a copy of `template`. Some 0.2 s for a whole NetBox."""
        self._discard(database)
        # Copying files beats writing the copy to the log, and nothing here needs to survive a crash.
        self.execute(sql.SQL('CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY').format(
            sql.Identifier(database), sql.Identifier(template)))  # fmt: skip
        return database

    def _discard(self, database: str) -> None:
        """Make room for a new database of this name.

        A file system may refuse to reuse the names of thousands of files just deleted for a minute, which makes the
        next copy ten times slower: so the old one is only put aside, and dropped when some have gathered.
        """
        if not self.exists(database):
            return
        discarded = self.execute("SELECT datname FROM pg_database WHERE datname LIKE 'discarded-%'")
        if len(discarded) >= MOST_DISCARDED:
            for (name,) in discarded:
                self.drop(name)
        self.execute('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s', database)
        self.rename(database, f'discarded-{secrets.token_hex(4)}')

    def drop(self, database: str) -> None:
        self.execute(sql.SQL('DROP DATABASE IF EXISTS {} WITH (FORCE)').format(sql.Identifier(database)))

    def rename(self, database: str, name: str) -> None:
        self.execute(sql.SQL('ALTER DATABASE {} RENAME TO {}').format(sql.Identifier(database), sql.Identifier(name)))

    def url(self, database: str) -> str:
        """A libpq connection string."""
        return f'host={self.host} user={SUPERUSER} dbname={database}'


class Cluster(Databases):
    """A PostgreSQL cluster in `<run>/postgres`. A context manager; `start()` and `stop()` also restart it.

    `host`: the socket directory, `major`: the server's version, `binaries`: where its programs are.
    Every local process that can enter `host` is superuser `netbox` without a password.
    """

    def __init__(self, run: RunDirectory):
        self.run = run
        self.binaries = find_binaries()
        self.major = _major(self.binaries)
        self.data = run.path / 'postgres' / 'data'
        self.identity = _identity()
        self.child: Child | None = None
        self._short: str | None = None
        super().__init__(str(run.path / 'socket'))
        if len(self.host.encode()) > LONGEST_SOCKET_DIRECTORY:
            self.host = self._short = tempfile.mkdtemp(prefix='netops-')

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.close()

    def close(self) -> None:
        self.stop()
        if self._short:
            shutil.rmtree(self._short, ignore_errors=True)

    def start(self) -> None:
        """Start the server and wait until it answers, making the cluster first where there is none."""
        env = self._env()
        for directory in (self.data.parent, Path(self.host)):
            directory.mkdir(mode=0o700, exist_ok=True)
            if self.identity:
                os.chown(directory, self.identity['user'], self.identity['group'])
        self._end_stale()
        if not self.data.exists():
            # Made elsewhere first: an initdb that was interrupted leaves what looks like a cluster and is none.
            fresh = self.data.with_name('new')
            shutil.rmtree(fresh, ignore_errors=True)
            self._run('initdb', '-D', fresh, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8',
                      '--no-sync', **self.identity)  # fmt: skip
            fresh.rename(self.data)
        settings = {
            'listen_addresses': '', 'fsync': 'off', 'full_page_writes': 'off', 'synchronous_commit': 'off',
            'max_connections': '200', 'jit': 'off', 'max_wal_size': '2GB',
        }  # fmt: skip
        options = [part for key, value in settings.items() for part in ('-c', f'{key}={value}')]
        self.child = Child(
            'postgres', [self.binaries / 'postgres', '-D', self.data, '-k', self.host, *options],
            log=self.run.log('postgres'), env=env, identity=self.identity,
            stop_signal=signal.SIGINT, death_signal=signal.SIGINT,
        )  # fmt: skip
        wait_until(self._answers, what='PostgreSQL', timeout=60, child=self.child)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def _env(self) -> dict[str, str]:
        return inherited_environment() | self.run.env

    def _answers(self) -> bool:
        try:
            self.execute('SELECT 1')
        except psycopg.OperationalError:
            return False
        return True

    def _end_stale(self) -> None:
        """End a server that a killed lab left on this very data directory (its parent's end normally ends it)."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int((self.data / 'postmaster.pid').read_text().split()[0])
            # The pid may belong to a stranger by now: only the data directory in its command line proves it ours.
            if str(self.data).encode() in Path(f'/proc/{pid}/cmdline').read_bytes().split(b'\0'):
                os.kill(pid, signal.SIGINT)
                wait_until(lambda: not Path(f'/proc/{pid}').exists(), what='end of the stale PostgreSQL', timeout=20)

    def _run(self, program: str, *arguments, **options) -> str:
        command = [str(self.binaries / program), *(str(argument) for argument in arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd='/', env=self._env(), **options)
        if done.returncode:
            raise LabError(f'{program} failed with status {done.returncode}:\n{done.stderr.strip()}')
        return done.stdout

    # Dumps

    def dump(self, database: str, path: Path) -> None:
        """Write a compressed dump. The file appears under its name only when it is complete."""
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
        os.close(handle)
        try:
            self._run('pg_dump', '-Fc', '-h', self.host, '-U', SUPERUSER, '-f', name, database)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)

    def restore(self, path: Path, database: str) -> None:
        """Fill a new database from a dump. Raises LabError, and leaves no database, when the dump is damaged."""
        self.create(database)
        try:
            self._run('pg_restore', '-e', '-j2', '--no-owner', '-h', self.host, '-U', SUPERUSER, '-d', database, path)
        except LabError:
            self.drop(database)
            raise
