"""Firewalls, encryptors, load balancers and probes that few networks have."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

RULES = (
    # sfDeviceDescr; 45577 is its brand Sundray, for wireless
    Rule(
        'sangfor',
        'Sangfor',
        'Sangfor',
        '35047',
        model=(Scalar('35047.1.1.0'), Scalar('45577.1.1.0')),
        chassis=False,
    ),
    Rule('topsec', 'Topsec', 'TOS', '14331', r'^Topsec +(?P<model>\S+) Software Version (?P<version>\S+)'),
    Rule('venustech', 'Venustech', 'VSOS', '15227', r'^VENUS VSOS-(?P<version>V\w+)'),
    Rule('nsfocus', 'NSFOCUS', 'NSFOCUS', '19849', r'^(?:ads|ips|waf)$|NSFOCUS'),
    Rule('nsfocus', 'NSFOCUS', 'NSFOCUS', descr=r'^NSFOCUS-'),
    Rule('netentsec', 'Netentsec', 'Netentsec NGFW', descr=r'^Netentsec NGFW'),
    Rule(
        'clavister',
        'Clavister',
        'cOS Core',
        '5089',
        r'^(?:Clavister|Amaranten) .*?(?P<version>\d+\.\d+\.\d[\d.-]*)',
    ),
    Rule(
        'infosec-nsae',
        'Infosec',
        'NSAE',
        '27971',
        r'^Hardware: INFOSEC (?P<model>NSAE \w+).*Software: NSAE Rel\.NSAE\.(?P<version>\d[\d.]+)',
    ),
    Rule('atmedia', 'atmedia', 'atmedia Crypt', '13458', r'^(?i:atmedia) Crypt (?P<version>\d\S*)'),
    Rule(
        'acme-packet',
        'Oracle',
        'Acme Packet',
        '9148',
        r'^Acme Packet (?P<model>(?:Net-Net )?\w+) (?P<version>[A-Z]{0,3}\d+\.\d\S*(?: MR-\d+)?(?: [Pp]atch \d+)?)',
    ),
    Rule('vss', 'VSS Monitoring', 'VSS', '21671.1', r'^(?P<model>(?:Optimizer|Expert|Finder) \d\S*)'),
    Rule(
        'genua',
        'genua',
        'GeNUScreen',
        '3717.4',
        r'^(?:GeNUScreen|genuscreen) (?P<version>\d+\.\d+(?: patchlevel \d+)?)',
    ),
    Rule('exinda', 'Exinda', 'ExOS', '21091', r'^Linux exinda-(?P<model>\d+)'),
    Rule('genieatm', 'Genie Networks', 'GenieATM', '9926', r'^GenieATM (?P<model>\d\S+) version: (?P<version>\d\S+)'),
    # DEVICE-MIB deviceHardwareModelV2 and deviceHardwareSerialnumberV2
    Rule(
        'versa',
        'Versa Networks',
        'Versa OS',
        '42359',
        r'^Versa ',
        model=(CHASSIS, Scalar('42359.2.2.1.1.7.2.0')),
        serial=(CHASSIS, Scalar('42359.2.2.1.1.7.3.0')),
    ),
)
