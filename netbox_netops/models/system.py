from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DatabaseOneToOneField, FoundModel

__all__ = ('SystemState',)


class SystemState(FoundModel):
    """What a target says it is: its system group (RFC 3418), and maker, model and software made out from it."""

    target = DatabaseOneToOneField(to='netbox_netops.Target', related_name='system', verbose_name=_('target'))
    name = models.CharField(verbose_name=_('name'), max_length=255, blank=True)
    description = models.TextField(verbose_name=_('description'), blank=True)
    object_id = models.CharField(verbose_name=_('object ID'), max_length=255, blank=True)
    contact = models.CharField(verbose_name=_('contact'), max_length=255, blank=True)
    location = models.CharField(verbose_name=_('location'), max_length=255, blank=True)
    vendor = models.CharField(verbose_name=_('vendor'), max_length=100, blank=True)
    model = models.CharField(verbose_name=_('model'), max_length=255, blank=True)
    os = models.CharField(verbose_name=_('operating system'), max_length=100, blank=True)
    os_version = models.CharField(verbose_name=_('software version'), max_length=255, blank=True)
    serial = models.CharField(verbose_name=_('serial number'), max_length=255, blank=True)

    class Meta:
        ordering = ('target_id',)
        verbose_name = _('system state')
        verbose_name_plural = _('system states')

    def __str__(self):
        return self.name or self.object_id
