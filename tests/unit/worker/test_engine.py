"""The engine runs every task it claims, loses no result, and ends as it was told to."""

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
from netops_worker.probes import ProbeOutcome, default_probes
from netops_worker.secrets import EnvironmentProvider, Secret, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task

CANARY = 'canary-0b1d9e'
pytestmark = pytest.mark.filterwarnings('error')


async def trivial(task, context):
    return ProbeOutcome({'echo': {'id': task.id}}, credential=7)


async def endless(task, context):
    await asyncio.Event().wait()


def run(tasks, probe=trivial, sink=None, source=None, limits=None, **options):
    sink = MemorySink() if sink is None else sink
    source = source or MemorySource(tasks)
    engine = Engine(source, sink, {'device-scan': probe}, SecretResolver({}), worker='w1', limits=limits)
    return engine.run(**options), sink.results


def engine_threads():
    return [thread for thread in threading.enumerate() if thread.name == 'netops-engine']


@pytest.fixture(autouse=True)
def no_thread_left():
    yield
    assert not engine_threads(), 'the engine left its thread behind'


def test_ten_thousand_tasks():
    """Each of 10,000 tasks gets exactly one result, in batches, and the claims never exceed the concurrency."""
    source, sink = MemorySource(make_task(i) for i in range(10_000)), MemorySink()
    stats, results = run(None, source=source, sink=sink)
    assert (stats.claimed, stats.ok, stats.failed, stats.accepted) == (10_000, 10_000, 0, 10_000)
    assert stats.ended == 'drained'
    assert sorted(results) == list(range(10_000))
    assert len(sink.written) == 10_000
    assert max(sink.batches) <= 200
    assert max(limit for limit, _ in source.claims) <= 256
    assert len(source.claims) < 200


def test_a_result_says_what_it_belongs_to():
    """A result carries the identity of its task, the worker, the credential, the data and its times."""
    before = time.time()
    task = make_task(5, run=6, target=7, lease_token='abc', attempt=3)
    _, results = run([task])
    result = results[5]
    assert (result.task, result.run, result.target, result.kind) == (5, 6, 7, 'device-scan')
    assert (result.lease_token, result.attempt, result.worker, result.credential) == ('abc', 3, 'w1', 7)
    assert (result.ok, result.error_code, result.error_detail) == (True, '', '')
    assert result.data == {'echo': {'id': 5}}
    assert before <= result.started_at <= time.time()
    assert 0 <= result.duration_ms < 5000


def test_source_and_sink_are_called_in_the_calling_thread():
    """The source and the sink see one thread, the one that called run(); probes run in another."""
    threads = set()

    async def probe(task, context):
        threads.add(threading.get_ident())
        return ProbeOutcome()

    source, sink = MemorySource(make_task(i) for i in range(600)), MemorySink()
    run(None, probe, source=source, sink=sink)
    assert source.threads == sink.threads == {threading.get_ident()}
    assert threading.get_ident() not in threads
    assert len(threads) == 1


def test_concurrency_is_bounded_and_used():
    """As many probes run at a time as the limit allows, never more."""
    running, most = 0, 0

    async def probe(task, context):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return ProbeOutcome()

    run([make_task(i) for i in range(100)], probe, limits=EngineLimits(concurrency=8))
    assert most == 8


def test_claims_wait_for_a_quarter_of_the_slots():
    """While most slots are busy there is no claim for a single free one."""
    release = threading.Event()

    async def probe(task, context):
        # Those from 4 on hold their slots until the second claim was made; the first four go one after the other.
        while task.id >= 4 and not release.is_set():
            await asyncio.sleep(0.001)
        return ProbeOutcome()

    class Source(MemorySource):
        def claim(self, limit):
            if self.claims:
                release.set()
            return super().claim(limit)

    source = Source(make_task(i) for i in range(20))
    run(None, probe, source=source, limits=EngineLimits(concurrency=16))
    assert source.claims[0] == (16, 16)
    assert source.claims[1][0] >= 4


def test_results_are_written_while_probes_run():
    """A finished result does not wait for the slowest probe: it is written when the batch is old enough."""
    written = threading.Event()

    class Sink(MemorySink):
        def write(self, results):
            written.set()
            return super().write(results)

    async def probe(task, context):
        while task.id == 1 and not written.is_set():
            await asyncio.sleep(0.001)
        return ProbeOutcome()

    sink = Sink()
    run([make_task(1), make_task(2)], probe, sink=sink, limits=EngineLimits(batch_seconds=0.01))
    assert [result.task for result in sink.written] == [2, 1]


def test_new_tasks_are_found_after_a_write():
    """What becomes claimable because a result was written (a limit was freed) is claimed in the same run."""
    source = MemorySource([make_task(1)])

    class Sink(MemorySink):
        def write(self, results):
            if results[0].task < 3:
                source.add(make_task(results[0].task + 1))
            return super().write(results)

    stats, results = run(None, source=source, sink=Sink())
    assert sorted(results) == [1, 2, 3]
    assert stats.claimed == 3


def test_accepted_counts_what_the_sink_took():
    """A result whose lease was lost is written, but not accepted."""
    stats, _ = run([make_task(i) for i in range(3)], sink=MemorySink(lost=['token-1']))
    assert (stats.ok, stats.accepted) == (3, 2)


def test_one_engine_runs_again():
    """An engine can be run several times."""
    source, sink = MemorySource([make_task(1)]), MemorySink()
    engine = Engine(source, sink, {'device-scan': trivial}, SecretResolver({}), worker='w1')
    assert engine.run().claimed == 1
    source.add(make_task(2))
    assert engine.run().claimed == 1
    assert engine.run().claimed == 0
    assert sorted(sink.results) == [1, 2]


