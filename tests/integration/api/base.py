"""What the tests of REST and GraphQL share: rights, calls, and rows of every model."""

import itertools
from datetime import timedelta

from core.models import Job, ObjectType
from django.urls import reverse
from django.utils import timezone
from users.models import ObjectPermission, Token
from utilities.testing import APITestCase

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
from tests.integration.factories import make_credential, make_device, make_machine, make_site

__all__ = (
    'ENDPOINTS',
    'STATE_ENDPOINTS',
    'ApiCase',
    'StartCase',
    'make_access',
    'make_address',
    'make_change',
    'make_difference',
    'make_entity',
    'make_host_key',
    'make_interface',
    'make_neighbour',
    'make_peer',
    'make_run',
    'make_run_target',
    'make_scan',
    'make_state',
    'make_status',
    'make_system',
)

ENDPOINTS = {
    'address-states': AddressState,
    'bgp-peer-states': BGPPeerState,
    'credential-changes': CredentialChange,
    'credential-statuses': CredentialStatus,
    'credentials': Credential,
    'differences': Difference,
    'gateways': Gateway,
    'host-keys': HostKey,
    'interface-states': InterfaceState,
    'inventory-states': InventoryState,
    'neighbour-states': NeighbourState,
    'policies': Policy,
    'run-targets': RunTarget,
    'runs': Run,
    'scan-results': ScanResult,
    'secret-accesses': SecretAccess,
    'system-states': SystemState,
    'targets': Target,
}
# Rows of a target: who may not view its device may not see them.
STATE_ENDPOINTS = tuple(sorted(ENDPOINTS.keys() - {'credentials', 'gateways', 'policies', 'runs'}))

_numbers = itertools.count(1)


class ApiCase(APITestCase):
    view_namespace = 'plugins-api:netbox_netops'

    def setUp(self):
        super().setUp()
        # NetBox notes the use of a token once a minute: an UPDATE that could fall on any request that is counted.
        Token.objects.filter(pk=self.token.pk).update(last_used=timezone.now() + timedelta(days=1))

    def grant(self, action, *models, user=None, **constraints):
        for model in models:
            permission = ObjectPermission.objects.create(
                name=f'{action} {next(_numbers)}', actions=[action], constraints=constraints or None
            )
            permission.users.add(user or self.user)
            permission.object_types.add(ObjectType.objects.get_for_model(model))

    def url(self, endpoint, pk=None):
        model = ENDPOINTS[endpoint]._meta.model_name
        if pk is None:
            return reverse(f'plugins-api:netbox_netops-api:{model}-list')
        return reverse(f'plugins-api:netbox_netops-api:{model}-detail', args=[pk])

    def get(self, url, expected=200, **query):
        response = self.client.get(url, query, **self.header)
        self.assertHttpStatus(response, expected)
        return response.json()

    def ids(self, endpoint, **query):
        return {row['id'] for row in self.get(self.url(endpoint), **query)['results']}

    def graphql(self, query):
        response = self.client.post(reverse('graphql'), {'query': query}, format='json', **self.header)
        self.assertHttpStatus(response, 200)
        return response.json()


class StartCase(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a = make_device('a-1', site=cls.site_a, address='192.0.2.1')
        cls.device_b = make_device('b-1', site=cls.site_b, address='192.0.2.2')
        cls.machine = make_machine('vm-1', site=cls.site_a, address='192.0.2.3')

    def post(self, body, **header):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url('runs'), body, format='json', **{**self.header, **header})

    def start(self, **body):
        response = self.post({'kind': 'device-scan', **body})
        self.assertHttpStatus(response, 202)
        return response.json()

    def refuse(self, body, code, *fields, status=400):
        """Assert that the body is refused with this code and exactly these fields, and that nothing came of it."""
        response = self.post(body)
        self.assertHttpStatus(response, status)
        data = response.json()
        self.assertEqual(data.pop('code'), code, data)
        if status == 400:
            self.assertEqual(set(data), set(fields))
            for messages in data.values():
                self.assertIsInstance(messages, list)
                self.assertTrue(all(isinstance(message, str) and message for message in messages), messages)
        self.assertFalse(Run.objects.exists())
        self.assertFalse(RunTarget.objects.exists())
        self.assertFalse(Job.objects.exists())
        return data


