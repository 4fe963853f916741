from django import forms
from django.utils.translation import gettext_lazy as _
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..models import Credential, Run, ScanResult
from .base import TargetChildFilterForm, error_choices

__all__ = ('ScanResultFilterForm',)


class ScanResultFilterForm(TargetChildFilterForm):
    model = ScanResult
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('ok', 'error_code', 'change_count__gte', 'first', 'run_id', 'credential_id', name=_('Attributes')),
        FieldSet('started__gte', 'started__lte', name=_('Time')),
        TargetChildFilterForm.target_fieldset,
    )

    ok = forms.NullBooleanField(
        label=_('Succeeded'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    change_count__gte = forms.IntegerField(label=_('Changes, at least'), required=False, min_value=0)
    first = forms.NullBooleanField(
        label=_('Baseline'),
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
