"""What the platform rules make of agents, and what they ask them. All recordings are made up from the MIBs."""

import asyncio
import re
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import Walk
from netops_worker.probes.snmp.platforms import Platform, identify
from netops_worker.probes.snmp.platforms.engine import FIELDS, RuleBook, compiled
from netops_worker.probes.snmp.platforms.rule import (
    CHASSIS,
    DESCR,
    Cell,
    Column,
    Descr,
    Entity,
    ObjectIdName,
    Rule,
    Scalar,
    full,
)
from netops_worker.probes.snmp.platforms.rules import RULES, VENDORS
from netops_worker.probes.snmp.platforms.values import clean

from .recorded import RecordedClient

ENTERPRISES = '1.3.6.1.4.1'

CHASSIS_ROW = {'class': 3, 'name': 'Chassis'}


def entity(index, **fields):
    texts = ('name', 'description', 'model', 'serial', 'hardware', 'firmware', 'software', 'manufacturer')
    return {'index': index, 'parent': None, 'class': None, **dict.fromkeys(texts, ''), 'vendor_type': '', **fields}


class Agent(RecordedClient):
    """`requests`: the OIDs of each GET. `rows`: OID below `enterprises`, or in full, to text or a number."""

    def __init__(self, rows, failure=None):
        lines = (f'{full(oid)}|{2 if isinstance(value, int) else 4}|{value}' for oid, value in rows.items())
        super().__init__('\n'.join(lines))
        self.requests = []
        self.probes = []
        self.failure = failure

    async def get(self, oids):
        self.requests.append(list(oids))
        if self.failure:
            raise self.failure
        return await super().get(oids)

    async def present(self, subtrees):
        self.probes.append(set(subtrees))
        return await super().present(subtrees)


def found(oid, description, rows=None, entities=(), agent=None):
    system = {'object_id': f'{ENTERPRISES}.{oid}' if oid else None, 'description': description}
    return asyncio.run(identify(agent or Agent(rows or {}), system, list(entities)))


def values(platform):
    return platform.vendor, platform.os, platform.os_version, platform.model, platform.serial


