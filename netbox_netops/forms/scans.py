from django import forms
from django.utils.translation import gettext_lazy as _
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..choices import InterfaceStatusChoices
from ..models import Credential, InterfaceState, Run, ScanResult
from .base import TargetChildFilterForm, error_choices

__all__ = (
    'InterfaceStateFilterForm',
    'ScanResultFilterForm',
)


class ScanResultFilterForm(TargetChildFilterForm):
    model = ScanResult
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('ok', 'error_code', 'run_id', 'credential_id', name=_('Attributes')),
        FieldSet('started__gte', 'started__lte', name=_('Time')),
        FieldSet('site_id', 'tenant_id', 'device_id', 'virtual_machine_id', name=_('Target')),
    )

    ok = forms.NullBooleanField(
        label=_('Succeeded'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    error_code = forms.MultipleChoiceField(label=_('Error'), choices=error_choices, required=False)
    run_id = DynamicModelMultipleChoiceField(label=_('Run'), queryset=Run.objects.all(), required=False)
    credential_id = DynamicModelMultipleChoiceField(
        label=_('Credential'), queryset=Credential.objects.all(), required=False
    )
    started__gte = forms.DateTimeField(label=_('Started after'), required=False, widget=DateTimePicker())
    started__lte = forms.DateTimeField(label=_('Started before'), required=False, widget=DateTimePicker())


class InterfaceStateFilterForm(TargetChildFilterForm):
    model = InterfaceState
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('name', 'alias', 'mac', name=_('Interface')),
        FieldSet('admin_status', 'oper_status', name=_('State')),
        FieldSet('site_id', 'tenant_id', 'device_id', 'virtual_machine_id', name=_('Target')),
    )

    name = forms.CharField(label=_('Name'), required=False)
    alias = forms.CharField(label=_('Alias'), required=False)
    mac = forms.CharField(label=_('MAC address'), required=False)
    admin_status = forms.MultipleChoiceField(label=_('Admin status'), choices=InterfaceStatusChoices, required=False)
    oper_status = forms.MultipleChoiceField(label=_('Oper status'), choices=InterfaceStatusChoices, required=False)
