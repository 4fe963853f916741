"""Switches of data centres: Arista, Dell, NVIDIA, FS and systems sold without hardware."""

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

# RADLAN-Physicaldescription-MIB, rlPhdUnitGenParam... of unit 1
_RADLAN_VERSION = Scalar('89.53.14.1.2.1')

_DELL_MODEL = Scalar('674.10895.3000.1.2.100.1.0')

_DELL_VERSION = Scalar('674.10895.3000.1.2.100.4.0')

_DELL_SERIAL = Scalar('674.10895.3000.1.2.100.8.1.4.1')

_CUMULUS_MODEL = (Entity('description', r'(\S+) Chassis$'), CHASSIS)

RULES = (
    Rule(
        'arista-mos',
        'Arista',
        'MOS',
        '43191',
        r'^(?:Linux )?.*?(?:MOS|Metamako).*?(?:-|version |release )(?P<version>[\d.]+)',
        version=(DESCR, Entity('software')),
        model=(CHASSIS, Descr(r' running on an? (.+)$')),
    ),
    Rule('arista-mos', 'Arista', 'MOS', '43191', version=(Entity('software'),)),
    Rule(
        'arista-eos',
        'Arista',
        'EOS',
        descr=r'Arista Networks EOS version (?P<version>\S+) running on an? Arista(?: Networks)? (?P<model>\S+)',
        model=(DESCR, CHASSIS),
    ),
    Rule('arista-eos', 'Arista', 'EOS', '30065', version=(Entity('software'), Entity('software', kind=9))),
    Rule(
        'dell-os10',
        'Dell',
        'OS10',
        '674.11000.5000.100',
        r'(?:OS Version: (?P<version>\S+))?(?:.*System Type: (?P<model>\S+))?',
        version=(Descr(r'OS Version: (\S+)'), Entity('software'), Entity('software', kind=9)),
        model=(CHASSIS, Descr(r'System Type: (\S+)'), Scalar('674.11000.5000.100.4.1.1.4.1.3.1.1', r'^(\S+)')),
        serial=(CHASSIS, Scalar('674.11000.5000.100.4.1.1.3.1.7.1')),
    ),
    Rule(
        'dell-os9',
        'Dell',
        'OS9',
        '6027.1',
        r'(?:Application Software Version:? ?(?P<version>\d[\w.()-]*))?',
        version=(
            Descr(r'Application Software Version:? ?(\d+\.\d+(?:\.\w+)*(?:\([\w.]+\))?|[A-Z]?\d+(?:-\d+)+)'),
            Column('6027.3.26.1.3.4.1.10'),
            Column('6027.3.10.1.2.2.1.10'),
        ),
        model=(Descr(r'Series: ([\w+()./-]+)'), CHASSIS, Scalar('6027.3.10.1.2.2.1.7.1'), products.FORCE10),
        serial=(
            CHASSIS,
            Scalar('6027.3.26.1.3.4.1.11.1'),
            Scalar('6027.3.10.1.2.2.1.12.1'),
            Scalar('6027.3.1.1.1.2.0'),
        ),
    ),
    Rule(
        'dell-os6',
        'Dell',
        'OS6',
        '674.10895',
        r'^(?P<model>(?:Dell )?(?:EMC )?(?:Networking|PowerConnect|Powerconnect|PowerSwitch) ?\S+), '
        r'(?P<version>\d[\w.]+)',
        model=(DESCR, _DELL_MODEL, CHASSIS),
        serial=(CHASSIS, _DELL_SERIAL),
    ),
    Rule(
        'dell-powerconnect',
        'Dell',
        'OS6',
        '674.10895',
        r'^(?P<model>(?:Dell )?(?:EMC )?(?:Networking|PowerConnect|Powerconnect) ?\S*)?',
        version=(_DELL_VERSION, Entity('software'), _RADLAN_VERSION),
        model=(CHASSIS, _DELL_MODEL, DESCR),
        serial=(CHASSIS, _DELL_SERIAL),
    ),
    Rule(
        'dell-sonic',
        'Dell',
        'SONiC',
        descr=r'SONiC Software Version: (?:SONiC[.-])?(?P<version>\S+).*?HwSku: (?P<model>Dell\S*|Force10\S*)',
    ),
    Rule(
        'edgecore-sonic',
        'Edgecore',
        'SONiC',
        descr=r'SONiC Software Version: (?:SONiC[.-])?(?P<version>\S+).*?HwSku: (?P<model>Accton\S*)',
    ),
    Rule(
        'nvidia-sonic',
        'NVIDIA',
        'SONiC',
        descr=r'SONiC Software Version: (?:SONiC[.-])?(?P<version>\S+).*?HwSku: (?P<model>(?:ACS-MSN|Mellanox)\S*)',
    ),
    Rule(
        'bnt',
        'Lenovo',
        'BNT',
        '1872 26543 20301',
        r'^(?!Alteon\b)(?:.*?(?P<model>RackSwitch \S+|G8\d{3}\w*))?',
        version=(Scalar('1872.2.1.2.1.7.0'), Scalar('26543.2.7.6.1.1.1.10.0')),
    ),
    Rule(
        'lenovo-cnos',
        'Lenovo',
        'CNOS',
        '19046.1.7',
        r'^Lenovo (?:ThinkSystem )?(?P<model>.+)$',
        version=(Entity('software'),),
    ),
    Rule(
        'fusion-sfp',
        'Fusion',
        'FNS',
        '259.6.10.120',
        r'^(?P<model>FNS-\S+)',
        version=(Scalar('259.6.10.120.1.1.3.1.6.1'),),
        serial=(CHASSIS, Scalar('259.6.10.120.1.1.3.1.10.1')),
    ),
    Rule(
        'edgecore',
        'Edgecore',
        'Edgecore',
        '259',
        r'(?:^(?:Edge-Core .*?Switch )?(?P<model>[A-Z]+\d\S*))?',
        version=(
            Entity('software'),
            Entity('firmware'),
            Entity('firmware', kind=9),
            Scalar('^.1.1.3.1.6.1'),
            Scalar('@.1.1.3.1.6.1'),
        ),
        model=(CHASSIS, DESCR, Scalar('^.1.1.5.1.0'), Scalar('@.1.1.5.1.0')),
        serial=(CHASSIS, Scalar('^.1.1.3.1.10.1'), Scalar('@.1.1.3.1.10.1')),
    ),
    Rule('broadcom-efos', 'Broadcom', 'EFOS', '4413', r'^EFOS, (?P<version>\d[\d.]+)'),
    Rule('edgecore-sonic', 'Edgecore', 'SONiC', descr=r'(?i)Edgecore SONiC (?P<version>\S+)'),
    Rule(
        'cumulus',
        'NVIDIA',
        'Cumulus Linux',
        descr=r'Cumulus Linux (?:version )?(?P<version>\d\S*)',
        model=_CUMULUS_MODEL,
    ),
    Rule(
        'cumulus',
        'NVIDIA',
        'Cumulus Linux',
        '40310 8072',
        r'Cumulus|^Linux \S+ \S+-cl-\d',
        model=_CUMULUS_MODEL,
        version=(Entity('software', r'(\d+\.\d+\.\d+)'), Descr(r'\+cl(\d+\.\d+\.\d+)')),
    ),
    Rule('cumulus', 'NVIDIA', 'Cumulus Linux', '40310', version=(Entity('software', r'(\d+\.\d+\.\d+)'),)),
    Rule(
        'mellanox-onyx',
        'NVIDIA',
        'Onyx',
        '33049',
        r'(?:SWv|MLNX-OS |Onyx |EFM_)(?P<version>\d+\.\d+\.\d+)',
        model=(CHASSIS, Descr(r'\b(M[STQ][BNXS]\w{2,}(?:-\w+)*)')),
    ),
    Rule('mellanox-onyx', 'NVIDIA', 'Onyx', '33049', version=(Entity('software'),)),
    Rule(
        'pica8-picos',
        'Pica8',
        'PicOS',
        '35098',
        r'PicOS for (?P<model>\S+)|^Pica8 .*?Software version (?P<version>\d[\d.]+\d)',
        model=(CHASSIS, DESCR, Descr(r'Hardware model (\S+)')),
        serial=(CHASSIS, Scalar('35098.1.16.0')),
    ),
    Rule(
        'fs-centec',
        'FS',
        'FSOS',
        '52642 27975',
        r'software \((?P<model>[^)]+)\), Version (?P<version>\S+)',
        serial=(CHASSIS, Scalar('27975.37.1.5.1.10.1.1'), Column('52642.1.37.1.5.1.10')),
    ),
    Rule(
        'fs-bdcom',
        'FS',
        'FSOS',
        '52642.1 3320',
        r'\b(?P<model>(?:S|IES)\d{4}-\w+) Series Software, Version (?P<version>[^\s,]+)',
        # NMS-CARD-MIB nmscardSwVersion and nmscardSerial of the main card
        version=(Scalar('52642.3.6.10.1.6.0', r'^(\d+\.\d\S*)'), DESCR),
        serial=(CHASSIS, Scalar('52642.3.6.10.1.4.0')),
    ),
    Rule(
        'fs-datacenter',
        'FS',
        'FSOS',
        '52642.1.1',
        r'(?:Switch ?(?:PoE )?\((?P<model>[^)]+)\))?',
        version=(Scalar('52642.1.1.10.2.21.1.2.1.8.1'), Scalar('52642.1.1.10.2.1.1.2.0')),
        model=(CHASSIS, Scalar('52642.1.1.10.2.21.1.2.1.2.1'), Descr(r'Switch ?(?:PoE )?\(([^)]+)\)')),
        serial=(CHASSIS, Scalar('52642.1.1.10.2.21.1.2.1.10.1'), Scalar('52642.1.1.10.2.1.1.24.0')),
    ),
    Rule(
        'fs-switch',
        'FS',
        'FSOS',
        '52642.2',
        r'^(?P<model>[A-Z]\d\S+)',
        version=(Entity('firmware'), Entity('firmware', kind=9), Entity('software'), Scalar('^.1.1.3.1.6.1')),
        serial=(CHASSIS, Scalar('^.1.1.3.1.10.1')),
    ),
    Rule(
        'fs-switch',
        'FS',
        'FSOS',
        '52642',
        r'(?:(?P<model>[SN]\d{4}\S*).*?)?(?:[Vv]ersion (?P<version>\d\S*?),?(?: |$))?',
        version=(Descr(r'[Vv]ersion (\d\S*?),?(?: |$)'), Entity('software')),
        model=(CHASSIS, Descr(r'\b([SN]\d{4}\w*(?:-\w+)*)')),
    ),
    Rule(
        'fs-gbn',
        'FS',
        'FSOS',
        '13464',
        version=(Scalar('13464.1.2.1.1.2.2.0', r'(V\d\S+)'),),
        model=(CHASSIS, Scalar('13464.1.2.1.1.2.15.0', r'^(\S+)')),
        serial=(CHASSIS, Scalar('13464.1.2.1.1.2.19.0')),
    ),
)
