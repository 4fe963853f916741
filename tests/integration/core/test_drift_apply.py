"""Differences are written to NetBox by the rights of a user, all of them or none, and by nothing else."""

import itertools
import uuid

from core.models import ObjectChange, ObjectType
from dcim.models import Cable, Device, Interface, MACAddress, Platform, VirtualChassis
from django.test import RequestFactory, override_settings
from django.utils import translation
from extras.models import CustomField
from ipam.models import VRF, IPAddress
from netbox.context import events_queue
from netbox.context_managers import event_tracking
from users.models import ObjectPermission, User
from utilities.testing import TestCase
from virtualization.models import VirtualMachine, VMInterface

from netbox_netops.drift.apply import apply, check
from netbox_netops.inventory import sync
from netbox_netops.models import Difference, Target
from tests.integration.drift import (
    add_interface,
    add_ip,
    differences,
    found_address,
    found_interface,
    found_neighbour,
    make_device_type,
    scan,
)
from tests.integration.factories import make_device, make_machine, make_platform, make_target

_numbers = itertools.count(1)
WRITTEN = (Device, Interface, IPAddress, MACAddress, Cable, VirtualMachine, VMInterface)


class ApplyCase(TestCase):
    def setUp(self):
        super().setUp()
        # A test of pages may have left another language.
        self.enterContext(translation.override('en'))
        self.grant('view', Difference, Device, VirtualMachine)
        self.target = make_target('r1', address=None)
        self.device = self.target.device

    def grant(self, action, *models, **constraints):
        permission = ObjectPermission.objects.create(
            name=f'{action} {next(_numbers)}', actions=[action], constraints=constraints or None
        )
        permission.users.add(self.user)
        permission.object_types.set([ObjectType.objects.get_for_model(model) for model in models])

    def request(self):
        request = RequestFactory().post('/')
        # Rights are cached on the user.
        request.user = User.objects.get(pk=self.user.pk)
        request.id = uuid.uuid4()
        return request

    def apply(self, *rows):
        with self.captureOnCommitCallbacks(execute=True):
            return apply(rows or Difference.objects.all(), self.request())

    def codes(self, *rows):
        return [outcome.code for outcome in self.apply(*rows).outcomes]

    def assertApplied(self, *rows):
        report = self.apply(*rows)
        self.assertTrue(report.applied, report)

    def row(self, kind):
        return Difference.objects.get(kind=kind)


