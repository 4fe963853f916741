"""Which provider is asked and which others after it, what is kept in memory, and what the audit learns."""

import asyncio
import os
import threading
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.secrets import EnvironmentProvider, Found, Secret, SecretProvider, SecretResolver, SecretSubject
from netops_worker.secrets.cache import SecretCache
from netops_worker.wire import CredentialRef, Task


def credential(provider='own', reference='NETOPS_SECRET_LAB', **parameters):
    return CredentialRef(1, 'lab', 'snmp-v2c', provider, reference, parameters)


class Answers(SecretProvider):
    """Answers with `answer`: text, an exception, or anything else as it is. `asked`: the questions."""

    def __init__(self, answer, *, accepts=True):
        self.answer, self.accepts, self.asked, self.cleared = answer, accepts, [], 0

    def resolve(self, reference, subject=None):
        self.asked.append((reference, subject, threading.current_thread()))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Secret(self.answer) if isinstance(self.answer, str) else self.answer

    def check(self, reference):
        if not self.accepts:
            raise NetOpsError('secret:refused', 'not mine')

    def clear(self):
        self.cleared += 1


class Blocks(Answers):
    blocking = True


class BlocksBySubject(Blocks):
    by_subject = True


def failed(resolver, reference=None, **options):
    """The NetOpsError that comes of it, and what the audit learns."""
    told = []
    with pytest.raises(NetOpsError) as caught:
        resolver.resolve(reference or credential(), record=told.append, **options)
    (resolution,) = told
    assert resolution.code == caught.value.code
    return caught.value, resolution


def test_the_provider_of_the_credential_is_asked():
    """The credential names the provider, and that one is asked with its reference."""
    resolver = SecretResolver({'environment': EnvironmentProvider({'NETOPS_SECRET_LAB': 'pub'})})
    assert resolver.resolve(credential('environment')) == Secret('pub')


def test_unknown_providers_are_refused():
    """A provider that does not exist is refused, not guessed."""
    error, _ = failed(SecretResolver({}), credential('carrier-pigeon'))
    assert error.code == 'secret:refused'
    assert "'carrier-pigeon'" in error.detail


@pytest.mark.parametrize('name', ['environment', 'file', 'vault', 'netbox-secrets'])
def test_providers_that_are_not_configured_are_not_installed(name):
    """A provider that exists, and not here: at a POP nobody has netbox-secrets."""
    error, _ = failed(SecretResolver({}), credential(name))
    assert (error.code, error.detail) == ('secret:not-installed', f'lab: the provider {name} is not configured here')


@pytest.mark.parametrize('code', ['secret:not-found', 'secret:refused', 'secret:unavailable', 'secret:locked'])
def test_the_code_of_the_provider_is_kept(code):
    """The code of a provider arrives, with the name of the credential in front of its detail."""
    error, resolution = failed(SecretResolver({'own': Answers(NetOpsError(code, 'why'))}))
    assert (error.code, error.detail) == (code, 'lab: why')
    assert (resolution.asked, resolution.provider) == ('own', 'own')


def test_what_a_provider_raises_is_hidden():
    """Of an unexpected exception only the type is told: its text may be the secret."""
    error, _ = failed(SecretResolver({'own': Answers(ValueError('canary-secret'))}))
    assert (error.code, error.detail) == ('secret:unavailable', 'lab: ValueError')
    assert error.__suppress_context__


@pytest.mark.parametrize('answer', [b'canary-secret', Found('canary-secret'), None])
def test_only_secrets_are_taken(answer):
    """A provider that returns bare text is a failure: bare text could be printed."""
    error, _ = failed(SecretResolver({'own': Answers(answer)}))
    assert error.code == 'secret:unavailable'
    assert 'canary' not in str(error)


# Falling back


@pytest.mark.parametrize('code', ['secret:not-installed', 'secret:not-found'])
def test_what_is_not_there_may_be_elsewhere(code):
    """Then the others are asked in their order, and the audit knows who answered."""
    own, second, third = Answers(NetOpsError(code, 'why')), Answers(NetOpsError('secret:not-found')), Answers('pub')
    told = []
    resolver = SecretResolver({'own': own, 'second': second, 'third': third}, fallback=('second', 'own', 'third'))
    assert resolver.resolve(credential(), record=told.append) == Secret('pub')
    assert [len(provider.asked) for provider in (own, second, third)] == [1, 1, 1]
    (resolution,) = told
    assert (resolution.asked, resolution.provider, resolution.code) == ('own', 'third', '')


