from dcim.models import DeviceRole, Platform, Site
from django import forms
from django.utils.translation import gettext_lazy as _
from netbox.forms import (
    PrimaryModelBulkEditForm,
    PrimaryModelFilterSetForm,
    PrimaryModelForm,
    PrimaryModelImportForm,
)
from tenancy.models import Tenant
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import (
    CSVChoiceField,
    CSVModelMultipleChoiceField,
    DynamicModelMultipleChoiceField,
    TagFilterField,
)
from utilities.forms.rendering import FieldSet
from utilities.forms.utils import get_field_value
from utilities.forms.widgets import BulkEditNullBooleanSelect, HTMXSelect

from ..choices import (
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ..models import Credential
from ..models.credentials import SNMP_V3_FIELDS

__all__ = (
    'CredentialBulkEditForm',
    'CredentialFilterForm',
    'CredentialForm',
    'CredentialImportForm',
)


_SNMP_V3 = FieldSet(*SNMP_V3_FIELDS, name=_('SNMP v3'))


class CredentialForm(PrimaryModelForm):
    sites = DynamicModelMultipleChoiceField(label=_('Sites'), queryset=Site.objects.all(), required=False)
    tenants = DynamicModelMultipleChoiceField(label=_('Tenants'), queryset=Tenant.objects.all(), required=False)
    roles = DynamicModelMultipleChoiceField(
        label=_('Roles'),
        queryset=DeviceRole.objects.all(),
        required=False,
        help_text=_('Includes the roles below them'),
    )
    platforms = DynamicModelMultipleChoiceField(
        label=_('Platforms'),
        queryset=Platform.objects.all(),
        required=False,
        help_text=_('Includes the platforms below them'),
    )

    fieldsets = (
        FieldSet('name', 'protocol', 'enabled', 'weight', 'description', 'tags', name=_('Credential')),
        FieldSet('provider', 'reference', name=_('Secret')),
        _SNMP_V3,
        FieldSet(
            'sites',
            'tenants',
            'roles',
            'platforms',
            name=_('Scope: devices that match all of these; empty matches any'),
        ),
    )

    class Meta:
        model = Credential
        fields = (
            'name',
            'protocol',
            'enabled',
            'weight',
            'provider',
            'reference',
            *SNMP_V3_FIELDS,
            'sites',
            'tenants',
            'roles',
            'platforms',
            'description',
            'owner',
            'comments',
            'tags',
        )
        widgets = {'protocol': HTMXSelect()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Of the protocol that is chosen at the moment: NetBox renders the form anew when it changes.
        if get_field_value(self, 'protocol') != CredentialProtocolChoices.SNMP_V3:
            for name in SNMP_V3_FIELDS:
                del self.fields[name]
            self.fieldsets = tuple(fieldset for fieldset in self.fieldsets if fieldset is not _SNMP_V3)

    def clean(self):
        super().clean()
        # Of a credential that was one of SNMP v3 until now: what is not on the form could not be removed by hand.
        for name in SNMP_V3_FIELDS:
            if name not in self.fields:
                setattr(self.instance, name, '')


class CredentialBulkEditForm(PrimaryModelBulkEditForm):
    model = Credential
    fieldsets = (FieldSet('enabled', 'weight', 'description'),)
    nullable_fields = ('description', 'comments')

    enabled = forms.NullBooleanField(label=_('Enabled'), required=False, widget=BulkEditNullBooleanSelect())
    weight = forms.IntegerField(label=_('Weight'), required=False, min_value=1, max_value=32767)


class CredentialImportForm(PrimaryModelImportForm):
    protocol = CSVChoiceField(label=_('Protocol'), choices=CredentialProtocolChoices)
    provider = CSVChoiceField(label=_('Secret provider'), choices=SecretProviderChoices)
    auth_protocol = CSVChoiceField(label=_('Authentication'), choices=AuthProtocolChoices, required=False)
    privacy_protocol = CSVChoiceField(label=_('Privacy'), choices=PrivacyProtocolChoices, required=False)
    enabled = forms.BooleanField(label=_('Enabled'), required=False, help_text=_('Enabled unless it says otherwise'))
    weight = forms.IntegerField(label=_('Weight'), required=False, min_value=1, max_value=32767)
    sites = CSVModelMultipleChoiceField(
        label=_('Sites'),
        queryset=Site.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Site slugs separated by commas, encased with double quotes'),
    )
    tenants = CSVModelMultipleChoiceField(
        label=_('Tenants'),
        queryset=Tenant.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Tenant slugs separated by commas, encased with double quotes'),
    )
    roles = CSVModelMultipleChoiceField(
        label=_('Roles'),
        queryset=DeviceRole.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Role slugs separated by commas, encased with double quotes'),
    )
    platforms = CSVModelMultipleChoiceField(
        label=_('Platforms'),
        queryset=Platform.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Platform slugs separated by commas, encased with double quotes'),
    )

    class Meta:
        model = Credential
        fields = (
            'name',
            'protocol',
            'provider',
            'reference',
            *SNMP_V3_FIELDS,
            'enabled',
            'weight',
            'sites',
            'tenants',
            'roles',
            'platforms',
            'description',
            'owner',
            'comments',
            'tags',
        )

    def clean_enabled(self):
        # To a form, a check box that is not there is one that is not checked.
        return self.cleaned_data['enabled'] if self.data.get('enabled') not in (None, '') else True


class CredentialFilterForm(PrimaryModelFilterSetForm):
    model = Credential
    fieldsets = (
        FieldSet('q', 'filter_id', 'tag'),
        FieldSet('protocol', 'provider', 'enabled', name=_('Attributes')),
        FieldSet('username', 'auth_protocol', 'privacy_protocol', name=_('SNMP v3')),
        FieldSet('site_id', 'tenant_id', 'role_id', 'platform_id', name=_('Scope')),
        FieldSet('owner_group_id', 'owner_id', name=_('Ownership')),
    )

    protocol = forms.MultipleChoiceField(label=_('Protocol'), choices=CredentialProtocolChoices, required=False)
    provider = forms.MultipleChoiceField(label=_('Secret provider'), choices=SecretProviderChoices, required=False)
    enabled = forms.NullBooleanField(
        label=_('Enabled'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    username = forms.CharField(label=_('User name'), required=False)
    auth_protocol = forms.MultipleChoiceField(label=_('Authentication'), choices=AuthProtocolChoices, required=False)
    privacy_protocol = forms.MultipleChoiceField(label=_('Privacy'), choices=PrivacyProtocolChoices, required=False)
    site_id = DynamicModelMultipleChoiceField(label=_('Site'), queryset=Site.objects.all(), required=False)
    tenant_id = DynamicModelMultipleChoiceField(label=_('Tenant'), queryset=Tenant.objects.all(), required=False)
    role_id = DynamicModelMultipleChoiceField(label=_('Role'), queryset=DeviceRole.objects.all(), required=False)
    platform_id = DynamicModelMultipleChoiceField(label=_('Platform'), queryset=Platform.objects.all(), required=False)
    tag = TagFilterField(model)
