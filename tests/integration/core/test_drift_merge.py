"""How differences live: they appear, change, are muted and vanish, with scans and with edits of NetBox."""

from unittest import mock

from dcim.models import Device, Interface, MACAddress, VirtualChassis
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from ipam.models import IPAddress
from utilities.testing import TestCase
from virtualization.models import VMInterface

from netbox_netops.drift.compare import compare, compare_all
from netbox_netops.inventory import sync
from netbox_netops.jobs.netbox_sync import NetBoxSyncJob
from netbox_netops.models import Difference, Run, ScanResult, Target
from tests.integration.drift import (
    add_interface,
    add_ip,
    cable,
    differences,
    found_address,
    found_interface,
    found_neighbour,
    kinds,
    make_stack,
    scan,
)
from tests.integration.factories import make_device, make_machine, make_site, make_target


class MergeTest(TestCase):
    def setUp(self):
        self.target = make_target('r1', address=None)
        self.interface = add_interface(self.target.device, 'Gi0/1', mtu=1500)

    def scan(self, mtu, **values):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=mtu)], **values)

    def row(self):
        return Difference.objects.get()

    def test_nothing_new_is_not_written(self):
        self.scan(9000)
        before = self.row()
        with connection.cursor() as cursor:
            cursor.execute('SELECT xmin, ctid FROM netbox_netops_difference')
            place = cursor.fetchone()
            compare(None, [self.target.pk])
            cursor.execute('SELECT xmin, ctid FROM netbox_netops_difference')
            self.assertEqual(cursor.fetchone(), place)
        self.assertEqual((self.row().pk, self.row().first_seen), (before.pk, before.first_seen))

    def test_what_says_something_else_is_another_row_of_the_same_age(self):
        self.scan(9000)
        before = self.row()
        self.scan(9100)
        after = self.row()
        self.assertNotEqual(after.pk, before.pk)
        self.assertEqual((after.found, after.first_seen), ('9100', before.first_seen))

    def test_settled(self):
        self.scan(9000)
        self.scan(1500)
        self.assertEqual(differences(self.target), {})

    def test_ignored_until_a_side_changes(self):
        self.scan(9000)
        Difference.objects.update(ignored=True)
        scan(
            self.target,
            interfaces=[found_interface(1, 'Gi0/1', mtu=9000), found_interface(2, 'Gi0/2')],
        )
        self.assertTrue(Difference.objects.get(kind='interface-mtu').ignored)
        self.scan(9100)
        self.assertFalse(self.row().ignored)

    def test_ignored_although_the_remedy_changes(self):
        """The speed of a port is that of its link at the moment: another type may be suggested, that is all."""
        scan(self.target, interfaces=[found_interface(2, 'Gi0/2', speed=10**9)])
        missing = Difference.objects.filter(kind='interface-missing')
        missing.update(ignored=True)
        before = missing.get()
        scan(self.target, interfaces=[found_interface(2, 'Gi0/2', speed=10**7)])
        after = missing.get()
        self.assertEqual((before.data['type'], after.data['type']), ('1000base-t', 'other'))
        self.assertNotEqual(after.pk, before.pk)
        self.assertTrue(after.ignored)

    def test_incomplete_scan_adds_nothing_and_settles_only_by_netbox(self):
        self.scan(9000)
        scan(
            self.target,
            interfaces=[found_interface(2, 'Gi0/2')],
            incomplete=['interfaces'],
            ok=False,
        )
        self.assertEqual(set(differences(self.target)), {('interface-mtu', 'Gi0/1')})
        Interface.objects.filter(pk=self.interface.pk).update(mtu=9000)
        compare(None, [self.target.pk])
        self.assertEqual(differences(self.target), {})
        self.scan(9000)
        self.assertEqual(differences(self.target), {})

    def test_failed_scan_changes_nothing(self):
        self.scan(9000)
        scan(self.target, ok=False, incomplete=['platform'], system={'name': 'other'})
        self.assertEqual(set(differences(self.target, 'interface-mtu')), {('interface-mtu', 'Gi0/1')})

    def test_platform_that_could_not_be_read(self):
        scan(self.target, system={'name': 'r1', 'serial': 'S1'}, incomplete=['platform'])
        self.assertEqual(differences(self.target), {})
        scan(self.target, system={'name': 'r1', 'serial': 'S1'})
        self.assertEqual(kinds(self.target), {'serial'})

    def test_targets_that_are_not_operated(self):
        self.scan(9000)
        Target.objects.update(status='disabled')
        compare(None, [self.target.pk])
        self.assertEqual(differences(self.target), {})

    def test_deletion(self):
        self.scan(9000)
        self.interface.delete()
        self.assertFalse(Difference.objects.exists())
        self.scan(9100)
        self.assertTrue(Difference.objects.exists())
        Target.objects.all().delete()
        self.assertFalse(Difference.objects.exists())

    def test_values_that_are_too_long(self):
        scan(
            self.target,
            system={'name': 'n' * 255, 'serial': 's' * 255, 'model': 'm' * 255, 'os': 'o' * 100},
            interfaces=[found_interface(1, 'Gi0/1' + 'x' * 250, alias='a' * 255)],
            neighbours=[found_neighbour(1, 'n' * 255, 'p' * 200)],
        )
        self.assertEqual(
            kinds(self.target), {'name', 'serial', 'platform', 'model', 'interface-missing', 'interface-extra'}
        )
        self.assertFalse(Difference.objects.filter(applicable=True).exists())

    def test_values_that_make_no_sense(self):
        """Nothing that a worker sends may keep a scan from being stored."""
        odd = {'chassis_id': 'zz', 'address': '999.1.1.1', 'port_description': '\\', 'platform': '%s'}
        scan(
            self.target,
            system={'name': "'%s\\", 'serial': '%(targets)s', 'model': '((', 'os': '[', 'vendor': '*'},
            interfaces=[
                found_interface(1, 'Gi0/1', mac='not a mac', mtu=-5, speed=-1, type=-1, admin_status=99),
                found_interface(2, '(?:', mac='%', alias='\\d'),
            ],
            addresses=[found_address('192.0.2.1', -1, 99), found_address('192.0.2.2', 1, -1)],
            inventory=[{'index': 1, 'class': 3, 'serial': '%', 'model': '\\'}],
            neighbours=[found_neighbour(1, '(', '9' * 30, **odd), found_neighbour(None, ')', '1', local_port='%')],
        )
        self.assertIn('interface-missing', kinds(self.target))

    def test_query_count_does_not_depend_on_the_targets(self):
        targets = [make_target(f'x{number}', address=None) for number in range(5)]
        for target in targets:
            scan(target, interfaces=[found_interface(1, 'Gi0/1')], system={'serial': 'S'})

        def count(number):
            with CaptureQueriesContext(connection) as queries:
                compare(None, [target.pk for target in targets[:number]])
            return len(queries)

        count(1)
        self.assertEqual(count(1), count(5))

    def test_all(self):
        self.scan(9000)
        Difference.objects.all().delete()
        self.assertEqual(compare_all(), 1)
        self.assertEqual(kinds(self.target), {'interface-mtu'})


