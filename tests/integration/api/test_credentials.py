"""Credentials over REST and GraphQL: NetBox's own test cases, and that only a reference is ever taken or given."""

from utilities.testing import APIViewTestCases

from netbox_netops.models import Credential
from netbox_netops.protocols import PROTOCOLS
from tests.integration.factories import make_credential, make_platform, make_site

from .base import ApiCase

SNMP_V3_FIELDS = [name for name in PROTOCOLS['snmp-v3'].fields if name not in ('reference', 'port')]


class CredentialTest(APIViewTestCases.APIViewTestCase):
    model = Credential
    user_permissions = ('netbox_netops.netops_bind_secret_credential',)
    view_namespace = 'plugins-api:netbox_netops'
    graphql_base_name = 'netops_credential'
    brief_fields = ['description', 'display', 'id', 'name', 'protocol', 'url']
    bulk_update_data = {'description': 'New description'}
    # Not a variable set aside for secrets: refused where it is entered.
    bulk_update_invalid_data = {'reference': 'PATH'}
    validation_excluded_fields = ['sites', 'platforms']

    @classmethod
    def setUpTestData(cls):
        sites = [make_site(), make_site()]
        platform = make_platform('IOS')
        for number in range(3):
            make_credential(f'Credential {number}', weight=100 + number).sites.set(sites)
        cls.create_data = [
            {
                'name': f'New {number}',
                'protocol': 'snmp-v2c',
                'provider': 'environment',
                'reference': f'NETOPS_SECRET_{number}',
                'weight': 10 + number,
                'sites': [site.pk for site in sites],
                'platforms': [platform.pk],
            }
            for number in range(3)
        ]


class CredentialRulesTest(ApiCase):
    def post(self, **values):
        self.grant('add', Credential)
        self.grant('netops_bind_secret', Credential)
        values = {'name': 'Core', 'reference': 'NETOPS_SECRET_CORE'} | values
        return self.client.post(self.url('credentials'), values, format='json', **self.header)

    def test_defaults(self):
        response = self.post()
        self.assertHttpStatus(response, 201)
        self.assertEqual(response.data['protocol']['value'], 'snmp-v2c')
        self.assertEqual(response.data['provider']['value'], 'environment')
        self.assertTrue(response.data['enabled'])

    def test_scopes(self):
        site, platform = make_site(), make_platform('IOS')
        response = self.post(sites=[site.pk], platforms=[platform.pk])
        self.assertHttpStatus(response, 201)
        self.assertEqual([item['id'] for item in response.data['sites']], [site.pk])
        self.assertEqual([item['id'] for item in response.data['platforms']], [platform.pk])

    def test_a_reference_outside_of_what_is_set_aside_is_refused(self):
        for values in (
            {'reference': 'PATH'},
            {'reference': ''},
            {'provider': 'file', 'reference': '../etc/passwd'},
        ):
            with self.subTest(values):
                response = self.post(**values)
                self.assertHttpStatus(response, 400)
                self.assertEqual(list(response.data), ['reference'])
        self.assertFalse(Credential.objects.exists())

    def test_unknown_choices_are_field_errors(self):
        for field in ('protocol', 'provider'):
            response = self.post(**{field: 'telepathy'})
            self.assertHttpStatus(response, 400)
            self.assertEqual(list(response.data), [field])


class SNMPv3Test(ApiCase):
    USER = {
        'name': 'Monitoring',
        'protocol': 'snmp-v3',
        'reference': 'NETOPS_SECRET_AUTH',
        'username': 'monitor',
        'auth_protocol': 'SHA-256',
        'privacy_protocol': 'AES',
        'privacy_reference': 'NETOPS_SECRET_PRIVACY',
        'context_name': 'vlan-7',
    }

    def setUp(self):
        super().setUp()
        for action in ('view', 'add', 'change', 'netops_bind_secret'):
            self.grant(action, Credential)

    def post(self, **values):
        return self.client.post(self.url('credentials'), self.USER | values, format='json', **self.header)

    def patch(self, credential, **values):
        return self.client.patch(self.url('credentials', credential.pk), values, format='json', **self.header)

    def test_create_and_read(self):
        response = self.post()
        self.assertHttpStatus(response, 201)
        data = self.get(self.url('credentials', response.data['id']))
        self.assertEqual(data['auth_protocol'], {'value': 'SHA-256', 'label': 'SHA-256'})
        self.assertEqual(data['privacy_protocol'], {'value': 'AES', 'label': 'AES'})
        for field in ('username', 'privacy_reference', 'context_name'):
            self.assertEqual(data[field], self.USER[field])

    def test_without_privacy_and_without_anything(self):
        for number, values in enumerate((
            {'privacy_protocol': '', 'privacy_reference': ''},
            {'privacy_protocol': '', 'privacy_reference': '', 'auth_protocol': '', 'reference': ''},
        )):  # fmt: skip
            with self.subTest(values):
                self.assertHttpStatus(self.post(name=f'level {number}', **values), 201)
        data = self.get(self.url('credentials', Credential.objects.latest('pk').pk))
        self.assertEqual((data['auth_protocol'], data['privacy_protocol']), (None, None))

    def test_refusals_name_the_field(self):
        for values, fields in (
            ({'username': ''}, ['username']),
            ({'privacy_reference': ''}, ['privacy_reference']),
            ({'auth_protocol': ''}, ['auth_protocol']),
            ({'auth_protocol': 'ROT13'}, ['auth_protocol']),
            ({'privacy_protocol': 'ROT13'}, ['privacy_protocol']),
            ({'privacy_reference': 'PATH'}, ['privacy_reference']),
            ({'protocol': 'snmp-v2c'}, sorted(SNMP_V3_FIELDS)),
        ):
            with self.subTest(values):
                response = self.post(**values)
                self.assertHttpStatus(response, 400)
                self.assertEqual(sorted(response.data), fields)
        self.assertFalse(Credential.objects.exists())

    def test_change(self):
        credential = make_credential(**self.USER)
        self.assertHttpStatus(self.patch(credential, username='other', privacy_protocol='AES-256-C'), 200)
        credential.refresh_from_db()
        self.assertEqual((credential.username, credential.privacy_protocol), ('other', 'AES-256-C'))
        # Half a change would leave a user that cannot log in.
        response = self.patch(credential, auth_protocol='')
        self.assertHttpStatus(response, 400)
        self.assertEqual(list(response.data), ['auth_protocol'])

    def test_filters(self):
        pk = make_credential(**self.USER).pk
        make_credential()
        for query in ({'username': 'monitor'}, {'auth_protocol': 'SHA-256'}, {'privacy_protocol': 'AES'}):
            self.assertEqual(self.ids('credentials', **query), {pk})

    def test_graphql(self):
        make_credential(**self.USER)
        make_credential()
        fields = 'username auth_protocol privacy_protocol privacy_reference context_name'
        data = self.graphql(f'{{ netops_credential_list(filters: {{username: {{exact: "monitor"}}}}) {{ {fields} }} }}')
        self.assertEqual(
            data['data']['netops_credential_list'], [{field: self.USER[field] for field in fields.split()}]
        )
        for filters in (
            'auth_protocol: {exact: "SHA-256"}',
            'privacy_protocol: {exact: "AES"}',
            'privacy_reference: {starts_with: "NETOPS_SECRET_P"}',
            'context_name: {exact: "vlan-7"}',
        ):
            with self.subTest(filters):
                rows = self.graphql(f'{{ netops_credential_list(filters: {{{filters}}}) {{ id }} }}')
                self.assertEqual(len(rows['data']['netops_credential_list']), 1)
