"""What workers at gateways may ask for: the work of their gateway, and nothing of another one's."""

import gzip
import json
import uuid
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from users.models import Token

from netbox_netops.api.parsers import MOST_BYTES
from netbox_netops.dispatch import enqueue
from netbox_netops.lifecycle import cancel_rows, claim, pause
from netbox_netops.models import Gateway, RunTarget, ScanResult, Target
from netbox_netops.serving import read_results
from netbox_netops.telemetry import read_telemetry
from netops_worker.errors import ERRORS
from netops_worker.limits import Limits
from netops_worker.wire import Result, Task
from tests.integration.factories import (
    make_credential,
    make_device,
    make_gateway,
    make_site,
    scan_data,
    system_facts,
)

from .base import ApiCase

CLAIM = {'worker': 'pop1:17', 'limit': 10, 'kinds': ['device-scan']}


class ServingCase(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b, cls.site_c = make_site('A'), make_site('B'), make_site('C')
        cls.lisbon = make_gateway('Lisbon', sites=[cls.site_a])
        cls.porto = make_gateway('Porto', sites=[cls.site_b])
        cls.devices = {
            name: make_device(name, site=site, address=f'192.0.2.{number}')
            for number, (name, site) in enumerate(
                (('a1', cls.site_a), ('a2', cls.site_a), ('b1', cls.site_b), ('c1', cls.site_c)), 1
            )
        }
        cls.credential = make_credential(username='')

    def setUp(self):
        super().setUp()
        self.grant('netops_serve', Gateway)

    def ask(self, action, body, gateway=None, expected=200, **header):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(
                f'{self.url("gateways", (gateway or self.lisbon).pk)}{action}/',
                # As ASCII, in which JSON can tell more than there is in UTF-8.
                json.dumps(body),
                content_type='application/json',
                **{**self.header, **header},
            )
        self.assertHttpStatus(response, expected)
        return response.json()

    def scan(self, *names, **values):
        devices = [self.devices[name].pk for name in names or self.devices]
        return enqueue('device-scan', user=None, devices=devices, **values).run

    def claim(self, gateway=None, **values):
        answer = self.ask('claim', CLAIM | values, gateway)
        return [Task.from_json(task) for task in answer['tasks']]

    def result(self, task, **values):
        values = {'ok': True, 'data': scan_data(system=system_facts())} | values
        return Result(
            task=task.id,
            run=task.run,
            target=task.target,
            kind=task.kind,
            lease_token=task.lease_token,
            started_at=timezone.now().timestamp(),
            duration_ms=12.0,
            **values,
        ).to_json()

    def report(self, *results, gateway=None, **values):
        return self.ask('results', {'worker': 'pop1:17', 'results': list(results)}, gateway, **values)

    def rows(self, **filters):
        return dict(RunTarget.objects.filter(**filters).values_list('name', 'state'))


class ClaimTest(ServingCase):
    def test_a_claim_gives_the_work_of_the_gateway(self):
        run = self.scan(reason='because')
        tasks = self.claim()
        self.assertEqual([task.name for task in tasks], ['a1', 'a2'])
        task = tasks[0]
        row = RunTarget.objects.get(name='a1')
        self.assertEqual((task.id, task.run, task.target), (row.pk, run.pk, row.target_id))
        self.assertEqual((task.address, task.kind, task.reason), ('192.0.2.1', 'device-scan', 'because'))
        self.assertEqual((task.lease_token, task.lease_seconds), (str(row.lease_token), 120))
        self.assertEqual((row.state, row.worker, row.attempt), ('running', 'pop1:17', 1))
        # The others are not touched, by this gateway or by the workers inside of NetBox.
        self.assertEqual(self.rows(state='waiting'), {'b1': 'waiting', 'c1': 'waiting'})
        self.assertEqual([item.name for item in claim(run.pk, 10, worker='w', lease_seconds=60).claims], ['c1'])
        self.assertEqual([task.name for task in self.claim(self.porto)], ['b1'])
        self.assertEqual(self.ask('claim', CLAIM), {'tasks': [], 'again_after': None})

    def test_secrets_travel_as_references(self):
        self.scan('a1')
        with self.settings(
            PLUGINS_CONFIG={'netbox_netops': {'gateway_redis': {'lisbon': 'redis://:canary-pw@[::1]:1'}}}
        ):
            answer = self.ask('claim', CLAIM)
        (credential,) = answer['tasks'][0]['credentials']
        self.assertEqual((credential['provider'], credential['reference']), ('environment', 'NETOPS_SECRET_TEST'))
        self.assertNotIn('canary-pw', json.dumps(answer))

    def test_interactive_runs_go_first_then_the_oldest(self):
        for number in range(3, 9):
            self.devices[f'a{number}'] = make_device(f'a{number}', site=self.site_a, address=f'192.0.2.{number + 10}')
        oldest, newer = self.scan('a1', 'a2'), self.scan('a3', 'a4')
        clicked = self.scan('a5', 'a6', interactive=True)
        self.assertEqual([task.run for task in self.claim(limit=5)], [clicked.pk] * 2 + [oldest.pk] * 2 + [newer.pk])
        self.assertEqual([task.name for task in self.claim(limit=5)], ['a4'])

    def test_the_cost_does_not_grow_with_the_batch(self):
        site = make_site('Large')
        self.lisbon.sites.add(site)
        devices = [make_device(site=site, address=f'198.51.100.{number}') for number in range(1, 61)]
        enqueue('device-scan', user=None, devices=[device.pk for device in devices])

        def claimed(limit):
            with CaptureQueriesContext(connection) as queries:
                count = len(self.claim(limit=limit))
            return count, sum('core_configrevision' not in query['sql'] for query in queries)

        claimed(1)
        (one, few), (fifty, many) = claimed(1), claimed(50)
        self.assertEqual((one, fifty), (1, 50))
        self.assertEqual(few, many)
        self.assertLessEqual(many, 30)

    def test_kinds_the_worker_does_not_know_are_left_alone(self):
        self.scan('a1')
        self.assertEqual(self.claim(kinds=['device-backup']), [])
        self.assertEqual(self.claim(kinds=[]), [])
        self.assertEqual(len(self.claim(kinds=['device-backup', 'device-scan'])), 1)

    def test_what_is_paused_waits(self):
        self.scan('a1')
        pause('device-scan', None)
        self.assertEqual(self.ask('claim', CLAIM), {'tasks': [], 'again_after': None})

    def test_limits_apply_and_tell_when_to_ask_again(self):
        self.scan('a1', 'a2')
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'gateway_concurrency': 1}}):
            (task,) = self.claim()
            answer = self.ask('claim', CLAIM)
            self.assertEqual(answer['tasks'], [])
            self.assertGreater(answer['again_after'], 0)
            self.assertEqual(RunTarget.objects.get(name='a2').blocked, 'waiting:gateway')
            self.report(self.result(task))
            self.assertEqual([task.name for task in self.claim()], ['a2'])

    def test_a_disabled_gateway_gets_nothing(self):
        self.scan('a1')
        Gateway.objects.filter(pk=self.lisbon.pk).update(enabled=False)
        self.assertEqual(self.claim(), [])

    def test_what_is_not_ready_is_closed_with_its_reason(self):
        self.credential.delete()
        run = self.scan('a1')
        self.assertEqual(self.claim(), [])
        run.refresh_from_db()
        self.assertEqual((run.status, RunTarget.objects.get().error_code), ('failed', 'credential:none'))


