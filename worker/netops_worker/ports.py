"""Source and Sink: the two things a host of the engine provides.

Inside NetBox they are the ORM; in a worker at a POP they are REST. Both are called from the thread that called
`Engine.run()`, never from the event loop, so that they may use synchronous drivers and transactions.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from netops_worker.wire import Result, Task

__all__ = (
    'Sink',
    'Source',
)


class Source(Protocol):
    def claim(self, limit: int) -> Sequence[Task]:
        """Lease up to `limit` waiting tasks to the caller. An empty answer means: nothing is claimable now."""

    @property
    def again_after(self) -> float | None:
        """After an empty claim: in how many seconds it is worth asking again. None: nothing but a result changes it."""

    def cancelled(self, tasks: Collection[int]) -> Collection[int]:
        """Which of these tasks, by id, are to be given up. Asked about once a second."""

    def hand_back(self, tasks: Sequence[Task]) -> None:
        """Let others have these tasks: the caller has stopped probing them, and there will be no result."""


class Sink(Protocol):
    def write(self, results: Sequence[Result]) -> int:
        """Take results, durable on return. Returns how many were accepted: those whose lease was still valid."""
