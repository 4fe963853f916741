"""GraphQL: NetBox's own test cases for every type, and no row of a device that the user may not view."""

from dcim.models import Device
from django.db import connection
from django.test.utils import CaptureQueriesContext
from utilities.testing import APIViewTestCases
from virtualization.models import VirtualMachine

from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    Difference,
    InterfaceState,
    InventoryState,
    NeighbourState,
    Run,
    RunTarget,
    ScanResult,
    SystemState,
    Target,
)
from tests.integration.factories import make_machine, make_site, make_target

from .base import ApiCase, make_interface, make_peer, make_run, make_state

TYPES = {
    'targets': 'target',
    'run-targets': 'run_target',
    'scan-results': 'scan_result',
    'system-states': 'system_state',
    'interface-states': 'interface_state',
    'address-states': 'address_state',
    'inventory-states': 'inventory_state',
    'neighbour-states': 'neighbour_state',
    'bgp-peer-states': 'bgp_peer_state',
    'differences': 'difference',
}


class StateTypeCase(APIViewTestCases.GraphQLTestCase):
    view_namespace = 'plugins-api:netbox_netops'
    user_permissions = ('dcim.view_device', 'virtualization.view_virtualmachine')

    def _get_graphql_base_name(self):
        return f'netops_{super()._get_graphql_base_name()}'

    @classmethod
    def setUpTestData(cls):
        for number in range(3):
            make_state(make_target(address=f'192.0.2.{number + 1}'), make_run(reason=f'reason {number}'))


class TargetTypeTest(StateTypeCase):
    model = Target


class RunTypeTest(StateTypeCase):
    model = Run


class RunTargetTypeTest(StateTypeCase):
    model = RunTarget


class ScanResultTypeTest(StateTypeCase):
    model = ScanResult


class InterfaceStateTypeTest(StateTypeCase):
    model = InterfaceState


class SystemStateTypeTest(StateTypeCase):
    model = SystemState


class AddressStateTypeTest(StateTypeCase):
    model = AddressState


class InventoryStateTypeTest(StateTypeCase):
    model = InventoryState


class NeighbourStateTypeTest(StateTypeCase):
    model = NeighbourState


class BGPPeerStateTypeTest(StateTypeCase):
    model = BGPPeerState


class DifferenceTypeTest(StateTypeCase):
    model = Difference


FACTS = (AddressState, BGPPeerState, Difference, InterfaceState, InventoryState, NeighbourState, SystemState)
# Everything that was found on a device, from the device.
EVERYTHING = """{ device_list { name netops_target {
    system { name } interfaces { name } bgp_peers { address state } addresses { address } neighbours { system_name }
    inventory { serial } scans { ok } differences { kind }
} } }"""

# Without tests of its own; pytest would collect it.
del StateTypeCase


