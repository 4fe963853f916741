"""Results of device-scan into ScanResult, Target and InterfaceState: COPY, then merge where something changed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from netops_worker.errors import ERRORS
from netops_worker.wire import Result

from ..bulk import copy_rows

__all__ = ('merge_scans',)

_BIGINT = 2**63
_INT = 2**31

_SCAN = {
    'target': 'bigint',
    'run': 'bigint',
    'credential': 'bigint',
    'ok': 'boolean',
    'error_code': 'text',
    'error_detail': 'text',
    'started': 'timestamptz',
    'duration_ms': 'integer',
    'worker': 'text',
    # NULL: the device was not asked, so nothing is known about its reachability.
    'reachability': 'text',
    'has_facts': 'boolean',
    'sys_name': 'text',
    'sys_description': 'text',
    'sys_object_id': 'text',
    'sys_contact': 'text',
    'sys_location': 'text',
    'uptime_ticks': 'bigint',
    'interface_count': 'integer',
}

_INTERFACE = {
    'target_id': 'bigint',
    'index': 'bigint',
    'name': 'text',
    'description': 'text',
    'alias': 'text',
    'type': 'integer',
    'mtu': 'bigint',
    'speed': 'bigint',
    'mac': 'text',
    'admin_status': 'smallint',
    'oper_status': 'smallint',
    'last_change': 'bigint',
}
_INTERFACE_VALUES = tuple(_INTERFACE)[2:]


def merge_scans(results: Sequence[Result]) -> None:
    """Store the results of one batch. Runs inside the caller's transaction.

    Each result is kept as history; current state is taken only from results newer than what is there.
    """
    with connection.cursor() as cursor:
        copy_rows(cursor, 'netops_scan', _SCAN, (_scan_row(result) for result in results))
        _insert_history(cursor)
        fresh = _update_targets(cursor)
        if newest := [result for result in results if (result.target, _time(result)) in fresh]:
            rows = [row for result in newest for row in _interface_rows(result)]
            copy_rows(cursor, 'netops_interface', _INTERFACE, rows)
            _merge_interfaces(cursor)
            complete = [result.target for result in newest if result.ok and 'interfaces' in result.data]
            _drop_vanished_interfaces(cursor, complete)


def _insert_history(cursor) -> None:
    # The joins leave out what was deleted meanwhile.
    cursor.execute(
        """
        INSERT INTO netbox_netops_scanresult
            (target_id, run_id, credential_id, ok, error_code, error_detail, started, duration_ms, worker, sys_name,
             sys_description, sys_object_id, sys_contact, sys_location, uptime_ticks, interface_count)
        SELECT t.id, r.id, c.id, s.ok, s.error_code, s.error_detail, s.started, s.duration_ms, s.worker, s.sys_name,
               s.sys_description, s.sys_object_id, s.sys_contact, s.sys_location, s.uptime_ticks, s.interface_count
        FROM netops_scan s
        JOIN netbox_netops_target t ON t.id = s.target
        LEFT JOIN netbox_netops_run r ON r.id = s.run
        LEFT JOIN netbox_netops_credential c ON c.id = s.credential
        ORDER BY s.target, s.started
        """
    )


def _update_targets(cursor) -> set[tuple[int, datetime]]:
    """Bring the targets up to date. Returns (target, start of the scan) for each result that was news."""
    cursor.execute(
        """
        WITH newest AS (
            SELECT DISTINCT ON (target) * FROM netops_scan ORDER BY target, started DESC
        ), locked AS (
            -- One order for all writers.
            SELECT id FROM netbox_netops_target WHERE id IN (SELECT target FROM newest) ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE netbox_netops_target t SET
            last_attempt_at = n.started,
            last_success_at = CASE WHEN n.ok THEN n.started ELSE t.last_success_at END,
            last_error = n.error_code,
            reachability = COALESCE(n.reachability, t.reachability),
            reachability_since = CASE WHEN n.reachability IS NULL OR n.reachability = t.reachability
                                      THEN t.reachability_since ELSE n.started END,
            snmp_credential_id = COALESCE(
                (SELECT id FROM netbox_netops_credential c WHERE c.id = n.credential), t.snmp_credential_id),
            latest_scan_id = CASE WHEN n.has_facts THEN (
                SELECT s.id FROM netbox_netops_scanresult s
                WHERE s.target_id = t.id AND s.started = n.started ORDER BY s.id DESC LIMIT 1
            ) ELSE t.latest_scan_id END
        FROM newest n, locked
        WHERE t.id = n.target AND locked.id = t.id
          AND (t.last_attempt_at IS NULL OR t.last_attempt_at < n.started)
        RETURNING t.id, n.started
        """
    )
    return set(cursor.fetchall())


def _merge_interfaces(cursor) -> None:
    # A walk that broke off lacks whole columns: rows that are known already stay as they were.
    values = ', '.join(f'"{name}"' for name in _INTERFACE_VALUES)
    current = ', '.join(f't."{name}"' for name in _INTERFACE_VALUES)
    incoming = ', '.join(f'EXCLUDED."{name}"' for name in _INTERFACE_VALUES)
    cursor.execute(
        f"""
        INSERT INTO netbox_netops_interfacestate AS t (target_id, "index", {values}, oper_since, changed_at)
        SELECT DISTINCT ON (i.target_id, i."index") i.target_id, i."index", {values}, s.started, s.started
        FROM netops_interface i JOIN netops_scan s ON s.target = i.target_id
        ORDER BY i.target_id, i."index", s.started DESC
        ON CONFLICT (target_id, "index") DO UPDATE SET
            ({values}) = ({incoming}),
            oper_since = CASE WHEN t.oper_status IS DISTINCT FROM EXCLUDED.oper_status
                              THEN EXCLUDED.oper_since ELSE t.oper_since END,
            changed_at = EXCLUDED.changed_at
        WHERE ({current}) IS DISTINCT FROM ({incoming})
          AND EXISTS (SELECT 1 FROM netops_scan n WHERE n.target = t.target_id AND n.ok)
        """
    )


def _drop_vanished_interfaces(cursor, targets: list[int]) -> None:
    """Only after a complete walk: an agent that broke off says nothing about the rest of its table."""
    cursor.execute(
        """
        DELETE FROM netbox_netops_interfacestate t
        WHERE t.target_id = ANY(%s) AND NOT EXISTS (
            SELECT 1 FROM netops_interface i WHERE i.target_id = t.target_id AND i."index" = t."index")
        """,
        [targets],
    )


def _scan_row(result: Result) -> tuple:
    system = result.data.get('system') or {}
    interfaces = result.data.get('interfaces')
    return (
        result.target,
        result.run,
        result.credential,
        result.ok,
        _text(result.error_code, 50),
        _text(result.error_detail, 500),
        _time(result),
        min(max(int(result.duration_ms), 0), _INT - 1),
        _text(result.worker, 100),
        _reachability(result),
        bool(system),
        _text(system.get('name'), 255),
        _text(system.get('description'), 10_000),
        _text(system.get('object_id'), 255),
        _text(system.get('contact'), 255),
        _text(system.get('location'), 255),
        _number(system.get('uptime_ticks'), _BIGINT),
        None if interfaces is None else len(interfaces),
    )


def _reachability(result: Result) -> str | None:
    if result.ok or result.data.get('system'):
        return 'reachable'
    info = ERRORS.get(result.error_code)
    if info is not None and info.unreachable:
        return 'unreachable'
    # Any other SNMP error is an answer.
    return 'reachable' if result.error_code.startswith(('snmp:', 'credential:no-access')) else None


def _interface_rows(result: Result) -> Iterator[tuple]:
    for item in result.data.get('interfaces') or ():
        index = _number(item.get('index'), _BIGINT)
        if index is None:
            continue
        yield (
            result.target,
            index,
            _text(item.get('name'), 255),
            _text(item.get('description'), 255),
            _text(item.get('alias'), 255),
            _number(item.get('type'), _INT),
            _number(item.get('mtu'), _BIGINT),
            _number(item.get('speed'), _BIGINT),
            _text(item.get('mac'), 17),
            _number(item.get('admin_status'), 2**15),
            _number(item.get('oper_status'), 2**15),
            _number(item.get('last_change'), _BIGINT),
        )


def _time(result: Result) -> datetime:
    return datetime.fromtimestamp(result.started_at, UTC)


def _text(value: Any, length: int) -> str:
    """What PostgreSQL can store: a worker at a POP may send anything."""
    return value.replace('\0', '')[:length] if isinstance(value, str) else ''


def _number(value: Any, bound: int) -> int | None:
    return value if type(value) is int and -bound <= value < bound else None
