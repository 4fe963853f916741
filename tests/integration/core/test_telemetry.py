"""What is counted for metrics: how rows ended, each once, whatever retention deletes."""

import time
from datetime import timedelta
from unittest import mock

import django_rq
from django.db import transaction
from django.test import TransactionTestCase
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from netbox_netops import lifecycle, telemetry
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs.tick import tick
from netbox_netops.models import Run, RunTarget
from netbox_netops.results import ResultSink
from netbox_netops.telemetry import BUCKETS, read_telemetry
from netops_worker.wire import Result
from tests.integration.factories import make_target

KIND = 'device-scan'


class TotalsTest(TransactionTestCase):
    def start(self, targets=1, lease_seconds=60):
        devices = [make_target(address=f'192.0.2.{number + 1}').device_id for number in range(targets)]
        run = enqueue(KIND, user=None, devices=devices).run
        return lifecycle.claim(run.pk, targets, worker='w', lease_seconds=lease_seconds).claims

    def result(self, claim, **values):
        values = {'ok': True, 'duration_ms': 80.0, 'attempt': 1, 'lease_token': claim.lease_token} | values
        return Result(
            task=claim.id, run=RunTarget.objects.get(pk=claim.id).run_id, target=claim.target, kind=KIND,
            started_at=time.time(), worker='w', **values,
        )  # fmt: skip

    def totals(self):
        return read_telemetry()[0]

    def test_results_by_how_they_ended(self):
        good, bad, again = self.start(3)
        ResultSink().write(
            [
                self.result(good),
                self.result(bad, ok=False, error_code='credential:rejected', duration_ms=700.0),
                self.result(again, ok=False, error_code='unreachable:no-response', duration_ms=3000.0),
            ]
        )
        totals = self.totals()
        self.assertEqual(totals.finished, {(KIND, 'succeeded', ''): 1, (KIND, 'failed', 'credential'): 1})
        self.assertEqual((totals.retries, totals.lost, totals.refused), ({KIND: 1}, {}, {}))
        durations = totals.durations[KIND]
        self.assertAlmostEqual(durations.seconds, 3.78)
        counted = {bound: number for bound, number in zip(BUCKETS, durations.buckets, strict=False) if number}
        self.assertEqual(counted, {0.1: 1, 1.0: 1, 5.0: 1})

    def test_late_results_are_refused_and_counted_as_that(self):
        (claim,) = self.start()
        result = self.result(claim)
        ResultSink().write([result])
        with self.assertLogs('netbox.netbox_netops.results', 'WARNING'):
            ResultSink().write([result])
        totals = self.totals()
        self.assertEqual((totals.finished, totals.refused), ({(KIND, 'succeeded', ''): 1}, {KIND: 1}))
        self.assertEqual(sum(totals.durations[KIND].buckets), 1)

    def test_what_was_closed_without_a_probe_took_no_time(self):
        (claim,) = self.start()
        ResultSink().write([self.result(claim, ok=False, error_code='target:gone', duration_ms=0)])
        totals = self.totals()
        self.assertEqual((totals.finished, totals.durations), ({(KIND, 'failed', 'target'): 1}, {}))

    def test_what_ended_without_a_result(self):
        lost, _other = self.start(2)
        run = Run.objects.get()
        RunTarget.objects.filter(pk=lost.id).update(lease_until=timezone.now(), attempt=9)
        RunTarget.objects.exclude(pk=lost.id).update(lease_until=timezone.now(), attempt=1)
        lifecycle.reap_leases()
        totals = self.totals()
        self.assertEqual((totals.finished, totals.lost), ({(KIND, 'failed', 'lease'): 1}, {KIND: 2}))
        RunTarget.objects.filter(state='waiting').update(expires=timezone.now())
        lifecycle.expire_overdue()
        self.assertEqual(self.totals().finished[KIND, 'expired', 'expired'], 1)
        run = enqueue(KIND, user=None, devices=[make_target(address='192.0.2.9').device_id]).run
        lifecycle.cancel_run(run.pk, None)
        self.assertEqual(self.totals().finished[KIND, 'cancelled', 'cancelled'], 1)
        self.assertEqual(sum(self.totals().finished.values()), RunTarget.objects.count())

    def test_nothing_that_was_rolled_back_is_counted(self):
        (claim,) = self.start()
        with transaction.atomic():
            ResultSink().write([self.result(claim)])
            transaction.set_rollback(True)
        self.assertEqual(self.totals().finished, {})

    def test_totals_do_not_shrink_when_rows_are_deleted(self):
        (claim,) = self.start()
        ResultSink().write([self.result(claim)])
        before = self.totals()
        old = timezone.now() - timedelta(days=400)
        Run.objects.update(created=old, finished=old)
        with self.assertLogs('netbox.netbox_netops.retention', 'INFO'):
            tick()
        self.assertFalse(Run.objects.exists())
        self.assertEqual(self.totals(), before)

    def test_without_redis_results_are_stored_all_the_same(self):
        (claim,) = self.start()
        with (
            mock.patch.object(telemetry, 'quick_redis', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.telemetry', 'WARNING') as logs,
        ):
            self.assertEqual(ResultSink().write([self.result(claim)]), 1)
        self.assertIn('totals are not counted (ConnectionError)', logs.output[0])
        self.assertEqual(RunTarget.objects.get().state, 'succeeded')


class TickTest(TransactionTestCase):
    def test_it_is_noted_when_the_tick_ran(self):
        self.assertIsNone(read_telemetry()[1])
        tick()
        self.assertLess(read_telemetry()[1], 60)
        django_rq.get_connection('default').set('netops:tick', repr(time.time() - 90))
        self.assertAlmostEqual(read_telemetry()[1], 90, delta=5)

    def test_a_clock_that_is_ahead_is_now(self):
        django_rq.get_connection('default').set('netops:tick', repr(time.time() + 90))
        self.assertEqual(read_telemetry()[1], 0)

    def test_without_redis_the_tick_goes_on(self):
        with (
            mock.patch.object(telemetry, 'quick_redis', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.telemetry', 'WARNING'),
        ):
            self.assertTrue(tick().ran)
