"""Filters of what scans found: state rows of every family."""

import django_filters
from dcim.models import Interface
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import BaseFilterSet
from utilities.filters import MultiValueCharFilter
from utilities.filtersets import register_filterset
from virtualization.models import VMInterface

from ..choices import BGPStateChoices, InterfaceStatusChoices, NeighbourProtocolChoices, PhysicalClassChoices
from ..models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from .base import MultiValueNetworkFilter, SearchFilterSet, TargetChildFilterSet, filter_condition, in_network_of

__all__ = (
    'AddressStateFilterSet',
    'BGPPeerStateFilterSet',
    'InterfaceStateFilterSet',
    'InventoryStateFilterSet',
    'NeighbourStateFilterSet',
    'SystemStateFilterSet',
)


@register_filterset
class SystemStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    description = MultiValueCharFilter()

    search_fields = ('target__name', 'name', 'description', 'vendor', 'model', 'os', 'os_version', 'serial', 'location')

    class Meta:
        model = SystemState
        fields = (
            'id',
            'name',
            'object_id',
            'contact',
            'location',
            'vendor',
            'model',
            'os',
            'os_version',
            'serial',
            'changed_at',
        )


@register_filterset
class InterfaceStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    admin_status = django_filters.MultipleChoiceFilter(
        choices=InterfaceStatusChoices,
        distinct=False,
        null_value=None,
    )
    oper_status = django_filters.MultipleChoiceFilter(
        choices=InterfaceStatusChoices,
        distinct=False,
        null_value=None,
    )
    down = django_filters.BooleanFilter(method='filter_down', label=_('Enabled and not up'))
    interface_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Interface.objects.all(),
        distinct=False,
        label=_('Interface (ID)'),
    )
    vm_interface_id = django_filters.ModelMultipleChoiceFilter(
        queryset=VMInterface.objects.all(),
        distinct=False,
        label=_('VM interface (ID)'),
    )

    search_fields = ('name', 'description', 'alias', 'mac')

    class Meta:
        model = InterfaceState
        fields = (
            'id',
            'index',
            'name',
            'description',
            'alias',
            'type',
            'mtu',
            'speed',
            'mac',
            'last_change',
            'oper_since',
            'changed_at',
        )

    def filter_down(self, queryset, name, value):
        return filter_condition(queryset, InterfaceState.DOWN, value)


@register_filterset
class AddressStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    address = MultiValueNetworkFilter(label=_('Address or prefix'))

    class Meta:
        model = AddressState
        fields = ('id', 'if_index', 'prefix_length', 'changed_at')

    def search_condition(self, value):
        """By part of the address, or by a prefix that contains it."""
        return Q(address__icontains=value) | in_network_of('address', value)


@register_filterset
class InventoryStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    physical_class = django_filters.MultipleChoiceFilter(
        choices=PhysicalClassChoices,
        distinct=False,
        null_value=None,
    )

    search_fields = ('name', 'description', 'model', 'serial', 'manufacturer')

    class Meta:
        model = InventoryState
        fields = (
            'id',
            'index',
            'parent',
            'name',
            'description',
            'model',
            'serial',
            'hardware',
            'firmware',
            'software',
            'manufacturer',
            'vendor_type',
            'fru',
            'changed_at',
        )


@register_filterset
class NeighbourStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    protocol = django_filters.MultipleChoiceFilter(
        choices=NeighbourProtocolChoices,
        distinct=False,
        null_value=None,
    )
    system_description = MultiValueCharFilter()
    # `platform` is that of the target, here as everywhere.
    neighbour_platform = MultiValueCharFilter(field_name='platform', label=_('Platform of the neighbour'))

    search_fields = ('local_port', 'system_name', 'chassis_id', 'port_id', 'port_description', 'address')

    class Meta:
        model = NeighbourState
        fields = (
            'id',
            'if_index',
            'local_port',
            'chassis_id',
            'port_id',
            'port_description',
            'system_name',
            'address',
            'changed_at',
        )


@register_filterset
class BGPPeerStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=BGPStateChoices,
        distinct=False,
        null_value=None,
    )
    down = django_filters.BooleanFilter(method='filter_down', label=_('Enabled and not established'))

    search_fields = ('vrf', 'address', 'description', 'router_id', 'local_address')

    class Meta:
        model = BGPPeerState
        fields = (
            'id',
            'vrf',
            'address',
            'remote_as',
            'local_as',
            'local_address',
            'router_id',
            'enabled',
            'state_since',
            'established_at',
            'transitions',
            'prefixes_accepted',
            'prefixes_advertised',
            'last_error',
            'description',
            'mib',
            'changed_at',
        )

    def filter_down(self, queryset, name, value):
        return filter_condition(queryset, BGPPeerState.DOWN, value)

    def search_condition(self, value):
        """By part of a text, or by the number of the peer's AS, with or without "AS" before it."""
        condition = super().search_condition(value)
        number = value.upper().removeprefix('AS')
        # isdecimal() alone would also let foreign digits through, and numbers that no column holds.
        if number.isascii() and number.isdecimal() and len(number) <= 10:
            condition |= Q(remote_as=int(number))
        return condition
