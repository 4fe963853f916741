"""What is compared, as temporary tables: the targets of a batch, and their interfaces as found beside as documented."""

from ..choices import TargetStatusChoices
from .types import is_connectable

__all__ = ('INTERFACES', 'RESULT', 'TARGETS')

# `known`: families of which every row was read before, so that what is not among their rows is not on the device.
# `fresh`: those of them that the latest scan read completely too. `covers`: the devices whose interfaces a target has.
TARGETS = f"""
    CREATE TEMPORARY TABLE netops_drift_target ON COMMIT DROP AS
    SELECT t.id, t.name, t.address, t.site_id, t.device_id, t.virtual_machine_id, d.virtual_chassis_id,
           family.known, family.fresh,
           ARRAY(
               SELECT t.device_id WHERE t.device_id IS NOT NULL
               UNION ALL
               -- Members that are operated through this one.
               SELECT m.id FROM dcim_device m
               WHERE m.virtual_chassis_id = d.virtual_chassis_id AND m.id <> d.id AND chassis.master_id = d.id
                 AND NOT EXISTS (SELECT 1 FROM netbox_netops_target own
                                 WHERE own.device_id = m.id AND own.status <> '{TargetStatusChoices.RETIRED}')
           ) AS covers
    FROM netbox_netops_target t
    LEFT JOIN dcim_device d ON d.id = t.device_id
    LEFT JOIN dcim_virtualchassis chassis ON chassis.id = d.virtual_chassis_id
    LEFT JOIN netbox_netops_scanresult s ON s.id = t.latest_scan_id
    CROSS JOIN LATERAL (
        SELECT array_agg(f.family::text) AS known, array_agg(f.family::text) FILTER (
            WHERE (f.family IN ('system', 'platform') OR s.counts ? f.family) AND (s.ok OR s.problems <> '[]')
              AND NOT s.problems @> jsonb_build_array(jsonb_build_object('collector', f.family))
        ) AS fresh
        FROM netbox_netops_familystate f WHERE f.target_id = t.id
    ) family
    WHERE t.id = ANY(%(targets)s) AND t.status = '{TargetStatusChoices.ACTIVE}'
      AND (t.device_id IS NOT NULL OR t.virtual_machine_id IS NOT NULL)
"""


def _squeezed(text: str) -> str:
    return f"btrim(CASE WHEN {text} LIKE '%%  %%' THEN regexp_replace({text}, ' +', ' ', 'g') ELSE {text} END)"


# `link`: the documented interface, or minus that of a virtual machine; `own`: the same of interfaces of this target.
# `main`: of several states of one, the row that stands for it. `home`: the interface that documents the addresses found
# here: unit 0 of a Junos port is documented as the port.
INTERFACES = f"""
    CREATE TEMPORARY TABLE netops_drift_interface ON COMMIT DROP AS
    WITH documented AS MATERIALIZED (
        SELECT t.id AS target_id, i.id AS link, i.id AS interface_id, NULL::bigint AS vm_interface_id, i.device_id,
               i.name COLLATE "C" AS name, i.type, i.enabled, i.mtu, i.description, i.vrf_id, i.primary_mac_address_id,
               i.cable_id, i.mark_connected OR i.wireless_link_id IS NOT NULL AS connected, i.mgmt_only, i.lag_id,
               i._path_id AS path_id, cardinality(t.covers) > 1 AS shared
        FROM netops_drift_target t JOIN dcim_interface i ON i.device_id = ANY(t.covers)
        UNION ALL
        SELECT t.id, -i.id, NULL, i.id, NULL, i.name COLLATE "C", NULL, i.enabled, i.mtu, i.description, i.vrf_id,
               i.primary_mac_address_id, NULL, false, false, NULL, NULL, false
        FROM netops_drift_target t JOIN virtualization_vminterface i ON i.virtual_machine_id = t.virtual_machine_id
    ), twice AS (
        SELECT target_id, name FROM documented WHERE shared GROUP BY target_id, name HAVING count(*) > 1
    ), found AS MATERIALIZED (
        SELECT s.target_id, COALESCE(s.interface_id, -s.vm_interface_id) AS link, s.index, s.name COLLATE "C" AS name,
               s.description COLLATE "C" AS description, s.type, s.mtu, s.speed, lower(s.mac) AS mac, s.admin_status,
               -- Agents without descriptions repeat the name.
               CASE WHEN lower(s.alias) IN ('', lower(s.name), lower(s.description)) THEN ''
                    ELSE left({_squeezed('s.alias')}, 200) END AS alias,
               'interfaces' = ANY(t.known) AS known
        FROM netops_drift_target t JOIN netbox_netops_interfacestate s ON s.target_id = t.id
    ), placed AS (
        SELECT f.*, COALESCE(f.link, port.link) AS home,
               CASE WHEN f.link IS NOT NULL THEN
                   row_number() OVER (PARTITION BY f.target_id, f.link ORDER BY f.index) END AS place
        FROM found f
        LEFT JOIN found port ON f.link IS NULL AND f.name LIKE '%%.0'
            AND port.target_id = f.target_id AND port.name = left(f.name, -2) AND port.link IS NOT NULL
    )
    SELECT COALESCE(f.target_id, d.target_id) AS target_id, f.link, f.home, COALESCE(f.place, 1) = 1 AS main, f.index,
           f.name AS found_name, f.description AS found_description, f.type AS found_type, f.mtu AS found_mtu,
           f.speed AS found_speed, f.mac AS found_mac, f.admin_status, f.alias, f.known,
           -- Only of what nobody documents.
           f.link IS NULL AND COALESCE(f.name ~* %(ignored)s, false) AS ignored,
           d.link AS own, d.interface_id, d.vm_interface_id, d.device_id, d.name, d.type, d.enabled, d.mtu,
           {_squeezed('d.description')} AS description, d.vrf_id, m.mac_address::text AS mac, d.cable_id, d.connected,
           d.mgmt_only, d.lag_id, d.path_id, d.interface_id IS NOT NULL AND NOT d.connected
               AND {is_connectable('d.type')} AND COALESCE(f.place, 1) = 1 AS may_be_cabled,
           (CASE WHEN twice.name IS NULL THEN d.name
                 ELSE d.name || ' (' || COALESCE((SELECT name FROM dcim_device WHERE id = d.device_id),
                                                 d.device_id::text) || ')' END) COLLATE "C" AS label
    FROM placed f
    FULL JOIN documented d ON d.target_id = f.target_id AND d.link = f.link
    LEFT JOIN dcim_macaddress m ON m.id = d.primary_mac_address_id
    LEFT JOIN twice ON twice.target_id = d.target_id AND twice.name = d.name
"""

# `fresh`: the latest scan read all that this needs, so that it may be added.
RESULT = """
    CREATE TEMPORARY TABLE netops_drift (
        target_id bigint, family text, kind text, key text, found text, documented text, data jsonb,
        applicable boolean, interface_id bigint, vm_interface_id bigint, ip_address_id bigint
    ) ON COMMIT DROP
"""
