from dcim.models import Site
from django import forms
from django.utils.translation import gettext_lazy as _
from netbox.forms import (
    PrimaryModelBulkEditForm,
    PrimaryModelFilterSetForm,
    PrimaryModelForm,
    PrimaryModelImportForm,
)
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import (
    CSVModelMultipleChoiceField,
    DynamicModelMultipleChoiceField,
    SlugField,
    TagFilterField,
)
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import BulkEditNullBooleanSelect

from ..assignment import check_sites
from ..models import Gateway

__all__ = (
    'GatewayBulkEditForm',
    'GatewayFilterForm',
    'GatewayForm',
    'GatewayImportForm',
)


class _SitesMixin:
    def clean_sites(self):
        check_sites(self.cleaned_data['sites'], self.instance)
        return self.cleaned_data['sites']


class GatewayForm(_SitesMixin, PrimaryModelForm):
    slug = SlugField()
    sites = DynamicModelMultipleChoiceField(
        label=_('Sites'),
        queryset=Site.objects.all(),
        required=False,
        help_text=_('Only the workers of this gateway operate their devices. A site has one gateway at most'),
    )

    fieldsets = (
        FieldSet('name', 'slug', 'enabled', 'description', 'tags', name=_('Gateway')),
        FieldSet('sites', name=_('Sites')),
    )

    class Meta:
        model = Gateway
        fields = ('name', 'slug', 'enabled', 'sites', 'description', 'owner', 'comments', 'tags')


class GatewayBulkEditForm(PrimaryModelBulkEditForm):
    model = Gateway
    fieldsets = (FieldSet('enabled', 'description'),)
    nullable_fields = ('description', 'comments')

    enabled = forms.NullBooleanField(label=_('Enabled'), required=False, widget=BulkEditNullBooleanSelect())


class GatewayImportForm(_SitesMixin, PrimaryModelImportForm):
    enabled = forms.BooleanField(label=_('Enabled'), required=False, help_text=_('Enabled unless it says otherwise'))
    sites = CSVModelMultipleChoiceField(
        label=_('Sites'),
        queryset=Site.objects.all(),
        required=False,
        to_field_name='slug',
        help_text=_('Site slugs separated by commas, encased with double quotes'),
    )

    class Meta:
        model = Gateway
        fields = ('name', 'slug', 'enabled', 'sites', 'description', 'owner', 'comments', 'tags')

    def clean_enabled(self):
        # To a form, a check box that is not there is one that is not checked.
        return self.cleaned_data['enabled'] if self.data.get('enabled') not in (None, '') else True


class GatewayFilterForm(PrimaryModelFilterSetForm):
    model = Gateway
    fieldsets = (
        FieldSet('q', 'filter_id', 'tag'),
        FieldSet('enabled', 'site_id', name=_('Attributes')),
        FieldSet('owner_group_id', 'owner_id', name=_('Ownership')),
    )

    enabled = forms.NullBooleanField(
        label=_('Enabled'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    site_id = DynamicModelMultipleChoiceField(label=_('Site'), queryset=Site.objects.all(), required=False)
    tag = TagFilterField(model)
