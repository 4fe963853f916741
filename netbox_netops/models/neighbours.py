from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import NeighbourProtocolChoices
from .base import DatabaseForeignKey, FoundModel

__all__ = ('NeighbourState',)


class NeighbourState(FoundModel):
    """What a target hears from the device at the other end of a link, by LLDP or CDP."""

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='neighbours', verbose_name=_('target'), db_index=False
    )
    protocol = models.CharField(verbose_name=_('protocol'), max_length=10, choices=NeighbourProtocolChoices)
    if_index = models.BigIntegerField(verbose_name=_('interface index'), blank=True, null=True)
    # Part of the unique index, whose entries PostgreSQL limits to 2700 bytes: three times 200 characters of UTF-8.
    local_port = models.CharField(verbose_name=_('local port'), max_length=200, blank=True)
    chassis_id = models.CharField(verbose_name=_('chassis ID'), max_length=200, blank=True)
    port_id = models.CharField(verbose_name=_('port ID'), max_length=200, blank=True)
    port_description = models.CharField(verbose_name=_('port description'), max_length=255, blank=True)
    system_name = models.CharField(verbose_name=_('system name'), max_length=255, blank=True)
    system_description = models.TextField(verbose_name=_('system description'), blank=True)
    address = models.CharField(verbose_name=_('address'), max_length=100, blank=True)
    platform = models.CharField(verbose_name=_('platform'), max_length=255, blank=True)

    class Meta:
        ordering = ('target_id', 'if_index', 'local_port', 'pk')
        verbose_name = _('neighbour state')
        verbose_name_plural = _('neighbour states')
        constraints = (
            models.UniqueConstraint(
                name='netops_neighbourstate_unique',
                fields=('target', 'protocol', 'if_index', 'local_port', 'chassis_id', 'port_id'),
                nulls_distinct=False,
            ),
        )

    def __str__(self):
        return self.system_name or self.chassis_id

    def get_protocol_color(self):
        return NeighbourProtocolChoices.colors.get(self.protocol)
