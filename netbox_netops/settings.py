"""PLUGINS_CONFIG['netbox_netops'] as one frozen dataclass, validated when NetBox starts."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from dcim.choices import DeviceStatusChoices
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from virtualization.choices import VirtualMachineStatusChoices

from .drift.patterns import DEFAULT_PATTERNS, check_pattern
from .kinds import KINDS

__all__ = (
    'Settings',
    'get_settings',
    'parse_settings',
)

PLUGIN = 'netbox_netops'


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
    # Regular expressions of names of interfaces that nobody documents: they are not missing in NetBox.
    drift_ignored_interfaces: tuple[str, ...] = DEFAULT_PATTERNS
    # Name of the custom field of devices and virtual machines with the software version; None: not compared.
    os_version_custom_field: str | None = None

    def queue_for(self, kind: str) -> str:
        return self.queues.get(kind, self.default_queue)

    @property
    def job_timeout(self) -> int:
        """RQ's own limit lies above everything the engine does to end by itself, in seconds."""
        return self.drain_seconds + self.lease_seconds + 60


# Setting -> smallest and largest allowed value.
_RANGES = {
    'run_expiry': (1, 7 * 24 * 3600),
    'lease_seconds': (10, 3600),
    'concurrency': (1, 10_000),
    'drainers': (1, 64),
    'drain_seconds': (10, 24 * 3600),
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
    if 'operated_statuses' in parsed:
        parsed['operated_statuses'] = _statuses(parsed['operated_statuses'])
    if 'queues' in parsed:
        parsed['queues'] = _queues(parsed['queues'])
    if 'default_queue' in parsed:
        _queue('default_queue', parsed['default_queue'])
    directory = parsed.get('secrets_directory')
    if directory is not None and (not isinstance(directory, str) or not PurePosixPath(directory).is_absolute()):
        raise _wrong('secrets_directory', f'must be an absolute path or None, not {directory!r}')
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


def _queues(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong('queues', f'must map a kind of run to a queue, not {value!r}')
    for kind, queue in value.items():
        if kind not in KINDS:
            raise _wrong('queues', f'names the unknown kind {kind!r}; known are {", ".join(KINDS)}')
        _queue(f'queues[{kind}]', queue)
    return dict(value)


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
