"""Who decides about host keys, and lets credentials go on; and what the pages of devices and credentials tell."""

from datetime import timedelta

from dcim.models import Device
from django.utils import timezone

from netbox_netops.models import Credential, CredentialStatus, HostKey, Run
from tests.integration.api.base import make_host_key, make_status
from tests.integration.factories import make_credential, make_site, make_target

from .base import UiCase


class HostKeyDecisionTest(UiCase):
    def setUp(self):
        super().setUp()
        self.site_a, self.site_b = make_site('A'), make_site('B')
        self.target = make_target('a', address='192.0.2.1', site=self.site_a)
        self.old = make_host_key(self.target, 'SHA256:old')
        self.other = make_host_key(self.target, 'SHA256:rsa', type='ssh-rsa')
        self.new = make_host_key(self.target, 'SHA256:new', state='pending')

    def states(self):
        return dict(HostKey.objects.values_list('fingerprint', 'state'))

    def allow(self, **constraints):
        self.grant('view', HostKey)
        self.grant('view', Device, **constraints)
        self.grant('netops_approve_host_key', HostKey)

    def test_the_question_shows_both_fingerprints_and_changes_nothing(self):
        self.allow()
        before = self.states()
        page = self.page(self.url(HostKey, 'approve', self.new.pk))
        self.assertIn('SHA256:new', page)
        self.assertIn('SHA256:old', page)
        self.assertEqual(self.states(), before)

    def test_approve(self):
        self.allow()
        response = self.client.post(self.url(HostKey, 'approve', self.new.pk))
        self.assertRedirects(response, self.new.get_absolute_url())
        self.assertEqual(self.states(), {'SHA256:new': 'trusted', 'SHA256:old': 'rejected', 'SHA256:rsa': 'trusted'})
        self.new.refresh_from_db()
        self.assertEqual(self.new.approved_by, self.user)
        self.assertLess(abs((timezone.now() - self.new.approved).total_seconds()), 60)

    def test_reject(self):
        self.allow()
        self.assertHttpStatus(self.client.post(self.url(HostKey, 'reject', self.new.pk)), 302)
        self.assertEqual(self.states(), {'SHA256:new': 'rejected', 'SHA256:old': 'trusted', 'SHA256:rsa': 'trusted'})

    def test_without_the_right(self):
        self.grant('view', HostKey, Device)
        self.grant('change', HostKey)
        for action in ('approve', 'reject'):
            for method in (self.client.get, self.client.post):
                self.assertHttpStatus(method(self.url(HostKey, action, self.new.pk)), 403)
        self.assertNotIn('netops-approve-host-key', self.page(self.new.get_absolute_url()))
        self.assertEqual(self.states()['SHA256:new'], 'pending')

    def test_constraints_of_the_right(self):
        self.grant('view', HostKey, Device)
        self.grant('netops_approve_host_key', HostKey, target__site__slug='b')
        self.assertHttpStatus(self.client.post(self.url(HostKey, 'approve', self.new.pk)), 404)
        self.assertNotIn('netops-approve-host-key', self.page(self.new.get_absolute_url()))
        self.assertEqual(self.states()['SHA256:new'], 'pending')

    def test_of_a_device_that_may_not_be_viewed(self):
        self.allow(site__slug='b')
        for action in ('approve', 'reject'):
            self.assertHttpStatus(self.client.post(self.url(HostKey, action, self.new.pk)), 404)
        self.assertEqual(self.states()['SHA256:new'], 'pending')

    def test_buttons(self):
        self.allow()
        page = self.page(self.old.get_absolute_url())
        self.assertNotIn('netops-approve-host-key', page)
        self.assertIn('netops-reject-host-key', page)
        # And what there is to compare with.
        self.assertIn('SHA256:new', page)


class ResumeTest(UiCase):
    def setUp(self):
        super().setUp()
        self.grant('view', Credential)
        now = timezone.now()
        self.credential = make_credential(stopped=now, stopped_code='credential:rejected')
        make_status(make_target(), self.credential, verdict='rejected', rejections=3, paused_until=now)

    def resume(self):
        return self.client.post(self.url(Credential, 'resume', self.credential.pk))

    def test_it_is_used_again(self):
        self.grant('netops_bind_secret', Credential)
        self.assertIn('netops-resume-credential', self.page(self.credential.get_absolute_url()))
        self.assertRedirects(self.resume(), self.credential.get_absolute_url())
        self.credential.refresh_from_db()
        self.assertEqual((self.credential.stopped, self.credential.stopped_code), (None, ''))
        self.assertEqual(list(CredentialStatus.objects.values_list('rejections', 'paused_until')), [(0, None)])
        self.assertNotIn('netops-resume-credential', self.page(self.credential.get_absolute_url()))

    def test_without_the_right(self):
        self.grant('change', Credential)
        self.assertNotIn('netops-resume-credential', self.page(self.credential.get_absolute_url()))
        self.assertHttpStatus(self.resume(), 404)
        self.grant('netops_bind_secret', Credential, name='another')
        self.assertNotIn('netops-resume-credential', self.page(self.credential.get_absolute_url()))
        self.assertHttpStatus(self.resume(), 404)
        self.assertHttpStatus(self.client.get(self.url(Credential, 'resume', self.credential.pk)), 405)
        self.credential.refresh_from_db()
        self.assertIsNotNone(self.credential.stopped)


