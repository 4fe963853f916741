from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from netbox.models.features import EventRulesMixin, JobsMixin
from utilities.querysets import RestrictedQuerySet

from netops_worker.errors import ERRORS

from ..choices import RunKindChoices, RunStatusChoices, RunTargetStateChoices
from .base import DatabaseForeignKey, RowModel, TargetChildModel

__all__ = (
    'Run',
    'RunTarget',
)


class Run(JobsMixin, EventRulesMixin, RowModel):
    """One operation of one kind on a set of targets, requested by one user for one reason.

    The RunTargets are the truth about the work; status and counts here are derived from them (`lifecycle.settle`).
    """

    kind = models.CharField(verbose_name=_('kind'), max_length=30, choices=RunKindChoices)
    status = models.CharField(
        verbose_name=_('status'),
        max_length=20,
        choices=RunStatusChoices,
        default=RunStatusChoices.QUEUED,
    )
    reason = models.CharField(verbose_name=_('reason'), max_length=200, blank=True)
    requested_by = models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name='+',
        verbose_name=_('requested by'),
        blank=True,
        null=True,
    )
    policy = DatabaseForeignKey(
        to='netbox_netops.Policy', related_name='runs', verbose_name=_('policy'), blank=True, null=True
    )
    options = models.JSONField(verbose_name=_('options'), default=dict, blank=True)
    joined = models.JSONField(
        verbose_name=_('joined'),
        default=dict,
        blank=True,
        help_text=_('Runs that were already working on some of the requested targets, with the number of these'),
    )
    interactive = models.BooleanField(
        verbose_name=_('interactive'),
        db_default=False,
        default=False,
        help_text=_('Somebody waits for it: it goes first, and does not spare devices that did not answer lately'),
    )
    total = models.PositiveIntegerField(verbose_name=_('targets'), default=0)
    succeeded = models.PositiveIntegerField(verbose_name=_('succeeded'), default=0)
    failed = models.PositiveIntegerField(verbose_name=_('failed'), default=0)
    created = models.DateTimeField(verbose_name=_('created'), auto_now_add=True)
    started = models.DateTimeField(verbose_name=_('started'), blank=True, null=True)
    finished = models.DateTimeField(verbose_name=_('finished'), blank=True, null=True)
    expires = models.DateTimeField(verbose_name=_('expires'))
    cancelled = models.DateTimeField(verbose_name=_('cancelled'), blank=True, null=True)
    cancelled_by = models.ForeignKey(
        to=settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name='+',
        verbose_name=_('cancelled by'),
        blank=True,
        null=True,
    )

    objects = RestrictedQuerySet.as_manager()

    class Meta:
        ordering = ('-pk',)
        verbose_name = _('run')
        verbose_name_plural = _('runs')
        indexes = (
            models.Index(fields=('created',)),
            models.Index(
                name='netops_run_active',
                fields=('expires',),
                condition=Q(status__in=RunStatusChoices.ACTIVE),
            ),
        )

    def __str__(self):
        return f'{self.get_kind_display()} #{self.pk}'

    @property
    def is_active(self) -> bool:
        return self.status in RunStatusChoices.ACTIVE

    @property
    def done(self) -> int:
        return self.succeeded + self.failed

    @property
    def remaining(self) -> int:
        return self.total - self.done

    @property
    def progress(self) -> int:
        """Percentage of the targets that are in a final state."""
        return 100 * self.done // self.total if self.total else 0

    def get_kind_color(self):
        return RunKindChoices.colors.get(self.kind)

    def get_status_color(self):
        return RunStatusChoices.colors.get(self.status)


