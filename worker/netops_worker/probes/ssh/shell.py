"""A shell on a device, with netmiko: is there a prompt, and does the enable secret work. Imports netmiko.

netmiko blocks, so a session runs in a thread. Nothing can stop a thread; what it does is bounded by its socket, which
sends nothing more when the time is over, and which the event loop shuts.
"""

import asyncio
import base64
import contextlib
import contextvars
import io
import logging
import re
import socket
import threading
import time
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import paramiko
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import NetmikoAuthenticationException
from netmiko.ssh_dispatcher import ssh_dispatcher

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.ssh.dialing import dial
from netops_worker.probes.ssh.login import Login, Observed
from netops_worker.probes.ssh.text import shown
from netops_worker.secrets import Secret

__all__ = (
    'Shell',
    'visit',
)

logger = get_logger('netops_worker.probes.ssh')

# They log what devices say, and trace back what is reported as a result here.
for _name in ('netmiko', 'paramiko', 'paramiko.transport'):
    if (_logger := get_logger(_name)).level == logging.NOTSET:
        _logger.setLevel(logging.CRITICAL)

_MOST_BYTES = 4 * 1024 * 1024
_TRANSCRIPT = 4096
# Seconds to leave a shell, and how late the thread may notice that its time is over.
_GRACE = 2.0

_EXPIRED = re.compile(
    r'password[^\n]{0,60}(expired|must be changed|needs? to be changed|change required|modify it)'
    r'|required to change your password|change the (initial )?password'
    r'|\b(current|old|new) (unix )?password:',
    re.IGNORECASE,
)
# What waits for an answer, and not just for a command.
_QUESTION = re.compile(r'(password[^\n]*:|[\[(]y(es)?/n(o)?[^\n]*)\s*$', re.IGNORECASE)
# Of a host key, the algorithms that paramiko knows.
_SIGNATURES = {'ssh-rsa': ('rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa')}
# Of a key, the class of paramiko and the format that it reads.
_KEY_CLASSES: dict[str, tuple[type[paramiko.PKey], str]] = {
    'ssh-rsa': (paramiko.RSAKey, 'pkcs1-pem'),
    'ssh-ed25519': (paramiko.Ed25519Key, 'openssh'),
    'ecdsa-sha2-nistp256': (paramiko.ECDSAKey, 'pkcs1-pem'),
    'ecdsa-sha2-nistp384': (paramiko.ECDSAKey, 'pkcs1-pem'),
    'ecdsa-sha2-nistp521': (paramiko.ECDSAKey, 'pkcs1-pem'),
}


@dataclass(frozen=True, slots=True)
class Shell:
    """A login that was accepted, and what to do with it. `observed`: of that login; its host key is the only one that
    is accepted. `driver`: a device_type of netmiko. `command`: what to run, '' for nothing. `enable`: the secret to
    try; None for none.
    """

    login: Login
    observed: Observed
    driver: str
    command: str = ''
    enable: Secret | None = None


async def visit(
    shell: Shell, timeout: float, context: ProbeContext, executor: Executor
) -> tuple[NetOpsError | None, NetOpsError | None]:
    """Open the shell, do what is to be done, and leave.

    `timeout`: seconds for all of it. Returns what went wrong with the login and with the enable secret. Raises
    NetOpsError `deadline:probe` and `lease:lost`.
    """
    loop = asyncio.get_running_loop()
    line = _Line(shell.login, context, timeout, loop)
    future = loop.run_in_executor(executor, contextvars.copy_context().run, _visit, shell, line)
    try:
        # Waiting for a free thread does not count.
        async with asyncio.timeout(context.check_deadline() + _GRACE):
            return await future
    except TimeoutError:
        context.check_deadline()
        raise
    finally:
        line.shut()


class _Over(Exception):
    """The time is over, or nothing more can come of it."""

    def __init__(self, error: NetOpsError) -> None:
        super().__init__(error.code)
        self.error = error


