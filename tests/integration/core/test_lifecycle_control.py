"""What people and workers do to work under way: cancel it, pause its kind, hand it back, put it off."""

import threading
import uuid
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.models import Pause, Run, RunTarget, ScanResult, Target
from netbox_netops.results import ResultSink
from netbox_netops.settings import get_settings
from tests.integration.core.runs import (
    LifecycleCase,
    in_threads,
    lose_leases,
    make_overdue,
    make_result,
    make_run,
    wait_for_locks,
)
from tests.integration.factories import make_target


class CancelTest(LifecycleCase):
    def test_what_waits_ends_at_once_and_what_is_at_work_when_its_worker_hears_of_it(self):
        run = make_run(4)
        first, second = self.claim(run, 2)
        self.assertEqual(lifecycle.cancel_run(run.pk, self.user), 4)
        self.assertEqual(self.states(run), ['running', 'running', 'cancelled', 'cancelled'])
        row = run.targets.last()
        self.assertEqual((row.cancel, row.error_code, row.attempt), (True, 'cancelled:user', 0))
        self.assertIsNotNone(row.finished)
        self.assertEqual(lifecycle.cancelled_among([first.id, second.id]), {first.id, second.id})
        run.refresh_from_db()
        self.assertEqual((run.status, run.cancelled_by, run.failed), ('running', self.user, 2))
        self.assertIsNotNone(run.cancelled)
        self.finish(make_result(first, run, error_code='cancelled:user'), make_result(second, run))
        self.assertEqual(self.states(run), ['cancelled', 'succeeded', 'cancelled', 'cancelled'])
        run.refresh_from_db()
        # Whatever else became of it, somebody ended it.
        self.assertEqual((run.status, run.succeeded, run.failed), ('cancelled', 1, 3))

    def test_run_whose_targets_all_end_by_themselves_is_not_called_cancelled(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        self.finish(make_result(claim, run))
        run.refresh_from_db()
        self.assertEqual((run.status, run.targets.get().state), ('succeeded', 'succeeded'))

    def test_who_cancelled_first_is_kept(self):
        run = make_run(1)
        self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        other = get_user_model().objects.create(username='other')
        self.assertEqual(lifecycle.cancel_run(run.pk, other), 0)
        run.refresh_from_db()
        self.assertEqual(run.cancelled_by, self.user)

    def test_finished_run_stays_as_it_is(self):
        run = make_run(1)
        self.finish(make_result(self.claim(run)[0], run))
        self.assertEqual(lifecycle.cancel_run(run.pk, self.user), 0)
        run.refresh_from_db()
        self.assertEqual((run.status, run.cancelled), ('succeeded', None))
        self.assertFalse(run.targets.get().cancel)

    def test_the_system_cancels_too(self):
        run = make_run(1)
        lifecycle.cancel_run(run.pk, None)
        run.refresh_from_db()
        self.assertEqual((run.status, run.cancelled_by), ('cancelled', None))
        self.assertIsNotNone(run.cancelled)

    def test_some_rows_of_two_runs(self):
        one, two = make_run(2), make_run(1)
        kept, gone = one.targets.order_by('pk')
        self.assertEqual(lifecycle.cancel_rows([gone.pk, two.targets.get().pk, 2**40]), 2)
        self.assertEqual((self.states(one), self.states(two)), (['waiting', 'cancelled'], ['cancelled']))
        one.refresh_from_db()
        two.refresh_from_db()
        self.assertEqual((one.status, one.failed, two.status), ('queued', 1, 'cancelled'))
        # Nobody cancelled it as a whole.
        self.assertEqual((one.cancelled, two.cancelled), (None, None))
        (claim,) = self.claim(one)
        self.assertEqual(claim.id, kept.pk)
        self.finish(make_result(claim, one))
        one.refresh_from_db()
        self.assertEqual(one.status, 'partial')

    def test_row_that_waits_for_another_attempt(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run, error_code='unreachable:no-response', error_detail='silence'))
        lifecycle.cancel_run(run.pk, self.user)
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.error_detail), ('cancelled', 'cancelled:user', ''))
        self.assertEqual((row.next_attempt, row.blocked), (None, ''))
        self.assertEqual(lifecycle.retry_now([row.pk]), set())

    def test_target_is_free_for_another_run(self):
        run = make_run(1)
        lifecycle.cancel_run(run.pk, self.user)
        device = run.targets.get().target.device_id
        self.assertTrue(enqueue('device-scan', user=None, devices=[device]).created)

    def test_rows_that_their_worker_shall_give_up(self):
        run, deleted = make_run(2), make_run(1)
        kept, given_up = self.claim(run)
        (lost,) = self.claim(deleted)
        lifecycle.cancel_rows([given_up.id])
        deleted.delete()
        self.assertEqual(lifecycle.cancelled_among([kept.id, given_up.id, lost.id]), {given_up.id, lost.id})
        self.assertEqual(lifecycle.cancelled_among([]), set())

    def test_failure_that_is_worth_another_attempt_is_not_tried_again(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        lifecycle.cancel_rows([claim.id])
        self.finish(make_result(claim, run, error_code='unreachable:no-response'))
        row = run.targets.get()
        self.assertEqual((row.state, row.next_attempt), ('cancelled', None))
        run.refresh_from_db()
        self.assertEqual(run.status, 'cancelled')

    def test_what_a_probe_found_before_it_heard_of_it_counts(self):
        run = make_run(2)
        good, bad = self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        self.finish(make_result(good, run), make_result(bad, run, error_code='credential:rejected'))
        self.assertEqual(self.states(run), ['succeeded', 'failed'])

    def test_who_asks_for_what_is_being_given_up_asks_for_another(self):
        """It waits for the end of the one that is at work: no device is probed twice at the same time."""
        run = make_run(1)
        (late,) = self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        device = Target.objects.get(pk=late.target).device_id
        dispatch = enqueue('device-scan', user=None, devices=[device])
        self.assertEqual((dispatch.created, dispatch.queued, dispatch.joined), (True, 1, {}))
        self.assertEqual(self.claim(dispatch.run), [])
        self.finish(make_result(late, run, error_code='cancelled:user'))
        self.assertEqual([claim.target for claim in self.claim(dispatch.run)], [late.target])
        # That one is joined.
        self.assertFalse(enqueue('device-scan', user=None, devices=[device]).created)

    def test_worker_that_died_before_it_heard_of_it(self):
        run = make_run(1)
        (late,) = self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        lose_leases()
        self.assertEqual(lifecycle.reap_leases(), {run.pk})
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.lease_token), ('cancelled', 'cancelled:user', None))
        self.assertIsNotNone(row.finished)
        run.refresh_from_db()
        self.assertEqual(run.status, 'cancelled')
        self.assertEqual(self.finish(make_result(late, run)), set())

    def test_cancelled_row_that_is_handed_back_or_put_off_ends(self):
        run = make_run(2)
        back, off = self.claim(run)
        lifecycle.cancel_run(run.pk, self.user)
        lifecycle.hand_back([(back.id, back.lease_token)])
        lifecycle.defer([(off.id, off.lease_token, 60.0)], 'waiting:maintenance', None, 3600)
        for row in run.targets.all():
            self.assertEqual((row.state, row.error_code, row.lease_token), ('cancelled', 'cancelled:user', None))
            self.assertEqual((row.next_attempt, row.blocked), (None, ''))
            self.assertIsNotNone(row.finished)
        run.refresh_from_db()
        self.assertEqual(run.status, 'cancelled')

    def test_broken_off_probe_is_no_scan(self):
        """It says nothing of the device: neither is it history, nor the last error of the target."""
        run = make_run(1)
        (claim,) = self.claim(run)
        Target.objects.update(last_error='credential:rejected')
        lifecycle.cancel_run(run.pk, self.user)
        self.assertEqual(ResultSink().write([make_result(claim, run, error_code='cancelled:user')]), 1)
        self.assertEqual(run.targets.get().state, 'cancelled')
        self.assertEqual(ScanResult.objects.count(), 0)
        target = Target.objects.get()
        self.assertEqual((target.last_error, target.last_attempt_at), ('credential:rejected', None))


