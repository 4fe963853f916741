"""Policies: NetBox's own tests of forms and lists, whose rights a policy has after an edit, and the page of one."""

import json
from datetime import timedelta

from core.models import ObjectChange
from dcim.models import Device, Site
from django.utils import timezone
from netbox.registry import registry
from users.models import User
from utilities.querydict import prepare_cloned_fields
from utilities.testing import ViewTestCases, create_tags
from virtualization.models import VirtualMachine

from netbox_netops import forms
from netbox_netops.models import Policy, Run, Target
from netbox_netops.policies import fire
from netbox_netops.ui.schedule import schedule_text
from tests.integration.factories import make_device, make_machine, make_site
from tests.integration.rules import make_policy

from .base import HTMX, UiCase

SITE_A = {'site': ['a']}


class PolicyViewsTest(ViewTestCases.PrimaryObjectViewTestCase):
    model = Policy

    def _get_base_url(self):
        return 'plugins:netbox_netops:policy_{}'

    @classmethod
    def setUpTestData(cls):
        make_site('A')
        user = User.objects.create(username='operator')
        for number in range(1, 4):
            make_policy(f'Policy {number}', device_filter=SITE_A, machine_filter=None, interval=5, run_as=user)
        cls.form_data = {
            'name': 'Policy X',
            'kind': 'device-scan',
            'enabled': True,
            'device_filter': json.dumps(SITE_A),
            'cron': '0 3 * * *',
            'options': json.dumps({'port': 1161}),
            'concurrency': 10,
            'rate': 60,
            'description': 'A policy',
            'comments': 'Some comments',
            'tags': [tag.pk for tag in create_tags('Alpha', 'Bravo')],
        }
        cls.csv_data = (
            'name,kind,enabled,device_filter,cron,interval',
            'Policy 4,device-scan,,"{""site"": [""a""]}",0 3 * * *,',
            'Policy 5,device-scan,false,?site=a,,10',
            'Policy 6,netbox-sync,true,,,60',
        )
        policies = list(Policy.objects.order_by('pk'))
        cls.csv_update_data = (
            'id,name,description',
            *(f'{policy.pk},Renamed {number},New {number}' for number, policy in enumerate(policies)),
        )
        cls.bulk_edit_data = {'enabled': False, 'interval': 7, 'rate': 5, 'description': 'New description'}


class RunAsCase(UiCase):
    """alice may edit policies and nothing else; bob may scan; root is a superuser."""

    def setUp(self):
        super().setUp()
        make_site('A')
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Policy)
        self.bob = User.objects.create(username='bob')
        self.root = User.objects.create(username='root', is_superuser=True)
        self.policy = make_policy('Scan', device_filter=SITE_A, machine_filter=None, cron='0 3 * * *', run_as=self.bob)

    def as_root(self):
        self.client.force_login(self.root)

    def values(self, **values):
        return {'name': 'Scan', 'kind': 'device-scan', 'device_filter': json.dumps(SITE_A), **values}

    def save(self, url, **values):
        response = self.client.post(url, self.values(**values))
        self.assertHttpStatus(response, 302)

    def run_as(self, **query):
        return Policy.objects.get(**query or {'pk': self.policy.pk}).run_as


