"""The pages of differences: the list, what Apply is about to do, and muting."""

from core.models import ObjectChange
from dcim.models import Device, Interface
from django.urls import reverse

from netbox_netops.models import Difference, Target
from tests.integration.drift import add_interface, found_interface, scan
from tests.integration.factories import make_site, make_target

from .base import UiCase


class DifferenceCase(UiCase):
    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        cls.target = make_target('in-a', address=None, site=cls.site_a)
        cls.other = make_target('in-b', address=None, site=cls.site_b)
        for target in (cls.target, cls.other):
            add_interface(target.device, 'Gi0/1', mtu=1500)
            add_interface(target.device, 'Gi0/9')
            scan(
                target,
                system={'serial': 'S1'},
                interfaces=[found_interface(1, 'Gi0/1', mtu=9000, admin_status=2)],
            )

    def setUp(self):
        super().setUp()
        self.grant('view', Difference, Target)
        self.grant('view', Device, site=self.site_a.pk)

    def row(self, kind, target=None):
        return Difference.objects.get(kind=kind, target=target or self.target)

    def post(self, action, *rows, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url(Difference, action), {'pk': [row.pk for row in rows], **data}, follow=True)


class ListTest(DifferenceCase):
    def test_rows_in_the_words_of_the_reader(self):
        page = self.page(self.url(Difference, 'list'))
        for text in ('Serial number', 'Interface MTU', '9000', '1500', 'Disabled', 'Enabled', 'Gi0/9'):
            self.assertIn(text, page)
        self.assertNotIn('in-b', page)

    def test_filters(self):
        role = self.target.device.role
        for query, count in (
            ({'kind': 'serial'}, 1),
            ({'kind': ['serial', 'interface-mtu']}, 2),
            ({'site_id': self.site_a.pk}, 4),
            ({'site_id': self.site_b.pk}, 0),
            ({'role_id': role.pk}, 4),
            ({'device_id': self.target.device_id}, 4),
            ({'ignored': 'true'}, 0),
            ({'ignored': 'false'}, 4),
            ({'applicable': 'false'}, 1),
            ({'q': '9000'}, 1),
            ({'q': 'Gi0/9'}, 1),
        ):
            with self.subTest(query=query):
                response = self.client.get(self.url(Difference, 'list'), query)
                self.assertEqual(len(response.context['table'].data), count)

    def test_buttons_follow_the_rights(self):
        page = self.page(self.url(Difference, 'list'))
        self.assertIn(self.url(Difference, 'bulk_apply'), page)
        self.assertNotIn(self.url(Difference, 'bulk_ignore'), page)
        self.grant('change', Difference)
        self.assertIn(self.url(Difference, 'bulk_ignore'), self.page(self.url(Difference, 'list')))

    def test_detail(self):
        page = self.page(self.row('interface-enabled').get_absolute_url())
        self.assertIn('Disabled', page)
        # A page the user may not open is neither linked nor named.
        interface = Interface.objects.get(device=self.target.device, name='Gi0/1')
        self.assertNotIn(interface.get_absolute_url(), page)
        self.page(self.row('serial', self.other).get_absolute_url(), 404)

    def test_menu(self):
        self.assertIn(self.url(Difference, 'list'), self.page(reverse('home')))


