"""While the engine works: tasks are cancelled, given back, and waited for when limits hold them up."""

import asyncio
import threading
import time

import pytest

from netops_worker.clock import lease_now
from netops_worker.engine import Engine, EngineLimits
from netops_worker.probes import ProbeOutcome
from netops_worker.secrets import SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task

from .engine_cases import endless, engine_threads, run

pytestmark = pytest.mark.filterwarnings('error')
QUICK = EngineLimits(control_seconds=0.02, batch_seconds=0.02)


def test_cancelled_tasks_end_with_a_result_of_their_own():
    """What was cancelled while it ran says so; the others go on."""
    source = MemorySource(make_task(i) for i in (1, 2, 3))

    async def probe(task, context):
        if task.id == 3:
            return ProbeOutcome()
        source.cancel = {1, 2}
        return await endless(task, context)

    stats, results = run(None, probe, source=source, limits=QUICK)
    assert {pk: result.error_code for pk, result in results.items()} == {
        1: 'cancelled:user',
        2: 'cancelled:user',
        3: '',
    }
    assert (stats.ok, stats.failed, stats.ended) == (1, 2, 'drained')


def test_a_task_cancelled_before_its_first_step_has_a_result_too():
    from netops_worker.runner import ProbeRunner

    runner = ProbeRunner({'device-scan': endless}, SecretResolver([]), worker='w', probe_seconds=60, lease_margin=5)
    runner.start()
    try:
        # Both reach the loop in one turn: the coroutine has not begun when it is cancelled.
        gate = threading.Event()
        runner._loop.call_soon_threadsafe(gate.wait)
        runner.submit([make_task(1)], lease_now())
        runner.cancel([1])
        gate.set()
        while not runner.done:
            runner.wait(5)
        assert [result.error_code for result in runner.done] == ['cancelled:user']
    finally:
        runner.close()


def test_what_is_cancelled_but_has_ended_keeps_its_result():
    source = MemorySource([make_task(1)])

    async def probe(task, context):
        source.cancel = {1}
        return ProbeOutcome()

    _stats, results = run(None, probe, source=source, limits=QUICK)
    assert results[1].ok


def test_what_does_not_end_within_the_grace_is_handed_back():
    """After a stop probes may end for a while; what still runs then leaves no result, and goes back."""
    source = MemorySource(make_task(i) for i in (1, 2, 3))
    begun = []
    sink = MemorySink()

    async def probe(task, context):
        begun.append(task.id)
        if task.id == 1:
            await asyncio.sleep(0.05)
            return ProbeOutcome()
        return await endless(task, context)

    stats, results = run(
        None, probe, source=source, sink=sink, should_stop=lambda: len(begun) == 3, grace=0.3, limits=QUICK
    )
    assert set(results) == {1}
    assert sorted(task.id for task in source.returned) == [2, 3]
    assert (stats.claimed, stats.ok, stats.handed_back, stats.ended) == (3, 1, 2, 'stopped')


async def slow(task, context):
    """It takes longer than any grace here, and less than its deadline."""
    await asyncio.sleep(0.4)
    return ProbeOutcome()


def test_a_yield_hands_back_once_and_then_lets_finish():
    """However often others wait, a slow device gets its time at the second try; the others are given back as ever."""
    source = MemorySource([make_task(1), make_task(2, returns=1)])
    stats, results = run(None, slow, source=source, should_yield=lambda: bool(source.claims), grace=0.1, limits=QUICK)
    assert {pk: result.ok for pk, result in results.items()} == {2: True}
    assert [task.id for task in source.returned] == [1]
    assert (stats.claimed, stats.ok, stats.handed_back, stats.ended) == (2, 1, 1, 'yielded')


def test_so_it_is_when_the_time_is_up():
    source = MemorySource([make_task(1), make_task(2, returns=1)])
    stats, results = run(None, slow, source=source, time_budget=0.05, grace=0.1, limits=QUICK)
    assert (set(results), [task.id for task in source.returned], stats.ended) == ({2}, [1], 'budget')


def test_nothing_is_claimed_after_a_yield():
    source = MemorySource([make_task(1, returns=1)])

    async def probe(task, context):
        source.add(make_task(2))
        return await slow(task, context)

    _stats, results = run(None, probe, source=source, should_yield=lambda: bool(source.claims), grace=0, limits=QUICK)
    assert set(results) == {1}


def test_a_probe_that_is_awaited_after_a_yield_ends_with_its_deadline():
    source = MemorySource([make_task(1, returns=1, options={'deadline': 0.2})])
    _stats, results = run(None, endless, source=source, should_yield=lambda: bool(source.claims), grace=0, limits=QUICK)
    assert results[1].error_code == 'deadline:probe'


