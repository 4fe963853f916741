"""The engine: claims tasks from a source, probes many at a time, and streams their results into a sink."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from netops_worker.clock import lease_now
from netops_worker.log import get_logger
from netops_worker.ports import Sink, Source
from netops_worker.probes.base import Probe
from netops_worker.runner import ProbeRunner
from netops_worker.secrets import SecretResolver
from netops_worker.wire import Result, Task

__all__ = (
    'Engine',
    'EngineLimits',
    'EngineStats',
)

logger = get_logger('netops_worker.engine')

type Ended = Literal['drained', 'stopped', 'yielded', 'budget']


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """`concurrency`: probes at a time. `batch_size`, `batch_seconds`: a batch goes to the sink when it is so large or
    so old. `probe_seconds`: the deadline of a probe whose task names none. `lease_margin`: seconds kept back from each
    lease for writing the result (at most a fifth of the lease). `control_seconds`: how often it is asked whether
    tasks were cancelled, and whether to stop.
    """

    concurrency: int = 256
    batch_size: int = 200
    batch_seconds: float = 0.5
    probe_seconds: float = 60.0
    lease_margin: float = 5.0
    control_seconds: float = 1.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f'{name} must be more than 0')


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What a run of the engine did. `ok` and `failed` count results given to the sink, `accepted` those it took.

    `handed_back`: tasks given back unfinished.
    `ended`: 'drained' (nothing was claimable any more), 'stopped' or 'yielded' (`should_stop` or `should_yield` said
    so) or 'budget' (time used up).
    """

    claimed: int
    ok: int
    failed: int
    accepted: int
    handed_back: int
    seconds: float
    ended: Ended


