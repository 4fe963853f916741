"""NetOps's own events of devices: whoever listens hears what happened."""

import json
from unittest import mock

from core.models import ObjectType
from dcim.models import Device
from django.db import transaction
from extras.models import Notification
from extras.webhooks import send_webhook
from netbox.events import get_event_type, get_event_type_choices
from utilities.testing import TestCase
from virtualization.models import VirtualMachine

from netbox_netops import event_types
from netbox_netops.inventory import sync
from netbox_netops.models import Run, Target
from netbox_netops.results.scans import merge_scans
from tests.integration.factories import (
    NOON,
    make_machine,
    make_scan_result,
    make_site,
    make_target,
    peer_row,
    scan_data,
)
from tests.integration.rules import make_group, make_policy, make_rule, webhook_jobs

from .eventing import DEVICE_EVENTS, NO_ACCESS, NO_ANSWER, REJECTED, RUN_EVENTS, EventCase
from .merging import MINUTE


class RegistryTest(TestCase):
    def test_types_are_offered(self):
        offered = {choice.value for choice in get_event_type_choices()}
        for name in (*DEVICE_EVENTS, *RUN_EVENTS):
            self.assertIn(name, offered)
            self.assertFalse(get_event_type(name).destructive)

    def test_rules_may_concern_runs(self):
        # What core offers in its form.
        self.assertIn('run', ObjectType.objects.with_feature('event_rules').values_list('model', flat=True))


