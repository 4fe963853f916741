"""Pages follow the work while there is any, and stop asking by themselves."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from netbox_netops.models import Run, RunTarget
from tests.integration.api.base import make_run, make_run_target
from tests.integration.factories import make_target

from .base import UiCase

POLL = 'hx-trigger="every 3s"'
CHANGED = 'netops-changed'


class LiveCase(UiCase):
    def setUp(self):
        super().setUp()
        self.view_everything()
        self.target = make_target('router', address='192.0.2.1')
        self.scan_run = make_run(status='running', total=1, started=timezone.now())
        self.row = make_run_target(self.scan_run, self.target, state='running', started=timezone.now())

    def finish(self):
        RunTarget.objects.update(state='succeeded', finished=timezone.now())
        Run.objects.update(status='succeeded', succeeded=1, finished=timezone.now())

    def check(self, url):
        """While active the page and its fragment poll; the fragment after the end does not, and says what changed."""
        page = self.page(url)
        self.assertEqual(page.count(POLL), 1)
        token = page.split(f'{url}?live=', 1)[1].split('"', 1)[0]
        fragment, event = self.fragment(url, token)
        self.assertIn(POLL, fragment)
        self.assertNotIn('<html', fragment)
        self.assertEqual(event, '')
        self.finish()
        fragment, event = self.fragment(url, token)
        self.assertNotIn(POLL, fragment)
        self.assertEqual(event, CHANGED)
        self.assertIn('Succeeded', fragment)
        page = self.page(url)
        self.assertNotIn(POLL, page)
        # The table beside it listens to that event.
        self.assertIn(f'hx-trigger="{CHANGED} from:body"', page)


class LivePagesTest(LiveCase):
    def test_device_tab(self):
        self.check(reverse('dcim:device_netops', args=[self.target.device_id]))

    def test_target(self):
        self.check(self.target.get_absolute_url())

    def test_run(self):
        self.check(self.scan_run.get_absolute_url())

    def test_the_table_keeps_page_order_and_filter_when_it_reloads(self):
        part = self.page(f'{self.scan_run.get_absolute_url()}?sort=name&state=running', HTTP_HX_REQUEST='true')
        self.assertIn(f'hx-get="{self.scan_run.get_absolute_url()}?sort=name&amp;state=running"', part)

    def test_a_part_that_starts_tells_the_table(self):
        RunTarget.objects.update(state='waiting', started=None)
        url = self.scan_run.get_absolute_url()
        token = self.page(url).split(f'{url}?live=', 1)[1].split('"', 1)[0]
        RunTarget.objects.update(state='running')
        fragment, event = self.fragment(url, token)
        self.assertIn(POLL, fragment)
        self.assertEqual(event, CHANGED)

    def test_run_counts_and_filter_by_state(self):
        other = make_target('other', address='192.0.2.2')
        make_run_target(self.scan_run, other, state='failed', error_code='credential:none')
        Run.objects.update(total=2, failed=1)
        url = self.scan_run.get_absolute_url()
        page = self.page(url)
        self.assertIn('1 / 2', page)
        self.assertIn(f'href="{url}?state=failed"', page)
        response = self.client.get(url, {'state': 'failed'})
        self.assertEqual([row.name for row in response.context['table'].data], ['other'])

    def test_what_the_device_waits_for(self):
        RunTarget.objects.update(state='waiting', started=None)
        page = self.page(reverse('dcim:device_netops', args=[self.target.device_id]))
        self.assertIn('waiting for a worker', page)
        self.assertIn(self.scan_run.get_absolute_url(), page)

    def test_what_the_device_waits_for_by_name(self):
        url = reverse('dcim:device_netops', args=[self.target.device_id])
        RunTarget.objects.update(state='waiting', started=None, blocked='waiting:site')
        page = self.page(url)
        self.assertIn('The site is at its limit', page)
        token = page.split(f'{url}?live=', 1)[1].split('"', 1)[0]
        later = timezone.now() + timedelta(minutes=5)
        RunTarget.objects.update(blocked='', attempt=1, next_attempt=later, error_code='unreachable:no-response')
        fragment, event = self.fragment(url, token)
        self.assertEqual(event, CHANGED)
        self.assertRegex(fragment, r'waiting until [\d: -]+: No answer from the device')

    def test_what_is_being_cancelled(self):
        url = reverse('dcim:device_netops', args=[self.target.device_id])
        self.assertNotIn('Cancelling…', self.page(url))
        RunTarget.objects.update(cancel=True)
        self.assertIn('Cancelling…', self.page(url))


class OverdueTest(LiveCase):
    """Where no worker runs at all, looking at a page is what closes an overdue run."""

    def setUp(self):
        super().setUp()
        Run.objects.update(status='queued', started=None)
        RunTarget.objects.update(state='waiting', started=None)

    def overdue(self):
        past = timezone.now() - timedelta(minutes=1)
        Run.objects.update(expires=past)
        RunTarget.objects.update(expires=past)

    def test_run(self):
        self.assertIn(POLL, self.page(self.scan_run.get_absolute_url()))
        self.overdue()
        page = self.page(self.scan_run.get_absolute_url())
        self.assertNotIn(POLL, page)
        self.assertIn('Expired', page)
        self.assertIn('No worker took the work in time', page)
        self.scan_run.refresh_from_db()
        self.assertEqual(self.scan_run.status, 'expired')

    def test_device_tab(self):
        self.overdue()
        page = self.page(reverse('dcim:device_netops', args=[self.target.device_id]))
        self.assertNotIn(POLL, page)
        self.assertIn('expired:no-worker', page)

    def test_what_is_not_overdue_is_left_alone(self):
        self.page(self.scan_run.get_absolute_url())
        self.page(reverse('dcim:device_netops', args=[self.target.device_id]))
        self.assertEqual(RunTarget.objects.get().state, 'waiting')
