"""Families that could not be read completely: what came is stored, what is unknown keeps what was known."""

from datetime import timedelta

from netbox_netops.models import (
    BGPPeerState,
    FamilyState,
    InterfaceState,
    InventoryState,
    SystemState,
)
from tests.integration.factories import NOON, entity_row, interface_row, peer_row, scan_data, system_facts

from .merging import MINUTE, MODELS, MergeCase, everything, listed

LATER = NOON + MINUTE


class IncompleteTest(MergeCase):
    def test_what_the_device_is_outlasts_a_scan_that_could_not_tell(self):
        self.merge(everything())
        facts = {'name': 'r2', 'description': '', 'uptime_ticks': 1}
        empty = facts | {'vendor': '', 'serial': None, 'model': '', 'os': '', 'os_version': '1.3'}
        for number, data in enumerate((
            scan_data('platform', system=empty),
            # Made out from nothing.
            scan_data('system', system=empty),
        ), start=1):  # fmt: skip
            scan = self.merge(data, at=NOON + number * MINUTE, ok=False, error_code='unreachable:no-response')
            system = SystemState.objects.get()
            self.assertEqual((system.name, system.description), ('r2', 'Acme OS 1.2\r\nCompiled today'))
            self.assertEqual(
                (system.vendor, system.model, system.os, system.os_version, system.serial),
                ('Acme', 'R-1', 'Acme OS', '1.3', 'S1'),
            )
        self.assertEqual(scan.change_count, 0)

    def test_a_system_that_was_read_completely_may_lose_a_value(self):
        self.merge(everything())
        for number, data in enumerate((
            scan_data(system=system_facts(contact='')),
            # The session ended before anything else was tried.
            {'system': system_facts(location=''), 'collectors': {}},
        ), start=1):  # fmt: skip
            self.merge(data, at=NOON + number * MINUTE)
        system = SystemState.objects.get()
        self.assertEqual((system.contact, system.location, system.vendor), ('noc', '', 'Acme'))

    def test_maker_and_model_are_filled_in_later(self):
        self.merge(scan_data('platform', system=system_facts(vendor='', model='')))
        self.assertEqual(SystemState.objects.get().vendor, '')
        scan = self.merge(everything(), at=NOON + MINUTE)
        self.assertEqual(SystemState.objects.get().vendor, 'Acme')
        self.assertEqual(scan.change_count, 0)

    def test_only_families_that_were_read_completely_lose_rows(self):
        self.merge(everything())
        scan = self.merge(scan_data('interfaces', interfaces=[interface_row(1, alias=None)], bgp=[]), at=NOON + MINUTE)
        self.assertEqual((InterfaceState.objects.count(), BGPPeerState.objects.count()), (2, 0))
        self.assertEqual(InterfaceState.objects.get(index=1).changed_at, NOON)
        self.assertEqual(scan.problems, [{'collector': 'interfaces', 'code': 'snmp:endless-walk', 'detail': ''}])
        self.assertEqual({change['family'] for change in scan.changes}, {'bgp'})

    def test_new_rows_are_added_and_go_when_the_next_complete_walk_lacks_them(self):
        self.merge(everything())
        data = scan_data('interfaces', interfaces=[interface_row(9)])
        scan = self.merge(data, at=NOON + MINUTE)
        self.assertEqual((InterfaceState.objects.count(), scan.change_count), (3, 1))
        # The same as at first, but not the same as what is stored now.
        scan = self.merge(everything(), at=NOON + 2 * MINUTE)
        self.assertEqual((InterfaceState.objects.count(), scan.change_count), (2, 1))

    def test_complete_families_of_a_failed_scan_are_trusted(self):
        self.merge(everything())
        data = scan_data('bgp', system=system_facts(name='r2'), interfaces=[interface_row(1)], bgp=[])
        scan = self.merge(data, at=NOON + MINUTE, ok=False, error_code='deadline:probe')
        self.assertEqual(InterfaceState.objects.get().index, 1)
        self.assertEqual(BGPPeerState.objects.count(), 2)
        self.assertEqual(SystemState.objects.get().name, 'r2')
        self.assertEqual(scan.change_count, 2)

    def test_families_that_were_not_tried_or_not_brought_are_left_alone(self):
        self.merge(everything())
        before = {model: self.places(model) for model in MODELS}
        complete = {'complete': True, 'code': '', 'detail': ''}
        for number, data in enumerate((
            scan_data(),
            {'collectors': {'interfaces': complete, 'system': complete}},
            {'interfaces': [], 'collectors': {}},
            {'system': {}, 'collectors': {'system': complete}},
        ), start=1):  # fmt: skip
            self.merge(data, at=NOON + number * MINUTE)
            self.assertEqual({model: self.places(model) for model in MODELS}, before)

    def test_without_collectors_the_outcome_decides(self):
        self.merge(everything())
        self.merge({'interfaces': []}, at=NOON + MINUTE, ok=False, error_code='snmp:endless-walk')
        self.assertEqual(InterfaceState.objects.count(), 2)
        self.merge({'interfaces': []}, at=NOON + 2 * MINUTE)
        self.assertEqual(InterfaceState.objects.count(), 0)


