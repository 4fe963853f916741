"""What tests of the life cycle share: runs, claims on their rows, results of these, and work at the same time."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from django.db import connection, connections
from django.utils import timezone
from utilities.testing import TestCase

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.kinds import KINDS, Kind
from netbox_netops.models import Run, RunTarget
from netops_worker.wire import Result
from tests.integration.factories import make_site, make_target

__all__ = (
    'OTHER_KIND',
    'LifecycleCase',
    'in_threads',
    'lose_leases',
    'make_overdue',
    'make_result',
    'make_run',
    'other_kind',
    'wait_for_locks',
)

# A second kind of exclusive run, by the name of one that there is, and of the same credentials as the first.
OTHER_KIND = 'credential-check'


def make_run(number: int, *, site=None, **values) -> Run:
    """A run on so many new devices. `values`: further arguments of `dispatch.enqueue`."""
    site = site or make_site()
    devices = [make_target(site=site).device_id for _ in range(number)]
    return enqueue('device-scan', user=None, devices=devices, **values).run


def make_result(claim: lifecycle.Claim, run: Run, **values) -> Result:
    """A good result, or with `error_code` a bad one."""
    values = {
        'ok': not values.get('error_code'),
        'kind': run.kind,
        'lease_token': claim.lease_token,
        'started_at': timezone.now().timestamp(),
        'attempt': claim.attempt,
    } | values
    return Result(task=claim.id, run=run.pk, target=claim.target or 0, duration_ms=1, **values)


def lose_leases(**filters) -> None:
    """As if the workers of these rows had been silent for too long."""
    past = timezone.now() - timedelta(seconds=1)
    RunTarget.objects.filter(state='running', **filters).update(lease_until=past)


def make_overdue(**filters) -> None:
    past = timezone.now() - timedelta(seconds=1)
    RunTarget.objects.filter(state='waiting', **filters).update(expires=past)


@contextmanager
def other_kind(**values):
    """Within, there is a kind OTHER_KIND, which works as device-scan does."""
    kind = KINDS['device-scan']
    values = {'exclusive': True, 'attempts': kind.attempts} | values
    added = Kind(
        slug=OTHER_KIND, label='Other', action=kind.action, job=kind.job, verb='', icon='', protocols=kind.protocols,
        **values,
    )  # fmt: skip
    with mock.patch.dict(KINDS, {OTHER_KIND: added}):
        yield added


class LifecycleCase(TestCase):
    def claim(self, run, limit=100, lease_seconds=60, **values):
        return lifecycle.claim(run.pk, limit, worker='w1', lease_seconds=lease_seconds, **values).claims

    def finish(self, *results):
        accepted = lifecycle.finish(results)
        lifecycle.settle({result.run for result in results})
        return accepted

    def states(self, run):
        return list(run.targets.order_by('pk').values_list('state', flat=True))


def in_threads(*functions: Callable) -> list:
    """Call the functions at the same time, each with a connection of its own. Returns what they return, or raised."""
    outcomes = [None] * len(functions)

    def call(index, function):
        try:
            outcomes[index] = function()
        except Exception as error:
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=item) for item in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def wait_for_locks(number: int, seconds: float = 30) -> None:
    """Wait until so many connections to this database wait for a lock of another one."""
    deadline = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            # What a transaction sees of the activity is kept until its end.
            cursor.execute('SELECT pg_stat_clear_snapshot()')
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= number:
                return
        assert time.monotonic() < deadline, f'fewer than {number} wait for a lock'
