"""From interfaces as devices name them to interfaces as NetBox names them."""

from collections.abc import Collection, Iterable

from django.db import connection, transaction

__all__ = (
    'link_interfaces',
    'relink',
)


def relink(target_ids: Iterable[int]) -> None:
    """`link_interfaces` for callers that have not locked the targets."""
    if not (target_ids := list(target_ids)):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # In the order of all writers, or two of them could wait for each other in a circle.
        cursor.execute(
            'SELECT id FROM netbox_netops_target WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE', [target_ids]
        )
        link_interfaces(cursor, target_ids)


def link_interfaces(cursor, target_ids: Collection[int]) -> None:
    """Link every interface state of these targets to the interface of the same name, and unlink where there is none.

    That is an interface of the target's virtual machine, of its device or of another member of the virtual chassis.
    The name of the state (ifName) goes before its description (ifDescr), which is where many vendors write the name in
    full (Gi1/0/1 is GigabitEthernet1/0/1); the exact name before one in other letters; the device before the members.
    """
    cursor.execute(
        """
        WITH target AS MATERIALIZED (
            SELECT t.id, t.device_id, t.virtual_machine_id, d.virtual_chassis_id
            FROM netbox_netops_target t LEFT JOIN dcim_device d ON d.id = t.device_id WHERE t.id = ANY(%(targets)s)
        ), owner AS (
            SELECT id, device_id, 0 AS distance FROM target WHERE device_id IS NOT NULL
            UNION ALL
            SELECT t.id, m.id, 1 FROM target t
            JOIN dcim_device m ON m.virtual_chassis_id = t.virtual_chassis_id AND m.id <> t.device_id
        ), named AS (
            SELECT o.id AS target_id, i.id AS interface_id, NULL::bigint AS vm_interface_id, o.distance,
                   i.name COLLATE "C" AS name, lower(i.name) COLLATE "C" AS folded
            FROM owner o JOIN dcim_interface i ON i.device_id = o.device_id
            UNION ALL
            SELECT t.id, NULL, i.id, 0, i.name COLLATE "C", lower(i.name) COLLATE "C"
            FROM target t JOIN virtualization_vminterface i ON i.virtual_machine_id = t.virtual_machine_id
        ), form AS (
            SELECT id, target_id, name COLLATE "C" AS name, 0 AS rank FROM netbox_netops_interfacestate
            WHERE target_id = ANY(%(targets)s) AND name <> ''
            UNION ALL
            SELECT id, target_id, description COLLATE "C", 2 FROM netbox_netops_interfacestate
            WHERE target_id = ANY(%(targets)s) AND description NOT IN ('', name)
        ), found AS MATERIALIZED (
            SELECT DISTINCT ON (f.id) f.id, n.interface_id, n.vm_interface_id
            FROM form f JOIN named n ON n.target_id = f.target_id AND n.folded = lower(f.name)
            ORDER BY f.id, f.rank + (n.name <> f.name)::int, n.distance, n.interface_id, n.vm_interface_id
        )
        UPDATE netbox_netops_interfacestate s SET
            interface_id = w.interface_id, vm_interface_id = w.vm_interface_id
        FROM (
            SELECT s.id, f.interface_id, f.vm_interface_id
            FROM netbox_netops_interfacestate s LEFT JOIN found f ON f.id = s.id WHERE s.target_id = ANY(%(targets)s)
        ) w
        WHERE s.id = w.id AND (s.interface_id, s.vm_interface_id) IS DISTINCT FROM (w.interface_id, w.vm_interface_id)
        """,
        {'targets': list(target_ids)},
    )
