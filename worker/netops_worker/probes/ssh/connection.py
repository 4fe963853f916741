"""One login over SSH: key exchange and authentication, no channel. Imports asyncssh."""

import asyncio
import copy
import functools
import logging
import re
from collections.abc import Sequence
from typing import Any

import asyncssh
from asyncssh.constants import MSG_USERAUTH_FAILURE
from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs
from asyncssh.packet import SSHPacket
from asyncssh.public_key import get_public_key_algs

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.ssh.algorithms import Algorithms
from netops_worker.probes.ssh.dialing import dial
from netops_worker.probes.ssh.login import Login, Observed
from netops_worker.probes.ssh.negotiation import AlgorithmLists, chosen, missing, offered_by
from netops_worker.probes.ssh.text import shown

__all__ = ('log_in',)

# It tells each connection several lines, and what devices say.
if (_logger := get_logger('asyncssh')).level == logging.NOTSET:
    _logger.setLevel(logging.WARNING)

# What a server may send before the login is done. A banner is a page of text; algorithms are 2 kB.
_MOST_BYTES = 256 * 1024
_MOST_CHALLENGES = 8
_SAID_BYTES = 512
_BANNER = 1000

_PASSWORD_PROMPT = re.compile(r'pass(?!\s*code)|senha|contrase|mot de passe|kennwort|парол|密码|口令', re.IGNORECASE)
_OTHER_PROMPT = re.compile(r'code|token|otp|one.?time|factor|challenge|\bpin\b|new|current|again|retype', re.IGNORECASE)
# Names of devices say anything.
_USER_AT_HOST = re.compile(r'\S+@\S+')
_CHANGE_PROMPT = re.compile(r'new |current |retype|expired|change', re.IGNORECASE)
# Disconnect messages that answer a wrong password or key.
_TOO_MANY = re.compile(r'too many|authentication fail', re.IGNORECASE)


async def log_in(login: Login, timeout: float, context: ProbeContext, observed: Observed) -> None:
    """Connect, log in, and hang up. Returns when the device accepted the login; fills `observed` in any case.

    `timeout`: seconds for all of it. Raises NetOpsError: `unreachable:…`, `ssh:…`, `credential:…`, `deadline:probe`,
    `lease:lost`, `target:no-address`.
    """
    left = context.check_deadline()
    limit = asyncio.timeout(min(timeout, left))
    connection: _Connection | None = None
    try:
        async with limit:
            socket = await dial(login.address, login.port, context)
            loop = asyncio.get_running_loop()
            options = _options(login, loop)
            _, connection = await loop.create_connection(
                lambda: _Connection(loop, options, login, context, observed), sock=socket
            )
            try:
                await options.waiter
            except asyncio.CancelledError:
                raise
            except Exception as error:
                raise connection.failure(error) from None
            if not observed.proven:
                raise NetOpsError('credential:not-asked')
    except TimeoutError:
        context.check_deadline()
        if connection is None:
            raise NetOpsError('unreachable:no-response') from None
        raise NetOpsError('ssh:timeout', _so_far(observed)) from None
    finally:
        if connection is not None:
            connection.conclude()
            await connection.wait_closed()


@functools.cache
def _prepared(algorithms: Algorithms) -> asyncssh.SSHClientConnectionOptions:
    """What all connections have in common: nothing of the user that this process runs as is read."""
    return asyncssh.SSHClientConnectionOptions(
        config=None, known_hosts=_nobody_known, username='-', client_keys=None, agent_path=None, gss_host=None,
        gss_kex=False, gss_auth=False, host_based_auth=False, x509_trusted_certs=None, x509_trusted_cert_paths=[],
        pkcs11_provider=None, compression_algs=['none'], utf8_decode_errors='replace', login_timeout=0,
        client_version='NetOps', preferred_auth='publickey,password,keyboard-interactive', agent_forwarding=False,
        kex_algs=_known(algorithms.kex, get_kex_algs()),
        encryption_algs=_known(algorithms.ciphers, get_encryption_algs()),
        mac_algs=_known(algorithms.macs, get_mac_algs()),
        signature_algs=_known(algorithms.host_keys, get_public_key_algs()),
    )  # fmt: skip


def _options(login: Login, loop: asyncio.AbstractEventLoop) -> Any:
    # To prepare them takes longer than a key exchange.
    options = copy.copy(_prepared(login.algorithms))
    options.username = login.username
    options.host = options.orig_host = login.address
    options.port = login.port
    options.server_host_key_algs = _known(
        login.algorithms.host_keys_preferring(login.host_key_types), get_public_key_algs()
    )
    options.waiter = loop.create_future()
    return options


def _known(wanted: Sequence[str], available: Sequence[bytes]) -> list[str]:
    """Those that the installed libraries have."""
    names = {name.decode() for name in available}
    return [name for name in wanted if name in names]


def _nobody_known(*_args: Any) -> tuple[Sequence[Any], ...]:
    """No key is known in advance, so that the client is asked about each."""
    return [], [], []


