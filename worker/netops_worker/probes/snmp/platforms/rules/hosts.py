"""Servers, storage, printers and general-purpose systems. The last of all, as it has the most general rules."""

from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    Descr,
    Rule,
    Scalar,
)

__all__ = ('RULES',)

# Printer-MIB prtGeneralSerialNumber, HOST-RESOURCES-MIB hrDeviceDescr of the printer
_PRINTER_SERIAL = Scalar('1.3.6.1.2.1.43.5.1.1.17.1')

_PRINTER_MODEL = Scalar('1.3.6.1.2.1.25.3.2.1.3.1')

# NET-SNMP-EXTEND-MIB nsExtendOutput1Line of the scripts `distro`, `hardware` and `manufacturer`
_EXTEND = '8072.1.3.2.3.1.1'

_DISTRO = Scalar(f'{_EXTEND}.6.100.105.115.116.114.111')

_HARDWARE = Scalar(f'{_EXTEND}.8.104.97.114.100.119.97.114.101')

RULES = (
    Rule(
        'hpe-ilo',
        'HPE',
        'iLO',
        '232.9.4',
        r'Integrated Lights-Out \d (?P<version>[\d.]+)',
        model=(CHASSIS, Scalar('232.2.2.4.2.0')),
        serial=(CHASSIS, Scalar('232.2.2.2.1.0')),
        alone=True,
    ),
    Rule(
        'dell-drac',
        'Dell',
        'iDRAC',
        '674.10892.2 674.10892.5 674.10892',
        r'(?i)Out-of-band|iDRAC|Remote Access Controller|^DELL Chassis|Chassis Management',
        version=(Scalar('674.10892.5.1.1.8.0'), Scalar('674.10892.2.1.1.5.0'), Scalar('674.10892.2.1.2.1.0')),
        model=(CHASSIS, Scalar('674.10892.5.1.3.12.0'), Scalar('674.10892.2.1.1.2.0', r'(\w+.*)')),
        serial=(CHASSIS, Scalar('674.10892.5.1.3.2.0'), Scalar('674.10892.2.1.1.11.0')),
    ),
    Rule(
        'dell-ome-modular',
        'Dell',
        'OME-M',
        '674.10892.6',
        version=(Scalar('674.10892.6.1.1.5.0'),),
        model=(CHASSIS, Scalar('674.10892.6.1.1.1.0')),
        serial=(CHASSIS, Scalar('674.10892.6.1.1.6.0')),
    ),
    Rule(
        'dell-drac',
        'Dell',
        'iDRAC',
        '674.10892',
        version=(Scalar('674.10892.5.1.1.8.0'), Scalar('674.10892.2.1.2.1.0')),
        model=(CHASSIS, Scalar('674.10892.5.1.3.12.0')),
        serial=(CHASSIS, Scalar('674.10892.5.1.3.2.0')),
    ),
    Rule(
        'ibm-imm',
        'Lenovo',
        'IMM',
        '2.3.51.3 8072',
        present='2.3.51.3.1',
        version=(Scalar('2.3.51.3.1.5.1.1.3.1'),),
        model=(CHASSIS, Scalar('2.3.51.3.1.5.2.1.5.0')),
        serial=(CHASSIS, Scalar('2.3.51.3.1.5.2.1.3.0')),
    ),
    Rule(
        'fujitsu-irmc',
        'Fujitsu',
        'iRMC',
        '231.1.28',
        version=(Scalar('231.2.10.2.2.10.3.4.1.4.1.1'),),
        model=(CHASSIS, Scalar('231.2.10.2.2.10.2.3.1.5.1')),
        serial=(CHASSIS, Scalar('231.2.10.2.2.10.2.3.1.7.1')),
    ),
    Rule(
        'synology-dsm',
        'Synology',
        'DSM',
        '6574 8072',
        present='6574.1.5',
        version=(Scalar('6574.1.5.3.0', r'(\d\S*)$'),),
        model=(Scalar('6574.1.5.1.0'),),
        serial=(Scalar('6574.1.5.2.0'),),
    ),
    Rule(
        'qnap-qts',
        'QNAP',
        'QTS',
        '24681 8072 55062',
        present='24681.1',
        version=(
            Scalar('24681.2.2.12.0', r'(\d\S*)'),
            Descr(r'^Linux \S+ (\d+\.\d+\.\d+)$'),
            Scalar('1.3.6.1.2.1.47.1.1.1.1.9.1'),
        ),
        model=(CHASSIS, Scalar('24681.1.2.12.0'), Scalar('24681.1.3.12.0')),
    ),
    Rule(
        'netapp',
        'NetApp',
        'ONTAP',
        '789',
        r'^NetApp Release (?P<version>[^:\s]+)',
        model=(Scalar('789.1.1.5.0'),),
        serial=(Scalar('789.1.1.9.0'),),
    ),
    Rule(
        'dell-powervault',
        'Dell',
        'PowerVault',
        '674.10893',
        model=(Scalar('674.10893.2.31.500.1.5.0'),),
        serial=(Scalar('674.10893.2.31.500.1.3.0'),),
    ),
    Rule(
        'isilon-onefs',
        'Dell',
        'OneFS',
        descr=r'Isilon OneFS v?(?:\S+ v)?(?P<version>\d[\d.]+)',
        model=(Scalar('12124.2.51.1.4.1'),),
        serial=(Scalar('12124.2.51.1.3.1'),),
    ),
    Rule('truenas', 'iXsystems', 'TrueNAS', descr=r'^(?:Free|True)NAS-(?P<version>\S+)'),
    Rule(
        'purestorage',
        'Pure Storage',
        'Purity',
        '40482',
        r'^Pure Storage (?P<model>[^,]+), Purity//\w+ (?P<version>\S+)',
    ),
    Rule('nimble', 'HPE', 'Nimble OS', '37447', r'running software version (?P<version>\S+)'),
    Rule(
        'hp-jetdirect',
        'HP',
        'JetDirect',
        '11.2.3.9',
        r'(?:PID:(?:HP )?(?P<model>.+?)$)?',
        model=(Scalar('11.2.3.9.1.1.7.0', r'MDL:(?:HP |Hewlett-Packard )?([^;]+)'), Descr(r'PID:(?:HP )?(.+)$')),
        serial=(_PRINTER_SERIAL, Scalar('11.2.3.9.4.2.1.1.3.3.0')),
    ),
    *(
        Rule(rule, vendor, f'{vendor} printer', oids, model=(_PRINTER_MODEL,), serial=(_PRINTER_SERIAL,), chassis=False)
        for rule, vendor, oids in (
            ('brother', 'Brother', '2435'),
            ('canon-printer', 'Canon', '1602.4'),
            ('epson-printer', 'Epson', '1248'),
            ('konica-minolta', 'Konica Minolta', '18334 2590'),
            ('kyocera', 'Kyocera', '1347'),
            ('lexmark', 'Lexmark', '641'),
            ('oki-printer', 'OKI', '2001'),
            ('ricoh', 'Ricoh', '367'),
            ('samsung-printer', 'Samsung', '236'),
            ('sharp-printer', 'Sharp', '2385'),
            ('xerox', 'Xerox', '253 297'),
            ('dell-printer', 'Dell', '674.10898'),
        )
    ),
    Rule('axis-camera', 'Axis', 'AXIS OS', '368', r'^;? ?(?P<model>AXIS [^;]+); (?:[^;]+); (?P<version>\d[^;]+);'),
    Rule('vmware-esxi', 'VMware', 'ESXi', '6876.4.1', r'^VMware ESXi? (?P<version>[\d.]+)'),
    Rule(
        'vmware-vcsa', 'VMware', 'vCenter Server Appliance', '6876.4.6', r'Appliance (?P<version>[\d.]+)', chassis=False
    ),
    Rule(
        'proxmox',
        'Proxmox',
        'Proxmox VE',
        '8072',
        r'^Linux \S+ (?P<version>\S+) .*\bPVE\b|-pve\b',
        chassis=False,
        alone=True,
    ),
    Rule('vyos', 'VyOS', 'VyOS', '44641 30803 8072', r'VyOS (?:\D\S* )?(?P<version>\d\S*)'),
    Rule('vyos', 'VyOS', 'VyOS', '44641', version=(Scalar('1.3.6.1.2.1.47.1.1.1.1.10.1'),)),
    Rule(
        'sonic',
        'SONiC',
        'SONiC',
        descr=r'SONiC Software Version: (?:SONiC[.-])?(?P<version>\S+)(?: - HwSku: (?P<model>\S+))?',
    ),
    Rule('frrouting', 'FRRouting', 'FRRouting', descr=r'\bFRR(?:outing)?\b[ /v]*(?P<version>\d[\w.-]*)?'),
    Rule(
        'windows',
        'Microsoft',
        'Windows',
        descr=r'Software: Windows (?:\w+ )?Version (?P<version>[\d.]+(?: \(Build (?:Number: )?\d+)?)',
        version=(Descr(r'Software: Windows (?:\w+ )?Version ([\d.]+)'),),
        chassis=False,
    ),
    Rule(
        'openwrt',
        'OpenWrt',
        'OpenWrt',
        '8072',
        r'^Linux OpenWrt ',
        version=(Scalar(_DISTRO.oid, r'(\d\d\.\d\d\S*)'),),
        model=(_HARDWARE,),
        chassis=False,
    ),
    Rule('freebsd', '', 'FreeBSD', descr=r'FreeBSD (?:\S+ )?(?P<version>\d+\.\d+-[\w-]+)', generic=True),
    Rule('openbsd', '', 'OpenBSD', descr=r'^OpenBSD \S+ (?P<version>\d\S*)', generic=True),
    Rule('openbsd', '', 'OpenBSD', '30155.23'),
    Rule('netbsd', '', 'NetBSD', descr=r'^NetBSD \S+ (?P<version>\d\S*)', generic=True),
    Rule('dragonfly', '', 'DragonFly BSD', descr=r'DragonFly v(?P<version>\S+)-RELEASE', generic=True),
    Rule('macos', 'Apple', 'macOS', descr=r'^Darwin '),
    Rule('solaris', 'Oracle', 'Solaris', descr=r'^SunOS \S+ (?P<version>\S+)', generic=True),
    Rule(
        'aix',
        'IBM',
        'AIX',
        '2.3.1.2.1.1.3',
        r'AIX version: (?P<version>\d[\d.]*)',
        model=(Scalar('2.6.191.1.3.6.0'),),
        serial=(Scalar('2.6.191.1.3.7.0'),),
    ),
    Rule('ibm-i', 'IBM', 'IBM i', descr=r'^IBM OS/400 (?P<version>\S+)'),
    Rule(
        'linux',
        '',
        'Linux',
        '8072 2021.250.10',
        r'^Linux(?: \S+)? (?P<version>\d+\.\d+\S*)',
        chassis=False,
        generic=True,
    ),
)
