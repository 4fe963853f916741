"""The engine runs every task it claims, and what becomes of each."""

import asyncio
import json
import threading
import time

import pytest

from netops_worker.clock import lease_now
from netops_worker.engine import Engine, EngineLimits
from netops_worker.errors import NetOpsError
from netops_worker.probes import ProbeOutcome, default_probes
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

from .engine_cases import endless, run, trivial

CANARY = 'canary-0b1d9e'
pytestmark = pytest.mark.filterwarnings('error')


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


@pytest.mark.parametrize('code', ['', 'credential:rejected', 'internal:error'])
def test_each_secret_that_was_asked_for_is_in_the_result(code):
    """With whom it was for, however the probe ended, and never with its value; a rejected one is not kept."""
    environment = {'NETOPS_SECRET_X': CANARY}
    resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
    known = CredentialRef(3, 'known', 'snmp-v2c', 'environment', 'NETOPS_SECRET_X')
    missing = CredentialRef(4, 'missing', 'snmp-v2c', 'environment', 'NETOPS_SECRET_Y')

    async def probe(task, context):
        await context.secret(task.credentials[0])
        with pytest.raises(NetOpsError):
            await context.secret(task.credentials[1])
        if code == 'internal:error':
            raise ValueError
        return ProbeOutcome({'a': 1}, error_code=code)

    task = make_task(1, target=7, requested_by='ana', credentials=(known, missing))
    forgotten = []
    resolver.forget = forgotten.append
    _, results = run([task], probe, resolver=resolver)
    assert results[1].error_code == code
    found = results[1].resolutions
    assert results[1].data == ({} if code == 'internal:error' else {'a': 1})
    assert [(item['credential'], item['provider'], item['code']) for item in found] == [
        (3, 'environment', ''),
        (4, 'environment', 'secret:not-found'),
    ]
    assert {(item['target'], item['requested_by']) for item in found} == {(7, 'ana')}
    assert CANARY not in json.dumps(results[1].to_json())
    assert forgotten == ([known, missing] if code == 'credential:rejected' else [])


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
                pass
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
                patch.setattr('netops_worker.probes.base.lease_now', lambda: clock['now'])
                try:
                    clock[name] = context.check_deadline()
                except NetOpsError as error:
                    clock[name] = error.code
        return ProbeOutcome()

    run([make_task(1)], probe)
    assert (clock['early'], clock['late'], clock['lost']) == (1.0, 'deadline:probe', 'lease:lost')


def test_a_lease_goes_on_while_the_host_is_suspended(monkeypatch):
    """Its clock is ahead of the monotonic one then: nothing is sent any more, and what has not begun does not."""
    ahead = 0.0
    sent = []

    def boot_time():
        return time.monotonic() + ahead

    async def probe(task, context):
        nonlocal ahead
        sent.append(task.id)
        context.check_deadline()
        ahead = 100.0
        context.check_deadline()
        sent.append('late')

    class Source(MemorySource):
        def claim(self, limit):
            nonlocal ahead
            tasks = super().claim(limit)
            # While the answer was under way.
            ahead += 100.0 if tasks and tasks[0].id == 2 else 0.0
            return tasks

    for module in ('engine', 'runner', 'probes.base'):
        monkeypatch.setattr(f'netops_worker.{module}.lease_now', boot_time)
    _, results = run([make_task(1, lease_seconds=90)], probe)
    assert (results[1].error_code, sent) == ('lease:lost', [1])
    _, results = run(None, probe, source=Source([make_task(2, lease_seconds=90)]))
    assert (results[2].error_code, sent) == ('lease:lost', [1])
    assert 'before the probe started' in results[2].error_detail


@pytest.mark.skipif(not hasattr(time, 'CLOCK_BOOTTIME'), reason='this system has no such clock')
def test_the_clock_of_leases_counts_the_time_of_suspension():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= lease_now() <= time.clock_gettime(time.CLOCK_BOOTTIME)


def test_the_kinds_of_this_version():
    """The table of probes knows the scan."""
    assert set(default_probes()) == {'credential-check', 'device-scan'}


@pytest.mark.parametrize('name', ['concurrency', 'batch_size', 'batch_seconds', 'probe_seconds', 'lease_margin'])
def test_limits_are_positive(name):
    """A limit of nothing would let the engine do nothing for ever, so it is refused."""
    with pytest.raises(ValueError, match=name):
        EngineLimits(**{name: 0})
