"""Differences into NetBox: objects that are there already, what others do to them meanwhile, and what that costs."""

import threading
import uuid

from core.models import ObjectChange
from dcim.models import Interface, MACAddress
from django.db import connection, connections, transaction
from django.db.models.signals import pre_save
from django.test import RequestFactory, TransactionTestCase, override_settings
from django.test.utils import CaptureQueriesContext
from ipam.models import IPAddress
from users.models import User

from lab.process import wait_until
from netbox_netops.drift.apply import apply, check
from netbox_netops.models import Difference
from tests.integration.drift import add_interface, found_address, found_interface, scan
from tests.integration.factories import make_device, make_target

from .test_drift_apply import ApplyCase


class MacAddressTest(ApplyCase):
    """A MAC address that NetBox has already, without an interface, is not documented twice."""

    VALUE = '00:11:22:33:44:66'

    def setUp(self):
        super().setUp()
        self.grant('change', Interface)
        self.interface = self.make_interface('Gi0/1')
        self.scan('Gi0/1')

    def make_interface(self, name):
        interface = add_interface(self.device, name)
        old = MACAddress.objects.create(mac_address='00:11:22:33:44:55', assigned_object=interface)
        interface.set_primary_mac_address(old)
        return interface

    def scan(self, *names):
        scan(
            self.target,
            interfaces=[found_interface(index, name, mac=self.VALUE) for index, name in enumerate(names, 1)],
        )

    def test_free_one_is_assigned(self):
        self.grant('change', MACAddress)
        free = MACAddress.objects.create(mac_address=self.VALUE, description='spare')
        request = self.request()
        self.assertTrue(apply([self.row('interface-mac')], request).applied)
        self.interface.refresh_from_db()
        self.assertEqual(self.interface.primary_mac_address, free)
        found = MACAddress.objects.get(mac_address=self.VALUE)
        self.assertEqual((found.pk, found.assigned_object, found.description), (free.pk, self.interface, 'spare'))
        change = ObjectChange.objects.get(changed_object_type__model='macaddress')
        self.assertEqual((change.action, change.user, change.request_id), ('update', self.user, request.id))
        self.assertIsNone(change.prechange_data['assigned_object_id'])
        self.assertEqual(change.postchange_data['assigned_object_id'], self.interface.pk)

    def test_one_that_the_user_may_not_change(self):
        """Not even if he may add another one."""
        self.grant('add', MACAddress)
        self.grant('change', MACAddress, description='mine')
        free = MACAddress.objects.create(mac_address=self.VALUE)
        report = self.apply(self.row('interface-mac'))
        self.assertEqual(
            [(outcome.code, outcome.detail) for outcome in report.outcomes],
            [('permission:denied', 'dcim.change_macaddress')],
        )
        MACAddress.objects.filter(pk=free.pk).update(description='mine')
        self.assertApplied(self.row('interface-mac'))
        self.assertEqual(MACAddress.objects.filter(mac_address=self.VALUE).count(), 1)

    def test_constraint_that_does_not_hold_afterwards(self):
        self.grant('change', MACAddress, assigned_object_id=None)
        free = MACAddress.objects.create(mac_address=self.VALUE)
        self.assertEqual(self.codes(self.row('interface-mac')), ['permission:denied'])
        free.refresh_from_db()
        self.assertIsNone(free.assigned_object)

    def test_those_of_other_interfaces_stay_there(self):
        self.grant('add', MACAddress)
        elsewhere = MACAddress.objects.create(
            mac_address=self.VALUE, assigned_object=add_interface(make_device('r2'), 'Gi0/1')
        )
        self.assertApplied(self.row('interface-mac'))
        self.assertEqual(MACAddress.objects.filter(mac_address=self.VALUE).count(), 2)
        elsewhere.refresh_from_db()
        self.assertEqual(elsewhere.assigned_object.device.name, 'r2')

    def test_of_two_none_is_chosen(self):
        self.grant('add', MACAddress)
        free = [MACAddress.objects.create(mac_address=self.VALUE) for _number in range(2)]
        self.assertApplied(self.row('interface-mac'))
        self.assertEqual(MACAddress.objects.filter(mac_address=self.VALUE).count(), 3)
        self.assertEqual(MACAddress.objects.filter(pk__in=[mac.pk for mac in free], assigned_object_id=None).count(), 2)

    def test_one_for_two_interfaces(self):
        self.grant('add', MACAddress)
        self.grant('change', MACAddress)
        other = self.make_interface('Gi0/2')
        self.scan('Gi0/1', 'Gi0/2')
        free = MACAddress.objects.create(mac_address=self.VALUE)
        self.assertApplied()
        owners = {mac.pk == free.pk: mac.assigned_object for mac in MACAddress.objects.filter(mac_address=self.VALUE)}
        self.assertEqual(owners, {True: self.interface, False: other})


