"""Interfaces: since when they are in their state, and what happens when the device numbers them anew."""

from datetime import timedelta

from dcim.models import Interface

from netbox_netops.models import InterfaceState
from tests.integration.factories import NOON, interface_row, make_scan_result, make_target, scan_data, system_facts

from .merging import MINUTE, MergeCase, listed

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
# In hundredths of a second.
TICKS = 100
DAY = 24 * 3600 * TICKS


class SinceTest(MergeCase):
    def since(self, *, uptime=DAY, at=NOON, **values):
        data = scan_data(system=system_facts(uptime_ticks=uptime), interfaces=[interface_row(1, **values)])
        self.merge(data, at=at)
        return InterfaceState.objects.get().oper_since

    def test_at_the_first_scan(self):
        self.assertEqual(self.since(last_change=DAY - 3600 * TICKS), NOON - HOUR)

    def test_to_the_hundredth(self):
        self.assertEqual(self.since(last_change=DAY - 1), NOON - timedelta(milliseconds=10))

    def test_what_is_not_plausible(self):
        for number, (uptime, last_change) in enumerate((
            (DAY, 0),
            (DAY, -1),
            (DAY, DAY + 1),
            (DAY, None),
            (None, 1),
            (2**62, 1),
        )):  # fmt: skip
            with self.subTest(uptime=uptime, last_change=last_change):
                InterfaceState.objects.all().delete()
                at = NOON + number * MINUTE
                self.assertEqual(self.since(uptime=uptime, last_change=last_change, mtu=number, at=at), at)

    def test_a_status_that_is_not_known(self):
        self.assertEqual(self.since(last_change=1, oper_status=None), NOON)

    def test_a_change(self):
        self.since(last_change=1)
        since = self.since(oper_status=2, uptime=DAY + 3600 * TICKS, last_change=DAY + 600 * TICKS, at=LATER)
        self.assertEqual(since, NOON + 10 * MINUTE)

    def test_not_before_the_scan_that_saw_the_old_status(self):
        self.since(last_change=1)
        self.since(last_change=1, at=NOON + 30 * MINUTE, uptime=DAY + 1800 * TICKS)
        since = self.since(oper_status=2, uptime=DAY + 3600 * TICKS, last_change=DAY + 600 * TICKS, at=LATER)
        self.assertEqual(since, LATER)

    def test_nor_before_the_one_that_wrote_it_last(self):
        """Where no history is left."""
        self.since(last_change=1)
        self.target.scans.all().delete()
        since = self.since(oper_status=2, uptime=DAY + 3600 * TICKS, last_change=DAY - 1, at=LATER)
        self.assertEqual(since, LATER)

    def test_a_status_that_was_not_known(self):
        self.since(last_change=1, oper_status=None)
        since = self.since(last_change=DAY - 3600 * TICKS, at=NOON + MINUTE)
        self.assertEqual(since, NOON + MINUTE - HOUR)

    def test_nothing_moves_it_while_the_status_is_the_same(self):
        since = self.since(last_change=DAY - 3600 * TICKS)
        self.assertEqual(self.since(last_change=DAY, alias='x', at=LATER), since)

    def test_an_incomplete_scan_without_the_last_change(self):
        self.since(last_change=DAY)
        rows = [interface_row(1, oper_status=2, last_change=None)]
        data = scan_data('interfaces', system=system_facts(uptime_ticks=DAY), interfaces=rows)
        self.merge(data, at=LATER)
        self.assertEqual(InterfaceState.objects.get().oper_since, LATER)


