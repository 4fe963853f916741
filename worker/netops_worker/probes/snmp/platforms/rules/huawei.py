"""Huawei and ZTE, from the access switch to the core."""

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

# HUAWEI-ENTITY-EXTENT-MIB hwEntitySystemModel, HUAWEI-SYS-CLOCK... product information (hwProductName)
_HUAWEI_MODEL = Scalar('2011.5.25.188.1.6.0')

_HUAWEI_SYSTEM = Scalar('2011.5.25.31.6.5.0', r'^(?!HUAWEI$)(.+)$')

_HUAWEI_SERIAL = Scalar('2011.5.25.188.1.1.0')

# Before the name of the platform was that of the product line
_QUIDWAY = Descr(r'\bQuidway (?:Series (?:Router|Switch) )?([A-Z]{1,3}\d{2,}\w*(?:-\w+)*)')

RULES = (
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
        alone=False,
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
        version=(
            Scalar('2011.5.25.31.6.3.0', r'(V\d{3}R\w+)'),
            Entity('software', r'(V\d{3}R\w+)'),
            Descr(r'(?i)\b(?:VRP|Platform)(?: \(R\))? Software,? Version (\d\.\d+)'),
        ),
        model=(CHASSIS, _HUAWEI_MODEL, _HUAWEI_SYSTEM, _QUIDWAY),
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
        r'ZXR10[ _](?!ROS )(?P<model>[\w-]+)(?: Software)?,? .*?(?i:version):? ?(?:ZXR10 \S+ )?(?P<version>V[\w.()]+)',
        model=(DESCR, CHASSIS),
        alone=True,
    ),
    Rule(
        'zte-zxros',
        'ZTE',
        'ZXROS',
        '3902',
        r'^ZTE (?P<model>\S+) Software, .*?Version: (?P<version>V[\w.]+)',
    ),
    Rule('zte-zxros', 'ZTE', 'ZXROS', '3902.3 3902.15', version=(Scalar('3902.3.1.6.0'),)),
)
