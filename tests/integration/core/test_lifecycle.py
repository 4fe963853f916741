"""The life of RunTargets: claimed once, finished with a valid lease only, taken back, expired."""

import threading
import uuid
from datetime import timedelta

from django.db import connection, connections, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from netbox_netops import lifecycle
from netbox_netops.models import Run, RunTarget
from netbox_netops.results import ResultSink
from netbox_netops.settings import get_settings
from tests.integration.core.runs import LifecycleCase, lose_leases, make_overdue, make_result, make_run


class ClaimTest(LifecycleCase):
    def test_oldest_first_each_once(self):
        run = make_run(3)
        first, second, third = self.claim(run, 2), self.claim(run, 2), self.claim(run, 2)
        ids = list(run.targets.order_by('pk').values_list('pk', flat=True))
        self.assertEqual([item.id for item in first + second], ids)
        self.assertEqual(third, [])
        row = RunTarget.objects.get(pk=ids[0])
        self.assertEqual((row.state, row.attempt, row.worker), ('running', 1, 'w1'))
        self.assertEqual(str(row.lease_token), first[0].lease_token)
        self.assertGreater(row.lease_until, row.started)

    def test_first_claim_starts_the_run(self):
        run = make_run(1)
        self.claim(run)
        run.refresh_from_db()
        self.assertEqual(run.status, 'running')
        self.assertIsNotNone(run.started)

    def test_empty_claim_does_not_start_the_run(self):
        run = make_run(1)
        RunTarget.objects.update(next_attempt=timezone.now() + timedelta(hours=1))
        self.assertEqual(self.claim(run), [])
        self.assertFalse(lifecycle.claimable(run.pk))
        run.refresh_from_db()
        self.assertEqual(run.status, 'queued')

    def test_target_in_use_by_another_exclusive_run_is_left_alone(self):
        run = make_run(1)
        busy = run.targets.get()
        other = Run.objects.create(kind='device-scan', expires=run.expires, total=1)
        RunTarget.objects.create(
            run=other, target=busy.target, name='x', dedup_key='other-kind', exclusive=True, expires=run.expires
        )
        self.assertEqual(len(self.claim(run)), 1)
        self.assertEqual(self.claim(other), [])
        lifecycle.finish([make_result(lifecycle.Claim(busy.pk, busy.target_id, '', 1, self._token(busy)), run)])
        self.assertEqual(len(self.claim(other)), 1)

    def _token(self, row):
        row.refresh_from_db()
        return str(row.lease_token)


class FinishTest(LifecycleCase):
    def test_outcome_and_counts(self):
        run = make_run(3)
        one, two, three = self.claim(run)
        self.finish(
            make_result(one, run), make_result(two, run, ok=False, error_code='snmp:malformed', error_detail='a\0b')
        )
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded, run.failed, run.done), ('running', 1, 1, 2))
        row = RunTarget.objects.get(pk=two.id)
        self.assertEqual((row.state, row.error_code, row.error_detail), ('failed', 'snmp:malformed', 'ab'))
        self.assertEqual((row.lease_token, row.lease_until), (None, None))
        self.finish(make_result(three, run))
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded, run.failed), ('partial', 2, 1))
        self.assertIsNotNone(run.finished)

    def test_status_of_a_finished_run(self):
        cases = (
            (('succeeded', 'succeeded'), 'succeeded'),
            (('succeeded', 'failed'), 'partial'),
            (('succeeded', 'expired'), 'partial'),
            (('failed', 'failed'), 'failed'),
            (('failed', 'expired'), 'failed'),
            (('expired', 'expired'), 'expired'),
            (('cancelled', 'expired'), 'expired'),
            (('cancelled', 'cancelled'), 'cancelled'),
        )
        for states, status in cases:
            run = make_run(2)
            for row, state in zip(run.targets.all(), states, strict=True):
                RunTarget.objects.filter(pk=row.pk).update(state=state)
            lifecycle.settle([run.pk])
            run.refresh_from_db()
            self.assertEqual(run.status, status, states)

    def test_result_without_a_valid_lease_is_refused(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.assertEqual(self.finish(make_result(claim, run, lease_token=str(uuid.uuid4()))), set())
        self.assertEqual(run.targets.get().state, 'running')
        self.assertEqual(self.finish(make_result(claim, run)), {claim.id})
        # A second result of the same owner finds no lease any more.
        self.assertEqual(self.finish(make_result(claim, run, ok=False, error_code='internal:error')), set())
        self.assertEqual(run.targets.get().state, 'succeeded')

    def test_deleted_run_takes_no_result(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        result = make_result(claim, run)
        run.delete()
        self.assertEqual(self.finish(result), set())


class ReaperTest(LifecycleCase):
    def test_lost_lease_is_taken_back_and_the_late_result_refused(self):
        run = make_run(1)
        (late,) = self.claim(run)
        self.assertEqual(lifecycle.reap_leases(), set())
        lose_leases()
        self.assertEqual(lifecycle.reap_leases(), {run.pk})
        (again,) = self.claim(run)
        self.assertEqual((again.id, again.attempt), (late.id, 2))
        self.assertEqual(self.finish(make_result(late, run)), set())
        self.assertEqual(self.finish(make_result(again, run)), {again.id})

    def test_target_that_loses_every_worker_is_closed(self):
        run = make_run(1)
        for _ in range(get_settings().attempts_of('device-scan')):
            self.assertEqual(len(self.claim(run)), 1)
            lose_leases()
            lifecycle.reap_leases()
        self.assertEqual(self.claim(run), [])
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code), ('failed', 'lease:lost'))
        run.refresh_from_db()
        self.assertEqual(run.status, 'failed')


