"""Agents that no platform rule knows, and platforms that few networks have. Recordings are made up from the MIBs."""

import time

import pytest

from netops_worker.probes.snmp.platforms import Platform
from netops_worker.probes.snmp.platforms.book import RuleBook, compiled
from netops_worker.probes.snmp.platforms.rule import Rule
from netops_worker.probes.snmp.platforms.rules import RULES

from .platform_agent import CHASSIS_ROW, ENTERPRISES, FAN, Agent, entity, found, values

DEVICES = {
    'ios with a sysDescr of its administrator': (
        '9.1.366',
        'Cisco Internetwork Operating System Software',
        {'9.9.25.1.1.1.2.5': 'CW_VERSION$12.1(22)EA14$', '9.3.6.3.0': 'CAT0000A001'},
        [],
        ('Cisco', 'IOS', '12.1(22)EA14', 'WS-C3550-24', 'CAT0000A001'),
    ),
    'catos, sysDescr in sentences': (
        '9.5.17',
        'Cisco Systems WS-C5500.Cisco  Catalyst Operating System Software, Version 5.5(13a).',
        {},
        [],
        ('Cisco', 'CatOS', '5.5(13a)', 'WS-C5500', ''),
    ),
    'aironet before ios': (
        '9.1.379',
        'Cisco AP340 11.21',
        {},
        [],
        ('Cisco', 'Aironet', '11.21', 'AP340', ''),
    ),
    'catalyst 1300x': (
        '9.1.3400',
        'Catalyst 1300X Series Managed Switch, 24GE, 4SFP28 (C1300X-24T-4X)',
        {},
        [],
        ('Cisco', 'Small Business', '', 'C1300X-24T-4X', ''),
    ),
    'meraki of cisco': (
        '29671.2.55',
        'Cisco Wireless CW9164I Cloud Managed AP',
        {},
        [],
        ('Cisco Meraki', 'Meraki', '', 'CW9164I', ''),
    ),
    'meraki without a model': (
        '29671.1',
        'Cisco Meraki Cloud Controller',
        {},
        [],
        ('Cisco Meraki', 'Meraki', '', '', ''),
    ),
    'vrp that says its product only': (
        '2011.2.279.3',
        'S12708',
        {},
        [entity(1) | CHASSIS_ROW | {'serial': '2102110000A1', 'software': 'Version 5.170 V200R019C10SPC500'}],
        ('Huawei', 'VRP', 'V200R019C10SPC500', 'S12708', '2102110000A1'),
    ),
    'vrp that says nothing': (
        '2011.2.89.3',
        '',
        {},
        [
            entity(1)
            | CHASSIS_ROW
            | {'description': 'ME60-X3 frame', 'serial': '2102350000A2', 'software': 'VRP (R) software, Version 8.180'}
        ],
        ('Huawei', 'VRP', '8.180', 'ME60-X3', '2102350000A2'),
    ),
    'smartax, product by its backplane': (
        '2011.2.169',
        'Huawei Integrated Access Software',
        {'2011.6.3.1.999.0': 'MA5600V800R018C00'},
        [entity(1) | CHASSIS_ROW | {'description': 'MA5603T'}],
        ('Huawei', 'SmartAX', 'V800R018C00', 'MA5603T', ''),
    ),
    'zxros, the chassis calls itself by the series': (
        '3902.3.600.3.1.601',
        'ZTE ZXR10 9916 Software, 9900 Version: V1.02.20, RELEASE SOFTWARE',
        {},
        [entity(1) | CHASSIS_ROW | {'model': '9900'}],
        ('ZTE', 'ZXROS', 'V1.02.20', '9916', ''),
    ),
    'wavence': ('637.54.1.10.90.1', 'V240100', {}, [], ('Nokia', 'Wavence', 'V240100', '', '')),
    'drgos': (
        '9303.1.3.15',
        'DRG600 Version: drgos-gui-1.12.7',
        {},
        [],
        ('PacketFront', 'drgos', '1.12.7', 'DRG600', ''),
    ),
    'h3c access controller': (
        '25506.1.264',
        'H3C Comware Platform Software H3C WX5540E. Product Version Release 2609P57 Copyright (c) 2004-2016',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'H3C WX5540E', 'serial': '210231A00001'}],
        ('H3C', 'Comware', 'Release 2609P57', 'H3C WX5540E', '210231A00001'),
    ),
    'h3c by its brand': (
        '25506.1.578',
        'H3C Switch E552 Software Version 5.20, Release 1513P81\nCopyright(c) 2004-2013 Hangzhou H3C Tech.',
        {},
        [],
        ('H3C', 'Comware', '5.20', 'E552', ''),
    ),
    'arubaos with switches below it': (
        '14823.1.1.32',
        'ArubaOS (MODEL: Aruba7205), Version 6.5.4.0 (61662)',
        {'14823.2.2.1.2.1.29.0': 'CV0000001'},
        [entity(1001, **{'class': 3, 'model': 'ArubaS2500-24P', 'serial': 'BJ0000001'})],
        ('Aruba', 'ArubaOS', '6.5.4.0', 'Aruba7205', 'CV0000001'),
    ),
    'instant, version only': (
        '14823.1.2.61',
        'ArubaOS Version 6.4.4.8-4.2.4.5',
        {},
        [],
        ('Aruba', 'Instant', '6.4.4.8-4.2.4.5', '', ''),
    ),
    'procurve of foundry': (
        '11.2.3.7.11.28',
        'Hewlett-Packard Company Software Version J4874A HP ProCurve Routing Switch 9304M, Software Version 07.8.03T53',
        {},
        [],
        ('HPE', 'ProCurve', '07.8.03T53', 'Routing Switch 9304M', ''),
    ),
    'fabos, a part number is no model': (
        '1588.2.1.1.1',
        'Fibre Channel Switch.',
        {'1588.2.1.1.1.1.6.0': '8.2.3'},
        [entity(1) | CHASSIS_ROW | {'description': 'DS_6610B', 'model': '40-1000000-01', 'serial': 'ALM0000A001'}],
        ('Brocade', 'Fabric OS', '8.2.3', 'DS_6610B', 'ALM0000A001'),
    ),
    'vyatta of an unknown version': ('30803', 'Vyatta unknown-version', {}, [], ('Brocade', 'Vyatta', '', '', '')),
    'mss of nortel': (
        '45.6.1.3.1.3',
        'Nortel Wireless Security Switch 2382, 7.1.5.2 REL',
        {},
        [],
        ('Trapeze', 'MSS', '7.1.5.2', 'Wireless Security Switch 2382', ''),
    ),
    'extremeware, a letter in the version': (
        '1916.2.61',
        'Summit300-24 - Version 7.5e.1 (Build 4) by Release_Master 09/13/06 12:17:15',
        {},
        [],
        ('Extreme Networks', 'ExtremeWare', '7.5e.1', 'Summit300-24', ''),
    ),
    'aos without a model': (
        '6486.800.1.1.2.1.3.1.5',
        'Alcatel-Lucent 6.4.4.585.R01 GA, April 18, 2012.',
        {},
        [],
        ('Alcatel-Lucent Enterprise', 'AOS', '6.4.4.585.R01', '', ''),
    ),
    'passport': (
        '2272.45',
        'Passport-1612G (1.2.0.1)',
        {},
        [],
        ('Extreme Networks', 'VOSS', '1.2.0.1', 'Passport-1612G', ''),
    ),
    'xorplus': (
        '35098',
        'Pica8 XorPlus Platform Software Software version 2.4.1, Release 18103. Hardware model P-3290 Release',
        {},
        [],
        ('Pica8', 'PicOS', '2.4.1', 'P-3290', ''),
    ),
    'gigavue by sysDescr': (
        '26866.3.10',
        'Linux example 2.6.34-GIGAMONsmp-gvt10 GigaVUE-OS 5.3.00',
        {},
        [],
        ('Gigamon', 'GigaVUE-OS', '5.3.00', '', ''),
    ),
    'rackswitch': (
        '26543.1.7.6',
        'IBM Networking Operating System RackSwitch G8124',
        {},
        [],
        ('Lenovo', 'BNT', '', 'RackSwitch G8124', ''),
    ),
    'nexans in brackets': (
        '266.1.3.70',
        'GigaSwitch 541 Desk SFP-I (HW3/ENHANCED/SECURITY/V4.13)',
        {},
        [],
        ('Nexans', 'Nexans', '4.13', 'GigaSwitch 541 Desk SFP-I', ''),
    ),
    '3com': (
        '43.1.8.40',
        'Super Stack Switch 3870 Software',
        {},
        [],
        ('3Com', '3Com', '', 'Super Stack Switch 3870', ''),
    ),
    'no boss but a hub': (
        '45.3.34.1',
        'Bay Stack 250 Stackable Hub Agent v3.2.1',
        {},
        [],
        ('Nortel', 'Bay Hub', '3.2.1', 'Bay Stack 250', ''),
    ),
    'zonedirector': (
        '25053.3.1',
        'Ruckus Wireless ZD3050',
        {'25053.1.2.1.1.1.1.18.0': '9.8.2.0 build 15'},
        [],
        ('Ruckus', 'ZoneDirector', '9.8.2.0 build 15', 'ZD3050', ''),
    ),
    'ray before its scalars had an index': (
        '33555.1.1',
        'RAy - Microwave Link',
        {'33555.1.1.1.1': 'RAY11', '33555.1.1.1.2': 9870001, '33555.1.1.2.2': '4.0.22.0'},
        [],
        ('RACOM', 'RAy', '4.0.22.0', 'RAY11', '9870001'),
    ),
    'siklu multihaul': (
        '31926.35',
        'MH-T200',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'MH-T200-CCC-PoE', 'serial': 'FB00000001', 'software': '3.1.0-4000'}],
        ('Siklu', 'Siklu', '3.1.0-4000', 'MH-T200-CCC-PoE', 'FB00000001'),
    ),
    'albentia': (
        '28087.12.10.1',
        'AXS-BS-250',
        {'28087.12.10.1.2.0': 'Release 21.4.100', '28087.12.10.1.5.0': 'AXS-BS-250'},
        [],
        ('Albentia', 'Albentia OS', '21.4.100', 'AXS-BS-250', ''),
    ),
    'swos without its version': (
        '14988.2',
        'CSS326-24G-2S+RM',
        {},
        [],
        ('MikroTik', 'SwOS', '', 'CSS326-24G-2S+RM', ''),
    ),
    'unifi gateway': (
        '8072.3.2.10',
        'Ubiquiti UniFi UCG-Max 4.1.13 Linux 5.4.213 ipq5322',
        {},
        [],
        ('Ubiquiti', 'UniFi', '4.1.13', 'UCG-Max', ''),
    ),
    'fortiwlc by its manufacturer': (
        '15983.1.1.7.3',
        'controller',
        {'15983.1.1.4.1.1.28.0': '00:00:5e:00:53:01', '15983.1.1.4.1.1.32.0': '5213MC0000001'},
        [],
        ('Fortinet', 'FortiWLC', '', '', '5213MC0000001'),
    ),
    'fireware with a name': ('3097.1.5.87', 'Border of the site', {}, [], ('WatchGuard', 'Fireware', '', '', '')),
    'pfsense plus': ('8072.3.2.8', 'Netgate PFSENSE Plus', {}, [], ('Netgate', 'pfSense', '', '', '')),
    'opengear lighthouse': (
        '25049.1.42',
        'Linux lighthouse 6.6.96-lighthouse-yocto-standard #1 SMP',
        {'25049.18.1.1.1.0': '"25.04.2 "'},
        [],
        ('Opengear', 'Lighthouse', '25.04.2', '', ''),
    ),
    'rutos outdoor': (
        '8072.3.2.10',
        'Linux site 6.6.115 #0 SMP mips',
        {'48690.1.1.0': '6000000001', '48690.1.2.0': 'OTD140', '48690.1.6.0': 'OTD1_R_00.07.06'},
        [],
        ('Teltonika', 'RutOS', 'OTD1_R_00.07.06', 'OTD140', '6000000001'),
    ),
    'cts': (
        '9304.100.51122',
        'HES-3112+ Version 1.00.07',
        {'9304.100.51122.1.2.14.0': '3C00000000001'},
        [],
        ('CTS', 'CTS', '1.00.07', 'HES-3112+', '3C00000000001'),
    ),
    'fs of bdcom': (
        '52642.1.504.0',
        'Fiberstore Co.,Limited Internetwork Operating System Software\nIES3110-8TF Series Software, Version 100001, R',
        {'52642.3.6.10.1.4.0': 'CG0000000001', '52642.3.6.10.1.6.0': '2.2.0F Build 100001'},
        [],
        ('FS', 'FSOS', '2.2.0F', 'IES3110-8TF', 'CG0000000001'),
    ),
    'bdcom, the only card is the first': (
        '3320.1.283.0',
        'BDCOM(tm) S5612 Software, Version 2.1.1B Build 30001',
        {'3320.3.6.10.1.4.1': '20000000001'},
        [],
        ('BDCOM', 'BDCOM', '2.1.1B', 'S5612', '20000000001'),
    ),
    'os9 on one line': (
        '6027.1.4.1',
        'Dell Networking OS Operating System Version: 1.0 Application Software Version: E8-3-16-0 Series: MXL-10/40GbE',
        {},
        [],
        ('Dell', 'OS9', 'E8-3-16-0', 'MXL-10/40GbE', ''),
    ),
    'sgos, the version far behind': (
        '3417.1.1.37',
        'Blue Coat SG-S500 Series, Version: SGOS 6.7.4.1, Release id: 200001 Proxy Edition',
        {},
        [],
        ('Blue Coat', 'SGOS', '6.7.4.1', 'Blue Coat SG-S500', ''),
    ),
    'netscaler by sysDescr': (
        '5951.1',
        'NetScaler NS13.1: Build 48.47.nc, Date: Jul  1 2023',
        {},
        [],
        ('Citrix', 'NetScaler', 'NS13.1: Build 48.47.nc', '', ''),
    ),
    'alteon': (
        '1872.1.13.3',
        'Alteon Application Switch 5208',
        {},
        [],
        ('Radware', 'Alteon OS', '', 'Application Switch 5208', ''),
    ),
    'cumulus in words': (
        '40310',
        'Cumulus Linux version 3.7.2 running on Example Systems',
        {},
        [],
        ('NVIDIA', 'Cumulus Linux', '3.7.2', '', ''),
    ),
    'efos': ('4413', 'EFOS, 3.7.0.4, Linux 4.14.174, 2016.05.00.06', {}, [], ('Broadcom', 'EFOS', '3.7.0.4', '', '')),
    'awplus, the only member is not the first': (
        '207.1.14.137',
        'Allied Telesis router/switch, AW+ v5.5.0-1.3',
        {'207.8.4.4.3.21.1.1.4.1.3': 'AT-SBx908 GEN2', '207.8.4.4.3.21.1.1.8.1.3': 'A00000000000001'},
        [],
        ('Allied Telesis', 'AlliedWare Plus', '5.5.0-1.3', 'AT-SBx908 GEN2', 'A00000000000001'),
    ),
    'maipu in the words of dcn': (
        '5651.1.102.16',
        'SM4100-8 Device, Compiled Mar 17 2010\n  SoftWare Version SM4100-8_6.0.100.1\n  BootRom Version 2.0.1',
        {},
        [],
        ('Maipu', 'MyPower', '6.0.100.1', 'SM4100-8', ''),
    ),
    'dcn stack': (
        '6339.1.1.5.3',
        'Digital China DCS-3926S',
        {'6339.1.1.5.3.1.1.3.1.6.1': '2.2.3.50', '6339.1.1.5.3.1.1.3.1.10.1': 'A300000001'},
        [],
        ('DCN', 'DCNOS', '2.2.3.50', 'DCS-3926S', 'A300000001'),
    ),
    'dptech': (
        '31648.1.12029',
        'DPTECH Conplat Platform Software\n Conplat software, Version V100R4, Release S1\n DPX8000-A3 Product Version',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'VSM_0', 'serial': '02000000P1'}],
        ('DPtech', 'ConPlat', 'V100R4', 'DPX8000-A3', '02000000P1'),
    ),
    'alaxala': (
        '21839.1.2.11',
        'ALAXALA AX3640S AX-3640-48TE-A [AX3640S-48T] Switching software Ver. 11.14.B [OS-L3A]',
        {},
        [],
        ('ALAXALA', 'AX-OS', '11.14.B', 'AX3640S-48T', ''),
    ),
    'metel': (
        '38616',
        '2G-10S.3.1.F-BOX-PoE (M-PoE), fw:60.7000, PoEfw:118',
        {},
        [],
        ('METEL', 'METEL', '60.7000', '2G-10S.3.1.F-BOX-PoE', ''),
    ),
    'engenius': ('44194.14.1.61', 'EnGenius ECS1112FP', {}, [], ('EnGenius', 'EnGenius', '', 'ECS1112FP', '')),
    'sangfor': (
        '35047.2.12',
        'Linux Wac',
        {'35047.1.1.0': 'WAC m5100'},
        [],
        ('Sangfor', 'Sangfor', '', 'WAC m5100', ''),
    ),
    'topsec': (
        '14331.1.4',
        'Topsec  NGFW4000(TG-5030) Software Version V3.3.010',
        {},
        [],
        ('Topsec', 'TOS', 'V3.3.010', 'NGFW4000(TG-5030)', ''),
    ),
    'venustech': ('15227.1.3.1', 'VENUS VSOS-V0600R0700', {}, [], ('Venustech', 'VSOS', 'V0600R0700', '', '')),
    'nsfocus': ('19849', 'ads', {}, [], ('NSFOCUS', 'NSFOCUS', '', '', '')),
    'nsfocus that left out private': ('', 'NSFOCUS-OSMS', {}, [], ('NSFOCUS', 'NSFOCUS', '', '', '')),
    'netentsec': ('30803', 'Netentsec NGFW', {}, [], ('Netentsec', 'Netentsec NGFW', '', '', '')),
    'clavister': (
        '5089.1',
        'Amaranten Firewall 8.90.06.01-11000',
        {},
        [],
        ('Clavister', 'cOS Core', '8.90.06.01-11000', '', ''),
    ),
    'infosec': (
        '27971',
        'Hardware: INFOSEC NSAE 5500 Intel(R) Xeon(R) CPU - Software: NSAE Rel.NSAE.8.4.0.5 build on Wed Aug 28 2013',
        {},
        [],
        ('Infosec', 'NSAE', '8.4.0.5', 'NSAE 5500', ''),
    ),
    'vss': ('21671.1.2', 'Optimizer 1600-TAP', {}, [], ('VSS Monitoring', 'VSS', '', 'Optimizer 1600-TAP', '')),
    'genieatm': (
        '9926.1.1.21.6705',
        'GenieATM 6303 version: 7.1.0-RP1(MP) built: 2024/01/02 03:04:05',
        {},
        [],
        ('Genie Networks', 'GenieATM', '7.1.0-RP1(MP)', '6303', ''),
    ),
    'digi': (
        '332.11.6',
        'Digi Connect WAN 4G, Version 82001900_B 02/17/2012',
        {},
        [],
        ('Digi', 'Digi', '82001900_B', 'Connect WAN 4G', ''),
    ),
    'aleos': (
        '20542.1',
        'LX40',
        {'20542.9.1.1.1.4.0': '4.14.0'},
        [],
        ('Sierra Wireless', 'ALEOS', '4.14.0', 'LX40', ''),
    ),
    'bintec': ('272.4', 'RS123', {}, [], ('bintec elmeg', 'bintec BOSS', '', 'RS123', '')),
    'mge': (
        '705.1',
        'Eaton 9SX 3000',
        {'705.1.1.7.0': 'G000A00001'},
        [],
        ('Eaton', 'MGE UPS', '', 'Eaton 9SX 3000', 'G000A00001'),
    ),
    'genua': ('3717.4.4', 'GeNUScreen 4.0 patchlevel 2', {}, [], ('genua', 'GeNUScreen', '4.0 patchlevel 2', '', '')),
    'exinda': ('21091', 'Linux exinda-4061 3.10.72-72EXINDAsmp #0 SMP', {}, [], ('Exinda', 'ExOS', '', '4061', '')),
    'versa': (
        '42359.2.2.1.1.4.1.2',
        'Versa Appliance',
        {'42359.2.2.1.1.7.2.0': 'CSG350', '42359.2.2.1.1.7.3.0': 'JPN00000002'},
        [],
        ('Versa Networks', 'Versa OS', '', 'CSG350', 'JPN00000002'),
    ),
    'dxmos': (
        '21150.3.19',
        'DXM Operating System (DXMOS), XKL LLC\n4.2.1-00000000 Feb 13 2025  23:52:02 UTC',
        {},
        [],
        ('XKL', 'DXMOS', '4.2.1', '', ''),
    ),
    'cubo': (
        '27894.10.1',
        'Linux SP-MNG 4.14.78-HS_Cube_Optics_2 #12 SMP',
        {'27894.11.241.1.1.1.1.2.0': 'REC000001', '27894.11.241.1.1.1.1.5.0': '1.0.40'},
        [],
        ('HUBER+SUHNER Cube Optics', 'Cubo', '1.0.40', '', 'REC000001'),
    ),
}  # fmt: skip