@pytest.mark.parametrize(
    'code',
    ['secret:refused', 'secret:unavailable', 'secret:locked', 'secret:wrong-key', 'secret:forbidden', 'secret:no-key',
     'secret:inactive', 'secret:session-rotated', 'secret:unreadable'],
)  # fmt: skip
@pytest.mark.parametrize('position', ['own', 'second'])
def test_nothing_else_falls_back(code, position):
    """Who is refused or not answered gets nothing from elsewhere; it is told which provider that was."""
    providers = {
        'own': Answers(NetOpsError('secret:not-found', 'nothing')),
        'second': Answers('x'),
        'third': Answers('y'),
    }
    providers[position] = Answers(NetOpsError(code, 'why'))
    error, resolution = failed(SecretResolver(providers, fallback=('second', 'third')))
    assert (error.code, resolution.provider) == (code, position)
    assert error.detail == {'own': 'lab: why', 'second': 'lab: nothing; second: why'}[position]
    assert not providers['third'].asked


def test_without_an_order_nobody_else_is_asked():
    """Falling back is the administrator's decision."""
    other = Answers('x')
    error, _ = failed(SecretResolver({'own': Answers(NetOpsError('secret:not-found')), 'other': other}))
    assert error.code == 'secret:not-found'
    assert not other.asked


def test_providers_of_other_references_are_passed_over():
    """A reference that a provider cannot have is no refusal of that provider."""
    foreign, last = Answers('x', accepts=False), Answers('y')
    resolver = SecretResolver(
        {'own': Answers(NetOpsError('secret:not-found')), 'foreign': foreign, 'last': last},
        fallback=('foreign', 'last'),
    )
    assert resolver.resolve(credential()) == Secret('y')
    assert not foreign.asked


def test_nobody_has_it():
    """What the credential's own provider said counts, and all that was said is told."""
    resolver = SecretResolver(
        {
            'own': Answers(NetOpsError('secret:not-installed', 'a')),
            'other': Answers(NetOpsError('secret:not-found', 'b')),
        },
        fallback=('other',),
    )
    error, resolution = failed(resolver)
    assert (error.code, error.detail) == ('secret:not-installed', 'lab: a; other: b')
    assert (resolution.asked, resolution.provider) == ('own', 'own')


# The audit


def test_what_the_audit_learns():
    """All but the value, as plain JSON values."""
    subject = SecretSubject.of(
        Task(5, 'device-scan', 3, 17, 'sw1', '192.0.2.1', 'token', 60.0, requested_by='ana', device_id=4, netbox_id=4)
    )
    assert subject == SecretSubject(17, 4, 4, 'sw1', 'ana')
    told, before = [], time.time()
    resolver = SecretResolver({'own': Answers(Found(Secret('canary'), 'version 3'))})
    resolver.resolve(credential(), subject, told.append)
    data = told[0].to_json()
    assert before <= data.pop('at') <= time.time()
    assert 0 <= data.pop('seconds') < 60
    assert data == {
        'credential': 1, 'reference': 'NETOPS_SECRET_LAB', 'asked': 'own', 'provider': 'own', 'code': '',
        'source': 'version 3', 'cached': False, 'target': 17, 'requested_by': 'ana',
    }  # fmt: skip


# In memory


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_cache_ends(clock):
    """An answer is kept for as long as was said, a failure for no longer than five seconds."""
    cache, answers = SecretCache(30, clock=clock), iter(['a', NetOpsError('secret:locked', 'why'), 'b'])

    def ask():
        answer = next(answers)
        if isinstance(answer, NetOpsError):
            raise answer
        return Found(Secret(answer))

    def fetched():
        found, kept = cache.fetch(('x',), ask)
        return found.secret.reveal(), kept

    assert fetched() == ('a', False)
    clock.now = 29.9
    assert fetched() == ('a', True)
    clock.now = 30
    assert cache.peek(('x',)) is None
    for moment in (30, 34.9):
        clock.now = moment
        with pytest.raises(NetOpsError) as caught:
            fetched()
        assert (caught.value.code, caught.value.detail) == ('secret:locked', 'why')
    clock.now = 35
    assert fetched() == ('b', False)