DEVICES = {
    'ios': (
        '9.1.1208',
        'Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E4, RELEASE SOFTWARE (fc2)',
        {},
        [entity(1001) | CHASSIS_ROW | {'model': 'WS-C2960X-24TS-L', 'serial': 'FOC0000A001'}],
        ('Cisco', 'IOS', '15.2(7)E4', 'WS-C2960X-24TS-L', 'FOC0000A001'),
    ),
    'ios without ENTITY-MIB': (
        '9.1.283',
        'IOS (tm) s72033_rp Software (s72033_rp-IPSERVICESK9-M), Version 12.2(33)SXI3, RELEASE SOFTWARE (fc2)',
        {'9.5.1.2.19.0': 'SAL0000A002'},
        [],
        ('Cisco', 'IOS', '12.2(33)SXI3', 'WS-C6509', 'SAL0000A002'),
    ),
    'ios-xe': (
        '9.1.2494',
        'Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE',
        {},
        [entity(1000) | CHASSIS_ROW | {'model': 'C9300-48P', 'serial': 'FOC0000B001'}],
        ('Cisco', 'IOS-XE', '17.9.4a', 'C9300-48P', 'FOC0000B001'),
    ),
    'ios-xr': (
        '9.1.2413',
        'Cisco IOS XR Software (NCS-5500), Version 7.5.2[Default]\r\nCopyright (c) 2013-2022 by Cisco Systems, Inc.',
        {},
        [],
        ('Cisco', 'IOS-XR', '7.5.2', 'NCS-5500', ''),
    ),
    'nx-os': (
        '9.12.3.1.3.1812',
        'Cisco NX-OS(tm) nxos.9.3.8.bin, Software (nxos), Version 9.3(8), RELEASE SOFTWARE Copyright (c) 2002-2021',
        {},
        [entity(149) | CHASSIS_ROW | {'model': 'N9K-C93180YC-EX', 'serial': 'FDO0000C001'}],
        ('Cisco', 'NX-OS', '9.3(8)', 'N9K-C93180YC-EX', 'FDO0000C001'),
    ),
    'asa': (
        '9.1.2114',
        'Cisco Adaptive Security Appliance Version 9.8(4)',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'ASA5506', 'serial': 'JAD0000D001'}],
        ('Cisco', 'ASA', '9.8(4)', 'ASA5506', 'JAD0000D001'),
    ),
    'ftd': (
        '9.1.2313',
        'Cisco Firepower Threat Defense, Version 7.0.5 (Build 72), ASA Version 9.16(4)',
        {},
        [],
        ('Cisco', 'FTD', '7.0.5 (Build 72)', '', ''),
    ),
    'aireos': (
        '9.1.1069',
        'Cisco Controller',
        {'14179.1.1.1.3.0': 'AIR-CT5508-K9', '14179.1.1.1.4.0': 'FCW0000E001', '14179.1.1.1.14.0': '8.5.171.0'},
        [],
        ('Cisco', 'AireOS', '8.5.171.0', 'AIR-CT5508-K9', 'FCW0000E001'),
    ),
    'cisco small business': (
        '9.6.1.95.28.5',
        'SG350-28P 28-Port Gigabit PoE Managed Switch',
        {'9.6.1.101.53.14.1.2.1': '2.5.5.47', '9.6.1.101.53.14.1.5.1': 'PSZ0000F001'},
        [],
        ('Cisco', 'Small Business', '2.5.5.47', 'SG350-28P', 'PSZ0000F001'),
    ),
    'junos': (
        '2636.1.1.1.2.21',
        'Juniper Networks, Inc. mx960 internet router, kernel JUNOS 21.4R3-S5.4, Build date: 2023-08-01 01:02:03 UTC',
        {'2636.3.1.3.0': 'JN0000A01AFA'},
        [],
        ('Juniper', 'Junos', '21.4R3-S5.4', 'mx960', 'JN0000A01AFA'),
    ),
    'eos': (
        '30065.1.3011.7050.3741',
        'Arista Networks EOS version 4.27.8M running on an Arista Networks DCS-7050SX3-48YC8',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'DCS-7050SX3-48YC8', 'serial': 'JPE00000001'}],
        ('Arista', 'EOS', '4.27.8M', 'DCS-7050SX3-48YC8', 'JPE00000001'),
    ),
    'routeros': (
        '14988.1',
        'RouterOS CCR2004-1G-12S+2XS',
        {'14988.1.1.4.4.0': '7.14.2', '14988.1.1.7.3.0': 'HC000000001'},
        [],
        ('MikroTik', 'RouterOS', '7.14.2', 'CCR2004-1G-12S+2XS', 'HC000000001'),
    ),
    'swos': (
        '14988.2',
        'CSS326-24G-2S+ SwOS v2.13',
        {'14988.1.1.7.3.0': '7E0000000001'},
        [],
        ('MikroTik', 'SwOS', '2.13', 'CSS326-24G-2S+', '7E0000000001'),
    ),
    'vrp': (
        '2011.2.23.291',
        'S5720-56C-PWR-EI-AC\r\nHuawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170'
        ' (S5720 V200R019C10SPC500) \r\n Copyright (C) 2007 Huawei Technologies Co., Ltd.',
        {'2011.5.25.188.1.1.0': '2102350000DMH0000001'},
        [],
        ('Huawei', 'VRP', 'V200R019C10SPC500', 'S5720-56C-PWR-EI-AC', '2102350000DMH0000001'),
    ),
    'smartax': (
        '2011.2.133',
        'Huawei Integrated Access Software',
        {'2011.6.3.1.999.0': 'MA5608V800R018C10', '2011.6.3.3.1.1.9.0': '020000G0000001'},
        [],
        ('Huawei', 'SmartAX', 'V800R018C10', 'MA5608', '020000G0000001'),
    ),
    'sr os': (
        '6527.1.3.17',
        'TiMOS-C-23.10.R3 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2024 Nokia.',
        {
            '6527.3.1.2.2.1.3.1.4.1': 40,
            '6527.3.1.2.2.1.6.1.2.23': '7705 SAR-8',
            '6527.3.1.2.2.1.6.1.2.40': '7750 SR-1',
            '6527.3.1.2.2.1.8.1.5.1.50331649': 'NS0000A0001',
        },
        [],
        ('Nokia', 'SR OS', '23.10.R3', '7750 SR-1', 'NS0000A0001'),
    ),
    'isam': (
        '637.61.1',
        'R6.5.02r NFXS-E FANT-H NOKIA ISAM Copyright (c) 2016 Nokia.',
        {'637.61.1.23.2.1.13.17': 'FH0000A0001'},
        [],
        ('Nokia', 'ISAM', 'R6.5.02r', 'NFXS-E', 'FH0000A0001'),
    ),
    'zxros': (
        '3902.15.2.1.4',
        'ZTE Ethernet Switch  ZXR10 5250-52TM-H, Version: V2.05.11B23',
        {},
        [],
        ('ZTE', 'ZXROS', 'V2.05.11B23', '5250-52TM-H', ''),
    ),
    'procurve': (
        '11.2.3.7.11.139',
        'HP J9775A 2530-48G Switch, revision YA.16.10.0012, ROM YA.15.20 (/ws/swbuildm/rel_x) (Formerly ProCurve)',
        {'11.2.36.1.1.2.9.0': 'CN00000001'},
        [],
        ('HPE', 'ProCurve', 'YA.16.10.0012', 'J9775A 2530-48G', 'CN00000001'),
    ),
    'aos-cx': (
        '47196.4.1.1.1.254',
        'Aruba JL679A 6100 12G CL4 2SFP+ 139W Swch PL.10.08.1050',
        {},
        [],
        ('Aruba', 'AOS-CX', 'PL.10.08.1050', 'JL679A 6100 12G CL4 2SFP+ 139W', ''),
    ),
    'comware': (
        '25506.11.1.172',
        'HP Comware Platform Software, Software Version 7.1.045, Release 2416 HP FF 5700-40XG-2QSFP  Switch'
        ' Copyright (c) 2010-2014 Hewlett-Packard Development Company, L.P.',
        {'25506.2.6.1.2.1.1.2.1': '', '25506.2.6.1.2.1.1.2.2': 'CN0000G001'},
        [],
        ('HPE', 'Comware', '7.1.045', 'FF 5700-40XG-2QSFP', 'CN0000G001'),
    ),
    'arubaos': (
        '14823.1.1.32',
        'ArubaOS (MODEL: Aruba7210), Version 8.6.0.9 (79813)',
        {'14823.2.2.1.2.1.29.0': 'BC0000001'},
        [],
        ('Aruba', 'ArubaOS', '8.6.0.9', 'Aruba7210', 'BC0000001'),
    ),
    'fortios': (
        '12356.101.1.644',
        'branch firewall',
        {'12356.101.4.1.1.0': 'v7.2.6,build1575,230926 (GA.F)', '12356.100.1.1.1.0': 'FGT60FTK00000001'},
        [entity(1) | CHASSIS_ROW | {'model': 'FGT_60F', 'serial': 'FGT60FTK00000001'}],
        ('Fortinet', 'FortiOS', '7.2.6', 'FGT_60F', 'FGT60FTK00000001'),
    ),
    'pan-os': (
        '25461.2.3.54',
        'Palo Alto Networks PA-400 series firewall',
        {'25461.2.1.2.1.1.0': '10.1.14-h6', '25461.2.1.2.2.1.0': 'PA-440', '25461.2.1.2.1.3.0': '021000000001'},
        [],
        ('Palo Alto Networks', 'PAN-OS', '10.1.14-h6', 'PA-440', '021000000001'),
    ),
    'gaia behind a net-snmp agent': (
        '8072.3.2.10',
        'Linux fw1 3.10.0-957.21.3cpx86_64 #1 SMP Thu Jan 13 17:48:54 IST 2022 x86_64',
        {'2620.1.6.4.1.0': 'R81.10', '2620.1.6.16.7.0': 'Check Point 6400', '2620.1.6.16.3.0': 'LR000000000001'},
        [],
        ('Check Point', 'Gaia', 'R81.10', 'Check Point 6400', 'LR000000000001'),
    ),
    'airos': (
        '10002.1',
        'Linux 2.6.32.68 #1 Thu Aug 22 16:38:44 EEST 2019 mips',
        {'1.2.840.10036.3.1.2.1.3.7': 'LiteBeam 5AC Gen2', '1.2.840.10036.3.1.2.1.4.7': 'XC.v8.7.4.45112'},
        [],
        ('Ubiquiti', 'airOS', '8.7.4.45112', 'LiteBeam 5AC Gen2', ''),
    ),
    'edgeswitch': (
        '4413',
        'EdgeSwitch 24-Port 250W, 1.9.2.5322630, Linux 3.6.5-03329cb6, 1.1.0.5102011',
        {'4413.1.1.1.1.1.4.0': 'F09F00000001'},
        [],
        ('Ubiquiti', 'EdgeSwitch', '1.9.2.5322630', 'EdgeSwitch 24-Port 250W', 'F09F00000001'),
    ),
    'exos': (
        '1916.2.248',
        'ExtremeXOS (X690-48x-2q-4c) version 22.6.1.4 22.6.1.4 by release-manager on Thu Sep 6 12:57:06 EDT 2018',
        {'1916.1.1.2.2.1.6.1': '801000-00-09 1700N-40001'},
        [],
        ('Extreme Networks', 'EXOS', '22.6.1.4', 'X690-48x-2q-4c', '1700N-40001'),
    ),
    'voss': (
        '2272.220',
        'VSP-8404C (6.1.2.1)',
        {'2272.1.4.2.0': '17JP0000CR01'},
        [],
        ('Extreme Networks', 'VOSS', '6.1.2.1', 'VSP-8404C', '17JP0000CR01'),
    ),
    'fastiron': (
        '1991.1.3.62.1.1',
        'Ruckus Wireless, Inc. ICX7650-48F, IronWare Version 09.0.10jT231 Compiled on Feb 19 2025',
        {'1991.1.1.1.1.2.0': 'EZC0000A001'},
        [],
        ('Ruckus', 'FastIron', '09.0.10jT231', 'ICX7650-48F', 'EZC0000A001'),
    ),
    'os10': (
        '674.11000.5000.100.2.1.7',
        'Dell EMC Networking OS10 Enterprise.\r\nOS Version: 10.5.2.3\r\nSystem Type: S4128F-ON',
        {'674.11000.5000.100.4.1.1.3.1.7.1': 'AAAA001'},
        [],
        ('Dell', 'OS10', '10.5.2.3', 'S4128F-ON', 'AAAA001'),
    ),
    'edgecore, objects below the arc of the product': (
        '259.10.1.43.101',
        'ECS2100-10T',
        {'259.10.1.43.1.1.3.1.6.1': '1.2.2.24', '259.10.1.43.1.1.3.1.10.1': 'EC0000000001'},
        [],
        ('Edgecore', 'Edgecore', '1.2.2.24', 'ECS2100-10T', 'EC0000000001'),
    ),
    'dmos': (
        '3709.1.2.137',
        'DM4770 32CX (DmOS version 9.2.0-217-1-g11a5773edd)',
        {},
        [],
        ('Datacom', 'DmOS', '9.2.0-217-1-g11a5773edd', 'DM4770', ''),
    ),
    'rutos': (
        '8072.3.2.10',
        'Linux gw01 5.4.259 #0 Wed Aug 28 07:31:21 2024 mips',
        {'48690.1.1.0': '1100000001', '48690.1.3.0': 'RUT950022C0', '48690.1.6.0': 'RUT9_R_00.07.06.16'},
        [],
        ('Teltonika', 'RutOS', 'RUT9_R_00.07.06.16', 'RUT950', '1100000001'),
    ),
    'moxa, objects below sysObjectID': (
        '8691.7.69',
        'EDS-G508E-T',
        {
            '8691.7.69.1.2.0': 'EDS-G508E-T',
            '8691.7.69.1.4.0': 'V6.2  build 20080519',
            '8691.7.69.1.78.0': 'TAIKD0000001',
        },
        [],
        ('Moxa', 'EtherDevice', '6.2', 'EDS-G508E-T', 'TAIKD0000001'),
    ),
    'ups': (
        '318.1.3.27',
        'APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.7.2 PN:apc_hw05_aos.bin MN:AP9631 HR:05 SN: ZA0000000001 MD:)',
        {'318.1.1.1.1.1.1.0': 'Smart-UPS X 750', '318.1.1.1.1.2.3.0': 'AS0000000001'},
        [],
        ('APC', 'APC AOS', '6.7.2', 'Smart-UPS X 750', 'AS0000000001'),
    ),
    'windows': (
        '311.1.1.3.1.2',
        'Hardware: Intel64 Family 6 Model 26 Stepping 4 AT/AT COMPATIBLE - Software: Windows Version 6.3 (Build 9600)',
        {},
        [],
        ('Microsoft', 'Windows', '6.3', '', ''),
    ),
    'linux': (
        '8072.3.2.10',
        'Linux web01 5.10.0-28-amd64 #1 SMP Debian 5.10.209-2 (2024-01-31) x86_64',
        {},
        [],
        ('', 'Linux', '5.10.0-28-amd64', '', ''),
    ),
    'pfsense': (
        '8072.3.2.8',
        'pfSense fw.example.org 2.7.2-RELEASE pfSense FreeBSD 14.0-CURRENT amd64',
        {},
        [],
        ('Netgate', 'pfSense', '2.7.2-RELEASE', '', ''),
    ),
    'description enough without sysObjectID': (
        '',
        'Cisco NX-OS(tm) n5000, Software (n5000-uk9), Version 7.3(3)N1(1), RELEASE SOFTWARE',
        {},
        [],
        ('Cisco', 'NX-OS', '7.3(3)N1(1)', '', ''),
    ),
    'ios-xe with PROFINET': (
        '9.1.2683',
        'Cisco                     IE3300-8T2S          FVH0000A0B1        261 V 17 12  4',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'IE-3300-8T2S', 'serial': 'FVH0000A0B1'}],
        ('Cisco', 'IOS-XE', '', 'IE-3300-8T2S', 'FVH0000A0B1'),
    ),
    'ios-xe, members named in the description only': (
        '9.1.2694',
        'Cisco IOS Software [Gibraltar], Catalyst L3 Switch Software (CAT9K_LITE_IOSXE), Version 16.12.4, RELEASE',
        {},
        [entity(1, **{'class': 11}), entity(1000, parent=1, description='C9200L-24P-4X') | CHASSIS_ROW],
        ('Cisco', 'IOS-XE', '16.12.4', 'C9200L-24P-4X', ''),
    ),
    'ios, model known from sysObjectID only': (
        '9.1.1226',
        'Cisco IOS Software, C3560E Software (C3560E-UNIVERSALK9-M), Version 15.0(2)SE7, RELEASE SOFTWARE (fc1)',
        {},
        [],
        ('Cisco', 'IOS', '15.0(2)SE7', 'WS-C3560X-24', ''),
    ),
    'viptela': (
        '41916.3.2.4',
        'Viptela SNMP agent',
        {'41916.11.1.2.0': '17.2.2', '41916.3.1.1.1.5.1.0': '11OG000000001'},
        [],
        ('Cisco', 'Viptela', '17.2.2', 'vEdge-1000', '11OG000000001'),
    ),
    'eos, product of sysDescr before that of the entity': (
        '30065.1.3011.7050.1958.128',
        'Arista Networks EOS version 4.15.3F running on an Arista Networks DCS-7050TX-128',
        {},
        [entity(1) | CHASSIS_ROW | {'model': 'DCS-7050', 'serial': 'JPE00000002'}],
        ('Arista', 'EOS', '4.15.3F', 'DCS-7050TX-128', 'JPE00000002'),
    ),
    'mos': (
        '43191.1.6.7',
        r'Metamako MOS release 0.33.1 \\(build mos-0.33+2\\) running on a MetaMux 48 with L-Series',
        {},
        [],
        ('Arista', 'MOS', '0.33.1', 'MetaMux 48 with L-Series', ''),
    ),
    'exos with an option card': (
        '1916.2.139',
        'ExtremeXOS (X480-24x(10G4X)) version 15.3.5.2 v1535b2-patch1-13 by release-manager on Thu Dec 15 2016',
        {},
        [],
        ('Extreme Networks', 'EXOS', '15.3.5.2', 'X480-24x(10G4X)', ''),
    ),
    'vyos that calls itself Vyatta': ('30803', 'Vyatta VyOS 1.1.7', {}, [], ('VyOS', 'VyOS', '1.1.7', '', '')),
    'vyatta': ('30803', 'Vyatta 6.7R13', {}, [], ('Brocade', 'Vyatta', '6.7R13', '', '')),
    'zxros with the version of the platform first': (
        '3902.3.100.20',
        'ZXR10 ROS Version V4.08.23 ZXR10_5928 Software, Version ZXR10 5900 V2.8.23.A.19.P02 Copyright (c) 2000-2011',
        {},
        [],
        ('ZTE', 'ZXROS', 'V2.8.23.A.19.P02', '5928', ''),
    ),
    'lcos sx beside the version of its kernel': (
        '2356.16.8.5110',
        'LANCOM XS-5110F System - 10XE, 5.20.0316RU6, Linux 4.14.174',
        {'2356.16.1.1.1.1.3.0': 'XS-5110F', '2356.16.1.1.1.1.4.0': '4000000000000001'},
        [],
        ('LANCOM', 'LCOS SX', '5.20.0316RU6', 'XS-5110F', '4000000000000001'),
    ),
    'sns': (
        '11256.1.20.10',
        'NS-BSD SN710A00X00000 amd64',
        {'11256.1.18.1.0': 'SN710', '11256.1.18.2.0': '4.8.13', '11256.1.18.3.0': 'SN710A000000001'},
        [],
        ('Stormshield', 'SNS', '4.8.13', 'SN710', 'SN710A000000001'),
    ),
    'zld behind a net-snmp agent': (
        '8072.3.2.10',
        'USG FLEX 100H',
        {'890.1.15.3.1.6.0': '1.31(ABXF.0)', '890.1.15.3.1.12.0': 'S000L00000001'},
        [],
        ('Zyxel', 'ZLD', '1.31(ABXF.0)', 'USG FLEX 100H', 'S000L00000001'),
    ),
    'optix rtn': (
        '2011.2.25.1',
        'Huawei Optix RTN V100R011C00SPC200',
        {'2011.2.25.4.40.4.10.13.1.1.23.255': '210000001'},
        [],
        ('Huawei', 'OptiX', 'V100R011C00SPC200', 'Optix RTN', '210000001'),
    ),
    'awplus, units of a stack as containers': (
        '207.1.14.120',
        'Allied Telesis router/switch, Software (AlliedWare Plus) Version 5.4.8-2.1',
        {},
        [
            entity(1, **{'class': 11}, name='x930 Stack'),
            entity(2, **{'class': 11}, parent=1, name='x930'),
            entity(3, **{'class': 5}, parent=2, name='AT-x930-28GSTX', serial='A00000A000000001'),
        ],
        ('Allied Telesis', 'AlliedWare Plus', '5.4.8-2.1', 'AT-x930-28GSTX', 'A00000A000000001'),
    ),
    '1830 psd': (
        '7483.1.3.1.12',
        'Nokia 1830 PSD 10G R23.6',
        {
            '7483.2.1.5.2.1.1.5.0': 'R23.6',
            '7483.2.2.7.2.1.3.1.3.1.1': 'PSDXD   ',
            '7483.2.2.7.2.1.3.1.8.1.1': 'GQ0000N0001       ',
        },
        [],
        ('Nokia', '1830 PSD', 'R23.6', 'PSDXD', 'GQ0000N0001'),
    ),
    'ipos': (
        '193.218.1.17',
        'Ericsson IPOS-18.1.1.9.98p30-Release',
        {},
        [
            entity(1, description='SSR 8020 chassis'),
            entity(2, description='SSR 8020 backplane SN:DH00000001 Rev:R3L'),
        ],
        ('Ericsson', 'IPOS', '18.1.1.9.98p30', 'SSR 8020', 'DH00000001'),
    ),
    'mini-link traffic node': (
        '193.81.1.1.3',
        'MINI-LINK Traffic Node',
        {'193.81.2.7.1.2.1.3.1': 'MINI-LINK_TN_5.4FP_LH_1.6FP_R32B126'},
        [entity(1, description='AMM 6p C') | CHASSIS_ROW | {'model': 'BFD 000 000/1'}],
        ('Ericsson', 'MINI-LINK', 'MINI-LINK_TN_5.4FP_LH_1.6FP_R32B126', 'AMM 6p C', ''),
    ),
    'saos 10': (
        '1271.1.2.22',
        'Ciena Corporation, CN5164 SAOS Operating System, Version saos-10-09-02-0181-RS3',
        {},
        [],
        ('Ciena', 'SAOS', '10-09-02-0181-RS3', 'CN5164', ''),
    ),
    'edgeos, product only in its process table': (
        '41112.1.5',
        'EdgeOS v2.0.9-hotfix.7.5622731.230615.0857',
        {'1.3.6.1.2.1.25.4.2.1.5.7': '-H 0 -M4 -S UBNT EdgeRouter Pro 8-Port running on v2.0.9-hotfix.7.5622731'},
        [],
        ('Ubiquiti', 'EdgeOS', '2.0.9-hotfix.7', 'EdgeRouter Pro 8-Port', ''),
    ),
    'hiveos with another product in sysDescr': (
        '26928.1',
        'AP230, HiveOS 8.1r2a build-178408',
        {'26928.1.2.5.0': '02500000000001', '26928.1.2.6.0': 'AP250'},
        [],
        ('Extreme Networks', 'HiveOS', '8.1r2a build-178408', 'AP250', '02500000000001'),
    ),
    'ekinops, serial number inside a record': (
        '20044',
        'Ekinops 360 Platform, C600HC, Release 6.3.900',
        {'20044.7.6.1.0': 'MGNT HARDWARE   Vendor Name :  EKINOPS   Serial Number   :  000001   Date Code :  151216'},
        [],
        ('Ekinops', 'Ekinops 360', '6.3.900', 'C600HC', '000001'),
    ),
    'oneos of the third kind': (
        '13191.1.1.350',
        'OneOS-pCPE-PPC_pi2-6.4.4m3',
        {'13191.10.3.3.2.2.2.1.8.0': 'LBB_350', '13191.10.3.3.2.2.2.1.5.0': 'T0000000000000001'},
        [],
        ('OneAccess', 'OneOS', '6.4.4m3', 'LBB_350', 'T0000000000000001'),
    ),
    'procurve stack': (
        '11.2.3.7.8.5.2',
        'HP Stack, revision KA.15.03.3004, ROM KA.15.05 (/sw/code/build/tam(KA_15_03))',
        {},
        [entity(1, name='Chassis', description='HP J9850A Switch 5406Rzl2')],
        ('HPE', 'ProCurve', 'KA.15.03.3004', 'J9850A Switch 5406Rzl2', ''),
    ),
    'bti': (
        '30005.1.7',
        'BTIOS software, SA-805, Version 2.2.2Build2\n Copyright (C) BTI Systems.  All rights reserved.',
        {'30005.1.7.100.1.1.1.1.1.1.8.1': 'HF00000001'},
        [],
        ('BTI', 'BTIOS', '2.2.2Build2', 'SA-805', 'HF00000001'),
    ),
    'lambdatrail, objects below sysObjectID': (
        '35616.5',
        'Lambdatrail-S - xWDM Multiplexer (SFP - SFP)',
        {'35616.5.1.2.0': 'LT2-S', '35616.5.1.5.0': '10000001', '35616.5.1.10.0': '1.0.7, Mon, 04 Dec 2017'},
        [],
        ('Lambdatrail', 'Lambdatrail', '1.0.7', 'LT2-S', '10000001'),
    ),
}


