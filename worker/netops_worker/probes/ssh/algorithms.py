"""Which algorithms are offered to a device, the cheapest of the good ones first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = (
    'PROFILES',
    'Algorithms',
    'Profile',
)

type Profile = Literal['default', 'legacy']

PROFILES: tuple[Profile, ...] = ('default', 'legacy')

# Of a key type, the names of its signatures, best first. Of the others both have the same name.
_SIGNATURES = {'ssh-rsa': ('rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa')}
# Signatures that only old devices need.
_OLD_SIGNATURES = ('ssh-rsa', 'ssh-dss')


@dataclass(frozen=True, slots=True)
class Algorithms:
    """`name`: of the profile. `host_keys`: the signatures a server may prove its key with, and a user theirs."""

    name: Profile
    kex: tuple[str, ...]
    ciphers: tuple[str, ...]
    macs: tuple[str, ...]
    host_keys: tuple[str, ...]

    @classmethod
    def of(cls, profile: Profile) -> 'Algorithms':
        return _LEGACY if profile == 'legacy' else _DEFAULT

    def host_keys_preferring(self, types: Sequence[str]) -> tuple[str, ...]:
        """The host key algorithms, those of these key types first."""
        first = [name for key_type in types for name in _SIGNATURES.get(key_type, (key_type,))]
        return tuple(dict.fromkeys([*(name for name in first if name in self.host_keys), *self.host_keys]))


# What OpenSSH's own client offers today.
_DEFAULT = Algorithms(
    name='default',
    kex=(
        'curve25519-sha256',
        'curve25519-sha256@libssh.org',
        'ecdh-sha2-nistp256',
        'ecdh-sha2-nistp384',
        'ecdh-sha2-nistp521',
        'diffie-hellman-group14-sha256',
        'diffie-hellman-group16-sha512',
        'diffie-hellman-group18-sha512',
        'diffie-hellman-group-exchange-sha256',
        'mlkem768x25519-sha256',
    ),
    ciphers=(
        'aes128-gcm@openssh.com',
        'aes256-gcm@openssh.com',
        'chacha20-poly1305@openssh.com',
        'aes128-ctr',
        'aes192-ctr',
        'aes256-ctr',
    ),
    macs=(
        'hmac-sha2-256-etm@openssh.com',
        'hmac-sha2-512-etm@openssh.com',
        'hmac-sha2-256',
        'hmac-sha2-512',
        'hmac-sha1-etm@openssh.com',
        'hmac-sha1',
    ),
    host_keys=(
        'ssh-ed25519',
        'ecdsa-sha2-nistp256',
        'ecdsa-sha2-nistp384',
        'ecdsa-sha2-nistp521',
        'rsa-sha2-512',
        'rsa-sha2-256',
    ),
)

_LEGACY = Algorithms(
    name='legacy',
    kex=(
        *_DEFAULT.kex,
        'diffie-hellman-group14-sha1',
        'diffie-hellman-group-exchange-sha1',
        'diffie-hellman-group1-sha1',
    ),
    ciphers=(*_DEFAULT.ciphers, 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'),
    macs=(*_DEFAULT.macs, 'hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'),
    host_keys=(*_DEFAULT.host_keys, *_OLD_SIGNATURES),
)
