import django_filters
from dcim.models import DeviceRole, Platform, Site
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import PrimaryModelFilterSet
from tenancy.models import Tenant
from utilities.filtersets import register_filterset

from ..choices import (
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ..models import Credential
from .base import SearchFilterSet

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

    search_fields = ('name', 'username', 'reference', 'description', 'comments')

    class Meta:
        model = Credential
        fields = (
            *('id', 'name', 'reference', 'privacy_reference', 'username', 'context_name', 'enabled', 'weight'),
            'description',
        )
