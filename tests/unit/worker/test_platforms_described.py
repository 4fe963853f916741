"""Agents whose sysObjectID leads nowhere: what their sysDescr is enough for. All descriptions are made up."""

import asyncio

import pytest

from netops_worker.probes.snmp.platforms import identify
from netops_worker.probes.snmp.platforms.book import RuleBook
from netops_worker.probes.snmp.platforms.rule import Rule
from netops_worker.probes.snmp.platforms.rules import CALLED, RULES

from .platform_agent import CHASSIS_ROW, ENTERPRISES, Agent, entity, found, values

# Unset, the zeroDotZero of SNMPv2-SMI, and an enterprise number of nobody known
USELESS = (None, '0.0', f'{ENTERPRISES}.32473.1', f'{ENTERPRISES}.4294967295.3.2')

DESCRIBED = {
    'Aruba JL000A 2930F-8G-PoE+-2SFP+ Switch, revision WC.16.10.0001, ROM WC.16.01.0006': (
        'HPE', 'ProCurve', 'WC.16.10.0001', 'JL000A 2930F-8G-PoE+-2SFP+', '',
    ),
    'ProCurve j9000a Switch 2510-24, revision Q.11.10, ROM Q.10.02 (/sw/code/build/dosx)': (
        'HPE', 'ProCurve', 'Q.11.10', 'j9000a Switch 2510-24', '',
    ),
    'Aruba JL600A 6300M Swch FL.10.10.1000': ('Aruba', 'AOS-CX', 'FL.10.10.1000', 'JL600A 6300M', ''),
    'ArubaOS (MODEL: 305), Version 8.4.0.0-8.4.0.0': ('Aruba', 'Instant', '8.4.0.0-8.4.0.0', '305', ''),
    'Dell Networking N2000, 6.3.0.1, Linux 3.6.5': ('Dell', 'OS6', '6.3.0.1', 'Dell Networking N2000', ''),
    'PowerConnect 6200, 3.3.1.2, VxWorks 6.5': ('Dell', 'PowerConnect', '3.3.1.2', 'PowerConnect 6200', ''),
    'DrayTek Corporation, Router Model: Vigor2000, Version: 4.4.1.1, Build Date/Time:Mar  1 2024 10:00:00': (
        'DrayTek', 'DrayOS', '4.4.1.1', 'Vigor2000', '',
    ),
    'Enterasys Networks, Inc. B3G000-24 Rev 01.02.03.0004': (
        'Enterasys', 'Enterasys', '01.02.03.0004', 'B3G000-24', '',
    ),
    'Cabletron 2E00-27 Rev 04.09.01 08/25/99--02:09 ofc': ('Enterasys', 'Enterasys', '04.09.01', '2E00-27', ''),
    'IronPort Model C100V, AsyncOS Version: 15.0.1-001, Build Date: 2024-01-10, Serial #: 4200000000A1-B1': (
        'Cisco', 'AsyncOS', '15.0.1-001', 'C100V', '4200000000A1-B1',
    ),
    'Linux, Cisco RV300, Version 1.4.0.10 Mon Oct 30 15:52:47 CST 2017': (
        'Cisco', 'Small Business', '1.4.0.10', 'RV300', '',
    ),
    'Foundry Networks, Inc. BigIron RX, IronWare Version V2.7.1aT143 Compiled on Sep 29 2009': (
        'Ruckus', 'FastIron', '2.7.1aT143', 'BigIron RX', '',
    ),
    'Juniper Networks EX2300 Ethernet Switch , Junos OS Release 18.1R3.3 EX series': (
        'Juniper', 'Junos', '18.1R3.3', 'EX2300', '',
    ),
    'NetScreen-5XT version 5.4.0r1.0 (SN: 0000000000000A01, Firewall+VPN)': (
        'Juniper', 'ScreenOS', '5.4.0r1.0', 'NetScreen-5XT', '0000000000000A01',
    ),
    'Juniper Networks, Inc MX-8 7.6.1.1 REL': ('Juniper', 'MSS', '7.6.1.1', 'MX-8', ''),
    'Juniper Networks,Inc,MAG-2600,7.1R1 (build 20000)': (
        'Pulse Secure', 'Pulse Connect Secure', '7.1R1', 'MAG-2600', '',
    ),
    'Pulse Secure, LLC,Ivanti Connect Secure,ISA-V,22.1R1 (build 1000)': (
        'Pulse Secure', 'Pulse Connect Secure', '22.1R1', 'ISA-V', '',
    ),
    'NetScaler NS10.1: Build 50.1.nc, Date: Apr  6 2012, 08:00:00': (
        'Citrix', 'NetScaler', 'NS10.1: Build 50.1.nc', '', '',
    ),
    'Linux example-1 2.6.34-GIGAMONuni-gvhd GigaVUE-H-Series 3.0.01 #1600 2013-11-06 ppc': (
        'Gigamon', 'GigaVUE-OS', '3.0.01', '', '',
    ),
    'Onyx,MSN2100,SWv3.9.1000': ('NVIDIA', 'Onyx', '3.9.1000', 'MSN2100', ''),
    'Blue Coat SG300 Series, Version: SGOS 5.2.1.1, Release id: 30000 Proxy Edition': (
        'Blue Coat', 'SGOS', '5.2.1.1', 'Blue Coat SG300', '',
    ),
    'CSS300-24G-2S+ SwOS v2.10': ('MikroTik', 'SwOS', '2.10', 'CSS300-24G-2S+', ''),
    'UAP-AC-Example 4.3.20.10000': ('Ubiquiti', 'UniFi', '4.3.20.10000', 'UAP-AC-Example', ''),
    'Prestige 600HW-61': ('Zyxel', 'ZyNOS', '', 'Prestige 600HW-61', ''),
    'DLB APC 5M-10 V3, v7.02.rt3883.Deliberant.APC.en_US.50000.151202': (
        'LigoWave', 'Deliberant APC', '7.02', 'APC 5M-10 V3', '',
    ),
    'HiPath Wireless Access Controller - C20 Office, System Version V6R1.10000.0': (
        'Extreme Networks', 'EWC', 'V6R1.10000.0', 'C20 Office', '',
    ),
    '6500 OPTICAL SW:0810 BN:HD (c) Ciena (R) Corporation': ('Ciena', '6500', '0810', '6500 OPTICAL', ''),
    'D-LINK DGS-X3000P-4S HW V1 Firmware V5.2.1.1-g0000 SerialNo HX000P000001, L2 Ethernet PoE Switch': (
        'D-Link', 'D-Link', '5.2.1.1-g0000', 'DGS-X3000P-4S', 'HX000P000001',
    ),
    'DES-3000 Fast Ethernet Switch': ('D-Link', 'D-Link', '', 'DES-3000', ''),
    'WS6-DGS-1000-20/F1 6.10.001': ('D-Link', 'D-Link', '6.10.001', 'WS6-DGS-1000-20/F1', ''),
    'APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.9.1 PN:apc_hw02_aos_391.bin MN:AP9000 SN: ZA0000000001)': (
        'APC', 'APC AOS', '3.9.1', '', '',
    ),
    'BIG-IP Virtual Edition : Linux 3.10.0 : BIG-IP software release 13.1.0, build 0.0.1000': (
        'F5', 'BIG-IP', '13.1.0', '', '',
    ),
    'Silver Peak Systems, Inc. ECS\nLinux example 2.6.38.6-rc1 #1 VXOA 8.1.1.1_70000': (
        'Silver Peak', 'VXOA', '8.1.1.1_70000', '', '',
    ),
    'FreeBSD example 12.1-RELEASE-p1-HBSD FreeBSD 12.1-RELEASE-p1-HBSD #0 0000000000(stable/21.1)-dirty': (
        'Deciso', 'OPNsense', '21.1', '', '',
    ),
    'Linux example 3.10.0-957.21.3cpx86_64 #1 SMP Sun May 1 2022 x86_64': ('Check Point', 'Gaia', '', '', ''),
    'ATI AT-8000S': ('Allied Telesis', 'AlliedWare', '', 'AT-8000S', ''),
    'JetStream 24-Port Gigabit L2 Managed Switch': ('TP-Link', 'JetStream', '', '', ''),
    'Summit1 - Version 4.1.1 (Build 2) by Release_Master  Wed 08/09/2000  6:09p': (
        'Extreme Networks', 'ExtremeWare', '4.1.1', 'Summit1', '',
    ),
    'AP600 Access Point, Version 5.5.1.0-001R MIB=01a': (
        'Extreme Networks', 'WiNG', '5.5.1.0-001R', 'AP600', '',
    ),
    'Palo Alto Networks PA-3000 series firewall': ('Palo Alto Networks', 'PAN-OS', '', 'PA-3000 series', ''),
    'Siemens, SIMATIC S7, CPU-1200, 6ES7 000-1BD30-0XB0 , HW: 1, FW: V.2.2.0, SZVX0000001': (
        'Siemens', 'SIMATIC S7', '2.2.0', 'CPU-1200', 'SZVX0000001',
    ),
    'SG300-20 20-Port Gigabit Managed Switch': ('Cisco', 'Small Business', '', 'SG300-20', ''),
    'Catalyst 1300 Series Managed Switch, 24GE, 4SFP (C1300-24T-4G)': (
        'Cisco', 'Small Business', '', 'C1300-24T-4G', '',
    ),
    'Linux release:2.6.18-194.26.1.el5PAE machine:i686': ('Cisco', 'UCOS', '', '', ''),
    'V5000G NOS 6.07p1/00:d0:cb:00:00:01': ('DASAN', 'DASAN NOS', '6.07p1', 'V5000G', ''),
    'AN5516-01': ('FiberHome', 'FiberHome', '', 'AN5516-01', ''),
    'ETX-200AX Carrier Ethernet Demarcation, HW Ver: 1.0, SW Ver: 6.8.1(0.1)': (
        'RAD', 'RAD', '6.8.1(0.1)', 'ETX-200AX', '',
    ),
    'AMN-1000-TE': ('Accedian', 'Accedian', '', 'AMN-1000-TE', ''),
    'ECS2000-10T': ('Edgecore', 'Edgecore', '', 'ECS2000-10T', ''),
    'Pepwave MAX HD1': ('Peplink', 'Peplink', '', '', ''),
    'Alteon Application Switch 5000': ('Radware', 'Alteon OS', '', 'Application Switch 5000', ''),
    'Business Policy Switch 2000 HW:04 FW:1.0.0.1 SW:v1.2.0.1 BN:01': (
        'Extreme Networks', 'BOSS', '1.2.0.1', 'Business Policy Switch 2000', '',
    ),
    'IBM PDU 46W1000(46M4000) OPDP_sIBM_v01.3_1 FreeRTOS_4.2.1 Lwip_1.2.0': (
        'IBM', 'IBM PDU', '01.3_1', '46W1000', '',
    ),
    'Acme Packet Net-Net 4200 6.1.0 patch 2 (Build 123)': (
        'Oracle', 'Acme Packet', '6.1.0 patch 2', 'Net-Net 4200', '',
    ),
    'Huawei Versatile Routing Platform Software VRP Software Version 3.30, Release 0100P01 Quidway Series Router '
    'AR10-20 Copyright (c) 1998-2011': ('Huawei', 'VRP', '3.30', 'AR10-20', ''),
    'Huawei Versatile Routing Platform Software Version 3.11 Quidway S3000C Product Version 3000C-0001': (
        'Huawei', 'VRP', '3.11', 'S3000C', '',
    ),
    '3COM: AP8700: Dual Radio Access Point, Software v2.0.10b01_sh, Bootrom v1.0.0': (
        '3Com', '3Com', '2.0.10b01_sh', 'AP8700', '',
    ),
    '3Com Router 3000 Software Extended_V1.10': ('3Com', '3Com', 'V1.10', 'Router 3000', ''),
    'ADTRAN NetVanta8000': ('Adtran', 'Adtran AOS', '', 'NetVanta8000', ''),
    'Total Access 900e, Version: 14.01.00.E, Date: Tue Aug 14 2007': (
        'Adtran', 'Adtran AOS', '14.01.00.E', 'Total Access 900e', '',
    ),
    'NetVanta': ('Adtran', 'Adtran AOS', '', '', ''),
    'DSR1000 01.02.03.00': ('Avocent', 'Avocent KVM', '01.02.03.00', 'DSR1000', ''),
    'Brocade Communications Systems, Inc. ServerIron ADX 1000-1-PREM, TrafficWork Version 12.0.00T401': (
        'Brocade', 'ServerIron', '12.0.00T401', 'ServerIron ADX 1000-1-PREM', '',
    ),
    'Foundry Networks EdgeIron 2400CF': ('Brocade', 'EdgeIron', '', 'EdgeIron 2400CF', ''),
    'IPSO example 4.2-BUILD001 releng 1000 11.15.2006-180244 i386': ('Check Point', 'IPSO', '4.2-BUILD001', '', ''),
    'ConnectPort TS4 Example Version 82000000_C 02/13/2008': (
        'Digi', 'Digi', '82000000_C', 'ConnectPort TS4 Example', '',
    ),
    'Digi TransPort WR10-AB1-XX Ser#:100001 Software Build Ver5100.  Apr 16 2010': (
        'Digi', 'Digi', '5100', 'TransPort WR10', '100001',
    ),
    'ExtremeWare XOS version 11.1.1.9 v1110b9 by release-manager on Fri Apr 1 2005': (
        'Extreme Networks', 'EXOS', '11.1.1.9', '', '',
    ),
    'ExtremeWare X0S version 11.1.1.9 v1110b9 by release-manager': ('Extreme Networks', 'EXOS', '11.1.1.9', '', ''),
    'HP V1905-10-PoE Switch Product Version 02.00.09 Copyright (c) 2011': (
        'HPE', 'HP 1905', '02.00.09', 'V1905-10-PoE', '',
    ),
    'ProCurve Secure Router 7000dl, Version: 02.01, Date: Fri Aug 12 08:41:29 2005': (
        'HPE', 'ProCurve Secure Router', '02.01', 'Secure Router 7000dl', '',
    ),
    'Juniper WXC-1000 : 5.5.1.0': ('Juniper', 'WXOS', '5.5.1.0', 'WXC-1000', ''),
    'Juniper Networks EX2500 10GbE Switch, SW Version 3.0R1.1': ('Juniper', 'EX2500', '3.0R1.1', 'EX2500', ''),
    'Silver Peak Systems, Inc. NX1000 Linux example 2.6.22.14 hidalgo 3.2.0.0_30000 #1 2010-07-20': (
        'Silver Peak', 'VXOA', '3.2.0.0_30000', 'NX1000', '',
    ),
    'LX Console Manager, s/w version=5.1.0': ('MRV', 'MRV LX', '5.1.0', '', ''),
    'Bay Networks, Inc. BayStack 300 Ethernet Switch Rev: 2.1.30.10-2.0.1.1': (
        'Nortel', 'BayStack', '2.1.30.10', 'BayStack 300', '',
    ),
    'Nortel Application Switch 2000': ('Radware', 'Alteon OS', '', 'Application Switch 2000', ''),
    'PARADYNE BitStorm 2000; S/W Release: 01.02.03;': ('Paradyne', 'Paradyne', '01.02.03', 'BitStorm 2000', ''),
    'Raritan Computer; CommandCenter Secure Gateway; Version 3.0.0.1; CC-SG-X1 HW': (
        'Raritan', 'CommandCenter', '3.0.0.1', 'CC-SG-X1', '',
    ),
    'SCALANCE W700-1XX': ('Siemens', 'SCALANCE', '', 'W700-1XX', ''),
    'Symbol AP-7000 HW=A SW=4.0.1.0-001R MIB=01h18': ('Extreme Networks', 'WiNG', '4.0.1.0-001R', 'AP-7000', ''),
    'Bay Stack 200 Dual Speed Stackable Hub SNMP/Telnet Agent v3.1.1': (
        'Nortel', 'Bay Hub', '3.1.1', 'Bay Stack 200', '',
    ),
    'CES V06_00.100': ('Nortel', 'Contivity', 'V06_00.100', '', ''),
    'Linux EXAMPLE 2.4.30-IDS-smp-bigphys #2 SMP': ('Cisco', 'IPS', '', '', ''),
}  # fmt: skip


