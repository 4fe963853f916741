"""Policies: due ones fire once, whatever was missed, with the rights that their user has at that moment."""

from datetime import timedelta
from unittest import mock

from dcim.models import Device, Site
from django.utils import timezone
from users.models import ObjectPermission
from virtualization.models import VirtualMachine

from netbox_netops import lifecycle, policies
from netbox_netops.dispatch import DispatchError, enqueue
from netbox_netops.jobs.tick import tick
from netbox_netops.models import Policy, Run, RunTarget, Target
from netbox_netops.policies import fire, fire_due, mend_schedules, upcoming
from netbox_netops.results import ResultSink
from tests.integration.core.runs import make_result

from .policies import PolicyCase, User, grant, make_due, names


class FireDueTest(PolicyCase):
    def test_a_due_policy_starts_a_run(self):
        policy = self.make(cron='0 3 * * *', options={'port': 1161})
        before = timezone.now()
        make_due(policy)
        self.assertEqual(fire_due(), 1)
        policy.refresh_from_db()
        run = Run.objects.get()
        self.assertEqual((run.policy, run.kind, run.requested_by), (policy, 'device-scan', self.user))
        self.assertEqual((run.options, run.reason, run.interactive), ({'port': 1161}, 'schedule', False))
        self.assertEqual(names(run), ['a', 'b'])
        self.assertEqual((policy.last_run, policy.last_outcome), (run, ''))
        self.assertLess(before, policy.last_fired)
        self.assertEqual(timezone.localtime(policy.next_run).strftime('%H:%M'), '03:00')
        self.assertGreater(policy.next_run, timezone.now())

    def test_not_again_until_it_is_due_again(self):
        self.fired(self.make())
        self.finish()
        self.assertEqual(fire_due(), 0)
        self.assertEqual(Run.objects.count(), 1)

    def test_after_downtime_once_however_much_was_missed(self):
        policy = self.make(cron='', interval=10)
        due = make_due(policy, days=3, minutes=7)
        self.assertEqual(fire_due(), 1)
        self.finish()
        self.assertEqual(fire_due(), 0)
        self.assertEqual(Run.objects.count(), 1)
        policy.refresh_from_db()
        # In the same rhythm as before.
        self.assertEqual((policy.next_run - due) % timedelta(minutes=10), timedelta(0))
        self.assertLessEqual(policy.next_run, timezone.now() + timedelta(minutes=10))

    def test_what_is_not_due(self):
        later, disabled, unscheduled = self.make(), self.make(enabled=False), self.make(cron='')
        for policy in (disabled, unscheduled):
            self.assertIsNone(policy.next_run)
        self.assertGreater(later.next_run, timezone.now())
        Policy.objects.filter(pk=disabled.pk).update(next_run=timezone.now() - timedelta(hours=1))
        self.assertEqual(fire_due(), 0)
        self.assertFalse(Run.objects.exists())

    def test_skipped_while_the_previous_run_is_active(self):
        policy = self.fired(self.make())
        run, fired = policy.last_run, policy.last_fired
        with self.assertLogs('netbox.netbox_netops.policies', 'WARNING'):
            policy = self.fired(policy)
        self.assertEqual((policy.last_outcome, policy.last_run, policy.last_fired), ('policy:active', run, fired))
        self.assertEqual(Run.objects.count(), 1)
        self.finish()
        policy = self.fired(policy)
        self.assertEqual((policy.last_outcome, Run.objects.count()), ('', 2))

    def test_what_waits_for_the_end_of_maintenance_does_not_hold_up_the_others(self):
        policy = self.fired(self.make())
        first, second = lifecycle.claim(policy.last_run_id, 2, worker='w', lease_seconds=60).claims
        off = first.id, first.lease_token, 20 * 24 * 3600.0
        lifecycle.defer([off], 'waiting:maintenance', None, 3600)
        # The other one is at work.
        with self.assertLogs('netbox.netbox_netops.policies', 'WARNING'):
            self.assertEqual(self.fired(policy).last_outcome, 'policy:active')
        ResultSink().write([make_result(second, policy.last_run)])
        policy = self.fired(policy)
        self.assertEqual(policy.last_outcome, '')
        self.assertEqual(names(policy.last_run), [second.name])
        self.assertEqual(RunTarget.objects.filter(pk=first.id, blocked='waiting:maintenance').count(), 1)

    def test_a_run_whose_time_is_over_is_not_active(self):
        policy = self.fired(self.make())
        RunTarget.objects.update(expires=timezone.now() - timedelta(seconds=1))
        self.assertEqual(self.fired(policy).last_outcome, '')
        self.assertEqual(list(Run.objects.order_by('pk').values_list('status', flat=True)), ['expired', 'queued'])

    def test_the_previous_run_was_deleted(self):
        policy = self.fired(self.make())
        Run.objects.all().delete()
        self.assertEqual(self.fired(policy).last_outcome, '')

    def test_all_targets_at_work_for_others(self):
        other = enqueue('device-scan', user=None, devices=Device.objects.all()).run
        policy = self.fired(self.make())
        self.assertEqual((policy.last_run, policy.last_outcome), (other, ''))
        self.assertEqual(Run.objects.count(), 1)

    def test_machines(self):
        grant(self.user, 'netops_scan', VirtualMachine)
        policy = self.fired(self.make(device_filter=None, machine_filter={'site': ['a']}))
        self.assertEqual(names(policy.last_run), ['vm'])
        self.finish()
        policy = self.fired(self.make(machine_filter={'site': ['a']}))
        self.assertEqual(names(policy.last_run), ['a', 'b', 'vm'])

    def test_netbox_sync(self):
        policy = self.make(kind='netbox-sync', device_filter=None)
        self.assertEqual(self.fired(policy).last_outcome, 'permission:denied')
        grant(self.user, 'netops_sync', Target)
        policy = self.fired(policy)
        self.assertEqual((policy.last_outcome, policy.last_run.kind), ('', 'netbox-sync'))

    def test_the_tick_fires(self):
        make_due(self.make())
        self.assertEqual(tick().fired, 1)
        self.assertEqual(Run.objects.count(), 1)


