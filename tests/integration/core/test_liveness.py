"""Who is at work: jobs hear that they shall stop, say that they live, and are closed when they do not."""

import os
import uuid
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
from netbox_netops.jobs import liveness, stopping
from netbox_netops.jobs import tick as ticking
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
        return StopWatch(self.run_, **{'yield_seconds': 3600, 'interval': 0} | values)

    def request_stop(self):
        self.worker._shutdown_requested_date = timezone.now()
        self.worker.set_shutdown_requested_date()

    def test_worker_that_is_told_to_end(self):
        """RQ notes it in Redis while it waits for the job to end."""
        watch = self.watch()
        self.assertEqual((watch(), watch.reason), (False, ''))
        self.request_stop()
        self.assertTrue(watch())
        self.assertEqual(watch.reason, 'The worker shuts down')
        # It stays so, without another look.
        self.queue.connection.flushdb()
        self.assertTrue(watch())

    def test_another_worker_that_is_told_to_end(self):
        other = get_worker('low')
        other.register_birth()
        other._shutdown_requested_date = timezone.now()
        other.set_shutdown_requested_date()
        self.assertFalse(self.watch()())

    def test_worker_process_that_is_gone(self):
        watch = self.watch()
        with mock.patch.object(stopping.os, 'getppid', return_value=os.getppid() + 1):
            self.assertTrue(watch())
        self.assertEqual(watch.reason, 'The worker process is gone')

    def test_it_says_that_the_job_lives(self):
        self.watch()()
        self.assertTrue(0 < self.queue.connection.ttl(f'netops:drainer:{self.job.job_id}') <= 15)

    def test_it_asks_once_a_second(self):
        watch = self.watch(interval=1.0, yield_seconds=1e9)
        with mock.patch.object(stopping, 'heartbeat') as beat, mock.patch.object(stopping.time, 'monotonic') as clock:
            for now in (1e6, 1e6 + 0.9, 1e6 + 1.0, 1e6 + 1.5):
                clock.return_value = now
                watch()
        self.assertEqual(beat.call_count, 2)

    def test_without_redis_it_goes_on(self):
        watch = self.watch(yield_seconds=0)
        watch._connection = closed_redis()
        self.assertFalse(watch())
        watch._connection = self.queue.connection
        self.request_stop()
        self.assertTrue(watch())

    def test_outside_of_a_worker(self):
        with mock.patch.object(stopping, 'get_current_job', return_value=None):
            watch = self.watch(yield_seconds=0)
        self.assertFalse(watch())
        self.assertEqual(self.queue.connection.keys('netops:drainer:*'), [])

    def yields(self):
        watch = self.watch(yield_seconds=0)
        stop = watch()
        self.assertEqual(watch.reason, 'Others wait in the queue' if stop else '')
        return stop

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
        self.assertFalse(self.watch(yield_seconds=3600)())

    def test_what_others_put_into_any_queue_of_netbox(self):
        for name in ('high', 'default', 'low'):
            for values in ({}, {'job_id': 'nightly-export'}):
                with self.subTest(name, **values):
                    entry = get_queue(name).enqueue(print, 'x', **values)
                    self.assertTrue(self.yields())
                    get_queue(name).remove(entry)
                    self.assertFalse(self.yields())


class DeadJobTest(JobCase):
    """The core job of a run: `age` of the job in seconds, what Redis says of it, and what else there is of its work."""

    def prepare(self, *, age=60, entry=None, beat=False, lease=False, finished=None):
        moment = timezone.now() - timedelta(seconds=age)
        self.run_.jobs.update(created=moment, started=moment, status='running', error='', completed=None)
        get_connection('default').flushdb()
        if entry is not None:
            self.entry.save()
            self.entry.set_status(entry)
        if beat:
            heartbeat(get_connection('default'), str(self.job.job_id))
        state = {'state': 'running', 'lease_until': timezone.now() + timedelta(minutes=1)}
        self.run_.targets.update(**state if lease else {'state': 'waiting', 'lease_until': None})
        ended = {} if finished is None else {'finished': timezone.now() - timedelta(seconds=finished)}
        Run.objects.update(status='running' if finished is None else 'succeeded', finished=None)
        Run.objects.update(**ended or {'finished': None})

    def test_who_is_alive(self):
        for values, alive in (
            ({'age': 5}, True),
            ({}, False),
            ({'entry': JobStatus.QUEUED}, True),
            ({'entry': JobStatus.SCHEDULED}, True),
            ({'entry': JobStatus.DEFERRED}, True),
            ({'entry': JobStatus.FINISHED}, False),
            ({'entry': JobStatus.FAILED}, False),
            # For minutes Redis believes that a killed worker is at work.
            ({'entry': JobStatus.STARTED}, False),
            ({'entry': JobStatus.STARTED, 'lease': True}, True),
            ({'entry': JobStatus.STARTED, 'finished': 5}, True),
            ({'entry': JobStatus.STARTED, 'finished': 60}, False),
            # Another job of the run may hold that lease.
            ({'lease': True}, False),
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
                self.assertEqual(found, {self.run_.pk} if alive else set())
                self.assertEqual((self.job.status, self.job.error),
                                 ('running', '') if alive else ('errored', 'Its worker is gone'))  # fmt: skip
                self.assertEqual(self.job.completed is None, alive)

    def test_one_of_two_is_dead(self):
        self.prepare()
        twin = Job.objects.create(object=self.run_, name='x', job_id=uuid.uuid4(), status='running')
        Job.objects.filter(pk=twin.pk).update(created=timezone.now() - timedelta(hours=1))
        heartbeat(get_connection('default'), str(twin.job_id))
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(close_dead_jobs(), {self.run_.pk})
        self.assertEqual(list(self.run_.jobs.order_by('pk').values_list('status', flat=True)), ['errored', 'running'])

    def test_heartbeat_that_stopped(self):
        self.prepare(beat=True)
        get_connection('default').pexpire(f'netops:drainer:{self.job.job_id}', 1)
        while get_connection('default').exists(f'netops:drainer:{self.job.job_id}'):
            pass
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(close_dead_jobs(), set())

    def test_what_has_ended_and_what_is_not_ours_is_left_alone(self):
        self.prepare()
        self.run_.jobs.update(status='completed')
        foreign = Job.objects.create(name='Report', job_id=uuid.uuid4(), status='running')
        Job.objects.filter(pk=foreign.pk).update(created=timezone.now() - timedelta(hours=1))
        self.assertEqual(close_dead_jobs(), set())
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
        ticking._revival.due = 0.0
        self.queue.connection.flushdb()
        moment = timezone.now()
        Job.objects.filter(name=TickJob.name).update(status='running', created=moment, started=moment)
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
