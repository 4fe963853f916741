"""Where the job process finds secrets: the worker's providers and that of NetBox, as the plugin's settings say."""

from netops_worker.secrets import EnvironmentProvider, FileProvider, SecretProvider, SecretResolver, VaultProvider

from ..settings import get_settings
from .netbox_secrets import NetBoxSecretsProvider

__all__ = ('get_resolver',)


def get_resolver() -> SecretResolver:
    settings = get_settings()
    providers: dict[str, SecretProvider] = {
        'environment': EnvironmentProvider(),
        'file': FileProvider(settings.secrets_directory),
    }
    if settings.vault:
        providers['vault'] = VaultProvider(settings.vault)
    if settings.netbox_secrets:
        providers['netbox-secrets'] = NetBoxSecretsProvider(settings.netbox_secrets, settings.secret_cache_seconds)
    return SecretResolver(providers, fallback=settings.secret_fallback, cache_seconds=settings.secret_cache_seconds)
