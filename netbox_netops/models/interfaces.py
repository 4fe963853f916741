from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..choices import InterfaceStatusChoices
from .base import DatabaseForeignKey, FoundModel

__all__ = ('InterfaceState',)


class InterfaceState(FoundModel):
    """One row of the interface table of a target (RFC 2863), as the newest scan saw it."""

    # Switched on, and neither up nor waiting for something (dormant, testing) nor unknown.
    DOWN = Q(
        admin_status=InterfaceStatusChoices.UP,
        oper_status__in=(InterfaceStatusChoices.DOWN, InterfaceStatusChoices.LOWER_LAYER_DOWN),
    )

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='interfaces', verbose_name=_('target'), db_index=False
    )
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
        verbose_name=_('oper status since'),
        help_text=_('As the device tells; otherwise the first scan that saw the oper status'),
    )
    interface = DatabaseForeignKey(
        to='dcim.Interface',
        related_name='netops_states',
        verbose_name=_('interface'),
        blank=True,
        null=True,
        db_index=False,
    )
    vm_interface = DatabaseForeignKey(
        to='virtualization.VMInterface',
        related_name='netops_states',
        verbose_name=_('VM interface'),
        blank=True,
        null=True,
        db_index=False,
    )

    class Meta:
        ordering = ('target_id', 'index')
        verbose_name = _('interface state')
        verbose_name_plural = _('interface states')
        indexes = (
            models.Index(
                fields=('interface',), condition=models.Q(interface__isnull=False), name='netops_interface_link'
            ),
            models.Index(
                fields=('vm_interface',), condition=models.Q(vm_interface__isnull=False), name='netops_vminterface_link'
            ),
        )
        constraints = (models.UniqueConstraint(name='netops_interfacestate_unique', fields=('target', 'index')),)

    def __str__(self):
        return self.name or str(self.index)

    def get_admin_status_color(self):
        return InterfaceStatusChoices.colors.get(self.admin_status)

    def get_oper_status_color(self):
        return InterfaceStatusChoices.colors.get(self.oper_status)
