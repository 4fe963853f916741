from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from netbox.models import PrimaryModel

from netops_worker.errors import ERRORS, NetOpsError
from netops_worker.secrets import check_reference

from ..choices import (
    AlgorithmChoices,
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ..protocols import FIELDS, PROTOCOLS, REFERENCES

__all__ = (
    'SCOPE_FIELDS',
    'Credential',
)

# Those of a config context that tell devices apart.
SCOPE_FIELDS = (
    *('regions', 'sites', 'locations', 'roles', 'platforms', 'tenant_groups', 'tenants', 'device_tags', 'devices'),
)

_LABEL = r'[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
# A name or an address, without scheme, port or path.
_HOST = RegexValidator(
    rf'(?ai)\A({_LABEL}(\.{_LABEL})*|[0-9a-f:]*:[0-9a-f:.]+)\Z',
    message=_('Enter the name or the address of a host, without a scheme, port or path.'),
)


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
    passphrase_reference = models.CharField(
        verbose_name=_('pass phrase reference'),
        max_length=200,
        blank=True,
        help_text=_('Where the pass phrase of the key is found, with the same provider; empty: the key has none'),
    )
    host = models.CharField(
        verbose_name=_('host'),
        max_length=253,
        blank=True,
        validators=(_HOST,),
        help_text=_('The name of the only host that the secret is ever sent to'),
    )
    port = models.PositiveIntegerField(
        verbose_name=_('port'),
        blank=True,
        null=True,
        validators=(MinValueValidator(1), MaxValueValidator(65535)),
        help_text=_('Empty: the usual one of the protocol'),
    )
    algorithms = models.CharField(
        verbose_name=_('algorithms'),
        max_length=20,
        choices=AlgorithmChoices,
        blank=True,
        help_text=_('Those of old devices are broken or weak: only where a device knows no others'),
    )
    enabled = models.BooleanField(verbose_name=_('enabled'), default=True)
    weight = models.PositiveSmallIntegerField(
        verbose_name=_('weight'),
        default=1000,
        validators=(MinValueValidator(1), MaxValueValidator(32767)),
        help_text=_('Of several credentials that apply, the one of the lowest weight is tried first'),
    )
    regions = models.ManyToManyField(to='dcim.Region', related_name='+', verbose_name=_('regions'), blank=True)
    sites = models.ManyToManyField(to='dcim.Site', related_name='+', verbose_name=_('sites'), blank=True)
    locations = models.ManyToManyField(to='dcim.Location', related_name='+', verbose_name=_('locations'), blank=True)
    roles = models.ManyToManyField(to='dcim.DeviceRole', related_name='+', verbose_name=_('roles'), blank=True)
    platforms = models.ManyToManyField(to='dcim.Platform', related_name='+', verbose_name=_('platforms'), blank=True)
    tenant_groups = models.ManyToManyField(
        to='tenancy.TenantGroup', related_name='+', verbose_name=_('tenant groups'), blank=True
    )
    tenants = models.ManyToManyField(to='tenancy.Tenant', related_name='+', verbose_name=_('tenants'), blank=True)
    # Not `tags`: those are the credential's own.
    device_tags = models.ManyToManyField(to='extras.Tag', related_name='+', verbose_name=_('device tags'), blank=True)
    devices = models.ManyToManyField(to='dcim.Device', related_name='+', verbose_name=_('devices'), blank=True)
    # Written by the results of checks, and when a scope loses its last object; never by a form.
    stopped = models.DateTimeField(
        verbose_name=_('stopped'),
        blank=True,
        null=True,
        editable=False,
        help_text=_('It is not used any more until somebody lets it go on'),
    )
    stopped_code = models.CharField(verbose_name=_('why stopped'), max_length=50, blank=True, editable=False)

    clone_fields = ('protocol', *FIELDS, 'provider', 'weight', 'enabled', *SCOPE_FIELDS)

    class Meta:
        ordering = ('weight', 'name')
        verbose_name = _('credential')
        verbose_name_plural = _('credentials')
        permissions = [
            ('netops_bind_secret', 'Bind a secret: reference, scope, protocol and host of a credential'),
        ]

    # NetBox would link a page of its own documentation that does not exist for plugins.
    docs_url = ''

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        # An unknown one is an error of the field itself.
        if (protocol := PROTOCOLS.get(self.protocol)) is None:
            return
        errors = {name: _('This field is required.') for name in protocol.missing(self)}
        if self.privacy_protocol and not self.auth_protocol and 'auth_protocol' in protocol.fields:
            errors['auth_protocol'] = _('There is no privacy without authentication.')
        errors |= {
            name: _('A credential of this protocol does not have this.')
            for name in FIELDS
            if name not in protocol.fields and getattr(self, name)
        }
        if errors:
            raise ValidationError(errors)
        for name in REFERENCES:
            if value := getattr(self, name):
                try:
                    check_reference(self.provider, value)
                except NetOpsError as error:
                    raise ValidationError({name: error.detail}, code=error.code) from None

    def save(self, *args, **kwargs):
        # Who says nothing about algorithms wants the usual ones.
        if not self.algorithms and 'algorithms' in PROTOCOLS[self.protocol].fields:
            self.algorithms = AlgorithmChoices.DEFAULT
            if (update_fields := kwargs.get('update_fields')) is not None:
                kwargs['update_fields'] = {*update_fields, 'algorithms'}
        super().save(*args, **kwargs)

    @property
    def parameters(self) -> dict:
        """What a worker needs besides the provider and `reference`, by the names of the fields."""
        names = PROTOCOLS[self.protocol].fields
        return {name: value for name in names if name != 'reference' and (value := getattr(self, name))}

    @property
    def stopped_error(self):
        """Why it was stopped (ErrorInfo), or None."""
        return ERRORS.get(self.stopped_code)

    def get_protocol_color(self):
        return CredentialProtocolChoices.colors.get(self.protocol)

    def get_provider_color(self):
        return SecretProviderChoices.colors.get(self.provider)

    def get_algorithms_color(self):
        return AlgorithmChoices.colors.get(self.algorithms)
