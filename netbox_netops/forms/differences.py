from django import forms
from django.utils.translation import gettext_lazy as _
from utilities.forms.constants import BOOLEAN_WITH_BLANK_CHOICES
from utilities.forms.rendering import FieldSet
from utilities.forms.widgets import DateTimePicker

from ..choices import DifferenceKindChoices
from ..models import Difference
from .base import TargetChildFilterForm

__all__ = ('DifferenceFilterForm',)


class DifferenceFilterForm(TargetChildFilterForm):
    model = Difference
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('kind', 'applicable', 'ignored', 'first_seen__gte', 'first_seen__lte', name=_('Difference')),
        TargetChildFilterForm.target_fieldset,
    )

    kind = forms.MultipleChoiceField(label=_('Kind'), choices=DifferenceKindChoices, required=False)
    applicable = forms.NullBooleanField(
        label=_('Applicable'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    ignored = forms.NullBooleanField(
        label=_('Ignored'),
        required=False,
        widget=forms.Select(choices=BOOLEAN_WITH_BLANK_CHOICES),
    )
    first_seen__gte = forms.DateTimeField(label=_('First seen after'), required=False, widget=DateTimePicker())
    first_seen__lte = forms.DateTimeField(label=_('First seen before'), required=False, widget=DateTimePicker())
