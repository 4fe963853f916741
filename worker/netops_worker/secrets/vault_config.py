"""How a HashiCorp Vault or OpenBao is reached, and what of it the administrator set aside for this program."""

import dataclasses
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from netops_worker.secrets.references import vault_path

__all__ = (
    'VaultConfig',
    'parse_vault',
)


@dataclass(frozen=True, slots=True)
class VaultConfig:
    """`url`: base URL. `prefixes`: the only paths below `mount` (KV version 2) that credentials may refer to.

    It logs in with the token in `token_file`, or by AppRole at `auth_mount` with `role_id` and the secret id in
    `secret_id_file`. `namespace`: '' for none. `ca_file`: certificates to trust instead of the usual ones.
    `timeout`: seconds to wait for a connection, and for an answer.
    """

    url: str
    prefixes: tuple[str, ...]
    mount: str = 'secret'
    namespace: str = ''
    ca_file: str = ''
    token_file: str = ''
    auth_mount: str = 'approle'
    role_id: str = ''
    secret_id_file: str = ''
    timeout: float = 5.0

    def allows(self, path: str) -> bool:
        """Whether `path` is one of the prefixes or below it."""
        return any(path == prefix or path.startswith(f'{prefix}/') for prefix in self.prefixes)


_DEFAULTS = {'mount': 'secret', 'auth_mount': 'approle'}
_KEYS = tuple(item.name for item in dataclasses.fields(VaultConfig))


def parse_vault(values: Any) -> VaultConfig:
    """Raises ValueError naming the key and what it must be. It shows no value: that may be a token in a wrong place."""
    if not isinstance(values, Mapping):
        raise ValueError(f'must be a mapping with {", ".join(_KEYS)}')
    if unknown := sorted(str(key) for key in values if key not in _KEYS):
        raise ValueError(f'has the unknown key {unknown[0]}; known are {", ".join(_KEYS)}')
    parsed = {**_DEFAULTS, **values}
    for name in ('url', 'namespace', 'ca_file', 'token_file', 'role_id', 'secret_id_file', 'mount', 'auth_mount'):
        if not isinstance(parsed.setdefault(name, ''), str):
            raise ValueError(f'{name} must be text')
    _check_url(parsed['url'])
    parsed['url'] = parsed['url'].rstrip('/')
    for name in ('mount', 'auth_mount'):
        if not vault_path(parsed[name]):
            raise ValueError(f'{name} must be the path of a mount, such as {_DEFAULTS[name]}')
    prefixes = parsed.get('prefixes')
    if not isinstance(prefixes, (list, tuple)) or not prefixes:
        raise ValueError('prefixes must be a list with at least one path that credentials may refer to')
    prefixes = tuple(prefix.rstrip('/') if isinstance(prefix, str) else prefix for prefix in prefixes)
    if not all(vault_path(prefix) for prefix in prefixes):
        raise ValueError('prefixes must be plain paths below the mount, without "..", wildcards or a leading slash')
    parsed['prefixes'] = prefixes
    if parsed['namespace'] and not vault_path(parsed['namespace'].strip('/')):
        raise ValueError('namespace must be a plain path')
    for name in ('ca_file', 'token_file', 'secret_id_file'):
        if parsed[name] and not os.path.isabs(parsed[name]):
            raise ValueError(f'{name} must be an absolute path')
    if parsed['ca_file'] and not os.path.exists(parsed['ca_file']):
        raise ValueError('ca_file names a file that does not exist')
    by_role = bool(parsed['role_id'] or parsed['secret_id_file'])
    if bool(parsed['token_file']) == by_role:
        raise ValueError('must have either token_file, or role_id and secret_id_file')
    if by_role and not (parsed['role_id'] and parsed['secret_id_file']):
        raise ValueError('must have both role_id and secret_id_file')
    timeout = parsed.get('timeout', 5.0)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0.1 <= timeout <= 60:
        raise ValueError('timeout must be from 0.1 to 60 seconds')
    return VaultConfig(**parsed)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ('http', 'https') and parts.hostname and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete or parts.username is not None or parts.query or parts.fragment:
        raise ValueError('url must begin with https:// and name a host, without user, query or fragment')
    if parts.scheme == 'http' and not _is_loopback(parts.hostname):
        # The token and every secret would travel in the clear.
        raise ValueError('url must begin with https://, except for this machine itself')


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == 'localhost'
