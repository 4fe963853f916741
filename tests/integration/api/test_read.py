"""Reading over REST: who sees what, the same number of queries for any number of rows, and nothing for strangers."""

from datetime import timedelta

from dcim.models import Device, Interface, Site, VirtualChassis
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from users.models import User
from virtualization.models import VirtualMachine

from netbox_netops.api.urls import urlpatterns
from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    Credential,
    CredentialChange,
    CredentialStatus,
    Difference,
    Gateway,
    GatewaySite,
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
from tests.integration.factories import (
    make_credential,
    make_device,
    make_gateway,
    make_machine,
    make_site,
    make_target,
)
from tests.integration.rules import make_policy

from .base import ENDPOINTS, STATE_ENDPOINTS, ApiCase, make_peer, make_run, make_run_target, make_state

STATE_MODELS = tuple(ENDPOINTS[endpoint] for endpoint in STATE_ENDPOINTS)


class VisibilityTest(ApiCase):
    """State rows follow the right to view the device, with its constraints."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.target_a = make_target(site=cls.site_a, address='192.0.2.1')
        cls.target_b = make_target(site=cls.site_b, address='192.0.2.2')
        cls.active = make_run(total=2)
        cls.rows_a = make_state(cls.target_a, cls.active)
        cls.rows_b = make_state(cls.target_b, cls.active)

    def test_only_rows_of_visible_devices(self):
        self.grant('view', *STATE_MODELS)
        self.grant('view', Device, site__slug='a')
        for endpoint in STATE_ENDPOINTS:
            with self.subTest(endpoint):
                self.assertEqual(self.ids(endpoint), {self.rows_a[endpoint].pk})
                self.assertEqual(self.ids(endpoint, device_id=self.target_b.device_id), set())
                self.assertEqual(self.ids(endpoint, q=self.target_b.name), set())
                self.get(self.url(endpoint, self.rows_a[endpoint].pk))
                self.get(self.url(endpoint, self.rows_b[endpoint].pk), 404)

    def test_no_device_right_no_rows(self):
        self.grant('view', *STATE_MODELS)
        for endpoint in STATE_ENDPOINTS:
            with self.subTest(endpoint):
                self.assertEqual(self.ids(endpoint), set())
                self.get(self.url(endpoint, self.rows_a[endpoint].pk), 404)

    def test_the_device_right_alone_is_not_enough(self):
        self.grant('view', Device)
        for endpoint in ENDPOINTS:
            with self.subTest(endpoint):
                self.get(self.url(endpoint), 403)

    def test_constraints_on_the_model_itself(self):
        self.grant('view', Device, VirtualMachine)
        for model in STATE_MODELS:
            self.grant('view', model, **{'site__slug' if model is Target else 'target__site__slug': 'b'})
        for endpoint in STATE_ENDPOINTS:
            with self.subTest(endpoint):
                self.assertEqual(self.ids(endpoint), {self.rows_b[endpoint].pk})

    def test_a_run_without_targets_is_seen_with_its_row(self):
        self.grant('view', RunTarget, Device, VirtualMachine)
        row = make_run_target(make_run(kind='netbox-sync'), None, name='NetBox sync')
        self.assertIn(row.pk, self.ids('run-targets'))

    def test_runs_and_credentials_follow_their_own_right(self):
        self.grant('view', Run, status='queued')
        self.grant('view', Credential, name__startswith='credential')
        hidden = make_run(status='failed')
        self.assertEqual(self.ids('runs'), {self.active.pk})
        self.get(self.url('runs', hidden.pk), 404)
        self.assertEqual(self.ids('credentials'), set(Credential.objects.values_list('pk', flat=True)))


class ShapeTest(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('core-1', address='192.0.2.1')
        cls.machine = make_machine('vm-1', address='192.0.2.9')
        cls.active = make_run(total=4, succeeded=1, failed=2, status='running', reason='why')
        cls.rows = make_state(cls.target, cls.active)
        make_gateway()
        make_policy()

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, *ENDPOINTS.values())

    def test_target(self):
        Target.objects.filter(pk=self.target.pk).update(last_error='unreachable:no-response')
        data = self.get(self.url('targets', self.target.pk))
        self.assertEqual(data['device']['id'], self.target.device_id)
        self.assertIsNone(data['virtual_machine'])
        self.assertEqual(data['address'], '192.0.2.1')
        self.assertEqual(data['status'], {'value': 'active', 'label': 'Active'})
        self.assertEqual(data['site']['slug'], self.target.site.slug)
        self.assertEqual(data['latest_scan']['id'], self.rows['scan-results'].pk)
        self.assertEqual((data['system']['name'], data['system']['vendor']), ('core-1 sys', ''))
        self.assertEqual(data['error']['title'], 'No answer from the device')
        self.assertTrue(data['error']['hint'])
        self.assertNotIn('reference', data['snmp_credential'])

    def test_target_that_no_scan_has_reached(self):
        target = make_target('core-2', address='192.0.2.2')
        data = self.get(self.url('targets', target.pk))
        self.assertEqual((data['system'], data['latest_scan']), (None, None))

    def test_scan_result(self):
        change = {'family': 'bgp', 'key': '192.0.2.7', 'field': 'state', 'old': 6, 'new': None}
        problem = {'collector': 'bgp', 'code': 'snmp:endless-walk', 'detail': ''}
        ScanResult.objects.update(counts={'bgp': 2}, problems=[problem], changes=[change], change_count=1)
        data = self.get(self.url('scan-results', self.rows['scan-results'].pk))
        self.assertEqual((data['counts'], data['problems'], data['changes']), ({'bgp': 2}, [problem], [change]))
        self.assertEqual((data['change_count'], data['first']), (1, False))

    def test_interface_state_is_linked_to_the_interface(self):
        interface = Interface.objects.create(device=self.target.device, name='eth1', type='other')
        InterfaceState.objects.update(interface=interface)
        data = self.get(self.url('interface-states', self.rows['interface-states'].pk))
        self.assertEqual((data['interface']['id'], data['interface']['device']['name']), (interface.pk, 'core-1'))
        self.assertIsNone(data['vm_interface'])

    def test_run(self):
        Run.objects.filter(pk=self.active.pk).update(requested_by=self.user)
        data = self.get(self.url('runs', self.active.pk))
        self.assertEqual(data['progress'], 75)
        self.assertTrue(data['is_active'])
        self.assertEqual(data['kind']['value'], 'device-scan')
        self.assertEqual(data['status']['value'], 'running')
        self.assertEqual(data['requested_by']['username'], self.user.username)

    def test_run_target_never_shows_the_lease(self):
        row = self.rows['run-targets']
        RunTarget.objects.filter(pk=row.pk).update(
            lease_token='0d1b7b2c-1111-4222-8333-444455556666', error_code='target:no-address', state='failed'
        )
        data = self.get(self.url('run-targets', row.pk))
        self.assertNotIn('0d1b7b2c', str(data))
        self.assertFalse({'lease_token', 'lease_until', 'dedup_key'} & set(data))
        self.assertEqual(data['run']['id'], self.active.pk)
        self.assertEqual(data['target']['device']['id'], self.target.device_id)
        self.assertEqual(data['error']['title'], 'The device has no address')
        # Nor can it be guessed by sorting or filtering.
        self.get(self.url('run-targets'), ordering='lease_token')
        self.assertEqual(len(self.ids('run-targets', lease_token='1')), 1)

    def test_error_is_null_without_a_code(self):
        self.assertIsNone(self.get(self.url('run-targets', self.rows['run-targets'].pk))['error'])
        self.assertIsNone(self.get(self.url('scan-results', self.rows['scan-results'].pk))['error'])

    def test_interface_state(self):
        data = self.get(self.url('interface-states', self.rows['interface-states'].pk))
        self.assertEqual(data['admin_status'], {'value': 1, 'label': 'Up'})
        self.assertEqual(data['oper_status'], {'value': 2, 'label': 'Down'})
        InterfaceState.objects.update(admin_status=None, oper_status=99)
        data = self.get(self.url('interface-states', self.rows['interface-states'].pk))
        self.assertIsNone(data['admin_status'])
        self.assertEqual(data['oper_status'], {'value': 99, 'label': ''})

    def test_bgp_peer_state(self):
        pk = self.rows['bgp-peer-states'].pk
        data = self.get(self.url('bgp-peer-states', pk))
        self.assertEqual(data['state'], {'value': 6, 'label': 'Established'})
        self.assertEqual((data['address'], data['remote_as']), ('203.0.113.1', 64500))
        self.assertEqual(data['target']['device']['name'], 'core-1')
        self.assertEqual(data['display'], 'v0 203.0.113.1')
        BGPPeerState.objects.update(state=None, enabled=False, last_error='6.2')
        data = self.get(self.url('bgp-peer-states', pk))
        self.assertEqual((data['state'], data['enabled'], data['last_error']), (None, False, '6.2'))

    def test_other_facts(self):
        for endpoint, expected in (
            ('address-states', {'address': '198.51.100.1', 'prefix_length': 24, 'display': '198.51.100.1/24'}),
            ('inventory-states', {'physical_class': {'value': 9, 'label': 'Module'}, 'serial': 'SN1', 'fru': None}),
            ('neighbour-states', {'protocol': {'value': 'lldp', 'label': 'LLDP'}, 'system_name': 'far1'}),
            ('system-states', {'name': 'core-1 sys', 'vendor': ''}),
        ):
            with self.subTest(endpoint):
                data = self.get(self.url(endpoint, self.rows[endpoint].pk))
                self.assertLessEqual(expected.items(), data.items())
                self.assertEqual(data['target']['id'], self.target.pk)
                self.assertTrue(data['changed_at'])
                # Its page in the UI.
                self.assertIn(f'/plugins/netops/{endpoint}/', data['display_url'])

    def test_ordering(self):
        for number, state in ((2, 1), (3, 3)):
            make_peer(self.target, number, state=state)
        data = self.get(self.url('bgp-peer-states'), ordering='state')
        self.assertEqual([row['state']['value'] for row in data['results']], [1, 3, 6])
        data = self.get(self.url('bgp-peer-states'), ordering='-address')
        self.assertEqual([row['address'][-1] for row in data['results']], ['3', '2', '1'])

    def test_brief_fields_and_omit(self):
        for endpoint in ENDPOINTS:
            with self.subTest(endpoint):
                full, brief, chosen, omitted = (
                    set(self.get(self.url(endpoint), **query)['results'][0])
                    for query in ({}, {'brief': '1'}, {'fields': 'id,display'}, {'omit': 'display'})
                )
                self.assertLess(brief, full)
                self.assertLessEqual({'id', 'url', 'display'}, brief)
                self.assertEqual(chosen, {'id', 'display'})
                self.assertEqual(full - omitted, {'display'})

    def test_nothing_can_be_written(self):
        self.grant('add', *STATE_MODELS)
        self.grant('change', *STATE_MODELS, Run)
        self.grant('delete', *STATE_MODELS)
        for endpoint in (*STATE_ENDPOINTS, 'runs'):
            pk = self.active.pk if endpoint == 'runs' else self.rows[endpoint].pk
            for method in ('post', 'put', 'patch', 'delete'):
                if endpoint == 'runs' and method in ('post', 'delete'):
                    continue
                for url in (self.url(endpoint), self.url(endpoint, pk)):
                    if endpoint == 'differences' and method == 'patch' and url != self.url(endpoint):
                        # Those can be muted.
                        continue
                    with self.subTest(f'{method} {url}'):
                        response = getattr(self.client, method)(url, {}, format='json', **self.header)
                        self.assertHttpStatus(response, 405)

    def test_no_etag_of_the_time_of_creation(self):
        for endpoint, pk in (('runs', self.active.pk), ('targets', self.target.pk)):
            response = self.client.get(self.url(endpoint, pk), **self.header)
            self.assertNotIn('ETag', response.headers)

    def test_in_a_browser(self):
        for endpoint, model in ENDPOINTS.items():
            for url in (self.url(endpoint), self.url(endpoint, model.objects.first().pk)):
                with self.subTest(url):
                    response = self.client.get(url, HTTP_ACCEPT='text/html', **self.header)
                    self.assertHttpStatus(response, 200)
                    self.assertIn('text/html', response.headers['Content-Type'])

    def test_options(self):
        for endpoint in ENDPOINTS:
            self.assertHttpStatus(self.client.options(self.url(endpoint), **self.header), 200)


class RunLifeTest(ApiCase):
    def test_reading_an_overdue_run_closes_it(self):
        self.grant('view', Run)
        past = timezone.now() - timedelta(seconds=1)
        run = make_run(expires=past, total=1)
        row = make_run_target(run, make_target(), expires=past)
        self.assertEqual(self.get(self.url('runs', run.pk))['status']['value'], 'expired')
        row.refresh_from_db()
        self.assertEqual((row.state, row.error_code), ('expired', 'expired:no-worker'))

    def test_delete(self):
        runs = [make_run() for _number in range(3)]
        make_run_target(runs[0], make_target())
        self.assertHttpStatus(self.client.delete(self.url('runs', runs[0].pk), **self.header), 403)
        self.grant('delete', Run)
        self.assertHttpStatus(self.client.delete(self.url('runs', runs[0].pk), **self.header), 204)
        response = self.client.delete(
            self.url('runs'), [{'id': run.pk} for run in runs[1:]], format='json', **self.header
        )
        self.assertHttpStatus(response, 204)
        self.assertFalse(Run.objects.exists())

    def test_delete_respects_constraints(self):
        self.grant('delete', Run, status='failed')
        run = make_run()
        self.assertHttpStatus(self.client.delete(self.url('runs', run.pk), **self.header), 404)


class QueryCountTest(ApiCase):
    """A list makes the same number of queries for 10 rows and for 1,000, also with unnamed devices."""

    FEW, MANY = 10, 1000

    @classmethod
    def setUpTestData(cls):
        cls.sites = [make_site() for _number in range(3)]
        model = make_device(None, site=cls.sites[0])
        shared = {'role': model.role, 'device_type': model.device_type}
        chassis = [VirtualChassis.objects.create(name=f'chassis {number}') for number in range(2)]
        devices = Device.objects.bulk_create(
            Device(name=None if n % 2 else f'd{n}', site=cls.sites[n % 3], **shared) for n in range(cls.MANY)
        )
        for n in range(cls.MANY // 3):
            devices[3 * n].virtual_chassis, devices[3 * n].vc_position = chassis[n % 2], n
        Device.objects.bulk_update(devices, ['virtual_chassis', 'vc_position'], batch_size=500)
        targets = Target.objects.bulk_create(
            Target(device=device, name=str(device), site=device.site, role=device.role) for device in devices
        )
        credentials = [make_credential() for _number in range(3)]
        now = timezone.now()
        runs = Run.objects.bulk_create(Run(kind='device-scan', expires=now, status='failed') for _n in range(cls.MANY))
        scans = ScanResult.objects.bulk_create(
            ScanResult(target=target, run=run, credential=credentials[n % 3], ok=True, started=now, duration_ms=1)
            for n, (target, run) in enumerate(zip(targets, runs, strict=True))
        )
        for n, (target, scan) in enumerate(zip(targets, scans, strict=True)):
            target.latest_scan, target.snmp_credential = scan, credentials[n % 3]
        Target.objects.bulk_update(targets, ['latest_scan', 'snmp_credential'], batch_size=500)
        RunTarget.objects.bulk_create(
            RunTarget(run=run, target=target, name=target.name, dedup_key=str(n), expires=now, state='failed')
            for n, (target, run) in enumerate(zip(targets, runs, strict=True))
        )
        ports = Interface.objects.bulk_create(
            Interface(device=device, name='eth0', type='other', _site=device.site) for device in devices
        )
        InterfaceState.objects.bulk_create(
            InterfaceState(target=target, index=1, oper_since=now, changed_at=now, interface=port)
            for target, port in zip(targets, ports, strict=True)
        )
        Difference.objects.bulk_create(
            Difference(target=target, kind='interface-mtu', key='eth0', applicable=True, first_seen=now, interface=port)
            for target, port in zip(targets, ports, strict=True)
        )
        AddressState.objects.bulk_create(
            AddressState(target=target, address='198.51.100.1', if_index=1, changed_at=now) for target in targets
        )
        InventoryState.objects.bulk_create(
            InventoryState(target=target, index=1, parent=1, changed_at=now) for target in targets
        )
        NeighbourState.objects.bulk_create(
            NeighbourState(target=target, protocol='lldp', if_index=1, changed_at=now) for target in targets
        )
        BGPPeerState.objects.bulk_create(
            BGPPeerState(target=target, address='203.0.113.1', state=6, state_since=now, changed_at=now)
            for target in targets
        )
        SystemState.objects.bulk_create(SystemState(target=target, changed_at=now) for target in targets)
        Credential.objects.bulk_create(
            Credential(name=f'bulk {n}', reference='NETOPS_SECRET_X') for n in range(cls.MANY)
        )
        gateways = Gateway.objects.bulk_create(Gateway(name=f'g{n}', slug=f'g{n}') for n in range(cls.MANY))
        sites = Site.objects.bulk_create(Site(name=f'gs{n}', slug=f'gs{n}') for n in range(cls.MANY))
        GatewaySite.objects.bulk_create(
            GatewaySite(gateway=gateway, site=site) for gateway, site in zip(gateways, sites, strict=True)
        )
        RunTarget.objects.update(gateway=gateways[0])
        users = [User.objects.create(username=f'u{n}') for n in range(5)]
        rows = list(zip(targets, runs, [credentials[n % 3] for n in range(cls.MANY)], strict=True))
        for credential in credentials:
            credential.devices.set(devices[:5])
        CredentialStatus.objects.bulk_create(
            CredentialStatus(target=target, credential=credential, run=run, verdict='rejected', checked=now, since=now)
            for target, run, credential in rows
        )
        CredentialChange.objects.bulk_create(
            CredentialChange(target=target, credential=credential, run=run, verdict='rejected', time=now)
            for target, run, credential in rows
        )
        HostKey.objects.bulk_create(
            HostKey(target=target, fingerprint='SHA256:x', first_seen=now, last_seen=now, approved_by=users[n % 5])
            for n, target in enumerate(targets)
        )
        SecretAccess.objects.bulk_create(
            SecretAccess(target=target, credential=credential, run=run, time=now) for target, run, credential in rows
        )
        policies = Policy.objects.bulk_create(
            Policy(name=f'p{n}', kind='device-scan', run_as=users[n % 5], last_run=runs[n]) for n in range(cls.MANY)
        )
        for run, policy in zip(runs, policies, strict=True):
            run.policy = policy
        Run.objects.bulk_update(runs, ['policy'])

    def count(self, url, limit, **query):
        # The first request of a process fills caches that have nothing to do with the rows.
        self.get(url, limit=1)
        with CaptureQueriesContext(connection) as queries:
            data = self.get(url, limit=limit, **query)
        self.assertEqual(len(data['results']), limit)
        # NetBox's own configuration is read now and then.
        return sum('core_configrevision' not in query['sql'] for query in queries)

    def test_lists(self):
        self.user.is_superuser = True
        self.user.save()
        for endpoint in ENDPOINTS:
            for many, query in ((self.MANY, {}), (100, {'brief': '1'}), (100, {'fields': 'id,display'})):
                with self.subTest(endpoint, **query):
                    url = self.url(endpoint)
                    few = self.count(url, self.FEW, **query)
                    self.assertEqual(self.count(url, many, **query), few)
                    self.assertLess(few, 30)

    def test_lists_with_constraints(self):
        self.grant('view', VirtualMachine, *ENDPOINTS.values())
        self.grant('view', Device, site__slug__in=[site.slug for site in self.sites])
        for endpoint in STATE_ENDPOINTS:
            with self.subTest(endpoint):
                url = self.url(endpoint)
                self.assertEqual(self.count(url, self.MANY), self.count(url, self.FEW))


class AnonymousTest(ApiCase):
    @override_settings(LOGIN_REQUIRED=True)
    def test_every_url_refuses_strangers(self):
        make_state(make_target())
        paths = list(_paths())
        self.assertGreaterEqual(len(paths), 13)
        for path in paths:
            for method in ('get', 'head', 'post', 'put', 'patch', 'delete', 'options'):
                with self.subTest(f'{method} {path}'):
                    self.assertIn(getattr(self.client, method)(path).status_code, (401, 403))

    def test_no_run_for_strangers_where_anonymous_users_may_read(self):
        with override_settings(LOGIN_REQUIRED=False):
            response = self.client.post(self.url('runs'), {'kind': 'netbox-sync'}, format='json')
        self.assertIn(response.status_code, (401, 403))
        self.assertFalse(Run.objects.exists())


def _paths():
    """Every path of the plugin's API, with 1 for each argument."""
    for pattern in urlpatterns:
        arguments = dict.fromkeys(pattern.pattern.regex.groupindex, '1')
        if 'format' in arguments:
            arguments['format'] = 'json'
        yield reverse(f'plugins-api:netbox_netops-api:{pattern.name}', kwargs=arguments)