class RunTarget(TargetChildModel):
    """One target's part in a run: the truth about work.

    A run that concerns no single target (`netbox-sync`) has exactly one row, without a target; so dedup, lease, expiry
    and outcome work the same for every kind.
    """

    run = DatabaseForeignKey(to=Run, related_name='targets', verbose_name=_('run'))
    target = DatabaseForeignKey(
        to='netbox_netops.Target',
        related_name='run_targets',
        verbose_name=_('target'),
        blank=True,
        null=True,
    )
    name = models.CharField(verbose_name=_('name'), max_length=255)
    dedup_key = models.CharField(verbose_name=_('dedup key'), max_length=100)
    exclusive = models.BooleanField(verbose_name=_('exclusive'), default=False)
    state = models.CharField(
        verbose_name=_('state'),
        max_length=20,
        choices=RunTargetStateChoices,
        default=RunTargetStateChoices.WAITING,
    )
    attempt = models.PositiveSmallIntegerField(verbose_name=_('attempt'), default=0)
    next_attempt = models.DateTimeField(verbose_name=_('next attempt'), blank=True, null=True)
    # Why it waits although it was its turn: an error code, or empty.
    blocked = models.CharField(verbose_name=_('blocked'), max_length=50, db_default='', default='', blank=True)
    # How often a worker gave it back unfinished: that is no attempt, but it is bounded.
    returns = models.PositiveSmallIntegerField(verbose_name=_('returned'), db_default=0, default=0)
    # Somebody asked for it by hand while it waited in a run of many: it goes first.
    urgent = models.BooleanField(verbose_name=_('urgent'), db_default=False, default=False)
    gateway = DatabaseForeignKey(
        to='netbox_netops.Gateway', related_name='run_targets', verbose_name=_('gateway'), blank=True, null=True
    )
    expires = models.DateTimeField(verbose_name=_('expires'))
    cancel = models.BooleanField(verbose_name=_('to be cancelled'), db_default=False, default=False)
    lease_token = models.UUIDField(verbose_name=_('lease token'), blank=True, null=True, editable=False)
    lease_until = models.DateTimeField(verbose_name=_('lease until'), blank=True, null=True)
    started = models.DateTimeField(verbose_name=_('started'), blank=True, null=True)
    finished = models.DateTimeField(verbose_name=_('finished'), blank=True, null=True)
    worker = models.CharField(verbose_name=_('worker'), max_length=100, blank=True)
    error_code = models.CharField(verbose_name=_('error code'), max_length=50, blank=True)
    error_detail = models.CharField(verbose_name=_('error detail'), max_length=500, blank=True)

    class Meta:
        ordering = ('-run_id', 'pk')
        verbose_name = _('run target')
        verbose_name_plural = _('run targets')
        indexes = (
            # The claim: the waiting rows of one run, the urgent ones first, then the oldest.
            models.Index(
                name='netops_runtarget_waiting',
                fields=('run', '-urgent', 'id'),
                condition=Q(state=RunTargetStateChoices.WAITING),
            ),
            # The reaper: leases that ran out.
            models.Index(
                name='netops_runtarget_leases',
                fields=('lease_until',),
                condition=Q(state=RunTargetStateChoices.RUNNING),
            ),
            models.Index(
                name='netops_runtarget_expiry',
                fields=('expires',),
                condition=Q(state=RunTargetStateChoices.WAITING),
            ),
        )
        constraints = (
            # Dedup: the same operation on the same target is active once, whoever asks, however often. Who asks for
            # what is being given up at that moment asks for another.
            models.UniqueConstraint(
                name='netops_runtarget_dedup',
                fields=('dedup_key',),
                condition=Q(state__in=RunTargetStateChoices.ACTIVE, cancel=False),
            ),
            # Exclusion: one running exclusive operation per target, across kinds, processes and hosts.
            models.UniqueConstraint(
                name='netops_runtarget_exclusive',
                fields=('target',),
                condition=Q(state=RunTargetStateChoices.RUNNING, exclusive=True),
            ),
        )

    def __str__(self):
        return f'{self.name} (#{self.run_id})'

    @property
    def error(self):
        """What the error code means and what to do (ErrorInfo), or None."""
        return ERRORS.get(self.error_code)

    @property
    def wait(self):
        """Why it waits (ErrorInfo), or None: what is in its way, else how its last attempt ended."""
        return ERRORS.get(self.blocked or self.error_code)

    @property
    def is_cancelling(self) -> bool:
        return self.cancel and self.state == RunTargetStateChoices.RUNNING

    def get_state_color(self):
        return RunTargetStateChoices.colors.get(self.state)