class _Client(asyncssh.SSHClient):
    """Answers what asyncssh asks. A secret is given out at most once, and only to a host key that was judged good."""

    def __init__(self, login: Login, context: ProbeContext, observed: Observed) -> None:
        self._login, self._context, self._observed = login, context, observed
        self._given = False
        self._challenges = 0

    def connection_made(self, conn: Any) -> None:
        self._conn = conn

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        # Whether the server has the private half is known only later: see begin_auth.
        return True

    def begin_auth(self, username: str) -> None:
        """The key exchange is over, so the host key is proven; nothing about the user has been sent."""
        observed = self._observed
        observed.reached = 'before it answered the login'
        self._conn.note_algorithms()
        key = self._conn.get_server_host_key()
        observed.host_key = {
            'type': key.get_algorithm(),
            'fingerprint': key.get_fingerprint('sha256'),
            'public_key': key.export_public_key('openssh').decode('ascii').strip(),
        }
        try:
            self._login.judge(observed.host_key['type'], observed.host_key['fingerprint'])
        except NetOpsError as error:
            observed.refusal = error
            raise asyncssh.HostKeyNotVerifiable('Host key is not trusted') from None
        observed.judged = True

    def auth_banner_received(self, msg: str, lang: str) -> None:
        if not self._observed.banner:
            self._observed.banner = shown(msg, _BANNER)

    def public_key_auth_requested(self) -> Any:
        if self._given or self._login.key is None:
            return None
        self._give('publickey', tried=False)
        return self._conn.keypairs(self._login.key)

    def password_auth_requested(self) -> str | None:
        if self._given or self._login.password is None:
            return None
        self._give('password')
        return self._login.password.reveal()

    def password_change_requested(self, prompt: str, lang: str) -> Any:
        self._observed.password_expired = True
        return NotImplemented

    def kbdint_auth_requested(self) -> str | None:
        return None if self._given or self._login.password is None else ''

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        self._challenges += 1
        if self._challenges > _MOST_CHALLENGES:
            return None
        if not prompts:
            return []
        prompt, echo = prompts[0]
        question = _USER_AT_HOST.sub('', prompt)
        asks_password = bool(_PASSWORD_PROMPT.search(question)) and not _OTHER_PROMPT.search(question)
        if len(prompts) == 1 and asks_password and not echo and not self._given:
            self._give('keyboard-interactive')
            return [self._login.password.reveal()]
        # Asked for the password a second time: it was wrong.
        if not (self._given and len(prompts) == 1 and asks_password):
            self._observed.unanswered = shown(prompt) or 'a prompt'
            if self._given and _CHANGE_PROMPT.search(f'{instructions} {question}'):
                self._observed.password_expired = True
        return None

    def _give(self, method: str, *, tried: bool = True) -> None:
        if not self._observed.judged:
            raise NetOpsError('credential:host-key-unknown')
        self._context.check_deadline()
        self._given = True
        if tried:
            self._observed.tried.append(method)


