"""What went up or down, for other code: the signal `state_changed`.

It is sent once for each written batch of scan results, after the transaction that wrote it has committed, and only when
it brought transitions.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.dispatch import Signal

__all__ = (
    'Transition',
    'announce',
    'state_changed',
)

logger = logging.getLogger('netbox.netbox_netops.transitions')

# Receivers are called with `transitions`: a list of Transition.
state_changed = Signal()


@dataclass(frozen=True, slots=True)
class Transition:
    """`kind`: 'interface' or 'bgp'. `key` tells it apart from others of the target: the interface index, or VRF and
    address of the peer. `name`: the name of the interface, or the description of the session.

    `old`, `new`: names of ifOperStatus (RFC 2863) or of bgpPeerState (RFC 4273, in lower case); 'gone' for a session
    that is not there. They are the same, 'established', for a session that was reset: it went down and came up again
    between two scans. `at`: start of the scan that saw it.
    """

    kind: str
    target_id: int
    key: str
    name: str
    old: str
    new: str
    at: datetime


def announce(transitions: Sequence[Transition]) -> None:
    """Send `state_changed` when the current transaction commits."""
    if transitions:
        transaction.on_commit(lambda: _send(list(transitions)))


def _send(transitions: list[Transition]) -> None:
    for receiver, answer in state_changed.send_robust(sender=Transition, transitions=transitions):
        if isinstance(answer, Exception):
            # Somebody else's code: it must not fail the scan, nor keep the other receivers from their turn.
            name = getattr(receiver, '__qualname__', repr(receiver))
            logger.error(f'{name} failed with {len(transitions)} transitions', exc_info=answer)
