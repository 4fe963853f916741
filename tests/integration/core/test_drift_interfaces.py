"""Differences of interfaces: what engineers would call one, and what they would call noise."""

from dcim.models import Device, Interface, MACAddress
from django.test import override_settings
from utilities.testing import TestCase
from virtualization.models import VMInterface

from netbox_netops.inventory import sync
from netbox_netops.models import Difference, Target
from tests.integration.drift import (
    add_interface,
    add_ip,
    cable,
    differences,
    found_address,
    found_interface,
    kinds,
    make_stack,
    scan,
)
from tests.integration.factories import make_device, make_machine, make_target


class InterfaceCase(TestCase):
    def setUp(self):
        self.target = make_target('r1', address=None)
        self.device = self.target.device

    def scan(self, *interfaces, **data):
        scan(self.target, interfaces=list(interfaces), **data)

    def only(self, **values):
        """The only interface of the device, found with these values: the differences by kind."""
        self.scan(found_interface(1, 'Gi0/1', **values))
        return {kind: value for (kind, _key), value in differences(self.target).items()}


class MissingTest(InterfaceCase):
    def test_missing_and_documented(self):
        add_interface(self.device, 'Gi0/1')
        self.scan(found_interface(1, 'gi0/1'), found_interface(2, 'Gi0/2', alias='uplink'))
        self.assertEqual(differences(self.target), {('interface-missing', 'Gi0/2'): ('Gi0/2', '')})
        row = Difference.objects.get()
        self.assertEqual(
            (row.applicable, row.data),
            (
                True,
                {
                    'name': 'Gi0/2',
                    'type': '1000base-t',
                    'device': self.device.pk,
                    'enabled': True,
                    'description': 'uplink',
                },
            ),
        )

    def test_long_name_is_the_same_interface(self):
        add_interface(self.device, 'GigabitEthernet0/1')
        self.scan(found_interface(1, 'Gi0/1', description='GigabitEthernet0/1'))
        self.assertEqual(kinds(self.target), set())

    def test_name_to_document_is_as_usual_on_the_device(self):
        long = found_interface(1, 'Gi0/1', description='GigabitEthernet0/1')
        other = found_interface(2, 'Gi0/2', description='GigabitEthernet0/2')
        self.scan(long, other)
        self.assertEqual(Difference.objects.get(key='Gi0/2').data['name'], 'GigabitEthernet0/2')
        add_interface(self.device, 'Gi0/1')
        self.scan(long, other | {'alias': 'again'})
        self.assertEqual(Difference.objects.get(key='Gi0/2').data['name'], 'Gi0/2')

    def test_pseudo_interfaces(self):
        names = (
            *('Null0', 'NULL0', 'VoIP-Null0', 'lo', 'unrouted VLAN 1002', 'ATM0/0-aal5 layer', 'Gi0/0-mpls layer'),
            *('Control Plane Interface', 'StackPort1', 'StackSub-St1-1', 'Virtual-Access2', 'InLoopBack0', 'ssl.root'),
            *('pfe-0/0/0.16383', 'lsi', 'dsc', 'bme0', 'lo0.16384', 'ge-0/0/0.32767', 'docker0', 'veth1a2b', 'sit0'),
            *('WAN Miniport (IP)', 'isatap.{1}', 'Software Loopback Interface 1'),
        )
        self.scan(*(found_interface(number, name) for number, name in enumerate(names, start=1)))
        self.assertEqual(differences(self.target), {})

    def test_real_interfaces_are_not_taken_for_pseudo_ones(self):
        names = (
            *('ge-0/0/0', 'ae0', 'irb.100', 'ge-0/0/1.100', 'lo0', 'Loopback0', 'Tunnel1', 'Vlan10', 'mgmt0', 'eth0'),
            *(
                'br0',
                'bond0',
                'Port-channel1',
                'ether1',
                'vmk0',
                'me0',
                'fxp0',
                'wan1',
                'dummy1',
                'gr-0/0/0',
                'vi',
                'virtual',
            ),
        )
        self.scan(*(found_interface(number, name) for number, name in enumerate(names, start=1)))
        self.assertEqual({key for _kind, key in differences(self.target)}, set(names))

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'drift_ignored_interfaces': ['^gi']}})
    def test_own_patterns(self):
        self.scan(found_interface(1, 'Gi0/1'), found_interface(2, 'Null0'))
        self.assertEqual(set(differences(self.target)), {('interface-missing', 'Null0')})

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'drift_ignored_interfaces': []}})
    def test_no_patterns(self):
        self.scan(found_interface(1, 'Null0'))
        self.assertEqual(set(differences(self.target)), {('interface-missing', 'Null0')})

    def test_unit_0_is_the_port(self):
        add_interface(self.device, 'ge-0/0/0')
        self.scan(found_interface(1, 'ge-0/0/0'), found_interface(2, 'ge-0/0/0.0', type=53))
        self.assertEqual(differences(self.target), {})

    def test_vlans_of_a_switch_need_an_address(self):
        vlans = [found_interface(number, f'Vlan{number}', type=53) for number in (10, 20)]
        self.scan(*vlans, addresses=[found_address('192.0.2.1', 20)])
        self.assertEqual(set(differences(self.target, 'interface-missing')), {('interface-missing', 'Vlan20')})

    def test_suggested_types(self):
        cases = {
            'GigabitEthernet1': (6, 10**9, '1000base-t'),
            'TenGigE1': (6, 10**10, '10gbase-x-sfpp'),
            'Hu1': (6, 10**11, '100gbase-x-qsfp28'),
            'slow': (6, 10**7, 'other'),
            'unknown': (None, None, 'other'),
            'Po1': (161, 2 * 10**9, 'lag'),
            'Port-channel2': (53, 2 * 10**9, 'lag'),
            'Loopback0': (24, 8 * 10**9, 'virtual'),
            'Tunnel1': (131, None, 'virtual'),
            'Gi0/0.100': (135, 10**9, 'virtual'),
            'Gi0/1.100': (6, 10**9, 'virtual'),
            'bridge1': (209, None, 'bridge'),
            'fc1/1': (56, 16 * 10**9, '16gfc-sfpp'),
        }
        self.scan(
            *(
                found_interface(number, name, type=kind, speed=speed)
                for number, (name, (kind, speed, _type)) in enumerate(cases.items(), start=1)
            )
        )
        self.assertEqual(
            {row.key: row.data['type'] for row in Difference.objects.all()},
            {name: expected for name, (_kind, _speed, expected) in cases.items()},
        )

    def test_without_a_name_or_with_one_too_long(self):
        self.scan(found_interface(1, ''), found_interface(2, 'x' * 65))
        self.assertEqual(Difference.objects.get().applicable, False)

    def test_one_row_for_two_interfaces_of_one_name(self):
        self.scan(found_interface(1, 'Gi0/1'), found_interface(2, 'Gi0/1'))
        self.assertEqual(Difference.objects.count(), 1)


