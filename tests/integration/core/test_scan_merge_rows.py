"""Rows of every family: written when something changed, deleted when they vanished, and only from news."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone

from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    FamilyState,
    InterfaceState,
    InventoryState,
    NeighbourState,
    ScanResult,
    SystemState,
    Target,
)
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

from .merging import MINUTE, MODELS, MergeCase, everything


class FirstScanTest(MergeCase):
    def test_everything_is_stored(self):
        scan = self.merge(everything())
        self.target.refresh_from_db()
        self.assertEqual(self.target.latest_scan, scan)
        system = self.target.system
        self.assertEqual(
            (system.name, system.vendor, system.model, system.os, system.os_version, system.serial),
            ('r1', 'Acme', 'R-1', 'Acme OS', '1.2', 'S1'),
        )
        self.assertEqual(system.description, 'Acme OS 1.2\r\nCompiled today')
        self.assertEqual(scan.uptime_ticks, 4200)
        self.assertEqual(
            list(self.target.addresses.values_list('address', 'prefix_length', 'if_index')),
            [('192.0.2.1', 24, 1), ('2001:db8::1', 64, 1)],
        )
        entity = self.target.inventory.get(index=2)
        self.assertEqual((entity.parent, entity.physical_class, entity.serial, entity.fru), (1, 9, 'S-2', True))
        neighbour = self.target.neighbours.get(protocol='cdp')
        self.assertEqual((neighbour.if_index, neighbour.local_port, neighbour.system_name), (2, 'Gi0/2', 'sw2'))
        peer = self.target.bgp_peers.get(vrf='red')
        self.assertEqual((peer.address, peer.remote_as, peer.state, peer.enabled), ('192.0.2.3', 64500, 6, True))
        for model in MODELS:
            self.assertEqual(set(model.objects.values_list('changed_at', flat=True)), {NOON}, model)

    def test_it_is_a_baseline(self):
        scan = self.merge(everything())
        self.assertEqual((scan.first, scan.change_count, scan.changes), (True, 0, []))
        self.assertEqual(scan.counts, {'interfaces': 2, 'addresses': 2, 'inventory': 2, 'neighbours': 2, 'bgp': 2})

    def test_a_family_that_is_read_for_the_first_time_later_is_a_baseline_too(self):
        self.merge(scan_data(system=system_facts()))
        scan = self.merge(everything(), at=NOON + MINUTE)
        self.assertEqual((scan.first, scan.change_count), (False, 0))
        self.assertEqual(BGPPeerState.objects.count(), 2)

    def test_what_broke_off_at_first_is_still_none(self):
        self.merge(scan_data('interfaces', system=system_facts(), interfaces=[interface_row(1)]))
        scan = self.merge(everything(), at=NOON + MINUTE)
        self.assertEqual(scan.change_count, 0)
        self.assertEqual(InterfaceState.objects.count(), 2)

    def test_failure_without_facts_is_no_baseline(self):
        scan = self.merge({}, ok=False, error_code='unreachable:no-response')
        self.assertFalse(scan.first)
        self.assertTrue(self.merge(everything(), at=NOON + MINUTE).first)


class UnchangedTest(MergeCase):
    def test_nothing_is_written(self):
        self.merge(everything())
        tables = (*MODELS, FamilyState)
        before = {model: self.places(model) for model in tables}
        later = everything(bgp=[peer_row(a, vrf=v, established_seconds=3660) for a, v in
                                (('192.0.2.2', ''), ('192.0.2.3', 'red'))],
                           system=system_facts(uptime_ticks=10_200))  # fmt: skip
        with mock.patch('netbox_netops.results.scans.merge_rows') as merge_rows:
            scan = self.merge(later, at=NOON + MINUTE)
        merge_rows.assert_not_called()
        self.assertEqual({model: self.places(model) for model in tables}, before)
        self.assertEqual((scan.first, scan.change_count, scan.changes, scan.uptime_ticks), (False, 0, [], 10_200))
        self.target.refresh_from_db()
        self.assertEqual(self.target.latest_scan, scan)

    def test_nor_when_rows_are_compared(self):
        """In another order, the digest is another one."""
        self.merge(everything())
        before = {model: self.places(model) for model in MODELS}
        data = everything()
        for family in ('interfaces', 'addresses', 'inventory', 'neighbours', 'bgp'):
            data[family].reverse()
        scan = self.merge(data, at=NOON + timedelta(seconds=1))
        self.assertEqual({model: self.places(model) for model in MODELS}, before)
        self.assertEqual(scan.change_count, 0)

    def test_rows_that_somebody_touched_heal_within_a_day(self):
        self.merge(everything())
        InterfaceState.objects.filter(index=1).delete()
        InterfaceState.objects.filter(index=2).update(alias='by hand')
        self.merge(everything(), at=NOON + MINUTE)
        self.assertEqual(InterfaceState.objects.get().alias, 'by hand')
        self.merge(everything(), at=NOON + timedelta(days=1, minutes=1))
        self.assertEqual(list(InterfaceState.objects.values_list('index', 'alias')), [(1, ''), (2, '')])


class ChangeTest(MergeCase):
    def changes(self, *, at=NOON + MINUTE, **families):
        self.merge(everything())
        scan = self.merge(everything(**families), at=at)
        self.assertEqual(scan.change_count, len(scan.changes))
        return scan.changes

    def test_values(self):
        rows = [interface_row(1, alias='uplink', speed=10**10), interface_row(2)]
        before = self.places(InterfaceState)
        self.assertEqual(
            self.changes(interfaces=rows),
            [
                {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'alias', 'old': '', 'new': 'uplink'},
                {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'speed', 'old': 10**9, 'new': 10**10},
            ],
        )
        self.assertNotEqual(self.places(InterfaceState), before)
        first, second = InterfaceState.objects.order_by('index')
        self.assertEqual((first.alias, first.changed_at, first.oper_since), ('uplink', NOON + MINUTE, NOON))
        self.assertEqual(second.changed_at, NOON)

    def test_system(self):
        self.assertEqual(
            self.changes(system=system_facts(os_version='1.3')),
            [{'family': 'system', 'key': '', 'field': 'os_version', 'old': '1.2', 'new': '1.3'}],
        )
        self.assertEqual(SystemState.objects.get().changed_at, NOON + MINUTE)

    def test_appeared_and_vanished(self):
        inventory = [entity_row(1, **{'class': 3}), entity_row(7, model='LC-9')]
        self.assertEqual(
            self.changes(inventory=inventory),
            [
                {
                    'family': 'inventory', 'key': 'Slot 2', 'field': '', 'new': None,
                    'old': {'index': 2, 'name': 'Slot 2', 'model': 'LC-1', 'serial': 'S-2'},
                },
                {
                    'family': 'inventory', 'key': 'Slot 7', 'field': '', 'old': None,
                    'new': {'index': 7, 'name': 'Slot 7', 'model': 'LC-9', 'serial': 'S-7'},
                },
            ],
        )  # fmt: skip
        self.assertEqual(list(InventoryState.objects.values_list('index', flat=True)), [1, 7])

    def test_everything_gone(self):
        changes = self.changes(interfaces=[], addresses=[], inventory=[], neighbours=[], bgp=[])
        self.assertEqual(len(changes), 10)
        self.assertEqual({model.objects.count() for model in MODELS[1:]}, {0})

    def test_volatile_values_are_stored_but_are_no_changes(self):
        changes = self.changes(
            interfaces=[interface_row(1, last_change=99), interface_row(2)],
            bgp=[peer_row('192.0.2.2', prefixes_accepted=101, transitions=0), peer_row('192.0.2.3', vrf='red')],
        )
        self.assertEqual(changes, [])
        row = InterfaceState.objects.get(index=1)
        self.assertEqual((row.last_change, row.changed_at), (99, NOON))
        peer = BGPPeerState.objects.get(vrf='')
        self.assertEqual((peer.prefixes_accepted, peer.transitions, peer.changed_at), (101, 0, NOON))

    def test_at_most_200_are_listed(self):
        self.merge(scan_data(interfaces=[interface_row(n) for n in range(1, 301)]))
        scan = self.merge(scan_data(interfaces=[interface_row(n, mtu=9000) for n in range(1, 301)]), at=NOON + MINUTE)
        self.assertEqual((scan.change_count, len(scan.changes)), (300, 200))

    def test_special_characters(self):
        odd = 'tab\t, line\n, return\r, backslash \\ \\N \\t, "quotes\' é 漢 🜁'
        self.merge(scan_data(interfaces=[interface_row(1, alias=odd, name='\\N'), interface_row(2, alias='a\0b')]))
        first, second = InterfaceState.objects.order_by('index')
        self.assertEqual((first.alias, first.name, second.alias), (odd, '\\N', 'ab'))


class OrderTest(MergeCase):
    def test_an_older_result_is_history_only(self):
        newest = self.merge(everything())
        before = {model: self.places(model) for model in MODELS}
        data = everything(interfaces=[], system=system_facts(name='old'))
        scan = self.merge(data, at=NOON - MINUTE)
        self.assertEqual({model: self.places(model) for model in MODELS}, before)
        self.assertEqual((scan.change_count, scan.first), (0, False))
        self.target.refresh_from_db()
        self.assertEqual((self.target.latest_scan, self.target.last_attempt_at), (newest, NOON))

    def test_two_results_of_one_target_in_a_batch(self):
        self.merge(everything())
        self.write(
            make_scan_result(self.target, everything(interfaces=[interface_row(5)]), at=NOON + 2 * MINUTE),
            make_scan_result(self.target, everything(interfaces=[]), at=NOON + MINUTE),
        )
        self.assertEqual(InterfaceState.objects.get().index, 5)
        self.assertEqual(list(self.target.scans.values_list('change_count', flat=True)), [3, 0, 0])

    def test_the_same_result_twice_in_a_batch(self):
        result = make_scan_result(self.target, everything())
        again = make_scan_result(self.target, everything())
        self.write(result, again)
        self.assertEqual(InterfaceState.objects.count(), 2)
        self.assertEqual(sorted(self.target.scans.values_list('first', flat=True)), [False, True])

    def test_a_result_from_the_future_counts_as_of_now(self):
        """A worker with a wrong clock must not keep the results of all others away."""
        before = timezone.now()
        future = datetime(2040, 1, 1, tzinfo=UTC)
        data = everything(interfaces=[interface_row(1, oper_status=2)])
        with self.captureOnCommitCallbacks(execute=True):
            self.write(make_scan_result(self.target, everything(), at=NOON))
            self.write(make_scan_result(self.target, data, at=future))
        after = timezone.now()
        self.target.refresh_from_db()
        row = InterfaceState.objects.get()
        times = {
            'history': self.target.latest_scan.started,
            'attempt': self.target.last_attempt_at,
            'success': self.target.last_success_at,
            'changed': row.changed_at,
            'since': row.oper_since,
            'merged': FamilyState.objects.get(family='interfaces').merged_at,
        }
        for name, moment in times.items():
            self.assertTrue(before <= moment <= after, (name, moment))
        self.write(make_scan_result(self.target, everything(), at=timezone.now()))
        self.assertEqual(InterfaceState.objects.count(), 2)

    def test_a_target_that_was_scanned_in_the_future(self):
        Target.objects.update(last_attempt_at=datetime(2040, 1, 1, tzinfo=UTC))
        self.merge(everything())
        self.target.refresh_from_db()
        self.assertEqual(self.target.last_attempt_at, NOON)
        self.assertEqual(InterfaceState.objects.count(), 2)

    def test_a_target_that_is_gone(self):
        gone = make_target('gone')
        result = make_scan_result(gone, everything())
        Target.objects.filter(pk=gone.pk).delete()
        self.write(result, make_scan_result(self.target, everything()))
        self.assertEqual(ScanResult.objects.get().target, self.target)
        self.assertEqual(InterfaceState.objects.count(), 2)

    def test_everything_goes_with_its_target(self):
        self.merge(everything())
        self.target.delete()
        for model in (*MODELS, FamilyState, ScanResult):
            self.assertFalse(model.objects.exists(), model)


class BadInputTest(MergeCase):
    def test_duplicates_within_a_result(self):
        """The first row with a key wins."""
        scan = self.merge(
            scan_data(
                interfaces=[interface_row(1, alias='first'), interface_row(1, alias='second')],
                addresses=[address_row('192.0.2.1'), address_row('192.0.2.1', prefix_length=8)],
                neighbours=[neighbour_row(1, interface=None, platform='x'), neighbour_row(1, interface=None)],
                bgp=[peer_row('192.0.2.2'), peer_row('192.0.2.2', state=1)],
            )
        )
        self.assertEqual(InterfaceState.objects.get().alias, 'first')
        self.assertEqual(AddressState.objects.get().prefix_length, 24)
        self.assertEqual(NeighbourState.objects.get().platform, 'x')
        self.assertEqual(BGPPeerState.objects.get().state, 6)
        self.assertEqual(scan.counts['interfaces'], 2)

    def test_one_link_local_address_on_several_interfaces(self):
        rows = [address_row('fe80::1%1'), address_row('fe80::1%2', interface=2), address_row('fe80::1', interface=None)]
        self.merge(scan_data(addresses=rows))
        before = self.places(AddressState)
        self.merge(scan_data(addresses=rows[::-1]), at=NOON + MINUTE)
        self.assertEqual(self.places(AddressState), before)
        self.assertEqual(list(AddressState.objects.values_list('if_index', flat=True)), [1, 2, None])

    def test_values_of_wrong_types_are_unknown(self):
        self.merge(
            scan_data(
                system=system_facts(vendor=7, model=None, serial=['x'], uptime_ticks='many'),
                interfaces=[
                    interface_row(1, name=5, alias=None, mtu='1500', speed=1.5, type=True, oper_status=2**40),
                    interface_row(2**63),
                    interface_row('3'),
                    interface_row(-5),
                    {'index': 4},
                    {},
                    'five',
                    None,
                    [6],
                ],
                addresses=[address_row('::ffff:192.0.2.1'), address_row('999.1.1.1'), address_row(7), {}],
                inventory=[entity_row(1, fru='yes', **{'class': 'chassis'})],
                neighbours=[neighbour_row(1, interface='Gi0/1', chassis_id=None), neighbour_row(2, protocol=None)],
                bgp=[peer_row('192.0.2.2', state='up', enabled=1, established_seconds=-5), peer_row('')],
            )
        )
        system = SystemState.objects.get()
        self.assertEqual((system.name, system.vendor, system.model, system.serial), ('r1', '', '', ''))
        self.assertEqual(ScanResult.objects.get().uptime_ticks, None)
        row, bare = InterfaceState.objects.order_by('index')
        self.assertEqual((row.name, row.mtu, row.speed, row.type, row.oper_status), ('', None, None, None, None))
        self.assertEqual((bare.index, bare.name, bare.mtu), (4, '', None))
        self.assertEqual(AddressState.objects.get().address, '192.0.2.1')
        entity = InventoryState.objects.get()
        self.assertEqual((entity.fru, entity.physical_class), (None, None))
        neighbour = NeighbourState.objects.get()
        self.assertEqual((neighbour.if_index, neighbour.chassis_id), (None, ''))
        peer = BGPPeerState.objects.get()
        self.assertEqual((peer.state, peer.enabled, peer.established_at), (None, None, None))

    def test_texts_are_cut_to_what_fits(self):
        long = '漢🜁' * 500
        self.merge(
            scan_data(
                system=system_facts(description=long * 20),
                neighbours=[neighbour_row(1, local_port=long, chassis_id=long, port_id=long)],
                bgp=[peer_row(long, vrf=long)],
            )
        )
        self.assertEqual(len(SystemState.objects.get().description), 10_000)
        self.assertEqual(len(NeighbourState.objects.get().chassis_id), 200)
        self.assertEqual(len(BGPPeerState.objects.get().vrf), 200)

    def test_families_and_collectors_of_wrong_types(self):
        for number, data in enumerate((
            {'system': [1], 'interfaces': {'index': 1}, 'bgp': 'x', 'collectors': None},
            {'interfaces': [1, 2], 'collectors': [1]},
            {'collectors': {'bgp': 7, 'x' * 99: {'code': 7, 'detail': 'y' * 999}}},
        )):  # fmt: skip
            scan = self.merge(data, at=NOON + number * MINUTE)
        problem = scan.problems[0]
        self.assertEqual((len(problem['collector']), problem['code'], len(problem['detail'])), (50, '', 500))
        for model in MODELS:
            self.assertFalse(model.objects.exists(), model)
