from netbox.api.authentication import TokenPermissions

__all__ = (
    'ApplyPermission',
    'ApproveHostKeyPermission',
    'BindSecretPermission',
    'RunPolicyPermission',
    'ServePermission',
    'StartRunPermission',
)


class StartRunPermission(TokenPermissions):
    """Starting and steering a run ask for the action of its kind on the objects, not for `add_run`.

    Here only: someone who is known, with a token that may write.
    """

    perms_map = {**TokenPermissions.perms_map, 'POST': []}

    def has_permission(self, request, view):
        # Also where NetBox lets anonymous users read.
        return bool(request.user and request.user.is_authenticated) and super().has_permission(request, view)


class ApplyPermission(StartRunPermission):
    """Applying differences asks for the permissions on NetBox's own objects, not for `add_difference`."""


class ServePermission(TokenPermissions):
    """Working for a gateway asks for an action of its own, not for `add_gateway`."""

    perms_map = {**TokenPermissions.perms_map, 'POST': ['%(app_label)s.netops_serve_%(model_name)s']}


class ApproveHostKeyPermission(TokenPermissions):
    """Approving and rejecting host keys ask for an action of their own."""

    perms_map = {**TokenPermissions.perms_map, 'POST': ['%(app_label)s.netops_approve_host_key_%(model_name)s']}


class BindSecretPermission(TokenPermissions):
    """Letting a credential go on asks for an action of its own, not for `add_credential`."""

    perms_map = {**TokenPermissions.perms_map, 'POST': ['%(app_label)s.netops_bind_secret_%(model_name)s']}


class RunPolicyPermission(TokenPermissions):
    """Running a policy now asks for an action of its own, not for `add_policy`."""

    perms_map = {**TokenPermissions.perms_map, 'POST': ['%(app_label)s.netops_run_%(model_name)s']}
