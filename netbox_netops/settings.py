"""PLUGINS_CONFIG['netbox_netops'] as one frozen dataclass, validated when NetBox starts."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from dcim.choices import DeviceStatusChoices
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from redis.connection import parse_url
from virtualization.choices import VirtualMachineStatusChoices

from netops_worker.secrets import Secret, VaultConfig, parse_vault

from .drift.patterns import DEFAULT_PATTERNS, check_pattern
from .kinds import KINDS
from .secret_settings import NetBoxSecretsConfig, parse_fallback, parse_netbox_secrets

__all__ = (
    'Settings',
    'get_settings',
    'parse_settings',
)

PLUGIN = 'netbox_netops'
HOST_KEY_POLICIES = ('first-use', 'strict')


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults; every one is described in `configuration_example.py`."""

    # Statuses of devices and virtual machines that are operated. Others are retired, with their history kept.
    operated_statuses: tuple[str, ...] = ('active', 'staged', 'failed')
    # Kind of run -> RQ queue. What is not named uses `default_queue`, which every `netbox rqworker` serves.
    queues: Mapping[str, str] = field(default_factory=dict)
    default_queue: str = 'low'
    # Directory of secret files (Docker or Kubernetes mount); None switches the provider `file` off.
    secrets_directory: str | None = None
    # HashiCorp Vault or OpenBao; None switches the provider `vault` off. See `VaultConfig`.
    vault: VaultConfig | None = None
    # The plugin netbox-secrets; None switches the provider `netbox-secrets` off. See `NetBoxSecretsConfig`.
    netbox_secrets: NetBoxSecretsConfig | None = None
    # Providers that are asked, in this order, when that of a credential is not installed or has no such secret.
    secret_fallback: tuple[str, ...] = ()
    # Seconds that secrets of `vault` and `netbox-secrets` are kept in the memory of a job.
    secret_cache_seconds: int = 30
    # Seconds after which work that nobody took up is closed as expired.
    run_expiry: int = 3600
    # Seconds a worker may hold a target before another one may take it over.
    lease_seconds: int = 120
    # Devices probed at the same time by one job.
    concurrency: int = 256
    # Core jobs that drain one run at the same time, at most.
    drainers: int = 2
    # Seconds after which a job hands over to a successor, so that it never holds a worker for long.
    drain_seconds: int = 240
    # Seconds after which a job gives way to others that wait in the queues of its worker, and continues behind them.
    yield_seconds: int = 15
    # Seconds that probes may still take when their job stops; then their targets go back, to be probed by another. When
    # it only gives way, what went back before may take until its own deadline.
    stop_grace_seconds: int = 8
    # Targets at work at the same time, over all workers and kinds: per site (POP), tenant and gateway; None: no limit.
    site_concurrency: int | None = 128
    tenant_concurrency: int | None = None
    gateway_concurrency: int | None = None
    # Kind of run -> targets at work at the same time, and targets started per second. Others: see `kinds.py`.
    kind_concurrency: Mapping[str, int | None] = field(default_factory=dict)
    kind_rate: Mapping[str, float | None] = field(default_factory=dict)
    # How often per minute work may start on one device; None: as often as asked.
    host_rate: float | None = 6
    # Kind of run -> how often a target is tried in all.
    attempts: Mapping[str, int] = field(default_factory=dict)
    # Seconds to the second attempt, which double with each further one up to the most.
    retry_seconds: int = 30
    retry_most_seconds: int = 900
    # Failures in a row after which a device that does not answer is spared, for so many seconds; the time doubles with
    # each further failure up to the most. What somebody starts by hand is tried all the same.
    breaker_failures: int = 5
    breaker_seconds: int = 300
    breaker_most_seconds: int = 3600
    # Seconds that a new device without an address waits for one.
    address_wait_seconds: int = 3600
    # Days after which finished runs and results of scans are deleted: those that succeeded, and the others.
    retention_days: int = 30
    retention_failed_days: int = 90
    # Days after which is deleted who asked for which secret, and the history of what checks of credentials found.
    audit_days: int = 365
    # Devices that reject a credential within so many seconds, and so stop it on all of them.
    credential_reject_devices: int = 5
    credential_reject_window: int = 900
    # Rejections in a row after which a credential is not tried on a device, for so many seconds.
    device_reject_limit: int = 3
    device_reject_pause: int = 3600
    # Whether the first host key that a device shows is trusted (`first-use`), or has to be approved (`strict`).
    host_key_policy: str = 'first-use'
    # Slug of a gateway -> URL of its Redis, where its workers hear that there is work. May have passwords.
    gateway_redis: Mapping[str, Secret] = field(default_factory=dict)
    # What Prometheus shows as `Authorization: Bearer …` to read the metrics; None: only users may. Never printed.
    metrics_token: Secret | None = None
    # Seconds after which a tick that did not run makes the health check of the workers fail.
    health_tick_seconds: int = 180
    # Regular expressions of names of interfaces that nobody documents: they are not missing in NetBox.
    drift_ignored_interfaces: tuple[str, ...] = DEFAULT_PATTERNS
    # Name of the custom field of devices and virtual machines with the software version; None: not compared.
    os_version_custom_field: str | None = None

    def concurrency_of(self, kind: str) -> int | None:
        return self.kind_concurrency.get(kind, KINDS[kind].concurrency)

    def rate_of(self, kind: str) -> float | None:
        return self.kind_rate.get(kind, KINDS[kind].rate)

    def attempts_of(self, kind: str) -> int:
        return self.attempts.get(kind, KINDS[kind].attempts)

    def queue_for(self, kind: str) -> str:
        return self.queues.get(kind, self.default_queue)

    @property
    def job_timeout(self) -> int:
        """RQ's own limit lies above everything the engine does to end by itself, in seconds."""
        return self.drain_seconds + self.lease_seconds + 60


