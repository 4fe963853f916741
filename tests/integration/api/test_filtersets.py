"""Filtersets: every field has a filter, and each finds the rows it names."""

from datetime import UTC, datetime, timedelta

from dcim.models import DeviceRole, Location, Region
from django.test import TestCase
from extras.models import Tag
from tenancy.models import Tenant, TenantGroup
from users.models import User
from utilities.testing import ChangeLoggedFilterSetTestMixin

from netbox_netops.filtersets import (
    AddressStateFilterSet,
    BGPPeerStateFilterSet,
    CredentialFilterSet,
    GatewayFilterSet,
    InterfaceStateFilterSet,
    InventoryStateFilterSet,
    NeighbourStateFilterSet,
    PolicyFilterSet,
    RunFilterSet,
    RunTargetFilterSet,
    ScanResultFilterSet,
    SystemStateFilterSet,
    TargetFilterSet,
)
from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    Credential,
    Gateway,
    InterfaceState,
    InventoryState,
    NeighbourState,
    Policy,
    Run,
    RunTarget,
    ScanResult,
    SystemState,
    Target,
)
from tests.integration.factories import (
    make_credential,
    make_device,
    make_gateway,
    make_platform,
    make_site,
)
from tests.integration.rules import make_policy

from .base import (
    make_address,
    make_entity,
    make_interface,
    make_neighbour,
    make_peer,
    make_run,
    make_run_target,
    make_scan,
    make_system,
)
from .filtersets import FilterSetCase, TargetRowsCase

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class TargetFilterSetTest(TargetRowsCase, TestCase):
    queryset = Target.objects.all()
    filterset = TargetFilterSet
    # What is known of the system has filters of its own.
    ignore_fields = ('options', 'system')

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.core = DeviceRole.objects.get(slug='core')
        cls.leaf = DeviceRole.objects.create(name='Leaf', slug='leaf', parent=cls.core)
        cls.ios = make_platform('IOS')
        cls.xe = make_platform('IOS XE', parent=cls.ios)
        cls.credential = make_credential()
        for target, values in zip(
            cls.targets,
            (
                {'address': '10.0.0.1', 'role': cls.leaf, 'platform': cls.xe, 'reachability': 'reachable'},
                {'address': '10.0.1.1', 'status': 'disabled', 'last_error': 'target:disabled'},
                {'address': '2001:db8::1', 'role': cls.core, 'snmp_credential': cls.credential},
            ),
            strict=True,
        ):
            Target.objects.filter(pk=target.pk).update(last_attempt_at=NOON, **values)
        cls.scan = make_scan(cls.targets[0])
        make_system(
            cls.targets[0],
            name='r1.example',
            vendor='Acme',
            model='R-1',
            os='Acme OS',
            os_version='1.2',
            serial='ACM0815',
            location='Rack 7',
        )
        Target.objects.filter(pk=cls.targets[0].pk).update(latest_scan=cls.scan)

    def test_target_filters(self):
        self.check_target_filters()

    def test_filters(self):
        for params, expected in (
            ({'status': ['disabled']}, ['two']),
            ({'status__n': ['disabled']}, ['one', 'three']),
            ({'reachability': ['reachable']}, ['one']),
            ({'last_error': ['target:disabled']}, ['two']),
            ({'last_error__empty': True}, ['one', 'three']),
            ({'last_attempt_at__gte': [NOON]}, ['one', 'three', 'two']),
            ({'last_attempt_at__gt': [NOON]}, []),
            # Roles and platforms include what is below them.
            ({'role': ['core']}, ['one', 'three']),
            ({'role_id': [self.leaf.pk]}, ['one']),
            ({'platform': ['ios']}, ['one']),
            ({'platform_id': [self.ios.pk]}, ['one']),
            ({'snmp_credential_id': [self.credential.pk]}, ['three']),
            ({'latest_scan_id': [self.scan.pk]}, ['one']),
            ({'system_name': ['r1.example']}, ['one']),
            ({'system_vendor': ['Acme']}, ['one']),
            ({'system_model': ['R-1']}, ['one']),
            ({'system_os': ['Acme OS'], 'system_os_version__isw': ['1.']}, ['one']),
            ({'system_serial': ['ACM0815']}, ['one']),
            ({'system_location__ic': ['rack']}, ['one']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)

    def test_address(self):
        for value, expected in (
            (['10.0.0.1'], ['one']),
            (['10.0.0.0/24'], ['one']),
            (['10.0.0.77/24'], ['one']),
            (['10.0.0.0/8'], ['one', 'two']),
            (['10.0.1.0/24', '2001:db8::/32'], ['three', 'two']),
            (['0.0.0.0/0'], ['one', 'two']),
            (['::/0'], ['three']),
            (['10.0.0.2'], []),
        ):
            with self.subTest(value):
                self.assertEqual(self.found(address=value), expected)
        for value in ('10.0.0', 'x', '10.0.0.1/33', '1'):
            self.invalid(address=[value])

    def test_search(self):
        for value, expected in (
            ('ON', ['one']),
            (' two ', ['two']),
            ('R1.', ['one']),
            ('acm08', ['one']),
            ('10.0.1', ['two']),
            ('10.0.0.0/16', ['one', 'two']),
            ('  ', ['one', 'three', 'two']),
            ('nothing', []),
            ("'\\%_", []),
        ):
            with self.subTest(value):
                self.assertEqual(self.found(q=value), expected)


class RunFilterSetTest(FilterSetCase, TestCase):
    queryset = Run.objects.all()
    filterset = RunFilterSet
    ignore_fields = ('options', 'joined', 'jobs')

    @classmethod
    def setUpTestData(cls):
        cls.user = User.objects.create(username='alice')
        make_run(reason='nightly', kind='netbox-sync', status='running', requested_by=cls.user, total=5)
        make_run(reason='by hand', status='failed')
        make_run(reason='nightly again', status='queued')
        for number, run in enumerate(Run.objects.order_by('pk')):
            Run.objects.filter(pk=run.pk).update(created=NOON + timedelta(days=number))

    def found(self, **params):
        filterset = self.filterset(params, self.queryset)
        self.assertTrue(filterset.is_valid(), filterset.errors)
        return sorted(filterset.qs.values_list('reason', flat=True))

    def test_filters(self):
        for params, expected in (
            ({'kind': ['netbox-sync']}, ['nightly']),
            ({'status': ['failed', 'queued']}, ['by hand', 'nightly again']),
            ({'active': 'true'}, ['nightly', 'nightly again']),
            ({'active': 'false'}, ['by hand']),
            ({'requested_by_id': [self.user.pk]}, ['nightly']),
            ({'requested_by': ['alice']}, ['nightly']),
            ({'created__gte': [NOON + timedelta(days=1)]}, ['by hand', 'nightly again']),
            ({'created__gte': [NOON], 'created__lt': [NOON + timedelta(days=1)]}, ['nightly']),
            ({'total': [5]}, ['nightly']),
            ({'reason__ic': ['NIGHT']}, ['nightly', 'nightly again']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)
        self.invalid(kind=['nope'])
        self.invalid(created=['yesterday'])

    def test_search(self):
        pk = Run.objects.get(reason='by hand').pk
        for value in (str(pk), f'#{pk}', 'BY H'):
            self.assertEqual(self.found(q=value), ['by hand'])
        for value in ('9' * 30, '²', '#', '4711'):
            self.assertEqual(self.found(q=value), [])


class RunTargetFilterSetTest(TargetRowsCase, TestCase):
    queryset = RunTarget.objects.all()
    filterset = RunTargetFilterSet
    # Of no use to people: dedup, and who holds the lease.
    ignore_fields = ('dedup_key', 'error_detail', 'lease_token', 'lease_until')

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.scan, cls.sync = make_run(), make_run(kind='netbox-sync')
        make_run_target(cls.scan, cls.targets[0], state='failed', error_code='target:no-address', worker='w-1')
        make_run_target(cls.scan, cls.targets[1], started=NOON, error_detail='on port 161')
        make_run_target(cls.sync, cls.targets[2], attempt=2)

    def test_target_filters(self):
        self.check_target_filters()

    def test_filters(self):
        for params, expected in (
            ({'run_id': [self.sync.pk]}, ['three']),
            ({'kind': ['device-scan']}, ['one', 'two']),
            ({'kind__n': ['device-scan']}, ['three']),
            ({'state': ['failed']}, ['one']),
            ({'error_code': ['target:no-address']}, ['one']),
            ({'worker': ['w-1']}, ['one']),
            ({'attempt__gte': [1]}, ['three']),
            ({'started__gte': [NOON]}, ['two']),
            ({'q': 'NO-ADDR'}, ['one']),
            ({'q': 'port 161'}, ['two']),
            ({'q': 'thr'}, ['three']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)
        self.invalid(run_id=[4711])


class CredentialFilterSetTest(FilterSetCase, ChangeLoggedFilterSetTestMixin, TestCase):
    queryset = Credential.objects.all()
    filterset = CredentialFilterSet
    filter_name_map = {'device_role': 'role'}

    @classmethod
    def setUpTestData(cls):
        cls.site, cls.platform = make_site('A'), make_platform('IOS')
        cls.tenant = Tenant.objects.create(name='T', slug='t')
        cls.role = DeviceRole.objects.create(name='Core', slug='core')
        make_credential('first', weight=1, description='the first').sites.set([cls.site, make_site('B')])
        make_credential('second', provider='file', reference='core/snmp', enabled=False).tenants.add(cls.tenant)
        third = make_credential('third', comments='for the lab')
        third.roles.add(cls.role)
        third.platforms.add(cls.platform)
        make_credential(
            'fourth',
            protocol='snmp-v3',
            username='monitor',
            auth_protocol='SHA-256',
            privacy_protocol='AES',
            privacy_reference='NETOPS_SECRET_PRIVACY',
            context_name='vlan-7',
        )
        cls.region = Region.objects.create(name='R', slug='r')
        cls.location = Location.objects.create(name='L', slug='l', site=cls.site)
        cls.group = TenantGroup.objects.create(name='G', slug='g')
        cls.tag = Tag.objects.create(name='x', slug='x')
        cls.device = make_device('r1')
        fifth = make_credential('fifth', protocol='http-bearer', host='oxidized', port=8888)
        fifth.regions.add(cls.region)
        fifth.locations.add(cls.location)
        fifth.tenant_groups.add(cls.group)
        fifth.device_tags.add(cls.tag)
        fifth.devices.add(cls.device)
        make_credential(
            'sixth',
            protocol='ssh-key',
            username='admin',
            algorithms='legacy',
            passphrase_reference='NETOPS_SECRET_P',
            stopped=NOON,
            stopped_code='credential:scope-lost',
        )

    def test_filters(self):
        for params, expected in (
            ({'name': ['first', 'third']}, ['first', 'third']),
            ({'protocol': ['snmp-v2c']}, ['first', 'second', 'third']),
            ({'provider': ['file']}, ['second']),
            ({'reference': ['core/snmp']}, ['second']),
            ({'enabled': 'false'}, ['second']),
            ({'weight__lt': [1000]}, ['first']),
            ({'site_id': [self.site.pk]}, ['first']),
            # Joined through two sites, but one credential.
            ({'site': ['a', 'b']}, ['first']),
            ({'tenant_id': [self.tenant.pk]}, ['second']),
            ({'tenant': ['t']}, ['second']),
            ({'role_id': [self.role.pk]}, ['third']),
            ({'role': ['core']}, ['third']),
            ({'platform_id': [self.platform.pk]}, ['third']),
            ({'platform': ['ios']}, ['third']),
            ({'q': 'THE'}, ['first', 'third']),
            ({'q': 'core/'}, ['second']),
            ({'protocol': ['snmp-v3']}, ['fourth']),
            ({'username': ['monitor']}, ['fourth']),
            ({'username__ic': ['NITO']}, ['fourth']),
            ({'auth_protocol': ['SHA-256']}, ['fourth']),
            ({'auth_protocol__n': ['SHA-256']}, ['fifth', 'first', 'second', 'sixth', 'third']),
            ({'privacy_protocol': ['AES']}, ['fourth']),
            ({'privacy_reference': ['NETOPS_SECRET_PRIVACY']}, ['fourth']),
            ({'context_name': ['vlan-7']}, ['fourth']),
            ({'q': 'monitor'}, ['fourth']),
            ({'protocol': ['http-bearer']}, ['fifth']),
            ({'host': ['oxidized']}, ['fifth']),
            ({'port': [8888]}, ['fifth']),
            ({'algorithms': ['legacy']}, ['sixth']),
            ({'passphrase_reference': ['NETOPS_SECRET_P']}, ['sixth']),
            ({'is_stopped': 'true'}, ['sixth']),
            ({'stopped_code': ['credential:scope-lost']}, ['sixth']),
            ({'region_id': [self.region.pk]}, ['fifth']),
            ({'region': ['r']}, ['fifth']),
            ({'location_id': [self.location.pk]}, ['fifth']),
            ({'location': ['l']}, ['fifth']),
            ({'tenant_group_id': [self.group.pk]}, ['fifth']),
            ({'tenant_group': ['g']}, ['fifth']),
            ({'device_tag_id': [self.tag.pk]}, ['fifth']),
            ({'device_tag': ['x']}, ['fifth']),
            ({'device_id': [self.device.pk]}, ['fifth']),
            ({'device': ['r1']}, ['fifth']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)


class GatewayFilterSetTest(FilterSetCase, ChangeLoggedFilterSetTestMixin, TestCase):
    queryset = Gateway.objects.all()
    filterset = GatewayFilterSet

    @classmethod
    def setUpTestData(cls):
        cls.site = make_site('A')
        make_gateway('first', sites=[cls.site, make_site('B')], description='the first')
        make_gateway('second', enabled=False, last_seen=NOON, last_worker='pop1:17')
        make_gateway('third', comments='for the lab')

    def test_filters(self):
        for params, expected in (
            ({'name': ['first', 'third']}, ['first', 'third']),
            ({'slug': ['second']}, ['second']),
            ({'enabled': 'false'}, ['second']),
            ({'site_id': [self.site.pk]}, ['first']),
            # Joined through two sites, but one gateway.
            ({'site': ['a', 'b']}, ['first']),
            ({'last_worker': ['pop1:17']}, ['second']),
            ({'last_seen__gte': ['2026-05-01T00:00:00Z']}, ['second']),
            ({'q': 'THE'}, ['first', 'third']),
            ({'q': 'pop1'}, ['second']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)
        self.invalid(site_id=[4711])


class PolicyFilterSetTest(FilterSetCase, ChangeLoggedFilterSetTestMixin, TestCase):
    queryset = Policy.objects.all()
    filterset = PolicyFilterSet
    ignore_fields = ('options', 'device_filter', 'machine_filter')

    @classmethod
    def setUpTestData(cls):
        cls.bob = User.objects.create(username='bob')
        make_policy('first', cron='0 3 * * *', run_as=cls.bob, options={'port': 1161}, description='the first')
        make_policy('second', interval=60, concurrency=5, rate=60, enabled=False)
        make_policy('third', kind='netbox-sync', device_filter=None, machine_filter=None, comments='for the lab')
        Policy.objects.filter(name='third').update(last_outcome='policy:active', last_fired=NOON)

    def test_filters(self):
        for params, expected in (
            ({'name': ['first', 'third']}, ['first', 'third']),
            ({'kind': ['netbox-sync']}, ['third']),
            ({'enabled': 'false'}, ['second']),
            ({'scheduled': 'true'}, ['first', 'second']),
            ({'scheduled': 'false'}, ['third']),
            ({'cron': ['0 3 * * *']}, ['first']),
            ({'interval': [60]}, ['second']),
            ({'interval__gte': [61]}, []),
            ({'concurrency': [5]}, ['second']),
            ({'rate': [60]}, ['second']),
            ({'run_as': ['bob']}, ['first']),
            ({'run_as_id': [self.bob.pk]}, ['first']),
            ({'next_run__gte': ['2026-01-01T00:00:00Z']}, ['first']),
            ({'last_outcome': ['policy:active', 'policy:user']}, ['third']),
            ({'last_fired__gte': ['2026-05-01T00:00:00Z']}, ['third']),
            ({'q': 'THE'}, ['first', 'third']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)
        self.invalid(kind=['telepathy'])
        self.invalid(run_as_id=[4711])


class ScanResultFilterSetTest(TargetRowsCase, TestCase):
    queryset = ScanResult.objects.all()
    filterset = ScanResultFilterSet
    ignore_fields = ('changes', 'counts', 'error_detail', 'problems')

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.active, cls.credential = make_run(), make_credential()
        make_scan(cls.targets[0], run=cls.active, started=NOON, counts={'interfaces': 48}, first=True)
        make_scan(cls.targets[1], ok=False, error_code='unreachable:no-response', started=NOON, change_count=7)
        make_scan(cls.targets[2], credential=cls.credential, uptime_ticks=2**40)
        make_system(cls.targets[0], name='r1.example', description='Acme OS')

    def found(self, **params):
        filterset = self.filterset(params, self.queryset)
        self.assertTrue(filterset.is_valid(), filterset.errors)
        return sorted(filterset.qs.values_list('target__name', flat=True))

    def test_target_filters(self):
        self.check_target_filters()

    def test_filters(self):
        for params, expected in (
            ({'run_id': [self.active.pk]}, ['one']),
            ({'credential_id': [self.credential.pk]}, ['three']),
            ({'ok': 'false'}, ['two']),
            ({'error_code': ['unreachable:no-response']}, ['two']),
            ({'started__lte': [NOON]}, ['one', 'two']),
            ({'uptime_ticks__gte': [2**39]}, ['three']),
            ({'interface_count': [48, 49]}, ['one']),
            ({'first': 'true'}, ['one']),
            ({'change_count__gte': [1]}, ['two']),
            ({'q': 'acme'}, ['one']),
            ({'q': 'R1.'}, ['one']),
            ({'q': 'two'}, ['two']),
        ):
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)


class FactRowsCase(TargetRowsCase):
    def found(self, **params):
        filterset = self.filterset(params, self.queryset)
        self.assertTrue(filterset.is_valid(), filterset.errors)
        return sorted(filterset.qs.values_list('target__name', flat=True))

    def check(self, *cases):
        self.check_target_filters()
        for params, expected in cases:
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)


class InterfaceStateFilterSetTest(FactRowsCase, TestCase):
    queryset = InterfaceState.objects.all()
    filterset = InterfaceStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_interface(cls.targets[0], name='Gi0/1', mac='00:11:22:33:44:55', alias='uplink', speed=10**11)
        make_interface(cls.targets[1], index=2, name='Vlan7', admin_status=2, oper_status=7, changed_at=NOON)
        make_interface(cls.targets[2], index=3, name='lo', type=24, oper_status=1)

    def test_filters(self):
        self.check(
            ({'admin_status': [2]}, ['two']),
            ({'oper_status': ['7', '1']}, ['three', 'two']),
            ({'oper_status__n': ['1']}, ['one', 'two']),
            ({'index': [3]}, ['three']),
            ({'name': ['Gi0/1']}, ['one']),
            ({'name__isw': ['vlan']}, ['two']),
            ({'mac': ['00:11:22:33:44:55']}, ['one']),
            ({'mac__isw': ['00:11']}, ['one']),
            ({'type': [24]}, ['three']),
            ({'speed__gte': [10**10]}, ['one']),
            ({'changed_at__lte': [NOON]}, ['two']),
            ({'q': 'UPL'}, ['one']),
            ({'q': '33:44'}, ['one']),
            ({'down': 'true'}, ['one']),
            ({'down': 'false'}, ['three', 'two']),
        )
        InterfaceState.objects.filter(name='Vlan7').update(admin_status=1)
        self.assertEqual(self.found(down='true'), ['one', 'two'])
        self.assertEqual(self.found(down='false'), ['three'])
        self.invalid(oper_status=['up'])


class SystemStateFilterSetTest(FactRowsCase, TestCase):
    queryset = SystemState.objects.all()
    filterset = SystemStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_system(cls.targets[0], name='r1.example', vendor='Acme', model='R-1', os='Acme OS', os_version='1.2.3')
        make_system(cls.targets[1], serial='ACM0815', location='Rack 7', changed_at=NOON)
        make_system(cls.targets[2], description='A router')

    def test_filters(self):
        self.check(
            ({'vendor': ['Acme'], 'model': ['R-1']}, ['one']),
            ({'os': ['Acme OS'], 'os_version__isw': ['1.2']}, ['one']),
            ({'serial': ['ACM0815']}, ['two']),
            ({'serial__empty': True}, ['one', 'three']),
            ({'location__ic': ['rack']}, ['two']),
            ({'changed_at__lte': [NOON]}, ['two']),
            ({'q': 'acm08'}, ['two']),
            ({'q': 'A ROUTER'}, ['three']),
            ({'q': 'two'}, ['two']),
        )


class AddressStateFilterSetTest(FactRowsCase, TestCase):
    queryset = AddressState.objects.all()
    filterset = AddressStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_address(cls.targets[0], address='10.0.0.1', prefix_length=24)
        make_address(cls.targets[1], address='10.0.1.1', prefix_length=32, if_index=7)
        make_address(cls.targets[2], address='2001:db8::1', prefix_length=64)
        AddressState.objects.filter(if_index=7).update(changed_at=NOON)

    def test_filters(self):
        self.check(
            ({'address': ['10.0.0.1']}, ['one']),
            ({'address': ['10.0.0.0/16']}, ['one', 'two']),
            ({'address': ['10.0.1.0/24', '2001:db8::/32']}, ['three', 'two']),
            ({'prefix_length': [24, 64]}, ['one', 'three']),
            ({'prefix_length__gte': [32]}, ['three', 'two']),
            ({'if_index': [7]}, ['two']),
            ({'changed_at__lte': [NOON]}, ['two']),
            ({'q': '10.0.0.0/24'}, ['one']),
            ({'q': '0.1.1'}, ['two']),
            ({'q': '2001:DB8:0::1'}, ['three']),
            ({'q': "'%"}, []),
        )
        self.invalid(address=['10.0.0'])


class InventoryStateFilterSetTest(FactRowsCase, TestCase):
    queryset = InventoryState.objects.all()
    filterset = InventoryStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_entity(cls.targets[0], physical_class=3, name='Chassis', model='R-1', serial='FOX1', manufacturer='Acme')
        make_entity(cls.targets[1], index=2, parent=1, description='Line card', fru=True, firmware='1.0')
        make_entity(cls.targets[2], index=3, physical_class=None, fru=False)

    def test_filters(self):
        self.check(
            ({'physical_class': ['3']}, ['one']),
            ({'physical_class__n': ['3']}, ['three', 'two']),
            ({'serial': ['FOX1']}, ['one']),
            ({'serial__isw': ['fo']}, ['one']),
            ({'model': ['R-1'], 'manufacturer': ['Acme']}, ['one']),
            ({'name': ['Chassis']}, ['one']),
            ({'parent': [1]}, ['two']),
            ({'index__gt': [2]}, ['three']),
            ({'fru': 'true'}, ['two']),
            ({'firmware': ['1.0']}, ['two']),
            ({'q': 'fox'}, ['one']),
            ({'q': 'LINE'}, ['two']),
        )
        self.invalid(physical_class=['chassis'])


class NeighbourStateFilterSetTest(FactRowsCase, TestCase):
    queryset = NeighbourState.objects.all()
    filterset = NeighbourStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_neighbour(cls.targets[0], system_name='sw1', chassis_id='00:00:5e:00:53:01', port_id='Gi0/1')
        make_neighbour(cls.targets[1], protocol='cdp', platform='R-1', address='192.0.2.9', if_index=7)
        make_neighbour(cls.targets[2], local_port='ge-0/0/0', port_description='uplink', system_description='Acme OS')

    def test_filters(self):
        self.check(
            ({'protocol': ['cdp']}, ['two']),
            ({'protocol__n': ['cdp']}, ['one', 'three']),
            ({'system_name': ['sw1']}, ['one']),
            ({'chassis_id': ['00:00:5e:00:53:01']}, ['one']),
            ({'port_id': ['Gi0/1']}, ['one']),
            ({'local_port__isw': ['ge-']}, ['three']),
            ({'address': ['192.0.2.9']}, ['two']),
            ({'neighbour_platform': ['R-1']}, ['two']),
            ({'if_index': [7]}, ['two']),
            ({'system_description__ic': ['acme']}, ['three']),
            ({'q': 'UPLINK'}, ['three']),
            ({'q': '53:01'}, ['one']),
        )
        self.invalid(protocol=['fdp'])


class BGPPeerStateFilterSetTest(FactRowsCase, TestCase):
    queryset = BGPPeerState.objects.all()
    filterset = BGPPeerStateFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_peer(cls.targets[0], vrf='red', established_at=NOON, prefixes_accepted=10**6, enabled=True)
        make_peer(cls.targets[1], state=1, enabled=False, last_error='6.2', description='transit')
        make_peer(cls.targets[2], address='2001:db8::1', remote_as=4_200_000_000, state=3, mib='BGP4-MIB')

    def test_filters(self):
        self.check(
            ({'state': ['6']}, ['one']),
            ({'state__n': ['6']}, ['three', 'two']),
            ({'enabled': 'true'}, ['one']),
            ({'enabled': 'false'}, ['two']),
            ({'vrf': ['red']}, ['one']),
            ({'address': ['2001:db8::1']}, ['three']),
            ({'address__isw': ['2001:']}, ['three']),
            ({'remote_as': [4_200_000_000]}, ['three']),
            ({'remote_as__lte': [65535]}, ['one', 'two']),
            ({'established_at__gte': [NOON]}, ['one']),
            ({'established_at__gt': [NOON]}, []),
            ({'prefixes_accepted__gte': [1000]}, ['one']),
            ({'last_error': ['6.2']}, ['two']),
            ({'mib': ['BGP4-MIB']}, ['three']),
            # What is switched off is not down, what does not say is.
            ({'down': 'true'}, ['three']),
            ({'down': 'false'}, ['one', 'two']),
            ({'q': 'TRANS'}, ['two']),
            ({'q': 'as4200000000'}, ['three']),
            ({'q': '4200000000'}, ['three']),
            ({'q': '9' * 30}, []),
            ({'q': '²'}, []),
        )
        BGPPeerState.objects.update(state=None)
        self.assertEqual(self.found(down='true'), [])
        self.assertEqual(self.found(down='false'), ['one', 'three', 'two'])
        self.invalid(state=['idle'])


# Without tests of their own.
del FilterSetCase, TargetRowsCase, FactRowsCase
