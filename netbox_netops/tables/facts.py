"""What scans found, over all devices."""

import django_tables2 as tables
from django.utils.html import escape, format_html
from django.utils.translation import gettext_lazy as _
from netbox.tables import NetBoxTable, columns

from ..models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from ..ui import format as fmt
from ..ui.bgp import asdot, notification
from .columns import NOWRAP, NaturalColumn, SinceColumn
from .neighbours import NeighbourMixin
from .peers import PeerMixin

__all__ = (
    'AddressStateTable',
    'BGPPeerStateTable',
    'InterfaceStateTable',
    'InventoryStateTable',
    'NeighbourStateTable',
    'SystemStateTable',
)


class FactTable(NetBoxTable):
    target = tables.Column(verbose_name=_('Target'), linkify=True, attrs=NOWRAP)
    site = tables.Column(accessor='target__site', verbose_name=_('Site'), linkify=True)
    changed_at = SinceColumn(verbose_name=_('Last Changed'))
    actions = columns.ActionsColumn(actions=())


class SystemStateTable(FactTable):
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    vendor = tables.Column(verbose_name=_('Vendor'))
    model = tables.Column(verbose_name=_('Model'))
    os = tables.Column(verbose_name=_('Operating System'))
    os_version = tables.Column(verbose_name=_('Software Version'))
    serial = tables.Column(verbose_name=_('Serial Number'))
    description = tables.Column(verbose_name=_('Description'))
    object_id = tables.Column(verbose_name=_('Object ID'))
    contact = tables.Column(verbose_name=_('Contact'))
    location = tables.Column(verbose_name=_('Location'))

    class Meta(NetBoxTable.Meta):
        model = SystemState
        fields = (
            *('pk', 'id', 'target', 'site', 'name', 'vendor', 'model', 'os', 'os_version', 'serial', 'description'),
            *('object_id', 'contact', 'location', 'changed_at'),
        )
        default_columns = ('target', 'site', 'name', 'vendor', 'model', 'os', 'os_version', 'serial', 'changed_at')


class InterfaceStateTable(FactTable):
    index = tables.Column(verbose_name=_('Index'))
    name = NaturalColumn(verbose_name=_('Name'), linkify=True)
    description = tables.Column(verbose_name=_('Description'))
    alias = tables.Column(verbose_name=_('Alias'))
    type = tables.Column(verbose_name=_('Type'))
    speed = tables.Column(verbose_name=_('Speed'), attrs=NOWRAP)
    mtu = tables.Column(verbose_name=_('MTU'))
    mac = tables.Column(verbose_name=_('MAC Address'))
    admin_status = columns.ChoiceFieldColumn(verbose_name=_('Admin'))
    oper_status = columns.ChoiceFieldColumn(verbose_name=_('Oper'))
    oper_since = SinceColumn(verbose_name=_('Oper Since'))
    last_change = tables.Column(verbose_name=_('Last Change (Uptime)'))
    interface = tables.Column(verbose_name=_('Interface'), linkify=True)
    vm_interface = tables.Column(verbose_name=_('VM Interface'), linkify=True)

    class Meta(NetBoxTable.Meta):
        model = InterfaceState
        fields = (
            *('pk', 'id', 'target', 'site', 'index', 'name', 'description', 'alias', 'type', 'speed', 'mtu', 'mac'),
            *('admin_status', 'oper_status', 'oper_since', 'last_change', 'interface', 'vm_interface', 'changed_at'),
        )
        default_columns = (
            *('target', 'name', 'alias', 'admin_status', 'oper_status', 'oper_since', 'speed', 'type', 'mtu', 'mac'),
        )

    def render_type(self, value):
        return fmt.interface_type(value)

    def render_speed(self, value):
        return fmt.speed(value) or self.default

    def value_speed(self, value):
        return value

    def render_last_change(self, value):
        return fmt.uptime(value)

    def value_last_change(self, value):
        return value


class AddressStateTable(FactTable):
    address = tables.Column(verbose_name=_('Address'), linkify=True, order_by=('address', 'prefix_length'))
    # Ordered by it the names of all rows would have to be looked up, not only those of the page.
    interface_name = tables.Column(verbose_name=_('Interface'), orderable=False)
    if_index = tables.Column(verbose_name=_('Interface Index'))
    prefix_length = tables.Column(verbose_name=_('Prefix Length'))

    class Meta(NetBoxTable.Meta):
        model = AddressState
        fields = (
            *('pk', 'id', 'target', 'site', 'address', 'prefix_length', 'interface_name', 'if_index', 'changed_at'),
        )
        default_columns = ('target', 'address', 'interface_name', 'changed_at')

    def render_address(self, record):
        return str(record)

    def value_address(self, record):
        return str(record)


