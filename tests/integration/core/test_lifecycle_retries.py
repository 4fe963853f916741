"""What failed is tried again when that is worth it, later and later; a dead device is left alone for a while."""

from datetime import timedelta
from unittest import TestCase, mock

from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.inventory import sync
from netbox_netops.jobs.source import RunSource
from netbox_netops.models import RunTarget, Target
from netbox_netops.results import ResultSink
from netbox_netops.settings import get_settings, parse_settings
from netops_worker.errors import ERRORS
from tests.integration.core.runs import LifecycleCase, lose_leases, make_overdue, make_result, make_run
from tests.integration.factories import assign_address, make_credential, make_target, system_facts

SILENT = 'unreachable:no-response'


def plugin_settings(**values):
    return override_settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None} | values})


class RetryTest(LifecycleCase):
    def failed(self, run, code=SILENT, **values):
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run, error_code=code, **values))
        return run.targets.get()

    def make_due(self):
        RunTarget.objects.update(next_attempt=timezone.now())

    def test_it_waits_and_says_until_when_and_why(self):
        run = make_run(1)
        row = self.failed(run, error_detail='no answer in 6 s')
        self.assertEqual((row.state, row.attempt), ('waiting', 1))
        self.assertEqual((row.error_code, row.error_detail), (SILENT, 'no answer in 6 s'))
        self.assertEqual((row.lease_token, row.lease_until, row.finished), (None, None, None))
        seconds = (row.next_attempt - timezone.now()).total_seconds()
        self.assertTrue(10 < seconds < 38, seconds)
        run.refresh_from_db()
        self.assertEqual((run.status, run.failed, run.finished), ('running', 0, None))
        self.assertEqual((self.claim(run), lifecycle.claimable(run.pk)), ([], 0))
        self.make_due()
        self.assertEqual((lifecycle.claimable(run.pk), lifecycle.claimable_runs()), (1, {run.pk: 1}))
        (again,) = self.claim(run)
        self.assertEqual((again.id, again.attempt), (row.pk, 2))
        self.assertIsNone(run.targets.get().next_attempt)

    def test_success_of_a_later_attempt(self):
        run = make_run(1)
        self.failed(run)
        self.make_due()
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run))
        row = run.targets.get()
        self.assertEqual((row.state, row.attempt, row.error_code, row.error_detail), ('succeeded', 2, '', ''))
        run.refresh_from_db()
        self.assertEqual((run.status, run.succeeded, run.failed), ('succeeded', 1, 0))

    def test_only_what_may_pass_by_itself(self):
        retried = {
            'unreachable:no-response',
            'unreachable:port-closed',
            'unreachable:network',
            'deadline:probe',
            'lease:lost',
            'secret:unavailable',
            'gateway:unreachable',
            'ssh:closed',
            'ssh:timeout',
        }
        run = make_run(len(ERRORS))
        claims = self.claim(run)
        self.finish(*(make_result(claim, run, error_code=code) for claim, code in zip(claims, ERRORS, strict=True)))
        rows = {row.error_code: row for row in run.targets.all()}
        self.assertEqual({code for code, row in rows.items() if row.state == 'waiting'}, retried)
        self.assertEqual({code for code, row in rows.items() if row.next_attempt is not None}, retried)
        self.assertEqual({code for code, row in rows.items() if row.state == 'cancelled'}, {'cancelled:user'})
        self.assertEqual(sum(row.state == 'failed' for row in rows.values()), len(ERRORS) - len(retried) - 1)

    def test_rejected_credential_is_never_tried_again(self):
        """Each further attempt could lock an account."""
        for code in ('credential:rejected', 'credential:no-access', 'credential:none', 'snmp:not-authentic'):
            with self.subTest(code):
                row = self.failed(make_run(1), code)
                self.assertEqual((row.state, row.error_code, row.attempt), ('failed', code, 1))

    def test_number_of_attempts_is_that_of_the_kind(self):
        for configured, attempts in (({}, 3), ({'device-scan': 5}, 5), ({'device-scan': 1}, 1)):
            with self.subTest(attempts), plugin_settings(attempts=configured):
                run = make_run(1)
                states = []
                for _attempt in range(attempts):
                    states.append(self.failed(run).state)
                    self.make_due()
                self.assertEqual(states, ['waiting'] * (attempts - 1) + ['failed'])
                self.assertEqual(self.claim(run), [])
                row = run.targets.get()
                self.assertEqual((row.attempt, row.error_code), (attempts, SILENT))
                run.refresh_from_db()
                self.assertEqual((run.status, run.failed), ('failed', 1))

    def test_lost_worker_counts_as_an_attempt(self):
        run = make_run(1)
        self.claim(run)
        lose_leases()
        lifecycle.reap_leases()
        row = run.targets.get()
        # At once: nothing is known against the device.
        self.assertEqual((row.state, row.attempt, row.next_attempt), ('waiting', 1, None))
        self.failed(run)
        self.make_due()
        self.assertEqual(self.failed(run).state, 'failed')

    def test_not_when_the_time_is_over_before(self):
        run = make_run(1)
        (claim,) = self.claim(run)
        RunTarget.objects.update(expires=timezone.now() + timedelta(seconds=5))
        self.finish(make_result(claim, run, error_code=SILENT))
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.attempt), ('failed', SILENT, 1))
        self.assertIsNotNone(row.finished)

    def test_time_that_is_over_while_it_waits(self):
        """It had its turn, so it failed, and the reason is not forgotten."""
        run = make_run(2)
        (claim,) = self.claim(run, 1)
        self.finish(make_result(claim, run, error_code=SILENT, error_detail='silence'))
        make_overdue()
        self.assertEqual(lifecycle.expire_overdue(), 2)
        row = run.targets.get(pk=claim.id)
        self.assertEqual((row.state, row.error_code, row.error_detail), ('failed', SILENT, 'silence'))
        self.assertEqual((row.next_attempt, row.attempt), (None, 1))
        other = run.targets.exclude(pk=claim.id).get()
        self.assertEqual((other.state, other.error_code), ('expired', 'expired:deadline'))
        run.refresh_from_db()
        self.assertEqual(run.status, 'failed')

    def test_target_stays_taken_while_it_waits(self):
        run = make_run(1)
        self.failed(run)
        device = run.targets.get().target.device_id
        self.assertEqual(enqueue('device-scan', user=None, devices=[device]).joined, {run.pk: 1})