class SignalTest(TestCase):
    """An edit in NetBox settles or makes differences as soon as it is committed."""

    def setUp(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.target = make_target('r1', address=None)
            self.device = self.target.device
            self.interface = add_interface(self.device, 'Gi0/1')

    def edit(self, **values):
        with self.captureOnCommitCallbacks(execute=True):
            for name, value in values.items():
                setattr(self.interface, name, value)
            self.interface.save()

    def test_device(self):
        scan(self.target, system={'serial': 'S1'})
        self.device.serial = 'S1'
        with self.captureOnCommitCallbacks(execute=True):
            self.device.save()
        self.assertEqual(differences(self.target), {})

    def test_interface(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000), found_interface(2, 'Gi0/2')])
        self.edit(mtu=1500)
        self.assertEqual(kinds(self.target), {'interface-mtu', 'interface-missing'})
        with self.captureOnCommitCallbacks(execute=True):
            new = add_interface(self.device, 'Gi0/2')
        self.assertEqual(kinds(self.target), {'interface-mtu'})
        with self.captureOnCommitCallbacks(execute=True):
            new.delete()
        self.assertEqual(kinds(self.target), {'interface-mtu', 'interface-missing'})

    def test_address(self):
        scan(
            self.target,
            interfaces=[found_interface(1, 'Gi0/1')],
            addresses=[found_address('192.0.2.1', 1), found_address('192.0.2.2', 1)],
        )
        with self.captureOnCommitCallbacks(execute=True):
            address = add_ip(self.interface, '192.0.2.1/24')
        self.assertEqual(set(differences(self.target)), {('address-missing', '192.0.2.2')})
        address = IPAddress.objects.get(pk=address.pk)
        address.assigned_object = None
        with self.captureOnCommitCallbacks(execute=True):
            address.save()
        self.assertEqual(len(differences(self.target)), 2)
        address = IPAddress.objects.get(pk=address.pk)
        address.assigned_object = self.interface
        with self.captureOnCommitCallbacks(execute=True):
            address.save()
        self.assertEqual(len(differences(self.target)), 1)
        with self.captureOnCommitCallbacks(execute=True):
            address.delete()
        self.assertEqual(len(differences(self.target)), 2)

    def test_mac_address(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mac='00:11:22:33:44:55')])
        with self.captureOnCommitCallbacks(execute=True):
            mac = MACAddress.objects.create(mac_address='00:11:22:33:44:66', assigned_object=self.interface)
        self.edit(primary_mac_address=mac)
        self.assertEqual(kinds(self.target), {'interface-mac'})
        with self.captureOnCommitCallbacks(execute=True):
            MACAddress.objects.create(mac_address='00:11:22:33:44:55', assigned_object=self.interface)
        self.assertEqual(kinds(self.target), set())

    def test_cable(self):
        remote = add_interface(make_device('r2'), 'Gi0/1')
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1')], neighbours=[found_neighbour(1, 'r2', 'Gi0/1')])
        self.assertEqual(kinds(self.target), {'neighbour-uncabled'})
        with self.captureOnCommitCallbacks(execute=True):
            link = cable(remote, self.interface)
        self.assertEqual(kinds(self.target), set())
        with self.captureOnCommitCallbacks(execute=True):
            link.delete()
        self.assertEqual(kinds(self.target), {'neighbour-uncabled'})

    def test_virtual_machine(self):
        machine = make_machine('vm', address=None)
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        interface = VMInterface.objects.create(virtual_machine=machine, name='eth0', mtu=9000)
        scan(target, interfaces=[found_interface(1, 'eth0', mtu=1500)], addresses=[found_address('192.0.2.1', 1)])
        self.assertEqual(kinds(target), {'interface-mtu', 'address-missing'})
        with self.captureOnCommitCallbacks(execute=True):
            interface.mtu = 1500
            interface.save()
            add_ip(interface, '192.0.2.1/24')
        self.assertEqual(kinds(target), set())

    def test_member_of_a_chassis(self):
        member = make_device('r1-2')
        chassis = VirtualChassis.objects.create(name='stack', master=self.device)
        member.virtual_chassis, member.vc_position = chassis, 2
        member.save()
        sync(device_ids=[self.device.pk, member.pk])
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1'), found_interface(2, 'Gi2/0/1')])
        self.assertEqual(kinds(self.target), {'interface-missing'})
        with self.captureOnCommitCallbacks(execute=True):
            add_interface(member, 'Gi2/0/1')
        self.assertEqual(kinds(self.target), set())

    def test_nothing_before_the_commit(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])
        with self.captureOnCommitCallbacks():
            self.interface.mtu = 1500
            self.interface.save()
        self.assertEqual(kinds(self.target), set())

    def test_targets_without_a_scan_are_left_alone(self):
        with mock.patch('netbox_netops.signals.compare') as called:
            self.edit(mtu=1500)
        called.assert_called_once_with(None, [])

    def test_many_at_once_are_left_to_the_sync(self):
        site = make_site()
        with self.captureOnCommitCallbacks(execute=True):
            interfaces = [add_interface(make_device(site=site), 'Gi0/1') for _number in range(101)]
        targets = Target.objects.exclude(pk=self.target.pk)
        for target in targets[:1]:
            scan(target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])
        one = ScanResult.objects.create(target=self.target, ok=True, started=self.target.created, duration_ms=1)
        Target.objects.filter(latest_scan=None).update(latest_scan=one)
        with self.captureOnCommitCallbacks(execute=True):
            for interface in interfaces:
                interface.mtu = 1500
                interface.save()
        self.assertEqual(Difference.objects.count(), 0)
        run = Run.objects.get(kind='netbox-sync')
        NetBoxSyncJob.handle(run.jobs.get(), run=run.pk)
        self.assertEqual(Difference.objects.get().kind, 'interface-mtu')


