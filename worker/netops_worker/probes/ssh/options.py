"""The options of a credential check, and the parameters of SSH credentials, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.options import ScanOptions
from netops_worker.probes.ssh.algorithms import PROFILES, Profile
from netops_worker.probes.ssh.hostkeys import KnownHostKey, Policy
from netops_worker.wire import CredentialRef

__all__ = (
    'CheckOptions',
    'SshLogin',
    'SshOptions',
)

_POLICIES = ('first-use', 'strict')
_STATES = ('trusted', 'pending', 'rejected')
# More than any device has, of all types and states.
_MAX_KNOWN = 100
_MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class SshOptions:
    """`port`: TCP port, None to leave it to the credential's parameter `port` (default 22). `timeout`: seconds for one
    connection without a shell. `shell_timeout`: the same for one with a shell. `stage`: 1 or 2, without or with a
    shell. `driver`: netmiko's name of the platform, '' when it is not known: then stage 1 only. `command`: what to run
    in the shell, '' for nothing.
    """

    port: int | None = None
    timeout: float = 10.0
    shell_timeout: float = 40.0
    stage: int = 1
    driver: str = ''
    command: str = ''


@dataclass(frozen=True, slots=True)
class SshLogin:
    """What a credential says beside its secret. `passphrase_reference`: of a private key, '' when it has none."""

    username: str
    port: int
    algorithms: Profile = 'default'
    passphrase_reference: str = ''

    @classmethod
    def of(cls, credential: CredentialRef, options: SshOptions) -> 'SshLogin':
        """Raises NetOpsError `options:invalid`."""
        where, own = f'{credential.name}: ', credential.parameters
        username = _text(own, 'username', where)
        if not username:
            raise NetOpsError('options:invalid', f'{where}username is missing')
        port = options.port
        if port is None:
            port = 22 if own.get('port') is None else _number(own, 'port', where)
        profile = _one_of(own, 'algorithms', PROFILES, where) if own.get('algorithms') else 'default'
        return cls(username, port, profile, _text(own, 'passphrase_reference', where))


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """`ssh`, `host_keys` (`policy` and `known`) and `snmp` of the options of a task.

    `snmp`: what a scan takes, for credentials of SNMP.
    """

    ssh: SshOptions = field(default_factory=SshOptions)
    policy: Policy = 'first-use'
    known: tuple[KnownHostKey, ...] = ()
    snmp: ScanOptions = field(default_factory=ScanOptions)

    @classmethod
    def from_task(cls, options: Mapping[str, Any]) -> 'CheckOptions':
        """Take the options of a task; those of other kinds are ignored. Raises NetOpsError `options:invalid`."""
        keys = _mapping(options, 'host_keys', '')
        return cls(
            ssh=_ssh(_mapping(options, 'ssh', '')),
            policy=_one_of(keys, 'policy', _POLICIES, 'host_keys.') if 'policy' in keys else 'first-use',
            known=_known(keys.get('known')),
            snmp=ScanOptions.from_task(_mapping(options, 'snmp', '')),
        )

    @classmethod
    def check_ssh(cls, options: Mapping[str, Any], where: str = '') -> dict[str, Any]:
        """The options `ssh` as they are, if a person may enter them. Raises NetOpsError `options:invalid` that names
        the option after `where`, for unknown ones too. Whether netmiko has the driver is not checked.
        """
        for name in options:
            if name not in SshOptions.__slots__:
                raise NetOpsError('options:invalid', f'{where}{name} is not an option')
        _ssh(options, where)
        return dict(options)


# Type, least and greatest value.
_RANGES: dict[str, tuple[type, float, float]] = {
    'port': (int, 1, 65535),
    'timeout': (float, 0.1, 120),
    'shell_timeout': (float, 0.1, 600),
    'stage': (int, 1, 2),
}


def _ssh(options: Mapping[str, Any], where: str = 'ssh.') -> SshOptions:
    values = {name: _number(options, name, where) for name in _RANGES if options.get(name) is not None}
    texts = {name: _text(options, name, where) for name in ('driver', 'command')}
    return SshOptions(**values, **texts)


def _known(keys: Any) -> tuple[KnownHostKey, ...]:
    if keys is None:
        return ()
    if not isinstance(keys, list) or len(keys) > _MAX_KNOWN or not all(isinstance(key, dict) for key in keys):
        raise NetOpsError('options:invalid', f'host_keys.known must be a list of at most {_MAX_KNOWN} objects')
    where = 'host_keys.known.'
    found = []
    for key in keys:
        fingerprint = _text(key, 'fingerprint', where)
        if not fingerprint.startswith('SHA256:'):
            raise NetOpsError('options:invalid', f'{where}fingerprint must begin with SHA256:')
        # OpenSSH leaves out the padding, others do not.
        found.append(
            KnownHostKey(_text(key, 'type', where), fingerprint.rstrip('='), _one_of(key, 'state', _STATES, where))
        )
    return tuple(found)


def _mapping(options: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = options.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise NetOpsError('options:invalid', f'{where}{name} must be an object')
    return value


def _number(options: Mapping[str, Any], name: str, where: str) -> Any:
    kind, least, greatest = _RANGES[name]
    value = options[name]
    allowed = int if kind is int else int | float
    if not isinstance(value, allowed) or isinstance(value, bool) or not least <= value <= greatest:
        number = 'a whole number' if kind is int else 'a number'
        raise NetOpsError('options:invalid', f'{where}{name} must be {number} from {least:g} to {greatest:g}')
    return value


def _text(options: Mapping[str, Any], name: str, where: str) -> str:
    value = options.get(name) or ''
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        raise NetOpsError('options:invalid', f'{where}{name} must be one line of text, at most {_MAX_TEXT} characters')
    return value


def _one_of(options: Mapping[str, Any], name: str, values: tuple[str, ...], where: str) -> Any:
    value = options.get(name)
    if value not in values:
        raise NetOpsError('options:invalid', f'{where}{name} must be one of {", ".join(values)}')
    return value
