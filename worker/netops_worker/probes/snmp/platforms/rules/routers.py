"""Routers of carriers: Juniper, Nokia, Huawei, ZTE, Ericsson and smaller ones."""

from netops_worker.probes.snmp.platforms.rule import (
    ANY,
    CHASSIS,
    DESCR,
    Cell,
    Column,
    Descr,
    Entity,
    ObjectIdName,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

_TIMOS_MODEL = Cell('6527.3.1.2.2.1.6.1.2', '6527.3.1.2.2.1.3.1.4.1')

_TIMOS_SERIAL = Scalar('6527.3.1.2.2.1.8.1.5.1.50331649')

# HUAWEI-ENTITY-EXTENT-MIB hwEntitySystemModel, HUAWEI-SYS-CLOCK... product information (hwProductName)
_HUAWEI_MODEL = Scalar('2011.5.25.188.1.6.0')

_HUAWEI_SYSTEM = Scalar('2011.5.25.31.6.5.0', r'^(?!HUAWEI$)(.+)$')

_HUAWEI_SERIAL = Scalar('2011.5.25.188.1.1.0')

# JUNIPER-MIB: jnxBoxDescr, jnxBoxSerialNo
_JUNIPER_BOX = Scalar('2636.3.1.2.0', r'^(?:Juniper )?(?!Juniper |Virtual )(\S+)')

_JUNIPER_SERIAL = Scalar('2636.3.1.3.0')

RULES = (
    Rule(
        'juniper-junos-evolved',
        'Juniper',
        'Junos Evolved',
        '2636',
        r'Juniper Networks, Inc\. (?P<model>\S+) .*kernel JUNOS (?P<version>[^\s,]+EVO)',
        model=(DESCR, _JUNIPER_BOX),
        serial=(CHASSIS, _JUNIPER_SERIAL),
    ),
    Rule(
        'juniper-junos',
        'Juniper',
        'Junos',
        descr=r'Juniper Networks, Inc\. (?P<model>\S+) .*?(?:kernel )?JUNOS (?P<version>[^\s,]+)',
        model=(DESCR, CHASSIS, _JUNIPER_BOX),
        serial=(CHASSIS, _JUNIPER_SERIAL),
    ),
    Rule(
        'juniper-junos',
        'Juniper',
        'Junos',
        '2636',
        version=(
            Scalar('2636.3.40.1.4.1.1.1.5.0'),
            Scalar('1.3.6.1.2.1.25.6.3.1.2.2', r'\[([^\]]+)\]'),
        ),
        model=(CHASSIS, _JUNIPER_BOX),
        serial=(CHASSIS, _JUNIPER_SERIAL),
    ),
    Rule(
        'juniper-junose',
        'Juniper',
        'JUNOSe',
        '4874',
        r'^Juniper Networks, Inc\. (?P<model>\S+) .*SW Version : \(?(?P<version>[^\s\[)]+)',
    ),
    Rule('juniper-junose', 'Juniper', 'JUNOSe', '4874'),
    Rule(
        'juniper-screenos',
        'Juniper',
        'ScreenOS',
        '3224',
        r'^(?P<model>\S+) version (?P<version>\S+) \(SN: (?P<serial>\w+)',
    ),
    Rule('juniper-mss', 'Juniper', 'MSS', '14525.3', r'(?P<model>WLC\w+|MX\w*-?\w*) (?P<version>[\d.]+)'),
    Rule(
        'nokia-srlinux',
        'Nokia',
        'SR Linux',
        '6527',
        r'^SRLinux-(?P<version>\S+) (?P<model>.+?) Copyright',
        serial=(CHASSIS, _TIMOS_SERIAL),
    ),
    Rule(
        'nokia-sros',
        'Nokia',
        'SR OS',
        '6527',
        r'^TiMOS-[A-Z0-9]+-(?P<version>\S+)',
        model=(
            _TIMOS_MODEL,
            Descr(
                r'(?:Nokia|ALCATEL|Alcatel-Lucent) (\w[\w -]*?(?:72\d\d|7\d{3}|SR|XRS|IXR|SAR|ESS)[\w -]*?) Copyright'
            ),
            CHASSIS,
        ),
        serial=(CHASSIS, _TIMOS_SERIAL),
    ),
    Rule(
        'nokia-sros',
        'Nokia',
        'SR OS',
        '6527',
        version=(Scalar('6527.3.1.2.2.1.8.1.21.1.134217729', r'TiMOS-\w+-(\S+)'),),
        model=(_TIMOS_MODEL, CHASSIS),
        serial=(CHASSIS, _TIMOS_SERIAL),
    ),
    Rule('nokia-sros', 'Nokia', 'SR OS', descr=r'^TiMOS-[A-Z0-9]+-(?P<version>\S+)'),
    Rule(
        'nokia-isam',
        'Nokia',
        'ISAM',
        '637.61.1',
        r'^(?P<version>[RL]\d\S*) (?P<model>\S+)',
        version=(DESCR, Scalar('637.61.1.9.28.1.0')),
        serial=(CHASSIS, Scalar('637.61.1.23.2.1.13.17')),
    ),
    Rule(
        'nokia-isam',
        'Nokia',
        'ISAM',
        '637.61.1',
        version=(Scalar('637.61.1.9.28.1.0'),),
        serial=(CHASSIS, Scalar('637.61.1.23.2.1.13.17')),
    ),
    Rule('nokia-wavence', 'Nokia', 'Wavence', '637.54.1.10.90', r'^(?P<version>V\d{6})$'),
    Rule(
        'nokia-1830',
        'Nokia',
        '1830 PSS',
        '7483.1.3',
        r'1830 PSS v(?P<version>[\d.]+)',
        version=(Scalar('7483.2.1.5.2.1.1.5.0'), DESCR),
        model=(Column('7483.2.2.1.1.2.1.3'),),
    ),
    Rule(
        'nokia-1830-psd',
        'Nokia',
        '1830 PSD',
        '7483.1.3',
        r'1830 PSD .*?R(?P<version>[\d.]+)$',
        version=(Scalar('7483.2.1.5.2.1.1.5.0'), DESCR),
        model=(Scalar('7483.2.2.7.2.1.3.1.3.1.1'),),
        serial=(Scalar('7483.2.2.7.2.1.3.1.8.1.1'),),
    ),
    Rule(
        'nokia-1830',
        'Nokia',
        '1830 PSS',
        '7483',
        version=(Scalar('7483.2.1.5.2.1.1.5.0'), Entity('software')),
        model=(CHASSIS, Column('7483.2.2.1.1.2.1.3')),
    ),
    Rule(
        'huawei-yunshan',
        'Huawei',
        'YunShan OS',
        '2011',
        r'YunShan OS.*?Version \S+ \((?:.+?) (?P<version>V\d{3}R\w+)\)(?:.* HUAWEI (?P<model>.+))?',
        model=(DESCR, CHASSIS, _HUAWEI_MODEL, Descr(r'Version \S+ \((\S+) V')),
        serial=(CHASSIS, _HUAWEI_SERIAL),
    ),
    Rule(
        'huawei-vrp',
        'Huawei',
        'VRP',
        descr=r'(?:VRP \(R\) ?software|Versatile Routing Platform).*?Version [\d.]+ ?\((?:.*? )?'
        r'(?P<version>V\d{3}R\w+)\)',
        model=(
            Descr(r'^(?:Huawei )?([A-Z]+\d[\w+-]*) Huawei Versatile'),
            Descr(r'Co\., ?Ltd\.? +(?:HUAWEI )+(.+)$'),
            Descr(r'Co\., ?Ltd\.? +HUAWEI(\S+)$'),
            CHASSIS,
            _HUAWEI_MODEL,
            _HUAWEI_SYSTEM,
            Descr(r'Version [\d.]+ ?\((.+?) V\d{3}R'),
        ),
        serial=(CHASSIS, _HUAWEI_SERIAL, Entity('serial', kind=9)),
    ),
    Rule(
        'huawei-smartax',
        'Huawei',
        'SmartAX',
        '2011.2',
        r'Huawei Integrated Access Software',
        version=(Scalar('2011.6.3.1.999.0', r'(V\d{3}R\w+)'), Entity('software', r'(V\d{3}R\w+)')),
        model=(
            Entity('description', r'(?:^|,)(MA\d\w+)(?:,|$)'),
            Scalar('2011.6.3.1.999.0', r'^(MA\w+?)V\d{3}R'),
            CHASSIS,
        ),
        serial=(CHASSIS, Scalar('2011.6.3.3.1.1.9.0')),
    ),
    Rule(
        'huawei-optix',
        'Huawei',
        'OptiX',
        '2011.2.25',
        r'(?i)^(?:Huawei )?(?P<model>(?:OptiX )?RTN(?: \d\w+)?)?(?: (?P<version>V\d{3}R\w+))?',
        serial=(CHASSIS, Column('2011.2.25.4.40.4.10.13.1.1')),
    ),
    Rule(
        'huawei-oceanstor',
        'Huawei',
        'OceanStor',
        '2011.2.91',
        version=(Scalar('34774.4.1.1.6.0'),),
        serial=(Scalar('34774.4.1.1.1.0'),),
    ),
    Rule(
        'huawei-ibmc',
        'Huawei',
        'iBMC',
        '2011.2.235',
        version=(Column('2011.2.235.1.1.11.50.1.4'),),
        model=(Scalar('2011.2.235.1.1.1.6.0'),),
        serial=(Scalar('2011.2.235.1.1.1.7.0'),),
    ),
    Rule(
        'huawei-ups',
        'Huawei',
        'Huawei UPS',
        '2011.6.174',
        version=(Scalar('1.3.6.1.2.1.33.1.1.3.0'),),
        model=(Scalar('1.3.6.1.2.1.33.1.1.2.0'),),
    ),
    Rule(
        'huawei-vrp',
        'Huawei',
        'VRP',
        descr=r'VRP Software Version|Software Version VRP|Versatile Routing Platform',
        version=(Scalar('2011.5.25.31.6.3.0', r'(V\d{3}R\w+)'), Entity('software', r'(V\d{3}R\w+)')),
        model=(CHASSIS, _HUAWEI_MODEL, _HUAWEI_SYSTEM),
        serial=(CHASSIS, _HUAWEI_SERIAL, Entity('serial', kind=9)),
    ),
    # hwProducts of HUAWEI-MIB, for agents whose sysDescr does not name the software: lanSw, ne20(s), ne40, ne20-x,
    # ne5000, ne20E, me60, s9300, s7700, ar, s12700, s9700, dcswitch, wlan, s12700lsw, ne0508e, ne9000, ne40ex16b,
    # NetEngine8000
    Rule(
        'huawei-vrp',
        'Huawei',
        'VRP',
        '2011.2.23 2011.2.29 2011.2.30 2011.2.31 2011.2.47 2011.2.48 2011.2.49 2011.2.62 2011.2.88 2011.2.89 2011.2.170'
        ' 2011.2.223 2011.2.224 2011.2.225 2011.2.236 2011.2.239 2011.2.240 2011.2.279 2011.2.297 2011.2.315'
        ' 2011.2.354 2011.2.360',
        r'(?:^(?P<model>(?:S|CE|AR|AC|NE|ME)\d{2,5}\w*(?:-\w+)*)$)?',
        version=(
            Scalar('2011.5.25.31.6.3.0', r'(V\d{3}R\w+)'),
            Entity('software', r'(V\d{3}R\w+)'),
            Entity('software', r'Version (\d[\d.]+)'),
        ),
        model=(
            CHASSIS,
            DESCR,
            _HUAWEI_MODEL,
            _HUAWEI_SYSTEM,
            Entity('description', r'^(?:HUAWEI )?([A-Z]+\d[\w-]*) (?:frame|chassis)$'),
        ),
        serial=(CHASSIS, _HUAWEI_SERIAL, Entity('serial', kind=9)),
    ),
    Rule(
        'zte-zxa10',
        'ZTE',
        'ZXA10',
        '3902.1082 3902.1015',
        r'^(?:ZXA10 )?(?P<model>C\d{3}\w*) Version (?P<version>V[\d.]+\w*)',
        model=(DESCR, CHASSIS),
    ),
    Rule(
        'zte-zxdsl',
        'ZTE',
        'ZXDSL',
        '3902.1004',
        model=(CHASSIS, ObjectIdName({'3902.1004.9806.22.1.1.1': 'ZXDSL 9806V'})),
    ),
    Rule(
        'zte-zxros',
        'ZTE',
        'ZXROS',
        '3902',
        r'ZXR10[ _](?!ROS )(?P<model>[\w-]+)(?: Software)?,? .*?(?i:version):? ?(?:ZXR10 \w+ )?(?P<version>V[\w.()]+)',
        model=(DESCR, CHASSIS),
    ),
    Rule(
        'zte-zxros',
        'ZTE',
        'ZXROS',
        '3902',
        r'^ZTE (?P<model>\S+) Software, .*?Version: (?P<version>V[\w.]+)',
    ),
    Rule('zte-zxros', 'ZTE', 'ZXROS', '3902.3 3902.15', version=(Scalar('3902.3.1.6.0'),)),
    Rule(
        'packetfront-drgos',
        'PacketFront',
        'drgos',
        '9303',
        r'^(?P<model>DRG\w+) Version: drgos-\w+-(?P<version>\d[\d.]+)',
    ),
    Rule('waystream', 'Waystream', 'iBOS', '9303', r'^(?P<model>\S+), iBOS Version ibos-\w+-(?P<version>\S+)'),
    Rule(
        'ipinfusion-ocnos',
        'IP Infusion',
        'OcNOS',
        '36673',
        r'Hardware Model:(?P<model>[^,]+), Software version: \w+,(?P<version>[\w.]+)',
        serial=(CHASSIS, Scalar('36673.100.1.2.1.1.3.1')),
    ),
    Rule(
        'ericsson-ml6600',
        'Ericsson',
        'MINI-LINK',
        '193.81',
        r'MINI-LINK (?:Traffic Node|(?P<model>\w+))',
        model=(Entity('description', r'(MINI-LINK .+)'), Entity('description', r'^(AMM .+)'), DESCR, CHASSIS),
        version=(Entity('software'), Scalar('193.81.2.7.1.2.1.3.1')),
    ),
    Rule('ericsson-ml', 'Ericsson', 'MINI-LINK', '193.223 193.81', r'^(?P<model>MINI-LINK \S+)'),
    Rule(
        'ericsson-ipos',
        'Ericsson',
        'IPOS',
        '193.218',
        r'IPOS(?:-(?P<version>[\w.]+))?',
        version=(Entity('software'), DESCR),
        model=(CHASSIS, Entity('description', r'^(SSR \d+)', ANY)),
        serial=(CHASSIS, Entity('description', r'backplane SN:(\w+)', ANY)),
    ),
    Rule('ericsson-seos', 'Ericsson', 'SEOS', '2352', r'SEOS-(?P<version>[\w.-]+)'),
    Rule('benu', 'Benu Networks', 'BenuOS', '39406', r'^BenuOS, (?P<version>[\w.]+).*?Chassis Type : (?P<model>.+?)$'),
)
