"""Who is at work: jobs hear that they shall stop, say that they live, and are closed when they do not."""

import os
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import redis
from core.models import Job
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone
from django_rq import get_connection, get_queue, get_worker
from netbox.registry import registry
from rq.job import JobStatus
from utilities.testing import TestCase

from lab.valkey import free_port
from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs import base, liveness, stopping
from netbox_netops.jobs import tick as ticking
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.jobs.liveness import close_dead_jobs, heartbeat
from netbox_netops.jobs.stopping import StopWatch
from netbox_netops.jobs.tick import TickJob, TickStats, tick
from netbox_netops.models import Run, RunTarget
from tests.integration.core.runs import in_threads, lose_leases, make_overdue, make_run
from tests.integration.factories import make_target


def closed_redis() -> redis.Redis:
    """Nobody listens there."""
    return redis.Redis(port=free_port(), socket_connect_timeout=2)


class JobCase(TestCase):
    def setUp(self):
        super().setUp()
        self.queue = get_queue('low')
        device = make_target().device_id
        with self.captureOnCommitCallbacks(execute=True):
            self.run_ = enqueue('device-scan', user=None, devices=[device]).run
        self.job = self.run_.jobs.get()
        self.entry = self.queue.fetch_job(str(self.job.job_id))


class StopWatchTest(JobCase):
    def setUp(self):
        super().setUp()
        # What a worker does when it takes the job out of its queue.
        self.worker = get_worker('low')
        self.worker.register_birth()
        self.queue.remove(self.entry)
        with self.queue.connection.pipeline() as pipeline:
            self.entry.prepare_for_execution(self.worker.name, pipeline)
            pipeline.execute()
        patch = mock.patch.object(stopping, 'get_current_job', return_value=self.entry)
        patch.__enter__()
        self.addCleanup(patch.__exit__, None, None, None)

    def watch(self, **values):
        values = {'yield_seconds': 3600, 'interval': 0, 'is_idle': lambda: False} | values
        return StopWatch(self.run_, **values)

    def request_stop(self):
        self.worker._shutdown_requested_date = timezone.now()
        self.worker.set_shutdown_requested_date()

    def test_worker_that_is_told_to_end(self):
        """RQ notes it in Redis while it waits for the job to end."""
        watch = self.watch()
        self.assertEqual((watch.should_stop(), watch.reason), (False, ''))
        self.request_stop()
        self.assertTrue(watch.should_stop())
        self.assertEqual(watch.reason, 'The worker shuts down')
        # It stays so, and the job goes on to say that it lives.
        self.queue.connection.flushdb()
        self.assertTrue(watch.should_stop())
        self.assertEqual(len(self.queue.connection.keys('netops:drainer:*')), 1)

    def test_another_worker_that_is_told_to_end(self):
        other = get_worker('low')
        other.register_birth()
        other._shutdown_requested_date = timezone.now()
        other.set_shutdown_requested_date()
        self.assertFalse(self.watch().should_stop())

    def test_worker_process_that_is_gone(self):
        watch = self.watch()
        with mock.patch.object(stopping.os, 'getppid', return_value=os.getppid() + 1):
            self.assertTrue(watch.should_stop())
        self.assertEqual(watch.reason, 'The worker process is gone')

    def test_it_says_that_the_job_lives(self):
        self.watch().should_stop()
        self.assertTrue(0 < self.queue.connection.ttl(f'netops:drainer:{self.job.job_id}') <= 15)

    def test_it_asks_once_a_second(self):
        watch = self.watch(interval=1.0, yield_seconds=1e9)
        with mock.patch.object(stopping, 'heartbeat') as beat, mock.patch.object(stopping.time, 'monotonic') as clock:
            for now in (1e6, 1e6 + 0.9, 1e6 + 1.0, 1e6 + 1.5):
                clock.return_value = now
                watch.should_stop()
        self.assertEqual(beat.call_count, 2)

    def test_without_redis_it_goes_on(self):
        watch = self.watch(yield_seconds=0)
        watch._connection = closed_redis()
        self.assertEqual((watch.should_stop(), watch.should_yield()), (False, False))
        watch._connection = self.queue.connection
        self.request_stop()
        self.assertTrue(watch.should_stop())

    def test_outside_of_a_worker(self):
        with mock.patch.object(stopping, 'get_current_job', return_value=None):
            watch = self.watch(yield_seconds=0)
        self.assertEqual((watch.should_stop(), watch.should_yield()), (False, False))
        self.assertEqual(self.queue.connection.keys('netops:drainer:*'), [])

    def yields(self):
        watch = self.watch(yield_seconds=0)
        answer = watch.should_yield()
        self.assertEqual(watch.reason, 'Others wait in the queue' if answer else '')
        return answer

    def test_nobody_waits(self):
        self.assertFalse(self.yields())

    def test_jobs_of_the_same_run_are_no_others(self):
        from netbox_netops.dispatch import ring

        with self.captureOnCommitCallbacks(execute=True):
            ring(self.run_, drainers=2)
        self.assertEqual(self.queue.count, 2)
        self.assertFalse(self.yields())

    def test_another_run_waits(self):
        with self.captureOnCommitCallbacks(execute=True):
            make_run(1)
        self.assertTrue(self.yields())
        # Not yet.
        self.assertFalse(self.watch(yield_seconds=3600).should_yield())

    def test_what_others_put_into_a_queue_that_the_worker_serves(self):
        self.serve('default', 'low')
        for name, served in (('high', False), ('default', True), ('low', True)):
            for values in ({}, {'job_id': 'nightly-export'}):
                with self.subTest(name, **values):
                    entry = get_queue(name).enqueue(print, 'x', **values)
                    self.assertEqual(self.yields(), served)
                    get_queue(name).remove(entry)
                    self.assertFalse(self.yields())

    def test_worker_that_redis_has_forgotten(self):
        """It was emptied: which queues the worker serves is not written again."""
        self.queue.connection.delete(self.worker.key)
        get_queue('high').enqueue(print, 'x')
        self.assertTrue(self.yields())

    def serve(self, *queues):
        self.worker.register_death()
        self.worker = get_worker(*queues)
        self.worker.register_birth()
        with self.queue.connection.pipeline() as pipeline:
            self.entry.prepare_for_execution(self.worker.name, pipeline)
            pipeline.execute()

    def test_a_job_that_only_waits_does_not_wait_long(self):
        """For a limit, while others could be at work."""
        get_queue('low').enqueue(print, 'x')
        idle = True
        watch = self.watch(is_idle=lambda: idle)
        with mock.patch.object(stopping.time, 'monotonic') as clock:

            def yields(now):
                clock.return_value = 1e6 + now
                return watch.should_yield()

            watch._yield_at = 1e6 + 3600
            self.assertEqual([yields(0), yields(1)], [False, False])
            idle = False
            self.assertFalse(yields(2))
            idle = True
            # Since it is idle again.
            self.assertEqual([yields(3), yields(4), yields(5)], [False, False, True])

    def test_a_job_that_only_waits_goes_on_alone(self):
        watch = self.watch(is_idle=lambda: True)
        with mock.patch.object(stopping.time, 'monotonic') as clock:
            for now in range(10):
                clock.return_value = 1e6 + now
                self.assertFalse(watch.should_yield())


