"""From what happened with each credential to what is told of the device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from netops_worker.errors import ERRORS, NetOpsError
from netops_worker.probes.ssh.text import shown
from netops_worker.wire import CredentialRef

__all__ = (
    'Check',
    'Verdict',
    'worst',
)

type Verdict = Literal['accepted', 'rejected', 'unknown']

# What the device itself said no to. Of everything else it is not known whether the credential works.
_REJECTED = ('credential:rejected', 'credential:host-key-changed')
_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Check:
    """`error`: None if the credential was accepted. `answered`: whether anything came back from the device."""

    credential: CredentialRef
    error: NetOpsError | None
    answered: bool
    stage: int = 1
    latency_ms: float = 0.0

    @property
    def verdict(self) -> Verdict:
        if self.error is None:
            return 'accepted'
        return 'rejected' if self.error.code in _REJECTED else 'unknown'

    @property
    def failed(self) -> bool:
        """An enable secret that a device does not ask for is none that fails."""
        needless = self.credential.protocol == 'enable' and self.error and self.error.code == 'credential:not-asked'
        return self.error is not None and not needless

    def to_json(self) -> dict[str, Any]:
        return {
            'credential': self.credential.id,
            'verdict': self.verdict,
            'code': self.error.code if self.error else '',
            'detail': shown(self.error.detail, _DETAIL) if self.error else '',
            'stage': self.stage,
            'latency_ms': round(self.latency_ms, 1),
        }


def worst(checks: Sequence[Check]) -> NetOpsError | None:
    """What the result of the device ends with; None when each credential was accepted.

    Rejected goes before unknown. A device that answered to anything is not unreachable, whatever was silent.
    """
    failures = sorted((check for check in checks if check.failed), key=lambda check: check.verdict != 'rejected')
    if not failures:
        return None
    if any(check.answered for check in checks):
        telling = [check for check in failures if not _unreachable(check)]
        if not telling:
            return NetOpsError('credential:unclear', _named(failures[0], failures))
        return NetOpsError(telling[0].error.code, _named(telling[0], failures))
    first = next((check for check in failures if _unreachable(check)), failures[0])
    return NetOpsError(first.error.code, _named(first, failures))


def _unreachable(check: Check) -> bool:
    return ERRORS[check.error.code].unreachable


def _named(check: Check, failures: Sequence[Check]) -> str:
    name, error = check.credential.name, check.error
    detail = error.detail
    if not detail.startswith(f'{name}: '):
        detail = f'{name}: {detail or error.code}'
    others = [f'{other.credential.name}: {other.error.code}' for other in failures if other is not check]
    return f'{detail}; also {", ".join(others)}' if others else detail