class EveryKindTest(ApplyCase):
    """Apply writes what was found, and then the difference is gone."""

    def assertSettled(self, kind):
        self.assertTrue(Difference.objects.filter(kind=kind).exists())
        self.assertApplied(self.row(kind))
        self.assertFalse(Difference.objects.filter(kind=kind).exists())

    def test_device(self):
        self.grant('change', Device)
        self.grant('view', Platform, type(self.device.device_type))
        field = CustomField.objects.create(name='software', type='text')
        field.object_types.set([ObjectType.objects.get_for_model(Device)])
        wanted = make_device_type('X2')
        platform = make_platform('Junos')
        system = {'name': 'r2', 'serial': 'S1', 'model': 'X2', 'os': 'Junos', 'os_version': '21.4'}
        with override_settings(PLUGINS_CONFIG={'netbox_netops': {'os_version_custom_field': 'software'}}):
            scan(self.target, system=system)
            for kind in ('name', 'serial', 'model', 'platform', 'os-version'):
                with self.subTest(kind=kind):
                    self.assertSettled(kind)
        device = Device.objects.get(pk=self.device.pk)
        self.assertEqual(
            (device.name, device.serial, device.device_type, device.platform, device.custom_field_data['software']),
            ('r2', 'S1', wanted, platform, '21.4'),
        )

    def test_interface(self):
        self.grant('change', Interface)
        self.grant('add', MACAddress)
        interface = add_interface(self.device, 'Gi0/1', mtu=1500)
        old = MACAddress.objects.create(mac_address='00:11:22:33:44:55', assigned_object=interface)
        interface.set_primary_mac_address(old)
        scan(
            self.target,
            interfaces=[
                found_interface(1, 'Gi0/1', type=161, mtu=9000, alias='uplink', admin_status=2, mac='00:11:22:33:44:66')
            ],
        )
        for attribute in ('type', 'mtu', 'description', 'mac', 'enabled'):
            with self.subTest(attribute=attribute):
                self.assertSettled(f'interface-{attribute}')
        interface = Interface.objects.get(pk=interface.pk)
        self.assertEqual(
            (interface.type, interface.mtu, interface.description, interface.enabled), ('lag', 9000, 'uplink', False)
        )
        self.assertEqual(str(interface.mac_address).lower(), '00:11:22:33:44:66')

    def test_new_interface_and_its_address(self):
        self.grant('add', Interface, IPAddress)
        self.grant('view', Interface)
        scan(
            self.target,
            interfaces=[found_interface(1, 'Gi0/1', alias='uplink', admin_status=2)],
            addresses=[found_address('192.0.2.1', 1)],
        )
        # Not before its interface is there.
        self.assertEqual(self.codes(self.row('address-missing')), ['drift:not-applicable'])
        self.assertSettled('interface-missing')
        interface = Interface.objects.get()
        self.assertEqual(
            (interface.name, interface.device, interface.type, interface.description, interface.enabled),
            ('Gi0/1', self.device, '1000base-t', 'uplink', False),
        )
        self.assertSettled('address-missing')
        address = IPAddress.objects.get()
        self.assertEqual((str(address), address.assigned_object, address.status), ('192.0.2.1/24', interface, 'active'))

    def test_addresses(self):
        self.grant('add', IPAddress)
        self.grant('change', IPAddress)
        self.grant('view', Interface)
        vrf = VRF.objects.create(name='customer')
        one = add_interface(self.device, 'Gi0/1', vrf=vrf)
        two = add_interface(self.device, 'Gi0/2', vrf=vrf)
        wrong_length = add_ip(one, '192.0.2.1/24', vrf=vrf)
        wrong_interface = add_ip(one, '192.0.2.2/24', vrf=vrf)
        free = IPAddress.objects.create(address='192.0.2.3/32', vrf=vrf)
        scan(
            self.target,
            interfaces=[found_interface(1, 'Gi0/1'), found_interface(2, 'Gi0/2')],
            addresses=[
                found_address('192.0.2.1', 1, 25),
                found_address('192.0.2.2', 2),
                found_address('192.0.2.3', 2),
                found_address('192.0.2.4', 2),
            ],
        )
        self.assertApplied()
        self.assertEqual(differences(self.target), {})
        found = {str(row.address): (row.pk, row.assigned_object) for row in IPAddress.objects.filter(vrf=vrf)}
        new = IPAddress.objects.get(address='192.0.2.4/24').pk
        self.assertEqual(
            found,
            {
                '192.0.2.1/25': (wrong_length.pk, one),
                '192.0.2.2/24': (wrong_interface.pk, two),
                '192.0.2.3/24': (free.pk, two),
                '192.0.2.4/24': (new, two),
            },
        )

    def test_cable(self):
        self.grant('add', Cable)
        self.grant('view', Interface)
        other = make_target('r2', address=None)
        local, remote = add_interface(self.device, 'Gi0/1'), add_interface(other.device, 'Gi0/1')
        for target, name in ((self.target, 'r2'), (other, 'r1')):
            scan(target, interfaces=[found_interface(1, 'Gi0/1')], neighbours=[found_neighbour(1, name, 'Gi0/1')])
        self.assertEqual(Difference.objects.filter(kind='neighbour-uncabled').count(), 2)
        # Both rows are of one cable.
        self.assertApplied()
        self.assertEqual(Difference.objects.count(), 0)
        cable = Cable.objects.get()
        self.assertEqual({*cable.a_terminations, *cable.b_terminations}, {local, remote})

    def test_cable_settles_the_other_end(self):
        self.grant('add', Cable)
        self.grant('view', Interface)
        other = make_target('r2', address=None)
        for device in (self.device, other.device):
            add_interface(device, 'Gi0/1')
        for target, name in ((self.target, 'r2'), (other, 'r1')):
            scan(target, interfaces=[found_interface(1, 'Gi0/1')], neighbours=[found_neighbour(1, name, 'Gi0/1')])
        self.assertApplied(Difference.objects.get(target=self.target))
        self.assertEqual(Difference.objects.count(), 0)

    def test_virtual_machine(self):
        self.grant('change', VirtualMachine, VMInterface)
        self.grant('add', VMInterface, IPAddress)
        self.grant('view', VMInterface)
        machine = make_machine('vm', address=None, serial='OLD')
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        eth0 = VMInterface.objects.create(virtual_machine=machine, name='eth0', mtu=9000)
        scan(
            target,
            system={'name': 'vm2', 'serial': 'NEW'},
            interfaces=[found_interface(1, 'eth0', mtu=1500), found_interface(2, 'eth1')],
            addresses=[found_address('192.0.2.1', 1)],
        )
        self.assertApplied()
        self.assertEqual(differences(target), {})
        machine.refresh_from_db()
        eth0.refresh_from_db()
        self.assertEqual((machine.name, machine.serial, eth0.mtu), ('vm2', 'NEW', 1500))
        self.assertTrue(VMInterface.objects.filter(virtual_machine=machine, name='eth1').exists())
        self.assertEqual(IPAddress.objects.get().assigned_object, eth0)

    def test_interface_of_a_member(self):
        self.grant('add', Interface)
        member = make_device('r1-2')
        chassis = VirtualChassis.objects.create(name='stack', master=self.device)
        for device, position in ((Device.objects.get(pk=self.device.pk), 1), (member, 2)):
            device.virtual_chassis, device.vc_position = chassis, position
            device.save()
        sync(device_ids=[self.device.pk, member.pk])
        scan(self.target, interfaces=[found_interface(1, 'Gi2/0/1')])
        self.assertApplied()
        self.assertEqual(Interface.objects.get().device, member)

    def test_what_is_only_documented_stays(self):
        self.grant('change', Interface, IPAddress)
        self.grant('delete', Interface, IPAddress)
        add_ip(add_interface(self.device, 'Gi0/1'), '192.0.2.1/24')
        add_ip(add_interface(self.device, 'Vlan9', type='virtual'), '192.0.2.129/25')
        add_interface(self.device, 'Gi0/2')
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1')], addresses=[found_address('192.0.2.1', 1)])
        self.assertEqual(set(Difference.objects.values_list('kind', flat=True)), {'interface-extra', 'address-extra'})
        self.assertEqual(self.codes(), ['drift:not-applicable'] * 2)
        self.assertEqual((Interface.objects.count(), IPAddress.objects.count()), (3, 2))


