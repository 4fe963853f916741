"""Somebody asks by hand for what waits in a run of many: it goes first, and where it waits nothing is in its way."""

from datetime import timedelta
from unittest import mock

from django.test import override_settings
from django.utils import timezone

from netbox_netops import lifecycle
from netbox_netops.dispatch import MOST_INTERACTIVE, enqueue
from netbox_netops.jobs.source import RunSource
from netbox_netops.models import Target
from netbox_netops.settings import get_settings
from tests.integration.core.runs import LifecycleCase, make_run
from tests.integration.factories import make_credential


class HurryTest(LifecycleCase):
    @classmethod
    def setUpTestData(cls):
        cls.fleet = make_run(60)
        cls.rows = list(cls.fleet.targets.select_related('target').order_by('pk'))
        cls.last = cls.rows[-1]

    def ask(self, *rows, interactive=True):
        """Ask for what these rows are about. Returns the dispatch, and for which runs it rang how."""
        devices = [row.target.device_id for row in rows]
        with mock.patch('netbox_netops.dispatch.ring') as ring, self.captureOnCommitCallbacks(execute=True):
            dispatch = enqueue('device-scan', user=None, devices=devices, interactive=interactive)
        return dispatch, [(call.args, call.kwargs) for call in ring.call_args_list]

    def test_it_goes_first(self):
        dispatch, rung = self.ask(self.last)
        self.assertEqual((dispatch.created, dispatch.joined), (False, {self.fleet.pk: 1}))
        self.assertEqual(rung, [((self.fleet, 1), {'at_front': True})])
        found = self.claim(self.fleet, 3)
        self.assertEqual([item.id for item in found], [self.last.pk, self.rows[0].pk, self.rows[1].pk])
        self.assertEqual([item.urgent for item in found], [True, False, False])

    def test_who_clicks_again_and_again_rings_once(self):
        self.ask(self.last)
        self.assertEqual(self.ask(self.last)[1], [])

    def test_without_its_new_run(self):
        """Some of what was asked for is new: that is a run of its own, and the other one is rung for all the same."""
        other = make_run(1)
        lifecycle.cancel_run(other.pk, None)
        dispatch, rung = self.ask(self.last, other.targets.get())
        self.assertEqual((dispatch.created, dispatch.queued, dispatch.joined), (True, 1, {self.fleet.pk: 1}))
        self.assertEqual([call[0][0] for call in rung], [dispatch.run, self.fleet])

    def test_only_by_hand_and_only_a_few(self):
        self.assertEqual(self.ask(self.last, interactive=False)[1], [])
        self.assertEqual(self.ask(*self.rows[: MOST_INTERACTIVE + 1])[1], [])
        self.assertFalse(self.fleet.targets.filter(urgent=True).exists())

    def test_what_is_at_work_is_left_alone(self):
        (claim,) = self.claim(self.fleet, 1)
        _dispatch, rung = self.ask(self.rows[0])
        self.assertEqual(rung, [])
        row = self.fleet.targets.get(pk=claim.id)
        self.assertEqual((row.state, row.urgent, str(row.lease_token)), ('running', False, claim.lease_token))

    def test_its_next_attempt_is_now(self):
        later = timezone.now() + timedelta(hours=1)
        self.fleet.targets.filter(pk=self.last.pk).update(
            next_attempt=later, error_code='unreachable:no-response', attempt=1
        )
        self.ask(self.last)
        self.last.refresh_from_db()
        self.assertEqual((self.last.next_attempt, self.last.attempt), (None, 1))

    def test_what_has_no_address_goes_on_waiting_for_one(self):
        until = timezone.now() + timedelta(hours=1)
        self.fleet.targets.filter(pk=self.last.pk).update(next_attempt=until, blocked='waiting:address')
        self.ask(self.last)
        self.last.refresh_from_db()
        self.assertEqual((self.last.next_attempt, self.last.blocked), (until, 'waiting:address'))
        self.assertTrue(self.last.urgent)

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None}})
    def test_neither_a_maintenance_window_nor_a_dead_device_is_in_its_way(self):
        make_credential()
        now = timezone.now()
        window = {
            'start': (now - timedelta(hours=1)).isoformat(),
            'end': (now + timedelta(hours=1)).isoformat(),
        }
        Target.objects.update(options={'maintenance': [window]}, address='192.0.2.1')
        spared = self.rows[0]
        Target.objects.filter(pk=spared.target_id).update(
            options={}, spared_until=now + timedelta(hours=1), last_error='unreachable:no-response'
        )
        self.ask(self.last, spared)
        source = RunSource(self.fleet, worker='w', settings=get_settings())
        tasks = source.claim(4)
        self.assertEqual({task.id for task in tasks}, {self.last.pk, spared.pk})
        states = set(self.fleet.targets.filter(pk__in=[row.pk for row in self.rows[1:3]]).values_list('blocked'))
        self.assertEqual(states, {('waiting:maintenance',)})
