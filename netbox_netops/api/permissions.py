from dcim.models import Device
from netbox.api.authentication import TokenPermissions
from utilities.permissions import get_permission_for_model
from virtualization.models import VirtualMachine

from ..models import Target

__all__ = (
    'ApplyPermission',
    'StartRunPermission',
    'may_start',
)


class StartRunPermission(TokenPermissions):
    """Starting a run asks for the action of its kind on the objects, not for `add_run`.

    Here only: someone who is known, with a token that may write.
    """

    perms_map = {**TokenPermissions.perms_map, 'POST': []}

    def has_permission(self, request, view):
        # Also where NetBox lets anonymous users read.
        return bool(request.user and request.user.is_authenticated) and super().has_permission(request, view)


class ApplyPermission(StartRunPermission):
    """Applying differences asks for the permissions on NetBox's own objects, not for `add_difference`."""


def may_start(user, kind) -> bool:
    """Whether the user may start this kind of run on anything at all."""
    models = (Device, VirtualMachine) if kind.per_target else (Target,)
    return any(user.has_perm(get_permission_for_model(model, kind.action)) for model in models)