class DelayTest(TestCase):
    def seconds(self, attempt, draw=None, **settings):
        run, claim = mock.Mock(pk=1, kind='device-scan'), lifecycle.Claim(1, 1, 'x', attempt, '')
        result = make_result(claim, run, error_code=SILENT)
        settings = parse_settings({'attempts': {'device-scan': 10}} | settings)
        if draw is None:
            return lifecycle.retry_delay(result, settings)
        with mock.patch('random.uniform', lambda low, high: low + draw * (high - low)):
            return lifecycle.retry_delay(result, settings)

    def test_it_doubles_up_to_the_most(self):
        self.assertEqual(
            [self.seconds(attempt, 0.5) for attempt in range(1, 10)], [30, 60, 120, 240, 480, 900, 900, 900, 900]
        )
        self.assertEqual([self.seconds(attempt, 0.5, retry_seconds=7, retry_most_seconds=20) for attempt in (1, 2, 3)],
                         [7, 14, 20])  # fmt: skip

    def test_none_after_the_last(self):
        self.assertIsNone(self.seconds(10))
        self.assertIsNone(self.seconds(11))

    @given(attempt=st.integers(1, 9), draw=st.floats(0, 1), first=st.integers(1, 86400), most=st.integers(1, 86400))
    def test_it_varies_around_that_and_no_more(self, attempt, draw, first, most):
        exact = min(first * 2 ** (attempt - 1), most)
        seconds = self.seconds(attempt, draw, retry_seconds=first, retry_most_seconds=most)
        self.assertTrue(0.75 * exact <= seconds <= 1.25 * exact, seconds)

    def test_what_failed_together_does_not_come_back_together(self):
        found = {self.seconds(1) for _ in range(100)}
        self.assertGreater(len(found), 90)
        self.assertGreater(max(found) - min(found), 5)


