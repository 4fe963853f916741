"""Appliances, telephony and what else Cisco bought."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Column,
    Descr,
    Entity,
    Rule,
    Scalar,
)
from netops_worker.probes.snmp.platforms.rules import products

__all__ = ('RULES',)

RULES = (
    Rule(
        'cisco-ise',
        'Cisco',
        'ISE',
        '9.1',
        r'^Cisco Identity Services Engine',
        version=(Entity('software'),),
    ),
    Rule('cisco-acs', 'Cisco', 'Cisco ACS', descr=r'^Cisco Secure Access Control System(?: (?P<version>\d[\d.]*))?'),
    Rule('cisco-waas', 'Cisco', 'WAAS', '9.1', r'Wide Area Application Services.*?Software Release (?P<version>\S+)'),
    Rule('cisco-sce', 'Cisco', 'SCOS', '9.1', r'^Cisco Service Control, SW version: Version (?P<version>\S+)'),
    Rule(
        'cisco-ucos',
        'Cisco',
        'UCOS',
        '9.1 99.1.1.3.28',
        r'^Linux release:|Software:UCOS (?P<version>\S+)',
        version=(DESCR, Column('1.3.6.1.2.1.54.1.1.1.1.4')),
        model=(CHASSIS, Descr(r'^Hardware: ?([A-Z\d][\w-]*\d[\w-]*),')),
        alone=True,
    ),
    Rule(
        'cisco-telepresence',
        'Cisco',
        'TelePresence',
        descr=r'^Cisco (?:Tele[Pp]resence )?Codec SoftW: (?P<version>\S+) MCU: (?:Cisco TelePresence )?(?P<model>.+?)'
        r' Date: .*?S/N: (?P<serial>\w+)',
    ),
    Rule(
        'cisco-asyncos',
        'Cisco',
        'AsyncOS',
        '15497',
        r'Model (?P<model>[^,]+), AsyncOS Version: (?P<version>[^,]+)(?:.*Serial #: (?P<serial>[\w-]+))?',
    ),
    Rule(
        'cisco-viptela',
        'Cisco',
        'Viptela',
        '41916',
        version=(Scalar('41916.11.1.2.0'),),
        model=(CHASSIS, Scalar('41916.11.1.56.0'), products.VEDGE),
        serial=(CHASSIS, Scalar('41916.11.1.64.0'), Scalar('41916.3.1.1.1.5.1.0')),
    ),
    Rule(
        'cisco-meraki',
        'Cisco Meraki',
        'Meraki',
        '29671',
        r'(?:^=?(?:Meraki |Cisco (?:Wireless )?)?(?P<model>(?:[A-Z]+\d|M[A-Z]\b)[\w-]*(?: - \d+ [\w ]+)?))?',
        version=(Entity('software'), Entity('firmware')),
        serial=(CHASSIS, Entity('serial', kind=11)),
    ),
    Rule(
        'cisco-meraki',
        'Cisco Meraki',
        'Meraki',
        descr=r'^=?Meraki (?P<model>[A-Z]{2}\d?[\w-]*)',
        serial=(CHASSIS,),
    ),
    Rule(
        'cisco-nexus3550',
        'Cisco',
        'Nexus 3550',
        '43296',
        version=(Scalar('43296.3.1.2'), Scalar('43296.3.1.2.0')),
        model=(CHASSIS, Scalar('43296.3.1.3'), Scalar('43296.3.1.3.0')),
        serial=(CHASSIS, Scalar('43296.3.1.1'), Scalar('43296.3.1.1.0')),
    ),
    Rule(
        'cisco-powervu',
        'Cisco',
        'PowerVu',
        '1429.2.2.6',
        version=(Scalar('1429.2.2.5.1.1.1.0'),),
        model=(Scalar('1429.2.2.5.1.1.4.0'),),
    ),
)
