"""The OpenAPI schema: no warning about our paths, and what the documentation promises for starting a run."""

from django.urls import include, path
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from netbox_netops.api.urls import urlpatterns

from .base import ENDPOINTS, ApiCase

PREFIX = '/api/plugins/netops/'


class WarningTest(ApiCase):
    def test_no_warning_about_us(self):
        """In the schema of the whole NetBox, where names may collide."""
        GENERATOR_STATS.reset()
        with GENERATOR_STATS.silence():
            SchemaGenerator().get_schema(public=True)
        messages = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
        self.assertEqual([message for message in messages if 'netops' in message.lower()], [])


class SchemaTest(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        patterns = [path(PREFIX.removeprefix('/'), include((urlpatterns, 'netbox_netops-api')))]
        with GENERATOR_STATS.silence():
            cls.schema = SchemaGenerator(patterns=patterns).get_schema(public=True)

    def test_paths(self):
        paths = {name.removeprefix(PREFIX) for name in self.schema['paths']}
        names = tuple(ENDPOINTS)
        expected = {f'{name}/' for name in names} | {f'{name}/{{id}}/' for name in names}
        actions = {
            'differences/apply/',
            'credentials/{id}/resume/',
            'gateways/{id}/claim/',
            'gateways/{id}/control/',
            'gateways/{id}/hand-back/',
            'gateways/{id}/results/',
            'host-keys/{id}/approve/',
            'host-keys/{id}/reject/',
            'pauses/',
            'pauses/{kind}/',
            'policies/{id}/preview/',
            'policies/{id}/run/',
            'queue/',
            'run-targets/cancel/',
            'run-targets/retry/',
            'runs/{id}/cancel/',
            'runs/{id}/rerun/',
            'runs/{id}/retry/',
        }
        self.assertEqual(paths, expected | actions)

    def test_methods(self):
        for name, methods in (
            ('targets', {'get'}),
            ('runs', {'get', 'post', 'delete'}),
            ('credentials', {'get', 'post', 'put', 'patch', 'delete'}),
            ('differences', {'get'}),
            ('differences/{id}', {'get', 'patch'}),
            ('differences/apply', {'post'}),
            ('gateways', {'get', 'post', 'put', 'patch', 'delete'}),
            ('gateways/{id}/hand-back', {'post'}),
            ('credentials/{id}/resume', {'post'}),
            ('host-keys', {'get'}),
            ('host-keys/{id}/approve', {'post'}),
            ('pauses', {'get', 'post'}),
            ('policies', {'get', 'post', 'put', 'patch', 'delete'}),
            ('policies/{id}/preview', {'get'}),
            ('policies/{id}/run', {'post'}),
            ('pauses/{kind}', {'get', 'delete'}),
            ('queue', {'get'}),
        ):
            self.assertEqual(set(self.schema['paths'][f'{PREFIX}{name}/']), methods)

    def test_start(self):
        post = self.schema['paths'][f'{PREFIX}runs/']['post']
        self.assertEqual(set(post['responses']), {'202', '400', '403'})
        self.assertEqual(set(post['requestBody']['content']), {'application/json'})
        request = self.component(post['requestBody']['content']['application/json']['schema'])
        self.assertEqual(
            set(request['properties']), {'kind', 'devices', 'virtual_machines', 'filter', 'reason', 'options'}
        )
        self.assertEqual(request['required'], ['kind'])
        started = self.component(post['responses']['202']['content']['application/json']['schema'])
        self.assertLessEqual({'id', 'url', 'status', 'progress', 'dispatch'}, set(started['properties']))
        refused = self.component(post['responses']['400']['content']['application/json']['schema'])
        self.assertIn('code', refused['properties'])

    def test_steering(self):
        for name, statuses in (
            ('runs/{id}/cancel', {'202', '403', '409'}),
            ('runs/{id}/retry', {'202', '403', '409'}),
            ('runs/{id}/rerun', {'202', '400', '403', '409'}),
            ('run-targets/cancel', {'202', '400', '403', '409'}),
            ('run-targets/retry', {'202', '400', '403', '409'}),
        ):
            path = self.schema['paths'][f'{PREFIX}{name}/']
            self.assertEqual(set(path), {'post'})
            self.assertEqual(set(path['post']['responses']), statuses)
            self.assertEqual('requestBody' in path['post'], name.startswith('run-targets'))
            self.assertFalse([item for item in path['post'].get('parameters', ()) if item['in'] == 'query'])

    def test_policies(self):
        post = self.schema['paths'][f'{PREFIX}policies/{{id}}/run/']['post']
        self.assertEqual(set(post['responses']), {'202', '400', '403', '409'})
        self.assertNotIn('requestBody', post)
        preview = self.schema['paths'][f'{PREFIX}policies/{{id}}/preview/']['get']
        self.assertFalse([item for item in preview['parameters'] if item['in'] == 'query'])
        answer = self.component(preview['responses']['200']['content']['application/json']['schema'])
        self.assertEqual(set(answer['properties']), {'devices', 'virtual_machines', 'error', 'next_times'})

    def test_the_lease_token_is_not_in_the_schema(self):
        self.assertNotIn('lease_token', str(self.schema['components']['schemas']['RunTarget']))

    def component(self, reference):
        return self.schema['components']['schemas'][reference['$ref'].rpartition('/')[2]]
