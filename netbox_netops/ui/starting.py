"""The buttons that start work: one for each kind of run that works on single targets."""

from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from netbox.object_actions import ObjectAction
from utilities.permissions import get_permission_for_model
from utilities.views import get_action_url

from ..kinds import KINDS, Kind
from ..permissions import may_start

__all__ = (
    'BULK_START_ACTIONS',
    'TARGET_KINDS',
    'StartButton',
    'scope_buttons',
    'start_buttons',
)

TARGET_KINDS = tuple(kind for kind in KINDS.values() if kind.per_target)


@dataclass(frozen=True, slots=True)
class StartButton:
    kind: Kind
    url: str

    @property
    def id(self) -> str:
        return self.kind.action.replace('_', '-')


def start_buttons(obj, user) -> list[StartButton]:
    """What the user may start on this device or virtual machine."""
    return [
        _button(kind, obj) for kind in TARGET_KINDS if user.has_perm(get_permission_for_model(obj, kind.action), obj)
    ]


def scope_buttons(scope, user) -> list[StartButton]:
    """What the user may start on all that is operated at this site, or of this tenant."""
    return [_button(kind, scope) for kind in TARGET_KINDS if may_start(user, kind)]


def _button(kind: Kind, obj) -> StartButton:
    return StartButton(kind, get_action_url(obj, action=kind.action, kwargs={'pk': obj.pk}))


class BulkStart(ObjectAction):
    """Starts a run on what is selected in a list."""

    multi = True
    template_name = 'netbox_netops/buttons/bulk_start.html'
    kind: Kind

    @classmethod
    def get_context(cls, context, obj):
        return {'kind': cls.kind}


def _bulk_start(kind: Kind) -> type[BulkStart]:
    return type(
        BulkStart.__name__,
        (BulkStart,),
        {
            'name': f'bulk_{kind.action}',
            'label': format_lazy(_('{verb} with NetOps'), verb=kind.verb),
            'permissions_required': {kind.action},
            'kind': kind,
        },
    )


BULK_START_ACTIONS = tuple(_bulk_start(kind) for kind in TARGET_KINDS)
