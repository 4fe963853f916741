"""Policies at work: the scheduler that fires those that are due, and firing by hand or for an event rule.

A policy acts as its user, with the permissions that this user has at that moment. What is due is decided by the clock
of the database, which all processes share.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from dcim.models import Device
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Case, F, Model, Q, QuerySet, Value, When
from django.db.models.functions import Now
from virtualization.models import VirtualMachine

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger

from .choices import RunTargetStateChoices
from .dispatch import Dispatch, DispatchError, enqueue
from .kinds import KINDS
from .lifecycle import expire_overdue
from .models import Policy, RunTarget
from .permissions import may_start, startable
from .schedule import next_times
from .scope import ScopeError, devices_in, list_url, machines_in

__all__ = (
    'Preview',
    'PreviewPart',
    'fire',
    'fire_due',
    'mend_schedules',
    'preview',
    'take_over',
    'upcoming',
)

logger = get_logger('netbox.netbox_netops.policies')

# Seconds between two looks at all schedules, by each process that ticks.
_MEND_SECONDS = 60.0
# A clock that was put back by no more than this does not make a policy fire again for a moment it has fired for.
_STEP = timedelta(minutes=5)


def fire(
    policy: Policy,
    *,
    user=None,
    devices: Collection[int] | None = None,
    machines: Collection[int] | None = None,
    reason: str = '',
    wait_for_address: bool = False,
) -> Dispatch:
    """Start a run of the policy now, whatever its schedule says.

    `user`: who asks for it by hand, to be named as the reason; it is the user of the policy whose permissions count.
    `devices`, `machines`: primary keys; of these only what the policy concerns is operated. None for both: all that it
    concerns.
    Raises DispatchError with the codes policy:disabled, policy:user, scope:invalid, and those of `dispatch.enqueue`.
    """
    only = None if devices is None and machines is None else (devices or (), machines or ())
    if user is not None:
        reason = f'{reason} ({user})' if reason else str(user)
    row = Policy.objects.filter(pk=policy.pk)
    failure = None
    with transaction.atomic():
        # Before the rows of the run, as the scheduler does it: the other way round each would wait for the other.
        row.select_for_update(no_key=True).values_list('pk').first()
        try:
            if not policy.enabled:
                raise DispatchError('policy:disabled')
            dispatch = _start(
                policy, reason, only=only, interactive=user is not None, wait_for_address=wait_for_address
            )
        except DispatchError as error:
            failure = error
            # That it concerns none of some objects is no failure.
            if only is None or error.code != 'selection:empty':
                row.update(last_fired=Now(), last_outcome=error.code)
        else:
            if only is None:
                row.update(last_fired=Now(), last_outcome='', last_run=dispatch.run.pk)
            else:
                # A run on one new device neither keeps the next one by schedule from starting, nor hides that one was
                # skipped.
                skipped = When(last_outcome='policy:active', then=F('last_outcome'))
                row.update(last_fired=Now(), last_outcome=Case(skipped, default=Value('')))
    if failure:
        raise failure
    return dispatch


def fire_due() -> int:
    """Fire each enabled policy that is due, once, however many of its moments have passed. Returns how many.

    Several processes may do so at the same time. One policy that fails does not stop the others.
    """
    global _mend_at
    if time.monotonic() >= _mend_at:
        _mend_at = time.monotonic() + _MEND_SECONDS
        mend_schedules()
    due = list(_due().order_by('next_run', 'pk').values_list('pk', flat=True))
    if due:
        # A run whose time is over is not active any more.
        expire_overdue()
    fired = 0
    for pk in due:
        try:
            fired += _fire_if_due(pk)
        except Exception:
            # What fails in the policy itself does not come here, but ringing for its run, or the database.
            logger.exception(f'Policy {pk} was not fired')
    return fired


_mend_at = 0.0


def mend_schedules() -> int:
    """Say anew when policies are due, where it is not what their schedule says. Returns how many were mended.

    That happens when NetBox gets another time zone, when a clock that was wrong is put right (what was computed in the
    future would rest until then), and when rows are written without the model.
    """
    scheduled = Policy.objects.filter(~Q(cron='') | Q(interval__isnull=False), enabled=True)
    mended = 0
    for policy in scheduled.filter(Q(next_run__gt=Now()) | Q(next_run=None)).annotate(now=Now()):
        after = policy.now
        if policy.last_fired is not None and after < policy.last_fired <= after + _STEP:
            after = policy.last_fired
        try:
            expected = policy.due_after(after)
        except NetOpsError as error:
            Policy.objects.filter(pk=policy.pk).update(next_run=None, last_outcome=error.code)
            continue
        # An interval may have begun at any moment before.
        if policy.next_run is not None and (
            policy.next_run == expected or (policy.interval and policy.next_run < expected)
        ):
            continue
        # Unless somebody was faster.
        unchanged = {name: getattr(policy, name) for name in ('enabled', 'cron', 'interval', 'next_run')}
        if Policy.objects.filter(pk=policy.pk, **unchanged).update(next_run=expected):
            logger.warning(f'Policy {policy} was to run at {policy.next_run}, and its schedule says {expected}')
            mended += 1
    return mended


def _due() -> QuerySet[Policy]:
    return Policy.objects.filter(enabled=True, next_run__lte=Now())


def _fire_if_due(pk: int) -> bool:
    """With the row locked: another process has fired the policy before, or finds it locked, or waits for its turn."""
    with transaction.atomic():
        locked = _due().select_for_update(skip_locked=True, no_key=True).annotate(now=Now())
        policy = locked.filter(pk=pk).first()
        if policy is None:
            return False
        values = {'next_run': _following(policy)}
        if _is_at_work(policy.last_run_id):
            values['last_outcome'] = 'policy:active'
        else:
            values |= {'last_fired': Now(), **_attempt(policy)}
        Policy.objects.filter(pk=pk).update(**values)
    if values['last_outcome']:
        logger.warning(f'Policy {policy} did not start anything: {values["last_outcome"]}')
    return not values['last_outcome']


def _is_at_work(run: int | None) -> bool:
    """Whether the run has anything to do but to wait for the end of maintenance, which may last for weeks."""
    active = RunTarget.objects.filter(run=run, state__in=RunTargetStateChoices.ACTIVE)
    return active.exclude(state=RunTargetStateChoices.WAITING, blocked='waiting:maintenance').exists()


def _following(policy: Policy) -> datetime | None:
    try:
        return policy.due_after(policy.now, last=policy.next_run)
    except NetOpsError:
        # Written without the model. Without a next run the policy rests until somebody saves it.
        logger.exception(f'Policy {policy} has no schedule any more')
        return None


def _attempt(policy: Policy) -> dict:
    """The outcome, as values of the policy."""
    try:
        # What fails must leave the transaction usable, which keeps the policy from being due for ever.
        with transaction.atomic():
            return {'last_outcome': '', 'last_run': _start(policy, 'schedule').run.pk}
    except NetOpsError as error:
        logger.info(f'Policy {policy}: {error}')
        return {'last_outcome': error.code}
    except Exception:
        logger.exception(f'Policy {policy} failed')
        return {'last_outcome': 'internal:error'}


def _start(
    policy: Policy,
    reason: str,
    *,
    only: tuple[Collection[int], Collection[int]] | None = None,
    interactive: bool = False,
    wait_for_address: bool = False,
) -> Dispatch:
    user = _acting_user(policy)
    return enqueue(
        policy.kind,
        user=user,
        reason=reason,
        options=policy.options,
        interactive=interactive,
        policy=policy,
        wait_for_address=wait_for_address,
        **_permitted(policy, user, only),
    )


def _acting_user(policy: Policy):
    """Read anew: what he may is kept with a user object, and may have changed since the policy was read."""
    user = get_user_model().objects.get(pk=policy.run_as_id)
    if not user.is_active:
        raise DispatchError('policy:user', str(user))
    return user


def _permitted(policy: Policy, user, only: tuple[Collection[int], Collection[int]] | None = None) -> dict:
    """The selection for `dispatch.enqueue`, which narrows it further to what the user may operate."""
    kind = KINDS.get(policy.kind)
    if kind is None or not kind.per_target:
        return {}
    selection = _selection(policy)
    if only is not None:
        given = dict(zip(_MODELS, only, strict=True))
        selection = {name: queryset.filter(pk__in=given[name]) for name, queryset in selection.items()}
    permitted = startable(user, kind, **selection)
    if selection and not permitted:
        raise DispatchError('permission:denied', f'{user} may not do this on anything that the policy concerns')
    return permitted


_MODELS: dict[str, type[Model]] = {'devices': Device, 'virtual_machines': VirtualMachine}


def _filters(policy: Policy) -> dict[str, dict]:
    """Those that the policy has, by the name of the selection."""
    filters = {'devices': policy.device_filter, 'virtual_machines': policy.machine_filter}
    return {name: value for name, value in filters.items() if value is not None}


def _selection(policy: Policy) -> dict[str, QuerySet]:
    """All that the policy concerns. Raises DispatchError `scope:invalid`."""
    selection = {}
    for name, value in _filters(policy).items():
        try:
            selection[name] = devices_in(value) if name == 'devices' else machines_in(value)
        except ScopeError as error:
            # A site that was renamed, for example.
            field = 'device_filter' if name == 'devices' else 'machine_filter'
            raise DispatchError(error.code, error.detail, field) from None
    return selection


# For people


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """`count`: how many objects of the model the policy would operate now; `shown`: the first that the viewer may view.

    `url`: NetBox's list of what the filter matches.
    """

    model: type[Model]
    count: int
    shown: list[Model]
    url: str


@dataclass(frozen=True, slots=True)
class Preview:
    """`parts`: by the name of the selection; none for a kind that concerns no single devices. `error`: why the policy
    would start nothing.
    """

    parts: dict[str, PreviewPart]
    error: NetOpsError | None = None


_SHOWN = 10


def preview(policy: Policy, viewer) -> Preview:
    """What the policy would operate if it ran now, with the permissions of its user."""
    try:
        user = _acting_user(policy)
        permitted = _permitted(policy, user)
    except DispatchError as error:
        return Preview({}, error)
    kind = KINDS[policy.kind]
    if not kind.per_target:
        return Preview({}, None if may_start(user, kind) else NetOpsError('permission:denied'))
    parts = {}
    for name, filters in _filters(policy).items():
        model = _MODELS[name]
        objects = permitted.get(name, model.objects.none()).restrict(user, kind.action)
        visible = objects.restrict(viewer, 'view')
        if model is Device:
            # The name of a device without one is made of these.
            visible = visible.select_related('device_type__manufacturer', 'virtual_chassis')
        parts[name] = PreviewPart(model, objects.count(), list(visible[:_SHOWN]), list_url(model, filters))
    empty = not any(part.count for part in parts.values())
    return Preview(parts, NetOpsError('selection:empty') if empty else None)


def upcoming(policy: Policy, count: int = 5) -> list[datetime]:
    """The next times at which the policy is due."""
    if policy.next_run is None:
        return []
    try:
        return next_times(policy.cron, policy.interval, count, policy.next_run)
    except NetOpsError:
        return [policy.next_run]


def take_over(policy: Policy, editor, chosen=None) -> None:
    """Have the policy act as the user who saves it. Only a superuser may let it act as somebody else.

    Otherwise whoever may edit policies could operate what another user may.
    """
    if not editor.is_superuser:
        policy.run_as = editor
    elif chosen is not None:
        policy.run_as = chosen
    elif policy.run_as_id is None:
        policy.run_as = editor
