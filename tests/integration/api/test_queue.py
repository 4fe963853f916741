"""The queue page by REST: the work of the whole fleet, and the switch that pauses a kind."""

from datetime import timedelta
from unittest import mock

from dcim.models import Site
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown
from users.models import Token

from netbox_netops.dispatch import enqueue
from netbox_netops.lifecycle import claim
from netbox_netops.limiting import Limiting
from netbox_netops.models import Pause, Run, RunTarget
from netbox_netops.settings import get_settings
from netbox_netops.telemetry import note_tick
from tests.integration.factories import make_site, make_target
from tests.integration.ui.test_queue import start_worker

from .base import ApiCase

QUEUE = '/api/plugins/netops/queue/'
PAUSES = '/api/plugins/netops/pauses/'


class QueueTest(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site = make_site('A')
        cls.target = make_target('secret-name', address='192.0.2.1', site=cls.site)

    def claim(self, target=None):
        with self.captureOnCommitCallbacks(execute=True):
            run = enqueue('device-scan', user=None, devices=[(target or self.target).device_id]).run
        claim(run.pk, 1, worker='w', lease_seconds=60, limiting=Limiting.of(run, get_settings()))

    def test_needs_the_right_to_view_runs(self):
        self.get(QUEUE, 403)
        response = self.client.get(QUEUE)
        self.assertHttpStatus(response, 403)
        self.grant('view', Run)
        self.get(QUEUE)

    def test_content(self):
        self.grant('view', Run)
        start_worker('low')
        note_tick()
        self.claim()
        RunTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        Pause.objects.create(kind='netbox-sync', reason='because')
        found = self.get(QUEUE)
        self.assertTrue(found['redis'])
        self.assertLess(found['tick_age'], 60)
        (queue,) = found['queues']
        self.assertEqual(
            {key: queue[key] for key in ('name', 'depth', 'workers')}, {'name': 'low', 'depth': 1, 'workers': 1}
        )
        sync, scan, _check = found['kinds']
        self.assertEqual({key: scan[key] for key in ('kind', 'running', 'overdue', 'pause')}, {
            'kind': 'device-scan', 'running': 1, 'overdue': 1, 'pause': None,
        })  # fmt: skip
        self.assertEqual((sync['pause']['reason'], sync['pause']['paused_by']), ('because', None))
        self.assertEqual([alarm['level'] for alarm in found['alarms']], ['warning'])
        # The device and its site are not for this user.
        self.assertEqual([limit['scope'] for limit in found['limits']], ['kind', 'kind'])
        self.assertNotIn('secret-name', str(found))
        self.grant('view', Site)
        [limit] = [limit for limit in self.get(QUEUE)['limits'] if limit['scope'] == 'site']
        self.assertEqual(limit, {'scope': 'site', 'name': 'A', 'object_id': self.site.pk, 'used': 1, 'most': 128})

    def test_alarms(self):
        self.grant('view', Run)
        alarms = self.get(QUEUE)['alarms']
        self.assertEqual(
            [(alarm['level'], alarm['code']) for alarm in alarms], [('danger', 'queue:no-worker'), ('danger', '')]
        )

    def test_without_redis(self):
        self.grant('view', Run)
        with (
            mock.patch('netbox_netops.queues.get_connection', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.overview', 'WARNING'),
        ):
            found = self.get(QUEUE)
        self.assertEqual((found['redis'], found['queues'], found['limits']), (False, [], []))
        self.assertEqual([kind['kind'] for kind in found['kinds']], ['netbox-sync', 'device-scan', 'credential-check'])

    def test_only_to_be_read(self):
        self.grant('view', Run)
        self.grant('add', Run)
        self.assertHttpStatus(self.client.post(QUEUE, {}, format='json', **self.header), 405)


class PauseTest(ApiCase):
    def post(self, body, expected):
        response = self.client.post(PAUSES, body, format='json', **self.header)
        self.assertHttpStatus(response, expected)
        return response

    def delete(self, kind, expected):
        self.assertHttpStatus(self.client.delete(f'{PAUSES}{kind}/', **self.header), expected)

    def test_pause_and_resume(self):
        self.grant('add', Pause)
        self.grant('delete', Pause)
        self.grant('view', Pause)
        response = self.post({'kind': 'device-scan', 'reason': 'because'}, 201)
        self.assertTrue(response.headers['Location'].endswith(f'{PAUSES}device-scan/'))
        found = self.get(f'{PAUSES}device-scan/')
        self.assertEqual(found, response.json())
        self.assertEqual((found['kind']['value'], found['reason']), ('device-scan', 'because'))
        self.assertEqual(found['paused_by']['username'], self.user.username)
        self.assertEqual(self.get(PAUSES)['results'], [found])
        # The first reason stays.
        self.assertEqual(self.post({'kind': 'device-scan', 'reason': 'other'}, 200).json(), found)
        self.delete('device-scan', 204)
        self.delete('device-scan', 404)
        self.assertEqual(self.get(PAUSES)['count'], 0)

    def test_without_the_right(self):
        self.post({'kind': 'device-scan'}, 403)
        self.assertFalse(Pause.objects.exists())
        Pause.objects.create(kind='device-scan')
        self.delete('device-scan', 403)
        self.get(PAUSES, 403)
        self.assertTrue(Pause.objects.exists())

    def test_constraints(self):
        for action in ('add', 'delete', 'view'):
            self.grant(action, Pause, kind='netbox-sync')
        self.post({'kind': 'device-scan'}, 403)
        self.assertFalse(Pause.objects.exists())
        self.post({'kind': 'netbox-sync'}, 201)
        Pause.objects.create(kind='device-scan')
        self.delete('device-scan', 403)
        self.get(f'{PAUSES}device-scan/', 404)
        self.assertEqual([row['kind']['value'] for row in self.get(PAUSES)['results']], ['netbox-sync'])
        self.delete('netbox-sync', 204)
        self.assertEqual(Pause.objects.get().kind, 'device-scan')

    def test_token_that_may_not_write(self):
        self.grant('add', Pause)
        Token.objects.update(write_enabled=False)
        self.post({'kind': 'device-scan'}, 403)
        self.assertFalse(Pause.objects.exists())

    def test_bad_input(self):
        self.grant('add', Pause)
        for body, field in (
            ({}, 'kind'),
            ({'kind': 'nope'}, 'kind'),
            ({'kind': None}, 'kind'),
            ({'kind': ['device-scan']}, 'kind'),
            ({'kind': 'device-scan', 'reason': 'x' * 201}, 'reason'),
            ({'kind': 'device-scan', 'reason': 'a\0b'}, 'reason'),
        ):
            with self.subTest(body=body):
                self.assertEqual(set(self.post(body, 400).json()), {field})
        for body in ([], 'x', [{'kind': 'device-scan'}]):
            with self.subTest(body=body):
                self.post(body, 400)
        self.assertFalse(Pause.objects.exists())

    def test_nothing_can_be_edited(self):
        self.grant('change', Pause)
        Pause.objects.create(kind='device-scan')
        for method in (self.client.put, self.client.patch):
            response = method(f'{PAUSES}device-scan/', {'reason': 'x'}, format='json', **self.header)
            self.assertHttpStatus(response, 405)
