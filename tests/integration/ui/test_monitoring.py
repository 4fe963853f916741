"""Metrics and health: what machines are told, how long it takes, and who may read it."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from unittest import mock

import django_rq
from django.conf import settings
from django.db import OperationalError
from django.test import override_settings
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families
from redis.exceptions import ConnectionError as RedisDown
from users.models import Token

from netbox_netops import health
from netbox_netops.dispatch import enqueue
from netbox_netops.lifecycle import claim
from netbox_netops.limiting import Limiting
from netbox_netops.models import Pause, Run, RunTarget, Target
from netbox_netops.settings import get_settings
from netbox_netops.telemetry import BUCKETS, count_attempts, count_lost, note_tick
from netops_worker.wire import Result
from tests.integration.factories import make_site, make_target

from .base import UiCase
from .test_queue import start_worker

METRICS, HEALTH, WORKER = (f'/plugins/netops/{name}/' for name in ('metrics', 'health', 'health/worker'))
ROOT = Path(__file__).parents[3]
TOKEN = 'scrape-0123456789abcdef'
WITH_TOKEN = {'PLUGINS_CONFIG': {'netbox_netops': {'metrics_token': TOKEN}}}


def bearer(token):
    return {'HTTP_AUTHORIZATION': f'Bearer {token}'}


class MonitoringCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site = make_site('Secret site')
        cls.target = make_target('secret-name', address='192.0.2.1', site=cls.site)

    def start(self, **options):
        with self.captureOnCommitCallbacks(execute=True):
            return enqueue('device-scan', user=None, devices=[self.target.device_id], **options).run

    def claim(self, run):
        limiting = Limiting.of(run, get_settings())
        return claim(run.pk, 1, worker='host:1', lease_seconds=60, limiting=limiting).claims


class AccessTest(MonitoringCase):
    def test_metrics_need_the_right_to_view_runs(self):
        self.page(METRICS, 403)
        self.grant('view', Run)
        self.page(METRICS)
        self.client.logout()
        response = self.client.get(METRICS)
        self.assertHttpStatus(response, 401)
        self.assertEqual(response.headers['WWW-Authenticate'], 'Bearer')
        self.assertEqual(response.content, b'')

    def test_token_of_a_user(self):
        self.client.logout()
        token = Token.objects.create(user=self.user)
        header = bearer(f'nbt_{token.key}.{token.token}')
        self.page(METRICS, 403, **header)
        self.grant('view', Run)
        self.page(METRICS, **header)
        self.page(METRICS, 401, **bearer(f'nbt_{token.key}.{"x" * 40}'))
        token.enabled = False
        token.save()
        self.page(METRICS, 401, **header)

    @override_settings(**WITH_TOKEN)
    def test_token_of_the_settings(self):
        self.client.logout()
        self.page(METRICS, **bearer(TOKEN))
        for wrong in (TOKEN[:-1], f'{TOKEN}x', TOKEN.upper(), '', 'None', 'ü' * 20):
            with self.subTest(token=wrong):
                self.page(METRICS, 401, **bearer(wrong))
        self.page(METRICS, 401, HTTP_AUTHORIZATION=f'Basic {TOKEN}')
        self.page(METRICS, 401, HTTP_AUTHORIZATION=TOKEN)
        self.page(f'{METRICS}?token={TOKEN}', 401)

    def test_no_token_is_set(self):
        """Then nothing that somebody sends equals it."""
        self.client.logout()
        for given in ('', 'None', 'null'):
            self.page(METRICS, 401, **bearer(given))

    @override_settings(EXEMPT_VIEW_PERMISSIONS=['*'], LOGIN_REQUIRED=False)
    def test_metrics_are_not_for_anonymous_users_even_where_pages_are(self):
        self.client.logout()
        self.page(METRICS, 401)

    @override_settings(**WITH_TOKEN)
    def test_the_token_is_never_printed(self):
        self.client.logout()
        self.assertNotIn(TOKEN, repr(get_settings()))
        with self.assertLogs(level='DEBUG') as logs:
            body = self.page(METRICS, **bearer(TOKEN))
            self.page(METRICS, 401, **bearer(f'{TOKEN}x'))
        self.assertNotIn(TOKEN, body + ' '.join(logs.output))

    def test_only_to_be_read(self):
        self.grant('view', Run)
        for url in (METRICS, HEALTH, WORKER):
            self.assertHttpStatus(self.client.post(url), 405)
            self.assertIn('no-store', self.client.get(url).headers['Cache-Control'])


class MetricsTest(MonitoringCase):
    def setUp(self):
        super().setUp()
        self.grant('view', Run)

    def metrics(self, **kwargs):
        """{sample with its labels: value}"""
        response = self.client.get(METRICS, **kwargs)
        self.assertHttpStatus(response, 200)
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(response.content.decode())
            for sample in family.samples
        }

    def value(self, name, metrics=None, **labels):
        return (metrics or self.metrics()).get((name, *sorted(labels.items())))

    def test_work(self):
        run = self.start()
        kind = {'kind': 'device-scan'}
        found = self.metrics()
        self.assertEqual(self.value('netops_run_targets', found, state='waiting', **kind), 1)
        self.assertEqual(self.value('netops_run_targets', found, state='running', **kind), 0)
        self.assertEqual(self.value('netops_run_targets_due', found, **kind), 1)
        self.assertEqual(self.value('netops_runs_active', found, status='queued', **kind), 1)
        Run.objects.update(created=timezone.now() - timedelta(seconds=100))
        RunTarget.objects.update(blocked='waiting:site')
        found = self.metrics()
        self.assertAlmostEqual(self.value('netops_oldest_waiting_seconds', found, **kind), 100, delta=10)
        self.assertEqual(self.value('netops_run_targets_blocked', found, reason='waiting:site', **kind), 1)
        self.claim(run)
        found = self.metrics()
        self.assertEqual(self.value('netops_leases_active', found, **kind), 1)
        self.assertEqual(self.value('netops_runs_active', found, status='running', **kind), 1)
        self.assertEqual(self.value('netops_limit_used', found, scope='kind', key='device-scan'), 1)
        self.assertEqual(self.value('netops_limit_most', found, scope='kind', key='device-scan'), 512)
        self.assertEqual(self.value('netops_limit_used', found, scope='site', key=str(self.site.pk)), 1)
        RunTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        found = self.metrics()
        self.assertEqual(self.value('netops_leases_active', found, **kind), 0)
        self.assertEqual(self.value('netops_leases_overdue', found, **kind), 1)

    def test_queues_tick_pauses_and_breakers(self):
        found = self.metrics()
        self.assertEqual(self.value('netops_queue_workers', found, queue='low'), 0)
        self.assertNotIn(('netops_tick_age_seconds',), found)
        start_worker('low')
        note_tick()
        self.start()
        Pause.objects.create(kind='device-scan')
        Target.objects.update(spared_until=timezone.now() + timedelta(minutes=1))
        found = self.metrics()
        self.assertEqual(self.value('netops_queue_workers', found, queue='low'), 1)
        self.assertEqual(self.value('netops_queue_depth', found, queue='low'), 1)
        self.assertLess(self.value('netops_queue_oldest_seconds', found, queue='low'), 60)
        self.assertLess(self.value('netops_tick_age_seconds', found), 60)
        self.assertEqual(self.value('netops_kind_paused', found, kind='device-scan'), 1)
        self.assertEqual(self.value('netops_kind_paused', found, kind='netbox-sync'), 0)
        self.assertEqual(self.value('netops_run_targets_due', found, kind='device-scan'), 0)
        self.assertEqual(self.value('netops_targets_spared', found), 1)
        self.assertEqual(self.value('netops_targets', found, status='active', reachability='unknown'), 1)

    def test_totals_and_histogram(self):
        results = [
            Result(
                task=number, run=1, target=1, kind='device-scan', ok=True, lease_token='', started_at=0.0,
                duration_ms=milliseconds,
            )
            for number, milliseconds in enumerate((50.0, 51.0, 200_000.0), 1)
        ]  # fmt: skip
        with self.captureOnCommitCallbacks(execute=True):
            count_attempts(results, {1: 'succeeded', 2: 'waiting', 3: 'succeeded'})
            count_lost(['device-scan'])
        found = self.metrics()
        kind = {'kind': 'device-scan'}
        finished = self.value('netops_run_targets_finished_total', found, outcome='succeeded', error_family='', **kind)
        self.assertEqual(finished, 2)
        self.assertEqual(self.value('netops_retries_total', found, **kind), 1)
        self.assertEqual(self.value('netops_leases_lost_total', found, **kind), 1)
        buckets = {
            bound: self.value('netops_attempt_duration_seconds_bucket', found, le=bound, **kind)
            for bound in (*map(str, BUCKETS), '+Inf')
        }
        self.assertEqual((buckets['0.05'], buckets['0.1'], buckets['120.0'], buckets['+Inf']), (1, 2, 2, 3))
        self.assertEqual(list(buckets.values()), sorted(buckets.values()))
        self.assertEqual(self.value('netops_attempt_duration_seconds_count', found, **kind), 3)
        self.assertAlmostEqual(self.value('netops_attempt_duration_seconds_sum', found, **kind), 200.101)

    def test_no_names(self):
        run = self.start(reason='because of secret-reason')
        self.claim(run)
        body = self.page(METRICS)
        for text in ('secret', 'Secret', '192.0.2', 'host:1'):
            self.assertNotIn(text, body)

    def test_openmetrics(self):
        """As Prometheus asks for it."""
        accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
        response = self.client.get(METRICS, HTTP_ACCEPT=accept)
        self.assertIn('application/openmetrics-text', response.headers['Content-Type'])
        names = {family.name for family in parse_openmetrics(response.content.decode())}
        self.assertIn('netops_run_targets', names)

    def test_constant_number_of_queries(self):
        self.claim(self.start())
        self.client.get(METRICS)
        _response, few = self.count_queries(METRICS)
        for number in range(5):
            self.target = make_target(address=f'198.51.100.{number}', site=make_site())
            self.claim(self.start())
        _response, many = self.count_queries(METRICS)
        self.assertEqual(many, few)

    def test_without_redis(self):
        self.start()
        with (
            mock.patch('netbox_netops.queues.get_connection', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.overview', 'WARNING'),
        ):
            found = self.metrics()
        self.assertEqual(self.value('netops_redis_up', found), 0)
        self.assertEqual(self.value('netops_run_targets', found, kind='device-scan', state='waiting'), 1)
        self.assertNotIn(('netops_queue_depth', ('queue', 'low')), found)

    def test_without_postgresql(self):
        with (
            mock.patch('netbox_netops.metrics.read_overview', side_effect=OperationalError('host secret')),
            self.assertLogs('netbox.netbox_netops.monitoring', 'WARNING') as logs,
        ):
            self.assertEqual(self.page(METRICS, 503), '')
        self.assertNotIn('secret', ' '.join(logs.output))


class HealthCase(MonitoringCase):
    def health(self, url, expected=200, **kwargs):
        response = self.client.get(url, **kwargs)
        self.assertHttpStatus(response, expected)
        return response.json()

    def broken(self, name, function):
        """Have a check do something else."""
        check = next(item for item in (*health.WEB, *health.WORKER) if item.name == name)
        return mock.patch.object(check, '_function', function)


class WebHealthTest(HealthCase):
    def test_well(self):
        self.client.logout()
        names = ('database', 'redis', 'cache')
        self.assertEqual(self.health(HEALTH), {'status': 'ok', 'checks': dict.fromkeys(names, 'ok')})

    def test_each_failure(self):
        def fail():
            raise OperationalError('connection to secret.example failed')

        for name in ('database', 'redis', 'cache'):
            with self.subTest(name=name), self.broken(name, fail), self.assertLogs(health.logger, 'WARNING') as logs:
                self.client.logout()
                found = self.health(HEALTH, 503)
                self.assertEqual(found['status'], 'fail')
                self.assertEqual({key for key, value in found['checks'].items() if value == 'fail'}, {name})
                self.assertNotIn('secret', ' '.join(logs.output))

    def test_details_are_for_those_who_may_view_runs(self):
        def fail():
            raise RedisDown('secret.example')

        with self.broken('redis', fail), self.assertLogs(health.logger, 'WARNING'):
            self.assertEqual(self.health(HEALTH, 503)['checks']['redis'], 'fail')
            self.grant('view', Run)
            details = self.health(HEALTH, 503)['checks']
        self.assertEqual(details['redis'], {'status': 'fail', 'error': 'ConnectionError'})
        self.assertEqual(details['database'], {'status': 'ok'})

    def test_nobody_is_looked_up_while_the_database_is_gone(self):
        """The question who is asking would hang as well."""
        self.grant('view', Run)

        def fail():
            raise OperationalError

        with (
            self.broken('database', fail),
            self.assertLogs(health.logger, 'WARNING'),
            mock.patch('netbox_netops.views.monitoring._refusal') as refusal,
            # Nor is NetBox's configuration read, nor the session of the cookie that came.
            mock.patch('netbox.middleware.get_config', side_effect=AssertionError),
            self.assertNumQueries(0),
        ):
            self.assertEqual(self.health(HEALTH, 503)['checks']['database'], 'fail')
            with override_settings(**WITH_TOKEN):
                found = self.health(HEALTH, 503, **bearer(TOKEN))
        self.assertEqual(found['checks']['database'], {'status': 'fail', 'error': 'OperationalError'})
        refusal.assert_not_called()

    def test_it_is_asked_before_netbox_itself(self):
        """The one change of NetBox's settings that this needs."""
        self.assertEqual(settings.MIDDLEWARE[0], 'netbox_netops.middleware.HealthMiddleware')
        self.assertEqual(settings.MIDDLEWARE.count(settings.MIDDLEWARE[0]), 1)

        def fail():
            raise RedisDown

        self.client.logout()
        with (
            self.broken('cache', fail),
            self.assertLogs(health.logger, 'WARNING'),
            mock.patch('netbox.middleware.get_config', side_effect=RedisDown),
        ):
            for url in (HEALTH, WORKER):
                self.assertEqual(self.health(url, 503)['checks']['cache'], 'fail')
            with self.assertRaises(RedisDown):
                self.client.get(METRICS)

    def test_a_server_that_hangs_is_given_up_and_asked_once(self):
        """However often somebody asks meanwhile, one thread is all that waits; then all is well again."""
        self.client.logout()
        hanging, calls = threading.Event(), []

        def hang():
            calls.append(threading.current_thread())
            hanging.wait()
            return health.Health(True)

        with self.broken('redis', hang), mock.patch.object(health, '_PATIENCE', 0.05):
            for _time in range(3):
                self.assertEqual(self.health(HEALTH, 503)['checks'], {'database': 'ok', 'redis': 'fail', 'cache': 'ok'})
            self.assertEqual(len(calls), 1)
            hanging.set()
            calls[0].join()
        self.assertEqual(self.health(HEALTH)['status'], 'ok')


