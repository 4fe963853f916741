"""An event rule on "device created" starts one run for 500 devices, and scans each once, when it has its address."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from core.events import OBJECT_CREATED, OBJECT_UPDATED
from core.models import Job, ObjectType
from dcim.choices import DeviceStatusChoices
from dcim.models import Device, DeviceRole, DeviceType, Interface
from django.db import connection
from django.db.models import Count, F
from django.test import RequestFactory, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from extras.jobs import ScriptJob
from extras.models import EventRule
from extras.scripts import Script
from ipam.models import IPAddress
from rest_framework.test import APIClient
from users.models import Token, User
from utilities.forms.bulk_import import ImportFormatChoices
from utilities.request import apply_request_processors

from netbox_netops import event_rules, event_types
from netbox_netops.event_rules import RunPolicyAction
from netbox_netops.inventory import sync
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.jobs.tick import tick
from netbox_netops.lifecycle import claimable, expire_overdue
from netbox_netops.models import Run, RunTarget, ScanResult, Target
from netops_worker.probes import ProbeOutcome
from tests.integration.factories import make_credential, make_device, make_site, system_facts
from tests.integration.rules import make_policy, make_rule

NUMBER = 500


class FleetCase(TransactionTestCase):
    """With real commits, as in production."""

    def setUp(self):
        self.user = User.objects.create(username='admin', is_superuser=True)
        self.client.force_login(self.user)
        self.site = make_site('POP')
        # What devices are made of, and one that no rule is about.
        self.bystander = make_device('bystander', site=self.site)
        self.policy = make_policy('First scan', run_as=self.user)
        self.dispatched = self.count(event_rules, 'fire')

    def count(self, module, name):
        patch = mock.patch.object(module, name, side_effect=getattr(module, name))
        self.addCleanup(patch.stop)
        return patch.start()

    def rest_client(self):
        client = APIClient()
        token = Token.objects.create(user=self.user)
        client.credentials(HTTP_AUTHORIZATION=f'{token.get_auth_header_prefix()}{token.token}')
        return client

    def post_import(self, *rows):
        return self.client.post(
            reverse('dcim:device_bulk_import'),
            {
                'import_method': 'direct',
                'data': '\n'.join(('name,role,manufacturer,device_type,status,site', *rows)),
                'format': ImportFormatChoices.CSV,
                'csv_delimiter': ',',
            },
        )

    def import_devices(self, number, status='active'):
        response = self.post_import(*(f'r{index},Core,Acme,Router,{status},POP' for index in range(number)))
        self.assertEqual(response.status_code, 302, response.content[-3000:].decode())
        return list(Device.objects.filter(name__startswith='r').order_by('pk'))

    def give_addresses(self, devices):
        kind = {'type': 'virtual', 'name': 'lo0'}
        interfaces = Interface.objects.bulk_create([Interface(device=device, **kind) for device in devices])
        for number, interface in enumerate(interfaces):
            address = IPAddress.objects.create(
                address=f'10.0.{number // 250}.{number % 250 + 1}/32', assigned_object=interface
            )
            interface.device.primary_ip4 = address
            interface.device.save()

    def rows(self, **values):
        return RunTarget.objects.filter(**values).count()


class ImportTest(FleetCase):
    def setUp(self):
        super().setUp()
        make_rule(self.policy, Device, OBJECT_CREATED, name='New devices')

    def test_500_devices_by_csv(self):
        """From the import to the scans: one run, each device once."""
        make_credential()
        queries = self.count_pipeline_queries()
        devices = self.import_devices(NUMBER)
        self.assertEqual(len(queries), 1)
        self.assertLessEqual(queries[0], 40)
        self.assertEqual(len(devices), NUMBER)
        run = Run.objects.get()
        self.assertEqual((run.policy, run.total, run.reason), (self.policy, NUMBER, 'event rule New devices'))
        self.assertEqual(self.dispatched.call_count, 1)
        self.assertEqual(self.rows(run=run, state='waiting', blocked='waiting:address'), NUMBER)
        self.assertFalse(run.targets.filter(target__device=self.bystander).exists())
        # Nothing to do yet: no job, no attempt, though somebody looks.
        self.assertEqual(claimable(run.pk), 0)
        self.assertFalse(Job.objects.filter(object_id=run.pk, name__contains='#').exists())

        # Some one by one, as people do. Of the others only a sync hears, as when a config context names the addresses.
        first, others = devices[:20], devices[20:]
        self.give_addresses(first)
        self.assertEqual(claimable(run.pk), 20)
        self.assertTrue(run.jobs.exists())
        probed = self.work(run)
        self.assertEqual(sorted(probed), sorted(device.pk for device in first))
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded), ('running', 20))

        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO ipam_ipaddress (address, status, role, dns_name, description, comments, custom_field_data)
                SELECT ('10.1.0.0'::inet + id)::inet, 'active', '', '', '', '', '{}' FROM dcim_device WHERE id = ANY(%s)
                """,
                [[device.pk for device in others]],
            )
            cursor.execute(
                """
                UPDATE dcim_device d SET primary_ip4_id = a.id FROM ipam_ipaddress a
                WHERE a.address = ('10.1.0.0'::inet + d.id)::inet AND d.id = ANY(%s)
                """,
                [[device.pk for device in others]],
            )
        sync()
        self.assertEqual(claimable(run.pk), 0)
        tick()
        self.assertEqual(claimable(run.pk), NUMBER - 20)
        probed += self.work(run)
        self.assertEqual(sorted(probed), sorted(device.pk for device in devices))
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded), ('succeeded', NUMBER))
        scans = ScanResult.objects.values('target').annotate(number=Count('pk'))
        self.assertEqual({row['number'] for row in scans}, {1})
        self.assertEqual(len(scans), NUMBER)
        self.assertEqual(Run.objects.count(), 1)

    def count_pipeline_queries(self):
        """The number of queries of each call of ours by NetBox's pipeline."""
        counted = []

        def dispatch(events):
            with CaptureQueriesContext(connection) as queries:
                original(events)
            counted.append(len(queries))

        original = event_rules.dispatch_collected
        patch = mock.patch.object(event_rules, 'dispatch_collected', dispatch)
        self.addCleanup(patch.stop)
        patch.start()
        return counted

    def work(self, run):
        """Drain the run as a job does. Returns the devices that were probed."""
        probed = []

        async def probe(task, context):
            probed.append(task.device_id)
            return ProbeOutcome(data={'system': system_facts()})

        with mock.patch('netbox_netops.jobs.base.default_probes', return_value={'device-scan': probe}):
            DeviceScanJob.enqueue(instance=run, immediate=True, run=run.pk)
        return probed

    def test_an_address_that_does_not_come(self):
        self.import_devices(3)
        run = Run.objects.get()
        waited = run.targets.values_list(F('expires') - F('run__created'), flat=True)
        self.assertTrue(all(timedelta(seconds=3600) <= item < timedelta(seconds=3660) for item in waited), list(waited))
        self.assertEqual(expire_overdue(), 0)
        RunTarget.objects.update(expires=timezone.now())
        self.assertEqual(expire_overdue(), 3)
        self.assertEqual(self.rows(state='failed', error_code='target:no-address', attempt=0), 3)
        run.refresh_from_db()
        self.assertEqual((run.status, run.failed), ('failed', 3))
        # Too late: nothing comes back.
        self.give_addresses(Device.objects.filter(name='r0'))
        self.assertEqual(self.rows(state='failed'), 3)

    def test_an_address_that_came_while_the_run_was_started(self):
        """Who set it has looked for rows that wait for it before this one was there; the tick finds it, also late."""
        device = self.import_devices(1)[0]
        Target.objects.filter(device=device).update(address='192.0.2.1')
        RunTarget.objects.update(expires=timezone.now())
        tick()
        row = RunTarget.objects.get()
        self.assertEqual((row.state, row.blocked, row.error_code), ('waiting', '', ''))
        self.assertGreater(row.expires, timezone.now() + timedelta(minutes=30))
        self.assertTrue(Run.objects.get().jobs.exists())

    def test_devices_that_are_not_operated(self):
        self.import_devices(5, status='planned')
        self.assertFalse(Run.objects.exists())
        self.assertFalse(Target.objects.filter(device__name='r0').exists())

    def test_an_import_that_is_refused(self):
        response = self.post_import('r1,Core,Acme,Router,active,POP', 'r2,Core,Acme,Router,active,nowhere')
        self.assertEqual(response.status_code, 200)
        self.assertFalse(Device.objects.filter(name='r1').exists())
        self.assertFalse(Run.objects.exists())

    def test_rest_bulk_create(self):
        values = {
            'role': DeviceRole.objects.get().pk,
            'device_type': DeviceType.objects.get().pk,
            'site': self.site.pk,
            'status': 'active',
        }
        body = [{'name': f'r{number}', **values} for number in range(20)]
        response = self.rest_client().post(reverse('dcim-api:device-list'), body, format='json')
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(Run.objects.get().total, 20)
        self.assertEqual(self.dispatched.call_count, 1)

    def test_script(self):
        site = self.site

        class Rollout(Script):
            def run(self, data, commit):
                for number in range(10):
                    make_device(f'r{number}', site=site)

        for commit, devices in ((False, 0), (True, 10)):
            request = RequestFactory().post('/')
            request.id, request.user = uuid4(), self.user
            runner = ScriptJob(mock.Mock(data={}))
            # As `ScriptJob.run` does: without a commit nothing is tracked.
            if commit:
                with apply_request_processors(request):
                    runner.run_script(Rollout(), request, {}, commit)
            else:
                runner.run_script(Rollout(), request, {}, commit)
            self.assertEqual(sum(Run.objects.values_list('total', flat=True)), devices)
        self.assertEqual(self.dispatched.call_count, 1)


