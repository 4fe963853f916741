"""What the tests of NetOps's own events share: rules that listen, scans, and what was heard."""

from dcim.models import Device
from django.db import transaction
from utilities.testing import TestCase
from virtualization.models import VirtualMachine

from netbox_netops import event_types
from netbox_netops.results.scans import merge_scans
from tests.integration.factories import NOON, make_scan_result, scan_data
from tests.integration.rules import make_rule, make_webhook, webhook_jobs

from .merging import MINUTE

__all__ = (
    'DEVICE_EVENTS',
    'NO_ACCESS',
    'NO_ANSWER',
    'REJECTED',
    'RUN_EVENTS',
    'EventCase',
)

DEVICE_EVENTS = (
    event_types.DEVICE_UNREACHABLE,
    event_types.DEVICE_REACHABLE,
    event_types.CREDENTIAL_REJECTED,
    event_types.BGP_DOWN,
    event_types.BGP_UP,
)
RUN_EVENTS = (event_types.RUN_FINISHED, event_types.RUN_FAILED)
NO_ANSWER = {'ok': False, 'error_code': 'unreachable:no-response', 'error_detail': 'nothing within 6 s'}
REJECTED = {'ok': False, 'error_code': 'credential:rejected', 'error_detail': 'unknown user name'}
NO_ACCESS = {'ok': False, 'error_code': 'credential:no-access', 'error_detail': ''}


class EventCase(TestCase):
    """`self.scan` merges the result of one scan of the target, a minute after the one before."""

    def setUp(self):
        super().setUp()
        self.minutes = 0

    def listen(self, event_types=DEVICE_EVENTS, models=(Device, VirtualMachine), **values):
        return make_rule(make_webhook(), models, event_types, **values)

    def result(self, target, data=None, **values):
        at = NOON + self.minutes * MINUTE
        return make_scan_result(target, {} if data is None and 'ok' in values else data or scan_data(), at=at, **values)

    def write(self, *results):
        self.minutes += 1
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            merge_scans(results)

    def scan(self, data=None, **values):
        self.write(self.result(self.target, data, **values))

    def heard(self):
        """(event type, state before, state) of each webhook that is queued."""
        return [(job['event_type'], job['data']['previous'], job['data']['state']) for job in webhook_jobs()]
