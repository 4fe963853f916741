"""The list pages: their queries do not grow with their rows, they export, filter, and show nothing unescaped."""

import csv
import io
from datetime import datetime

import pytest
from dcim.models import Device, DeviceRole, DeviceType, Interface, Manufacturer, Platform, Site
from django.utils import timezone
from tenancy.models import Tenant
from users.models import User

from netbox_netops import filtersets, forms, tables
from netbox_netops.filtersets import (
    CredentialFilterSet,
    DifferenceFilterSet,
    GatewayFilterSet,
    InterfaceStateFilterSet,
    PolicyFilterSet,
    RunFilterSet,
    RunTargetFilterSet,
    ScanResultFilterSet,
    TargetFilterSet,
)
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
from tests.integration.api.base import make_interface, make_peer, make_run, make_run_target, make_scan
from tests.integration.factories import make_target

from .base import MODELS, UiCase, make_state

MARKUP = '<script>alert(1)</script>'
ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;'

FILTERS = {
    AddressState: (forms.AddressStateFilterForm, filtersets.AddressStateFilterSet),
    BGPPeerState: (forms.BGPPeerStateFilterForm, filtersets.BGPPeerStateFilterSet),
    InventoryState: (forms.InventoryStateFilterForm, filtersets.InventoryStateFilterSet),
    NeighbourState: (forms.NeighbourStateFilterForm, filtersets.NeighbourStateFilterSet),
    SystemState: (forms.SystemStateFilterForm, filtersets.SystemStateFilterSet),
    Credential: (forms.CredentialFilterForm, CredentialFilterSet),
    CredentialChange: (forms.CredentialChangeFilterForm, filtersets.CredentialChangeFilterSet),
    CredentialStatus: (forms.CredentialStatusFilterForm, filtersets.CredentialStatusFilterSet),
    HostKey: (forms.HostKeyFilterForm, filtersets.HostKeyFilterSet),
    SecretAccess: (forms.SecretAccessFilterForm, filtersets.SecretAccessFilterSet),
    Difference: (forms.DifferenceFilterForm, DifferenceFilterSet),
    Gateway: (forms.GatewayFilterForm, GatewayFilterSet),
    InterfaceState: (forms.InterfaceStateFilterForm, InterfaceStateFilterSet),
    Policy: (forms.PolicyFilterForm, PolicyFilterSet),
    Run: (forms.RunFilterForm, RunFilterSet),
    RunTarget: (forms.RunTargetFilterForm, RunTargetFilterSet),
    ScanResult: (forms.ScanResultFilterForm, ScanResultFilterSet),
    Target: (forms.TargetFilterForm, TargetFilterSet),
}


