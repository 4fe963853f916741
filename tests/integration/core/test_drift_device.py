"""Differences of a device itself: when NetBox and the device say the same in other words, nothing is reported."""

from core.models import ObjectType
from dcim.models import Device, Manufacturer, Platform
from django.test import override_settings
from extras.models import CustomField
from utilities.testing import TestCase
from virtualization.models import VirtualMachine

from netbox_netops.models import Difference, Target
from tests.integration.drift import differences, kinds, make_device_type, make_stack, scan
from tests.integration.factories import make_machine, make_target


def chassis(index, serial='', model=''):
    return {'index': index, 'class': 3, 'name': f'Chassis {index}', 'serial': serial, 'model': model}


class NameTest(TestCase):
    def check(self, documented, found):
        """The row of the kind `name`, None for none."""
        target = make_target(documented)
        scan(target, system={'name': found})
        return differences(target, 'name').get(('name', ''))

    def test_agree(self):
        for documented, found in (
            ('r1', 'r1'),
            ('R1', 'r1'),
            ('r2', 'r2.example.com'),
            ('r3.example.com', 'R3'),
            ('r4.example.com', 'r4.EXAMPLE.com'),
            ('r5', ''),
        ):
            with self.subTest(documented=documented, found=found):
                self.assertIsNone(self.check(documented, found))

    def test_differ(self):
        for documented, found in (('s1', 's2'), ('s3.example.com', 's3.example.net'), ('10', '10.0.0.1')):
            with self.subTest(documented=documented, found=found):
                self.assertEqual(self.check(documented, found), (found, documented))

    def test_unnamed_device(self):
        target = make_target(None)
        scan(target, system={'name': 'r9.example.com'})
        self.assertEqual(differences(target, 'name'), {('name', ''): ('r9.example.com', '')})
        self.assertEqual(Difference.objects.get().data, {'name': 'r9'})

    def test_domain_is_kept_where_it_is_documented(self):
        target = make_target('old.example.com')
        scan(target, system={'name': 'new.example.com'})
        self.assertEqual(Difference.objects.get(kind='name').data, {'name': 'new.example.com'})

    def test_name_of_the_virtual_chassis(self):
        target, _members = make_stack('stack', 2, address='192.0.2.1')
        scan(target, system={'name': 'STACK.example.com'})
        self.assertEqual(differences(target, 'name'), {})
        scan(target, system={'name': 'other'})
        self.assertEqual(differences(target, 'name'), {('name', ''): ('other', 'stack-1')})


class SerialTest(TestCase):
    def test_agree_and_differ(self):
        target = make_target('r1', serial='abc123')
        scan(target, system={'serial': 'ABC123'})
        self.assertEqual(differences(target, 'serial'), {})
        scan(target, system={'serial': 'XYZ'})
        self.assertEqual(differences(target, 'serial'), {('serial', ''): ('XYZ', 'abc123')})
        self.assertEqual(Difference.objects.get(kind='serial').data, {'serial': 'XYZ'})

    def test_undocumented(self):
        target = make_target('r1')
        scan(target, system={'serial': ''})
        self.assertEqual(differences(target, 'serial'), {})
        scan(target, system={'serial': 'XYZ'})
        self.assertEqual(differences(target, 'serial'), {('serial', ''): ('XYZ', '')})

    def test_from_the_chassis(self):
        target = make_target('r1', serial='CH1')
        scan(target, system={'serial': 'BOARD'}, inventory=[chassis(1, 'CH1')])
        self.assertEqual(differences(target, 'serial'), {})

    def test_master_is_among_the_chassis_of_the_stack(self):
        target, members = make_stack('stack', 2, address='192.0.2.1')
        Device.objects.filter(pk=members[0].pk).update(serial='S2')
        scan(target, system={'serial': 'S1'}, inventory=[chassis(1, 'S1'), chassis(2, 'S2')])
        self.assertEqual(differences(target, 'serial'), {})
        Device.objects.filter(pk=members[0].pk).update(serial='S9')
        scan(target, system={'serial': 'S1', 'contact': 'x'}, inventory=[chassis(1, 'S1'), chassis(2, 'S2')])
        self.assertEqual(differences(target, 'serial'), {('serial', ''): ('S1, S2', 'S9')})
        self.assertFalse(Difference.objects.get(kind='serial').applicable)

    def test_stack_without_its_chassis_proves_nothing(self):
        target, members = make_stack('stack', 2, address='192.0.2.1')
        Device.objects.filter(pk=members[0].pk).update(serial='S2')
        scan(target, system={'serial': 'S1'})
        self.assertEqual(differences(target, 'serial'), {})

    def test_virtual_machine_only_when_documented(self):
        machine = make_machine('vm', address='192.0.2.1')
        target = make_machine_target(machine)
        scan(target, system={'serial': 'V1'})
        self.assertEqual(differences(target, 'serial'), {})
        machine.serial = 'V2'
        machine.save()
        scan(target, system={'serial': 'V1', 'contact': 'x'})
        self.assertEqual(differences(target, 'serial'), {('serial', ''): ('V1', 'V2')})