class ExtraTest(InterfaceCase):
    def names_of_extra(self, *found, **data):
        self.scan(*found or [found_interface(1, 'Gi0/1')], **data)
        return {key for kind, key in differences(self.target, 'interface-extra')}

    def test_extra(self):
        add_interface(self.device, 'Gi0/1')
        add_interface(self.device, 'Gi0/2')
        add_interface(self.device, 'Po1', type='lag')
        self.assertEqual(self.names_of_extra(), {'Gi0/2', 'Po1'})
        row = Difference.objects.get(key='Gi0/2')
        self.assertEqual((row.found, row.documented, row.applicable, row.interface.name), ('', 'Gi0/2', False, 'Gi0/2'))

    def test_what_may_be_missing_on_the_device(self):
        add_interface(self.device, 'Gi0/2', enabled=False)
        add_interface(self.device, 'Vlan10', type='virtual')
        add_interface(self.device, 'br0', type='bridge')
        add_interface(self.device, 'iDRAC', mgmt_only=True)
        add_interface(self.device, 'Null0', type='other')
        add_interface(self.device, 'xe-0/0/5', type='10gbase-x-sfpp')
        self.assertEqual(self.names_of_extra(), set())

    def test_cage_in_use(self):
        other = add_interface(make_device('r2'), 'Gi0/1')
        cable(add_interface(self.device, 'xe-0/0/5', type='1000base-x-sfp'), other)
        add_ip(add_interface(self.device, 'xe-0/0/6', type='10gbase-x-sfpp'), '192.0.2.1/24')
        lag = add_interface(self.device, 'ae0', type='lag')
        add_interface(self.device, 'xe-0/0/7', type='10gbase-x-sfpp', lag=lag)
        self.assertEqual(self.names_of_extra(), {'xe-0/0/5', 'xe-0/0/6', 'xe-0/0/7', 'ae0'})

    def test_never_scanned_or_scanned_in_part(self):
        add_interface(self.device, 'Gi0/1')
        scan(self.target, system={'name': 'r1'})
        self.assertEqual(differences(self.target), {})
        self.assertEqual(self.names_of_extra(found_interface(2, 'Gi0/2'), incomplete=['interfaces']), set())
        self.assertEqual(differences(self.target), {})