class RunAsTest(RunAsCase):
    """Whoever saves a policy becomes its user: otherwise he could operate what another may."""

    def test_add(self):
        self.save(self.url(Policy, 'add'), name='New', run_as=self.bob.pk)
        self.assertEqual(self.run_as(name='New'), self.user)

    def test_edit(self):
        self.save(self.url(Policy, 'edit', self.policy.pk), run_as=self.bob.pk)
        self.assertEqual(self.run_as(), self.user)
        change = ObjectChange.objects.get(changed_object_id=self.policy.pk, action='update')
        self.assertEqual(
            (change.prechange_data['run_as'], change.postchange_data['run_as']), (self.bob.pk, self.user.pk)
        )

    def test_looking_at_the_form_changes_nothing_and_warns(self):
        page = self.page(self.url(Policy, 'edit', self.policy.pk))
        self.assertNotIn('name="run_as"', page)
        self.assertIn('with your permissions, not with those of bob', page)
        self.assertEqual(self.run_as(), self.bob)
        Policy.objects.update(run_as=self.user)
        self.assertNotIn('with your permissions', self.page(self.url(Policy, 'edit', self.policy.pk)))

    def test_bulk_edit(self):
        data = {'pk': [self.policy.pk], 'description': 'x', 'run_as': self.bob.pk, '_apply': ''}
        self.assertHttpStatus(self.client.post(self.url(Policy, 'bulk_edit'), data), 302)
        self.assertEqual((self.run_as(), Policy.objects.get().description), (self.user, 'x'))
        page = self.client.post(self.url(Policy, 'bulk_edit'), {'pk': [self.policy.pk]}).content.decode()
        self.assertNotIn('name="run_as"', page)

    def import_csv(self, *lines, expected=302):
        data = {'data': '\n'.join(lines), 'import_method': 'direct', 'format': 'csv', 'csv_delimiter': ','}
        response = self.client.post(self.url(Policy, 'bulk_import'), data)
        self.assertHttpStatus(response, expected)
        return response

    def test_import(self):
        self.import_csv('name,kind,device_filter', 'New,device-scan,?site=a')
        self.assertEqual(self.run_as(name='New'), self.user)
        self.import_csv('id,description', f'{self.policy.pk},x')
        self.assertEqual((self.run_as(), Policy.objects.get(name='Scan').description), (self.user, 'x'))
        self.assertNotIn('run_as', forms.PolicyImportForm().fields)
        # A column that there is not for him.
        self.import_csv('name,kind,device_filter,run_as', 'Other,device-scan,?site=a,bob', expected=200)
        self.assertFalse(Policy.objects.filter(name='Other').exists())

    def test_a_superuser_chooses(self):
        self.as_root()
        url = self.url(Policy, 'edit', self.policy.pk)
        self.assertIn('name="run_as"', self.page(url))
        self.save(url, run_as=self.user.pk)
        self.assertEqual(self.run_as(), self.user)
        self.save(self.url(Policy, 'add'), name='New', run_as=self.bob.pk)
        self.assertEqual(self.run_as(name='New'), self.bob)
        data = {'pk': [self.policy.pk], 'run_as': self.bob.pk, '_apply': ''}
        self.assertHttpStatus(self.client.post(self.url(Policy, 'bulk_edit'), data), 302)
        self.assertEqual(self.run_as(), self.bob)
        self.import_csv('name,kind,device_filter,run_as', 'Imported,device-scan,?site=a,bob')
        self.assertEqual(self.run_as(name='Imported'), self.bob)

    def test_a_superuser_who_chooses_nobody(self):
        """An existing policy keeps its user, a new one is his."""
        self.as_root()
        self.save(self.url(Policy, 'edit', self.policy.pk))
        self.save(self.url(Policy, 'add'), name='New')
        data = {'pk': [self.policy.pk], 'description': 'x', '_apply': ''}
        self.assertHttpStatus(self.client.post(self.url(Policy, 'bulk_edit'), data), 302)
        self.import_csv('id,comments', f'{self.policy.pk},x')
        self.import_csv('id,run_as', f'{self.policy.pk},')
        self.import_csv('name,kind,device_filter,run_as', 'Imported,device-scan,?site=a,')
        self.assertEqual(self.run_as(), self.bob)
        for name in ('New', 'Imported'):
            self.assertEqual(self.run_as(name=name), self.root)

    def test_nothing_is_gained(self):
        """alice makes the policy of bob hers, and with it scans nothing that she may not."""
        make_device('r1', site=Site.objects.get())
        self.grant('netops_run', Policy)
        self.save(self.url(Policy, 'edit', self.policy.pk), enabled='on')
        response = self.client.post(self.url(Policy, 'run', self.policy.pk), follow=True)
        self.assertIn('Permission denied', self.messages(response)[-1])
        self.assertFalse(Run.objects.exists())


