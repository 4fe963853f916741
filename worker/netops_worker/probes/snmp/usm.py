"""SNMP v3's User-based Security Model (RFC 3414): a user, and what the user's keys do for one engine."""

import hmac
import os
from dataclasses import dataclass
from threading import Lock

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.usm_keys import (
    AuthProtocol,
    Key,
    PrivProtocol,
    auth_protocol,
    key_cache,
    priv_protocol,
)
from netops_worker.secrets import Secret

try:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # cryptography before 47
    from cryptography.hazmat.primitives.ciphers.modes import CFB

__all__ = (
    'Keys',
    'SecurityUser',
)

# RFC 3414, section 2.3: snmpEngineBoots and snmpEngineTime are INTEGER (0..2147483647).
_LARGEST = 2**31 - 1
_LONGEST_NAME = 32
_SALT_LENGTH = 8
_DES_BLOCK = 8
_TRIPLE_DES_KEY = 24


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """The keys of a user for one engine. `auth`, `priv`: the protocols, None without authentication or privacy."""

    auth: AuthProtocol | None = None
    auth_key: Key | None = None
    priv: PrivProtocol | None = None
    priv_key: Key | None = None

    def sign(self, message: bytes | bytearray) -> bytes:
        """The MAC, `auth.mac_length` octets, of a whole message whose MAC field is zeros. Raises ValueError if the
        user does not authenticate.
        """
        if self.auth is None or self.auth_key is None:
            raise ValueError('the user has no authentication key')
        return hmac.digest(self.auth_key.octets(), message, self.auth.digest)[: self.auth.mac_length]

    def verify(self, message: bytes | bytearray, mac: bytes) -> bool:
        """Whether `mac` is that of the message, with zeros in its MAC field. False if the user does not authenticate.

        Takes as long for a wrong MAC as for the right one; one of another length is wrong.
        """
        return self.auth is not None and hmac.compare_digest(self.sign(message), mac)

    def encrypt(self, plain: bytes | bytearray, boots: int, time: int) -> tuple[bytes, bytes]:
        """The encrypted octets and the salt (msgPrivacyParameters) for the engine's `boots` and `time` in seconds.

        DES pads with zeros to a multiple of 8 octets. Raises ValueError for numbers that are not possible, and if the
        user has no privacy.
        """
        priv, key = self._privacy(boots, time)
        if priv.cipher == 'AES':
            salt = _salts.next().to_bytes(_SALT_LENGTH)
        else:
            salt = boots.to_bytes(4) + (_salts.next() % 2**32).to_bytes(4)
            plain = plain + bytes(-len(plain) % _DES_BLOCK)
        encryptor = _cipher(priv, key, salt, boots, time).encryptor()
        return encryptor.update(plain) + encryptor.finalize(), salt

    def decrypt(self, encrypted: bytes | bytearray, salt: bytes, boots: int, time: int) -> bytes:
        """The octets that were encrypted; what DES padded is still there. A wrong key gives noise and no error.

        Raises ValueError for sizes and numbers that are not possible, and if the user has no privacy.
        """
        priv, key = self._privacy(boots, time)
        if len(salt) != _SALT_LENGTH:
            raise ValueError(f'a salt of {len(salt)} octets')
        if priv.cipher == 'DES' and len(encrypted) % _DES_BLOCK:
            raise ValueError(f'{len(encrypted)} encrypted octets, not a multiple of {_DES_BLOCK}')
        decryptor = _cipher(priv, key, salt, boots, time).decryptor()
        return decryptor.update(encrypted) + decryptor.finalize()

    def _privacy(self, boots: int, time: int) -> tuple[PrivProtocol, bytes]:
        if self.priv is None or self.priv_key is None:
            raise ValueError('the user has no privacy key')
        if not (0 <= boots <= _LARGEST and 0 <= time <= _LARGEST):
            raise ValueError(f'engine boots {boots}, engine time {time}')
        return self.priv, self.priv_key.octets()