class AttributesTest(InterfaceCase):
    def setUp(self):
        super().setUp()
        self.interface = add_interface(self.device, 'Gi0/1')

    def set(self, **values):
        Interface.objects.filter(pk=self.interface.pk).update(**values)

    def test_type(self):
        physical, lag, virtual, bridge = '1000base-t', 'lag', 'virtual', 'bridge'
        for documented, found, expected in (
            (physical, 6, None),
            (physical, 117, None),
            (physical, None, None),
            (physical, 161, 'lag'),
            (physical, 53, 'virtual'),
            (physical, 24, 'virtual'),
            (physical, 209, 'bridge'),
            (lag, 161, None),
            (lag, 6, None),
            (lag, 53, None),
            (lag, 24, 'virtual'),
            (virtual, 6, None),
            (virtual, 135, None),
            (virtual, 161, 'lag'),
            (virtual, 209, None),
            (bridge, 209, None),
            (bridge, 6, None),
            (bridge, 53, None),
            ('other', 161, None),
            ('10gbase-x-sfpp', 6, None),
        ):
            with self.subTest(documented=documented, found=found):
                self.set(type=documented)
                answer = self.only(type=found, mac='00:11:22:33:44:55').get('interface-type')
                self.assertEqual(answer, expected and (expected, documented))

    def test_mtu(self):
        for documented, found, differs in (
            (None, 9000, False),
            (1500, 1500, False),
            (1500, 1514, False),
            (9192, 9214, False),
            (1500, None, False),
            (1500, 0, False),
            (1500, 2**32 - 1, False),
            (1500, 9000, True),
            (9000, 1500, True),
        ):
            with self.subTest(documented=documented, found=found):
                self.set(mtu=documented)
                expected = (str(found), str(documented)) if differs else None
                self.assertEqual(self.only(mtu=found).get('interface-mtu'), expected)

    def test_description(self):
        long = 'Customer 4711, circuit 12345-ABC, data centre 1, row 2, rack 3, panel 4, port 5'
        for documented, found, differs in (
            ('uplink', 'uplink', False),
            ('uplink', ' uplink ', False),
            ('a b', 'a  b', False),
            (long, long[:64], False),
            (long, long[:31], False),
            (long, long[:20], True),
            ('uplink', 'UPLINK', True),
            ('uplink', 'downlink', True),
            ('', 'uplink', True),
        ):
            with self.subTest(documented=documented, found=found):
                self.set(description=documented)
                expected = (' '.join(found.split()), documented) if differs else None
                self.assertEqual(self.only(alias=found).get('interface-description'), expected)

    def test_agents_without_descriptions(self):
        self.set(description='uplink')
        self.assertEqual(self.only(alias=''), {})
        self.assertEqual(self.only(alias='Gi0/1'), {})
        add_interface(self.device, 'Gi0/2')
        self.scan(found_interface(1, 'Gi0/1'), found_interface(2, 'Gi0/2', alias='x'))
        self.assertEqual(
            differences(self.target),
            {('interface-description', 'Gi0/1'): ('', 'uplink'), ('interface-description', 'Gi0/2'): ('x', '')},
        )

    def test_enabled(self):
        self.assertEqual(self.only(admin_status=1), {})
        self.assertEqual(self.only(admin_status=3), {})
        self.assertEqual(self.only(admin_status=None), {})
        self.assertEqual(self.only(admin_status=2), {'interface-enabled': ('disabled', 'enabled')})
        self.set(enabled=False)
        self.assertEqual(self.only(admin_status=2, alias='x')['interface-description'], ('x', ''))
        self.assertEqual(self.only(admin_status=1), {'interface-enabled': ('enabled', 'disabled')})

    def test_mac(self):
        one, two = '00:11:22:33:44:55', '00:11:22:33:44:66'
        # Nobody documents MAC addresses here.
        self.assertEqual(self.only(mac=one), {})
        self.interface.set_primary_mac_address(
            MACAddress.objects.create(mac_address=one, assigned_object=self.interface)
        )
        self.assertEqual(self.only(mac=one.upper(), alias=''), {})
        self.assertEqual(self.only(mac='', mtu=1), {})
        self.assertEqual(self.only(mac=two), {'interface-mac': (two, one)})
        MACAddress.objects.create(mac_address=two, assigned_object=self.interface)
        self.assertEqual(self.only(mac=two, mtu=2), {})

    def test_mac_where_others_are_documented(self):
        one, two = '00:11:22:33:44:55', '00:11:22:33:44:66'
        self.interface.set_primary_mac_address(
            MACAddress.objects.create(mac_address=one, assigned_object=self.interface)
        )
        add_interface(self.device, 'Gi0/2')
        add_interface(self.device, 'Vlan1', type='virtual')
        self.scan(
            found_interface(1, 'Gi0/1', mac=one),
            found_interface(2, 'Gi0/2', mac=two),
            found_interface(3, 'Vlan1', mac=two),
        )
        self.assertEqual(differences(self.target), {('interface-mac', 'Gi0/2'): (two, '')})


