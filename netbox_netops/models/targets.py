from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ..choices import ReachabilityChoices, TargetStatusChoices
from ..querysets import TargetQuerySet
from .base import DatabaseForeignKey, RowModel

__all__ = ('Target',)


class Target(RowModel):
    """The cached operational record of one device or virtual machine.

    Built by `inventory.py` from NetBox and never edited by hand. Members of a virtual chassis that share the master's
    address are the master's target. When the object leaves the scope or is deleted the target is retired: its history
    stays, nothing is run on it any more.
    """

    device = models.OneToOneField(
        to='dcim.Device',
        on_delete=models.SET_NULL,
        related_name='netops_target',
        verbose_name=_('device'),
        blank=True,
        null=True,
    )
    virtual_machine = models.OneToOneField(
        to='virtualization.VirtualMachine',
        on_delete=models.SET_NULL,
        related_name='netops_target',
        verbose_name=_('virtual machine'),
        blank=True,
        null=True,
    )
    name = models.CharField(verbose_name=_('name'), max_length=255)
    status = models.CharField(
        verbose_name=_('status'),
        max_length=20,
        choices=TargetStatusChoices,
        default=TargetStatusChoices.ACTIVE,
    )
    address = models.GenericIPAddressField(
        verbose_name=_('address'),
        unpack_ipv4=True,
        blank=True,
        null=True,
        help_text=_('Primary IP address, else the out-of-band one, unless the config context names another'),
    )
    site = models.ForeignKey(
        to='dcim.Site',
        on_delete=models.SET_NULL,
        related_name='netops_targets',
        verbose_name=_('site'),
        blank=True,
        null=True,
    )
    tenant = models.ForeignKey(
        to='tenancy.Tenant',
        on_delete=models.SET_NULL,
        related_name='netops_targets',
        verbose_name=_('tenant'),
        blank=True,
        null=True,
    )
    role = models.ForeignKey(
        to='dcim.DeviceRole',
        on_delete=models.SET_NULL,
        related_name='netops_targets',
        verbose_name=_('role'),
        blank=True,
        null=True,
    )
    platform = models.ForeignKey(
        to='dcim.Platform',
        on_delete=models.SET_NULL,
        related_name='netops_targets',
        verbose_name=_('platform'),
        blank=True,
        null=True,
    )
    options = models.JSONField(
        verbose_name=_('options'),
        default=dict,
        blank=True,
        help_text=_('From the config context key "netops"'),
    )
    options_error = models.CharField(verbose_name=_('options error'), max_length=500, blank=True)
    snmp_credential = DatabaseForeignKey(
        to='netbox_netops.Credential',
        related_name='+',
        verbose_name=_('SNMP credential'),
        blank=True,
        null=True,
        help_text=_('The credential that worked last; it is tried first'),
    )
    reachability = models.CharField(
        verbose_name=_('reachability'),
        max_length=20,
        choices=ReachabilityChoices,
        default=ReachabilityChoices.UNKNOWN,
    )
    reachability_since = models.DateTimeField(verbose_name=_('reachability since'), blank=True, null=True)
    # The circuit breaker: how often in a row the device did not answer, and until when it is spared for that.
    failures = models.PositiveSmallIntegerField(verbose_name=_('failures in a row'), db_default=0, default=0)
    spared_until = models.DateTimeField(verbose_name=_('spared until'), blank=True, null=True)
    last_attempt_at = models.DateTimeField(verbose_name=_('last attempt'), blank=True, null=True)
    last_success_at = models.DateTimeField(verbose_name=_('last success'), blank=True, null=True)
    last_error = models.CharField(verbose_name=_('last error'), max_length=50, blank=True)
    latest_scan = DatabaseForeignKey(
        to='netbox_netops.ScanResult',
        related_name='+',
        verbose_name=_('latest scan'),
        blank=True,
        null=True,
        help_text=_('The newest scan that brought facts'),
    )
    created = models.DateTimeField(verbose_name=_('created'), auto_now_add=True)
    synced_at = models.DateTimeField(verbose_name=_('last changed by a sync'), blank=True, null=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ('name', 'pk')
        verbose_name = _('target')
        verbose_name_plural = _('targets')
        permissions = [
            ('netops_sync', 'Synchronize targets from NetBox'),
        ]
        indexes = (
            models.Index(fields=('name', 'id')),
            models.Index(fields=('address',)),
            models.Index(fields=('status', 'reachability')),
            # By what neighbours call a target: its name without the domain, and its address as text.
            models.Index(
                Lower(Func('name', Value('.'), Value(1), function='split_part')), name='netops_target_short_name'
            ),
            models.Index(Func('address', function='host'), name='netops_target_host'),
        )
        constraints = (
            models.CheckConstraint(
                name='netops_target_one_object',
                condition=(
                    Q(device__isnull=False, virtual_machine__isnull=True)
                    | Q(device__isnull=True, virtual_machine__isnull=False)
                    | Q(device__isnull=True, virtual_machine__isnull=True, status=TargetStatusChoices.RETIRED)
                ),
            ),
        )

    def __str__(self):
        return self.name

    @property
    def object(self):
        """The device or virtual machine, or None when it was deleted."""
        return self.device if self.device_id else self.virtual_machine

    def get_status_color(self):
        return TargetStatusChoices.colors.get(self.status)

    def get_reachability_color(self):
        return ReachabilityChoices.colors.get(self.reachability)
