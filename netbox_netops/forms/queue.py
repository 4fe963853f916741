from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Pause

__all__ = ('PauseForm',)


class PauseForm(forms.ModelForm):
    class Meta:
        model = Pause
        fields = ('reason',)
        help_texts = {'reason': _('Shown to everybody whose work waits')}
