"""The MACs and ciphers of SNMP v3 are pysnmp's, refuse what is not authentic, and never use a salt twice."""

import itertools
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.type.univ import OctetString

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.probes.snmp.usm_keys import AUTH_PROTOCOLS
from netops_worker.secrets import Secret

from .usm_cases import ENGINE, OTHER_ENGINE, PAIRS, PYSNMP_AUTH, pysnmp_auth, pysnmp_priv, pysnmp_priv_key, user

pytestmark = pytest.mark.filterwarnings('error')

WORKER = Path(__file__).parents[3] / 'worker'

BOOTS, TIME = 7, 123_456


@pytest.mark.parametrize('auth', PYSNMP_AUTH)
def test_mac_as_pysnmp(auth):
    """A message signed here is as pysnmp signs it, and what pysnmp signs is accepted here."""
    keys = user(auth, None).keys(ENGINE)
    length = keys.auth.mac_length
    head, tail = b'\x30\x82 head of a message', b'and its tail' * 100
    message = head + bytes(length) + tail
    service = pysnmp_auth(auth)
    key = service.localize_key(service.hash_passphrase(b'authentic-1'), OctetString(ENGINE))
    signed = service.authenticate_outgoing_message(key, message)
    assert signed == head + keys.sign(message) + tail
    assert keys.verify(bytearray(message), signed[len(head) : len(head) + length])
    assert service.authenticate_incoming_message(key, OctetString(keys.sign(message)), signed) == message


