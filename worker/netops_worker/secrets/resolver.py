"""The choice among providers: which one is asked, which others after it, in which thread, and what is told of it."""

import asyncio
import contextvars
import os
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.secrets.cache import SecretCache
from netops_worker.secrets.providers import Found, SecretProvider, SecretSubject
from netops_worker.secrets.references import PROVIDERS
from netops_worker.secrets.value import Secret
from netops_worker.wire import CredentialRef

__all__ = (
    'Resolution',
    'SecretResolver',
)

# Only what is not there may be elsewhere. Who is refused, locked out or not answered gets nothing from elsewhere.
_FALLS_BACK = ('secret:not-installed', 'secret:not-found')
# Questions to servers under way at the same time; what more there are wait for these.
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Resolution:
    """That a secret was asked for, and what came of it; never the value. For the audit.

    `asked`: the provider of the credential; `provider`: the one that answered, or whose failure it ended with.
    `code`: '' when the secret was found. `source`: which of the provider's secrets it was. `cached`: it was found in
    memory. `at` is seconds since the epoch, when it was asked for; `seconds`, how long it took. `target` and
    `requested_by` are those of the subject.
    """

    credential: int
    reference: str
    asked: str
    provider: str
    code: str
    source: str
    cached: bool
    at: float
    seconds: float
    target: int | None = None
    requested_by: str = ''

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


type Record = Callable[[Resolution], None]


class _WouldWait(Exception):
    """The answer is not in memory, and to get it would block."""