class VisibilityTest(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target_a = make_target('a-1', site=make_site('A'), address='192.0.2.1')
        cls.target_b = make_target('b-1', site=make_site('B'), address='192.0.2.2')
        cls.active = make_run(total=2)
        cls.rows_a = make_state(cls.target_a, cls.active)
        cls.rows_b = make_state(cls.target_b, cls.active)

    def setUp(self):
        super().setUp()
        self.grant('view', Target, RunTarget, ScanResult, Run, *FACTS)

    def data(self, query):
        answer = self.graphql(query)
        self.assertNotIn('errors', answer)
        return answer['data']

    def test_schema_assembles(self):
        from netbox.graphql.schema import schema

        for field in (*TYPES.values(), 'run', 'credential'):
            self.assertIn(f'  netops_{field}_list(', str(schema))
        self.assertNotIn('lease_token', str(schema))

    def test_lists(self):
        self.grant('view', Device, site__slug='a')
        for endpoint, name in TYPES.items():
            with self.subTest(name):
                rows = self.data(f'{{ netops_{name}_list {{ id }} }}')[f'netops_{name}_list']
                self.assertEqual([row['id'] for row in rows], [str(self.rows_a[endpoint].pk)])
                answer = self.graphql(f'{{ netops_{name}(id: {self.rows_b[endpoint].pk}) {{ id }} }}')
                self.assertIn('errors', answer)
                self.assertFalse(answer.get('data'))

    def test_without_the_right_on_devices(self):
        for name in TYPES.values():
            self.assertEqual(self.data(f'{{ netops_{name}_list {{ id }} }}')[f'netops_{name}_list'], [])

    def test_through_other_types(self):
        self.grant('view', Device, site__slug='a')
        query = '{ netops_run_list { targets { id name target { name interfaces { id } } } } }'
        run = self.data(query)['netops_run_list'][0]
        self.assertEqual([row['name'] for row in run['targets']], ['a-1'])
        self.assertEqual(len(run['targets'][0]['target']['interfaces']), 1)
        query = '{ netops_target_list { interfaces { id } latest_scan { id display } system { name vendor } } }'
        targets = self.data(query)['netops_target_list']
        self.assertEqual([row['latest_scan']['id'] for row in targets], [str(self.rows_a['scan-results'].pk)])
        self.assertTrue(targets[0]['latest_scan']['display'].startswith('20'))
        self.assertEqual(targets[0]['system'], {'name': 'a-1 sys', 'vendor': ''})

    def test_what_may_not_be_viewed_is_null_in_what_may(self):
        self.grant('view', Device)
        self.remove_permissions('netbox_netops.view_target', 'netbox_netops.view_run', 'netbox_netops.view_scanresult')
        rows = self.data('{ netops_run_target_list { name target { name } run { id } } }')['netops_run_target_list']
        self.assertEqual(len(rows), 2)
        self.assertEqual({(row['target'], row['run']) for row in rows}, {(None, None)})
        rows = self.data('{ netops_interface_state_list { target { name } } }')['netops_interface_state_list']
        self.assertEqual(rows[0]['target'], None)

    def test_filters_do_not_widen(self):
        self.grant('view', Device, site__slug='a')
        query = '{ netops_target_list(filters: {name: {exact: "b-1"}, OR: {id: {exact: %d}}}) { name } }'
        self.assertEqual(self.data(query % self.target_b.pk)['netops_target_list'], [])

    def test_the_target_of_a_device(self):
        machine = make_machine('vm-1', address='192.0.2.3')
        target = Target.objects.create(virtual_machine=machine, name='vm-1')
        self.grant('view', Device, VirtualMachine)
        devices = self.data('{ device_list { name netops_target { name reachability } } }')['device_list']
        self.assertEqual({row['name']: row['netops_target']['name'] for row in devices}, {'a-1': 'a-1', 'b-1': 'b-1'})
        machines = self.data('{ virtual_machine_list { netops_target { id } } }')['virtual_machine_list']
        self.assertEqual(machines, [{'netops_target': {'id': str(target.pk)}}])

    def test_the_target_of_a_device_follows_the_right_on_targets(self):
        self.grant('view', Device)
        self.remove_permissions('netbox_netops.view_target')
        self.grant('view', Target, name='a-1')
        devices = self.data('{ device_list { name netops_target { name } } }')['device_list']
        self.assertEqual({row['name']: row['netops_target'] for row in devices}, {'a-1': {'name': 'a-1'}, 'b-1': None})

    def test_all_that_was_found_on_a_device(self):
        self.grant('view', Device, site__slug='a')
        (device,) = self.data(EVERYTHING)['device_list']
        self.assertEqual(
            device,
            {
                'name': 'a-1',
                'netops_target': {
                    'system': {'name': 'a-1 sys'},
                    'interfaces': [{'name': 'eth1'}],
                    'bgp_peers': [{'address': '203.0.113.1', 'state': 6}],
                    'addresses': [{'address': '198.51.100.1'}],
                    'neighbours': [{'system_name': 'far1'}],
                    'inventory': [{'serial': 'SN1'}],
                    'scans': [{'ok': True}],
                    'differences': [{'kind': 'serial'}],
                },
            },
        )

    def test_each_kind_needs_its_own_right(self):
        self.grant('view', Device)
        self.remove_permissions(*(f'netbox_netops.view_{model._meta.model_name}' for model in (*FACTS, ScanResult)))
        device = self.data(EVERYTHING)['device_list'][0]
        self.assertEqual(device['netops_target'].pop('system'), None)
        self.assertEqual(set(map(len, device['netops_target'].values())), {0})
        # With constraints of its own.
        self.grant('view', BGPPeerState, state=1)
        self.assertEqual(self.data('{ netops_bgp_peer_state_list { id } }')['netops_bgp_peer_state_list'], [])

    def test_filters_of_what_was_found(self):
        self.grant('view', Device)
        make_peer(self.target_a, 2, state=1, remote_as=4_200_000_000, prefixes_accepted=2**40)
        for name, filters, count in (
            ('bgp_peer_state', 'state: {filter_lookup: {exact: 1}}', 1),
            ('bgp_peer_state', 'remote_as: {filter_lookup: {exact: "4200000000"}}', 1),
            ('bgp_peer_state', 'target: {name: {exact: "b-1"}}', 1),
            ('address_state', 'address: {exact: "198.51.100.1"}', 2),
            ('neighbour_state', 'protocol: {exact: PROTOCOL_LLDP}', 2),
            ('inventory_state', 'serial: {i_exact: "sn1"}', 2),
            ('system_state', 'name: {starts_with: "a-"}', 1),
        ):
            with self.subTest(filters):
                rows = self.data(f'{{ netops_{name}_list(filters: {{{filters}}}) {{ id display }} }}')
                self.assertEqual(len(rows[f'netops_{name}_list']), count)
        rows = self.data('{ netops_bgp_peer_state_list { remote_as prefixes_accepted } }')['netops_bgp_peer_state_list']
        self.assertIn({'remote_as': 4_200_000_000, 'prefixes_accepted': 2**40}, rows)

    def test_a_device_without_target(self):
        self.grant('view', Device)
        Target.objects.filter(pk=self.target_b.pk).delete()
        devices = self.data('{ device_list { name netops_target { name } } }')['device_list']
        self.assertIn({'name': 'b-1', 'netops_target': None}, devices)

    def test_large_numbers(self):
        self.grant('view', Device)
        make_interface(self.target_a, index=2**31, speed=400_000_000_000, mtu=2**32 - 1, last_change=2**40)
        rows = self.data(
            '{ netops_interface_state_list(filters: {speed: {filter_lookup: {exact: "400000000000"}}})'
            ' { index speed mtu last_change } }'
        )['netops_interface_state_list']
        self.assertEqual(rows, [{'index': 2**31, 'speed': 400_000_000_000, 'mtu': 2**32 - 1, 'last_change': 2**40}])


class QueryCountTest(ApiCase):
    QUERIES = (
        '{ netops_target_list { display device { name } latest_scan { display } system { display } } }',
        '{ netops_target_list { display interfaces { display interface { name } } } }',
        '{ netops_run_list { display requested_by { username } targets { display target { name } } } }',
        '{ netops_run_target_list { display run { display } target { display } } }',
        '{ netops_scan_result_list { display target { name } credential { name } run { display } } }',
        '{ netops_interface_state_list { display target { name device { name } } } }',
        '{ netops_bgp_peer_state_list { display target { name } } }',
        '{ netops_address_state_list { display target { name } } }',
        '{ netops_neighbour_state_list { display target { name } } }',
        '{ netops_inventory_state_list { display target { name } } }',
        '{ netops_system_state_list { display target { name } } }',
        '{ device_list { name netops_target { name } } }',
        EVERYTHING,
    )

    def add_rows(self, count):
        site = make_site()
        for _number in range(count):
            make_state(make_target(site=site))

    def test_the_same_number_of_queries_for_any_number_of_rows(self):
        self.user.is_superuser = True
        self.user.save()
        self.add_rows(3)
        few = [self.count(query) for query in self.QUERIES]
        self.add_rows(20)
        self.assertEqual([self.count(query) for query in self.QUERIES], few)

    def count(self, query):
        self.graphql(query)
        with CaptureQueriesContext(connection) as queries:
            self.assertNotIn('errors', self.graphql(query))
        return len(queries)