@pytest.mark.parametrize(('auth', 'priv'), PAIRS)
@pytest.mark.parametrize('length', [1, 40, 1400])
def test_privacy_as_pysnmp(auth, priv, length):
    """pysnmp decrypts what is encrypted here, and the reverse."""
    keys = user(auth, priv).keys(ENGINE)
    service, key = pysnmp_priv(priv), pysnmp_priv_key(auth, priv, b'private-2')
    plain = b'\x30' * length

    encrypted, salt = keys.encrypt(plain, BOOTS, TIME)
    decrypted = service.decrypt_data(key, (BOOTS, TIME, OctetString(salt)), OctetString(encrypted))
    assert decrypted == plain + bytes(len(encrypted) - length)
    assert len(encrypted) == (-(-length // 8) * 8 if 'DES' in priv else length)

    encrypted, salt = service.encrypt_data(key, (BOOTS, TIME, None), plain)
    assert keys.decrypt(bytes(encrypted), bytes(salt), BOOTS, TIME).rstrip(b'\0') == plain


@given(st.sampled_from(PAIRS), st.binary(max_size=200), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_round_trip(pair, plain, boots, time):
    """What was encrypted is decrypted, and DES pads it with fewer than eight zeros."""
    keys = user(*pair).keys(ENGINE)
    decrypted = keys.decrypt(*keys.encrypt(bytearray(plain), boots, time), boots, time)
    padding = -len(plain) % 8 if 'DES' in pair[1] else 0
    assert decrypted == plain + bytes(padding)


@given(st.sampled_from(list(AUTH_PROTOCOLS)), st.binary(min_size=1, max_size=200), st.data())
def test_tampering_is_noticed(auth, message, data):
    """No other message and no other MAC is accepted: not one octet changed, none missing, none more."""
    keys = user(auth, None).keys(ENGINE)
    mac = keys.sign(message)
    assert keys.verify(message, mac)
    change = data.draw(st.integers(1, 255))

    def changed(octets):
        place = data.draw(st.integers(0, len(octets) - 1))
        return octets[:place] + bytes([octets[place] ^ change]) + octets[place + 1 :]

    assert not keys.verify(changed(message), mac)
    assert not keys.verify(message, changed(mac))
    assert not keys.verify(message[:-1], mac)
    for other in (b'', mac[:-1], mac + b'\0', mac[:1]):
        assert not keys.verify(message, other)


@given(st.sampled_from(PAIRS), st.binary(min_size=16, max_size=60))
def test_wrong_keys(pair, message):
    """Another pass phrase or another engine verifies nothing and decrypts to something else."""
    auth, priv = pair
    right = user(auth, priv)
    mac, (encrypted, salt) = right.keys(ENGINE).sign(message), right.keys(ENGINE).encrypt(message, BOOTS, TIME)
    others = user(auth, priv, auth_passphrase='authentic-3', priv_passphrase='private-4').keys(ENGINE)
    for wrong in (others, right.keys(OTHER_ENGINE)):
        assert not wrong.verify(message, mac)
        assert not wrong.decrypt(encrypted, salt, BOOTS, TIME).startswith(message)


@pytest.mark.parametrize(('boots', 'time'), [(BOOTS + 1, TIME), (BOOTS, TIME + 1)])
def test_boots_and_time_are_part_of_aes(boots, time):
    """RFC 3826, section 3.1.2.1: what was encrypted at one time is noise at another."""
    keys = user().keys(ENGINE)
    plain = b'sixteen octets !'
    assert keys.decrypt(*keys.encrypt(plain, BOOTS, TIME), boots, time) != plain


@pytest.mark.parametrize(
    ('priv', 'encrypted', 'salt', 'boots', 'time'),
    [
        ('DES', bytes(15), bytes(8), 0, 0),
        ('3DES', bytes(9), bytes(8), 0, 0),
        ('DES', bytes(16), bytes(7), 0, 0),
        ('AES', bytes(16), bytes(9), 0, 0),
        ('AES-256', bytes(16), b'', 0, 0),
        ('AES', bytes(16), bytes(8), -1, 0),
        ('AES', bytes(16), bytes(8), 2**31, 0),
        ('DES', bytes(16), bytes(8), 2**64, 0),
        ('AES', bytes(16), bytes(8), 0, -1),
        ('AES', bytes(16), bytes(8), 0, 2**31),
    ],
)
def test_impossible_input(priv, encrypted, salt, boots, time):
    """What cannot have been encrypted is a ValueError, whatever the network sends."""
    with pytest.raises(ValueError, match=r'octets|engine boots'):
        user('SHA', priv).keys(ENGINE).decrypt(encrypted, salt, boots, time)


@pytest.mark.parametrize(('boots', 'time'), [(-1, 0), (2**31, 0), (0, -1), (0, 2**31)])
@pytest.mark.parametrize('priv', ['DES', 'AES'])
def test_impossible_time_is_not_encrypted_for(priv, boots, time):
    """Boots and time outside of RFC 3414, section 2.3, are a ValueError."""
    with pytest.raises(ValueError, match='engine boots'):
        user('SHA', priv).keys(ENGINE).encrypt(b'x', boots, time)


@pytest.mark.parametrize('engine_id', [b'', bytes(33), bytes(65_000)])
def test_impossible_engine(engine_id):
    """An engine ID that RFC 3411 does not allow gets no key, and no place in the cache."""
    with pytest.raises(ValueError, match='engine ID'):
        user().keys(engine_id)


def test_users_with_less():
    """Without privacy nothing is encrypted; without authentication nothing is signed and nothing verified."""
    signing = user('SHA', None).keys(ENGINE)
    nothing = user(None, None).keys(ENGINE)
    assert (signing.priv, nothing.auth, nothing.priv) == (None, None, None)
    assert signing.verify(b'x', signing.sign(b'x'))
    assert not nothing.verify(b'x', b'')
    with pytest.raises(ValueError, match='no authentication key'):
        nothing.sign(b'x')
    for keys in (signing, nothing):
        with pytest.raises(ValueError, match='no privacy key'):
            keys.encrypt(b'x', 0, 0)
        with pytest.raises(ValueError, match='no privacy key'):
            keys.decrypt(bytes(8), bytes(8), 0, 0)


PAIR = Secret('authentic-1'), Secret('private-2')


@pytest.mark.parametrize(
    ('arguments', 'detail'),
    [
        (('lab', 'sha', PAIR[0]), "'sha' is no authentication protocol; there are MD5, SHA, SHA-224,"),
        (('lab', '', PAIR[0]), "'' is no authentication protocol"),
        (('lab', ['SHA'], PAIR[0]), 'is no authentication protocol'),
        (('lab', 'SHA', PAIR[0], 'AES-128', PAIR[1]), "'AES-128' is no privacy protocol; there are DES, 3DES, AES,"),
        (('lab', None, None, 'AES', PAIR[1]), 'privacy needs authentication'),
        (('lab', 'SHA'), 'authentication takes both'),
        (('lab', None, PAIR[0]), 'authentication takes both'),
        (('lab', 'SHA', PAIR[0], 'AES'), 'privacy takes both'),
        (('lab', 'SHA', PAIR[0], None, PAIR[1]), 'privacy takes both'),
        (('',), 'user name'),
        (('é' * 17,), 'user name'),
        (('\udcff',), 'user name'),
        ((None,), 'user name'),
    ],
)
def test_invalid_user(arguments, detail):
    """A user that cannot be, or would be less protected than somebody meant, is refused with the reason."""
    with pytest.raises(NetOpsError) as caught:
        SecurityUser(*arguments)
    assert caught.value.code == 'options:invalid'
    assert detail in caught.value.detail


@pytest.mark.parametrize(
    ('auth', 'priv', 'purpose'),
    [('short-7', 'long-enough', 'authentication'), ('long-enough', 'short-7', 'privacy'),
     ('', 'long-enough', 'authentication'), ('long-enough-\ud800', 'long-enough', 'authentication')],
)  # fmt: skip
def test_refused_passphrase(auth, priv, purpose):
    """A pass phrase that is too short (RFC 3414, section 11.2) or no text is refused without being shown."""
    with pytest.raises(NetOpsError) as caught:
        user(auth_passphrase=auth, priv_passphrase=priv).keys(ENGINE)
    assert caught.value.code == 'secret:refused'
    assert purpose in caught.value.detail
    told = ''.join(traceback.format_exception(caught.value))
    assert 'short-7' not in told
    assert 'long-enough' not in told
    # Whatever reports errors follows these, and shows the variables of these frames.
    assert caught.value.__context__ is None
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
    assert [frame.f_code.co_name for frame in frames] == ['keys', '_key']
    assert not any(text in repr(frame.f_locals) for frame in frames for text in ('short-7', 'long-enough'))


@pytest.mark.parametrize('priv', ['DES', 'AES'])
def test_salts_are_never_the_same(priv):
    """Threads, users and engines share the numbers, so no key sees one twice; DES's begin with the boots."""
    together = threading.Barrier(4)
    keys = [user('SHA', priv).keys(engine_id) for engine_id in (ENGINE, OTHER_ENGINE)] * 2

    def run(own):
        together.wait()
        return [own.encrypt(b'x', BOOTS, TIME)[1] for _ in range(2000)]

    with ThreadPoolExecutor(4) as pool:
        salts = [salt for result in pool.map(run, keys) for salt in result]
    assert len(set(salts)) == len(salts) == 8000
    assert {len(salt) for salt in salts} == {8}
    assert priv != 'DES' or all(salt.startswith(BOOTS.to_bytes(4)) for salt in salts)


FORK = """
import os, signal
from netops_worker.probes.snmp import usm, usm_keys
from netops_worker.secrets import Secret
user = usm.SecurityUser('lab', 'SHA', Secret('authentic-1'), 'AES', Secret('private-2'))
def show_salt():
    print(int.from_bytes(user.keys(b'engine').encrypt(b'x', 0, 0)[1]), flush=True)
show_salt()
locks = [usm._salts._lock, *(part._lock for part in usm_keys.key_cache._state[1:])]
for lock in locks:
    lock.acquire()
for _ in range(2):
    if not os.fork():
        signal.alarm(20)
        show_salt()
        os._exit(0)
    os.wait()
for lock in locks:
    lock.release()
show_salt()
"""


def test_fork():
    """A child neither goes on with the salts of its parent, which would encrypt twice under one key and salt, nor
    waits for what a thread of the parent held.
    """
    done = subprocess.run(
        [sys.executable, '-W', 'error', '-c', FORK], env={'PYTHONPATH': str(WORKER)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    before, first, second, parent = map(int, done.stdout.split())
    assert parent == (before + 1) % 2**64
    # Drawn from 2**64 numbers; that they are close to each other by chance does not happen.
    assert all(abs(a - b) > 1000 for a, b in itertools.combinations((before, first, second), 2))
