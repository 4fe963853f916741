"""Differences of IP addresses, compared within the VRF of the documented interface."""

__all__ = ('ADDRESSES', 'DOCUMENTED', 'FOUND', 'PAIRS')

# Not documented by anybody: this host, loopback, link-local, multicast and reserved.
_LOCAL = "'{0.0.0.0/8,127.0.0.0/8,169.254.0.0/16,224.0.0.0/3,::/127,fe80::/10,ff00::/8}'::inet[]"
# One of a group of routers has it at a time.
_SHARED_ROLES = "'vip', 'vrrp', 'hsrp', 'glbp', 'carp'"

# `link`: the documented interface on which the address is found, or minus that of a virtual machine.
FOUND = f"""
    CREATE TEMPORARY TABLE netops_drift_found_address ON COMMIT DROP AS
    SELECT f.*, CASE WHEN repeated THEN host || ' ' || name ELSE host END AS key,
           host || COALESCE('/' || prefix_length, '') AS text
    FROM (
        SELECT a.id, a.target_id, a.address, a.prefix_length, family(a.address) AS version,
               host(a.address) AS host, i.home AS link, h.vrf_id, COALESCE(h.label, i.found_name, '') AS name,
               count(*) OVER (PARTITION BY a.target_id, a.address) > 1 AS repeated
        FROM netops_drift_target t
        JOIN netbox_netops_addressstate a ON a.target_id = t.id
        LEFT JOIN netops_drift_interface i ON i.target_id = a.target_id AND i.index = a.if_index
        LEFT JOIN netops_drift_interface h ON h.target_id = a.target_id AND h.own = i.home AND h.main
        WHERE 'addresses' = ANY(t.known) AND NOT a.address <<= ANY({_LOCAL})
          AND NOT (i.home IS NULL AND COALESCE(i.ignored, false))
          -- Documented on a member of the chassis that is a target by itself.
          AND NOT (i.home IS NOT NULL AND h.own IS NULL)
    ) f
"""

# `expected`: should be on the device, as far as its own fields tell.
DOCUMENTED = f"""
    CREATE TEMPORARY TABLE netops_drift_documented_address ON COMMIT DROP AS
    SELECT i.target_id, p.id, p.address, host(p.address)::inet AS host, p.vrf_id, i.own AS link, i.label,
           i.interface_id, i.vm_interface_id, family(p.address) AS version, i.vrf_id AS interface_vrf_id,
           p.status = 'active' AND COALESCE(p.role, '') NOT IN ({_SHARED_ROLES}) AND NOT p.address <<= ANY({_LOCAL})
               AND i.enabled AND NOT (i.mgmt_only AND i.index IS NULL) AS expected
    FROM netops_drift_target t
    JOIN netops_drift_interface i ON i.target_id = t.id AND i.main
    JOIN ipam_ipaddress p ON p.assigned_object_id = i.interface_id AND p.assigned_object_type_id = %(interface_type)s
    WHERE 'addresses' = ANY(t.known)
    UNION ALL
    SELECT i.target_id, p.id, p.address, host(p.address)::inet, p.vrf_id, i.own, i.label, NULL, i.vm_interface_id,
           family(p.address), i.vrf_id,
           p.status = 'active' AND COALESCE(p.role, '') NOT IN ({_SHARED_ROLES}) AND NOT p.address <<= ANY({_LOCAL})
               AND i.enabled
    FROM netops_drift_target t
    JOIN netops_drift_interface i ON i.target_id = t.id AND i.main
    JOIN ipam_ipaddress p ON p.assigned_object_id = i.vm_interface_id
        AND p.assigned_object_type_id = %(vm_interface_type)s
    WHERE 'addresses' = ANY(t.known)
"""

# `same`: on the documented interface.
PAIRS = """
    CREATE TEMPORARY TABLE netops_drift_address_pair ON COMMIT DROP AS
    SELECT f.id AS found_id, d.id, COALESCE(f.link = d.link, false) AS same
    FROM netops_drift_found_address f
    JOIN netops_drift_documented_address d ON d.target_id = f.target_id AND d.host = f.address
    WHERE f.link IS NULL OR f.link = d.link OR f.vrf_id IS NOT DISTINCT FROM d.vrf_id
"""

