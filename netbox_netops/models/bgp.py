from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..choices import BGPStateChoices
from .base import DatabaseForeignKey, FoundModel

__all__ = ('BGPPeerState',)


class BGPPeerState(FoundModel):
    """A BGP session of a target, as BGP4-MIB (RFC 4273) or the vendor's own MIB shows it.

    Counters and the clock of the session are kept current without counting as a change.
    """

    # What somebody should look at. What is unknown is not down.
    DOWN = Q(state__lt=BGPStateChoices.ESTABLISHED) & (Q(enabled=True) | Q(enabled__isnull=True))

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='bgp_peers', verbose_name=_('target'), db_index=False
    )
    vrf = models.CharField(verbose_name=_('VRF'), max_length=200, blank=True)
    address = models.CharField(
        verbose_name=_('peer address'), max_length=100, help_text=_('With the zone where it is link-local')
    )
    remote_as = models.BigIntegerField(verbose_name=_('remote AS'), blank=True, null=True)
    local_as = models.BigIntegerField(verbose_name=_('local AS'), blank=True, null=True)
    local_address = models.CharField(verbose_name=_('local address'), max_length=100, blank=True)
    router_id = models.CharField(verbose_name=_('peer router ID'), max_length=100, blank=True)
    state = models.SmallIntegerField(verbose_name=_('state'), choices=BGPStateChoices, blank=True, null=True)
    enabled = models.BooleanField(verbose_name=_('enabled'), blank=True, null=True)
    state_since = models.DateTimeField(
        verbose_name=_('state since'),
        help_text=_('When the session was established, else the first scan that saw the current state'),
    )
    established_at = models.DateTimeField(verbose_name=_('established at'), blank=True, null=True)
    transitions = models.BigIntegerField(verbose_name=_('transitions'), blank=True, null=True)
    prefixes_accepted = models.BigIntegerField(verbose_name=_('prefixes accepted'), blank=True, null=True)
    prefixes_advertised = models.BigIntegerField(verbose_name=_('prefixes advertised'), blank=True, null=True)
    last_error = models.CharField(
        verbose_name=_('last error'), max_length=20, blank=True, help_text=_('Code and subcode of the NOTIFICATION')
    )
    description = models.CharField(verbose_name=_('description'), max_length=255, blank=True)
    mib = models.CharField(verbose_name=_('MIB'), max_length=50, blank=True)

    class Meta:
        ordering = ('target_id', 'vrf', 'address')
        verbose_name = _('BGP peer state')
        verbose_name_plural = _('BGP peer states')
        indexes = (models.Index(fields=('address',)), models.Index(fields=('state',)))
        constraints = (models.UniqueConstraint(name='netops_bgppeerstate_unique', fields=('target', 'vrf', 'address')),)

    def __str__(self):
        return f'{self.vrf} {self.address}'.strip()

    def get_state_color(self):
        if self.enabled is False:
            return 'gray'
        return BGPStateChoices.colors.get(self.state)