class RightsTest(PolicyCase):
    """The rights of its user, at each firing."""

    def test_a_lost_right_is_lost_at_the_next_firing(self):
        policy = self.fired(self.make())
        self.assertEqual(names(policy.last_run), ['a', 'b'])
        self.finish()
        self.permission.constraints = {'site__slug': 'a'}
        self.permission.save()
        policy = self.fired(policy)
        self.assertEqual((names(policy.last_run), policy.last_outcome), (['a'], ''))
        self.finish()
        self.permission.delete()
        run = policy.last_run
        policy = self.fired(policy)
        self.assertEqual((policy.last_outcome, policy.last_run), ('permission:denied', run))
        self.assertEqual(Run.objects.count(), 2)

    def test_rights_on_one_of_two_models_are_enough(self):
        policy = self.fired(self.make(machine_filter={'site': ['a']}))
        self.assertEqual(names(policy.last_run), ['a', 'b'])

    def test_rights_that_match_nothing(self):
        self.permission.constraints = {'site__slug': 'c'}
        self.permission.save()
        self.assertEqual(self.fired(self.make()).last_outcome, 'selection:empty')

    def test_inactive_user(self):
        self.user.is_active = False
        self.user.save()
        for superuser in (False, True):
            User.objects.update(is_superuser=superuser)
            with self.subTest(superuser):
                self.assertEqual(self.fired(self.make()).last_outcome, 'policy:user')
        self.assertFalse(Run.objects.exists())

    def test_rights_are_read_anew_in_a_process_that_stays(self):
        policy = self.make()
        self.assertTrue(policy.run_as.has_perm('dcim.netops_scan_device'))
        ObjectPermission.objects.all().delete()
        with self.assertRaises(DispatchError) as caught:
            fire(policy)
        self.assertEqual(caught.exception.code, 'permission:denied')


class FailureTest(PolicyCase):
    """What fails is recorded, and is neither in the way of others nor tried for ever."""

    def test_a_filter_that_means_nothing_any_more(self):
        policy, other = self.make(device_filter={'site': ['a']}), self.make(device_filter={'site': ['b']})
        Site.objects.filter(slug='a').update(slug='renamed')
        for item in (policy, other):
            make_due(item)
        self.assertEqual(fire_due(), 1)
        policy.refresh_from_db()
        self.assertEqual((policy.last_outcome, policy.last_run), ('scope:invalid', None))
        self.assertGreater(policy.next_run, timezone.now())
        self.assertEqual(names(Run.objects.get()), ['b'])

    def test_options_that_are_none_any_more(self):
        policy = self.make()
        Policy.objects.update(options={'colour': 'red'})
        self.assertEqual(self.fired(policy).last_outcome, 'options:invalid')

    def test_an_unexpected_exception(self):
        """Also one of the database, after which a transaction is of no use."""
        broken, sound = self.make(device_filter={'site': ['a']}), self.make(device_filter={'site': ['b']})
        make_due(broken, seconds=2)
        make_due(sound)

        def fail(kind, *, policy, **arguments):
            if policy.pk == broken.pk:
                Site.objects.create(name='A', slug='a')
            return enqueue(kind, policy=policy, **arguments)

        with mock.patch.object(policies, 'enqueue', fail), self.assertLogs(policies.logger, 'ERROR') as logs:
            self.assertEqual(fire_due(), 1)
        self.assertIn('IntegrityError', logs.output[0])
        broken.refresh_from_db()
        self.assertEqual((broken.last_outcome, broken.last_run), ('internal:error', None))
        self.assertGreater(broken.next_run, timezone.now())
        self.assertEqual(names(Run.objects.get()), ['b'])
        self.assertEqual(fire_due(), 0)

    def test_a_schedule_that_is_none_any_more(self):
        policy = self.make()
        Policy.objects.update(cron='61 * * * *')
        make_due(policy)
        with self.assertLogs(policies.logger, 'ERROR'):
            self.assertEqual(fire_due(), 1)
        policy.refresh_from_db()
        self.assertIsNone(policy.next_run)
        mend_schedules()
        policy.refresh_from_db()
        self.assertEqual((policy.next_run, policy.last_outcome), (None, 'schedule:invalid'))
        self.assertEqual(upcoming(policy), [])


