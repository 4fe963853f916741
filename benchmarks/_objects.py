"""What a scan asks a device for, so that the obvious stack can read exactly the same."""

import time
from collections.abc import Collection, Sequence

from netops_worker.clock import lease_now
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.client import Values, Walk
from netops_worker.probes.snmp.scan import DeviceScanProbe
from netops_worker.probes.snmp.session import Session
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.wire import CredentialRef, Task

__all__ = ('asked_objects',)


class _Recorder:
    """A session that notes what it is asked for and the agent has."""

    def __init__(self, session: Session, objects: list[str], columns: list[str]) -> None:
        self._session, self._objects, self._columns = session, objects, columns

    async def get(self, oids: Sequence[str]) -> Values:
        values = await self._session.get(oids)
        self._objects += values
        return values

    async def walk(self, columns: Sequence[str]) -> Walk:
        walk = await self._session.walk(columns)
        self._columns += [name for name, rows in walk.columns.items() if rows]
        return walk

    async def present(self, subtrees: Collection[str]) -> set[str]:
        return await self._session.present(subtrees)

    def close(self) -> None:
        self._session.close()


async def asked_objects(address: str, port: int, community: str) -> dict[str, list[str]]:
    """Of one device: the scalar `objects` and the table `columns` that a scan reads, as OIDs."""
    objects: list[str] = []
    columns: list[str] = []

    async def connect(*arguments):
        return _Recorder(await Session.open(*arguments), objects, columns)

    task = Task(
        id=1, kind='device-scan', run=1, target=1, name='device', address=address, lease_token='',
        lease_seconds=60, options={'port': port},
        credentials=(CredentialRef(1, 'bench', 'snmp-v2c', 'environment', 'NETOPS_SECRET_BENCH'),),
    )  # fmt: skip
    resolver = SecretResolver({'environment': EnvironmentProvider({'NETOPS_SECRET_BENCH': community})})
    now = time.monotonic()
    outcome = await DeviceScanProbe(connect)(task, ProbeContext(resolver, now + 30, lease_now() + 60))
    if outcome.error_code:
        raise RuntimeError(f'{outcome.error_code} {outcome.error_detail}')
    return {'objects': objects, 'columns': columns}