class ResultsTest(ServingCase):
    def test_results_are_merged_and_finish_the_run(self):
        run = self.scan('a1', 'a2')
        first, second = self.claim()
        answer = self.report(
            self.result(first, credential=self.credential.pk),
            self.result(second, ok=False, error_code='snmp:malformed', error_detail='odd\0 \ud800', data={}),
        )
        self.assertEqual(answer, {'accepted': 2})
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded, run.failed), ('partial', 1, 1))
        target = Target.objects.get(name='a1')
        self.assertEqual((target.system.vendor, target.snmp_credential), ('Acme', self.credential))
        row = RunTarget.objects.get(name='a2')
        self.assertEqual((row.state, row.error_code, row.error_detail), ('failed', 'snmp:malformed', 'odd ?'))

    def test_a_code_of_a_newer_worker_is_kept_and_makes_no_new_label(self):
        self.scan('a1', 'a2')
        for task, code in zip(self.claim(), ('tomorrow:new-thing', 'snmp:from-tomorrow:x2'), strict=True):
            self.report(self.result(task, ok=False, error_code=code, data={}))
        self.assertEqual(
            list(RunTarget.objects.order_by('pk').values_list('error_code', flat=True)),
            ['tomorrow:new-thing', 'snmp:from-tomorrow:x2'],
        )
        self.assertEqual(read_telemetry()[0].finished, {('device-scan', 'failed', 'other'): 2})

    def test_every_code_of_ours_may_be_reported(self):
        for code in ERRORS:
            with self.subTest(code):
                item = Result(
                    task=1, run=1, target=1, kind='device-scan', ok=False, lease_token=str(uuid.uuid4()),
                    started_at=0.0, duration_ms=1.0, error_code=code,
                ).to_json()  # fmt: skip
                self.assertEqual(read_results([item])[0].error_code, code)

    def test_only_a_credential_of_the_target_is_believed_in(self):
        """It is tried first from then on, and shown as the one that works."""
        foreign = make_credential('foreign', username='')
        foreign.sites.add(self.site_b)
        other_protocol = make_credential('other', protocol='ssh-password')
        disabled = make_credential('disabled', username='', enabled=False)
        for number, (credential, expected) in enumerate(
            (
                (foreign.pk, None),
                (other_protocol.pk, None),
                (disabled.pk, None),
                (4711, None),
                (None, None),
                (self.credential.pk, self.credential),
            )
        ):
            with self.subTest(number):
                self.scan('a1')
                (task,) = self.claim()
                self.assertEqual(self.report(self.result(task, credential=credential)), {'accepted': 1})
                self.assertEqual(Target.objects.get(name='a1').snmp_credential, expected)
                self.assertEqual(ScanResult.objects.latest('pk').credential, expected)

    def test_credentials_are_looked_at_for_the_batch(self):
        def cost(*names):
            self.scan(*names)
            results = [self.result(task, credential=self.credential.pk) for task in self.claim()]
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.report(*results), {'accepted': len(names)})
            return sum('netops_credential' in query['sql'] for query in queries)

        cost('a1')
        self.assertEqual(cost('a1'), cost('a1', 'a2'))

    def test_a_second_report_changes_nothing(self):
        """As when the answer to the first was lost."""
        self.scan('a1')
        (task,) = self.claim()
        result = self.result(task)
        self.assertEqual(self.report(result, result), {'accepted': 1})
        self.assertEqual(self.report(result), {'accepted': 0})
        self.assertEqual(ScanResult.objects.count(), 1)

    def test_what_failed_is_tried_again_by_the_gateway(self):
        self.scan('a1')
        (task,) = self.claim()
        self.report(self.result(task, ok=False, error_code='unreachable:no-response', data={}))
        row = RunTarget.objects.get()
        self.assertEqual((row.state, row.gateway), ('waiting', self.lisbon))
        self.assertGreater(row.next_attempt, timezone.now())
        self.assertEqual(self.claim(), [])

    def test_a_worker_cannot_write_for_another_gateway(self):
        self.scan()
        (foreign,) = self.claim(self.porto)
        self.assertEqual(self.report(self.result(foreign)), {'accepted': 0})
        self.assertEqual(RunTarget.objects.get(name='b1').state, 'running')
        self.assertFalse(ScanResult.objects.exists())

    def test_a_worker_cannot_write_for_the_workers_inside_of_netbox(self):
        run = self.scan()
        (local,) = claim(run.pk, 10, worker='w', lease_seconds=60).claims
        task = Task(local.id, 'device-scan', run.pk, local.target, local.name, '192.0.2.4', local.lease_token, 60)
        self.assertEqual(self.report(self.result(task)), {'accepted': 0})

    def test_a_result_is_about_the_row_whose_lease_it_has(self):
        """Whatever it says itself: otherwise one lease would be enough to write about any device."""
        self.scan('a1', 'b1')
        (task,) = self.claim()
        other = Target.objects.get(name='b1')
        forged = self.result(task) | {
            'target': other.pk,
            'run': 4711,
            'kind': 'netbox-sync',
            'attempt': 9,
            'worker': 'x',
        }
        self.assertEqual(self.report(forged), {'accepted': 1})
        scan = ScanResult.objects.get()
        self.assertEqual((scan.target.name, scan.run_id, scan.worker), ('a1', task.run, 'pop1:17'))
        other.refresh_from_db()
        self.assertIsNone(other.last_attempt_at)

    def test_the_clock_of_the_worker_does_not_matter(self):
        for started in (0.0, -1e300, 1e300):
            with self.subTest(started):
                self.scan('a1')
                RunTarget.objects.update(next_attempt=None)
                with self.settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None}}):
                    (task,) = self.claim()
                self.report(self.result(task) | {'startedAt': started})
                target = Target.objects.get(name='a1')
                row = RunTarget.objects.latest('pk')
                self.assertLessEqual(row.started, target.last_attempt_at)
                self.assertLessEqual(target.last_attempt_at, timezone.now())

    def test_a_lease_that_was_lost(self):
        self.scan('a1')
        (task,) = self.claim()
        for token in (str(uuid.uuid4()), str(uuid.UUID(int=0))):
            self.assertEqual(self.report(self.result(task) | {'leaseToken': token}), {'accepted': 0})
        RunTarget.objects.update(state='waiting', lease_token=None)
        self.assertEqual(self.report(self.result(task)), {'accepted': 0})

    def test_messages_that_are_not_valid(self):
        self.scan('a1')
        (task,) = self.claim()
        good = self.result(task)
        for change in (
            {'version': 2},
            {'surplus': 1},
            {'task': 'one'},
            {'task': True},
            {'task': 0},
            {'task': 2**63},
            {'leaseToken': 'token'},
            {'leaseToken': 5},
            {'credential': -1},
            {'credential': 2**64},
            {'credential': 'x'},
            {'data': []},
            {'ok': 'yes'},
            {'ok': False},
            {'errorCode': 'snmp:malformed'},
            {'ok': False, 'errorCode': 'x' * 51},
            {'ok': False, 'errorCode': 'a\0b'},
            {'ok': False, 'errorCode': 'family'},
            {'ok': False, 'errorCode': 'family:'},
            {'ok': False, 'errorCode': 'Family:detail'},
            {'ok': False, 'errorCode': 'a|b:detail'},
            {'ok': False, 'errorCode': 'family:-detail'},
            {'ok': False, 'errorCode': 'family:detail\n'},
            {'errorDetail': None},
            {'startedAt': 'now'},
            {'durationMs': None},
        ):
            with self.subTest(change):
                answer = self.report(good, good | change, expected=400)
                self.assertEqual(answer['code'], 'wire:version' if 'version' in change else 'wire:invalid')
                self.assertIn('results[1]', answer['detail'])
        for message in (None, 5, 'text', []):
            with self.subTest(message):
                self.assertIn('results[0]', self.report(message, expected=400)['detail'])
        self.assertEqual(RunTarget.objects.get().state, 'running')

    def test_numbers_beyond_all_bounds(self):
        """JSON's 1e999 is infinite, and it has whole numbers of any length."""
        self.scan('a1')
        (task,) = self.claim()
        text = json.dumps({'worker': 'w', 'results': [self.result(task)]})
        for number, expected in (('1e999', 400), ('NaN', 400), ('1' * 400, 400), ('1' * 15, 200)):
            with self.subTest(number[:5]):
                body = text.replace('"durationMs": 12.0', f'"durationMs": {number}')
                self.assertNotEqual(body, text)
                response = self.client.post(
                    f'{self.url("gateways", self.lisbon.pk)}results/',
                    body,
                    content_type='application/json',
                    **self.header,
                )
                self.assertHttpStatus(response, expected)
        self.assertEqual(RunTarget.objects.get().state, 'succeeded')

    def test_data_that_cannot_be_stored_fails_alone(self):
        self.scan('a1', 'a2')
        first, second = self.claim()
        interfaces = [{'index': 1, 'name': '\ud800', 'description': {'not': 'text'}}]
        answer = self.report(
            self.result(first, data={'system': [], 'interfaces': interfaces, 'collectors': 5}), self.result(second)
        )
        self.assertEqual(answer, {'accepted': 2})
        self.assertEqual(self.rows()['a2'], 'succeeded')
        self.assertNotEqual(self.rows()['a1'], 'running')