# What becomes a failed result


class Panic(BaseException):
    pass


@pytest.mark.parametrize(
    'error',
    [
        ValueError,
        TimeoutError,
        asyncio.CancelledError,
        SystemExit,
        KeyboardInterrupt,
        MemoryError,
        Panic,
        StopAsyncIteration,
    ],
)
def test_a_probe_that_crashes_costs_one_result(error):
    """Whatever a probe raises becomes internal:error with the type's name; the others are not touched."""

    async def probe(task, context):
        if task.id == 3:
            raise error(CANARY)
        return ProbeOutcome()

    stats, results = run([make_task(i) for i in range(10)], probe)
    assert (stats.ok, stats.failed) == (9, 1)
    assert (results[3].error_code, results[3].error_detail) == ('internal:error', error.__name__)


def test_a_known_error_keeps_its_code():
    """A NetOpsError of a probe becomes its code and detail."""

    async def probe(task, context):
        raise NetOpsError('unreachable:network', 'no route')

    _, results = run([make_task(1)], probe)
    assert (results[1].ok, results[1].error_code, results[1].error_detail) == (False, 'unreachable:network', 'no route')


def test_a_failure_keeps_its_data():
    """A failed outcome keeps what was collected."""

    async def probe(task, context):
        return ProbeOutcome({'a': 1}, 9, 'snmp:endless-walk', 'x')

    _, results = run([make_task(1)], probe)
    assert (results[1].ok, results[1].data, results[1].credential) == (False, {'a': 1}, 9)


@pytest.mark.parametrize('outcome', [None, {}, ProbeOutcome(error_code='made:up')])
def test_a_wrong_outcome_is_an_internal_error(outcome):
    """A probe that returns nonsense is a defect with a result, not a lost task."""

    async def probe(task, context):
        return outcome

    _, results = run([make_task(1)], probe)
    assert results[1].error_code == 'internal:error'


def test_unknown_kind():
    """A task of a kind this worker does not know ends as kind:unknown."""
    _, results = run([make_task(1, kind='teleport')])
    assert (results[1].error_code, results[1].error_detail) == ('kind:unknown', "'teleport'")


def test_no_address():
    """A task without address ends as target:no-address, without a probe."""
    _, results = run([make_task(1, address='')])
    assert results[1].error_code == 'target:no-address'
    assert results[1].data == {}


def test_a_lease_that_is_over_is_not_probed():
    """A task whose lease ended while it was being claimed is not probed: another worker may have it."""

    class Source(MemorySource):
        def claim(self, limit):
            tasks = super().claim(limit)
            while tasks and time.monotonic() < self.until:
                time.sleep(0.001)
            return tasks

    source = Source([make_task(1, lease_seconds=0.05), make_task(2)])
    source.until = time.monotonic() + 0.06
    _, results = run(None, source=source)
    assert results[1].error_code == 'lease:lost'
    assert results[1].data == {}
    assert results[2].ok


def test_the_deadline_of_the_task_ends_a_probe():
    """A probe that ignores its deadline is cancelled soon after it, with its own code."""
    stats, results = run([make_task(1, options={'deadline': 0.05}, lease_seconds=1.0)], endless)
    assert results[1].error_code == 'deadline:probe'
    assert stats.failed == 1
    assert stats.seconds < 3


def test_the_lease_ends_a_probe():
    """No probe outlives its lease, whatever deadline the task asks for, and its result comes before the lease ends."""
    begin = time.monotonic()
    _, results = run([make_task(1, options={'deadline': 3600}, lease_seconds=0.3)], endless)
    assert results[1].error_code == 'deadline:probe'
    assert time.monotonic() - begin < 0.3 + 0.2
    assert results[1].duration_ms < 300


@pytest.mark.parametrize('deadline', [None, 'soon', 0, -1, True, float('inf'), float('nan')])
def test_a_wrong_deadline_is_left_to_the_probe(deadline):
    """A deadline option that is no number of seconds does not crash the engine; the default applies."""
    seen = []

    async def probe(task, context):
        seen.append(context.check_deadline())
        return ProbeOutcome()

    run([make_task(1, options={'deadline': deadline})], probe, limits=EngineLimits(probe_seconds=20))
    assert 19 < seen[0] <= 20


def test_check_deadline_tells_which_limit_was_hit(monkeypatch):
    """Before the deadline the rest is returned; then deadline:probe; after the lease itself lease:lost."""
    clock = {}

    async def probe(task, context):
        for name, moment in (('early', -1), ('late', 0), ('lost', None)):
            clock['now'] = context.lease_deadline if moment is None else context.deadline + moment
            with monkeypatch.context() as patch:
                patch.setattr('netops_worker.probes.base.time.monotonic', lambda: clock['now'])
                try:
                    clock[name] = context.check_deadline()
                except NetOpsError as error:
                    clock[name] = error.code
        return ProbeOutcome()

    run([make_task(1)], probe)
    assert (clock['early'], clock['late'], clock['lost']) == (1.0, 'deadline:probe', 'lease:lost')


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


def test_the_kinds_of_this_version():
    """The table of probes knows the scan."""
    assert set(default_probes()) == {'device-scan'}


@pytest.mark.parametrize('name', ['concurrency', 'batch_size', 'batch_seconds', 'probe_seconds', 'lease_margin'])
def test_limits_are_positive(name):
    """A limit of nothing would let the engine do nothing for ever, so it is refused."""
    with pytest.raises(ValueError, match=name):
        EngineLimits(**{name: 0})
