"""PLUGINS_CONFIG is checked when NetBox starts: a mistake is named, with what is allowed."""

import importlib.util
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from netbox_netops.settings import Settings, get_settings, parse_settings

ROOT = Path(__file__).parents[3]


class SettingsTest(SimpleTestCase):
    def test_mistakes_are_named(self):
        cases = (
            ({'secret_directory': '/x'}, 'secret_directory is not a setting; known are'),
            ({'run_expiry': '1h'}, "run_expiry must be a whole number from 1 to 604800, not '1h'"),
            ({'run_expiry': True}, 'run_expiry must be a whole number'),
            ({'lease_seconds': 1}, 'lease_seconds must be a whole number from 10 to 3600, not 1'),
            ({'concurrency': 0}, 'concurrency must be a whole number from 1 to 10000, not 0'),
            ({'drainers': 65}, 'drainers must be'),
            ({'queues': ['low']}, 'queues must map a kind of run to a value'),
            ({'queues': {'scan': 'low'}}, "queues names the unknown kind 'scan'; known are netbox-sync, device-scan"),
            ({'queues': {'device-scan': 'fast'}}, "queues[device-scan] names the unknown queue 'fast'; known are"),
            ({'default_queue': None}, 'default_queue names the unknown queue None'),
            ({'secrets_directory': 'secrets'}, "secrets_directory must be an absolute path or None, not 'secrets'"),
            (
                {'drift_ignored_interfaces': 'lo'},
                "drift_ignored_interfaces must be a list of regular expressions, not 'lo'",
            ),
            (
                {'drift_ignored_interfaces': ['^lo$', '(?i)null']},
                "drift_ignored_interfaces has the pattern '(?i)null', which cannot be used from position 0 on",
            ),
            ({'os_version_custom_field': 'my field'}, 'os_version_custom_field must be the name of a custom field'),
            ({'os_version_custom_field': 5}, 'os_version_custom_field must be the name of a custom field or None'),
            ({'secrets_directory': 5}, 'secrets_directory must be an absolute path'),
            ({'vault': {'url': 'http://vault.example.net'}}, 'vault url must begin with https://'),
            ({'vault': 'https://vault.example.net'}, 'vault must be a mapping with url, prefixes'),
            ({'netbox_secrets': 'netops'}, 'netbox_secrets must be a mapping with user, private_key_file'),
            ({'netbox_secrets': {'user': 'a', 'key': 'b'}}, 'netbox_secrets has the unknown key key; known are user'),
            ({'netbox_secrets': {'private_key_file': '/k'}}, 'netbox_secrets user must be the name of a user'),
            ({'netbox_secrets': {'user': 'a'}}, 'netbox_secrets must have either private_key_file or session_key_file'),
            (
                {'netbox_secrets': {'user': 'a', 'private_key_file': '/k', 'session_key_file': '/s'}},
                'netbox_secrets must have either private_key_file or session_key_file',
            ),
            (
                {'netbox_secrets': {'user': 'a', 'private_key_file': 'k.pem'}},
                'netbox_secrets private_key_file and session_key_file must be absolute paths',
            ),
            (
                {'netbox_secrets': {'user': 'a', 'private_key_file': 5}},
                'netbox_secrets private_key_file and session_key_file must be absolute paths',
            ),
            *(
                (
                    {'netbox_secrets': {'user': 'a', 'private_key_file': '/k', 'lookup': lookup}},
                    'netbox_secrets lookup must be a list of some of device, role, platform, site, tenant',
                )
                for lookup in ([], 'device', ['device', 'device'], ['rack'])
            ),
            (
                {'netbox_secrets': {'user': 'a', 'private_key_file': '/k', 'check_requester': 1}},
                'netbox_secrets check_requester must be True or False',
            ),
            ({'secret_fallback': 'file'}, 'secret_fallback must be a list of some of environment, file, vault'),
            ({'secret_fallback': ['safe']}, "secret_fallback names the unknown provider 'safe'; known are environment"),
            ({'secret_fallback': ['vault']}, "secret_fallback names the provider 'vault', which is not configured"),
            ({'secret_fallback': ['file']}, "secret_fallback names the provider 'file', which is not configured"),
            ({'secret_fallback': ['environment', 'environment']}, 'secret_fallback names a provider twice'),
            ({'secret_cache_seconds': 301}, 'secret_cache_seconds must be a whole number from 0 to 300, not 301'),
            ({'gateway_redis': ['redis://h']}, 'gateway_redis must map the slug of a gateway'),
            ({'gateway_redis': {'a b': 'redis://h'}}, "gateway_redis names 'a b', which is not the slug"),
            ({'gateway_redis': {5: 'redis://h'}}, 'gateway_redis names 5, which is not the slug'),
            ({'gateway_redis': {'gru': None}}, 'gateway_redis[gru] must be a URL that begins with redis://'),
            ({'gateway_redis': {'gru': 'http://h'}}, 'gateway_redis[gru] must be a URL that begins with redis://'),
            ({'gateway_redis': {'gru': 'redis://h:99999'}}, 'gateway_redis[gru] must be a URL'),
            ({'metrics_token': 'too short'}, 'metrics_token must be None, or 16 to 200 letters'),
            ({'metrics_token': 'with a space inside of it'}, 'metrics_token must be None'),
            ({'metrics_token': b'0123456789abcdef'}, 'metrics_token must be None'),
            ({'health_tick_seconds': 4}, 'health_tick_seconds must be a whole number from 5 to 86400, not 4'),
            ({'operated_statuses': 'active'}, 'operated_statuses must be a non-empty list of strings'),
            ({'operated_statuses': []}, 'operated_statuses must be a non-empty list of strings'),
            (
                {'operated_statuses': ['Active']},
                "operated_statuses names the unknown status 'Active'; known are",
            ),
        )
        for values, message in cases:
            with self.subTest(values=values), self.assertRaises(ImproperlyConfigured) as caught:
                parse_settings(values)
            self.assertIn(f"PLUGINS_CONFIG['netbox_netops']: {message}", str(caught.exception))

    def test_defaults_and_queues(self):
        settings = parse_settings({'queues': {'device-scan': 'high'}})
        self.assertEqual(settings.queue_for('device-scan'), 'high')
        self.assertEqual(settings.queue_for('netbox-sync'), 'low')
        self.assertGreater(settings.job_timeout, settings.drain_seconds + settings.lease_seconds)

    def test_urls_with_passwords_are_never_shown(self):
        settings = parse_settings({'gateway_redis': {'gru': 'redis://:canary-pw@h/0'}})
        self.assertEqual(settings.gateway_redis['gru'].reveal(), 'redis://:canary-pw@h/0')
        with self.assertRaises(ImproperlyConfigured) as caught:
            parse_settings({'gateway_redis': {'gru': 'redis:/:canary-pw@h/0'}})
        for text in (repr(settings), str(settings), str(caught.exception)):
            self.assertNotIn('canary-pw', text)

    def test_the_token_of_metrics_is_never_shown(self):
        settings = parse_settings({'metrics_token': 'canary-tk-0123456789'})
        self.assertEqual(settings.metrics_token.reveal(), 'canary-tk-0123456789')
        with self.assertRaises(ImproperlyConfigured) as caught:
            parse_settings({'metrics_token': 'canary-tk'})
        for text in (repr(settings), str(settings), str(caught.exception)):
            self.assertNotIn('canary-tk', text)

    def test_frozen_and_replaced_as_a_whole(self):
        with self.assertRaises(AttributeError):
            get_settings().concurrency = 1
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'concurrency': 7}}):
            self.assertEqual(get_settings().concurrency, 7)
        self.assertEqual(get_settings().concurrency, Settings().concurrency)

    def test_configuration_example_names_every_setting_with_its_default(self):
        spec = importlib.util.spec_from_file_location('example', ROOT / 'configuration_example.py')
        example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(example)
        self.assertEqual(example.PLUGINS, ['netbox_netops'])
        self.assertEqual(parse_settings(example.PLUGINS_CONFIG['netbox_netops']), Settings())
        self.assertEqual(set(example.PLUGINS_CONFIG['netbox_netops']), set(Settings.__slots__))