class _Line:
    """The socket of a session, as paramiko uses one: it refuses to send after its time, and to take too much.

    Of a thread, but for `shut()`. The connection is made when the thread begins, not while it is waited for.
    """

    def __init__(self, login: Login, context: ProbeContext, seconds: float, loop: asyncio.AbstractEventLoop) -> None:
        self._login, self._context, self._seconds, self._loop = login, context, seconds, loop
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._shut = False
        self._end = float('inf')
        self._received = 0

    def open(self) -> float:
        """Connect; from now on its time runs. Returns the seconds left."""
        self._end = time.monotonic() + self._seconds
        left = self.check()
        dialling = asyncio.run_coroutine_threadsafe(
            dial(self._login.address, self._login.port, self._context), self._loop
        )
        try:
            connection = dialling.result(left)
        except TimeoutError:
            dialling.cancel()
            self._context.check_deadline()
            raise NetOpsError('unreachable:no-response') from None
        with self._lock:
            if self._shut:
                connection.close()
                raise _Over(NetOpsError('ssh:closed', 'given up'))
            self._connection = connection
        connection.setblocking(True)
        return self.check()

    def hurry(self) -> None:
        """What is left to do has little time."""
        self._end = min(self._end, time.monotonic() + _GRACE)

    def check(self) -> float:
        """Seconds left. Raises _Over."""
        try:
            left = self._context.check_deadline()
        except NetOpsError as error:
            raise _Over(error) from None
        own = self._end - time.monotonic()
        if own <= 0:
            raise _Over(NetOpsError('ssh:timeout', 'in the shell'))
        return min(left, own)

    def send(self, data: bytes) -> int:
        self.check()
        return self._connection.send(data)

    def recv(self, size: int) -> bytes:
        self.check()
        data = self._connection.recv(size)
        self._received += len(data)
        if self._received > _MOST_BYTES:
            self.shut()
            raise EOFError
        return data

    def settimeout(self, seconds: float | None) -> None:
        self._connection.settimeout(seconds)

    def getpeername(self) -> Any:
        return self._connection.getpeername()

    def close(self) -> None:
        self._connection.close()

    def shut(self) -> None:
        """End it for both sides, also while another thread reads, or before it began."""
        with self._lock:
            self._shut = True
            if self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                self._connection.close()


def _visit(shell: Shell, line: _Line) -> tuple[NetOpsError | None, NetOpsError | None]:
    transcript = _Transcript()
    session: Any = None
    try:
        try:
            session = _open(shell, line, transcript, line.open())
            session.find_prompt()
            if shell.command:
                session.send_command(shell.command, read_timeout=line.check())
        except (_Over, NetOpsError):
            raise
        except Exception as error:
            logger.debug('no shell on %s', shell.login.address, exc_info=error)
            return _failure(error, transcript), None
        return None, _enable(session, shell.enable) if shell.enable else None
    except NetOpsError as error:
        # Of the connection, or of what is needed for one.
        return error, None
    except _Over as over:
        if over.error.code == 'ssh:timeout' and transcript.begun:
            return NetOpsError('ssh:no-prompt', transcript.last_line or 'it says nothing'), None
        if over.error.code.startswith(('ssh:', 'credential:')):
            return over.error, None
        raise over.error from None
    finally:
        if session is not None:
            line.hurry()
            # Whatever it stumbles over when it leaves has been seen before.
            with contextlib.suppress(Exception):
                session.disconnect()
        line.shut()


class _Transcript:
    """The end of what the device said in its shell."""

    def __init__(self) -> None:
        self.text = ''
        self.begun = False

    def add(self, text: str) -> None:
        self.text = (self.text + text)[-_TRANSCRIPT:]

    @property
    def expired(self) -> bool:
        """Whether it wants the password changed before anything else."""
        return bool(_QUESTION.search(self.text) and _EXPIRED.search(self.text))

    @property
    def last_line(self) -> str:
        lines = [line for line in self.text.splitlines() if line.strip()]
        return shown(lines[-1]) if lines else ''


def _open(shell: Shell, line: _Line, transcript: _Transcript, seconds: float) -> Any:
    login = shell.login
    if shell.observed.host_key['type'] not in _KEY_CLASSES:
        raise NetOpsError('ssh:no-algorithm', 'a shell cannot be opened with a host key of this type')
    kind = _session_class(shell, line, transcript)
    return kind(
        device_type=shell.driver,
        host=login.address,
        port=login.port,
        username=login.username,
        password=login.password.reveal() if login.password else None,
        pkey=_paramiko_key(login.key) if login.key is not None else None,
        disable_sha2_fix=shell.observed.signature == 'ssh-rsa',
        disabled_algorithms={'keys': _other_host_keys(shell.observed.host_key['type'])},
        conn_timeout=seconds,
        auth_timeout=seconds,
        banner_timeout=seconds,
        ssh_strict=True,
        sock=line,
    )


