"""Targets follow NetBox: `sync` builds them, and changes of their objects refresh them."""

from dcim.models import Device, VirtualChassis
from django.db import connection
from django.test.utils import CaptureQueriesContext
from extras.models import ConfigContext
from utilities.testing import TestCase

from netbox_netops.inventory import SyncStats, sync
from netbox_netops.models import Run, Target
from tests.integration.factories import assign_address, make_device, make_machine, make_site, make_target


class SyncTest(TestCase):
    """Outside a commit no signal refreshes anything: these tests see `sync` alone."""

    def test_builds_a_target_for_each_device_and_machine(self):
        site = make_site()
        device = make_device('r1', address='192.0.2.1', site=site)
        machine = make_machine('vm1', address='192.0.2.2', site=site)
        self.assertEqual(sync(), SyncStats(seen=2, created=2))
        target = Target.objects.get(device=device)
        self.assertEqual((target.name, target.address, target.site), ('r1', '192.0.2.1', site))
        self.assertEqual((target.role, target.status), (device.role, 'active'))
        self.assertEqual(Target.objects.get(virtual_machine=machine).address, '192.0.2.2')

    def test_second_sync_changes_nothing(self):
        make_device(address='192.0.2.1')
        make_machine()
        sync()
        self.assertEqual(sync(), SyncStats(seen=2))

    def test_unchanged_targets_are_neither_written_nor_locked(self):
        """A sync of the whole fleet must not stand in the way of the results that arrive meanwhile."""
        make_target()
        changed = make_target()
        Device.objects.filter(pk=changed.device_id).update(name='renamed')
        with connection.cursor() as cursor:
            cursor.execute('SELECT xmin::text, xmax::text, id FROM netbox_netops_target WHERE id <> %s', [changed.pk])
            before = cursor.fetchall()
            self.assertEqual(sync(), SyncStats(seen=2, updated=1))
            cursor.execute('SELECT xmin::text, xmax::text, id FROM netbox_netops_target WHERE id <> %s', [changed.pk])
            self.assertEqual(cursor.fetchall(), before)

    def test_number_of_queries_does_not_depend_on_the_number_of_devices(self):
        site = make_site()
        make_device(site=site)
        sync()
        with CaptureQueriesContext(connection) as one:
            sync()
        for _ in range(20):
            make_device(site=site)
        with self.assertNumQueries(len(one)):
            self.assertEqual(sync().created, 20)

    def test_address_order(self):
        """IPv6 before IPv4 as NetBox has it by default, out-of-band last, config context above all."""
        device = make_device()
        self.assertIsNone(self._address(device))
        assign_address(device, '198.51.100.9', 'oob_ip')
        self.assertEqual(self._address(device), '198.51.100.9')
        assign_address(device, '192.0.2.1', 'primary_ip4')
        self.assertEqual(self._address(device), '192.0.2.1')
        assign_address(device, '2001:db8::1', 'primary_ip6')
        self.assertEqual(self._address(device), '2001:db8::1')
        with self.settings(PREFER_IPV4=True):
            self.assertEqual(self._address(device), '192.0.2.1')
        Device.objects.filter(pk=device.pk).update(local_context_data={'netops': {'address': '203.0.113.5'}})
        Device.objects.filter(pk=device.pk).update(_config_context_data=None)
        self.assertEqual(self._address(device), '203.0.113.5')

    def _address(self, device):
        sync(device_ids=[device.pk])
        return Target.objects.get(device=device).address

    def test_device_that_leaves_the_scope_is_retired_and_comes_back(self):
        target = make_target()
        Device.objects.filter(pk=target.device_id).update(status='decommissioning')
        self.assertEqual(sync(), SyncStats(seen=1, retired=1))
        target.refresh_from_db()
        self.assertEqual(target.status, 'retired')
        Device.objects.filter(pk=target.device_id).update(status='active')
        self.assertEqual(sync(), SyncStats(seen=1, updated=1))
        self.assertEqual(Target.objects.get().pk, target.pk)

    def test_device_out_of_scope_gets_no_target(self):
        make_device(status='inventory')
        self.assertEqual(sync(), SyncStats(seen=1))

    def test_deleted_device_leaves_its_target_retired(self):
        target = make_target('gone')
        target.device.delete()
        target.refresh_from_db()
        self.assertEqual((target.status, target.device_id, target.name), ('retired', None, 'gone'))
        self.assertEqual(sync(), SyncStats())

    def test_new_address_forgets_the_reachability_of_the_old_one(self):
        target = make_target(address='192.0.2.1')
        Target.objects.update(reachability='reachable')
        assign_address(target.device, '192.0.2.2')
        sync()
        target.refresh_from_db()
        self.assertEqual((target.reachability, target.reachability_since), ('unknown', None))

    def test_unnamed_device_is_called_as_netbox_calls_it(self):
        device = make_device(name=None)
        sync()
        self.assertEqual(Target.objects.get().name, str(device))

    def test_chassis_members_without_an_address_are_the_master_s_target(self):
        master, member = make_device('sw-1', address='192.0.2.1'), make_device('sw-2')
        other = make_device('sw-3', address='192.0.2.3')
        chassis = VirtualChassis.objects.create(name='stack')
        for position, device in enumerate((master, member, other), 1):
            Device.objects.filter(pk=device.pk).update(virtual_chassis=chassis, vc_position=position)
        sync()
        self.assertEqual(Target.objects.count(), 3)
        VirtualChassis.objects.filter(pk=chassis.pk).update(master=master)
        # One member is named: the whole chassis is looked at.
        self.assertEqual(sync(device_ids=[master.pk]).retired, 1)
        active = Target.objects.filter(status='active').values_list('name', flat=True)
        self.assertEqual(set(active), {'sw-1', 'sw-3'})

    def test_options_from_config_context(self):
        """Rendered and not yet rendered contexts, merged with local data."""
        ConfigContext.objects.create(name='c', data={'netops': {'snmp': {'port': 1161, 'timeout': 3}}, 'ntp': []})
        device = make_device()
        Device.objects.filter(pk=device.pk).update(
            local_context_data={'netops': {'snmp': {'port': 2161}}}, _config_context_data=None
        )
        expected = {'snmp': {'port': 2161, 'timeout': 3}}
        sync()
        self.assertEqual(Target.objects.get().options, expected)
        Device.objects.filter(pk=device.pk).update(_config_context_data={'netops': expected | {'enabled': False}})
        sync()
        target = Target.objects.get()
        self.assertEqual((target.options, target.status), (expected | {'enabled': False}, 'disabled'))

    def test_invalid_options_are_named_and_do_not_stop_the_sync(self):
        cases = (
            ('yes', 'netops must be an object, not str'),
            ({'enabled': 'no'}, 'netops.enabled must be true or false'),
            ({'address': 'router1'}, 'netops.address must be an IP address'),
            ({'snmp': []}, 'netops.snmp must be an object'),
            ({'snmp': {'port': 0}}, 'netops.snmp.port must be a whole number from 1 to 65535'),
            ({'snmp': {'port': True}}, 'netops.snmp.port must be a whole number from 1 to 65535'),
            ({'snmp': {'comunity': 'x'}}, 'netops.snmp.comunity is not an option'),
            ({'snpm': {}}, 'netops.snpm is not an option'),
        )
        device = make_device(address='192.0.2.1')
        for value, message in cases:
            Device.objects.filter(pk=device.pk).update(_config_context_data={'netops': value})
            sync()
            target = Target.objects.get()
            self.assertEqual((target.options_error, target.options), (message, {}))
            self.assertEqual(target.address, '192.0.2.1')


