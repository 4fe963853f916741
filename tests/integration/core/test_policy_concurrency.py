"""Several processes fire policies at the same time: real transactions on connections of their own."""

import threading
from unittest import mock

import pytest
from django.db import connections, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from netbox_netops import event_rules, policies
from netbox_netops.dispatch import enqueue
from netbox_netops.models import Policy, Run
from netbox_netops.policies import fire_due
from tests.integration.core.runs import wait_for_locks
from tests.integration.factories import make_device, make_site

from .policies import User, make_due, make_policy


class ConcurrencyTest(TransactionTestCase):
    """Several processes tick at the same time: real transactions on connections of their own."""

    def setUp(self):
        user = User.objects.create(username='operator', is_superuser=True)
        self.device = make_device('a', site=make_site('A'))
        self.policy = make_policy(run_as=user, device_filter={'site': ['a']}, cron='', interval=60)
        make_due(self.policy, minutes=5)

    def in_threads(self, *functions):
        results, failures = [], []

        def call(function):
            try:
                results.append(function())
            except Exception as error:
                failures.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=call, args=(function,)) for function in functions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(failures, [])
        return results

    def test_two_at_the_same_time_fire_once(self):
        """Both have found the policy due before either takes it."""
        barrier = threading.Barrier(2, timeout=30)
        attempt = policies._fire_if_due

        def together(pk):
            barrier.wait()
            return attempt(pk)

        with mock.patch.object(policies, '_fire_if_due', together):
            self.assertEqual(sorted(self.in_threads(fire_due, fire_due)), [0, 1])
        # Nor has the later one taken it for due, and for skipped.
        self.assertEqual((Run.objects.count(), Policy.objects.get().last_outcome), (1, ''))

    def test_one_that_comes_while_the_other_is_at_it_goes_on(self):
        """It waits for nobody, and does not fire after all when the other has finished."""
        inside, leave = threading.Event(), threading.Event()

        def slow(*args, **kwargs):
            inside.set()
            self.assertTrue(leave.wait(30))
            return enqueue(*args, **kwargs)

        second = []

        def other():
            self.assertTrue(inside.wait(30))
            second.append(fire_due())
            leave.set()
            return 0

        with mock.patch.object(policies, 'enqueue', slow):
            self.assertEqual(sorted(self.in_threads(fire_due, other)), [0, 1])
        self.assertEqual((second, Run.objects.count()), ([0], 1))
        self.assertEqual(fire_due(), 0)
        self.assertEqual(Policy.objects.get().last_outcome, '')

    def test_an_event_rule_while_it_is_fired(self):
        """It waits for the end of that, and joins what was started."""
        inside, leave = threading.Event(), threading.Event()

        def slow(*args, **kwargs):
            if kwargs['reason'] == 'schedule':
                inside.set()
                self.assertTrue(leave.wait(30))
            return enqueue(*args, **kwargs)

        def rule():
            self.assertTrue(inside.wait(30))
            event_rules.dispatch_collected([self.event()])
            return 0

        def release():
            wait_for_locks(1)
            leave.set()
            return 0

        with mock.patch.object(policies, 'enqueue', slow):
            self.assertEqual(sorted(self.in_threads(fire_due, rule, release)), [0, 0, 1])
        self.assertEqual((Run.objects.get().reason, Policy.objects.get().last_outcome), ('schedule', ''))

    def test_a_firing_while_an_event_rule_runs_it(self):
        """It is put off until the next look at what is due."""
        inside, leave = threading.Event(), threading.Event()

        def slow(*args, **kwargs):
            dispatch = enqueue(*args, **kwargs)
            inside.set()
            self.assertTrue(leave.wait(30))
            return dispatch

        def rule():
            event_rules.dispatch_collected([self.event()])
            return 0

        def schedule():
            self.assertTrue(inside.wait(30))
            try:
                return fire_due()
            finally:
                leave.set()

        with mock.patch.object(policies, 'enqueue', slow):
            self.assertEqual(self.in_threads(rule, schedule), [0, 0])
            self.assertIn('event rule', Run.objects.get().reason)
            self.assertEqual(fire_due(), 1)
        self.assertEqual(Run.objects.count(), 1)

    def event(self):
        """An event that a rule has passed to the policy."""
        return {'object': self.device, 'object_id': self.device.pk, 'netops_policies': {self.policy.pk: ['New']}}

    def test_a_process_that_dies_while_firing_leaves_the_policy_due(self):
        with mock.patch.object(policies, 'enqueue', side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            fire_due()
        self.assertFalse(Run.objects.exists())
        self.assertEqual(fire_due(), 1)

    def test_an_edit_waits_for_the_firing_and_does_not_undo_it(self):
        inside, leave = threading.Event(), threading.Event()

        def slow(*args, **kwargs):
            inside.set()
            self.assertTrue(leave.wait(30))
            return enqueue(*args, **kwargs)

        def edit():
            policy = Policy.objects.get()
            self.assertTrue(inside.wait(30))
            policy.name = 'Renamed'
            leave.set()
            policy.save()
            return 0

        with mock.patch.object(policies, 'enqueue', slow):
            self.in_threads(fire_due, edit)
        policy = Policy.objects.get()
        self.assertEqual((policy.name, policy.last_run), ('Renamed', Run.objects.get()))
        self.assertGreater(policy.next_run, timezone.now())

    def test_the_bell_rings_after_the_commit(self):
        with mock.patch('netbox_netops.dispatch.ring') as ring:
            with transaction.atomic():
                self.assertEqual(fire_due(), 1)
                ring.assert_not_called()
            ring.assert_called_once()

    def test_a_bell_that_fails_does_not_stop_the_others(self):
        make_device('b', site=make_site('B'))
        other = make_policy(run_as=self.policy.run_as, device_filter={'site': ['b']})
        make_due(other)
        with (
            mock.patch('netbox_netops.dispatch.ring', side_effect=[RuntimeError, None]),
            self.assertLogs(policies.logger, 'ERROR'),
        ):
            fire_due()
        self.assertEqual(Run.objects.count(), 2)
        self.assertEqual(fire_due(), 0)
