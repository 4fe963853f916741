"""The config context key `netops` of a device, and the options of a run: checked, and reduced to plain values."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.options import ScanOptions

from .kinds import DEVICE_SCAN
from .maintenance import check_windows

__all__ = (
    'check_run_options',
    'parse_device_options',
)

_RUN_OPTIONS = {DEVICE_SCAN: ScanOptions}


def parse_device_options(value: Any) -> tuple[dict[str, Any], str]:
    """Return (options, '') or ({}, what is wrong) for the value of the config context key `netops`.

    Keys: `enabled` (bool), `address` (IP address that overrides the one in NetBox), `snmp` (those of
    ScanOptions), `maintenance` (windows in which the device is left alone, see `maintenance.check_windows`).
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
                options[key] = ScanOptions.check(item, 'netops.snmp.')
            except NetOpsError as error:
                return {}, error.detail
        elif key == 'maintenance':
            try:
                options[key] = check_windows(item)
            except ValueError as error:
                return {}, f'netops.maintenance {error}'
        else:
            return {}, f'netops.{key} is not an option'
    return options, ''


def check_run_options(kind: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the checked options of a run. Raises NetOpsError('options:invalid') naming the option."""
    if options is not None and not isinstance(options, Mapping):
        raise NetOpsError('options:invalid', 'options must be an object')
    if kind in _RUN_OPTIONS:
        return _RUN_OPTIONS[kind].check(options or {})
    if options:
        raise NetOpsError('options:invalid', f'{kind} takes no options')
    return {}
