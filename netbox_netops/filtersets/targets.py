from contextlib import suppress

import django_filters
from dcim.models import Device, DeviceRole, Platform, Site
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from netbox.filtersets import BaseFilterSet
from tenancy.filtersets import TenancyFilterSet
from utilities.filters import MultiValueCharFilter, TreeNodeMultipleChoiceFilter
from utilities.filtersets import register_filterset
from virtualization.models import VirtualMachine

from ..choices import ReachabilityChoices, TargetStatusChoices
from ..matching import in_scope
from ..models import Credential, ScanResult, Target
from .base import MultiValueNetworkFilter, NetworkField, SearchFilterSet, in_network

__all__ = ('TargetFilterSet',)


def _viewable_credentials(request):
    """What others are told of the scope of a credential is for those who may view it."""
    if request is None:
        return Credential.objects.none()
    return Credential.objects.restrict(request.user, 'view')


@extend_schema_field({'type': 'array', 'items': {'type': 'integer'}})
class _ScopeFilter(django_filters.ModelMultipleChoiceFilter):
    """Its values are primary keys of credentials, which no field of a target says."""


@register_filterset
class TargetFilterSet(TenancyFilterSet, SearchFilterSet, BaseFilterSet):
    device_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Device.objects.all(),
        distinct=False,
        label=_('Device (ID)'),
    )
    device = django_filters.ModelMultipleChoiceFilter(
        field_name='device__name',
        queryset=Device.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Device (name)'),
    )
    virtual_machine_id = django_filters.ModelMultipleChoiceFilter(
        queryset=VirtualMachine.objects.all(),
        distinct=False,
        label=_('Virtual machine (ID)'),
    )
    virtual_machine = django_filters.ModelMultipleChoiceFilter(
        field_name='virtual_machine__name',
        queryset=VirtualMachine.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Virtual machine (name)'),
    )
    status = django_filters.MultipleChoiceFilter(
        choices=TargetStatusChoices,
        distinct=False,
        null_value=None,
    )
    reachability = django_filters.MultipleChoiceFilter(
        choices=ReachabilityChoices,
        distinct=False,
        null_value=None,
    )
    address = MultiValueNetworkFilter(label=_('Address or prefix'))
    site_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Site.objects.all(),
        distinct=False,
        label=_('Site (ID)'),
    )
    site = django_filters.ModelMultipleChoiceFilter(
        field_name='site__slug',
        queryset=Site.objects.all(),
        distinct=False,
        to_field_name='slug',
        label=_('Site (slug)'),
    )
    role_id = TreeNodeMultipleChoiceFilter(
        field_name='role',
        queryset=DeviceRole.objects.all(),
        lookup_expr='in',
        label=_('Role (ID)'),
    )
    role = TreeNodeMultipleChoiceFilter(
        field_name='role',
        queryset=DeviceRole.objects.all(),
        lookup_expr='in',
        to_field_name='slug',
        label=_('Role (slug)'),
    )
    platform_id = TreeNodeMultipleChoiceFilter(
        field_name='platform',
        queryset=Platform.objects.all(),
        lookup_expr='in',
        label=_('Platform (ID)'),
    )
    platform = TreeNodeMultipleChoiceFilter(
        field_name='platform',
        queryset=Platform.objects.all(),
        lookup_expr='in',
        to_field_name='slug',
        label=_('Platform (slug)'),
    )
    snmp_credential_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Credential.objects.all(),
        distinct=False,
        label=_('SNMP credential (ID)'),
    )
    in_scope_of = _ScopeFilter(
        queryset=_viewable_credentials,
        method='filter_in_scope_of',
        label=_('In the scope of the credential (ID)'),
    )
    latest_scan_id = django_filters.ModelMultipleChoiceFilter(
        queryset=ScanResult.objects.all(),
        distinct=False,
        label=_('Latest scan (ID)'),
    )
    system_name = MultiValueCharFilter(field_name='system__name', label=_('System name'))
    system_vendor = MultiValueCharFilter(field_name='system__vendor', label=_('Vendor'))
    system_model = MultiValueCharFilter(field_name='system__model', label=_('Model'))
    system_os = MultiValueCharFilter(field_name='system__os', label=_('Operating system'))
    system_os_version = MultiValueCharFilter(field_name='system__os_version', label=_('Software version'))
    system_serial = MultiValueCharFilter(field_name='system__serial', label=_('Serial number'))
    system_description = MultiValueCharFilter(field_name='system__description', label=_('System description'))
    system_object_id = MultiValueCharFilter(field_name='system__object_id', label=_('System object ID'))
    system_contact = MultiValueCharFilter(field_name='system__contact', label=_('System contact'))
    system_location = MultiValueCharFilter(field_name='system__location', label=_('System location'))

    class Meta:
        model = Target
        fields = (
            'id',
            'name',
            'options_error',
            'reachability_since',
            'failures',
            'spared_until',
            'last_attempt_at',
            'last_success_at',
            'last_error',
            'created',
            'synced_at',
        )

    def filter_in_scope_of(self, queryset, name, value):
        """In the scope of any of the credentials."""
        if not value:
            return queryset
        condition = Q(pk__in=())
        for credential in value:
            scope = in_scope(credential)
            if not scope:
                return queryset
            condition |= scope
        return queryset.filter(condition)

    def search(self, queryset, name, value):
        """By part of a name, the serial number or the address, or by a prefix that contains the address."""
        value = value.strip()
        if not value:
            return queryset
        condition = Q(name__icontains=value) | Q(address__icontains=value)
        condition |= Q(system__name__icontains=value) | Q(system__serial__icontains=value)
        with suppress(ValidationError):
            condition |= in_network('address', NetworkField().to_python(value))
        return queryset.filter(condition)
