"""The keys of SNMP v3 are those of the RFCs and of pysnmp, are derived once, and cannot be seen."""

import base64
import copy
import dataclasses
import hashlib
import inspect
import itertools
import os
import pickle
import pprint
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyasn1.type.univ import OctetString

from netops_worker.probes.snmp import usm_keys
from netops_worker.probes.snmp.usm import Keys
from netops_worker.probes.snmp.usm_keys import (
    AUTH_PROTOCOLS,
    PRIV_PROTOCOLS,
    Key,
    KeyCache,
    auth_protocol,
    key_cache,
    localize,
    localize_privacy,
    password_to_key,
    priv_protocol,
)

from .usm_cases import ENGINE, OTHER_ENGINE, PAIRS, PASSPHRASE, PYSNMP_AUTH, pysnmp_auth, pysnmp_priv_key, user

pytestmark = pytest.mark.filterwarnings('error')


@pytest.fixture(autouse=True)
def empty_cache():
    key_cache.clear()


@pytest.fixture
def derivations(monkeypatch):
    """The names of the functions that derived keys, in order."""
    called = []

    def counting(function):
        def wrapper(*arguments):
            called.append(function.__name__)
            return function(*arguments)

        return wrapper

    for function in (password_to_key, localize, localize_privacy):
        monkeypatch.setattr(usm_keys, function.__name__, counting(function))
    return called


@pytest.mark.parametrize(
    ('auth', 'master', 'localized'),
    [
        ('MD5', '9faf3283884e92834ebc9847d8edd963', '526f5eed9fcce26f8964c2930787d82b'),
        ('SHA', '9fb5cc0381497b3793528939ff788d5d79145211', '6695febc9288e36282235fc7151f128497b38f3f'),
    ],
)
def test_keys_of_rfc_3414(auth, master, localized):
    """The examples of RFC 3414, A.3."""
    key = password_to_key(auth_protocol(auth), PASSPHRASE)
    assert key.hex() == master
    assert localize(auth_protocol(auth), key, ENGINE).hex() == localized


@pytest.mark.parametrize(
    ('auth', 'priv', 'expected'),
    [
        ('MD5', '3DES', '526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12'),
        ('MD5', 'AES-256-C', '526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12'),
        ('SHA', '3DES', '6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c'),
        ('SHA', 'AES-256-C', '6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c'),
        ('SHA', 'AES-256', '6695febc9288e36282235fc7151f128497b38f3f505e07eb9af25568fa1f5dbe'),
    ],
)
def test_keys_of_the_drafts(auth, priv, expected):
    """The examples of draft-reeder-snmpv3-usm-3desede-00, B, and draft-blumenthal-aes-usm-04, A.1."""
    master = password_to_key(auth_protocol(auth), PASSPHRASE)
    assert localize_privacy(auth_protocol(auth), priv_protocol(priv), master, ENGINE).hex() == expected


def test_lengths():
    """RFC 3414, sections 6.1 and 7.1; RFC 7860, section 4.1."""
    assert {name: (p.key_length, p.mac_length) for name, p in AUTH_PROTOCOLS.items()} == {
        'MD5': (16, 12), 'SHA': (20, 12), 'SHA-224': (28, 16),
        'SHA-256': (32, 24), 'SHA-384': (48, 32), 'SHA-512': (64, 48),
    }  # fmt: skip
    assert all(name == protocol.name for name, protocol in (AUTH_PROTOCOLS | PRIV_PROTOCOLS).items())


@pytest.mark.parametrize('auth', PYSNMP_AUTH)
@pytest.mark.parametrize('passphrase', [PASSPHRASE, b'eight888', 'senha-çãé-ñ'.encode(), b'x' * 64, b'long' * 40])
def test_authentication_keys_as_pysnmp(auth, passphrase):
    """Master and localized key of each protocol are those of pysnmp, with short and long pass phrases."""
    service = pysnmp_auth(auth)
    master = service.hash_passphrase(passphrase)
    key = password_to_key(auth_protocol(auth), passphrase)
    assert key == bytes(master)
    assert localize(auth_protocol(auth), key, ENGINE) == bytes(service.localize_key(master, OctetString(ENGINE)))
    assert len(key) == auth_protocol(auth).key_length


