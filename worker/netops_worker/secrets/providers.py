"""What a secret provider is, whom it is asked for, and the provider that reads environment variables."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from netops_worker.errors import NetOpsError
from netops_worker.secrets.value import Secret
from netops_worker.wire import Task

__all__ = (
    'EnvironmentProvider',
    'Found',
    'SecretProvider',
    'SecretSubject',
    'check_variable',
)


_VARIABLE = re.compile(r'NETOPS_SECRET_[A-Z0-9_]+')


@dataclass(frozen=True, slots=True)
class SecretSubject:
    """For which device a secret is asked, and who wants it: `requested_by` is a user name, '' when nobody is named.

    `target`, `device_id`, `netbox_id` and `name` are those of the Task.
    """

    target: int
    device_id: int | None = None
    netbox_id: int | None = None
    name: str = ''
    requested_by: str = ''

    @classmethod
    def of(cls, task: Task) -> 'SecretSubject':
        return cls(task.target, task.device_id, task.netbox_id, task.name, task.requested_by)


@dataclass(frozen=True, slots=True)
class Found:
    """A secret, and which one it is for people to see: `source` is a version or an id, never the value."""

    secret: Secret
    source: str = ''


class SecretProvider:
    """Base of the providers. Used by several threads at the same time.

    `blocking`: it waits for a network or a database, so it is asked in a thread and its answers are kept for a short
    time. `by_subject`: what it answers depends on the subject, too.
    """

    blocking: ClassVar[bool] = False
    by_subject: ClassVar[bool] = False

    def resolve(self, reference: str, subject: SecretSubject | None = None) -> Secret | Found:
        """Return the secret of that name.

        Raises NetOpsError with one of the `secret:` codes. Their detail names the reference, never the value.
        """
        raise NotImplementedError

    def check(self, reference: str) -> None:
        """Raises NetOpsError `secret:refused` when the form of the reference is none of this provider's."""

    def clear(self) -> None:
        """Forget what is kept in memory. Takes no lock: a forked child calls it, too, where nobody would open it."""


class EnvironmentProvider(SecretProvider):
    """Secrets in environment variables. Only names that start with NETOPS_SECRET_ can be read."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def resolve(self, reference: str, subject: SecretSubject | None = None) -> Secret:
        check_variable(reference)
        value = self._environment.get(reference, '')
        if not value:
            raise NetOpsError('secret:not-found', f'the environment variable {reference} is not set')
        return Secret(value)

    def check(self, reference: str) -> None:
        check_variable(reference)


def check_variable(reference: str) -> None:
    """Raises NetOpsError `secret:refused` unless the reference is the name of a variable set aside for secrets."""
    # fullmatch, because `$` would let a trailing newline pass.
    if not isinstance(reference, str) or not _VARIABLE.fullmatch(reference):
        raise NetOpsError('secret:refused', f'{reference!r} does not match {_VARIABLE.pattern}')