class FormTest(RunAsCase):
    def errors(self, **values):
        response = self.client.post(self.url(Policy, 'add'), self.values(name='New', **values))
        self.assertHttpStatus(response, 200)
        return response.context['form'].errors

    def test_errors_are_at_their_fields(self):
        for values, field, text in (
            ({'device_filter': '{"sitee": ["a"]}'}, 'device_filter', 'Unknown filter: sitee (scope:invalid)'),
            ({'device_filter': '{"site": '}, 'device_filter', 'valid JSON'),
            ({'device_filter': '[1]'}, 'device_filter', 'scope:invalid'),
            ({'device_filter': '{"name": NaN}'}, 'device_filter', 'scope:invalid'),
            ({'device_filter': ''}, 'device_filter', 'Say which devices'),
            ({'device_filter': '?sitee=a'}, 'device_filter', 'sitee'),
            ({'device_filter': '?filter_id=1'}, 'device_filter', 'filter_id'),
            ({'machine_filter': '{"site": ["nowhere"]}'}, 'machine_filter', 'nowhere'),
            ({'options': '{"port": 0}'}, 'options', 'options:invalid'),
            ({'options': '[]'}, 'options', 'options:invalid'),
            ({'cron': '61 * * * *'}, 'cron', 'schedule:invalid'),
            ({'cron': 'daily'}, 'cron', 'five fields'),
            ({'cron': '0 3 * * *', 'interval': '5'}, 'interval', 'not both'),
            ({'interval': '0'}, 'interval', 'greater'),
            ({'concurrency': '0'}, 'concurrency', 'greater'),
            ({'kind': 'telepathy'}, 'kind', 'valid choice'),
        ):
            with self.subTest(values):
                found = self.errors(**values)
                self.assertEqual(list(found), [field])
                self.assertIn(text, str(found[field]))
        self.assertEqual(Policy.objects.count(), 1)

    def test_what_was_typed_is_shown_again(self):
        page = self.client.post(self.url(Policy, 'add'), self.values(name='', device_filter='?site=a')).content.decode()
        self.assertIn('?site=a', page)

    def test_the_address_of_a_list(self):
        for number, text in enumerate((
            'https://netbox.example/dcim/devices/?site=a&per_page=50&page=2&sort=name#top',
            '/dcim/devices/?site=a',
            '?site=a',
            'site=a',
        )):  # fmt: skip
            with self.subTest(text):
                self.save(self.url(Policy, 'add'), name=f'p{number}', device_filter=text)
                self.assertEqual(Policy.objects.get(name=f'p{number}').device_filter, SITE_A)

    def test_empty_options(self):
        self.save(self.url(Policy, 'add'), name='New', options='')
        self.assertEqual(Policy.objects.get(name='New').options, {})

    def test_a_kind_without_devices(self):
        url = self.url(Policy, 'add')
        self.assertIn('name="device_filter"', self.page(url))
        part = self.client.get(url, {'kind': 'netbox-sync', 'name': 'Typed so far'}, **HTMX).content.decode()
        self.assertNotIn('<html', part)
        self.assertIn('value="Typed so far"', part)
        for name in ('device_filter', 'machine_filter', 'options'):
            self.assertNotIn(f'name="{name}"', part)
        # Of a policy that was a scan until now nothing stays that could not be removed by hand.
        Policy.objects.update(options={'port': 1161})
        self.save(self.url(Policy, 'edit', self.policy.pk), kind='netbox-sync')
        policy = Policy.objects.get()
        self.assertEqual((policy.kind, policy.device_filter, policy.options), ('netbox-sync', None, {}))

    def test_the_schedule_that_is_saved_is_the_one_that_runs(self):
        url = self.url(Policy, 'edit', self.policy.pk)
        self.save(url, enabled='on', interval='30')
        self.assertAlmostEqual(
            Policy.objects.get().next_run, timezone.now() + timedelta(minutes=30), delta=timedelta(minutes=1)
        )
        self.save(url, interval='30')
        self.assertIsNone(Policy.objects.get().next_run)

    def test_bulk_edit_of_the_schedule(self):
        data = {'pk': [self.policy.pk], 'interval': 30, '_apply': ''}
        response = self.client.post(self.url(Policy, 'bulk_edit'), data)
        self.assertHttpStatus(response, 200)
        self.assertIn('not both', response.content.decode())
        data |= {'_nullify': ['cron']}
        self.assertHttpStatus(self.client.post(self.url(Policy, 'bulk_edit'), data), 302)
        policy = Policy.objects.get()
        self.assertEqual((policy.cron, policy.interval), ('', 30))
        self.assertLess(policy.next_run, timezone.now() + timedelta(minutes=31))

    def test_clone(self):
        page = self.page(f'{self.url(Policy, "add")}?{prepare_cloned_fields(self.policy).urlencode()}')
        self.assertIn('value="0 3 * * *"', page)
        self.assertIn('&quot;site&quot;', page)

    def test_global_search(self):
        fields = dict(registry['search']['netbox_netops.policy'].fields)
        self.assertIn('name', fields)


class PageTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a, cls.device_b = make_device('in-a', site=cls.site_a), make_device('in-b', site=cls.site_b)
        cls.machine = make_machine('vm', site=cls.site_a)
        cls.operator = User.objects.create(username='operator', is_superuser=True)
        cls.policy = make_policy(
            'Nightly',
            device_filter={'site': ['a', 'b']},
            machine_filter=SITE_A,
            cron='0 3 * * *',
            run_as=cls.operator,
        )

    def setUp(self):
        super().setUp()
        self.grant('view', Policy, Run, Device, VirtualMachine)

    def open(self, policy=None):
        response = self.client.get((policy or self.policy).get_absolute_url())
        self.assertHttpStatus(response, 200)
        return response, response.content.decode()

    def test_page(self):
        response, page = self.open()
        for text in ('Nightly', 'Device scan', 'operator', 'daily at 03:00', '0 3 * * *', '2 devices',
                     '1 virtual machine', '/dcim/devices/?site=a&amp;site=b', 'in-a', 'in-b', 'vm'):  # fmt: skip
            self.assertIn(text, page)
        self.assertEqual(len(response.context['upcoming']), 5)
        self.assertEqual(page.count(' 03:00'), 6)

    def test_only_what_the_viewer_may_view_is_named(self):
        self.remove_permissions('dcim.view_device')
        self.grant('view', Device, site=self.site_a.pk)
        _response, page = self.open()
        self.assertIn('2 devices', page)
        self.assertIn('in-a', page)
        self.assertNotIn('in-b', page)

    def test_why_it_would_start_nothing(self):
        User.objects.filter(pk=self.operator.pk).update(is_superuser=False)
        _response, page = self.open()
        self.assertIn('Permission denied', page)
        self.assertNotIn('2 devices', page)

    def test_sync(self):
        sync = make_policy(kind='netbox-sync', device_filter=None, machine_filter=None, enabled=False)
        _response, page = self.open(sync)
        self.assertIn('concerns no single devices', page)
        self.assertIn('only when somebody', page)

    def test_last_firing(self):
        run = fire(self.policy).run
        _response, page = self.open()
        self.assertIn(f'href="{run.get_absolute_url()}"', page)
        self.assertIn('Started', page)
        Policy.objects.update(last_outcome='policy:active')
        for page in (self.open()[1], self.page(self.url(Policy, 'list'))):
            self.assertIn('The previous run of the policy is still active', page)
            self.assertIn('policy:active', page)

    def test_runs_of_the_policy(self):
        run = fire(self.policy).run
        Run.objects.create(kind='device-scan', expires=run.expires)
        _response, page = self.open()
        self.assertIn(f'policy_id={self.policy.pk}', page)
        listed = self.client.get(self.url(Run, 'list'), {'policy_id': self.policy.pk}).context['table'].data
        self.assertEqual([row.pk for row in listed], [run.pk])
        listed = self.client.get(self.url(Run, 'list'), {'policy': 'Nightly'}).context['table'].data
        self.assertEqual(len(listed), 1)
        self.assertIn('Nightly', self.page(f'{self.url(Run, "list")}?include_columns=policy'))
        self.assertIn(self.policy.get_absolute_url(), self.page(run.get_absolute_url()))
        self.remove_permissions('netbox_netops.view_policy')
        self.assertNotIn('Nightly', self.page(run.get_absolute_url()))

    def test_list(self):
        make_policy('Hourly', interval=60)
        page = self.page(self.url(Policy, 'list'))
        for text in ('Nightly', 'daily at 03:00', 'every hour', 'Device scan'):
            self.assertIn(text, page)
        for query, expected in (
            ({'q': 'night'}, ['Nightly']),
            ({'run_as': 'operator'}, ['Nightly']),
            ({'run_as_id': self.operator.pk}, ['Nightly']),
            ({'scheduled': 'true'}, ['Hourly', 'Nightly']),
            ({'scheduled': 'false'}, []),
            ({'kind': 'netbox-sync'}, []),
            ({'interval': 60}, ['Hourly']),
            ({'enabled': 'false'}, []),
            ({'next_run__lte': '2020-01-01 00:00'}, []),
            ({'last_outcome': 'policy:active'}, []),
        ):
            with self.subTest(query):
                data = self.client.get(self.url(Policy, 'list'), query).context['table'].data
                self.assertEqual([policy.name for policy in data], expected)

    def test_queries_do_not_depend_on_what_it_concerns(self):
        self.count_queries(self.policy.get_absolute_url())
        few = self.count_queries(self.policy.get_absolute_url())[1]
        for number in range(30):
            make_device(None if number % 2 else f'more-{number}', site=self.site_a)
            make_machine(site=self.site_a)
        self.assertEqual(self.count_queries(self.policy.get_absolute_url())[1], few)

    def test_menu(self):
        self.assertIn(f'href="{self.url(Policy, "list")}"', self.page('/'))


