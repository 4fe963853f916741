"""Filters of NetBox's lists as the scope of a policy: none of them may concern more than it says."""

import math

from dcim.filtersets import DeviceFilterSet
from dcim.models import Device
from django.test import TestCase
from virtualization.filtersets import VirtualMachineFilterSet

from netbox_netops.scope import ScopeError, devices_in, list_url, machines_in
from tests.integration.factories import make_device, make_machine, make_site


class ScopeTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.device_a, cls.device_b = make_device('a', site=cls.site_a), make_device('b', site=cls.site_b)
        cls.machine = make_machine('vm', site=cls.site_a)

    def refused(self, filters, *named, select=devices_in):
        with self.assertRaises(ScopeError) as caught:
            select(filters)
        self.assertEqual(caught.exception.code, 'scope:invalid')
        for name in named:
            self.assertIn(name, caught.exception.detail)

    def test_filters(self):
        for filters, expected in (
            ({'site': ['a']}, {'a'}),
            ({'site': 'a'}, {'a'}),
            ({'site_id': [self.site_a.pk, self.site_b.pk]}, {'a', 'b'}),
            ({'site': ['a'], 'name': ['b']}, set()),
            ({'has_primary_ip': False}, {'a', 'b'}),
            ({'q': 'b'}, {'b'}),
            ({'name__n': ['a']}, {'b'}),
        ):
            with self.subTest(filters):
                self.assertEqual({device.name for device in devices_in(filters)}, expected)
        self.assertEqual([machine.name for machine in machines_in({'site': ['a']})], ['vm'])

    def test_what_would_concern_the_fleet(self):
        for filters, named in (
            (None, 'object'),
            ([], 'object'),
            ('site=a', 'object'),
            ({}, 'at least one'),
            ({'sitee': ['a']}, 'sitee'),
            ({'cf_nothing': ['a']}, 'cf_nothing'),
            ({'site': []}, 'site'),
            ({'site': ''}, 'site'),
            ({'site': ['a', ' ']}, 'site'),
            ({'site': [None]}, 'site'),
            ({'site': {'slug': 'a'}}, 'site'),
            ({'name': [math.nan]}, 'name'),
            ({'name': [math.inf]}, 'name'),
            ({'name': ['a\0']}, 'name'),
            ({'name': ['\ud800']}, 'name'),
            ({'has_primary_ip': 'maybe'}, 'has_primary_ip'),
            ({'q': ['a', 'b']}, 'q'),
            ({'site': ['nowhere']}, 'site'),
            ({'site_id': ['x']}, 'site_id'),
            ({'per_page': 10}, 'per_page'),
        ):
            with self.subTest(filters):
                self.refused(filters, named)
        self.refused({'role': ['nothing']}, 'role', select=machines_in)

    def test_all_mistakes_are_named(self):
        self.refused({'sitee': ['a'], 'site': []}, 'sitee', 'site: an empty list')

    def test_no_filter_selects_everything(self):
        for filterset, select in ((DeviceFilterSet, devices_in), (VirtualMachineFilterSet, machines_in)):
            for name in filterset().filters:
                # "Not this one" and "smaller than" rightly match.
                if '__' in name:
                    continue
                with self.subTest(filterset=filterset.__name__, name=name):
                    try:
                        selected = select({name: 'no such value'})
                    except ScopeError:
                        continue
                    self.assertFalse(selected.exists())

    def test_url_of_the_list(self):
        url = list_url(Device, {'site': ['a', 'b'], 'has_primary_ip': True})
        self.assertEqual(url, '/dcim/devices/?site=a&site=b&has_primary_ip=true')
