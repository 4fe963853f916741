"""The event-loop side of the engine: runs probes in one helper thread and hands back a Result for each task."""

import asyncio
import contextvars
import math
import queue
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from netops_worker.clock import lease_now
from netops_worker.errors import ERRORS, NetOpsError
from netops_worker.log import get_logger, log_context
from netops_worker.probes.base import Probe, ProbeContext, ProbeOutcome
from netops_worker.secrets import Resolution, SecretResolver, SecretSubject, redact
from netops_worker.wire import Result, Task

__all__ = ('ProbeRunner',)

logger = get_logger('netops_worker.engine')

_MAX_DETAIL = 500
# How long a probe may ignore its deadline before it is cancelled, and its cancellation before it is given up (seconds).
_GRACE = 1.0
_CANCEL_SECONDS = 5.0


class ProbeRunner:
    """Runs probes in an event loop of its own thread.

    `done` holds the finished results. The calling thread takes them from its left end when they are safe with the
    sink; until then they stay here, so that an exception raised by a signal handler at any point loses none.
    """

    def __init__(
        self,
        probes: Mapping[str, Probe],
        resolver: SecretResolver,
        *,
        worker: str,
        probe_seconds: float,
        lease_margin: float,
    ) -> None:
        self.done: deque[Result] = deque()
        self._probes = probes
        self._resolver = resolver
        self._worker = worker
        self._probe_seconds = probe_seconds
        self._lease_margin = lease_margin
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._running: dict[int, tuple[asyncio.Task[None], Task]] = {}
        # Tasks that somebody cancelled; those that are withdrawn, and whether all are: these leave no result.
        self._cancelled: set[int] = set()
        self._withdrawn: set[int] = set()
        self._closing = False
        # In the context of this thread: what its log lines belong to, those of the probes belong to as well.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._main,), name='netops-engine', daemon=True
        )

    # Called from the thread that runs the engine

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def submit(self, tasks: Sequence[Task], claimed_at: float) -> None:
        """Start a probe for each task. `claimed_at` is the `lease_now()` from which their leases count."""
        self._loop.call_soon_threadsafe(self._spawn, tasks, claimed_at)

    def cancel(self, tasks: Collection[int]) -> None:
        """Give up these tasks, by id; each leaves the result `cancelled:user`, unless it has ended before."""
        self._loop.call_soon_threadsafe(self._cancel, tasks)

    def withdraw(self, tasks: Collection[int]) -> list[Task]:
        """Give up these tasks, by id. Returns those whose probes have really ended by it; they leave no result."""
        future = asyncio.run_coroutine_threadsafe(self._withdraw(tasks), self._loop)
        try:
            return future.result(_CANCEL_SECONDS * 2)
        except TimeoutError:
            logger.error('a probe blocks the event loop; what runs is not handed back')
            return []

    def wait(self, timeout: float | None) -> None:
        """Block until a result arrived since the last call, or for `timeout` seconds."""
        try:
            self._wake.get(timeout=timeout)
            while True:
                self._wake.get_nowait()
        except queue.Empty:
            pass
        if not self._thread.is_alive():
            raise RuntimeError('the event loop of the engine has ended')

    def close(self) -> None:
        """Cancel the probes that still run and end the thread. They leave no result."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_CANCEL_SECONDS * 2)
            if self._thread.is_alive():
                logger.error('a probe blocks the event loop; its thread is abandoned')

    # Called in the event loop

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._ready.set()
            self._wake.put(None)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._ready.set()
        await self._stop.wait()
        self._closing = True
        await self._withdraw(self._running)

    async def _withdraw(self, tasks: Collection[int]) -> list[Task]:
        running = {pk: self._running[pk] for pk in tasks if pk in self._running}
        self._withdrawn.update(running)
        for future, _task in running.values():
            future.cancel()
        if running:
            await asyncio.wait([future for future, _task in running.values()], timeout=_CANCEL_SECONDS)
        # What ended with a result of its own meanwhile is among `done`.
        return [task for future, task in running.values() if future.done() and future.cancelled()]

    def _cancel(self, tasks: Collection[int]) -> None:
        for task in tasks:
            if task in self._running:
                self._cancelled.add(task)
                self._running[task][0].cancel()

    def _spawn(self, tasks: Sequence[Task], claimed_at: float) -> None:
        for task in tasks:
            running = self._loop.create_task(self._run(task, claimed_at))
            self._running[task.id] = running, task
            running.add_done_callback(lambda future, task=task: self._forget(task, future))

    def _forget(self, task: Task, future: asyncio.Task[None]) -> None:
        del self._running[task.id]
        self._cancelled.discard(task.id)
        if future.cancelled() and not self._leaves_no_result(task):
            # Cancelled before its first step.
            self._finish(task, ProbeOutcome(error_code='cancelled:user'), time.time(), time.monotonic())

    def _leaves_no_result(self, task: Task) -> bool:
        return self._closing or task.id in self._withdrawn

    async def _run(self, task: Task, claimed_at: float) -> None:
        with log_context(run=task.run, target=task.target, task=task.id, attempt=task.attempt, worker=self._worker):
            started_at = time.time()
            begin = time.monotonic()
            resolutions: list[Resolution] = []
            try:
                outcome = _checked(await self._outcome(task, claimed_at, resolutions))
            except asyncio.CancelledError as error:
                if self._leaves_no_result(task):
                    raise
                by_user = task.id in self._cancelled
                outcome = ProbeOutcome(error_code='cancelled:user') if by_user else _crashed(error)
            except Exception as error:
                outcome = _crashed(error)
            except GeneratorExit:
                raise
            except BaseException as error:
                # SystemExit, or a panic of a native library: it would end the loop and every other probe with it.
                outcome = _crashed(error)
            self._finish(task, outcome, started_at, begin, resolutions)

    def _finish(
        self,
        task: Task,
        outcome: ProbeOutcome,
        started_at: float,
        begin: float,
        resolutions: Sequence[Resolution] = (),
    ) -> None:
        if outcome.error_code == 'credential:rejected':
            # They may have been changed in the meantime.
            for credential in task.credentials:
                self._resolver.forget(credential)
        self.done.append(
            Result(
                task=task.id,
                run=task.run,
                target=task.target,
                kind=task.kind,
                ok=not outcome.error_code,
                lease_token=task.lease_token,
                started_at=started_at,
                duration_ms=(time.monotonic() - begin) * 1000,
                error_code=outcome.error_code,
                error_detail=outcome.error_detail and _clean(outcome.error_detail),
                attempt=task.attempt,
                worker=self._worker,
                credential=outcome.credential,
                data=outcome.data,
                resolutions=[item.to_json() for item in resolutions],
            )
        )
        self._wake.put(None)

    async def _outcome(self, task: Task, claimed_at: float, resolutions: list[Resolution]) -> ProbeOutcome:
        probe = self._probes.get(task.kind)
        if probe is None:
            return ProbeOutcome(error_code='kind:unknown', error_detail=f'{task.kind!r}')
        if not task.address:
            return ProbeOutcome(error_code='target:no-address')
        now = time.monotonic()
        lease_deadline = claimed_at + task.lease_seconds
        # A short lease must not be all margin.
        margin = min(self._lease_margin, task.lease_seconds / 5)
        left = lease_deadline - margin - lease_now()
        if left <= 0:
            return ProbeOutcome(error_code='lease:lost', error_detail='it was over before the probe started')
        deadline = now + min(self._seconds(task.options), left)
        context = ProbeContext(self._resolver, deadline, lease_deadline, SecretSubject.of(task), resolutions)
        limit = asyncio.timeout_at(deadline + min(_GRACE, margin / 2))
        try:
            async with limit:
                return await probe(task, context)
        except NetOpsError as error:
            return ProbeOutcome(error_code=error.code, error_detail=error.detail)
        except TimeoutError:
            if not limit.expired():
                raise
            return ProbeOutcome(error_code='deadline:probe')

    def _seconds(self, options: Mapping[str, Any]) -> float:
        """The deadline a task asks for; whether that is a valid option is for its probe to say."""
        value = options.get('deadline')
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
            return value
        return self._probe_seconds


def _checked(outcome: Any) -> ProbeOutcome:
    if not isinstance(outcome, ProbeOutcome):
        raise TypeError(f'a probe returned {type(outcome).__name__}')
    if outcome.error_code and outcome.error_code not in ERRORS:
        raise ValueError(f'a probe returned the unknown error code {outcome.error_code!r}')
    return outcome


def _crashed(error: BaseException) -> ProbeOutcome:
    # The text of a foreign exception may hold anything, so only the redacted log gets it.
    logger.error('a probe failed unexpectedly', exc_info=error)
    return ProbeOutcome(error_code='internal:error', error_detail=type(error).__name__)


def _clean(detail: str) -> str:
    """A detail that PostgreSQL can store, of bounded length, and without any secret this process has revealed."""
    detail = str(detail)
    if redact(detail) != detail:
        # The whole of it: asterisks in the place of one word of a known sentence would tell what the secret is.
        return '(not shown, because a secret occurs in it)'
    return detail.replace('\0', '')[:_MAX_DETAIL]
