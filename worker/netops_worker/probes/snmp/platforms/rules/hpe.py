"""HPE with Aruba, H3C and 3Com."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Column,
    Descr,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# SEMI-MIB hpHttpMgSerialNumber, NETSWITCH-MIB hpSwitchOsVersion
_HP_SERIAL = Scalar('11.2.36.1.1.2.9.0')

_HP_VERSION = Scalar('11.2.14.11.5.1.1.3.0')

_HP_CHASSIS = Entity('description', r'^(?:HP |HPE |Aruba )*(J[LE]?\d{2,4}[A-Z] .+)$')

# HH3C-ENTITY-EXT-MIB hh3cEntityExtManuSerialNum
_COMWARE_SERIAL = Column('25506.2.6.1.2.1.1.2')

# What comes before the version, up to the name of the platform
_BEFORE_VERSION = Descr(
    r'^(?:HPE? |3Com )?(?:Series Router )?(.+?) (?:Switch )?(?:(?:HPE?|3Com) Comware Platform Software .*?)?'
    r'Software Version'
)

RULES = (
    Rule(
        'aruba-cx',
        'Aruba',
        'AOS-CX',
        '47196.4.1',
        r'^(?!.* revision )(?:(?:HPE )?(?:Aruba|ANW) ?(?P<model>.*?)(?: Swch| Switch)?,? )?'
        r'(?P<version>[A-Z]{2}\.\d\d\.\d\d\.\w+)$',
        model=(Entity('description'), DESCR, CHASSIS),
    ),
    Rule(
        'aruba-cx',
        'Aruba',
        'AOS-CX',
        '47196.4.1',
        version=(Entity('software'),),
        model=(Entity('description'), CHASSIS),
    ),
    Rule(
        'aruba-instant',
        'Aruba',
        'Instant',
        '14823.1.2',
        r'\(MODEL: (?P<model>[^)]+)\), Version (?P<version>[^\s,]+)',
        serial=(CHASSIS, Column('14823.2.3.3.1.2.1.1.4')),
        alone=False,
    ),
    Rule(
        'aruba-instant',
        'Aruba',
        'Instant',
        '14823.1.2',
        r'^(?:.*?Version (?P<version>\d[^\s,]+))?',
        version=(Scalar('14823.2.3.3.1.1.4.0'), DESCR),
        model=(CHASSIS, Column('14823.2.3.3.1.2.1.1.6')),
        serial=(CHASSIS, Column('14823.2.3.3.1.2.1.1.4')),
        alone=False,
    ),
    # The version of ArubaOS it was made from, then its own
    Rule(
        'aruba-instant',
        'Aruba',
        'Instant',
        descr=r'^(?:ArubaOS|AOS-\d+) \(MODEL: (?P<model>\w+)\), Version (?P<version>\d+(?:\.\d+){3}-\d+(?:\.\d+){3})\b',
        serial=(CHASSIS, Column('14823.2.3.3.1.2.1.1.4')),
    ),
    Rule(
        'aruba-clearpass',
        'Aruba',
        'ClearPass',
        '14823.1.6 8072',
        r'^ClearPass Policy Manager (?P<version>[^,]+), Model: (?P<model>[^,]+)',
        serial=(CHASSIS, Column('14823.1.6.1.1.1.1.1.2')),
    ),
    Rule(
        'aruba-os',
        'Aruba',
        'ArubaOS',
        descr=r'ArubaOS \(MODEL: (?P<model>ArubaS\d[^)]+)\), Version (?P<version>[^\s,]+)',
    ),
    # The ENTITY-MIB of a controller has the access switches that it manages, not itself.
    Rule(
        'aruba-os',
        'Aruba',
        'ArubaOS',
        descr=r'(?:ArubaOS|AOS-W)(?: \(MODEL: (?P<model>[^)]+)\),)? Version (?P<version>[^\s,]+)',
        model=(DESCR, Scalar('14823.2.2.1.1.1.2.0'), Scalar('14823.2.2.1.2.1.3.0')),
        serial=(Scalar('14823.2.2.1.2.1.29.0'), Scalar('14823.2.2.1.1.1.12.0')),
        chassis=False,
    ),
    Rule(
        'aruba-os',
        'Aruba',
        'ArubaOS',
        '14823.1.1',
        version=(Scalar('14823.2.2.1.2.1.28.0'),),
        model=(Scalar('14823.2.2.1.1.1.2.0'), Scalar('14823.2.2.1.2.1.3.0')),
        serial=(Scalar('14823.2.2.1.2.1.29.0'), Scalar('14823.2.2.1.1.1.12.0')),
        chassis=False,
    ),
    Rule(
        'hpe-instant-on',
        'HPE',
        'Instant On',
        '11.2.3.7.11',
        r'^(?:HPE Networking|Aruba) Instant On (?:Switch )?(?P<model>.+?), (?:\w*_)?(?P<version>\d[\w.]+)',
        model=(DESCR,),
    ),
    Rule(
        'hpe-officeconnect',
        'HPE',
        'ProCurve',
        '11.2.3.7.11',
        r'^(?:HPE?|HPE OfficeConnect)(?: Switch)? (?P<model>(?:ProCurve )?(?:PS|V)?1\d{3}.*?), '
        r'(?P<version>[A-Z]{1,2}\.\d+\.[\w.]+)',
        model=(DESCR,),
        serial=(CHASSIS, _HP_SERIAL),
    ),
    Rule(
        'hpe-procurve',
        'HPE',
        'ProCurve',
        '11.2.3.7 11.2.14',
        r'(?i)^(?:HP|HPE|Aruba|HPE ANW|ProCurve|Hewlett-Packard(?: Company)?|hp networking)?,? ?(?:ProCurve )?'
        r'(?P<model>(?:J[LE]?\d{2,4}[A-Z]|JL\d{3}A|R\d\w{4}) ?(?:(?:ProCurve )?(?:Switch )?[\w.+/()-]+?'
        r'(?: [\w+/.()-]+?)*?)?)'
        r'(?: Switch)?(?: Stack)?,? (?:revision |- )(?P<version>[A-Z]{1,2}\.\d+\.\w+(?:\.\w+)?)',
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, _HP_SERIAL),
        alone=True,
    ),
    # Switches that Foundry built
    Rule(
        'hpe-procurve',
        'HPE',
        'ProCurve',
        '11.2.3.7.11',
        r'ProCurve (?P<model>Routing Switch \w+), Software Version (?P<version>\d[\w.]+)',
        serial=(CHASSIS, _HP_SERIAL),
    ),
    Rule(
        'hpe-procurve',
        'HPE',
        'ProCurve',
        '11.2.3.7 11.2.14',
        r'(?i)(?:revision |- )(?P<version>[A-Z]{1,2}\.\d+\.\w+(?:\.\w+)?)',
        version=(_HP_VERSION, Entity('software', r'^([A-Z]{1,2}\.\d\d\.\S+)'), DESCR),
        model=(CHASSIS, _HP_CHASSIS),
        serial=(CHASSIS, _HP_SERIAL),
    ),
    Rule(
        'hpe-virtual-connect',
        'HPE',
        'Virtual Connect',
        '11.5.7.5',
        r'^HP VC (?P<model>.+? Module) (?P<version>\S+)',
        version=(DESCR, Scalar('11.2.36.1.1.2.6.0')),
        serial=(CHASSIS, _HP_SERIAL),
    ),
    Rule(
        'hpe-gbe2c',
        'HPE',
        'GbE2c',
        '11.2.3.7.11.33 11.2.3.7.11.34',
        r'^(?P<model>GbE2c)',
        version=(Scalar('11.2.3.7.11.33.1.2.1.1.1.10.0'),),
    ),
    Rule(
        'hpe-procurve',
        'HPE',
        'ProCurve',
        '11.2.3.7',
        version=(_HP_VERSION, Entity('software', r'^([A-Z]{1,2}\.\d\d\.\S+)')),
        serial=(CHASSIS, _HP_SERIAL),
    ),
    Rule(
        'hpe-msm',
        'HPE',
        'MSM',
        '8744',
        r'^(?P<model>\S+).*? - Serial number (?P<serial>\w+) - Firmware version (?P<version>[\w.-]+)',
        alone=True,
    ),
    Rule(
        'hpe-msm',
        'HPE',
        'MSM',
        '8744',
        version=(Scalar('8744.5.6.1.1.2.0'),),
        model=(CHASSIS, Scalar('8744.5.6.1.1.1.0')),
        serial=(CHASSIS, Scalar('8744.5.6.1.1.5.0')),
    ),
    Rule(
        'h3c-comware',
        'H3C',
        'Comware',
        '25506 2011.10',
        r'H3C Comware.*?Software Version (?P<version>[\d.]+)(?:.* H3C (?P<model>[\w-]+)(?: Copyright|$))?',
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    Rule(
        'h3c-comware',
        'H3C',
        'Comware',
        '25506',
        r'^H3C (?:Switch )?(?P<model>\S+) (?:Switch )?Software Version (?P<version>\d\.[\d.]+)',
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    # Access controllers tell the release of the product, but not the one of Comware
    Rule(
        'h3c-comware',
        'H3C',
        'Comware',
        '25506',
        r'^H3C Comware Platform Software.*? Product Version (?P<version>Release \w+)',
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    # 3Com built it; neither ProCurve nor Comware
    Rule(
        'hpe-1905',
        'HPE',
        'HP 1905',
        '43 25506 11',
        r'^HPE? (?P<model>V?1905-\w+(?:-\w+)*) Switch(?: Product Version (?P<version>\d[\w.]*))?',
        alone=True,
    ),
    Rule(
        'hpe-comware',
        'HPE',
        'Comware',
        '25506 43 11',
        r'Software Version (?P<version>\d\.[\d.]+)(?:.*?Release \w+ (?:HPE?|H3C) (?P<model>.+?) '
        r'(?:Switch |Router )?Copyright)?',
        version=(DESCR,),
        model=(DESCR, CHASSIS, _BEFORE_VERSION),
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    Rule(
        'h3c-comware',
        'H3C',
        'Comware',
        descr=r'H3C .*Comware.*?Software Version (?P<version>[\d.]+)',
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    Rule(
        'hpe-comware',
        'HPE',
        'Comware',
        descr=r'(?:3Com|HPE?) .*Comware.*?Software Version (?P<version>[\d.]+)',
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
    Rule(
        'comware',
        '',
        'Comware',
        '25506',
        version=(Entity('software', r'^(\d\.[\d.]+)'), Entity('software', r'^(Release \w+)')),
        serial=(CHASSIS, _COMWARE_SERIAL),
    ),
)