class PermissionTest(ApplyCase):
    def setUp(self):
        super().setUp()
        self.interface = add_interface(self.device, 'Gi0/1', mtu=1500)
        scan(self.target, system={'serial': 'S1'}, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])

    def values(self):
        self.interface.refresh_from_db()
        self.device.refresh_from_db()
        return self.device.serial, self.interface.mtu

    def test_without_rights(self):
        report = self.apply(self.row('interface-mtu'))
        self.assertEqual(
            [(outcome.code, outcome.detail) for outcome in report.outcomes],
            [('permission:denied', 'dcim.change_interface')],
        )
        self.assertEqual(self.values(), ('', 1500))

    def test_all_or_none(self):
        self.grant('change', Device)
        mtu, serial = self.row('interface-mtu'), self.row('serial')
        report = self.apply(mtu, serial)
        self.assertEqual(
            {outcome.id: outcome.code for outcome in report.outcomes},
            {mtu.pk: 'permission:denied', serial.pk: 'drift:withheld'},
        )
        self.assertFalse(report.applied)
        self.assertEqual(self.values(), ('', 1500))
        self.assertFalse(ObjectChange.objects.exists())
        self.assertApplied(serial)
        self.assertEqual(self.values(), ('S1', 1500))

    def test_constraints_before(self):
        self.grant('change', Interface, name='Gi0/2')
        self.assertEqual(self.codes(self.row('interface-mtu')), ['permission:denied'])
        self.grant('change', Interface, device__name='r1')
        self.assertApplied(self.row('interface-mtu'))

    def test_constraints_after(self):
        """An edit may not lead out of what the user may edit, as in NetBox's own views."""
        self.grant('change', Interface, mtu=1500)
        report = self.apply(self.row('interface-mtu'))
        self.assertEqual([outcome.code for outcome in report.outcomes], ['permission:denied'])
        self.assertEqual(self.values(), ('', 1500))

    def test_constraints_on_what_is_added(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000), found_interface(2, 'Gi0/2')])
        self.grant('add', Interface, name='Gi0/3')
        self.assertEqual(self.codes(self.row('interface-missing')), ['permission:denied'])
        self.assertEqual(Interface.objects.count(), 1)

    def test_cable_to_a_device_that_the_user_may_not_view(self):
        other = make_device('r2')
        add_interface(other, 'Gi0/1')
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1')], neighbours=[found_neighbour(1, 'r2', 'Gi0/1')])
        self.grant('add', Cable)
        self.grant('view', Interface, device__name='r1')
        self.assertEqual(self.codes(self.row('neighbour-uncabled')), ['permission:denied'])
        self.assertFalse(Cable.objects.exists())

    def test_devices_that_the_user_may_not_view(self):
        """The same answer as for what does not exist."""
        ObjectPermission.objects.all().delete()
        self.grant('view', Difference)
        self.grant('view', Device, name='r2')
        self.grant('change', Device, Interface)
        self.assertEqual(self.codes(self.row('interface-mtu'), 2**40), ['drift:changed'] * 2)
        self.assertEqual(self.values(), ('', 1500))

    def test_check_says_the_same_beforehand(self):
        self.grant('change', Device)
        rows = list(Difference.objects.order_by('kind').select_related('target'))
        codes = {outcome.id: outcome.code for outcome in check(rows, self.request().user).outcomes}
        self.assertEqual(codes, {rows[0].pk: 'permission:denied', rows[1].pk: ''})


