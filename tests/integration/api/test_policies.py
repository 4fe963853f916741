"""Policies over REST and GraphQL: NetBox's own test cases, whose rights they have, run now, and the preview."""

from core.models import Job
from dcim.models import Device
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from users.models import Token, User
from utilities.testing import APIViewTestCases
from virtualization.models import VirtualMachine

from netbox_netops.models import Policy, Run
from tests.integration.api.base import make_run
from tests.integration.factories import make_device, make_machine, make_site
from tests.integration.rules import make_policy

from .base import ApiCase

SITE_A = {'site': ['a']}


class PolicyTest(APIViewTestCases.APIViewTestCase):
    model = Policy
    view_namespace = 'plugins-api:netbox_netops'
    graphql_base_name = 'netops_policy'
    brief_fields = ['description', 'display', 'enabled', 'id', 'kind', 'name', 'url']
    bulk_update_data = {'description': 'New description'}
    bulk_update_invalid_data = {'cron': '61 * * * *'}

    @classmethod
    def setUpTestData(cls):
        make_site('A')
        for number in range(3):
            make_policy(f'Policy {number}', device_filter=SITE_A, machine_filter=None, cron='0 4 * * *')
        cls.create_data = [
            {
                'name': f'New {number}',
                'kind': 'device-scan',
                'device_filter': SITE_A,
                'cron': '0 3 * * *',
                'options': {'port': 1161},
            }
            for number in range(3)
        ]


