"""Readiness says what a target has, what it lacks, and where that is fixed."""

from dcim.models import Device, Site
from django.urls import reverse
from extras.models import ConfigContext
from virtualization.models import VirtualMachine

from netbox_netops.inventory import sync
from netbox_netops.models import Credential, Target
from netbox_netops.readiness import readiness
from tests.integration.factories import (
    assign_address,
    make_credential,
    make_device,
    make_machine,
    make_platform,
    make_target,
)

from .base import UiCase


class ReadinessTest(UiCase):
    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Credential)

    def items(self, target):
        items = readiness(Target.objects.get(pk=target.pk), self.user)
        self.assertEqual({item.kind for item in items}, {'device-scan', 'credential-check'})
        return {item.check: item for item in items if item.kind == 'device-scan'}

    def allow_repairs(self):
        self.grant('change', Device, VirtualMachine)
        self.grant('add', Credential)
        self.grant('netops_bind_secret', Credential)
        self.grant('view', ConfigContext)

    def test_ready(self):
        credential = make_credential('backbone')
        target = make_target(platform=make_platform('Acme OS'))
        items = self.items(target)
        self.assertEqual(list(items), ['status', 'address', 'credential', 'options', 'platform'])
        self.assertTrue(all(item.ok for item in items.values()), items)
        self.assertIn('192.0.2.1', items['address'].text)
        self.assertIn(credential.name, items['credential'].text)
        self.assertIn('Acme OS', items['platform'].text)

    def test_nothing_there(self):
        device = make_device('bare')
        sync(device_ids=[device.pk])
        self.allow_repairs()
        items = self.items(Target.objects.get())
        self.assertEqual([check for check, item in items.items() if not item.ok], ['address', 'credential', 'platform'])
        self.assertEqual([check for check, item in items.items() if not item.required], ['platform'])
        edit = reverse('dcim:device_edit', args=[device.pk])
        self.assertEqual(items['address'].url, edit)
        self.assertEqual(items['platform'].url, edit)
        add, query = items['credential'].url.split('?')
        self.assertEqual(add, self.url(Credential, 'add'))
        self.assertEqual(query, f'protocol=snmp-v2c&sites={device.site_id}')

    def test_the_suggested_credential_is_what_was_missing(self):
        target = make_target()
        self.allow_repairs()
        self.grant('view', Site)
        url = self.items(target)['credential'].url
        form = self.client.get(url).context['form']
        data = {
            'name': 'new',
            'provider': 'environment',
            'reference': 'NETOPS_SECRET_X',
            'weight': 1,
            'enabled': True,
            'protocol': form['protocol'].value(),
            'sites': form['sites'].value(),
        }
        response = self.client.post(self.url(Credential, 'add'), data)
        self.assertHttpStatus(response, 302)
        self.assertEqual(list(Credential.objects.get().sites.all()), [target.site])
        self.assertTrue(self.items(target)['credential'].ok)

    def test_without_rights_there_are_no_links(self):
        device = make_device('bare')
        sync(device_ids=[device.pk])
        items = self.items(Target.objects.get())
        self.assertFalse(items['address'].ok)
        self.assertEqual({item.url for item in items.values()}, {''})

    def test_names_of_credentials_are_for_those_who_may_view_them(self):
        credential = make_credential('backbone')
        target = make_target()
        self.remove_permissions('netbox_netops.view_credential')
        item = self.items(target)['credential']
        self.assertTrue(item.ok)
        self.assertNotIn(credential.name, item.text)

    def test_disabled_credentials_do_not_count(self):
        make_credential(enabled=False)
        self.assertFalse(self.items(make_target())['credential'].ok)

    def test_status(self):
        target = make_target()
        self.allow_repairs()
        Target.objects.update(status='disabled')
        item = self.items(target)['status']
        self.assertEqual((item.ok, item.required), (False, True))
        self.assertEqual(item.url, reverse('dcim:device_configcontext', args=[target.device_id]))
        self.assertIn('enabled', item.text)
        Target.objects.update(status='retired')
        item = self.items(target)['status']
        self.assertFalse(item.ok)
        self.assertEqual(item.url, reverse('dcim:device_edit', args=[target.device_id]))

    def test_options(self):
        device = make_device(address='192.0.2.1', local_context_data={'netops': {'snmp': {'port': 'x'}}})
        sync(device_ids=[device.pk])
        self.allow_repairs()
        item = self.items(Target.objects.get())['options']
        self.assertFalse(item.ok)
        self.assertIn('netops.snmp.port', item.text)
        self.assertEqual(item.url, reverse('dcim:device_configcontext', args=[device.pk]))

    def test_virtual_machine(self):
        machine = make_machine()
        sync(virtual_machine_ids=[machine.pk])
        self.allow_repairs()
        item = self.items(Target.objects.get())['address']
        self.assertEqual(item.url, reverse('virtualization:virtualmachine_edit', args=[machine.pk]))
        assign_address(machine, '192.0.2.7')
        sync(virtual_machine_ids=[machine.pk])
        self.assertTrue(self.items(Target.objects.get())['address'].ok)

    def test_deleted_object(self):
        target = make_target()
        self.allow_repairs()
        target.device.delete()
        item = self.items(target)['status']
        self.assertEqual((item.ok, item.url), (False, ''))

    def test_panel(self):
        target = make_target('bare-device', address=None)
        self.allow_repairs()
        url = reverse('dcim:device_netops', args=[target.device_id])
        page = self.page(url)
        self.assertIn('Not ready', page)
        self.assertIn('data-check="credential"', page)
        self.assertIn('Edit device', page)
        make_credential()
        assign_address(target.device, '192.0.2.1')
        sync()
        page = self.page(url)
        self.assertNotIn('Not ready', page)
        # No platform is only a recommendation.
        self.assertIn('No platform', page)