def make_machine_target(machine):
    from netbox_netops.inventory import sync

    sync(virtual_machine_ids=[machine.pk])
    return Target.objects.get(virtual_machine=machine)


class ModelTest(TestCase):
    def check(self, found, model, part_number='', maker='Acme', inventory=None):
        device_type = make_device_type(model, maker, part_number=part_number)
        target = make_target(device_type=device_type)
        data = {} if inventory is None else {'inventory': inventory}
        scan(target, system={'model': found, 'vendor': maker}, **data)
        return differences(target, 'model').get(('model', ''))

    def test_agree(self):
        for number, (found, model, part_number) in enumerate(
            (
                ('MX204', 'MX204', ''),
                ('mx 204', 'MX-204', ''),
                ('WS-C3750X-48P-S', 'Catalyst 3750X-48P-S', 'WS-C3750X-48P-S'),
                ('C9300-24T', 'Acme C9300-24T', ''),
                ('Acme X1', 'X1', ''),
                ('EX4300-48T', 'EX4300-48T-AFI', ''),
                ('C9500', 'C9500-40X', ''),
                ('', 'Anything', ''),
            )
        ):
            with self.subTest(found=found, model=model):
                self.assertIsNone(self.check(found, model, part_number, maker='Acme' if number < 8 else 'Other'))

    def test_differ(self):
        self.assertEqual(self.check('C9300-48T', 'C9300-24T'), ('C9300-48T', 'C9300-24T'))
        row = Difference.objects.get(kind='model')
        self.assertEqual((row.applicable, row.data), (False, {}))

    def test_known_device_type_can_be_applied(self):
        wanted = make_device_type('C9300-48U', part_number='C9300-48U-A')
        self.check('c9300-48u', 'C9300-24S')
        row = Difference.objects.get(kind='model')
        self.assertEqual((row.applicable, row.data), (True, {'device_type': wanted.pk}))

    def test_chassis_counts_too(self):
        self.assertIsNone(self.check('ciscoModel9', 'C9200-24P', inventory=[chassis(1, model='C9200-24P')]))
        self.assertEqual(self.check('', 'C9200-24Q', inventory=[chassis(1, model='C9400')]), ('C9400', 'C9200-24Q'))