class DeadJobTest(JobCase):
    """The core job of a run: `age` of the job in seconds, what Redis says of it, and what else there is of its work."""

    def prepare(self, *, age=90, entry=None, beat=False, started=None, queued=True, lease=False):
        moment = timezone.now() - timedelta(seconds=age)
        self.run_.jobs.update(created=moment, started=moment, status='running', error='', completed=None)
        get_connection('default').flushdb()
        if entry is not None:
            self.entry.started_at = started and timezone.now() - timedelta(seconds=started)
            self.entry.save()
            self.entry.set_status(entry)
            if queued:
                self.queue.push_job_id(self.entry.id)
        if beat:
            heartbeat(get_connection('default'), str(self.job.job_id))
        state = {'state': 'running', 'lease_until': timezone.now() + timedelta(minutes=1)}
        self.run_.targets.update(**state if lease else {'state': 'waiting', 'lease_until': None})
        Run.objects.update(status='running')

    def test_who_is_alive(self):
        for values, alive in (
            ({'age': 5}, True),
            ({}, False),
            ({'entry': JobStatus.QUEUED}, True),
            # Its worker was killed between taking it out of the queue and saying so, or is about to say so.
            ({'entry': JobStatus.QUEUED, 'queued': False}, False),
            ({'entry': JobStatus.QUEUED, 'queued': False, 'age': 50}, True),
            ({'entry': JobStatus.SCHEDULED, 'queued': False}, True),
            ({'entry': JobStatus.DEFERRED, 'queued': False}, True),
            ({'entry': JobStatus.FINISHED}, False),
            ({'entry': JobStatus.FAILED}, False),
            # For minutes Redis believes that a killed worker is at work.
            ({'entry': JobStatus.STARTED}, False),
            ({'entry': JobStatus.STARTED, 'started': 60}, False),
            ({'entry': JobStatus.STARTED, 'beat': True}, True),
            # It waited for long, and has just been taken up: the process that works is about to begin.
            ({'entry': JobStatus.STARTED, 'started': 1}, True),
            # A lease says nothing: it outlives its holder, or another job of the run has it.
            ({'entry': JobStatus.STARTED, 'lease': True}, False),
            # Redis was emptied, and the job goes on.
            ({'beat': True}, True),
        ):
            with self.subTest(**values):
                self.prepare(**values)
                if alive:
                    found = close_dead_jobs()
                else:
                    with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
                        found = close_dead_jobs()
                self.job.refresh_from_db()
                self.assertEqual(found, {self.run_.pk: 1} if alive else {})
                self.assertEqual((self.job.status, self.job.error),
                                 ('running', '') if alive else ('errored', 'Its worker is gone'))  # fmt: skip
                self.assertEqual(self.job.completed is None, alive)

    def test_one_of_two_is_dead(self):
        self.prepare()
        twin = Job.objects.create(object=self.run_, name='x', job_id=uuid.uuid4(), status='running')
        Job.objects.filter(pk=twin.pk).update(created=timezone.now() - timedelta(hours=1))
        heartbeat(get_connection('default'), str(twin.job_id))
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(close_dead_jobs(), {self.run_.pk: 1})
        self.assertEqual(list(self.run_.jobs.order_by('pk').values_list('status', flat=True)), ['errored', 'running'])

    def test_heartbeat_that_stopped(self):
        self.prepare(beat=True)
        get_connection('default').pexpire(f'netops:drainer:{self.job.job_id}', 1)
        while get_connection('default').exists(f'netops:drainer:{self.job.job_id}'):
            pass
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(close_dead_jobs(), {})

    def test_what_has_ended_and_what_is_not_ours_is_left_alone(self):
        self.prepare()
        self.run_.jobs.update(status='completed')
        foreign = Job.objects.create(name='Report', job_id=uuid.uuid4(), status='running')
        Job.objects.filter(pk=foreign.pk).update(created=timezone.now() - timedelta(hours=1))
        self.assertEqual(close_dead_jobs(), {})
        self.assertEqual(set(Job.objects.values_list('status', flat=True)), {'completed', 'running'})

    def test_without_redis_nobody_knows(self):
        self.prepare()
        with (
            mock.patch.object(liveness, 'get_connection', return_value=closed_redis()),
            self.assertLogs('netbox.netbox_netops.tick', 'ERROR'),
        ):
            self.assertIsNone(close_dead_jobs())
        self.job.refresh_from_db()
        self.assertEqual(self.job.status, 'running')