class WorkerHealthTest(HealthCase):
    def setUp(self):
        super().setUp()
        start_worker('low')
        note_tick()

    def test_well(self):
        self.client.logout()
        names = ('database', 'cache', 'queues', 'tick', 'leases')
        self.assertEqual(self.health(WORKER), {'status': 'ok', 'checks': dict.fromkeys(names, 'ok')})

    def failing(self, **kwargs):
        return {name for name, value in self.health(WORKER, 503, **kwargs)['checks'].items() if value == 'fail'}

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'queues': {'device-scan': 'high'}}})
    def test_queue_without_a_worker(self):
        self.assertEqual(self.failing(), {'queues'})
        self.grant('view', Run)
        queues = self.health(WORKER, 503)['checks']['queues']
        self.assertEqual(queues, {'status': 'fail', 'workers': {'low': 1, 'high': 0}})
        start_worker('high')
        self.health(WORKER)

    def test_tick_is_late(self):
        connection = django_rq.get_connection('default')
        connection.set('netops:tick', repr(timezone.now().timestamp() - 200))
        self.assertEqual(self.failing(), {'tick'})
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'health_tick_seconds': 300}}):
            self.health(WORKER)
        connection.delete('netops:tick')
        self.assertEqual(self.failing(), {'tick'})

    def test_leases_that_nobody_takes_back(self):
        """Not those that the next tick will. The check is called here: its own thread sees nothing of this test."""
        self.claim(self.start())
        for late, found in ((-60, 0), (60, 0), (200, 1)):
            RunTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=late))
            self.assertEqual(health._leases(), health.Health(not found, {'overdue': found}))
        with self.broken('leases', lambda: health.Health(False, {'overdue': 1})):
            self.assertEqual(self.failing(), {'leases'})

    def test_names_are_for_those_who_may_view_runs(self):
        self.client.logout()
        self.assertNotIn('low', str(self.health(WORKER)))


