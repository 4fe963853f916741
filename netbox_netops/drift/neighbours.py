"""Differences between the neighbours that are heard (LLDP, CDP) and the cables that are documented."""

from .types import is_connectable

__all__ = ('HEARD', 'NEIGHBOURS', 'REMOTE')

_MAC = '^([0-9a-f]{2}:){5}[0-9a-f]{2}$'

# The port at which somebody is heard, and what he says of himself.
HEARD = r"""
    CREATE TEMPORARY TABLE netops_drift_heard ON COMMIT DROP AS
    SELECT h.*, CASE WHEN full_name ~ '^[0-9.]+$' THEN full_name ELSE split_part(full_name, '.', 1) END AS short_name
    FROM (
        SELECT n.id, n.target_id, i.interface_id, i.label, i.cable_id, i.path_id, t.site_id, t.covers,
               -- CDP adds the serial number in brackets.
               lower(btrim(regexp_replace(n.system_name, '\(.*$', ''))) AS full_name, n.system_name, n.address,
               lower(n.chassis_id) AS chassis_id, lower(n.port_id) AS port_id,
               lower(n.port_description) AS port_description
        FROM netops_drift_target t
        JOIN netbox_netops_neighbourstate n ON n.target_id = t.id
        JOIN netops_drift_interface i ON i.target_id = n.target_id AND i.index = n.if_index
        WHERE 'neighbours' = ANY(t.known) AND i.may_be_cabled
        UNION ALL
        SELECT n.id, n.target_id, i.interface_id, i.label, i.cable_id, i.path_id, t.site_id, t.covers,
               lower(btrim(regexp_replace(n.system_name, '\(.*$', ''))), n.system_name, n.address,
               lower(n.chassis_id), lower(n.port_id), lower(n.port_description)
        FROM netops_drift_target t
        JOIN netbox_netops_neighbourstate n ON n.target_id = t.id AND n.if_index IS NULL
        JOIN netops_drift_interface i ON i.target_id = n.target_id
            AND n.local_port IN (i.found_name, i.found_description)
        WHERE 'neighbours' = ANY(t.known) AND i.may_be_cabled
    ) h
"""

# The device it is, NULL if that is not certain. `unit`: a device by itself or a whole chassis; `units`: all that are
# called like this.
REMOTE = f"""
    CREATE TEMPORARY TABLE netops_drift_remote ON COMMIT DROP AS
    WITH named AS (
        -- Each arm is a look into an index.
        SELECT l.id, d.id AS device_id, 1 AS rank FROM netops_drift_heard l
        JOIN dcim_device d ON lower(d.name) = l.full_name WHERE l.full_name <> ''
        UNION
        SELECT l.id, d.id, 1 FROM netops_drift_heard l
        JOIN dcim_device d ON lower(d.name) = l.short_name WHERE l.short_name NOT IN ('', l.full_name)
        UNION
        SELECT l.id, x.device_id, 1 FROM netops_drift_heard l
        JOIN netbox_netops_target x ON lower(split_part(x.name, '.', 1)) = l.full_name
        WHERE l.full_name <> '' AND x.device_id IS NOT NULL
        UNION
        SELECT l.id, c.master_id, 1 FROM netops_drift_heard l
        CROSS JOIN LATERAL (VALUES (full_name), (short_name)) n(name)
        JOIN dcim_virtualchassis c ON lower(c.name) = n.name WHERE n.name <> '' AND c.master_id IS NOT NULL
        UNION
        SELECT l.id, x.device_id, 2 FROM netops_drift_heard l
        JOIN netbox_netops_target x ON host(x.address) = l.address WHERE l.address <> '' AND x.device_id IS NOT NULL
        UNION
        SELECT l.id, i.device_id, 3 FROM netops_drift_heard l
        JOIN dcim_macaddress m ON m.mac_address = CASE WHEN l.chassis_id ~ '{_MAC}' THEN l.chassis_id::macaddr END
            AND m.assigned_object_type_id = %(interface_type)s
        JOIN dcim_interface i ON i.id = m.assigned_object_id
    ), candidate AS (
        -- Several devices may have one name; then it is the one at the same site.
        SELECT n.id, d.id AS device_id, COALESCE(d.virtual_chassis_id, -d.id) AS unit, d.virtual_chassis_id, d.name,
               dense_rank() OVER (PARTITION BY n.id ORDER BY n.rank, (d.site_id <> l.site_id)::int) AS place
        FROM named n JOIN netops_drift_heard l ON l.id = n.id JOIN dcim_device d ON d.id = n.device_id
    )
    SELECT id, units, CASE WHEN certain THEN unit END AS unit, CASE WHEN certain THEN device_id END AS device_id,
           CASE WHEN certain THEN virtual_chassis_id END AS virtual_chassis_id, CASE WHEN certain THEN name END AS name
    FROM (
        SELECT id, array_agg(DISTINCT unit) AS units, min(unit) FILTER (WHERE place = 1) AS unit,
               min(device_id) FILTER (WHERE place = 1) AS device_id,
               min(virtual_chassis_id) FILTER (WHERE place = 1) AS virtual_chassis_id,
               min(name) FILTER (WHERE place = 1) AS name,
               count(DISTINCT unit) FILTER (WHERE place = 1) = 1 AS certain
        FROM candidate GROUP BY id
    ) c
"""

