"""The Scan button and what it starts."""

from core.models import Job
from dcim.models import Device
from django.test import Client
from django.urls import reverse
from virtualization.models import VirtualMachine

from netbox_netops.models import Run, RunTarget, Target
from tests.integration.factories import make_device, make_machine, make_site

from .base import UiCase


class ScanTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a = make_device('in-a', address='192.0.2.1', site=cls.site_a)
        cls.device_b = make_device('in-b', address='192.0.2.2', site=cls.site_b)
        cls.machine = make_machine('vm', address='192.0.2.3', site=cls.site_a)

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Run)

    def scan_url(self, obj):
        return reverse(f'{obj._meta.app_label}:{obj._meta.model_name}_netops_scan', args=[obj.pk])

    def scan(self, obj):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.scan_url(obj), follow=True)

    def test_without_permission_there_is_no_button_and_no_view(self):
        for obj in (self.device_a, self.machine):
            self.assertNotIn('netops-scan', self.page(obj.get_absolute_url()))
            self.assertHttpStatus(self.client.post(self.scan_url(obj)), 404)
        self.assertFalse(Run.objects.exists())
        self.assertFalse(Job.objects.exists())

    def test_constraints_of_the_permission(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        self.assertIn(self.scan_url(self.device_a), self.page(self.device_a.get_absolute_url()))
        self.assertNotIn('netops-scan', self.page(self.device_b.get_absolute_url()))
        self.assertHttpStatus(self.client.post(self.scan_url(self.device_b)), 404)
        self.assertFalse(Run.objects.exists())
        self.assertHttpStatus(self.scan(self.device_a), 200)
        self.assertEqual(RunTarget.objects.get().target.device, self.device_a)

    def test_only_post(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for obj in (self.device_a, self.machine):
            for method in (self.client.get, self.client.head, self.client.put, self.client.delete):
                self.assertHttpStatus(method(self.scan_url(obj)), 405)
        self.assertFalse(Run.objects.exists())

    def test_a_forged_form_is_refused(self):
        self.grant('netops_scan', Device)
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.user)
        self.assertHttpStatus(client.post(self.scan_url(self.device_a)), 403)
        self.assertFalse(Run.objects.exists())
        page = client.get(self.device_a.get_absolute_url()).content.decode()
        form = page[page.index(self.scan_url(self.device_a)) :]
        token = form.split('name="csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
        self.assertHttpStatus(client.post(self.scan_url(self.device_a), {'csrfmiddlewaretoken': token}), 302)
        self.assertEqual(Run.objects.count(), 1)

    def test_start(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for obj in (self.device_a, self.machine):
            response = self.scan(obj)
            run = Run.objects.first()
            self.assertEqual(run.requested_by, self.user)
            self.assertEqual(run.kind, 'device-scan')
            self.assertEqual(
                response.redirect_chain[-1][0],
                reverse(f'{obj._meta.app_label}:{obj._meta.model_name}_netops', args=[obj.pk]),
            )
            started, warning = self.messages(response)
            self.assertIn(obj.name, started)
            self.assertIn(f'href="{run.get_absolute_url()}"', started)
            self.assertIn('No worker', warning)
        self.assertEqual(Run.objects.count(), 2)

    def test_a_second_click_joins_the_active_run(self):
        self.grant('netops_scan', Device)
        self.scan(self.device_a)
        run = Run.objects.get()
        message = self.messages(self.scan(self.device_a))[0]
        self.assertIn('already', message)
        self.assertIn(run.get_absolute_url(), message)
        self.assertEqual(Run.objects.count(), 1)
        self.assertEqual(RunTarget.objects.count(), 1)

    def test_the_run_is_not_linked_for_those_who_may_not_view_it(self):
        self.grant('netops_scan', Device)
        self.remove_permissions('netbox_netops.view_run')
        self.assertNotIn('href', self.messages(self.scan(self.device_a))[0])

    def test_a_refusal_names_reason_and_remedy(self):
        """The right to scan vanished between the click and the work."""
        from unittest import mock

        from netbox_netops.dispatch import DispatchError

        self.grant('netops_scan', Device)
        with mock.patch('netbox_netops.dispatch.enqueue', side_effect=DispatchError('selection:empty', 'a <b>')):
            response = self.scan(self.device_a)
        (message,) = self.messages(response)
        self.assertIn('No device selected', message)
        self.assertIn('nothing was started', message)
        self.assertNotIn('a <b>', response.content.decode())
        self.assertIn('a &lt;b&gt;', response.content.decode())


class SyncTest(UiCase):
    def setUp(self):
        super().setUp()
        make_device('router', address='192.0.2.1')
        self.grant('view', Device, VirtualMachine, Run, Target)
        self.sync_url = self.url(Target, 'sync')

    def test_without_permission_there_is_no_button_and_no_view(self):
        self.assertNotIn('netops-sync', self.page(self.url(Target, 'list')))
        self.assertHttpStatus(self.client.post(self.sync_url), 403)
        self.assertFalse(Run.objects.exists())

    def test_start(self):
        self.add_permissions('netbox_netops.netops_sync_target')
        self.assertIn(f'action="{self.sync_url}"', self.page(self.url(Target, 'list')))
        self.assertHttpStatus(self.client.get(self.sync_url), 405)
        self.assertFalse(Run.objects.exists())
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(self.sync_url, follow=True)
        run = Run.objects.get()
        self.assertEqual((run.kind, run.requested_by), ('netbox-sync', self.user))
        self.assertEqual(response.redirect_chain[-1][0], self.url(Target, 'list'))
        self.assertIn(run.get_absolute_url(), self.messages(response)[0])
