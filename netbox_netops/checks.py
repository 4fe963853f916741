"""System checks: what is configured and cannot work, told by `netbox check` and by every management command."""

from django.apps import apps
from django.core.checks import CheckMessage, Warning, register

from .settings import get_settings

__all__ = ('connect',)


def connect() -> None:
    register(_check_secret_providers)


def _check_secret_providers(app_configs, **kwargs) -> list[CheckMessage]:
    """NetBox only warns when it skips a plugin that is not made for its version, and goes on without it."""
    if get_settings().netbox_secrets is None or apps.is_installed('netbox_secrets'):
        return []
    return [
        Warning(
            'The setting netbox_secrets is there, but the plugin netbox-secrets is not loaded: '
            'credentials of that provider cannot be used.',
            hint='Install netbox-secrets in a version that is made for this NetBox, or remove the setting.',
            id='netbox_netops.W001',
        )
    ]