class ControlTest(ServingCase):
    def test_cancelled_deleted_and_foreign_tasks_are_given_up(self):
        self.scan()
        first, second = self.claim()
        (foreign,) = self.claim(self.porto)
        cancel_rows([first.id])
        answer = self.ask('control', {'worker': 'w', 'tasks': [first.id, second.id, foreign.id, 4711]})
        self.assertEqual(answer, {'cancelled': sorted([first.id, foreign.id, 4711]), 'gateway': 'lisbon'})

    def test_a_sign_of_life_is_noted_now_and_then(self):
        self.ask('control', {'worker': 'pop1:17', 'tasks': []})
        self.lisbon.refresh_from_db()
        first, updated = self.lisbon.last_seen, self.lisbon.last_updated
        self.assertEqual(self.lisbon.last_worker, 'pop1:17')
        self.ask('control', {'worker': 'pop1:18', 'tasks': []})
        self.lisbon.refresh_from_db()
        self.assertEqual((self.lisbon.last_seen, self.lisbon.last_worker), (first, 'pop1:17'))
        Gateway.objects.filter(pk=self.lisbon.pk).update(last_seen=first - timedelta(seconds=10))
        self.ask('claim', CLAIM | {'worker': 'pop1:18'})
        self.lisbon.refresh_from_db()
        self.assertEqual(self.lisbon.last_worker, 'pop1:18')
        self.assertEqual(self.lisbon.last_updated, updated)
        self.porto.refresh_from_db()
        self.assertIsNone(self.porto.last_seen)


