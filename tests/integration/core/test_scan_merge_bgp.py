"""BGP sessions: since when, and what moves the clock."""

from datetime import timedelta

from netbox_netops.models import BGPPeerState
from netbox_netops.ui.families import describe_changes
from tests.integration.factories import NOON, peer_row, scan_data

from .merging import MINUTE, MergeCase

HOUR = timedelta(hours=1)
ADDRESS = '192.0.2.2'


class BGPTest(MergeCase):
    def peer(self, *, at=NOON, **values):
        self.merge(scan_data(bgp=[peer_row(ADDRESS, **values)]), at=at)
        return BGPPeerState.objects.get()

    def test_established(self):
        peer = self.peer()
        self.assertEqual((peer.established_at, peer.state_since), (NOON - HOUR, NOON - HOUR))

    def test_not_established(self):
        peer = self.peer(state=3)
        self.assertEqual((peer.established_at, peer.state_since), (None, NOON))
        peer = self.peer(state=3, at=NOON + MINUTE, transitions=9)
        self.assertEqual((peer.established_at, peer.state_since, peer.transitions), (None, NOON, 9))

    def test_clocks_that_differ_by_a_minute_are_the_same_moment(self):
        self.peer()
        before = self.places(BGPPeerState)
        # Compared row by row because of another row.
        rows = [peer_row(ADDRESS, established_seconds=3600 + 55), peer_row('192.0.2.9')]
        self.merge(scan_data(bgp=rows), at=NOON + timedelta(seconds=1))
        self.assertEqual(self.places(BGPPeerState)[0], before[0])

    def test_a_session_that_flapped_between_two_scans(self):
        self.peer()
        peer = self.peer(at=NOON + 10 * MINUTE, established_seconds=300)
        self.assertEqual((peer.established_at, peer.state_since), (NOON + 5 * MINUTE, NOON + 5 * MINUTE))
        # The session is another one, its configuration and state are not.
        self.assertEqual(peer.changed_at, NOON)

    def test_transitions_give_a_flap_away_within_the_minute(self):
        self.peer(established_seconds=20)
        peer = self.peer(at=NOON + timedelta(seconds=30), established_seconds=10, transitions=2)
        self.assertEqual(peer.established_at, NOON + timedelta(seconds=20))

    def test_down_and_up_again(self):
        self.peer()
        peer = self.peer(at=NOON + MINUTE, state=1, established_seconds=0, last_error='6.2')
        self.assertEqual((peer.established_at, peer.state_since), (None, NOON + MINUTE))
        self.assertEqual((peer.last_error, peer.changed_at), ('6.2', NOON + MINUTE))
        peer = self.peer(at=NOON + 5 * MINUTE, established_seconds=60)
        self.assertEqual((peer.established_at, peer.state_since), (NOON + 4 * MINUTE, NOON + 4 * MINUTE))

    def test_agent_that_does_not_tell_since_when(self):
        peer = self.peer(established_seconds=None)
        self.assertEqual((peer.established_at, peer.state_since), (None, NOON))
        self.assertEqual(self.peer(at=NOON + MINUTE, established_seconds=None).state_since, NOON)

    def test_a_time_that_cannot_be(self):
        self.assertEqual(self.peer(established_seconds=2**62).established_at, None)

    def test_changes(self):
        self.peer()
        scan = self.merge(scan_data(bgp=[peer_row(ADDRESS, state=1, vrf='')]), at=NOON + MINUTE)
        self.assertEqual(scan.changes, [{'family': 'bgp', 'key': ADDRESS, 'field': 'state', 'old': 6, 'new': 1}])

    def test_colours(self):
        colours = [BGPPeerState(state=state).get_state_color() for state in (1, 3, 6, 99, None)]
        self.assertEqual(colours, ['red', 'orange', 'green', None, None])
        self.assertEqual(BGPPeerState(state=1, enabled=False).get_state_color(), 'gray')


