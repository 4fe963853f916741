from dcim.models import Device, DeviceRole, Location, Platform, Region, Site
from django import forms
from django.utils.translation import gettext_lazy as _
from extras.models import Tag
from netbox.forms import (
    PrimaryModelBulkEditForm,
    PrimaryModelFilterSetForm,
    PrimaryModelForm,
    PrimaryModelImportForm,
)
from tenancy.models import Tenant, TenantGroup
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

from ..binding import bound, check_binding
from ..choices import (
    AlgorithmChoices,
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ..models import Credential
from ..models.credentials import SCOPE_FIELDS
from ..protocols import FIELDS, PROTOCOLS

__all__ = (
    'CredentialBulkEditForm',
    'CredentialFilterForm',
    'CredentialForm',
    'CredentialImportForm',
)


class CredentialForm(PrimaryModelForm):
    regions = DynamicModelMultipleChoiceField(
        label=_('Regions'),
        queryset=Region.objects.all(),
        required=False,
        help_text=_('Includes the regions below them'),
    )
    sites = DynamicModelMultipleChoiceField(
        label=_('Sites'),
        queryset=Site.objects.all(),
        required=False,
    )
    locations = DynamicModelMultipleChoiceField(
        label=_('Locations'),
        queryset=Location.objects.all(),
        required=False,
        help_text=_('Includes the locations below them'),
    )
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
    tenant_groups = DynamicModelMultipleChoiceField(
        label=_('Tenant groups'),
        queryset=TenantGroup.objects.all(),
        required=False,
        help_text=_('Includes the groups below them'),
    )
    tenants = DynamicModelMultipleChoiceField(
        label=_('Tenants'),
        queryset=Tenant.objects.all(),
        required=False,
    )
    device_tags = DynamicModelMultipleChoiceField(
        label=_('Device tags'),
        queryset=Tag.objects.all(),
        required=False,
        help_text=_('Devices and virtual machines with any of them'),
    )
    devices = DynamicModelMultipleChoiceField(
        label=_('Devices'),
        queryset=Device.objects.all(),
        required=False,
    )

    fieldsets = (
        FieldSet('name', 'protocol', 'enabled', 'weight', 'description', 'tags', name=_('Credential')),
        FieldSet('username', 'host', 'port', 'algorithms', name=_('Login')),
        FieldSet('provider', 'reference', 'passphrase_reference', name=_('Secret')),
        FieldSet('auth_protocol', 'privacy_protocol', 'privacy_reference', 'context_name', name=_('SNMP v3')),
        FieldSet(*SCOPE_FIELDS, name=_('Scope: devices that match all of these; empty matches any')),
    )

    class Meta:
        model = Credential
        fields = (
            'name',
            'protocol',
            'enabled',
            'weight',
            'provider',
            *FIELDS,
            *SCOPE_FIELDS,
            'description',
            'owner',
            'comments',
            'tags',
        )
        widgets = {'protocol': HTMXSelect()}

    def __init__(self, *args, user=None, **kwargs):
        """`user`: who saves it, where the form is to be saved."""
        super().__init__(*args, **kwargs)
        self.user = user
        # Of the protocol that is chosen at the moment: NetBox renders the form anew when it changes.
        protocol = PROTOCOLS.get(get_field_value(self, 'protocol'))
        absent = {name for name in FIELDS if protocol is None or name not in protocol.fields}
        for name in absent:
            del self.fields[name]
        fieldsets = (
            FieldSet(*(item for item in fieldset.items if item not in absent), name=fieldset.name)
            for fieldset in self.fieldsets
        )
        self.fieldsets = tuple(fieldset for fieldset in fieldsets if fieldset.items)

    def clean(self):
        super().clean()
        # Of the protocol that it had until now: what is not on the form could not be removed by hand.
        for name in FIELDS:
            if name not in self.fields:
                setattr(self.instance, name, Credential._meta.get_field(name).get_default())

    def save(self, *args, **kwargs):
        before = bound(self.user, self.instance.pk)
        credential = super().save(*args, **kwargs)
        check_binding(self.user, credential.pk, before)
        return credential


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
    algorithms = CSVChoiceField(label=_('Algorithms'), choices=AlgorithmChoices, required=False)
    regions = CSVModelMultipleChoiceField(
        label=_('Regions'),
        queryset=Region.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Region slugs separated by commas, encased with double quotes'),
    )
    sites = CSVModelMultipleChoiceField(
        label=_('Sites'),
        queryset=Site.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Site slugs separated by commas, encased with double quotes'),
    )
    locations = CSVModelMultipleChoiceField(
        label=_('Locations'),
        queryset=Location.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Location slugs separated by commas, encased with double quotes'),
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
    tenant_groups = CSVModelMultipleChoiceField(
        label=_('Tenant groups'),
        queryset=TenantGroup.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Tenant group slugs separated by commas, encased with double quotes'),
    )
    tenants = CSVModelMultipleChoiceField(
        label=_('Tenants'),
        queryset=Tenant.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Tenant slugs separated by commas, encased with double quotes'),
    )
    device_tags = CSVModelMultipleChoiceField(
        label=_('Device tags'),
        queryset=Tag.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Tag slugs separated by commas, encased with double quotes'),
    )
    devices = CSVModelMultipleChoiceField(
        label=_('Devices'),
        queryset=Device.objects.all(),
        required=False,
        to_field_name='name',
        help_text=_('Device names separated by commas, encased with double quotes'),
    )

    class Meta:
        model = Credential
        fields = (
            'name',
            'protocol',
            'provider',
            *FIELDS,
            'enabled',
            'weight',
            *SCOPE_FIELDS,
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
        FieldSet('protocol', 'provider', 'enabled', 'is_stopped', name=_('Attributes')),
        FieldSet('username', 'host', 'algorithms', name=_('Login')),
        FieldSet('auth_protocol', 'privacy_protocol', name=_('SNMP v3')),
        FieldSet(
            *('region_id', 'site_id', 'location_id', 'role_id', 'platform_id', 'tenant_group_id', 'tenant_id'),
            *('device_tag_id', 'device_id'),
            name=_('Scope'),
        ),
        FieldSet('owner_group_id', 'owner_id', name=_('Ownership')),
    )

    protocol = forms.MultipleChoiceField(label=_('Protocol'), choices=CredentialProtocolChoices, required=False)
    provider = forms.MultipleChoiceField(label=_('Secret provider'), choices=SecretProviderChoices, required=False)
    enabled = forms.NullBooleanField(
        label=_('Enabled'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    is_stopped = forms.NullBooleanField(
        label=_('Stopped'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    username = forms.CharField(label=_('User name'), required=False)
    host = forms.CharField(label=_('Host'), required=False)
    algorithms = forms.MultipleChoiceField(label=_('Algorithms'), choices=AlgorithmChoices, required=False)
    auth_protocol = forms.MultipleChoiceField(label=_('Authentication'), choices=AuthProtocolChoices, required=False)
    privacy_protocol = forms.MultipleChoiceField(label=_('Privacy'), choices=PrivacyProtocolChoices, required=False)
    region_id = DynamicModelMultipleChoiceField(label=_('Region'), queryset=Region.objects.all(), required=False)
    site_id = DynamicModelMultipleChoiceField(label=_('Site'), queryset=Site.objects.all(), required=False)
    location_id = DynamicModelMultipleChoiceField(label=_('Location'), queryset=Location.objects.all(), required=False)
    role_id = DynamicModelMultipleChoiceField(label=_('Role'), queryset=DeviceRole.objects.all(), required=False)
    platform_id = DynamicModelMultipleChoiceField(label=_('Platform'), queryset=Platform.objects.all(), required=False)
    tenant_group_id = DynamicModelMultipleChoiceField(
        label=_('Tenant group'), queryset=TenantGroup.objects.all(), required=False
    )
    tenant_id = DynamicModelMultipleChoiceField(label=_('Tenant'), queryset=Tenant.objects.all(), required=False)
    device_tag_id = DynamicModelMultipleChoiceField(label=_('Device tag'), queryset=Tag.objects.all(), required=False)
    device_id = DynamicModelMultipleChoiceField(label=_('Device'), queryset=Device.objects.all(), required=False)
    tag = TagFilterField(model)
