"""The probe of the kind `device-scan`: what a device says about itself over SNMP v2c."""

from dataclasses import dataclass
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext, ProbeOutcome
from netops_worker.probes.snmp import gufo
from netops_worker.probes.snmp.client import Connect, SnmpClient
from netops_worker.probes.snmp.interfaces import collect_interfaces
from netops_worker.probes.snmp.options import ScanOptions
from netops_worker.probes.snmp.system import collect_system
from netops_worker.wire import CredentialRef, Task

__all__ = ('DeviceScanProbe',)

# When no credential works, the failure to report is the first of these kinds that occurred: what the device itself
# said; then a secret or parameter that is wrong, because that is certain, can be put right, and may be what is needed;
# silence last, because SNMP v2c is silent to a wrong community as well.
_USEFULNESS = ('credential:', 'snmp:error-status', 'snmp:malformed', 'secret:', 'options:', 'unreachable:')

# With these the next credential would fare no better.
_FINAL = ('unreachable:port-closed', 'unreachable:network', 'target:', 'deadline:', 'lease:', 'internal:')


@dataclass(frozen=True, slots=True)
class _Login:
    client: SnmpClient
    credential: CredentialRef
    system: dict[str, Any]


class DeviceScanProbe:
    """Finds the first credential that works and reads the system group and the interfaces with it.

    Result data: `{'system': {...}, 'interfaces': [...]}`, see `collect_system` and `collect_interfaces`. A failure
    after the first answer keeps what had been read. Options: see ScanOptions.
    """

    def __init__(self, connect: Connect = gufo.connect) -> None:
        self._connect = connect

    async def __call__(self, task: Task, context: ProbeContext) -> ProbeOutcome:
        options = ScanOptions.from_task(task.options)
        login = await self._login(task, options, context)
        try:
            interfaces, failure = await collect_interfaces(login.client)
        finally:
            login.client.close()
        return ProbeOutcome(
            data={'system': login.system, 'interfaces': interfaces},
            credential=login.credential.id,
            error_code=failure.code if failure else '',
            error_detail=failure.detail if failure else '',
        )

    async def _login(self, task: Task, options: ScanOptions, context: ProbeContext) -> _Login:
        """Try the credentials in their order. Raises the NetOpsError to report when none works."""
        failures: list[tuple[str, NetOpsError]] = []
        usable = [credential for credential in task.credentials if credential.protocol == 'snmp-v2c']
        for credential in usable[: options.max_credentials]:
            try:
                return await self._try(task.address, credential, options, context)
            except NetOpsError as error:
                if error.code.startswith(_FINAL):
                    raise
                failures.append((credential.name, error))
        raise _most_useful(failures)

    async def _try(
        self, address: str, credential: CredentialRef, options: ScanOptions, context: ProbeContext
    ) -> _Login:
        session = options.session(credential)
        secret = await context.secret(credential)
        client = await self._connect(address, secret, session, context)
        try:
            system = await collect_system(client)
            if system is None:
                raise NetOpsError('credential:no-access', 'nothing of the system group is readable')
        except BaseException:
            client.close()
            raise
        return _Login(client, credential, system)


def _most_useful(failures: list[tuple[str, NetOpsError]]) -> NetOpsError:
    if not failures:
        return NetOpsError('credential:none', 'no credential of protocol snmp-v2c')

    def rank(failure: tuple[str, NetOpsError]) -> int:
        return next(
            (rank for rank, prefix in enumerate(_USEFULNESS) if failure[1].code.startswith(prefix)),
            len(_USEFULNESS),
        )

    name, error = min(failures, key=rank)
    detail = error.detail if error.code.startswith('secret:') else f'{name}: {error.detail}' if error.detail else name
    others = [f'{other}: {failure.code}' for other, failure in failures if failure is not error]
    if others:
        detail = f'{detail}; also tried {", ".join(others)}'
    return NetOpsError(error.code, detail)