class HandBackTest(ServingCase):
    def hand_back(self, *leases, **values):
        leases = [{'task': pk, 'lease_token': token} for pk, token in leases]
        return self.ask('hand-back', {'worker': 'w', 'leases': leases}, **values)

    def test_what_is_handed_back_waits_again_and_holds_nothing(self):
        self.scan('a1', 'a2')
        first, second = self.claim()
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None}}):
            self.assertEqual(
                self.hand_back((first.id, first.lease_token), (second.id, str(uuid.uuid4()))), {'handed_back': 1}
            )
            self.assertEqual(self.rows(), {'a1': 'waiting', 'a2': 'running'})
            self.assertEqual(RunTarget.objects.get(name='a1').attempt, 0)
            # Without the lock of the device.
            self.assertEqual([task.name for task in self.claim()], ['a1'])

    def test_of_another_gateway(self):
        self.scan()
        (foreign,) = self.claim(self.porto)
        self.assertEqual(self.hand_back((foreign.id, foreign.lease_token)), {'handed_back': 0})
        self.assertEqual(RunTarget.objects.get(name='b1').state, 'running')

    def test_what_was_cancelled_meanwhile_ends_by_it(self):
        run = self.scan('a1')
        (task,) = self.claim()
        cancel_rows([task.id])
        self.hand_back((task.id, task.lease_token))
        row = RunTarget.objects.get()
        self.assertEqual((row.state, row.error_code), ('cancelled', 'cancelled:user'))
        run.refresh_from_db()
        self.assertFalse(run.is_active)

    def test_redis_is_away(self):
        self.scan('a1')
        (task,) = self.claim()
        release, Limits.release = Limits.release, _unreachable
        self.addCleanup(setattr, Limits, 'release', release)
        with self.assertLogs('netbox.netbox_netops.serving', 'ERROR'):
            self.assertEqual(self.hand_back((task.id, task.lease_token)), {'handed_back': 1})
        self.assertEqual(RunTarget.objects.get().state, 'waiting')


