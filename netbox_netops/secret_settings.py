"""The settings of secret providers: what each needs, checked when NetBox starts. Nothing here shows a value."""

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netops_worker.secrets import PROVIDERS

__all__ = (
    'LOOKUPS',
    'NetBoxSecretsConfig',
    'parse_fallback',
    'parse_netbox_secrets',
)

# What a secret of netbox-secrets may be assigned to: the device (or virtual machine) itself, or what it belongs to.
LOOKUPS = ('device', 'role', 'platform', 'site', 'tenant')


@dataclass(frozen=True, slots=True)
class NetBoxSecretsConfig:
    """`user`: name of the service user, whose private key (PEM) or session key (base64) is in one of the two files.

    `lookup`: where secrets are looked up, in this order. `check_requester`: whether the user who asked for a run must
    have the permission to view the secret, too.
    """

    user: str
    private_key_file: str = ''
    session_key_file: str = ''
    lookup: tuple[str, ...] = LOOKUPS
    check_requester: bool = True


_KEYS = tuple(item.name for item in dataclasses.fields(NetBoxSecretsConfig))


def parse_netbox_secrets(values: Any) -> NetBoxSecretsConfig:
    """Raises ValueError naming the key and what it must be."""
    if not isinstance(values, Mapping):
        raise ValueError(f'must be a mapping with {", ".join(_KEYS)}')
    if unknown := sorted(str(key) for key in values if key not in _KEYS):
        raise ValueError(f'has the unknown key {unknown[0]}; known are {", ".join(_KEYS)}')
    user = values.get('user')
    if not isinstance(user, str) or not re.fullmatch(r'[\w.@+-]{1,150}', user):
        raise ValueError('user must be the name of a user')
    files = [values.get(name) or '' for name in ('private_key_file', 'session_key_file')]
    if bool(files[0]) == bool(files[1]):
        raise ValueError('must have either private_key_file or session_key_file')
    if not all(isinstance(path, str) and (not path or os.path.isabs(path)) for path in files):
        raise ValueError('private_key_file and session_key_file must be absolute paths')
    lookup = values.get('lookup', LOOKUPS)
    if (
        not isinstance(lookup, (list, tuple))
        or not lookup
        or any(name not in LOOKUPS for name in lookup)
        or len({*lookup}) < len(lookup)
    ):
        raise ValueError(f'lookup must be a list of some of {", ".join(LOOKUPS)}')
    check_requester = values.get('check_requester', True)
    if not isinstance(check_requester, bool):
        raise ValueError('check_requester must be True or False')
    return NetBoxSecretsConfig(user, *files, tuple(lookup), check_requester)


def parse_fallback(values: Any, configured: Mapping[str, object]) -> tuple[str, ...]:
    """`configured`: names of providers that need a setting -> that setting. Raises ValueError with what is wrong."""
    if not isinstance(values, (list, tuple)) or not all(isinstance(name, str) for name in values):
        raise ValueError(f'must be a list of some of {", ".join(PROVIDERS)}')
    for name in values:
        if name not in PROVIDERS:
            raise ValueError(f'names the unknown provider {name!r}; known are {", ".join(PROVIDERS)}')
        if name in configured and not configured[name]:
            raise ValueError(f'names the provider {name!r}, which is not configured')
    if len({*values}) < len(values):
        raise ValueError('names a provider twice')
    return tuple(values)
