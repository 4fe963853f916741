"""Task and Result: the shapes that cross every boundary (database to engine, centre to POP), as plain JSON values.

Nothing here can hold a secret: a credential travels as a reference, and is resolved by the process that uses it.
"""

import functools
import math
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from netops_worker.errors import NetOpsError

__all__ = (
    'WIRE_VERSION',
    'CredentialRef',
    'Result',
    'Task',
)

WIRE_VERSION = 1


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """How to log in, by reference. `reference` names a secret of `provider`; it never is one."""

    id: int
    name: str
    protocol: str
    provider: str
    reference: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            'id': self.id,
            'name': self.name,
            'protocol': self.protocol,
            'provider': self.provider,
            'reference': self.reference,
            'parameters': self.parameters,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> 'CredentialRef':
        return _build(cls, data, {name: name for name in cls.__slots__})


# Attribute -> name on the wire. The camel-case names are the payload contract that API clients already use.
_TASK_NAMES = {
    'id': 'id',
    'kind': 'kind',
    'run': 'run',
    'target': 'target',
    'tenant_id': 'tenantId',
    'device_id': 'deviceId',
    'netbox_id': 'netboxId',
    'targets': 'targets',
    'reason': 'reason',
    'requested_by': 'requestedBy',
    'name': 'name',
    'address': 'address',
    'options': 'options',
    'credentials': 'credentials',
    'attempt': 'attempt',
    'returns': 'returns',
    'lease_token': 'leaseToken',
    'lease_seconds': 'leaseSeconds',
}


@dataclass(frozen=True, slots=True)
class Task:
    """One target's part of a run, claimed by exactly one engine until its lease ends.

    `id` is the RunTarget, `target` the Target; `device_id` is the local device (None for a virtual machine) and
    `netbox_id` the primary key of the device or virtual machine in the NetBox it comes from. `targets` are further
    destinations some kinds take (connectivity tests). `lease_seconds` counts from the moment the claim was asked for,
    so that no two clocks have to agree. `returns`: how often it was handed back unfinished. `credentials` are in the
    order in which they are to be tried.
    """

    id: int
    kind: str
    run: int
    target: int
    name: str
    address: str
    lease_token: str
    lease_seconds: float
    attempt: int = 1
    returns: int = 0
    tenant_id: int | None = None
    device_id: int | None = None
    netbox_id: int | None = None
    targets: tuple[str, ...] = ()
    reason: str = ''
    requested_by: str = ''
    options: dict[str, Any] = field(default_factory=dict)
    credentials: tuple[CredentialRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        data = {wire: getattr(self, name) for name, wire in _TASK_NAMES.items()}
        data['version'] = WIRE_VERSION
        data['targets'] = list(self.targets)
        data['credentials'] = [credential.to_json() for credential in self.credentials]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> 'Task':
        task = _versioned(data)
        task['targets'] = tuple(_list(task, 'targets'))
        task['credentials'] = tuple(CredentialRef.from_json(item) for item in _list(task, 'credentials'))
        return _build(cls, task, _TASK_NAMES)


_RESULT_NAMES = {
    'task': 'task',
    'run': 'run',
    'target': 'target',
    'kind': 'kind',
    'ok': 'ok',
    'error_code': 'errorCode',
    'error_detail': 'errorDetail',
    'started_at': 'startedAt',
    'duration_ms': 'durationMs',
    'attempt': 'attempt',
    'worker': 'worker',
    'lease_token': 'leaseToken',
    'credential': 'credential',
    'data': 'data',
    'resolutions': 'resolutions',
}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a Task. `started_at` is seconds since the epoch (UTC); `data` maps a result family to its values.

    A failed result may carry data: what was collected before the failure is kept.
    `credential` is the id of the CredentialRef that worked, if one was needed. `resolutions`: each secret that was
    asked for, as `netops_worker.secrets.Resolution` says it, for the audit.
    """

    task: int
    run: int
    target: int
    kind: str
    ok: bool
    lease_token: str
    started_at: float
    duration_ms: float
    error_code: str = ''
    error_detail: str = ''
    attempt: int = 1
    worker: str = ''
    credential: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    resolutions: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        data = {wire: getattr(self, name) for name, wire in _RESULT_NAMES.items()}
        data['version'] = WIRE_VERSION
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> 'Result':
        return _build(cls, _versioned(data), _RESULT_NAMES)


def _versioned(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise NetOpsError('wire:invalid', f'expected an object, got {type(data).__name__}')
    data = dict(data)
    version = data.pop('version', None)
    if version != WIRE_VERSION:
        raise NetOpsError('wire:version', f'this side speaks version {WIRE_VERSION}, the message says {version!r}')
    return data


def _list(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name, [])
    if not isinstance(value, list):
        raise NetOpsError('wire:invalid', f'{name} must be a list, not {type(value).__name__}')
    return value


def _build(cls, data: Any, names: dict[str, str]):
    if not isinstance(data, dict):
        raise NetOpsError('wire:invalid', f'expected an object, got {type(data).__name__}')
    unknown = set(data) - set(names.values())
    if unknown:
        raise NetOpsError('wire:invalid', f'{cls.__name__} does not know {", ".join(sorted(unknown))}')
    values = {name: data[wire] for name, wire in names.items() if wire in data}
    types = _types(cls)
    for name, value in values.items():
        if not _fits(value, types[name]):
            # The value may be anything, and long: its type is what is told.
            raise NetOpsError('wire:invalid', f'{names[name]} of {cls.__name__} cannot be a {type(value).__name__}')
    try:
        return cls(**values)
    except TypeError as error:
        # The message names parameters, never values.
        raise NetOpsError('wire:invalid', str(error)) from None


@functools.cache
def _types(cls) -> dict[str, tuple[type, ...]]:
    """Attribute -> the types its value may have. What containers hold is for their readers to check."""
    return {
        name: get_args(hint) if get_origin(hint) is UnionType else (get_origin(hint) or hint,)
        for name, hint in get_type_hints(cls).items()
    }


def _fits(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        # An int to Python, but not to a person.
        return bool in types
    if isinstance(value, float):
        # JSON's 1e999 is infinite.
        return float in types and math.isfinite(value)
    # A longer whole number would be infinite as a float, and raise where it becomes one.
    return isinstance(value, types) or (isinstance(value, int) and float in types and abs(value) < 2**63)
