"""Protocols and keys of SNMP v3's User-based Security Model: pass phrase, master key, key of one engine.

Sources: RFC 3414, RFC 7860 (SHA-2), RFC 3826 (AES), draft-blumenthal-aes-usm-04 (AES with longer keys),
draft-reeder-snmpv3-usm-3desede-00 (3DES, and the way Cisco extends keys for AES).
"""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, NoReturn, final

from netops_worker.errors import NetOpsError
from netops_worker.secrets import REDACTED

__all__ = (
    'AUTH_PROTOCOLS',
    'PRIV_PROTOCOLS',
    'AuthProtocol',
    'Key',
    'KeyCache',
    'PrivProtocol',
    'auth_protocol',
    'key_cache',
    'localize',
    'localize_privacy',
    'password_to_key',
    'priv_protocol',
)

# RFC 3414, A.2: how much repeated pass phrase is hashed, octets
_HASHED = 2**20
# RFC 3414, section 11.2. Counted in octets, because that is what agents count.
_LEAST_PASSPHRASE = 8
# RFC 3411, SnmpEngineID. The least length there is 5, but agents with less exist and work.
_LONGEST_ENGINE_ID = 32


@dataclass(frozen=True, slots=True)
class AuthProtocol:
    """`digest`: name of the hash in hashlib. Lengths in octets: `key_length` also of the digest, `mac_length` of
    msgAuthenticationParameters.
    """

    name: str
    digest: str
    key_length: int
    mac_length: int


@dataclass(frozen=True, slots=True)
class PrivProtocol:
    """`key_length`: octets of the localized key that are used, with DES and 3DES including 8 for the initialisation
    vector. `extension`: how a key is made from a digest that is too short for it, '' where none is.
    """

    name: str
    cipher: Literal['DES', 'AES']
    key_length: int
    extension: Literal['', 'Blumenthal', 'Reeder'] = ''


AUTH_PROTOCOLS: dict[str, AuthProtocol] = {
    protocol.name: protocol
    for protocol in (
        AuthProtocol('MD5', 'md5', 16, 12),
        AuthProtocol('SHA', 'sha1', 20, 12),
        AuthProtocol('SHA-224', 'sha224', 28, 16),
        AuthProtocol('SHA-256', 'sha256', 32, 24),
        AuthProtocol('SHA-384', 'sha384', 48, 32),
        AuthProtocol('SHA-512', 'sha512', 64, 48),
    )
}

# The suffix -C: as Cisco and many others extend the key. Without it, as net-snmp does by default.
PRIV_PROTOCOLS: dict[str, PrivProtocol] = {
    protocol.name: protocol
    for protocol in (
        PrivProtocol('DES', 'DES', 16),
        PrivProtocol('3DES', 'DES', 32, 'Reeder'),
        PrivProtocol('AES', 'AES', 16),
        PrivProtocol('AES-192', 'AES', 24, 'Blumenthal'),
        PrivProtocol('AES-256', 'AES', 32, 'Blumenthal'),
        PrivProtocol('AES-192-C', 'AES', 24, 'Reeder'),
        PrivProtocol('AES-256-C', 'AES', 32, 'Reeder'),
    )
}


def auth_protocol(name: str) -> AuthProtocol:
    """Raises NetOpsError `options:invalid` for an unknown name."""
    return _named(AUTH_PROTOCOLS, name, 'authentication')


def priv_protocol(name: str) -> PrivProtocol:
    """Raises NetOpsError `options:invalid` for an unknown name."""
    return _named(PRIV_PROTOCOLS, name, 'privacy')


def _named[P](protocols: dict[str, P], name: str, purpose: str) -> P:
    # Whoever configures may have entered anything, even what is no text.
    if not isinstance(name, str) or name not in protocols:
        known = ', '.join(protocols)
        raise NetOpsError('options:invalid', f'{name!r} is no {purpose} protocol; there are {known}')
    return protocols[name]


