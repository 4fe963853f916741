"""What people do to work that was started, by their rights: cancel it, try again at once, run again what failed.

Each asks for the action of the kind on the devices concerned, object by object: what the user may not operate is left
as it is, and counted. Who asked for a run may cancel all of it, whatever became of his rights since.
"""

from dataclasses import dataclass
from functools import partial

from dcim.models import Device
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from utilities.permissions import get_permission_for_model
from virtualization.models import VirtualMachine

from netops_worker.errors import NetOpsError

from .choices import RunTargetStateChoices
from .dispatch import Dispatch, enqueue, ring_all
from .kinds import KINDS
from .lifecycle import cancel_rows, cancel_run, retry_now
from .models import Run, RunTarget, Target
from .permissions import may_start, startable
from .querysets import permitted_targets

__all__ = (
    'Cancelled',
    'Rerun',
    'Retried',
    'awaiting_retry',
    'cancel',
    'cancel_selected',
    'cancellable',
    'operable',
    'rerun',
    'retry',
    'retry_selected',
)

_FAILED = (RunTargetStateChoices.FAILED, RunTargetStateChoices.EXPIRED, RunTargetStateChoices.CANCELLED)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Numbers of targets: of the `cancelled`, `running` are still at work and end within 2 s; `left` go on."""

    cancelled: int
    running: int
    left: int


@dataclass(frozen=True, slots=True)
class Retried:
    """Numbers of targets: `left` were to be retried and are not."""

    retried: int
    left: int


@dataclass(frozen=True, slots=True)
class Rerun:
    """`left`: targets of the old run that failed and are in no new one: not the user's, or not there any more."""

    dispatch: Dispatch
    left: int


def operable(user) -> Q:
    """The condition on RunTargets that the user may carry out the action of their kind on their target."""
    condition = Q(pk__in=())
    for kind in KINDS.values():
        if kind.per_target:
            permitted = permitted_targets(user, 'target__', kind.action) or Q()
            condition |= Q(run__kind=kind.slug) & permitted
        elif user.has_perm(get_permission_for_model(Target, kind.action)):
            condition |= Q(run__kind=kind.slug)
    return condition


def cancellable(user) -> Q:
    """The condition on RunTargets that the user may cancel them."""
    # Nobody is who asked for what the system itself started.
    return operable(user) | Q(run__requested_by=user) if user.is_authenticated else operable(user)


def awaiting_retry(rows: QuerySet[RunTarget]) -> QuerySet[RunTarget]:
    """Of these rows, those that wait for the time of their next attempt; not those that wait for an address."""
    waiting = rows.filter(state=RunTargetStateChoices.WAITING, next_attempt__gt=Now())
    return waiting.exclude(blocked='waiting:address')


def cancel(run: Run, user) -> Cancelled:
    """Raises NetOpsError with the codes run:finished and permission:denied."""
    active = RunTarget.objects.filter(run=run, state__in=RunTargetStateChoices.ACTIVE)
    asked = active.count() if run.is_active else 0
    if not asked:
        raise NetOpsError('run:finished')
    rows = _ids(active.filter(cancellable(user)))
    if not rows:
        raise NetOpsError('permission:denied')
    # Only what is cancelled as a whole is called so: of a part, the rest may still succeed.
    if len(rows) < asked:
        cancel_rows(rows)
    else:
        cancel_run(run.pk, user)
    return _cancelled(rows, asked)


def cancel_selected(rows: QuerySet[RunTarget], user, asked: int) -> Cancelled:
    """Cancel of `asked` rows those in `rows`, which the user may view.

    Raises NetOpsError with the codes selection:empty, permission:denied and run:finished.
    """
    allowed = _allowed(rows, cancellable(user), asked)
    active = _ids(allowed.filter(state__in=RunTargetStateChoices.ACTIVE))
    if not active:
        raise NetOpsError('run:finished')
    cancel_rows(active)
    return _cancelled(active, asked)


def retry(run: Run, user) -> Retried:
    """Raises NetOpsError with the codes run:finished and permission:denied."""
    kind = KINDS.get(run.kind)
    if kind is None or not may_start(user, kind):
        raise NetOpsError('permission:denied')
    if not run.is_active:
        raise NetOpsError('run:finished')
    waiting = awaiting_retry(RunTarget.objects.filter(run=run))
    asked = waiting.count()
    rows = _ids(waiting.filter(operable(user)))
    if asked and not rows:
        raise NetOpsError('permission:denied')
    return _retried(rows, asked)


def retry_selected(rows: QuerySet[RunTarget], user, asked: int) -> Retried:
    """As `cancel_selected`."""
    allowed = _allowed(rows, operable(user), asked)
    if not allowed.filter(state__in=RunTargetStateChoices.ACTIVE).exists():
        raise NetOpsError('run:finished')
    return _retried(_ids(awaiting_retry(allowed)), asked)


def rerun(run: Run, user) -> Rerun:
    """A new run of the same kind, with the same options and limits, on what did not succeed in this one.

    Raises NetOpsError with the codes run:active, selection:empty and those of `dispatch.enqueue`.
    """
    if run.is_active:
        raise NetOpsError('run:active')
    failed = RunTarget.objects.filter(run=run, state__in=_FAILED)
    asked = failed.count()
    if not asked:
        raise NetOpsError('selection:empty', 'nothing of this run failed')
    kind, arguments = KINDS.get(run.kind), {}
    if kind and kind.per_target:
        targets = failed.values('target')
        arguments = startable(
            user,
            kind,
            devices=Device.objects.filter(netops_target__in=targets),
            virtual_machines=VirtualMachine.objects.filter(netops_target__in=targets),
        )
        if not arguments:
            raise NetOpsError('permission:denied')
        arguments['options'] = run.options
    dispatch = enqueue(
        run.kind,
        user=user,
        reason=_('Failed in run #{run}').format(run=run.pk),
        interactive=True,
        policy=run.policy,
        **arguments,
    )
    return Rerun(dispatch, max(0, asked - dispatch.queued - sum(dispatch.joined.values())))


def _allowed(rows: QuerySet[RunTarget], condition: Q, asked: int) -> QuerySet[RunTarget]:
    if not asked:
        raise NetOpsError('selection:empty')
    # A subquery, because joins of filters may repeat a row.
    allowed = RunTarget.objects.filter(condition, pk__in=rows.order_by().values('pk'))
    # The same answer for what does not exist, what the user may not view, and what he may not operate.
    if not allowed.exists():
        raise NetOpsError('permission:denied')
    return allowed


def _ids(rows: QuerySet[RunTarget]) -> list[int]:
    return list(rows.order_by().values_list('pk', flat=True))


def _cancelled(rows: list[int], asked: int) -> Cancelled:
    counts = RunTarget.objects.filter(pk__in=rows, cancel=True).aggregate(
        cancelled=Count('pk'), running=Count('pk', filter=Q(state=RunTargetStateChoices.RUNNING))
    )
    return Cancelled(**counts, left=asked - counts['cancelled'])


def _retried(rows: list[int], asked: int) -> Retried:
    if rows:
        transaction.on_commit(partial(ring_all, retry_now(rows)))
    return Retried(len(rows), asked - len(rows))
