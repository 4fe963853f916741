"""Differences of IP addresses."""

from dcim.models import Interface
from ipam.models import VRF, FHRPGroup, FHRPGroupAssignment, IPAddress
from utilities.testing import TestCase
from virtualization.models import VMInterface

from netbox_netops.inventory import sync
from netbox_netops.models import Difference, Target
from tests.integration.drift import (
    add_interface,
    add_ip,
    differences,
    found_address,
    found_interface,
    kinds,
    make_stack,
    scan,
)
from tests.integration.factories import make_device, make_machine, make_target

PORTS = (found_interface(1, 'Gi0/1'), found_interface(2, 'Gi0/2'))


class AddressTest(TestCase):
    def setUp(self):
        self.target = make_target('r1', address=None)
        self.device = self.target.device
        self.one, self.two = (add_interface(self.device, name) for name in ('Gi0/1', 'Gi0/2'))

    def scan(self, *addresses, interfaces=PORTS, **data):
        scan(self.target, interfaces=list(interfaces), addresses=list(addresses), **data)
        return differences(self.target)

    def test_agree(self):
        add_ip(self.one, '192.0.2.1/24')
        add_ip(self.two, '2001:db8::1/64')
        self.assertEqual(self.scan(found_address('192.0.2.1', 1), found_address('2001:db8::1', 2, 64)), {})

    def test_missing(self):
        self.assertEqual(
            self.scan(found_address('192.0.2.1', 1)),
            {('address-missing', '192.0.2.1'): ('192.0.2.1/24 Gi0/1', '')},
        )
        row = Difference.objects.get()
        expected = {'address': '192.0.2.1/24', 'interface': self.one.pk, 'vm_interface': None, 'ip_address': None}
        self.assertEqual((row.applicable, row.data, row.interface), (True, expected, self.one))

    def test_missing_but_in_netbox_without_an_interface(self):
        address = IPAddress.objects.create(address='192.0.2.1/25')
        self.scan(found_address('192.0.2.1', 1))
        row = Difference.objects.get()
        self.assertEqual((row.applicable, row.data['ip_address']), (True, address.pk))

    def test_missing_and_used_elsewhere_or_unclear(self):
        add_ip(add_interface(make_device('r2'), 'Gi0/1'), '192.0.2.1/24')
        self.scan(
            found_address('192.0.2.1', 1), found_address('192.0.2.2', 1, None), found_address('192.0.2.3', 9),
            found_address('192.0.2.4', None),
        )  # fmt: skip
        self.assertEqual(set(Difference.objects.values_list('key', 'applicable')), {
            ('192.0.2.1', False), ('192.0.2.2', False), ('192.0.2.3', False), ('192.0.2.4', False),
        })  # fmt: skip

    def test_vrf_of_the_interface(self):
        vrf = VRF.objects.create(name='customer')
        Interface.objects.filter(pk=self.one.pk).update(vrf=vrf)
        free = IPAddress.objects.create(address='192.0.2.1/24', vrf=vrf)
        # The same address in the global table is another one.
        add_ip(self.two, '192.0.2.1/24')
        found = self.scan(found_address('192.0.2.1', 1), found_address('192.0.2.1', 2))
        self.assertEqual(set(found), {('address-missing', '192.0.2.1 Gi0/1')})
        self.assertEqual(Difference.objects.get().data['ip_address'], free.pk)

    def test_addresses_that_nobody_documents(self):
        self.assertEqual(
            self.scan(
                *(
                    found_address(address, 1)
                    for address in ('127.0.0.1', '127.5.0.1', '169.254.1.1', '::1', 'fe80::1', '224.0.0.5', 'ff02::1')
                ),
                found_address('10.9.9.9', 3),
                interfaces=(*PORTS, found_interface(3, 'lo')),
            ),
            {},
        )

    def test_unit_0_is_the_port(self):
        add_ip(self.one, '192.0.2.1/24')
        interfaces = (*PORTS, found_interface(3, 'Gi0/1.0', type=53))
        self.assertEqual(self.scan(found_address('192.0.2.1', 3), interfaces=interfaces), {})

    def test_virtual_address_of_a_group(self):
        group = FHRPGroup.objects.create(protocol='vrrp3', group_id=1)
        IPAddress.objects.create(address='192.0.2.254/24', assigned_object=group)
        FHRPGroupAssignment.objects.create(group=group, interface=self.one, priority=100)
        self.assertEqual(self.scan(found_address('192.0.2.254', 1)), {})

    def test_prefix_length(self):
        address = add_ip(self.one, '192.0.2.1/24')
        self.assertEqual(self.scan(found_address('192.0.2.1', 1, None)), {})
        self.assertEqual(
            self.scan(found_address('192.0.2.1', 1, 25)),
            {('address-prefix-length', '192.0.2.1'): ('192.0.2.1/25', '192.0.2.1/24')},
        )
        row = Difference.objects.get()
        self.assertEqual((row.ip_address, row.data, row.applicable), (address, {'prefix_length': 25}, True))

    def test_interface(self):
        address = add_ip(self.one, '192.0.2.1/24')
        self.assertEqual(
            self.scan(found_address('192.0.2.1', 2)), {('address-interface', '192.0.2.1'): ('Gi0/2', 'Gi0/1')}
        )
        row = Difference.objects.get()
        self.assertEqual((row.ip_address, row.applicable, row.data['interface']), (address, True, self.two.pk))

    def test_interface_that_is_not_documented(self):
        add_ip(self.one, '192.0.2.1/24')
        found = self.scan(found_address('192.0.2.1', 3), interfaces=(*PORTS, found_interface(3, 'Gi0/3')))
        self.assertEqual(found[('address-interface', '192.0.2.1')], ('Gi0/3', 'Gi0/1'))
        self.assertFalse(Difference.objects.get(kind='address-interface').applicable)

    def test_one_address_on_several_interfaces(self):
        add_ip(self.one, '192.0.2.1/24')
        self.assertEqual(self.scan(found_address('192.0.2.1', 1), found_address('192.0.2.1', 2)), {})

    def test_extra(self):
        add_ip(self.one, '192.0.2.1/24')
        address = add_ip(self.two, '192.0.2.65/26')
        self.assertEqual(
            self.scan(found_address('192.0.2.1', 1)),
            {('address-extra', '192.0.2.65 Gi0/2'): ('', '192.0.2.65/26 Gi0/2')},
        )
        row = Difference.objects.get()
        self.assertEqual((row.ip_address, row.applicable), (address, False))

    def test_what_may_be_missing_on_the_device(self):
        vrf = VRF.objects.create(name='customer')
        add_ip(self.one, '192.0.2.1/24')
        add_ip(self.two, '192.0.2.65/26', status='reserved')
        add_ip(self.two, '192.0.2.66/26', role='vrrp')
        # The agent shows neither IPv6 nor that VRF, and a management controller not at all.
        add_ip(self.two, '2001:db8::1/64')
        add_ip(add_interface(self.device, 'Vlan5', type='virtual', vrf=vrf), '10.0.0.1/24', vrf=vrf)
        add_ip(add_interface(self.device, 'iDRAC', mgmt_only=True), '10.0.0.2/24')
        add_ip(add_interface(self.device, 'Vlan6', type='virtual', enabled=False), '10.0.0.3/24')
        self.assertEqual(self.scan(found_address('192.0.2.1', 1)), {})

    def test_interface_and_address_that_are_gone_are_one_difference(self):
        add_ip(self.one, '192.0.2.1/24')
        add_ip(add_interface(self.device, 'Gi0/9'), '192.0.2.129/25')
        add_ip(add_interface(self.device, 'Vlan9', type='virtual'), '198.51.100.1/25')
        self.scan(found_address('192.0.2.1', 1))
        self.assertEqual(kinds(self.target), {'interface-extra', 'address-extra'})
        self.assertEqual(Difference.objects.get(kind='address-extra').key, '198.51.100.1 Vlan9')

    def test_never_collected(self):
        add_ip(self.one, '192.0.2.1/24')
        scan(self.target, interfaces=list(PORTS))
        self.assertEqual(differences(self.target), {})