class RecordTest(ApplyCase):
    def setUp(self):
        super().setUp()
        self.grant('change', Device, Interface)
        self.interface = add_interface(self.device, 'Gi0/1', mtu=1500)
        scan(self.target, system={'serial': 'S1'}, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])

    def test_changelog(self):
        request = self.request()
        apply([self.row('interface-mtu')], request)
        change = ObjectChange.objects.get()
        self.assertEqual((change.user, change.request_id, change.action), (self.user, request.id, 'update'))
        self.assertEqual(change.changed_object, self.interface)
        self.assertEqual((change.prechange_data['mtu'], change.postchange_data['mtu']), (1500, 9000))
        self.assertEqual(change.message, 'From what NetOps found on the device')

    def test_twice(self):
        row = self.row('interface-mtu')
        self.assertApplied(row)
        self.assertEqual(self.codes(row), ['drift:changed'])
        self.assertEqual(ObjectChange.objects.count(), 1)

    def test_changed_since_it_was_shown(self):
        row = self.row('interface-mtu')
        # Without a signal, as the database of another process would be.
        Interface.objects.filter(pk=self.interface.pk).update(mtu=4000)
        self.assertEqual(self.codes(row), ['drift:changed'])
        self.interface.refresh_from_db()
        self.assertEqual(self.interface.mtu, 4000)
        new = self.row('interface-mtu')
        self.assertNotEqual(new.pk, row.pk)
        self.assertEqual((new.found, new.documented, new.first_seen), ('9000', '4000', row.first_seen))

    def test_corrected_meanwhile(self):
        row = self.row('interface-mtu')
        Interface.objects.filter(pk=self.interface.pk).update(mtu=9000)
        self.assertEqual(self.codes(row), ['drift:changed'])
        self.assertFalse(ObjectChange.objects.exists())

    @override_settings(CUSTOM_VALIDATORS={'dcim.interface': [{'mtu': {'max': 2000}}]})
    def test_rules_of_the_administrator(self):
        mtu, serial = self.row('interface-mtu'), self.row('serial')
        report = self.apply(mtu, serial)
        outcomes = {outcome.id: outcome for outcome in report.outcomes}
        self.assertEqual((outcomes[mtu.pk].code, outcomes[serial.pk].code), ('drift:invalid', 'drift:withheld'))
        self.assertIn('2000', outcomes[mtu.pk].detail)
        self.device.refresh_from_db()
        self.assertEqual(self.device.serial, '')
        self.assertFalse(ObjectChange.objects.exists())

    def test_events_of_what_was_taken_back(self):
        request = self.request()
        rows = [self.row('serial'), self.row('interface-mtu')]
        with event_tracking(request):
            with override_settings(CUSTOM_VALIDATORS={'dcim.interface': [{'mtu': {'max': 2000}}]}):
                self.assertFalse(apply(rows, request).applied)
            self.assertEqual(events_queue.get(), {})
            self.assertTrue(apply(rows, request).applied)
            self.assertEqual(len(events_queue.get()), 2)

    def test_too_many(self):
        report = apply(range(1, 502), self.request())
        self.assertEqual({outcome.code for outcome in report.outcomes}, {'drift:too-many'})

    def test_nothing(self):
        self.assertTrue(apply([], self.request()).applied)
        self.assertFalse(ObjectChange.objects.exists())


class NothingElseWritesTest(TestCase):
    def snapshot(self):
        return {model: list(model.objects.order_by('pk').values_list('pk', 'last_updated')) for model in WRITTEN} | {
            'changes': ObjectChange.objects.count()
        }

    def test_scans_and_comparisons_leave_netbox_alone(self):
        target = make_target('r1', address='192.0.2.1')
        add_interface(target.device, 'Gi0/1')
        before = self.snapshot()
        data = {
            'system': {'name': 'other', 'serial': 'S', 'model': 'X', 'os': 'IOS'},
            'interfaces': [found_interface(1, 'Gi0/1', mtu=1500, alias='x'), found_interface(2, 'Gi0/2')],
            'addresses': [found_address('192.0.2.77', 1)],
            'neighbours': [found_neighbour(1, 'r1', 'Gi0/1')],
        }
        scan(target, **data)
        self.assertGreater(Difference.objects.count(), 4)
        scan(target, **data)
        Difference.objects.update(ignored=True)
        self.assertEqual(self.snapshot(), before)
