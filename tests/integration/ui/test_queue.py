"""The queue page: who works, what waits and why, and the switch that pauses a kind."""

from datetime import timedelta
from unittest import mock

import django_rq
from dcim.models import Device, Site
from django.contrib import messages
from django.contrib.messages import get_messages
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from redis.connection import ConnectionPool
from redis.exceptions import ConnectionError as RedisDown
from rq import SimpleWorker

from netbox_netops.dispatch import enqueue
from netbox_netops.lifecycle import claim
from netbox_netops.limiting import Limiting
from netbox_netops.models import Pause, Run, RunTarget, Target
from netbox_netops.settings import get_settings
from netbox_netops.telemetry import note_tick
from tests.integration.factories import make_site, make_target

from .base import HTMX, UiCase

URL = '/plugins/netops/queue/'


def start_worker(*queues):
    """A worker as Redis knows one that waits for jobs."""
    worker = SimpleWorker(list(queues), connection=django_rq.get_connection('default'))
    worker.register_birth()
    return worker


class QueueCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.target_a = make_target('in-a', address='192.0.2.1', site=cls.site_a)
        cls.target_b = make_target('in-b', address='192.0.2.2', site=cls.site_b)

    def setUp(self):
        super().setUp()
        self.grant('view', Run)

    def start(self, *targets):
        with self.captureOnCommitCallbacks(execute=True):
            return enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run

    def claim(self, run, number=1):
        limiting = Limiting.of(run, get_settings())
        return claim(run.pk, number, worker='host:1', lease_seconds=60, limiting=limiting).claims

    def alarms(self, **kwargs):
        response = self.client.get(URL, **kwargs)
        self.assertHttpStatus(response, 200)
        return response.context['overview'], response.content.decode()