class RunNowTest(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.device = make_device('r1', site=make_site('A'), address='192.0.2.1')
        cls.operator = User.objects.create(username='operator', is_superuser=True)
        cls.policy = make_policy('Nightly', device_filter=SITE_A, machine_filter=None, run_as=cls.operator)
        cls.other = make_policy('Other', device_filter=SITE_A, machine_filter=None, run_as=cls.operator)

    def run_now(self, policy=None, expected=302, **kwargs):
        response = self.client.post(self.url(Policy, 'run', (policy or self.policy).pk), **kwargs)
        self.assertHttpStatus(response, expected)
        return response

    def test_run_now(self):
        self.grant('view', Policy, Run)
        self.grant('netops_run', Policy)
        response = self.run_now(follow=True, expected=200)
        run = Run.objects.get()
        self.assertEqual((run.policy, run.requested_by, run.reason), (self.policy, self.operator, 'Run now (testuser)'))
        self.assertTrue(run.interactive)
        self.assertIn(f'Nightly was started: <a href="{run.get_absolute_url()}">', self.messages(response)[0])
        self.assertEqual(response.redirect_chain[-1][0], self.policy.get_absolute_url())
        response = self.run_now(follow=True, expected=200)
        self.assertIn('already under way', self.messages(response)[0])
        self.assertEqual(Run.objects.count(), 1)

    def test_neither_editing_nor_scanning_is_enough(self):
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Policy)
        self.grant('netops_scan', Device)
        self.grant('netops_sync', Target)
        self.run_now(expected=404)
        self.assertNotIn('netops-run-policy', self.page(self.policy.get_absolute_url()))
        self.assertFalse(Run.objects.exists())

    def test_constraints(self):
        self.grant('view', Policy)
        self.grant('netops_run', Policy, name='Nightly')
        self.run_now(self.other, expected=404)
        self.assertFalse(Run.objects.exists())
        self.assertIn('netops-run-policy', self.page(self.policy.get_absolute_url()))
        self.assertNotIn('netops-run-policy', self.page(self.other.get_absolute_url()))
        self.run_now()
        self.assertEqual(Run.objects.count(), 1)

    def test_without_the_right_to_view_it(self):
        self.grant('netops_run', Policy)
        self.assertEqual(self.run_now().url, '/')
        self.assertEqual(Run.objects.count(), 1)

    def test_a_disabled_policy(self):
        Policy.objects.update(enabled=False)
        self.grant('view', Policy)
        self.grant('netops_run', Policy)
        self.assertNotIn('netops-run-policy', self.page(self.policy.get_absolute_url()))
        response = self.run_now(follow=True, expected=200)
        self.assertIn('The policy is disabled', self.messages(response)[0])
        self.assertFalse(Run.objects.exists())

    def test_only_by_post(self):
        self.grant('netops_run', Policy)
        self.assertHttpStatus(self.client.get(self.url(Policy, 'run', self.policy.pk)), 405)
        self.assertFalse(Run.objects.exists())


