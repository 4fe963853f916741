"""Switches of offices and small networks."""

from netops_worker.probes.snmp.platforms.rule import (
    ANY,
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

_RADLAN_MODEL = Scalar('89.53.14.1.11.1')

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
    Rule('allied-tq', 'Allied Telesis', 'AT-TQ', '207.1', r'^(?P<model>AT-TQ\S+) version (?P<version>\S+)'),
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
    Rule(
        'allied-ware',
        'Allied Telesis',
        'AlliedWare',
        '207',
        version=(Entity('software'), _RADLAN_VERSION),
        model=(CHASSIS, Entity('description', r'^(AT-\S+)$')),
        serial=(CHASSIS, _RADLAN_SERIAL),
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
    ),
    Rule(
        'ale-aos',
        'Alcatel-Lucent Enterprise',
        'AOS',
        '6486.800 6486.801',
        r'(?:^(?:Alcatel-Lucent (?:Enterprise )?)?(?P<version>\d+(?:\.\d+)+\.R\d+) )?',
        version=(Entity('software'), DESCR),
    ),
    Rule(
        'dlink-smart',
        'D-Link',
        'D-Link',
        '171.10',
        r'^(?P<model>(?:WS\d-)?D\w\w-\S+) (?P<version>\d+\.\d+\.\w+)$',
        serial=(CHASSIS, Scalar('171.12.1.1.12.0'), Column('171.12.11.1.9.4.1.17')),
    ),
    Rule(
        'dlink',
        'D-Link',
        'D-Link',
        '171',
        r'^(?:D-?[Ll]ink )?(?P<model>D\w\w-\d\S*)',
        version=(
            Scalar('1.3.6.1.2.1.16.19.2.0', r'(\d\S*)$'),
            Entity('software'),
            Column('171.12.11.1.9.4.1.11', r'(\d\S*)$'),
            Scalar('171.14.5.1.8.1.3.1'),
            Scalar('1.3.6.1.2.1.2.2.1.2.1', r'(?i)firmware (\d\S*)'),
        ),
        serial=(CHASSIS, Scalar('171.12.1.1.12.0'), Column('171.12.11.1.9.4.1.17')),
        model=(DESCR, CHASSIS),
    ),
    Rule(
        'dlink',
        'D-Link',
        'D-Link',
        '171',
        version=(Scalar('1.3.6.1.2.1.16.19.2.0', r'(\d\S*)$'),),
        serial=(CHASSIS, Scalar('171.12.1.1.12.0')),
    ),
    Rule(
        'tplink-switch',
        'TP-Link',
        'JetStream',
        '11863',
        version=(Scalar('11863.6.1.1.6.0'), Scalar('1.3.6.1.2.1.16.19.2.0')),
        model=(CHASSIS, Scalar('11863.6.1.1.5.0'), Scalar('1.3.6.1.2.1.16.19.3.0', r'^([A-Z]+-\w+)')),
        serial=(CHASSIS, Scalar('11863.6.1.1.8.0')),
    ),
    Rule('tplink-router', 'TP-Link', 'TP-Link', '16972', r'^(?P<version>\d+\.\d+\S* .*?v\w+\.\w+ Build \d+ Rel\.\w+)'),
    Rule(
        'netgear',
        'Netgear',
        'Netgear',
        '4526',
        r'^(?P<model>[A-Z]+\d\S*)(?: .*?)?, (?P<version>\d+\.\d+[\w.]+)',
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, Scalar('4526.10.1.1.1.4.0'), Scalar('4526.11.1.1.1.4.0')),
    ),
    Rule(
        'netgear',
        'Netgear',
        'Netgear',
        '4526',
        r'^(?P<model>[A-Z]{2,}\d{2,}\w*)?',
        version=(Scalar('4526.10.1.1.1.13.0'), Scalar('4526.11.1.1.1.13.0'), Entity('software')),
        model=(CHASSIS, Scalar('4526.10.1.1.1.3.0'), Scalar('4526.11.1.1.1.3.0'), DESCR),
        serial=(CHASSIS, Scalar('4526.10.1.1.1.4.0'), Scalar('4526.11.1.1.1.4.0')),
    ),
    Rule(
        'ruijie',
        'Ruijie',
        'RGOS',
        '4881',
        r'\((?P<model>[\w-]+)\) By Ruijie',
        version=(Scalar('4881.1.1.10.2.1.1.2.0', r'(?:RGOS )?(\d+\.\S+?)(?:,|$)'), Entity('software')),
        serial=(CHASSIS, Scalar('4881.1.1.10.2.1.1.24.0')),
    ),
    Rule(
        'ruijie',
        'Ruijie',
        'RGOS',
        '4881',
        version=(Scalar('4881.1.1.10.2.1.1.2.0'),),
        serial=(CHASSIS, Scalar('4881.1.1.10.2.1.1.24.0')),
    ),
    Rule(
        'eltex-mes24',
        'Eltex',
        'Eltex',
        '35265.1',
        r'^(?P<model>MES24\S+(?: AC| DC)?)',
        version=(Entity('firmware'), Entity('software')),
        serial=(CHASSIS, Scalar('2076.81.1.120.0')),
        model=(DESCR, CHASSIS),
    ),
    Rule(
        'eltex-mes',
        'Eltex',
        'Eltex',
        '35265.1',
        r'^(?P<model>MES\S+(?: AC| DC)?)',
        version=(_RADLAN_VERSION, Entity('software')),
        model=(_RADLAN_MODEL, CHASSIS, DESCR),
        serial=(CHASSIS, _RADLAN_SERIAL),
    ),
    Rule(
        'eltex-olt',
        'Eltex',
        'Eltex OLT',
        '35265.1',
        r'(?i)^(?:ELTEX )?(?P<model>(?:LTP|LTE|MA|LTX)-?\d\w*)',
        version=(Scalar('35265.1.22.1.1.6.0'), Descr(r'(\d+\.\d+\.\d+\S*)')),
    ),
    Rule('eltex-olt', 'Eltex', 'Eltex OLT', '35265.1.21 35265.1.22', version=(Scalar('35265.1.22.1.1.6.0'),)),
    Rule('eltex', 'Eltex', 'Eltex', '35265', version=(Entity('software'),)),
    Rule(
        'quanta',
        'Quanta',
        'FASTPATH',
        '7244 4413',
        r'^(?:Quanta )?(?P<model>L[BY]\w+)(?:[^,]*, (?P<version>\d[\d.]+))?',
        version=(DESCR, Entity('software'), Scalar('4413.1.1.1.1.1.13.0')),
    ),
    Rule(
        'supermicro-switch',
        'Supermicro',
        'Supermicro',
        descr=r'^SuperSwitch (?P<model>\S+) Firmware revision: (?P<version>[\d.-]+\d)',
    ),
    Rule(
        'planet-wgsw',
        'PLANET',
        'PLANET',
        '10456',
        r'^(?:PLANET )?(?P<model>[A-Z]{2,}-\w[\w-]*).*?SoftWare Version (?P<version>\S+)',
    ),
    Rule(
        'planet',
        'PLANET',
        'PLANET',
        '10456',
        r'^(?:PLANET,? )?(?P<model>[A-Z]{2,}-\w[\w-]*)(?:,.*, (?P<version>v\d[\w.]+))?',
        version=(DESCR, Entity('software'), Entity('software', kind=ANY), Scalar('10456.3.1.4.0')),
    ),
    Rule(
        'planet',
        'PLANET',
        'PLANET',
        '10456',
        version=(Entity('software'), Entity('software', kind=ANY), Scalar('10456.3.1.4.0')),
        model=(CHASSIS, Scalar('10456.3.1.1.0')),
        serial=(CHASSIS, Scalar('10456.3.1.3.0')),
    ),
    Rule(
        'trendnet',
        'TRENDnet',
        'TRENDnet',
        '28866',
        r'^(?:TRENDnet )?(?P<model>T\w+-\w+)',
        version=(Entity('software'), Scalar('1.3.6.1.2.1.16.19.2.0')),
    ),
    Rule(
        'grandstream-switch',
        'Grandstream',
        'Grandstream',
        '42397',
        r'^(?P<model>GWN78\w+)',
        version=(Entity('software'),),
        model=(DESCR,),
    ),
    Rule(
        'advantech',
        'Advantech',
        'Advantech',
        '10297',
        model=(CHASSIS, Scalar('10297.100.1.1.0')),
        version=(Scalar('10297.100.1.4.0'),),
    ),
    Rule(
        'fujitsu-switch',
        'Fujitsu',
        'Fujitsu',
        '231 211',
        r'^(?:Fujitsu )?(?P<model>PY CB .+?)(?:, Runtime Code (?P<version>\S+))?$',
    ),
    Rule('vubiq', 'Vubiq', 'Vubiq', '46330', r'(?:^(?P<model>[A-Z]+\d\S*))?'),
    Rule(
        'radlan',
        '',
        'Radlan',
        '89.1',
        version=(_RADLAN_VERSION, Scalar('89.2.4.0')),
        serial=(CHASSIS, _RADLAN_SERIAL),
        model=(CHASSIS, _RADLAN_MODEL),
    ),
)