ADDRESSES = """
    INSERT INTO netops_drift
    WITH group_address AS (
        -- Virtual addresses of the FHRP groups that interfaces of the target take part in.
        SELECT DISTINCT i.target_id, host(p.address)::inet AS host
        FROM netops_drift_interface i
        JOIN ipam_fhrpgroupassignment g ON g.interface_id = COALESCE(i.interface_id, i.vm_interface_id)
            AND g.interface_type_id = CASE WHEN i.interface_id IS NULL THEN %(vm_interface_type)s
                                           ELSE %(interface_type)s END::integer
        JOIN ipam_ipaddress p ON p.assigned_object_id = g.group_id AND p.assigned_object_type_id = %(fhrp_group_type)s
    ), settled AS MATERIALIZED (
        SELECT id, bool_or(same) AS same FROM netops_drift_address_pair GROUP BY id
    ), best AS MATERIALIZED (
        SELECT DISTINCT ON (found_id) found_id, id, same FROM netops_drift_address_pair
        ORDER BY found_id, same DESC, id
    ), missing AS (
        SELECT f.*, other.number, other.free_id FROM netops_drift_found_address f
        LEFT JOIN LATERAL (
            SELECT count(*) AS number, min(p.id) FILTER (WHERE p.assigned_object_id IS NULL) AS free_id
            FROM ipam_ipaddress p
            WHERE host(p.address)::inet = f.address AND p.vrf_id IS NOT DISTINCT FROM f.vrf_id
        ) other ON true
        WHERE f.id NOT IN (SELECT found_id FROM best)
          AND NOT EXISTS (SELECT 1 FROM group_address g WHERE g.target_id = f.target_id AND g.host = f.address)
    )
    SELECT m.target_id, 'addresses', 'address-missing', m.key, concat_ws(' ', m.text, NULLIF(m.name, '')), '',
           jsonb_build_object('address', m.text, 'interface', CASE WHEN m.link > 0 THEN m.link END,
                              'vm_interface', CASE WHEN m.link < 0 THEN -m.link END, 'ip_address', m.free_id),
           -- One that is in use elsewhere is for people to decide.
           m.link IS NOT NULL AND m.prefix_length > 0 AND (m.number = 0 OR (m.number = 1 AND m.free_id IS NOT NULL)),
           CASE WHEN m.link > 0 THEN m.link END, CASE WHEN m.link < 0 THEN -m.link END, NULL::bigint
    FROM missing m
    UNION ALL
    SELECT d.target_id, 'addresses', 'address-extra', host(d.address) || ' ' || d.label, '',
           d.address::text || ' ' || d.label, '{}', false, d.interface_id, d.vm_interface_id, d.id
    FROM netops_drift_documented_address d
    WHERE d.expected AND d.id NOT IN (SELECT id FROM settled)
      -- Agents leave out whole VRFs, or IPv6: what they show nothing of, they say nothing about.
      AND EXISTS (SELECT 1 FROM netops_drift_found_address s WHERE s.target_id = d.target_id AND s.version = d.version
                  AND COALESCE(s.vrf_id, 0) = COALESCE(d.interface_vrf_id, 0))
      -- That its interface is not there is said once.
      AND d.link NOT IN (SELECT COALESCE(x.interface_id, -x.vm_interface_id) FROM netops_drift x
                         WHERE x.kind = 'interface-extra')
    UNION ALL
    SELECT f.target_id, 'addresses', 'address-prefix-length', f.key, f.text, d.address::text,
           jsonb_build_object('prefix_length', f.prefix_length), true, d.interface_id, d.vm_interface_id, d.id
    FROM best b JOIN netops_drift_found_address f ON f.id = b.found_id
    JOIN netops_drift_documented_address d ON d.id = b.id AND d.target_id = f.target_id
    WHERE f.prefix_length > 0 AND f.prefix_length <> masklen(d.address)
    UNION ALL
    SELECT f.target_id, 'addresses', 'address-interface', f.key, f.name, d.label,
           jsonb_build_object('interface', CASE WHEN f.link > 0 THEN f.link END,
                              'vm_interface', CASE WHEN f.link < 0 THEN -f.link END),
           f.link IS NOT NULL, d.interface_id, d.vm_interface_id, d.id
    FROM best b JOIN settled s ON s.id = b.id JOIN netops_drift_found_address f ON f.id = b.found_id
    JOIN netops_drift_documented_address d ON d.id = b.id AND d.target_id = f.target_id
    WHERE NOT b.same AND NOT s.same AND f.name <> ''
"""