class RefusedByTheDatabaseTest(ApplyCase):
    """What passes NetBox's checks and not those of the database is refused in words, with its code and subject."""

    def setUp(self):
        super().setUp()
        self.grant('add', Interface)
        self.grant('change', Interface)
        self.interface = add_interface(self.device, 'Gi0/1', mtu=1500)
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000), found_interface(2, 'Gi0/2')])

    def outcomes(self, meddle):
        pre_save.connect(meddle, sender=Interface)
        self.addCleanup(pre_save.disconnect, meddle, sender=Interface)
        return {outcome.code: outcome.detail for outcome in self.apply().outcomes}

    def test_somebody_else_was_first(self):
        def meddle(instance, **kwargs):
            if instance._state.adding:
                # Committed by another process after the check.
                Interface.objects.bulk_create([Interface(device=self.device, name=instance.name, type='other')])

        self.assertEqual(
            self.outcomes(meddle),
            {
                'drift:invalid': 'Interface not documented Gi0/2: There is another object like this by now.',
                'drift:withheld': '',
            },
        )
        self.assertEqual(Interface.objects.get().mtu, 1500)

    def test_value_that_does_not_fit(self):
        def meddle(instance, **kwargs):
            if not instance._state.adding:
                instance.mtu = 2**40

        self.assertEqual(
            self.outcomes(meddle),
            {
                'drift:invalid': 'Interface MTU Gi0/1: A value does not fit into its field.',
                'drift:withheld': '',
            },
        )

    def test_rule_of_the_database(self):
        def meddle(instance, **kwargs):
            instance.type = None

        (detail,) = self.outcomes(meddle).values()
        self.assertIn('breaks another rule of the database', detail)
        for leaked in ('dcim_interface', 'null', 'IntegrityError'):
            self.assertNotIn(leaked, detail)

    def test_what_was_refused_does_not_spoil_the_next_row(self):
        """Both are of one interface: the MTU is refused, the description is not."""
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000, alias='uplink')])
        rows = [self.row('interface-mtu'), self.row('interface-description')]
        with override_settings(CUSTOM_VALIDATORS={'dcim.interface': [{'mtu': {'max': 2000}}]}):
            codes = self.codes(*rows)
        self.assertEqual(codes, ['drift:invalid', 'drift:withheld'])


class EffortTest(ApplyCase):
    """What apply reads by itself does not grow with the number of rows."""

    def make_rows(self, start, number):
        for index in range(start, start + number):
            add_interface(self.device, f'Gi0/{index}', mtu=1500)
            add_interface(self.device, f'Te0/{index}')
        found = [found_interface(index, f'Gi0/{index}', mtu=9000) for index in range(1, start + number)]
        found += [found_interface(1000 + index, f'Te0/{index}') for index in range(1, start + number)]
        scan(
            self.target,
            interfaces=found,
            addresses=[found_address(f'192.0.2.{index}', 1000 + index) for index in range(1, start + number)],
        )
        rows = list(Difference.objects.select_related('target'))
        self.assertEqual({row.kind for row in rows}, {'interface-mtu', 'address-missing'})
        return rows

    def test_check(self):
        self.grant('view', Interface)
        self.grant('change', Interface, device__name='r1')
        self.grant('add', IPAddress)
        counts = []
        for start, number in ((1, 2), (3, 20)):
            rows, user = self.make_rows(start, number), self.request().user
            with CaptureQueriesContext(connection) as queries:
                report = check(rows, user)
            self.assertTrue(report.applied, report)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])

    def test_apply(self):
        self.grant('view', Interface)
        self.grant('change', Interface, device__name='r1')
        self.grant('add', IPAddress)
        counts = []
        for start, number in ((1, 2), (3, 20)):
            rows = self.make_rows(start, number)
            with CaptureQueriesContext(connection) as queries:
                self.assertApplied(*rows)
            # Objects read to be written, and rights.
            wanted = ('SELECT "dcim_interface"."id" AS "pk"', '"dcim_device"."name" = \'r1\'')
            counts.append(len([query for query in queries if any(part in query['sql'] for part in wanted)]))
        self.assertGreater(counts[0], 0)
        self.assertEqual(counts[0], counts[1])


