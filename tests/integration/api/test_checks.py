"""What checks of credentials found, over REST and GraphQL: filters, host keys, and letting credentials go on."""

from datetime import UTC, datetime

from dcim.models import Device
from django.test import TestCase
from django.utils import timezone
from users.models import User

from netbox_netops import filtersets
from netbox_netops.models import Credential, CredentialChange, CredentialStatus, HostKey, SecretAccess, Target
from tests.integration.factories import make_credential, make_target

from .base import ApiCase, make_access, make_change, make_host_key, make_run, make_status
from .filtersets import TargetRowsCase

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = datetime(2999, 1, 1, tzinfo=UTC)


class HostKeyTest(ApiCase):
    def setUp(self):
        super().setUp()
        self.target = make_target(address='192.0.2.1')
        self.old = make_host_key(self.target, 'SHA256:old')
        self.new = make_host_key(self.target, 'SHA256:new', state='pending')

    def decide(self, action, key):
        return self.client.post(f'{self.url("host-keys", key.pk)}{action}/', format='json', **self.header)

    def test_approve_and_reject(self):
        self.grant('view', HostKey, Device)
        self.grant('netops_approve_host_key', HostKey)
        response = self.decide('approve', self.new)
        self.assertHttpStatus(response, 200)
        self.assertEqual(response.json()['state']['value'], 'trusted')
        self.assertEqual(response.json()['approved_by']['username'], self.user.username)
        self.old.refresh_from_db()
        self.assertEqual(self.old.state, 'rejected')
        self.assertHttpStatus(self.decide('reject', self.new), 200)
        self.new.refresh_from_db()
        self.assertEqual(self.new.state, 'rejected')

    def test_who_may_not(self):
        self.grant('view', HostKey)
        self.grant('view', Device, name='another')
        self.grant('add', HostKey)
        for action in ('approve', 'reject'):
            self.assertHttpStatus(self.decide(action, self.new), 403)
        # Not of a device that he may not view, nor where the right ends.
        self.grant('netops_approve_host_key', HostKey)
        self.assertHttpStatus(self.decide('approve', self.new), 404)
        self.grant('view', Device)
        HostKey.objects.filter(pk=self.new.pk).update(type='ssh-rsa')
        self.remove_permissions('netbox_netops.netops_approve_host_key_hostkey')
        self.grant('netops_approve_host_key', HostKey, type='ssh-ed25519')
        self.assertHttpStatus(self.decide('approve', self.new), 404)
        self.new.refresh_from_db()
        self.assertEqual(self.new.state, 'pending')


class ResumeTest(ApiCase):
    def test_resume(self):
        self.grant('view', Credential)
        self.grant('add', Credential)
        credential = make_credential(stopped=timezone.now(), stopped_code='credential:rejected')
        url = f'{self.url("credentials", credential.pk)}resume/'
        self.assertEqual(self.get(self.url('credentials', credential.pk))['stopped_code'], 'credential:rejected')
        self.assertHttpStatus(self.client.post(url, **self.header), 403)
        self.grant('netops_bind_secret', Credential, name='another')
        self.assertHttpStatus(self.client.post(url, **self.header), 404)
        self.grant('netops_bind_secret', Credential)
        response = self.client.post(url, **self.header)
        self.assertHttpStatus(response, 200)
        self.assertIsNone(response.json()['stopped'])


class GraphQLTest(ApiCase):
    """Whoever may not view a device learns nothing of its credentials, however he asks."""

    FIELDS = 'credential_statuses { verdict } credential_changes { verdict } host_keys { fingerprint }'

    def setUp(self):
        super().setUp()
        shown, hidden = make_target('shown', address='192.0.2.1'), make_target('hidden', address='192.0.2.2')
        credential = make_credential()
        for target in (shown, hidden):
            make_status(target, credential)
            make_change(target, credential)
            make_host_key(target, f'SHA256:{target}')
            make_access(target, credential)
        self.grant('view', Device, name='shown')
        self.grant('view', Credential, CredentialStatus, CredentialChange, HostKey, SecretAccess)
        self.grant('view', Target)

    def test_lists(self):
        for name, field in (
            ('credential_status', 'verdict'),
            ('credential_change', 'verdict'),
            ('host_key', 'fingerprint'),
            ('secret_access', 'target_name'),
        ):
            with self.subTest(name):
                rows = self.graphql(f'{{ netops_{name}_list {{ {field} display target {{ name }} }} }}')['data']
                self.assertEqual([row['target']['name'] for row in rows[f'netops_{name}_list']], ['shown'])

    def test_through_credentials_and_targets(self):
        data = self.graphql('{ netops_credential_list { statuses { target { name } } changes { id } } }')['data']
        [credential] = data['netops_credential_list']
        self.assertEqual(credential['statuses'], [{'target': {'name': 'shown'}}])
        self.assertEqual(len(credential['changes']), 1)
        data = self.graphql(f'{{ netops_target_list {{ name {self.FIELDS} }} }}')['data']
        [target] = data['netops_target_list']
        self.assertEqual(target['host_keys'], [{'fingerprint': 'SHA256:shown'}])
        self.assertEqual(len(target['credential_statuses']), 1)


class CheckFilterSetCase(TargetRowsCase):
    def found(self, **params):
        filterset = self.filterset(params, self.queryset)
        self.assertTrue(filterset.is_valid(), filterset.errors)
        return sorted(str(row.target) for row in filterset.qs)

    def check(self, cases):
        for params, expected in cases:
            with self.subTest(params):
                self.assertEqual(self.found(**params), expected)

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.credential, cls.other = make_credential('core'), make_credential('edge')
        cls.scan = make_run()

    def test_target_filters(self):
        self.check_target_filters()


