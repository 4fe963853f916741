"""Nobody binds a secret over REST without the right to: one at a time and in bulk, with its object constraints."""

from netbox_netops.models import Credential
from tests.integration.factories import make_credential, make_site

from .base import ApiCase


class BindingTest(ApiCase):
    NEW = {'name': 'Core', 'protocol': 'ssh-password', 'username': 'admin', 'reference': 'NETOPS_SECRET_CORE'}

    def setUp(self):
        super().setUp()
        for action in ('view', 'add', 'change'):
            self.grant(action, Credential)
        self.mine, self.theirs = make_site('mine'), make_site('theirs')

    def allow(self, **constraints):
        self.grant('netops_bind_secret', Credential, **constraints)

    def send(self, method, data, pk=None):
        return getattr(self.client, method)(self.url('credentials', pk), data, format='json', **self.header)

    def refused(self, response):
        self.assertHttpStatus(response, 403)
        self.assertEqual(response.data['code'], 'permission:denied')
        self.assertIn('netops_bind_secret', response.data['detail'])

    def test_create(self):
        self.refused(self.send('post', self.NEW))
        self.refused(self.send('post', [self.NEW, self.NEW | {'name': 'Other'}]))
        self.allow(sites__slug='mine')
        self.refused(self.send('post', self.NEW))
        self.refused(self.send('post', self.NEW | {'sites': [self.theirs.pk]}))
        own = self.NEW | {'sites': [self.mine.pk]}
        # All of them or none.
        self.refused(self.send('post', [own, self.NEW | {'name': 'Other'}]))
        self.assertFalse(Credential.objects.exists())
        self.assertHttpStatus(self.send('post', own), 201)

    def test_change(self):
        credential = make_credential(**self.NEW)
        for values in (
            {'reference': 'NETOPS_SECRET_OTHER'},
            {'provider': 'file', 'reference': 'core'},
            {'protocol': 'ssh-key', 'passphrase_reference': 'NETOPS_SECRET_P'},
            {'protocol': 'http-basic', 'host': 'mine.example', 'algorithms': ''},
            {'port': 2222},
            {'username': 'root'},
            {'sites': [self.mine.pk]},
        ):
            with self.subTest(values):
                self.refused(self.send('patch', values, credential.pk))
                self.refused(self.send('patch', [{'id': credential.pk, **values}]))
        self.refused(self.send('put', self.NEW | {'reference': 'NETOPS_SECRET_OTHER'}, credential.pk))
        stored = Credential.objects.get()
        self.assertEqual((stored.reference, stored.provider, stored.port), ('NETOPS_SECRET_CORE', 'environment', None))
        self.assertFalse(stored.sites.exists())

    def test_what_does_not_take_it(self):
        credential = make_credential(**self.NEW)
        for values in ({'name': 'x', 'weight': 3, 'description': 'd'}, {'enabled': False}, {'enabled': False}):
            self.assertHttpStatus(self.send('patch', values, credential.pk), 200)
        self.refused(self.send('patch', {'enabled': True}, credential.pk))
        self.assertFalse(Credential.objects.get().enabled)

    def test_constraints_hold_before_and_after(self):
        self.allow(sites__slug='mine')
        own, foreign = make_credential(**self.NEW), make_credential(**self.NEW | {'name': 'Other'})
        own.sites.add(self.mine)
        foreign.sites.add(self.theirs)
        self.assertHttpStatus(self.send('patch', {'reference': 'NETOPS_SECRET_X'}, own.pk), 200)
        self.refused(self.send('patch', {'sites': []}, own.pk))
        self.refused(self.send('patch', {'sites': [self.theirs.pk]}, own.pk))
        self.refused(self.send('patch', {'sites': [self.mine.pk]}, foreign.pk))
        self.refused(
            self.send('patch', [{'id': own.pk, 'port': 22}, {'id': foreign.pk, 'reference': 'NETOPS_SECRET_X'}])
        )
        own.refresh_from_db()
        self.assertEqual((own.port, list(own.sites.all())), (None, [self.mine]))
        self.assertEqual(list(foreign.sites.all()), [self.theirs])

    def test_nobody_stops_or_starts_one_by_writing_to_it(self):
        self.allow()
        credential = make_credential(**self.NEW)
        response = self.send('patch', {'stopped': '2026-01-01T00:00:00Z', 'stopped_code': 'x'}, credential.pk)
        self.assertHttpStatus(response, 200)
        credential.refresh_from_db()
        self.assertEqual((credential.stopped, credential.stopped_code), (None, ''))
