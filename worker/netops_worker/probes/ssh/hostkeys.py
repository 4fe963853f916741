"""Whether a host key may be trusted with a secret: decided before any is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from netops_worker.errors import NetOpsError

__all__ = (
    'HostKeyState',
    'KnownHostKey',
    'Policy',
    'check_host_key',
    'known_types',
)

type Policy = Literal['first-use', 'strict']
type HostKeyState = Literal['first-use', 'trusted', 'changed', 'unknown']


@dataclass(frozen=True, slots=True)
class KnownHostKey:
    """`type`: such as 'ssh-ed25519'. `fingerprint`: 'SHA256:…', as OpenSSH prints it."""

    type: str
    fingerprint: str
    state: Literal['trusted', 'pending', 'rejected']


def check_host_key(
    policy: Policy, known: Sequence[KnownHostKey], type: str, fingerprint: str
) -> tuple[HostKeyState, NetOpsError | None]:
    """The state of the key that a device has shown, and why no secret may be sent to it; None: one may.

    A key that replaces a trusted one counts as changed whatever its type, because types that are known are asked for
    first: the device has the trusted key no longer, or somebody else answers in its place.
    """
    own = next((key for key in known if key.fingerprint == fingerprint and key.type == type), None)
    if own is not None and own.state == 'trusted':
        return 'trusted', None
    trusted = [key for key in known if key.state == 'trusted']
    if trusted:
        before = ', '.join(f'{key.type} {key.fingerprint}' for key in trusted)
        detail = f'it shows {type} {fingerprint}; trusted is {before}'
        return 'changed', NetOpsError('credential:host-key-changed', detail)
    if own is not None:
        what = 'was rejected' if own.state == 'rejected' else 'waits for approval'
        return 'unknown', NetOpsError('credential:host-key-unknown', f'{type} {fingerprint} {what}')
    if policy == 'first-use' and not known:
        return 'first-use', None
    return 'unknown', NetOpsError('credential:host-key-unknown', f'{type} {fingerprint} was never approved')


def known_types(known: Sequence[KnownHostKey]) -> list[str]:
    """The types to ask a device for first, so that one with several keys is recognised: those of trusted keys."""
    ordered = sorted(known, key=lambda key: key.state != 'trusted')
    return list(dict.fromkeys(key.type for key in ordered))
