"""The obvious stack, to compare with: one core job per device, pysnmp, save() per row, into the same tables."""

import asyncio
from datetime import UTC, datetime

from netbox.jobs import JobRunner
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    bulk_walk_cmd,
    get_cmd,
)

from netbox_netops.models import InterfaceState, ScanResult, Target
from netops_worker.probes.snmp.interfaces import COLUMNS

SYSTEM = [f'1.3.6.1.2.1.1.{number}.0' for number in range(1, 7)]


class BaselineJob(JobRunner):
    class Meta:
        name = 'Baseline scan'

    def run(self, target, **kwargs):
        target = Target.objects.get(pk=target)
        started = datetime.now(UTC)
        system, columns = asyncio.run(_read(target.address, target.options['snmp']['port']))
        ScanResult.objects.create(
            target=target, ok=True, started=started, duration_ms=0, interface_count=len(columns['ifDescr']),
            **dict(zip(('sys_description', 'sys_object_id'), system, strict=False)),
        )  # fmt: skip
        for index, name in columns['ifDescr'].items():
            row = InterfaceState.objects.filter(target=target, index=index).first() or InterfaceState(
                target=target, index=index, oper_since=started
            )
            row.name, row.description = columns['ifName'][index], name
            row.type, row.mtu = int(columns['ifType'][index]), int(columns['ifMtu'][index])
            row.admin_status = int(columns['ifAdminStatus'][index])
            row.oper_status = int(columns['ifOperStatus'][index])
            row.changed_at = started
            row.save()


async def _read(address, port):
    engine = SnmpEngine()
    target = await UdpTransportTarget.create((address, port), timeout=2, retries=1)
    session = (engine, CommunityData('public'), target, ContextData())
    names = [ObjectType(ObjectIdentity(oid)) for oid in SYSTEM]
    _error, _status, _index, system = await get_cmd(*session, *names, lookupMib=False)
    columns = {}
    for name, oid in COLUMNS.items():
        columns[name] = {}
        walk = bulk_walk_cmd(*session, 0, 25, ObjectType(ObjectIdentity(oid)), lexicographicMode=False, lookupMib=False)
        async for _error, _status, _index, bindings in walk:
            for found, value in bindings:
                columns[name][int(str(found).rpartition('.')[2])] = value.prettyPrint()
    engine.close_dispatcher()
    return [value.prettyPrint() for _name, value in system], columns


def enqueue(number: int) -> None:
    for pk in Target.objects.order_by('pk').values_list('pk', flat=True)[:number]:
        BaselineJob.enqueue(notifications='never', target=pk)
