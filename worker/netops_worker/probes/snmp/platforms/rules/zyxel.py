"""Zyxel: switches, firewalls, access points and DSL."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

RULES = (
    Rule(
        'zyxel-ies',
        'Zyxel',
        'IES',
        '890.1.5.13',
        version=(Scalar('890.1.5.13.13.16.1.0'),),
        model=(CHASSIS, Scalar('890.1.5.13.13.16.12.2.0')),
        serial=(CHASSIS, Scalar('890.1.5.13.13.16.12.5.0'), Scalar('890.1.5.13.5.6.2.1.3.0')),
    ),
    Rule(
        'zyxel-cpe',
        'Zyxel',
        'Zyxel CPE',
        '890.1.2 890.1.15 890',
        r'(?i)IAD|VDSL|ADSL',
        version=(Scalar('890.1.2.1.1.1.0'),),
        model=(CHASSIS, Scalar('890.1.2.1.1.2.0')),
        serial=(CHASSIS, Scalar('890.1.2.1.1.10.0')),
        alone=False,
    ),
    Rule(
        'zyxel-zywall',
        'Zyxel',
        'ZLD',
        '890.1.6 890.1.15',
        r'^(?P<model>(?:ZyWALL|USG|ATP|VPN|Zywall|USGFLEX|USG FLEX)[\w -]*)$',
        version=(Scalar('890.1.15.3.1.6.0', r'^(\S+)'),),
        model=(CHASSIS, Scalar('890.1.15.3.1.11.0'), DESCR),
        serial=(CHASSIS, Scalar('890.1.15.3.1.12.0')),
    ),
    Rule(
        'zyxel-zywall',
        'Zyxel',
        'ZLD',
        descr=r'^(?P<model>ZyWALL [\w -]+|USG\d\w*(?:-VPN)?|USG ?FLEX \w+)$',
        version=(Scalar('890.1.15.3.1.6.0', r'^(\S+)'),),
        model=(CHASSIS, Scalar('890.1.15.3.1.11.0'), DESCR),
        serial=(CHASSIS, Scalar('890.1.15.3.1.12.0')),
    ),
    Rule(
        'zyxel-wlan',
        'Zyxel',
        'Zyxel WLAN',
        '890.1.9 890.1.15',
        r'^(?:(?P<model>(?:NWA|WAC|WAX|NXC|WBE)-?\d\S*)|NWA-)',
        version=(Scalar('890.1.15.3.1.6.0', r'^(\S+)'),),
        model=(CHASSIS, Scalar('890.1.15.3.1.11.0'), DESCR),
        serial=(CHASSIS, Scalar('890.1.15.3.1.12.0')),
    ),
    Rule('zyxel-ies', 'Zyxel', 'IES', '890.1.5.11', r'^(?P<model>(?:IES|AAM)-?\d[\w-]*)'),
    Rule(
        'zyxel-zynos',
        'Zyxel',
        'ZyNOS',
        '890.1.5.8 890.1.5.18 890.1.15',
        r'^(?P<model>[A-Z]+-?\d[\w-]*)',
        version=(Scalar('890.1.15.3.1.6.0', r'^(\S+)'), Entity('software')),
        model=(CHASSIS, Scalar('890.1.15.3.1.11.0'), DESCR),
        serial=(CHASSIS, Scalar('890.1.15.3.1.12.0'), Scalar('@.1.10.0', r'^(\w{8,})$')),
    ),
    Rule('zyxel-prestige', 'Zyxel', 'ZyNOS', '890.1', r'(?i)^(?P<model>Prestige \d\S*)', alone=True),
)