class RefreshTest(TestCase):
    """Signals: what a user changes is in the target when the change is committed."""

    def _committed(self):
        return self.captureOnCommitCallbacks(execute=True)

    def test_new_device_and_its_primary_address(self):
        with self._committed():
            device = make_device('r1')
        self.assertIsNone(Target.objects.get(device=device).address)
        with self._committed():
            ip = assign_address(device, '192.0.2.1')
        self.assertEqual(Target.objects.get(device=device).address, '192.0.2.1')
        with self._committed():
            ip.address = '192.0.2.77/24'
            ip.save()
        self.assertEqual(Target.objects.get(device=device).address, '192.0.2.77')
        with self._committed():
            ip.delete()
        self.assertIsNone(Target.objects.get(device=device).address)

    def test_machine_and_status(self):
        with self._committed():
            machine = make_machine(address='192.0.2.8')
        self.assertEqual(Target.objects.get(virtual_machine=machine).address, '192.0.2.8')
        with self._committed():
            machine.status = 'decommissioning'
            machine.save()
        self.assertEqual(Target.objects.get(virtual_machine=machine).status, 'retired')

    def test_many_changes_in_one_transaction_are_one_refresh(self):
        site = make_site()
        with self._committed() as callbacks:
            devices = [make_device(site=site) for _ in range(5)]
        self.assertGreater(len(callbacks), 1)
        self.assertEqual(Target.objects.filter(device__in=devices).count(), 5)
        self.assertEqual(Target.objects.values('synced_at').distinct().count(), 1)

    def test_chassis_gets_a_master(self):
        with self._committed():
            master, member = make_device('sw-1', address='192.0.2.1'), make_device('sw-2')
            chassis = VirtualChassis.objects.create(name='stack')
            for position, device in enumerate((master, member), 1):
                device.virtual_chassis, device.vc_position = chassis, position
                device.save()
        with self._committed():
            chassis.master = master
            chassis.save()
        self.assertEqual(Target.objects.get(device=member).status, 'retired')

    def test_config_context_asks_for_a_sync(self):
        """Only a context that has, or had, our key."""
        with self._committed():
            ConfigContext.objects.create(name='ntp', data={'ntp': []})
        self.assertFalse(Run.objects.exists())
        with self._committed():
            context = ConfigContext.objects.create(name='netops', data={'netops': {'enabled': False}})
        self.assertEqual(Run.objects.get().kind, 'netbox-sync')
        Run.objects.all()._raw_delete(using='default')
        context.snapshot()
        context.data = {}
        with self._committed():
            context.save()
        self.assertEqual(Run.objects.get().reason, 'config context changed')
