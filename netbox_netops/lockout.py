"""Protection from locking accounts out: what devices reject is not tried again and again.

A credential that several devices reject within a while is stopped on all of them, and one that a single device rejects
several times in a row is paused there (see `results/credentials.py`). Here is what that means for those who want to
use one, and how it ends.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from .models import Credential, CredentialStatus

__all__ = (
    'paused',
    'resume',
)


def paused(targets: Collection[int], now: datetime) -> set[tuple[int, int]]:
    """(target, credential) of these targets that are not to be tried at this time."""
    rows = CredentialStatus.objects.filter(target__in=targets, paused_until__gt=now).order_by()
    return set(rows.values_list('target_id', 'credential_id'))


def resume(credential: Credential) -> None:
    """Let a credential go on: everywhere, also where it is paused, as if nothing had rejected it before."""
    with transaction.atomic():
        held = CredentialStatus.objects.filter(credential=credential).exclude(rejections=0, paused_until=None)
        # Before the credential, and in the order in which results lock them: each could wait for the other otherwise.
        len(held.order_by('target').select_for_update(no_key=True).values_list('pk'))
        held.update(rejections=0, paused_until=None)
        credential.snapshot()
        credential.stopped, credential.stopped_code = None, ''
        credential.save()
