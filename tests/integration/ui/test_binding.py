"""Nobody binds a secret without the right to: by form, bulk edit and import, each with its object constraints."""

from dcim.models import Device, DeviceRole, Location, Platform, Region, Site
from extras.models import Tag
from tenancy.models import Tenant, TenantGroup

from netbox_netops.models import Credential
from netbox_netops.models.credentials import SCOPE_FIELDS
from tests.integration.factories import make_credential, make_device, make_site

from .base import UiCase

DENIED = '(permission:denied)'


class BindingCase(UiCase):
    def setUp(self):
        super().setUp()
        self.grant('view', Credential, Device, Site, Region, Location, DeviceRole, Platform, Tenant, TenantGroup, Tag)
        self.grant('add', Credential)
        self.grant('change', Credential)

    def allow(self, **constraints):
        self.grant('netops_bind_secret', Credential, **constraints)

    def data(self, **values):
        return {
            'name': 'Core',
            'protocol': 'ssh-password',
            'provider': 'environment',
            'username': 'admin',
            'reference': 'NETOPS_SECRET_CORE',
            'algorithms': 'default',
            'weight': 10,
            **values,
        }

    def make(self, **values):
        return make_credential(**self.data(**values))

    def edit(self, credential, **values):
        response = self.client.post(self.url(Credential, 'edit', credential.pk), self.data(**values))
        return self.outcome(response)

    def outcome(self, response):
        """Whether it was taken; if not, for no other reason than the right that is missing."""
        if response.status_code == 302:
            return True
        self.assertHttpStatus(response, 200)
        errors = response.context['form'].errors
        self.assertEqual(list(errors), ['__all__'])
        self.assertIn(DENIED, str(errors))
        return False


class FormTest(BindingCase):
    def test_nobody_creates_one_without_the_right(self):
        response = self.client.post(self.url(Credential, 'add'), self.data())
        self.assertFalse(self.outcome(response))
        self.assertFalse(Credential.objects.exists())
        self.allow()
        self.assertTrue(self.outcome(self.client.post(self.url(Credential, 'add'), self.data())))
        self.assertTrue(Credential.objects.exists())

    def test_the_message_names_what_is_bound(self):
        credential = self.make()
        response = self.client.post(
            self.url(Credential, 'edit', credential.pk), self.data(reference='NETOPS_SECRET_OTHER')
        )
        message = str(response.context['form'].errors)
        self.assertIn('secret reference', message)
        self.assertNotIn('weight', message)

    def test_what_takes_the_right(self):
        credential = self.make(enabled=False)
        for values in (
            {'reference': 'NETOPS_SECRET_OTHER'},
            {'username': 'root'},
            {'port': 2222},
            {'algorithms': 'legacy'},
            {'protocol': 'ssh-key'},
            {'protocol': 'ssh-key', 'passphrase_reference': 'NETOPS_SECRET_P'},
            {'protocol': 'http-bearer', 'host': 'mine.example'},
            {'enabled': True},
        ):
            with self.subTest(values):
                self.assertFalse(self.edit(credential, **values))
                stored = Credential.objects.get()
                for name in ('protocol', 'reference', 'username', 'port', 'algorithms', 'host', 'enabled'):
                    self.assertEqual(getattr(stored, name), getattr(credential, name))

    def test_every_dimension_of_the_scope_takes_it(self):
        credential = self.make()
        site, device = make_site(), make_device()
        group = TenantGroup.objects.create(name='G', slug='g')
        objects = {
            'regions': Region.objects.create(name='R', slug='r'),
            'sites': site,
            'locations': Location.objects.create(name='L', slug='l', site=site),
            'roles': device.role,
            'platforms': Platform.objects.create(name='P', slug='p'),
            'tenant_groups': group,
            'tenants': Tenant.objects.create(name='T', slug='t'),
            'device_tags': Tag.objects.create(name='x', slug='x'),
            'devices': device,
        }
        self.assertEqual(set(objects), set(SCOPE_FIELDS))
        for name, obj in objects.items():
            with self.subTest(name):
                # To narrow it, and to widen it.
                self.assertFalse(self.edit(credential, enabled=True, **{name: [obj.pk]}))
                self.assertFalse(getattr(credential, name).exists())
                getattr(credential, name).add(obj)
                self.assertFalse(self.edit(credential, enabled=True))
                self.assertTrue(getattr(credential, name).exists())
                getattr(credential, name).clear()

    def test_what_does_not_take_it(self):
        tag = Tag.objects.create(name='mine', slug='mine')
        credential = self.make(enabled=True)
        credential.sites.add(site := make_site())
        changed = {'name': 'Other', 'weight': 5, 'description': 'd', 'comments': 'c', 'tags': [tag.pk]}
        self.assertTrue(self.edit(credential, enabled=True, sites=[site.pk], **changed))
        # To switch it off.
        self.assertTrue(self.edit(credential, sites=[site.pk], **changed))
        credential.refresh_from_db()
        self.assertEqual((credential.name, credential.enabled), ('Other', False))

    def test_constraints_hold_before_and_after(self):
        """Who may bind at one site can neither take a credential away from another nor give his own to all."""
        mine, theirs = make_site('mine'), make_site('theirs')
        self.allow(sites__slug='mine')
        credential = self.make(enabled=True)
        credential.sites.add(theirs)
        self.assertFalse(self.edit(credential, enabled=True, sites=[mine.pk]))
        self.assertEqual(list(credential.sites.all()), [theirs])
        credential.sites.set([mine])
        self.assertFalse(self.edit(credential, enabled=True, sites=[theirs.pk]))
        self.assertFalse(self.edit(credential, enabled=True, sites=[]))
        self.assertEqual(list(credential.sites.all()), [mine])
        self.assertTrue(self.edit(credential, enabled=True, sites=[mine.pk], reference='NETOPS_SECRET_MINE'))
        credential.delete()
        self.assertFalse(self.outcome(self.client.post(self.url(Credential, 'add'), self.data())))
        data = self.data(sites=[theirs.pk])
        self.assertFalse(self.outcome(self.client.post(self.url(Credential, 'add'), data)))
        self.assertFalse(Credential.objects.exists())
        data = self.data(sites=[mine.pk])
        self.assertTrue(self.outcome(self.client.post(self.url(Credential, 'add'), data)))

    def test_the_right_is_not_enough_to_change(self):
        self.remove_permissions('netbox_netops.change_credential')
        self.allow()
        credential = self.make()
        response = self.client.post(self.url(Credential, 'edit', credential.pk), self.data())
        self.assertHttpStatus(response, 403)