def _unreachable(self, tokens):
    from redis.exceptions import ConnectionError

    raise ConnectionError('away')


ACTIONS = {
    'claim': CLAIM,
    'results': {'worker': 'w', 'results': []},
    'control': {'worker': 'w', 'tasks': []},
    'hand-back': {'worker': 'w', 'leases': []},
}


class AccessTest(ServingCase):
    def setUp(self):
        ApiCase.setUp(self)

    def test_without_the_permission(self):
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Gateway)
        for action, body in ACTIONS.items():
            with self.subTest(action):
                self.ask(action, body, expected=403)

    def test_with_constraints(self):
        self.grant('netops_serve', Gateway, slug='lisbon')
        for action, body in ACTIONS.items():
            with self.subTest(action):
                self.ask(action, body)
                self.ask(action, body, self.porto, expected=404)

    def test_it_opens_nothing_else(self):
        self.grant('netops_serve', Gateway)
        url = self.url('gateways', self.lisbon.pk)
        for method, path in (
            ('get', url),
            ('patch', url),
            ('delete', url),
            ('get', self.url('gateways')),
            ('post', self.url('gateways')),
            ('get', self.url('run-targets')),
        ):
            with self.subTest(method=method, path=path):
                self.assertHttpStatus(getattr(self.client, method)(path, {}, format='json', **self.header), 403)

    def test_a_token_that_may_not_write(self):
        self.grant('netops_serve', Gateway)
        Token.objects.filter(pk=self.token.pk).update(write_enabled=False)
        for action, body in ACTIONS.items():
            with self.subTest(action):
                self.ask(action, body, expected=403)

    def test_anonymous_and_wrong_tokens(self):
        for header in ('', 'Token 0123456789012345678901234567890123456789'):
            self.ask('claim', CLAIM, expected=403, HTTP_AUTHORIZATION=header)

    def test_get_is_no_way_to_ask(self):
        self.grant('netops_serve', Gateway)
        self.grant('view', Gateway)
        for action in ACTIONS:
            response = self.client.get(f'{self.url("gateways", self.lisbon.pk)}{action}/', **self.header)
            self.assertHttpStatus(response, 405)

    def test_by_slug(self):
        self.grant('netops_serve', Gateway)
        base = self.url('gateways')
        for name, expected in (('lisbon', 200), ('4711', 404), ('9' * 30, 404), ('no-such', 404), ('²', 404)):
            with self.subTest(name):
                response = self.client.post(f'{base}{name}/control/', ACTIONS['control'], format='json', **self.header)
                self.assertHttpStatus(response, expected)


