"""Secrets: the type that cannot be printed, and the providers that resolve a reference to one."""

from netops_worker.secrets.files import FileProvider
from netops_worker.secrets.providers import EnvironmentProvider, SecretProvider, SecretResolver
from netops_worker.secrets.redaction import REDACTED, redact
from netops_worker.secrets.references import check_reference
from netops_worker.secrets.value import Secret

__all__ = (
    'REDACTED',
    'EnvironmentProvider',
    'FileProvider',
    'Secret',
    'SecretProvider',
    'SecretResolver',
    'check_reference',
    'redact',
)