class RenumberingTest(MergeCase):
    def scan(self, numbers, *, at=NOON, incomplete=(), **values):
        """`numbers`: the index by name."""
        rows = [interface_row(index, name=name, description='', **values) for name, index in numbers]
        return self.merge(scan_data(*incomplete, interfaces=rows), at=at)

    def stored(self):
        return dict(InterfaceState.objects.order_by('index').values_list('name', 'index'))

    def ids(self):
        return dict(InterfaceState.objects.values_list('name', 'pk'))

    def moves(self, scan):
        """(key, old, new) of the changes of an index; the keys of all others with what they are about."""
        changes = [c for c in scan.changes if c['field'] == 'index']
        others = [(c['key'], c['field'], c['old'] is None, c['new'] is None) for c in scan.changes if c not in changes]
        return [(c['key'], c['old'], c['new']) for c in changes], others

    def test_rows_and_links_are_kept(self):
        port = Interface.objects.create(device=self.target.device, name='a', type='other')
        self.scan([('a', 1), ('b', 2)])
        ids = self.ids()
        scan = self.scan([('a', 11), ('b', 12)], at=LATER)
        self.assertEqual((self.stored(), self.ids()), ({'a': 11, 'b': 12}, ids))
        self.assertEqual(self.moves(scan), ([('a', 1, 11), ('b', 2, 12)], []))
        self.assertEqual(scan.change_count, 2)
        row = InterfaceState.objects.get(name='a')
        self.assertEqual((row.oper_since, row.changed_at, row.interface), (NOON, LATER, port))

    def test_numbers_that_are_taken_over(self):
        for name, after in {
            'exchanged': [('a', 2), ('b', 1), ('c', 3)],
            'around': [('a', 2), ('b', 3), ('c', 1)],
            'up': [('a', 2), ('b', 3), ('c', 4)],
            'to zero': [('a', 0), ('b', 1), ('c', 2)],
        }.items():
            with self.subTest(name):
                target = make_target()
                rows = [interface_row(n, name=key) for n, key in enumerate('abc', start=1)]
                self.merge(scan_data(interfaces=rows), target=target)
                ids = dict(target.interfaces.values_list('name', 'pk'))
                rows = [interface_row(index, name=key) for key, index in after]
                self.merge(scan_data(interfaces=rows), target=target, at=LATER)
                self.assertEqual(dict(target.interfaces.values_list('name', 'index')), dict(after))
                self.assertEqual(dict(target.interfaces.values_list('name', 'pk')), ids)

    def test_a_card_was_taken_out_and_all_after_it_moved_up(self):
        self.scan([('a', 1), ('b', 2), ('c', 3), ('d', 4)])
        ids = self.ids()
        scan = self.scan([('a', 1), ('c', 2), ('d', 3), ('e', 4)], at=LATER)
        self.assertEqual(self.stored(), {'a': 1, 'c': 2, 'd': 3, 'e': 4})
        self.assertEqual((self.ids()['c'], self.ids()['d']), (ids['c'], ids['d']))
        moves, others = self.moves(scan)
        self.assertEqual(moves, [('c', 3, 2), ('d', 4, 3)])
        self.assertCountEqual(others, [('b', '', False, True), ('e', '', True, False)])
        gone = next(change['old'] for change in scan.changes if change['new'] is None)
        self.assertEqual(gone['index'], 2)

    def test_another_state(self):
        self.scan([('a', 1)])
        scan = self.scan([('a', 11)], at=LATER, oper_status=2)
        self.assertEqual(self.moves(scan), ([('a', 1, 11)], [('a', 'oper_status', False, False)]))
        self.assertEqual(InterfaceState.objects.get().oper_since, LATER)

    def test_names_that_do_not_tell_rows_apart(self):
        before = [('', 1), ('lo', 2), ('lo', 3), ('x', 4), ('y', 5)]
        after = [('', 11), ('lo', 12), ('x', 14), ('x', 15), ('y', 16), ('y', 16)]
        self.scan(before)
        scan = self.scan(after, at=LATER)
        self.assertEqual(self.moves(scan)[0], [])
        self.assertEqual(InterfaceState.objects.filter(index__gt=10).count(), 5)
        self.assertEqual(InterfaceState.objects.count(), 5)

    def test_two_names_with_one_number(self):
        self.scan([('a', 1), ('b', 2)])
        self.scan([('a', 5), ('b', 5)], at=LATER)
        self.assertEqual(self.stored(), {'a': 5})

    def test_a_name_that_is_another_one_now_is_a_change_of_the_name(self):
        self.scan([('a', 1), ('b', 2)])
        scan = self.scan([('a', 1), ('c', 2)], at=LATER)
        self.assertEqual(self.moves(scan), ([], [('c', 'name', False, False)]))

    def test_an_incomplete_scan(self):
        self.scan([('a', 1), ('b', 2)])
        self.scan([('a', 11)], at=NOON + MINUTE, incomplete=['interfaces'])
        self.assertEqual(InterfaceState.objects.filter(name='a').count(), 2)

    def test_an_incomplete_scan_that_has_all_rows(self):
        self.scan([('a', 1), ('b', 2)])
        ids = self.ids()
        rows = [interface_row(11, name='a', mtu=None), interface_row(1, name='b', mtu=None)]
        self.merge(listed(scan_data('interfaces', interfaces=rows), 'interfaces'), at=LATER)
        self.assertEqual((self.stored(), self.ids()), ({'b': 1, 'a': 11}, ids))
        self.assertEqual(set(InterfaceState.objects.values_list('mtu', flat=True)), {1500})

    def test_targets_of_one_batch(self):
        others = [make_target(f'other-{n}') for n in (1, 2)]
        targets = [self.target, *others]
        before, after = ([interface_row(n + k, name=f'p{n}', description='') for n in (1, 2)] for k in (0, 1))
        self.write(*(make_scan_result(target, scan_data(interfaces=before)) for target in targets))
        ids = self.all_ids()
        data = [scan_data(interfaces=rows) for rows in (after, before, after)]
        self.write(*(make_scan_result(target, found, at=LATER) for target, found in zip(targets, data, strict=True)))
        self.assertEqual(self.all_ids(), ids)
        counts = [target.scans.get(started=LATER).change_count for target in targets]
        self.assertEqual(counts, [2, 0, 2])

    def all_ids(self):
        return set(InterfaceState.objects.values_list('target', 'name', 'pk'))