def identified(object_id, description, rows=None, entities=()):
    system = {'object_id': object_id, 'description': description}
    return asyncio.run(identify(Agent(rows or {}), system, list(entities)))


@pytest.mark.parametrize('object_id', USELESS)
@pytest.mark.parametrize(('description', 'expected'), DESCRIBED.items())
def test_a_description_is_enough(object_id, description, expected):
    assert values(identified(object_id, description)) == expected


@pytest.mark.parametrize('object_id', USELESS)
@pytest.mark.parametrize(
    'description',
    [
        'Linux enterasys-2 5.10.0-8-amd64 #1 SMP Debian',
        'Linux draytek 2.6.32 #1 SMP',
        'Cisco',
        'Dell switch of building 7',
        'Mirror of a Juniper, version 7.1.2.3 REL',
        'WAC m5100',
        'controller',
        'XR7, 3.1.4',
        'Switch 24 Gigabit Ports, Version 1.0',
        'SW:0810 BN:',
        'DCS-7000',
        'DSR-6000  1.13.2.10',
        'Ruckus Wireless T300',
        'Lenovo Flex System Fabric',
        'DSR1000 1.2',
        'Omni: 3.04.07',
        'CES 2004',
        'Image: disk/one',
        'LX Console Manager',
        'Application Switch 2000',
        'Gateway of floor 2, Version 2_A',
        '',
    ],
)
def test_a_description_is_not_enough(object_id, description):
    """Neither the name of a host is one of a vendor, nor a pattern without a name of anyone."""
    platform = identified(object_id, description)
    assert (platform.os, platform.rule) == ('', '')


