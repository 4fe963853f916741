"""POST runs/: what starts a run, what the answer looks like, and everything that must start nothing."""

from unittest import mock

from core.models import Job
from dcim.models import Device, DeviceRole
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from rest_framework.test import APIClient
from users.constants import TOKEN_PREFIX
from users.models import Token
from virtualization.models import VirtualMachine

from netbox_netops.models import Run, RunTarget, Target

from .base import StartCase


class StartTest(StartCase):
    def setUp(self):
        super().setUp()
        self.grant('netops_scan', Device, VirtualMachine)

    def targets(self, data):
        return set(RunTarget.objects.filter(run=data['id']).values_list('name', flat=True))

    def test_devices(self):
        response = self.post({'kind': 'device-scan', 'devices': [self.device_a.pk], 'reason': 'a reason'})
        self.assertHttpStatus(response, 202)
        data = response.json()
        run = Run.objects.get()
        self.assertEqual(data['id'], run.pk)
        self.assertEqual(data['kind'], {'value': 'device-scan', 'label': 'Device scan'})
        self.assertEqual(data['status']['value'], 'queued')
        self.assertEqual((data['total'], data['progress']), (1, 0))
        self.assertEqual(data['reason'], 'a reason')
        self.assertEqual(data['requested_by']['id'], self.user.pk)
        self.assertEqual(response.headers['Location'], data['url'])
        self.assertEqual(data['url'], f'http://testserver/api/plugins/netops/runs/{run.pk}/')
        self.assertEqual(run.requested_by, self.user)
        self.assertEqual(self.targets(data), {'a-1'})
        self.assertTrue(run.jobs.exists())

    def test_without_a_worker_the_answer_warns(self):
        dispatch = self.start(devices=[self.device_a.pk])['dispatch']
        self.assertEqual((dispatch['created'], dispatch['queued'], dispatch['joined']), (True, 1, {}))
        self.assertEqual([warning['code'] for warning in dispatch['warnings']], ['queue:no-worker'])
        self.assertTrue(dispatch['warnings'][0]['text'])

    def test_with_a_worker_it_does_not(self):
        with mock.patch('netbox_netops.dispatch.queue_is_served', return_value=True):
            self.assertEqual(self.start(devices=[self.device_a.pk])['dispatch']['warnings'], [])

    def test_the_answer_does_not_need_the_right_to_view_runs(self):
        data = self.start(devices=[self.device_a.pk])
        self.get(data['url'], 403)
        self.grant('view', Run)
        self.assertEqual(self.get(data['url'])['id'], data['id'])

    def test_devices_and_machines(self):
        data = self.start(devices=[self.device_a.pk, self.device_a.pk], virtual_machines=[self.machine.pk])
        self.assertEqual(self.targets(data), {'a-1', 'vm-1'})

    def test_machines_only(self):
        self.assertEqual(self.targets(self.start(devices=[], virtual_machines=[self.machine.pk])), {'vm-1'})

    def test_filter(self):
        for parameters, expected in (
            ({'site': ['a']}, {'a-1'}),
            ({'site': 'b'}, {'b-1'}),
            ({'site_id': [self.site_a.pk, self.site_b.pk]}, {'a-1', 'b-1'}),
            ({'name__isw': 'a-'}, {'a-1'}),
            ({'has_primary_ip': True, 'role': ['core']}, {'a-1', 'b-1'}),
            ({'id': [self.device_b.pk]}, {'b-1'}),
            ({'q': 'b-1'}, {'b-1'}),
        ):
            with self.subTest(parameters):
                self.assertEqual(self.targets(self.start(filter=parameters)), expected)
                Run.objects.all().delete()

    def test_filter_and_machines(self):
        data = self.start(filter={'site': ['b']}, virtual_machines=[self.machine.pk])
        self.assertEqual(self.targets(data), {'b-1', 'vm-1'})

    def test_a_filter_whose_joins_repeat_a_device(self):
        self.assertEqual(self.start(filter={'mac_address__n': ['00:00:00:00:00:01'], 'site': ['a']})['total'], 1)

    def test_duplicate(self):
        first = self.start(devices=[self.device_a.pk, self.device_b.pk])
        second = self.start(devices=[self.device_a.pk])
        self.assertEqual(second['id'], first['id'])
        self.assertEqual(
            {key: second['dispatch'][key] for key in ('created', 'queued', 'joined')},
            {'created': False, 'queued': 0, 'joined': {str(first['id']): 1}},
        )
        self.assertEqual(Run.objects.count(), 1)

    def test_partly_duplicate(self):
        first = self.start(devices=[self.device_a.pk])
        second = self.start(devices=[self.device_a.pk, self.device_b.pk])
        self.assertNotEqual(second['id'], first['id'])
        self.assertTrue(second['dispatch']['created'])
        self.assertEqual(second['dispatch']['joined'], {str(first['id']): 1})
        self.assertEqual(self.targets(second), {'b-1'})

    def test_options(self):
        data = self.start(devices=[self.device_a.pk], options={'retries': 1})
        self.assertEqual(data['options'], {'retries': 1})

    def test_the_same_number_of_queries_for_any_number_of_devices(self):
        role = DeviceRole.objects.get()
        Device.objects.bulk_create(
            Device(name=f'm-{n}', site=self.site_a, role=role, device_type=self.device_a.device_type, status='active')
            for n in range(200)
        )
        pks = list(Device.objects.filter(name__startswith='m-').values_list('pk', flat=True))
        counts = []
        for selection in (pks, pks[:10], pks):
            Run.objects.all().delete()
            with CaptureQueriesContext(connection) as queries:
                self.start(devices=selection)
            counts.append(len(queries))
        # Few enough for one core job. The first one also fills caches, and makes the missing targets.
        self.assertEqual(counts[2], counts[1])