def password_to_key(protocol: AuthProtocol, passphrase: bytes) -> bytes:
    """The master key Ku (RFC 3414, A.2). Raises NetOpsError `secret:refused` for a pass phrase that is too short."""
    if len(passphrase) < _LEAST_PASSPHRASE:
        raise NetOpsError('secret:refused', f'shorter than {_LEAST_PASSPHRASE} characters (RFC 3414, section 11.2)')
    repeated = passphrase * (_HASHED // len(passphrase) + 1)
    return hashlib.new(protocol.digest, memoryview(repeated)[:_HASHED]).digest()


def localize(protocol: AuthProtocol, key: bytes, engine_id: bytes) -> bytes:
    """The key Kul of one engine from the master key (RFC 3414, section 2.6)."""
    return hashlib.new(protocol.digest, key + engine_id + key).digest()


def localize_privacy(auth: AuthProtocol, priv: PrivProtocol, key: bytes, engine_id: bytes) -> bytes:
    """The privacy key of one engine from the master key, `priv.key_length` octets.

    Reeder's extension hashes a megabyte again, for each engine.
    """
    localized = localize(auth, key, engine_id)
    # Once is enough: the shortest digest has 16 octets, the longest key 32.
    if len(localized) < priv.key_length:
        if priv.extension == 'Blumenthal':
            localized += hashlib.new(auth.digest, localized).digest()
        else:
            localized += localize(auth, password_to_key(auth, localized), engine_id)
    return localized[: priv.key_length]


@final
class Key:
    """The octets of a key. Only `octets()` gives them; everything else shows asterisks or refuses."""

    # A closure and not the octets themselves: whatever lists attributes (debuggers, error reporters) finds a function.
    __slots__ = ('octets',)
    octets: Callable[[], bytes]

    def __init__(self, octets: bytes) -> None:
        self.octets = lambda: octets

    def __repr__(self) -> str:
        return REDACTED

    def __deepcopy__(self, memo: dict[int, Any]) -> 'Key':
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError('a key cannot be serialised')


class KeyCache:
    """The keys this process has derived, the least recently used dropped first. For any number of threads.

    Pass phrases are known here only by a hash under a key that the process draws for itself.
    """

    __slots__ = ('_sizes', '_state')

    def __init__(self, masters: int = 1024, localized: int = 65_536) -> None:
        self._sizes = masters, localized
        self.clear()

    def clear(self) -> None:
        """Forget all keys. What other threads are deriving now is not kept either."""
        masters, localized = self._sizes
        # Replaced in one step, so that whoever works with the old one leaves nothing in the new one.
        self._state = Key(os.urandom(32)), _RecentlyUsed(masters), _RecentlyUsed(localized)

    def get(self, auth: AuthProtocol, priv: PrivProtocol | None, passphrase: bytes, engine_id: bytes) -> Key:
        """The key of that engine for privacy, or for authentication if `priv` is None.

        Raises NetOpsError `secret:refused` (pass phrase too short) and ValueError (impossible engine ID).
        """
        # It comes from the network and is kept, so it must not be of any length. Empty is the question for it.
        if not 0 < len(engine_id) <= _LONGEST_ENGINE_ID:
            raise ValueError(f'an engine ID of {len(engine_id)} octets')
        hash_key, masters, localized = self._state
        known_as = hashlib.blake2b(passphrase, key=hash_key.octets(), digest_size=32).digest()

        def make() -> Key:
            master = masters.get((auth.name, known_as), lambda: Key(password_to_key(auth, passphrase))).octets()
            if priv is None:
                return Key(localize(auth, master, engine_id))
            return Key(localize_privacy(auth, priv, master, engine_id))

        return localized.get((auth.name, priv and priv.name, known_as, engine_id), make)


class _RecentlyUsed:
    """At most `size` keys by name."""

    __slots__ = ('_keys', '_lock', '_size')

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._keys: OrderedDict[tuple[object, ...], Key] = OrderedDict()

    def get(self, name: tuple[object, ...], make: Callable[[], Key]) -> Key:
        """The key of that name; `make()` is asked if there is none, by two threads at once perhaps."""
        with self._lock:
            if (key := self._keys.get(name)) is not None:
                self._keys.move_to_end(name)
                return key
        # Not under the lock: it takes milliseconds, in which other threads need other keys.
        key = make()
        with self._lock:
            self._keys[name] = key
            while len(self._keys) > self._size:
                self._keys.popitem(last=False)
        return key


key_cache = KeyCache()
# Another thread may have held a lock at the moment of the fork, and in the child nobody would release it.
os.register_at_fork(after_in_child=key_cache.clear)
