from django import forms
from django.utils.translation import gettext_lazy as _
from users.models import User
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..choices import RunKindChoices, RunStatusChoices, RunTargetStateChoices
from ..models import Gateway, Policy, Run, RunTarget
from .base import StateFilterForm, TargetChildFilterForm, error_choices

__all__ = (
    'RunFilterForm',
    'RunTargetFilterForm',
)


def waiting_choices() -> list[tuple[str, str]]:
    """What a run target may wait for."""
    return [choice for choice in error_choices() if choice[0].startswith('waiting:')]


class RunFilterForm(StateFilterForm):
    model = Run
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet(
            *('kind', 'status', 'active', 'interactive', 'policy_id', 'requested_by_id', 'reason'), name=_('Attributes')
        ),
        FieldSet('created__gte', 'created__lte', name=_('Time')),
    )

    kind = forms.MultipleChoiceField(label=_('Kind'), choices=RunKindChoices, required=False)
    status = forms.MultipleChoiceField(label=_('Status'), choices=RunStatusChoices, required=False)
    active = forms.NullBooleanField(
        label=_('Queued or running'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    interactive = forms.NullBooleanField(
        label=_('Interactive'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    requested_by_id = DynamicModelMultipleChoiceField(
        label=_('Requested by'), queryset=User.objects.all(), required=False
    )
    policy_id = DynamicModelMultipleChoiceField(label=_('Policy'), queryset=Policy.objects.all(), required=False)
    reason = forms.CharField(label=_('Reason'), required=False)
    created__gte = forms.DateTimeField(label=_('Created after'), required=False, widget=DateTimePicker())
    created__lte = forms.DateTimeField(label=_('Created before'), required=False, widget=DateTimePicker())


class RunTargetFilterForm(TargetChildFilterForm):
    model = RunTarget
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('run_id', 'kind', 'state', 'blocked', 'error_code', 'gateway_id', 'worker', name=_('Attributes')),
        TargetChildFilterForm.target_fieldset,
    )

    run_id = DynamicModelMultipleChoiceField(label=_('Run'), queryset=Run.objects.all(), required=False)
    kind = forms.MultipleChoiceField(label=_('Kind'), choices=RunKindChoices, required=False)
    state = forms.MultipleChoiceField(label=_('State'), choices=RunTargetStateChoices, required=False)
    gateway_id = DynamicModelMultipleChoiceField(label=_('Gateway'), queryset=Gateway.objects.all(), required=False)
    blocked = forms.MultipleChoiceField(label=_('Waits for'), choices=waiting_choices, required=False)
    error_code = forms.MultipleChoiceField(label=_('Error'), choices=error_choices, required=False)
    worker = forms.CharField(label=_('Worker'), required=False)
