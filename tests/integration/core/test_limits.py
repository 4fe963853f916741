"""Concurrency, rates and device locks in Redis (a real Valkey): granted whole or not at all, never held for ever."""

import threading
import time
from collections import Counter

import pytest

from lab.runs import RunDirectory
from lab.valkey import Valkey
from netops_worker.limits import Held, Limit, Limits, NotSeeded, Rate, Wish


@pytest.fixture
def limits(redis_clients) -> Limits:
    found = Limits(redis_clients[0])
    assert found.seed([])
    return found


def site(most, name='site:1'):
    return Limit(name, most, 'waiting:site')


def wish(token, device=None, *, limits=(), rates=()):
    return Wish(token, device, tuple(limits), tuple(rates))


def codes(limits, wishes, seconds=60):
    return [verdict.code for verdict in limits.acquire(wishes, seconds)]


def test_of_a_batch_as_many_are_granted_as_there_is_room(limits):
    assert codes(limits, [wish(f't{i}', i, limits=[site(2)]) for i in range(1, 5)]) == [
        '', '', 'waiting:site', 'waiting:site',
    ]  # fmt: skip
    assert limits.usage(['site:1', 'site:2']) == {'site:1': 2, 'site:2': 0}
    assert limits.release(['t1', 't3']) == 1
    assert codes(limits, [wish('t5', 5, limits=[site(2)])]) == ['']


def test_a_wish_is_granted_whole_or_not_at_all(limits):
    full = [site(1, 'site:2')]
    assert codes(limits, [wish('a', 1, limits=full)]) == ['']
    assert codes(limits, [wish('b', 2, limits=[site(5), *full])]) == ['waiting:site']
    assert limits.usage(['site:1']) == {'site:1': 0}
    # Neither is its device locked.
    assert codes(limits, [wish('c', 2)]) == ['']


def test_a_device_has_one_owner(limits):
    assert codes(limits, [wish('a', 7), wish('b', 7)]) == ['', 'waiting:busy']
    assert codes(limits, [wish('a', 7)]) == ['']
    limits.release(['b'])
    assert codes(limits, [wish('b', 7)]) == ['waiting:busy']
    limits.release(['a'])
    assert codes(limits, [wish('b', 7)]) == ['']


def test_what_needs_no_device_for_itself_may_share_it(limits):
    assert codes(limits, [wish('a', 7), wish('b'), wish('c')]) == ['', '', '']


def test_what_a_killed_worker_held_frees_itself(limits, redis_clients):
    assert codes(limits, [wish('a', 7, limits=[site(1)])], seconds=0.2) == ['']
    deadline = time.monotonic() + 5
    while codes(limits, [wish('b', 7, limits=[site(1)])]) != ['']:
        assert time.monotonic() < deadline
    # A late release of the old owner takes nothing from the new one.
    assert limits.release(['a']) == 0
    assert limits.usage(['site:1']) == {'site:1': 1}
    assert redis_clients[0].get('netops:lock:device:7') == b'b'


def test_rate(limits):
    rate = Rate('kind:x', per_second=20, burst=3, code='waiting:rate')
    verdicts = limits.acquire([wish(f't{i}', rates=[rate]) for i in range(5)], 60)
    assert [verdict.code for verdict in verdicts] == ['', '', '', 'waiting:rate', 'waiting:rate']
    assert verdicts[3].name == 'kind:x'
    assert 0 < verdicts[3].seconds <= 0.05
    begun = time.monotonic()
    granted = 0
    while granted < 5:
        assert time.monotonic() < begun + 5
        granted += codes(limits, [wish(f'u{granted}', rates=[rate])]) == ['']
    # Five more at 20 a second.
    assert time.monotonic() - begun > 0.2


def test_slow_rate_is_not_forgotten(limits, redis_clients):
    """What is kept of a rate lives as long as it takes to be full again."""
    rate = Rate('host:1', per_second=0.1, burst=3, code='waiting:host')
    assert codes(limits, [wish(f't{i}', rates=[rate]) for i in range(4)])[3] == 'waiting:host'
    assert redis_clients[0].pttl('netops:rate:host:1') > 29_000


def test_everything_expires(limits, redis_clients):
    rate = Rate('kind:x', per_second=20, burst=3, code='waiting:rate')
    limits.acquire([wish('a', 7, limits=[site(1)], rates=[rate])], 60)
    keys = redis_clients[0].keys('netops:*')
    assert len(keys) == 5
    assert {key for key in keys if redis_clients[0].ttl(key) < 0} == {b'netops:seeded'}
    limits.release(['a'])
    assert set(redis_clients[0].keys('netops:*')) == {b'netops:seeded', b'netops:rate:kind:x'}


def test_an_emptied_redis_is_told_what_runs(limits, redis_clients):
    running = wish('a', 7, limits=[site(2)])
    limits.acquire([running], 60)
    redis_clients[0].flushall()
    with pytest.raises(NotSeeded):
        limits.acquire([wish('b', 7)], 60)
    assert limits.seed([Held(running, 50.0), Held(wish('gone', 8), -1.0)])
    assert not limits.seed([])
    assert codes(limits, [wish('b', 7), wish('c', 8, limits=[site(2)]), wish('d', 9, limits=[site(2)])]) == [
        'waiting:busy', '', 'waiting:site',
    ]  # fmt: skip
    assert limits.release(['a']) == 1


def test_prefixes_keep_two_systems_apart(limits, redis_clients):
    other = Limits(redis_clients[0], prefix='other')
    other.seed([])
    assert codes(limits, [wish('a', 7)]) == codes(other, [wish('b', 7)]) == ['']


def test_concurrent_claimers_share_one_limit(limits, redis_clients):
    outcomes = Counter()

    def claim(number):
        verdicts = limits.acquire([wish(f'{number}-{i}', limits=[site(50)]) for i in range(20)], 60)
        outcomes.update(verdict.code for verdict in verdicts)

    threads = [threading.Thread(target=claim, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {'': 50, 'waiting:site': 150}


def test_nothing_wished(limits):
    assert limits.acquire([], 60) == []
    assert limits.release([]) == 0
    assert limits.usage([]) == {}


def test_a_restart_with_an_old_snapshot_is_noticed():
    """What was granted after the snapshot is missing in it, though it says that it was told what runs."""
    with RunDirectory('snapshot') as run, Valkey(run) as valkey:
        limits = Limits(valkey.client())
        limits.seed([])
        first, second = wish('a', 7, limits=[site(2)]), wish('b', 8, limits=[site(2)])
        assert codes(limits, [first]) == ['']
        valkey.client().save()
        assert codes(limits, [second]) == ['']
        valkey.restart()
        assert (valkey.client().exists('netops:seeded'), limits.usage(['site:1'])) == (1, {'site:1': 1})
        with pytest.raises(NotSeeded):
            limits.acquire([wish('c', 8)], 60)
        assert limits.seed([Held(first, 50.0), Held(second, 50.0)])
        assert not limits.seed([])
        assert limits.usage(['site:1']) == {'site:1': 2}
        assert codes(limits, [wish('c', 8), wish('d', 9, limits=[site(2)])]) == ['waiting:busy', 'waiting:site']
        assert limits.release(['a', 'b']) == 2
        assert codes(limits, [wish('c', 8, limits=[site(2)])]) == ['']
