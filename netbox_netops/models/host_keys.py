from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..choices import HostKeyStateChoices
from .base import DatabaseForeignKey, TargetChildModel

__all__ = ('HostKey',)


class HostKey(TargetChildModel):
    """A key by which a target proves over SSH who it is. Passwords are sent only to those that are trusted.

    While any is pending, because it is another one or because the address is, no password is sent to the target.
    """

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='host_keys', verbose_name=_('target'), db_index=False
    )
    type = models.CharField(verbose_name=_('type'), max_length=50)
    fingerprint = models.CharField(
        verbose_name=_('fingerprint'), max_length=100, help_text=_('As ssh-keygen shows it: SHA256:…')
    )
    public_key = models.TextField(verbose_name=_('public key'), blank=True)
    state = models.CharField(
        verbose_name=_('state'), max_length=20, choices=HostKeyStateChoices, default=HostKeyStateChoices.PENDING
    )
    address = models.GenericIPAddressField(
        verbose_name=_('address'), unpack_ipv4=True, blank=True, null=True, help_text=_('Where it was seen last')
    )
    first_seen = models.DateTimeField(verbose_name=_('first seen'))
    last_seen = models.DateTimeField(verbose_name=_('last seen'))
    approved_by = models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name='+',
        verbose_name=_('decided by'),
        blank=True,
        null=True,
    )
    approved = models.DateTimeField(
        verbose_name=_('decided'), blank=True, null=True, help_text=_('When somebody approved or rejected it')
    )

    class Meta:
        ordering = ('-last_seen', '-pk')
        verbose_name = _('host key')
        verbose_name_plural = _('host keys')
        permissions = [
            ('netops_approve_host_key', 'Approve or reject host keys'),
        ]
        indexes = (
            models.Index(fields=('-last_seen', '-id')),
            models.Index(fields=('state',)),
        )
        constraints = (models.UniqueConstraint(name='netops_host_key', fields=('target', 'fingerprint')),)

    def __str__(self):
        return f'{self.type} {self.fingerprint}'

    def get_state_color(self):
        return HostKeyStateChoices.colors.get(self.state)
