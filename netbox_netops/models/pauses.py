from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from utilities.querysets import RestrictedQuerySet

from ..choices import RunKindChoices
from .base import RowModel

__all__ = ('Pause',)


class Pause(RowModel):
    """That no work of this kind is started, fleet-wide, until the row is deleted. What is under way finishes."""

    kind = models.CharField(verbose_name=_('kind'), max_length=30, choices=RunKindChoices, unique=True)
    reason = models.CharField(verbose_name=_('reason'), max_length=200, blank=True)
    since = models.DateTimeField(verbose_name=_('since'), auto_now_add=True)
    paused_by = models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name='+',
        verbose_name=_('paused by'),
        blank=True,
        null=True,
    )

    objects = RestrictedQuerySet.as_manager()

    class Meta:
        ordering = ('kind',)
        verbose_name = _('pause')
        verbose_name_plural = _('pauses')

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse('plugins:netbox_netops:queue')
