"""Two ways to wake the main thread of a worker: that it shall end, and that there is work.

Both are told by a SimpleQueue, whose `put` may be called in a signal handler whatever the main thread is at; the lock
of a threading.Event may be held by that very thread.
"""

import contextlib
import math
import queue
import time

__all__ = (
    'Bell',
    'Stop',
)


class Bell:
    """Rung by one thread, heard by another."""

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self) -> None:
        self._rings.put(None)

    def wait(self, seconds: float) -> bool:
        """Whether it was rung since it was heard last, waiting for that at most so long."""
        try:
            self._rings.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return False
        with contextlib.suppress(queue.Empty):
            while True:
                self._rings.get_nowait()
        return True

    def rung(self) -> bool:
        return self.wait(0.0)


class Stop:
    """Whether somebody asked this process to end, and until when it may take (`deadline`, monotonic clock)."""

    def __init__(self, grace: float) -> None:
        self.deadline = math.inf
        self._grace = grace
        self._bell = Bell()

    def request(self) -> None:
        if not self.requested:
            self.deadline = time.monotonic() + self._grace
        self._bell.ring()

    @property
    def requested(self) -> bool:
        return self.deadline < math.inf

    def wait(self, seconds: float) -> None:
        """Pause for so long; a request to stop ends the pause."""
        self._bell.wait(seconds)