@pytest.mark.parametrize(('oid', 'description', 'rows', 'entities', 'expected'), DEVICES.values(), ids=DEVICES)
def test_devices(oid, description, rows, entities, expected):
    platform = found(oid, description, rows, entities)
    assert values(platform) == expected
    assert platform.failure is None


@pytest.mark.parametrize(
    'name',
    ['', 'Border of the site', 'core switch', 'firewall', 'controller', 'Linux', 'sw-3-north', 'Building 7 switch'],
)
def test_a_name_that_an_administrator_gave_is_no_value(name):
    """Many agents let sysDescr be set: whatever it says may not pass for a model."""
    for prefix in {prefix for rule in RULES for prefix in rule.oids.split()}:
        platform = found(prefix, name)
        assert (platform.model, platform.os_version, platform.serial) == ('', '', ''), platform.rule


def test_what_the_entity_mib_says_of_an_unknown_device_is_believed():
    agent = Agent({})
    rows = [entity(1) | CHASSIS_ROW | {'model': 'EX-1', 'serial': 'EX000001', 'software': '1.2.3'}]
    platform = found('32473.1', 'Example', entities=rows, agent=agent)
    assert platform == Platform(model='EX-1', os_version='1.2.3', serial='EX000001')
    assert (agent.requests, agent.probes, agent.walked) == ([], [], [])