class ReachabilityTest(EventCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('r1', site=make_site('POP 1'))

    def test_first_scan_that_is_answered(self):
        self.listen()
        self.scan()
        self.assertEqual(self.heard(), [])

    def test_first_scan_that_is_not_answered(self):
        self.listen()
        self.scan(**NO_ANSWER)
        self.assertEqual(self.heard(), [(event_types.DEVICE_UNREACHABLE, 'unknown', 'unreachable')])

    def test_down_and_up_again(self):
        self.listen()
        self.scan()
        for values in (NO_ANSWER, NO_ANSWER, {}, {}):
            self.scan(**values)
        self.assertEqual(
            self.heard(),
            [
                (event_types.DEVICE_UNREACHABLE, 'reachable', 'unreachable'),
                (event_types.DEVICE_REACHABLE, 'unreachable', 'reachable'),
            ],
        )

    def test_what_says_nothing_about_the_device(self):
        self.listen()
        self.scan()
        self.scan(ok=False, error_code='lease:lost')
        self.assertEqual(self.heard(), [])

    def test_refusal_is_an_answer(self):
        self.listen((event_types.DEVICE_UNREACHABLE, event_types.DEVICE_REACHABLE))
        self.scan(**NO_ANSWER)
        self.scan(**NO_ACCESS)
        self.assertEqual(
            [event for event, *_states in self.heard()], [event_types.DEVICE_UNREACHABLE, event_types.DEVICE_REACHABLE]
        )

    def test_another_address_is_no_news(self):
        """Who was told that the device does not answer is told when it does; and not again that it does not."""
        self.listen()
        self.scan(**NO_ANSWER)
        Target.objects.filter(pk=self.target.pk).update(reachability='unknown', reachability_since=None)
        self.scan(**NO_ANSWER)
        Target.objects.filter(pk=self.target.pk).update(reachability='unknown', reachability_since=None)
        self.scan()
        self.assertEqual(
            [event for event, *_states in self.heard()], [event_types.DEVICE_UNREACHABLE, event_types.DEVICE_REACHABLE]
        )

    def test_a_result_older_than_what_is_known(self):
        self.listen()
        self.scan()
        self.write(make_scan_result(self.target, {}, at=NOON - MINUTE, **NO_ANSWER))
        self.assertEqual(self.heard(), [])

    def test_nothing_before_the_commit(self):
        self.listen()
        with self.captureOnCommitCallbacks() as callbacks, transaction.atomic():
            merge_scans([self.result(self.target, **NO_ANSWER)])
            self.assertEqual(self.heard(), [])
        for callback in callbacks:
            callback()
        self.assertEqual(len(self.heard()), 1)

    def test_payload(self):
        self.listen()
        policy = make_policy('Nightly')
        run = Run.objects.create(kind='device-scan', policy=policy, requested_by=self.user, expires=NOON)
        self.scan(run=run.pk)
        self.scan(run=run.pk, **NO_ANSWER)
        device = self.target.device
        job = webhook_jobs()[0]
        self.assertNotIn('request', job)
        self.assertEqual(job['object_type'].natural_key(), ('dcim', 'device'))
        data = json.loads(json.dumps(job['data']))
        self.assertEqual(data, job['data'])
        self.assertEqual(data['site'].pop('name'), 'POP 1')
        self.assertEqual(data['site'].pop('slug'), 'pop-1')
        self.assertEqual(data.pop('site').keys(), {'id', 'url', 'display', 'description'})
        self.assertEqual(data.pop('role')['slug'], 'core')
        self.assertEqual(data.pop('url'), f'/api/dcim/devices/{device.pk}/')
        self.assertEqual(
            data,
            {
                'id': device.pk,
                'display': 'r1',
                'name': 'r1',
                'description': '',
                'tenant': None,
                'target': self.target.pk,
                'address': '192.0.2.1',
                'run': run.pk,
                'policy': policy.pk,
                'previous': 'reachable',
                'state': 'unreachable',
                'since': '2026-05-01T12:01:00Z',
                'error': {'code': 'unreachable:no-response', 'detail': 'nothing within 6 s'},
                'peer': None,
                'credential': None,
                'host_key': None,
            },
        )

    def test_core_sends_the_webhook(self):
        """With the type as `event`, though there is no request."""
        self.listen()
        self.scan(**NO_ANSWER)
        with mock.patch('extras.webhooks.requests.Session.send') as send:
            send.return_value.status_code = 200
            send_webhook(**webhook_jobs()[0])
        body = json.loads(send.call_args.args[0].body)
        self.assertEqual((body['event'], body['object_type']), (event_types.DEVICE_UNREACHABLE, 'dcim.device'))
        self.assertEqual(body['data']['name'], 'r1')
        self.assertNotIn('request', body)

    def test_conditions(self):
        self.listen(conditions={'attr': 'site.slug', 'value': 'elsewhere'})
        self.listen(
            conditions={'and': [{'attr': 'site.slug', 'value': 'pop-1'}, {'attr': 'previous', 'value': 'unknown'}]}
        )
        self.scan(**NO_ANSWER)
        self.assertEqual(len(self.heard()), 1)

    def test_notification(self):
        make_rule(make_group(self.user), Device, event_types.DEVICE_UNREACHABLE)
        self.scan(**NO_ANSWER)
        notification = Notification.objects.get()
        self.assertEqual((notification.user, notification.object), (self.user, self.target.device))
        self.assertEqual((notification.event_type, notification.object_repr), (event_types.DEVICE_UNREACHABLE, 'r1'))

    def test_rules_that_do_not_listen(self):
        self.listen(enabled=False)
        self.listen(event_types.BGP_DOWN)
        self.listen(event_types.DEVICE_UNREACHABLE, VirtualMachine)
        self.scan(**NO_ANSWER)
        self.assertEqual(self.heard(), [])

    def test_virtual_machine(self):
        self.listen()
        machine = make_machine('vm1', address='192.0.2.5')
        sync(virtual_machine_ids=[machine.pk])
        self.write(self.result(Target.objects.get(virtual_machine=machine), **NO_ANSWER))
        job = webhook_jobs()[0]
        self.assertEqual(job['object_type'].natural_key(), ('virtualization', 'virtualmachine'))
        self.assertEqual(
            (job['data']['id'], job['data']['url']), (machine.pk, f'/api/virtualization/virtual-machines/{machine.pk}/')
        )

    def test_device_that_is_gone(self):
        self.listen()
        with self.captureOnCommitCallbacks() as callbacks, transaction.atomic():
            merge_scans([self.result(self.target, **NO_ANSWER)])
        self.target.device.delete()
        for callback in callbacks:
            callback()
        self.assertEqual(self.heard(), [])


class CredentialTest(EventCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('r1')

    def test_only_when_it_begins_or_changes(self):
        self.listen()
        for values in ({}, REJECTED, REJECTED, NO_ACCESS, {}, NO_ACCESS):
            self.scan(**values)
        self.assertEqual(
            self.heard(),
            [
                (event_types.CREDENTIAL_REJECTED, '', 'credential:rejected'),
                (event_types.CREDENTIAL_REJECTED, 'credential:rejected', 'credential:no-access'),
                (event_types.CREDENTIAL_REJECTED, '', 'credential:no-access'),
            ],
        )
        self.assertEqual(
            webhook_jobs()[0]['data']['error'], {'code': 'credential:rejected', 'detail': 'unknown user name'}
        )

    def test_text_that_no_database_takes(self):
        self.listen()
        self.scan(ok=False, error_code='credential:rejected', error_detail='\0' + 'x' * 600)
        self.assertEqual(webhook_jobs()[0]['data']['error']['detail'], 'x' * 500)


class BGPTest(EventCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('r1')

    def sessions(self, *states, **values):
        for state in states:
            self.scan(scan_data(bgp=[] if state is None else [peer_row('192.0.2.2', state=state, **values)]))

    def test_down_and_up(self):
        self.listen()
        self.sessions(6, 1, 3, 6, None, 6)
        self.assertEqual(
            self.heard(),
            [
                (event_types.BGP_DOWN, 'established', 'idle'),
                (event_types.BGP_UP, 'active', 'established'),
                (event_types.BGP_DOWN, 'established', 'gone'),
                (event_types.BGP_UP, 'gone', 'established'),
            ],
        )

    def test_payload(self):
        self.listen()
        self.sessions(6, 1, vrf='red', description='transit', last_error='04:00')
        data = webhook_jobs()[0]['data']
        self.assertEqual(
            data['peer'],
            {
                'vrf': 'red',
                'address': '192.0.2.2',
                'remote_as': 64500,
                'local_as': 64496,
                'local_address': '192.0.2.254',
                'description': 'transit',
                'last_error': '04:00',
                'reset': False,
            },
        )
        self.assertEqual(
            (data['id'], data['error'], data['since']), (self.target.device_id, None, '2026-05-01T12:01:00Z')
        )

    def test_reset_between_two_scans(self):
        self.listen()
        self.scan(scan_data(bgp=[peer_row('192.0.2.2', transitions=1)]))
        self.scan(scan_data(bgp=[peer_row('192.0.2.2', transitions=2)]))
        self.assertEqual(
            self.heard(),
            [(event_types.BGP_DOWN, 'established', 'established'), (event_types.BGP_UP, 'established', 'established')],
        )
        self.assertTrue(webhook_jobs()[0]['data']['peer']['reset'])

    def test_condition_on_the_peer(self):
        self.listen(conditions={'attr': 'peer.remote_as', 'value': 64501})
        self.scan(scan_data(bgp=[peer_row('192.0.2.2'), peer_row('192.0.2.3', remote_as=64501)]))
        self.scan(scan_data(bgp=[]))
        self.assertEqual([job['data']['peer']['address'] for job in webhook_jobs()], ['192.0.2.3'])
