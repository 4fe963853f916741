"""NetOps's own events of runs, and policies that answer to events."""

import json
import logging
from datetime import timedelta
from unittest import mock

from dcim.models import Device
from django.db import transaction
from extras.models import Notification
from users.models import User

from netbox_netops import event_types, events, lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.models import Run, RunTarget
from netbox_netops.transitions import Transition, state_changed
from netops_worker.wire import Result
from tests.integration.factories import (
    NOON,
    make_site,
    make_target,
)
from tests.integration.rules import make_group, make_policy, make_rule, webhook_jobs

from .eventing import NO_ANSWER, RUN_EVENTS, EventCase


class RunTest(EventCase):
    @classmethod
    def setUpTestData(cls):
        site = make_site()
        cls.targets = [make_target(f'r{number}', address=f'192.0.2.{number + 1}', site=site) for number in range(3)]

    def finish(self, *codes, run=None):
        """Finish a run of one target for each error code; '' is success. Returns the run."""
        run = (
            run
            or enqueue(
                'device-scan', user=self.user_with_rights(), devices=[t.device_id for t in self.targets[: len(codes)]]
            ).run
        )
        claims = lifecycle.claim(run.pk, 10, worker='w', lease_seconds=60).claims
        results = [
            Result(task=claim.id, run=run.pk, target=claim.target, kind=run.kind, ok=not code, error_code=code,
                   lease_token=claim.lease_token, started_at=NOON.timestamp(), duration_ms=1, attempt=9)
            for claim, code in zip(claims, codes, strict=True)
        ]  # fmt: skip
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            lifecycle.finish(results)
            lifecycle.settle([run.pk])
        return run

    def user_with_rights(self):
        return User.objects.get_or_create(username='admin', is_superuser=True)[0]

    def told(self):
        return [(job['event_type'], job['data']['id']) for job in webhook_jobs()]

    def test_success(self):
        self.listen(RUN_EVENTS, Run)
        run = self.finish('', '')
        self.assertEqual(self.told(), [(event_types.RUN_FINISHED, run.pk)])
        job = webhook_jobs()[0]
        self.assertEqual(job['object_type'].natural_key(), ('netbox_netops', 'run'))
        data = job['data']
        self.assertEqual(json.loads(json.dumps(data)), data)
        self.assertEqual((data['kind']['value'], data['status']['value']), ('device-scan', 'succeeded'))
        self.assertEqual((data['total'], data['succeeded'], data['failed'], data['errors']), (2, 2, 0, {}))
        self.assertEqual(data['requested_by']['username'], 'admin')

    def test_any_target_that_failed_makes_it_a_failure(self):
        self.listen(RUN_EVENTS, Run)
        run = self.finish('', 'credential:rejected', 'unreachable:no-response')
        self.assertEqual(self.told(), [(event_types.RUN_FINISHED, run.pk), (event_types.RUN_FAILED, run.pk)])
        data = webhook_jobs()[1]['data']
        self.assertEqual(data['status']['value'], 'partial')
        self.assertEqual(data['errors'], {'credential:rejected': 1, 'unreachable:no-response': 1})

    def test_what_nobody_took_up(self):
        self.listen(RUN_EVENTS, Run)
        run = enqueue('device-scan', user=None, devices=[self.targets[0].device_id]).run
        RunTarget.objects.update(expires=NOON)
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.expire_overdue()
        self.assertEqual(self.told(), [(event_types.RUN_FINISHED, run.pk), (event_types.RUN_FAILED, run.pk)])
        self.assertEqual(webhook_jobs()[1]['data']['errors'], {'expired:no-worker': 1})

    def test_cancelled_is_no_failure(self):
        self.listen(RUN_EVENTS, Run)
        run = enqueue('device-scan', user=None, devices=[self.targets[0].device_id]).run
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.cancel_run(run.pk, self.user)
        self.assertEqual(self.told(), [(event_types.RUN_FINISHED, run.pk)])
        self.assertEqual(webhook_jobs()[0]['data']['status']['value'], 'cancelled')

    def test_told_once(self):
        self.listen(RUN_EVENTS, Run)
        run = self.finish('')
        with self.captureOnCommitCallbacks(execute=True):
            lifecycle.settle([run.pk])
        self.assertEqual(len(self.told()), 1)

    def test_one_query_when_nobody_listens(self):
        self.listen()
        run = self.finish('')
        with self.assertNumQueries(1):
            lifecycle.runs_finished.send(None, runs=[run.pk])

    def test_a_failure_stays_here(self):
        self.listen(RUN_EVENTS, Run)
        with (
            mock.patch.object(events, 'process_event_rules', side_effect=RuntimeError('an action')),
            self.assertLogs('netbox.netbox_netops.events', logging.ERROR) as logs,
        ):
            run = self.finish('')
        self.assertIn(str(run), logs.output[0])
        run.refresh_from_db()
        self.assertEqual(run.status, 'succeeded')

    def test_notification_leads_to_the_run(self):
        make_rule(make_group(self.user), Run, event_types.RUN_FAILED)
        run = self.finish('credential:rejected')
        notification = Notification.objects.get()
        self.assertEqual((notification.object, notification.event_type), (run, event_types.RUN_FAILED))
        self.assertEqual(notification.object.get_absolute_url(), f'/plugins/netops/runs/{run.pk}/')

    def test_a_run_concerns_no_single_device(self):
        """So what finishes cannot start the next one for ever."""
        make_rule(make_policy(), Run, RUN_EVENTS, name='Again')
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.WARNING) as logs:
            self.finish('credential:rejected')
        self.assertIn('Event rule "Again"', logs.output[0])
        self.assertEqual(Run.objects.count(), 1)


class PolicyTest(EventCase):
    """Own events may run policies."""

    @classmethod
    def setUpTestData(cls):
        site = make_site()
        cls.targets = [make_target(f'r{number}', address=f'192.0.2.{number + 1}', site=site) for number in range(3)]
        cls.policy = make_policy('Look again')

    def lose(self, run=0):
        self.write(*(self.result(target, run=run, **NO_ANSWER) for target in self.targets))

    def run_of(self, policy):
        return Run.objects.create(kind='device-scan', policy=policy, expires=NOON + timedelta(days=1))

    def test_one_run_for_the_batch(self):
        make_rule(self.policy, Device, event_types.DEVICE_UNREACHABLE, name='Lost')
        self.lose(self.run_of(None).pk)
        run = Run.objects.get(policy=self.policy)
        self.assertEqual((run.reason, run.total), ('event rule Lost', 3))

    def test_not_for_what_a_run_of_itself_has_found(self):
        make_rule(self.policy, Device, event_types.DEVICE_UNREACHABLE)
        own = self.run_of(self.policy)
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.INFO):
            self.lose(own.pk)
        self.assertEqual(Run.objects.get(), own)

    def test_for_what_a_run_of_another_policy_has_found(self):
        make_rule(self.policy, Device, event_types.DEVICE_UNREACHABLE)
        self.lose(self.run_of(make_policy()).pk)
        self.assertEqual(Run.objects.get(policy=self.policy).total, 3)

    def test_transition_without_a_run(self):
        """The signal is public: others may send what they have seen, and know less about it."""
        make_rule(self.policy, Device, event_types.DEVICE_UNREACHABLE)
        item = Transition('reachability', self.targets[0].pk, '', '', 'reachable', 'unreachable', NOON)
        with self.captureOnCommitCallbacks(execute=True):
            for _receiver, answer in state_changed.send_robust(sender=Transition, transitions=[item]):
                self.assertIsNone(answer)
        self.assertEqual(Run.objects.get().total, 1)
