"""The only model people write: NetBox's own tests of forms and lists, and the scope panel."""

from dcim.models import Device, DeviceRole, Location, Region
from django.core.exceptions import ValidationError
from extras.models import Tag
from netbox.registry import registry
from tenancy.models import TenantGroup
from utilities.querydict import prepare_cloned_fields
from utilities.testing import ViewTestCases, create_tags
from virtualization.models import VirtualMachine

from netbox_netops import forms
from netbox_netops.models import Credential, Target
from netbox_netops.protocols import FIELDS, PROTOCOLS
from tests.integration.factories import make_credential, make_site, make_target

from .base import HTMX, UiCase

SNMP_V3_FIELDS = [name for name in PROTOCOLS['snmp-v3'].fields if name not in ('reference', 'port')]


class CredentialViewsTest(ViewTestCases.PrimaryObjectViewTestCase):
    model = Credential
    user_permissions = ('netbox_netops.netops_bind_secret_credential',)

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
        self.grant('netops_bind_secret', Credential)
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

    def test_scope_of_a_credential_that_the_user_may_not_view(self):
        """Which devices it is for is part of what he may not view."""
        make_target('a', address='192.0.2.1', site=self.site_a)
        hidden = make_credential('hidden')
        self.remove_permissions('netbox_netops.view_credential')
        self.grant('view', Credential, name='shown')
        self.page(hidden.get_absolute_url(), 404)
        make_target('b', address='192.0.2.2', site=self.site_b)
        hidden.sites.add(self.site_a)
        # The same as for one that does not exist: the filter is not valid.
        for pk in (hidden.pk, 10**6):
            response = self.client.get(self.url(Target, 'list'), {'in_scope_of': pk})
            self.assertEqual(len(response.context['table'].data), 2)
        shown = make_credential('shown')
        shown.sites.add(self.site_a)
        response = self.client.get(self.url(Target, 'list'), {'in_scope_of': shown.pk})
        self.assertEqual(len(response.context['table'].data), 1)

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


