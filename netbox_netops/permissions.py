"""The own actions on NetBox's devices and virtual machines, with object constraints like any other permission."""

from dcim.models import Device
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from utilities.permissions import ModelAction, get_permission_for_model, register_model_actions
from virtualization.models import VirtualMachine

from .kinds import Kind
from .models import Target

__all__ = (
    'may_start',
    'register',
    'startable',
)


def register() -> None:
    for model in (Device, VirtualMachine):
        register_model_actions(
            model,
            [
                ModelAction('netops_scan', help_text=_('Scan with NetOps (SNMP)')),
                ModelAction('netops_check_credential', help_text=_('Check credentials with NetOps (SSH, SNMP)')),
            ],
        )


def may_start(user, kind: Kind) -> bool:
    """Whether the user may start this kind of run on anything at all."""
    models = (Device, VirtualMachine) if kind.per_target else (Target,)
    return any(user.has_perm(get_permission_for_model(model, kind.action)) for model in models)


def startable(user, kind: Kind, **selection: QuerySet) -> dict[str, QuerySet]:
    """Of the querysets of a selection for `dispatch.enqueue`, those of models on which the user has the right at all.

    Enqueue refuses a selection of virtual machines to whom may operate none, also where it would be empty.
    """
    return {
        name: queryset
        for name, queryset in selection.items()
        if user.has_perm(get_permission_for_model(queryset.model, kind.action))
    }
