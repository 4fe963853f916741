"""Gateways: NetBox's own tests of forms and lists, that a site has one gateway, and what the page shows."""

from datetime import timedelta

from core.models import ObjectChange
from dcim.models import Device, Site
from django.utils import timezone
from netbox.registry import registry
from utilities.testing import ViewTestCases, create_tags
from virtualization.models import VirtualMachine

from netbox_netops.models import Gateway, RunTarget
from tests.integration.api.base import make_run, make_run_target
from tests.integration.factories import make_gateway, make_site, make_target

from .base import UiCase


class GatewayViewsTest(ViewTestCases.PrimaryObjectViewTestCase):
    model = Gateway

    def _get_base_url(self):
        return 'plugins:netbox_netops:gateway_{}'

    @classmethod
    def setUpTestData(cls):
        sites = [make_site(f'Site {letter}') for letter in 'ABCDE']
        for number in range(3):
            make_gateway(f'Gateway {number}', sites=[sites[number]])
        cls.form_data = {
            'name': 'Gateway X',
            'slug': 'gateway-x',
            'enabled': True,
            'sites': [sites[3].pk],
            'description': 'A gateway',
            'comments': 'Some comments',
            'tags': [tag.pk for tag in create_tags('Alpha', 'Bravo')],
        }
        cls.csv_data = (
            'name,slug,enabled,sites',
            'Gateway 4,gateway-4,,"site-d,site-e"',
            'Gateway 5,gateway-5,false,',
            'Gateway 6,gateway-6,true,',
        )
        gateways = list(Gateway.objects.order_by('pk'))
        cls.csv_update_data = (
            'id,name,description',
            *(f'{gateway.pk},Renamed {number},New {number}' for number, gateway in enumerate(gateways)),
        )
        cls.bulk_edit_data = {'enabled': False, 'description': 'New description'}


class GatewayTest(UiCase):
    def setUp(self):
        super().setUp()
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Gateway)
        # A form offers what its user may view.
        self.grant('view', Site)
        self.site_a, self.site_b = make_site('A'), make_site('B')

    def save(self, gateway=None, expected=302, **values):
        url = self.url(Gateway, 'edit', gateway.pk) if gateway else self.url(Gateway, 'add')
        response = self.client.post(url, {'name': 'POP', 'slug': 'pop', 'enabled': True} | values)
        self.assertHttpStatus(response, expected)
        return response

    def test_a_site_has_one_gateway(self):
        make_gateway('Lisbon', sites=[self.site_a])
        response = self.save(sites=[self.site_a.pk, self.site_b.pk], expected=200)
        self.assertEqual(
            response.context['form'].errors, {'sites': ['The site A is served by the gateway Lisbon already.']}
        )
        self.assertFalse(Gateway.objects.filter(slug='pop').exists())

    def test_its_own_sites_are_no_conflict(self):
        gateway = make_gateway('Lisbon', sites=[self.site_a])
        self.save(gateway, name='Lisbon', slug='lisbon', sites=[self.site_a.pk, self.site_b.pk])
        self.assertEqual(set(gateway.sites.all()), {self.site_a, self.site_b})

    def test_import_of_a_site_that_is_taken(self):
        """Also by a line above."""
        data = {
            'data': 'name,slug,sites\nX,x,a\nY,y,"a,b"',
            'import_method': 'direct',
            'format': 'csv',
            'csv_delimiter': ',',
        }
        response = self.client.post(self.url(Gateway, 'bulk_import'), data)
        self.assertHttpStatus(response, 200)
        self.assertIn('The site A is served by the gateway X already.', response.content.decode())
        self.assertFalse(Gateway.objects.exists())

    def test_import_keeps_the_default(self):
        data = {'data': 'name,slug\nX,x', 'import_method': 'direct', 'format': 'csv', 'csv_delimiter': ','}
        self.assertHttpStatus(self.client.post(self.url(Gateway, 'bulk_import'), data), 302)
        self.assertTrue(Gateway.objects.get().enabled)

    def test_the_changelog_has_the_sites(self):
        gateway = make_gateway('Lisbon', sites=[self.site_a])
        self.save(gateway, name='Lisbon', slug='lisbon', sites=[self.site_b.pk])
        change = ObjectChange.objects.filter(changed_object_id=gateway.pk, action='update').latest('pk')
        self.assertEqual(change.prechange_data['sites'], [self.site_a.pk])
        self.assertEqual(change.postchange_data['sites'], [self.site_b.pk])

    def test_page(self):
        self.grant('view', Device, VirtualMachine, RunTarget)
        seen = timezone.now() - timedelta(minutes=3)
        gateway = make_gateway('Lisbon', sites=[self.site_a], last_seen=seen, last_worker='pop1:17')
        run = make_run()
        for number, state in enumerate(('waiting', 'waiting', 'running', 'succeeded')):
            target = make_target(f'd{number}', site=self.site_a)
            make_run_target(run, target, state=state, gateway=gateway)
        make_run_target(run, make_target('elsewhere', site=self.site_b))
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'gateway_redis': {'lisbon': 'redis://:canary-pw@h/0'}}}):
            response = self.client.get(gateway.get_absolute_url())
        page = response.content.decode()
        self.assertEqual((response.context['object'].waiting, response.context['object'].running), (2, 1))
        self.assertTrue(response.context['object'].has_doorbell)
        self.assertNotIn('canary-pw', page)
        for text in ('pop1:17', self.site_a.get_absolute_url(), f'gateway_id={gateway.pk}'):
            self.assertIn(text, page)
        # What the panel asks for.
        query = {'embedded': 'True', 'gateway_id': gateway.pk, 'state': ['waiting', 'running']}
        rows = self.client.get(self.url(RunTarget, 'list'), query, HTTP_HX_REQUEST='true').context['table'].data
        self.assertEqual(sorted(row.name for row in rows), ['d0', 'd1', 'd2'])

    def test_page_counts_what_the_user_may_see(self):
        gateway = make_gateway('Lisbon', sites=[self.site_a, self.site_b])
        run = make_run()
        for site in (self.site_a, self.site_b):
            make_run_target(run, make_target(f'in {site}', site=site), gateway=gateway)
        self.assertIsNone(self.client.get(gateway.get_absolute_url()).context['object'].waiting)
        self.grant('view', RunTarget)
        self.grant('view', Device, site=self.site_a.pk)
        self.assertEqual(self.client.get(gateway.get_absolute_url()).context['object'].waiting, 1)

    def test_constraints(self):
        self.remove_permissions(*(f'netbox_netops.{action}_gateway' for action in ('view', 'change', 'delete')))
        for action in ('view', 'change', 'delete'):
            self.grant(action, Gateway, slug='lisbon')
        lisbon, porto = make_gateway('Lisbon'), make_gateway('Porto')
        for gateway, expected in ((lisbon, 200), (porto, 404)):
            for action in ('', 'edit', 'delete'):
                with self.subTest(gateway=gateway, action=action):
                    self.page(self.url(Gateway, action, gateway.pk), expected)
        listed = self.client.get(self.url(Gateway, 'list')).context['table'].data
        self.assertEqual([gateway.pk for gateway in listed], [lisbon.pk])

    def test_global_search(self):
        fields = dict(registry['search']['netbox_netops.gateway'].fields)
        self.assertEqual(set(fields), {'name', 'slug', 'description', 'comments'})

    def test_menu(self):
        self.assertIn(self.url(Gateway, 'add'), self.page('/'))
        self.remove_permissions('netbox_netops.add_gateway', 'netbox_netops.view_gateway')
        self.assertNotIn(self.url(Gateway, 'list'), self.page('/'))