@pytest.mark.parametrize(('oid', 'description', 'rows', 'entities', 'expected'), DEVICES.values(), ids=DEVICES)
def test_devices(oid, description, rows, entities, expected):
    platform = found(oid, description, rows, entities)
    assert values(platform) == expected
    assert platform.failure is None
    assert platform.rule


def test_nothing_is_asked_that_is_known_already():
    agent = Agent({'14988.1.1.4.4.0': '7.14.2'})
    found('9.12.3.1.3.1812', DEVICES['nx-os'][1], entities=DEVICES['nx-os'][3], agent=agent)
    assert (agent.requests, agent.probes, agent.walked) == ([], [], [])


def test_all_scalars_are_asked_at_once():
    """Also the one that turns out not to be needed: a second request costs more than one more object."""
    agent = Agent(DEVICES['aireos'][2])
    found('9.1.1069', 'Cisco Controller', agent=agent)
    assert len(agent.requests) == 1
    assert set(agent.requests[0]) == {full(f'14179.1.1.1.{number}.0') for number in (3, 4, 14)}
    assert not agent.walked


def test_a_column_is_walked_only_for_what_is_missing():
    agent = Agent(DEVICES['comware'][2])
    found('25506.11.1.172', DEVICES['comware'][1], agent=agent)
    assert agent.walked == [full('25506.2.6.1.2.1.1.2')]
    agent = Agent(DEVICES['comware'][2])
    rows = [entity(1) | CHASSIS_ROW | {'model': 'HP 10508', 'serial': 'CN0000H001'}]
    assert found('25506.11.1.172', DEVICES['comware'][1], entities=rows, agent=agent).serial == 'CN0000H001'
    assert agent.walked == []