class QueuePageTest(QueueCase):
    def test_needs_the_right_to_view_runs(self):
        self.remove_permissions('netbox_netops.view_run')
        self.page(URL, 403)
        self.client.logout()
        self.assertRedirects(self.client.get(URL), f'/login/?next={URL}', fetch_redirect_response=False)

    def test_menu(self):
        self.assertIn(f'href="{URL}"', self.page(reverse('home')))
        self.remove_permissions('netbox_netops.view_run')
        self.assertNotIn(f'href="{URL}"', self.page(reverse('home')))

    def test_nothing_to_do_and_all_is_well(self):
        start_worker('low')
        note_tick()
        overview, page = self.alarms()
        self.assertEqual([state.waiting + state.running for state in overview.kinds], [0, 0, 0])
        self.assertNotIn('role="alert"', page)
        self.assertIn('Served', page)
        # NetBox's own buttons and menus aside, nothing on the page runs a script of its own.
        start = page.index('id="netops-live"')
        self.assertNotIn(
            '<script', page[start : page.index('</main>') if '</main>' in page else None].split('<footer')[0]
        )

    def test_alarms(self):
        page = self.page(URL)
        self.assertIn('No worker serves the queue low', page)
        self.assertIn(reverse('plugins:netbox_netops:error', args=['queue:no-worker']), page)
        self.assertIn('The tick has not run yet', page)
        start_worker('low')
        note_tick()
        run = self.start(self.target_a)
        self.claim(run)
        RunTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        page = self.page(URL)
        self.assertNotIn('No worker serves', page)
        self.assertNotIn('tick has not run', page)
        self.assertIn('1 target is held by a worker that is silent', page)

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'queues': {'device-scan': 'high'}}})
    def test_every_queue_that_a_kind_uses(self):
        start_worker('high', 'default')
        overview, page = self.alarms()
        queues = {queue.name: (queue.kinds, queue.workers) for queue in overview.queues}
        self.assertEqual(queues, {'low': (('netbox-sync', 'credential-check'), 0), 'high': (('device-scan',), 1)})
        self.assertIn('No worker serves the queue low', page)
        self.assertNotIn('No worker serves the queue high', page)

    def test_worker_that_ended_does_not_count(self):
        worker = start_worker('low')
        worker.register_death()
        overview, _page = self.alarms()
        self.assertEqual(overview.queues[0].workers, 0)

    def test_depth_and_oldest_job(self):
        self.start(self.target_a)
        run = self.start(self.target_b)
        queue = django_rq.get_queue('low')
        _first, second = queue.jobs
        self.assertEqual(second.kwargs['run'], run.pk)
        # What somebody waits for goes to the front: the oldest is not always the first.
        old = timezone.now() - timedelta(hours=2)
        queue.connection.hset(second.key, 'enqueued_at', old.strftime('%Y-%m-%dT%H:%M:%S.%fZ'))
        overview, page = self.alarms()
        self.assertEqual((overview.queues[0].depth, overview.queues[0].oldest), (2, old))
        self.assertIn('2\xa0hours', page)

    def test_kinds_and_what_holds_them_up(self):
        run = self.start(self.target_a, self.target_b)
        self.claim(run)
        RunTarget.objects.filter(state='waiting').update(blocked='waiting:site')
        overview, page = self.alarms()
        scan = next(state for state in overview.kinds if state.kind == 'device-scan')
        self.assertEqual((scan.waiting, scan.due, scan.running, scan.blocked), (1, 0, 1, {'waiting:site': 1}))
        self.assertIn('The site is at its limit', page)
        self.assertIn(reverse('plugins:netbox_netops:error', args=['waiting:site']), page)

    def test_limits_of_what_the_user_may_view(self):
        self.claim(self.start(self.target_a, self.target_b), 2)
        page = self.page(URL)
        self.assertIn('2 / 512', page)
        self.assertNotIn('1 / 128', page)
        self.grant('view', Site, pk=self.site_a.pk)
        page = self.page(URL)
        self.assertEqual(page.count('1 / 128'), 1)
        self.assertIn(f'<a href="{self.site_a.get_absolute_url()}">A</a>', page)
        self.assertNotIn(self.site_b.get_absolute_url(), page)

    def test_lists_show_only_permitted_rows(self):
        self.claim(self.start(self.target_a, self.target_b), 2)
        Target.objects.update(spared_until=timezone.now() + timedelta(minutes=5), failures=5)
        page = self.page(URL)
        self.assertNotIn('in-a', page)
        self.grant('view', RunTarget, Target)
        self.assertNotIn('in-a', self.page(URL))
        self.grant('view', Device, site=self.site_a.pk)
        for section in ('leases', 'spared'):
            with self.subTest(section=section):
                for kwargs in ({}, HTMX):
                    page = self.page(f'{URL}?section={section}', **kwargs)
                    self.assertIn('in-a', page)
                    self.assertNotIn('in-b', page)
        response = self.client.get(URL)
        self.assertEqual([tab['count'] for tab in response.context['section_tabs']], [1, 1])
        self.assertIn('host:1', response.content.decode())

    def test_lists_have_pages(self):
        self.grant('view', Device, RunTarget)
        run = self.start(*(make_target(f'r{number}', address=f'192.0.2.{number}') for number in range(10, 24)))
        self.claim(run, 14)
        seen = set()
        # NetBox keeps up to five rows more on the last page.
        for page in (1, 2):
            rows = self.client.get(URL, {'per_page': 6, 'page': page}).context['table'].page.object_list
            seen |= {str(row.record.name) for row in rows}
        self.assertEqual(seen, {f'r{number}' for number in range(10, 24)})

    def test_spared_devices_are_those_of_now(self):
        self.grant('view', Device, Target)
        Target.objects.filter(pk=self.target_a.pk).update(spared_until=timezone.now() + timedelta(minutes=5))
        Target.objects.filter(pk=self.target_b.pk).update(spared_until=timezone.now() - timedelta(minutes=5))
        page = self.page(f'{URL}?section=spared')
        self.assertIn('in-a', page)
        self.assertNotIn('in-b', page)

    def test_live_part(self):
        """It asks for its successor, which reloads the list beside it when leases were taken or ended."""
        self.grant('view', Device, RunTarget)
        page = self.page(URL)
        self.assertIn('hx-trigger="every 3s"', page)
        token = self.client.get(URL).context['live'].token
        fragment, event = self.fragment(URL, token)
        self.assertEqual(event, '')
        self.assertNotIn('<html', fragment)
        self.claim(self.start(self.target_a))
        fragment, event = self.fragment(URL, token)
        self.assertEqual(event, 'netops-changed')

    def test_constant_number_of_queries_and_round_trips(self):
        self.grant('view', Device, Site, RunTarget, Target)
        start_worker('low')
        self.claim(self.start(self.target_a))
        self.client.get(URL)
        few = self.count_all()
        for number in range(8):
            target = make_target(f'x{number}', address=f'198.51.100.{number}', site=make_site(f'S{number}'))
            self.claim(self.start(target))
        self.assertEqual(self.count_all(), few)
        self.assertEqual(few[1], 4)

    def count_all(self):
        """Numbers of queries, and of round trips to the Redis of the queues."""
        number = django_rq.get_connection('default').connection_pool.connection_kwargs['db']
        real = ConnectionPool.get_connection
        with mock.patch.object(ConnectionPool, 'get_connection', autospec=True, side_effect=real) as taken:
            _response, queries = self.count_queries(URL)
        return queries, sum(call.args[0].connection_kwargs['db'] == number for call in taken.call_args_list)

    def test_without_redis_there_is_an_alarm_and_the_rest(self):
        self.claim(self.start(self.target_a))
        with (
            mock.patch('netbox_netops.queues.get_connection', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.overview', 'WARNING'),
        ):
            overview, page = self.alarms()
        self.assertIn('Redis does not answer', page)
        self.assertEqual((overview.redis, overview.running), (False, 1))


class PauseTest(QueueCase):
    pause = f'{URL}device-scan/pause/'
    resume = f'{URL}device-scan/resume/'

    def test_pause_and_resume(self):
        self.grant('add', Pause)
        self.grant('delete', Pause)
        self.assertIn(self.pause, self.page(URL))
        self.assertIn('name="reason"', self.page(self.pause))
        response = self.client.post(self.pause, {'reason': 'core upgrade'}, follow=True)
        self.assertIn('Device scan is paused.', self.messages(response))
        pause = Pause.objects.get()
        self.assertEqual((pause.kind, pause.reason, pause.paused_by), ('device-scan', 'core upgrade', self.user))
        page = response.content.decode()
        self.assertIn('core upgrade', page)
        self.assertIn(self.resume, page)
        self.assertNotIn(self.pause, page)
        run = self.start(self.target_a)
        self.assertEqual(self.claim(run), [])
        response = self.client.post(self.resume, follow=True)
        self.assertIn('Device scan goes on.', self.messages(response))
        self.assertFalse(Pause.objects.exists())

    def test_resuming_rings_for_what_waits(self):
        """Its jobs ended when there was nothing to claim."""
        self.grant('delete', Pause)
        run = self.start(self.target_a)
        django_rq.get_queue('low').empty()
        run.jobs.all().delete()
        Pause.objects.create(kind='device-scan')
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(self.resume)
        self.assertEqual([job.kwargs['run'] for job in django_rq.get_queue('low').jobs], [run.pk])

    def test_twice(self):
        self.grant('add', Pause)
        self.grant('delete', Pause)
        for text in ('Device scan is paused.', 'Device scan was paused already.'):
            self.assertIn(text, self.messages(self.client.post(self.pause, {'reason': ''}, follow=True)))
        for text in ('Device scan goes on.', 'Device scan was not paused.'):
            self.assertIn(text, self.messages(self.client.post(self.resume, follow=True)))

    def test_without_the_right(self):
        page = self.page(URL)
        self.assertNotIn(self.pause, page)
        for method in (self.client.get, self.client.post):
            self.assertHttpStatus(method(self.pause), 403)
        Pause.objects.create(kind='device-scan')
        self.assertNotIn(self.resume, self.page(URL))
        self.assertHttpStatus(self.client.post(self.resume), 403)
        self.assertEqual(Pause.objects.count(), 1)

    def test_constraints(self):
        """Who may pause syncs only pauses nothing else, and so for resuming."""
        self.grant('add', Pause, kind='netbox-sync')
        self.grant('delete', Pause, kind='netbox-sync')
        response = self.client.post(self.pause, {'reason': ''})
        self.assertRedirects(response, URL)
        self.assertFalse(Pause.objects.exists())
        self.assertEqual([message.level for message in get_messages(response.wsgi_request)], [messages.ERROR])
        self.client.post(f'{URL}netbox-sync/pause/', {'reason': ''})
        self.assertEqual(Pause.objects.get().kind, 'netbox-sync')
        Pause.objects.create(kind='device-scan')
        self.client.post(self.resume)
        self.client.post(f'{URL}netbox-sync/resume/')
        self.assertEqual(Pause.objects.get().kind, 'device-scan')

    def test_only_by_post(self):
        self.grant('add', Pause)
        self.grant('delete', Pause)
        self.page(self.pause)
        self.assertFalse(Pause.objects.exists())
        Pause.objects.create(kind='device-scan')
        self.page(self.resume, 405)
        self.assertTrue(Pause.objects.exists())

    def test_bad_input(self):
        self.grant('add', Pause)
        self.assertHttpStatus(self.client.post(f'{URL}nope/pause/', {'reason': ''}), 404)
        for reason in ('x' * 201, 'a\0b'):
            response = self.client.post(self.pause, {'reason': reason})
            self.assertHttpStatus(response, 200)
            self.assertTrue(response.context['form'].errors['reason'])
        self.assertFalse(Pause.objects.exists())

    def test_the_right_can_be_given(self):
        """NetBox offers only models that are not private in the form of a permission."""
        from netbox.models.features import model_is_public

        self.assertTrue(model_is_public(Pause))