class ExpiryTest(LifecycleCase):
    def test_run_without_a_worker(self):
        run = make_run(2)
        self.assertEqual(lifecycle.expire_overdue(), 0)
        make_overdue()
        self.assertEqual(lifecycle.expire_overdue(), 2)
        run.refresh_from_db()
        self.assertEqual((run.status, run.failed), ('expired', 2))
        self.assertEqual(set(run.targets.values_list('state', 'error_code')), {('expired', 'expired:no-worker')})

    def test_run_that_was_taken_up_but_too_slow(self):
        run = make_run(2)
        (claim,) = self.claim(run, 1)
        make_overdue()
        self.assertEqual(lifecycle.expire_overdue(), 1)
        self.assertEqual(RunTarget.objects.get(state='expired').error_code, 'expired:deadline')
        # What is under way may finish: its lease bounds it.
        self.assertEqual(self.finish(make_result(claim, run)), {claim.id})
        run.refresh_from_db()
        self.assertEqual(run.status, 'partial')


class DeletionTest(LifecycleCase):
    def test_deleting_a_run_takes_its_rows_with_it_in_the_database(self):
        small, large, other = make_run(1), make_run(8), make_run(1)
        # Fills NetBox's cache of content types.
        make_run(1).delete()
        with CaptureQueriesContext(connection) as queries:
            small.delete()
        with self.assertNumQueries(len(queries)):
            large.delete()
        self.assertEqual(list(RunTarget.objects.values_list('run', flat=True)), [other.pk])

    def test_deleting_a_target_keeps_the_run_s_row(self):
        run = make_run(1)
        name = run.targets.get().name
        run.targets.get().target.delete()
        row = run.targets.get()
        self.assertEqual((row.target, row.name), (None, name))
        # Deferred constraints speak when they are checked, at the latest on commit.
        with connection.cursor() as cursor:
            cursor.execute('SET CONSTRAINTS ALL IMMEDIATE')


class ConcurrentClaimTest(TransactionTestCase):
    def test_no_row_is_claimed_twice(self):
        run = make_run(60)
        claimed, errors = [], []
        barrier = threading.Barrier(6)

        def work():
            try:
                barrier.wait()
                while items := lifecycle.claim(run.pk, 4, worker='w', lease_seconds=60).claims:
                    claimed.extend(item.id for item in items)
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(sorted(claimed), sorted(run.targets.values_list('pk', flat=True)))

    def test_drainers_that_finish_together_finish_the_run(self):
        """Each counts what the other has committed: otherwise both leave the run to the other."""
        for _round in range(15):
            run = make_run(2)
            claims = lifecycle.claim(run.pk, 2, worker='w', lease_seconds=60).claims
            barrier, errors = threading.Barrier(2), []

            def work(claim, run=run, barrier=barrier, errors=errors):
                try:
                    barrier.wait()
                    ResultSink().write([make_result(claim, run)])
                except Exception as error:
                    errors.append(error)
                finally:
                    connections.close_all()

            threads = [threading.Thread(target=work, args=(claim,)) for claim in claims]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            run.refresh_from_db()
            self.assertEqual((errors, run.status, run.succeeded), ([], 'succeeded', 2))

    def test_index_forbids_two_exclusive_operations_on_a_target(self):
        run = make_run(1)
        row = run.targets.get()
        lifecycle.claim(run.pk, 1, worker='w', lease_seconds=60)
        with self.assertRaisesMessage(Exception, 'netops_runtarget_exclusive'), transaction.atomic():
            RunTarget.objects.create(
                run=run,
                target=row.target,
                name='x',
                dedup_key='y',
                exclusive=True,
                state='running',
                expires=run.expires,
            )
