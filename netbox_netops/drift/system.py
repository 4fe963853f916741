"""Differences of the device itself: name, serial number, device type, platform, software version."""

__all__ = ('SYSTEM',)


def _plain(text: str) -> str:
    """Letters and digits only, in lower case: how a name is written differs from place to place."""
    return f"regexp_replace(lower({text}), '[^a-z0-9]', '', 'g')"


def _dashed(text: str) -> str:
    return f"translate(lower({text}), ' /_+', '----') || '-'"


# 17.9, v8, 21.4R3-S1
_VERSION = r'[\s/_-]*(version|release|ver|v)?[\s.]*\d[\w.()-]*\s*$'
_WORDS = r'\m(software|operating system|network operating system)\M'

# Names under which people know what we call otherwise.
_ALIASES = {
    'iosxr': ('xr',),
    'sros': ('timos',),
    'aoscx': ('arubaoscx', 'arubacx'),
    'procurve': ('arubaosswitch', 'aosswitch', 'provision'),
    'exos': ('xos', 'extremexos'),
    'fabricos': ('fos',),
    'bigip': ('tmos',),
    'comware': ('hpecomware', 'h3ccomware'),
    'junosevolved': ('junosevo', 'junososevolved'),
    'asa': ('asasoftware', 'adaptivesecurityappliance'),
}
_ALIAS_ROWS = ', '.join(f"('{name}', '{alias}')" for name, aliases in _ALIASES.items() for alias in aliases)
# A platform that names the distribution says no less than "Linux".
_LINUX = (
    'linux|ubuntu|debian|centos|rhel|redhat|rocky|alma|suse|sles|fedora|alpine|gentoo|raspbian|amazon|proxmox|vyos'
    '|cumulus|openwrt|sonic'
)

