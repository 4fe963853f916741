"""Steering runs over REST: cancel, retry, run again; by rights on the devices, object by object."""

from datetime import timedelta
from unittest import mock

from core.models import Job
from dcim.models import Device
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from users.constants import TOKEN_PREFIX
from users.models import Token
from virtualization.models import VirtualMachine

from netbox_netops.inventory import sync
from netbox_netops.lifecycle import pause
from netbox_netops.models import Run, RunTarget, Target
from tests.integration.factories import make_device, make_machine, make_site

from .base import ApiCase, make_run, make_run_target

NAMES = ('in-a', 'in-b', 'vm-a')


class SteeringCase(ApiCase):
    """A running run of somebody else: in-a waits, in-b is at work, vm-a waits for its second attempt."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        make_device('in-a', address='192.0.2.1', site=cls.site_a)
        make_device('in-b', address='192.0.2.2', site=cls.site_b)
        make_machine('vm-a', address='192.0.2.3', site=cls.site_a)
        sync()
        now = timezone.now()
        cls.scan_run = make_run(status='running', total=3, started=now)
        cls.rows = {target.name: make_run_target(cls.scan_run, target) for target in Target.objects.order_by('name')}
        RunTarget.objects.filter(name='in-b').update(
            state='running', attempt=1, started=now, lease_until=now + timedelta(minutes=1)
        )
        RunTarget.objects.filter(name='vm-a').update(
            attempt=1, next_attempt=now + timedelta(minutes=5), error_code='unreachable:no-response'
        )

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Run, RunTarget, Target)

    def post(self, name, body=None, expected=202, **header):
        """POST to this action of the run, or of `run-targets` when a body is given."""
        endpoint, pk = ('runtarget', []) if body is not None else ('run', [self.scan_run.pk])
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(
                reverse(f'plugins-api:netbox_netops-api:{endpoint}-{name}', args=pk),
                body,
                format='json',
                **{**self.header, **header},
            )
        self.assertHttpStatus(response, expected)
        return response.json()

    def ids_of(self, *names):
        return {'ids': [self.rows[name].pk for name in names]}

    def states(self):
        return {row.name: (row.state, row.cancel) for row in RunTarget.objects.all()}

    def finish(self, **states):
        for name in NAMES:
            RunTarget.objects.filter(name=name).update(
                state=states.get(name.replace('-', '_'), 'succeeded'), next_attempt=None, finished=timezone.now()
            )
        Run.objects.update(status='partial', succeeded=3 - len(states), failed=len(states), finished=timezone.now())


UNTOUCHED = {'in-a': ('waiting', False), 'in-b': ('running', False), 'vm-a': ('waiting', False)}


class CancelTest(SteeringCase):
    def test_all_of_it(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.assertEqual(self.post('cancel'), {'cancelled': 3, 'running': 1, 'left': 0})
        self.assertEqual(
            self.states(), {'in-a': ('cancelled', True), 'in-b': ('running', True), 'vm-a': ('cancelled', True)}
        )
        data = self.get(self.url('runs', self.scan_run.pk))
        self.assertEqual(data['cancelled_by']['id'], self.user.pk)
        self.assertEqual((data['status']['value'], bool(data['cancelled'])), ('running', True))
        self.assertTrue(self.get(self.url('run-targets', self.rows['in-b'].pk))['cancel'])
        # Asked again it says the same about what is not at its end yet.
        self.assertEqual(self.post('cancel'), {'cancelled': 1, 'running': 1, 'left': 0})

    def test_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        self.assertEqual(self.post('cancel'), {'cancelled': 1, 'running': 0, 'left': 2})
        self.assertEqual(self.states(), {**UNTOUCHED, 'in-a': ('cancelled', True)})
        self.assertIsNone(self.get(self.url('runs', self.scan_run.pk))['cancelled'])
        self.assertEqual(self.post('cancel', expected=403)['code'], 'permission:denied')

    def test_the_last_ones_finish_the_run(self):
        self.grant('netops_scan', Device, VirtualMachine)
        RunTarget.objects.filter(name='in-b').update(state='waiting')
        self.assertEqual(self.post('cancel'), {'cancelled': 3, 'running': 0, 'left': 0})
        self.assertEqual(Run.objects.get().status, 'cancelled')

    def test_who_asked_for_the_run(self):
        Run.objects.update(requested_by=self.user)
        self.assertEqual(self.post('cancel')['cancelled'], 3)

    def test_what_the_system_started_was_asked_for_by_nobody(self):
        self.assertEqual(self.post('cancel', expected=403)['code'], 'permission:denied')
        self.assertEqual(self.post('cancel', self.ids_of('in-a'), 403)['code'], 'permission:denied')
        self.assertEqual(self.states(), UNTOUCHED)

    def test_a_finished_run(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.finish()
        self.assertEqual(self.post('cancel', expected=409)['code'], 'run:finished')

    def test_an_invisible_run_does_not_exist(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('netbox_netops.view_run')
        self.grant('view', Run, kind='netbox-sync')
        for name in ('cancel', 'retry', 'rerun'):
            self.post(name, expected=404)
        self.remove_permissions('netbox_netops.view_run')
        for name in ('cancel', 'retry', 'rerun'):
            self.post(name, expected=404)
        self.assertEqual(self.states(), UNTOUCHED)

    def test_a_read_only_token_changes_nothing(self):
        self.grant('netops_scan', Device, VirtualMachine)
        token = Token.objects.create(user=self.user, write_enabled=False)
        header = {'HTTP_AUTHORIZATION': f'Bearer {TOKEN_PREFIX}{token.key}.{token.token}'}
        for name, body in (('cancel', None), ('retry', None), ('rerun', None), ('cancel', {}), ('retry', {})):
            self.post(name, body, 403, **header)
        self.assertEqual(self.states(), UNTOUCHED)

    def test_without_a_login(self):
        for name, body in (('cancel', None), ('retry', None), ('rerun', None), ('cancel', {}), ('retry', {})):
            self.post(name, body, 403, HTTP_AUTHORIZATION='')

    def test_only_post(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for name in ('cancel', 'retry', 'rerun'):
            url = reverse(f'plugins-api:netbox_netops-api:run-{name}', args=[self.scan_run.pk])
            self.assertHttpStatus(self.client.get(url, **self.header), 405)
            for method in (self.client.put, self.client.patch, self.client.delete):
                self.assertIn(method(url, **self.header).status_code, (403, 405))

    def test_the_same_number_of_queries_for_any_number_of_targets(self):
        self.grant('netops_scan', Device, VirtualMachine)
        target = self.rows['in-a'].target
        counts = []
        for number in (10, 10, 500):
            run = make_run(status='running', total=number)
            RunTarget.objects.bulk_create(
                RunTarget(run=run, target=target, name='x', dedup_key=f'{run.pk}-{n}', expires=run.expires)
                for n in range(number)
            )
            with CaptureQueriesContext(connection) as queries:
                response = self.client.post(
                    reverse('plugins-api:netbox_netops-api:run-cancel', args=[run.pk]), format='json', **self.header
                )
            self.assertEqual(response.json()['cancelled'], number)
            counts.append(len(queries))
        self.assertEqual(counts[1], counts[2])
        self.assertLess(counts[2], 40)


class RetryTest(SteeringCase):
    def test_retry(self):
        self.grant('netops_scan', VirtualMachine)
        self.assertEqual(self.post('retry'), {'retried': 1, 'left': 0})
        self.assertIsNone(RunTarget.objects.get(name='vm-a').next_attempt)
        self.assertTrue(Job.objects.filter(object_id=self.scan_run.pk).exists())
        self.assertEqual(self.post('retry'), {'retried': 0, 'left': 0})

    def test_rights(self):
        self.assertEqual(self.post('retry', expected=403)['code'], 'permission:denied')
        self.grant('netops_scan', Device)
        self.assertEqual(self.post('retry', expected=403)['code'], 'permission:denied')
        Run.objects.update(requested_by=self.user)
        self.assertEqual(self.post('retry', expected=403)['code'], 'permission:denied')
        self.assertIsNotNone(RunTarget.objects.get(name='vm-a').next_attempt)

    def test_some_of_them(self):
        self.grant('netops_scan', VirtualMachine)
        RunTarget.objects.filter(name='in-a').update(next_attempt=timezone.now() + timedelta(minutes=5))
        self.assertEqual(self.post('retry'), {'retried': 1, 'left': 1})
        self.assertIsNotNone(RunTarget.objects.get(name='in-a').next_attempt)

    def test_a_finished_run(self):
        self.grant('netops_scan', VirtualMachine)
        self.finish()
        self.assertEqual(self.post('retry', expected=409)['code'], 'run:finished')


class RerunTest(SteeringCase):
    def test_rerun(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.finish(in_a='failed', in_b='cancelled', vm_a='expired')
        Run.objects.update(options={'retries': 1})
        data = self.post('rerun')
        run = Run.objects.get(pk=data['id'])
        self.assertNotEqual(run.pk, self.scan_run.pk)
        self.assertEqual((data['total'], data['left'], data['options']), (3, 0, {'retries': 1}))
        self.assertEqual((data['dispatch']['created'], data['dispatch']['queued']), (True, 3))
        self.assertEqual(data['reason'], f'Failed in run #{self.scan_run.pk}')
        self.assertTrue(data['interactive'])
        again = self.post('rerun')
        self.assertEqual((again['id'], again['dispatch']['created'], again['left']), (run.pk, False, 0))

    def test_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        self.finish(in_a='failed', in_b='cancelled', vm_a='expired')
        data = self.post('rerun')
        self.assertEqual((data['total'], data['left']), (1, 2))
        self.assertEqual(list(RunTarget.objects.filter(run=data['id']).values_list('name', flat=True)), ['in-a'])

    def test_another_users_run_that_is_joined_tells_nothing_about_him(self):
        self.grant('netops_scan', Device)
        self.finish(in_a='failed')
        self.post('rerun')
        other = Run.objects.exclude(pk=self.scan_run.pk).get()
        Run.objects.filter(pk=other.pk).update(reason='secret', requested_by=None)
        self.remove_permissions('netbox_netops.view_run')
        self.grant('view', Run, pk=self.scan_run.pk)
        data = self.post('rerun')
        self.assertEqual(data['id'], other.pk)
        self.assertEqual((data['left'], set(data) & {'reason', 'requested_by', 'options'}), (0, set()))

    def test_refusals(self):
        self.grant('netops_scan', Device, site=self.site_b.pk)
        self.assertEqual(self.post('rerun', expected=409)['code'], 'run:active')
        self.finish()
        self.assertEqual(self.post('rerun', expected=400)['code'], 'selection:empty')
        self.finish(in_a='failed')
        self.assertEqual(self.post('rerun', expected=400)['code'], 'selection:empty')
        self.remove_permissions('dcim.netops_scan_device')
        self.assertEqual(self.post('rerun', expected=403)['code'], 'permission:denied')
        self.assertEqual(Run.objects.count(), 1)


class RowsTest(SteeringCase):
    def test_cancel(self):
        self.grant('netops_scan', Device)
        self.assertEqual(self.post('cancel', self.ids_of('in-a', 'in-b')), {'cancelled': 2, 'running': 1, 'left': 0})
        self.assertEqual(self.states()['vm-a'], ('waiting', False))

    def test_cancel_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        body = self.ids_of(*NAMES)
        body['ids'].append(987_654)
        self.assertEqual(self.post('cancel', body), {'cancelled': 1, 'running': 0, 'left': 3})
        self.assertEqual(self.states(), {**UNTOUCHED, 'in-a': ('cancelled', True)})

    def test_rows_of_ones_own_runs(self):
        Run.objects.update(requested_by=self.user)
        self.assertEqual(self.post('cancel', self.ids_of('in-a'))['cancelled'], 1)
        self.assertEqual(self.post('retry', self.ids_of('vm-a'), 403)['code'], 'permission:denied')

    def test_what_is_invisible_looks_like_what_does_not_exist(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('dcim.view_device')
        for name in ('cancel', 'retry'):
            foreign = self.post(name, self.ids_of('in-a'), 403)
            self.assertEqual(self.post(name, {'ids': [987_654]}, 403), foreign)
        self.assertEqual(self.states(), UNTOUCHED)

    def test_retry(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.assertEqual(self.post('retry', self.ids_of('in-a', 'vm-a')), {'retried': 1, 'left': 1})
        self.assertIsNone(RunTarget.objects.get(name='vm-a').next_attempt)

    def test_what_is_finished(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.finish()
        for name in ('cancel', 'retry'):
            self.assertEqual(self.post(name, self.ids_of(*NAMES), 409)['code'], 'run:finished')

    def test_bad_input(self):
        self.grant('netops_scan', Device)
        for name in ('cancel', 'retry'):
            self.assertEqual(self.post(name, {'ids': []}, 400)['code'], 'selection:empty')
            for body in ({}, {'ids': 1}, {'ids': ['1']}, {'ids': [True]}, {'ids': [2**70]}, [], 'x'):
                with self.subTest(name=name, body=body):
                    self.assertEqual(self.post(name, body, 400)['code'], 'selection:invalid')
        self.assertEqual(self.states(), UNTOUCHED)


class StartTest(SteeringCase):
    def test_a_paused_kind_is_told(self):
        self.grant('netops_scan', Device)
        pause('device-scan', self.user)
        Run.objects.all().delete()
        device = Device.objects.get(name='in-a')
        with mock.patch('netbox_netops.dispatch.queue_is_served', return_value=True):
            response = self.client.post(
                self.url('runs'), {'kind': 'device-scan', 'devices': [device.pk]}, format='json', **self.header
            )
        data = response.json()
        self.assertEqual([warning['code'] for warning in data['dispatch']['warnings']], ['waiting:paused'])
        self.assertTrue(data['interactive'])

    def test_what_a_row_waits_for(self):
        RunTarget.objects.filter(name='in-a').update(blocked='waiting:site')
        data = self.get(self.url('run-targets', self.rows['in-a'].pk))
        self.assertEqual((data['blocked'], data['waits_for']['title']), ('waiting:site', 'The site is at its limit'))
        self.assertEqual(self.ids('run-targets', blocked='waiting:site'), {self.rows['in-a'].pk})
        self.assertEqual(self.ids('runs', interactive='true'), set())
