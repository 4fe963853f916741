"""Jobs that drain a run hear of what happens meanwhile: it is cancelled, deleted, paused, or they have to stop."""

import asyncio
import threading
import time
from collections import Counter
from unittest import mock

from django.db import connections
from django.test import TransactionTestCase, override_settings
from django_rq import get_queue
from redis.exceptions import ConnectionError as RedisConnectionError

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs import stopping
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.limiting import get_limits
from netbox_netops.models import RunTarget, ScanResult
from netops_worker.probes import ProbeOutcome
from tests.integration.factories import make_credential, make_site, make_target

# Until what is cancelled has really ended, and until a test gives up.
PROMISED = 2.0
PATIENCE = 30.0


class Probe:
    """Devices that answer when they are told to. `started`, `ended`: {name: moment}, of those that were not let go on.

    `begun`: how many were started in all.
    """

    def __init__(self):
        self.begun: Counter[str] = Counter()
        self.ended: dict[str, float] = {}
        self.open = False
        self._changed = threading.Condition()

    async def __call__(self, task, context):
        with self._changed:
            self.begun[task.name] += 1
            self._changed.notify_all()
        try:
            while not self.open:
                await asyncio.sleep(0.02)
        except asyncio.CancelledError:
            with self._changed:
                self.ended[task.name] = time.monotonic()
                self._changed.notify_all()
            raise
        return ProbeOutcome(data={})

    def wait_for(self, number, what='begun'):
        with self._changed:
            reached = self._changed.wait_for(lambda: len(getattr(self, what)) >= number, PATIENCE)
            assert reached, f'{len(getattr(self, what))} of {number} {what}'


class DrainCase(TransactionTestCase):
    config = {}

    def setUp(self):
        make_credential()
        self.site = make_site()
        self.probe = Probe()
        config = {'netbox_netops': {'host_rate': None, 'concurrency': 3} | self.config}
        for patch in (
            mock.patch('netbox_netops.jobs.base.default_probes', return_value={'device-scan': self.probe}),
            override_settings(PLUGINS_CONFIG=config),
        ):
            patch.__enter__()
            self.addCleanup(patch.__exit__, None, None, None)

    def start(self, number, **options):
        """A run on so many devices, and a job at work on it."""
        devices = [make_target(site=self.site).device_id for _ in range(number)]
        self.run_ = enqueue('device-scan', user=None, devices=devices, **options).run
        self.thread = threading.Thread(target=self._work)
        self.thread.start()
        self.addCleanup(self._end)
        return self.run_

    def _work(self):
        try:
            self.job = DeviceScanJob.enqueue(instance=self.run_, immediate=True, run=self.run_.pk)
        finally:
            connections.close_all()

    def _end(self):
        self.probe.open = True
        self.thread.join(PATIENCE)
        self.assertFalse(self.thread.is_alive())

    def join(self):
        self.thread.join(PATIENCE)
        self.assertFalse(self.thread.is_alive())
        self.assertEqual(self.job.status, 'completed', self.job.log_entries)
        self.run_.refresh_from_db()

    def rows(self):
        return list(self.run_.targets.order_by('pk'))

    def held(self):
        return get_limits().usage([f'site:{self.site.pk}', 'kind:device-scan'])

    def assertNothingHeld(self):
        self.assertEqual(set(self.held().values()), {0})


class CancelTest(DrainCase):
    def test_run(self):
        """Within 2 s the probes have ended; nothing starts after it, and nothing of it is taken for a scan."""
        run = self.start(8)
        self.probe.wait_for(3)
        self.assertEqual(set(self.held().values()), {3})
        begin = time.monotonic()
        lifecycle.cancel_run(run.pk, None)
        self.probe.wait_for(3, 'ended')
        self.assertLess(max(self.probe.ended.values()) - begin, PROMISED)
        self.join()
        self.assertEqual((run.status, run.failed, run.succeeded), ('cancelled', 8, 0))
        self.assertEqual({(row.state, row.error_code) for row in self.rows()}, {('cancelled', 'cancelled:user')})
        self.assertEqual(sum(self.probe.begun.values()), 3)
        self.assertFalse(ScanResult.objects.exists())
        self.assertNothingHeld()

    def test_single_target(self):
        run = self.start(4)
        self.probe.wait_for(3)
        rows = self.rows()
        begin = time.monotonic()
        lifecycle.cancel_rows([rows[1].pk])
        self.probe.wait_for(1, 'ended')
        self.assertEqual(list(self.probe.ended), [rows[1].name])
        self.assertLess(self.probe.ended[rows[1].name] - begin, PROMISED)
        # Its place is taken.
        self.probe.wait_for(4)
        self.probe.open = True
        self.join()
        self.assertEqual([row.state for row in self.rows()], ['succeeded', 'cancelled', 'succeeded', 'succeeded'])
        self.assertEqual((run.status, run.succeeded, run.failed), ('partial', 3, 1))

    def test_run_that_is_deleted(self):
        run = self.start(4)
        self.probe.wait_for(3)
        begin = time.monotonic()
        type(run).objects.get(pk=run.pk).delete()
        self.probe.wait_for(3, 'ended')
        self.assertLess(max(self.probe.ended.values()) - begin, PROMISED)
        self._end()
        self.assertFalse(RunTarget.objects.exists())
        self.assertFalse(ScanResult.objects.exists())
        self.assertEqual(sum(self.probe.begun.values()), 3)
        self.assertNothingHeld()

    def test_pause_lets_finish_what_is_under_way_and_starts_nothing_more(self):
        run = self.start(8)
        self.probe.wait_for(3)
        lifecycle.pause('device-scan', None)
        self.probe.open = True
        self.join()
        self.assertEqual(Counter(row.state for row in self.rows()), {'succeeded': 3, 'waiting': 5})
        self.assertEqual(run.status, 'running')


