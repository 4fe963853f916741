"""Fortinet."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    Descr,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# FORTINET-CORE-MIB fnSysSerial
_FN_SERIAL = Scalar('12356.100.1.1.1.0')

RULES = (
    Rule(
        'fortinet-fortigate',
        'Fortinet',
        'FortiOS',
        '12356.101 12356.15',
        version=(Scalar('12356.101.4.1.1.0', r'(\d+\.\d+\.\d+\S*?)(?:,|$)'), Entity('software', r'(\d+\.\d+\.\d+)')),
        serial=(CHASSIS, _FN_SERIAL),
    ),
    Rule(
        'fortinet-analyzer',
        'Fortinet',
        'FortiAnalyzer',
        '12356.103.3 12356.102',
        version=(Scalar('12356.103.2.1.7.0', r'v?(\d+\.\d+\.\d+)'),),
        serial=(CHASSIS, _FN_SERIAL),
    ),
    Rule(
        'fortinet-manager',
        'Fortinet',
        'FortiManager',
        '12356.103',
        version=(Scalar('12356.103.2.1.7.0', r'v?(\d+\.\d+\.\d+)'),),
        serial=(CHASSIS, _FN_SERIAL),
    ),
    Rule(
        'fortinet-switch',
        'Fortinet',
        'FortiSwitchOS',
        '12356.106',
        version=(Scalar('12356.106.4.1.1.0', r'v(\d+\.\d+\.\d+)'),),
        model=(Scalar('12356.106.4.1.1.0', r'^(FortiSwitch\S+?) v?\d'), CHASSIS),
        serial=(CHASSIS, Scalar('12356.106.1.1.1.0'), _FN_SERIAL),
    ),
    Rule(
        'fortinet-web',
        'Fortinet',
        'FortiWeb',
        '12356.107',
        version=(Scalar('12356.107.2.1.2.0', r' v?(\d+\.\d[\w.]*)'),),
        model=(Scalar('12356.107.2.1.2.0', r'^(FortiWeb\S*)'), CHASSIS, Scalar('12356.107.2.1.1.0')),
        serial=(CHASSIS, _FN_SERIAL),
    ),
    *(
        Rule(
            f'fortinet-{name.removeprefix("Forti").lower()}',
            'Fortinet',
            name,
            f'12356.{number}',
            version=(Scalar(f'12356.{number}.1.3.0', r'v?(\d+\.\d+(?:\.\d+)*)'),),
            model=(CHASSIS, Scalar(f'12356.{number}.1.1.0')),
            serial=(CHASSIS, Scalar(f'12356.{number}.1.2.0'), _FN_SERIAL),
        )
        for number, name in (
            (105, 'FortiMail'),
            (112, 'FortiADC'),
            (113, 'FortiAuthenticator'),
            (115, 'FortiVoice'),
        )
    ),
    Rule(
        'fortinet-sandbox',
        'Fortinet',
        'FortiSandbox',
        '12356.118',
        version=(Scalar('12356.118.3.1.1.0', r'v?(\d+\.\d+(?:\.\d+)*)'),),
        serial=(CHASSIS, _FN_SERIAL),
    ),
    Rule(
        'fortinet-ap',
        'Fortinet',
        'FortiAP',
        '12356.120',
        version=(Scalar('12356.120.1.1.0', r'v?(\d+\.\d+(?:\.\d+)*)'),),
        model=(Scalar('12356.120.1.1.0', r'^(F\S+?)[- ]v\d'), CHASSIS),
        serial=(CHASSIS, Scalar('12356.120.1.2.0'), _FN_SERIAL),
    ),
    Rule(
        'fortinet-extender',
        'Fortinet',
        'FortiExtender',
        '12356.121',
        version=(Scalar('12356.121.21.1.1.1.0', r'v?(\d+\.\d+\.\d+)'),),
        model=(CHASSIS, Scalar('12356.121.21.1.1.3.0')),
        serial=(CHASSIS, Scalar('12356.121.21.1.1.5.0')),
    ),
    Rule(
        'fortinet-wlc',
        'Fortinet',
        'FortiWLC',
        '15983',
        version=(Scalar('15983.1.1.4.1.1.27.0'), Scalar('15983.1.1.3.1.13.3.0')),
        model=(
            CHASSIS,
            Scalar('15983.1.1.3.1.13.2.0'),
            Descr(r'^(?:Meru |Fortinet )?((?:MC|FWC|WLC|FortiWLC-)\d[\w-]*)$'),
        ),
        # MERU-CONFIG-CONTROLLER-MIB mwWncVarsManSerialNumber; ...SerialNumber may be a MAC address
        serial=(
            CHASSIS,
            Scalar('15983.1.1.4.1.1.32.0'),
            Scalar('15983.1.1.4.1.1.28.0', r'^((?!(?:\w\w:){5})\S+)$'),
        ),
    ),
    Rule('fortinet', 'Fortinet', 'FortiOS', '12356', r'(?i)^fortigate', serial=(CHASSIS, _FN_SERIAL)),
)