@dataclass(frozen=True, slots=True)
class SecurityUser:
    """A user by the names of the protocols (see AUTH_PROTOCOLS and PRIV_PROTOCOLS), None for those it does without.

    Raises NetOpsError `options:invalid` for names that do not exist, privacy without authentication, and a protocol
    without pass phrase or the reverse.
    """

    name: str
    auth: str | None = None
    auth_passphrase: Secret | None = None
    priv: str | None = None
    priv_passphrase: Secret | None = None

    def __post_init__(self) -> None:
        try:
            length = len(self.name.encode())
        except (AttributeError, UnicodeEncodeError):
            # None or a number, as a configuration may have it, or what was no text where it came from.
            length = 0
        # RFC 3414, section 5, usmUserName
        if not 0 < length <= _LONGEST_NAME:
            raise NetOpsError('options:invalid', f'a user name is text of 1 to {_LONGEST_NAME} octets')
        if self.auth is not None:
            auth_protocol(self.auth)
        if self.priv is not None:
            priv_protocol(self.priv)
        # Neither may be made up for: the user would be less protected than whoever entered the other one believes.
        if (self.auth is None) != (self.auth_passphrase is None):
            raise NetOpsError('options:invalid', 'authentication takes both a protocol and a pass phrase')
        if (self.priv is None) != (self.priv_passphrase is None):
            raise NetOpsError('options:invalid', 'privacy takes both a protocol and a pass phrase')
        if self.priv is not None and self.auth is None:
            raise NetOpsError('options:invalid', 'privacy needs authentication (RFC 3411, section 3.4.3)')

    def keys(self, engine_id: bytes) -> Keys:
        """The keys for the engine, derived once as long as the process remembers them.

        The first time takes milliseconds. Raises NetOpsError `secret:refused` for a pass phrase that is too short or
        no text, and ValueError for an engine ID of an impossible length.
        """
        if self.auth is None or self.auth_passphrase is None:
            return Keys()
        auth = auth_protocol(self.auth)
        auth_key = _key(auth, None, self.auth_passphrase, engine_id)
        if self.priv is None or self.priv_passphrase is None:
            return Keys(auth, auth_key)
        priv = priv_protocol(self.priv)
        return Keys(auth, auth_key, priv, _key(auth, priv, self.priv_passphrase, engine_id))


def _key(auth: AuthProtocol, priv: PrivProtocol | None, passphrase: Secret, engine_id: bytes) -> Key:
    try:
        # As the environment gave it: octets that are not UTF-8 are the pass phrase, too. Not in a variable, which
        # whatever reports the error below with its frames would show.
        return key_cache.get(auth, priv, passphrase.reveal().encode('utf-8', 'surrogateescape'), engine_id)
    except UnicodeEncodeError:
        # Raised below, outside: this error contains the pass phrase and must not become the context of another.
        why = 'not text'
    except NetOpsError as error:
        why = error.detail
    purpose = 'authentication' if priv is None else 'privacy'
    raise NetOpsError('secret:refused', f'the pass phrase for {purpose} is {why}')


def _cipher(priv: PrivProtocol, key: bytes, salt: bytes, boots: int, time: int) -> Cipher[CFB] | Cipher[CBC]:
    if priv.cipher == 'AES':
        # RFC 3826, section 3.1.2.1
        return Cipher(AES(key), CFB(boots.to_bytes(4) + time.to_bytes(4) + salt))
    # RFC 3414, section 8.1.1.1
    key, pre_iv = key[:-_DES_BLOCK], key[-_DES_BLOCK:]
    iv = (int.from_bytes(pre_iv) ^ int.from_bytes(salt)).to_bytes(_DES_BLOCK)
    # DES is 3DES with the same key three times, and the library has no other.
    return Cipher(TripleDES(key * (_TRIPLE_DES_KEY // len(key))), CBC(iv))


class _Salts:
    """The numbers that make salts unique: from a random one upwards, for all keys of the process together.

    64 bits, of which DES can use 32; it sees a number again after 4,294,967,296 messages.
    """

    __slots__ = ('_last', '_lock')

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self._lock = Lock()
        self._last = int.from_bytes(os.urandom(_SALT_LENGTH))

    def next(self) -> int:
        with self._lock:
            self._last = (self._last + 1) % 2 ** (8 * _SALT_LENGTH)
            return self._last


_salts = _Salts()
# A child would go on with the very salts that its parent goes on with, under the same keys.
os.register_at_fork(after_in_child=_salts.restart)
