"""The tick repairs what nobody asks for: overdue work, silent workers, lost bells."""

import math
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from io import StringIO
from unittest import mock

import django_rq
from core.models import Job
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection, connections
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from django_pg_utils import advisory_lock
from netbox.registry import registry
from redis.exceptions import ConnectionError as RedisConnectionError

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs import tick as module
from netbox_netops.jobs.tick import TickJob, TickStats, tick
from netbox_netops.management.commands import netops_scheduler
from netbox_netops.models import Run, RunTarget
from netops_worker.stopping import Stop
from tests.integration.factories import make_target


class TickTest(TransactionTestCase):
    def make_run(self, age=60, targets=1):
        devices = [make_target().device_id for _ in range(targets)]
        run = enqueue('device-scan', user=None, devices=devices).run
        created = timezone.now() - timedelta(seconds=age)
        Run.objects.filter(pk=run.pk).update(created=created)
        run.jobs.update(created=created)
        return run

    def queued(self, run):
        """How many jobs of the run Redis knows. The tick may have brought its own system job back, too."""
        known = set(django_rq.get_queue('low').job_ids)
        return sum(str(job) in known for job in run.jobs.values_list('job_id', flat=True))

    def test_nothing_to_do(self):
        self.make_run()
        self.assertEqual(tick(), TickStats(ran=True))

    def test_overdue_work_expires(self):
        run = self.make_run()
        RunTarget.objects.update(expires=timezone.now())
        self.assertEqual(tick(), TickStats(ran=True, expired=1))
        run.refresh_from_db()
        self.assertEqual(run.status, 'expired')

    def test_run_whose_last_row_was_finished_by_a_killed_worker_is_settled(self):
        run = self.make_run()
        RunTarget.objects.update(state='succeeded')
        tick()
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded), ('succeeded', 1))

    def test_silent_worker_loses_its_target_and_the_bell_rings_again(self):
        """Its core job, of which Redis knows nothing any more, does not stay in the list as running."""
        run = self.make_run()
        lifecycle.claim(run.pk, 1, worker='w', lease_seconds=60)
        Job.objects.filter(object_id=run.pk, object_type__model='run').update(status='running')
        RunTarget.objects.update(lease_until=timezone.now())
        django_rq.get_queue('low').empty()
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(tick(), TickStats(ran=True, reaped=1, rung=1))
        self.assertEqual(RunTarget.objects.get().state, 'waiting')
        statuses = list(run.jobs.order_by('pk').values_list('status', 'error'))
        self.assertEqual(statuses, [('errored', 'Its worker is gone'), ('pending', '')])
        self.assertEqual(self.queued(run), 1)
        self.assertEqual(tick(), TickStats(ran=True))

    def test_flushed_redis_is_rung_again(self):
        run = self.make_run()
        django_rq.get_queue('low').connection.flushdb()
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(tick().rung, 1)
        self.assertEqual(self.queued(run), 1)
        self.assertEqual(run.jobs.filter(status='pending').count(), 1)

    def test_job_that_redis_believes_in_but_holds_no_lease_is_replaced(self):
        """A killed worker: Redis says "started" for minutes."""
        run = self.make_run()
        job = run.jobs.get()
        entry = django_rq.get_queue('low').fetch_job(str(job.job_id))
        django_rq.get_queue('low').remove(entry)
        entry.set_status('started')
        (claim,) = lifecycle.claim(run.pk, 1, worker='w', lease_seconds=60).claims
        run.jobs.update(status='running', started=timezone.now())
        RunTarget.objects.filter(pk=claim.id).update(lease_until=timezone.now())
        self.assertEqual(tick(), TickStats(ran=True, reaped=1, rung=0))
        run.jobs.update(started=timezone.now() - timedelta(minutes=1))
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(tick().rung, 1)
        self.assertEqual(list(run.jobs.order_by('pk').values_list('status', flat=True)), ['errored', 'pending'])

    def test_what_a_killed_worker_had_not_touched_does_not_wait_for_its_leases(self):
        run = self.make_run(targets=2)
        entry = django_rq.get_queue('low').fetch_job(str(run.jobs.get().job_id))
        django_rq.get_queue('low').remove(entry)
        entry.set_status('started')
        lifecycle.claim(run.pk, 1, worker='w', lease_seconds=3600)
        run.jobs.update(status='running', started=timezone.now() - timedelta(seconds=20))
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(tick(), TickStats(ran=True, rung=1))
        self.assertEqual(self.queued(run), 1)
        self.assertEqual(set(run.targets.values_list('state', flat=True)), {'running', 'waiting'})

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'drainers': 3, 'concurrency': 2}})
    def test_jobs_that_are_missing_are_rung_for(self):
        """One of several was killed: the others do not have to do its work."""
        run = self.make_run(targets=10)
        first, *others = run.jobs.order_by('pk')
        self.assertEqual(len(others), 2)
        self.assertEqual(tick().rung, 0)
        for job in others:
            django_rq.get_queue(job.queue_name).remove(str(job.job_id))
        with self.assertLogs('netbox.netbox_netops.tick', 'WARNING'):
            self.assertEqual(tick().rung, 1)
        waiting = run.jobs.filter(status='pending')
        self.assertEqual((waiting.count(), waiting.filter(pk=first.pk).count()), (3, 1))
        # No more than there is work for.
        run.targets.filter(pk__in=run.targets.values('pk')[:9]).update(state='failed', finished=timezone.now())
        waiting.exclude(pk=first.pk).delete()
        self.assertEqual(tick().rung, 0)

    def test_the_gateway_of_a_silent_worker_is_rung_at(self):
        run = self.make_run()
        lifecycle.claim(run.pk, 1, worker='w', lease_seconds=60)
        RunTarget.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        with mock.patch.object(module, 'ring_gateways') as rung:
            tick()
            tick()
        rung.assert_called_once_with(run)

    def test_young_run_is_left_to_its_request(self):
        self.make_run(age=1)
        django_rq.get_queue('low').connection.flushdb()
        self.assertEqual(tick().rung, 0)

    def test_one_at_a_time(self):
        self.make_run()
        results = []

        def other():
            results.append(tick())
            connections.close_all()

        with advisory_lock(module._LOCK):
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        self.assertEqual(results, [TickStats(ran=False)])
        self.assertTrue(tick().ran)

    @mock.patch.object(module._revival, 'due', math.inf)
    def test_system_job_leaves_no_trail(self):
        self.assertIn(TickJob, registry['system_jobs'])
        old = timezone.now() - timedelta(hours=2)
        for status in ('completed', 'errored'):
            job = TickJob.enqueue(immediate=True)
            Job.objects.filter(pk=job.pk).update(completed=old, status=status)
        TickJob.enqueue(immediate=True)
        jobs = Job.objects.filter(name=TickJob.name).order_by('pk')
        self.assertEqual(list(jobs.values_list('status', flat=True)), ['errored', 'completed'])


