"""The rows of policies: what may be saved, when they are due next, and what they would do now."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from dcim.models import Device, Site
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone
from users.models import ObjectPermission

from netbox_netops import policies
from netbox_netops.models import Policy
from netbox_netops.policies import fire, fire_due, mend_schedules, preview, upcoming
from netops_worker.errors import NetOpsError
from tests.integration.factories import make_device

from .policies import PolicyCase, User, grant, make_due


class CleanTest(PolicyCase):
    def errors(self, **values):
        values = {'name': 'x', 'kind': 'device-scan', 'run_as': self.user, 'device_filter': {'site': ['a']}} | values
        try:
            Policy(**values).full_clean()
        except ValidationError as error:
            return {name: found[0].code for name, found in error.error_dict.items()}
        return {}

    def test_errors_name_the_field_and_the_code(self):
        for values, expected in (
            ({}, {}),
            ({'cron': '0 3 * * *'}, {}),
            ({'kind': 'netbox-sync', 'device_filter': None, 'interval': 5}, {}),
            ({'cron': '61 * * * *'}, {'cron': 'schedule:invalid'}),
            ({'cron': '0 3 * * *', 'interval': 5}, {'interval': 'schedule:invalid'}),
            ({'options': {'port': 0}}, {'options': 'options:invalid'}),
            ({'options': [1]}, {'options': 'options:invalid'}),
            ({'device_filter': {'sitee': ['a']}}, {'device_filter': 'scope:invalid'}),
            ({'device_filter': {}}, {'device_filter': 'scope:invalid'}),
            ({'device_filter': None}, {'device_filter': 'scope:invalid'}),
            ({'machine_filter': {'site': ['x']}}, {'machine_filter': 'scope:invalid'}),
            ({'kind': 'netbox-sync'}, {'device_filter': 'scope:invalid'}),
            (
                {'kind': 'netbox-sync', 'device_filter': None, 'machine_filter': {'site': ['a']}},
                {'machine_filter': 'scope:invalid'},
            ),
            ({'interval': 0}, {'interval': 'min_value'}),
            ({'kind': 'telepathy'}, {'kind': 'invalid_choice'}),
        ):
            with self.subTest(values):
                self.assertEqual(self.errors(**values), expected)


class SaveTest(PolicyCase):
    """Saving says when the policy is due next, and touches nothing else of what firing writes."""

    def test_schedule(self):
        policy = self.make(cron='0 3 * * *')
        self.assertEqual(timezone.localtime(policy.next_run).strftime('%H:%M'), '03:00')
        for values, expected in (
            ({'cron': '0 4 * * *'}, '04:00'),
            ({'cron': ''}, None),
            ({'interval': 30}, 'in 30 minutes'),
            ({'enabled': False}, None),
            ({'enabled': True, 'interval': None, 'cron': '0 5 * * *'}, '05:00'),
        ):
            with self.subTest(values):
                for name, value in values.items():
                    setattr(policy, name, value)
                policy.save()
                stored = Policy.objects.get().next_run
                self.assertEqual(policy.next_run, stored)
                if expected is None:
                    self.assertIsNone(stored)
                elif expected.startswith('in'):
                    self.assertAlmostEqual(stored, timezone.now() + timedelta(minutes=30), delta=timedelta(minutes=1))
                else:
                    self.assertEqual(timezone.localtime(stored).strftime('%H:%M'), expected)

    def test_another_edit_does_not_begin_the_interval_anew(self):
        policy = self.make(cron='', interval=60)
        moment = timezone.now() + timedelta(minutes=5)
        Policy.objects.update(next_run=moment)
        policy.description = 'Nightly'
        policy.save()
        policy.refresh_from_db()
        self.assertEqual((policy.next_run, policy.description), (moment, 'Nightly'))

    def test_an_edit_does_not_undo_a_firing(self):
        """The form was opened before, and is sent after the policy has fired."""
        edited = self.make()
        fired = self.fired(Policy.objects.get())
        edited.name = 'Renamed'
        edited.save()
        stored = Policy.objects.get()
        self.assertEqual(stored.name, 'Renamed')
        for name in ('next_run', 'last_run', 'last_fired', 'last_outcome'):
            self.assertEqual(getattr(stored, name), getattr(fired, name))
            self.assertEqual(getattr(edited, name), getattr(fired, name))

    def test_somebody_else_changed_the_schedule_meanwhile(self):
        edited = self.make(cron='0 3 * * *')
        Policy.objects.update(cron='0 4 * * *', next_run=datetime(2040, 1, 1, 4, tzinfo=UTC))
        edited.save()
        self.assertEqual(timezone.localtime(Policy.objects.get().next_run).strftime('%H:%M'), '03:00')
        self.assertLess(Policy.objects.get().next_run, timezone.now() + timedelta(days=2))

    def test_single_fields(self):
        policy = self.make()
        due = policy.next_run
        policy.description, policy.cron = 'x', '0 4 * * *'
        policy.save(update_fields=['description'])
        policy.refresh_from_db()
        self.assertEqual((policy.description, policy.cron, policy.next_run), ('x', '0 3 * * *', due))
        policy.cron = '0 4 * * *'
        policy.save(update_fields=['cron'])
        policy.refresh_from_db()
        self.assertEqual(timezone.localtime(policy.next_run).strftime('%H:%M'), '04:00')
        policy.last_outcome = 'policy:user'
        policy.save(update_fields=['last_outcome'])
        self.assertEqual(Policy.objects.get().last_outcome, 'policy:user')

    def test_a_schedule_that_nobody_checked(self):
        with self.assertRaises(NetOpsError) as caught:
            self.make(cron='61 * * * *')
        self.assertEqual(caught.exception.code, 'schedule:invalid')


class MendTest(PolicyCase):
    """What the schedule says is what counts, whatever was computed from it at another time or place."""

    def set_next(self, policy, moment, **values):
        Policy.objects.filter(pk=policy.pk).update(next_run=moment, **values)

    def mended(self, policy, expected=1):
        if expected:
            with self.assertLogs(policies.logger, 'WARNING'):
                self.assertEqual(mend_schedules(), expected)
        else:
            self.assertEqual(mend_schedules(), 0)
        policy.refresh_from_db()
        return policy.next_run

    def test_nothing_to_mend(self):
        self.make()
        self.make(cron='', interval=10)
        self.make(cron='')
        policy = self.make(enabled=False)
        self.mended(policy, expected=0)

    def test_another_time_zone(self):
        with override_settings(TIME_ZONE='Asia/Tokyo'):
            policy = self.make(cron='0 3 * * *')
            tokyo = policy.next_run
            self.assertEqual(tokyo.astimezone(UTC).hour, 18)
        with override_settings(TIME_ZONE='America/Sao_Paulo'):
            self.assertEqual(self.mended(policy).astimezone(UTC).hour, 6)
            self.mended(policy, expected=0)

    def test_a_clock_that_was_a_year_ahead(self):
        cron, interval = self.make(), self.make(cron='', interval=10)
        future = timezone.now() + timedelta(days=365)
        self.set_next(cron, future, last_fired=future)
        self.set_next(interval, future, last_fired=future)
        self.assertLess(self.mended(cron, expected=2), timezone.now() + timedelta(days=2))
        interval.refresh_from_db()
        self.assertLessEqual(interval.next_run, timezone.now() + timedelta(minutes=10))

    def test_a_clock_that_was_a_little_ahead_does_not_fire_twice(self):
        policy = self.make(cron='* * * * *')
        fired = timezone.now() + timedelta(seconds=100)
        self.set_next(policy, policy.due_after(fired), last_fired=fired)
        self.mended(policy, expected=0)

    def test_rows_written_without_the_model(self):
        policy = self.make()
        self.set_next(policy, None)
        self.assertIsNotNone(self.mended(policy))

    def test_what_is_due_is_left_to_firing(self):
        policy = self.make()
        due = make_due(policy, days=2)
        self.assertEqual(self.mended(policy, expected=0), due)

    def test_firing_mends_once_a_minute(self):
        policy = self.make()
        for start, expected in ((0.0, True), (30.0, False), (61.0, True)):
            self.set_next(policy, timezone.now() + timedelta(days=365))
            if start == 0.0:
                policies._mend_at = 0.0
            with mock.patch.object(policies.time, 'monotonic', return_value=1_000_000 + start):
                fire_due()
            policy.refresh_from_db()
            with self.subTest(start):
                self.assertEqual(policy.next_run < timezone.now() + timedelta(days=2), expected)


class PreviewTest(PolicyCase):
    def setUp(self):
        self.viewer = User.objects.create(username='viewer')
        grant(self.viewer, 'view', Device)

    def counts(self, policy):
        found = preview(policy, self.viewer)
        return {name: part.count for name, part in found.parts.items()}, found.error and found.error.code

    def test_what_the_user_of_the_policy_may_operate(self):
        policy = self.make()
        self.assertEqual(self.counts(policy), ({'devices': 2}, None))
        self.permission.constraints = {'site__slug': 'b'}
        self.permission.save()
        self.assertEqual(self.counts(policy), ({'devices': 1}, None))
        part = preview(policy, self.viewer).parts['devices']
        self.assertEqual((part.shown, part.url), ([self.device_b], '/dcim/devices/?site=a&site=b'))

    def test_only_what_the_viewer_may_view_is_shown(self):
        ObjectPermission.objects.filter(users=self.viewer).update(constraints={'site__slug': 'a'})
        part = preview(self.make(), User.objects.get(pk=self.viewer.pk)).parts['devices']
        self.assertEqual((part.count, part.shown), (2, [self.device_a]))

    def test_it_is_what_a_run_operates(self):
        policy = self.make(machine_filter={'site': ['a']})
        self.assertEqual(self.counts(policy), ({'devices': 2, 'virtual_machines': 0}, None))
        self.assertEqual(fire(policy).queued, 2)

    def test_why_nothing_would_start(self):
        policy = self.make()
        sync = self.make(kind='netbox-sync', device_filter=None)
        self.permission.constraints = {'site__slug': 'c'}
        self.permission.save()
        self.assertEqual(self.counts(policy), ({'devices': 0}, 'selection:empty'))
        self.permission.delete()
        self.assertEqual(self.counts(policy), ({}, 'permission:denied'))
        self.assertEqual(self.counts(sync), ({}, 'permission:denied'))
        Site.objects.filter(slug='a').update(slug='renamed')
        self.assertEqual(self.counts(policy), ({}, 'scope:invalid'))
        User.objects.update(is_active=False)
        self.assertEqual(self.counts(policy), ({}, 'policy:user'))

    def test_ten_at_most(self):
        for number in range(12):
            make_device(f'more-{number}', site=self.site_a)
        part = preview(self.make(), self.viewer).parts['devices']
        self.assertEqual((part.count, len(part.shown)), (14, 10))

    def test_next_times(self):
        times = upcoming(self.make(cron='0 3 * * *'))
        self.assertEqual(len(times), 5)
        self.assertEqual({timezone.localtime(moment).strftime('%H:%M') for moment in times}, {'03:00'})
        self.assertEqual(upcoming(self.make(enabled=False)), [])
