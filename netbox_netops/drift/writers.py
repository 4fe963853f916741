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


def steps(difference: Difference, user) -> list[Step]:
    """What has to be saved, in this order, from the database as it is now. Nothing is saved here.

    Raises NetOpsError with the codes permission:denied and drift:not-applicable.
    """
    write = _WRITERS.get(difference.kind)
    if write is None or not difference.applicable:
        raise NetOpsError('drift:not-applicable')
    return write(difference, user)


def _get(model: type[Model], pk: int | None, user, action: str):
    """The object if the user may do this to it. For him others do not exist."""
    obj = model.objects.restrict(user, action).filter(pk=pk).first()
    if obj is None:
        raise NetOpsError('permission:denied', get_permission_for_model(model, action))
    return obj


def _add(obj: Model, user) -> Step:
    step = Step('add', obj, {})
    if not user.has_perm(step.permission):
        raise NetOpsError('permission:denied', step.permission)
    return step


def _owner(difference: Difference, user, action: str):
    target = difference.target
    if target.device_id:
        return _get(Device, target.device_id, user, action)
    return _get(VirtualMachine, target.virtual_machine_id, user, action)


def _own_interface(difference: Difference, user, action: str):
    if difference.interface_id:
        return _get(Interface, difference.interface_id, user, action)
    return _get(VMInterface, difference.vm_interface_id, user, action)


def _named_interface(data: dict, user):
    if data['interface']:
        return _get(Interface, data['interface'], user, 'view')
    return _get(VMInterface, data['vm_interface'], user, 'view')


def _set_on_owner(name: str) -> Callable:
    def write(difference, user):
        return [Step('change', _owner(difference, user, 'change'), {name: difference.data[name]})]

    return write


def _set_device_type(difference, user):
    device = _owner(difference, user, 'change')
    return [Step('change', device, {'device_type': _get(DeviceType, difference.data['device_type'], user, 'view')})]


def _set_platform(difference, user):
    owner = _owner(difference, user, 'change')
    return [Step('change', owner, {'platform': _get(Platform, difference.data['platform'], user, 'view')})]


def _set_version(difference, user):
    owner = _owner(difference, user, 'change')
    fields = owner.custom_field_data | {difference.data['field']: difference.data['value']}
    return [Step('change', owner, {'custom_field_data': fields})]


def _set_on_interface(name: str) -> Callable:
    def write(difference, user):
        return [Step('change', _own_interface(difference, user, 'change'), {name: difference.data[name]})]

    return write


def _set_mac(difference, user):
    interface = _own_interface(difference, user, 'change')
    mac = interface.mac_addresses.filter(mac_address=difference.data['mac']).first()
    first = []
    if mac is None:
        mac = MACAddress(mac_address=difference.data['mac'], assigned_object=interface)
        first = [_add(mac, user)]
    return [*first, Step('change', interface, {'primary_mac_address': mac})]


def _add_interface(difference, user):
    data = difference.data
    values = {name: data[name] for name in ('name', 'description', 'enabled')}
    if data['device']:
        interface = Interface(device=_get(Device, data['device'], user, 'view'), type=data['type'], **values)
    else:
        interface = VMInterface(virtual_machine=_owner(difference, user, 'view'), **values)
    return [_add(interface, user)]


def _add_address(difference, user):
    data = difference.data
    interface = _named_interface(data, user)
    if data['ip_address']:
        address = _get(IPAddress, data['ip_address'], user, 'change')
        return [Step('change', address, {'address': IPNetwork(data['address']), 'assigned_object': interface})]
    return [_add(IPAddress(address=data['address'], vrf=interface.vrf, assigned_object=interface), user)]


def _set_prefix_length(difference, user):
    address = _get(IPAddress, difference.ip_address_id, user, 'change')
    network = IPNetwork(f'{address.address.ip}/{difference.data["prefix_length"]}')
    return [Step('change', address, {'address': network})]


def _move_address(difference, user):
    address = _get(IPAddress, difference.ip_address_id, user, 'change')
    return [Step('change', address, {'assigned_object': _named_interface(difference.data, user)})]


def _add_cable(difference, user):
    local, remote = (_get(Interface, difference.data[name], user, 'view') for name in ('interface', 'remote_interface'))
    if local.cable_id and local.cable_id == remote.cable_id:
        # Both ends hear each other: the row of the other one has just been written.
        return []
    return [_add(Cable(a_terminations=[local], b_terminations=[remote]), user)]


_WRITERS: dict[str, Callable[[Difference, Any], list[Step]]] = {
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