class StopTest(DrainCase):
    config = {'stop_grace_seconds': 0}

    def setUp(self):
        super().setUp()
        self.stop, self.give_way = stop, give_way = threading.Event(), threading.Event()

        class Watch:
            reason = 'The worker shuts down'

            def __init__(self, run, yield_seconds, is_idle):
                pass

            def should_stop(self):
                return stop.is_set()

            def should_yield(self):
                return give_way.is_set()

        patch = mock.patch('netbox_netops.jobs.base.StopWatch', Watch)
        patch.__enter__()
        self.addCleanup(patch.__exit__, None, None, None)

    def test_what_does_not_finish_goes_back_and_a_successor_is_called(self):
        run = self.start(5)
        get_queue('low').empty()
        self.probe.wait_for(3)
        self.stop.set()
        self.join()
        rows = self.rows()
        self.assertEqual([(row.state, row.attempt, row.returns) for row in rows],
                         [('waiting', 0, 1)] * 3 + [('waiting', 0, 0)] * 2)  # fmt: skip
        self.assertEqual({row.lease_token for row in rows}, {None})
        self.assertEqual((sum(self.probe.begun.values()), len(self.probe.ended)), (3, 3))
        self.assertNothingHeld()
        # Who comes next has them at once.
        self.assertEqual(lifecycle.claimable(run.pk), 5)
        entries = [get_queue('low').fetch_job(pk) for pk in get_queue('low').job_ids]
        self.assertEqual([entry.kwargs['run'] for entry in entries if 'run' in entry.kwargs], [run.pk])

    def test_the_successor_of_what_somebody_waits_for_goes_behind_the_others(self):
        """Its device is held up by something: at the front it would be taken next, and again, before everybody else."""
        run = self.start(1, interactive=True)
        self.assertTrue(run.interactive)
        self.probe.wait_for(1)
        queue = get_queue('low')
        queue.empty()
        webhook = queue.enqueue(print, 'x')
        self.give_way.set()
        self.join()
        own = {str(key): 'successor' for key in run.jobs.values_list('job_id', flat=True)}
        names = own | {webhook.id: 'webhook'}
        # The tick at the end of the job may have queued its own.
        self.assertEqual([names[pk] for pk in queue.job_ids if pk in names], ['webhook', 'successor'])

    def test_a_slow_device_gets_its_time_at_the_second_try(self):
        """It goes back once for others who wait, however often they do, and never as lost."""
        run = self.start(1)
        self.probe.wait_for(1)
        self.give_way.set()
        self.join()
        (row,) = self.rows()
        self.assertEqual((row.state, row.attempt, row.returns), ('waiting', 0, 1))
        self.give_way.clear()
        self.probe.begun.clear()
        self.thread = threading.Thread(target=self._work)
        self.thread.start()
        self.probe.wait_for(1)
        self.give_way.set()
        # Longer than the grace, and than the engine takes to hear of it.
        self.thread.join(1.5)
        self.assertTrue(self.thread.is_alive())
        self.probe.open = True
        self.join()
        (row,) = self.rows()
        self.assertEqual((row.state, row.attempt, row.returns, run.status), ('succeeded', 1, 1, 'succeeded'))

    def test_shutdown_does_not_wait_for_it(self):
        run = self.start(1)
        run.targets.update(returns=1)
        self.probe.wait_for(1)
        self.stop.set()
        self.join()
        self.assertEqual([(row.state, row.returns) for row in self.rows()], [('waiting', 2)])

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'concurrency': 3, 'stop_grace_seconds': 20}})
    def test_what_finishes_within_the_grace_is_written(self):
        run = self.start(5)
        self.probe.wait_for(3)
        self.stop.set()
        self.probe.open = True
        self.join()
        self.assertEqual(Counter(row.state for row in self.rows()), {'succeeded': 3, 'waiting': 2})
        self.assertEqual((run.succeeded, sum(self.probe.begun.values())), (3, 3))

    def test_cancelled_while_it_stops(self):
        run = self.start(3)
        self.probe.wait_for(3)
        with mock.patch('netbox_netops.jobs.source.cancelled_among', return_value=set()):
            # It has not heard of it yet.
            lifecycle.cancel_run(run.pk, None)
            self.stop.set()
            self.join()
        self.assertEqual([row.state for row in self.rows()], ['cancelled'] * 3)
        self.assertEqual(run.status, 'cancelled')


class WithoutRedisTest(DrainCase):
    config = {'concurrency': 8}

    def test_nothing_starts_and_nothing_is_lost(self):
        """It goes on by itself when Redis answers again."""
        failures = threading.Semaphore(0)
        acquire = get_limits().__class__.acquire
        down = threading.Event()
        down.set()

        def unsteady(limits, *arguments):
            if down.is_set():
                failures.release()
                raise RedisConnectionError
            return acquire(limits, *arguments)

        self.probe.open = True
        with (
            mock.patch('netops_worker.limits.Limits.acquire', unsteady),
            # Other jobs may wait in the queues of this test; the one at work would give way to them.
            mock.patch.object(stopping, '_IDLE_SECONDS', PATIENCE),
            self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'),
        ):
            run = self.start(3)
            for _time in range(2):
                self.assertTrue(failures.acquire(timeout=PATIENCE))
            self.assertEqual({row.state for row in self.rows()}, {'waiting'})
            self.assertEqual(sum(self.probe.begun.values()), 0)
            down.clear()
            self.join()
        self.assertEqual((run.status, run.succeeded), ('succeeded', 3))
