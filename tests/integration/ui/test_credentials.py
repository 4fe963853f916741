"""The only model people write: NetBox's own tests of forms and lists, and the scope panel."""

from dcim.models import Device, DeviceRole
from netbox.registry import registry
from utilities.testing import ViewTestCases, create_tags
from virtualization.models import VirtualMachine

from netbox_netops.models import Credential, Target
from tests.integration.factories import make_credential, make_site, make_target

from .base import UiCase


class CredentialViewsTest(ViewTestCases.PrimaryObjectViewTestCase):
    model = Credential

    def _get_base_url(self):
        return 'plugins:netbox_netops:credential_{}'

    @classmethod
    def setUpTestData(cls):
        sites = [make_site('Site A'), make_site('Site B')]
        for number in range(1, 4):
            make_credential(f'Credential {number}', weight=number).sites.set(sites)
        cls.form_data = {
            'name': 'Credential X',
            'protocol': 'snmp-v2c',
            'provider': 'environment',
            'reference': 'NETOPS_SECRET_X',
            'enabled': True,
            'weight': 50,
            'sites': [sites[0].pk],
            'tenants': [],
            'roles': [],
            'platforms': [],
            'description': 'A credential',
            'comments': 'Some comments',
            'tags': [tag.pk for tag in create_tags('Alpha', 'Bravo')],
        }
        cls.csv_data = (
            'name,protocol,provider,reference,weight,sites',
            'Credential 4,snmp-v2c,environment,NETOPS_SECRET_4,10,"site-a,site-b"',
            'Credential 5,snmp-v2c,environment,NETOPS_SECRET_5,20,site-a',
            'Credential 6,snmp-v2c,environment,NETOPS_SECRET_6,30,',
        )
        credentials = list(Credential.objects.order_by('pk'))
        cls.csv_update_data = (
            'id,name,description',
            *(f'{credential.pk},Renamed {n},New description {n}' for n, credential in enumerate(credentials)),
        )
        cls.bulk_edit_data = {'enabled': False, 'weight': 7, 'description': 'New description'}


class CredentialTest(UiCase):
    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Target, Credential)
        self.grant('add', Credential)
        self.site_a, self.site_b = make_site('A'), make_site('B')
        self.role = DeviceRole.objects.create(name='Edge', slug='edge')
        self.branch = DeviceRole.objects.create(name='Edge router', slug='edge-router', parent=self.role)

    def scope(self, credential):
        response = self.client.get(credential.get_absolute_url())
        self.assertHttpStatus(response, 200)
        return response.context['scope']

    def test_targets_in_scope(self):
        credential = make_credential()
        make_target('a', address='192.0.2.1', site=self.site_a)
        make_target('b', address='192.0.2.2', site=self.site_b)
        make_target('c', address='192.0.2.3', site=self.site_b, role=self.branch)
        Target.objects.filter(name='b').update(status='retired')
        self.assertEqual(self.scope(credential)['count'], 2)
        credential.sites.set([self.site_b])
        scope = self.scope(credential)
        self.assertEqual(scope['count'], 1)
        listed = self.client.get(scope['url']).context['table'].data
        self.assertEqual([target.name for target in listed], ['c'])
        # A role covers the roles below it, as it does when credentials are matched.
        credential.roles.set([self.role])
        self.assertEqual(self.scope(credential)['count'], 1)
        credential.sites.set([self.site_a])
        self.assertEqual(self.scope(credential)['count'], 0)

    def test_targets_in_scope_are_those_the_user_may_see(self):
        make_target('a', address='192.0.2.1', site=self.site_a)
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, site=self.site_b.pk)
        self.assertEqual(self.scope(make_credential())['count'], 0)
        self.remove_permissions('netbox_netops.view_target')
        self.assertNotIn('active target', self.page(Credential.objects.first().get_absolute_url()))

    def test_a_dangerous_reference_is_refused_with_the_reason(self):
        data = {'name': 'x', 'protocol': 'snmp-v2c', 'provider': 'environment', 'reference': 'SECRET_KEY', 'weight': 1}
        response = self.client.post(self.url(Credential, 'add'), data)
        self.assertHttpStatus(response, 200)
        self.assertIn('reference', response.context['form'].errors)
        self.assertIn('NETOPS_SECRET_', str(response.context['form'].errors['reference']))
        self.assertFalse(Credential.objects.exists())

    def test_import_keeps_the_defaults(self):
        data = {
            'data': 'name,protocol,provider,reference\nx,snmp-v2c,environment,NETOPS_SECRET_X',
            'import_method': 'direct',
            'format': 'csv',
            'csv_delimiter': ',',
        }
        self.assertHttpStatus(self.client.post(self.url(Credential, 'bulk_import'), data), 302)
        credential = Credential.objects.get()
        self.assertEqual((credential.enabled, credential.weight), (True, 1000))

    def test_global_search(self):
        self.assertIn('netbox_netops.credential', registry['search'])
        fields = dict(registry['search']['netbox_netops.credential'].fields)
        self.assertIn('name', fields)