class ConstraintsTest(UiCase):
    """Rights on some policies are none on the others: each view."""

    def setUp(self):
        super().setUp()
        make_site('A')
        values = {'device_filter': SITE_A, 'machine_filter': None, 'run_as': self.user}
        self.mine, self.foreign = make_policy('Mine', **values), make_policy('Foreign', **values)
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Policy, name='Mine')

    def test_list_and_page(self):
        page = self.page(self.url(Policy, 'list'))
        self.assertIn('Mine', page)
        self.assertNotIn('Foreign', page)
        self.page(self.mine.get_absolute_url())
        self.page(self.foreign.get_absolute_url(), 404)

    def test_edit_and_delete(self):
        for action in ('edit', 'delete'):
            self.page(self.url(Policy, action, self.mine.pk))
            self.page(self.url(Policy, action, self.foreign.pk), 404)
            data = {'name': 'x', 'confirm': True}
            self.assertHttpStatus(self.client.post(self.url(Policy, action, self.foreign.pk), data), 404)
        self.assertEqual(set(Policy.objects.values_list('name', flat=True)), {'Mine', 'Foreign'})

    def test_bulk(self):
        pks = [self.mine.pk, self.foreign.pk]
        self.client.post(self.url(Policy, 'bulk_edit'), {'pk': pks, 'description': 'x', '_apply': ''})
        self.assertEqual(Policy.objects.get(name='Foreign').description, '')
        self.client.post(self.url(Policy, 'bulk_delete'), {'pk': pks, 'confirm': True, '_confirm': ''})
        self.assertTrue(Policy.objects.filter(name='Foreign').exists())

    def test_what_may_not_be_made(self):
        """Neither by adding nor by renaming."""
        values = {'name': 'Foreign 2', 'kind': 'device-scan', 'device_filter': json.dumps(SITE_A)}
        for url in (self.url(Policy, 'add'), self.url(Policy, 'edit', self.mine.pk)):
            self.assertHttpStatus(self.client.post(url, values), 200)
        data = {
            'data': f'name,kind,device_filter\nForeign 2,device-scan,?site=a\nid,{self.foreign.pk}',
            'import_method': 'direct',
            'format': 'csv',
            'csv_delimiter': ',',
        }
        self.assertHttpStatus(self.client.post(self.url(Policy, 'bulk_import'), data), 200)
        self.assertEqual(set(Policy.objects.values_list('name', flat=True)), {'Mine', 'Foreign'})


class WordsTest(UiCase):
    def test_schedules(self):
        for cron, interval, expected in (
            ('', None, ''),
            ('', 1, 'every minute'),
            ('', 15, 'every 15 minutes'),
            ('', 60, 'every hour'),
            ('', 120, 'every 2 hours'),
            ('', 1440, 'every day'),
            ('', 90, 'every 90 minutes'),
            ('* * * * *', None, 'every minute'),
            ('*/15 * * * *', None, 'every 15 minutes'),
            ('5 * * * *', None, 'every hour, at minute 5'),
            ('0 */6 * * *', None, 'every 6 hours, at minute 0'),
            ('0 3 * * *', None, 'daily at 03:00'),
            (' 0  3 * * * ', None, 'daily at 03:00'),
            ('30 22 * * 1-5', None, 'Monday to Friday at 22:30'),
            ('30 22 * * 0', None, 'Sunday at 22:30'),
            ('30 22 * * 6,7', None, 'Saturday, Sunday at 22:30'),
            ('0 4 1 * *', None, 'on day 1 of the month at 04:00'),
            # What would take many words, or another meaning than it seems to have.
            ('*/7 * * * *', None, '*/7 * * * *'),
            ('0 */5 * * *', None, '0 */5 * * *'),
            ('0 3 1 * 1', None, '0 3 1 * 1'),
            ('0 3 1 1 *', None, '0 3 1 1 *'),
            ('0 3 * * mon', None, '0 3 * * mon'),
            ('0 1,3 * * *', None, '0 1,3 * * *'),
        ):
            with self.subTest(cron=cron, interval=interval):
                self.assertEqual(schedule_text(cron, interval), expected)