class ResetTest(MergeCase):
    """Established at both scans, but not without a break."""

    def scans(self, *peers, **first):
        """The changes of the last of several scans: (when, values of the peer) each, after one at noon."""
        for at, values in ((NOON, first), *peers):
            scan = self.merge(scan_data(bgp=[peer_row(ADDRESS, **values)]), at=at)
        self.assertEqual(scan.change_count, len(scan.changes))
        return scan.changes

    def reset(self, old, new):
        old, new = (None if moment is None else moment.isoformat() for moment in (old, new))
        return [{'family': 'bgp', 'key': ADDRESS, 'field': 'reset', 'old': old, 'new': new}]

    def test_by_the_clock(self):
        changes = self.scans((NOON + HOUR, {'established_seconds': 600}))
        self.assertEqual(changes, self.reset(NOON - HOUR, NOON + 50 * MINUTE))
        peer = BGPPeerState.objects.get()
        self.assertEqual((peer.state_since, peer.changed_at), (NOON + 50 * MINUTE, NOON))

    def test_older_than_before_because_the_scans_are_far_apart(self):
        changes = self.scans((NOON + 10 * HOUR, {'established_seconds': 5 * 3600}))
        self.assertEqual(changes, self.reset(NOON - HOUR, NOON + 5 * HOUR))

    def test_younger_than_before_though_the_clocks_do_not_agree(self):
        changes = self.scans((NOON + 10 * MINUTE, {'established_seconds': 3000}))
        self.assertEqual(changes, self.reset(NOON - HOUR, NOON - 40 * MINUTE))

    def test_by_the_counter(self):
        began = NOON + timedelta(seconds=20)
        changes = self.scans(
            (NOON + timedelta(seconds=30), {'established_seconds': 10, 'transitions': 2}), established_seconds=20
        )
        self.assertEqual(changes, self.reset(NOON - timedelta(seconds=20), began))
        self.assertEqual(BGPPeerState.objects.get().state_since, began)

    def test_by_the_counter_of_an_agent_that_tells_no_age(self):
        changes = self.scans((NOON + MINUTE, {'established_seconds': None, 'transitions': 3}), established_seconds=None)
        self.assertEqual(changes, self.reset(None, None))
        self.assertEqual(BGPPeerState.objects.get().state_since, NOON + MINUTE)

    def test_together_with_another_change(self):
        changes = self.scans((NOON + HOUR, {'established_seconds': 600, 'last_error': '6.2'}))
        self.assertEqual([change['field'] for change in changes], ['last_error', 'reset'])

    def test_in_words(self):
        lines = describe_changes(self.scans((NOON + HOUR, {'established_seconds': 600})))
        self.assertEqual(
            [(line.kind, line.field, line.old, line.new) for line in lines],
            [('changed', 'Reset: established at', '2026-05-01 11:00:00', '2026-05-01 12:50:00')],
        )
        unknown = describe_changes(self.reset(None, None))
        self.assertEqual([(line.old, line.new) for line in unknown], [('', '')])

    def test_none_when_clocks_are_seconds_apart(self):
        moved = 3600 + 60 - 55
        self.assertEqual(self.scans((NOON + MINUTE, {'established_seconds': moved, 'prefixes_accepted': 7})), [])

    def test_none_when_the_clock_of_the_device_is_slow(self):
        """What it lost in a month is more than the tolerance, but the session is no younger than it was."""
        month = timedelta(days=30)
        age = int(month.total_seconds()) + 3600
        changes = self.scans(
            (NOON + month, {'established_seconds': age - 50}),
            (NOON + month + HOUR, {'established_seconds': age + 3600 - 70, 'prefixes_accepted': 7}),
        )
        self.assertEqual(changes, [])
        self.assertEqual(BGPPeerState.objects.get().established_at, NOON - HOUR + timedelta(seconds=70))

    def test_none_when_the_counter_fell(self):
        self.assertEqual(self.scans((NOON + MINUTE, {'established_seconds': 3660, 'transitions': 0})), [])

    def test_none_when_the_counter_was_not_known(self):
        self.assertEqual(self.scans((NOON + MINUTE, {'established_seconds': 3660}), transitions=None), [])

    def test_none_when_it_was_down_at_one_of_them(self):
        changes = self.scans((NOON + HOUR, {'state': 1, 'transitions': 2}))
        self.assertEqual([change['field'] for change in changes], ['state'])
