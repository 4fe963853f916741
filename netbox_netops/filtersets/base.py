import ipaddress

import django_filters
from dcim.models import Device, DeviceRole, Platform, Site
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from tenancy.models import Tenant
from utilities.filters import MultiValueCharFilter, TreeNodeMultipleChoiceFilter, multivalue_field_factory
from virtualization.models import VirtualMachine

from ..models import Target

__all__ = (
    'MultiValueNetworkFilter',
    'NetworkField',
    'SearchFilterSet',
    'TargetChildFilterSet',
    'filter_condition',
    'in_network',
    'in_network_of',
)


def in_network(field: str, network) -> Q:
    """A range, unlike PostgreSQL's <<=, is answered from the plain index. Stored addresses carry no mask."""
    return Q(**{f'{field}__gte': str(network.network_address), f'{field}__lte': str(network.broadcast_address)})


def in_network_of(field: str, text: str) -> Q:
    """As `in_network`, for what a person typed; matches nothing unless that is an address or a prefix."""
    try:
        return in_network(field, ipaddress.ip_network(text, strict=False))
    except ValueError:
        return Q(pk__in=())


def filter_condition(queryset, condition: Q, value: bool):
    """The rows that fulfil the condition, or those that do not; unknown values do not fulfil it."""
    return queryset.filter(condition) if value else queryset.exclude(condition)


class NetworkField(forms.CharField):
    def to_python(self, value):
        try:
            return ipaddress.ip_network(str(value).strip(), strict=False)
        except ValueError:
            raise ValidationError(_('Not an IP address or prefix: {value}').format(value=value)) from None


@extend_schema_field(OpenApiTypes.STR)
class MultiValueNetworkFilter(MultiValueCharFilter):
    """Addresses inside any of the given networks; a single address is a network of one."""

    field_class = multivalue_field_factory(NetworkField)

    def filter(self, qs, value):
        if not value:
            return qs
        condition = Q()
        for network in value:
            condition |= in_network(self.field_name, network)
        return self.get_method(qs)(condition)


class SearchFilterSet(django_filters.FilterSet):
    """The quick search `q`, over the fields named in `search_fields`."""

    search_fields: tuple[str, ...] = ()

    q = django_filters.CharFilter(method='search', label=_('Search'))

    def search(self, queryset, name, value):
        value = value.strip()
        return queryset.filter(self.search_condition(value)) if value else queryset

    def search_condition(self, value: str) -> Q:
        condition = Q()
        for field in self.search_fields:
            condition |= Q(**{f'{field}__icontains': value})
        return condition


class TargetChildFilterSet(django_filters.FilterSet):
    """For rows that belong to a target by the foreign key `target`."""

    target_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Target.objects.all(),
        distinct=False,
        label=_('Target (ID)'),
    )
    device_id = django_filters.ModelMultipleChoiceFilter(
        field_name='target__device',
        queryset=Device.objects.all(),
        distinct=False,
        label=_('Device (ID)'),
    )
    device = django_filters.ModelMultipleChoiceFilter(
        field_name='target__device__name',
        queryset=Device.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Device (name)'),
    )
    virtual_machine_id = django_filters.ModelMultipleChoiceFilter(
        field_name='target__virtual_machine',
        queryset=VirtualMachine.objects.all(),
        distinct=False,
        label=_('Virtual machine (ID)'),
    )
    virtual_machine = django_filters.ModelMultipleChoiceFilter(
        field_name='target__virtual_machine__name',
        queryset=VirtualMachine.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Virtual machine (name)'),
    )
    site_id = django_filters.ModelMultipleChoiceFilter(
        field_name='target__site',
        queryset=Site.objects.all(),
        distinct=False,
        label=_('Site (ID)'),
    )
    site = django_filters.ModelMultipleChoiceFilter(
        field_name='target__site__slug',
        queryset=Site.objects.all(),
        distinct=False,
        to_field_name='slug',
        label=_('Site (slug)'),
    )
    tenant_id = django_filters.ModelMultipleChoiceFilter(
        field_name='target__tenant',
        queryset=Tenant.objects.all(),
        distinct=False,
        label=_('Tenant (ID)'),
    )
    tenant = django_filters.ModelMultipleChoiceFilter(
        field_name='target__tenant__slug',
        queryset=Tenant.objects.all(),
        distinct=False,
        to_field_name='slug',
        label=_('Tenant (slug)'),
    )
    role_id = TreeNodeMultipleChoiceFilter(
        field_name='target__role',
        queryset=DeviceRole.objects.all(),
        distinct=False,
        lookup_expr='in',
        label=_('Role (ID)'),
    )
    role = TreeNodeMultipleChoiceFilter(
        field_name='target__role',
        queryset=DeviceRole.objects.all(),
        distinct=False,
        lookup_expr='in',
        to_field_name='slug',
        label=_('Role (slug)'),
    )
    platform_id = TreeNodeMultipleChoiceFilter(
        field_name='target__platform',
        queryset=Platform.objects.all(),
        distinct=False,
        lookup_expr='in',
        label=_('Platform (ID)'),
    )
    platform = TreeNodeMultipleChoiceFilter(
        field_name='target__platform',
        queryset=Platform.objects.all(),
        distinct=False,
        lookup_expr='in',
        to_field_name='slug',
        label=_('Platform (slug)'),
    )
