"""Host keys: who may be sent a password, decided by people where it is not the first key that a target shows."""

from django.db import transaction
from django.utils import timezone

from netops_worker.log import get_logger

from .choices import HostKeyStateChoices
from .models import HostKey, Target

__all__ = (
    'APPROVE',
    'decide',
)

logger = get_logger('netbox.netbox_netops.host_keys')

# The action on host keys that deciding takes.
APPROVE = 'netops_approve_host_key'


def decide(key: HostKey, user, *, trusted: bool) -> HostKey:
    """Trust this key of its target, or reject it, on behalf of the user. Permissions are not looked at here.

    A target has one trusted key of a type: the one that a newly trusted key replaces is rejected.
    """
    state = HostKeyStateChoices.TRUSTED if trusted else HostKeyStateChoices.REJECTED
    decision = {'approved_by': user, 'approved': timezone.now()}
    with transaction.atomic():
        # Those who write results lock the target before its keys.
        Target.objects.select_for_update(no_key=True).get(pk=key.target_id)
        if trusted:
            replaced = HostKey.objects.filter(target=key.target_id, type=key.type).exclude(pk=key.pk)
            replaced.exclude(state=HostKeyStateChoices.REJECTED).update(state=HostKeyStateChoices.REJECTED, **decision)
        HostKey.objects.filter(pk=key.pk).update(state=state, **decision)
    logger.info(f'Host key {key} of target {key.target_id} is {state}, as {user} says')
    key.refresh_from_db()
    return key
