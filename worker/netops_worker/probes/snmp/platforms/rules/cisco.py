"""Routers, switches, firewalls and wireless of Cisco."""

from netops_worker.probes.snmp.platforms.rule import (
    ANY,
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

# Fixed switches that have their name on a module instead of the chassis
_ANY_MODEL = Entity('model', r'^((?:WS-C[23]\d{3}|WS-C49|C9[23]00|C1\d{3}|CISCO|ISR|ASR|IE-|IR|ME-)\S+)$', ANY)

# Access points of the years before they had a model, by their series only
_AIRONET = (Entity('name', r'^(AP\d{3,4}\w*)$'), Entity('description', r'^Cisco (Aironet \d{3,4}) Series\b'))

# The image of a product without hardware says its name.
_VIRTUAL = Descr(r', (C9800-CL|CSR1000V|C8000V) Software \(')

# Members of a stack that have their name in the description only
_CHASSIS_NAME = Entity('description', r'^((?:WS-)?C\d\w*-\S+)$')

_MODEL = (CHASSIS, _ANY_MODEL, _CHASSIS_NAME, products.CISCO, _VIRTUAL)

# Routers add the number of the processor board.
_SERIAL = Entity('serial', r'^([A-Z]{3}\d{4}\w{4})(?: \(|$)')

# CISCO-STACK-MIB chassisModel and chassisSerialNumberString, OLD-CISCO-CHASSIS-MIB chassisId (which may be set by hand)
_STACK_MODEL = Scalar('9.5.1.2.16.0')

_STACK_SERIAL = Scalar('9.5.1.2.19.0')

_CHASSIS_ID = Scalar('9.3.6.3.0', r'^([A-Z]{3}\d{4}\w{4})$')

# CISCO-IMAGE-MIB ciscoImageString, its row with the version, where an administrator shortened sysDescr
_IMAGE_VERSION = Scalar('9.9.25.1.1.1.2.5', r'^CW_VERSION\$([^$]+)\$')

# CISCO-UNIFIED-COMPUTING-COMPUTE-MIB, cucsComputeRackUnitModel and ...Serial
_RACK_MODEL = '9.9.719.1.9.35.1.32'

_RACK_SERIAL = '9.9.719.1.9.35.1.47'

# CISCOSB-Physicaldescription-MIB, rlPhdUnitGenParam... of unit 1
_UNIT_VERSION = Scalar('9.6.1.101.53.14.1.2.1')

_UNIT_SERIAL = Scalar('9.6.1.101.53.14.1.5.1')

_UNIT_MODEL = Scalar('9.6.1.101.53.14.1.11.1')

_UNIT_DESCRIPTION = Entity('description', r'^((?:S[GFR]|ESW|CBS|C1)\w*\d[\w-]*)$')

# AIRESPACE-SWITCHING-MIB, agentInventory...
_WLC_MODEL = Scalar('14179.1.1.1.3.0')

_WLC_SERIAL = Scalar('14179.1.1.1.4.0')

_WLC_VERSION = Scalar('14179.1.1.1.14.0')

RULES = (
    Rule(
        'cisco-imc',
        'Cisco',
        'CIMC',
        descr=r'Cisco Integrated Management Controller.*?Firmware Version (?P<version>[^,]+)',
        model=(Column(_RACK_MODEL), Column('9.9.719.1.9.6.1.6')),
        serial=(Column(_RACK_SERIAL), Column('9.9.719.1.9.6.1.14')),
    ),
    Rule(
        'cisco-apic',
        'Cisco',
        'APIC',
        descr=r'^APIC VERSION (?P<version>[^;]+); PID (?P<model>[^;]+); Serial (?P<serial>\S+)',
    ),
    Rule(
        'cisco-ftd',
        'Cisco',
        'FTD',
        descr=r'(?:Threat Defense|Secure Firewall|FTD)\b.*?(?:Version |\bv)(?P<version>\d[\d.]+(?: \(Build \d+\))?)',
    ),
    Rule('cisco-fxos', 'Cisco', 'FX-OS', descr=r'FX-?OS', version=(Entity('software'),)),
    Rule(
        'cisco-asa',
        'Cisco',
        'ASA',
        descr=r'Adaptive Security Appliance Version (?P<version>[^\s,]+)',
        version=(Entity('software', r'^(\d\S*)'), DESCR),
    ),
    Rule('cisco-pix', 'Cisco', 'PIX OS', descr=r'Cisco (?:PIX|Secure PIX)\b(?: .*?Version (?P<version>[^\s,]+))?'),
    Rule('cisco-fwsm', 'Cisco', 'FWSM', descr=r'Firewall Services? Module(?:.*?Version (?P<version>[^\s,]+))?'),
    Rule(
        'cisco-ips',
        'Cisco',
        'IPS',
        descr=r'Intrusion Prevention System, Version (?P<version>[^\s,]+)(?: Platform: (?P<model>\S+))?',
    ),
    # Its kernel
    Rule(
        'cisco-ips',
        'Cisco',
        'IPS',
        '9.1',
        r'^Linux \S+ \d\S*-IDS-smp(?:-bigphys)?\b',
        version=(Entity('software'),),
        alone=True,
    ),
    Rule(
        'cisco-wlc',
        'Cisco',
        'AireOS',
        '9.1 9.6.1.37 14179',
        r'^Cisco (?:Controller|Business Wireless)|^Cisco Mobility Express',
        version=(_WLC_VERSION, Entity('software')),
        model=(CHASSIS, _WLC_MODEL),
        serial=(CHASSIS, _WLC_SERIAL),
    ),
    Rule('cisco-ucs', 'Cisco', 'UCS', descr=r'NX-OS\(tm\) ucs,.*?Version (?P<version>[^\s,]+)'),
    Rule('cisco-sanos', 'Cisco', 'SAN-OS', descr=r'Cisco SAN-OS.*?Version (?P<version>[^\s,]+)'),
    Rule(
        'cisco-nxos',
        'Cisco',
        'NX-OS',
        descr=r'NX-OS(?:\(tm\))?(?: (?P<model>Nexus\d* ?[\w-]+),)?.*?,? Version (?P<version>[^\s,]+)',
    ),
    Rule('cisco-aci', 'Cisco', 'ACI', '9.12.3.1.3', r'Cisco.*aci-n9000.*?Version (?P<version>[^\s,]+)'),
    Rule(
        'cisco-iosxr',
        'Cisco',
        'IOS-XR',
        descr=r'IOS[ -]XR Software \((?:Cisco )?(?P<model>[^)]+)\), +Version (?P<version>[^\s,\[]+)',
        model=(CHASSIS, _ANY_MODEL, products.CISCO, DESCR),
    ),
    Rule('cisco-iosxr', 'Cisco', 'IOS-XR', descr=r'IOS[ -]XR Software.*?Version (?P<version>[^\s,\[]+)'),
    Rule(
        'cisco-iosxe',
        'Cisco',
        'IOS-XE',
        descr=r'IOS(?: Software|\(tm\)| \(tm\)).*?(?:IOS-?XE|LINUX_IOSD|CAT[39]K_|\[[A-Z]\w+\]|Virtual XE)'
        r'.*?Version (?P<version>[^\s,]+)',
        model=_MODEL,
    ),
    Rule(
        'cisco-iosxe',
        'Cisco',
        'IOS-XE',
        descr=r'(?:IOS-XE Software|IOS XE).*?Version (?P<version>[^\s,]+)',
        model=_MODEL,
    ),
    Rule(
        'cisco-iosxe',
        'Cisco',
        'IOS-XE',
        descr=r'Cisco IOS Software.*?Version (?P<version>(?:1[6-9]|2\d)\.\d[^\s,]*)',
        model=_MODEL,
    ),
    Rule(
        'cisco-ios',
        'Cisco',
        'IOS',
        descr=r'(?:Cisco IOS Software|Cisco Internetwork Operating System|IOS \(tm\)).*?Version (?P<version>[^\s,]+)',
        model=(*_MODEL, _STACK_MODEL, *_AIRONET),
        serial=(_SERIAL, CHASSIS, _STACK_SERIAL, _CHASSIS_ID),
    ),
    Rule('cisco-iosxe', 'Cisco', 'IOS-XE', '9.1', r'IOS-?XE|LINUX_IOSD|IOS XE', model=_MODEL),
    Rule(
        'cisco-ios',
        'Cisco',
        'IOS',
        '9.1',
        r'Cisco IOS Software|IOS \(tm\)|Internetwork Operating System',
        version=(_IMAGE_VERSION,),
        model=(*_MODEL, _STACK_MODEL, *_AIRONET),
        serial=(_SERIAL, CHASSIS, _STACK_SERIAL, _CHASSIS_ID),
    ),
    # With PROFINET switched on: vendor, product, serial number, hardware and software release
    Rule(
        'cisco-iosxe',
        'Cisco',
        'IOS-XE',
        '9.1',
        r'^Cisco +(?P<model>IE-?\d\w+-\S+) +(?P<serial>\w+) +\d+ +V(?: +\d+)+$',
        version=(Entity('software'),),
    ),
    Rule(
        'cisco-uiw',
        'Cisco',
        'UIW',
        '9.1',
        r'^Cisco (?P<model>IW\w+-\w+) - \w+ POINT MODE',
        version=(Entity('software'),),
    ),
    Rule(
        'cisco-me1200',
        'Cisco',
        'ME1200',
        '9.1',
        r'^(?P<model>ME1200) .*?version ME1200 OS Software Build (?P<version>\S+)',
    ),
    Rule(
        'cisco-catos',
        'Cisco',
        'CatOS',
        descr=r'Cisco Systems,?(?: Inc\.?)? (?P<model>WS-C\w+(?:-\w+)*)\b.*Operating System Software, Version '
        r'(?P<version>\d+\.\d+(?:\([\w.]+\))?(?:[A-Z]\w*)?)',
        serial=(CHASSIS, _STACK_SERIAL, _CHASSIS_ID),
    ),
    Rule('cisco-aironet', 'Cisco', 'Aironet', '9.1', r'^Cisco (?P<model>AP\d{3}\w*) (?P<version>\d+\.\d\w*)$'),
    Rule(
        'cisco-ie1000',
        'Cisco',
        'IE1000',
        '9.1',
        r'^IE1000 .*?Version: (?P<version>[^\s#]+)',
    ),
    Rule(
        'cisco-wap',
        'Cisco',
        'Small Business',
        descr=r'Linux.*, Cisco (?:Systems, Inc|Small Business) (?P<model>\w+) \(\S+\), Version (?P<version>\S+)',
    ),
    Rule(
        'cisco-wap',
        'Cisco',
        'Small Business',
        descr=r'^Linux, Cisco (?P<model>(?:RV|WAP|SPA)\d\w*), Version (?P<version>\S+)',
    ),
    Rule(
        'cisco-smb',
        'Cisco',
        'Small Business',
        '9.6.1 9.1',
        r'^(?P<model>(?:SG|SF|SLM|SRW|SGE|SFE|ESW|CBS|C1[23]00)\w*-\w[\w-]*)|^\d+-[Pp]ort 10/100'
        r'|Catalyst 1[23]00X? Series .*\((?:C1[23]00[\w-]+)\)',
        version=(_UNIT_VERSION, Entity('software'), Scalar('9.6.1.101.2.4.0')),
        model=(CHASSIS, _UNIT_MODEL, DESCR, Descr(r'\((C1[23]00[\w-]+)\)'), _UNIT_DESCRIPTION),
        serial=(CHASSIS, _UNIT_SERIAL),
    ),
    Rule(
        'cisco-spa',
        'Cisco',
        'SPA',
        '9.6.1.23',
        r'^Linux (?P<model>SPA\w+)',
    ),
    Rule(
        'cisco-smb',
        'Cisco',
        'Small Business',
        '9.6.1',
        version=(_UNIT_VERSION, Entity('software'), Scalar('9.6.1.101.2.4.0')),
        model=(CHASSIS, _UNIT_MODEL),
        serial=(CHASSIS, _UNIT_SERIAL),
    ),
    # Without a sysObjectID, the name of the product and its ports
    Rule(
        'cisco-smb',
        'Cisco',
        'Small Business',
        '9.6.1',
        r'^(?P<model>(?:SG|SF|SX|CBS)\d{3}\w*-\d\w*(?:-\w+)*) \d+-[Pp]ort '
        r'|Catalyst 1[23]00X? Series .*\(C1[23]00[\w-]+\)',
        version=(_UNIT_VERSION, Entity('software')),
        model=(CHASSIS, _UNIT_MODEL, DESCR, Descr(r'\((C1[23]00[\w-]+)\)')),
        serial=(CHASSIS, _UNIT_SERIAL),
        alone=True,
    ),
)
