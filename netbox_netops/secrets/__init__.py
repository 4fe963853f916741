"""Where the job process finds secrets: the worker's providers, set up from the plugin's settings."""

from netops_worker.secrets import EnvironmentProvider, FileProvider, SecretResolver

from ..settings import get_settings

__all__ = ('get_resolver',)


def get_resolver() -> SecretResolver:
    return SecretResolver(
        {
            'environment': EnvironmentProvider(),
            'file': FileProvider(get_settings().secrets_directory),
        }
    )
