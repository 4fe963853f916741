"""Starting work on many devices: from NetBox's own lists, the list of targets, sites and tenants."""

from unittest import mock

from core.models import Job
from dcim.models import Device, Site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tenancy.models import Tenant
from virtualization.models import VirtualMachine

from netbox_netops.dispatch import MOST_INTERACTIVE
from netbox_netops.inventory import sync
from netbox_netops.lifecycle import pause
from netbox_netops.models import Run, RunTarget, Target
from tests.integration.factories import assign_address, make_device, make_machine, make_site

from .base import HTMX, UiCase


class StartingCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.tenant = Tenant.objects.create(name='Carrier', slug='carrier')
        cls.device_a = make_device('in-a', address='192.0.2.1', site=cls.site_a, tenant=cls.tenant)
        cls.device_b = make_device('in-b', address='192.0.2.2', site=cls.site_b)
        cls.machine = make_machine('vm-a', address='192.0.2.3', site=cls.site_a, tenant=cls.tenant)
        sync()

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Site, Tenant, Run, RunTarget, Target)
        self.served = mock.patch('netbox_netops.dispatch.queue_is_served', return_value=True)
        self.served.start()
        self.addCleanup(self.served.stop)

    def post(self, url, *rows, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, {'pk': [row.pk for row in rows], **data}, follow=True)

    def started(self):
        """The names of the targets that were started."""
        return set(RunTarget.objects.values_list('name', flat=True))


DEVICES = '/dcim/devices/'
MACHINES = '/virtualization/virtual-machines/'
DEVICE_SCAN = '/dcim/devices/netops/scan/'
MACHINE_SCAN = '/virtualization/virtual-machines/netops/scan/'


