"""The scan as one would write it first: reads the columns that ours reads, and stores all that ours stores."""

import asyncio
import time
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

from benchmarks.fleet import COMMUNITY
from netbox_netops.models import InterfaceState, ScanResult, Target
from netops_worker.probes.snmp.interfaces import COLUMNS

__all__ = ('BaselineJob',)

MAX_REPETITIONS = 25
# sysDescr, sysObjectID, sysUpTime, sysContact, sysName, sysLocation
SYSTEM = [f'1.3.6.1.2.1.1.{number}.0' for number in range(1, 7)]


class BaselineJob(JobRunner):
    class Meta:
        name = 'Baseline scan'

    def run(self, target, **kwargs):
        target = Target.objects.get(pk=target)
        started, begin = datetime.now(UTC), time.monotonic()
        system, columns = asyncio.run(_read(target.address, target.options['snmp']['port']))
        description, object_id, uptime, contact, name, location = system
        rows = _save_interfaces(target, columns, started)
        target.latest_scan = ScanResult.objects.create(
            target=target,
            ok=True,
            started=started,
            duration_ms=int((time.monotonic() - begin) * 1000),
            sys_name=str(name),
            sys_description=str(description),
            sys_object_id=str(object_id),
            sys_contact=str(contact),
            sys_location=str(location),
            uptime_ticks=int(uptime),
            interface_count=rows,
        )
        target.last_attempt_at = target.last_success_at = target.reachability_since = started
        target.reachability = 'reachable'
        target.save()


def _save_interfaces(target, columns, started) -> int:
    known = {row.index: row for row in InterfaceState.objects.filter(target=target)}
    for index, description in columns['ifDescr'].items():
        row = known.get(index) or InterfaceState(target=target, index=index)
        row.name, row.description = str(columns['ifName'][index]), str(description)
        row.alias = str(columns['ifAlias'][index])
        row.type, row.mtu = int(columns['ifType'][index]), int(columns['ifMtu'][index])
        row.speed = int(columns['ifHighSpeed'][index]) * 1_000_000 or int(columns['ifSpeed'][index])
        row.mac = bytes(columns['ifPhysAddress'][index]).hex(':')
        row.admin_status = int(columns['ifAdminStatus'][index])
        row.oper_status = int(columns['ifOperStatus'][index])
        row.last_change = int(columns['ifLastChange'][index])
        row.oper_since = row.changed_at = started
        row.save()
    return len(columns['ifDescr'])


async def _read(address, port):
    engine = SnmpEngine()
    transport = await UdpTransportTarget.create((address, port), timeout=2, retries=1)
    session = (engine, CommunityData(COMMUNITY), transport, ContextData())
    try:
        system = [value for _name, value in _checked(await get_cmd(*session, *map(_object, SYSTEM), lookupMib=False))]
        columns = {name: await _walk(session, oid) for name, oid in COLUMNS.items()}
    finally:
        engine.close_dispatcher()
    return system, columns


async def _walk(session, column):
    rows = {}
    options = {'lexicographicMode': False, 'lookupMib': False}
    async for answer in bulk_walk_cmd(*session, 0, MAX_REPETITIONS, _object(column), **options):
        rows |= {int(name[-1]): value for name, value in _checked(answer)}
    return rows


def _object(oid):
    return ObjectType(ObjectIdentity(oid))


def _checked(answer):
    indication, status, _index, bindings = answer
    if indication or status:
        raise RuntimeError(str(indication or status))
    return bindings
