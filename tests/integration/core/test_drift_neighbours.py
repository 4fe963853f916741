"""Differences between neighbours and cables."""

from dcim.models import FrontPort, Interface, MACAddress, PortMapping, RearPort
from utilities.testing import TestCase

from netbox_netops.models import Difference
from tests.integration.drift import (
    add_interface,
    cable,
    differences,
    found_interface,
    found_neighbour,
    make_stack,
    scan,
)
from tests.integration.factories import make_device, make_site, make_target


class NeighbourCase(TestCase):
    def setUp(self):
        self.site = make_site()
        self.target = make_target('r1', address=None, site=self.site)
        self.local = add_interface(self.target.device, 'Gi0/1')
        self.other = make_device('r2', site=self.site)
        self.remote = add_interface(self.other, 'GigabitEthernet1/0/1')

    def heard(self, *neighbours):
        """The only difference, (kind, found, documented); None for none."""
        interfaces = [found_interface(1, 'Gi0/1')]
        scan(self.target, interfaces=interfaces, neighbours=list(neighbours))
        rows = [(row.kind, row.found, row.documented) for row in Difference.objects.filter(target=self.target)]
        self.assertLessEqual(len(rows), 1, rows)
        return rows[0] if rows else None

    def name(self, name, port='GigabitEthernet1/0/1', **values):
        return self.heard(found_neighbour(1, name, port, **values))


class UncabledTest(NeighbourCase):
    def test_the_device_is_found_by_its_name(self):
        expected = ('neighbour-uncabled', 'r2 GigabitEthernet1/0/1', '')
        for name in ('r2', 'R2', 'r2.example.com', 'r2(SSI1234)', 'r2.example.com(FOX1)'):
            with self.subTest(name=name):
                self.assertEqual(self.name(name), expected)
        row = Difference.objects.get()
        self.assertEqual((row.key, row.applicable, row.interface), ('Gi0/1', True, self.local))
        self.assertEqual(row.data, {'interface': self.local.pk, 'remote_interface': self.remote.pk})

    def test_documented_with_the_domain(self):
        far = make_target('far.example.com', address='192.0.2.9')
        add_interface(far.device, 'eth1')
        self.assertEqual(self.name('far', 'eth1'), ('neighbour-uncabled', 'far.example.com eth1', ''))
        self.assertIsNone(self.name('far.example.net', 'eth1'))

    def test_the_device_is_found_by_its_address(self):
        far = make_target('far', address='192.0.2.9')
        add_interface(far.device, 'eth1')
        self.assertEqual(self.name('', 'eth1', address='192.0.2.9'), ('neighbour-uncabled', 'far eth1', ''))
        self.assertIsNone(self.name('', 'eth1', address='not an address'))

    def test_the_device_is_found_by_a_mac_address(self):
        MACAddress.objects.create(mac_address='00:11:22:33:44:55', assigned_object=self.remote)
        self.assertEqual(
            self.name('', chassis_id='00:11:22:33:44:55'), ('neighbour-uncabled', 'r2 GigabitEthernet1/0/1', '')
        )
        self.assertIsNone(self.name('', chassis_id='00:11:22:33:44:66'))

    def test_the_port_is_found_by_its_name(self):
        for port, description in (
            ('gigabitethernet1/0/1', ''),
            ('Gi1/0/1', ''),
            ('GigabitEthernet 1/0/1', ''),
            ('7', 'Gi1/0/1'),
        ):
            with self.subTest(port=port):
                self.assertEqual(self.name('r2', port, port_description=description)[1], 'r2 GigabitEthernet1/0/1')

    def test_the_port_of_a_scanned_device_is_found_by_its_number(self):
        far = make_target('far', address='192.0.2.9')
        add_interface(far.device, 'xe-0/0/1')
        scan(far, interfaces=[found_interface(513, 'xe-0/0/1', mac='00:11:22:33:44:55')])
        self.assertEqual(self.name('far', '513')[1], 'far xe-0/0/1')
        self.assertEqual(self.name('far', '00:11:22:33:44:55', chassis_id='x')[1], 'far xe-0/0/1')

    def test_port_that_is_not_documented(self):
        self.assertEqual(self.name('r2', 'Gi1/0/2'), ('neighbour-uncabled', 'r2', ''))
        self.assertFalse(Difference.objects.get().applicable)
        # Not 11/0/1, though it ends alike.
        add_interface(self.other, 'GigabitEthernet11/0/1')
        self.assertEqual(self.name('r2', 'Gi1/0/1')[1], 'r2 GigabitEthernet1/0/1')

    def test_port_in_use(self):
        cable(self.remote, add_interface(make_device('r3'), 'Gi0/1'))
        self.name('r2')
        self.assertFalse(Difference.objects.get().applicable)

    def test_what_is_not_a_difference(self):
        self.assertIsNone(self.name('phone-4711', 'port 1'))
        self.assertIsNone(self.name('', ''))
        self.assertIsNone(self.name('r1', 'Gi0/1'))
        # Two devices at one port: a hub between them.
        make_device('r3')
        self.assertIsNone(self.heard(found_neighbour(1, 'r2', 'Gi1/0/1'), found_neighbour(1, 'r3', 'Gi0/1')))
        # Two of one name at other sites.
        make_device('twin', site=make_site())
        make_device('twin', site=make_site())
        self.assertIsNone(self.name('twin'))

    def test_the_namesake_at_the_same_site(self):
        make_device('twin', site=make_site())
        add_interface(make_device('twin', site=self.site), 'Gi0/1')
        self.assertEqual(self.name('twin', 'Gi0/1'), ('neighbour-uncabled', 'twin Gi0/1', ''))

    def test_heard_twice(self):
        found = self.heard(
            found_neighbour(1, 'r2', 'Gi1/0/1'), found_neighbour(1, 'r2.example.com', 'Gi1/0/1', protocol='cdp')
        )
        self.assertEqual(found, ('neighbour-uncabled', 'r2 GigabitEthernet1/0/1', ''))

    def test_interfaces_that_take_no_cable(self):
        Interface.objects.filter(pk=self.local.pk).update(mark_connected=True)
        self.assertIsNone(self.name('r2'))
        Interface.objects.filter(pk=self.local.pk).update(mark_connected=False, type='virtual')
        self.assertIsNone(self.name('r2'))

    def test_local_port_by_name(self):
        self.assertEqual(
            self.heard(found_neighbour(None, 'r2', 'Gi1/0/1', local_port='Gi0/1'))[0], 'neighbour-uncabled'
        )

    def test_member_of_a_stack(self):
        _target, members = make_stack('stack', 2, address='192.0.2.7', site=self.site)
        add_interface(members[1], 'GigabitEthernet2/0/1')
        for name in ('stack', 'stack-1'):
            with self.subTest(name=name):
                self.assertEqual(self.name(name, 'Gi2/0/1')[1], 'stack-2 GigabitEthernet2/0/1')


