"""Switches of vendors known in a region of the world: China and Japan, Russia, Czechia, Brazil."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# What DCN and those write that build on its software
_DEVICE = (
    r'^(?P<model>\S+) Device,.*?SoftWare (?:Package )?Version (?:\S+?_)?(?P<version>\d\S+)'
    r'(?:.*(?i:serial (?:no\.?|number)):? ?(?P<serial>\w+))?'
)

RULES = (
    Rule(
        'maipu',
        'Maipu',
        'MyPower',
        '5651',
        r'MyPower (?P<model>\S+) version (?P<version>[\d.]+)',
    ),
    Rule('maipu', 'Maipu', 'MyPower', '5651', _DEVICE, model=(DESCR, CHASSIS)),
    Rule('dcn', 'DCN', 'DCNOS', '6339 40418 27514', _DEVICE, model=(DESCR, CHASSIS)),
    Rule(
        'dcn',
        'DCN',
        'DCNOS',
        '6339',
        r'^(?P<model>\S+) Device,',
        version=(Scalar('6339.100.1.3.0'), Entity('software')),
        model=(DESCR, CHASSIS),
    ),
    # swOpCodeVer and swSerialNumber of the MIB that each product has
    Rule(
        'dcn',
        'DCN',
        'DCNOS',
        '6339',
        r'^Digital China (?P<model>DCR?S-\S+)',
        version=(Scalar('@.1.1.3.1.6.1'),),
        model=(CHASSIS, DESCR),
        serial=(CHASSIS, Scalar('@.1.1.3.1.10.1')),
    ),
    Rule(
        'snr',
        'SNR',
        'SNR',
        '40418.7',
        r'^(?P<model>SNR-\S+) Device,',
        version=(Scalar('40418.7.100.1.3.0'), Entity('software')),
        model=(DESCR, CHASSIS),
    ),
    Rule('snr-erd', 'SNR', 'SNR-ERD', '40418.2', r'^(?P<model>SNR-ERD\S*); SW: (?P<version>\S+)'),
    Rule(
        'dptech',
        'DPtech',
        'ConPlat',
        '31648',
        r'(?i)ConPlat Software, Version (?P<version>V\w+)(?:, Release \w+ (?P<model>\S+) Product Version)?',
        # The chassis of a virtual switching matrix is called by its number.
        model=(DESCR, CHASSIS),
    ),
    Rule(
        'alaxala',
        'ALAXALA',
        'AX-OS',
        '21839',
        r'^ALAXALA \S+ \S+ \[(?P<model>[^\]]+)\] Switching software Ver\. ?(?P<version>\S+)',
    ),
    Rule('alaxala', 'ALAXALA', 'AX-OS', '21839', r'^ALAXALA'),
    Rule('metel', 'METEL', 'METEL', '38616', r'^(?P<model>[\w.-]+).*?, fw: ?(?P<version>\d[\d.]+)'),
    Rule(
        'engenius-switch',
        'EnGenius',
        'EnGenius',
        '44194 14125',
        r'^EnGenius (?P<model>[A-Z]\w*\d\w*)',
        version=(Entity('firmware'), Entity('software')),
        model=(CHASSIS, DESCR),
    ),
    Rule('engenius', 'EnGenius', 'EnGenius', '14125'),
    Rule(
        'intelbras',
        'Intelbras',
        'Intelbras',
        '26138',
        r'(?P<model>(?:SG|SF|S\d)\S*)?',
        version=(Entity('software'), Scalar('1.3.6.1.2.1.16.19.2.0')),
    ),
    Rule('parks', 'Parks', 'Parks', '50224', r'^(?P<model>PK-\S+|Fiberlink \S+)'),
)