class CancelRaceTest(TransactionTestCase):
    """Statements that meet at the same rows: none waits for the other in a circle, and none acts on what was before."""

    def claimed(self, number):
        run = make_run(number)
        return run, lifecycle.claim(run.pk, number, worker='w', lease_seconds=60).claims

    def fill(self):
        """So much is at work that PostgreSQL looks for the rows of a batch one after the other."""
        other = Run.objects.create(kind='device-scan', status='running', expires=timezone.now())
        row = {'run': other, 'state': 'running', 'expires': other.expires}
        RunTarget.objects.bulk_create(RunTarget(name='x', dedup_key=f'x{number}', **row) for number in range(5000))
        with connection.cursor() as cursor:
            cursor.execute('ANALYZE netbox_netops_runtarget')

    def test_failure_that_waited_for_the_cancelling_is_not_tried_again(self):
        run, (claim,) = self.claimed(1)
        cancelled = threading.Event()

        def cancel():
            with transaction.atomic():
                lifecycle.cancel_rows([claim.id])
                cancelled.set()
                wait_for_locks(1)

        def finish():
            self.assertTrue(cancelled.wait(30))
            return lifecycle.finish([make_result(claim, run, error_code='unreachable:no-response')])

        self.assertEqual(in_threads(cancel, finish), [None, {claim.id}])
        row = run.targets.get()
        self.assertEqual((row.state, row.next_attempt), ('cancelled', None))

    def test_batch_that_is_written_while_its_run_is_cancelled(self):
        """Both come to the rows first and then to the run."""
        run, (claim, _other) = self.claimed(2)
        finished = threading.Event()

        def write():
            with transaction.atomic():
                lifecycle.finish([make_result(claim, run)])
                finished.set()
                wait_for_locks(1)
                lifecycle.settle([run.pk])

        def cancel():
            self.assertTrue(finished.wait(30))
            return lifecycle.cancel_run(run.pk, None)

        self.assertEqual(in_threads(write, cancel), [None, 1])
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded, run.failed), ('running', 1, 0))
        self.assertIsNotNone(run.cancelled)

    def test_batch_that_is_written_while_its_run_is_deleted(self):
        run, (claim, _other) = self.claimed(2)
        finished = threading.Event()

        def write():
            with transaction.atomic():
                lifecycle.finish([make_result(claim, run)])
                finished.set()
                wait_for_locks(1)
                lifecycle.settle([run.pk])

        def delete():
            self.assertTrue(finished.wait(30))
            Run.objects.get(pk=run.pk).delete()

        self.assertEqual(in_threads(write, delete), [None, None])
        self.assertFalse(RunTarget.objects.exists())

    def test_rows_are_locked_in_one_order(self):
        """Whatever the order in which a worker names them."""
        self.fill()
        for name, give_up in (
            ('finish', lambda claims, run: lifecycle.finish([make_result(claim, run) for claim in claims])),
            ('hand_back', lambda claims, run: lifecycle.hand_back([(item.id, item.lease_token) for item in claims])),
            (
                'defer',
                lambda claims, run: lifecycle.defer(
                    [(item.id, item.lease_token, 60.0) for item in claims], 'waiting:maintenance', None, 3600
                ),
            ),
            ('resume', lambda claims, run: lifecycle.resume(run.kind)),
        ):
            with self.subTest(name):
                run, claims = self.claimed(8)
                if name == 'resume':
                    lifecycle.hand_back([(item.id, item.lease_token) for item in claims])
                    lifecycle.pause(run.kind, None)
                first = min(item.id for item in claims)
                held, cancelling = threading.Event(), threading.Event()

                def hold(first=first, held=held, cancelling=cancelling):
                    """The row that the one who goes by the order comes to first."""
                    with transaction.atomic():
                        RunTarget.objects.select_for_update().get(pk=first)
                        held.set()
                        wait_for_locks(1)
                        cancelling.set()
                        wait_for_locks(2)

                def cancel(run=run, held=held):
                    self.assertTrue(held.wait(30))
                    lifecycle.cancel_run(run.pk, None)

                def work(give_up=give_up, claims=claims, run=run, cancelling=cancelling):
                    self.assertTrue(cancelling.wait(30))
                    give_up(claims[::-1], run)

                self.assertEqual(in_threads(hold, cancel, work), [None] * 3)


