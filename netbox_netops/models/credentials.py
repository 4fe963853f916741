from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from netbox.models import PrimaryModel

from netops_worker.errors import NetOpsError
from netops_worker.secrets import check_reference

from ..choices import CredentialProtocolChoices, SecretProviderChoices

__all__ = ('Credential',)


class Credential(PrimaryModel):
    """How to log in to the devices in its scope: protocol, parameters, and a *reference* to the secret.

    The secret itself is never stored: the process that uses it asks the provider at the last moment.
    """

    name = models.CharField(verbose_name=_('name'), max_length=100, unique=True)
    protocol = models.CharField(
        verbose_name=_('protocol'),
        max_length=20,
        choices=CredentialProtocolChoices,
        default=CredentialProtocolChoices.SNMP_V2C,
    )
    provider = models.CharField(
        verbose_name=_('secret provider'),
        max_length=20,
        choices=SecretProviderChoices,
        default=SecretProviderChoices.ENVIRONMENT,
    )
    reference = models.CharField(
        verbose_name=_('secret reference'),
        max_length=200,
        help_text=_(
            'Where the secret is found, never the secret itself: the name of an environment variable of the worker '
            '(NETOPS_SECRET_…), or a path below the directory that the administrator set aside'
        ),
    )
    enabled = models.BooleanField(verbose_name=_('enabled'), default=True)
    weight = models.PositiveSmallIntegerField(
        verbose_name=_('weight'),
        default=1000,
        validators=(MinValueValidator(1), MaxValueValidator(32767)),
        help_text=_('Of several credentials that apply, the one of the lowest weight is tried first'),
    )
    sites = models.ManyToManyField(to='dcim.Site', related_name='+', verbose_name=_('sites'), blank=True)
    tenants = models.ManyToManyField(to='tenancy.Tenant', related_name='+', verbose_name=_('tenants'), blank=True)
    roles = models.ManyToManyField(to='dcim.DeviceRole', related_name='+', verbose_name=_('roles'), blank=True)
    platforms = models.ManyToManyField(to='dcim.Platform', related_name='+', verbose_name=_('platforms'), blank=True)

    clone_fields = ('protocol', 'provider', 'weight', 'enabled', 'sites', 'tenants', 'roles', 'platforms')

    class Meta:
        ordering = ('weight', 'name')
        verbose_name = _('credential')
        verbose_name_plural = _('credentials')

    # NetBox would link a page of its own documentation that does not exist for plugins.
    docs_url = ''

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        try:
            check_reference(self.provider, self.reference)
        except NetOpsError as error:
            raise ValidationError({'reference': error.detail}, code=error.code) from None

    def get_protocol_color(self):
        return CredentialProtocolChoices.colors.get(self.protocol)

    def get_provider_color(self):
        return SecretProviderChoices.colors.get(self.provider)
