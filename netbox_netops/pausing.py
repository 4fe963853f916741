"""Pausing and resuming a kind of run by the rights of a user: those to add and to delete pauses, with constraints."""

from functools import partial

from django.db import transaction
from utilities.exceptions import PermissionsViolation

from .choices import RunStatusChoices
from .dispatch import ring_all
from .lifecycle import pause, resume
from .models import Pause, Run

__all__ = (
    'pause_for',
    'resume_for',
)


def pause_for(user, kind: str, reason: str = '') -> bool:
    """False when the kind was paused already. Raises PermissionsViolation when the user may not pause it."""
    with transaction.atomic():
        created = pause(kind, user, reason)
        if created and not Pause.objects.restrict(user, 'add').filter(kind=kind).exists():
            raise PermissionsViolation
    return created


def resume_for(user, kind: str) -> bool:
    """False when the kind was not paused. Raises PermissionsViolation when the user may not resume it."""
    with transaction.atomic():
        found = Pause.objects.filter(kind=kind).select_for_update().first()
        if found is None:
            return False
        if not Pause.objects.restrict(user, 'delete').filter(pk=found.pk).exists():
            raise PermissionsViolation
        # What waited has no job any more: each one ended when there was nothing to claim.
        transaction.on_commit(partial(_ring, kind))
        return resume(kind)


def _ring(kind: str) -> None:
    ring_all(Run.objects.filter(kind=kind, status__in=RunStatusChoices.ACTIVE).values_list('pk', flat=True))
