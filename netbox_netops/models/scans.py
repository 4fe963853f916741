from django.db import models
from django.utils.translation import gettext_lazy as _

from netops_worker.errors import ERRORS

from .base import DatabaseForeignKey, RowModel, TargetChildModel

__all__ = (
    'FamilyState',
    'ScanResult',
)


class ScanResult(TargetChildModel):
    """One device-scan of one target: how it went, and what it found changed. The facts themselves are state rows."""

    target = DatabaseForeignKey(to='netbox_netops.Target', related_name='scans', verbose_name=_('target'))
    run = DatabaseForeignKey(to='netbox_netops.Run', related_name='scans', verbose_name=_('run'), blank=True, null=True)
    credential = DatabaseForeignKey(
        to='netbox_netops.Credential', related_name='+', verbose_name=_('credential'), blank=True, null=True
    )
    ok = models.BooleanField(verbose_name=_('succeeded'))
    error_code = models.CharField(verbose_name=_('error code'), max_length=50, blank=True)
    error_detail = models.CharField(verbose_name=_('error detail'), max_length=500, blank=True)
    started = models.DateTimeField(verbose_name=_('started'))
    duration_ms = models.PositiveIntegerField(verbose_name=_('duration (ms)'))
    worker = models.CharField(verbose_name=_('worker'), max_length=100, blank=True)
    uptime_ticks = models.BigIntegerField(verbose_name=_('uptime (1/100 s)'), blank=True, null=True)
    first = models.BooleanField(
        verbose_name=_('first'), default=False, help_text=_('The baseline: nothing was known to compare with')
    )
    counts = models.JSONField(
        verbose_name=_('counts'), default=dict, blank=True, help_text=_('Number of rows by family')
    )
    problems = models.JSONField(
        verbose_name=_('problems'),
        default=list,
        blank=True,
        help_text=_('Families that could not be read completely: collector, code, detail'),
    )
    change_count = models.PositiveIntegerField(verbose_name=_('changes'), default=0)
    changes = models.JSONField(
        verbose_name=_('list of changes'),
        default=list,
        blank=True,
        help_text=_('The first 200: family, key, field, old, new'),
    )

    class Meta:
        ordering = ('-started', '-pk')
        verbose_name = _('scan result')
        verbose_name_plural = _('scan results')
        indexes = (
            models.Index(fields=('-started', '-id')),
            models.Index(fields=('target', '-started')),
        )

    def __str__(self):
        # Without the target: printing a list must not cost a query per row, nor show what the reader may not view.
        return f'{self.started:%Y-%m-%d %H:%M:%S}'

    @property
    def error(self):
        """What the error code means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.error_code)

    @property
    def interface_count(self) -> int | None:
        return self.counts.get('interfaces')


class FamilyState(RowModel):
    """When a family of a target was last compared row by row after a complete read, and what it was then.

    A scan that brings the same again is not compared: nothing can have changed. `digest`: of the values, '' when
    unknown. `clocks`: seconds since the epoch at which sessions were established, as hexadecimal 64-bit integers.
    """

    # Bookkeeping: nobody needs a permission for it.
    _netbox_private = True

    target = DatabaseForeignKey(to='netbox_netops.Target', related_name='+', db_index=False)
    family = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, blank=True)
    clocks = models.TextField(blank=True)
    merged_at = models.DateTimeField()

    class Meta:
        ordering = ('target_id', 'family')
        constraints = (models.UniqueConstraint(name='netops_familystate_unique', fields=('target', 'family')),)
