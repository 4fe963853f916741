"""The config context key `netops` of a device, and the options of a run: checked, and reduced to plain values."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.options import ScanOptions
from netops_worker.probes.ssh.options import CheckOptions

from .kinds import CREDENTIAL_CHECK, DEVICE_SCAN
from .maintenance import check_windows

__all__ = (
    'check_run_options',
    'parse_device_options',
)

# Of SSH, those that say how a device is to be talked with. What is done there is for who starts a run.
_DEVICE_SSH = ('port', 'timeout', 'shell_timeout', 'driver')
_HOST_KEY_POLICIES = ('first-use', 'strict')
# What only shows something, in the languages of most devices. Without pipes and the like: these can write, and send
# what is shown to somebody else.
_HARMLESS = re.compile(r'((show|display|get)( [A-Za-z0-9._/:-]+){1,8}|/[a-z /-]{1,80} print)')


def _check_check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Of a credential check: those of SSH (`stage`, `command`, `driver`, `port`, `timeout`, `shell_timeout`), and
    `host_key_policy`: `strict` trusts no host key that nobody has approved, whatever the settings say.
    """
    ssh = dict(options)
    policy = ssh.pop('host_key_policy', 'strict')
    if policy not in _HOST_KEY_POLICIES:
        raise NetOpsError('options:invalid', f'host_key_policy must be one of {", ".join(_HOST_KEY_POLICIES)}')
    CheckOptions.check_ssh(ssh)
    if ssh.get('command') and not _HARMLESS.fullmatch(ssh['command']):
        raise NetOpsError(
            'options:invalid', 'command must be one that only shows something, such as "show version", without pipes'
        )
    return dict(options)


_RUN_OPTIONS = {DEVICE_SCAN: ScanOptions.check, CREDENTIAL_CHECK: _check_check_options}


def parse_device_options(value: Any) -> tuple[dict[str, Any], str]:
    """Return (options, '') or ({}, what is wrong) for the value of the config context key `netops`.

    Keys: `enabled` (bool), `address` (IP address that overrides the one in NetBox), `snmp` (those of
    ScanOptions), `ssh` (`port`, `timeout`, `shell_timeout`, `driver`), `maintenance` (windows in which the device is
    left alone, see `maintenance.check_windows`).
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
        elif key == 'ssh':
            if not isinstance(item, Mapping):
                return {}, 'netops.ssh must be an object'
            if unknown := [name for name in item if name not in _DEVICE_SSH]:
                return {}, f'netops.ssh.{unknown[0]} is not an option'
            try:
                options[key] = CheckOptions.check_ssh(item, 'netops.ssh.')
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
        return _RUN_OPTIONS[kind](options or {})
    if options:
        raise NetOpsError('options:invalid', f'{kind} takes no options')
    return {}