class CabledTest(NeighbourCase):
    def setUp(self):
        super().setUp()
        cable(self.local, self.remote)

    def test_agree(self):
        for port in ('GigabitEthernet1/0/1', 'Gi1/0/1', '', 'no such port'):
            with self.subTest(port=port):
                self.assertIsNone(self.name('r2.example.com', port))

    def test_other_port(self):
        add_interface(self.other, 'GigabitEthernet1/0/2')
        self.assertEqual(
            self.name('r2', 'Gi1/0/2'),
            ('neighbour-differs', 'r2 GigabitEthernet1/0/2', 'r2 GigabitEthernet1/0/1'),
        )
        row = Difference.objects.get()
        self.assertEqual((row.key, row.applicable), ('Gi0/1', False))

    def test_other_device(self):
        add_interface(make_device('r3'), 'Gi0/1')
        self.assertEqual(self.name('r3', 'Gi0/1'), ('neighbour-differs', 'r3 Gi0/1', 'r2 GigabitEthernet1/0/1'))

    def test_a_device_that_is_not_in_netbox(self):
        self.assertEqual(self.name('alien', 'x'), ('neighbour-differs', 'alien', 'r2 GigabitEthernet1/0/1'))
        self.assertIsNone(self.name('', 'x'))

    def test_names_that_prove_nothing(self):
        # Two of this name, one of them the documented one.
        self.other.name = 'twin'
        self.other.site = make_site()
        self.other.save()
        make_device('twin', site=make_site())
        self.assertIsNone(self.name('twin', 'x'))

    def test_one_of_several_is_the_documented_one(self):
        make_device('r3')
        self.assertIsNone(self.heard(found_neighbour(1, 'r2', 'Gi1/0/1'), found_neighbour(1, 'r3', 'Gi0/1')))

    def test_the_other_end_names_its_lag(self):
        lag = add_interface(self.other, 'Port-channel1', type='lag')
        Interface.objects.filter(pk=self.remote.pk).update(lag=lag)
        self.assertIsNone(self.name('r2', 'Po1'))

    def test_member_of_a_stack(self):
        _target, members = make_stack('stack', 2, address='192.0.2.7', site=self.site)
        self.local.cable.delete()
        self.local.refresh_from_db()
        cable(self.local, add_interface(members[1], 'GigabitEthernet2/0/1'))
        self.assertIsNone(self.name('stack', 'Gi2/0/1'))
        self.assertIsNone(self.name('stack', ''))


class PatchPanelTest(NeighbourCase):
    def setUp(self):
        super().setUp()
        panel = make_device('panel')
        rear = RearPort.objects.create(device=panel, name='R1', type='8p8c')
        front = FrontPort.objects.create(device=panel, name='F1', type='8p8c')
        PortMapping.objects.create(
            device=panel, front_port=front, front_port_position=1, rear_port=rear, rear_port_position=1
        )
        cable(self.local, front)
        self.rear = rear

    def test_path_without_an_end(self):
        self.assertIsNone(self.name('r2', 'Gi1/0/1'))

    def test_the_end_of_the_path_counts(self):
        cable(self.rear, self.remote)
        self.assertIsNone(self.name('r2', 'Gi1/0/1'))
        add_interface(make_device('r3'), 'Gi0/1')
        self.assertEqual(self.name('r3', 'Gi0/1')[0], 'neighbour-differs')


class NothingHeardTest(NeighbourCase):
    def test_cables_without_a_neighbour_are_fine(self):
        cable(self.local, self.remote)
        self.assertIsNone(self.heard())
        self.assertEqual(differences(self.target), {})
