"""Allied Telesis and Alcatel-Lucent Enterprise."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Column,
    Descr,
    Entity,
    ObjectIdName,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# AT-RESOURCE-MIB, rscBoardName and rscBoardSerialNumber of the base board of stack member 1
_ALLIED_BOARD = Scalar('207.8.4.4.3.21.1.1.4.1.1')

_ALLIED_SERIAL = Scalar('207.8.4.4.3.21.1.1.8.1.1')

# The same of whichever member is there
_ALLIED_BOARDS = Column('207.8.4.4.3.21.1.1.4', r'^(AT-\S.*)$')

_ALLIED_SERIALS = Column('207.8.4.4.3.21.1.1.8')

# Units of a stack, which are containers to the ENTITY-MIB
_ALLIED_UNIT = Entity('name', r'^(AT-\S+)$', 5)

_ALLIED_UNIT_SERIAL = Entity('serial', kind=5)

# RADLAN-Physicaldescription-MIB, rlPhdUnitGenParam... of unit 1
_RADLAN_VERSION = Scalar('89.53.14.1.2.1')

_RADLAN_SERIAL = Scalar('89.53.14.1.5.1')

RULES = (
    Rule(
        'allied-awplus-chassis',
        'Allied Telesis',
        'AlliedWare Plus',
        '207.1.14.86 207.1.14.114',
        r'(?:AW\+|AlliedWare Plus)[^\d]*(?P<version>\d+\.\d+[\w.-]*)',
        version=(DESCR, Scalar('207.8.4.4.4.500.2.1.1.0')),
        model=(CHASSIS, ObjectIdName({'207.1.14.86': 'AT-SBx8112', '207.1.14.114': 'AT-SBx8106'})),
    ),
    Rule(
        'allied-awplus',
        'Allied Telesis',
        'AlliedWare Plus',
        '207',
        r'(?:AW\+|AlliedWare Plus)[^\d]*(?P<version>\d+\.\d+[\w.-]*)',
        version=(DESCR, Scalar('207.8.4.4.4.500.2.1.1.0')),
        model=(CHASSIS, _ALLIED_UNIT, _ALLIED_BOARD, _ALLIED_BOARDS),
        serial=(CHASSIS, _ALLIED_UNIT_SERIAL, _ALLIED_SERIAL, _ALLIED_SERIALS),
    ),
    Rule('allied-tq', 'Allied Telesis', 'AT-TQ', '207.1', r'^(?P<model>AT-TQ\S+) version (?P<version>\S+)', alone=True),
    Rule(
        'allied-ware',
        'Allied Telesis',
        'AlliedWare',
        '207.1',
        r'^(?:Allied Tele\w+ )?(?P<model>AT-\S+)(?:.*?(?:[Vv]ersion|v) ?(?P<version>\d\S+))?',
        version=(DESCR, Scalar('207.8.15.1.7.2.0'), Entity('software')),
        serial=(CHASSIS, Scalar('207.8.4.4.5.2.1.5.1')),
    ),
    Rule(
        'allied-ware',
        'Allied Telesis',
        'AlliedWare',
        '207',
        r'^(?:(?P<model>(?:CentreCOM|Rapier|SwitchBlade) \S+),)?.*?version (?P<version>\d[\w.-]+)',
        serial=(CHASSIS, Scalar('207.8.4.4.5.2.1.5.1')),
    ),
    Rule(
        'allied-awplus',
        'Allied Telesis',
        'AlliedWare Plus',
        '207',
        present='207.8.4.4.4.500',
        version=(Scalar('207.8.4.4.4.500.2.1.1.0'),),
        model=(CHASSIS, _ALLIED_UNIT, _ALLIED_BOARD, _ALLIED_BOARDS),
        serial=(CHASSIS, _ALLIED_UNIT_SERIAL, _ALLIED_SERIAL, _ALLIED_SERIALS),
    ),
    *(
        Rule(
            'allied-ware',
            'Allied Telesis',
            'AlliedWare',
            '207',
            descr,
            version=(Entity('software'), _RADLAN_VERSION),
            model=(CHASSIS, Entity('description', r'^(AT-\S+)$'), Descr(r'^\S+ (AT-\S+)')),
            serial=(CHASSIS, _RADLAN_SERIAL),
            alone=True,
        )
        for descr in ('', r'^ATI AT-\d')
    ),
    Rule(
        'ale-aos',
        'Alcatel-Lucent Enterprise',
        'AOS',
        '6486.80 6486.800 6486.801',
        r'^Alcatel-Lucent (?:Enterprise )?(?P<model>OS\S+(?: \d\w+)?) (?P<version>\d+(?:\.\w+)+)',
        model=(CHASSIS, DESCR),
    ),
    Rule(
        'ale-omnistack',
        'Alcatel-Lucent Enterprise',
        'OmniStack',
        '6486.800',
        r'^(?P<model>OmniStack LS \S+)',
        version=(_RADLAN_VERSION, Entity('software')),
        model=(CHASSIS, Entity('description', r'^(OmniStack LS \S+)'), DESCR),
        serial=(CHASSIS, _RADLAN_SERIAL),
    ),
    Rule(
        'ale-stellar',
        'Alcatel-Lucent Enterprise',
        'Stellar',
        '6486.802',
        r'^(?P<model>OAW-AP\S+)(?: (?P<version>\d\S+))?',
        serial=(CHASSIS, Scalar('@.1.1.6'), Scalar('@.1.1.6.0')),
        alone=True,
    ),
    Rule(
        'ale-aos',
        'Alcatel-Lucent Enterprise',
        'AOS',
        '6486.800 6486.801',
        r'(?:^(?:Alcatel-Lucent (?:Enterprise )?)?(?P<version>\d+(?:\.\d+)+\.R\d+) )?',
        version=(Entity('software'), DESCR),
    ),
)