# What a header can carry (RFC 6750), and nobody guesses.
_TOKEN = re.compile(r'[A-Za-z0-9\-._~+/=]{16,200}')
# Setting -> smallest and largest allowed value.
_RANGES = {
    'run_expiry': (1, 7 * 24 * 3600),
    'secret_cache_seconds': (0, 300),
    'lease_seconds': (10, 3600),
    'concurrency': (1, 10_000),
    'drainers': (1, 64),
    'drain_seconds': (10, 24 * 3600),
    'yield_seconds': (1, 3600),
    'stop_grace_seconds': (0, 3600),
    'retry_seconds': (1, 24 * 3600),
    'retry_most_seconds': (1, 24 * 3600),
    'breaker_failures': (1, 1000),
    'breaker_seconds': (1, 7 * 24 * 3600),
    'breaker_most_seconds': (1, 7 * 24 * 3600),
    'address_wait_seconds': (1, 7 * 24 * 3600),
    'retention_days': (1, 3650),
    'retention_failed_days': (1, 3650),
    'audit_days': (1, 3650),
    'credential_reject_devices': (1, 100_000),
    'credential_reject_window': (1, 7 * 24 * 3600),
    'device_reject_limit': (1, 1000),
    'device_reject_pause': (1, 7 * 24 * 3600),
    'health_tick_seconds': (5, 24 * 3600),
}
_OPTIONAL_RANGES = {
    'site_concurrency': (1, 100_000),
    'tenant_concurrency': (1, 100_000),
    'gateway_concurrency': (1, 100_000),
    'host_rate': (0.01, 60_000),
}
# Setting by kind -> (smallest, largest, whether it is a whole number, whether None switches it off).
_KIND_RANGES = {
    'kind_concurrency': (1, 100_000, True, True),
    'kind_rate': (0.001, 100_000, False, True),
    'attempts': (1, 10, True, False),
}


