"""Secrets kept for a short time in the memory of this process: a fleet must not ask a server once per device."""

import threading
import time
from collections.abc import Callable, Hashable

from netops_worker.errors import NetOpsError
from netops_worker.secrets.providers import Found

__all__ = ('SecretCache',)

# A server that is down, or says no, is not asked by each of a thousand devices; but soon again by the next one.
_FAILURE_SECONDS = 5.0
# As many keys can be asked for at the same time.
_LOCKS = 16

type _Key = tuple[Hashable, ...]


class _State:
    """All that changes, in one object: to forget it is to replace it, which needs no lock."""

    def __init__(self) -> None:
        # Key -> (moment on the monotonic clock when it ends, what was found or code and detail of the failure).
        self.entries: dict[_Key, tuple[float, Found | tuple[str, str]]] = {}
        self.lock = threading.Lock()
        self.asking = [threading.Lock() for _ in range(_LOCKS)]


class SecretCache:
    """Keeps at most `most` answers for `seconds`, and failures for at most 5 s. 0 seconds: keeps nothing."""

    def __init__(self, seconds: float, *, most: int = 1024, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._state = _State()

    def peek(self, key: _Key) -> Found | None:
        """What is kept under that key, if anything. Raises the NetOpsError that is kept."""
        return self._peek(self._state, key)

    def fetch(self, key: _Key, ask: Callable[[], Found]) -> tuple[Found, bool]:
        """What is kept, or else what `ask` returns; and whether it was kept. Who asks for the same waits for the first.

        Raises the NetOpsError of `ask`, which is kept, too.
        """
        # An answer that comes after `clear` or `forget` goes into the state of before, which nobody reads any more.
        state = self._state
        with state.asking[hash(key) % _LOCKS]:
            if found := self._peek(state, key):
                return found, True
            try:
                found = ask()
            except NetOpsError as error:
                self._keep(state, key, (error.code, error.detail), min(self._seconds, _FAILURE_SECONDS))
                raise
            self._keep(state, key, found, self._seconds)
        return found, False

    def forget(self, is_stale: Callable[[_Key], bool]) -> None:
        fresh = _State()
        fresh.entries = {key: entry for key, entry in self._state.entries.copy().items() if not is_stale(key)}
        self._state = fresh

    def clear(self) -> None:
        self._state = _State()

    def _peek(self, state: _State, key: _Key) -> Found | None:
        until, kept = state.entries.get(key, (0.0, None))
        if kept is None or self._clock() >= until:
            return None
        if isinstance(kept, tuple):
            raise NetOpsError(*kept)
        return kept

    def _keep(self, state: _State, key: _Key, kept: Found | tuple[str, str], seconds: float) -> None:
        if seconds <= 0:
            return
        now = self._clock()
        with state.lock:
            # What has ended is not kept in memory either, however seldom it is asked for.
            for old in [old for old, (until, _kept) in state.entries.items() if now >= until]:
                del state.entries[old]
            while len(state.entries) >= self._most:
                del state.entries[next(iter(state.entries))]
            state.entries[key] = (now + seconds, kept)
