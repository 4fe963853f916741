from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DatabaseForeignKey, FoundModel

__all__ = ('AddressState',)


class AddressState(FoundModel):
    """An IP address configured on a target. The same link-local address may be on several of its interfaces."""

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='addresses', verbose_name=_('target'), db_index=False
    )
    address = models.GenericIPAddressField(verbose_name=_('address'), unpack_ipv4=True)
    if_index = models.BigIntegerField(verbose_name=_('interface index'), blank=True, null=True)
    prefix_length = models.SmallIntegerField(verbose_name=_('prefix length'), blank=True, null=True)

    class Meta:
        ordering = ('target_id', 'address', 'if_index')
        verbose_name = _('address state')
        verbose_name_plural = _('address states')
        indexes = (models.Index(fields=('address',)),)
        constraints = (
            models.UniqueConstraint(
                name='netops_addressstate_unique', fields=('target', 'address', 'if_index'), nulls_distinct=False
            ),
        )

    def __str__(self):
        return self.address if self.prefix_length is None else f'{self.address}/{self.prefix_length}'
