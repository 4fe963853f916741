"""Differences of interfaces."""

from .types import is_vlan_without_router, suggested_type, type_is_wrong

__all__ = ('INTERFACES',)

# ifAdminStatus
_UP, _DOWN = 1, 2

# Octets of the Ethernet header, without and with one or two VLAN tags, that some agents count as part of the MTU.
_HEADERS = '14, 18, 22'
# NetBox stores no more.
_LARGEST_MTU = 65_536
_LONGEST_NAME = 64
# RFC 2863 lets agents cut ifAlias off at 64 characters; there are some that do it at half of that.
_CUT_OFF = 31

# Whether the description is the name (Gi1/0/1) written out (GigabitEthernet1/0/1).
_WRITTEN_OUT = r"""
    i.found_description NOT LIKE '%% %%' AND length(i.found_description) BETWEEN length(i.found_name) + 1 AND 64
    AND substring(lower(i.found_description) from '\d.*$') = substring(lower(i.found_name) from '\d.*$')
    AND starts_with(lower(i.found_description), left(lower(i.found_name), 2))
"""

# Columns as in the table netops_drift, up to `vm_interface_id`.
INTERFACES = rf"""
    INSERT INTO netops_drift
    WITH pair AS MATERIALIZED (
        SELECT * FROM netops_drift_interface WHERE known AND main AND index IS NOT NULL AND name IS NOT NULL
    ), habit AS MATERIALIZED (
        -- What is usual on this target: agents without descriptions, documents without MAC addresses, long names.
        SELECT target_id, bool_or(alias <> '') AS describes, bool_or(mac IS NOT NULL) AS has_macs,
               count(*) FILTER (WHERE lower(name) = lower(found_description) AND lower(name) <> lower(found_name))
               >= count(*) FILTER (WHERE lower(name) = lower(found_name) AND found_name <> found_description) AS long
        FROM pair GROUP BY target_id
    ), missing AS MATERIALIZED (
        SELECT DISTINCT ON (i.target_id, i.found_name) i.*,
               CASE WHEN COALESCE(h.long, true) AND {_WRITTEN_OUT} THEN i.found_description
                    ELSE i.found_name END AS wanted,
               {suggested_type('i.found_type', 'i.found_speed', 'i.found_name')} AS suggested
        FROM netops_drift_interface i LEFT JOIN habit h USING (target_id)
        WHERE i.known AND i.index IS NOT NULL AND i.home IS NULL AND NOT i.ignored AND i.found_name <> ''
          AND NOT (COALESCE({is_vlan_without_router('i.found_type', 'i.found_name')}, false) AND NOT EXISTS (
              SELECT 1 FROM netbox_netops_addressstate a WHERE a.target_id = i.target_id AND a.if_index = i.index))
        ORDER BY i.target_id, i.found_name, i.index
    ), type AS (
        SELECT i.*, {suggested_type('i.found_type', 'i.found_speed', 'i.found_name')} AS suggested
        FROM pair i WHERE i.type IS NOT NULL AND {type_is_wrong('i.found_type', 'i.type')}
    ), mac AS (
        SELECT i.* FROM pair i JOIN habit h USING (target_id)
        WHERE i.found_mac <> COALESCE(i.mac, '') AND i.found_mac NOT IN ('', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff')
          -- Where MAC addresses are documented at all, and then of ports only: the others borrow one.
          AND (i.mac IS NOT NULL OR (h.has_macs AND COALESCE(i.type, '') NOT IN ('virtual', 'lag', 'bridge')))
          AND NOT EXISTS (
              SELECT 1 FROM dcim_macaddress m WHERE m.mac_address::text = i.found_mac
              AND m.assigned_object_type_id = CASE WHEN i.interface_id IS NULL THEN %(vm_interface_type)s
                                                   ELSE %(interface_type)s END::integer
              AND m.assigned_object_id = COALESCE(i.interface_id, i.vm_interface_id))
    )
    SELECT i.target_id, 'interfaces', 'interface-missing', i.found_name, i.found_name, '',
           jsonb_build_object(
               'name', i.wanted, 'type', i.suggested, 'description', i.alias,
               'enabled', i.admin_status IS DISTINCT FROM {_DOWN},
               'device', CASE WHEN t.device_id IS NULL THEN NULL ELSE COALESCE(member.id, t.device_id) END
           ),
           length(i.wanted) <= {_LONGEST_NAME}, NULL::bigint, NULL::bigint
    FROM missing i JOIN netops_drift_target t ON t.id = i.target_id
    -- The first number of a port is the member it is on.
    LEFT JOIN LATERAL (
        SELECT m.id FROM dcim_device m WHERE m.id = ANY(t.covers)
        AND m.vc_position::text = substring(i.wanted from '^\D+(\d+)/\d')
    ) member ON cardinality(t.covers) > 1 AND i.suggested NOT IN ('virtual', 'lag', 'bridge')
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-extra', i.label, '', i.name, '{{}}', false, i.interface_id,
           i.vm_interface_id
    FROM netops_drift_interface i JOIN netops_drift_target t ON t.id = i.target_id
    WHERE i.index IS NULL AND 'interfaces' = ANY(t.known) AND i.enabled AND NOT i.mgmt_only
      AND NOT COALESCE(i.name ~* %(ignored)s, false)
      -- Agents may leave out what is not hardware.
      AND COALESCE(i.type, '') NOT IN ('virtual', 'bridge', 'channel')
      -- An empty cage is no interface to every agent.
      AND NOT (COALESCE(i.type, '') LIKE '%%-x-%%' AND i.cable_id IS NULL AND NOT i.connected AND i.lag_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM ipam_ipaddress p WHERE p.assigned_object_type_id = %(interface_type)s
                               AND p.assigned_object_id = i.interface_id))
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-type', i.label, i.suggested, i.type,
           jsonb_build_object('type', i.suggested), i.suggested <> 'other', i.interface_id, i.vm_interface_id
    FROM type i
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-mtu', i.label, i.found_mtu::text, i.mtu::text,
           jsonb_build_object('mtu', i.found_mtu), true, i.interface_id, i.vm_interface_id
    FROM pair i
    WHERE i.found_mtu <> i.mtu AND i.found_mtu BETWEEN 1 AND {_LARGEST_MTU} AND i.found_mtu - i.mtu NOT IN ({_HEADERS})
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-description', i.label, i.alias, i.description,
           jsonb_build_object('description', i.alias), true, i.interface_id, i.vm_interface_id
    FROM pair i JOIN habit h USING (target_id)
    WHERE i.alias <> i.description AND h.describes
      AND NOT (length(i.alias) >= {_CUT_OFF} AND starts_with(i.description, i.alias))
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-enabled', i.label,
           CASE i.admin_status WHEN {_UP} THEN 'enabled' ELSE 'disabled' END,
           CASE WHEN i.enabled THEN 'enabled' ELSE 'disabled' END,
           jsonb_build_object('enabled', i.admin_status = {_UP}), true, i.interface_id, i.vm_interface_id
    FROM pair i
    WHERE i.admin_status IN ({_UP}, {_DOWN}) AND i.enabled <> (i.admin_status = {_UP})
    UNION ALL
    SELECT i.target_id, 'interfaces', 'interface-mac', i.label, i.found_mac, COALESCE(i.mac, ''),
           jsonb_build_object('mac', i.found_mac),
           i.found_mac ~ '^([0-9a-f]{{2}}:){{5}}[0-9a-f]{{2}}$', i.interface_id, i.vm_interface_id
    FROM mac i
"""
