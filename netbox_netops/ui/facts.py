"""Panels about single rows of what scans found."""

from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from . import format as fmt
from .attrs import RestrictedObjectAttr, UptimeAttr
from .bgp import asdot, notification

__all__ = (
    'AddressPanel',
    'BGPPeerPanel',
    'BGPStatePanel',
    'InterfacePanel',
    'InterfaceStatePanel',
    'InventoryPanel',
    'NeighbourPanel',
    'NeighbourPortPanel',
    'RevisionPanel',
    'SystemStatePanel',
)


class InterfaceTypeAttr(attrs.TextAttr):
    def get_value(self, obj):
        return fmt.interface_type(super().get_value(obj))


class SpeedAttr(attrs.TextAttr):
    def get_value(self, obj):
        return fmt.speed(super().get_value(obj))


class ASNumberAttr(attrs.TextAttr):
    def get_value(self, obj):
        number = super().get_value(obj)
        if number is None:
            return None
        return f'{number} ({dotted})' if (dotted := asdot(number)) else str(number)


class NotificationAttr(attrs.TextAttr):
    def get_value(self, obj):
        code = super().get_value(obj)
        return f'{notification(code)} ({code})' if code else None


class FactPanel(panels.ObjectAttributesPanel):
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)


class SystemStatePanel(FactPanel):
    title = _('System')
    name = attrs.TextAttr('name', label=_('Name'))
    description = attrs.TextAttr('description', label=_('Description'), style='text-break')
    vendor = attrs.TextAttr('vendor', label=_('Vendor'))
    model = attrs.TextAttr('model', label=_('Model'))
    os = attrs.TextAttr('os', label=_('Operating system'))
    os_version = attrs.TextAttr('os_version', label=_('Software version'))
    serial = attrs.TextAttr('serial', label=_('Serial number'), style='font-monospace', copy_button=True)
    object_id = attrs.TextAttr('object_id', label=_('Object ID'), style='font-monospace')
    location = attrs.TextAttr('location', label=_('Location'))
    contact = attrs.TextAttr('contact', label=_('Contact'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))


class InterfacePanel(FactPanel):
    title = _('Interface')
    index = attrs.NumericAttr('index', label=_('Index'))
    name = attrs.TextAttr('name', label=_('Name'))
    description = attrs.TextAttr('description', label=_('Description'))
    alias = attrs.TextAttr('alias', label=_('Alias'))
    type = InterfaceTypeAttr('type', label=_('Type'))
    speed = SpeedAttr('speed', label=_('Speed'))
    mtu = attrs.NumericAttr('mtu', label=_('MTU'))
    mac = attrs.TextAttr('mac', label=_('MAC address'), style='font-monospace', copy_button=True)
    interface = RestrictedObjectAttr('interface', label=_('NetBox interface'), permission='dcim.view_interface')
    vm_interface = RestrictedObjectAttr(
        'vm_interface', label=_('NetBox VM interface'), permission='virtualization.view_vminterface'
    )


class InterfaceStatePanel(panels.ObjectAttributesPanel):
    title = _('State')
    admin_status = attrs.ChoiceAttr('admin_status', label=_('Admin status'))
    oper_status = attrs.ChoiceAttr('oper_status', label=_('Oper status'))
    oper_since = attrs.DateTimeAttr('oper_since', label=_('Oper status since'))
    last_change = UptimeAttr('last_change', label=_('Last change (uptime)'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))


class AddressPanel(FactPanel):
    title = _('IP address')
    address = attrs.TextAttr('address', label=_('Address'), style='font-monospace', copy_button=True)
    prefix_length = attrs.NumericAttr('prefix_length', label=_('Prefix length'))
    interface_name = attrs.TextAttr('interface_name', label=_('Interface'))
    if_index = attrs.NumericAttr('if_index', label=_('Interface index'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))


class InventoryPanel(FactPanel):
    title = _('Physical entity')
    index = attrs.NumericAttr('index', label=_('Index'))
    parent_name = attrs.TextAttr('parent_name', label=_('Contained in'))
    physical_class = attrs.ChoiceAttr('physical_class', label=_('Class'))
    name = attrs.TextAttr('name', label=_('Name'))
    description = attrs.TextAttr('description', label=_('Description'))
    fru = attrs.BooleanAttr('fru', label=_('Field replaceable'))


class RevisionPanel(panels.ObjectAttributesPanel):
    title = _('Hardware')
    manufacturer = attrs.TextAttr('manufacturer', label=_('Manufacturer'))
    model = attrs.TextAttr('model', label=_('Model'))
    serial = attrs.TextAttr('serial', label=_('Serial number'), style='font-monospace', copy_button=True)
    hardware = attrs.TextAttr('hardware', label=_('Hardware revision'))
    firmware = attrs.TextAttr('firmware', label=_('Firmware revision'))
    software = attrs.TextAttr('software', label=_('Software revision'))
    vendor_type = attrs.TextAttr('vendor_type', label=_('Vendor type'), style='font-monospace')
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))


class NeighbourPanel(FactPanel):
    title = _('Neighbour')
    protocol = attrs.ChoiceAttr('protocol', label=_('Protocol'))
    system_name = attrs.TextAttr('system_name', label=_('System name'))
    system_description = attrs.TextAttr('system_description', label=_('System description'), style='text-break')
    platform = attrs.TextAttr('platform', label=_('Platform'))
    address = attrs.TextAttr('address', label=_('Address'), style='font-monospace', copy_button=True)
    chassis_id = attrs.TextAttr('chassis_id', label=_('Chassis ID'), style='font-monospace', copy_button=True)


class NeighbourPortPanel(panels.ObjectAttributesPanel):
    title = _('Link')
    local_port = attrs.TextAttr('local_port', label=_('Local port'))
    interface_name = attrs.TextAttr('interface_name', label=_('Interface'))
    if_index = attrs.NumericAttr('if_index', label=_('Interface index'))
    port_id = attrs.TextAttr('port_id', label=_('Port ID'))
    port_description = attrs.TextAttr('port_description', label=_('Port description'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))


class BGPPeerPanel(FactPanel):
    title = _('BGP session')
    vrf = attrs.TextAttr('vrf', label=_('VRF'))
    address = attrs.TextAttr('address', label=_('Peer address'), style='font-monospace', copy_button=True)
    remote_as = ASNumberAttr('remote_as', label=_('Remote AS'))
    router_id = attrs.TextAttr('router_id', label=_('Peer router ID'))
    description = attrs.TextAttr('description', label=_('Description'))
    local_address = attrs.TextAttr('local_address', label=_('Local address'), style='font-monospace')
    local_as = ASNumberAttr('local_as', label=_('Local AS'))
    mib = attrs.TextAttr('mib', label=_('MIB'))


class BGPStatePanel(panels.ObjectAttributesPanel):
    title = _('State')
    state = attrs.ChoiceAttr('state', label=_('State'))
    enabled = attrs.BooleanAttr('enabled', label=_('Enabled'))
    state_since = attrs.DateTimeAttr('state_since', label=_('State since'))
    established_at = attrs.DateTimeAttr('established_at', label=_('Established at'))
    transitions = attrs.NumericAttr('transitions', label=_('Transitions'))
    prefixes_accepted = attrs.NumericAttr('prefixes_accepted', label=_('Prefixes accepted'))
    prefixes_advertised = attrs.NumericAttr('prefixes_advertised', label=_('Prefixes advertised'))
    last_error = NotificationAttr('last_error', label=_('Last error'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))
