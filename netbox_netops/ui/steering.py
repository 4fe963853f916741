"""The buttons that steer work: of a run, and of selected rows of its targets."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from netbox.object_actions import ObjectAction

from ..kinds import KINDS
from ..models import Run
from ..permissions import may_start
from .starting import TARGET_KINDS

__all__ = (
    'RunControls',
    'row_actions',
    'run_controls',
)


@dataclass(frozen=True, slots=True)
class RunControls:
    """What a user may do to a run, as far as that can be said without looking at each of its targets."""

    cancel: bool = False
    retry: bool = False
    rerun: bool = False


def run_controls(run: Run, user, *, retries: int = 0) -> RunControls:
    """`retries`: targets of the run that wait for the time of their next attempt."""
    kind = KINDS.get(run.kind)
    operates = kind is not None and may_start(user, kind)
    asked = user.is_authenticated and run.requested_by_id == user.pk
    return RunControls(
        cancel=run.is_active and run.cancelled is None and (operates or asked),
        retry=run.is_active and operates and retries > 0,
        rerun=not run.is_active and operates and run.failed > 0,
    )


class CancelSelected(ObjectAction):
    name = 'bulk_cancel'
    label = _('Cancel selected')
    multi = True
    template_name = 'netbox_netops/buttons/bulk_cancel.html'


class RetrySelected(ObjectAction):
    name = 'bulk_retry'
    label = _('Retry now')
    multi = True
    template_name = 'netbox_netops/buttons/bulk_retry.html'


def row_actions(user) -> list[type[ObjectAction]]:
    """What the user may do to selected rows; on which of them is looked at when he does."""
    return [CancelSelected, RetrySelected] if any(may_start(user, kind) for kind in TARGET_KINDS) else []
