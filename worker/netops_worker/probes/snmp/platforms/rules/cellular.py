"""Mobile gateways."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Column,
    Descr,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# The name at the head of a product code
_TELTONIKA = r'^(RUT[XM]\d\d|(?:RUT|TRB|TAP|TSW)\d{3})'

RULES = (
    Rule(
        'teltonika-tsw',
        'Teltonika',
        'TSWOS',
        '24686',
        r'^(?P<model>TSW\d{3}) V\d',
        version=(Scalar('48690.1.6.0'),),
        serial=(Scalar('48690.1.1.0'),),
        alone=True,
    ),
    Rule(
        'teltonika-rutos',
        'Teltonika',
        'RutOS',
        '8072 48690',
        present='48690.1',
        version=(Scalar('48690.1.6.0'), Scalar('48690.2.14.0', r'^(RUT\w*_\d\d\.\d\S*)')),
        model=(
            CHASSIS,
            Descr(r'^Linux (?:Teltonika-)?((?:RUT[XM]?|TRB|TAP|TSW|OTD|ATRM)\d+)\b'),
            Scalar('48690.1.2.0', r'^((?:RUT[XM]?|TRB|TAP|TSW|OTD|ATRM)\d+)'),
            Scalar('48690.1.3.0', _TELTONIKA),
            Scalar('48690.1.7.0', _TELTONIKA),
        ),
        serial=(CHASSIS, Scalar('48690.1.5.0', r'^(\d{6,})$'), Scalar('48690.1.1.0')),
    ),
    Rule(
        'teltonika-rutos',
        'Teltonika',
        'RutOS',
        '8072',
        r'^Linux (?:Teltonika(?:-(?P<model>(?:RUT|TRB)\w*\d+))?\b|(?:RUT[XM]?|TRB)\d+ )',
        model=(DESCR, Descr(r'^Linux ((?:RUT[XM]?|TRB)\d+) ')),
    ),
    Rule(
        'advantech-icr',
        'Advantech',
        'ICR-OS',
        '30140',
        r'^(?P<model>\S+) (?P<version>\d+\.\d+\.\d+)',
        version=(DESCR, Scalar('30140.6.2.0')),
        model=(CHASSIS, Scalar('30140.6.1.0'), DESCR),
        serial=(CHASSIS, Scalar('30140.6.3.0')),
    ),
    Rule(
        'cradlepoint',
        'Cradlepoint',
        'NetCloud OS',
        '20992',
        r'^Cradlepoint (?P<model>[^,]+), Firmware Version (?P<version>\d[\w.]*)',
    ),
    Rule('cradlepoint', 'Cradlepoint', 'NetCloud OS', '20992', version=(Scalar('20992.1.1.1.0'),)),
    Rule(
        'sierra-aleos',
        'Sierra Wireless',
        'ALEOS',
        '20542',
        r'(?:^(?P<model>(?:(?:Sierra Wireless )?Air[Ll]ink )?[A-Z]+\d\S*))?',
        version=(Scalar('20542.9.1.1.1.4.0'),),
    ),
    Rule('netmodule', 'NetModule', 'NRSW', '31496', r'^(?P<model>N[BG]\d+\S*)'),
    Rule(
        'ge-mds-orbit',
        'GE',
        'MDS Orbit',
        '4130.10',
        version=(Column('4130.10.1.1.1.2.7.1.2', r'^(\d+\.\d+\.\d+)'),),
        model=(CHASSIS, Scalar('4130.10.1.1.1.2.3.0')),
        serial=(CHASSIS, Scalar('4130.10.1.1.1.2.2.0')),
    ),
)
