"""What crosses a boundary arrives as it was sent, or is refused with a code."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netops_worker.errors import ERRORS, NetOpsError
from netops_worker.testing import make_task
from netops_worker.wire import CredentialRef, Result, Task

texts = st.text(max_size=8)
ids = st.integers(min_value=0, max_value=2**63 - 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)
objects = st.dictionaries(texts, values, max_size=2)
credentials = st.builds(
    CredentialRef, id=ids, name=texts, protocol=texts, provider=texts, reference=texts, parameters=objects
)
tasks = st.builds(
    Task,
    id=ids, kind=texts, run=ids, target=ids, name=texts, address=texts, lease_token=texts, lease_seconds=numbers,
    attempt=ids, returns=ids, tenant_id=st.none() | ids, device_id=st.none() | ids, netbox_id=st.none() | ids,
    targets=st.lists(texts, max_size=2).map(tuple), reason=texts, requested_by=texts, options=objects,
    credentials=st.lists(credentials, max_size=2).map(tuple),
)  # fmt: skip
results = st.builds(
    Result,
    task=ids, run=ids, target=ids, kind=texts, ok=st.booleans(), lease_token=texts, started_at=numbers,
    duration_ms=numbers, error_code=texts, error_detail=texts, attempt=ids, worker=texts,
    credential=st.none() | ids, data=objects,
)  # fmt: skip


@settings(max_examples=25)
@given(tasks)
def test_tasks_survive_the_wire(task):
    """Any task is the same after JSON."""
    assert Task.from_json(json.loads(json.dumps(task.to_json()))) == task


@settings(max_examples=25)
@given(results)
def test_results_survive_the_wire(result):
    """Any result is the same after JSON."""
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


@pytest.mark.parametrize('kind', [Task, Result])
@pytest.mark.parametrize('message', [None, [], 'text', 5])
def test_refuses_what_is_no_object(kind, message):
    """A message that is not an object is invalid."""
    with pytest.raises(NetOpsError) as caught:
        kind.from_json(message)
    assert caught.value.code == 'wire:invalid'


@pytest.mark.parametrize('version', [None, 0, 2, '1'])
def test_refuses_other_versions(version):
    """A message of another version, or of none, is refused before anything else is looked at."""
    with pytest.raises(NetOpsError) as caught:
        Task.from_json({**make_task().to_json(), 'version': version, 'unknown': 1})
    assert caught.value.code == 'wire:version'


def test_refuses_unknown_and_missing_names():
    """A name too many or one too few is refused by name."""
    message = make_task().to_json()
    with pytest.raises(NetOpsError, match='surplus') as caught:
        Task.from_json({**message, 'surplus': 1})
    assert caught.value.code == 'wire:invalid'
    del message['leaseToken']
    with pytest.raises(NetOpsError, match='lease_token') as caught:
        Task.from_json(message)
    assert caught.value.code == 'wire:invalid'


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('task', '1'),
        ('task', True),
        ('task', 1.0),
        ('ok', 1),
        ('leaseToken', None),
        ('startedAt', '2026-01-01'),
        ('startedAt', float('inf')),
        ('startedAt', float('nan')),
        ('startedAt', 10**400),
        ('durationMs', False),
        ('credential', 'x'),
        ('data', []),
        ('errorDetail', None),
    ],
)
def test_refuses_values_of_other_types(name, value):
    """A value of another type is refused by its name, and not shown: it may be anything."""
    result = Result(1, 2, 3, 'device-scan', True, 'token', 5.0, 1.0).to_json()
    assert Result.from_json(result | {'startedAt': 7, 'credential': None}).started_at == 7
    with pytest.raises(NetOpsError, match=name) as caught:
        Result.from_json(result | {name: value})
    assert caught.value.code == 'wire:invalid'


def test_the_minimal_payload():
    """The names of the payload are the ones API clients use."""
    message = make_task(tenant_id=1, device_id=2, netbox_id=3, targets=('192.0.2.1',), requested_by='ana').to_json()
    for name in ('run', 'target', 'tenantId', 'deviceId', 'netboxId', 'targets', 'reason', 'requestedBy', 'options'):
        assert name in message


def test_error_codes_have_the_format():
    """Each code is family:detail with a title and a hint, so that a page can be made of the table."""
    for code, info in ERRORS.items():
        family, _, detail = code.partition(':')
        assert family.replace('-', '').isalpha()
        assert detail.replace('-', '').isalpha()
        assert info.title
        assert info.hint.endswith('.')


def test_errors_need_a_known_code():
    """An error with a code that is not in the table cannot be made."""
    with pytest.raises(ValueError, match='made:up'):
        NetOpsError('made:up')
    assert str(NetOpsError('kind:unknown', 'x')) == 'kind:unknown: x'


def test_lists_must_be_lists():
    """A string is not taken apart into letters, and a number is no TypeError."""
    for name in ('targets', 'credentials'):
        for value in ('abc', 5, None, {}):
            with pytest.raises(NetOpsError) as caught:
                Task.from_json(make_task().to_json() | {name: value})
            assert caught.value.code == 'wire:invalid'