class ApplyTest(DifferenceCase):
    def test_shows_what_will_happen_before_it_does(self):
        self.grant('change', Device)
        rows = [self.row('serial'), self.row('interface-mtu'), self.row('interface-extra')]
        response = self.post('bulk_apply', *rows)
        self.assertHttpStatus(response, 200)
        self.assertEqual(response.context['possible'], [rows[0]])
        page = response.content.decode()
        for code in ('permission:denied', 'drift:not-applicable'):
            self.assertIn(code, page)
        self.assertFalse(ObjectChange.objects.exists())

    def test_applies_what_was_confirmed(self):
        self.grant('change', Device, Interface)
        rows = [self.row('serial'), self.row('interface-mtu')]
        response = self.post('bulk_apply', *rows, _confirm='1')
        self.assertEqual(self.messages(response), ['2 differences were applied to NetBox.'])
        self.target.device.refresh_from_db()
        self.assertEqual(self.target.device.serial, 'S1')
        self.assertEqual(Interface.objects.get(device=self.target.device, name='Gi0/1').mtu, 9000)
        self.assertEqual({change.user for change in ObjectChange.objects.all()}, {self.user})
        self.assertEqual(ObjectChange.objects.count(), 2)

    def test_refusal_says_why(self):
        response = self.post('bulk_apply', self.row('serial'), self.row('interface-mtu'), _confirm='1')
        shown = self.messages(response)
        self.assertEqual(shown[0], 'Nothing was changed in NetBox.')
        self.assertIn('dcim.change_device', ' '.join(shown))
        self.assertFalse(ObjectChange.objects.exists())

    def test_rows_of_devices_that_the_user_may_not_view(self):
        self.grant('change', Device)
        row = self.row('serial', self.other)
        response = self.post('bulk_apply', row)
        self.assertEqual(self.messages(response), ['No difference was selected.'])
        response = self.post('bulk_apply', row, _confirm='1')
        self.assertIn('not there any more', ' '.join(self.messages(response)))
        self.assertFalse(ObjectChange.objects.exists())

    def test_all_that_match_the_filters(self):
        self.grant('change', Device)
        response = self.client.post(f'{self.url(Difference, "bulk_apply")}?kind=serial', {'_all': '1'})
        self.assertEqual(response.context['possible'], [self.row('serial')])

    def test_nothing_selected(self):
        for data in ({}, {'_confirm': '1'}, {'pk': 'x', '_confirm': '1'}):
            with self.subTest(data=data):
                response = self.client.post(self.url(Difference, 'bulk_apply'), data, follow=True)
                self.assertEqual(self.messages(response), ['No difference was selected.'])

    def test_too_many(self):
        Difference.objects.bulk_create(
            Difference(
                target=self.target,
                kind='interface-missing',
                key=f'x{number}',
                applicable=True,
                first_seen=self.target.created,
            )
            for number in range(500)
        )
        response = self.client.post(self.url(Difference, 'bulk_apply'), {'_all': '1'}, follow=True)
        self.assertIn('Too many differences at once', self.messages(response)[0])

    def test_get_changes_nothing(self):
        self.page(self.url(Difference, 'bulk_apply'), 405)


class MuteTest(DifferenceCase):
    def test_ignore_and_back(self):
        self.grant('change', Difference)
        row = self.row('serial')
        response = self.post('bulk_ignore', row, self.row('serial', self.other))
        self.assertIn('1 difference is ignored', self.messages(response)[0])
        self.assertEqual(list(Difference.objects.filter(ignored=True)), [row])
        self.post('bulk_unignore', row)
        self.assertFalse(Difference.objects.filter(ignored=True).exists())

    def test_constraints(self):
        self.grant('change', Difference, kind='serial')
        self.post('bulk_ignore', self.row('serial'), self.row('interface-mtu'))
        self.assertEqual(list(Difference.objects.filter(ignored=True)), [self.row('serial')])

    def test_constraint_that_does_not_hold_afterwards(self):
        self.grant('change', Difference, ignored=False)
        self.post('bulk_ignore', self.row('serial'))
        self.assertFalse(Difference.objects.filter(ignored=True).exists())

    def test_all_that_match_the_filters(self):
        self.grant('change', Difference)
        self.client.post(f'{self.url(Difference, "bulk_ignore")}?kind=serial', {'_all': '1'})
        self.assertEqual(list(Difference.objects.filter(ignored=True)), [self.row('serial')])

    def test_without_the_right(self):
        self.assertHttpStatus(self.client.post(self.url(Difference, 'bulk_ignore'), {'pk': self.row('serial').pk}), 403)