class QueryCountTest(UiCase):
    """10 rows and 1,000 rows with all columns shown: the same number of queries, on every list."""

    @classmethod
    def setUpTestData(cls):
        maker = Manufacturer.objects.create(name='Acme', slug='acme')
        cls.device_type = DeviceType.objects.create(manufacturer=maker, model='Router', slug='router')
        cls.sites = [Site.objects.create(name=f'S{n}', slug=f's{n}') for n in range(5)]
        cls.tenants = [Tenant.objects.create(name=f'T{n}', slug=f't{n}') for n in range(5)]
        cls.roles = [DeviceRole.objects.create(name=f'R{n}', slug=f'r{n}') for n in range(5)]
        cls.users = [User.objects.create(username=f'u{n}') for n in range(5)]
        cls.platforms = [Platform.objects.create(name=f'P{n}', slug=f'p{n}') for n in range(5)]

    def fill(self, first, last):
        now = timezone.now()
        numbers = range(first, last)
        devices = Device.objects.bulk_create(
            Device(name=f'd{n}', site=self.sites[n % 5], role=self.roles[n % 5], device_type=self.device_type)
            for n in numbers
        )
        credentials = Credential.objects.bulk_create(
            Credential(name=f'c{n}', reference='NETOPS_SECRET_X') for n in numbers
        )
        for dimension, values in (('sites', self.sites), ('roles', self.roles)):
            through = getattr(Credential, dimension).through
            column = next(f for f in through._meta.fields if f.name not in ('id', 'credential')).name
            through.objects.bulk_create(
                through(**{'credential': credential, column: values[credential.pk % 5]}) for credential in credentials
            )
        gateways = Gateway.objects.bulk_create(Gateway(name=f'g{n}', slug=f'g{n}', last_seen=now) for n in numbers)
        sites = Site.objects.bulk_create(Site(name=f'gs{n}', slug=f'gs{n}') for n in numbers)
        GatewaySite.objects.bulk_create(
            GatewaySite(gateway=gateway, site=site) for gateway, site in zip(gateways, sites, strict=True)
        )
        policies = Policy.objects.bulk_create(
            Policy(name=f'p{n}', kind='device-scan', run_as=self.users[n % 5], interval=5, last_fired=now)
            for n in numbers
        )
        runs = Run.objects.bulk_create(
            Run(kind='device-scan', requested_by=self.user, policy=policy, expires=now, started=now, total=3)
            for policy in policies
        )
        for policy, run in zip(policies, runs, strict=True):
            policy.last_run = run
        Policy.objects.bulk_update(policies, ['last_run'])
        targets = Target.objects.bulk_create(
            Target(
                device=device,
                name=device.name,
                site=device.site,
                tenant=self.tenants[device.pk % 5],
                role=device.role,
                platform=self.platforms[device.pk % 5],
                snmp_credential=credential,
                status='retired',
                reachability='reachable',
                reachability_since=now,
                last_error='credential:none',
            )
            for device, credential in zip(devices, credentials, strict=True)
        )
        rows = list(zip(targets, runs, credentials, strict=True))
        RunTarget.objects.bulk_create(
            RunTarget(
                run=run,
                target=target,
                name=target.name,
                dedup_key=f'k{target.pk}',
                expires=now,
                started=now,
                gateway=gateway,
            )
            for (target, run, _credential), gateway in zip(rows, gateways, strict=True)
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
        ports = Interface.objects.bulk_create(
            Interface(device=device, name='eth0', type='other', _site=device.site) for device in devices
        )
        ScanResult.objects.bulk_create(
            ScanResult(target=target, run=run, credential=credential, ok=True, started=now, duration_ms=1)
            for target, run, credential in rows
        )
        Difference.objects.bulk_create(
            Difference(target=target, kind='interface-mtu', key='eth0', applicable=True, first_seen=now, interface=port)
            for target, port in zip(targets, ports, strict=True)
        )
        CredentialStatus.objects.bulk_create(
            CredentialStatus(target=target, credential=credential, run=run, verdict='rejected', checked=now, since=now)
            for target, run, credential in rows
        )
        CredentialChange.objects.bulk_create(
            CredentialChange(target=target, credential=credential, run=run, verdict='rejected', time=now)
            for target, run, credential in rows
        )
        HostKey.objects.bulk_create(
            HostKey(target=target, fingerprint='SHA256:x', first_seen=now, last_seen=now, approved_by=self.users[0])
            for target in targets
        )
        SecretAccess.objects.bulk_create(
            SecretAccess(target=target, credential=credential, run=run, time=now, code='secret:not-found')
            for target, run, credential in rows
        )
        InterfaceState.objects.bulk_create(
            InterfaceState(target=target, index=1, oper_since=now, changed_at=now, interface=port)
            for target, port in zip(targets, ports, strict=True)
        )

    def count(self, model, columns):
        """(rows shown, queries) with all columns, or with those shown to a user who has chosen none."""
        query = {'per_page': 1000}
        if columns == 'all':
            query['include_columns'] = ','.join(getattr(tables, f'{model.__name__}Table').base_columns)
        response, queries = self.count_queries(self.url(model, 'list'), query)
        return len(response.context['table'].page.object_list), queries

    def test_ten_and_a_thousand(self):
        self.view_everything()
        # So that every button and column is rendered for every row.
        self.grant('delete', Run, Target, Credential, Gateway, Policy)
        self.grant('change', Credential, Difference, Gateway, Policy)
        self.fill(0, 10)
        # What one column fetches another may use without having asked for it: both sets of columns count.
        cases = [(model, columns) for model in MODELS for columns in ('all', 'default')]
        for case in cases:
            self.count(*case)  # fills the caches of content types and configuration
        few = {case: self.count(*case) for case in cases}
        self.fill(10, 1000)
        for case in cases:
            with self.subTest(model=case[0].__name__, columns=case[1]):
                rows, queries = self.count(*case)
                self.assertEqual((few[case][0], rows), (10, 1000))
                self.assertEqual(queries, few[case][1])

    def test_device_pages(self):
        """Neither the tab nor the panel on the main page pays for history or for the size of the device."""
        self.view_everything()
        target = make_target('router', address='192.0.2.1')
        urls = (f'/dcim/devices/{target.device_id}/', f'/dcim/devices/{target.device_id}/netops/')
        for _repeated in range(7):
            make_state_again(target)
        for url in urls:
            self.count_queries(url)
        few = [self.count_queries(url)[1] for url in urls]
        for _repeated in range(30):
            make_state_again(target)
        self.assertEqual([self.count_queries(url)[1] for url in urls], few)

    def test_run_page(self):
        self.view_everything()
        self.fill(0, 10)
        run = Run.objects.first()

        def count():
            response, queries = self.count_queries(run.get_absolute_url(), {'per_page': 1000})
            return len(response.context['table'].page.object_list), queries

        RunTarget.objects.update(run=run)
        count()
        few = count()
        self.fill(10, 300)
        RunTarget.objects.update(run=run)
        many = count()
        self.assertEqual((few[0], many[0]), (10, 300))
        self.assertEqual(many[1], few[1])


def make_state_again(target):
    """One more finished run, scan and interface of the target."""
    run = make_run(status='succeeded')
    make_run_target(run, target, state='succeeded')
    make_scan(target, run=run)
    make_interface(target, index=InterfaceState.objects.count() + 1)


class ListTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('router <script>alert(1)</script>', address='192.0.2.1')
        cls.scan_run = make_run(reason=MARKUP, total=4, succeeded=2, failed=1, started=timezone.now())
        cls.rows = make_state(cls.target, cls.scan_run)
        RunTarget.objects.update(error_code='credential:none', error_detail=MARKUP, state='failed')
        InterfaceState.objects.update(alias=MARKUP, speed=10_000_000_000, type=6, name='eth0')
        SystemState.objects.update(name=MARKUP, description=MARKUP)
        ScanResult.objects.update(
            uptime_ticks=360_000, duration_ms=1500, counts={'interfaces': 4711}, change_count=3, error_detail=MARKUP
        )
        AddressState.objects.update(if_index=1)
        InventoryState.objects.update(name=MARKUP, description=MARKUP, model=MARKUP, serial=MARKUP, vendor_type=MARKUP)
        NeighbourState.objects.update(
            system_name=MARKUP, local_port=MARKUP, port_id=MARKUP, platform=MARKUP, protocol='<i>x</i>'
        )
        BGPPeerState.objects.update(
            vrf=MARKUP, description=MARKUP, last_error='6.2', remote_as=65546, prefixes_accepted=10**6
        )
        Difference.objects.update(key=MARKUP, found=MARKUP, documented=MARKUP)
        CredentialStatus.objects.update(detail=MARKUP, code='<i>x</i>')
        CredentialChange.objects.update(old_code='<i>x</i>', code='<i>x</i>')
        HostKey.objects.update(type=MARKUP, fingerprint=MARKUP, public_key=MARKUP)
        SecretAccess.objects.update(credential_name=MARKUP, target_name=MARKUP, worker=MARKUP, user=MARKUP)
        Target.objects.update(last_error='unreachable:no-response', options_error=MARKUP)
        Credential.objects.update(name=MARKUP, description=MARKUP)
        Gateway.objects.update(name=MARKUP, description=MARKUP, last_worker=MARKUP)
        Policy.objects.update(
            name=MARKUP, description=MARKUP, cron=MARKUP, options={'x': MARKUP}, device_filter={MARKUP: MARKUP}
        )

    def setUp(self):
        super().setUp()
        self.view_everything()

    def pages(self):
        for model in MODELS:
            columns = getattr(tables, f'{model.__name__}Table').base_columns
            yield f'{self.url(model, "list")}?include_columns={",".join(columns)}'
            yield self.rows[model].get_absolute_url()
        yield f'/dcim/devices/{self.target.device_id}/'
        yield f'/dcim/devices/{self.target.device_id}/netops/'

    def test_nothing_unescaped(self):
        for url in self.pages():
            with self.subTest(url=url):
                page = self.page(url)
                self.assertIn(ESCAPED, page)
                self.assertNotIn(MARKUP, page)
                self.assertNotIn('<i>x', page)

    def test_no_inline_scripts_or_handlers(self):
        """A content security policy without 'unsafe-inline' for scripts must not break what is ours."""
        from pathlib import Path

        import netbox_netops

        for template in Path(netbox_netops.__file__).parent.joinpath('templates').rglob('*.html'):
            with self.subTest(template=template.name):
                source = template.read_text()
                self.assertNotRegex(source, r'<script|\son[a-z]+\s*=|hx-on|javascript:')

    def export(self, model):
        response = self.client.get(self.url(model, 'list'), {'export': ''})
        self.assertHttpStatus(response, 200)
        return next(csv.DictReader(io.StringIO(response.getvalue().decode('utf-8-sig'))))

    def test_exports_carry_plain_values(self):
        run = self.export(Run)
        self.assertEqual((run['Progress'], run['Reason']), ('2/1/4', MARKUP))
        self.assertGreaterEqual(float(run['Duration']), 0)
        self.assertEqual(self.export(RunTarget)['Error'], 'credential:none')
        interface = self.export(InterfaceState)
        self.assertEqual((interface['Speed'], interface['Alias']), ('10000000000', MARKUP))
        scan = self.export(ScanResult)
        self.assertEqual((scan['Uptime'], scan['Duration']), ('360000', '1500'))
        self.assertEqual((scan['Interfaces'], scan['Changes']), ('4711', '3'))
        target = self.export(Target)
        self.assertEqual((target['Last Error'], target['Address']), ('unreachable:no-response', '192.0.2.1'))
        self.assertEqual(self.export(Credential)['Secret Reference'], 'NETOPS_SECRET_TEST')

    def test_values_are_shown_as_engineers_write_them(self):
        page = self.page(self.url(InterfaceState, 'list'))
        self.assertIn('10 Gbps', page)
        self.assertIn('ethernetCsmacd', page)
        self.assertIn('1h', self.page(self.url(ScanResult, 'list')))

    def test_sessions_in_words(self):
        page = self.page(self.url(BGPPeerState, 'list'))
        for text in ('Cease: Administrative Shutdown', 'asdot: 1.10', 'Established', '1000000'):
            self.assertIn(text, page)
        session = self.export(BGPPeerState)
        self.assertEqual((session['Remote AS'], session['Last Error'], session['VRF']), ('65546', '6.2', MARKUP))
        self.assertEqual(session['Prefixes Accepted'], '1000000')
        # The moment, where the page says how long ago.
        self.assertEqual(datetime.fromisoformat(session['Since']), self.rows[BGPPeerState].state_since)
        self.assertNotIn('Peer', session)

    def test_other_exports(self):
        self.assertEqual(self.export(AddressState)['Address'], '198.51.100.1/24')
        entity = self.export(InventoryState)
        self.assertEqual((entity['Class'], entity['Serial Number']), ('Module', MARKUP))
        self.assertEqual(self.export(NeighbourState)['Neighbour'], MARKUP)
        self.assertEqual(self.export(SystemState)['Description'], MARKUP)

    def test_filters_of_sessions(self):
        make_peer(self.target, 2, state=1)
        url = self.url(BGPPeerState, 'list')
        for query, count in (({}, 2), ({'down': 'true'}, 1), ({'state': '6'}, 1), ({'remote_as': '64500'}, 1)):
            self.assertEqual(len(self.client.get(url, query).context['table'].data), count, query)

    def test_menu(self):
        page = self.page('/')
        for model in (AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState):
            self.assertIn(f'href="{self.url(model, "list")}"', page)

    def test_an_error_explains_itself(self):
        page = self.page(self.url(RunTarget, 'list'))
        self.assertIn('No credential applies', page)
        self.assertIn('Create a credential of the protocol', page)
        self.assertIn('credential:none', page)
        RunTarget.objects.update(error_code='future:code')
        self.assertIn('future:code', self.page(self.url(RunTarget, 'list')))

    def test_name_links_to_the_object(self):
        page = self.page(self.url(Target, 'list'))
        self.assertIn(f'href="/dcim/devices/{self.target.device_id}/"', page)
        Target.objects.update(device=None, status='retired')
        self.assertNotIn('/dcim/devices/', self.page(self.url(Target, 'list'), HTTP_HX_REQUEST='true'))

    def test_quick_search_answers_with_the_table(self):
        for model in MODELS:
            with self.subTest(model=model.__name__):
                part = self.page(f'{self.url(model, "list")}?q=no-such-thing', HTTP_HX_REQUEST='true')
                self.assertIn('found', part)
                self.assertNotIn('<html', part)


@pytest.mark.parametrize('model', MODELS, ids=lambda model: model.__name__)
@pytest.mark.django_db
def test_every_field_of_a_filter_form_is_a_filter(model):
    form_class, filterset = FILTERS[model]
    form = form_class()
    # Offered by NetBox itself, not by the filterset.
    missing = set(form.fields) - set(filterset().filters) - {'filter_id'}
    assert not missing
    shown = {name for fieldset in form.fieldsets for name in fieldset.items if isinstance(name, str)}
    assert set(form.fields) - shown == set()
    assert not form.errors
