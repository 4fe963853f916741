import json

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from netbox.forms import (
    PrimaryModelBulkEditForm,
    PrimaryModelFilterSetForm,
    PrimaryModelForm,
    PrimaryModelImportForm,
)
from users.models import User
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import (
    CSVChoiceField,
    CSVModelChoiceField,
    DynamicModelChoiceField,
    DynamicModelMultipleChoiceField,
    JSONField,
    TagFilterField,
)
from utilities.forms.rendering import FieldSet
from utilities.forms.utils import get_field_value
from utilities.forms.widgets import BulkEditNullBooleanSelect, DateTimePicker, HTMXSelect

from ..choices import RunKindChoices
from ..kinds import KINDS
from ..models import Policy
from .base import error_choices

__all__ = (
    'PolicyAdminBulkEditForm',
    'PolicyAdminForm',
    'PolicyAdminImportForm',
    'PolicyBulkEditForm',
    'PolicyFilterForm',
    'PolicyForm',
    'PolicyImportForm',
)

# What only kinds have that work on single devices.
_PER_TARGET = {'device_filter': None, 'machine_filter': None, 'options': {}}
# Parameters of a list that say how it is shown.
_DISPLAY = ('page', 'per_page', 'sort')


class ListFilterField(JSONField):
    """Filters of a list, as JSON, or as the address of the page that NetBox shows for them."""

    def to_python(self, value):
        if isinstance(value, str) and '=' in value and not value.lstrip().startswith('{'):
            query = QueryDict(value.partition('?')[2].partition('#')[0] or value.strip())
            value = json.dumps({name: query.getlist(name) for name in query if name not in _DISPLAY})
        return super().to_python(value)


class OptionsField(JSONField):
    def to_python(self, value):
        found = super().to_python(value)
        return {} if found is None else found


class PolicyFieldsMixin(forms.Form):
    options = OptionsField(
        label=_('Options'),
        required=False,
        help_text=_('Options of the run, as JSON: <code>{"timeout": 5}</code>'),
    )
    device_filter = ListFilterField(
        label=_('Device filter'),
        required=False,
        help_text=_(
            'The address of the filtered list of devices, or its filters as JSON: '
            '<code>{"site": ["spo1"], "role": ["edge-router"]}</code>'
        ),
    )
    machine_filter = ListFilterField(
        label=_('Virtual machine filter'),
        required=False,
        help_text=_('As the device filter, for virtual machines'),
    )


class RunAsMixin(forms.Form):
    """The user stays when none is chosen; `policies.take_over` sees to that a new policy has one."""

    def clean_run_as(self):
        return self.cleaned_data['run_as'] or (self.instance.run_as if self.instance.run_as_id else None)