class RetryNowTest(LifecycleCase):
    def waiting(self, **values):
        run = make_run(1, **values)
        (claim,) = self.claim(run)
        self.finish(make_result(claim, run, error_code=SILENT))
        return run, claim.id

    def test_at_once_and_with_time_to_do_so(self):
        run, pk = self.waiting()
        RunTarget.objects.update(expires=timezone.now() + timedelta(seconds=100))
        self.assertEqual(lifecycle.retry_now([pk]), {run.pk})
        row = run.targets.get()
        self.assertEqual((row.state, row.next_attempt, row.error_code, row.attempt), ('waiting', None, SILENT, 1))
        self.assertGreater(row.expires, timezone.now() + timedelta(minutes=50))
        self.assertEqual([item.attempt for item in self.claim(run)], [2])

    def test_only_what_waits_for_its_time(self):
        due, running, finished = make_run(1), make_run(1), make_run(1)
        self.claim(running)
        self.finish(make_result(self.claim(finished)[0], finished))
        before = list(RunTarget.objects.order_by('pk').values())
        self.assertEqual(lifecycle.retry_now([*(row['id'] for row in before), 2**40]), set())
        self.assertEqual(list(RunTarget.objects.order_by('pk').values()), before)
        self.assertEqual(self.states(due), ['waiting'])

    def test_several_runs(self):
        (one, first), (two, second) = self.waiting(), self.waiting()
        self.assertEqual(lifecycle.retry_now([first, second]), {one.pk, two.pk})

    def test_what_waits_for_an_address_has_nothing_to_try(self):
        target = make_target(address=None)
        run = enqueue('device-scan', user=None, devices=[target.device_id], wait_for_address=True).run
        row = run.targets.get()
        self.assertEqual(lifecycle.retry_now([row.pk]), set())
        self.assertEqual(run.targets.get().next_attempt, row.next_attempt)

    def test_address_that_appears(self):
        targets = [make_target(address=None) for _ in range(2)]
        devices = [target.device for target in targets]
        run = enqueue('device-scan', user=None, devices=[item.pk for item in devices], wait_for_address=True).run
        self.assertEqual(self.claim(run), [])
        self.assertEqual(lifecycle.wake([item.pk for item in devices], []), set())
        assign_address(devices[0], '192.0.2.77')
        sync(device_ids=[item.pk for item in devices])
        self.assertEqual(lifecycle.wake([item.pk for item in devices], []), {run.pk})
        self.assertEqual([item.target for item in self.claim(run)], [targets[0].pk])
        self.assertEqual(run.targets.get(target=targets[1]).blocked, 'waiting:address')
        self.assertEqual(lifecycle.wake([item.pk for item in devices], []), set())

    def test_address_that_never_appears(self):
        target = make_target(address=None)
        run = enqueue('device-scan', user=None, devices=[target.device_id], wait_for_address=True).run
        make_overdue()
        lifecycle.expire_overdue()
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.attempt), ('failed', 'target:no-address', 0))


