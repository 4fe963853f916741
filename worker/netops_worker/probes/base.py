"""What a probe is: the code that talks to one device for one purpose. Pure asyncio, no Django."""

import time
from dataclasses import dataclass, field
from typing import Any, Protocol

from netops_worker.clock import lease_now
from netops_worker.errors import NetOpsError
from netops_worker.secrets import Resolution, Secret, SecretResolver, SecretSubject
from netops_worker.wire import CredentialRef, Task

__all__ = (
    'Probe',
    'ProbeContext',
    'ProbeOutcome',
)


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What a probe found. With an `error_code` it failed, and `data` is what was collected before.

    `data` maps a result family to plain JSON values. `credential` is the id of the CredentialRef that worked.
    """

    data: dict[str, Any] = field(default_factory=dict)
    credential: int | None = None
    error_code: str = ''
    error_detail: str = ''


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """What the engine lends to a probe. `deadline` is on `time.monotonic()`, `lease_deadline` on `lease_now()`.

    `subject`: whom secrets are asked for. `resolutions`: what came of each of them, in order, for the audit.
    """

    resolver: SecretResolver
    deadline: float
    lease_deadline: float
    subject: SecretSubject | None = None
    resolutions: list[Resolution] = field(default_factory=list)

    def check_deadline(self) -> float:
        """To be called before each send. Returns the seconds left, which is more than 0.

        Raises NetOpsError: `deadline:probe` when the time of this probe is used up, `lease:lost` when even its lease
        is over (the process was frozen, or its host): then another worker may be talking to the device already.
        """
        if lease_now() >= self.lease_deadline:
            raise NetOpsError('lease:lost')
        now = time.monotonic()
        if now >= self.deadline:
            raise NetOpsError('deadline:probe')
        return self.deadline - now

    async def secret(self, credential: CredentialRef) -> Secret:
        """Resolve the secret of `credential`. Raises NetOpsError with a `secret:` code.

        Environment, local files and what was asked for a moment ago answer at once, in the event loop; a provider that
        waits for a network or a database is asked in a thread, for as long as the probe has time.
        """
        return await self.resolver.resolve_async(
            credential, self.subject, self.resolutions.append, timeout=self.check_deadline()
        )


class Probe(Protocol):
    async def __call__(self, task: Task, context: ProbeContext) -> ProbeOutcome:
        """Probe the one target of `task`.

        A failure is returned with its code and what was collected, or raised as NetOpsError when there is nothing.
        Any other exception becomes `internal:error`. Calls `context.check_deadline()` before each send.
        """