class DeletedObjectTest(TestCase):
    """A deleted device or virtual machine is in no list of differences, before anything is synced or scanned."""

    def make_target(self, name):
        target = make_target(name, address=None)
        scan(target, system={'serial': 'S1'}, interfaces=[found_interface(1, 'Gi0/1')])
        self.assertEqual(kinds(target), {'serial', 'interface-missing'})
        return target

    def test_device(self):
        target, other = self.make_target('r1'), self.make_target('r2')
        # At once, not after the commit.
        with self.captureOnCommitCallbacks():
            target.device.delete()
        self.assertEqual(differences(target), {})
        self.assertEqual(len(differences(other)), 2)
        target.refresh_from_db()
        self.assertEqual(target.status, 'retired')
        self.assertTrue(target.interfaces.exists())

    def test_virtual_machine(self):
        machine = make_machine('vm', address=None)
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        scan(target, system={'name': 'vm2'}, interfaces=[found_interface(1, 'eth0')])
        self.assertEqual(kinds(target), {'name', 'interface-missing'})
        machine.delete()
        self.assertEqual(differences(target), {})

    def test_many(self):
        targets = [self.make_target(f'r{number}') for number in range(3)]
        stays = self.make_target('r9')
        with CaptureQueriesContext(connection) as queries:
            Device.objects.filter(pk__in=[target.device_id for target in targets]).delete()
        self.assertEqual(set(Difference.objects.values_list('target', flat=True)), {stays.pk})
        # One statement a device, and no row is read for signals.
        self.assertEqual(len([q for q in queries if 'DELETE FROM "netbox_netops_difference"' in q['sql']]), 3)
        self.assertFalse([q for q in queries if q['sql'].startswith('SELECT "netbox_netops_difference"."id"')])

    def test_deletion_that_is_taken_back(self):
        target = self.make_target('r1')
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            Device.objects.get(pk=target.device_id).delete()
            raise ZeroDivisionError
        self.assertEqual(len(differences(target)), 2)

    def test_neighbour(self):
        target = make_target('r1', address=None)
        neighbours = [make_device(f'r{number}') for number in (2, 3)]
        add_interface(neighbours[0], 'Gi0/1')
        for number in (1, 2, 3):
            add_interface(target.device, f'Gi0/{number}')
        scan(
            target,
            interfaces=[found_interface(number, f'Gi0/{number}') for number in (1, 2, 3)],
            # The second one's port is unknown.
            neighbours=[found_neighbour(1, 'r2', 'Gi0/1'), found_neighbour(2, 'r3', 'Gi0/1')],
        )
        self.assertEqual(len(differences(target, 'neighbour-uncabled')), 2)
        for device, left in zip(neighbours, (1, 0), strict=True):
            with self.captureOnCommitCallbacks(execute=True):
                device.delete()
            self.assertEqual(len(differences(target, 'neighbour-uncabled')), left)

    def test_member_of_a_chassis(self):
        """What its master misses is looked for on another member."""
        target, members = make_stack('stack', 2)
        scan(target, interfaces=[found_interface(1, 'Gi2/0/1')])
        self.assertEqual(Difference.objects.get().data['device'], members[1].pk)
        with self.captureOnCommitCallbacks(execute=True):
            members[1].delete()
        self.assertEqual(Difference.objects.get().data['device'], members[0].pk)
