"""Routers of carriers: Juniper, Nokia, Ericsson and smaller ones."""

from netops_worker.probes.snmp.platforms.rule import (
    ANY,
    CHASSIS,
    DESCR,
    Cell,
    Column,
    Descr,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

_TIMOS_MODEL = Cell('6527.3.1.2.2.1.6.1.2', '6527.3.1.2.2.1.3.1.4.1')

_TIMOS_SERIAL = Scalar('6527.3.1.2.2.1.8.1.5.1.50331649')

# JUNIPER-MIB: jnxBoxDescr, jnxBoxSerialNo
_JUNIPER_BOX = Scalar('2636.3.1.2.0', r'^(?:Juniper )?(?!Juniper |Virtual )(\S+)')

_JUNIPER_SERIAL = Scalar('2636.3.1.3.0')

_TRAPEZE_SERIAL = Scalar('14525.4.2.1.1.0')

RULES = (
    Rule(
        'juniper-junos-evolved',
        'Juniper',
        'Junos Evolved',
        descr=r'Juniper Networks, Inc\. (?P<model>\S+) .*kernel JUNOS (?P<version>[^\s,]+EVO)',
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
        descr=r'^Juniper Networks,?(?: Inc\.?)? (?P<model>[A-Za-z]+\d\S*) .*?\bJunos OS Release (?P<version>\d[^\s,]*)',
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
        r'^(?P<model>\S+) version (?P<version>\S+) \(SN: (?P<serial>\w+)(?=, Firewall)',
        alone=True,
    ),
    Rule(
        'juniper-screenos',
        'Juniper',
        'ScreenOS',
        '3224',
        r'^(?P<model>\S+) version (?P<version>\S+) \(SN: (?P<serial>\w+)',
    ),
    # TRAPEZE-NETWORKS-BASIC-MIB trpzSerialNumber
    Rule(
        'juniper-mss',
        'Juniper',
        'MSS',
        '14525.3',
        r'(?P<model>WLC\w+|MX\w*-?\w*) (?P<version>\d+(?:\.\d+){3}) REL\b',
        serial=(CHASSIS, _TRAPEZE_SERIAL),
    ),
    Rule(
        'juniper-mss',
        'Juniper',
        'MSS',
        '14525.3',
        r'(?P<model>WLC\w+|MX\w*-?\w*) (?P<version>[\d.]+)',
        serial=(CHASSIS, _TRAPEZE_SERIAL),
        alone=False,
    ),
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
    Rule('ericsson-seos', 'Ericsson', 'SEOS', '2352', r'SEOS-(?P<version>[\w.-]+)', alone=True),
    Rule('benu', 'Benu Networks', 'BenuOS', '39406', r'^BenuOS, (?P<version>[\w.]+).*?Chassis Type : (?P<model>.+?)$'),
)