class Engine:
    """Drains a source. One engine may run several times, but not at the same time from several threads."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        probes: Mapping[str, Probe],
        resolver: SecretResolver,
        *,
        worker: str,
        limits: EngineLimits | None = None,
    ) -> None:
        self.source = source
        self.sink = sink
        self.probes = probes
        self.resolver = resolver
        self.worker = worker
        self.limits = limits or EngineLimits()
        self._drain: _Drain | None = None

    @property
    def in_flight(self) -> int:
        """Tasks at work now. To be asked in the thread that called `run`."""
        return self._drain.in_flight() if self._drain else 0

    def run(
        self,
        should_stop: Callable[[], bool] | None = None,
        time_budget: float | None = None,
        grace: float | None = None,
        should_yield: Callable[[], bool] | None = None,
    ) -> EngineStats:
        """Work until nothing is claimable, one of the callables says so, or `time_budget` seconds have passed.

        Whichever it is, the probes that run are awaited and their results written. With `grace`, those that still run
        so many seconds after that are given up, and their tasks handed back. After a yield, or when the time is up,
        that holds only for tasks that were never handed back: the others may take until their own deadlines, so that a
        slow device gets its time at the second try. `should_stop` is asked to the end, and may still overtake that.

        The source, the sink and the callables are called in the calling thread only, these about once a second. An
        exception in the calling thread (theirs, or one of a signal handler) cancels the probes and is raised again
        after what had finished was written, unless the sink was what failed. The sink may see a result twice then.
        """
        runner = ProbeRunner(
            self.probes,
            self.resolver,
            worker=self.worker,
            probe_seconds=self.limits.probe_seconds,
            lease_margin=self.limits.lease_margin,
        )
        drain = _Drain(self, runner, should_stop or _never, should_yield or _never, time_budget, grace)
        self._drain = drain
        try:
            runner.start()
            ended = drain.run()
        except BaseException:
            runner.close()
            drain.rescue()
            raise
        finally:
            self._drain = None
        runner.close()
        return drain.stats(ended)


def _never() -> bool:
    return False


class _Drain:
    """One run of an engine, as its calling thread sees it."""

    def __init__(
        self,
        engine: Engine,
        runner: ProbeRunner,
        should_stop: Callable[[], bool],
        should_yield: Callable[[], bool],
        time_budget: float | None,
        grace: float | None,
    ) -> None:
        self._source = engine.source
        self._sink = engine.sink
        self._limits = engine.limits
        self._runner = runner
        self._should_stop = should_stop
        self._should_yield = should_yield
        self._begin = time.monotonic()
        self._end = math.inf if time_budget is None else self._begin + time_budget
        self._grace = math.inf if grace is None else grace
        self._claimed = self._written = self._ok = self._accepted = self._handed_back = 0
        self._writing = False
        # What is claimed and not written yet, by id.
        self._tasks: dict[int, Task] = {}
        # Since when the oldest finished result waits for the sink.
        self._waiting_since: float | None = None
        # Moments on the monotonic clock: when a claim is worth its query again, when to look whether something was
        # cancelled, and when to give up what still runs.
        self._claim_at = self._begin
        self._control_at = self._begin + self._limits.control_seconds
        self._withdraw_at = math.inf
        self._ended: Ended | None = None

    def run(self) -> Ended:
        while True:
            if self._flush():
                # A written result frees limits.
                self._claim_at = self._begin
            self._control()
            if self._ended is None and time.monotonic() >= self._claim_at and self._has_room():
                self._look_for_the_end()
                if self._ended is None:
                    self._claim()
                    continue
            if not self.in_flight() and not self._runner.done:
                if self._ended is not None:
                    return self._ended
                if self._claim_at == math.inf:
                    return 'drained'
            if time.monotonic() >= self._withdraw_at:
                self._withdraw()
                continue
            self._runner.wait(self._seconds_to_wait())

    def _control(self) -> None:
        now = time.monotonic()
        if now < self._control_at:
            return
        self._control_at = now + self._limits.control_seconds
        self._look_for_the_end()
        if self._tasks and (cancelled := self._source.cancelled(list(self._tasks))):
            self._runner.cancel(cancelled)

    def _look_for_the_end(self) -> None:
        ended = self._ended
        now = time.monotonic()
        # Asked to the end: whoever is asked may say on the way that the work goes on.
        if self._should_stop():
            ended = 'stopped'
        elif ended is None and self._should_yield():
            ended = 'yielded'
        elif ended is None and now >= self._end:
            ended = 'budget'
        if ended != self._ended:
            self._ended = ended
            self._withdraw_at = now + self._grace

    def _withdraw(self) -> None:
        self._withdraw_at = math.inf
        spared = {pk for pk, task in self._tasks.items() if task.returns and self._ended != 'stopped'}
        withdrawn = self._runner.withdraw(self._tasks.keys() - spared)
        self._handed_back += len(withdrawn)
        if withdrawn:
            self._source.hand_back(withdrawn)
        # What did not even end when it was cancelled keeps its lease until that runs out.
        kept = spared.union(result.task for result in self._runner.done)
        self._tasks = {pk: task for pk, task in self._tasks.items() if pk in kept}

    def stats(self, ended: Ended) -> EngineStats:
        return EngineStats(
            claimed=self._claimed,
            ok=self._ok,
            failed=self._written - self._ok,
            accepted=self._accepted,
            handed_back=self._handed_back,
            seconds=time.monotonic() - self._begin,
            ended=ended,
        )

    def rescue(self) -> None:
        """After an exception: write what has finished, unless the sink was interrupted or failed itself."""
        if self._writing:
            return
        try:
            while self._runner.done:
                self._write()
        except Exception:
            # The exception that ended the run is the one to raise.
            logger.exception('%d results could not be written', len(self._runner.done))

    def in_flight(self) -> int:
        return len(self._tasks) - len(self._runner.done)

    def _has_room(self) -> bool:
        """Whether a claim is worth its query: not for a single free slot among many."""
        in_flight = self.in_flight()
        return in_flight == 0 or (self._limits.concurrency - in_flight) * 4 >= self._limits.concurrency

    def _claim(self) -> None:
        # The clock of a lease starts before the question: an answer that was long under way must not seem fresh.
        claimed_at = lease_now()
        tasks = self._source.claim(self._limits.concurrency - self.in_flight())
        if tasks:
            self._claimed += len(tasks)
            self._tasks.update((task.id, task) for task in tasks)
            self._runner.submit(tasks, claimed_at)
        else:
            again_after = self._source.again_after
            self._claim_at = math.inf if again_after is None else time.monotonic() + again_after

    def _seconds_to_wait(self) -> float:
        flush_at = math.inf if self._waiting_since is None else self._waiting_since + self._limits.batch_seconds
        # Without room a claim is worth nothing; a result that makes room wakes us.
        claim_at = self._claim_at if self._ended is None and self._has_room() else math.inf
        return max(0.0, min(flush_at, claim_at, self._control_at, self._withdraw_at) - time.monotonic())

    def _flush(self) -> bool:
        """Write the finished results if they are many enough or old enough, or nothing else is under way."""
        done = self._runner.done
        if not done:
            return False
        now = time.monotonic()
        if self._waiting_since is None:
            self._waiting_since = now
        written = False
        while done and (
            len(done) >= self._limits.batch_size
            or now >= self._waiting_since + self._limits.batch_seconds
            or not self.in_flight()
        ):
            self._write()
            written = True
        if not done:
            self._waiting_since = None
        elif written:
            self._waiting_since = now
        return written

    def _write(self) -> None:
        done = self._runner.done
        # By index, because the other thread appends meanwhile; taken off only when the sink has them.
        batch: list[Result] = [done[index] for index in range(min(len(done), self._limits.batch_size))]
        self._writing = True
        self._accepted += self._sink.write(batch)
        self._writing = False
        for result in batch:
            done.popleft()
            self._tasks.pop(result.task, None)
        self._written += len(batch)
        self._ok += sum(result.ok for result in batch)