def test_a_specific_agent_is_not_asked_for_subtrees():
    agent = Agent({})
    found('14988.1', 'RouterOS hAP', agent=agent)
    assert agent.probes == []


def test_an_unspecific_agent_is_asked_once_for_all_subtrees():
    agent = Agent({'6574.1.5.1.0': 'DS920+', '6574.1.5.2.0': '2010000000001', '6574.1.5.3.0': 'DSM 7.2-64570'})
    platform = found('8072.3.2.10', 'Linux nas 4.4.302+ #64570 SMP x86_64', agent=agent)
    assert values(platform) == ('Synology', 'DSM', '7.2-64570', 'DS920+', '2010000000001')
    assert (len(agent.probes), len(agent.requests)) == (1, 1)


def test_the_entity_mib_is_trusted_more_than_the_vendor():
    rows = [entity(1) | CHASSIS_ROW | {'serial': 'ENTITY00001'}]
    platform = found('25461.2.3.54', '', DEVICES['pan-os'][2], rows)
    assert (platform.serial, platform.model) == ('ENTITY00001', 'PA-440')


STACK = entity(1, **{'class': 11, 'name': 'Stack', 'serial': 'STACK'})
CHASSIS_1 = entity(10, **{'class': 3, 'parent': 1, 'model': 'FIRST', 'serial': 'CH000001'})
CHASSIS_2 = entity(20, **{'class': 3, 'parent': 1, 'model': 'SECOND', 'serial': 'CH000002'})
INNER = entity(5, **{'class': 3, 'parent': 10, 'model': 'INNER', 'serial': 'CH000003'})
NAMELESS = entity(2, **{'class': 3})
MODULE = entity(3, **{'class': 9, 'parent': 10, 'model': 'MODULE', 'serial': 'MO000001'})
UNIT = entity(101, **{'class': 5, 'parent': 1, 'model': 'UNIT', 'serial': 'UN000001'})
FAN = entity(4, name='Fan Tray 1', model='FAN', serial='FA000001')
BOX = entity(6, name='Switch System', model='BOX', serial='BO000001')
SLOT = entity(7, parent=6, name='Part', model='SLOT', serial='SL000001')


