from django.db import models
from django.utils.translation import gettext_lazy as _

from netops_worker.errors import ERRORS

from .base import DatabaseForeignKey, TargetChildModel

__all__ = ('SecretAccess',)


class SecretAccess(TargetChildModel):
    """That a worker asked a provider for a secret: for which credential and target, and with which outcome.

    Never the secret. The names stay when what they name is deleted.
    """

    time = models.DateTimeField(verbose_name=_('time'))
    credential = DatabaseForeignKey(
        to='netbox_netops.Credential', related_name='+', verbose_name=_('credential'), blank=True, null=True
    )
    credential_name = models.CharField(verbose_name=_('name of the credential'), max_length=100, blank=True)
    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='+', verbose_name=_('target'), blank=True, null=True
    )
    target_name = models.CharField(verbose_name=_('name of the target'), max_length=255, blank=True)
    run = DatabaseForeignKey(to='netbox_netops.Run', related_name='+', verbose_name=_('run'), blank=True, null=True)
    user = models.CharField(
        verbose_name=_('user'), max_length=150, blank=True, help_text=_('Who had asked for the run')
    )
    worker = models.CharField(verbose_name=_('worker'), max_length=100, blank=True)
    provider = models.CharField(
        verbose_name=_('provider'), max_length=20, blank=True, help_text=_('The one that answered')
    )
    code = models.CharField(
        verbose_name=_('outcome'), max_length=50, blank=True, help_text=_('Empty: the secret was found')
    )
    milliseconds = models.PositiveIntegerField(verbose_name=_('duration (ms)'), blank=True, null=True)

    class Meta:
        ordering = ('-time', '-pk')
        verbose_name = _('secret access')
        verbose_name_plural = _('secret accesses')
        indexes = (models.Index(fields=('-time', '-id')),)

    def __str__(self):
        return f'{self.time:%Y-%m-%d %H:%M:%S}'

    @property
    def error(self):
        """What the outcome means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.code)
