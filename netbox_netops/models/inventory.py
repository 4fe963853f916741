from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import PhysicalClassChoices
from .base import DatabaseForeignKey, FoundModel

__all__ = ('InventoryState',)


class InventoryState(FoundModel):
    """A physical entity of a target (ENTITY-MIB, RFC 6933): chassis, modules, power supplies, optics."""

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='inventory', verbose_name=_('target'), db_index=False
    )
    index = models.BigIntegerField(verbose_name=_('index'))
    parent = models.BigIntegerField(
        verbose_name=_('parent'), blank=True, null=True, help_text=_('Index of the entity that contains it')
    )
    physical_class = models.IntegerField(verbose_name=_('class'), choices=PhysicalClassChoices, blank=True, null=True)
    name = models.CharField(verbose_name=_('name'), max_length=255, blank=True)
    description = models.CharField(verbose_name=_('description'), max_length=255, blank=True)
    model = models.CharField(verbose_name=_('model'), max_length=255, blank=True)
    serial = models.CharField(verbose_name=_('serial number'), max_length=255, blank=True)
    hardware = models.CharField(verbose_name=_('hardware revision'), max_length=255, blank=True)
    firmware = models.CharField(verbose_name=_('firmware revision'), max_length=255, blank=True)
    software = models.CharField(verbose_name=_('software revision'), max_length=255, blank=True)
    manufacturer = models.CharField(verbose_name=_('manufacturer'), max_length=255, blank=True)
    vendor_type = models.CharField(verbose_name=_('vendor type'), max_length=255, blank=True)
    fru = models.BooleanField(verbose_name=_('field replaceable'), blank=True, null=True)

    class Meta:
        ordering = ('target_id', 'index')
        verbose_name = _('inventory state')
        verbose_name_plural = _('inventory states')
        indexes = (models.Index(fields=('serial',), condition=~models.Q(serial=''), name='netops_inventory_serial'),)
        constraints = (models.UniqueConstraint(name='netops_inventorystate_unique', fields=('target', 'index')),)

    def __str__(self):
        return self.name or self.description or str(self.index)

    def get_physical_class_color(self):
        return PhysicalClassChoices.colors.get(self.physical_class)