class ProtocolsTest(UiCase):
    """Each protocol has the fields of the one table, in the form and in what is accepted."""

    VALUES = {
        'username': 'admin',
        'reference': 'NETOPS_SECRET_A',
        'passphrase_reference': 'NETOPS_SECRET_B',
        'privacy_reference': 'NETOPS_SECRET_C',
        'host': 'oxidized.example.net',
        'port': 8443,
        'algorithms': 'legacy',
        'auth_protocol': 'SHA',
        'privacy_protocol': 'AES',
        'context_name': 'ctx',
    }

    def setUp(self):
        super().setUp()
        for action in ('view', 'add', 'change', 'netops_bind_secret'):
            self.grant(action, Credential)
        self.add_url = self.url(Credential, 'add')

    def data(self, protocol, **values):
        return {'name': protocol, 'protocol': protocol, 'provider': 'environment', 'weight': 10, **values}

    def test_the_form_shows_the_fields_of_the_protocol(self):
        self.assertEqual(set(self.VALUES), set(FIELDS))
        for slug, protocol in PROTOCOLS.items():
            with self.subTest(slug):
                response = self.client.get(self.add_url, {'protocol': slug})
                self.assertHttpStatus(response, 200)
                shown = {name for name in FIELDS if f'name="{name}"' in response.content.decode()}
                self.assertEqual(shown, set(protocol.fields))

    def test_each_can_be_created_and_shown(self):
        for slug, protocol in PROTOCOLS.items():
            with self.subTest(slug):
                values = {name: self.VALUES[name] for name in protocol.fields}
                self.assertHttpStatus(self.client.post(self.add_url, self.data(slug, **values)), 302)
                credential = Credential.objects.get(name=slug)
                self.assertEqual({name: getattr(credential, name) for name in FIELDS if name in values}, values)
                del values['reference']
                self.assertEqual(credential.parameters, values)
                self.page(credential.get_absolute_url())

    def test_what_is_needed(self):
        for slug, protocol in PROTOCOLS.items():
            with self.subTest(slug):
                response = self.client.post(self.add_url, self.data(slug))
                self.assertHttpStatus(response, 200)
                self.assertEqual(set(response.context['form'].errors), set(protocol.needs))

    def test_what_it_does_not_have_is_refused(self):
        for slug, protocol in PROTOCOLS.items():
            with self.subTest(slug), self.assertRaises(ValidationError) as caught:
                Credential(**self.data(slug), **self.VALUES).full_clean()
            self.assertEqual(set(caught.exception.message_dict), set(FIELDS) - set(protocol.fields))

    def test_another_protocol_leaves_nothing_behind(self):
        credential = make_credential(protocol='ssh-key', username='admin', port=2222, passphrase_reference='X')
        url = self.url(Credential, 'edit', credential.pk)
        response = self.client.post(url, self.data('http-bearer', reference='NETOPS_SECRET_A', host='h.example'))
        self.assertHttpStatus(response, 302)
        credential.refresh_from_db()
        self.assertEqual(
            (credential.username, credential.port, credential.passphrase_reference, credential.algorithms),
            ('', None, '', ''),
        )

    def test_algorithms_of_ssh_are_the_usual_ones(self):
        values = {'username': 'admin', 'reference': 'NETOPS_SECRET_A'}
        self.assertHttpStatus(self.client.post(self.add_url, self.data('ssh-password', **values)), 302)
        self.assertEqual(Credential.objects.get().parameters, {'username': 'admin', 'algorithms': 'default'})

    def test_hosts(self):
        for host, valid in (
            ('oxidized', True), ('Oxidized.example.net', True), ('192.0.2.1', True), ('2001:db8::1', True),
            ('http://oxidized', False), ('oxidized/path', False), ('oxidized:8080', False), ('a b', False),
            ('-x', False), ('user@host', False), ('host\n', True), ('ho\nst', False), ('h\u00f6st', False),
        ):  # fmt: skip
            with self.subTest(host):
                response = self.client.post(
                    self.add_url, self.data('http-bearer', reference='NETOPS_SECRET_A', host=host)
                )
                self.assertEqual(response.status_code == 302, valid)
                # What is around it is cut off.
                self.assertEqual(list(Credential.objects.values_list('host', flat=True)), [host.strip()] * valid)
                Credential.objects.all().delete()

    def test_import_of_all_dimensions(self):
        self.grant('view', Device, Region, Location, TenantGroup, Tag)
        target = make_target()
        region = Region.objects.create(name='R', slug='r')
        location = Location.objects.create(name='L', slug='l', site=target.site)
        group = TenantGroup.objects.create(name='G', slug='g')
        tag = Tag.objects.create(name='Lab', slug='lab')
        lines = (
            'name,protocol,provider,username,reference,port,regions,locations,tenant_groups,device_tags,devices',
            f'x,ssh-password,environment,admin,NETOPS_SECRET_X,2222,r,l,g,lab,{target.name}',
        )
        data = {'data': '\n'.join(lines), 'import_method': 'direct', 'format': 'csv', 'csv_delimiter': ','}
        self.assertHttpStatus(self.client.post(self.url(Credential, 'bulk_import'), data), 302)
        credential = Credential.objects.get()
        self.assertEqual(credential.port, 2222)
        for name, obj in (
            ('regions', region),
            ('locations', location),
            ('tenant_groups', group),
            ('device_tags', tag),
            ('devices', target.device),
        ):
            self.assertEqual(list(getattr(credential, name).all()), [obj])

    def test_clone_keeps_scopes_and_login(self):
        region = Region.objects.create(name='R', slug='r')
        credential = make_credential(protocol='ssh-key', username='admin', port=2222)
        credential.regions.add(region)
        query = prepare_cloned_fields(credential)
        self.assertEqual(query['username'], 'admin')
        self.assertEqual(query['port'], '2222')
        self.assertEqual(query.getlist('regions'), [str(region.pk)])