class _Connection(asyncssh.SSHClientConnection):
    """asyncssh's connection, bounded in what it takes, and silent when the time is over."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, options: Any, login: Login, context: ProbeContext, observed: Observed
    ) -> None:
        options.protocol_factory = lambda: _Client(login, context, observed)
        super().__init__(loop, options, wait='auth')
        self._context, self._observed, self._ours = context, observed, options
        self._received = 0
        self._has_key = False
        self._failures = 0

    def keypairs(self, key: asyncssh.SSHKey) -> list[Any]:
        """What to offer: the key, and where old signatures are allowed it once more for those.

        A server may name newer ones and take none of them.
        """
        self._has_key = True
        pairs = asyncssh.load_keypairs(key)
        old = [name for name in pairs[0].sig_algorithms if name == b'ssh-rsa' and name in self._sig_algs]
        if old:
            (again,) = asyncssh.load_keypairs(key)
            again.sig_algorithms = old
            pairs = [*pairs, again]
        return list(pairs)

    def data_received(self, data: bytes, datatype: Any = None) -> None:
        self._received += len(data)
        if self._received > _MOST_BYTES:
            self._force_close(asyncssh.ProtocolError('it sends without end'))
            return
        if not self._server_version and not self._observed.version:
            self._observed.said = (self._observed.said + data[:_SAID_BYTES].decode('latin-1'))[:_SAID_BYTES]
        super().data_received(data, datatype)
        if self._server_version and not self._observed.version:
            self._observed.version = shown(self._server_version, 255) or '?'
            self._observed.reached = 'before the key exchange was done'

    def _send(self, data: bytes) -> None:
        try:
            self._context.check_deadline()
        except NetOpsError as error:
            self._force_close(error)
            return
        super()._send(data)

    async def send_userauth_request(self, method: bytes, *args: bytes, key: Any = None, trivial: bool = True) -> None:
        if method == b'publickey' and 'publickey' not in self._observed.tried:
            self._observed.tried.append('publickey')
        if key is not None:
            self._observed.signature = key.sig_algorithm.decode('ascii')
        await super().send_userauth_request(method, *args, key=key, trivial=trivial)

    def _process_userauth_failure(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        peek = SSHPacket(packet.get_remaining_payload())
        methods, partial = peek.get_namelist(), peek.get_boolean()
        if not self._failures:
            # asyncssh forgets those it has no use for.
            self._observed.offered = [shown(name, 64) for name in methods[:16]]
        self._failures += 1
        # A key, not the `none` that asks for the methods.
        self._observed.partial |= partial and bool(self._observed.tried)
        super()._process_userauth_failure(pkttype, pktid, packet)

    # Found by asyncssh in this table, not by name.
    _packet_handlers = {
        **asyncssh.SSHClientConnection._packet_handlers,
        MSG_USERAUTH_FAILURE: _process_userauth_failure,
    }

    def conclude(self) -> None:
        """Hang up: politely after a login, at once otherwise."""
        if self._observed.version and not self._observed.host_key:
            self.note_algorithms()
        if self.is_closed():
            return
        self.close() if self._auth_complete else self.abort()

    def note_algorithms(self) -> None:
        """What was negotiated. That of AEAD ciphers is no MAC of its own."""
        observed = self._observed
        observed.cipher = self.get_extra_info('send_cipher', '')
        mac = self.get_extra_info('send_mac', '')
        observed.mac = '' if mac == observed.cipher else mac
        ours, theirs = self._lists()
        if theirs:
            observed.kex = chosen('key exchange', ours, theirs)
            observed.host_key_algorithm = chosen('host key', ours, theirs)

    def failure(self, error: Exception) -> NetOpsError:
        """What went wrong, as one of our codes."""
        observed = self._observed
        if isinstance(error, NetOpsError):
            return error
        if observed.refusal is not None:
            return observed.refusal
        if observed.judged:
            return self._login_failure(error)
        if not isinstance(error, asyncssh.ProtocolError) and (none := missing(*self._lists())):
            return NetOpsError('ssh:no-algorithm', none)
        if isinstance(error, asyncssh.ProtocolNotSupported):
            return NetOpsError('ssh:protocol', 'it speaks SSH 1 only')
        if isinstance(error, asyncssh.ConnectionLost | OSError) or _is_disconnect(error):
            return NetOpsError('ssh:closed', self._last_words(error))
        return NetOpsError('ssh:protocol', self._last_words(error))

    def _login_failure(self, error: Exception) -> NetOpsError:
        observed = self._observed
        if observed.password_expired:
            return NetOpsError('credential:password-expired', observed.unanswered)
        if observed.partial:
            return NetOpsError('credential:second-factor', 'what was tried was accepted, but is not enough')
        if observed.unanswered:
            return NetOpsError('credential:second-factor', f'it asks: {observed.unanswered}')
        if isinstance(error, asyncssh.PermissionDenied) or self._is_rejection(error):
            if observed.tried:
                return NetOpsError('credential:rejected', f'tried {", ".join(observed.tried)}')
            offered = f'it offers {", ".join(observed.offered) or "nothing"}'
            if self._has_key:
                return NetOpsError('ssh:no-algorithm', f'no signature that both know for this key; {offered}')
            return NetOpsError('credential:method-unavailable', offered)
        if isinstance(error, asyncssh.ConnectionLost | OSError) or _is_disconnect(error):
            return NetOpsError('ssh:closed', self._last_words(error))
        return NetOpsError('ssh:protocol', self._last_words(error))

    def _is_rejection(self, error: Exception) -> bool:
        if not self._observed.tried or not isinstance(error, asyncssh.DisconnectError):
            return False
        return error.code == asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE or bool(_TOO_MANY.search(error.reason))

    def _last_words(self, error: Exception) -> str:
        words = getattr(error, 'reason', '') or type(error).__name__
        detail = f'{_so_far(self._observed)}: {shown(words)}'
        said = '' if self._observed.version else shown(self._observed.said)
        return f'{detail}; it said: {said}' if said else detail

    def _lists(self) -> tuple[AlgorithmLists, AlgorithmLists]:
        """Ours, and those of the server."""
        options = self._ours
        ours = {
            'key exchange': [name.decode() for name in options.kex_algs],
            'host key': list(options.server_host_key_algs),
            'cipher': [name.decode() for name in options.encryption_algs],
            'MAC': [name.decode() for name in options.mac_algs],
        }
        return ours, offered_by(self._server_kexinit)


def _is_disconnect(error: Exception) -> bool:
    """Whether the device said that it hangs up, and did not break the protocol."""
    return isinstance(error, asyncssh.DisconnectError) and not isinstance(
        error, asyncssh.ProtocolError | asyncssh.MACError | asyncssh.CompressionError | asyncssh.KeyExchangeFailed
    )


def _so_far(observed: Observed) -> str:
    if observed.tried and observed.judged:
        return 'after the secret was sent' if observed.tried != ['publickey'] else 'after the key was shown'
    return observed.reached