class PauseTest(LifecycleCase):
    KIND = 'device-scan'

    def paused_for(self, **time):
        """The pause began so long ago."""
        Pause.objects.update(since=timezone.now() - timedelta(**time))

    def test_nothing_is_claimed_and_nothing_expires(self):
        run = make_run(2)
        (claim,) = self.claim(run, 1)
        self.assertTrue(lifecycle.pause(self.KIND, self.user, 'maintenance of the core'))
        make_overdue()
        self.assertEqual(self.claim(run), [])
        self.assertEqual((lifecycle.claimable(run.pk), lifecycle.claimable_runs()), (0, {}))
        self.assertEqual(lifecycle.expire_overdue(), 0)
        # What is under way finishes.
        self.assertEqual(self.finish(make_result(claim, run)), {claim.id})
        self.assertEqual(self.states(run), ['succeeded', 'waiting'])
        pause = Pause.objects.get()
        self.assertEqual((pause.paused_by, pause.reason), (self.user, 'maintenance of the core'))

    def test_what_waited_has_as_much_time_left_as_before(self):
        run = make_run(2)
        rows = list(run.targets.order_by('pk'))
        RunTarget.objects.filter(pk=rows[1].pk).update(expires=timezone.now() - timedelta(hours=1))
        lifecycle.pause(self.KIND, None)
        self.paused_for(hours=2)
        Run.objects.update(created=timezone.now() - timedelta(hours=3))
        self.assertTrue(lifecycle.resume(self.KIND))
        self.assertFalse(Pause.objects.exists())
        for row, before in zip(run.targets.order_by('pk'), (rows[0].expires, timezone.now() - timedelta(hours=1)),
                               strict=True):  # fmt: skip
            self.assertAlmostEqual(row.expires, before + timedelta(hours=2), delta=timedelta(seconds=30))
        self.assertEqual(lifecycle.expire_overdue(), 0)
        self.assertEqual(len(self.claim(run)), 2)

    def test_what_was_asked_for_during_the_pause_gains_no_more_than_it_lost(self):
        lifecycle.pause(self.KIND, None)
        self.paused_for(hours=2)
        run = make_run(1)
        before = run.targets.get().expires
        lifecycle.resume(self.KIND)
        self.assertAlmostEqual(run.targets.get().expires, before, delta=timedelta(seconds=30))

    def test_what_waits_for_an_address_waits_longer(self):
        target = make_target(address=None)
        run = enqueue('device-scan', user=None, devices=[target.device_id], wait_for_address=True).run
        Run.objects.update(created=timezone.now() - timedelta(hours=3))
        before = run.targets.get()
        lifecycle.pause(self.KIND, None)
        self.paused_for(hours=2)
        lifecycle.resume(self.KIND)
        after = run.targets.get()
        for name in ('expires', 'next_attempt'):
            self.assertAlmostEqual(
                getattr(after, name), getattr(before, name) + timedelta(hours=2), delta=timedelta(seconds=30)
            )

    def test_other_kinds_go_on(self):
        lifecycle.pause('netbox-sync', None)
        self.assertEqual(len(self.claim(make_run(1))), 1)

    def test_twice(self):
        self.assertTrue(lifecycle.pause(self.KIND, self.user))
        self.assertFalse(lifecycle.pause(self.KIND, None, 'again'))
        self.assertEqual(Pause.objects.get().paused_by, self.user)
        self.assertTrue(lifecycle.resume(self.KIND))
        self.assertFalse(lifecycle.resume(self.KIND))

    def test_to_try_again_at_once_is_not_at_once_during_the_pause(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run, error_code='unreachable:no-response'))
        lifecycle.pause(self.KIND, None)
        self.assertEqual(lifecycle.retry_now([claim.id]), {run.pk})
        self.assertEqual(self.claim(run), [])
        lifecycle.resume(self.KIND)
        self.assertEqual([item.attempt for item in self.claim(run)], [2])

    def test_it_can_be_cancelled(self):
        run = make_run(1)
        lifecycle.pause(self.KIND, None)
        lifecycle.cancel_run(run.pk, self.user)
        run.refresh_from_db()
        self.assertEqual(run.status, 'cancelled')


