"""OpenSSH's server on a loopback address, with users of its own that the system outside does not have."""

import datetime
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.process import Child, LabError, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.system import find_program
from lab.valkey import free_port

__all__ = (
    'SshUser',
    'Sshd',
    'make_key',
)

# Each user gets a number of his own. They exist in the mount namespace of one server only.
FIRST_UID = 42_000
HOST_KEY_TYPES = ('ed25519', 'ecdsa', 'rsa')


@dataclass(frozen=True)
class SshUser:
    """`password`: '' for none. `state`: 'ok', 'expired' (the account), 'locked', 'change' (the password must be changed
    at the next login). `keys`: lines of authorized_keys. `program`: what a login starts.
    """

    name: str
    password: str = ''
    state: str = 'ok'
    keys: Sequence[str] = ()
    program: str = '/bin/sh'


class Sshd:
    """A context manager: a server at `address` and `port` (None takes a free one). Needs root.

    `lines`: lines of sshd_config, in the place of ours. `host_keys`: types of its keys, of HOST_KEY_TYPES.
    `pam`: ask PAM, which keyboard-interactive needs. Raises LabError when sshd is not installed.
    """

    def __init__(self, run: RunDirectory, users: Sequence[SshUser], *, address: str = '127.0.0.1',
                 port: int | None = None, lines: Sequence[str] = (), host_keys: Sequence[str] = ('ed25519',),
                 pam: bool = False):  # fmt: skip
        # It starts itself again for each connection, which takes an absolute path.
        program = find_program('sshd')
        if program is None:
            raise LabError('The program sshd is missing: install the package openssh-server.')
        self.program, self.run, self.users = program, run, users
        self.address, self.port = address, port or free_port()
        self.lines, self.host_keys, self.pam = lines, host_keys, pam
        name = f'sshd-{self.address}-{self.port}'
        self.directory = run.path / name
        self._log = run.log(name)
        self._log.touch()
        self.child: Child | None = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exc):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def log(self) -> str:
        """What it said: who came, and why he was refused."""
        return self._log.read_text(errors='replace')

    def start(self) -> None:
        self.directory.mkdir(exist_ok=True)
        for kind in self.host_keys:
            if not self._host_key(kind).exists():
                make_key(self._host_key(kind), kind)
        for user in self.users:
            (self.directory / f'keys-{user.name}').write_text(''.join(f'{key}\n' for key in user.keys))
        configuration = self.directory / 'sshd_config'
        # It does not take the first value of every keyword.
        given = {line.split()[0].lower() for line in self.lines}
        ours = [line for line in self._configuration() if line.split()[0].lower() not in given]
        configuration.write_text('\n'.join((*self.lines, *ours, '')))
        script = self._script(self._account_files())
        before = len(self.log)
        self.child = Child(
            'sshd', ['unshare', '-m', 'sh', '-c', script, 'sshd', self.program, configuration],
            log=self._log, env=inherited_environment() | self.run.env, grace=2,
        )  # fmt: skip
        wait_until(lambda: 'Server listening on' in self.log[before:], what='sshd', timeout=20, child=self.child)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()

    def public_key(self, kind: str) -> str:
        """The host key of a type, as OpenSSH writes it, without comment."""
        return ' '.join(Path(f'{self._host_key(kind)}.pub').read_text().split()[:2])

    def change_host_key(self, kind: str) -> None:
        """Make a new one; it counts from the next start on."""
        for suffix in ('', '.pub'):
            Path(f'{self._host_key(kind)}{suffix}').unlink(missing_ok=True)
        make_key(self._host_key(kind), kind)

    def _host_key(self, kind: str) -> Path:
        return self.directory / f'host-{kind}'

    def _configuration(self) -> Sequence[str]:
        return (
            f'Port {self.port}',
            f'ListenAddress {self.address}',
            *(f'HostKey {self._host_key(kind)}' for kind in self.host_keys),
            'PidFile none',
            f'UsePAM {"yes" if self.pam else "no"}',
            'StrictModes no',
            f'AuthorizedKeysFile {self.directory}/keys-%u',
            'UseDNS no',
            'MaxStartups 1000:100:1000',
            'MaxSessions 100',
            'PrintMotd no',
        )

    def _account_files(self) -> Mapping[str, Path]:
        """The system's files of users and groups, and ours with them."""
        today = (datetime.datetime.now(datetime.UTC).date() - datetime.date(1970, 1, 1)).days
        lines: dict[str, list[str]] = {'passwd': [], 'group': [], 'shadow': []}
        for number, user in enumerate(self.users, FIRST_UID):
            hashed = '!'
            if user.password:
                hashed = subprocess.run(
                    ['openssl', 'passwd', '-6', '-stdin'], input=user.password, capture_output=True, text=True,
                    check=True,
                ).stdout.strip()  # fmt: skip
            if user.state == 'locked':
                hashed = f'!{hashed}'
            changed = 0 if user.state == 'change' else today
            expires = today - 10 if user.state == 'expired' else ''
            lines['passwd'].append(f'{user.name}:x:{number}:{number}::/tmp:{user.program}')
            lines['group'].append(f'{user.name}:x:{number}:')
            lines['shadow'].append(f'{user.name}:{hashed}:{changed}:0:99999:7::{expires}:')
        files = {}
        for name, added in lines.items():
            path = self.directory / name
            path.write_text(Path(f'/etc/{name}').read_text().rstrip('\n') + '\n' + '\n'.join(added) + '\n')
            path.chmod(0o600 if name == 'shadow' else 0o644)
            files[name] = path
        return files

    def _script(self, files: Mapping[str, Path]) -> str:
        """Puts the files over those of the system, seen by the server alone, and becomes the server."""
        mounts = '; '.join(f"mount --bind '{path}' /etc/{name}" for name, path in files.items())
        # Its directory for privilege separation is made by the service manager elsewhere.
        return f'set -e; mount --make-rprivate /; mkdir -p -m 755 /run/sshd; {mounts}; exec "$1" -D -e -f "$2"'


def make_key(path: Path, kind: str = 'ed25519', passphrase: str = '') -> Path:
    """A key pair at `path` and `path`.pub, made by ssh-keygen."""
    options = ['-b', '2048'] if kind == 'rsa' else []
    subprocess.run(
        ['ssh-keygen', '-q', '-t', kind, *options, '-N', passphrase, '-C', '', '-f', path],
        check=True, capture_output=True,
    )  # fmt: skip
    return path
