"""What a secret provider is, the provider that reads environment variables, and the choice among providers."""

import os
import re
from collections.abc import Mapping
from typing import Protocol

from netops_worker.errors import NetOpsError
from netops_worker.secrets.value import Secret
from netops_worker.wire import CredentialRef

__all__ = (
    'EnvironmentProvider',
    'SecretProvider',
    'SecretResolver',
    'check_variable',
)


_VARIABLE = re.compile(r'NETOPS_SECRET_[A-Z0-9_]+')


class SecretProvider(Protocol):
    def resolve(self, reference: str) -> Secret:
        """Return the secret of that name.

        Raises NetOpsError: `secret:not-found`, `secret:refused` (the reference is not allowed) or
        `secret:unavailable` (the provider cannot answer now). Their detail names the reference, never the value.
        """


class EnvironmentProvider:
    """Secrets in environment variables. Only names that start with NETOPS_SECRET_ can be read."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def resolve(self, reference: str) -> Secret:
        check_variable(reference)
        value = self._environment.get(reference, '')
        if not value:
            raise NetOpsError('secret:not-found', f'the environment variable {reference} is not set')
        return Secret(value)


def check_variable(reference: str) -> None:
    """Raises NetOpsError `secret:refused` unless the reference is the name of a variable set aside for secrets."""
    # fullmatch, because `$` would let a trailing newline pass.
    if not isinstance(reference, str) or not _VARIABLE.fullmatch(reference):
        raise NetOpsError('secret:refused', f'{reference!r} does not match {_VARIABLE.pattern}')


class SecretResolver:
    """Finds the provider that a credential names and asks it."""

    def __init__(self, providers: Mapping[str, SecretProvider]) -> None:
        self._providers = dict(providers)

    def resolve(self, credential: CredentialRef) -> Secret:
        """Return the secret of `credential`. Raises NetOpsError with one of the `secret:` codes, and nothing else."""
        provider = self._providers.get(credential.provider)
        if provider is None:
            raise NetOpsError('secret:refused', f'{credential.name}: unknown provider {credential.provider!r}')
        try:
            secret = provider.resolve(credential.reference)
        except NetOpsError as error:
            raise NetOpsError(error.code, f'{credential.name}: {error.detail}') from None
        except Exception as error:
            # Neither text nor chain: what a foreign provider puts into its exception may be the secret.
            raise NetOpsError('secret:unavailable', f'{credential.name}: {type(error).__name__}') from None
        if not isinstance(secret, Secret):
            raise NetOpsError('secret:unavailable', f'{credential.name}: the provider did not return a secret')
        return secret