class DocumentationTest(MonitoringCase):
    def test_every_metric_is_described(self):
        """With its labels, as far as it has samples; and nothing else is."""
        self.grant('view', Run)
        start_worker('low')
        note_tick()
        self.claim(self.start())
        RunTarget.objects.create(
            run=Run.objects.get(), name='x', dedup_key='x', blocked='waiting:site', expires=timezone.now()
        )
        result = Result(
            task=1, run=1, target=1, kind='device-scan', ok=True, lease_token='', started_at=0.0, duration_ms=50.0
        )
        with self.captureOnCommitCallbacks(execute=True):
            count_attempts([result], {1: 'succeeded'})
            count_attempts([result], {1: 'waiting'})
            count_attempts([result], {})
            count_lost(['device-scan'])
        found = {}
        for family in text_string_to_metric_families(self.page(METRICS)):
            labels = {label for sample in family.samples for label in sample.labels}
            found[f'{family.name}_total' if family.type == 'counter' else family.name] = labels
        described = {}
        for line in (ROOT / 'docs/reference/metrics.md').read_text().splitlines():
            if line.startswith('| `netops_'):
                names, labels, _text = line.strip('| ').split('|', 2)
                described |= {name: set(re.findall(r'`(\w+)`', labels)) for name in re.findall(r'`(\w+)`', names)}
        self.assertEqual(described, found)
