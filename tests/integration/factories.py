"""Objects that tests start from: a few sites with devices that have addresses, what NetOps adds, and scan results."""

import itertools
import json
from datetime import UTC, datetime

from dcim.models import Device, DeviceRole, DeviceType, Interface, Manufacturer, Platform, Site
from ipam.models import IPAddress
from virtualization.models import Cluster, ClusterType, VirtualMachine, VMInterface

from netbox_netops.inventory import sync
from netbox_netops.models import Credential, Gateway, Target
from netops_worker.wire import Result

__all__ = (
    'NOON',
    'address_row',
    'assign_address',
    'entity_row',
    'interface_row',
    'make_credential',
    'make_device',
    'make_gateway',
    'make_machine',
    'make_platform',
    'make_scan_result',
    'make_site',
    'make_target',
    'neighbour_row',
    'peer_row',
    'scan_data',
    'system_facts',
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

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


def make_gateway(name: str = '', *, sites=(), **values) -> Gateway:
    name = name or f'Gateway {next(_numbers)}'
    gateway = Gateway.objects.create(name=name, slug=name.lower().replace(' ', '-'), **values)
    gateway.sites.set(sites)
    return gateway


def make_platform(name: str, parent: Platform | None = None) -> Platform:
    return Platform.objects.create(name=name, slug=name.lower().replace(' ', '-'), parent=parent)


# What the probe of device-scan brings


def make_scan_result(target: Target, data: dict, *, at: datetime = NOON, **values) -> Result:
    """The result of a scan that started `at`. Its data passes through JSON, as that of a worker at a POP."""
    values = {'ok': True, 'run': 0, 'duration_ms': 12.0, 'lease_token': ''} | values
    return Result(
        task=next(_numbers),
        target=target.pk,
        kind='device-scan',
        started_at=at.timestamp(),
        data=json.loads(json.dumps(data)),
        **values,
    )


def scan_data(*incomplete: str, **families) -> dict:
    """The data of a scan that read these families, all of them completely but for those named first."""
    collectors = {
        name: {
            'complete': name not in incomplete,
            'code': 'snmp:endless-walk' if name in incomplete else '',
            'detail': '',
        }
        for name in (*families, *(['platform'] if 'system' in families else []))
    }
    return families | {'collectors': collectors}


def system_facts(**values) -> dict:
    return {
        'name': 'r1',
        'description': 'Acme OS 1.2\r\nCompiled today',
        'object_id': '1.3.6.1.4.1.32473.1',
        'contact': 'noc',
        'location': 'rack 1',
        'uptime_ticks': 4200,
        'vendor': 'Acme',
        'model': 'R-1',
        'os': 'Acme OS',
        'os_version': '1.2',
        'serial': 'S1',
    } | values


def interface_row(index: int, **values) -> dict:
    return {
        'index': index,
        'name': f'Gi0/{index}',
        'description': f'GigabitEthernet0/{index}',
        'alias': '',
        'type': 6,
        'mtu': 1500,
        'speed': 10**9,
        'mac': '00:11:22:33:44:55',
        'admin_status': 1,
        'oper_status': 1,
        'last_change': 0,
    } | values


def address_row(address: str, **values) -> dict:
    return {'address': address, 'prefix_length': 24, 'interface': 1} | values


def entity_row(index: int, **values) -> dict:
    return {
        'index': index,
        'parent': 0,
        'class': 9,
        'name': f'Slot {index}',
        'description': 'Line card',
        'model': 'LC-1',
        'serial': f'S-{index}',
        'hardware': 'A0',
        'firmware': '1.0',
        'software': '1.2',
        'manufacturer': 'Acme',
        'vendor_type': '1.3.6.1.4.1.32473.2',
        'fru': True,
    } | values


def neighbour_row(number: int, **values) -> dict:
    return {
        'protocol': 'lldp',
        'interface': number,
        'local_port': f'Gi0/{number}',
        'chassis_id': f'00:00:5e:00:53:{number % 256:02x}',
        'port_id': 'Gi0/1',
        'port_description': 'uplink',
        'system_name': f'sw{number}',
        'system_description': 'Acme OS',
        'address': '192.0.2.1',
        'platform': '',
    } | values


def peer_row(address: str, **values) -> dict:
    """An established session, an hour old."""
    return {
        'vrf': '',
        'address': address,
        'remote_as': 64500,
        'local_as': 64496,
        'local_address': '192.0.2.254',
        'router_id': '198.51.100.1',
        'state': 6,
        'enabled': True,
        'established_seconds': 3600,
        'transitions': 1,
        'prefixes_accepted': 100,
        'prefixes_advertised': 10,
        'last_error': '',
        'description': '',
        'mib': 'BGP4-MIB',
    } | values
