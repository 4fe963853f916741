from django.db import models
from django.utils.translation import gettext_lazy as _
from netbox.models import PrimaryModel

__all__ = (
    'Gateway',
    'GatewaySite',
)


class Gateway(PrimaryModel):
    """A group of external workers at a POP: they alone operate the devices of the sites assigned to it."""

    name = models.CharField(verbose_name=_('name'), max_length=100, unique=True)
    slug = models.SlugField(verbose_name=_('slug'), max_length=100, unique=True)
    enabled = models.BooleanField(
        verbose_name=_('enabled'),
        default=True,
        help_text=_('While it is not, the workers inside of NetBox operate the devices of its sites'),
    )
    sites = models.ManyToManyField(
        to='dcim.Site',
        through='netbox_netops.GatewaySite',
        related_name='+',
        verbose_name=_('sites'),
        blank=True,
    )
    last_seen = models.DateTimeField(verbose_name=_('last seen'), blank=True, null=True, editable=False)
    last_worker = models.CharField(verbose_name=_('last worker'), max_length=100, blank=True, editable=False)

    class Meta:
        ordering = ('name',)
        verbose_name = _('gateway')
        verbose_name_plural = _('gateways')
        permissions = [
            ('netops_serve', 'Claim work of a gateway and report its results'),
        ]

    clone_fields = ('enabled',)

    # NetBox would link a page of its own documentation that does not exist for plugins.
    docs_url = ''

    def __str__(self):
        return self.name

    def serialize_object(self, exclude=None):
        # Django leaves out relations with a model of their own between; the changelog would not have the sites.
        data = super().serialize_object(exclude=exclude)
        if 'sites' not in (exclude or ()):
            data['sites'] = sorted(self.sites.order_by().values_list('pk', flat=True))
        return data


class GatewaySite(models.Model):
    """That a gateway serves a site. A site has one gateway at most."""

    gateway = models.ForeignKey(to=Gateway, on_delete=models.CASCADE, related_name='+', verbose_name=_('gateway'))
    site = models.OneToOneField(to='dcim.Site', on_delete=models.CASCADE, related_name='+', verbose_name=_('site'))

    _netbox_private = True

    class Meta:
        ordering = ('gateway', 'site')
        verbose_name = _('gateway site')
        verbose_name_plural = _('gateway sites')

    def __str__(self):
        return f'{self.gateway}: {self.site}'
