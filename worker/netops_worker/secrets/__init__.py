"""Secrets: the type that cannot be printed, and the providers that resolve a reference to one."""

from netops_worker.secrets.files import FileProvider
from netops_worker.secrets.providers import EnvironmentProvider, Found, SecretProvider, SecretSubject
from netops_worker.secrets.redaction import REDACTED, redact
from netops_worker.secrets.references import PROVIDERS, check_reference
from netops_worker.secrets.resolver import Resolution, SecretResolver
from netops_worker.secrets.value import Secret
from netops_worker.secrets.vault import VaultProvider
from netops_worker.secrets.vault_config import VaultConfig, parse_vault

__all__ = (
    'PROVIDERS',
    'REDACTED',
    'EnvironmentProvider',
    'FileProvider',
    'Found',
    'Resolution',
    'Secret',
    'SecretProvider',
    'SecretResolver',
    'SecretSubject',
    'VaultConfig',
    'VaultProvider',
    'check_reference',
    'parse_vault',
    'redact',
)
