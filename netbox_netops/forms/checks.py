from django import forms
from django.utils.translation import gettext_lazy as _
from users.models import User
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..choices import HostKeyStateChoices, SecretProviderChoices, VerdictChoices
from ..models import Credential, CredentialChange, CredentialStatus, HostKey, Run, SecretAccess
from .base import TargetChildFilterForm, error_choices

__all__ = (
    'CredentialChangeFilterForm',
    'CredentialStatusFilterForm',
    'HostKeyFilterForm',
    'SecretAccessFilterForm',
)


class _OfCredentialForm(TargetChildFilterForm):
    credential_id = DynamicModelMultipleChoiceField(
        label=_('Credential'), queryset=Credential.objects.all(), required=False
    )
    run_id = DynamicModelMultipleChoiceField(label=_('Run'), queryset=Run.objects.all(), required=False)


class CredentialStatusFilterForm(_OfCredentialForm):
    model = CredentialStatus
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('verdict', 'code', 'paused', 'credential_id', 'run_id', name=_('Attributes')),
        FieldSet('checked__gte', 'checked__lte', name=_('Time')),
        TargetChildFilterForm.target_fieldset,
    )

    verdict = forms.MultipleChoiceField(label=_('Verdict'), choices=VerdictChoices, required=False)
    code = forms.MultipleChoiceField(label=_('Reason'), choices=error_choices, required=False)
    paused = forms.NullBooleanField(
        label=_('Paused'), required=False, widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES)
    )
    checked__gte = forms.DateTimeField(label=_('Checked after'), required=False, widget=DateTimePicker())
    checked__lte = forms.DateTimeField(label=_('Checked before'), required=False, widget=DateTimePicker())


class CredentialChangeFilterForm(_OfCredentialForm):
    model = CredentialChange
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('verdict', 'old_verdict', 'code', 'credential_id', 'run_id', name=_('Attributes')),
        FieldSet('time__gte', 'time__lte', name=_('Time')),
        TargetChildFilterForm.target_fieldset,
    )

    verdict = forms.MultipleChoiceField(label=_('Verdict'), choices=VerdictChoices, required=False)
    old_verdict = forms.MultipleChoiceField(label=_('Verdict before'), choices=VerdictChoices, required=False)
    code = forms.MultipleChoiceField(label=_('Reason'), choices=error_choices, required=False)
    time__gte = forms.DateTimeField(label=_('After'), required=False, widget=DateTimePicker())
    time__lte = forms.DateTimeField(label=_('Before'), required=False, widget=DateTimePicker())


class HostKeyFilterForm(TargetChildFilterForm):
    model = HostKey
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('state', 'type', 'fingerprint', 'address', 'approved_by_id', name=_('Attributes')),
        FieldSet('first_seen__gte', 'last_seen__gte', name=_('Time')),
        TargetChildFilterForm.target_fieldset,
    )

    state = forms.MultipleChoiceField(label=_('State'), choices=HostKeyStateChoices, required=False)
    type = forms.CharField(label=_('Type'), required=False)
    fingerprint = forms.CharField(label=_('Fingerprint'), required=False)
    address = forms.CharField(label=_('Address or prefix'), required=False)
    approved_by_id = DynamicModelMultipleChoiceField(label=_('Decided by'), queryset=User.objects.all(), required=False)
    first_seen__gte = forms.DateTimeField(label=_('First seen after'), required=False, widget=DateTimePicker())
    last_seen__gte = forms.DateTimeField(label=_('Last seen after'), required=False, widget=DateTimePicker())


class SecretAccessFilterForm(_OfCredentialForm):
    model = SecretAccess
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('resolved', 'code', 'provider', 'credential_id', 'run_id', 'user', 'worker', name=_('Attributes')),
        FieldSet('time__gte', 'time__lte', name=_('Time')),
        TargetChildFilterForm.target_fieldset,
    )

    resolved = forms.NullBooleanField(
        label=_('Found'), required=False, widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES)
    )
    code = forms.MultipleChoiceField(label=_('Outcome'), choices=error_choices, required=False)
    provider = forms.MultipleChoiceField(label=_('Provider'), choices=SecretProviderChoices, required=False)
    user = forms.CharField(label=_('User'), required=False)
    worker = forms.CharField(label=_('Worker'), required=False)
    time__gte = forms.DateTimeField(label=_('After'), required=False, widget=DateTimePicker())
    time__lte = forms.DateTimeField(label=_('Before'), required=False, widget=DateTimePicker())