class BulkEditTest(FleetCase):
    def test_devices_become_active(self):
        became_active = {'and': [{'attr': 'status', 'op': 'changed'}, {'attr': 'status.value', 'value': 'active'}]}
        make_rule(self.policy, Device, OBJECT_UPDATED, conditions=became_active)
        device_type, role = DeviceType.objects.get(), DeviceRole.objects.get()
        Device.objects.bulk_create(
            Device(name=f'r{number}', site=self.site, device_type=device_type, role=role, status='planned')
            for number in range(50)
        )
        pks = [*Device.objects.filter(name__startswith='r').values_list('pk', flat=True), self.bystander.pk]
        response = self.client.post(
            reverse('dcim:device_bulk_edit'),
            {'pk': pks, 'status': DeviceStatusChoices.STATUS_ACTIVE, '_apply': '1'},
        )
        self.assertEqual(response.status_code, 302, response.content[-3000:].decode())
        run = Run.objects.get()
        self.assertEqual(run.total, 50)
        self.assertFalse(run.targets.filter(target__device=self.bystander).exists())
        self.assertEqual(self.dispatched.call_count, 1)


class FormTest(FleetCase):
    """NetBox's own form, REST API and GraphQL offer the action and the event types."""

    def test_form(self):
        url = reverse('extras:eventrule_add')
        page = self.client.get(url, {'action_type': RunPolicyAction.slug}).content.decode()
        self.assertIn('Run NetOps policy', page)
        self.assertIn(reverse('plugins-api:netbox_netops-api:policy-list'), page)
        for event_type in (event_types.BGP_DOWN, event_types.RUN_FAILED):
            self.assertIn(f'value="{event_type}"', page)
        run = ObjectType.objects.get_for_model(Run)
        device = ObjectType.objects.get_for_model(Device)
        response = self.client.post(
            url,
            {
                'name': 'Lost',
                'enabled': 'on',
                'object_types': [run.pk, device.pk],
                'event_types': [event_types.DEVICE_UNREACHABLE, OBJECT_CREATED],
                'action_type': RunPolicyAction.slug,
                'action_choice': self.policy.pk,
            },
        )
        self.assertEqual(response.status_code, 302, response.content[-3000:].decode())
        rule = EventRule.objects.get()
        self.assertEqual(
            (rule.action_object, rule.event_types), (self.policy, ['netops_device_unreachable', 'object_created'])
        )
        self.assertEqual(self.client.get(rule.get_absolute_url()).status_code, 200)

    def test_import(self):
        response = self.client.post(
            reverse('extras:eventrule_bulk_import'),
            {
                'import_method': 'direct',
                'data': 'name,object_types,event_types,action_type,action_object\n'
                f'Lost,dcim.device,netops_device_unreachable,{RunPolicyAction.slug},{self.policy}',
                'format': ImportFormatChoices.CSV,
                'csv_delimiter': ',',
            },
        )
        self.assertEqual(response.status_code, 302, response.content[-3000:].decode())
        self.assertEqual(EventRule.objects.get().action_object, self.policy)

    def test_rest_and_graphql(self):
        client = self.rest_client()
        response = client.post(
            reverse('extras-api:eventrule-list'),
            {
                'name': 'Lost',
                'object_types': ['dcim.device'],
                'event_types': [event_types.DEVICE_UNREACHABLE],
                'action_type': RunPolicyAction.slug,
                'action_object_type': 'netbox_netops.policy',
                'action_object_id': self.policy.pk,
            },
            format='json',
        )
        self.assertEqual(response.status_code, 201, response.content)
        self.assertEqual(response.json()['action_object']['id'], self.policy.pk)
        query = '{event_rule_list {name action_type}}'
        answer = client.post(reverse('graphql'), {'query': query}, format='json').json()
        self.assertEqual([row['name'] for row in answer['data']['event_rule_list']], ['Lost'])