def test_a_stop_overtakes_a_yield():
    """What was spared is given up: the process has to end."""
    source = MemorySource([make_task(1), make_task(2, returns=1)])

    def should_stop():
        return bool(source.returned)

    stats, results = run(
        None, endless, source=source, should_stop=should_stop, should_yield=lambda: bool(source.claims), grace=0.05,
        limits=QUICK,
    )  # fmt: skip
    assert ([task.id for task in source.returned], results) == ([1, 2], {})
    assert (stats.handed_back, stats.ended) == (2, 'stopped')


def test_should_stop_is_asked_to_the_end():
    """It says on the way that the work goes on."""
    source = MemorySource([make_task(1, returns=1)])
    asked, yielded = [], []

    def should_yield():
        if source.claims:
            yielded.append(len(asked))
        return bool(yielded)

    run(None, slow, source=source, should_stop=lambda: asked.append(1), should_yield=should_yield, limits=QUICK)
    assert len(yielded) == 1
    assert len(asked) - yielded[0] >= 3


def test_in_flight():
    """How many tasks are at work, for those who are asked whether to go on."""
    source = MemorySource([make_task(1), make_task(2)])
    engine = Engine(source, MemorySink(), {'device-scan': slow}, SecretResolver({}), worker='w', limits=QUICK)
    seen = []
    engine.run(lambda: seen.append(engine.in_flight))
    assert (seen[0], max(seen), engine.in_flight) == (0, 2, 0)


def test_without_grace_the_probes_are_awaited():
    source = MemorySource([make_task(1)])
    begun = []

    async def probe(task, context):
        begun.append(task)
        await asyncio.sleep(0.1)
        return ProbeOutcome()

    stats, results = run(None, probe, source=source, should_stop=lambda: bool(begun), limits=QUICK)
    assert results[1].ok
    assert (stats.handed_back, source.returned) == (0, [])


def test_a_probe_that_ignores_its_cancellation_keeps_its_lease(monkeypatch):
    """It may still be talking to the device, so nobody else gets it before the lease is over."""
    monkeypatch.setattr('netops_worker.runner._CANCEL_SECONDS', 0.1)
    source = MemorySource([make_task(1)])
    release = threading.Event()

    async def probe(task, context):
        while not release.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue
        return ProbeOutcome()

    begun = time.monotonic()
    stats, results = run(
        None, probe, source=source, should_stop=lambda: time.monotonic() > begun + 0.05, grace=0.05, limits=QUICK
    )
    release.set()
    for thread in engine_threads():
        thread.join(5)
    assert (source.returned, results, stats.handed_back) == ([], {}, 0)


def test_limits_that_hold_up_are_waited_for():
    """An empty claim that says when to ask again does not end the run, and is not asked again before."""

    class Source(MemorySource):
        def claim(self, limit):
            self.again_after = 0.1 if len(self.claims) < 2 else None
            if len(self.claims) == 1:
                self.add(make_task(1))
            asked.append(time.monotonic())
            return super().claim(limit)

    asked = []
    stats, results = run(None, source=Source(), limits=QUICK)
    assert set(results) == {1}
    assert stats.ended == 'drained'
    assert asked[1] - asked[0] >= 0.1


def test_should_stop_is_heard_while_limits_hold_up():
    source = MemorySource()
    source.again_after = 60.0
    begun = time.monotonic()
    stats, _results = run(None, source=source, should_stop=lambda: time.monotonic() > begun + 0.1, limits=QUICK)
    assert stats.ended == 'stopped'
    assert time.monotonic() < begun + 5


def test_should_stop_is_heard_while_all_slots_are_taken():
    source = MemorySource(make_task(i) for i in range(4))
    begun = []

    async def probe(task, context):
        begun.append(task)
        return await endless(task, context)

    limits = EngineLimits(concurrency=2, control_seconds=0.02)
    stats, _results = run(None, probe, source=source, should_stop=lambda: len(begun) == 2, grace=0.05, limits=limits)
    assert (stats.claimed, stats.handed_back, len(source.returned)) == (2, 2, 2)


def test_the_source_is_asked_in_the_calling_thread_only():
    source = MemorySource([make_task(1)])
    begun = []

    async def probe(task, context):
        begun.append(task)
        return await endless(task, context)

    run(None, probe, source=source, should_stop=lambda: bool(begun), grace=0.1, limits=QUICK)
    assert source.threads == {threading.get_ident()}