class SecretResolver:
    """Finds the provider that a credential names and asks it.

    `fallback`: names of providers that are asked in this order with the same reference when that one is not installed
    or has no such secret; those whose references look different are passed over. `cache_seconds`: how long answers of
    providers that block are kept in memory. They are gone in a child that this process forks.
    """

    def __init__(
        self,
        providers: Mapping[str, SecretProvider],
        *,
        fallback: Sequence[str] = (),
        cache_seconds: float = 30.0,
    ) -> None:
        self._providers = dict(providers)
        self._fallback = tuple(fallback)
        self._cache = SecretCache(cache_seconds)
        self._executor: ThreadPoolExecutor | None = None
        _resolvers.add(self)

    def resolve(
        self, credential: CredentialRef, subject: SecretSubject | None = None, record: Record | None = None
    ) -> Secret:
        """Return the secret of `credential`. Raises NetOpsError with one of the `secret:` codes, and nothing else.

        `record` is called once, with what came of it.
        """
        return self._resolve(credential, subject, record, wait=True)

    async def resolve_async(
        self,
        credential: CredentialRef,
        subject: SecretSubject | None = None,
        record: Record | None = None,
        *,
        timeout: float | None = None,
    ) -> Secret:
        """The same, without blocking the event loop: in a thread, unless the answer takes no waiting.

        After `timeout` seconds it is `secret:unavailable`; an answer that comes later is kept for the next one.
        """
        try:
            return self._resolve(credential, subject, record, wait=False)
        except _WouldWait:
            pass
        if self._executor is None:
            self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix='netops-secrets')
        at, began = time.time(), time.monotonic()
        told: list[Resolution] = []
        # In this context: what its log lines belong to, those of the thread belong to as well.
        call = contextvars.copy_context().run
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.get_running_loop().run_in_executor(
                    self._executor, call, self._resolve, credential, subject, told.append
                )
        except TimeoutError:
            detail = f'{credential.name}: {credential.provider} did not answer in time'
            raise NetOpsError('secret:unavailable', detail) from None
        finally:
            if record is not None:
                if not told:
                    # Given up, because the time is over or the probe was cancelled.
                    told.append(
                        _resolution(credential, subject, credential.provider, 'secret:unavailable', at=at, began=began)
                    )
                record(told[0])

    def forget(self, credential: CredentialRef) -> None:
        """To be called when a device rejected the credential: its secrets may have been replaced."""
        references = (value for name, value in credential.parameters.items() if name.endswith('_reference'))
        stale = {credential.reference, *references}
        self._cache.forget(lambda key: key[1] in stale)

    def clear(self) -> None:
        """Forget all that is kept in memory: secrets, and what providers need to get them."""
        self._cache.clear()
        for provider in self._providers.values():
            provider.clear()

    def _resolve(
        self,
        credential: CredentialRef,
        subject: SecretSubject | None,
        record: Record | None,
        *,
        wait: bool = True,
    ) -> Secret:
        at, began = time.time(), time.monotonic()
        failures: list[tuple[str, NetOpsError]] = []
        for name in self._chain(credential):
            try:
                found, cached = self._ask(name, credential.reference, subject, wait)
            except NetOpsError as error:
                failures.append((name, error))
                if error.code not in _FALLS_BACK:
                    break
                continue
            if record is not None:
                record(_resolution(credential, subject, name, source=found.source, cached=cached, at=at, began=began))
            return found.secret
        # Where nobody has it, what the credential's own provider said counts.
        decisive, error = failures[-1] if failures[-1][1].code not in _FALLS_BACK else failures[0]
        if record is not None:
            record(_resolution(credential, subject, decisive, error.code, at=at, began=began))
        details = [
            error.detail if name == credential.provider else f'{name}: {error.detail}' for name, error in failures
        ]
        raise NetOpsError(error.code, f'{credential.name}: {"; ".join(details)}') from None

    def _chain(self, credential: CredentialRef) -> list[str]:
        chain = [credential.provider]
        for name in self._fallback:
            provider = self._providers.get(name)
            if name in chain or provider is None:
                continue
            try:
                provider.check(credential.reference)
            except NetOpsError:
                # A name that it cannot have.
                continue
            chain.append(name)
        return chain

    def _ask(self, name: str, reference: str, subject: SecretSubject | None, wait: bool) -> tuple[Found, bool]:
        provider = self._providers.get(name)
        if provider is None:
            if name in PROVIDERS:
                raise NetOpsError('secret:not-installed', f'the provider {name} is not configured here')
            raise NetOpsError('secret:refused', f'unknown provider {name!r}')
        if not provider.blocking:
            return _found(provider, reference, subject), False
        key: tuple[Any, ...] = (name, reference)
        if provider.by_subject and subject is not None:
            key = (*key, subject.target, subject.requested_by)
        if not wait:
            if kept := self._cache.peek(key):
                return kept, True
            raise _WouldWait
        return self._cache.fetch(key, lambda: _found(provider, reference, subject))

    def _after_fork(self) -> None:
        # Its threads did not come along.
        self._executor = None
        self.clear()


def _found(provider: SecretProvider, reference: str, subject: SecretSubject | None) -> Found:
    try:
        found = provider.resolve(reference, subject)
    except NetOpsError:
        raise
    except Exception as error:
        # Neither text nor chain: what a foreign provider puts into its exception may be the secret.
        raise NetOpsError('secret:unavailable', type(error).__name__) from None
    if isinstance(found, Secret):
        return Found(found)
    if not isinstance(found, Found) or not isinstance(found.secret, Secret):
        raise NetOpsError('secret:unavailable', 'the provider did not return a secret')
    return found


def _resolution(
    credential: CredentialRef,
    subject: SecretSubject | None,
    provider: str,
    code: str = '',
    *,
    at: float,
    began: float,
    source: str = '',
    cached: bool = False,
) -> Resolution:
    return Resolution(
        credential=credential.id,
        reference=credential.reference,
        asked=credential.provider,
        provider=provider,
        code=code,
        source=source,
        cached=cached,
        at=at,
        seconds=time.monotonic() - began,
        target=subject.target if subject else None,
        requested_by=subject.requested_by if subject else '',
    )


_resolvers: weakref.WeakSet[SecretResolver] = weakref.WeakSet()


def _after_fork() -> None:
    for resolver in tuple(_resolvers):
        resolver._after_fork()


os.register_at_fork(after_in_child=_after_fork)
