"""Steering runs from their pages and lists: cancel after a question, try again at once, run again what failed."""

from datetime import timedelta

from core.models import Job
from dcim.models import Device
from django.test import Client
from django.utils import timezone
from virtualization.models import VirtualMachine

from netbox_netops.inventory import sync
from netbox_netops.lifecycle import pause
from netbox_netops.models import Run, RunTarget, Target
from tests.integration.api.base import make_run, make_run_target
from tests.integration.factories import make_device, make_machine, make_site

from .base import HTMX, UiCase


class SteeringCase(UiCase):
    """A running run of somebody else: in-a waits, in-b is at work, vm-a waits for its second attempt."""

    @classmethod
    def setUpTestData(cls):
        cls.site_a, cls.site_b = make_site('A'), make_site('B')
        make_device('in-a', address='192.0.2.1', site=cls.site_a)
        make_device('in-b', address='192.0.2.2', site=cls.site_b)
        make_machine('vm-a', address='192.0.2.3', site=cls.site_a)
        sync()
        now = timezone.now()
        cls.scan_run = make_run(status='running', total=3, started=now)
        cls.rows = {target.name: make_run_target(cls.scan_run, target) for target in Target.objects.order_by('name')}
        RunTarget.objects.filter(pk=cls.rows['in-b'].pk).update(
            state='running', attempt=1, started=now, lease_until=now + timedelta(minutes=1)
        )
        RunTarget.objects.filter(pk=cls.rows['vm-a'].pk).update(
            attempt=1, next_attempt=now + timedelta(minutes=5), error_code='unreachable:no-response'
        )

    def setUp(self):
        super().setUp()
        self.grant('view', Device, VirtualMachine, Run, RunTarget, Target)

    def post(self, url, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, data, follow=True)

    def run_url(self, action):
        return self.url(Run, action, self.scan_run.pk)

    def row(self, name):
        return RunTarget.objects.get(name=name)

    def states(self):
        return {row.name: (row.state, row.cancel) for row in RunTarget.objects.all()}

    def finish(self, **states):
        """Finish the run with these states of its rows; the others succeeded."""
        for name in ('in-a', 'in-b', 'vm-a'):
            RunTarget.objects.filter(name=name).update(
                state=states.get(name.replace('-', '_'), 'succeeded'), next_attempt=None, finished=timezone.now()
            )
        Run.objects.update(status='partial', succeeded=3 - len(states), failed=len(states), finished=timezone.now())


UNTOUCHED = {'in-a': ('waiting', False), 'in-b': ('running', False), 'vm-a': ('waiting', False)}