class FireTest(PolicyCase):
    """By hand, and for event rules."""

    def test_by_hand(self):
        policy = self.make(cron='')
        outcome = fire(policy, user=User.objects.create(username='alice'), reason='run now')
        run = outcome.run
        self.assertEqual((outcome.created, outcome.queued), (True, 2))
        self.assertEqual((run.reason, run.requested_by, run.policy), ('run now (alice)', self.user, policy))
        policy.refresh_from_db()
        self.assertEqual((policy.last_run, policy.last_outcome, policy.next_run), (run, '', None))
        self.assertIsNotNone(policy.last_fired)

    def test_by_hand_while_it_is_active(self):
        policy = self.make()
        run = fire(policy).run
        again = fire(policy)
        self.assertEqual((again.created, again.run, again.joined), (False, run, {run.pk: 2}))

    def test_given_objects_are_restricted_by_the_filter(self):
        policy = self.make(device_filter={'site': ['a']})
        outcome = fire(policy, devices=[self.device_a.pk, self.device_b.pk], machines=[self.machine.pk])
        self.assertEqual(names(outcome.run), ['a'])
        for arguments in ({'devices': [self.device_b.pk]}, {'machines': [self.machine.pk]}, {'devices': []}):
            with self.subTest(arguments), self.assertRaises(DispatchError) as caught:
                fire(policy, **arguments)
            self.assertEqual(caught.exception.code, 'selection:empty')

    def test_given_objects_are_not_the_run_of_the_policy(self):
        """A run on one new device neither hides the outcome of the nightly one nor keeps it from starting."""
        policy = self.make()
        Policy.objects.update(last_outcome='policy:active')
        fire(policy, devices=[self.device_a.pk])
        with self.assertRaises(DispatchError):
            fire(policy, devices=[])
        policy.refresh_from_db()
        self.assertEqual((policy.last_run, policy.last_outcome), (None, 'policy:active'))
        self.assertIsNotNone(policy.last_fired)
        policy = self.fired(policy)
        self.assertEqual((policy.last_outcome, names(policy.last_run)), ('', ['b']))

    def test_a_failure_with_given_objects_is_recorded_until_it_is_over(self):
        policy = self.make(cron='')
        self.permission.actions = ['view']
        self.permission.save()
        for outcome in ('permission:denied', ''):
            try:
                fire(policy, devices=[self.device_a.pk])
            except DispatchError as error:
                self.assertEqual(error.code, outcome)
            policy.refresh_from_db()
            self.assertEqual(policy.last_outcome, outcome)
            self.permission.actions = ['netops_scan']
            self.permission.save()

    def test_waiting_for_an_address(self):
        fire(self.make(), devices=[self.device_a.pk], wait_for_address=True)
        self.assertEqual(RunTarget.objects.get().blocked, 'waiting:address')

    def test_refusals_are_recorded(self):
        policy = self.make()
        ObjectPermission.objects.all().delete()
        with self.assertRaises(DispatchError):
            fire(policy)
        policy.refresh_from_db()
        self.assertEqual(policy.last_outcome, 'permission:denied')

    def test_disabled(self):
        for arguments in ({}, {'devices': [self.device_a.pk]}):
            with self.assertRaises(DispatchError) as caught:
                fire(self.make(enabled=False), **arguments)
            self.assertEqual(caught.exception.code, 'policy:disabled')

    def test_limits_of_the_policy_go_with_the_run(self):
        policy = self.make(concurrency=3, rate=60)
        self.assertEqual(fire(policy).run.policy.concurrency, 3)
