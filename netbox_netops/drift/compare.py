"""What scans found against what NetBox documents, in a constant number of statements for any number of targets."""

from collections.abc import Callable, Collection

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from ..bulk import without_nested_loops
from ..settings import get_settings
from . import addresses, frame, interfaces, neighbours, system
from .patterns import combined

__all__ = (
    'compare',
    'compare_all',
)

# Targets of one transaction: its locks keep scans of the same targets waiting.
BATCH = 200

_TABLES = {
    'netops_drift_target': frame.TARGETS,
    'netops_drift_interface': frame.INTERFACES,
    'netops_drift_found_address': addresses.FOUND,
    'netops_drift_documented_address': addresses.DOCUMENTED,
    'netops_drift_address_pair': addresses.PAIRS,
    'netops_drift_heard': neighbours.HEARD,
    'netops_drift_remote': neighbours.REMOTE,
}
_STEPS = (system.SYSTEM, interfaces.INTERFACES, addresses.ADDRESSES, neighbours.NEIGHBOURS)

# A row that says something new gets a new id, so that an id always stands for what somebody has seen and agreed to.
_MERGE = """
    WITH computed AS MATERIALIZED (
        SELECT DISTINCT ON (target_id, kind, left(key, 255)) target_id, kind, left(key, 255) AS key,
               left(found, 500) AS found, left(documented, 500) AS documented, data,
               COALESCE(applicable, false) AS applicable, interface_id, vm_interface_id, ip_address_id, family
        FROM netops_drift ORDER BY target_id, kind, left(key, 255), interface_id, ip_address_id
    ), settled AS (
        DELETE FROM netbox_netops_difference d
        WHERE d.target_id = ANY(%(targets)s) AND NOT EXISTS (
            SELECT 1 FROM computed c WHERE c.target_id = d.target_id AND c.kind = d.kind AND c.key = d.key)
    ), changed AS (
        UPDATE netbox_netops_difference d SET
            id = nextval(pg_get_serial_sequence('netbox_netops_difference', 'id')),
            ignored = d.ignored AND (d.found, d.documented) = (c.found, c.documented),
            found = c.found, documented = c.documented, data = c.data, applicable = c.applicable,
            interface_id = c.interface_id, vm_interface_id = c.vm_interface_id, ip_address_id = c.ip_address_id
        FROM computed c
        WHERE d.target_id = ANY(%(targets)s)
          AND c.target_id = d.target_id AND c.kind = d.kind AND c.key = d.key
          AND (d.found, d.documented, d.data, d.applicable, d.interface_id, d.vm_interface_id, d.ip_address_id)
              IS DISTINCT FROM
              (c.found, c.documented, c.data, c.applicable, c.interface_id, c.vm_interface_id, c.ip_address_id)
    )
    INSERT INTO netbox_netops_difference
        (target_id, kind, key, found, documented, data, applicable, ignored, first_seen, interface_id, vm_interface_id,
         ip_address_id)
    SELECT c.target_id, c.kind, c.key, c.found, c.documented, c.data, c.applicable, false, statement_timestamp(),
           c.interface_id, c.vm_interface_id, c.ip_address_id
    FROM computed c JOIN netops_drift_target t ON t.id = c.target_id
    -- An incomplete scan proves nothing new; what it cannot see stays until NetBox agrees with what was seen last.
    WHERE c.family = ANY(t.fresh) AND NOT EXISTS (
        SELECT 1 FROM netbox_netops_difference d
        WHERE d.target_id = ANY(%(targets)s)
          AND d.target_id = c.target_id AND d.kind = c.kind AND d.key = c.key)
    ORDER BY c.target_id, c.kind, c.key COLLATE natural_sort
"""


def compare(cursor, target_ids: Collection[int]) -> None:
    """Bring the differences of these targets up to date. With a cursor, its transaction has locked the targets."""
    if not (target_ids := list(target_ids)):
        return
    if cursor is None:
        with transaction.atomic(), connection.cursor() as own:
            # In the order of all writers, or two of them could wait for each other in a circle.
            own.execute(
                'SELECT id FROM netbox_netops_target WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE', [target_ids]
            )
            _compare(own, target_ids)
    else:
        _compare(cursor, target_ids)


def compare_all(should_stop: Callable[[], bool] | None = None) -> int:
    """Compare every target that has been scanned, batch by batch, until `should_stop()` says so; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT DISTINCT target_id FROM netbox_netops_familystate ORDER BY target_id')
        target_ids = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(target_ids), BATCH):
        if should_stop is not None and should_stop():
            return start
        compare(None, target_ids[start : start + BATCH])
    return len(target_ids)


def _compare(cursor, target_ids: list[int]) -> None:
    settings = get_settings()
    parameters = {
        'targets': target_ids,
        'ignored': combined(settings.drift_ignored_interfaces),
        'os_version_field': settings.os_version_custom_field,
        **_content_types(),
    }
    for table in (*_TABLES, 'netops_drift'):
        cursor.execute(f'DROP TABLE IF EXISTS {table}')
    cursor.execute(frame.RESULT)
    for table, statement in _TABLES.items():
        cursor.execute(statement, parameters)
        # Without statistics the planner expects a handful of rows and joins thousands in a nested loop.
        cursor.execute(f'ANALYZE {table}')
    for statement in _STEPS:
        cursor.execute(statement, parameters)
    with without_nested_loops(cursor):
        cursor.execute(_MERGE, parameters)


def _content_types() -> dict[str, int]:
    names = {
        'interface_type': ('dcim', 'interface'),
        'vm_interface_type': ('virtualization', 'vminterface'),
        'device_type': ('dcim', 'device'),
        'machine_type': ('virtualization', 'virtualmachine'),
        'fhrp_group_type': ('ipam', 'fhrpgroup'),
    }
    return {name: ContentType.objects.get_by_natural_key(*key).pk for name, key in names.items()}
