"""Official fakes: a source and a sink in memory, to test what uses the engine without a database."""

import threading
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from netops_worker.wire import Result, Task

__all__ = (
    'MemorySink',
    'MemorySource',
    'make_task',
)


def make_task(id: int = 1, **values: Any) -> Task:
    """A task with plausible values; every one of them can be given."""
    defaults: dict[str, Any] = {
        'kind': 'device-scan',
        'run': 1,
        'target': id,
        'name': f'device-{id}',
        'address': '127.0.0.1',
        'lease_token': f'token-{id}',
        'lease_seconds': 60.0,
    }
    return Task(id=id, **{**defaults, **values})


class MemorySource:
    """Gives out the tasks it was given, each once. `claims` lists (limit, tasks given); `threads` who asked.

    `cancel`: ids of tasks that somebody cancelled. `returned`: tasks that were handed back.
    """

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self._waiting = deque(tasks)
        self.claims: list[tuple[int, int]] = []
        self.threads: set[int] = set()
        self.again_after: float | None = None
        self.cancel: set[int] = set()
        self.returned: list[Task] = []

    def add(self, *tasks: Task) -> None:
        self._waiting.extend(tasks)

    def claim(self, limit: int) -> Sequence[Task]:
        self.threads.add(threading.get_ident())
        tasks = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
        self.claims.append((limit, len(tasks)))
        return tasks

    def cancelled(self, tasks: Collection[int]) -> Collection[int]:
        self.threads.add(threading.get_ident())
        return self.cancel.intersection(tasks)

    def hand_back(self, tasks: Sequence[Task]) -> None:
        self.threads.add(threading.get_ident())
        self.returned.extend(tasks)


class MemorySink:
    """Keeps each task's first result. `lost` holds lease tokens that count as no longer valid: their results are
    refused. `batches` has the sizes of the writes, `written` all results in order, accepted or not.
    """

    def __init__(self, lost: Iterable[str] = ()) -> None:
        self.results: dict[int, Result] = {}
        self.lost = set(lost)
        self.written: list[Result] = []
        self.batches: list[int] = []
        self.threads: set[int] = set()

    def write(self, results: Sequence[Result]) -> int:
        self.threads.add(threading.get_ident())
        self.batches.append(len(results))
        self.written.extend(results)
        accepted = 0
        for result in results:
            if result.lease_token not in self.lost and result.task not in self.results:
                self.results[result.task] = result
                accepted += 1
        return accepted