class ConcurrentEditTest(TransactionTestCase):
    """What somebody else is about to commit is neither overwritten nor overlooked: apply waits, and looks again."""

    def setUp(self):
        self.user = User.objects.create_user('operator', is_superuser=True)
        self.target = make_target('r1', address=None)
        self.interface = add_interface(self.target.device, 'Gi0/1', mtu=1500)

    def apply_during(self, edit):
        """The report of an apply of all rows that begins before the transaction of this edit ends."""
        request = RequestFactory().post('/')
        request.user, request.id = self.user, uuid.uuid4()
        ids = list(Difference.objects.values_list('pk', flat=True))
        reports = []

        def work():
            try:
                reports.append(apply(ids, request))
            finally:
                connections.close_all()

        thread = threading.Thread(target=work)
        with transaction.atomic():
            edit()
            thread.start()
            wait_until(lambda: self.is_somebody_waiting() or not thread.is_alive(), what='apply', timeout=30)
        thread.join()
        return reports[0]

    @staticmethod
    def is_somebody_waiting():
        """For this connection, that is."""
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT EXISTS ('
                'SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))'
            )
            return cursor.fetchone()[0]

    def test_another_field(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])
        self.interface.description = 'by hand'
        self.assertTrue(self.apply_during(self.interface.save).applied)
        self.interface.refresh_from_db()
        self.assertEqual((self.interface.mtu, self.interface.description), (9000, 'by hand'))

    def test_the_same_field(self):
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])
        self.interface.mtu = 4000
        report = self.apply_during(self.interface.save)
        self.assertEqual([outcome.code for outcome in report.outcomes], ['drift:changed'])
        self.interface.refresh_from_db()
        self.assertEqual(self.interface.mtu, 4000)

    def test_device(self):
        scan(self.target, system={'serial': 'S1'})
        device = self.target.device
        device.comments = 'by hand'
        self.assertTrue(self.apply_during(device.save).applied)
        device.refresh_from_db()
        self.assertEqual((device.serial, device.comments), ('S1', 'by hand'))

    def test_address_that_was_free(self):
        free = IPAddress.objects.create(address='192.0.2.1/24')
        scan(
            self.target,
            interfaces=[found_interface(1, 'Gi0/1')],
            addresses=[found_address('192.0.2.1', 1)],
        )
        elsewhere = add_interface(make_device('r2'), 'Gi0/1')
        free.assigned_object = elsewhere
        report = self.apply_during(free.save)
        self.assertEqual([outcome.code for outcome in report.outcomes], ['drift:changed'])
        free.refresh_from_db()
        self.assertEqual(free.assigned_object, elsewhere)

    def test_mac_address_that_was_free(self):
        self.interface.set_primary_mac_address(
            MACAddress.objects.create(mac_address='00:11:22:33:44:55', assigned_object=self.interface)
        )
        free = MACAddress.objects.create(mac_address='00:11:22:33:44:66')
        scan(self.target, interfaces=[found_interface(1, 'Gi0/1', mac='00:11:22:33:44:66')])
        elsewhere = add_interface(make_device('r2'), 'Gi0/1')
        free.assigned_object = elsewhere
        self.assertTrue(self.apply_during(free.save).applied)
        free.refresh_from_db()
        self.assertEqual(free.assigned_object, elsewhere)
        self.interface.refresh_from_db()
        self.assertEqual(str(self.interface.mac_address).lower(), '00:11:22:33:44:66')
        self.assertNotEqual(self.interface.primary_mac_address, free)
