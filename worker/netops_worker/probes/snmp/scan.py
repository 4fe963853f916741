"""The probe of the kind `device-scan`: what a device says about itself over SNMP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext, ProbeOutcome
from netops_worker.probes.snmp.client import FATAL, SessionOptions, SnmpClient
from netops_worker.probes.snmp.collectors.addresses import ROOTS as ADDRESS_ROOTS
from netops_worker.probes.snmp.collectors.addresses import collect_addresses
from netops_worker.probes.snmp.collectors.bgp import ROOTS as BGP_ROOTS
from netops_worker.probes.snmp.collectors.bgp import collect_bgp
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.interfaces import collect_interfaces
from netops_worker.probes.snmp.collectors.inventory import ROOTS as INVENTORY_ROOTS
from netops_worker.probes.snmp.collectors.inventory import collect_inventory
from netops_worker.probes.snmp.collectors.neighbours import ROOTS as NEIGHBOUR_ROOTS
from netops_worker.probes.snmp.collectors.neighbours import collect_neighbours
from netops_worker.probes.snmp.collectors.system import collect_system
from netops_worker.probes.snmp.logins import PROTOCOLS, security_for
from netops_worker.probes.snmp.options import ScanOptions
from netops_worker.probes.snmp.platforms import identify
from netops_worker.probes.snmp.security import Security
from netops_worker.probes.snmp.session import Session
from netops_worker.wire import CredentialRef, Task

__all__ = (
    'Connect',
    'DeviceScanProbe',
)

# address, security, options, context -> session
type Connect = Callable[[str, Security, SessionOptions, ProbeContext], Awaitable[SnmpClient]]

PLATFORM_FIELDS = ('vendor', 'model', 'os', 'os_version', 'serial')

ROOTS = (*INVENTORY_ROOTS, *ADDRESS_ROOTS, *NEIGHBOUR_ROOTS, *BGP_ROOTS)

# When no credential works, the failure to report is the first of these kinds that occurred: what the device itself
# said; then a secret or parameter that is wrong, because that is certain, can be put right, and may be what is needed;
# silence last, because an agent is silent to a wrong community as well.
_USEFULNESS = ('credential:', 'snmp:', 'secret:', 'options:', 'unreachable:')

# With these the next credential would fare no better.
_FINAL = ('unreachable:port-closed', 'unreachable:network', 'target:', 'deadline:', 'lease:', 'internal:')


@dataclass(frozen=True, slots=True)
class _Login:
    client: SnmpClient
    credential: CredentialRef
    system: dict[str, Any]
    failure: NetOpsError | None


class DeviceScanProbe:
    """Finds the first credential that works and reads with it whatever the agent has.

    Result data: `system` (see `collect_system`, with the fields of Platform), lists of rows `interfaces`, `addresses`,
    `inventory`, `neighbours` and `bgp` (see the collectors), and `collectors`: for each of these that was tried, and
    for `platform` (and for `system` if it is not), `complete`, with `code` and `detail` of what made it incomplete, and
    then `listed`, whether at least no row is missing. A failure after the first answer keeps what had been read; of the
    collectors, only that of the interfaces fails the scan. Options: see ScanOptions.
    """

    def __init__(self, connect: Connect = Session.open) -> None:
        self._connect = connect

    async def __call__(self, task: Task, context: ProbeContext) -> ProbeOutcome:
        options = ScanOptions.from_task(task.options)
        login = await self._login(task, options, context)
        collection = _Collection(login)
        try:
            await collection.collect()
        finally:
            login.client.close()
        failure = collection.failure
        return ProbeOutcome(
            data=collection.data,
            credential=login.credential.id,
            error_code=failure.code if failure else '',
            error_detail=failure.detail if failure else '',
        )

    async def _login(self, task: Task, options: ScanOptions, context: ProbeContext) -> _Login:
        """Try the credentials in their order. Raises the NetOpsError to report when none works."""
        failures: list[tuple[str, NetOpsError]] = []
        usable = [credential for credential in task.credentials if credential.protocol in PROTOCOLS]
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
        security = await security_for(credential, context)
        client = await self._connect(address, security, session, context)
        try:
            system, failure = await collect_system(client)
            if system is None:
                raise NetOpsError('credential:no-access', 'nothing of the system group is readable')
        except BaseException:
            client.close()
            raise
        return _Login(client, credential, system, failure)


class _Collection:
    """What is read after the log-in: `data`, and the `failure` of the scan if there was one."""

    def __init__(self, login: _Login) -> None:
        self._client = login.client
        self._collectors: dict[str, dict[str, Any]] = {}
        self.data: dict[str, Any] = {'system': login.system, 'collectors': self._collectors}
        self.failure: NetOpsError | None = None
        if login.failure:
            self._note('system', login.failure)

    async def collect(self) -> None:
        client, data = self._client, self.data
        try:
            present = await client.present(ROOTS)
            failure = await self._run('inventory', collect_inventory(client, present))
            await self._identify(failure)
            await self._run('interfaces', collect_interfaces(client))
            await self._run('addresses', collect_addresses(client, present))
            await self._run('neighbours', collect_neighbours(client, present, data['interfaces']))
            await self._run('bgp', collect_bgp(client, present))
        except NetOpsError as error:
            # One that ends the session. What of it was read before is in the data.
            self.failure = error

    async def _run(self, name: str, collector: Awaitable[Collected]) -> NetOpsError | None:
        collected = await collector
        self.data[name] = collected.rows
        failure = collected.failure
        self._note(name, failure, collected.listed)
        if failure and failure.code.startswith(FATAL):
            raise failure
        if failure and name == 'interfaces':
            self.failure = failure
        return failure

    async def _identify(self, inventory_failure: NetOpsError | None) -> None:
        system = self.data['system']
        platform = await identify(self._client, system, self.data['inventory'])
        system |= {name: getattr(platform, name) for name in PLATFORM_FIELDS}
        # Of most devices the serial number and the model are in the inventory.
        self._note('platform', platform.failure or inventory_failure)
        if platform.failure and platform.failure.code.startswith(FATAL):
            raise platform.failure

    def _note(self, name: str, failure: NetOpsError | None, listed: bool = False) -> None:
        self._collectors[name] = {
            'complete': failure is None,
            'code': failure.code if failure else '',
            'detail': failure.detail if failure else '',
        }
        if failure:
            self._collectors[name]['listed'] = listed


def _most_useful(failures: list[tuple[str, NetOpsError]]) -> NetOpsError:
    if not failures:
        return NetOpsError('credential:none', f'no credential of the protocols {", ".join(PROTOCOLS)}')

    def rank(failure: tuple[str, NetOpsError]) -> int:
        return next(
            (rank for rank, prefix in enumerate(_USEFULNESS) if failure[1].code.startswith(prefix)),
            len(_USEFULNESS),
        )

    name, error = min(failures, key=rank)
    detail = error.detail
    if not detail.startswith(f'{name}: '):
        detail = f'{name}: {detail}' if detail else name
    others = [f'{other}: {failure.code}' for other, failure in failures if failure is not error]
    if others:
        detail = f'{detail}; also tried {", ".join(others)}'
    return NetOpsError(error.code, detail)