class PolicyForm(PolicyFieldsMixin, PrimaryModelForm):
    """For all but superusers: the policy will act as who saves it (see `policies.take_over`)."""

    fieldsets = (
        FieldSet('name', 'kind', 'enabled', 'description', 'tags', name=_('Policy')),
        FieldSet('device_filter', 'machine_filter', name=_('Scope')),
        FieldSet('cron', 'interval', name=_('Schedule: none, or one of these')),
        FieldSet('options', 'concurrency', 'rate', name=_('Options and limits')),
    )

    class Meta:
        model = Policy
        fields = (
            'name',
            'kind',
            'enabled',
            'device_filter',
            'machine_filter',
            'cron',
            'interval',
            'options',
            'concurrency',
            'rate',
            'description',
            'owner',
            'comments',
            'tags',
        )
        widgets = {'kind': HTMXSelect()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Of the kind that is chosen at the moment: NetBox renders the form anew when it changes.
        kind = KINDS.get(get_field_value(self, 'kind'))
        if kind and not kind.per_target:
            for name in _PER_TARGET:
                del self.fields[name]
            self.fieldsets = tuple(item for item in self.fieldsets if 'device_filter' not in item.items)

    def clean(self):
        super().clean()
        # What is not on the form could not be removed by hand.
        for name, empty in _PER_TARGET.items():
            if name not in self.fields:
                setattr(self.instance, name, empty)


class PolicyAdminForm(RunAsMixin, PolicyForm):
    """For superusers."""

    run_as = DynamicModelChoiceField(
        label=_('Runs as'),
        queryset=User.objects.all(),
        required=False,
        help_text=_('The user whose permissions apply, checked whenever the policy acts'),
    )

    fieldsets = (*PolicyForm.fieldsets, FieldSet('run_as', name=_('Permissions')))

    class Meta(PolicyForm.Meta):
        fields = (*PolicyForm.Meta.fields, 'run_as')


class PolicyBulkEditForm(PrimaryModelBulkEditForm):
    model = Policy
    fieldsets = (
        FieldSet('enabled', 'description'),
        FieldSet('cron', 'interval', name=_('Schedule')),
        FieldSet('concurrency', 'rate', name=_('Limits')),
    )
    nullable_fields = ('cron', 'interval', 'concurrency', 'rate', 'description', 'comments')

    enabled = forms.NullBooleanField(label=_('Enabled'), required=False, widget=BulkEditNullBooleanSelect())
    cron = forms.CharField(label=_('Cron expression'), required=False, max_length=100)
    interval = forms.IntegerField(label=_('Interval'), required=False, min_value=1, help_text=_('Minutes'))
    concurrency = forms.IntegerField(label=_('Concurrency'), required=False, min_value=1)
    rate = forms.IntegerField(label=_('Rate'), required=False, min_value=1, help_text=_('Devices per minute'))


class PolicyAdminBulkEditForm(PolicyBulkEditForm):
    fieldsets = (*PolicyBulkEditForm.fieldsets, FieldSet('run_as', name=_('Permissions')))

    run_as = DynamicModelChoiceField(label=_('Runs as'), queryset=User.objects.all(), required=False)


class PolicyImportForm(PolicyFieldsMixin, PrimaryModelImportForm):
    kind = CSVChoiceField(label=_('Kind'), choices=RunKindChoices)
    enabled = forms.BooleanField(label=_('Enabled'), required=False, help_text=_('Enabled unless it says otherwise'))

    class Meta:
        model = Policy
        fields = PolicyForm.Meta.fields

    def clean_enabled(self):
        # To a form, a check box that is not there is one that is not checked.
        return self.cleaned_data['enabled'] if self.data.get('enabled') not in (None, '') else True


class PolicyAdminImportForm(RunAsMixin, PolicyImportForm):
    run_as = CSVModelChoiceField(
        label=_('Runs as'),
        queryset=User.objects.all(),
        required=False,
        to_field_name='username',
        help_text=_('User name; you, if it is left out'),
    )

    class Meta(PolicyImportForm.Meta):
        fields = PolicyAdminForm.Meta.fields


class PolicyFilterForm(PrimaryModelFilterSetForm):
    model = Policy
    fieldsets = (
        FieldSet('q', 'filter_id', 'tag'),
        FieldSet('kind', 'enabled', 'run_as_id', name=_('Attributes')),
        FieldSet('scheduled', 'next_run__gte', 'next_run__lte', name=_('Schedule')),
        FieldSet('last_outcome', 'last_fired__gte', 'last_fired__lte', name=_('Last firing')),
        FieldSet('owner_group_id', 'owner_id', name=_('Ownership')),
    )

    kind = forms.MultipleChoiceField(label=_('Kind'), choices=RunKindChoices, required=False)
    enabled = forms.NullBooleanField(
        label=_('Enabled'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    run_as_id = DynamicModelMultipleChoiceField(label=_('Runs as'), queryset=User.objects.all(), required=False)
    scheduled = forms.NullBooleanField(
        label=_('Has a schedule'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    next_run__gte = forms.DateTimeField(label=_('Next run after'), required=False, widget=DateTimePicker())
    next_run__lte = forms.DateTimeField(label=_('Next run before'), required=False, widget=DateTimePicker())
    last_outcome = forms.MultipleChoiceField(label=_('Last outcome'), choices=error_choices, required=False)
    last_fired__gte = forms.DateTimeField(label=_('Last fired after'), required=False, widget=DateTimePicker())
    last_fired__lte = forms.DateTimeField(label=_('Last fired before'), required=False, widget=DateTimePicker())
    tag = TagFilterField(model)