@pytest.mark.parametrize(
    ('entities', 'model'),
    [
        ([STACK, CHASSIS_2, CHASSIS_1], 'FIRST'),
        ([INNER, CHASSIS_1], 'FIRST'),
        ([NAMELESS, CHASSIS_1, MODULE], 'FIRST'),
        ([STACK, UNIT], 'UNIT'),
        ([FAN, BOX, SLOT], 'BOX'),
        ([FAN], ''),
        ([entity(8, **{'class': 6, 'model': 'PSU'})], ''),
        ([], ''),
    ],
    ids=['stack', 'chassis in a chassis', 'nameless', 'no chassis', 'no class', 'only a part', 'only a supply', 'none'],
)
def test_which_component_is_the_device(entities, model):
    entities = sorted(entities, key=lambda row: row['index'])
    assert found('30065.1', '', entities=entities).model == model


@pytest.mark.parametrize(
    'filler',
    [
        'N/A', 'n/a', 'NA', 'Unknown', 'None', 'null', '0', '0000000', '0x0000', 'Default string', 'Not Specified',
        'To be filled by O.E.M.', 'To Be Filled By O.E.M', 'System Serial Number', 'xxxxxxxxxx', 'XXXX-XXXX', '   ',
        '...', '-', 'FFFFFFFFFFFF', 'Not Available', '""',
    ],
)  # fmt: skip
def test_a_filler_is_no_value(filler):
    assert clean(filler) == ''
    assert found('14988.1', 'RouterOS hAP', {'14988.1.1.7.3.0': filler}).serial == ''