class HandBackTest(LifecycleCase):
    def test_it_is_no_attempt(self):
        run = make_run(2)
        back, kept = self.claim(run)
        self.assertEqual(lifecycle.hand_back([(back.id, back.lease_token)]), 1)
        row = run.targets.get(pk=back.id)
        self.assertEqual((row.state, row.attempt, row.returns), ('waiting', 0, 1))
        self.assertEqual((row.lease_token, row.lease_until, row.finished), (None, None, None))
        self.assertEqual(run.targets.get(pk=kept.id).state, 'running')
        (again,) = self.claim(run)
        self.assertEqual((again.id, again.attempt), (back.id, 1))

    def test_without_a_valid_lease_nothing_is_handed_back(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.assertEqual(lifecycle.hand_back([(claim.id, str(uuid.uuid4()))]), 0)
        self.assertEqual(run.targets.get().state, 'running')
        self.finish(make_result(claim, run))
        self.assertEqual(lifecycle.hand_back([(claim.id, claim.lease_token)]), 0)
        self.assertEqual(run.targets.get().state, 'succeeded')
        self.assertEqual(lifecycle.hand_back([]), 0)

    def test_too_often_it_is_an_attempt_and_ends_as_the_loss_of_the_last_one(self):
        """Something about the target may be what makes its workers stop."""
        run = make_run(1)
        attempts = []
        while claims := self.claim(run):
            attempts.append(claims[0].attempt)
            self.assertLess(len(attempts), 20)
            lifecycle.hand_back([(claims[0].id, claims[0].lease_token)])
        most = get_settings().attempts_of('device-scan')
        self.assertEqual(attempts, [1] * lifecycle.MOST_RETURNS + list(range(1, most + 1)))
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.attempt), ('failed', 'lease:lost', most))
        self.assertIsNotNone(row.finished)
        run.refresh_from_db()
        self.assertEqual((run.status, run.failed), ('failed', 1))

    def test_what_failed_before_is_still_known(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run, error_code='unreachable:no-response', error_detail='silence'))
        lifecycle.retry_now([claim.id])
        (again,) = self.claim(run)
        lifecycle.hand_back([(again.id, again.lease_token)])
        row = run.targets.get()
        self.assertEqual((row.attempt, row.error_code, row.error_detail), (1, 'unreachable:no-response', 'silence'))