NEIGHBOURS = rf"""
    INSERT INTO netops_drift
    WITH unit AS MATERIALIZED (
        SELECT r.unit, d.id AS device_id
        FROM (SELECT DISTINCT unit, virtual_chassis_id FROM netops_drift_remote WHERE virtual_chassis_id IS NOT NULL) r
        JOIN dcim_device d ON d.virtual_chassis_id = r.virtual_chassis_id
        UNION
        SELECT unit, device_id FROM netops_drift_remote WHERE unit IS NOT NULL
    ), port AS MATERIALIZED (
        SELECT u.unit, i.id, lower(i.name) COLLATE "C" AS name, i.name AS shown, i.type, i.lag_id, d.name AS device,
               i.cable_id IS NULL AND NOT i.mark_connected AND i.wireless_link_id IS NULL AS free
        FROM unit u JOIN dcim_interface i ON i.device_id = u.device_id JOIN dcim_device d ON d.id = u.device_id
    ), spelling AS MATERIALIZED (
        SELECT l.id, r.unit, s.text COLLATE "C" AS text, s.rank, substring(s.text from '\d.*$') COLLATE "C" AS tail,
               replace(substring(s.text from '^\D*'), ' ', '') COLLATE "C" AS head
        FROM netops_drift_heard l JOIN netops_drift_remote r ON r.id = l.id AND r.unit IS NOT NULL
        CROSS JOIN LATERAL (VALUES (l.port_id, 0), (l.port_description, 1)) s(text, rank) WHERE s.text <> ''
    ), tail AS MATERIALIZED (
        SELECT unit, id, substring(name from '\d.*$') AS tail, replace(substring(name from '^\D*'), ' ', '') AS head
        FROM port
    ), state AS MATERIALIZED (
        SELECT u.unit, s.index, lower(s.name) COLLATE "C" AS name, lower(s.description) COLLATE "C" AS description,
               lower(s.mac) COLLATE "C" AS mac, s.interface_id
        FROM unit u JOIN netbox_netops_target x ON x.device_id = u.device_id
        JOIN netbox_netops_interfacestate s ON s.target_id = x.id WHERE s.interface_id IS NOT NULL
    ), possible AS (
        SELECT s.id, p.id AS interface_id, s.rank FROM spelling s JOIN port p ON p.unit = s.unit AND p.name = s.text
        UNION ALL
        SELECT s.id, p.interface_id, s.rank FROM spelling s JOIN state p ON p.unit = s.unit AND p.name = s.text
        UNION ALL
        SELECT s.id, p.interface_id, s.rank FROM spelling s
        JOIN state p ON p.unit = s.unit AND p.description = s.text AND p.description <> p.name
        UNION ALL
        -- Gi1/0/1 and GigabitEthernet1/0/1
        SELECT s.id, t.id, s.rank + 2 FROM spelling s JOIN tail t ON t.unit = s.unit AND t.tail = s.tail
        WHERE s.head <> '' AND t.head <> '' AND (starts_with(t.head, s.head) OR starts_with(s.head, t.head))
        UNION ALL
        -- The number of the port at the other end
        SELECT s.id, p.interface_id, 4 FROM spelling s
        JOIN state p ON p.unit = s.unit AND p.index = CASE WHEN s.text ~ '^\d{{1,10}}$' THEN s.text::bigint END
        WHERE s.rank = 0
        UNION ALL
        SELECT s.id, p.interface_id, 4 FROM spelling s JOIN state p ON p.unit = s.unit AND p.mac = s.text
        WHERE s.rank = 0 AND s.text ~ '{_MAC}'
    ), target_port AS MATERIALIZED (
        -- Those that fit best: one, or several if the name is ambiguous.
        SELECT DISTINCT ON (id) id, array_agg(DISTINCT interface_id) AS interface_ids
        FROM possible GROUP BY id, rank ORDER BY id, rank
    ), far_end AS MATERIALIZED (
        -- Through patch panels and circuits, where the path is documented to its end at an interface.
        SELECT DISTINCT l.interface_id AS local_id, i.id, i.lag_id, i.name, d.id AS device_id, d.name AS device,
               COALESCE(d.virtual_chassis_id, -d.id) AS unit
        FROM (SELECT DISTINCT interface_id, path_id FROM netops_drift_heard WHERE path_id IS NOT NULL) l
        JOIN dcim_cablepath c ON c.id = l.path_id AND c.is_complete
        CROSS JOIN LATERAL jsonb_array_elements_text(c.path -> -1) AS node
        JOIN dcim_interface i ON i.id = CASE WHEN split_part(node, ':', 1) = %(interface_type)s::text
                                             THEN split_part(node, ':', 2)::bigint END
        JOIN dcim_device d ON d.id = i.device_id
    ), verdict AS MATERIALIZED (
        SELECT l.id, l.target_id, l.interface_id, l.label, l.cable_id, l.covers, l.system_name, r.unit, r.device_id,
               p.id AS port_id, p.free, p.type, p.shown,
               COALESCE(p.device, r.name, '') AS device, f.local_id IS NOT NULL AS documented,
               concat_ws(' ', NULLIF(f.device, ''), f.name) AS documented_text,
               CASE WHEN f.local_id IS NULL THEN false
                    WHEN r.unit IS NULL THEN
                        -- Not a device of NetBox, unless its name is ambiguous, or told by nobody.
                        l.full_name = '' OR COALESCE(f.device, '') = '' OR COALESCE(f.unit = ANY(r.units), false)
                    WHEN r.unit <> f.unit THEN false
                    ELSE tp.id IS NULL OR f.id = ANY(tp.interface_ids) OR f.lag_id = ANY(tp.interface_ids) END AS agrees
        FROM netops_drift_heard l
        LEFT JOIN netops_drift_remote r ON r.id = l.id
        LEFT JOIN target_port tp ON tp.id = l.id
        LEFT JOIN port p ON p.id = tp.interface_ids[1] AND cardinality(tp.interface_ids) = 1 AND p.unit = r.unit
        LEFT JOIN far_end f ON f.local_id = l.interface_id
    ), judged AS (
        -- A port at which several are heard is not the end of one cable, unless one of them is the documented one.
        SELECT DISTINCT ON (target_id, interface_id) v.*
        FROM verdict v
        WHERE NOT EXISTS (SELECT 1 FROM verdict o WHERE o.interface_id = v.interface_id AND o.target_id = v.target_id
                          AND (o.agrees OR o.unit IS DISTINCT FROM v.unit))
        ORDER BY target_id, interface_id, (v.port_id IS NULL)::int, v.id
    )
    SELECT target_id, 'neighbours', 'neighbour-uncabled', label, concat_ws(' ', device, shown), '',
           jsonb_build_object('interface', interface_id, 'remote_interface', port_id),
           COALESCE(free AND port_id <> interface_id AND {is_connectable('type')}, false), interface_id, NULL::bigint
    FROM judged
    WHERE cable_id IS NULL AND unit IS NOT NULL AND device_id <> ALL(covers)
    UNION ALL
    SELECT target_id, 'neighbours', 'neighbour-differs', label,
           CASE WHEN unit IS NULL THEN system_name ELSE concat_ws(' ', device, shown) END, documented_text, '{{}}',
           false, interface_id, NULL
    FROM judged
    WHERE cable_id IS NOT NULL AND documented AND documented_text <> ''
"""
