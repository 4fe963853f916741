"""Product lines that are sold no longer, but run on. Before the rules of those who bought their vendors."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Descr,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# swOpCodeVer and swSerialNumber of the first unit, in the MIB that Accton gave each of its products
_ACCTON_VERSION = (Scalar('@.1.1.3.1.6.1', r'^(\d\S*)'), Scalar('^.1.1.3.1.6.1', r'^(\d\S*)'))

_ACCTON_SERIAL = (Scalar('@.1.1.3.1.10.1'), Scalar('^.1.1.3.1.10.1'))

RULES = (
    # Also of the sister model 2820, and of the years before Cisco bought Grand Junction
    Rule(
        'cisco-catalyst-1900',
        'Cisco',
        'Catalyst 1900',
        '9.5 437',
        r'^Cisco Systems,?(?: Inc\.?)? (?P<model>Catalyst \d{4}),? ?V(?P<version>\d+\.\d[\w.]*)',
    ),
    Rule(
        'cisco-vpn3000',
        'Cisco',
        'VPN 3000',
        '3076 9.1',
        r'(?P<model>VPN 3000 (?:Concentrator|Hardware Client))(?: Series)? Version '
        r'(?P<version>\d+(?:\.(?!Rel\b)\w+)+)',
        alone=True,
    ),
    # Cisco CSS, once ArrowPoint
    Rule(
        'cisco-webns',
        'Cisco',
        'WebNS',
        '9.9.368 2467',
        r'^Content Switch SW Version (?P<version>\d\S*)',
        alone=True,
    ),
    # Lannet built the first of these
    Rule(
        'avaya',
        'Avaya',
        'Avaya',
        '81 6889',
        r'^(?:Avaya|Lucent)(?: Technologies)?,? Inc\.?,? (?:- )?(?P<model>[A-Z]\w*\d[\w-]*(?: Media Gateway)?) ?, '
        r'S[Ww] [Vv]ersion:? (?P<version>\d[^\s,]*)',
    ),
    Rule(
        'enterasys-ssr',
        'Enterasys',
        'SmartSwitch Router',
        '52 5624',
        r'^(?P<model>(?:SSR|ER|XP|X-Pedition)[ -]?\w+) - (?:Cabletron|Enterasys)[\w ]*, Inc\.? '
        r'Firmware Version: (?P<version>[\w.]+)',
    ),
    Rule(
        'riverstone-rapidos',
        'Riverstone',
        'RapidOS',
        '5567',
        r'^(?P<model>RS[ -]?\w+) - Riverstone Networks, Inc\.? Firmware Version: (?P<version>[\w.]+)',
    ),
    Rule(
        'ascend-taos',
        'Lucent',
        'TAOS',
        '529',
        r'^Ascend (?P<model>.+?) S/N: (?P<serial>\d+) Software \+(?P<version>\d[\w.]*)\+',
        alone=True,
    ),
    Rule(
        'checkpoint-ipso',
        'Check Point',
        'IPSO',
        '94',
        r'^(?:(?:Nokia )?(?P<model>IP\d{2,4}\w*) .*?)?\bIPSO \S+ (?P<version>\d\S*)',
    ),
    Rule(
        'bluecoat-av',
        'Blue Coat',
        'ProxyAV',
        '3417.1',
        r'^Blue Coat (?P<model>AV\d+)\b.*?Version: (?P<version>\d[\d.]+)',
    ),
    Rule(
        'bluecoat-packetshaper',
        'Blue Coat',
        'PacketWise',
        '2334 3417.1',
        r'^(?:Blue Coat|Packeteer,?(?: Inc\.?)?) PacketShaper (?P<version>\d+\.\d\S*)',
        alone=True,
    ),
    Rule(
        'hpe-procurve-ap',
        'HPE',
        'ProCurve AP',
        '11.2.3.7.11',
        r'ProCurve (?:Wireless )?(?P<model>Access Point \d+\w*)(?:: v(?P<version>\d\S*))?',
        alone=True,
    ),
    Rule(
        'ciena-cn',
        'Ciena',
        'Ciena CN',
        '1271 6141',
        r'^Ciena (?P<model>CN \d{4}\w*) V(?P<version>\d\S*)',
    ),
    Rule(
        'ciena-wavecore',
        'Ciena',
        'WaveCore',
        '1271',
        r'^Ciena .*?\bWaveCore \(tm\) OS Release (?P<version>\S+)',
    ),
    Rule(
        'netopia',
        'Netopia',
        'Netopia',
        '304',
        r'^(?:Netopia|Cayman)[ -](?P<model>[A-Z]*\d+\w*(?:-\w+)*) v(?P<version>\d[\w.]*)',
        alone=True,
    ),
    Rule('garrettcom-dynastar', 'GarrettCom', 'DynaStar', '', r'^(?P<model>DynaStar \d{4}\w*)(?: |$)'),
    Rule(
        'ligowave-apc',
        'LigoWave',
        'Deliberant APC',
        '32750 32761 8072',
        r'^DLB (?P<model>APC [^,]+), v(?P<version>\d+\.\d+)\.[^, ]*\bDeliberant\b',
        alone=True,
    ),
    Rule(
        'asante',
        'Asante',
        'Asante',
        '298',
        r'^(?P<model>(?:Asante ?Hub|(?:Asante )?(?:Intra(?:Core|Stack|Switch)|FriendlyNET)) \w+(?:-\w+)*)'
        r'(?:.*?\bv(?P<version>\d+(?:\.\d+)+))?',
        alone=True,
    ),
    # Of Adtran's system
    Rule(
        'hpe-procurve-router',
        'HPE',
        'ProCurve Secure Router',
        '11.2.3.7.11',
        r'^(?:HP )?ProCurve (?P<model>Secure Router \d{4}\w*)(?:, Version: (?P<version>[A-Z]?\d+\.[\w.]+))?',
    ),
    Rule(
        'juniper-wxos', 'Juniper', 'WXOS', descr=r'^(?:Juniper|Peribit) (?P<model>WXC?-\d+\w*) ?: (?P<version>\d[\w.]*)'
    ),
    # Blade Network Technologies built it
    Rule(
        'juniper-ex2500',
        'Juniper',
        'EX2500',
        descr=r'^Juniper Networks (?P<model>EX2500) .*?\bSW Version (?P<version>\d\w*(?:\.\w+)*)',
    ),
    Rule(
        'foundry-edgeiron',
        'Brocade',
        'EdgeIron',
        '1991',
        r'^(?!.*IronWare)(?:Foundry|Brocade) [\w, .]*?(?P<model>EdgeIron ?\d\w*(?:-\w+)*)',
    ),
    Rule(
        'paradyne',
        'Paradyne',
        'Paradyne',
        '1795',
        r'^PARADYNE (?P<model>[^;]+);.*?\bS/W Release: ?(?P<version>\d[\w.]*)(?:.*?\bSerial number: ?(?P<serial>\w+))?',
        model=(CHASSIS, Descr(r'; ?Model: ?([^; ]+)'), DESCR),
    ),
    Rule(
        'raritan-commandcenter',
        'Raritan',
        'CommandCenter',
        '13742',
        r'^Raritan[\w ]*; ?CommandCenter[^;]*; ?Version (?P<version>\d[\w.]*)(?:; ?(?P<model>CC-\w+(?:-\w+)*))?',
    ),
    Rule(
        'smc',
        'SMC',
        'SMC',
        '202',
        r'(?:^(?:SMC Networks )?(?P<model>SMC\d\w+(?:-\w+)*))?',
        version=(Entity('software'), *_ACCTON_VERSION),
        serial=(CHASSIS, *_ACCTON_SERIAL),
    ),
    Rule(
        'dell-powerconnect-5224',
        'Dell',
        'PowerConnect',
        '674.10895.4',
        r'(?:^(?P<model>PowerConnect \d{4}\w*)$)?',
        version=_ACCTON_VERSION,
        serial=(CHASSIS, *_ACCTON_SERIAL),
    ),
)