class DeferTest(LifecycleCase):
    def defer(self, claim, seconds, token=''):
        lease = claim.id, token or claim.lease_token, seconds
        lifecycle.defer([lease], 'waiting:maintenance', None, get_settings().run_expiry)

    def test_it_is_no_attempt_and_leaves_time_to_run(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.defer(claim, 7200.0)
        row = run.targets.get()
        self.assertEqual((row.state, row.attempt, row.returns), ('waiting', 0, 0))
        self.assertEqual((row.blocked, row.lease_token, row.lease_until), ('waiting:maintenance', None, None))
        now = timezone.now()
        self.assertAlmostEqual(row.next_attempt, now + timedelta(hours=2), delta=timedelta(seconds=30))
        self.assertAlmostEqual(row.expires, now + timedelta(hours=3), delta=timedelta(seconds=30))
        self.assertEqual(self.claim(run), [])
        RunTarget.objects.update(next_attempt=now)
        (again,) = self.claim(run)
        self.assertEqual(again.attempt, 1)
        self.assertEqual(run.targets.get().blocked, '')

    def test_it_never_shortens_the_time(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        far = timezone.now() + timedelta(days=5)
        RunTarget.objects.update(expires=far)
        self.defer(claim, 60.0)
        self.assertEqual(run.targets.get().expires, far)

    def test_without_a_valid_lease_nothing_is_put_off(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        self.defer(claim, 60.0, token=str(uuid.uuid4()))
        self.assertEqual(run.targets.get().state, 'running')

    def test_window_without_an_end(self):
        """What is read back from the database has to have a year of four digits."""
        run = make_run(1)
        (claim,) = self.claim(run)
        self.defer(claim, 8000 * 366 * 24 * 3600.0)
        row = run.targets.get()
        self.assertEqual(row.state, 'waiting')
        self.assertGreater(row.next_attempt, timezone.now() + timedelta(days=30))
        self.assertGreater(row.expires, row.next_attempt)
