"""The options of tasks: those of a run, over those of each device, and what else a kind of run has to know."""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from dcim.models import Platform

from netops_worker.probes.ssh.drivers import driver_for

from ..kinds import CREDENTIAL_CHECK, DEVICE_SCAN
from ..models import HostKey, Run, Target
from ..settings import get_settings

__all__ = ('task_options',)

# What a probe takes; a target that has shown more is not believed any more.
_MOST_KEYS = 100

type _Options = dict[int, dict[str, Any]]


def task_options(run: Run, targets: Collection[Target]) -> _Options:
    """{target: options}, with a number of queries that does not depend on the number of targets."""
    return _KINDS[run.kind](run, targets)


def _scan(run: Run, targets: Collection[Target]) -> _Options:
    return {target.pk: target.options.get('snmp', {}) | run.options for target in targets}


def _check(run: Run, targets: Collection[Target]) -> _Options:
    """`ssh`, `snmp`, and `host_keys` with the policy and all that is known."""
    chosen = dict(run.options)
    policies = (chosen.pop('host_key_policy', 'first-use'), get_settings().host_key_policy)
    policy = 'strict' if 'strict' in policies else 'first-use'
    known, drivers = _host_keys(targets), _drivers(targets)
    options = {}
    for target in targets:
        ssh = {'driver': drivers.get(target.platform_id, '')} | target.options.get('ssh', {}) | chosen
        options[target.pk] = {
            'ssh': ssh,
            'snmp': target.options.get('snmp', {}),
            'host_keys': {'policy': policy, 'known': known[target.pk]},
        }
    return options


def _host_keys(targets: Collection[Target]) -> dict[int, list[dict[str, str]]]:
    """The trusted ones first."""
    found = defaultdict(list)
    rows = HostKey.objects.filter(target__in=[target.pk for target in targets]).order_by('target', '-last_seen')
    for row in sorted(rows, key=lambda row: row.state != 'trusted'):
        if len(found[row.target_id]) < _MOST_KEYS:
            found[row.target_id].append({'type': row.type, 'fingerprint': row.fingerprint, 'state': row.state})
    return found


def _drivers(targets: Collection[Target]) -> dict[int, str]:
    """{platform: driver}, of the platform itself or the nearest one above it that has a driver."""
    if not any(target.platform_id for target in targets):
        return {}
    platforms = {pk: (slug, parent) for pk, slug, parent in Platform.objects.values_list('pk', 'slug', 'parent_id')}
    drivers = {}
    for pk in {target.platform_id for target in targets} - {None}:
        current = pk
        while current is not None and not drivers.get(pk):
            slug, current = platforms[current]
            drivers[pk] = driver_for(slug)
    return drivers


def _none(run: Run, targets: Collection[Target]) -> _Options:
    return {target.pk: dict(run.options) for target in targets}


_KINDS: dict[str, Callable[[Run, Collection[Target]], _Options]] = defaultdict(
    lambda: _none, {DEVICE_SCAN: _scan, CREDENTIAL_CHECK: _check}
)
