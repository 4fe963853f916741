"""Source and Sink of the engine where NetBox is reached by REST only."""

import json
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from netops_worker.clients.netbox import NetBoxClient
from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger
from netops_worker.stopping import Bell
from netops_worker.wire import Result, Task

__all__ = (
    'RestSink',
    'RestSource',
)

logger = get_logger('netops_worker.agent')

# How often the engine looks here for more while it is at work: without asking NetBox, unless there is a reason to.
_LOOK_SECONDS = 1.0
# One report: well below what NetBox takes (and the 25 MB of the nginx configuration that NetBox brings).
_MOST_BYTES = 4_000_000
_MOST_RESULTS = 200


class RestSource:
    """Claims the work of the gateway, whatever run it belongs to. NetBox being unreachable is no error here.

    It is asked when the bell rang, when it said that it is worth it, and otherwise every `poll` seconds.
    `leases`: task -> the end of its lease on the monotonic clock, for everything claimed and not reported yet.
    """

    def __init__(self, client: NetBoxClient, kinds: Collection[str], *, bell: Bell, poll: float) -> None:
        self.again_after: float | None = None
        self.leases: dict[int, float] = {}
        # What went wrong in the last question, if anything did.
        self.error: NetOpsError | None = None
        self._client = client
        self._kinds = kinds
        self._bell = bell
        self._poll = poll
        # Whether NetBox has more, which waits for something.
        self._more = False
        self._ask_at = 0.0
        self._quiet_until = 0.0
        self._failures = 0

    def ask(self) -> None:
        """Make the next claim a question to NetBox."""
        self._ask_at = 0.0

    @property
    def seconds_to_ask(self) -> float:
        return max(self._ask_at, self._quiet_until) - time.monotonic()

    def claim(self, limit: int) -> Sequence[Task]:
        if self._bell.rung():
            self.ask()
        tasks: Sequence[Task] = ()
        if self.seconds_to_ask <= 0:
            tasks = self._claim(limit)
        now = time.monotonic()
        self.leases = {task: end for task, end in self.leases.items() if end > now}
        # While there is anything to do here, the bell is listened to; otherwise the engine ends.
        waits = self._more or self.leases
        self.again_after = max(0.01, min(_LOOK_SECONDS, self.seconds_to_ask)) if waits else None
        return tasks

    def _claim(self, limit: int) -> Sequence[Task]:
        # The clock of a lease starts before the question: an answer that was long under way must not seem fresh.
        asked_at = time.monotonic()
        try:
            tasks, again_after = self._client.claim(limit, self._kinds)
        except NetOpsError as error:
            self._failed(error)
            self._more = False
            self._ask_at = self._quiet_until
            return ()
        self._succeeded()
        self._more = bool(tasks) or again_after is not None
        if not tasks:
            self._ask_at = time.monotonic() + (self._poll if again_after is None else again_after)
        self.leases.update((task.id, asked_at + task.lease_seconds) for task in tasks)
        return tasks

    def cancelled(self, tasks: Collection[int]) -> Collection[int]:
        if time.monotonic() < self._quiet_until:
            return ()
        try:
            cancelled, _slug = self._client.control(tasks)
        except NetOpsError as error:
            self._failed(error)
            return ()
        self._succeeded()
        return cancelled

    def hand_back(self, tasks: Sequence[Task]) -> None:
        until = max(self.leases.get(task.id, 0.0) for task in tasks)
        try:
            self._client.hand_back([(task.id, task.lease_token) for task in tasks], until)
        except NetOpsError as error:
            logger.error('%d tasks are free only when their leases end: %s', len(tasks), error)
        self.reported([task.id for task in tasks])

    def reported(self, tasks: Collection[int]) -> None:
        """These tasks are no longer at work here, which may have made room for others."""
        for task in tasks:
            self.leases.pop(task, None)
        if self._more:
            self.ask()

    def _failed(self, error: NetOpsError) -> None:
        self.error = error
        pause = min(self._poll, _LOOK_SECONDS * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        self._quiet_until = time.monotonic() + pause
        logger.warning('%s; asking again in %.0f s', error, pause)

    def _succeeded(self) -> None:
        if self._failures:
            logger.info('NetBox answers again')
        self.error, self._failures, self._quiet_until = None, 0, 0.0


class RestSink:
    """Reports results, and keeps trying until the last of their leases ends."""

    def __init__(self, client: NetBoxClient, source: RestSource) -> None:
        self._client = client
        self._source = source

    def write(self, results: Sequence[Result]) -> int:
        accepted = sum(self._report(messages) for messages in _batches(results))
        self._source.reported([result.task for result in results])
        return accepted

    def _report(self, messages: list[dict[str, Any]]) -> int:
        until = max(self._source.leases.get(message['task'], 0.0) for message in messages)
        try:
            return self._client.results(messages, until)
        except NetOpsError as error:
            if error.code not in ('gateway:refused', 'wire:invalid', 'wire:too-large'):
                logger.error('%d results are lost: %s', len(messages), error)
                return 0
            refusal = error
        # One that NetBox will not take must not take the others with it.
        if len(messages) > 1:
            middle = len(messages) // 2
            return self._report(messages[:middle]) + self._report(messages[middle:])
        (message,) = messages
        logger.error('the result of task %d is refused: %s', message['task'], refusal)
        if message['errorCode'] == 'result:invalid':
            return 0
        return self._report([_without_data(message)])


def _batches(results: Sequence[Result]) -> Iterator[list[dict[str, Any]]]:
    """The results in their wire form, in portions that NetBox takes."""
    batch: list[dict[str, Any]] = []
    size = 0
    for result in results:
        message, length = _message(result)
        if batch and (len(batch) >= _MOST_RESULTS or size + length > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def _message(result: Result) -> tuple[dict[str, Any], int]:
    """The wire form, and its size in bytes."""
    message = result.to_json()
    try:
        return message, len(json.dumps(message, separators=(',', ':'), allow_nan=False))
    except (TypeError, ValueError) as error:
        logger.error('the result of task %d is not JSON: %s', result.task, type(error).__name__)
        return _without_data(message), 0


def _without_data(message: dict[str, Any]) -> dict[str, Any]:
    return message | {'ok': False, 'errorCode': 'result:invalid', 'errorDetail': '', 'data': {}}