class NetBoxListTest(StartingCase):
    def test_the_button_follows_the_rights(self):
        """NetBox offers no way to add it: this is what notices when the one that is used stops working."""
        self.assertNotIn(DEVICE_SCAN, self.page(DEVICES))
        self.assertNotIn(MACHINE_SCAN, self.page(MACHINES))
        self.grant('netops_scan', Device)
        page = self.page(DEVICES)
        self.assertIn(f'formaction="{DEVICE_SCAN}', page)
        self.assertIn('Scan with NetOps', page)
        self.assertNotIn(MACHINE_SCAN, self.page(MACHINES))
        self.grant('netops_scan', VirtualMachine)
        self.assertIn(f'formaction="{MACHINE_SCAN}', self.page(MACHINES))

    def test_it_keeps_the_filters_of_the_list(self):
        self.grant('netops_scan', Device)
        url = f'{DEVICE_SCAN}?site_id={self.site_a.pk}'
        self.assertIn(f'formaction="{url}', self.page(f'{DEVICES}?site_id={self.site_a.pk}'))
        # The quick search loads a part of the page only.
        self.assertIn(f'formaction="{url}', self.page(f'{DEVICES}?site_id={self.site_a.pk}', **HTMX))

    def test_without_the_right_nothing_starts(self):
        self.assertHttpStatus(self.post(DEVICE_SCAN, self.device_a), 403)
        self.assertHttpStatus(self.post(MACHINE_SCAN, self.machine), 403)
        self.grant('netops_scan', VirtualMachine)
        self.assertHttpStatus(self.post(DEVICE_SCAN, self.device_a), 403)
        self.assertFalse(Run.objects.exists())

    def test_only_post(self):
        self.grant('netops_scan', Device)
        self.assertHttpStatus(self.client.get(DEVICE_SCAN), 405)

    def test_selected_devices(self):
        self.grant('netops_scan', Device)
        response = self.post(DEVICE_SCAN, self.device_a, self.device_b, return_url=f'{DEVICES}?q=in')
        self.assertEqual(response.redirect_chain[-1][0], f'{DEVICES}?q=in')
        run = Run.objects.get()
        self.assertEqual((run.kind, run.requested_by, run.interactive), ('device-scan', self.user, True))
        self.assertEqual(self.started(), {'in-a', 'in-b'})
        (message,) = self.messages(response)
        self.assertEqual(message, f'Device scan: 2 queued in <a href="{run.get_absolute_url()}">#{run.pk}</a>')
        self.assertEqual(Job.objects.count(), 1)

    def test_selected_machines(self):
        self.grant('netops_scan', VirtualMachine)
        self.post(MACHINE_SCAN, self.machine)
        self.assertEqual(self.started(), {'vm-a'})

    def test_all_that_match_the_filters(self):
        self.grant('netops_scan', Device)
        self.post(f'{DEVICE_SCAN}?site_id={self.site_b.pk}', self.device_a, _all='on')
        self.assertEqual(self.started(), {'in-b'})
        Run.objects.all().delete()
        self.post(f'{DEVICE_SCAN}?q=in-', _all='on')
        self.assertEqual(self.started(), {'in-a', 'in-b'})

    def test_a_filter_that_is_not_valid_selects_nothing(self):
        self.grant('netops_scan', Device)
        response = self.post(f'{DEVICE_SCAN}?site_id=999999', _all='on')
        self.assertIn('No device selected', self.messages(response)[0])
        self.assertFalse(Run.objects.exists())

    def test_nothing_selected(self):
        self.grant('netops_scan', Device)
        for data in ({}, {'pk': ['x', '-1', '²', '9' * 30]}, {'_all': ''}):
            with self.subTest(data=data):
                response = self.client.post(DEVICE_SCAN, data, follow=True)
                self.assertIn('No device selected', self.messages(response)[0])
        self.assertFalse(Run.objects.exists())

    def test_constraints_narrow_the_selection(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        response = self.post(DEVICE_SCAN, self.device_a, self.device_b)
        self.assertEqual(self.started(), {'in-a'})
        self.assertIn('1 of the selection is left out', self.messages(response)[1])
        Run.objects.all().delete()
        response = self.post(DEVICE_SCAN, _all='on')
        self.assertEqual(self.started(), {'in-a'})
        self.assertEqual(Run.objects.count(), 1)

    def test_devices_that_the_user_may_not_view_are_not_selected_by_all(self):
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, site=self.site_a.pk)
        self.grant('netops_scan', Device)
        response = self.post(DEVICE_SCAN, _all='on')
        self.assertEqual(self.started(), {'in-a'})
        self.assertEqual(len(self.messages(response)), 1)

    def test_what_is_already_under_way_is_not_started_twice(self):
        self.grant('netops_scan', Device)
        self.post(DEVICE_SCAN, self.device_a)
        first = Run.objects.get()
        response = self.post(DEVICE_SCAN, self.device_a, self.device_b)
        second = Run.objects.exclude(pk=first.pk).get()
        self.assertEqual(
            self.messages(response),
            [
                f'Device scan: 1 queued in <a href="{second.get_absolute_url()}">#{second.pk}</a>, '
                f'1 already under way in <a href="{first.get_absolute_url()}">#{first.pk}</a>'
            ],
        )
        response = self.post(DEVICE_SCAN, self.device_a, self.device_b)
        self.assertEqual(Run.objects.count(), 2)
        self.assertNotIn('queued', self.messages(response)[0])

    def test_runs_that_the_user_may_not_view_are_not_linked(self):
        self.grant('netops_scan', Device)
        self.post(DEVICE_SCAN, self.device_a)
        self.remove_permissions('netbox_netops.view_run')
        message = self.messages(self.post(DEVICE_SCAN, self.device_a, self.device_b))[0]
        self.assertNotIn('href', message)

    def test_warnings(self):
        self.grant('netops_scan', Device)
        self.served.stop()
        with mock.patch('netbox_netops.dispatch.queue_is_served', return_value=False):
            pause('device-scan', self.user, 'change freeze')
            _started, paused, unserved = self.messages(self.post(DEVICE_SCAN, self.device_a))
        self.served.start()
        self.assertIn('Device scan was paused by testuser', paused)
        self.assertIn('Reason: change freeze.', paused)
        self.assertIn('No worker', unserved)

    def test_large_numbers_are_readable(self):
        self.grant('netops_scan', Device)
        values = {'status': 'active', 'role': self.device_a.role, 'device_type': self.device_a.device_type}
        Device.objects.bulk_create(Device(name=f'n-{n}', site=self.site_a, **values) for n in range(1200))
        (message,) = self.messages(self.post(f'{DEVICE_SCAN}?q=n-', _all='on'))
        self.assertIn('1,202 queued', message)

    def test_the_same_number_of_queries_for_any_number_of_devices(self):
        self.grant('netops_scan', Device)
        values = {'status': 'active', 'role': self.device_a.role, 'device_type': self.device_a.device_type}
        for site, count in ((self.site_a, 300), (self.site_b, 1200)):
            Device.objects.bulk_create(Device(name=f'{site}-{n}', site=site, **values) for n in range(count))
        counts = []
        # The first one also makes the targets, and fills caches. Each of the others queues two core jobs.
        for query in ('', f'site_id={self.site_a.pk}', f'site_id={self.site_b.pk}'):
            Run.objects.all().delete()
            with CaptureQueriesContext(connection) as queries, self.captureOnCommitCallbacks(execute=True):
                self.assertHttpStatus(self.client.post(f'{DEVICE_SCAN}?{query}', {'_all': 'on'}), 302)
            counts.append((Run.objects.get().total, len(queries)))
        self.assertEqual([total for total, _queries in counts], [1502, 301, 1201])
        self.assertEqual(counts[1][1], counts[2][1])
        self.assertLess(counts[2][1], 60)


class InteractiveTest(StartingCase):
    def test_only_small_selections_are_waited_for(self):
        self.grant('netops_scan', Device)
        values = {'status': 'active', 'role': self.device_a.role, 'device_type': self.device_a.device_type}
        devices = Device.objects.bulk_create(
            Device(name=f'n-{n}', site=self.site_a, **values) for n in range(MOST_INTERACTIVE + 1)
        )
        for selection, interactive in ((devices[1:], True), (devices, False)):
            Run.objects.all().delete()
            self.post(DEVICE_SCAN, *selection)
            self.assertEqual(Run.objects.get().interactive, interactive)