class CancelRunTest(SteeringCase):
    def test_asks_first(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.assertIn(self.run_url('cancel'), self.page(self.scan_run.get_absolute_url()))
        page = self.page(self.run_url('cancel'))
        for text in ('2 targets that wait', '1 target at work'):
            self.assertIn(text, page)
        self.assertNotIn('<html', self.page(self.run_url('cancel'), **HTMX))
        self.assertEqual(self.states(), UNTOUCHED)

    def test_cancels_what_waits_and_tells_what_is_at_work(self):
        self.grant('netops_scan', Device, VirtualMachine)
        response = self.post(self.run_url('cancel'), _confirm='1')
        self.assertEqual(
            self.states(), {'in-a': ('cancelled', True), 'in-b': ('running', True), 'vm-a': ('cancelled', True)}
        )
        self.assertEqual(
            self.messages(response), ['3 targets were cancelled. 1 is still at work and ends within seconds.']
        )
        self.scan_run.refresh_from_db()
        self.assertEqual((self.scan_run.cancelled_by, self.scan_run.status), (self.user, 'running'))
        page = response.content.decode()
        self.assertIn('Cancelling…', page)
        self.assertIn('1 target is still at work', page)
        # The badge of the row says it too, and there is nothing left to cancel.
        self.assertIn('text-bg-orange">Cancelling…', page)
        self.assertNotIn(self.run_url('cancel'), page)

    def test_the_page_follows_the_end_of_a_cancelled_run(self):
        self.grant('netops_scan', Device, VirtualMachine)
        url = self.scan_run.get_absolute_url()
        token = self.page(url).split(f'{url}?live=', 1)[1].split('"', 1)[0]
        self.post(self.run_url('cancel'), _confirm='1')
        fragment, event = self.fragment(url, token)
        self.assertEqual(event, 'netops-changed')
        self.assertIn('Cancelling…', fragment)
        self.assertIn('hx-swap-oob="true"', fragment)
        RunTarget.objects.filter(name='in-b').update(state='cancelled')
        Run.objects.update(status='cancelled', failed=3, finished=timezone.now())
        fragment, _event = self.fragment(url, token)
        self.assertNotIn('Cancelling…', fragment)
        self.assertIn(self.run_url('rerun'), fragment)

    def test_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        page = self.page(self.run_url('cancel'))
        self.assertIn('1 target that waits', page)
        self.assertIn('2 targets are left as they are', page)
        response = self.post(self.run_url('cancel'), _confirm='1')
        self.assertEqual(self.states(), {**UNTOUCHED, 'in-a': ('cancelled', True)})
        self.assertIn('2 targets were left as they are', self.messages(response)[1])
        self.scan_run.refresh_from_db()
        self.assertIsNone(self.scan_run.cancelled)

    def test_without_the_right(self):
        self.assertNotIn(self.run_url('cancel'), self.page(self.scan_run.get_absolute_url()))
        self.assertNotIn('_confirm', self.page(self.run_url('cancel')))
        response = self.post(self.run_url('cancel'), _confirm='1')
        self.assertIn('Permission denied', self.messages(response)[0])
        self.assertEqual(self.states(), UNTOUCHED)

    def test_who_asked_for_it_may_cancel_all_of_it(self):
        Run.objects.update(requested_by=self.user)
        self.assertIn(self.run_url('cancel'), self.page(self.scan_run.get_absolute_url()))
        self.post(self.run_url('cancel'), _confirm='1')
        self.assertEqual({state for _name, state in self.states().items()}, {('cancelled', True), ('running', True)})

    def test_an_invisible_run_does_not_exist(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('netbox_netops.view_run')
        self.grant('view', Run, kind='netbox-sync')
        for action in ('cancel', 'retry', 'rerun'):
            self.assertHttpStatus(self.client.post(self.run_url(action)), 404)
        self.assertHttpStatus(self.client.get(self.run_url('cancel')), 404)
        self.assertEqual(self.states(), UNTOUCHED)

    def test_a_finished_run(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.finish(in_a='failed')
        self.assertNotIn(self.run_url('cancel'), self.page(self.scan_run.get_absolute_url()))
        self.assertIn('nothing here that you may cancel', self.page(self.run_url('cancel')))
        response = self.post(self.run_url('cancel'), _confirm='1')
        self.assertIn('The run is finished', self.messages(response)[0])

    def test_only_post_changes_something(self):
        self.grant('netops_scan', Device, VirtualMachine)
        for action in ('retry', 'rerun'):
            self.assertHttpStatus(self.client.get(self.run_url(action)), 405)
        client = Client(enforce_csrf_checks=True)
        client.force_login(self.user)
        for action in ('cancel', 'retry', 'rerun'):
            self.assertHttpStatus(client.post(self.run_url(action)), 403)
        self.assertEqual(self.states(), UNTOUCHED)


class RetryTest(SteeringCase):
    def test_retry_of_a_run(self):
        self.grant('netops_scan', VirtualMachine)
        self.assertIn(self.run_url('retry'), self.page(self.scan_run.get_absolute_url()))
        response = self.post(self.run_url('retry'))
        self.assertEqual(self.messages(response), ['1 target is tried again now.'])
        self.assertIsNone(self.row('vm-a').next_attempt)
        self.assertTrue(Job.objects.filter(object_id=self.scan_run.pk).exists())
        self.assertNotIn(self.run_url('retry'), self.page(self.scan_run.get_absolute_url()))
        self.assertIn('No target waits', self.messages(self.post(self.run_url('retry')))[0])

    def test_rights(self):
        response = self.post(self.run_url('retry'))
        self.assertIn('Permission denied', self.messages(response)[0])
        # The right on other devices is none on this machine.
        self.grant('netops_scan', Device)
        response = self.post(self.run_url('retry'))
        self.assertIn('Permission denied', self.messages(response)[0])
        # Who asked for the run may cancel it, no more.
        Run.objects.update(requested_by=self.user)
        self.assertIn('Permission denied', self.messages(self.post(self.run_url('retry')))[0])
        self.assertIsNotNone(self.row('vm-a').next_attempt)

    def test_what_waits_for_an_address_is_not_retried(self):
        self.grant('netops_scan', Device, VirtualMachine)
        RunTarget.objects.filter(name='vm-a').update(blocked='waiting:address', error_code='')
        self.assertNotIn(self.run_url('retry'), self.page(self.scan_run.get_absolute_url()))
        self.assertIn('No target waits', self.messages(self.post(self.run_url('retry')))[0])
        self.assertIsNotNone(self.row('vm-a').next_attempt)


class RerunTest(SteeringCase):
    def test_a_new_run_on_what_did_not_succeed(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.finish(in_a='failed', vm_a='expired')
        Run.objects.update(options={'retries': 1})
        self.assertIn(self.run_url('rerun'), self.page(self.scan_run.get_absolute_url()))
        response = self.post(self.run_url('rerun'))
        run = Run.objects.exclude(pk=self.scan_run.pk).get()
        self.assertEqual(response.redirect_chain[-1][0], run.get_absolute_url())
        self.assertIn('2 queued', self.messages(response)[0])
        self.assertEqual(set(run.targets.values_list('name', flat=True)), {'in-a', 'vm-a'})
        self.assertEqual((run.kind, run.options, run.requested_by), ('device-scan', {'retries': 1}, self.user))
        self.assertEqual((run.reason, run.interactive), (f'Failed in run #{self.scan_run.pk}', True))

    def test_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        self.finish(in_a='failed', in_b='cancelled', vm_a='expired')
        response = self.post(self.run_url('rerun'))
        run = Run.objects.exclude(pk=self.scan_run.pk).get()
        self.assertEqual(list(run.targets.values_list('name', flat=True)), ['in-a'])
        self.assertIn('2 of the selection are left out', self.messages(response)[1])

    def test_refusals(self):
        self.finish(in_a='failed')
        self.assertNotIn(self.run_url('rerun'), self.page(self.scan_run.get_absolute_url()))
        self.assertIn('Permission denied', self.messages(self.post(self.run_url('rerun')))[0])
        self.grant('netops_scan', Device, site=self.site_b.pk)
        self.assertIn('No device selected', self.messages(self.post(self.run_url('rerun')))[0])
        self.grant('netops_scan', Device)
        Run.objects.update(status='running')
        self.assertIn('The run is not finished', self.messages(self.post(self.run_url('rerun')))[0])
        self.finish()
        self.assertIn('nothing of this run failed', self.messages(self.post(self.run_url('rerun')))[0])
        self.assertEqual(Run.objects.count(), 1)

    def test_a_second_click_joins_the_first(self):
        self.grant('netops_scan', Device)
        self.finish(in_a='failed')
        self.post(self.run_url('rerun'))
        self.assertIn('already under way', self.messages(self.post(self.run_url('rerun')))[0])
        self.assertEqual(Run.objects.count(), 2)

    def test_sync(self):
        self.grant('netops_sync', Target)
        sync_run = make_run(kind='netbox-sync', status='failed', total=1, failed=1, options={'again': True})
        RunTarget.objects.create(
            run=sync_run, name='NetBox sync', dedup_key='netbox-sync:all', state='failed', expires=timezone.now()
        )
        self.post(self.url(Run, 'rerun', sync_run.pk))
        run = Run.objects.first()
        self.assertEqual((run.kind, run.status, run.options), ('netbox-sync', 'queued', {}))


class RowsTest(SteeringCase):
    def bulk(self, action, *names, **data):
        return self.post(self.url(RunTarget, action), pk=[self.rows[name].pk for name in names], **data)

    def cancel(self, *names):
        """Select, look at the question, confirm it."""
        response = self.bulk('bulk_cancel', *names)
        self.assertEqual(self.states(), UNTOUCHED)
        hidden = response.context['confirmation'].hidden
        return self.post(self.url(RunTarget, 'bulk_cancel'), _confirm='1', **hidden)

    def test_the_buttons_follow_the_rights(self):
        pages = (self.url(RunTarget, 'list'), self.scan_run.get_absolute_url())
        urls = [self.url(RunTarget, action) for action in ('bulk_cancel', 'bulk_retry')]
        for page in pages:
            text = self.page(page)
            for url in urls:
                self.assertNotIn(url, text)
            self.assertNotIn('name="pk"', text)
        self.grant('netops_scan', Device)
        for page in pages:
            text = self.page(page)
            for url in urls:
                self.assertIn(f'formaction="{url}', text)
            self.assertEqual(text.count('name="pk"'), 3)
        # Beside a run that goes on the table keeps still while rows are selected.
        self.assertIn("[!document.querySelector('#object_list tbody input:checked')] from:body", text)

    def test_cancel(self):
        self.grant('netops_scan', Device, VirtualMachine)
        response = self.cancel('in-a', 'in-b')
        self.assertEqual(
            self.states(), {'in-a': ('cancelled', True), 'in-b': ('running', True), 'vm-a': ('waiting', False)}
        )
        self.assertIn('2 targets were cancelled', self.messages(response)[0])
        self.scan_run.refresh_from_db()
        self.assertEqual((self.scan_run.status, self.scan_run.cancelled), ('running', None))

    def test_cancel_only_what_the_user_may_operate(self):
        self.grant('netops_scan', Device, site=self.site_a.pk)
        question = self.bulk('bulk_cancel', 'in-a', 'in-b', 'vm-a').content.decode()
        self.assertIn('1 target that waits', question)
        self.assertIn('2 targets are left as they are', question)
        self.cancel('in-a', 'in-b', 'vm-a')
        self.assertEqual(self.states(), {**UNTOUCHED, 'in-a': ('cancelled', True)})
        # A form that was made up changes no more.
        pks = ','.join(str(row.pk) for row in self.rows.values())
        response = self.post(self.url(RunTarget, 'bulk_cancel'), _confirm='1', rows=pks)
        self.assertIn('The run is finished', self.messages(response)[0])
        self.assertEqual(self.states(), {**UNTOUCHED, 'in-a': ('cancelled', True)})

    def test_rows_that_the_user_may_not_view(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('dcim.view_device')
        for data in ({'pk': [self.rows['in-a'].pk]}, {'_all': '1'}):
            response = self.post(f'{self.url(RunTarget, "bulk_cancel")}?name=in-a', **data)
            self.assertIn('No device selected', self.messages(response)[0])
        response = self.post(self.url(RunTarget, 'bulk_cancel'), _confirm='1', rows=str(self.rows['in-a'].pk))
        self.assertIn('Permission denied', self.messages(response)[0])
        self.assertEqual(self.states(), UNTOUCHED)

    def test_all_that_match_the_filters(self):
        self.grant('netops_scan', Device, VirtualMachine)
        url = f'{self.url(RunTarget, "bulk_cancel")}?site_id={self.site_a.pk}'
        hidden = self.post(url, _all='1').context['confirmation'].hidden
        self.assertEqual({int(pk) for pk in hidden['rows'].split(',')}, {self.rows['in-a'].pk, self.rows['vm-a'].pk})
        self.post(url, _confirm='1', **hidden)
        self.assertEqual(self.states()['in-b'], ('running', False))
        self.assertEqual(self.states()['vm-a'], ('cancelled', True))

    def test_nothing_selected(self):
        self.grant('netops_scan', Device)
        for action, data in (('bulk_cancel', {}), ('bulk_cancel', {'_confirm': '1'}), ('bulk_retry', {'pk': 'x'})):
            response = self.post(self.url(RunTarget, action), **data)
            self.assertIn('No device selected', self.messages(response)[0])
        self.assertEqual(self.states(), UNTOUCHED)

    def test_without_the_right_to_run_targets(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.remove_permissions('netbox_netops.view_runtarget')
        for action in ('bulk_cancel', 'bulk_retry'):
            self.assertHttpStatus(self.bulk(action, 'in-a'), 403)
            self.assertHttpStatus(self.client.get(self.url(RunTarget, action)), 403)

    def test_retry(self):
        self.grant('netops_scan', Device, VirtualMachine)
        self.assertHttpStatus(self.client.get(self.url(RunTarget, 'bulk_retry')), 405)
        response = self.bulk('bulk_retry', 'in-a', 'in-b', 'vm-a', return_url=self.scan_run.get_absolute_url())
        self.assertEqual(response.redirect_chain[-1][0], self.scan_run.get_absolute_url())
        done, left = self.messages(response)
        self.assertEqual(done, '1 target is tried again now.')
        self.assertIn('2 targets were left', left)
        self.assertIsNone(self.row('vm-a').next_attempt)

    def test_retry_without_the_right(self):
        self.grant('netops_scan', Device)
        response = self.bulk('bulk_retry', 'vm-a')
        self.assertIn('Permission denied', self.messages(response)[0])
        self.assertIsNotNone(self.row('vm-a').next_attempt)


class RunPageTest(SteeringCase):
    def test_what_each_target_waits_for(self):
        RunTarget.objects.filter(name='in-a').update(blocked='waiting:site', worker='w1')
        page = self.page(self.scan_run.get_absolute_url())
        for text in ('The site is at its limit', 'waiting:site', '1 of 3', '0 of 3', r'in \d+m', 'No answer from the'):
            self.assertRegex(page, text)
        self.assertIn('href="/plugins/netops/errors/unreachable:no-response/"', page)
        page = self.page(self.rows['vm-a'].get_absolute_url())
        for text in ('1 of 3', r'in \d+m', 'Waits for'):
            self.assertRegex(page, text)

    def test_a_paused_kind(self):
        url = self.scan_run.get_absolute_url()
        page = self.page(url)
        self.assertNotIn('paused', page)
        token = page.split(f'{url}?live=', 1)[1].split('"', 1)[0]
        pause('device-scan', self.user, 'migration <b>')
        fragment, event = self.fragment(url, token)
        self.assertEqual(event, 'netops-changed')
        self.assertIn('Device scan was paused by testuser', fragment)
        self.assertIn('migration &lt;b&gt;', fragment)
        self.finish()
        self.assertNotIn('was paused', self.page(url))

    def test_progress_in_three_colours(self):
        Run.objects.update(total=10, succeeded=5, failed=2)
        for url in (self.url(Run, 'list'), self.scan_run.get_absolute_url()):
            page = self.page(url)
            self.assertIn('5 succeeded, 2 failed, of 10; 3 remaining', page)
            for part in (
                'bg-success" style="width: 50%',
                'bg-danger" style="width: 20%',
                'bg-blue-lt" style="width: 30%',
            ):
                self.assertIn(part, page)

    def test_buttons_in_the_list(self):
        list_url = self.url(Run, 'list')
        for action in ('cancel', 'rerun'):
            self.assertNotIn(self.run_url(action), self.page(list_url))
        self.grant('netops_scan', Device)
        page = self.page(list_url)
        self.assertIn(f'href="{self.run_url("cancel")}?return_url=', page)
        self.assertNotIn(self.run_url('rerun'), page)
        self.finish(in_a='failed')
        page = self.page(list_url)
        self.assertNotIn(self.run_url('cancel'), page)
        self.assertIn(f'formaction="{self.run_url("rerun")}?return_url=', page)

    def test_filters(self):
        make_run(interactive=True, status='succeeded')
        for query, count in (
            ({}, 2),
            ({'interactive': 'true'}, 1),
            ({'active': 'true'}, 1),
            ({'status': 'running'}, 1),
        ):
            response = self.client.get(self.url(Run, 'list'), query)
            self.assertEqual(len(response.context['table'].data), count, query)
        RunTarget.objects.filter(name='in-a').update(blocked='waiting:site')
        response = self.client.get(self.url(RunTarget, 'list'), {'blocked': 'waiting:site'})
        self.assertEqual([row.name for row in response.context['table'].data], ['in-a'])