class PartTest(MergeCase):
    """Rows that are known, and what came of them."""

    def interfaces(self, *rows, at=LATER, complete=False):
        return self.merge(scan_data(*([] if complete else ['interfaces']), interfaces=list(rows)), at=at)

    def peer(self, *, at=LATER, incomplete=True, **values):
        scan = self.merge(scan_data(*(['bgp'] if incomplete else []), bgp=[peer_row('192.0.2.2', **values)]), at=at)
        return scan, BGPPeerState.objects.get()

    def test_what_came_is_stored_and_what_did_not_stays(self):
        self.interfaces(interface_row(1, alias='uplink'), at=NOON, complete=True)
        scan = self.interfaces(interface_row(1, alias='', speed=None, mtu=9000, oper_status=2, last_change=7))
        row = InterfaceState.objects.get()
        self.assertEqual((row.alias, row.speed, row.mtu, row.oper_status), ('uplink', 10**9, 9000, 2))
        self.assertEqual((row.changed_at, row.oper_since, row.last_change), (LATER, LATER, 7))
        self.assertEqual(
            scan.changes,
            [
                {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'mtu', 'old': 1500, 'new': 9000},
                {'family': 'interfaces', 'key': 'Gi0/1', 'field': 'oper_status', 'old': 1, 'new': 2},
            ],
        )

    def test_without_its_status_an_interface_keeps_since_when(self):
        self.interfaces(interface_row(1), at=NOON, complete=True)
        self.interfaces(interface_row(1, oper_status=None, alias='new'))
        row = InterfaceState.objects.get()
        self.assertEqual((row.oper_status, row.oper_since, row.alias), (1, NOON, 'new'))

    def test_every_family(self):
        self.merge(everything())
        empty = {'name': '', 'description': '', 'model': '', 'serial': '', 'fru': None, 'parent': None}
        scan = self.merge(
            everything(
                'inventory', 'addresses', 'neighbours',
                inventory=[entity_row(1, **empty | {'class': 3, 'software': '1.3'})],
                addresses=[{'address': '192.0.2.1', 'interface': 1, 'prefix_length': None}],
                neighbours=[],
            ),
            at=LATER,
        )  # fmt: skip
        entity = InventoryState.objects.get(index=1)
        self.assertEqual((entity.name, entity.serial, entity.fru, entity.parent), ('Slot 1', 'S-1', True, 0))
        self.assertEqual(entity.software, '1.3')
        self.assertEqual(self.target.addresses.get(address='192.0.2.1').prefix_length, 24)
        self.assertEqual((self.target.neighbours.count(), InventoryState.objects.count()), (2, 2))
        self.assertEqual(scan.change_count, 1)

    def test_a_name_that_may_be_another_object_is_not_taken(self):
        self.interfaces(interface_row(1), interface_row(2, name=''), at=NOON, complete=True)
        self.interfaces(interface_row(1, name='GigabitEthernet0/1'), interface_row(2, name='GigabitEthernet0/2'))
        names = InterfaceState.objects.order_by('index').values_list('name', flat=True)
        self.assertEqual(list(names), ['Gi0/1', 'GigabitEthernet0/2'])
        self.interfaces(interface_row(1, name='renamed'), at=LATER + MINUTE, complete=True)
        self.assertEqual(InterfaceState.objects.get().name, 'renamed')

    def test_sums_that_may_be_partial_are_not_taken(self):
        self.peer(at=NOON, incomplete=False, prefixes_advertised=None)
        _scan, peer = self.peer(prefixes_accepted=3, prefixes_advertised=3, mib='OTHER-MIB', description='x')
        self.assertEqual((peer.prefixes_accepted, peer.prefixes_advertised), (100, 3))
        self.assertEqual((peer.mib, peer.description), ('BGP4-MIB', 'x'))

    def test_a_session_whose_age_did_not_come(self):
        self.peer(at=NOON, incomplete=False)
        before = BGPPeerState.objects.get()
        scan, peer = self.peer(established_seconds=None, transitions=None, last_error='6.2')
        self.assertEqual((peer.established_at, peer.state_since), (before.established_at, before.state_since))
        self.assertEqual((peer.transitions, peer.last_error, scan.change_count), (1, '6.2', 1))

    def test_a_session_whose_state_did_not_come(self):
        self.peer(at=NOON, incomplete=False)
        before = BGPPeerState.objects.get()
        _scan, peer = self.peer(state=None, established_seconds=0, transitions=None)
        self.assertEqual((peer.state, peer.established_at), (6, before.established_at))
        self.assertEqual(peer.state_since, before.state_since)

    def test_a_session_that_went_down(self):
        self.peer(at=NOON, incomplete=False)
        scan, peer = self.peer(state=1, established_seconds=None)
        self.assertEqual((peer.state, peer.established_at, peer.state_since), (1, None, LATER))
        self.assertEqual([change['field'] for change in scan.changes], ['state'])

    def test_complete_targets_of_the_same_batch_lose_values(self):
        self.interfaces(interface_row(1, alias='x'), at=NOON, complete=True)
        self.interfaces(interface_row(1, alias=''), complete=True)
        self.assertEqual(InterfaceState.objects.get().alias, '')