def test_cache_is_bounded(clock):
    """Of more answers than fit the oldest go, and those that have ended go first."""
    cache = SecretCache(30, most=2, clock=clock)
    for number in range(4):
        cache.fetch((number,), lambda: Found(Secret('x')))
    assert [cache.peek((number,)) is not None for number in range(4)] == [False, False, True, True]
    clock.now = 31
    cache.fetch((9,), lambda: Found(Secret('x')))
    assert list(cache._state.entries) == [(9,)]


def test_who_asks_for_the_same_waits():
    """Many devices at the same moment are one question to the server."""
    entered, go, calls = threading.Event(), threading.Event(), []

    def ask():
        calls.append(1)
        entered.set()
        assert go.wait(10)
        return Found(Secret('x'))

    cache, kept = SecretCache(30), []
    threads = [threading.Thread(target=lambda: kept.append(cache.fetch(('x',), ask)[1])) for _ in range(4)]
    threads[0].start()
    assert entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert (len(calls), sorted(kept)) == (1, [False, True, True, True])


def test_an_answer_of_before_is_not_kept_after():
    """A question under way while everything is forgotten brings what may be the old secret."""
    cache = SecretCache(30)

    def ask():
        cache.clear()
        return Found(Secret('old'))

    cache.fetch(('x',), ask)
    assert cache.peek(('x',)) is None


def test_only_what_blocks_is_kept():
    """A file is read for every run, so that it can be replaced; a server is asked once."""
    quick, slow = Answers('x'), Blocks('y')
    resolver, told = SecretResolver({'quick': quick, 'slow': slow}), []
    for _ in range(3):
        resolver.resolve(credential('quick'))
        resolver.resolve(credential('slow'), record=told.append)
    assert (len(quick.asked), len(slow.asked)) == (3, 1)
    assert [resolution.cached for resolution in told] == [False, True, True]


def test_nothing_is_kept_for_no_time():
    """0 seconds switch it off."""
    provider = Blocks('x')
    resolver = SecretResolver({'own': provider}, cache_seconds=0)
    for _ in range(3):
        resolver.resolve(credential())
    assert len(provider.asked) == 3


def test_what_depends_on_the_subject_is_kept_by_subject():
    """What one user may read is not given to another, nor the password of one device to another."""
    provider = BlocksBySubject('x')
    resolver = SecretResolver({'own': provider})
    subjects = [
        SecretSubject(1, requested_by='a'),
        SecretSubject(1, requested_by='b'),
        SecretSubject(2, requested_by='a'),
        None,
    ]
    for subject in (*subjects, *subjects):
        resolver.resolve(credential(), subject)
    assert [subject for _, subject, _ in provider.asked] == subjects


def test_a_rejected_credential_is_asked_for_again():
    """With both of its references, and nothing else is forgotten."""
    provider = Blocks('x')
    resolver = SecretResolver({'own': provider})
    rejected = credential(reference='auth', privacy_reference='privacy')
    references = ['auth', 'privacy', 'other']
    for _ in range(2):
        for reference in references:
            resolver.resolve(credential(reference=reference))
    resolver.forget(rejected)
    for reference in references:
        resolver.resolve(credential(reference=reference))
    assert [reference for reference, _, _ in provider.asked] == [*references, 'auth', 'privacy']


def test_everything_can_be_forgotten():
    """What is kept, and what providers keep."""
    provider = Blocks('x')
    resolver = SecretResolver({'own': provider})
    resolver.resolve(credential())
    resolver.clear()
    resolver.resolve(credential())
    assert (len(provider.asked), provider.cleared) == (2, 1)


# That there are threads is what it is about.
@pytest.mark.filterwarnings('ignore:This process .* is multi-threaded')
def test_a_forked_child_has_nothing():
    """It finds an empty memory, although a lock was held when it was forked, and can ask anew."""
    provider = Blocks('x')
    resolver = SecretResolver({'own': provider})
    asyncio.run(resolver.resolve_async(credential()))
    read, write = os.pipe()
    for lock in (resolver._cache._state.lock, *resolver._cache._state.asking):
        lock.acquire()
    pid = os.fork()
    if not pid:
        said = b'failed'
        try:
            empty = not resolver._cache._state.entries and provider.cleared == 1
            asyncio.run(resolver.resolve_async(credential()))
            said = b'empty' if empty and len(provider.asked) == 2 else b'kept'
        finally:
            os.write(write, said)
            os._exit(0)
    os.close(write)
    with os.fdopen(read, 'rb') as answer:
        assert answer.read() == b'empty'
    os.waitpid(pid, 0)
    assert resolver._cache._state.entries


