"""The engine ends as it was told to, loses no result when it is interrupted, and tells no secret."""

import asyncio
import io
import logging
import os
import signal
import threading
import time

import pytest

from netops_worker.engine import Engine, EngineLimits
from netops_worker.errors import NetOpsError
from netops_worker.log import JsonFormatter
from netops_worker.probes import ProbeOutcome
from netops_worker.secrets import EnvironmentProvider, Secret, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task

from .engine_cases import endless, run

CANARY = 'canary-0b1d9e'
pytestmark = pytest.mark.filterwarnings('error')


# How a run ends


def test_should_stop_ends_the_claims():
    """When should_stop says so nothing more is claimed, and what runs is finished and written."""
    source = MemorySource(make_task(i) for i in range(100))
    stats, results = run(
        None, source=source, should_stop=lambda: len(source.claims) >= 2, limits=EngineLimits(concurrency=10)
    )
    assert stats.ended == 'stopped'
    assert len(source.claims) == 2
    assert len(results) == stats.claimed == sum(given for _, given in source.claims) < 100


def test_the_time_budget_ends_the_claims():
    """When the time budget is used up nothing more is claimed, and what runs is finished and written."""

    claimed_at = []

    class Source(MemorySource):
        def claim(self, limit):
            claimed_at.append(time.monotonic())
            return super().claim(limit)

    async def probe(task, context):
        while time.monotonic() < claimed_at[0] + 0.05:
            await asyncio.sleep(0.005)
        return ProbeOutcome()

    source = Source(make_task(i) for i in range(100))
    stats, results = run(None, probe, source=source, time_budget=0.05, limits=EngineLimits(concurrency=10))
    assert stats.ended == 'budget'
    assert len(results) == stats.claimed == 10


def test_no_budget_claims_nothing():
    """With a budget of nothing the run ends at once."""
    source = MemorySource([make_task(1)])
    stats, _ = run(None, source=source, time_budget=0)
    assert (stats.ended, source.claims) == ('budget', [])


# What interrupts a run


class JobTimeout(BaseException):
    pass


async def first_ones_finish(task, context):
    if task.id >= 5:
        await asyncio.Event().wait()
    return ProbeOutcome()


def test_a_failing_sink_ends_the_run():
    """An exception of the sink cancels the probes and is raised; the sink is not called again."""
    calls = []

    class Sink(MemorySink):
        def write(self, results):
            calls.append(len(results))
            raise ConnectionError('database gone')

    with pytest.raises(ConnectionError, match='database gone'):
        run([make_task(i) for i in range(10)], first_ones_finish, sink=Sink(), limits=EngineLimits(batch_seconds=0.01))
    assert len(calls) == 1


def test_a_failing_source_loses_no_result():
    """An exception of the source cancels the probes, and what had finished is written before it is raised."""

    finished = threading.Event()

    async def probe(task, context):
        if task.id == 299:
            finished.set()
        return ProbeOutcome()

    class Source(MemorySource):
        def claim(self, limit):
            if self.claims:
                assert finished.wait(5)
                raise ConnectionError('database gone')
            return super().claim(limit)

    sink = MemorySink()
    with pytest.raises(ConnectionError):
        run(None, probe, source=Source(make_task(i) for i in range(300)), sink=sink, limits=EngineLimits(300, 500))
    assert len(sink.results) == 300


def test_a_signal_loses_no_result():
    """An exception of a signal handler while the engine waits (RQ's time-out) leaves no finished result behind."""

    def on_alarm(number, frame):
        raise JobTimeout

    async def probe(task, context):
        if task.id == 5:
            # The engine waits for this batch to get old, with five results in hand.
            os.kill(os.getpid(), signal.SIGALRM)
        return await first_ones_finish(task, context)

    before = signal.signal(signal.SIGALRM, on_alarm)
    sink = MemorySink()
    try:
        with pytest.raises(JobTimeout):
            run([make_task(i) for i in range(10)], probe, sink=sink, limits=EngineLimits(batch_seconds=60))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert sorted(sink.results) == [0, 1, 2, 3, 4]


def test_cancelled_probes_leave_no_result():
    """Probes that are cancelled because the run ended are not reported as failed: their lease brings them back."""
    sink = MemorySink()

    class Source(MemorySource):
        def claim(self, limit):
            if self.claims:
                raise JobTimeout
            return super().claim(limit)[:3]

    with pytest.raises(JobTimeout):
        run(None, endless, source=Source(make_task(i) for i in range(10)), sink=sink)
    assert sink.written == []


def test_should_stop_may_fail():
    """An exception of should_stop is raised like one of the source."""

    def should_stop():
        raise JobTimeout

    with pytest.raises(JobTimeout):
        run([make_task(1)], should_stop=should_stop)


# Secrets


def test_a_secret_in_a_crash_is_not_logged():
    """A secret in the exception of a probe appears in no log output, by whatever handler, and in no result."""
    streams = [io.StringIO(), io.StringIO()]
    handlers = [logging.StreamHandler(stream) for stream in streams]
    handlers[1].setFormatter(JsonFormatter())
    root = logging.getLogger()

    async def probe(task, context):
        raise ValueError(f'login with {Secret(CANARY).reveal()} failed')

    for handler in handlers:
        root.addHandler(handler)
    try:
        _, results = run([make_task(41, run=42)], probe)
    finally:
        for handler in handlers:
            root.removeHandler(handler)
    for stream in streams:
        assert CANARY not in stream.getvalue()
        assert 'login with **********' in stream.getvalue()
    assert '"run": 42' in streams[1].getvalue()
    assert '"task": 41' in streams[1].getvalue()
    assert CANARY not in repr(results[41])


def test_a_secret_in_a_detail_is_not_reported():
    """A detail with a revealed secret in it is withheld as a whole, lest its gap tell what the secret is."""

    async def probe(task, context):
        raise NetOpsError('snmp:malformed', f'{Secret("damaged").reveal()} answer')

    _, results = run([make_task(1)], probe)
    assert 'damaged' not in results[1].error_detail
    assert '*' not in results[1].error_detail
    assert results[1].error_detail


def test_details_are_bounded_and_storable():
    """A detail is cut, and has no NUL, which PostgreSQL refuses."""

    async def probe(task, context):
        return ProbeOutcome(error_code='snmp:malformed', error_detail='a\0b' * 1000)

    _, results = run([make_task(1)], probe)
    assert len(results[1].error_detail) == 500
    assert '\0' not in results[1].error_detail


def test_the_context_resolves_secrets():
    """A probe gets the secret of a credential through its context."""
    from netops_worker.wire import CredentialRef

    async def probe(task, context):
        secret = await context.secret(task.credentials[0])
        return ProbeOutcome({'same': secret == Secret('pub')})

    resolver = SecretResolver({'environment': EnvironmentProvider({'NETOPS_SECRET_X': 'pub'})})
    credential = CredentialRef(1, 'x', 'snmp-v2c', 'environment', 'NETOPS_SECRET_X')
    sink = MemorySink()
    Engine(
        MemorySource([make_task(1, credentials=(credential,))]), sink, {'device-scan': probe}, resolver, worker='w'
    ).run()
    assert sink.results[1].data == {'same': True}