def test_a_part_of_an_unknown_device_is_not_the_device():
    assert found('32473.1', 'Example', entities=[FAN]) == Platform()
    unclassed = entity(1, name='Example', model='EX-1', serial='EX000001')
    assert found('32473.1', 'Example', entities=[unclassed]) == Platform()


@pytest.mark.parametrize(
    ('description', 'version', 'serial'),
    [
        ('Example gateway, Software Version 2.13.4, Release 18103. Hardware model EX-3295', '2.13.4', ''),
        ('Example meter, fw:1.0.4_11717', '1.0.4_11717', ''),
        ('Example 2220 HW:03 FW:1.1.6 SW:1.3.0.2 BN: EX:0.0', '1.3.0.2', ''),
        ('Example, HW 1.1, SW: v7.30, OS: v5.20, SN: 373012240', '7.30', '373012240'),
        ('Example hub with TELNET software v3.0.Compiled', '3.0', ''),
        ('Example card (S/N: EX-00017017 - 11 03)', '', 'EX-00017017'),
        ('Example, Boot Software Version 1.0, Hardware Version 3.5', '', ''),
        ('Linux example 5.4.0-105-generic #1 SMP', '', ''),
        ('Example card, SW: 0.0, SN: 00000000000000', '', ''),
        ('Example SN:EX9A1 Version 7', '', ''),
        ('Example EX-3 (left), Serial num: 100124, Version 2.7.0-5741e7a3', '2.7.0-5741e7a3', '100124'),
        ('ROM: Bootstrap, Version 0.3.2', '', ''),
        ('Example of Version 2.0 hardware', '', ''),
        ('software', '', ''),
    ],
)
def test_what_an_unknown_device_says_plainly(description, version, serial):
    platform = found('32473.1', description)
    assert (platform.os_version, platform.serial) == (version, serial)
    assert (platform.os, platform.model, platform.rule) == ('', '', '')


def test_an_optional_pattern_matches_where_it_says_something():
    book = RuleBook((Rule('optional', 'V', 'O', '32473', r'(?:version (?P<version>\d\S*))?'),))
    assert [one.rule.id for one in book.candidates(f'{ENTERPRISES}.32473.1', '')] == ['optional']
    assert found('3417.1.9', 'An appliance, Version: SGOS 7.3.2.1, Release id: 1').os_version == '7.3.2.1'


def test_patterns_are_compiled_only_when_an_agent_needs_them():
    """All of them at once would cost the process that loads the rules more than a scan does."""
    compiled.cache_clear()
    book = RuleBook(RULES)
    assert compiled.cache_info().currsize == 0
    assert book.candidates(f'{ENTERPRISES}.14988.1', 'RouterOS hAP')
    assert 0 < compiled.cache_info().currsize < len(book.patterns) / 2


def test_a_hostile_description_of_an_unknown_device_costs_little():
    for text in ('software ' * 128, 'SN:' + 'a-' * 500, 'SW:1.' + '1.' * 500, 's/n ' * 256, '0' * 1024):
        started = time.process_time()
        found('32473.1', text)
        assert time.process_time() - started < 0.5