class BeatingTest(TestCase):
    def test_it_beats_again_and_again_until_the_end(self):
        beats, enough = [], threading.Event()

        def beat(connection, job):
            beats.append(job)
            if len(beats) == 1:
                raise redis.ConnectionError
            if len(beats) == 3:
                enough.set()

        with (
            mock.patch.object(liveness, 'heartbeat', beat),
            mock.patch.object(liveness, '_BEAT_SECONDS', 0.01),
            liveness.beating('x'),
        ):
            self.assertTrue(enough.wait(30))
        self.assertEqual(set(beats), {'x'})
        self.assertNotIn('netops-heartbeat', [thread.name for thread in threading.enumerate()])

    def test_the_work_may_fail(self):
        with self.assertRaises(ZeroDivisionError), liveness.beating('x'):
            raise ZeroDivisionError
        self.assertNotIn('netops-heartbeat', [thread.name for thread in threading.enumerate()])

    def test_what_runs_while_its_job_beats(self):
        """The tick, of the system job and at the end of each other."""
        run = make_run(1)
        seen = []

        @contextmanager
        def beating(job):
            seen.append(job)
            yield
            seen.append('end')

        def tick():
            seen.append('tick')
            return TickStats(ran=True)

        with mock.patch.object(ticking, 'beating', beating), mock.patch.object(ticking, 'tick', tick):
            job = TickJob.enqueue(immediate=True)
            self.assertEqual(seen, [job.job_id, 'tick', 'end'])
            seen.clear()
            with mock.patch.object(base, 'beating', beating), mock.patch.object(DeviceScanJob, 'work'):
                job = DeviceScanJob.enqueue(instance=run, immediate=True, run=run.pk)
            self.assertEqual(seen, [job.job_id, 'tick', 'end'])