@pytest.mark.parametrize('value', ['FOC0000A001', '10', 'X440-24p', 'F5', '0.9.7', 'MX', 'NAS326', '00-1B-0C'])
def test_what_only_looks_like_a_filler(value):
    assert clean(value) == value


def test_values_are_one_line_and_limited():
    rows = {'14988.1.1.7.3.0': ' AB 12  34 ', '14988.1.1.4.4.0': '7' * 400}
    platform = found('14988.1', 'RouterOS  "hAP\r\n ac"', rows)
    assert (platform.serial, platform.model) == ('AB 12 34', 'hAP ac')
    assert platform.os_version == '7' * 255


@pytest.mark.parametrize('value', [0, 7, -1, 2**31])
def test_numbers(value):
    """A serial number may be an integer; zero is none."""
    assert found('33555.1.1', '', {'33555.1.1.1.2.0': value}).serial == (str(value) if value else '')


def test_the_vendor_of_an_unknown_product():
    assert found('789.1123.2', 'NETAPP INF-01-00 0852') == Platform(vendor='NetApp')
    assert found('32473.1', 'Example') == Platform()


@pytest.mark.parametrize('oid', ['', '0.0', '9', '9.', '8072.3.2.10'])
@pytest.mark.parametrize('description', [None, '', ' ', '\x00', '?' * 5000, 'IOS (tm) Version', 'PID:', '(MODEL: )'])
def test_nonsense(oid, description):
    """Neither a crash nor a value."""
    platform = found(oid, description)
    assert (platform.model, platform.os_version, platform.serial) == ('', '', '')