class PolicyCase(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a = make_device('a-1', site=cls.site_a, address='192.0.2.1')
        cls.device_b = make_device('b-1', site=cls.site_b, address='192.0.2.2')
        cls.machine = make_machine('vm-1', site=cls.site_a)
        cls.bob = User.objects.create(username='bob', is_superuser=True)
        cls.policy = make_policy('Nightly', device_filter=SITE_A, machine_filter=None, cron='0 3 * * *', run_as=cls.bob)

    def edit_rights(self):
        for action in ('view', 'add', 'change'):
            self.grant(action, Policy)

    def post(self, **values):
        values = {'name': 'New', 'kind': 'device-scan', 'device_filter': SITE_A} | values
        return self.client.post(self.url('policies'), values, format='json', **self.header)

    def patch(self, **values):
        return self.client.patch(self.url('policies', self.policy.pk), values, format='json', **self.header)

    def run_as(self, **query):
        return Policy.objects.get(**query or {'pk': self.policy.pk}).run_as


class RunAsTest(PolicyCase):
    """Whoever saves a policy becomes its user."""

    def test_create(self):
        self.edit_rights()
        response = self.post()
        self.assertHttpStatus(response, 201)
        self.assertEqual(response.data['run_as']['username'], self.user.username)
        self.assertEqual(self.run_as(name='New'), self.user)

    def test_change(self):
        self.edit_rights()
        self.assertHttpStatus(self.patch(description='x'), 200)
        self.assertEqual(self.run_as(), self.user)

    def test_replace(self):
        self.edit_rights()
        body = {'name': 'Nightly', 'kind': 'device-scan', 'device_filter': SITE_A}
        response = self.client.put(self.url('policies', self.policy.pk), body, format='json', **self.header)
        self.assertHttpStatus(response, 200)
        self.assertEqual(self.run_as(), self.user)

    def test_bulk(self):
        self.edit_rights()
        body = [{'id': self.policy.pk, 'description': 'x'}]
        self.assertHttpStatus(self.client.patch(self.url('policies'), body, format='json', **self.header), 200)
        self.assertEqual(self.run_as(), self.user)
        body = [{'name': f'n{number}', 'kind': 'device-scan', 'device_filter': SITE_A} for number in range(2)]
        self.assertHttpStatus(self.client.post(self.url('policies'), body, format='json', **self.header), 201)
        self.assertEqual(self.run_as(name='n1'), self.user)

    def test_another_user_is_refused_by_name(self):
        """Rather than taken for a wish that was fulfilled."""
        self.edit_rights()
        for value in (self.bob.pk, {'username': 'bob'}):
            for response in (self.post(run_as=value), self.patch(run_as=value)):
                self.assertHttpStatus(response, 400)
                self.assertEqual(list(response.data), ['run_as'])
        body = [{'id': self.policy.pk, 'run_as': self.bob.pk}]
        self.assertHttpStatus(self.client.patch(self.url('policies'), body, format='json', **self.header), 400)
        self.assertEqual(self.run_as(), self.bob)
        self.assertHttpStatus(self.patch(run_as=self.user.pk), 200)
        self.assertEqual(self.run_as(), self.user)

    def test_a_superuser_chooses(self):
        User.objects.filter(pk=self.user.pk).update(is_superuser=True)
        carol = User.objects.create(username='carol')
        self.assertHttpStatus(self.patch(description='x'), 200)
        self.assertEqual(self.run_as(), self.bob)
        self.assertHttpStatus(self.patch(run_as=carol.pk), 200)
        self.assertEqual(self.run_as(), carol)
        self.assertHttpStatus(self.post(), 201)
        self.assertEqual(self.run_as(name='New'), self.user)
        self.assertHttpStatus(self.post(name='Other', run_as=carol.pk), 201)
        self.assertEqual(self.run_as(name='Other'), carol)
        self.assertHttpStatus(self.patch(run_as=None), 400)


class RulesTest(PolicyCase):
    def test_defaults(self):
        self.edit_rights()
        response = self.post()
        self.assertHttpStatus(response, 201)
        data = response.json()
        self.assertEqual((data['enabled'], data['cron'], data['interval'], data['options']), (True, '', None, {}))
        self.assertEqual((data['next_run'], data['last_run'], data['last_fired'], data['error']), (None,) * 4)
        self.assertEqual((data['device_filter'], data['machine_filter']), (SITE_A, None))

    def test_what_firing_writes_is_not_for_others(self):
        self.edit_rights()
        due = self.policy.next_run
        run = make_run()
        values = {
            'next_run': '2030-01-01T00:00:00Z',
            'last_outcome': 'x',
            'last_run': run.pk,
            'last_fired': '2030-01-01',
        }
        self.assertHttpStatus(self.patch(**values), 200)
        self.policy.refresh_from_db()
        self.assertEqual((self.policy.next_run, self.policy.last_outcome, self.policy.last_run), (due, '', None))

    def test_a_new_schedule_is_answered_with_its_next_run(self):
        self.edit_rights()
        data = self.patch(cron='', interval=30).json()
        left = parse_datetime(data['next_run']) - timezone.now()
        self.assertLess(abs(left.total_seconds() - 1800), 60)

    def test_refusals_name_the_field(self):
        self.edit_rights()
        for values, field, text in (
            ({'device_filter': {'sitee': ['a']}}, 'device_filter', 'scope:invalid'),
            ({'device_filter': {}}, 'device_filter', 'scope:invalid'),
            ({'device_filter': None}, 'device_filter', 'which devices'),
            ({'device_filter': 'site=a'}, 'device_filter', 'dictionary'),
            ({'device_filter': {'name': ['\u0000']}}, 'device_filter', 'scope:invalid'),
            ({'machine_filter': {'site': ['nowhere']}}, 'machine_filter', 'nowhere'),
            ({'options': {'port': 0}}, 'options', 'options:invalid'),
            ({'options': []}, 'options', 'dictionary'),
            ({'options': None}, 'options', 'null'),
            ({'cron': '61 * * * *'}, 'cron', 'schedule:invalid'),
            ({'cron': '0 3 * * *', 'interval': 5}, 'interval', 'not both'),
            ({'interval': 0}, 'interval', 'greater'),
            ({'kind': 'telepathy'}, 'kind', 'telepathy'),
            ({'kind': 'netbox-sync'}, 'device_filter', 'no single devices'),
        ):
            with self.subTest(values):
                response = self.post(**values)
                self.assertHttpStatus(response, 400)
                self.assertEqual(list(response.data), [field])
                self.assertIn(text, str(response.data[field]))
        self.assertEqual(Policy.objects.count(), 1)

    def test_constraints(self):
        """Rights on some policies are none on the others."""
        for action in ('view', 'add', 'change', 'delete'):
            self.grant(action, Policy, name='Mine')
        self.get(self.url('policies', self.policy.pk), 404)
        self.assertEqual(self.ids('policies'), set())
        self.assertHttpStatus(self.patch(description='x'), 404)
        response = self.client.delete(self.url('policies', self.policy.pk), **self.header)
        self.assertHttpStatus(response, 404)
        self.assertHttpStatus(self.post(name='Foreign'), 403)
        self.assertHttpStatus(self.post(name='Mine'), 201)
        self.assertEqual(set(Policy.objects.values_list('name', flat=True)), {'Nightly', 'Mine'})

    def test_filters(self):
        self.edit_rights()
        for query, expected in (
            ({'q': 'night'}, True),
            ({'kind': 'device-scan'}, True),
            ({'kind': 'netbox-sync'}, False),
            ({'scheduled': 'true'}, True),
            ({'scheduled': 'false'}, False),
            ({'run_as': 'bob'}, True),
            ({'run_as_id': self.user.pk}, False),
            ({'enabled': 'false'}, False),
            ({'next_run__lte': '2020-01-01T00:00:00Z'}, False),
            ({'last_outcome': ['policy:active', 'scope:invalid']}, False),
        ):
            with self.subTest(query):
                self.assertEqual(self.ids('policies', **query), {self.policy.pk} if expected else set())

    def test_runs_of_a_policy(self):
        self.grant('view', Run)
        run = make_run(policy=self.policy)
        make_run()
        for query in ({'policy_id': self.policy.pk}, {'policy': 'Nightly'}):
            self.assertEqual(self.ids('runs', **query), {run.pk})
        data = self.get(self.url('runs', run.pk))
        self.assertEqual((data['policy']['id'], data['policy']['name']), (self.policy.pk, 'Nightly'))

    def test_graphql(self):
        self.grant('view', Policy, Run)
        make_run(policy=self.policy)
        query = '{ netops_policy_list(filters: {name: {exact: "Nightly"}}) { name kind cron runs { id } } }'
        (row,) = self.graphql(query)['data']['netops_policy_list']
        self.assertEqual((row['cron'], len(row['runs'])), ('0 3 * * *', 1))


class RunNowTest(PolicyCase):
    def run_now(self, expected=202, policy=None, **header):
        url = reverse('plugins-api:netbox_netops-api:policy-run', args=[(policy or self.policy).pk])
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(url, {}, format='json', **{**self.header, **header})
        self.assertHttpStatus(response, expected)
        return response

    def test_run_now(self):
        self.grant('netops_run', Policy)
        self.grant('view', Run)
        response = self.run_now()
        run = Run.objects.get()
        self.assertTrue(response.headers['Location'].endswith(self.url('runs', run.pk)))
        data = response.json()
        self.assertEqual((data['id'], data['total'], data['policy']['name']), (run.pk, 1, 'Nightly'))
        self.assertEqual((data['requested_by']['username'], data['reason']), ('bob', 'Run now (testuser)'))
        self.assertEqual((data['dispatch']['created'], data['dispatch']['queued']), (True, 1))
        self.assertEqual(Job.objects.count(), 1)
        again = self.run_now().json()
        self.assertEqual((again['id'], again['dispatch']['created']), (run.pk, False))
        self.policy.refresh_from_db()
        self.assertEqual((self.policy.last_run, self.policy.last_outcome), (run, ''))

    def test_the_run_is_that_of_another(self):
        """Who may run a policy need not know what is in it."""
        Policy.objects.update(options={'port': 1161})
        self.grant('netops_run', Policy)
        data = self.run_now().json()
        self.assertEqual(set(data), {'id', 'url', 'display', 'kind', 'status', 'is_active', 'dispatch'})

    def test_neither_editing_nor_scanning_is_enough(self):
        self.edit_rights()
        self.grant('netops_scan', Device)
        self.run_now(403)
        self.assertFalse(Run.objects.exists())

    def test_constraints(self):
        self.grant('netops_run', Policy, name='Other')
        self.run_now(404)
        self.assertFalse(Run.objects.exists())
        self.run_now(policy=make_policy('Other', device_filter=SITE_A, machine_filter=None))
        self.assertEqual(Run.objects.count(), 1)

    def test_a_token_that_may_not_write(self):
        self.grant('netops_run', Policy)
        Token.objects.filter(pk=self.token.pk).update(write_enabled=False)
        self.run_now(403)

    def test_anonymous(self):
        url = reverse('plugins-api:netbox_netops-api:policy-run', args=[self.policy.pk])
        self.assertHttpStatus(self.client.post(url, {}, format='json'), 403)

    def test_only_by_post(self):
        self.grant('netops_run', Policy)
        self.grant('view', Policy)
        url = reverse('plugins-api:netbox_netops-api:policy-run', args=[self.policy.pk])
        self.assertHttpStatus(self.client.get(url, **self.header), 405)

    def test_refusals(self):
        self.grant('netops_run', Policy)
        for change, expected, code in (
            ({'enabled': False}, 409, 'policy:disabled'),
            ({'enabled': True, 'device_filter': {'site': ['nowhere']}}, 400, 'scope:invalid'),
            ({'device_filter': {'name': ['nobody']}}, 400, 'selection:empty'),
        ):
            with self.subTest(code):
                Policy.objects.update(**change)
                data = self.run_now(expected).json()
                self.assertEqual(data.pop('code'), code)
                self.assertEqual(list(data), ['detail' if expected == 409 else '__all__'])
        Policy.objects.update(device_filter=SITE_A)
        User.objects.filter(pk=self.bob.pk).update(is_superuser=False)
        self.assertEqual(self.run_now(403).json()['code'], 'permission:denied')
        User.objects.filter(pk=self.bob.pk).update(is_active=False)
        self.assertEqual(self.run_now(409).json()['code'], 'policy:user')
        self.assertFalse(Run.objects.exists())


class PreviewTest(PolicyCase):
    def preview(self, expected=200):
        url = reverse('plugins-api:netbox_netops-api:policy-preview', args=[self.policy.pk])
        return self.get(url, expected)

    def test_preview(self):
        self.grant('view', Policy, Device, VirtualMachine)
        Policy.objects.update(machine_filter=SITE_A)
        data = self.preview()
        self.assertEqual((data['devices']['count'], data['virtual_machines']['count']), (1, 1))
        self.assertEqual([row['name'] for row in data['devices']['results']], ['a-1'])
        self.assertEqual([row['id'] for row in data['virtual_machines']['results']], [self.machine.pk])
        self.assertEqual((data['error'], len(data['next_times'])), (None, 5))

    def test_only_what_the_viewer_may_view(self):
        self.grant('view', Policy)
        self.grant('view', Device, site__slug='b')
        data = self.preview()
        self.assertEqual((data['devices'], data['virtual_machines']), ({'count': 1, 'results': []}, None))

    def test_why_it_would_start_nothing(self):
        self.grant('view', Policy)
        User.objects.filter(pk=self.bob.pk).update(is_superuser=False)
        data = self.preview()
        self.assertEqual((data['devices'], data['error']['code']), (None, 'permission:denied'))
        self.assertTrue(data['error']['title'] and data['error']['hint'] and data['error']['detail'])

    def test_the_right_to_view_the_policy(self):
        self.preview(403)
        self.grant('view', Policy, name='Other')
        self.preview(404)