@pytest.mark.parametrize(('auth', 'priv'), PAIRS)
def test_privacy_keys_as_pysnmp(auth, priv):
    """The privacy key of each pair of protocols, with the extension that its name says, is that of pysnmp."""
    master = password_to_key(auth_protocol(auth), PASSPHRASE)
    key = localize_privacy(auth_protocol(auth), priv_protocol(priv), master, ENGINE)
    expected = bytes(pysnmp_priv_key(auth, priv, PASSPHRASE))
    # Of DES pysnmp keeps what exceeds the sixteen octets that are used.
    assert key == expected[: priv_protocol(priv).key_length]
    assert len(key) == priv_protocol(priv).key_length


def test_passphrase_that_is_not_utf8():
    """Octets that Python's environment cannot decode reach the hash as they were."""
    octets = b'caf\xe9-latin-1'
    keys = user('SHA', None, auth_passphrase=os.fsdecode(octets)).keys(ENGINE)
    protocol = auth_protocol('SHA')
    assert keys.auth_key.octets() == localize(protocol, password_to_key(protocol, octets), ENGINE)


def test_keys_are_derived_once(derivations):
    """The megabyte is hashed once per pass phrase, each engine's key once per engine."""
    first = user().keys(ENGINE)
    assert derivations.count('password_to_key') == 2
    del derivations[:]
    again = user().keys(ENGINE)
    assert derivations == []
    assert again.sign(b'x') == first.sign(b'x')
    user().keys(OTHER_ENGINE)
    assert 'password_to_key' not in derivations
    assert derivations.count('localize_privacy') == 1


def test_a_new_passphrase_is_a_new_key(derivations):
    """Nothing is remembered for another pass phrase, authentication protocol or privacy protocol."""
    made = {
        user(*pair, auth_passphrase=passphrase, priv_passphrase=passphrase).keys(ENGINE).priv_key.octets()
        for pair in PAIRS
        if pair[1] not in ('DES', 'AES', '3DES')  # which share octets with others
        for passphrase in ('authentic-1', 'authentic-2')
    }
    # The digests of SHA-256 and above are long enough for AES-256, those of SHA-224 for AES-192: no extension.
    assert len(made) == 2 * (2 * 4 + 3 + 3 * 2)
    assert derivations.count('password_to_key') == 2 * (len(AUTH_PROTOCOLS) + 2 * 2 + 1)


def names(cache):
    """What the cache knows its master and localized keys by."""
    _, masters, localized = cache._state
    return [*masters._keys, *localized._keys]


def test_clear(derivations):
    """After clear() no key is left, and every key is derived anew."""
    user().keys(ENGINE)
    assert len(names(key_cache)) == 4
    del derivations[:]
    key_cache.clear()
    assert names(key_cache) == []
    user().keys(ENGINE)
    assert derivations.count('password_to_key') == 2


def test_clear_while_a_key_is_derived(monkeypatch):
    """A key whose derivation began before clear() is used and not kept."""

    def interrupted(*arguments):
        key_cache.clear()
        return password_to_key(*arguments)

    monkeypatch.setattr(usm_keys, 'password_to_key', interrupted)
    assert user('SHA', None).keys(ENGINE).sign(b'x')
    assert names(key_cache) == []


def test_names_in_the_cache():
    """A cache knows a pass phrase by what no other cache, and not the same after clear(), knows it by."""
    cache, other, protocol = KeyCache(), KeyCache(), auth_protocol('SHA')
    seen = []
    for one in (cache, other, cache):
        one.clear()
        one.get(protocol, None, PASSPHRASE, ENGINE)
        seen += names(one)
    assert len(set(seen)) == len(seen) == 6


def test_the_cache_is_bounded(derivations):
    """It keeps as many keys as it may and drops the one that was used longest ago."""
    cache, protocol = KeyCache(masters=2, localized=3), auth_protocol('SHA')

    def derived(passphrase, engine_id):
        del derivations[:]
        cache.get(protocol, None, passphrase, engine_id)
        return derivations

    engines = [bytes([number]) for number in range(1, 5)]
    for engine_id in engines[:3]:
        assert derived(PASSPHRASE, engine_id)
    assert not derived(PASSPHRASE, engines[0])
    assert derived(PASSPHRASE, engines[3]) == ['localize']
    assert not derived(PASSPHRASE, engines[0])
    assert derived(PASSPHRASE, engines[1]) == ['localize']
    for passphrase in (b'second-one', b'third-one'):
        assert derived(passphrase, ENGINE) == ['password_to_key', 'localize']
    assert derived(PASSPHRASE, OTHER_ENGINE) == ['password_to_key', 'localize']


