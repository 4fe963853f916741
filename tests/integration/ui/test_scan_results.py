"""The page of a scan: what it found changed, in words; what it could not read; how much it read."""

import pytest

from netbox_netops.models import ScanResult
from netbox_netops.ui.bgp import asdot, notification
from tests.integration.api.base import make_scan
from tests.integration.factories import make_target

from .base import UiCase

MARKUP = '<script>alert(1)</script>'


@pytest.mark.parametrize(
    ('code', 'words'),
    [
        ('6.2', 'Cease: Administrative Shutdown'),
        ('6.10', 'Cease: BFD Down'),
        ('4.0', 'Hold Timer Expired'),
        ('2.2', 'OPEN Message Error: Bad Peer AS'),
        ('6.99', 'Cease: 99'),
        ('200.1', '200.1'),
        ('x', 'x'),
        ('6', '6'),
    ],
)
def test_notifications_in_words(code, words):
    assert notification(code) == words


@pytest.mark.parametrize(
    ('number', 'dotted'), [(64500, ''), (65535, ''), (65536, '1.0'), (65546, '1.10'), (4294967295, '65535.65535')]
)
def test_asdot(number, dotted):
    """RFC 5396."""
    assert asdot(number) == dotted


class PageTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.scan = make_scan(make_target('router', address='192.0.2.1'))

    def setUp(self):
        super().setUp()
        self.view_everything()

    def show(self, **values):
        ScanResult.objects.update(**values)
        page = self.page(self.scan.get_absolute_url())
        return ' '.join(page[page.index('ScanResultPanel') :].split())

    def changes(self, *changes):
        page = self.show(changes=list(changes), change_count=len(changes))
        return page[page.index('begin ChangesPanel') : page.index('end ChangesPanel')]

    def test_values_in_words(self):
        panel = self.changes(
            {'family': 'bgp', 'key': '192.0.2.7', 'field': 'state', 'old': 6, 'new': 1},
            {'family': 'bgp', 'key': '192.0.2.7', 'field': 'last_error', 'old': '', 'new': '6.3'},
            {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'speed', 'old': 10**9, 'new': 10**10},
            {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'type', 'old': 6, 'new': None},
            {'family': 'system', 'key': '', 'field': 'os_version', 'old': '1.1', 'new': '1.2'},
            {'family': 'inventory', 'key': 'Slot 1', 'field': 'fru', 'old': False, 'new': True},
        )
        for text in (
            *('BGP sessions', '192.0.2.7', 'State', 'Established', 'Idle', 'Cease: Peer De-configured'),
            *('Interfaces', 'Gi0/1', '1 Gbps', '10 Gbps', 'ethernetCsmacd'),
            *('System', 'Software Version', '1.1', '1.2', 'Inventory', 'No</td>', 'Yes</td>'),
        ):
            self.assertIn(text, panel)

    def test_rows_that_came_and_went(self):
        names = {'vrf': '', 'address': '192.0.2.7', 'remote_as': 64500, 'description': '', 'state': 6}
        panel = self.changes({'family': 'bgp', 'key': '192.0.2.7', 'field': '', 'old': None, 'new': names})
        self.assertIn('Appeared', panel)
        self.assertIn('remote AS 64500, state Established', panel)
        self.assertNotIn('VRF', panel)
        panel = self.changes({'family': 'bgp', 'key': '192.0.2.7', 'field': '', 'old': names, 'new': None})
        self.assertIn('Vanished', panel)

    def test_of_another_version(self):
        """What this version does not know is shown as it is."""
        panel = self.changes(
            {'family': 'wireless', 'key': 'ap1', 'field': 'clients', 'old': 1, 'new': 2},
            {'family': 'bgp', 'key': 'x', 'field': 'future', 'old': 'a', 'new': 'b'},
            {'family': 'bgp', 'key': 'x', 'field': 'state', 'old': 6, 'new': 42},
        )
        for text in ('wireless', 'ap1', 'Clients', 'Future', '42'):
            self.assertIn(text, panel)

    def test_no_changes(self):
        self.assertIn('Nothing changed', self.show())
        page = self.show(first=True)
        self.assertIn('Baseline', page)
        self.assertNotIn('Nothing changed', page)

    def test_more_than_are_listed(self):
        change = {'family': 'system', 'key': '', 'field': 'name', 'old': 'a', 'new': 'b'}
        self.assertNotIn('The first', self.changes(change))
        page = self.show(changes=[change] * 2, change_count=4711)
        self.assertIn('The first 2 of 4711 changes', page)

    def test_problems(self):
        self.assertNotIn('ProblemsPanel', self.show())
        page = self.show(problems=[{'collector': 'platform', 'code': 'snmp:endless-walk', 'detail': 'at 1.3.6'}])
        panel = page[page.index('begin ProblemsPanel') : page.index('end ProblemsPanel')]
        for text in ('Platform', 'snmp:endless-walk', 'at 1.3.6', 'What was known of them before is still shown'):
            self.assertIn(text, panel)
        page = self.show(problems=[{'collector': 'bgp', 'code': 'future:code', 'detail': ''}])
        self.assertIn('future:code', page)

    def test_counts(self):
        self.assertIn('Nothing was read', self.show())
        page = self.show(counts={'interfaces': 4711, 'bgp': 12})
        for text in ('4711', 'BGP sessions', '>12<'):
            self.assertIn(text, page)

    def test_nothing_unescaped(self):
        ScanResult.objects.update(
            changes=[{'family': MARKUP, 'key': MARKUP, 'field': MARKUP, 'old': MARKUP, 'new': {MARKUP: MARKUP}}],
            problems=[{'collector': MARKUP, 'code': MARKUP, 'detail': MARKUP}],
            counts={MARKUP: 1},
            change_count=1,
        )
        page = self.page(self.scan.get_absolute_url())
        self.assertIn('&lt;script&gt;', page)
        self.assertNotIn(MARKUP, page)
