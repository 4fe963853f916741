"""The config context key `netops` of a device, and the options of a run: checked, and reduced to plain values."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from netops_worker.errors import NetOpsError

from .kinds import DEVICE_SCAN

__all__ = (
    'check_run_options',
    'parse_device_options',
)

# Option -> (type, smallest, largest). Seconds, counts, and a UDP port.
_SNMP = {
    'port': (int, 1, 65535),
    'timeout': (float, 0.1, 60),
    'retries': (int, 0, 10),
    'max_repetitions': (int, 1, 200),
    'max_credentials': (int, 1, 16),
    'deadline': (float, 1, 3600),
}
_RUN_OPTIONS = {DEVICE_SCAN: _SNMP}


def parse_device_options(value: Any) -> tuple[dict[str, Any], str]:
    """Return (options, '') or ({}, what is wrong) for the value of the config context key `netops`.

    Keys: `enabled` (bool), `address` (IP address that overrides the one in NetBox), `snmp` (port, timeout, retries,
    max_repetitions, max_credentials, deadline).
    """
    if value is None:
        return {}, ''
    if not isinstance(value, Mapping):
        return {}, f'netops must be an object, not {type(value).__name__}'
    options: dict[str, Any] = {}
    for key, item in value.items():
        if key == 'enabled':
            if not isinstance(item, bool):
                return {}, 'netops.enabled must be true or false'
            options[key] = item
        elif key == 'address':
            try:
                options[key] = str(ipaddress.ip_address(item))
            except ValueError:
                return {}, 'netops.address must be an IP address'
        elif key == 'snmp':
            if not isinstance(item, Mapping):
                return {}, 'netops.snmp must be an object'
            try:
                options[key] = _checked(item, _SNMP, 'netops.snmp.')
            except NetOpsError as error:
                return {}, error.detail
        else:
            return {}, f'netops.{key} is not an option'
    return options, ''


def check_run_options(kind: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the checked options of a run. Raises NetOpsError('options:invalid') naming the option."""
    if not isinstance(options or {}, Mapping):
        raise NetOpsError('options:invalid', 'options must be an object')
    return _checked(options or {}, _RUN_OPTIONS.get(kind, {}), '')


def _checked(values: Mapping[str, Any], known: Mapping[str, tuple], prefix: str) -> dict[str, Any]:
    for name, value in values.items():
        if name not in known:
            raise NetOpsError('options:invalid', f'{prefix}{name} is not an option')
        kind, low, high = known[name]
        # A bool is an int to Python, but not to a person.
        right_type = type(value) is int or (kind is float and type(value) is float)
        if not right_type or not low <= value <= high:
            raise NetOpsError('options:invalid', f'{prefix}{name} must be a number from {low} to {high}')
    return dict(values)
