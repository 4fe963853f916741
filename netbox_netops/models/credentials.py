from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from netbox.models import PrimaryModel

from netops_worker.errors import NetOpsError
from netops_worker.secrets import check_reference

from ..choices import (
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)

__all__ = (
    'SNMP_V3_FIELDS',
    'Credential',
)

SNMP_V3_FIELDS = ('username', 'auth_protocol', 'privacy_protocol', 'privacy_reference', 'context_name')


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
        blank=True,
        help_text=_(
            'Where the secret is found, never the secret itself: the name of an environment variable of the worker '
            '(NETOPS_SECRET_…), or a path below the directory that the administrator set aside'
        ),
    )
    username = models.CharField(verbose_name=_('user name'), max_length=64, blank=True)
    auth_protocol = models.CharField(
        verbose_name=_('authentication'),
        max_length=20,
        choices=AuthProtocolChoices,
        blank=True,
        help_text=_('The secret reference is that of its pass phrase'),
    )
    privacy_protocol = models.CharField(
        verbose_name=_('privacy'),
        max_length=20,
        choices=PrivacyProtocolChoices,
        blank=True,
        help_text=_('-C: with the keys that Cisco devices extend in their own way'),
    )
    privacy_reference = models.CharField(
        verbose_name=_('privacy secret reference'),
        max_length=200,
        blank=True,
        help_text=_('Where the pass phrase for privacy is found, with the same provider'),
    )
    context_name = models.CharField(verbose_name=_('context name'), max_length=64, blank=True)
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

    clone_fields = (
        'protocol',
        *SNMP_V3_FIELDS,
        'provider',
        'weight',
        'enabled',
        'sites',
        'tenants',
        'roles',
        'platforms',
    )

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
        required = {
            # A user of SNMP v3 may do without authentication.
            'reference': self.protocol != CredentialProtocolChoices.SNMP_V3 or self.auth_protocol,
            'privacy_reference': self.privacy_protocol,
            'username': self.protocol == CredentialProtocolChoices.SNMP_V3,
        }
        errors = {name: _('This field is required.') for name, is_required in required.items()
                  if is_required and not getattr(self, name)}  # fmt: skip
        if self.protocol == CredentialProtocolChoices.SNMP_V3:
            if self.privacy_protocol and not self.auth_protocol:
                errors['auth_protocol'] = _('There is no privacy without authentication.')
        else:
            errors |= {name: _('Only a user of SNMP v3 has this.') for name in SNMP_V3_FIELDS if getattr(self, name)}
        if errors:
            raise ValidationError(errors)
        for name in ('reference', 'privacy_reference'):
            if value := getattr(self, name):
                try:
                    check_reference(self.provider, value)
                except NetOpsError as error:
                    raise ValidationError({name: error.detail}, code=error.code) from None

    @property
    def parameters(self) -> dict:
        """What a worker needs besides the secrets, by the names that `security_for` expects."""
        return {name: value for name in SNMP_V3_FIELDS if (value := getattr(self, name))}

    def get_protocol_color(self):
        return CredentialProtocolChoices.colors.get(self.protocol)

    def get_provider_color(self):
        return SecretProviderChoices.colors.get(self.provider)
