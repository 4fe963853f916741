"""A batch costs the same number of statements whatever is in it, and large devices are ordinary ones."""

from unittest import mock

from dcim.models import Device
from django.db import connection
from django.test.utils import CaptureQueriesContext

from netbox_netops.models import BGPPeerState, InterfaceState, ScanResult, Target
from tests.integration.factories import (
    NOON,
    address_row,
    entity_row,
    interface_row,
    make_scan_result,
    make_target,
    neighbour_row,
    peer_row,
    scan_data,
    system_facts,
)

from .merging import MINUTE, MergeCase


class QueryCountTest(MergeCase):
    def fleet(self, number):
        model = make_target().device
        shared = {'site': model.site, 'role': model.role, 'device_type': model.device_type}
        devices = Device.objects.bulk_create(Device(name=None, **shared) for _number in range(number))
        return Target.objects.bulk_create(Target(device=device, name='x') for device in devices)

    def count(self, targets, at, *incomplete, moved=0, **values):
        data = scan_data(
            *incomplete,
            system=system_facts(),
            interfaces=[interface_row(n, **values) | {'index': n + moved} for n in range(1, 5)],
            addresses=[address_row('192.0.2.1', **({'prefix_length': 8} if values else {}))],
            inventory=[entity_row(1, **({'serial': 'new'} if values else {}))],
            neighbours=[neighbour_row(1, **({'platform': 'new'} if values else {}))],
            bgp=[peer_row('192.0.2.2', **({'state': 1} if values else {}))],
        )
        results = [make_scan_result(target, data, at=at) for target in targets]
        with CaptureQueriesContext(connection) as queries:
            self.write(*results)
        return len(queries)

    def test_any_number_of_results(self):
        few, many = self.fleet(10), self.fleet(200)
        first = self.count(few, NOON)
        self.assertEqual(self.count(many, NOON), first)
        unchanged = self.count(few, NOON + MINUTE)
        self.assertEqual(self.count(many, NOON + MINUTE), unchanged)
        self.assertLessEqual(unchanged, 12)
        changed = self.count(few, NOON + 2 * MINUTE, oper_status=2)
        self.assertEqual(self.count(many, NOON + 2 * MINUTE, oper_status=2), changed)
        self.assertLessEqual(changed, first)
        self.assertEqual(ScanResult.objects.filter(change_count=8).count(), 210)

    def test_incomplete_and_renumbered(self):
        few, many = self.fleet(10), self.fleet(200)
        counts = []
        for fleet in (few, many):
            first = self.count(fleet, NOON)
            incomplete = self.count(fleet, NOON + MINUTE, 'interfaces', 'bgp', oper_status=2)
            renumbered = self.count(fleet, NOON + 2 * MINUTE, moved=2)
            counts.append((first, incomplete, renumbered))
        self.assertEqual(*counts)
        self.assertLessEqual(incomplete, first + 1)
        self.assertLessEqual(renumbered, first + 1)

    def test_families_nobody_brought_cost_nothing(self):
        targets = self.fleet(2)

        def count(**families):
            results = [make_scan_result(target, scan_data(**families)) for target in targets]
            Target.objects.update(last_attempt_at=None)
            # What is compared with NetBox afterwards is another matter.
            compare = mock.patch('netbox_netops.results.scans.compare')
            with compare, CaptureQueriesContext(connection) as queries:
                self.write(*results)
            return ' '.join(query['sql'] for query in queries)

        self.assertNotIn('bgppeerstate', count(interfaces=[interface_row(1)]))
        self.assertNotIn('interfacestate', count(bgp=[]))


class LargeDeviceTest(MergeCase):
    def test_thousands_of_interfaces_and_peers(self):
        interfaces = [interface_row(n) for n in range(1, 4001)]
        peers = [peer_row(f'2001:db8::{n:x}') for n in range(1, 1001)]
        self.merge(scan_data(interfaces=interfaces, bgp=peers))
        self.assertEqual((InterfaceState.objects.count(), BGPPeerState.objects.count()), (4000, 1000))
        places = self.places(InterfaceState)
        interfaces[3998]['alias'] = 'new'
        scan = self.merge(scan_data(interfaces=interfaces[:-1], bgp=peers[1:]), at=NOON + MINUTE)
        self.assertEqual((InterfaceState.objects.count(), BGPPeerState.objects.count()), (3999, 999))
        self.assertEqual(self.places(InterfaceState)[:3998], places[:3998])
        self.assertEqual((scan.change_count, scan.counts), (3, {'interfaces': 3999, 'bgp': 999}))
