from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from netbox.models import PrimaryModel

from netops_worker.errors import NetOpsError

from ..choices import RunKindChoices
from ..kinds import KINDS
from ..options import check_run_options
from ..schedule import check_cron, next_time
from .base import DatabaseForeignKey

__all__ = ('Policy',)

# What the schedule depends on, and what firing writes.
_SCHEDULE = ('enabled', 'cron', 'interval')
_FIRING = ('next_run', 'last_run', 'last_fired', 'last_outcome')


class Policy(PrimaryModel):
    """What to run, on which devices, with which options, when, under which limits, and with whose permissions.

    Without a schedule it runs only when somebody, or an event rule, asks for it.
    """

    name = models.CharField(verbose_name=_('name'), max_length=100, unique=True)
    enabled = models.BooleanField(verbose_name=_('enabled'), default=True)
    kind = models.CharField(verbose_name=_('kind'), max_length=30, choices=RunKindChoices)
    options = models.JSONField(
        verbose_name=_('options'), default=dict, blank=True, help_text=_('Options of the run, as JSON')
    )
    device_filter = models.JSONField(
        verbose_name=_('device filter'),
        blank=True,
        null=True,
        help_text=_('Filters of the device list, as JSON: {"site": ["spo1"], "role": ["edge-router"]}'),
    )
    machine_filter = models.JSONField(
        verbose_name=_('virtual machine filter'),
        blank=True,
        null=True,
        help_text=_('Filters of the list of virtual machines, as JSON'),
    )
    cron = models.CharField(
        verbose_name=_('cron expression'),
        max_length=100,
        blank=True,
        help_text=_('Minute, hour, day of the month, month, day of the week, in the time zone of NetBox: 0 3 * * *'),
    )
    interval = models.PositiveIntegerField(
        verbose_name=_('interval'),
        blank=True,
        null=True,
        validators=(MinValueValidator(1), MaxValueValidator(366 * 24 * 60)),
        help_text=_('Minutes from one start to the next; instead of a cron expression'),
    )
    concurrency = models.PositiveIntegerField(
        verbose_name=_('concurrency'),
        blank=True,
        null=True,
        validators=(MinValueValidator(1),),
        help_text=_('Devices at work at the same time, at most, over all runs of this policy'),
    )
    rate = models.PositiveIntegerField(
        verbose_name=_('rate'),
        blank=True,
        null=True,
        validators=(MinValueValidator(1),),
        help_text=_('Devices started per minute, at most, over all runs of this policy'),
    )
    run_as = models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name='+',
        verbose_name=_('runs as'),
        help_text=_('The user whose permissions apply, checked whenever the policy acts'),
    )
    next_run = models.DateTimeField(verbose_name=_('next run'), blank=True, null=True, editable=False)
    last_run = DatabaseForeignKey(
        to='netbox_netops.Run',
        related_name='+',
        verbose_name=_('last run'),
        blank=True,
        null=True,
        editable=False,
    )
    last_fired = models.DateTimeField(verbose_name=_('last fired'), blank=True, null=True, editable=False)
    # An error code when nothing was started.
    last_outcome = models.CharField(verbose_name=_('last outcome'), max_length=50, blank=True, editable=False)

    clone_fields = ('kind', 'options', 'device_filter', 'machine_filter', 'cron', 'interval', 'concurrency', 'rate')

    class Meta:
        ordering = ('name',)
        verbose_name = _('policy')
        verbose_name_plural = _('policies')
        permissions = [
            ('netops_run', 'Run a policy now'),
        ]
        indexes = (
            models.Index(
                name='netops_policy_due',
                fields=('next_run',),
                condition=models.Q(enabled=True, next_run__isnull=False),
            ),
        )

    # NetBox would link a page of its own documentation that does not exist for plugins.
    docs_url = ''

    def __str__(self):
        return self.name

    def clean(self):
        # Not above: NetBox's filter sets can be imported only when the models of all apps are there.
        from ..scope import devices_in, machines_in

        super().clean()
        errors: dict[str, ValidationError] = {}
        kind = KINDS.get(self.kind)
        for name, check in (
            ('cron', lambda: self.cron and check_cron(self.cron)),
            ('options', lambda: kind and check_run_options(self.kind, self.options)),
            ('device_filter', lambda: self.device_filter is not None and devices_in(self.device_filter)),
            ('machine_filter', lambda: self.machine_filter is not None and machines_in(self.machine_filter)),
        ):
            try:
                check()
            except NetOpsError as error:
                errors[name] = ValidationError(f'{error.detail} ({error.code})', code=error.code)
        if self.cron and self.interval:
            errors['interval'] = ValidationError(
                _('Choose a cron expression or an interval, not both.'), code='schedule:invalid'
            )
        has_filter = self.device_filter is not None or self.machine_filter is not None
        if kind and kind.per_target and not has_filter:
            errors['device_filter'] = ValidationError(
                _('Say which devices or virtual machines it concerns.'), code='scope:invalid'
            )
        if kind and not kind.per_target and has_filter:
            errors['device_filter' if self.device_filter is not None else 'machine_filter'] = ValidationError(
                _('This kind of run concerns no single devices.'), code='scope:invalid'
            )
        if errors:
            raise ValidationError(errors)

    def save(self, *args, **kwargs):
        """Also says when it is due next, if its schedule has changed. What firing writes is left alone: it may have
        fired since it was read.

        Raises NetOpsError `schedule:invalid` for a cron expression that `clean()` would have refused.
        """
        with transaction.atomic():
            # The clock of the database is the one that decides what is due.
            stored = (
                Policy.objects.select_for_update(no_key=True, of=('self',))
                .annotate(now=Now())
                .filter(pk=self.pk)
                .values(*_SCHEDULE, *(Policy._meta.get_field(name).attname for name in _FIRING), 'now')
                .first()
            )
            if stored is None:
                self.next_run = self.due_after(timezone.now())
                super().save(*args, **kwargs)
                return
            fields = kwargs.get('update_fields')
            if fields is None:
                fields = {field.name for field in self._meta.concrete_fields if not field.primary_key} - set(_FIRING)
            for name in set(_FIRING).difference(fields):
                attname = self._meta.get_field(name).attname
                setattr(self, attname, stored[attname])
            if any(getattr(self, name) != stored[name] for name in _SCHEDULE if name in fields):
                self.next_run = self.due_after(stored['now'])
                fields = {*fields, 'next_run'}
            super().save(*args, **kwargs | {'update_fields': fields})

    def due_after(self, moment: datetime, last: datetime | None = None) -> datetime | None:
        """When it is due next after `moment`, as `schedule.next_time`; None when it is not enabled."""
        return next_time(self.cron, self.interval, moment, last) if self.enabled else None

    def get_kind_color(self):
        return RunKindChoices.colors.get(self.kind)