def make_run(**values):
    values.setdefault('kind', 'device-scan')
    values.setdefault('expires', timezone.now() + timedelta(hours=1))
    return Run.objects.create(**values)


def make_run_target(run, target, **values):
    values.setdefault('name', str(target))
    values.setdefault('expires', run.expires)
    return RunTarget.objects.create(run=run, target=target, dedup_key=f'test:{next(_numbers)}', **values)


def make_scan(target, **values):
    values = {'ok': True, 'started': timezone.now(), 'duration_ms': 12} | values
    return ScanResult.objects.create(target=target, **values)


def make_system(target, **values):
    values = {'name': f'{target} sys', 'changed_at': timezone.now()} | values
    return SystemState.objects.update_or_create(target=target, defaults=values)[0]


def make_interface(target, index=1, **values):
    now = timezone.now()
    values = {'name': f'eth{index}', 'oper_since': now, 'changed_at': now, 'admin_status': 1, 'oper_status': 2} | values
    return InterfaceState.objects.create(target=target, index=index, **values)


def make_address(target, number=1, **values):
    values = {'address': f'198.51.100.{number % 250}', 'if_index': number, 'prefix_length': 24} | values
    return AddressState.objects.create(target=target, changed_at=timezone.now(), **values)


def make_entity(target, index=1, **values):
    values = {'name': f'Slot {index}', 'physical_class': 9, 'serial': f'SN{index}'} | values
    return InventoryState.objects.create(target=target, index=index, changed_at=timezone.now(), **values)


def make_neighbour(target, number=1, **values):
    values = {'protocol': 'lldp', 'local_port': f'eth{number}', 'system_name': f'far{number}'} | values
    return NeighbourState.objects.create(target=target, changed_at=timezone.now(), **values)


def make_peer(target, number=1, **values):
    now = timezone.now()
    values = {
        'address': f'203.0.113.{number % 250}',
        'vrf': f'v{number // 250}',
        'remote_as': 64500,
        'state': 6,
    } | values
    return BGPPeerState.objects.create(target=target, state_since=now, changed_at=now, **values)


def make_difference(target, kind='serial', **values):
    values = {'found': 'A', 'documented': 'B', 'applicable': True, 'first_seen': timezone.now()} | values
    return Difference.objects.create(target=target, kind=kind, **values)


def make_status(target, credential, **values):
    now = timezone.now()
    values = {'verdict': 'accepted', 'checked': now, 'since': now, 'latency_ms': 21} | values
    return CredentialStatus.objects.create(target=target, credential=credential, **values)


def make_change(target, credential, **values):
    values = {'verdict': 'accepted', 'time': timezone.now()} | values
    return CredentialChange.objects.create(target=target, credential=credential, **values)


def make_host_key(target, fingerprint='SHA256:one', **values):
    now = timezone.now()
    values = {'type': 'ssh-ed25519', 'state': 'trusted', 'first_seen': now, 'last_seen': now} | values
    return HostKey.objects.create(target=target, fingerprint=fingerprint, **values)


def make_access(target, credential, **values):
    values = {'time': timezone.now(), 'provider': 'environment', 'worker': 'w-1', 'milliseconds': 2} | values
    names = {'credential_name': credential.name, 'target_name': target.name}
    return SecretAccess.objects.create(target=target, credential=credential, **names, **values)


def make_state(target, run=None):
    """A row of each kind for the target; returns endpoint -> row."""
    run = run or make_run()
    credential = Credential.objects.first() or make_credential()
    scan = make_scan(target, run=run, credential=credential)
    system = make_system(target)
    Target.objects.filter(pk=target.pk).update(latest_scan=scan, snmp_credential=credential)
    return {
        'targets': target,
        'run-targets': make_run_target(run, target),
        'scan-results': scan,
        'system-states': system,
        'interface-states': make_interface(target),
        'address-states': make_address(target),
        'inventory-states': make_entity(target),
        'neighbour-states': make_neighbour(target),
        'bgp-peer-states': make_peer(target),
        'differences': make_difference(target),
        'credential-statuses': make_status(target, credential, run=run),
        'credential-changes': make_change(target, credential, run=run),
        'host-keys': make_host_key(target),
        'secret-accesses': make_access(target, credential, run=run),
    }