class PlatformTest(TestCase):
    def check(self, os, name=None, vendor='Cisco', **values):
        platform = None
        if name is not None:
            platform, _ = Platform.objects.get_or_create(
                name=name, defaults={'slug': name.lower().replace(' ', '-').replace('.', '-'), **values}
            )
        target = make_target(platform=platform)
        scan(target, system={'os': os, 'vendor': vendor})
        return differences(target, 'platform').get(('platform', ''))

    def test_agree(self):
        for os, name, vendor in (
            ('IOS-XE', 'Cisco IOS-XE', 'Cisco'),
            ('IOS-XE', 'iosxe', 'Cisco'),
            ('IOS-XE', 'IOS XE 17.9.4a', 'Cisco'),
            ('IOS', 'Cisco IOS Software', 'Cisco'),
            ('NX-OS', 'nxos', 'Cisco'),
            ('Junos', 'Juniper Junos 21.4R3-S1', 'Juniper'),
            ('Junos', 'JunOS', 'Juniper'),
            ('Junos', 'Junos OS', 'Juniper'),
            ('EOS', 'Arista EOS', 'Arista'),
            ('PAN-OS', 'Palo Alto PAN-OS', 'Palo Alto Networks'),
            ('OS10', 'OS10', 'Dell'),
            ('SR OS', 'TiMOS', 'Nokia'),
            ('VRP', 'Huawei VRP V8', 'Huawei'),
            ('RouterOS', 'RouterOS 7', 'MikroTik'),
            ('Linux', 'Ubuntu 22.04', 'Linux'),
            ('Windows', 'Windows Server 2022', 'Microsoft'),
            ('', 'Anything', ''),
        ):
            with self.subTest(os=os, name=name):
                self.assertEqual(self.check(os, name, vendor) or 'agrees', 'agrees')

    def test_differ(self):
        self.assertEqual(self.check('IOS', 'Cisco IOS-XE'), ('IOS', 'Cisco IOS-XE'))
        self.assertEqual(self.check('IOS-XE', 'Cisco IOS'), ('IOS-XE', 'Cisco IOS'))
        self.assertEqual(self.check('Linux', 'IOS-XR', 'Linux'), ('Linux', 'IOS-XR'))
        self.assertEqual(self.check('Windows', None, 'Microsoft'), ('Windows', ''))

    def test_undocumented(self):
        self.assertEqual(self.check('IOS-XE'), ('IOS-XE', ''))
        self.assertFalse(Difference.objects.get(kind='platform').applicable)

    def test_the_one_to_apply(self):
        cisco = Manufacturer.objects.create(name='Cisco', slug='cisco')
        family = Platform.objects.create(name='Cisco IOS-XE', slug='cisco-ios-xe', manufacturer=cisco)
        Platform.objects.create(name='IOS-XE 17.9', slug='ios-xe-17-9', parent=family)
        self.assertEqual(self.check('IOS-XE'), ('IOS-XE', ''))
        row = Difference.objects.get(kind='platform')
        self.assertEqual((row.applicable, row.data), (True, {'platform': family.pk}))

    def test_part_of_a_platform(self):
        family = Platform.objects.create(name='NX-OS', slug='nx-os')
        self.assertIsNone(self.check('NX-OS', 'Train Bogota', parent=family))


class VersionTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        field = CustomField.objects.create(name='software', type='text')
        field.object_types.set([ObjectType.objects.get_for_model(Device)])

    def test_not_compared_without_the_setting(self):
        target = make_target()
        scan(target, system={'os_version': '17.9'})
        self.assertEqual(kinds(target), set())

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'os_version_custom_field': 'software'}})
    def test_agree_and_differ(self):
        target = make_target()
        scan(target, system={'os_version': '17.9'})
        self.assertEqual(differences(target), {('os-version', ''): ('17.9', '')})
        device = target.device
        device.custom_field_data['software'] = '17.9'
        device.save()
        scan(target, system={'os_version': '17.9', 'contact': 'x'})
        self.assertEqual(differences(target), {})

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'os_version_custom_field': 'software'}})
    def test_only_objects_that_have_the_field(self):
        machine = VirtualMachine.objects.get(pk=make_machine('vm', address='192.0.2.9').pk)
        target = make_machine_target(machine)
        scan(target, system={'os_version': '17.9'})
        self.assertEqual(differences(target), {})
