"""The engine: claims tasks from a source, probes many at a time, and streams their results into a sink."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from netops_worker.log import get_logger
from netops_worker.ports import Sink, Source
from netops_worker.probes.base import Probe
from netops_worker.runner import ProbeRunner
from netops_worker.secrets import SecretResolver
from netops_worker.wire import Result

__all__ = (
    'Engine',
    'EngineLimits',
    'EngineStats',
)

logger = get_logger('netops_worker.engine')

type Ended = Literal['drained', 'stopped', 'budget']


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """`concurrency`: probes at a time. `batch_size`, `batch_seconds`: a batch goes to the sink when it is so large or
    so old. `probe_seconds`: the deadline of a probe whose task names none. `lease_margin`: seconds kept back from each
    lease for writing the result (at most a fifth of the lease).
    """

    concurrency: int = 256
    batch_size: int = 200
    batch_seconds: float = 0.5
    probe_seconds: float = 60.0
    lease_margin: float = 5.0

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f'{name} must be more than 0')


@dataclass(frozen=True, slots=True)
class EngineStats:
    """What a run of the engine did. `ok` and `failed` count results given to the sink, `accepted` those it took.

    `ended`: 'drained' (nothing was claimable any more), 'stopped' (`should_stop` said so) or 'budget' (time used up).
    """

    claimed: int
    ok: int
    failed: int
    accepted: int
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

    def run(self, should_stop: Callable[[], bool] | None = None, time_budget: float | None = None) -> EngineStats:
        """Work until nothing is claimable, `should_stop()` says so, or `time_budget` seconds have passed.

        Whichever it is, the probes that run are awaited and their results written. The source, the sink and
        `should_stop` are called in the calling thread only, `should_stop` before each claim. An exception in the
        calling thread (theirs, or one of a signal handler) cancels the probes and is raised again after what had
        finished was written, unless the sink was what failed. The sink may see a result twice then.
        """
        runner = ProbeRunner(
            self.probes,
            self.resolver,
            worker=self.worker,
            probe_seconds=self.limits.probe_seconds,
            lease_margin=self.limits.lease_margin,
        )
        drain = _Drain(self, runner, should_stop or _never, time_budget)
        try:
            runner.start()
            ended = drain.run()
        except BaseException:
            runner.close()
            drain.rescue()
            raise
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
        time_budget: float | None,
    ) -> None:
        self._source = engine.source
        self._sink = engine.sink
        self._limits = engine.limits
        self._runner = runner
        self._should_stop = should_stop
        self._begin = time.monotonic()
        self._end = None if time_budget is None else self._begin + time_budget
        self._claimed = self._written = self._ok = self._accepted = 0
        self._writing = False
        # Since when the oldest finished result waits for the sink.
        self._waiting_since: float | None = None

    def run(self) -> Ended:
        ended: Ended | None = None
        # Set by an empty claim. What could change it is a written result (it frees limits), so it waits for one.
        dry = False
        while True:
            if self._flush():
                dry = False
            if ended is None and not dry and self._has_room():
                ended = self._reason_to_end()
                if ended is None:
                    dry = not self._claim()
                    continue
            if not self._in_flight() and not self._runner.done:
                return ended or 'drained'
            self._runner.wait(self._seconds_to_flush())

    def stats(self, ended: Ended) -> EngineStats:
        return EngineStats(
            claimed=self._claimed,
            ok=self._ok,
            failed=self._written - self._ok,
            accepted=self._accepted,
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

    def _in_flight(self) -> int:
        return self._claimed - self._written - len(self._runner.done)

    def _has_room(self) -> bool:
        """Whether a claim is worth its query: not for a single free slot among many."""
        in_flight = self._in_flight()
        return in_flight == 0 or (self._limits.concurrency - in_flight) * 4 >= self._limits.concurrency

    def _reason_to_end(self) -> Ended | None:
        if self._should_stop():
            return 'stopped'
        if self._end is not None and time.monotonic() >= self._end:
            return 'budget'
        return None

    def _claim(self) -> int:
        # The clock of a lease starts before the question: an answer that was long under way must not seem fresh.
        claimed_at = time.monotonic()
        tasks = self._source.claim(self._limits.concurrency - self._in_flight())
        if tasks:
            self._claimed += len(tasks)
            self._runner.submit(tasks, claimed_at)
        return len(tasks)

    def _seconds_to_flush(self) -> float | None:
        if self._waiting_since is None:
            return None
        return max(0.0, self._waiting_since + self._limits.batch_seconds - time.monotonic())

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
            or not self._in_flight()
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
        for _ in batch:
            done.popleft()
        self._written += len(batch)
        self._ok += sum(result.ok for result in batch)