class BodyTest(ServingCase):
    def test_bodies_of_another_form(self):
        for action, body, named in (
            ('claim', {}, 'worker'),
            ('claim', CLAIM | {'limit': 0}, 'limit'),
            ('claim', CLAIM | {'limit': 1001}, 'limit'),
            ('claim', CLAIM | {'kinds': 'device-scan'}, 'kinds'),
            ('claim', CLAIM | {'worker': ''}, 'worker'),
            ('claim', CLAIM | {'worker': 'w' * 101}, 'worker'),
            ('claim', CLAIM | {'worker': 'a\nb'}, 'worker'),
            ('claim', [], '__all__'),
            ('results', {'worker': 'w'}, 'results'),
            ('results', {'worker': 'w', 'results': {}}, 'results'),
            ('results', {'worker': 'w', 'results': [{}] * 501}, 'results'),
            ('control', {'worker': 'w', 'tasks': ['x']}, 'tasks'),
            ('control', {'worker': 'w', 'tasks': [2**63]}, 'tasks'),
            ('control', {'worker': 'w', 'tasks': list(range(1, 10_002))}, 'tasks'),
            ('hand-back', {'worker': 'w', 'leases': [{'task': 1, 'lease_token': 'x'}]}, 'leases.0.lease_token'),
            (
                'hand-back',
                {'worker': 'w', 'leases': [{'task': 'x', 'lease_token': str(uuid.uuid4())}]},
                'leases.0.task',
            ),
        ):
            with self.subTest(action=action, body=str(body)[:80]):
                answer = self.ask(action, body, expected=400)
                self.assertEqual(set(answer), {'code', 'detail'})
                self.assertEqual(answer['code'], 'wire:invalid')
                self.assertIn(named, answer['detail'])
        self.lisbon.refresh_from_db()
        self.assertIsNone(self.lisbon.last_seen)

    def send(self, body, expected, content_type='application/json', **header):
        response = self.client.post(
            f'{self.url("gateways", self.lisbon.pk)}control/', body, content_type=content_type, **self.header, **header
        )
        self.assertHttpStatus(response, expected)
        return response.json()

    def test_bodies_that_are_no_json(self):
        for body in ('', '{', 'null', 'é'.encode('latin-1'), '[' * 100_000):
            with self.subTest(body[:10]):
                self.assertEqual(self.send(body, 400)['code'], 'wire:invalid')
        self.send('worker=w', 415, 'application/x-www-form-urlencoded')

    def test_compressed_bodies(self):
        body = json.dumps({'worker': 'w', 'tasks': []}).encode()
        compressed = gzip.compress(body)
        self.send(compressed, 200, HTTP_CONTENT_ENCODING='gzip')
        for broken in (body, compressed[:-9], b''):
            self.assertEqual(self.send(broken, 400, HTTP_CONTENT_ENCODING='gzip')['code'], 'wire:invalid')
        self.send(compressed, 415, HTTP_CONTENT_ENCODING='br')

    def test_a_body_that_is_too_large(self):
        """Compressed it may be a thousandth of that."""
        body = json.dumps({'worker': 'w' * MOST_BYTES}).encode()
        for sent, header in ((body, {}), (gzip.compress(body, 1), {'HTTP_CONTENT_ENCODING': 'gzip'})):
            self.assertEqual(self.send(sent, 413, **header)['code'], 'wire:too-large')

    def test_one_large_device_is_not_too_large(self):
        self.scan('a1')
        (task,) = self.claim()
        interfaces = [{'index': number, 'name': f'Gi0/{number}', 'description': 'x' * 200} for number in range(20_000)]
        result = self.result(task, data=scan_data(interfaces=interfaces))
        self.assertGreater(len(json.dumps(result)), 4_000_000)
        self.assertEqual(self.report(result), {'accepted': 1})
        self.assertEqual(Target.objects.get(name='a1').interfaces.count(), 20_000)
