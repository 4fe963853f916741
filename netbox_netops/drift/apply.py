"""Differences into NetBox: all of a request or none, by the rights of the user, as if he had edited the objects.

Nothing else in NetOps writes to NetBox's own objects.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from core.signals import clear_events
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from netbox.context import current_request
from netbox.context_managers import event_tracking
from psycopg.errors import UniqueViolation
from utilities.exceptions import AbortRequest

from netops_worker.errors import NetOpsError

from ..choices import DifferenceKindChoices
from ..models import Difference
from ..results.links import link_interfaces
from .compare import compare
from .objects import Objects
from .writers import Step, steps

__all__ = (
    'MOST_APPLIED',
    'Outcome',
    'Report',
    'apply',
    'check',
)

# Of one request. Each is an edit of NetBox's own, with its changelog entry: 10 to 50 ms.
MOST_APPLIED = 500

# Any number nobody else uses. One request at a time: two of them might change the ends of one cable in either order.
_LOCK = 7_368_612
# What exists first: an interface before its address.
_ORDER = {kind: place for place, kind in enumerate(DifferenceKindChoices.values())}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code`: why it was not applied, '' if it was; `detail` is for people."""

    id: int
    code: str = ''
    detail: str = ''


@dataclass(frozen=True, slots=True)
class Report:
    outcomes: list[Outcome]

    @property
    def applied(self) -> bool:
        return not any(outcome.code for outcome in self.outcomes)


def check(differences: Iterable[Difference], user) -> Report:
    """What `apply` would refuse, without trying NetBox's own checks of the new values."""
    differences = list(differences)
    objects = Objects(differences, user)
    return Report([_check(difference, objects) for difference in differences])


def apply(differences: Iterable[Difference | int], request) -> Report:
    """Write what was found to NetBox, for the user of the request. Takes rows or their ids, at most MOST_APPLIED.

    The targets are compared anew first: an id that is gone then, or that the user may not view, is `drift:changed`.
    When one is refused, none is written, and the others are `drift:withheld`.
    """
    ids = list(dict.fromkeys(getattr(difference, 'pk', difference) for difference in differences))
    if len(ids) > MOST_APPLIED:
        return Report([Outcome(pk, 'drift:too-many') for pk in ids])
    # Changelog and events need the request, which is not current in a job.
    tracking = nullcontext() if current_request.get() is request else event_tracking(request)
    with tracking, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('SELECT pg_advisory_xact_lock(%s)', [_LOCK])
        target_ids = _lock_targets(cursor, ids)
        objects = Objects(_read(ids, request.user).values(), request.user)
        objects.lock()
        # From here on nobody changes what is compared and written.
        compare(cursor, target_ids)
        rows = _read(ids, request.user)
        refused = {pk: Outcome(pk, 'drift:changed') for pk in ids if pk not in rows}
        refused |= {row.pk: found for row in rows.values() if (found := _check(row, objects)).code}
        if not refused:
            refused = _write(rows.values(), objects)
            if not refused:
                # New interfaces have the addresses that were found on them.
                link_interfaces(cursor, target_ids)
                compare(cursor, target_ids)
    return _report(ids, refused)


def _lock_targets(cursor, ids: Collection[int]) -> list[int]:
    cursor.execute(
        """
        SELECT id FROM netbox_netops_target
        WHERE id IN (SELECT target_id FROM netbox_netops_difference WHERE id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE
        """,
        [list(ids)],
    )
    return [row[0] for row in cursor.fetchall()]


def _read(ids: Collection[int], user) -> dict[int, Difference]:
    rows = Difference.objects.restrict(user, 'view').filter(pk__in=ids).select_related('target')
    return {row.pk: row for row in sorted(rows, key=lambda row: (_ORDER[row.kind], row.pk))}


def _check(difference: Difference, objects: Objects) -> Outcome:
    try:
        steps(difference, objects)
    except NetOpsError as error:
        return Outcome(difference.pk, error.code, error.detail)
    return Outcome(difference.pk)


def _write(rows: Collection[Difference], objects: Objects) -> dict[int, Outcome]:
    """Save all of them; returns those that were refused, and then nothing has been saved."""
    written: list[tuple[int, Step]] = []
    refused: dict[int, Outcome] = {}
    with transaction.atomic():
        for row in rows:
            planned: list[Step] = []
            try:
                with transaction.atomic():
                    planned = steps(row, objects)
                    for step in planned:
                        _save(step)
            except NetOpsError as error:
                refused[row.pk] = Outcome(row.pk, error.code, error.detail)
            except (ValidationError, AbortRequest, DataError, IntegrityError) as error:
                refused[row.pk] = Outcome(row.pk, 'drift:invalid', f'{row}: {_reason(error)}')
                for step in planned:
                    objects.forget(step.obj)
            else:
                written += ((row.pk, step) for step in planned)
        refused |= _not_permitted(written, objects)
        if refused:
            transaction.set_rollback(True)
            # Those that were queued for what is taken back.
            clear_events.send(sender=Difference)
    return refused


def _save(step: Step) -> None:
    """As NetBox's own views do."""
    obj = step.obj
    if step.action == 'change':
        obj.snapshot()
    for name, value in step.values.items():
        setattr(obj, name, value)
    obj._changelog_message = _('From what NetOps found on the device')
    obj.full_clean()
    obj.save()


def _reason(error: Exception) -> str:
    """Why NetBox or its database took no object, in words for people: never a statement or the name of a table."""
    if isinstance(error, ValidationError):
        return ' '.join(error.messages)
    if isinstance(error, AbortRequest):
        return str(error.message)
    if isinstance(error, DataError):
        return _('A value does not fit into its field.')
    if isinstance(error.__cause__, UniqueViolation):
        return _('There is another object like this by now.')
    return _('It refers to something that is not there any more, or breaks another rule of the database.')


def _not_permitted(written: Iterable[tuple[int, Step]], objects: Objects) -> dict[int, Outcome]:
    """As in NetBox's own views, what the user may write must still be that afterwards."""
    kinds: dict[tuple[type[Model], str], list[tuple[int, Step]]] = defaultdict(list)
    for row, step in written:
        kinds[type(step.obj), step.action].append((row, step))
    refused = {}
    for (model, action), found in kinds.items():
        permitted = objects.may(model, action, [step.obj.pk for _row, step in found])
        for row, step in found:
            if step.obj.pk not in permitted:
                refused[row] = Outcome(row, 'permission:denied', step.permission)
    return refused


def _report(ids: Iterable[int], refused: dict[int, Outcome]) -> Report:
    others = 'drift:withheld' if refused else ''
    return Report([refused.get(pk, Outcome(pk, others)) for pk in ids])