def test_the_sys_object_id_counts_more():
    description = 'Blue Coat SG300 Series, Version: SGOS 5.2.1.1, Release id: 30000'
    assert found('2356.11.1', description).os == 'LCOS'
    assert found('3417.1.1.37', description).rule == 'bluecoat-sgos'


def test_what_products_are_built_on_counts_less():
    """The sysObjectID of net-snmp, or of a software library, does not keep the product from being known."""
    description = 'Linux example 2.6.34-GIGAMONuni-gvhd GigaVUE-H-Series 3.0.01 #1600'
    assert found('8072.3.2.10', description).os == 'GigaVUE-OS'
    assert found('8072.3.2.10', 'Linux example 5.10.0-8-amd64 #1 SMP').os == 'Linux'
    assert found('89.1.1.62.16', 'DefensePro with DPI').os == 'DefensePro'
    assert found('89.1.1', 'Managed switch').os == 'Radlan'


def test_subtrees_are_looked_for_without_a_sys_object_id():
    rows = {'6574.1.5.1.0': 'DS000+', '6574.1.5.2.0': '2010000000001', '6574.1.5.3.0': 'DSM 7.2-64570'}
    assert values(identified(None, 'nas', rows)) == ('Synology', 'DSM', '7.2-64570', 'DS000+', '2010000000001')
    assert identified('0.0', 'nas', rows).os == 'DSM'
    assert identified(f'{ENTERPRISES}.32473.1', 'nas', rows).os == ''


