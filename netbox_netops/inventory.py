"""Targets from NetBox's devices and virtual machines: read set-based, merged set-based.

The same code builds all targets (`netbox-sync`) and refreshes single ones when their object changes.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from dcim.models import Device
from django.db import connection, transaction
from netbox.config import get_config
from utilities.data import deepmerge
from virtualization.models import VirtualMachine

from .bulk import copy_rows
from .choices import TargetStatusChoices
from .options import parse_device_options
from .settings import Settings, get_settings

__all__ = (
    'SyncStats',
    'sync',
)

CONTEXT_KEY = 'netops'

_COLUMNS = {
    'device_id': 'bigint',
    'virtual_machine_id': 'bigint',
    'name': 'text',
    'status': 'text',
    'address': 'inet',
    'site_id': 'bigint',
    'tenant_id': 'bigint',
    'role_id': 'bigint',
    'platform_id': 'bigint',
    'options': 'jsonb',
    'options_error': 'text',
    # A chassis member that is operated through its master has no target of its own.
    'collapsed': 'boolean',
}
_MERGED = tuple(_COLUMNS)[2:-1]


@dataclass(frozen=True, slots=True)
class SyncStats:
    """`seen` objects were read; of their targets so many were created, updated, retired. The rest was up to date."""

    seen: int = 0
    created: int = 0
    updated: int = 0
    retired: int = 0


def sync(
    *,
    device_ids: Collection[int] | None = None,
    virtual_machine_ids: Collection[int] | None = None,
    include_retired: bool = False,
) -> SyncStats:
    """Bring the targets of these devices and virtual machines up to date; without ids, all of them.

    Objects whose status is not operated, and chassis members that share their master's address, have no target of
    their own: one they had before is retired. Nothing is ever deleted here. With `include_retired`, objects that are
    not operated get a (retired) target too, to which a refused request can be recorded.
    """
    everything = device_ids is None and virtual_machine_ids is None
    settings = get_settings()
    rows: list[tuple] = []
    if everything or device_ids:
        rows.extend(_device_rows(None if everything else device_ids, settings))
    if everything or virtual_machine_ids:
        rows.extend(_machine_rows(None if everything else virtual_machine_ids, settings))
    # One order for all writers, so that two syncs cannot wait for each other in a circle.
    rows.sort(key=lambda row: (row[0] or 0, row[1] or 0))
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, 'netops_sync', _COLUMNS, rows)
        created = updated = retired = 0
        for key in ('device_id', 'virtual_machine_id'):
            inserted, changed = _merge(cursor, key, include_retired)
            created += inserted
            updated += changed
            retired += _retire(cursor, key)
    return SyncStats(seen=len(rows), created=created, updated=updated, retired=retired)


def _merge(cursor, key: str, include_retired: bool) -> tuple[int, int]:
    current = ', '.join(f't.{column}' for column in _MERGED)
    read = ', '.join(f's.{column}' for column in _MERGED)
    incoming = ', '.join(f'EXCLUDED.{column}' for column in _MERGED)
    # Only what changes is locked, and by id, as the writers of results do: ON CONFLICT alone would lock every target,
    # in another order.
    cursor.execute(
        f"""
        SELECT t.id FROM netbox_netops_target t JOIN netops_sync s ON s.{key} = t.{key}
        WHERE ({current}) IS DISTINCT FROM ({read}) ORDER BY t.id FOR NO KEY UPDATE OF t
        """
    )
    # Whoever answers at another address has to prove anew who he is.
    cursor.execute(
        f"""
        UPDATE netbox_netops_hostkey k SET state = 'pending', approved = NULL, approved_by_id = NULL
        FROM netbox_netops_target t JOIN netops_sync s ON s.{key} = t.{key}
        WHERE k.target_id = t.id AND k.state = 'trusted' AND NOT s.collapsed AND t.address IS DISTINCT FROM s.address
        """
    )
    cursor.execute(
        f"""
        INSERT INTO netbox_netops_target AS t
            ({key}, {', '.join(_MERGED)}, reachability, last_error, created, synced_at)
        SELECT {key}, {read}, 'unknown', '', statement_timestamp(), statement_timestamp()
        FROM netops_sync s
        WHERE {key} IS NOT NULL AND NOT collapsed AND (%s OR status <> %s)
          AND NOT EXISTS (SELECT 1 FROM netbox_netops_target t
                          WHERE t.{key} = s.{key} AND ({current}) IS NOT DISTINCT FROM ({read}))
        ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET
            ({', '.join(_MERGED)}) = ({incoming}),
            -- What was found at another address says nothing about this one.
            reachability = CASE WHEN t.address IS DISTINCT FROM EXCLUDED.address THEN 'unknown'
                                ELSE t.reachability END,
            reachability_since = CASE WHEN t.address IS DISTINCT FROM EXCLUDED.address THEN NULL
                                      ELSE t.reachability_since END,
            failures = CASE WHEN t.address IS DISTINCT FROM EXCLUDED.address THEN 0 ELSE t.failures END,
            spared_until = CASE WHEN t.address IS DISTINCT FROM EXCLUDED.address THEN NULL ELSE t.spared_until END,
            synced_at = EXCLUDED.synced_at
        WHERE ({current}) IS DISTINCT FROM ({incoming})
        RETURNING (xmax = 0)
        """,
        [include_retired, TargetStatusChoices.RETIRED],
    )
    inserted = [row[0] for row in cursor.fetchall()]
    return inserted.count(True), inserted.count(False)


def _retire(cursor, key: str) -> int:
    cursor.execute(
        f"""
        UPDATE netbox_netops_target t SET status = %s, synced_at = statement_timestamp()
        WHERE t.status <> %s AND t.{key} IN (SELECT {key} FROM netops_sync WHERE status = %s)
        """,
        [TargetStatusChoices.RETIRED] * 3,
    )
    return cursor.rowcount


def _device_rows(ids: Collection[int] | None, settings: Settings) -> Iterator[tuple]:
    devices = Device.objects.all()
    if ids is not None:
        # A chassis is one unit: whether a member is a target of its own depends on the master.
        chassis = Device.objects.filter(pk__in=ids, virtual_chassis__isnull=False).values('virtual_chassis')
        devices = devices.filter(pk__in=ids) | devices.filter(virtual_chassis__in=chassis)
    fields = (
        'pk',
        'name',
        'device_type__manufacturer__name',
        'device_type__model',
        'status',
        'site_id',
        'tenant_id',
        'role_id',
        'platform_id',
        'primary_ip4__address',
        'primary_ip6__address',
        'oob_ip__address',
        'virtual_chassis__master_id',
        'virtual_chassis__master__status',
        'virtual_chassis__master__primary_ip4__address',
        'virtual_chassis__master__primary_ip6__address',
        'virtual_chassis__master__oob_ip__address',
    )
    prefer_ipv4 = get_config().PREFER_IPV4
    for values, context in _with_context(devices, fields):
        pk, name, manufacturer, model, status, site, tenant, role, platform, ip4, ip6, oob, *chassis = values
        address = _address(ip4, ip6, oob, prefer_ipv4)
        master, master_status, *master_ips = chassis
        options, error = parse_device_options(context)
        collapsed = False
        if master not in (None, pk) and master_status in settings.operated_statuses:
            own = options.get('address') or address
            collapsed = own is None or own == _address(*master_ips, prefer_ipv4)
        yield _row(
            device=pk,
            name=name or f'{manufacturer} {model} ({pk})',
            in_scope=status in settings.operated_statuses and not collapsed,
            collapsed=collapsed,
            address=address,
            relations=(site, tenant, role, platform),
            options=options,
            error=error,
        )


def _machine_rows(ids: Collection[int] | None, settings: Settings) -> Iterator[tuple]:
    machines = VirtualMachine.objects.all()
    if ids is not None:
        machines = machines.filter(pk__in=ids)
    fields = (
        'pk',
        'name',
        'status',
        'site_id',
        'tenant_id',
        'role_id',
        'platform_id',
        'primary_ip4__address',
        'primary_ip6__address',
    )
    prefer_ipv4 = get_config().PREFER_IPV4
    for values, context in _with_context(machines, fields):
        pk, name, status, site, tenant, role, platform, ip4, ip6 = values
        options, error = parse_device_options(context)
        yield _row(
            machine=pk,
            name=name,
            in_scope=status in settings.operated_statuses,
            address=_address(ip4, ip6, None, prefer_ipv4),
            relations=(site, tenant, role, platform),
            options=options,
            error=error,
        )


def _with_context(queryset, fields: tuple[str, ...]) -> Iterator[tuple[tuple, Any]]:
    """Yield (values of `fields`, value of the config context key) for each object.

    NetBox keeps the rendered context of each object in a column, and NULL there while it is out of date; only for
    those rows the contexts are fetched and merged here.
    """
    queryset = queryset.order_by('pk').annotate_config_context_data(only_invalidated=True)
    extra = (f'_config_context_data__{CONTEXT_KEY}', 'config_context_data', 'local_context_data')
    for row in queryset.values_list(*fields, *extra).iterator(chunk_size=2000):
        values = row[: len(fields)]
        rendered, contexts, local = row[len(fields) :]
        if contexts is None:
            # Rendered, or out of date with no context that applies.
            yield values, rendered if rendered is not None else (local or {}).get(CONTEXT_KEY)
            continue
        data: dict = {}
        for context in contexts:
            data = deepmerge(data, context)
        yield values, deepmerge(data, local or {}).get(CONTEXT_KEY)


def _address(ip4, ip6, oob, prefer_ipv4: bool) -> str | None:
    first, second = (ip4, ip6) if prefer_ipv4 else (ip6, ip4)
    chosen = first or second or oob
    return str(chosen.ip) if chosen else None


def _row(*, device=None, machine=None, name, in_scope, collapsed=False, address, relations, options, error) -> tuple:
    if not in_scope:
        status = TargetStatusChoices.RETIRED
    elif options.get('enabled') is False:
        status = TargetStatusChoices.DISABLED
    else:
        status = TargetStatusChoices.ACTIVE
    return (
        device,
        machine,
        name[:255],
        status,
        options.get('address') or address,
        *relations,
        json.dumps(options, sort_keys=True),
        error[:500],
        collapsed,
    )
