"""NetOps's own events: who does not listen costs nothing, and who does cannot stop the work."""

import logging
from unittest import mock

from dcim.models import Device
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisConnectionError

from netbox_netops import event_types, events
from netbox_netops.event_rules import RunPolicyAction
from netbox_netops.models import Target
from netbox_netops.results.scans import merge_scans
from tests.integration.factories import (
    interface_row,
    make_scan_result,
    make_site,
    make_target,
    scan_data,
)
from tests.integration.rules import make_policy, make_rule, webhook_jobs

from .eventing import NO_ANSWER, EventCase


class CostTest(EventCase):
    @classmethod
    def setUpTestData(cls):
        site = make_site()
        cls.targets = [make_target(f'r{number}', address=f'192.0.2.{number + 1}', site=site) for number in range(12)]

    def queries(self, targets):
        """Statements after the commit of a batch in which all of them stop to answer."""
        with self.captureOnCommitCallbacks() as callbacks, transaction.atomic():
            merge_scans([self.result(target, **NO_ANSWER) for target in targets])
        self.minutes += 1
        with CaptureQueriesContext(connection) as queries:
            for callback in callbacks:
                callback()
        return len(queries)

    def test_one_query_when_nobody_listens(self):
        self.listen(event_types.BGP_DOWN)
        self.assertEqual(self.queries(self.targets), 1)

    def test_interfaces_cost_none(self):
        self.listen()
        with self.captureOnCommitCallbacks(execute=True):
            merge_scans([self.result(self.targets[0], scan_data(interfaces=[interface_row(1)]))])
        self.minutes += 1
        with self.captureOnCommitCallbacks() as callbacks, transaction.atomic():
            merge_scans([self.result(self.targets[0], scan_data(interfaces=[interface_row(1, oper_status=2)]))])
        self.assertEqual(len(callbacks), 1)
        with self.assertNumQueries(0):
            callbacks[0]()

    def test_queries_do_not_depend_on_the_number_of_events(self):
        self.listen()
        few, many = self.queries(self.targets[:2]), self.queries(self.targets[2:])
        self.assertEqual(len(webhook_jobs()), 12)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 8)

    def test_merging_takes_no_query_more(self):
        def merge(targets):
            with CaptureQueriesContext(connection) as queries, transaction.atomic():
                merge_scans([self.result(target, **NO_ANSWER) for target in targets])
            self.minutes += 1
            return len(queries)

        self.assertEqual(merge(self.targets[:2]), merge(self.targets[2:]))

    def test_at_most_so_many_at_once(self):
        self.listen()
        with (
            mock.patch.object(events, 'MOST_EVENTS', 5),
            self.assertLogs('netbox.netbox_netops.events', logging.ERROR) as logs,
        ):
            self.queries(self.targets)
        self.assertIn('7 of 12 events', logs.output[0])
        self.assertEqual(len(webhook_jobs()), 5)

    def test_redis_that_does_not_answer_is_asked_once(self):
        self.listen()
        with (
            mock.patch('extras.event_rules.get_queue', side_effect=RedisConnectionError('refused')) as asked,
            self.assertLogs('netbox.netbox_netops.events', logging.ERROR) as logs,
        ):
            self.queries(self.targets)
        self.assertEqual(asked.call_count, 1)
        self.assertIn('12 events are not passed', logs.output[0])

    def test_an_action_that_fails_keeps_no_other_event_back(self):
        self.listen()
        original = events.process_event_rules

        def fail_once(rules, object_type, event):
            if event['object'] == self.targets[0].device:
                raise RuntimeError('an action')
            original(rules, object_type, event)

        with (
            mock.patch.object(events, 'process_event_rules', side_effect=fail_once),
            self.assertLogs('netbox.netbox_netops.events', logging.ERROR),
        ):
            self.queries(self.targets)
        self.assertEqual(len(webhook_jobs()), 11)


class CommitTest(TransactionTestCase):
    def test_after_the_commit_and_outside_of_it(self):
        """A rule's action sees what was written, and its failure cannot take the results with it."""
        target = make_target('r1')
        make_rule(make_policy(), Device, event_types.DEVICE_UNREACHABLE)
        seen = []

        def look(action, *, event_context, **arguments):
            seen.append((connection.in_atomic_block, Target.objects.get(pk=target.pk).reachability))
            raise RuntimeError('an action')

        with (
            mock.patch.object(RunPolicyAction, 'enqueue', look),
            self.assertLogs('netbox.events_processor', logging.ERROR),
            transaction.atomic(),
        ):
            merge_scans([make_scan_result(target, {}, **NO_ANSWER)])
        self.assertEqual(seen, [(False, 'unreachable')])
        target.refresh_from_db()
        self.assertEqual(target.reachability, 'unreachable')
