from django.db import models
from django.utils.translation import gettext_lazy as _

from netops_worker.errors import ERRORS

from ..choices import InterfaceStatusChoices
from .base import DatabaseForeignKey, TargetChildModel

__all__ = (
    'InterfaceState',
    'ScanResult',
)


class ScanResult(TargetChildModel):
    """One device-scan of one target: how it went, and the system group (RFC 3418) it read."""

    target = DatabaseForeignKey(to='netbox_netops.Target', related_name='scans', verbose_name=_('target'))
    run = DatabaseForeignKey(to='netbox_netops.Run', related_name='scans', verbose_name=_('run'), blank=True, null=True)
    credential = DatabaseForeignKey(
        to='netbox_netops.Credential', related_name='+', verbose_name=_('credential'), blank=True, null=True
    )
    ok = models.BooleanField(verbose_name=_('succeeded'))
    error_code = models.CharField(verbose_name=_('error code'), max_length=50, blank=True)
    error_detail = models.CharField(verbose_name=_('error detail'), max_length=500, blank=True)
    started = models.DateTimeField(verbose_name=_('started'))
    duration_ms = models.PositiveIntegerField(verbose_name=_('duration (ms)'))
    worker = models.CharField(verbose_name=_('worker'), max_length=100, blank=True)
    sys_name = models.CharField(verbose_name=_('system name'), max_length=255, blank=True)
    sys_description = models.TextField(verbose_name=_('system description'), blank=True)
    sys_object_id = models.CharField(verbose_name=_('system object ID'), max_length=255, blank=True)
    sys_contact = models.CharField(verbose_name=_('system contact'), max_length=255, blank=True)
    sys_location = models.CharField(verbose_name=_('system location'), max_length=255, blank=True)
    uptime_ticks = models.BigIntegerField(verbose_name=_('uptime (1/100 s)'), blank=True, null=True)
    interface_count = models.PositiveIntegerField(verbose_name=_('interfaces'), blank=True, null=True)

    class Meta:
        ordering = ('-started', '-pk')
        verbose_name = _('scan result')
        verbose_name_plural = _('scan results')
        indexes = (
            models.Index(fields=('-started', '-id')),
            models.Index(fields=('target', '-started')),
        )

    def __str__(self):
        # Without the target: printing a list must not cost a query per row, nor show what the reader may not view.
        return f'{self.started:%Y-%m-%d %H:%M:%S}'

    @property
    def error(self):
        """What the error code means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.error_code)


class InterfaceState(TargetChildModel):
    """One row of the interface table of a target (RFC 2863), as the newest scan saw it.

    A row is written only when something in it changed; when it was seen last is the time of the target's latest scan.
    """

    target = DatabaseForeignKey(to='netbox_netops.Target', related_name='interfaces', verbose_name=_('target'))
    index = models.BigIntegerField(verbose_name=_('index'))
    name = models.CharField(verbose_name=_('name'), max_length=255, blank=True)
    description = models.CharField(verbose_name=_('description'), max_length=255, blank=True)
    alias = models.CharField(verbose_name=_('alias'), max_length=255, blank=True)
    type = models.IntegerField(verbose_name=_('type'), blank=True, null=True)
    mtu = models.BigIntegerField(verbose_name=_('MTU'), blank=True, null=True)
    speed = models.BigIntegerField(verbose_name=_('speed (bit/s)'), blank=True, null=True)
    mac = models.CharField(verbose_name=_('MAC address'), max_length=17, blank=True)
    admin_status = models.SmallIntegerField(
        verbose_name=_('admin status'), choices=InterfaceStatusChoices, blank=True, null=True
    )
    oper_status = models.SmallIntegerField(
        verbose_name=_('oper status'), choices=InterfaceStatusChoices, blank=True, null=True
    )
    last_change = models.BigIntegerField(
        verbose_name=_('last change (1/100 s)'),
        blank=True,
        null=True,
        help_text=_('System uptime at which the interface entered its state'),
    )
    oper_since = models.DateTimeField(
        verbose_name=_('oper status since'), help_text=_('First scan that saw the current oper status')
    )
    changed_at = models.DateTimeField(verbose_name=_('last changed'))

    class Meta:
        ordering = ('target_id', 'index')
        verbose_name = _('interface state')
        verbose_name_plural = _('interface states')
        constraints = (models.UniqueConstraint(name='netops_interfacestate_unique', fields=('target', 'index')),)

    def __str__(self):
        return self.name or str(self.index)

    def get_admin_status_color(self):
        return InterfaceStatusChoices.colors.get(self.admin_status)

    def get_oper_status_color(self):
        return InterfaceStatusChoices.colors.get(self.oper_status)
