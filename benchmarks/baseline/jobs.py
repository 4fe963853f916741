"""The scan as one would write it first: reads the objects that ours reads, and stores all that ours stores."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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
from netbox_netops.models import BGPPeerState, InterfaceState, ScanResult, SystemState, Target

__all__ = ('BaselineJob',)

MAX_REPETITIONS = 25
SYSTEM, IF, IFX, BGP = '1.3.6.1.2.1.1', '1.3.6.1.2.1.2.2.1', '1.3.6.1.2.1.31.1.1.1', '1.3.6.1.2.1.15.3.1'

type Columns = Mapping[str, Mapping[str, Any]]


class BaselineJob(JobRunner):
    class Meta:
        name = 'Baseline scan'

    def run(self, target, asked, **kwargs):
        target = Target.objects.get(pk=target)
        started, begin = datetime.now(UTC), time.monotonic()
        system, columns = asyncio.run(_read(target.address, target.options['snmp']['port'], asked))
        _save_system(target, system, started)
        interfaces = _save_interfaces(target, columns, started)
        peers = _save_peers(target, columns, started)
        target.latest_scan = ScanResult.objects.create(
            target=target,
            ok=True,
            started=started,
            duration_ms=int((time.monotonic() - begin) * 1000),
            uptime_ticks=int(system[f'{SYSTEM}.3.0']),
            counts={'interfaces': interfaces, 'bgp': peers},
        )
        target.last_attempt_at = target.last_success_at = target.reachability_since = started
        target.reachability = 'reachable'
        target.save()


def _save_system(target, values, started) -> None:
    state = SystemState.objects.filter(target=target).first() or SystemState(target=target)
    state.description, state.object_id = str(values[f'{SYSTEM}.1.0']), str(values[f'{SYSTEM}.2.0'])
    state.contact, state.name = str(values[f'{SYSTEM}.4.0']), str(values[f'{SYSTEM}.5.0'])
    state.location = str(values[f'{SYSTEM}.6.0'])
    state.changed_at = started
    state.save()


def _save_interfaces(target, columns: Columns, started) -> int:
    known = {row.index: row for row in InterfaceState.objects.filter(target=target)}
    for index, description in columns[f'{IF}.2'].items():
        row = known.get(int(index)) or InterfaceState(target=target, index=int(index))
        row.name, row.description = str(columns[f'{IFX}.1'][index]), str(description)
        row.alias = str(columns[f'{IFX}.18'][index])
        row.type, row.mtu = int(columns[f'{IF}.3'][index]), int(columns[f'{IF}.4'][index])
        row.speed = int(columns[f'{IFX}.15'][index]) * 1_000_000 or int(columns[f'{IF}.5'][index])
        row.mac = bytes(columns[f'{IF}.6'][index]).hex(':')
        row.admin_status = int(columns[f'{IF}.7'][index])
        row.oper_status = int(columns[f'{IF}.8'][index])
        row.last_change = int(columns[f'{IF}.9'][index])
        row.oper_since = row.changed_at = started
        row.save()
    return len(columns[f'{IF}.2'])


def _save_peers(target, columns: Columns, started) -> int:
    known = {row.address: row for row in BGPPeerState.objects.filter(target=target)}
    for address, state in columns[f'{BGP}.2'].items():
        row = known.get(address) or BGPPeerState(target=target, address=address)
        row.router_id = columns[f'{BGP}.1'][address].prettyPrint()
        row.local_address = columns[f'{BGP}.5'][address].prettyPrint()
        row.state, row.enabled = int(state), int(columns[f'{BGP}.3'][address]) == 2
        row.remote_as = int(columns[f'{BGP}.9'][address])
        row.last_error = '.'.join(map(str, bytes(columns[f'{BGP}.14'][address])))
        row.transitions = int(columns[f'{BGP}.15'][address])
        row.established_at = started - timedelta(seconds=int(columns[f'{BGP}.16'][address]))
        row.state_since, row.mib, row.changed_at = row.established_at, 'BGP4-MIB', started
        row.save()
    return len(columns[f'{BGP}.2'])


async def _read(address, port, asked):
    engine = SnmpEngine()
    transport = await UdpTransportTarget.create((address, port), timeout=2, retries=1)
    session = (engine, CommunityData(COMMUNITY), transport, ContextData())
    try:
        objects = map(_object, asked['objects'])
        system = {str(name): value for name, value in _checked(await get_cmd(*session, *objects, lookupMib=False))}
        columns = {column: await _walk(session, column) for column in asked['columns']}
    finally:
        engine.close_dispatcher()
    return system, columns


async def _walk(session, column):
    rows, skip = {}, column.count('.') + 1
    options = {'lexicographicMode': False, 'lookupMib': False}
    async for answer in bulk_walk_cmd(*session, 0, MAX_REPETITIONS, _object(column), **options):
        rows |= {'.'.join(map(str, tuple(name)[skip:])): value for name, value in _checked(answer)}
    return rows


def _object(oid):
    return ObjectType(ObjectIdentity(oid))


def _checked(answer):
    indication, status, _index, bindings = answer
    if indication or status:
        raise RuntimeError(str(indication or status))
    return bindings
