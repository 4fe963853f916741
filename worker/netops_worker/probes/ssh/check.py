"""The probe of the kind `credential-check`: which of its credentials a device accepts."""

import asyncio
import importlib
import sys
import time
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext, ProbeOutcome
from netops_worker.probes.snmp.logins import PROTOCOLS as SNMP_PROTOCOLS
from netops_worker.probes.snmp.logins import security_for
from netops_worker.probes.snmp.session import Session
from netops_worker.probes.ssh.algorithms import Algorithms
from netops_worker.probes.ssh.drivers import is_driver
from netops_worker.probes.ssh.hostkeys import HostKeyState, KnownHostKey, check_host_key, known_types
from netops_worker.probes.ssh.login import Login, Observed
from netops_worker.probes.ssh.options import CheckOptions, SshLogin
from netops_worker.probes.ssh.verdicts import Check, worst
from netops_worker.wire import CredentialRef, Task

# asyncssh and netmiko are imported where they are used: processes that never log in need not load them.

__all__ = (
    'PROTOCOLS',
    'CredentialCheckProbe',
)

SSH_PROTOCOLS = ('ssh-password', 'ssh-key')
PROTOCOLS = (*SSH_PROTOCOLS, 'enable', *SNMP_PROTOCOLS)

# sysObjectID and sysUpTime, which any agent has.
_PROOF = ('1.3.6.1.2.1.1.2.0', '1.3.6.1.2.1.1.3.0')
# Shells at a time. Each takes a thread, which mostly waits.
_SHELLS = 16
# With these, nothing more is sent to the device.
_OVER = ('deadline:', 'target:', 'internal:')


class CredentialCheckProbe:
    """Tries each credential once, one after the other, in their order.

    Result data: `credential_check` with `checks` (see Check, in the order of the credentials), `server` (see
    Observed), `host_key` (`type`, `fingerprint`, `public_key`) and `host_key_state`; `server` and `host_key` are None
    when nothing was seen of them. Options: see CheckOptions. Stage 1 opens no channel. Credentials of the protocol
    `enable` are tried in stage 2 only, after the first login that works, and are left out otherwise.
    """

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None

    async def __call__(self, task: Task, context: ProbeContext) -> ProbeOutcome:
        options = CheckOptions.from_task(task.options)
        shells = options.ssh.stage == 2 and bool(options.ssh.driver)
        await self._load(shells)
        if shells and not is_driver(options.ssh.driver):
            raise NetOpsError('options:invalid', 'ssh.driver is none of netmiko')
        protocols = [name for name in PROTOCOLS if shells or name != 'enable']
        credentials = [credential for credential in task.credentials if credential.protocol in protocols]
        if not credentials:
            raise NetOpsError('credential:none', f'no credential of the protocols {", ".join(protocols)}')
        if shells and self._executor is None:
            self._executor = ThreadPoolExecutor(_SHELLS, thread_name_prefix='netops-shell')
        device = _Device(task, options, context, self._executor if shells else None)
        checks = await device.check(credentials)
        failure = worst(checks)
        accepted = next((check.credential.id for check in checks if check.error is None), None)
        return ProbeOutcome(
            data={'credential_check': {'checks': [check.to_json() for check in checks], **device.seen()}},
            credential=accepted,
            error_code=failure.code if failure else '',
            error_detail=failure.detail if failure else '',
        )

    async def _load(self, shells: bool) -> None:
        """Import what takes half a second, and the event loop has no time for; only the first task waits."""
        for name in ('connection', 'keys', 'shell')[: 3 if shells else 2]:
            if f'{__package__}.{name}' not in sys.modules:
                await asyncio.to_thread(importlib.import_module, f'{__package__}.{name}')


