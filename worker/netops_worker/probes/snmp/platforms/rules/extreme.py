"""Extreme Networks with Enterasys, Avaya and the switches of Brocade; Ruckus has the rest of these."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Column,
    Descr,
    Entity,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# S5-CHASSIS-MIB s5ChasSerNum, RAPID-CITY rcChasSerialNumber and rcSysVersion
_S5_SERIAL = Scalar('45.1.6.3.1.6.0')

_RC_SERIAL = Scalar('2272.1.4.2.0')

_RC_VERSION = Scalar('2272.1.1.7.0', r'^v?(\d\S*)')

_FOUNDRY_SERIAL = Scalar('1991.1.1.1.1.2.0')

RULES = (
    Rule(
        'extreme-exos',
        'Extreme Networks',
        'EXOS',
        descr=r'(?:ExtremeXOS|Switch Engine) \((?P<model>[^\s()]+(?:\([^()]+\))?)\) version (?P<version>\S+)',
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, Scalar('1916.1.1.2.2.1.6.1', r'(\w+-\w+)$')),
    ),
    Rule(
        'extreme-ware',
        'Extreme Networks',
        'ExtremeWare',
        '1916',
        r'^(?P<model>\S+) - Version (?P<version>\d[\w.]*) \(Build \d+\) by \w+_Master\b',
        alone=True,
    ),
    Rule('extreme-ware', 'Extreme Networks', 'ExtremeWare', '1916', r'^(?P<model>\S+) - Version (?P<version>\d[\w.]*)'),
    Rule(
        'extreme-slxos',
        'Extreme Networks',
        'SLX-OS',
        model=(DESCR, CHASSIS),
        descr=r'(?:Extreme|Brocade) ?(?P<model>(?:BR-)?SLX[\w-]*).*?SLX Operating System Version '
        r'(?P<version>\w[\w.]*\w)',
    ),
    Rule(
        'extreme-nos',
        'Extreme Networks',
        'NOS',
        '1588 1916',
        r'(?P<model>(?:BR-)?VDX[\w-]+)\b.*?Network Operating System Software Version (?P<version>\w[\w.]*\w)',
        model=(CHASSIS, Descr(r'(BR-VDX[\w-]+)'), DESCR),
    ),
    Rule(
        'extreme-nos',
        'Extreme Networks',
        'NOS',
        '1588.2.2 1588.3.3',
        r'VDX',
        version=(Entity('software'),),
        alone=False,
    ),
    Rule(
        'extreme-voss',
        'Extreme Networks',
        'VOSS',
        '2272 1916.2',
        r'^(?P<model>(?:VSP|ERS|Passport|XA|FabricEngine|VOSS|\d{4})\S*)(?: \(v?(?P<version>\d[\w.]+)\))?',
        version=(DESCR, _RC_VERSION, Entity('software')),
        model=(DESCR, CHASSIS),
        serial=(CHASSIS, _RC_SERIAL),
    ),
    Rule(
        'extreme-voss',
        'Extreme Networks',
        'VOSS',
        '2272',
        version=(_RC_VERSION, Entity('software')),
        serial=(CHASSIS, _RC_SERIAL),
    ),
    Rule(
        'extreme-boss',
        'Extreme Networks',
        'BOSS',
        '45.3',
        r'^(?!WLAN)(?P<model>.+?) +HW: ?\S+ +FW: ?\S+ +SW: ?v?(?P<version>\S+)',
        model=(CHASSIS, DESCR),
        serial=(CHASSIS, _S5_SERIAL),
    ),
    Rule(
        'extreme-boss',
        'Extreme Networks',
        'BOSS',
        '45.3',
        r'^(?!.*\b(?:Hub|NMM|WLAN)\b)(?:(?P<model>(?:Ethernet Routing Switch|Virtual Services Platform|BayStack'
        r'|Business Policy Switch|ERS|VSP)[ -]?[\w+-]+).*)?',
        version=(Entity('software'),),
        serial=(CHASSIS, _S5_SERIAL),
        alone=False,
    ),
    Rule(
        'enterasys',
        'Enterasys',
        'Enterasys',
        '5624 52',
        r'^(?:(?:Enterasys|Extreme|Cabletron)[^,.]*,? ?(?:Inc\.?)? )?(?P<model>.+?),? [Rr]ev(?:ision)?:? '
        r'(?P<version>\d\S*)',
        model=(DESCR, CHASSIS),
    ),
    Rule('enterasys', 'Enterasys', 'Enterasys', '5624 52', version=(Entity('software'),)),
    Rule(
        'extreme-wireless',
        'Extreme Networks',
        'EWC',
        '4329.15.1.1',
        r'Controller - (?P<model>.+?), +System Version (?P<version>\S+)',
        alone=True,
    ),
    Rule('extreme-exos', 'Extreme Networks', 'EXOS', descr=r'Extreme ?(?:Ware ?)?X[O0]S version (?P<version>\S+)'),
    Rule(
        'extreme-exos',
        'Extreme Networks',
        'EXOS',
        '1916.2',
        version=(
            Entity('software', r'^(\d\S*)'),
            Scalar('1916.1.1.1.13.0', r'^(\d\S*)'),
            Column('1916.1.33.2.1.7', r'^(\d\S*)'),
        ),
    ),
    Rule(
        'brocade-fabos',
        'Brocade',
        'Fabric OS',
        '1588.2',
        version=(Scalar('1588.2.1.1.1.1.6.0'), Entity('software'), Entity('firmware')),
        # What it calls the model is the part number of the chassis.
        model=(
            Entity('model', r'^(?!\d\d-\d{7}-\d\d$)(.+)'),
            Entity('description', r'^((?:DS_|SNS|BROCADE_?)\d\w*)$'),
        ),
        serial=(CHASSIS, Scalar('1588.2.1.1.1.1.10.0')),
        chassis=False,
    ),
    Rule(
        'foundry-netiron',
        'Extreme Networks',
        'NetIron',
        '1991',
        r'(?P<model>(?:Multi-Service )?(?:NetIron|MLX\w*|CER|CES|XMR)[\w -]*?)(?:,| Extended| \(|$)'
        r'.*?IronWare Version V?(?P<version>\S+)',
        serial=(CHASSIS, _FOUNDRY_SERIAL),
    ),
    Rule(
        'brocade-serveriron',
        'Brocade',
        'ServerIron',
        descr=r'ServerIron(?:.*?\b(?:IronWare|TrafficWorks?) Version V?(?P<version>\d\S*))?',
        model=(CHASSIS, Descr(r'(ServerIron ?(?:(?:[A-Z]+ )*\d\w*(?:-\w+)*|[A-Z]{2,}\b))')),
        serial=(CHASSIS, _FOUNDRY_SERIAL),
    ),
    Rule(
        'ruckus-fastiron',
        'Ruckus',
        'FastIron',
        '1991',
        r'IronWare Version V?(?P<version>\S+)',
        model=(
            CHASSIS,
            Descr(r'\b((?:ICX|FCX|FWS|FGS|FLS|FES|FESX|FSX|SX|TI)-?\d[\w-]*)'),
            Descr(r'\b((?:Big|Fast|Turbo|Edge|Net)Iron(?: [A-Z0-9][\w-]*)*),'),
        ),
        serial=(CHASSIS, _FOUNDRY_SERIAL),
        alone=True,
    ),
    Rule(
        'ruckus-fastiron',
        'Ruckus',
        'FastIron',
        '1991',
        version=(Scalar('1991.1.1.2.1.49.0'), Scalar('1991.1.1.2.1.11.0')),
        serial=(CHASSIS, _FOUNDRY_SERIAL),
    ),
    Rule('brocade-vyatta', 'Brocade', 'Vyatta', '30803', r'^Vyatta (?:v?(?P<version>\d\S*)|unknown-version)'),
)
