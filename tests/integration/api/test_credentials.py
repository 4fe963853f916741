"""Credentials over REST and GraphQL: NetBox's own test cases, and that only a reference is ever taken or given."""

from utilities.testing import APIViewTestCases

from netbox_netops.models import Credential
from tests.integration.factories import make_credential, make_platform, make_site

from .base import ApiCase


class CredentialTest(APIViewTestCases.APIViewTestCase):
    model = Credential
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