class InventoryStateTable(FactTable):
    index = tables.Column(verbose_name=_('Index'))
    name = NaturalColumn(verbose_name=_('Name'), linkify=True, empty_values=())
    physical_class = columns.ChoiceFieldColumn(verbose_name=_('Class'))
    description = tables.Column(verbose_name=_('Description'))
    model = tables.Column(verbose_name=_('Model'))
    serial = tables.Column(verbose_name=_('Serial Number'))
    manufacturer = tables.Column(verbose_name=_('Manufacturer'))
    hardware = tables.Column(verbose_name=_('Hardware Revision'))
    firmware = tables.Column(verbose_name=_('Firmware Revision'))
    software = tables.Column(verbose_name=_('Software Revision'))
    fru = columns.BooleanColumn(verbose_name=_('Field Replaceable'), false_mark=None)
    vendor_type = tables.Column(verbose_name=_('Vendor Type'))
    parent_name = tables.Column(verbose_name=_('Contained In'), orderable=False)
    parent = tables.Column(verbose_name=_('Parent'))

    class Meta(NetBoxTable.Meta):
        model = InventoryState
        fields = (
            *('pk', 'id', 'target', 'site', 'index', 'name', 'physical_class', 'description', 'model', 'serial'),
            *('manufacturer', 'hardware', 'firmware', 'software', 'fru', 'vendor_type', 'parent_name', 'parent'),
            'changed_at',
        )
        default_columns = (
            *('target', 'name', 'physical_class', 'description', 'model', 'serial', 'fru', 'parent_name'),
        )

    def render_name(self, record):
        return str(record)

    def value_name(self, record):
        return record.name


class NeighbourStateTable(NeighbourMixin, FactTable):
    protocol = columns.ChoiceFieldColumn(verbose_name=_('Protocol'))
    local_port = NaturalColumn(verbose_name=_('Local Port'), empty_values=())
    system_name = tables.Column(verbose_name=_('Neighbour'), linkify=True, empty_values=())
    port_id = tables.Column(verbose_name=_('Port ID'))
    port_description = tables.Column(verbose_name=_('Port Description'))
    platform = tables.Column(verbose_name=_('Platform'))
    address = tables.Column(verbose_name=_('Address'))
    chassis_id = tables.Column(verbose_name=_('Chassis ID'))
    system_description = tables.Column(verbose_name=_('System Description'))
    interface_name = tables.Column(verbose_name=_('Interface'), orderable=False)
    if_index = tables.Column(verbose_name=_('Interface Index'))

    class Meta(NetBoxTable.Meta):
        model = NeighbourState
        fields = (
            *('pk', 'id', 'target', 'site', 'local_port', 'protocol', 'system_name', 'device', 'port_id'),
            *('port_description', 'platform', 'address', 'chassis_id', 'system_description', 'interface_name'),
            *('if_index', 'changed_at'),
        )
        default_columns = (
            *('target', 'local_port', 'protocol', 'system_name', 'device', 'port_id', 'port_description', 'platform'),
            *('address', 'changed_at'),
        )

    def render_protocol(self, record, bound_column, value):
        # NetBox's column takes what is shown of a choice for safe; an unknown one is shown as it came.
        return bound_column.column.render(record, bound_column, escape(value))

    def render_local_port(self, record):
        return record.local_port or getattr(record, 'interface_name', None) or self.default

    def value_local_port(self, record):
        return record.local_port

    def render_system_name(self, record):
        return str(record)

    def value_system_name(self, record):
        return record.system_name


class BGPPeerStateTable(PeerMixin, FactTable):
    vrf = tables.Column(verbose_name=_('VRF'))
    address = NaturalColumn(verbose_name=_('Peer Address'), linkify=True)
    remote_as = tables.Column(verbose_name=_('Remote AS'))
    local_as = tables.Column(verbose_name=_('Local AS'))
    local_address = tables.Column(verbose_name=_('Local Address'))
    router_id = tables.Column(verbose_name=_('Peer Router ID'))
    state = columns.ChoiceFieldColumn(verbose_name=_('State'))
    enabled = columns.BooleanColumn(verbose_name=_('Enabled'))
    state_since = SinceColumn(verbose_name=_('Since'))
    established_at = SinceColumn(verbose_name=_('Established'))
    transitions = tables.Column(verbose_name=_('Transitions'))
    prefixes_accepted = tables.Column(verbose_name=_('Prefixes Accepted'))
    prefixes_advertised = tables.Column(verbose_name=_('Prefixes Advertised'))
    last_error = tables.Column(verbose_name=_('Last Error'))
    description = tables.Column(verbose_name=_('Description'))
    mib = tables.Column(verbose_name=_('MIB'))

    class Meta(NetBoxTable.Meta):
        model = BGPPeerState
        fields = (
            *('pk', 'id', 'target', 'site', 'vrf', 'address', 'peer', 'remote_as', 'state', 'enabled', 'state_since'),
            *('established_at', 'transitions', 'prefixes_accepted', 'prefixes_advertised', 'last_error', 'description'),
            *('local_as', 'local_address', 'router_id', 'mib', 'changed_at'),
        )
        default_columns = (
            *('target', 'vrf', 'address', 'peer', 'remote_as', 'state', 'state_since', 'prefixes_accepted'),
            *('prefixes_advertised', 'last_error', 'description'),
        )

    def render_remote_as(self, value):
        return _as_number(value)

    def render_local_as(self, value):
        return _as_number(value)

    def value_remote_as(self, value):
        return value

    def value_local_as(self, value):
        return value

    def render_last_error(self, value):
        return format_html('<span title="{}">{}</span>', value, notification(value))

    def value_last_error(self, value):
        return value


def _as_number(number):
    dotted = asdot(number)
    return format_html('<span title="asdot: {}">{}</span>', dotted, number) if dotted else str(number)
