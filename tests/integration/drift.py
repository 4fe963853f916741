"""Scans of devices that differ from what NetBox documents, and a look at the differences."""

import itertools
import time

from dcim.models import Cable, DeviceType, Interface, Manufacturer, VirtualChassis
from django.db import transaction
from ipam.models import IPAddress

from netbox_netops.inventory import sync
from netbox_netops.models import Difference, Target
from netbox_netops.results.scans import merge_scans
from netops_worker.wire import Result
from tests.integration.factories import make_device

__all__ = (
    'add_interface',
    'add_ip',
    'cable',
    'differences',
    'found_address',
    'found_interface',
    'found_neighbour',
    'kinds',
    'make_device_type',
    'make_stack',
    'scan',
)

FAMILIES = ('interfaces', 'addresses', 'inventory', 'neighbours')

_clock = itertools.count()


def scan(target, *, incomplete=(), ok=True, **data):
    """The result of a scan that brought these families; those named in `incomplete` only in part."""
    collectors = {
        name: {'complete': name not in incomplete, 'code': 'snmp:no-answer' if name in incomplete else '', 'detail': ''}
        for name in ('system', 'platform', *FAMILIES)
        if name in data or name in ('system', 'platform')
    }
    data['system'] = {'uptime_ticks': 1} | data.get('system', {})
    result = Result(
        task=0,
        run=0,
        target=target.pk,
        kind='device-scan',
        ok=ok,
        lease_token='',
        started_at=time.time() + next(_clock),
        duration_ms=1.0,
        worker='test',
        data={**data, 'collectors': collectors},
    )
    with transaction.atomic():
        merge_scans([result])


def found_interface(index, name, **values):
    return {
        'index': index,
        'name': name,
        'description': name,
        'alias': '',
        'type': 6,
        'mtu': None,
        'speed': 10**9,
        'mac': '',
        'admin_status': 1,
        'oper_status': 1,
        'last_change': 1,
    } | values


def found_address(address, interface, prefix_length=24):
    return {'address': address, 'prefix_length': prefix_length, 'interface': interface}


def found_neighbour(interface, name, port, **values):
    return {
        'protocol': 'lldp',
        'interface': interface,
        'local_port': '',
        'chassis_id': '',
        'port_id': port,
        'port_description': '',
        'system_name': name,
        'system_description': '',
        'address': '',
        'platform': '',
    } | values


def differences(target, *names):
    """{(kind, key): (found, documented)} of the target, of these kinds or of all."""
    rows = Difference.objects.filter(target=target)
    if names:
        rows = rows.filter(kind__in=names)
    return {(row.kind, row.key): (row.found, row.documented) for row in rows}


def kinds(target):
    return set(Difference.objects.filter(target=target).values_list('kind', flat=True))


def add_interface(device, name, **values):
    return Interface.objects.create(device=device, name=name, **{'type': '1000base-t', **values})


def add_ip(interface, address, **values):
    return IPAddress.objects.create(address=address, assigned_object=interface, **values)


def cable(one, other):
    link = Cable(a_terminations=[one], b_terminations=[other])
    link.full_clean()
    link.save()
    for end in (one, other):
        end.refresh_from_db()
    return link


def make_device_type(model, maker='Acme', **values):
    manufacturer, _ = Manufacturer.objects.get_or_create(name=maker, slug=maker.lower())
    return DeviceType.objects.create(
        manufacturer=manufacturer, model=model, slug=model.lower().replace(' ', '-'), **values
    )


def make_stack(name, size, **values):
    """A virtual chassis whose first member is the master: (its target, the members)."""
    members = [make_device(f'{name}-{number}', **values) for number in range(1, size + 1)]
    chassis = VirtualChassis.objects.create(name=name)
    for position, member in enumerate(members, start=1):
        member.virtual_chassis, member.vc_position = chassis, position
        member.save()
    chassis.master = members[0]
    chassis.save()
    sync(device_ids=[member.pk for member in members])
    return Target.objects.get(device=members[0]), members