# In the event loop


def context(resolver, seconds=20.0, subject=None):
    now = time.monotonic()
    return ProbeContext(resolver, now + seconds, float('inf'), subject)


def test_what_blocks_is_asked_in_a_thread():
    """The first time; after that it is in memory and needs none. What does not block never needs one."""
    slow, quick, subject = Blocks('x'), Answers('y'), SecretSubject(1)
    lent = context(SecretResolver({'slow': slow, 'quick': quick}), subject=subject)

    async def probe():
        return [await lent.secret(credential(name)) for name in ('slow', 'slow', 'quick')]

    assert asyncio.run(probe()) == [Secret('x'), Secret('x'), Secret('y')]
    ((_, asked_for, thread),) = slow.asked
    assert asked_for == subject
    assert thread is not threading.main_thread()
    assert quick.asked[0][2] is threading.main_thread()
    assert [(told.provider, told.cached) for told in lent.resolutions] == [
        ('slow', False),
        ('slow', True),
        ('quick', False),
    ]


def test_the_event_loop_goes_on():
    """While a server is asked, other probes work; and a failure arrives with its code."""
    release = threading.Event()

    class Waits(Blocks):
        def resolve(self, reference, subject=None):
            assert release.wait(10)
            return super().resolve(reference, subject)

    lent = context(SecretResolver({'own': Waits(NetOpsError('secret:locked', 'why'))}))

    async def main():
        asking = asyncio.create_task(lent.secret(credential()))
        # Were the loop blocked, nobody would come to this.
        await asyncio.sleep(0)
        release.set()
        return await asyncio.gather(asking, return_exceptions=True)

    (error,) = asyncio.run(main())
    assert (error.code, error.detail) == ('secret:locked', 'lab: why')
    assert [told.code for told in lent.resolutions] == ['secret:locked']


@pytest.mark.parametrize('ends', ['time', 'cancelled'])
def test_a_server_that_does_not_answer(ends):
    """A probe does not wait beyond its time, and the audit learns that it asked."""
    release, entered = threading.Event(), threading.Event()

    class Hangs(Blocks):
        def resolve(self, reference, subject=None):
            entered.set()
            release.wait(30)
            return super().resolve(reference, subject)

    lent = context(SecretResolver({'own': Hangs('x')}), 0.2 if ends == 'time' else 20)

    async def main():
        asking = asyncio.create_task(lent.secret(credential()))
        await asyncio.to_thread(entered.wait, 10)
        if ends == 'cancelled':
            asking.cancel()
        return await asyncio.gather(asking, return_exceptions=True)

    try:
        (error,) = asyncio.run(main())
    finally:
        release.set()
    if ends == 'time':
        assert (error.code, error.detail) == ('secret:unavailable', 'lab: own did not answer in time')
    else:
        assert isinstance(error, asyncio.CancelledError)
    assert [(told.code, told.provider) for told in lent.resolutions] == [('secret:unavailable', 'own')]


def test_few_threads_for_many_probes():
    """A thousand devices do not become a thousand connections."""
    together, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(8)

    class Counts(Blocks):
        def resolve(self, reference, subject=None):
            nonlocal together, most
            with lock:
                together += 1
                most = max(most, together)
            full.wait(10)
            with lock:
                together -= 1
            return super().resolve(reference, subject)

    # Without memory and in pairs of eight, which pass the barrier only when eight are under way.
    resolver = SecretResolver({'own': Counts('x')}, cache_seconds=0)
    lent = context(resolver)
    # Each lock of the cache is that of one reference.
    references = list({hash(('own', f'r{number}')) % 16: f'r{number}' for number in range(200)}.values())

    async def main():
        await asyncio.gather(*(lent.secret(credential(reference=reference)) for reference in references))

    assert len(references) == 16
    asyncio.run(main())
    assert most == 8
