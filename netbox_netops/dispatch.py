"""The one door in: every operation, whoever asks for it, becomes a Run here.

Set-based: the number of queries does not depend on the number of targets. Deduplication is a partial unique index, so
it holds under concurrent requests and inside outer transactions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from netops_worker.errors import NetOpsError

from .models import Run

__all__ = (
    'Dispatch',
    'DispatchError',
    'enqueue',
)


class DispatchError(NetOpsError):
    """A request that was refused; nothing was started. `field` names the argument at fault, '' for none in particular."""

    def __init__(self, code: str, detail: str = '', field: str = ''):
        super().__init__(code, detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What became of a request.

    `run` is the new run, or the active one when all targets were already being worked on (`created` is False).
    `queued` targets were added to it; `joined` maps other active runs to the number of targets they already hold.
    `no_worker` warns that no worker serves the queue at the moment.
    """

    run: Run
    created: bool
    queued: int
    joined: dict[int, int] = field(default_factory=dict)
    no_worker: bool = False


def enqueue(
    kind: str,
    *,
    user,
    devices: Iterable = (),
    virtual_machines: Iterable = (),
    reason: str = '',
    options: dict | None = None,
) -> Dispatch:
    """Start a run of `kind` on devices and virtual machines (querysets, or iterables of primary keys).

    The user's permission for the kind's action is enforced object by object: a queryset is narrowed to what the user
    may operate, a primary key that does not exist or is not permitted refuses the request. `user=None` is the system
    itself. Raises DispatchError with the codes kind:unknown, permission:denied, selection:empty, target:unknown and
    options:invalid.
    """
    raise NotImplementedError