SYSTEM = rf"""
    INSERT INTO netops_drift
    WITH object AS MATERIALIZED (
        SELECT t.id, t.virtual_machine_id, t.virtual_chassis_id, t.known,
               btrim(COALESCE(d.name, v.name)) AS name, btrim(COALESCE(d.serial, v.serial)) AS serial,
               COALESCE(d.platform_id, v.platform_id) AS platform_id, d.device_type_id,
               COALESCE(d.custom_field_data, v.custom_field_data) AS fields, chassis.name AS chassis_name,
               btrim(s.name) AS found_name, s.vendor, btrim(s.model) AS found_model, s.os,
               btrim(s.os_version) AS version,
               btrim(s.serial) AS found_serial
        FROM netops_drift_target t
        JOIN netbox_netops_systemstate s ON s.target_id = t.id
        LEFT JOIN dcim_device d ON d.id = t.device_id
        LEFT JOIN dcim_virtualchassis chassis ON chassis.id = d.virtual_chassis_id
        LEFT JOIN virtualization_virtualmachine v ON v.id = t.virtual_machine_id
        WHERE 'system' = ANY(t.known)
    ), chassis AS MATERIALIZED (
        SELECT o.id, array_agg(btrim(e.serial) ORDER BY e.index) FILTER (WHERE e.serial <> '') AS serials,
               array_agg(btrim(e.model) ORDER BY e.index) FILTER (WHERE e.model <> '') AS models
        FROM object o JOIN netbox_netops_inventorystate e ON e.target_id = o.id AND e.physical_class = 3
        WHERE 'inventory' = ANY(o.known) GROUP BY o.id
    ), short AS (
        SELECT id, CASE WHEN found_name ~ '^[0-9.]+$' THEN found_name ELSE split_part(found_name, '.', 1) END AS name
        FROM object
    ), renamed AS (
        SELECT o.id, o.found_name, COALESCE(o.name, '') AS name,
               -- Whoever documents names without the domain wants this one without it too.
               CASE WHEN o.name LIKE '%%.%%' THEN o.found_name ELSE short.name END AS wanted
        FROM object o JOIN short ON short.id = o.id
        WHERE o.found_name <> '' AND lower(COALESCE(o.name, '')) NOT IN (lower(o.found_name), lower(short.name))
          AND lower(split_part(COALESCE(o.name, ''), '.', 1)) <> lower(o.found_name)
          AND lower(COALESCE(o.chassis_name, '')) NOT IN (lower(o.found_name), lower(short.name))
    ), serial AS (
        -- A chassis of several: which of its serial numbers is the master's is not said.
        SELECT o.id, o.serial, CASE WHEN o.found_serial <> '' AND (o.virtual_chassis_id IS NULL OR c.serials IS NULL)
                                    THEN ARRAY[o.found_serial] ELSE c.serials END AS serials
        FROM object o LEFT JOIN chassis c ON c.id = o.id
        WHERE (o.found_serial <> '' OR c.serials IS NOT NULL)
          AND upper(o.serial) <> ALL(ARRAY(
              SELECT upper(n) FROM unnest(COALESCE(c.serials, ARRAY[]::text[]) || ARRAY[o.found_serial]::text[]) n
              WHERE n <> ''
          ))
          -- The serial number of a virtual machine is somebody else's invention, unless it is documented.
          AND (o.virtual_machine_id IS NULL OR o.serial <> '')
          -- Without the chassis of all members, the one that answered says nothing about the master.
          AND (o.virtual_chassis_id IS NULL OR c.serials IS NOT NULL OR o.serial = '')
    ), model AS (
        SELECT o.id, dt.id AS device_type_id, dt.model, o.vendor, o.found_model, c.models,
               COALESCE(NULLIF(o.found_model, ''), c.models[1], '') AS shown
        FROM object o JOIN dcim_devicetype dt ON dt.id = o.device_type_id
        JOIN dcim_manufacturer maker ON maker.id = dt.manufacturer_id
        LEFT JOIN chassis c ON c.id = o.id
        WHERE NOT EXISTS (
            SELECT 1 FROM unnest(COALESCE(c.models, ARRAY[]::text[]) || ARRAY[o.found_model]::text[]) AS f(name),
                unnest(ARRAY[dt.model, dt.part_number]::text[]) AS d(name)
            WHERE f.name <> '' AND d.name <> '' AND (
                {_plain('f.name')} = {_plain('d.name')}
                OR {_plain('f.name')} IN ({_plain('maker.name || d.name')}, {_plain('o.vendor || d.name')})
                OR {_plain('d.name')} IN ({_plain('maker.name || f.name')}, {_plain('o.vendor || f.name')})
                -- One of them more precise than the other: licence, airflow, or the series only.
                OR starts_with({_dashed('f.name')}, {_dashed('d.name')})
                OR starts_with({_dashed('d.name')}, {_dashed('f.name')})
            )
        )
    ), device_type AS (
        SELECT m.id, min(dt.id) AS device_type_id FROM model m
        JOIN dcim_devicetype dt ON lower(dt.model) = lower(m.shown) OR lower(dt.part_number) = lower(m.shown)
        WHERE m.shown <> '' GROUP BY m.id HAVING count(*) = 1
    ), spelled AS MATERIALIZED (
        -- A platform agrees when it, or one that it is part of, is called like this.
        SELECT DISTINCT o.id, form FROM object o
        LEFT JOIN dcim_devicetype dt ON dt.id = o.device_type_id
        LEFT JOIN dcim_manufacturer maker ON maker.id = dt.manufacturer_id
        CROSS JOIN LATERAL (
            SELECT {_plain('o.os')} AS os UNION SELECT alias FROM (VALUES {_ALIAS_ROWS}) a(name, alias)
            WHERE a.name = {_plain('o.os')}
        ) n
        CROSS JOIN LATERAL (VALUES (''), ({_plain('o.vendor')}), ({_plain('maker.name')}),
                                   (split_part(lower(o.vendor), ' ', 1)),
                                   ({_plain("regexp_replace(lower(o.vendor), ' (networks|systems)$', '')")})) p(prefix)
        CROSS JOIN LATERAL (VALUES (p.prefix || n.os), (p.prefix || n.os || 'os')) s(form)
        WHERE o.os <> '' AND p.prefix IS NOT NULL
    ), form AS MATERIALIZED (
        SELECT DISTINCT p.id, {_plain('f.name')} AS form FROM dcim_platform p
        CROSS JOIN LATERAL (VALUES (regexp_replace(lower(p.name), '{_WORDS}', '')), (p.slug)) w(name)
        CROSS JOIN LATERAL (VALUES (w.name), (regexp_replace(w.name, '{_VERSION}', ''))) f(name)
        WHERE EXISTS (SELECT 1 FROM spelled)
    ), called AS MATERIALIZED (
        SELECT DISTINCT s.id, f.id AS platform_id FROM spelled s JOIN form f ON f.form = s.form
    ), platform AS (
        SELECT o.id, o.os, p.name FROM object o LEFT JOIN dcim_platform p ON p.id = o.platform_id
        WHERE o.os <> '' AND NOT EXISTS (
            SELECT 1 FROM called c JOIN dcim_platform above ON above.id = c.platform_id
            WHERE c.id = o.id AND above.path @> p.path
        ) AND NOT (p.id IS NOT NULL AND o.os = 'Linux' AND EXISTS (
            SELECT 1 FROM dcim_platform above WHERE above.path @> p.path AND above.name ~* '{_LINUX}'
        )) AND NOT (p.id IS NOT NULL AND o.os = 'Windows' AND EXISTS (
            SELECT 1 FROM dcim_platform above WHERE above.path @> p.path AND above.name ~* 'windows'
        ))
    ), best_platform AS (
        -- The shortest path: "IOS-XE" before "IOS-XE > 17.9".
        SELECT id, CASE WHEN count(*) = 1 THEN min(platform_id) END AS platform_id FROM (
            SELECT c.id, c.platform_id, rank() OVER (PARTITION BY c.id ORDER BY nlevel(p.path), length(p.name)) AS place
            FROM called c JOIN dcim_platform p ON p.id = c.platform_id
        ) r WHERE place = 1 GROUP BY id
    ), version AS (
        SELECT o.id, o.version, btrim(COALESCE(o.fields ->> cf.name, '')) AS documented, cf.name
        FROM object o
        JOIN extras_customfield cf ON cf.name = %(os_version_field)s
        JOIN extras_customfield_object_types ct ON ct.customfield_id = cf.id AND ct.contenttype_id =
            CASE WHEN o.virtual_machine_id IS NULL THEN %(device_type)s ELSE %(machine_type)s END::integer
        WHERE o.version <> ''
    )
    SELECT id, 'system', 'name', '', found_name, name, jsonb_build_object('name', wanted), length(wanted) <= 64
    FROM renamed
    UNION ALL
    SELECT id, 'platform', 'serial', '', array_to_string(serials, ', '), serial,
           CASE WHEN cardinality(serials) = 1 THEN jsonb_build_object('serial', serials[1]) ELSE '{{}}' END,
           cardinality(serials) = 1 AND length(serials[1]) <= 50
    FROM serial
    UNION ALL
    SELECT m.id, 'platform', 'model', '', m.shown, m.model,
           CASE WHEN t.device_type_id IS NULL THEN '{{}}' ELSE jsonb_build_object('device_type', t.device_type_id) END,
           t.device_type_id IS NOT NULL
    FROM model m LEFT JOIN device_type t ON t.id = m.id WHERE m.shown <> ''
    UNION ALL
    SELECT p.id, 'platform', 'platform', '', p.os, COALESCE(p.name, ''),
           CASE WHEN b.platform_id IS NULL THEN '{{}}' ELSE jsonb_build_object('platform', b.platform_id) END,
           b.platform_id IS NOT NULL
    FROM platform p LEFT JOIN best_platform b ON b.id = p.id
    UNION ALL
    SELECT id, 'platform', 'os-version', '', version, documented,
           jsonb_build_object('field', name, 'value', version), true
    FROM version WHERE version <> documented
"""
