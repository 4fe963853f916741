"""Differences over REST: reading them, muting them, and applying them by the rights of the caller."""

from core.models import ObjectChange
from dcim.models import Device, Interface
from django.urls import reverse
from users.constants import TOKEN_PREFIX
from users.models import Token

from netbox_netops.models import Difference
from tests.integration.drift import add_interface, found_interface, scan
from tests.integration.factories import make_site, make_target

from .base import ApiCase


class DifferenceCase(ApiCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('in-a', address=None, site=make_site('A'))
        cls.other = make_target('in-b', address=None, site=make_site('B'))
        for target in (cls.target, cls.other):
            add_interface(target.device, 'Gi0/1', mtu=1500)
            scan(target, system={'serial': 'S1'}, interfaces=[found_interface(1, 'Gi0/1', mtu=9000)])

    def setUp(self):
        super().setUp()
        self.grant('view', Difference)
        self.grant('view', Device, site__slug='a')

    def row(self, kind, target=None):
        return Difference.objects.get(kind=kind, target=target or self.target)

    def apply(self, body, expected=200, **header):
        with self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(
                reverse('plugins-api:netbox_netops-api:difference-apply'),
                body if isinstance(body, (dict, str)) else {'ids': [row.pk for row in body]},
                format='json',
                **{**self.header, **header},
            )
        self.assertHttpStatus(response, expected)
        return response.json()

    def patch(self, row, body, expected=200):
        response = self.client.patch(self.url('differences', row.pk), body, format='json', **self.header)
        self.assertHttpStatus(response, expected)
        return response.json()


class ReadTest(DifferenceCase):
    def test_shape(self):
        data = self.get(self.url('differences', self.row('interface-mtu').pk))
        self.assertEqual(data['kind'], {'value': 'interface-mtu', 'label': 'Interface MTU'})
        self.assertEqual((data['key'], data['found'], data['documented']), ('Gi0/1', '9000', '1500'))
        self.assertEqual((data['applicable'], data['ignored']), (True, False))
        self.assertEqual(data['interface']['name'], 'Gi0/1')
        self.assertEqual(data['target']['name'], 'in-a')
        # What apply needs may name objects that the reader may not view.
        self.assertNotIn('data', data)

    def test_filters(self):
        self.assertEqual(self.ids('differences', kind='serial'), {self.row('serial').pk})
        self.assertEqual(self.ids('differences', device='in-b'), set())
        self.assertEqual(len(self.ids('differences', ignored='false')), 2)
        self.assertEqual(self.ids('differences', found='9000'), {self.row('interface-mtu').pk})


class MuteTest(DifferenceCase):
    def test_only_ignored_can_be_changed(self):
        self.grant('change', Difference)
        row = self.row('serial')
        data = self.patch(row, {'ignored': True, 'found': 'X', 'documented': 'Y', 'kind': 'name', 'applicable': False})
        self.assertTrue(data['ignored'])
        row = Difference.objects.get(pk=row.pk)
        self.assertEqual((row.found, row.documented, row.kind, row.applicable), ('S1', '', 'serial', True))
        self.assertFalse(self.patch(row, {'ignored': False})['ignored'])
        self.assertFalse(self.patch(row, {})['ignored'])
        self.patch(row, {'ignored': 'maybe'}, 400)

    def test_rights(self):
        self.patch(self.row('serial'), {'ignored': True}, 403)
        self.grant('change', Difference, kind='serial')
        self.patch(self.row('serial'), {'ignored': True})
        self.patch(self.row('interface-mtu'), {'ignored': True}, 404)
        self.patch(self.row('serial', self.other), {'ignored': True}, 404)

    def test_constraint_that_does_not_hold_afterwards(self):
        self.grant('change', Difference, ignored=False)
        self.patch(self.row('serial'), {'ignored': True}, 403)
        self.assertFalse(self.row('serial').ignored)


class ApplyTest(DifferenceCase):
    def test_applied(self):
        self.grant('change', Device, Interface)
        rows = [self.row('serial'), self.row('interface-mtu')]
        data = self.apply(rows)
        self.assertEqual(
            data,
            {
                'applied': True,
                'results': [{'id': row.pk, 'applied': True, 'code': '', 'detail': '', 'error': None} for row in rows],
            },
        )
        self.target.device.refresh_from_db()
        self.assertEqual(self.target.device.serial, 'S1')
        changes = ObjectChange.objects.all()
        self.assertEqual({change.user for change in changes}, {self.user})
        self.assertEqual(len({change.request_id for change in changes}), 1)
        self.assertEqual({row.pk for row in rows} & set(Difference.objects.values_list('pk', flat=True)), set())

    def test_refused_for_lack_of_rights(self):
        data = self.apply([self.row('serial')], 403)
        self.assertFalse(data['applied'])
        result = data['results'][0]
        self.assertEqual((result['code'], result['detail']), ('permission:denied', 'dcim.change_device'))
        self.assertEqual(result['error']['title'], 'Permission denied')
        self.assertFalse(ObjectChange.objects.exists())

    def test_none_when_one_is_refused(self):
        self.grant('change', Device)
        data = self.apply([self.row('serial'), self.row('interface-mtu'), self.row('serial', self.other)], 409)
        self.assertEqual(
            [result['code'] for result in data['results']], ['drift:withheld', 'permission:denied', 'drift:changed']
        )
        self.assertFalse(ObjectChange.objects.exists())

    def test_constraints(self):
        self.grant('change', Device, site__slug='b')
        self.apply([self.row('serial')], 403)
        self.grant('change', Device, site__slug='a')
        self.apply([self.row('serial')])

    def test_bad_requests(self):
        for body in ({}, {'ids': []}, {'ids': 'x'}, {'ids': ['1']}, {'ids': [True]}, {'ids': [0]}, {'ids': [2**70]}):
            with self.subTest(body=body):
                data = self.apply(body, 400)
                self.assertIn('ids', data)
                empty = body == {'ids': []}
                self.assertEqual(data['code'], 'selection:empty' if empty else 'selection:invalid')
        self.assertEqual(self.apply({'ids': [2**40]}, 409)['results'][0]['code'], 'drift:changed')
        self.assertEqual(self.apply({'ids': list(range(1, 502))}, 409)['results'][0]['code'], 'drift:too-many')

    def test_strangers_and_tokens_that_may_only_read(self):
        self.grant('change', Device)
        row = self.row('serial')
        self.apply([row], 403, HTTP_AUTHORIZATION='')
        token = Token.objects.create(user=self.user, write_enabled=False)
        self.apply([row], 403, HTTP_AUTHORIZATION=f'Bearer {TOKEN_PREFIX}{token.key}.{token.token}')
        self.assertFalse(ObjectChange.objects.exists())

    def test_get_changes_nothing(self):
        self.get(reverse('plugins-api:netbox_netops-api:difference-apply'), 405)