class TargetListTest(StartingCase):
    def setUp(self):
        super().setUp()
        self.list_url, self.scan_url = self.url(Target, 'list'), self.url(Target, 'bulk_netops_scan')

    def target(self, obj):
        return obj.netops_target

    def test_the_button_follows_the_rights(self):
        self.assertNotIn(self.scan_url, self.page(self.list_url))
        self.grant('netops_scan', VirtualMachine)
        self.assertIn(f'formaction="{self.scan_url}', self.page(self.list_url))

    def test_rights(self):
        self.assertHttpStatus(self.post(self.scan_url, self.target(self.device_a)), 403)
        self.grant('netops_scan', Device, site=self.site_a.pk)
        rows = [self.target(obj) for obj in (self.device_a, self.device_b, self.machine)]
        response = self.post(self.scan_url, *rows)
        self.assertEqual(self.started(), {'in-a'})
        self.assertIn('2 of the selection are left out', self.messages(response)[1])
        self.assertEqual(response.redirect_chain[-1][0], self.list_url)

    def test_devices_and_machines_in_one_run(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.post(f'{self.scan_url}?site_id={self.site_a.pk}', _all='on')
        self.assertEqual(self.started(), {'in-a', 'vm-a'})
        self.assertEqual(Run.objects.count(), 1)

    def test_targets_that_the_user_may_not_view(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, site=self.site_a.pk)
        self.post(self.scan_url, self.target(self.device_b))
        self.assertFalse(Run.objects.exists())


class ScopeTest(StartingCase):
    def scan_url(self, scope):
        return reverse(f'{scope._meta.app_label}:{scope._meta.model_name}_netops_scan', args=[scope.pk])

    def test_the_button_follows_the_rights(self):
        for scope in (self.site_a, self.tenant):
            self.assertNotIn(self.scan_url(scope), self.page(scope.get_absolute_url()))
        self.grant('netops_scan', Device)
        for scope in (self.site_a, self.tenant):
            self.assertIn(self.scan_url(scope), self.page(scope.get_absolute_url()))

    def test_without_rights(self):
        for scope in (self.site_a, self.tenant):
            self.assertHttpStatus(self.client.get(self.scan_url(scope)), 403)
            self.assertHttpStatus(self.client.post(self.scan_url(scope)), 403)
        self.grant('netops_scan', Device)
        self.remove_permissions('dcim.view_site')
        self.assertHttpStatus(self.client.get(self.scan_url(self.site_a)), 404)
        self.assertHttpStatus(self.client.post(self.scan_url(self.site_a)), 404)
        self.assertFalse(Run.objects.exists())

    def test_asks_first_with_the_number(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for scope in (self.site_a, self.tenant):
            page = self.page(self.scan_url(scope))
            self.assertIn('1 device<', page)
            self.assertIn('1 virtual machine<', page)
        self.assertFalse(Run.objects.exists())
        # The same in NetBox's modal: the form alone, with the address that it is sent to.
        part = self.page(self.scan_url(self.site_a), **HTMX)
        self.assertNotIn('<html', part)
        self.assertIn(f'action="{self.scan_url(self.site_a)}"', part)

    def test_starts_all_of_it(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for scope in (self.site_a, self.tenant):
            response = self.post(self.scan_url(scope))
            self.assertEqual(self.started(), {'in-a', 'vm-a'})
            self.assertIn('2 queued', self.messages(response)[0])
            self.assertIn(str(scope), Run.objects.get().reason)
            self.assertEqual(response.redirect_chain[-1][0], scope.get_absolute_url())
            Run.objects.all().delete()

    def test_constraints(self):
        make_device('other', address='192.0.2.9', site=self.site_a)
        self.grant('netops_scan', Device, name='in-a')
        self.assertIn('1 device<', self.page(self.scan_url(self.site_a)))
        self.post(self.scan_url(self.site_a))
        self.assertEqual(self.started(), {'in-a'})

    def test_what_is_not_operated_is_left_out(self):
        make_device('planned', address='192.0.2.11', site=self.site_a, status='planned')
        make_device('panel', site=self.site_a)
        make_device('off', address='192.0.2.12', site=self.site_a, local_context_data={'netops': {'enabled': False}})
        out_of_band = make_device('oob', site=self.site_a)
        assign_address(out_of_band, '192.0.2.13', 'oob_ip')
        sync()
        self.grant('netops_scan', Device)
        self.assertIn('2 devices<', self.page(self.scan_url(self.site_a)))
        self.post(self.scan_url(self.site_a))
        self.assertEqual(self.started(), {'in-a', 'oob'})

    def test_nothing_there(self):
        empty = make_site('C')
        self.grant('netops_scan', Device)
        page = self.page(self.scan_url(empty))
        self.assertIn('Nothing is operated there', page)
        self.assertNotIn('_confirm', page)
        self.assertIn('No device selected', self.messages(self.post(self.scan_url(empty)))[0])

    def test_warnings(self):
        self.grant('netops_scan', Device)
        pause('device-scan', self.user)
        self.assertIn('Device scan was paused by', self.page(self.scan_url(self.site_a)))