class BulkEditTest(BindingCase):
    def edit(self, *credentials, **values):
        data = {'pk': [credential.pk for credential in credentials], '_apply': True, **values}
        return self.outcome(self.client.post(self.url(Credential, 'bulk_edit'), data))

    def test_enabling(self):
        on, off = self.make(name='on'), self.make(name='off', enabled=False)
        self.assertFalse(self.edit(on, off, enabled=True))
        # What is on already stays so.
        self.assertTrue(self.edit(on, enabled=True))
        self.assertTrue(self.edit(on, off, enabled=False))
        self.assertTrue(self.edit(on, off, weight=5, description='x'))
        self.assertFalse(Credential.objects.filter(enabled=True).exists())
        self.allow(name='on')
        self.assertFalse(self.edit(on, off, enabled=True))
        self.assertTrue(self.edit(on, enabled=True))
        self.assertEqual(list(Credential.objects.filter(enabled=True).values_list('name', flat=True)), ['on'])


class ImportTest(BindingCase):
    def load(self, *lines):
        data = {'data': '\n'.join(lines), 'import_method': 'direct', 'format': 'csv', 'csv_delimiter': ','}
        return self.outcome(self.client.post(self.url(Credential, 'bulk_import'), data))

    NEW = ('name,protocol,provider,username,reference', 'a,ssh-password,environment,admin,NETOPS_SECRET_A')

    def test_new(self):
        self.assertFalse(self.load(*self.NEW))
        self.assertFalse(Credential.objects.exists())
        self.allow(name='b')
        self.assertFalse(self.load(*self.NEW))
        self.allow(name='a')
        self.assertTrue(self.load(*self.NEW))

    def test_existing(self):
        credential = self.make()
        self.assertTrue(self.load('id,name,weight', f'{credential.pk},Other,7'))
        for name, value in (('reference', 'NETOPS_SECRET_B'), ('username', 'root'), ('port', '22')):
            self.assertFalse(self.load(f'id,{name}', f'{credential.pk},{value}'))
        make_site('Mine')
        self.assertFalse(self.load('id,sites', f'{credential.pk},mine'))
        self.allow(sites__slug='mine')
        # As it was, it was not his.
        self.assertFalse(self.load('id,sites', f'{credential.pk},mine'))
        credential.refresh_from_db()
        self.assertEqual((credential.name, credential.reference), ('Other', 'NETOPS_SECRET_CORE'))
        self.assertFalse(credential.sites.exists())
        self.allow()
        self.assertTrue(self.load('id,sites', f'{credential.pk},mine'))


class LostScopeTest(BindingCase):
    """To delete what a secret was meant for must not give it to everybody."""

    def test_the_last_object_of_a_dimension(self):
        device = make_device()
        objects = {
            'regions': Region.objects.create(name='R', slug='r'),
            'sites': make_site(),
            'locations': Location.objects.create(name='L', slug='l', site=make_site()),
            'roles': DeviceRole.objects.create(name='X', slug='x'),
            'platforms': Platform.objects.create(name='P', slug='p'),
            'tenant_groups': TenantGroup.objects.create(name='G', slug='g'),
            'tenants': Tenant.objects.create(name='T', slug='t'),
            'device_tags': Tag.objects.create(name='x', slug='x'),
            'devices': device,
        }
        self.assertEqual(set(objects), set(SCOPE_FIELDS))
        for name, obj in objects.items():
            with self.subTest(name):
                credential = make_credential(name)
                getattr(credential, name).add(obj)
                obj.delete()
                credential.refresh_from_db()
                self.assertEqual((bool(credential.stopped), credential.stopped_code), (True, 'credential:scope-lost'))

    def test_several_at_once_and_all_that_is_below(self):
        parent = Region.objects.create(name='A', slug='a')
        child = Region.objects.create(name='B', slug='b', parent=parent)
        sites = [make_site(), make_site(), make_site()]
        both, one, tree, other = (make_credential(name) for name in ('both', 'one', 'tree', 'other'))
        both.sites.set(sites[:2])
        one.sites.set(sites[1:])
        tree.regions.add(child)
        Site.objects.filter(pk__in=[site.pk for site in sites[:2]]).delete()
        parent.delete()
        stopped = Credential.objects.filter(stopped__isnull=False).values_list('name', flat=True)
        self.assertEqual(sorted(stopped), ['both', 'tree'])
        self.assertIsNone(other.stopped)
