"""What stands around a value is no part of it. All recordings are made up."""

import pytest

from .platform_agent import CHASSIS_ROW, entity, found, values

DEVICES = {
    'version with the next sentence': (
        '9.5.42',
        'Cisco Systems, Inc. WS-C2900.Cisco Catalyst Operating System Software, Version 6.1(2a).Copyright (c) 1995',
        [],
        ('Cisco', 'CatOS', '6.1(2a)', 'WS-C2900', ''),
    ),
    'version with letters of its own': (
        '9.5.42',
        'Cisco Systems WS-C6500 Cisco Catalyst Operating System Software, Version 8.1(2)GLX Copyright (c) 1995',
        [],
        ('Cisco', 'CatOS', '8.1(2)GLX', 'WS-C6500', ''),
    ),
    'version that calls itself a release': (
        None,
        'Cisco Systems, Inc./VPN 3000 Concentrator Series Version 3.0.1.Rel built by example on Apr 05 2001',
        [],
        ('Cisco', 'VPN 3000', '3.0.1', 'VPN 3000 Concentrator', ''),
    ),
    'serial number with that of the processor board': (
        '9.1.200',
        'Cisco IOS Software, C1700 Software (C1700-ADVIPSERVICESK9-M), Version 12.4(15)T9, RELEASE SOFTWARE (fc5)',
        [entity(1) | CHASSIS_ROW | {'model': '1700', 'serial': 'FTX0000A0A1 (4200000001)'}],
        ('Cisco', 'IOS', '12.4(15)T9', '1700', 'FTX0000A0A1'),
    ),
    'serial number that is only a number': (
        '9.1.200',
        'Cisco IOS Software, C1700 Software (C1700-ADVIPSERVICESK9-M), Version 12.4(15)T9, RELEASE SOFTWARE (fc5)',
        [entity(1) | CHASSIS_ROW | {'model': '1700', 'serial': '4200000001'}],
        ('Cisco', 'IOS', '12.4(15)T9', '1700', '4200000001'),
    ),
    'access point that is named': (
        '9.1.525',
        'Cisco IOS Software, C1200 Software (C1200-K9W7-M), Version 12.3(7)JA1, RELEASE SOFTWARE (fc1)',
        [entity(1) | {'class': 3, 'name': 'AP1200', 'description': 'Cisco Aironet 1200 Series Access Point'}],
        ('Cisco', 'IOS', '12.3(7)JA1', 'AP1200', ''),
    ),
    'access point of a series': (
        '9.1.525',
        'Cisco IOS Software, C1200 Software (C1200-K9W7-M), Version 12.3(7)JA1, RELEASE SOFTWARE (fc1)',
        [entity(1) | CHASSIS_ROW | {'description': 'Cisco Aironet 1200 Series (IEEE 802.11a/b) Access Point'}],
        ('Cisco', 'IOS', '12.3(7)JA1', 'Aironet 1200', ''),
    ),
    'image of a controller without hardware': (
        '9.1.2391',
        'Cisco IOS Software [Cupertino], C9800-CL Software (C9800-CL-K9_IOSXE), Version 17.9.1, RELEASE SOFTWARE (fc3)',
        [],
        ('Cisco', 'IOS-XE', '17.9.1', 'C9800-CL', ''),
    ),
    'image of a family': (
        '9.1.2530',
        'Cisco IOS Software [Cupertino], C9800 Software (C9800_IOSXE-K9), Version 17.9.1, RELEASE SOFTWARE (fc3)',
        [],
        ('Cisco', 'IOS-XE', '17.9.1', '', ''),
    ),
    'model before the name of the platform': (
        None,
        'HP Series Router A-MSR20-00 HP Comware Platform Software Comware Software Version 5.20, Release 2200P01, '
        'Standard Copyright(c) 2010-2012 Hewlett-Packard Development Company, L.P.',
        [],
        ('HPE', 'Comware', '5.20', 'A-MSR20-00', ''),
    ),
    'model that calls itself a router': (
        None,
        'HP Comware Platform Software Comware Software Version 5.20,Release 2600P01 HP A6600 Router Copyright(c) 2010',
        [],
        ('HPE', 'Comware', '5.20', 'A6600', ''),
    ),
    'model that is a series too': (
        '25461.2.3.6',
        'Palo Alto Networks PA-500 series firewall',
        [],
        ('Palo Alto Networks', 'PAN-OS', '', 'PA-500', ''),
    ),
    'serial number at the end': (
        '4329.6.1.2',
        'Siemens, SIMATIC NET, SCALANCE XR500-8C 2PS, 6GK5 500-8GS00-4AR2, HW: Version 1, FW: Version V06.01.00, '
        'SVPL0000001',
        [],
        ('Siemens', 'SCALANCE', 'V06.01.00', 'XR500-8C 2PS', 'SVPL0000001'),
    ),
    'without a serial number': (
        '4329.6.1.2',
        'Siemens, SIMATIC NET, SCALANCE X200, 6GK5 200-0BA10-2AA3, HW: 7, FW: V4.01',
        [],
        ('Siemens', 'SCALANCE', 'V4.01', 'X200', ''),
    ),
    'product in front of its software': (
        '16177',
        'Westermo Example, primary: v4.30.1, backup: v4.30.0, bootloader: v2017.12.0-8',
        [],
        ('Westermo', 'WeOS', '4.30.1', 'Example', ''),
    ),
}


@pytest.mark.parametrize(('oid', 'description', 'entities', 'expected'), DEVICES.values(), ids=DEVICES)
def test_devices(oid, description, entities, expected):
    platform = found(oid, description, entities=entities)
    assert values(platform) == expected
    assert platform.failure is None
