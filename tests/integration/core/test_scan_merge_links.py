"""Interfaces as devices name them and as NetBox names them."""

from dcim.models import Device, Interface, VirtualChassis
from virtualization.models import VirtualMachine, VMInterface

from netbox_netops.inventory import sync
from netbox_netops.models import InterfaceState, Target
from tests.integration.factories import NOON, interface_row, make_device, make_machine, make_target, scan_data

from .merging import MINUTE, MergeCase


def port(device, name):
    return Interface.objects.create(device=device, name=name, type='other')


class LinkTest(MergeCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.device = cls.target.device

    def linked(self, *rows, target=None, at=NOON):
        self.merge(scan_data(interfaces=list(rows)), target=target, at=at)
        return list(InterfaceState.objects.order_by('index').values_list('interface__name', flat=True))

    def test_by_name(self):
        for name in ('Gi0/1', 'gi0/2', 'GigabitEthernet0/3', 'gigabitethernet0/4', 'Gi0/9'):
            port(self.device, name)
        port(make_device('other'), 'Gi0/5')
        self.assertEqual(
            self.linked(*(interface_row(index) for index in range(1, 6))),
            ['Gi0/1', 'gi0/2', 'GigabitEthernet0/3', 'gigabitethernet0/4', None],
        )

    def test_the_best_match_wins(self):
        for name in ('GIGABITETHERNET0/1', 'GigabitEthernet0/1', 'gi0/1', 'Gi0/1'):
            wanted = port(self.device, name)
            with self.subTest(name):
                InterfaceState.objects.all().delete()
                Target.objects.update(last_attempt_at=None)
                self.target.scans.all().delete()
                self.merge(scan_data(interfaces=[interface_row(1, alias=name)]))
                self.assertEqual(InterfaceState.objects.get().interface, wanted)

    def test_interfaces_without_a_name(self):
        port(self.device, 'eth0')
        self.assertEqual(self.linked(interface_row(1, name='', description='')), [None])

    def test_members_of_the_chassis(self):
        member = make_device('member')
        chassis = VirtualChassis.objects.create(name='chassis')
        for position, device in enumerate((self.device, member), start=1):
            Device.objects.filter(pk=device.pk).update(virtual_chassis=chassis, vc_position=position)
        own = port(self.device, 'Vlan1')
        port(member, 'Vlan1')
        port(member, 'Gi2/0/1')
        names = self.linked(interface_row(1, name='Vlan1'), interface_row(2, name='Gi2/0/1'))
        self.assertEqual(names, ['Vlan1', 'Gi2/0/1'])
        self.assertEqual(InterfaceState.objects.get(index=1).interface, own)
        self.assertEqual(InterfaceState.objects.get(index=2).interface.device, member)

    def test_virtual_machine(self):
        machine = make_machine('vm', address='192.0.2.9')
        sync(virtual_machine_ids=[machine.pk])
        eth0 = VMInterface.objects.create(virtual_machine=machine, name='eth0')
        target = Target.objects.get(virtual_machine=machine)
        self.merge(scan_data(interfaces=[interface_row(1, name='eth0'), interface_row(2, name='lo')]), target=target)
        self.assertEqual(
            list(InterfaceState.objects.values_list('vm_interface', 'interface')), [(eth0.pk, None), (None, None)]
        )
        eth0.delete()
        self.assertEqual(InterfaceState.objects.filter(vm_interface__isnull=False).count(), 0)

    def test_a_deleted_interface_leaves_the_state(self):
        found = port(self.device, 'Gi0/1')
        self.linked(interface_row(1))
        found.delete()
        self.assertEqual(InterfaceState.objects.get().interface_id, None)

    def test_links_follow_what_is_created_and_renamed_later(self):
        self.assertEqual(self.linked(interface_row(1)), [None])
        with self.captureOnCommitCallbacks(execute=True):
            found = port(self.device, 'Gi0/1')
        self.assertEqual(InterfaceState.objects.get().interface, found)
        found.name = 'Gi0/7'
        with self.captureOnCommitCallbacks(execute=True):
            found.save()
        self.assertEqual(InterfaceState.objects.get().interface, None)

    def test_links_follow_interfaces_of_machines_and_members(self):
        machine = make_machine('vm', address='192.0.2.9')
        sync(virtual_machine_ids=[machine.pk])
        target = Target.objects.get(virtual_machine=machine)
        self.merge(scan_data(interfaces=[interface_row(1, name='eth0')]), target=target)
        self.merge(scan_data(interfaces=[interface_row(1)]))
        with self.captureOnCommitCallbacks(execute=True):
            VMInterface.objects.create(virtual_machine=VirtualMachine.objects.get(), name='eth0')
        self.assertTrue(InterfaceState.objects.get(target=target).vm_interface)
        member = make_device('member')
        port(member, 'Gi0/1')
        chassis = VirtualChassis.objects.create(name='chassis')
        with self.captureOnCommitCallbacks(execute=True):
            for position, device in enumerate((Device.objects.get(pk=self.device.pk), member), start=1):
                device.virtual_chassis, device.vc_position = chassis, position
                device.save()
        self.assertEqual(InterfaceState.objects.get(target=self.target).interface.device, member)

    def test_a_new_name_on_the_device(self):
        port(self.device, 'Gi0/1')
        port(self.device, 'uplink')
        self.assertEqual(self.linked(interface_row(1)), ['Gi0/1'])
        self.assertEqual(self.linked(interface_row(1, name='uplink'), at=NOON + MINUTE), ['uplink'])

    def test_targets_do_not_share_links(self):
        other = make_target('r2', address='192.0.2.2')
        for device in (self.device, other.device):
            port(device, 'Gi0/1')
        for target in (self.target, other):
            self.merge(scan_data(interfaces=[interface_row(1)]), target=target)
        for state in InterfaceState.objects.all():
            self.assertEqual(state.interface.device, state.target.device)
