from django import forms
from django.utils.translation import gettext_lazy as _
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..choices import BGPStateChoices, InterfaceStatusChoices, NeighbourProtocolChoices, PhysicalClassChoices
from ..models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from .base import TargetChildFilterForm

__all__ = (
    'AddressStateFilterForm',
    'BGPPeerStateFilterForm',
    'InterfaceStateFilterForm',
    'InventoryStateFilterForm',
    'NeighbourStateFilterForm',
    'SystemStateFilterForm',
)


def _yes_or_no(label) -> forms.NullBooleanField:
    return forms.NullBooleanField(label=label, required=False, widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES))


class FactFilterForm(TargetChildFilterForm):
    change_fieldset = FieldSet('changed_at__gte', 'changed_at__lte', name=_('Last change'))

    changed_at__gte = forms.DateTimeField(label=_('Changed after'), required=False, widget=DateTimePicker())
    changed_at__lte = forms.DateTimeField(label=_('Changed before'), required=False, widget=DateTimePicker())


class SystemStateFilterForm(FactFilterForm):
    model = SystemState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('name', 'vendor', 'model', 'os', 'os_version', 'serial', 'location', name=_('System')),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    name = forms.CharField(label=_('Name'), required=False)
    vendor = forms.CharField(label=_('Vendor'), required=False)
    model = forms.CharField(label=_('Model'), required=False)
    os = forms.CharField(label=_('Operating system'), required=False)
    os_version = forms.CharField(label=_('Software version'), required=False)
    serial = forms.CharField(label=_('Serial number'), required=False)
    location = forms.CharField(label=_('Location'), required=False)


class InterfaceStateFilterForm(FactFilterForm):
    model = InterfaceState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('name', 'alias', 'mac', 'admin_status', 'oper_status', 'down', name=_('Interface')),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    name = forms.CharField(label=_('Name'), required=False)
    alias = forms.CharField(label=_('Alias'), required=False)
    mac = forms.CharField(label=_('MAC address'), required=False)
    admin_status = forms.MultipleChoiceField(label=_('Admin status'), choices=InterfaceStatusChoices, required=False)
    oper_status = forms.MultipleChoiceField(label=_('Oper status'), choices=InterfaceStatusChoices, required=False)
    down = _yes_or_no(_('Enabled and not up'))


class AddressStateFilterForm(FactFilterForm):
    model = AddressState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('address', 'prefix_length', name=_('IP address')),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    address = forms.CharField(label=_('Address or prefix'), required=False)
    prefix_length = forms.IntegerField(label=_('Prefix length'), required=False)


class InventoryStateFilterForm(FactFilterForm):
    model = InventoryState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('physical_class', 'name', 'model', 'serial', 'manufacturer', 'fru', name=_('Inventory')),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    physical_class = forms.MultipleChoiceField(label=_('Class'), choices=PhysicalClassChoices, required=False)
    name = forms.CharField(label=_('Name'), required=False)
    model = forms.CharField(label=_('Model'), required=False)
    serial = forms.CharField(label=_('Serial number'), required=False)
    manufacturer = forms.CharField(label=_('Manufacturer'), required=False)
    fru = _yes_or_no(_('Field replaceable'))


class NeighbourStateFilterForm(FactFilterForm):
    model = NeighbourState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('protocol', 'local_port', 'system_name', 'chassis_id', 'port_id', 'address', name=_('Neighbour')),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    protocol = forms.MultipleChoiceField(label=_('Protocol'), choices=NeighbourProtocolChoices, required=False)
    local_port = forms.CharField(label=_('Local port'), required=False)
    system_name = forms.CharField(label=_('System name'), required=False)
    chassis_id = forms.CharField(label=_('Chassis ID'), required=False)
    port_id = forms.CharField(label=_('Port ID'), required=False)
    address = forms.CharField(label=_('Address'), required=False)


class BGPPeerStateFilterForm(FactFilterForm):
    model = BGPPeerState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet(
            'state',
            'enabled',
            'down',
            'vrf',
            'address',
            'remote_as',
            'established_at__gte',
            'established_at__lte',
            name=_('BGP session'),
        ),
        FactFilterForm.change_fieldset,
        FactFilterForm.target_fieldset,
    )

    state = forms.MultipleChoiceField(label=_('State'), choices=BGPStateChoices, required=False)
    enabled = _yes_or_no(_('Enabled'))
    down = _yes_or_no(_('Enabled and not established'))
    vrf = forms.CharField(label=_('VRF'), required=False)
    address = forms.CharField(label=_('Peer address'), required=False)
    remote_as = forms.IntegerField(label=_('Remote AS'), required=False)
    established_at__gte = forms.DateTimeField(label=_('Established after'), required=False, widget=DateTimePicker())
    established_at__lte = forms.DateTimeField(label=_('Established before'), required=False, widget=DateTimePicker())