def test_the_objects_of_the_vendor_are_read():
    rows = {
        '12356.100.1.1.1.0': 'unused',
        '5951.4.1.1.14.0': 'NS00000001',
        '5951.4.1.1.1.0': 'NetScaler NS13.1: Build 2.3',
    }
    platform = identified(None, 'NetScaler NS13.1: Build 2.3.nc, Date: Jul  1 2023', rows)
    assert values(platform) == ('Citrix', 'NetScaler', 'NS13.1: Build 2.3', '', 'NS00000001')


def test_objects_below_the_sys_object_id_are_left_out_where_there_is_none():
    agent = Agent({})
    system = {'object_id': None, 'description': 'OAW-AP1000 4.0.1'}
    rows = [entity(1) | CHASSIS_ROW]
    platform = asyncio.run(identify(agent, system, rows))
    assert values(platform) == ('Alcatel-Lucent Enterprise', 'Stellar', '4.0.1', 'OAW-AP1000', '')
    assert agent.requests == []


def test_which_rules_a_description_is_enough_for():
    rules = (
        Rule('never', 'Example', 'O', '32473.1', r'^\S+', alone=False),
        Rule('named', 'Example & Sons', 'ExOS', '32473.2', r'^.*?(?P<model>EX-\d+)?'),
        Rule('alone', 'V', 'P', '32473.3', r'^XYZ-\d', alone=True),
        Rule('generic', 'V', 'Base', '32473.4', r'^Base', generic=True),
        Rule('undescribed', 'Example', 'Q', '32473.5'),
    )
    book = RuleBook(rules, {'Example & Sons': ('Exo',)})

    def enough(description):
        one = book.described(description)
        return one and one.rule.id

    assert enough('example sons: EX-1') == 'named'
    assert enough('EXOS EX-1') == 'named'
    assert enough('An (Exo) EX-1') == 'named'
    assert enough('Examples EX-1') is None
    assert enough('Linux exos 5.4 EX-1') is None
    assert enough('Linux 5.4 exos EX-1') == 'named'
    assert enough('XYZ-1') == 'alone'
    assert enough('XYZ-') is None
    assert enough('Base') is None
    assert enough('Example') is None


def test_other_names_are_of_vendors_with_rules():
    assert CALLED.keys() <= {rule.vendor for rule in RULES}


def test_only_rules_that_look_at_the_sys_object_id_say_so():
    for rule in RULES:
        assert rule.alone is None or (rule.oids and not rule.generic), rule.id