class TargetCredentialsTest(UiCase):
    """The tab of a device says which credentials apply, why, in which order, and whether they work."""

    def setUp(self):
        super().setUp()
        self.grant('view', Device)
        self.site = make_site('Lisbon')
        self.target = make_target('r1', address='192.0.2.1', site=self.site)
        self.first = make_credential('backbone', protocol='ssh-password', username='admin', weight=1)
        self.second = make_credential('lab-key', protocol='ssh-key', username='root', weight=2)
        self.second.sites.add(self.site)
        elsewhere = make_credential('elsewhere')
        elsewhere.sites.add(make_site('Porto'))
        make_credential('http', protocol='http-bearer', host='h')

    def tab(self):
        return ' '.join(self.page(f'/dcim/devices/{self.target.device_id}/netops/').split())

    def test_which_why_and_in_which_order(self):
        self.grant('view', Credential)
        make_status(self.target, self.first, verdict='rejected', code='credential:rejected')
        page = self.tab()
        order = [page.index(f'data-credential="{credential.pk}"') for credential in (self.first, self.second)]
        self.assertEqual(order, sorted(order))
        self.assertIn('Applies to all devices', page)
        self.assertIn('sites: Lisbon', page)
        self.assertIn('Rejected', page)
        self.assertIn('credential:rejected', page)
        self.assertIn('Not checked yet', page)
        for name in ('elsewhere', 'http'):
            self.assertNotIn(f'{name}</a>', page)

    def test_stopped_and_paused(self):
        self.grant('view', Credential)
        Credential.objects.filter(pk=self.first.pk).update(stopped=timezone.now(), stopped_code='credential:scope-lost')
        until = timezone.now() + timedelta(hours=1)
        make_status(self.target, self.second, verdict='rejected', paused_until=until)
        page = self.tab()
        for text in ('Stopped', 'credential:scope-lost', 'Paused', f'{until:%Y-%m-%d %H:%M}'):
            self.assertIn(text, page)

    def test_those_that_the_user_may_not_view(self):
        page = self.tab()
        self.assertIn('2 credentials that you may not view', page)
        self.assertNotIn('backbone', page)
        self.grant('view', Credential, name='backbone')
        page = self.tab()
        self.assertIn('backbone', page)
        self.assertIn('1 credential that you may not view', page)
        self.assertNotIn('lab-key', page)
        self.assertNotIn('sites: Lisbon', page)

    def test_host_keys(self):
        trusted = make_host_key(self.target, 'SHA256:trusted')
        make_host_key(self.target, 'SHA256:rejected', state='rejected')
        page = self.tab()
        self.assertIn('SHA256:trusted', page)
        self.assertNotIn('SHA256:rejected', page)
        self.assertNotIn('No password is sent', page)
        self.assertNotIn(trusted.get_absolute_url(), page)
        self.grant('view', HostKey)
        make_host_key(self.target, 'SHA256:pending', state='pending')
        page = self.tab()
        self.assertIn('No password is sent', page)
        self.assertIn(trusted.get_absolute_url(), page)

    def test_number_of_queries(self):
        self.grant('view', Credential, HostKey)
        # For a scan too: what is missing for that is looked for otherwise.
        make_credential()
        url = f'/dcim/devices/{self.target.device_id}/netops/'
        self.count_queries(url)
        few = self.count_queries(url)[1]
        for number in range(10):
            credential = make_credential()
            credential.sites.add(self.site)
            make_status(self.target, credential)
            make_host_key(self.target, f'SHA256:{number}')
        self.assertEqual(self.count_queries(url)[1], few)

    def test_check_button(self):
        self.assertNotIn('Check credentials', self.tab())
        self.grant('netops_check_credential', Device)
        self.assertIn('Check credentials', self.tab())
        response = self.client.post(f'/dcim/devices/{self.target.device_id}/netops/check-credential/')
        self.assertHttpStatus(response, 302)
        self.assertEqual(Run.objects.get().kind, 'credential-check')

    def test_bulk_action(self):
        self.assertNotIn('netops/check-credential', self.page('/dcim/devices/'))
        self.grant('netops_check_credential', Device, site=self.site.pk)
        self.assertIn('/dcim/devices/netops/check-credential/', self.page('/dcim/devices/'))
        other = make_target('r2', address='192.0.2.2')
        data = {'pk': [self.target.device_id, other.device_id]}
        self.assertHttpStatus(self.client.post('/dcim/devices/netops/check-credential/', data), 302)
        self.assertEqual(list(Run.objects.get().targets.values_list('target', flat=True)), [self.target.pk])


class FleetTest(UiCase):
    def setUp(self):
        super().setUp()
        self.credential = make_credential()
        self.grant('view', Credential)
        here, there = make_site('A'), make_site('B')
        for number, (site, verdict) in enumerate((
            (here, 'accepted'), (here, 'accepted'), (there, 'accepted'), (here, 'rejected'), (there, 'unknown'),
        )):  # fmt: skip
            target = make_target(address=f'192.0.2.{number + 1}', site=site)
            make_status(target, self.credential, verdict=verdict)
        make_status(target, make_credential(), verdict='rejected')

    def numbers(self):
        numbers = self.client.get(self.credential.get_absolute_url()).context['numbers']
        return numbers and [(str(number.label), number.count) for number in numbers]

    def test_counts_and_links(self):
        self.grant('view', CredentialStatus, Device)
        self.assertEqual(self.numbers(), [('Accepted', 3), ('Rejected', 1), ('Unknown', 1)])
        for number in self.client.get(self.credential.get_absolute_url()).context['numbers']:
            self.assertEqual(len(self.client.get(number.url).context['table'].data), number.count)

    def test_of_devices_that_the_user_may_view(self):
        self.grant('view', CredentialStatus)
        self.grant('view', Device, site__slug='a')
        self.assertEqual(self.numbers(), [('Accepted', 2), ('Rejected', 1), ('Unknown', 0)])
        self.remove_permissions('netbox_netops.view_credentialstatus')
        self.assertIsNone(self.numbers())