class PermissionTest(StartCase):
    def scan(self, *devices):
        return {'kind': 'device-scan', 'devices': [device.pk for device in devices]}

    def test_without_the_action_nothing_starts(self):
        self.grant('add', Run)
        self.grant('view', Device, Run, Target)
        for body in (
            self.scan(self.device_a),
            {'kind': 'device-scan', 'filter': {'site': ['nowhere']}},
            {'kind': 'device-scan', 'devices': [999_999]},
            {'kind': 'device-scan'},
            {'kind': 'netbox-sync'},
        ):
            with self.subTest(body):
                data = self.refuse(body, 'permission:denied', status=403)
                self.assertEqual(set(data), {'detail'})

    def test_the_action_alone_is_enough(self):
        self.grant('netops_scan', Device)
        self.assertHttpStatus(self.post(self.scan(self.device_a)), 202)

    def test_a_foreign_device_looks_like_an_unknown_one(self):
        self.grant('netops_scan', Device, site__slug='a')
        foreign = self.refuse(self.scan(self.device_b), 'target:unknown', 'devices')['devices'][0]
        gone = self.device_b.pk
        Device.objects.filter(pk=gone).delete()
        self.assertEqual(self.refuse(self.scan(self.device_b), 'target:unknown', 'devices')['devices'][0], foreign)

    def test_a_filter_is_narrowed_to_what_is_permitted(self):
        self.grant('netops_scan', Device, site__slug='a')
        response = self.post({'kind': 'device-scan', 'filter': {'role': ['core']}})
        self.assertHttpStatus(response, 202)
        self.assertEqual(list(RunTarget.objects.values_list('name', flat=True)), ['a-1'])
        Run.objects.all().delete()
        Job.objects.all().delete()
        self.refuse({'kind': 'device-scan', 'filter': {'site': ['b']}}, 'selection:empty', 'filter')

    def test_the_right_on_devices_is_none_on_machines(self):
        self.grant('netops_scan', Device)
        self.refuse({'kind': 'device-scan', 'virtual_machines': [self.machine.pk]}, 'permission:denied', status=403)

    def test_sync(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.refuse({'kind': 'netbox-sync'}, 'permission:denied', status=403)
        self.grant('netops_sync', Target)
        first = self.post({'kind': 'netbox-sync'})
        self.assertHttpStatus(first, 202)
        second = self.post({'kind': 'netbox-sync'})
        self.assertHttpStatus(second, 202)
        self.assertEqual(second.json()['id'], first.json()['id'])
        self.assertFalse(second.json()['dispatch']['created'])

    def test_a_read_only_token_starts_nothing(self):
        self.grant('netops_scan', Device)
        token = Token.objects.create(user=self.user, write_enabled=False)
        header = {'HTTP_AUTHORIZATION': f'Bearer {TOKEN_PREFIX}{token.key}.{token.token}'}
        self.assertHttpStatus(self.post(self.scan(self.device_a), **header), 403)
        self.assertFalse(Run.objects.exists())

    def test_a_login_needs_the_csrf_token(self):
        self.grant('netops_scan', Device)
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(self.user)
        response = client.post(self.url('runs'), self.scan(self.device_a), format='json')
        self.assertHttpStatus(response, 403)
        self.assertFalse(Run.objects.exists())

    def test_an_inactive_user_starts_nothing(self):
        self.grant('netops_scan', Device)
        self.user.is_active = False
        self.user.save()
        self.assertHttpStatus(self.post(self.scan(self.device_a)), 403)

    @override_settings(EXEMPT_VIEW_PERMISSIONS=['*'])
    def test_exempt_views_do_not_exempt_actions(self):
        self.refuse(self.scan(self.device_a), 'permission:denied', status=403)