class CredentialStatusFilterSetTest(CheckFilterSetCase, TestCase):
    queryset = CredentialStatus.objects.all()
    filterset = filtersets.CredentialStatusFilterSet
    ignore_fields = ('server',)

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        rejected = {'verdict': 'rejected', 'code': 'credential:rejected', 'rejections': 3, 'detail': 'bad password'}
        make_status(cls.targets[0], cls.credential, run=cls.scan, latency_ms=7, **rejected, paused_until=LATER)
        make_status(cls.targets[1], cls.other, stage=2, checked=NOON, since=NOON, paused_until=NOON)
        make_status(cls.targets[2], cls.other, verdict='unknown')

    def test_filters(self):
        self.check((
            ({'verdict': ['rejected']}, ['one']),
            ({'verdict': ['accepted', 'unknown']}, ['three', 'two']),
            ({'code': ['credential:rejected']}, ['one']),
            ({'credential_id': [self.credential.pk]}, ['one']),
            ({'credential': ['edge']}, ['three', 'two']),
            ({'run_id': [self.scan.pk]}, ['one']),
            ({'stage': [2]}, ['two']),
            ({'latency_ms__lt': [10]}, ['one']),
            ({'rejections__gte': [1]}, ['one']),
            ({'paused': 'true'}, ['one']),
            ({'paused': 'false'}, ['three', 'two']),
            ({'checked__lte': [NOON]}, ['two']),
            ({'q': 'BAD'}, ['one']),
            ({'q': 'edge'}, ['three', 'two']),
        ))  # fmt: skip


class CredentialChangeFilterSetTest(CheckFilterSetCase, TestCase):
    queryset = CredentialChange.objects.all()
    filterset = filtersets.CredentialChangeFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        values = {'old_verdict': 'accepted', 'verdict': 'rejected', 'code': 'credential:rejected'}
        make_change(cls.targets[0], cls.credential, run=cls.scan, **values)
        make_change(cls.targets[1], cls.other, time=NOON, old_verdict='unknown', old_code='unreachable:network')
        make_change(cls.targets[2], cls.other)

    def test_filters(self):
        self.check((
            ({'verdict': ['rejected']}, ['one']),
            ({'old_verdict': ['unknown']}, ['two']),
            ({'code': ['credential:rejected']}, ['one']),
            ({'old_code': ['unreachable:network']}, ['two']),
            ({'credential_id': [self.other.pk]}, ['three', 'two']),
            ({'credential': ['core']}, ['one']),
            ({'run_id': [self.scan.pk]}, ['one']),
            ({'time__lte': [NOON]}, ['two']),
            ({'q': 'core'}, ['one']),
        ))  # fmt: skip


class HostKeyFilterSetTest(CheckFilterSetCase, TestCase):
    queryset = HostKey.objects.all()
    filterset = filtersets.HostKeyFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.decider = User.objects.create(username='alice')
        values = {'approved_by': cls.decider, 'approved': NOON, 'public_key': 'ssh-ed25519 AAAA'}
        make_host_key(cls.targets[0], address='192.0.2.1', **values)
        make_host_key(cls.targets[1], 'SHA256:two', state='pending', address='198.51.100.1')
        make_host_key(cls.targets[2], 'SHA256:three', type='ssh-rsa', first_seen=NOON, last_seen=NOON)

    def test_filters(self):
        self.check((
            ({'state': ['pending']}, ['two']),
            ({'type': ['ssh-rsa']}, ['three']),
            ({'fingerprint': ['SHA256:two']}, ['two']),
            ({'public_key': ['ssh-ed25519 AAAA']}, ['one']),
            ({'address': ['192.0.2.0/24']}, ['one']),
            ({'approved_by_id': [self.decider.pk]}, ['one']),
            ({'approved_by': ['alice']}, ['one']),
            ({'approved__lte': [NOON]}, ['one']),
            ({'last_seen__lte': [NOON]}, ['three']),
            ({'q': 'two'}, ['two']),
        ))  # fmt: skip


class SecretAccessFilterSetTest(CheckFilterSetCase, TestCase):
    queryset = SecretAccess.objects.all()
    filterset = filtersets.SecretAccessFilterSet

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        make_access(cls.targets[0], cls.credential, run=cls.scan, user='alice', code='secret:not-found')
        make_access(cls.targets[1], cls.other, time=NOON, provider='file', worker='w-2', milliseconds=90)
        make_access(cls.targets[2], cls.other)

    def test_filters(self):
        self.check((
            ({'resolved': 'true'}, ['three', 'two']),
            ({'resolved': 'false'}, ['one']),
            ({'code': ['secret:not-found']}, ['one']),
            ({'provider': ['file']}, ['two']),
            ({'worker': ['w-2']}, ['two']),
            ({'user': ['alice']}, ['one']),
            ({'credential_id': [self.credential.pk]}, ['one']),
            ({'credential': ['edge']}, ['three', 'two']),
            ({'credential_name': ['core']}, ['one']),
            ({'target_name': ['two']}, ['two']),
            ({'run_id': [self.scan.pk]}, ['one']),
            ({'time__lte': [NOON]}, ['two']),
            ({'milliseconds__gt': [50]}, ['two']),
            ({'q': 'ALICE'}, ['one']),
        ))  # fmt: skip


# Without tests of their own.
del CheckFilterSetCase, TargetRowsCase
