"""How each kind of difference is written to NetBox, as steps that NetBox's own permissions and checks apply to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dcim.models import Cable, Device, DeviceType, Interface, MACAddress, Platform
from django.db.models import Model
from ipam.models import IPAddress
from netaddr import IPNetwork
from utilities.permissions import get_permission_for_model
from virtualization.models import VirtualMachine, VMInterface

from netops_worker.errors import NetOpsError

from ..choices import DifferenceKindChoices as Kind
from ..models import Difference
from .objects import Objects

__all__ = (
    'Step',
    'steps',
)


@dataclass(frozen=True, slots=True)
class Step:
    """One object to be saved: `action` is add or change, `values` the attributes to set first."""

    action: str
    obj: Model
    values: dict[str, Any]

    @property
    def permission(self) -> str:
        return get_permission_for_model(type(self.obj), self.action)


def steps(difference: Difference, objects: Objects) -> list[Step]:
    """What has to be saved, in this order, for the user of `objects`. Nothing is saved here.

    Raises NetOpsError with the codes permission:denied and drift:not-applicable.
    """
    write = _WRITERS.get(difference.kind)
    if write is None or not difference.applicable:
        raise NetOpsError('drift:not-applicable')
    return write(difference, objects)


def _add(obj: Model, objects: Objects) -> Step:
    step = Step('add', obj, {})
    if not objects.user.has_perm(step.permission):
        raise NetOpsError('permission:denied', step.permission)
    return step


def _owner(difference: Difference, objects: Objects, action: str):
    target = difference.target
    if target.device_id:
        return objects.get(Device, target.device_id, action)
    return objects.get(VirtualMachine, target.virtual_machine_id, action)


def _own_interface(difference: Difference, objects: Objects, action: str):
    if difference.interface_id:
        return objects.get(Interface, difference.interface_id, action)
    return objects.get(VMInterface, difference.vm_interface_id, action)


def _named_interface(data: dict, objects: Objects):
    if data['interface']:
        return objects.get(Interface, data['interface'], 'view')
    return objects.get(VMInterface, data['vm_interface'], 'view')


def _set_on_owner(name: str) -> Callable:
    def write(difference, objects):
        return [Step('change', _owner(difference, objects, 'change'), {name: difference.data[name]})]

    return write


def _set_device_type(difference, objects):
    device = _owner(difference, objects, 'change')
    return [Step('change', device, {'device_type': objects.get(DeviceType, difference.data['device_type'], 'view')})]


def _set_platform(difference, objects):
    owner = _owner(difference, objects, 'change')
    return [Step('change', owner, {'platform': objects.get(Platform, difference.data['platform'], 'view')})]


def _set_version(difference, objects):
    owner = _owner(difference, objects, 'change')
    fields = owner.custom_field_data | {difference.data['field']: difference.data['value']}
    return [Step('change', owner, {'custom_field_data': fields})]


def _set_on_interface(name: str) -> Callable:
    def write(difference, objects):
        return [Step('change', _own_interface(difference, objects, 'change'), {name: difference.data[name]})]

    return write


def _set_mac(difference, objects):
    interface = _own_interface(difference, objects, 'change')
    mac = objects.get_mac(difference.data['mac'], interface)
    first = []
    if mac is None:
        mac = MACAddress(mac_address=difference.data['mac'], assigned_object=interface)
        first = [_add(mac, objects)]
    elif mac.assigned_object_id is None:
        first = [Step('change', mac, {'assigned_object': interface})]
    return [*first, Step('change', interface, {'primary_mac_address': mac})]


def _add_interface(difference, objects):
    data = difference.data
    values = {name: data[name] for name in ('name', 'description', 'enabled')}
    if data['device']:
        interface = Interface(device=objects.get(Device, data['device'], 'view'), type=data['type'], **values)
    else:
        interface = VMInterface(virtual_machine=_owner(difference, objects, 'view'), **values)
    return [_add(interface, objects)]


def _add_address(difference, objects):
    data = difference.data
    interface = _named_interface(data, objects)
    if data['ip_address']:
        address = objects.get(IPAddress, data['ip_address'], 'change')
        return [Step('change', address, {'address': IPNetwork(data['address']), 'assigned_object': interface})]
    return [_add(IPAddress(address=data['address'], vrf=interface.vrf, assigned_object=interface), objects)]


def _set_prefix_length(difference, objects):
    address = objects.get(IPAddress, difference.ip_address_id, 'change')
    network = IPNetwork(f'{address.address.ip}/{difference.data["prefix_length"]}')
    return [Step('change', address, {'address': network})]


def _move_address(difference, objects):
    address = objects.get(IPAddress, difference.ip_address_id, 'change')
    return [Step('change', address, {'assigned_object': _named_interface(difference.data, objects)})]


def _add_cable(difference, objects):
    data = difference.data
    ends = [objects.get(Interface, data[name], 'view') for name in ('interface', 'remote_interface')]
    for end in ends:
        # NetBox writes the cable into its own instances of them.
        end.refresh_from_db(fields=('cable',))
    local, remote = ends
    if local.cable_id and local.cable_id == remote.cable_id:
        # Both ends hear each other: the row of the other one has just been written.
        return []
    return [_add(Cable(a_terminations=[local], b_terminations=[remote]), objects)]


_WRITERS: dict[str, Callable[[Difference, Objects], list[Step]]] = {
    Kind.NAME: _set_on_owner('name'),
    Kind.SERIAL: _set_on_owner('serial'),
    Kind.MODEL: _set_device_type,
    Kind.PLATFORM: _set_platform,
    Kind.OS_VERSION: _set_version,
    Kind.INTERFACE_MISSING: _add_interface,
    Kind.INTERFACE_TYPE: _set_on_interface('type'),
    Kind.INTERFACE_MTU: _set_on_interface('mtu'),
    Kind.INTERFACE_DESCRIPTION: _set_on_interface('description'),
    Kind.INTERFACE_MAC: _set_mac,
    Kind.INTERFACE_ENABLED: _set_on_interface('enabled'),
    Kind.ADDRESS_MISSING: _add_address,
    Kind.ADDRESS_PREFIX_LENGTH: _set_prefix_length,
    Kind.ADDRESS_INTERFACE: _move_address,
    Kind.NEIGHBOUR_UNCABLED: _add_cable,
}