def parse_settings(values: Mapping[str, Any]) -> Settings:
    """Validate the plugin's part of PLUGINS_CONFIG. Raises ImproperlyConfigured naming the setting and the fix."""
    known = {item.name for item in dataclasses.fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise _wrong(unknown[0], f'is not a setting; known are {", ".join(sorted(known))}')
    parsed = dict(values)
    for name, (low, high) in _RANGES.items():
        if name in parsed and (type(parsed[name]) is not int or not low <= parsed[name] <= high):
            raise _wrong(name, f'must be a whole number from {low} to {high}, not {parsed[name]!r}')
    for name, (low, high) in _OPTIONAL_RANGES.items():
        if name in parsed and not _is_number(parsed[name], low, high, whole=name != 'host_rate', optional=True):
            raise _wrong(name, f'must be a number from {low} to {high} or None, not {parsed[name]!r}')
    for name, (low, high, whole, optional) in _KIND_RANGES.items():
        if name in parsed:
            parsed[name] = _by_kind(name, parsed[name])
            for kind, value in parsed[name].items():
                if not _is_number(value, low, high, whole=whole, optional=optional):
                    raise _wrong(f'{name}[{kind}]', f'must be a number from {low} to {high}, not {value!r}')
    if parsed.get('host_key_policy', 'strict') not in HOST_KEY_POLICIES:
        raise _wrong(
            'host_key_policy', f'must be one of {", ".join(HOST_KEY_POLICIES)}, not {parsed["host_key_policy"]!r}'
        )
    if 'operated_statuses' in parsed:
        parsed['operated_statuses'] = _statuses(parsed['operated_statuses'])
    if 'queues' in parsed:
        parsed['queues'] = _queues(parsed['queues'])
    if 'default_queue' in parsed:
        _queue('default_queue', parsed['default_queue'])
    if 'gateway_redis' in parsed:
        parsed['gateway_redis'] = _gateway_redis(parsed['gateway_redis'])
    token = parsed.get('metrics_token')
    if token is not None and (not isinstance(token, str) or not _TOKEN.fullmatch(token)):
        # Its value is nobody's to read, not even when it is wrong.
        raise _wrong('metrics_token', 'must be None, or 16 to 200 letters, digits and characters of "-._~+/="')
    if token is not None:
        parsed['metrics_token'] = Secret(token)
    directory = parsed.get('secrets_directory')
    if directory is not None and (not isinstance(directory, str) or not PurePosixPath(directory).is_absolute()):
        raise _wrong('secrets_directory', f'must be an absolute path or None, not {directory!r}')
    _parse_secrets(parsed)
    if 'drift_ignored_interfaces' in parsed:
        parsed['drift_ignored_interfaces'] = _patterns(parsed['drift_ignored_interfaces'])
    field_name = parsed.get('os_version_custom_field')
    if field_name is not None and (not isinstance(field_name, str) or not re.fullmatch(r'[A-Za-z0-9_]+', field_name)):
        raise _wrong('os_version_custom_field', f'must be the name of a custom field or None, not {field_name!r}')
    return Settings(**parsed)


def get_settings() -> Settings:
    """The current settings. Parsed anew only when PLUGINS_CONFIG was replaced, so that tests can override it."""
    values = django_settings.PLUGINS_CONFIG.get(PLUGIN, {})
    key = repr(sorted(values.items()))
    if key not in _cache:
        settings = parse_settings(values)
        _cache.clear()
        _cache[key] = settings
    return _cache[key]


_cache: dict[str, Settings] = {}


def _parse_secrets(parsed: dict[str, Any]) -> None:
    for name, parse in (('vault', parse_vault), ('netbox_secrets', parse_netbox_secrets)):
        if parsed.get(name) is not None:
            parsed[name] = _parsed(name, parse, parsed[name])
    if 'secret_fallback' in parsed:
        configured = {
            'file': parsed.get('secrets_directory'),
            'vault': parsed.get('vault'),
            'netbox-secrets': parsed.get('netbox_secrets'),
        }
        parsed['secret_fallback'] = _parsed('secret_fallback', parse_fallback, parsed['secret_fallback'], configured)


def _parsed(name: str, parse: Callable[..., Any], *values: Any) -> Any:
    try:
        return parse(*values)
    except ValueError as error:
        raise _wrong(name, str(error)) from None


def _statuses(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not value or not all(isinstance(item, str) and item for item in value):
        raise _wrong('operated_statuses', f'must be a non-empty list of strings, not {value!r}')
    # A status that does not exist would retire the whole fleet at the next sync.
    known = {*DeviceStatusChoices.values(), *VirtualMachineStatusChoices.values()}
    if unknown := [item for item in value if item not in known]:
        raise _wrong(
            'operated_statuses', f'names the unknown status {unknown[0]!r}; known are {", ".join(sorted(known))}'
        )
    return tuple(value)


def _is_number(value: Any, low: float, high: float, *, whole: bool, optional: bool) -> bool:
    if value is None:
        return optional
    allowed = int if whole else int | float
    return isinstance(value, allowed) and not isinstance(value, bool) and low <= value <= high


def _by_kind(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(name, f'must map a kind of run to a value, not {value!r}')
    for kind in value:
        if kind not in KINDS:
            raise _wrong(name, f'names the unknown kind {kind!r}; known are {", ".join(KINDS)}')
    return dict(value)


def _queues(value: Any) -> dict[str, str]:
    queues = _by_kind('queues', value)
    for kind, queue in queues.items():
        _queue(f'queues[{kind}]', queue)
    return queues


def _gateway_redis(value: Any) -> dict[str, Secret]:
    # URLs are not shown, not even when they are wrong: they may have passwords.
    if not isinstance(value, Mapping):
        raise _wrong('gateway_redis', 'must map the slug of a gateway to the URL of its Redis')
    for slug, url in value.items():
        if not isinstance(slug, str) or not re.fullmatch(r'[-a-zA-Z0-9_]+', slug):
            raise _wrong('gateway_redis', f'names {slug!r}, which is not the slug of a gateway')
        try:
            parse_url(url)
        except (AttributeError, TypeError, ValueError):
            raise _wrong(
                f'gateway_redis[{slug}]', 'must be a URL that begins with redis://, rediss:// or unix://'
            ) from None
    return {slug: Secret(url) for slug, url in value.items()}


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) and item for item in value):
        raise _wrong('drift_ignored_interfaces', f'must be a list of regular expressions, not {value!r}')
    for pattern in value:
        if problem := check_pattern(pattern):
            raise _wrong('drift_ignored_interfaces', f'has the pattern {pattern!r}, which {problem}')
    return tuple(value)


def _queue(name: str, queue: Any) -> None:
    # RQ_QUEUES already holds NetBox's own queues and those of all plugins when this runs.
    if queue not in django_settings.RQ_QUEUES:
        raise _wrong(name, f'names the unknown queue {queue!r}; known are {", ".join(django_settings.RQ_QUEUES)}')


def _wrong(name: str, problem: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"PLUGINS_CONFIG['{PLUGIN}']: {name} {problem}.")
