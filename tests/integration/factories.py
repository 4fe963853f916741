"""Objects that tests start from: a few sites with devices that have addresses, and what NetOps adds."""

import itertools

from dcim.models import Device, DeviceRole, DeviceType, Interface, Manufacturer, Platform, Site
from ipam.models import IPAddress
from virtualization.models import Cluster, ClusterType, VirtualMachine, VMInterface

from netbox_netops.inventory import sync
from netbox_netops.models import Credential, Target

__all__ = (
    'assign_address',
    'make_credential',
    'make_device',
    'make_machine',
    'make_platform',
    'make_site',
    'make_target',
)

_numbers = itertools.count(1)


def make_site(name: str | None = None, **values) -> Site:
    name = name or f'Site {next(_numbers)}'
    return Site.objects.create(name=name, slug=name.lower().replace(' ', '-'), **values)


def make_device(name: str | None = '', *, address: str | None = None, site: Site | None = None, **values) -> Device:
    """A device, with `address` as its primary one. An empty name gets a number, None stays unnamed."""
    number = next(_numbers)
    manufacturer, _ = Manufacturer.objects.get_or_create(name='Acme', slug='acme')
    device_type, _ = DeviceType.objects.get_or_create(manufacturer=manufacturer, model='Router', slug='router')
    role, _ = DeviceRole.objects.get_or_create(name='Core', slug='core')
    values.setdefault('role', role)
    values.setdefault('device_type', device_type)
    values.setdefault('status', 'active')
    device = Device.objects.create(name=f'device-{number}' if name == '' else name, site=site or make_site(), **values)
    if address:
        assign_address(device, address)
    return device


def make_machine(name: str = '', *, address: str | None = None, site: Site | None = None, **values) -> VirtualMachine:
    cluster_type, _ = ClusterType.objects.get_or_create(name='KVM', slug='kvm')
    cluster, _ = Cluster.objects.get_or_create(name='Cluster', type=cluster_type)
    machine = VirtualMachine.objects.create(
        name=name or f'vm-{next(_numbers)}', cluster=cluster, site=site or make_site(), status='active', **values
    )
    if address:
        assign_address(machine, address)
    return machine


def assign_address(owner, address: str, field: str = 'primary_ip4') -> IPAddress:
    """Give the device or virtual machine an interface with this address, and make it its `field`."""
    model = Interface if isinstance(owner, Device) else VMInterface
    parent = {'device': owner} if isinstance(owner, Device) else {'virtual_machine': owner}
    extra = {'type': 'virtual'} if isinstance(owner, Device) else {}
    interface = model.objects.create(**parent, name=f'eth{next(_numbers)}', **extra)
    prefix_length = 128 if ':' in address else 32
    ip = IPAddress.objects.create(address=f'{address}/{prefix_length}', assigned_object=interface)
    setattr(owner, field, ip)
    owner.save()
    return ip


def make_target(name: str = '', *, address: str | None = '192.0.2.1', site: Site | None = None, **values) -> Target:
    """The target of a new device."""
    device = make_device(name, address=address, site=site, **values)
    sync(device_ids=[device.pk])
    return Target.objects.get(device=device)


def make_credential(name: str = '', **values) -> Credential:
    values.setdefault('reference', 'NETOPS_SECRET_TEST')
    return Credential.objects.create(name=name or f'credential-{next(_numbers)}', **values)


def make_platform(name: str, parent: Platform | None = None) -> Platform:
    return Platform.objects.create(name=name, slug=name.lower().replace(' ', '-'), parent=parent)
