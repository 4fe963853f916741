"""BGP sessions: since when, and what moves the clock."""

from datetime import timedelta

from netbox_netops.models import BGPPeerState
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