class _Device:
    """The device of one task, and what becomes known of it while its credentials are tried."""

    def __init__(
        self, task: Task, options: CheckOptions, context: ProbeContext, executor: ThreadPoolExecutor | None
    ) -> None:
        self._address = task.address
        self._options, self._context, self._executor = options, context, executor
        # With an executor, shells are opened.
        self._server: dict[str, Any] | None = None
        self._host_key: dict[str, str] | None = None
        self._state: HostKeyState = 'unknown'
        # Port -> the key it showed first, which is the one it has to go on with.
        self._pinned: dict[int, KnownHostKey] = {}
        # What ended a connection before a credential mattered, so that the next one would fare no better.
        self._hopeless: dict[tuple[int, str], NetOpsError] = {}
        self._over: NetOpsError | None = None
        self._accepted: tuple[Login, Observed] | None = None

    def seen(self) -> dict[str, Any]:
        return {'server': self._server, 'host_key': self._host_key, 'host_key_state': self._state}

    async def check(self, credentials: list[CredentialRef]) -> list[Check]:
        checks: dict[int, Check] = {}
        for index, credential in enumerate(credentials):
            if credential.protocol != 'enable':
                checks[index] = await self._one(credential)
        for index, credential in enumerate(credentials):
            if credential.protocol == 'enable':
                checks[index] = await self._one(credential)
        return [checks[index] for index in sorted(checks)]

    async def _one(self, credential: CredentialRef) -> Check:
        if self._over is not None:
            return Check(credential, self._over, answered=False)
        tries = {'enable': self._enable, **dict.fromkeys(SSH_PROTOCOLS, self._ssh)}
        check = await _timed(tries.get(credential.protocol, self._snmp)(credential))
        if check.error is not None:
            if check.error.code == 'lease:lost':
                raise check.error
            if check.error.code.startswith(_OVER):
                self._over = check.error
            if check.verdict == 'rejected':
                # Its secret may have been replaced meanwhile.
                self._context.resolver.forget(credential)
        return check

    async def _snmp(self, credential: CredentialRef) -> Check:
        answered = False
        try:
            security = await security_for(credential, self._context)
            session = self._options.snmp.session(credential)
            client = await Session.open(self._address, security, session, self._context)
            try:
                values = await client.get(_PROOF)
            finally:
                client.close()
            answered = True
            if not values:
                raise NetOpsError('credential:no-access', 'neither sysObjectID nor sysUpTime is readable')
        except NetOpsError as error:
            return Check(credential, error, answered or error.code.startswith(('credential:', 'snmp:')))
        return Check(credential, None, answered=True)

    async def _ssh(self, credential: CredentialRef) -> Check:
        observed = Observed()
        try:
            login = await self._login(credential)
            known = self._hopeless.get((login.port, '')) or self._hopeless.get((login.port, login.algorithms.name))
            if known is not None:
                return Check(credential, known, answered=False)
            from netops_worker.probes.ssh.connection import log_in

            try:
                await log_in(login, self._options.ssh.timeout, self._context, observed)
            except NetOpsError as error:
                self._note(login, observed, error)
                return Check(credential, error, answered=bool(observed.said))
            self._note(login, observed, None)
        except NetOpsError as error:
            # Of the secret or a parameter: no connection was made.
            return Check(credential, error, answered=False)
        if self._accepted is None:
            self._accepted = login, observed
        if self._executor is None:
            return Check(credential, None, answered=True)
        failure, _ = await self._visit(login, observed)
        return Check(credential, failure, answered=True, stage=2)

    async def _login(self, credential: CredentialRef) -> Login:
        own = SshLogin.of(credential, self._options.ssh)
        login = Login(
            address=self._address,
            port=own.port,
            username=own.username,
            algorithms=Algorithms.of(own.algorithms),
            judge=lambda key_type, fingerprint: self._judge(own.port, key_type, fingerprint),
            host_key_types=tuple(known_types(self._known(own.port))),
        )
        secret = await self._context.secret(credential)
        if credential.protocol == 'ssh-key':
            from netops_worker.probes.ssh.keys import load_key

            passphrase = None
            if own.passphrase_reference:
                passphrase = await self._context.secret(replace(credential, reference=own.passphrase_reference))
            return replace(login, key=await load_key(secret, passphrase))
        try:
            secret.reveal().encode()
        except UnicodeEncodeError:
            # Its text has the value in it.
            raise NetOpsError('secret:refused', f'{credential.name}: the password is not valid text') from None
        return replace(login, password=secret)

    def _known(self, port: int) -> tuple[KnownHostKey, ...]:
        pinned = self._pinned.get(port)
        return (*self._options.known, pinned) if pinned else self._options.known

    def _judge(self, port: int, key_type: str, fingerprint: str) -> None:
        state, refusal = check_host_key(self._options.policy, self._known(port), key_type, fingerprint)
        if port not in self._pinned:
            self._state = state
        if refusal is not None:
            self._state = state
            raise refusal
        self._pinned.setdefault(port, KnownHostKey(key_type, fingerprint, 'trusted'))

    def _note(self, login: Login, observed: Observed, error: NetOpsError | None) -> None:
        if observed.version and (self._server is None or error is None):
            self._server = observed.server()
        refused = error is not None and error is observed.refusal
        if observed.host_key is not None and (self._host_key is None or refused):
            self._host_key = observed.host_key
        if error is not None and not observed.judged and not error.code.startswith('deadline:'):
            profile = login.algorithms.name if error.code == 'ssh:no-algorithm' else ''
            self._hopeless[login.port, profile] = error

    async def _enable(self, credential: CredentialRef) -> Check:
        if self._accepted is None:
            return Check(credential, NetOpsError('credential:no-login'), answered=False, stage=2)
        try:
            secret = await self._context.secret(credential)
            failure, enable = await self._visit(*self._accepted, enable=secret)
        except NetOpsError as error:
            return Check(credential, error, answered=False, stage=2)
        return Check(credential, failure or enable, answered=True, stage=2)

    async def _visit(self, login: Login, observed: Observed, **what: Any) -> tuple[NetOpsError | None, ...]:
        from netops_worker.probes.ssh.shell import Shell, visit

        ssh = self._options.ssh
        command = '' if what else ssh.command
        shell = Shell(login, observed, ssh.driver, command, **what)
        try:
            return await visit(shell, ssh.shell_timeout, self._context, self._executor)
        except NetOpsError as error:
            return error, None


async def _timed(check: Awaitable[Check]) -> Check:
    begin = time.monotonic()
    done = await check
    return replace(done, latency_ms=(time.monotonic() - begin) * 1000)