class ReviveTest(TransactionTestCase):
    """The tick brings its own system job back: NetBox does so only when a worker starts, and not while a row runs."""

    def setUp(self):
        ticking._revival.due = 0.0
        self.queue = get_queue('low')

    def tick_job(self, status='running', minutes=10):
        job = TickJob.enqueue_once(**registry['system_jobs'][TickJob])
        moment = timezone.now() - timedelta(minutes=minutes)
        Job.objects.filter(pk=job.pk).update(status=status, created=moment, started=moment)
        return job

    def rows(self):
        return list(Job.objects.filter(name=TickJob.name).order_by('pk').values_list('status', flat=True))

    def test_there_is_none(self):
        tick()
        self.assertEqual(len(self.rows()), 1)

    def test_its_worker_was_killed(self):
        """RQ forgets a job of a killed worker, or says that it failed; the row of NetBox would run for ever."""
        for forget in (True, False):
            with self.subTest(forget):
                Job.objects.filter(name=TickJob.name).delete()
                ticking._revival.due = 0.0
                job = self.tick_job()
                if forget:
                    self.queue.connection.flushdb()
                else:
                    self.queue.fetch_job(str(job.job_id)).set_status(JobStatus.FAILED)
                with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
                    tick()
                rows = self.rows()
                self.assertEqual((len(rows), rows[0]), (2, 'errored'))
                self.assertIn(rows[1], ('pending', 'scheduled'))
                successor = Job.objects.filter(name=TickJob.name).order_by('pk').last()
                self.assertEqual((successor.interval, successor.queue_name), (1, 'low'))
                self.assertIsNotNone(self.queue.fetch_job(str(successor.job_id)))

    def test_its_entry_was_lost_while_it_waited(self):
        self.tick_job('scheduled')
        self.queue.connection.flushdb()
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            tick()
        self.assertEqual(len(self.rows()), 2)

    def test_one_that_waits_or_is_at_work_is_left_alone(self):
        self.tick_job('scheduled')
        tick()
        self.assertEqual(self.rows(), ['scheduled'])
        self.queue.connection.flushdb()
        for seconds, beats in ((5, False), (3600, True)):
            with self.subTest(seconds):
                ticking._revival.due = 0.0
                moment = timezone.now() - timedelta(seconds=seconds)
                Job.objects.filter(name=TickJob.name).update(status='running', created=moment, started=moment)
                if beats:
                    heartbeat(self.queue.connection, str(Job.objects.get(name=TickJob.name).job_id))
                tick()
                self.assertEqual(self.rows(), ['running'])

    def test_not_with_each_tick(self):
        tick()
        Job.objects.filter(name=TickJob.name).delete()
        tick()
        self.assertEqual(self.rows(), [])

    def test_without_redis(self):
        """The rest of the tick is done all the same."""
        self.tick_job()
        run = make_run(1)
        make_overdue()
        with (
            mock.patch.object(liveness, 'get_connection', return_value=closed_redis()),
            self.assertLogs('netbox.netbox_netops.tick', 'ERROR'),
        ):
            self.assertEqual(tick(), TickStats(ran=True, expired=1))
        run.refresh_from_db()
        self.assertEqual((run.status, self.rows()), ('expired', ['running']))


class TickLocksTest(TransactionTestCase):
    def test_no_step_keeps_runs_locked_for_the_next_one(self):
        """Each locks runs in their order. Together they would not, and could wait in a circle with others who do."""
        lost = make_run(1)
        overdue = make_run(1)
        lifecycle.claim(lost.pk, 1, worker='w', lease_seconds=60)
        lose_leases()
        make_overdue()
        reap, found = ticking.reap_leases, []

        def locked():
            with transaction.atomic():
                return Run.objects.select_for_update(nowait=True).get(pk=overdue.pk).status

        def look():
            found.extend(in_threads(locked))
            return reap()

        with mock.patch.object(ticking, 'reap_leases', look):
            self.assertEqual(tick().reaped, 1)
        self.assertEqual(found, ['expired'])

    def test_claims_while_it_ticks(self):
        """Rows that a claimer looks at are passed over, and not waited for."""
        run = enqueue('device-scan', user=None, devices=[make_target().device_id]).run
        make_overdue()
        with transaction.atomic():
            self.assertEqual(RunTarget.objects.select_for_update().get().run, run)
            self.assertEqual([item.expired for item in in_threads(tick)], [0])
        connection.close()
        self.assertEqual(tick().expired, 1)