class BreakerTest(LifecycleCase):
    def setUp(self):
        super().setUp()
        make_credential()
        self.target = make_target(address='192.0.2.9')

    def scan(self, code=SILENT, **values):
        run = enqueue('device-scan', user=None, devices=[self.target.device_id], interactive=True).run
        (claim,) = self.claim(run)
        ResultSink().write([make_result(claim, run, error_code=code, **values)])
        RunTarget.objects.filter(run=run).update(state='failed')
        lifecycle.settle([run.pk])
        self.target.refresh_from_db()

    def spared(self):
        """For how many seconds from now."""
        until = self.target.spared_until
        return None if until is None else round((until - timezone.now()).total_seconds(), -1)

    def test_it_opens_after_so_many_failures_and_for_ever_longer(self):
        seconds = []
        for _failure in range(11):
            self.scan()
            seconds.append(self.spared())
        self.assertEqual(self.target.failures, 11)
        self.assertEqual(seconds, [None] * 4 + [300, 600, 1200, 2400, 3600, 3600, 3600])

    def test_settings(self):
        with plugin_settings(breaker_failures=1, breaker_seconds=100, breaker_most_seconds=150):
            self.scan()
            self.assertEqual(self.spared(), 100)
            self.scan('unreachable:port-closed')
            self.assertEqual(self.spared(), 150)

    def test_any_answer_closes_it(self):
        answers = (
            {'code': ''},
            {'code': 'snmp:error-status'},
            # Who is locked out must not look like what is dead.
            {'code': 'credential:rejected'},
            {'code': 'credential:no-access'},
            # It answered, and fell silent later.
            {'code': SILENT, 'data': {'system': system_facts()}},
        )
        for answer in answers:
            with self.subTest(answer):
                Target.objects.update(failures=7, spared_until=timezone.now() + timedelta(hours=1))
                self.scan(**answer)
                self.assertEqual((self.target.failures, self.target.spared_until), (0, None))
                self.assertEqual(self.target.reachability, 'reachable')

    def test_what_says_nothing_about_the_device_changes_nothing(self):
        until = timezone.now() + timedelta(hours=1)
        for code in ('secret:not-found', 'options:invalid', 'internal:error', 'deadline:probe', 'lease:lost'):
            with self.subTest(code):
                Target.objects.update(failures=7, spared_until=until)
                self.scan(code)
                self.assertEqual((self.target.failures, self.target.spared_until), (7, until))

    def test_older_result_that_comes_late_changes_nothing(self):
        self.scan('')
        self.scan(started_at=timezone.now().timestamp() - 3600)
        self.assertEqual((self.target.failures, self.target.reachability), (0, 'reachable'))

    def test_another_address_is_another_chance(self):
        Target.objects.update(failures=7, spared_until=timezone.now() + timedelta(hours=1))
        sync(device_ids=[self.target.device_id])
        self.target.refresh_from_db()
        self.assertEqual(self.target.failures, 7)
        assign_address(self.target.device, '192.0.2.10')
        sync(device_ids=[self.target.device_id])
        self.target.refresh_from_db()
        self.assertEqual((self.target.address, self.target.failures), ('192.0.2.10', 0))
        self.assertIsNone(self.target.spared_until)

    def source(self, **values):
        run = enqueue('device-scan', user=None, devices=[self.target.device_id], **values).run
        return run, RunSource(run, worker='w1', settings=get_settings())

    def spare(self, **time):
        until = timezone.now() + timedelta(**time)
        Target.objects.update(failures=7, spared_until=until, last_error=SILENT)

    def test_spared_device_is_refused_with_the_reason(self):
        self.spare(minutes=5)
        run, source = self.source()
        self.assertEqual((source.claim(10), source.not_ready), ([], 1))
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code, row.error_detail), ('failed', 'unreachable:spared', SILENT))
        run.refresh_from_db()
        self.assertEqual(run.status, 'failed')
        # It was not asked, so that is no further failure.
        self.target.refresh_from_db()
        self.assertEqual((self.target.failures, self.target.scans.count()), (7, 0))

    def test_what_somebody_waits_for_goes_through(self):
        self.spare(minutes=5)
        _run, source = self.source(interactive=True)
        self.assertEqual([task.target for task in source.claim(10)], [self.target.pk])

    def test_it_is_tried_again_when_the_time_is_over(self):
        self.spare(seconds=-1)
        _run, source = self.source()
        self.assertEqual([task.target for task in source.claim(10)], [self.target.pk])