class OtherOwnersTest(TestCase):
    def test_virtual_machine(self):
        machine = make_machine('vm', address=None)
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        eth0 = VMInterface.objects.create(virtual_machine=machine, name='eth0')
        eth1 = VMInterface.objects.create(virtual_machine=machine, name='eth1')
        add_ip(eth0, '192.0.2.1/24')
        add_ip(eth1, '192.0.2.129/25')
        scan(
            target,
            interfaces=[found_interface(1, 'eth0'), found_interface(2, 'eth1')],
            addresses=[found_address('192.0.2.1', 1, 26), found_address('192.0.2.2', 2)],
        )
        self.assertEqual(
            differences(target),
            {
                ('address-prefix-length', '192.0.2.1'): ('192.0.2.1/26', '192.0.2.1/24'),
                ('address-missing', '192.0.2.2'): ('192.0.2.2/24 eth1', ''),
                ('address-extra', '192.0.2.129 eth1'): ('', '192.0.2.129/25 eth1'),
            },
        )
        row = Difference.objects.get(kind='address-missing')
        self.assertEqual((row.applicable, row.vm_interface, row.data['vm_interface']), (True, eth1, eth1.pk))

    def test_member_of_a_stack(self):
        target, members = make_stack('stack', 2, address='192.0.2.1')
        Interface.objects.all().delete()
        IPAddress.objects.all().delete()
        add_ip(add_interface(members[1], 'Gi2/0/1'), '198.51.100.1/24')
        scan(target, interfaces=[found_interface(1, 'Gi2/0/1')], addresses=[found_address('198.51.100.1', 1)])
        self.assertEqual(differences(target), {})
