"""Nobody sees or does anything here without the right to: every URL, anonymous, without rights, and with few."""

from dcim.models import Device
from django.urls import URLPattern, reverse
from netbox.registry import registry
from tenancy.models import Tenant
from virtualization.models import VirtualMachine

from netbox_netops.models import Credential, Difference, InterfaceState, Run, RunTarget, ScanResult, Target
from netbox_netops.urls import urlpatterns
from tests.integration.api.base import make_run
from tests.integration.factories import make_machine, make_site, make_target

from .base import MODELS, STATE_MODELS, UiCase, make_state

# Each has a test of its own of who may see it: the error codes, for one, everybody who is logged in.
PAGES_OF_NO_MODEL = ('error', 'health', 'metrics', 'queue')


def plugin_view_names():
    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield pattern
            else:
                yield from walk(pattern.url_patterns)

    return [
        (pattern.name, '<int:pk>' in str(resolver.pattern)) for resolver in urlpatterns for pattern in walk([resolver])
    ]


class AccessCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('router', address='192.0.2.1')
        cls.rows = make_state(cls.target)
        cls.machine = make_machine('vm', address='192.0.2.2')

    def urls(self):
        names = {model._meta.model_name: row for model, row in self.rows.items()}
        for name, detail in plugin_view_names():
            name_of_model = name.split('_')[0]
            if name_of_model in PAGES_OF_NO_MODEL:
                continue
            row = names[name_of_model]
            yield reverse(f'plugins:netbox_netops:{name}', kwargs={'pk': row.pk} if detail else None)
        tenant, _created = Tenant.objects.get_or_create(name='Tenant', slug='tenant')
        for obj in (self.target.device, self.machine, self.target.site, tenant):
            views = registry['views'][obj._meta.app_label][obj._meta.model_name]
            for view in views:
                if 'netops' in view['name']:
                    name = f'{obj._meta.app_label}:{obj._meta.model_name}_{view["name"]}'
                    yield reverse(name, args=[obj.pk] if view['detail'] else [])


class EveryUrlTest(AccessCase):
    def test_the_walk_finds_the_views(self):
        urls = list(self.urls())
        self.assertGreater(len(urls), 25)
        for model in MODELS:
            self.assertIn(self.url(model, 'list'), urls)
            self.assertIn(self.rows[model].get_absolute_url(), urls)
        self.assertIn(f'/dcim/devices/{self.target.device_id}/netops/scan/', urls)
        self.assertIn(f'/virtualization/virtual-machines/{self.machine.pk}/netops/', urls)
        self.assertIn('/dcim/devices/netops/scan/', urls)
        self.assertIn('/virtualization/virtual-machines/netops/scan/', urls)
        self.assertIn('/plugins/netops/targets/netops/scan/', urls)
        self.assertIn(f'/dcim/sites/{self.target.site_id}/netops/scan/', urls)
        self.assertIn('/plugins/netops/run-targets/cancel/', urls)

    def test_anonymous(self):
        self.client.logout()
        for url in self.urls():
            for method in (self.client.get, self.client.post):
                with self.subTest(url=url, method=method.__name__):
                    response = method(url)
                    self.assertIn(response.status_code, (302, 403))
                    if response.status_code == 302:
                        self.assertTrue(response.url.startswith('/login/'), response.url)

    def test_without_any_right(self):
        for url in self.urls():
            for method in (self.client.get, self.client.post):
                with self.subTest(url=url, method=method.__name__):
                    self.assertIn(method(url).status_code, (403, 404, 405))
        self.assertEqual(Run.objects.count(), 1)

    def test_no_view_takes_a_page_for_a_change(self):
        """What people write has forms; the state rows have none at all."""
        names = {name for name, _detail in plugin_view_names()}
        for model in (*STATE_MODELS, Run):
            for action in ('add', 'edit', 'bulk_edit', 'bulk_import'):
                self.assertNotIn(f'{model._meta.model_name}_{action}', names)
        for model in (Difference, InterfaceState, RunTarget, ScanResult):
            self.assertNotIn(f'{model._meta.model_name}_delete', names)
        self.assertIn('credential_edit', names)


class ConstraintsTest(UiCase):
    """A user whose device rights end at one site does not learn anything about the others."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.scan_run = make_run(total=2)
        cls.target_a = make_target('in-a', address='192.0.2.1', site=cls.site_a)
        cls.target_b = make_target('in-b', address='192.0.2.2', site=cls.site_b)
        cls.rows_a = make_state(cls.target_a, cls.scan_run)
        cls.rows_b = make_state(cls.target_b, cls.scan_run)
        cls.machine_b = make_machine('vm-b', address='192.0.2.3', site=cls.site_b)

    def setUp(self):
        super().setUp()
        self.grant('view', *MODELS)
        self.grant('view', Device, site=self.site_a.pk)
        self.grant('view', VirtualMachine, site=self.site_a.pk)

    def test_lists(self):
        for model in STATE_MODELS:
            with self.subTest(model=model.__name__):
                response = self.client.get(self.url(model, 'list'))
                self.assertHttpStatus(response, 200)
                self.assertEqual([row.pk for row in response.context['table'].data], [self.rows_a[model].pk])

    def test_exports(self):
        for model in STATE_MODELS:
            with self.subTest(model=model.__name__):
                body = self.client.get(self.url(model, 'list'), {'export': ''}).getvalue().decode()
                self.assertIn('in-a', body)
                self.assertNotIn('in-b', body)

    def test_details(self):
        for model in STATE_MODELS:
            with self.subTest(model=model.__name__):
                self.page(self.rows_a[model].get_absolute_url())
                self.page(self.rows_b[model].get_absolute_url(), 404)

    def test_run_page_shows_only_permitted_rows(self):
        page = self.page(self.scan_run.get_absolute_url())
        self.assertIn('in-a', page)
        self.assertNotIn('in-b', page)
        response = self.client.get(self.scan_run.get_absolute_url())
        self.assertEqual(response.context['state_total'], 1)
        self.assertNotIn('in-b', self.page(self.scan_run.get_absolute_url(), HTTP_HX_REQUEST='true'))

    def test_run_page_without_the_right_to_run_targets(self):
        self.remove_permissions('netbox_netops.view_runtarget')
        response = self.client.get(self.scan_run.get_absolute_url())
        self.assertHttpStatus(response, 200)
        self.assertNotIn('in-a', response.content.decode())

    def test_tabs(self):
        self.page(reverse('dcim:device_netops', args=[self.target_a.device_id]))
        for url in (
            reverse('dcim:device_netops', args=[self.target_b.device_id]),
            reverse('virtualization:virtualmachine_netops', args=[self.machine_b.pk]),
        ):
            self.page(url, 404)
            self.page(f'{url}?live=', 404, HTTP_HX_REQUEST='true')

    def test_the_tab_needs_nothing_but_the_device(self):
        for model in MODELS:
            self.remove_permissions(f'netbox_netops.view_{model._meta.model_name}')
        page = self.page(reverse('dcim:device_netops', args=[self.target_a.device_id]))
        self.assertIn('192.0.2.1', page)
        self.assertIn('eth1', page)
        # Pages the user may not open are not linked, and the name of a credential is not given away.
        self.assertNotIn(self.scan_run.get_absolute_url(), page)
        self.assertNotIn(Credential.objects.get().name, page)

    def test_menu(self):
        link = self.url(Target, 'list')
        self.assertIn(link, self.page(reverse('home')))
        self.remove_permissions('netbox_netops.view_target')
        self.assertNotIn(link, self.page(reverse('home')))
