"""Loads the demo's network into NetBox. Run as `python -m demo.inventory SNMP_PORT` in NetBox's environment.

May run again at any time: it adds what is missing and corrects the SNMP port, and leaves the rest as people made it.
Prints one JSON object on stdout: {"token": an API token for this start}.
"""

import json
import sys

import django

django.setup()

from dcim.models import (  # noqa: E402
    Device,
    DeviceRole,
    DeviceType,
    Interface,
    Manufacturer,
    Platform,
    Site,
    VirtualChassis,
)
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import transaction  # noqa: E402
from extras.models import ConfigContext  # noqa: E402
from ipam.models import IPAddress  # noqa: E402
from tenancy.models import Tenant  # noqa: E402
from virtualization.models import Cluster, ClusterType, VirtualMachine, VMInterface  # noqa: E402

from demo import network  # noqa: E402
from lab.accounts import load_administrator  # noqa: E402
from netbox_netops.models import Credential  # noqa: E402

TOKEN_DESCRIPTION = 'make demo'


def main(snmp_port: int) -> dict:
    with transaction.atomic():
        organisation = load_organisation()
        for machine in network.DEVICES:
            load_device(machine, organisation)
        for machine in network.DEVICES:
            load_chassis(machine)
        for machine in network.VIRTUAL_MACHINES:
            load_virtual_machine(machine, organisation)
        ConfigContext.objects.update_or_create(
            name='NetOps demo', defaults={'data': {'netops': {'snmp': {'port': snmp_port}}}}
        )
        load_credentials(organisation)
        return {'token': load_administrator(TOKEN_DESCRIPTION)}


def load_organisation() -> dict:
    """The objects that devices refer to, by (kind, slug)."""
    known = {}
    for slug, (name, zone) in network.SITES.items():
        known['site', slug] = ensure(Site, slug=slug, name=name, time_zone=zone)
    for slug, name in network.TENANTS.items():
        known['tenant', slug] = ensure(Tenant, slug=slug, name=name)
    for slug, (name, color) in network.ROLES.items():
        known['role', slug] = ensure(DeviceRole, slug=slug, name=name, color=color)
    for slug, (name, maker) in network.PLATFORMS.items():
        manufacturer = ensure(Manufacturer, slug=slugify(maker), name=maker)
        known['manufacturer', slug] = manufacturer
        known['platform', slug] = ensure(Platform, slug=slug, name=name, manufacturer=manufacturer)
    return known


def load_device(machine: network.Machine, known: dict) -> None:
    if Device.objects.filter(name=machine.name).exists():
        return
    model = ensure(
        DeviceType,
        manufacturer=known['manufacturer', machine.platform],
        slug=slugify(machine.model),
        model=machine.model,
    )
    device = Device.objects.create(
        name=machine.name,
        site=known['site', machine.site],
        tenant=known['tenant', machine.tenant],
        role=known['role', machine.role],
        platform=known['platform', machine.platform],
        device_type=model,
    )
    interfaces = [Interface.objects.create(device=device, name=name, type='other') for name in machine.interfaces]
    if machine.address:
        address = load_address(machine, interfaces[0])
        setattr(device, 'oob_ip' if machine.out_of_band else 'primary_ip4', address)
        device.save()


def load_chassis(machine: network.Machine) -> None:
    """Put a member into its virtual chassis; the one with the address is the master."""
    device = Device.objects.get(name=machine.name)
    if not machine.chassis or device.virtual_chassis:
        return
    chassis = ensure(VirtualChassis, name=machine.chassis)
    device.virtual_chassis = chassis
    device.vc_position = chassis.members.count() + 1
    device.save()
    if machine.address:
        chassis.master = device
        chassis.save()


def load_virtual_machine(machine: network.Machine, known: dict) -> None:
    if VirtualMachine.objects.filter(name=machine.name).exists():
        return
    site = known['site', machine.site]
    cluster = ensure(
        Cluster,
        name=f'{machine.site}-kvm',
        type=ensure(ClusterType, slug='kvm', name='KVM'),
        scope_type=ContentType.objects.get_for_model(Site),
        scope_id=site.pk,
    )
    virtual_machine = VirtualMachine.objects.create(
        name=machine.name,
        cluster=cluster,
        tenant=known['tenant', machine.tenant],
        role=known['role', machine.role],
        platform=known['platform', machine.platform],
    )
    interface = VMInterface.objects.create(virtual_machine=virtual_machine, name=machine.interfaces[0])
    virtual_machine.primary_ip4 = load_address(machine, interface)
    virtual_machine.save()


def load_address(machine: network.Machine, interface) -> IPAddress:
    return IPAddress.objects.create(
        address=f'{machine.address}/24', assigned_object=interface, dns_name=f'{machine.name}.example.net'
    )


def load_credentials(known: dict) -> None:
    ensure(
        Credential,
        name='SNMP read-only',
        provider='environment',
        reference=network.COMMUNITY_VARIABLE,
        weight=100,
        description='Tried first everywhere',
    )
    fortaleza = ensure(
        Credential,
        name='SNMP read-only Fortaleza',
        provider='file',
        reference=network.COMMUNITY_FILE,
        weight=200,
        description='Tried second, and in Fortaleza only',
    )
    fortaleza.sites.add(known['site', 'for1'])


def ensure(model, /, **values):
    """The object of this slug or name, created from `values` when there is none."""
    key = 'slug' if 'slug' in values else 'name'
    return model.objects.get_or_create(**{key: values[key]}, defaults=values)[0]


def slugify(text: str) -> str:
    return ''.join(char if char.isalnum() else '-' for char in text.lower())


if __name__ == '__main__':
    print(json.dumps(main(int(sys.argv[1]))))