def test_threads_share_the_cache():
    """Threads that need the same few keys of a cache too small for them all get the right ones."""
    cache, protocol = KeyCache(masters=1, localized=2), auth_protocol('MD5')
    passphrases, engines = (PASSPHRASE, b'other-one'), [bytes([number]) for number in range(1, 5)]
    expected = {
        (passphrase, engine_id): localize(protocol, password_to_key(protocol, passphrase), engine_id)
        for passphrase, engine_id in itertools.product(passphrases, engines)
    }
    together = threading.Barrier(8)

    def run(_):
        together.wait()
        return all(
            cache.get(protocol, None, *name).octets() == key for _ in range(10) for name, key in expected.items()
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(8)))


def secret_forms():
    """The pass phrases, their keys and their plain hashes, in the ways that something could show them."""
    protocol = auth_protocol('SHA')
    secrets = []
    for passphrase in (b'authentic-1', b'private-2'):
        master = password_to_key(protocol, passphrase)
        secrets += [passphrase, master, localize(protocol, master, ENGINE)]
        secrets += [localize_privacy(protocol, priv_protocol('AES'), master, ENGINE)]
        secrets += [hashlib.new(name, passphrase).digest() for name in ('md5', 'sha1', 'sha256', 'blake2b')]
        secrets += [hashlib.blake2b(passphrase, digest_size=32).digest()]
    for octets in secrets:
        yield from (repr(octets)[2:-1], octets.hex(), base64.b64encode(octets).decode(), str(list(octets)))


def attributes(thing, depth=6):
    """repr() and the like of an object and of everything that its attributes and items lead to."""
    yield from (repr(thing), str(thing), f'{thing}', pprint.pformat(thing))
    if depth == 0 or isinstance(thing, str | bytes | int | type) or (inspect.isroutine(thing) and depth < 5):
        return
    if isinstance(thing, dict):
        inside = [*thing.keys(), *thing.values()]
    elif isinstance(thing, tuple | list):
        inside = thing
    else:
        names = [*getattr(type(thing), '__slots__', ()), *getattr(thing, '__dict__', ())]
        inside = [getattr(thing, name) for name in names]
    for one in inside:
        yield from attributes(one, depth - 1)


@pytest.mark.parametrize('kind', ['user', 'keys', 'key', 'key_cache', 'masters', 'localized'])
def test_nothing_shows_a_secret(kind):
    """No text, attribute, copy or pickle of any object has a pass phrase, a key, or an unkeyed hash of them."""
    someone = user()
    keys = someone.keys(ENGINE)
    thing = {
        'user': someone,
        'keys': keys,
        'key': keys.priv_key,
        'key_cache': key_cache,
        'masters': key_cache._state[1],
        'localized': key_cache._state[2],
    }[kind]
    shown = [*attributes(thing), repr(inspect.getmembers(thing))]
    if dataclasses.is_dataclass(thing):
        shown += [repr(dataclasses.asdict(thing)), repr(copy.copy(thing))]
    assert not [form for form in secret_forms() for text in shown if form in text]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(thing, protocol)
    with pytest.raises(TypeError):
        vars(thing)


def test_the_search_for_secrets_finds_them():
    """The test above would see a key that an object shows."""
    octets = user().keys(ENGINE).priv_key.octets()
    shown = [*attributes({'held': [octets]})]
    assert any(form in text for form in secret_forms() for text in shown)


def test_what_is_shown():
    """What is left names the protocols and has asterisks for the keys."""
    assert repr(Key(b'octets')) == '**********'
    assert "name='SHA'" in repr(user().keys(ENGINE))
    assert repr(Keys()) == 'Keys(auth=None, auth_key=None, priv=None, priv_key=None)'
    assert repr(user()) == (
        "SecurityUser(name='lab', auth='SHA', auth_passphrase=**********, priv='AES', priv_passphrase=**********)"
    )
