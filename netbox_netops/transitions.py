"""What went up or down, or began to refuse us, for other code: the signal `state_changed`.

It is sent once for each written batch of scan results, after the transaction that wrote it has committed, and only when
it brought transitions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from netops_worker.log import get_logger

__all__ = (
    'Transition',
    'announce',
    'announce_stopped',
    'credentials_stopped',
    'state_changed',
)

logger = get_logger('netbox.netbox_netops.transitions')

# Receivers are called with `transitions`: a list of Transition.
state_changed = Signal()
# After the commit too, with `credentials`: ids of those that are not used any more, because devices reject them.
credentials_stopped = Signal()


@dataclass(frozen=True, slots=True)
class Transition:
    """`kind`: 'interface', 'bgp', 'reachability', 'credential' or 'host-key'. `key` tells it apart from others of the
    target: the interface index, VRF and address of the peer, the id of the credential if a check found it, the
    fingerprint. `name`: the name of the interface, the description of the session, the name of the credential, the
    type of the host key. The target itself has neither.

    `old`, `new`: names of ifOperStatus (RFC 2863) or of bgpPeerState (RFC 4273, in lower case); 'gone' for a session
    that is not there. They are the same, 'established', for a session that was reset: it went down and came up again
    between two scans. Of 'reachability': reachable, unreachable, or unknown before; of 'credential': the error code of
    the scan or check before, or empty, and the one that says how the credential was refused; of 'host-key':
    fingerprints. `at`: start of the scan or check that saw it.

    `run`: whose scan it was. `details`: of a session the rest of its row; of the target `code` and `detail` of the
    error. Both say more about a transition, and are no part of what it is.
    """

    kind: str
    target_id: int
    key: str
    name: str
    old: str
    new: str
    at: datetime
    run: int | None = field(default=None, compare=False)
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)


def announce(transitions: Sequence[Transition]) -> None:
    """Send `state_changed` when the current transaction commits."""
    if transitions:
        transaction.on_commit(lambda: _send(list(transitions)))


def announce_stopped(credentials: Sequence[int]) -> None:
    """Send `credentials_stopped` when the current transaction commits."""
    if credentials:
        transaction.on_commit(lambda: credentials_stopped.send_robust(sender=None, credentials=list(credentials)))


def _send(transitions: list[Transition]) -> None:
    for receiver, answer in state_changed.send_robust(sender=Transition, transitions=transitions):
        if isinstance(answer, Exception):
            # Somebody else's code: it must not fail the scan, nor keep the other receivers from their turn.
            name = getattr(receiver, '__qualname__', repr(receiver))
            logger.error(f'{name} failed with {len(transitions)} transitions', exc_info=answer)
