"""Gateways over REST and GraphQL: NetBox's own test cases, and that a site has one gateway."""

from utilities.testing import APIViewTestCases

from netbox_netops.models import Gateway
from tests.integration.factories import NOON, make_gateway, make_site

from .base import ApiCase


class GatewayTest(APIViewTestCases.APIViewTestCase):
    model = Gateway
    view_namespace = 'plugins-api:netbox_netops'
    graphql_base_name = 'netops_gateway'
    brief_fields = ['description', 'display', 'id', 'name', 'slug', 'url']
    bulk_update_data = {'description': 'New description'}
    bulk_update_invalid_data = {'slug': 'not a slug'}
    validation_excluded_fields = ['sites']

    @classmethod
    def setUpTestData(cls):
        sites = [make_site() for _number in range(6)]
        for number in range(3):
            make_gateway(f'Gateway {number}', sites=[sites[number]])
        cls.create_data = [
            {'name': f'New {number}', 'slug': f'new-{number}', 'sites': [sites[3 + number].pk]} for number in range(3)
        ]


class GatewayRulesTest(ApiCase):
    def setUp(self):
        super().setUp()
        for action in ('view', 'add', 'change'):
            self.grant(action, Gateway)
        self.site = make_site('A')

    def post(self, *bodies):
        body = bodies[0] if len(bodies) == 1 else list(bodies)
        return self.client.post(self.url('gateways'), body, format='json', **self.header)

    def patch(self, gateway, **values):
        return self.client.patch(self.url('gateways', gateway.pk), values, format='json', **self.header)

    def test_a_site_has_one_gateway(self):
        other = make_gateway('Lisbon', sites=[self.site])
        message = {'sites': ['The site A is served by the gateway Lisbon already.']}
        response = self.post({'name': 'X', 'slug': 'x', 'sites': [self.site.pk]})
        self.assertHttpStatus(response, 400)
        self.assertEqual(response.json(), message)
        gateway = make_gateway('Porto')
        response = self.patch(gateway, sites=[self.site.pk])
        self.assertHttpStatus(response, 400)
        self.assertEqual(response.json(), message)
        self.assertHttpStatus(self.patch(other, sites=[self.site.pk, make_site().pk]), 200)
        self.assertEqual(other.sites.count(), 2)

    def test_two_of_one_request_cannot_share_a_site(self):
        response = self.post(*({'name': name, 'slug': name, 'sites': [self.site.pk]} for name in 'xy'))
        self.assertHttpStatus(response, 400)
        self.assertIn('The site A is served by the gateway x already.', response.content.decode())
        self.assertFalse(Gateway.objects.exists())

    def test_what_workers_write_is_not_for_people(self):
        gateway = make_gateway(last_seen=NOON, last_worker='w')
        response = self.patch(gateway, last_seen='2020-01-01T00:00:00Z', last_worker='x')
        self.assertHttpStatus(response, 200)
        gateway.refresh_from_db()
        self.assertEqual((gateway.last_seen, gateway.last_worker), (NOON, 'w'))
