"""What checks of credentials found: whether a device takes each of them, since when, and what changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from netops_worker.errors import ERRORS

from ..choices import VerdictChoices
from .base import DatabaseForeignKey, TargetChildModel

__all__ = (
    'CredentialChange',
    'CredentialStatus',
)


class CredentialStatus(TargetChildModel):
    """Whether a target takes a credential, by the newest check that tried it.

    `rejections` counts refusals in a row that speak against the credential; what ended before the login, such as a
    host key that changed, does not. Until `paused_until` the credential is not tried on this target.
    """

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='credential_statuses', verbose_name=_('target'), db_index=False
    )
    credential = DatabaseForeignKey(
        to='netbox_netops.Credential', related_name='statuses', verbose_name=_('credential'), db_index=False
    )
    verdict = models.CharField(verbose_name=_('verdict'), max_length=20, choices=VerdictChoices)
    code = models.CharField(verbose_name=_('reason'), max_length=50, blank=True)
    detail = models.CharField(verbose_name=_('detail'), max_length=500, blank=True)
    stage = models.PositiveSmallIntegerField(
        verbose_name=_('stage'), default=1, help_text=_('1: key exchange and login; 2: a session with the prompt')
    )
    latency_ms = models.PositiveIntegerField(verbose_name=_('latency (ms)'), blank=True, null=True)
    server = models.JSONField(
        verbose_name=_('server'),
        default=dict,
        blank=True,
        help_text=_('What the SSH server said of itself, and which algorithms were agreed on'),
    )
    checked = models.DateTimeField(verbose_name=_('checked'))
    since = models.DateTimeField(verbose_name=_('since'), help_text=_('First check with this verdict and reason'))
    rejections = models.PositiveSmallIntegerField(verbose_name=_('rejections in a row'), default=0)
    paused_until = models.DateTimeField(verbose_name=_('paused until'), blank=True, null=True)
    run = DatabaseForeignKey(
        to='netbox_netops.Run', related_name='credential_statuses', verbose_name=_('run'), blank=True, null=True
    )

    class Meta:
        ordering = ('-checked', '-pk')
        verbose_name = _('credential status')
        verbose_name_plural = _('credential statuses')
        indexes = (
            models.Index(fields=('-checked', '-id')),
            models.Index(fields=('credential', 'verdict')),
        )
        constraints = (models.UniqueConstraint(name='netops_credential_status', fields=('target', 'credential')),)

    def __str__(self):
        # Without target and credential: printing a list must not cost a query per row, nor name what is not for all.
        return f'{self.get_verdict_display()} {self.checked:%Y-%m-%d %H:%M:%S}'

    @property
    def error(self):
        """What the reason means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.code)

    def get_verdict_color(self):
        return VerdictChoices.colors.get(self.verdict)


class CredentialChange(TargetChildModel):
    """That a check found another verdict or reason than the one before it. The first verdict has none before."""

    target = DatabaseForeignKey(
        to='netbox_netops.Target', related_name='credential_changes', verbose_name=_('target'), db_index=False
    )
    credential = DatabaseForeignKey(
        to='netbox_netops.Credential', related_name='changes', verbose_name=_('credential'), db_index=False
    )
    time = models.DateTimeField(verbose_name=_('time'))
    old_verdict = models.CharField(verbose_name=_('verdict before'), max_length=20, choices=VerdictChoices, blank=True)
    old_code = models.CharField(verbose_name=_('reason before'), max_length=50, blank=True)
    verdict = models.CharField(verbose_name=_('verdict'), max_length=20, choices=VerdictChoices)
    code = models.CharField(verbose_name=_('reason'), max_length=50, blank=True)
    run = DatabaseForeignKey(
        to='netbox_netops.Run', related_name='credential_changes', verbose_name=_('run'), blank=True, null=True
    )

    class Meta:
        ordering = ('-time', '-pk')
        verbose_name = _('credential change')
        verbose_name_plural = _('credential changes')
        indexes = (
            models.Index(fields=('-time', '-id')),
            models.Index(fields=('target', '-time')),
            models.Index(fields=('credential', '-time')),
        )

    def __str__(self):
        return f'{self.get_verdict_display()} {self.time:%Y-%m-%d %H:%M:%S}'

    @property
    def error(self):
        """What the reason means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.code)

    def get_verdict_color(self):
        return VerdictChoices.colors.get(self.verdict)

    def get_old_verdict_color(self):
        return VerdictChoices.colors.get(self.old_verdict)
