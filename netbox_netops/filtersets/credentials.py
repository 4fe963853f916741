import django_filters
from dcim.models import Device, DeviceRole, Location, Platform, Region, Site
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from extras.models import Tag
from netbox.filtersets import PrimaryModelFilterSet
from tenancy.models import Tenant, TenantGroup
from utilities.filtersets import register_filterset

from ..choices import (
    AlgorithmChoices,
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ..models import Credential
from .base import SearchFilterSet, filter_condition

__all__ = ('CredentialFilterSet',)


@register_filterset
class CredentialFilterSet(SearchFilterSet, PrimaryModelFilterSet):
    """The scope filters find the credentials that name the object, not all that would apply to it."""

    protocol = django_filters.MultipleChoiceFilter(
        choices=CredentialProtocolChoices,
        distinct=False,
        null_value=None,
    )
    provider = django_filters.MultipleChoiceFilter(
        choices=SecretProviderChoices,
        distinct=False,
        null_value=None,
    )
    auth_protocol = django_filters.MultipleChoiceFilter(
        choices=AuthProtocolChoices,
        distinct=False,
        null_value=None,
    )
    privacy_protocol = django_filters.MultipleChoiceFilter(
        choices=PrivacyProtocolChoices,
        distinct=False,
        null_value=None,
    )
    algorithms = django_filters.MultipleChoiceFilter(
        choices=AlgorithmChoices,
        distinct=False,
        null_value=None,
    )
    is_stopped = django_filters.BooleanFilter(method='filter_is_stopped', label=_('Stopped'))
    region_id = django_filters.ModelMultipleChoiceFilter(
        field_name='regions',
        queryset=Region.objects.all(),
        label=_('Region (ID)'),
    )
    region = django_filters.ModelMultipleChoiceFilter(
        field_name='regions__slug',
        queryset=Region.objects.all(),
        to_field_name='slug',
        label=_('Region (slug)'),
    )
    site_id = django_filters.ModelMultipleChoiceFilter(
        field_name='sites',
        queryset=Site.objects.all(),
        label=_('Site (ID)'),
    )
    site = django_filters.ModelMultipleChoiceFilter(
        field_name='sites__slug',
        queryset=Site.objects.all(),
        to_field_name='slug',
        label=_('Site (slug)'),
    )
    location_id = django_filters.ModelMultipleChoiceFilter(
        field_name='locations',
        queryset=Location.objects.all(),
        label=_('Location (ID)'),
    )
    location = django_filters.ModelMultipleChoiceFilter(
        field_name='locations__slug',
        queryset=Location.objects.all(),
        to_field_name='slug',
        label=_('Location (slug)'),
    )
    role_id = django_filters.ModelMultipleChoiceFilter(
        field_name='roles',
        queryset=DeviceRole.objects.all(),
        label=_('Role (ID)'),
    )
    role = django_filters.ModelMultipleChoiceFilter(
        field_name='roles__slug',
        queryset=DeviceRole.objects.all(),
        to_field_name='slug',
        label=_('Role (slug)'),
    )
    platform_id = django_filters.ModelMultipleChoiceFilter(
        field_name='platforms',
        queryset=Platform.objects.all(),
        label=_('Platform (ID)'),
    )
    platform = django_filters.ModelMultipleChoiceFilter(
        field_name='platforms__slug',
        queryset=Platform.objects.all(),
        to_field_name='slug',
        label=_('Platform (slug)'),
    )
    tenant_group_id = django_filters.ModelMultipleChoiceFilter(
        field_name='tenant_groups',
        queryset=TenantGroup.objects.all(),
        label=_('Tenant group (ID)'),
    )
    tenant_group = django_filters.ModelMultipleChoiceFilter(
        field_name='tenant_groups__slug',
        queryset=TenantGroup.objects.all(),
        to_field_name='slug',
        label=_('Tenant group (slug)'),
    )
    tenant_id = django_filters.ModelMultipleChoiceFilter(
        field_name='tenants',
        queryset=Tenant.objects.all(),
        label=_('Tenant (ID)'),
    )
    tenant = django_filters.ModelMultipleChoiceFilter(
        field_name='tenants__slug',
        queryset=Tenant.objects.all(),
        to_field_name='slug',
        label=_('Tenant (slug)'),
    )
    device_tag_id = django_filters.ModelMultipleChoiceFilter(
        field_name='device_tags',
        queryset=Tag.objects.all(),
        label=_('Device tag (ID)'),
    )
    device_tag = django_filters.ModelMultipleChoiceFilter(
        field_name='device_tags__slug',
        queryset=Tag.objects.all(),
        to_field_name='slug',
        label=_('Device tag (slug)'),
    )
    device_id = django_filters.ModelMultipleChoiceFilter(
        field_name='devices',
        queryset=Device.objects.all(),
        label=_('Device (ID)'),
    )
    device = django_filters.ModelMultipleChoiceFilter(
        field_name='devices__name',
        queryset=Device.objects.all(),
        to_field_name='name',
        label=_('Device (name)'),
    )

    search_fields = ('name', 'username', 'host', 'reference', 'description', 'comments')

    class Meta:
        model = Credential
        fields = (
            *('id', 'name', 'reference', 'privacy_reference', 'passphrase_reference', 'username', 'context_name'),
            *('host', 'port', 'enabled', 'weight', 'stopped', 'stopped_code', 'description'),
        )

    def filter_is_stopped(self, queryset, name, value):
        return filter_condition(queryset, Q(stopped__isnull=False), value)
