"""What the tests of the pages share: rights, rows of every model, and looking into a page."""

import itertools

from core.models import ObjectType
from dcim.models import Device
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from users.models import ObjectPermission
from utilities.testing import TestCase
from virtualization.models import VirtualMachine

from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    Credential,
    CredentialChange,
    CredentialStatus,
    Difference,
    Gateway,
    HostKey,
    InterfaceState,
    InventoryState,
    NeighbourState,
    Policy,
    Run,
    RunTarget,
    ScanResult,
    SecretAccess,
    SystemState,
    Target,
)
from tests.integration.api.base import (
    make_access,
    make_address,
    make_change,
    make_difference,
    make_entity,
    make_host_key,
    make_interface,
    make_neighbour,
    make_peer,
    make_run,
    make_run_target,
    make_scan,
    make_status,
    make_system,
)
from tests.integration.factories import make_credential, make_gateway
from tests.integration.rules import make_policy

__all__ = (
    'HTMX',
    'MODELS',
    'STATE_MODELS',
    'UiCase',
    'make_state',
)

FACT_MODELS = (AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState)
CHECK_MODELS = (CredentialChange, CredentialStatus, HostKey, SecretAccess)
MODELS = (*FACT_MODELS, *CHECK_MODELS, Credential, Difference, Gateway, Policy, Run, RunTarget, ScanResult, Target)
# Rows of a target: who may not view its device may not see them.
STATE_MODELS = (*FACT_MODELS, *CHECK_MODELS, Difference, RunTarget, ScanResult, Target)
HTMX = {'HTTP_HX_REQUEST': 'true'}

_numbers = itertools.count(1)


class UiCase(TestCase):
    def grant(self, action, *models, **constraints):
        for model in models:
            permission = ObjectPermission.objects.create(
                name=f'{action} {next(_numbers)}', actions=[action], constraints=constraints or None
            )
            permission.users.add(self.user)
            permission.object_types.add(ObjectType.objects.get_for_model(model))

    def view_everything(self):
        self.grant('view', Device, VirtualMachine, *MODELS)

    def url(self, model, action='', pk=None):
        name = '_'.join(part for part in (model._meta.model_name, action) if part)
        return reverse(f'plugins:netbox_netops:{name}', kwargs={'pk': pk} if pk else None)

    def page(self, url, expected=200, **kwargs):
        response = self.client.get(url, **kwargs)
        self.assertHttpStatus(response, expected)
        return response.content.decode()

    def fragment(self, url, token=''):
        """What the page asks for every few seconds: (HTML, name of the event it sends)."""
        response = self.client.get(url, {'live': token}, **HTMX)
        self.assertHttpStatus(response, 200)
        return response.content.decode(), response.headers.get('HX-Trigger', '')

    def count_queries(self, *args, **kwargs):
        """GET with these arguments: (response, number of queries). NetBox's own configuration is not counted: whether
        that is read depends on what ran before in this process.
        """
        with CaptureQueriesContext(connection) as queries:
            response = self.client.get(*args, **kwargs)
        self.assertHttpStatus(response, 200)
        return response, sum('core_configrevision' not in query['sql'] for query in queries)

    def messages(self, response):
        return [str(message) for message in response.context['messages']]


def make_state(target, run=None):
    """A row of each kind for the target; returns model -> row."""
    run = run or make_run()
    credential = Credential.objects.first() or make_credential()
    scan = make_scan(target, run=run, credential=credential)
    system = make_system(target)
    Target.objects.filter(pk=target.pk).update(latest_scan=scan, snmp_credential=credential)
    return {
        Credential: credential,
        CredentialChange: make_change(target, credential, run=run),
        CredentialStatus: make_status(target, credential, run=run),
        HostKey: make_host_key(target),
        SecretAccess: make_access(target, credential, run=run),
        Difference: make_difference(target),
        Gateway: Gateway.objects.first() or make_gateway(),
        InterfaceState: make_interface(target),
        SystemState: system,
        AddressState: make_address(target),
        InventoryState: make_entity(target),
        NeighbourState: make_neighbour(target),
        BGPPeerState: make_peer(target),
        Policy: Policy.objects.first() or make_policy(),
        Run: run,
        RunTarget: make_run_target(run, target),
        ScanResult: scan,
        Target: target,
    }