class SchedulerTest(TransactionTestCase):
    def test_once(self):
        out = StringIO()
        call_command('netops_scheduler', once=True, stdout=out)
        self.assertIn('ran=True', out.getvalue())

    def ticks(self, *outcomes):
        """Let the scheduler tick with these outcomes (exceptions, functions, values); then it is told to end.

        Returns the pauses after them.
        """
        pauses = []
        left = iter(outcomes)

        def turn():
            outcome = next(left)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome() if callable(outcome) else outcome

        class Pauses(Stop):
            def wait(self, seconds):
                pauses.append(seconds)
                if len(pauses) == len(outcomes):
                    self.request()

        with (
            mock.patch.object(netops_scheduler, 'tick', turn),
            mock.patch.object(netops_scheduler, 'Stop', Pauses),
            mock.patch.object(netops_scheduler.signal, 'signal'),
        ):
            try:
                call_command('netops_scheduler', interval=2.0, stdout=StringIO())
            finally:
                self.pauses = pauses
        return pauses

    def test_servers_that_are_away(self):
        """Whatever says so, and however long: the pauses grow, and end with the trouble."""
        good = TickStats(ran=True)
        with self.assertLogs('netbox.netbox_netops.scheduler', 'ERROR') as logs:
            pauses = self.ticks(
                OperationalError('the connection is lost'), InterfaceError('connection already closed'), good,
                *[RedisConnectionError('refused')] * 7, good,
            )  # fmt: skip
        self.assertEqual(pauses, [2, 4, 2, 2, 4, 8, 16, 30, 30, 30, 2])
        self.assertIn('Traceback', logs.output[0])

    def test_a_defect_that_passes(self):
        with self.assertLogs('netbox.netbox_netops.scheduler', 'ERROR'):
            self.assertEqual(len(self.ticks(*[KeyError('x')] * 4, TickStats(ran=True), *[KeyError('x')] * 4)), 9)

    def test_a_defect_that_stays_ends_the_process(self):
        """With an error, for its supervisor to see."""
        with self.assertLogs('netbox.netbox_netops.scheduler', 'ERROR') as logs, self.assertRaises(KeyError):
            self.ticks(*[KeyError('x')] * 9)
        self.assertEqual((len(logs.output), len(self.pauses)), (4, 4))

    def test_connection_that_was_cut(self):
        """By a restart of PostgreSQL, say: the next tick has a new one."""
        pids = []

        def lose():
            with connection.cursor() as cursor:
                cursor.execute('SELECT pg_backend_pid()')
                pids.append(cursor.fetchone()[0])
                if len(pids) == 1:
                    cursor.execute('SELECT pg_terminate_backend(pg_backend_pid())')
            return TickStats(ran=True)

        with self.assertLogs('netbox.netbox_netops.scheduler', 'ERROR'):
            self.ticks(lose, lose)
        self.assertNotEqual(*pids)

    def test_process_ticks_and_ends_on_sigterm(self):
        run = enqueue('device-scan', user=None, devices=[make_target().device_id]).run
        RunTarget.objects.update(expires=timezone.now())
        process = subprocess.Popen(
            [sys.executable, '-m', 'netbox', 'netops_scheduler', '--interval', '0.05'],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            self.assertIn('a tick every 0.05 s', process.stdout.readline())
            deadline = timezone.now() + timedelta(seconds=30)
            while Run.objects.get(pk=run.pk).status == 'queued':
                self.assertLess(timezone.now(), deadline)
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0, output)
        self.assertEqual(Run.objects.get(pk=run.pk).status, 'expired')