class NeverCompleteTest(MergeCase):
    """One column answers genErr each time."""

    def scan(self, *rows, minute, rows_are_all=False):
        data = scan_data('interfaces', interfaces=list(rows))
        return self.merge(listed(data, 'interfaces') if rows_are_all else data, at=NOON + minute * MINUTE)

    def fields(self, scan):
        return [(change['key'], change['field'], change['new']) for change in scan.changes]

    def test_it_is_not_frozen(self):
        self.scan(interface_row(1, alias=''), minute=0)
        for minute, status in enumerate((2, 1, 2), start=1):
            scan = self.scan(interface_row(1, alias='', oper_status=status), minute=minute)
            self.assertEqual(self.fields(scan), [('Gi0/1', 'oper_status', status)])
            row = InterfaceState.objects.get()
            self.assertEqual((row.oper_status, row.oper_since), (status, NOON + minute * MINUTE))

    def test_what_becomes_known_before_the_baseline_is_no_change(self):
        self.scan(interface_row(1, mtu=None), minute=0)
        scan = self.scan(interface_row(1), interface_row(2), minute=1)
        self.assertEqual(self.fields(scan), [])
        self.assertEqual(InterfaceState.objects.get(index=1).mtu, 1500)

    def test_rows_stay_where_the_list_is_not_complete(self):
        self.scan(interface_row(1), interface_row(2), minute=0)
        for minute, told in enumerate((False, None, 'yes', 1), start=1):
            data = scan_data('interfaces', interfaces=[interface_row(1)])
            data['collectors']['interfaces']['listed'] = told
            self.merge(data, at=NOON + minute * MINUTE)
            self.assertEqual(InterfaceState.objects.count(), 2)

    def test_rows_go_where_it_is(self):
        self.scan(interface_row(1), interface_row(2), minute=0, rows_are_all=True)
        scan = self.scan(interface_row(1), interface_row(3), minute=1, rows_are_all=True)
        self.assertEqual(list(InterfaceState.objects.values_list('index', flat=True)), [1, 3])
        # What the first one listed is the baseline.
        self.assertEqual([(change['key'], change['field']) for change in scan.changes], [('Gi0/2', ''), ('Gi0/3', '')])

    def test_it_is_compared_each_time(self):
        self.scan(interface_row(1), minute=0, rows_are_all=True)
        self.assertEqual(FamilyState.objects.get().digest, '')
        InterfaceState.objects.update(alias='by hand')
        self.scan(interface_row(1, alias='x'), minute=1, rows_are_all=True)
        self.assertEqual((InterfaceState.objects.get().alias, FamilyState.objects.get().digest), ('x', ''))

    def test_a_system_is_a_first_one_once(self):
        data = scan_data('system', 'platform', system=system_facts(contact=''))
        self.assertTrue(self.merge(data).first)
        data['system']['location'] = 'rack 2'
        scan = self.merge(data, at=NOON + timedelta(minutes=1))
        self.assertEqual((scan.first, self.fields(scan)), (False, [('', 'location', 'rack 2')]))