class StackTest(TestCase):
    def setUp(self):
        self.target, self.members = make_stack('stack', 2, address='192.0.2.1')
        Interface.objects.all().delete()

    def test_interfaces_of_all_members(self):
        add_interface(self.members[0], 'Gi1/0/1')
        second = add_interface(self.members[1], 'Gi2/0/1', mtu=9000)
        scan(self.target, interfaces=[found_interface(1, 'Gi1/0/1'), found_interface(2, 'Gi2/0/1', mtu=1500)])
        self.assertEqual(differences(self.target), {('interface-mtu', 'Gi2/0/1'): ('1500', '9000')})
        self.assertEqual(Difference.objects.get().interface, second)

    def test_missing_ones_belong_to_the_member_that_their_number_names(self):
        names = ('Gi1/0/1', 'Gi2/0/1', 'Gi3/0/1', 'Vlan1')
        scan(self.target, interfaces=[found_interface(number, name) for number, name in enumerate(names, start=1)])
        devices = {row.key: row.data['device'] for row in Difference.objects.all()}
        first, second = (member.pk for member in self.members)
        self.assertEqual(devices, {'Gi1/0/1': first, 'Gi2/0/1': second, 'Gi3/0/1': first, 'Vlan1': first})

    def test_extra_on_a_member(self):
        add_interface(self.members[1], 'Gi2/0/1')
        scan(self.target, interfaces=[found_interface(1, 'Gi1/0/1')])
        self.assertIn(('interface-extra', 'Gi2/0/1'), differences(self.target))

    def test_one_name_on_two_members(self):
        for member in self.members:
            add_interface(member, 'mgmt0')
        scan(self.target, interfaces=[found_interface(1, 'Gi1/0/1')])
        self.assertEqual(
            {key for kind, key in differences(self.target, 'interface-extra')}, {'mgmt0 (stack-1)', 'mgmt0 (stack-2)'}
        )

    def test_member_with_a_target_of_its_own(self):
        from tests.integration.factories import assign_address

        member = Device.objects.get(pk=self.members[1].pk)
        member.primary_ip4 = None
        member.save()
        Interface.objects.filter(device=member).delete()
        assign_address(member, '192.0.2.2')
        add_interface(member, 'Gi2/0/1')
        sync(device_ids=[member.pk])
        self.assertTrue(Target.objects.filter(device=member, status='active').exists())
        scan(self.target, interfaces=[found_interface(1, 'Gi1/0/1')])
        self.assertEqual(differences(self.target, 'interface-extra'), {})


class MachineTest(TestCase):
    def test_interfaces_of_a_virtual_machine(self):
        machine = make_machine('vm', address=None)
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        eth0 = VMInterface.objects.create(virtual_machine=machine, name='eth0', mtu=9000)
        VMInterface.objects.create(virtual_machine=machine, name='eth2')
        scan(target, interfaces=[found_interface(1, 'eth0', mtu=1500, type=161), found_interface(2, 'eth1')])
        self.assertEqual(
            differences(target),
            {
                ('interface-mtu', 'eth0'): ('1500', '9000'),
                ('interface-missing', 'eth1'): ('eth1', ''),
                ('interface-extra', 'eth2'): ('', 'eth2'),
            },
        )
        row = Difference.objects.get(kind='interface-mtu')
        self.assertEqual((row.interface, row.vm_interface), (None, eth0))
        self.assertIsNone(Difference.objects.get(kind='interface-missing').data['device'])