def test_objects_of_another_type_than_the_mib_says():
    lines = f'{full("14988.1.1.4.4.0")}|6|1.3.6.1\n{full("14988.1.1.7.3.0")}|64|192.0.2.1'
    platform = found('14988.1', 'RouterOS hAP', agent=RecordedClient(lines))
    assert (platform.os_version, platform.serial) == ('', '')


def test_a_failure_is_kept_with_what_was_known():
    failure = NetOpsError('snmp:no-answer')
    agent = Agent({}, failure)
    platform = found('2636.1.1.1.2.21', DEVICES['junos'][1], agent=agent)
    assert values(platform) == ('Juniper', 'Junos', '21.4R3-S5.4', 'mx960', '')
    assert platform.failure is failure
    assert len(agent.requests) == 1


def test_a_failed_walk_is_kept_with_the_rows_it_read():
    class Interrupted(Agent):
        async def walk(self, columns):
            return Walk({columns[0]: {'1': b'CN0000G001'}}, {columns[0]: NetOpsError('snmp:endless-walk')})

    platform = found('25506.11.1.172', DEVICES['comware'][1], agent=Interrupted({}))
    assert (platform.serial, platform.failure.code) == ('CN0000G001', 'snmp:endless-walk')


def test_the_first_rule_that_matches_wins():
    rules = (
        Rule('narrow', 'V', 'O', '32473.1.2'),
        Rule('described', 'V', 'O', descr='^Router'),
        Rule('wide', 'V', 'O', '32473'),
    )

    def chosen(oid, description):
        return [one.rule.id for one in RuleBook(rules).candidates(f'{ENTERPRISES}.{oid}', description)]

    assert chosen('32473.1.2.7', 'Router') == ['narrow']
    assert chosen('32473.1.20', 'Router') == ['described']
    assert chosen('32473.1.20', '') == ['wide']
    assert chosen('324731', '') == []
    assert chosen('324731', 'Router') == ['described']


