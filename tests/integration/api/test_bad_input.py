"""POST runs/ with input that must start nothing: each is a field error with a stable code."""

import json

from dcim.filtersets import DeviceFilterSet
from dcim.models import Device
from rest_framework.serializers import ValidationError
from virtualization.models import VirtualMachine

from netbox_netops.api.selection import select_devices
from netbox_netops.models import Run, Target

from .base import StartCase


class BadInputTest(StartCase):
    def setUp(self):
        super().setUp()
        self.grant('netops_scan', Device, VirtualMachine)
        self.grant('netops_sync', Target)

    def test_kind(self):
        devices = {'devices': [self.device_a.pk]}
        for body in (devices, *({'kind': kind, **devices} for kind in ('', 'device-scam', None, 7, [], {}, True))):
            with self.subTest(body):
                self.refuse(body, 'kind:unknown', 'kind')

    def test_nothing_selected(self):
        for selection in ({}, {'devices': []}, {'virtual_machines': []}, {'filter': {}}):
            with self.subTest(selection):
                fields = list(selection) or ['devices']
                self.refuse({'kind': 'device-scan', **selection}, 'selection:empty', *fields)
        self.refuse(
            {'kind': 'device-scan', 'devices': [], 'virtual_machines': []},
            'selection:empty',
            'devices',
            'virtual_machines',
        )

    def test_a_filter_that_matches_nothing(self):
        self.refuse({'kind': 'device-scan', 'filter': {'name': ['nobody']}}, 'selection:empty', 'filter')

    def test_a_filter_that_would_select_the_fleet(self):
        """What NetBox's filterset ignores: unknown parameters, empty values, booleans it cannot read."""
        for parameters, named in (
            ({'sitee': ['a']}, 'sitee'),
            ({'site': ['a'], 'rolle': 'core'}, 'rolle'),
            ({'site': []}, 'site'),
            ({'site': ''}, 'site'),
            ({'site': ['a', '']}, 'site'),
            ({'site': None}, 'site'),
            ({'site': [None]}, 'site'),
            ({'site': {'slug': 'a'}}, 'site'),
            ({'q': '  '}, 'q'),
            ({'name': [' ']}, 'name'),
            ({'has_primary_ip': 'maybe'}, 'has_primary_ip'),
            ({'q': ['a', 'b']}, 'q'),
            ({'limit': 1}, 'limit'),
            ({'filter': ['saved-filter']}, 'filter'),
            ({'filter_id': [1]}, 'filter_id'),
        ):
            with self.subTest(parameters):
                data = self.refuse({'kind': 'device-scan', 'filter': parameters}, 'selection:invalid', 'filter')
                self.assertIn(named, str(data['filter']))

    def test_a_filter_with_an_invalid_value(self):
        for parameters in (
            {'site': ['nowhere']},
            {'site_id': [4711]},
            {'site_id': ['x']},
            {'site_id': [10**30]},
            {'status': ['broken']},
            {'created': ['yesterday']},
            {'id': ['x']},
            {'mac_address': ['zz']},
        ):
            with self.subTest(parameters):
                data = self.refuse({'kind': 'device-scan', 'filter': parameters}, 'selection:invalid', 'filter')
                self.assertIn(next(iter(parameters)), str(data['filter']))

    def test_every_filter_narrows_or_refuses(self):
        """No parameter of the device list, with a value that fits nothing, may select all devices."""
        for name in DeviceFilterSet(queryset=Device.objects.all()).filters:
            # "Not this one" and "smaller than" rightly match.
            if '__' in name:
                continue
            with self.subTest(name):
                try:
                    selected = select_devices({name: 'no such value'}, request=None)
                except ValidationError:
                    continue
                self.assertFalse(selected.exists())

    def test_filter_and_devices(self):
        body = {'kind': 'device-scan', 'devices': [self.device_a.pk], 'filter': {'site': ['a']}}
        self.refuse(body, 'selection:invalid', 'filter')

    def test_devices_that_are_no_list_of_ids(self):
        for field in ('devices', 'virtual_machines'):
            for value in (
                None,
                1,
                '1',
                'a-1',
                {'id': 1},
                ['1'],
                [None],
                [True],
                [1.0],
                [[1]],
                [0],
                [-1],
                [2**63],
                [10**30],
            ):
                with self.subTest(field, value=value):
                    self.refuse({'kind': 'device-scan', field: value}, 'selection:invalid', field)

    def test_unknown_devices(self):
        data = self.refuse({'kind': 'device-scan', 'devices': [self.device_a.pk, 999_999]}, 'target:unknown', 'devices')
        self.assertIn('999999', data['devices'][0])
        self.assertNotIn(str(self.device_a.pk), data['devices'][0].replace('999999', ''))
        self.refuse({'kind': 'device-scan', 'virtual_machines': [2**63 - 1]}, 'target:unknown', 'virtual_machines')

    def test_unknown_fields(self):
        devices = {'devices': [self.device_a.pk]}
        for field in ('device', 'Devices', 'devices ', 'status', 'requested_by', '', 'id'):
            with self.subTest(field):
                self.refuse({'kind': 'device-scan', **devices, field: 1}, 'selection:invalid', field)
        self.refuse({'kind': 'device-scan', **devices, 'code': 'x'}, 'selection:invalid', '__all__')

    def test_all_mistakes_at_once(self):
        self.refuse(
            {'kind': 'nope', 'devices': 'x', 'foo': 1, 'reason': 'x' * 201},
            'selection:invalid',
            'kind',
            'devices',
            'foo',
            'reason',
        )

    def test_reason(self):
        devices = {'kind': 'device-scan', 'devices': [self.device_a.pk]}
        for reason in ('x' * 201, None, {}, []):
            with self.subTest(reason):
                self.refuse({**devices, 'reason': reason}, 'selection:invalid', 'reason')

    def test_options(self):
        devices = {'kind': 'device-scan', 'devices': [self.device_a.pk]}
        for options in (None, [], 'x', 1, {'nope': 1}, {'port': 0}, {'port': True}, {'port': '161'}):
            with self.subTest(options):
                self.refuse({**devices, 'options': options}, 'options:invalid', 'options')

    def test_texts_that_cannot_be_stored(self):
        devices = {'kind': 'device-scan', 'devices': [self.device_a.pk]}
        for text in ('\0', 'a\0b', '\ud800'):
            for field, value in (
                ('reason', text),
                ('options', {'a': text}),
                ('options', {text: 1}),
                ('filter', {'name': [text]}),
                ('filter', {text: ['a']}),
            ):
                with self.subTest(field, value=value):
                    body = {**devices, field: value}
                    if field == 'filter':
                        del body['devices']
                    self.refuse_raw(body, field)
            self.refuse_raw({**devices, text: 1}, '__all__')

    def refuse_raw(self, body, field):
        # json.dumps escapes what the test client's encoder could not send.
        response = self.client.post(self.url('runs'), json.dumps(body), content_type='application/json', **self.header)
        self.assertHttpStatus(response, 400)
        self.assertEqual(set(response.json()), {field, 'code'})
        self.assertFalse(Run.objects.exists())

    def test_sync_takes_no_selection(self):
        for field, value in (
            ('devices', [self.device_a.pk]),
            ('devices', []),
            ('virtual_machines', [self.machine.pk]),
            ('filter', {'site': ['a']}),
        ):
            with self.subTest(field, value=value):
                self.refuse({'kind': 'netbox-sync', field: value}, 'selection:invalid', field)

    def test_bodies_that_are_no_object(self):
        for body in ([], [{'kind': 'netbox-sync'}], 'x', 1, None):
            with self.subTest(body):
                response = self.client.post(
                    self.url('runs'), json.dumps(body), content_type='application/json', **self.header
                )
                self.assertHttpStatus(response, 400)
                self.assertEqual(response.json()['code'], 'selection:invalid')
        response = self.client.post(self.url('runs'), '{', content_type='application/json', **self.header)
        self.assertHttpStatus(response, 400)
        response = self.client.post(self.url('runs'), {'kind': 'netbox-sync'}, **self.header)
        self.assertHttpStatus(response, 415)
        self.assertFalse(Run.objects.exists())
