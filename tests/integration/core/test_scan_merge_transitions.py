"""The signal `state_changed`: what goes up or down is told once, after the commit."""

from django.db import transaction
from django.test import TransactionTestCase

from netbox_netops.models import InterfaceState
from netbox_netops.results.scans import merge_scans
from netbox_netops.transitions import Transition, state_changed
from tests.integration.factories import NOON, interface_row, make_scan_result, make_target, peer_row, scan_data

from .merging import MINUTE, MergeCase

LATER = NOON + MINUTE


class ReceiverMixin:
    def setUp(self):
        super().setUp()
        self.received = []
        self.connect(self.receive)

    def connect(self, receiver):
        state_changed.connect(receiver, weak=False)
        self.addCleanup(state_changed.disconnect, receiver)

    def receive(self, transitions, **kwargs):
        self.received.append(transitions)


class TransitionTest(ReceiverMixin, MergeCase):
    def after(self, first, second):
        """What is told of the second scan."""
        with self.captureOnCommitCallbacks(execute=True):
            self.merge(scan_data(**first))
        self.assertEqual(self.received, [])
        with self.captureOnCommitCallbacks(execute=True):
            self.merge(scan_data(**second), at=LATER)
        self.assertLessEqual(len(self.received), 1)
        return self.received[0] if self.received else []

    def interface(self, before, after):
        found = self.after(
            {'interfaces': [interface_row(1, oper_status=before)]},
            {'interfaces': [interface_row(1, oper_status=after)]},
        )
        return [(item.old, item.new) for item in found]

    def sessions(self, before, after):
        """Each argument: the states of peers."""
        first, second = ({'bgp': [peer_row(f'192.0.2.{n}', state=s) for n, s in states.items()]}
                         for states in (before, after))  # fmt: skip
        return [(item.key, item.old, item.new) for item in self.after(first, second)]

    def test_interface(self):
        self.assertEqual(
            self.after({'interfaces': [interface_row(7)]}, {'interfaces': [interface_row(7, oper_status=2)]}),
            [Transition('interface', self.target.pk, '7', 'Gi0/7', 'up', 'down', LATER)],
        )

    def test_interface_comes_up(self):
        self.assertEqual(self.interface(7, 1), [('lowerLayerDown', 'up')])

    def test_interface_that_is_down_either_way(self):
        self.assertEqual(self.interface(2, 7), [])

    def test_interface_whose_status_was_or_is_not_known(self):
        self.assertEqual(self.interface(1, None), [])

    def test_interface_whose_status_becomes_known(self):
        self.assertEqual(self.interface(None, 1), [])

    def test_new_and_vanished_interfaces(self):
        self.assertEqual(self.after({'interfaces': [interface_row(1)]}, {'interfaces': [interface_row(2)]}), [])

    def test_session(self):
        found = self.after(
            {'bgp': [peer_row('192.0.2.2', vrf='red', description='transit')]},
            {'bgp': [peer_row('192.0.2.2', vrf='red', description='transit', state=1)]},
        )
        self.assertEqual(
            found, [Transition('bgp', self.target.pk, 'red 192.0.2.2', 'transit', 'established', 'idle', LATER)]
        )

    def test_session_comes_up(self):
        self.assertEqual(self.sessions({1: 3}, {1: 6}), [('192.0.2.1', 'active', 'established')])

    def test_session_that_is_not_established_either_way(self):
        self.assertEqual(self.sessions({1: 1}, {1: 3}), [])

    def test_session_whose_state_is_not_known(self):
        self.assertEqual(self.sessions({1: 6}, {1: None}), [])

    def test_sessions_that_are_removed(self):
        self.assertEqual(self.sessions({1: 6, 2: 1}, {}), [('192.0.2.1', 'established', 'gone')])

    def test_sessions_that_are_new(self):
        self.assertEqual(self.sessions({}, {1: 6, 2: 1}), [('192.0.2.1', 'gone', 'established')])

    def test_what_only_moves_or_has_another_description(self):
        found = self.after(
            {'bgp': [peer_row('192.0.2.2')], 'interfaces': [interface_row(1)]},
            {
                'bgp': [peer_row('192.0.2.2', established_seconds=3615, prefixes_accepted=7, description='x')],
                'interfaces': [interface_row(1, alias='x')],
            },
        )
        self.assertEqual(found, [])

    def test_a_session_that_was_reset(self):
        found = self.after(
            {'bgp': [peer_row('192.0.2.2'), peer_row('192.0.2.3', state=1)]},
            {
                'bgp': [
                    peer_row('192.0.2.2', transitions=2, description='x'),
                    peer_row('192.0.2.3', state=2, transitions=2),
                ]
            },
        )
        self.assertEqual(
            found, [Transition('bgp', self.target.pk, '192.0.2.2', 'x', 'established', 'established', LATER)]
        )

    def test_an_incomplete_scan_tells_as_well(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.merge(scan_data('interfaces', interfaces=[interface_row(1), interface_row(2)]))
            self.merge(
                scan_data(
                    'interfaces', interfaces=[interface_row(1, oper_status=2), interface_row(2, oper_status=None)]
                ),
                at=LATER,
            )
        self.assertEqual([(item.key, item.new) for batch in self.received for item in batch], [('1', 'down')])

    def test_an_interface_that_has_another_index(self):
        found = self.after(
            {'interfaces': [interface_row(1), interface_row(2)]},
            {'interfaces': [interface_row(2, name='Gi0/1', oper_status=2), interface_row(3, name='Gi0/2')]},
        )
        self.assertEqual(found, [Transition('interface', self.target.pk, '2', 'Gi0/1', 'up', 'down', LATER)])

    def test_one_signal_for_a_batch(self):
        other = make_target('r2', address='192.0.2.2')
        targets = (self.target, other)
        self.write(*(make_scan_result(target, scan_data(interfaces=[interface_row(1)])) for target in targets))
        with self.captureOnCommitCallbacks(execute=True):
            data = scan_data(interfaces=[interface_row(1, oper_status=2)])
            self.write(*(make_scan_result(target, data, at=LATER) for target in targets))
        self.assertEqual([[item.target_id for item in batch] for batch in self.received], [[t.pk for t in targets]])

    def test_an_older_result_tells_nothing(self):
        self.merge(scan_data(interfaces=[interface_row(1)]), at=LATER)
        with self.captureOnCommitCallbacks(execute=True) as callbacks:
            self.merge(scan_data(interfaces=[interface_row(1, oper_status=2)]))
        self.assertEqual((self.received, callbacks), ([], []))

    def test_a_receiver_that_fails_is_logged_and_does_not_stop_others(self):
        def broken(**kwargs):
            raise RuntimeError('canary')

        state_changed.disconnect(self.receive)
        self.connect(broken)
        self.connect(self.receive)
        with self.assertLogs('netbox.netbox_netops.transitions', 'ERROR') as logs:
            self.assertEqual(self.interface(1, 2), [('up', 'down')])
        self.assertIn('broken failed', logs.output[0])
        self.assertIn('canary', logs.output[0])


class CommitTest(ReceiverMixin, TransactionTestCase):
    """With real transactions."""

    def setUp(self):
        super().setUp()
        self.target = make_target('r1')
        self.write(interface_row(1))

    def write(self, *rows, at=NOON, fail=False):
        with transaction.atomic():
            merge_scans([make_scan_result(self.target, scan_data(interfaces=list(rows)), at=at)])
            self.assertEqual(self.received, [])
            if fail:
                raise RuntimeError('rolled back')

    def receive(self, transitions, **kwargs):
        super().receive(transitions, **kwargs)
        self.assertFalse(transaction.get_connection().in_atomic_block)
        self.assertEqual(InterfaceState.objects.get().oper_status, 2)

    def test_after_the_commit(self):
        self.write(interface_row(1, oper_status=2), at=LATER)
        self.assertEqual([[item.new for item in batch] for batch in self.received], [['down']])

    def test_not_after_a_roll_back(self):
        with self.assertRaisesMessage(RuntimeError, 'rolled back'):
            self.write(interface_row(1, oper_status=2), at=LATER, fail=True)
        self.assertEqual(self.received, [])
        self.assertEqual(InterfaceState.objects.get().oper_status, 1)