def sources(rule):
    return [source for name in FIELDS for source in getattr(rule, name)]


@pytest.mark.parametrize('rule', RULES, ids=lambda rule: rule.id)
def test_the_rules_are_well_formed(rule):
    assert re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', rule.id)
    assert rule.os
    assert rule.oids or rule.descr
    assert set(re.compile(rule.descr).groupindex) <= set(FIELDS)
    assert re.fullmatch(r'[\d. ]*', rule.oids)
    for name in FIELDS:
        assert isinstance(getattr(rule, name), tuple)
    for source in sources(rule):
        if isinstance(source, Scalar | Column | Cell):
            assert re.fullmatch(r'[@^]?[\d.]*\d', source.oid)
        if isinstance(source, Entity | Scalar | Column | Cell | Descr) and source.pattern:
            assert re.compile(source.pattern).groups == 1
        if isinstance(source, ObjectIdName):
            assert all(re.fullmatch(r'[\d.]+', oid) for oid in source.names)
    # Where sysDescr gives nothing for a field, its group would be asked for in vain.
    assert all(f'(?P<{name}>' in rule.descr for name in FIELDS if DESCR in getattr(rule, name))
    assert CHASSIS not in rule.version


def test_an_operating_system_is_of_one_vendor():
    """Platforms in NetBox have unique names. Excepted are those that several vendors do sell."""
    vendors = {}
    for rule in RULES:
        vendors.setdefault(rule.os, set()).add(rule.vendor)
    several = {name for name, found in vendors.items() if len(found) > 1}
    assert several == {'Comware', 'MSS', 'Master-OS', 'SONiC'}


def test_a_rule_id_stands_for_one_platform():
    platforms = {}
    for rule in RULES:
        assert platforms.setdefault(rule.id, (rule.vendor, rule.os)) == (rule.vendor, rule.os)


def test_vendors_are_by_enterprise_number():
    assert all(number.isdecimal() and name for number, name in VENDORS.items())


def test_a_hostile_description_costs_little():
    """Patterns that backtrack exponentially, or in the cube of the length, would take minutes for these."""
    patterns = [compiled(text) for text in RuleBook(RULES).patterns]
    for text in ('a' * 1024, 'A1-' * 340, 'MSX' * 340, 'J9775A ' * 146, '1.' * 512, ', ' * 512, 'Version ' * 128):
        started = time.process_time()
        for pattern in patterns:
            pattern.search(text)
        assert time.process_time() - started < 5