class SNMPv3Test(UiCase):
    """A user of SNMP v3 has more to fill in, and only he."""

    USER = {
        'name': 'Monitoring',
        'protocol': 'snmp-v3',
        'provider': 'environment',
        'reference': 'NETOPS_SECRET_AUTH',
        'username': 'monitor',
        'auth_protocol': 'SHA-256',
        'privacy_protocol': 'AES',
        'privacy_reference': 'NETOPS_SECRET_PRIVACY',
        'context_name': 'vlan-7',
        'weight': 10,
    }
    COMMUNITY = {
        'name': 'Community',
        'protocol': 'snmp-v2c',
        'provider': 'environment',
        'reference': 'NETOPS_SECRET_SNMP',
        'weight': 10,
    }

    def setUp(self):
        super().setUp()
        self.grant('view', Credential)
        self.grant('add', Credential)
        self.grant('change', Credential)
        self.grant('netops_bind_secret', Credential)
        self.add_url = self.url(Credential, 'add')

    def form(self, url, **query):
        response = self.client.get(url, query)
        self.assertHttpStatus(response, 200)
        return response.context['form'], response.content.decode()

    def rerendered(self, **values):
        """What the page gets when somebody chooses another protocol in the form, with what was typed so far."""
        response = self.client.get(self.add_url, values, **HTMX)
        self.assertHttpStatus(response, 200)
        return response.content.decode()

    def save(self, url=None, **values):
        return self.client.post(url or self.add_url, values)

    def errors(self, **values):
        response = self.save(**values)
        self.assertHttpStatus(response, 200)
        return set(response.context['form'].errors)

    def test_fields_are_shown_for_the_protocol_that_has_them(self):
        for protocol, shown in (('', False), ('snmp-v1', False), ('snmp-v2c', False), ('snmp-v3', True)):
            form, page = self.form(self.add_url, **({'protocol': protocol} if protocol else {}))
            with self.subTest(protocol):
                for name in SNMP_V3_FIELDS:
                    self.assertEqual(name in form.fields, shown)
                    self.assertEqual(f'name="{name}"' in page, shown)
                # Nor an empty group of fields.
                self.assertEqual('SNMP v3</h2>' in page, shown)

    def test_the_form_asks_for_them_when_the_protocol_changes(self):
        page = self.form(self.add_url)[1]
        select = page[page.index('name="protocol"') :].split('>', 1)[0]
        self.assertIn('hx-get="."', select)
        typed = {'name': 'Typed so far', 'username': 'monitor', 'privacy_protocol': 'AES'}
        part = self.rerendered(protocol='snmp-v3', **typed)
        self.assertNotIn('<html', part)
        self.assertIn('name="username" value="monitor"', ' '.join(part.split()))
        self.assertIn('value="Typed so far"', part)
        self.assertIn('<option value="AES" selected', ' '.join(part.split()))
        self.assertNotIn('name="username"', self.rerendered(protocol='snmp-v2c', **typed))

    def test_create_and_edit(self):
        self.assertHttpStatus(self.save(**self.USER), 302)
        credential = Credential.objects.get()
        self.assertEqual(
            {name: getattr(credential, name) for name in SNMP_V3_FIELDS},
            {name: self.USER[name] for name in SNMP_V3_FIELDS},
        )
        page = self.page(credential.get_absolute_url())
        for text in ('monitor', 'SHA-256', 'AES', 'NETOPS_SECRET_PRIVACY', 'vlan-7'):
            self.assertIn(text, page)
        url = self.url(Credential, 'edit', credential.pk)
        form, _page = self.form(url)
        self.assertIn('username', form.fields)
        self.assertHttpStatus(self.save(url, **self.USER | {'username': 'other'}), 302)
        credential.refresh_from_db()
        self.assertEqual(credential.username, 'other')

    def test_another_protocol_leaves_nothing_of_the_user(self):
        """What only SNMP v3 has is not shown any more, so nobody could remove it by hand."""
        self.save(**self.USER)
        credential = Credential.objects.get()
        response = self.save(self.url(Credential, 'edit', credential.pk), **self.COMMUNITY)
        self.assertHttpStatus(response, 302)
        credential.refresh_from_db()
        self.assertEqual(credential.protocol, 'snmp-v2c')
        self.assertEqual({getattr(credential, name) for name in SNMP_V3_FIELDS}, {''})

    def test_errors_are_at_their_fields(self):
        for values, fields in (
            ({'username': ''}, {'username'}),
            ({'reference': ''}, {'reference'}),
            ({'privacy_reference': ''}, {'privacy_reference'}),
            ({'auth_protocol': ''}, {'auth_protocol'}),
            ({'auth_protocol': 'ROT13'}, {'auth_protocol'}),
            ({'privacy_protocol': 'ROT13'}, {'privacy_protocol'}),
            ({'privacy_reference': 'PATH'}, {'privacy_reference'}),
            ({'reference': 'PATH', 'username': ''}, {'username'}),
            ({'username': 'x' * 65}, {'username'}),
        ):
            with self.subTest(values):
                self.assertEqual(self.errors(**self.USER | values), fields)
        self.assertFalse(Credential.objects.exists())

    def test_levels_of_security(self):
        for number, values in enumerate((
            {},
            {'privacy_protocol': '', 'privacy_reference': ''},
            {'privacy_protocol': '', 'privacy_reference': '', 'auth_protocol': '', 'reference': ''},
        )):  # fmt: skip
            with self.subTest(values):
                self.assertHttpStatus(self.save(**self.USER | values | {'name': f'level {number}'}), 302)
        self.assertEqual(Credential.objects.count(), 3)

    def test_import(self):
        self.import_csv(
            'name,protocol,provider,reference,username,auth_protocol,privacy_protocol,privacy_reference,context_name',
            'a,snmp-v3,environment,NETOPS_SECRET_A,monitor,SHA,AES-256-C,NETOPS_SECRET_P,ctx',
            'b,snmp-v3,environment,,public,,,,',
            'c,snmp-v2c,environment,NETOPS_SECRET_C,,,,,',
        )
        rows = Credential.objects.order_by('name').values_list('name', 'username', 'auth_protocol', 'privacy_protocol')
        self.assertEqual(list(rows), [('a', 'monitor', 'SHA', 'AES-256-C'), ('b', 'public', '', ''), ('c', '', '', '')])

    def test_import_of_what_does_not_fit(self):
        response = self.import_csv(
            'name,protocol,provider,reference,username',
            'c,snmp-v2c,environment,NETOPS_SECRET_C,monitor',
            expected=200,
        )
        self.assertIn('A credential of this protocol does not have this', response.content.decode())
        self.assertFalse(Credential.objects.exists())

    def import_csv(self, *lines, expected=302):
        data = {'data': '\n'.join(lines), 'import_method': 'direct', 'format': 'csv', 'csv_delimiter': ','}
        response = self.client.post(self.url(Credential, 'bulk_import'), data)
        self.assertHttpStatus(response, expected)
        return response

    def test_clone_keeps_the_user(self):
        self.save(**self.USER)
        credential = Credential.objects.get()
        form, page = self.form(f'{self.add_url}?{prepare_cloned_fields(credential).urlencode()}')
        self.assertIn('username', form.fields)
        self.assertIn('value="monitor"', page)

    def test_columns(self):
        self.save(**self.USER)
        page = self.page(f'{self.url(Credential, "list")}?include_columns={",".join(SNMP_V3_FIELDS)}')
        for text in ('monitor', 'SHA-256', 'NETOPS_SECRET_PRIVACY', 'vlan-7'):
            self.assertIn(text, page)

    def test_filter_form(self):
        self.save(**self.USER)
        self.save(**self.COMMUNITY)
        form = forms.CredentialFilterForm()
        for query in ({'protocol': 'snmp-v3'}, {'username': 'monitor'}, {'auth_protocol': 'SHA-256'},
                      {'privacy_protocol': 'AES'}):  # fmt: skip
            with self.subTest(query):
                self.assertIn(next(iter(query)), form.fields)
                found = self.client.get(self.url(Credential, 'list'), query).context['table'].data
                self.assertEqual([row.name for row in found], ['Monitoring'])