def _session_class(shell: Shell, line: _Line, transcript: _Transcript) -> Any:
    """The driver, with one host key, its time, and an ear for what is said and sent."""
    driver: Any = ssh_dispatcher(shell.driver)
    host_key = shell.observed.host_key
    port = shell.login.port
    host = shell.login.address if port == 22 else f'[{shell.login.address}]:{port}'

    class Session(driver):
        secret_sent = False

        def _get_ssh_client_instance(self) -> paramiko.SSHClient:
            if shell.observed.tried != ['keyboard-interactive']:
                return super()._get_ssh_client_instance()
            return _Interactive()

        def _build_ssh_client(self) -> paramiko.SSHClient:
            client = super()._build_ssh_client()
            blob = base64.b64decode(host_key['public_key'].split()[1])
            client.get_host_keys().add(host, host_key['type'], paramiko.PKey.from_type_string(host_key['type'], blob))
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            return client

        def read_channel(self) -> str:
            transcript.begun = True
            line.check()
            text = super().read_channel()
            transcript.add(text)
            if not text and self.remote_conn is not None and self.remote_conn.eof_received:
                # netmiko would wait for its prompt further.
                raise _Over(NetOpsError('ssh:no-prompt', transcript.last_line or 'it closes the shell'))
            if not self.secret and transcript.expired:
                raise _Over(NetOpsError('credential:password-expired', transcript.last_line))
            return text

        def write_channel(self, out_data: str) -> None:
            line.check()
            if self.secret and out_data.strip() == self.secret.strip():
                self.secret_sent = True
            super().write_channel(out_data)

        def enable_secret_handler(self, pattern: str, output: str, re_flags: int = re.IGNORECASE) -> str:
            if driver.enable_secret_handler is not BaseConnection.enable_secret_handler:
                return super().enable_secret_handler(pattern, output, re_flags)
            if not re.search(pattern, output, flags=re_flags):
                return ''
            self.write_channel(self.normalize_cmd(self.secret))
            # A device that asks again would be waited for until the time is over.
            answer = self.read_until_prompt_or_pattern(pattern=pattern, re_flags=re_flags)
            if re.search(pattern, answer, flags=re_flags):
                raise ValueError('asked again')
            return answer

    return Session


class _Interactive(paramiko.SSHClient):
    """Answers the question for the password, as the login without a shell has found it to be right.

    Left alone, paramiko sends the password in the other way first, and some servers hang up then.
    """

    def _auth(self, username: str, password: str, *_args: Any) -> None:
        def answer(_title: str, _instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
            if len(prompts) > 1:
                raise paramiko.AuthenticationException('asked for more')
            return [password for _ in prompts]

        self._transport.auth_interactive(username, answer)


def _enable(session: Any, secret: Secret) -> NetOpsError | None:
    if session.check_enable_mode():
        return NetOpsError('credential:not-asked', 'the login is privileged already')
    session.secret = secret.reveal()
    try:
        session.enable()
    except _Over:
        raise
    except Exception as error:
        if session.secret_sent:
            return NetOpsError('credential:enable-rejected')
        return NetOpsError('credential:enable-rejected', f'the device did not ask for it ({type(error).__name__})')
    return None if session.secret_sent else NetOpsError('credential:not-asked', 'privileged without it')


def _failure(error: Exception, transcript: _Transcript) -> NetOpsError:
    causes = (error, error.__context__, error.__cause__)
    if any(isinstance(cause, paramiko.BadHostKeyException) for cause in causes):
        return NetOpsError('credential:host-key-changed', 'it shows another key than a moment ago')
    if any(isinstance(cause, paramiko.ssh_exception.IncompatiblePeer) for cause in causes):
        return NetOpsError('ssh:no-algorithm', 'for a shell')
    if isinstance(error, NetmikoAuthenticationException):
        return NetOpsError('ssh:closed', 'it refused the login for the shell right after it had accepted it')
    return NetOpsError('ssh:no-prompt', transcript.last_line or 'it opens no shell')


def _paramiko_key(key: Any) -> paramiko.PKey:
    if key.get_algorithm() not in _KEY_CLASSES:
        raise NetOpsError('ssh:no-algorithm', 'a shell cannot be opened with a key of this type')
    kind, form = _KEY_CLASSES[key.get_algorithm()]
    return kind.from_private_key(io.StringIO(key.export_private_key(form).decode('ascii')))


def _other_host_keys(key_type: str) -> list[str]:
    wanted = _SIGNATURES.get(key_type, (key_type,))
    return [name for name in paramiko.Transport._preferred_keys if name not in wanted]
