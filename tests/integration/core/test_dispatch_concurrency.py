"""Many ask for the same devices at the same moment: each is worked on once, and everybody is told by which run."""

import random
import threading

from core.models import Job
from dcim.models import Device
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connection, transaction
from django.test import LiveServerTestCase, TransactionTestCase
from django.test.testcases import LiveServerThread
from users.choices import TokenVersionChoices
from users.constants import TOKEN_PREFIX
from users.models import Token, User

from lab.api import RUNS, Api
from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.inventory import sync
from netbox_netops.models import Run, RunTarget, Target
from netbox_netops.results import ResultSink
from netbox_netops.settings import get_settings
from tests.integration.core.runs import in_threads, make_result, wait_for_locks
from tests.integration.factories import make_device, make_site

REQUESTS = 50
DEVICES = 500


def make_devices(number: int) -> list[int]:
    """So many devices of one site, none of which has a target yet."""
    model = make_device(site=make_site())
    fields = {name: getattr(model, name) for name in ('site', 'role', 'device_type', 'status')}
    devices = Device.objects.bulk_create(Device(name=f'bulk-{item}', **fields) for item in range(number - 1))
    return [model.pk, *(device.pk for device in devices)]


class ConcurrencyCase:
    def at_once(self, *functions):
        """Call all of them at the same moment."""
        barrier = threading.Barrier(len(functions), timeout=60)

        def begin(function):
            # Whoever has no connection yet would be late.
            connection.ensure_connection()
            barrier.wait()
            return function()

        outcomes = in_threads(*(lambda function=function: begin(function) for function in functions))
        self.assertEqual([item for item in outcomes if isinstance(item, Exception)], [])
        return outcomes

    def assertEachOnce(self, devices):
        """Each device has one active row, and each run with rows has the counts and the core jobs of a run."""
        active = RunTarget.objects.filter(state__in=('waiting', 'running'))
        self.assertEqual(active.count(), len(devices))
        self.assertEqual(set(active.values_list('target__device', flat=True)), set(devices))
        self.assertEqual(Target.objects.count(), len(devices))
        for run in Run.objects.filter(status__in=('queued', 'running')):
            self.assertEqual(run.total, run.targets.count())
            self.assertGreater(run.total, 0)
            jobs = Job.objects.filter(object_id=run.pk, object_type__model='run').count()
            self.assertTrue(1 <= jobs <= get_settings().drainers, jobs)


class EnqueueTest(ConcurrencyCase, TransactionTestCase):
    def check(self, dispatch, number):
        self.assertEqual(dispatch.queued + sum(dispatch.joined.values()), number)
        self.assertEqual(dispatch.created, dispatch.queued > 0)
        self.assertTrue(Run.objects.filter(pk__in=[dispatch.run.pk, *dispatch.joined]).count() >= 1)

    def test_the_same_devices(self):
        """Neither have they targets yet: all find them missing and create them."""
        devices = make_devices(DEVICES)
        outcomes = self.at_once(*[lambda: enqueue('device-scan', user=None, devices=devices)] * REQUESTS)
        self.assertEachOnce(devices)
        self.assertEqual(sum(item.queued for item in outcomes), DEVICES)
        for dispatch in outcomes:
            self.check(dispatch, DEVICES)

    def test_overlapping_selections(self):
        devices = make_devices(DEVICES)
        sync(device_ids=devices)
        draw = random.Random(4)
        wanted = [draw.sample(devices, 200) for _request in range(REQUESTS)]
        outcomes = self.at_once(*(lambda some=some: enqueue('device-scan', user=None, devices=some) for some in wanted))
        asked = set().union(*wanted)
        self.assertEqual(RunTarget.objects.count(), len(asked))
        self.assertEqual(set(RunTarget.objects.values_list('target__device', flat=True)), asked)
        for dispatch in outcomes:
            self.check(dispatch, 200)

    def test_requests_in_transactions_that_end_later(self):
        """Who comes second waits, and works on what the first leaves when it is rolled back."""
        devices = make_devices(20)
        sync(device_ids=devices)
        for commit in (True, False):
            with self.subTest(commit=commit):
                RunTarget.objects.all().delete()
                begun = threading.Event()

                def first(commit=commit, begun=begun):
                    with transaction.atomic():
                        enqueue('device-scan', user=None, devices=devices)
                        begun.set()
                        wait_for_locks(1)
                        transaction.set_rollback(not commit)

                def second(begun=begun):
                    self.assertTrue(begun.wait(30))
                    return enqueue('device-scan', user=None, devices=devices)

                _first, dispatch = self.at_once(first, second)
                self.assertEqual((dispatch.created, dispatch.queued), (not commit, 0 if commit else 20))
                self.assertEachOnce(devices)
                Run.objects.all().delete()

    def test_while_workers_finish_what_is_asked_for(self):
        """What has ended is asked for anew, what has not is joined; nothing is in two runs at once, nor in none."""
        devices = make_devices(60)
        sync(device_ids=devices)
        asked = threading.Event()
        turns = 10

        def ask():
            answers = []
            for _turn in range(turns):
                dispatch = enqueue('device-scan', user=None, devices=devices)
                answers.append(dispatch.queued + sum(dispatch.joined.values()))
            return answers

        def work():
            finished = 0
            while True:
                last = asked.is_set()
                found = lifecycle.claimable_runs()
                for pk in found:
                    claims = lifecycle.claim(pk, 7, worker='w', lease_seconds=60).claims
                    run = Run.objects.get(pk=pk)
                    finished += ResultSink().write([make_result(claim, run) for claim in claims])
                if last and not found:
                    return finished

        def ask_all():
            answers = in_threads(*[ask] * 4)
            asked.set()
            return answers

        answers, *finished = self.at_once(ask_all, work, work)
        self.assertEqual(answers, [[60] * turns] * 4)
        self.assertEqual(set(RunTarget.objects.values_list('state', flat=True)), {'succeeded'})
        self.assertEqual(sum(finished), RunTarget.objects.count())
        for run in Run.objects.all():
            self.assertEqual((run.status, run.succeeded), ('succeeded', run.targets.count()))

    def test_what_is_done_while_somebody_asks_for_it(self):
        """It is joined: its result is fresh."""

        def finish(claims, run):
            self.assertEqual(ResultSink().write([make_result(claim, run) for claim in claims]), 20)

        self.check_end(finish, lease_seconds=60, expected=(20, 20))

    def test_what_is_given_up_while_somebody_asks_for_it(self):
        """It is asked for anew, with all the rest, and so by the one who waited."""

        def give_up(_claims, run):
            self.assertEqual(lifecycle.cancel_run(run.pk, None), 20)
            lifecycle.reap_leases()

        # Overdue at once: nobody needs to wait for a worker that gives it up.
        self.check_end(give_up, lease_seconds=-1, expected=(0, 40))

    def check_end(self, end, *, lease_seconds, expected):
        """Two ask for what ends in between: neither waits for one who waits for him."""
        devices = make_devices(40)
        sync(device_ids=devices)
        old = enqueue('device-scan', user=None, devices=devices[:20]).run
        claims = lifecycle.claim(old.pk, 20, worker='w', lease_seconds=lease_seconds).claims
        self.assertEqual(len(claims), 20)
        inserted, ended = threading.Event(), threading.Event()

        def hook(execute, sql, params, many, context):
            answer = execute(sql, params, many, context)
            if 'INSERT INTO netbox_netops_runtarget ' in sql and not inserted.is_set():
                inserted.set()
                self.assertTrue(ended.wait(30))
                # The second one has taken what has ended, and waits for what the first has inserted.
                wait_for_locks(1)
            return answer

        def first():
            with connection.execute_wrapper(hook):
                return enqueue('device-scan', user=None, devices=devices)

        def second():
            self.assertTrue(inserted.wait(30))
            end(claims, old)
            ended.set()
            return enqueue('device-scan', user=None, devices=devices)

        one, two = self.at_once(first, second)
        self.assertEqual((one.queued, sum(one.joined.values())), expected)
        self.assertEqual(two.queued + sum(two.joined.values()), 40)
        self.assertEqual(one.queued + two.queued, 40)
        self.assertEachOnce(devices)


class WideServer(ThreadedWSGIServer):
    """One that all can come to at once."""

    request_queue_size = REQUESTS


class WideServerThread(LiveServerThread):
    server_class = WideServer


class HttpTest(ConcurrencyCase, LiveServerTestCase):
    server_thread_class = WideServerThread

    def test_the_same_devices(self):
        devices = make_devices(DEVICES)
        user = User.objects.create(username='operator', is_superuser=True)
        token = Token.objects.create(user=user, version=TokenVersionChoices.V2)
        api = Api(self.live_server_url, f'Bearer {TOKEN_PREFIX}{token.key}.{token.token}')
        # What a process loads with its first request would let the others come one after the other.
        api.get(RUNS)
        answers = self.at_once(
            *[lambda: api.request('POST', RUNS, {'kind': 'device-scan', 'devices': devices})] * REQUESTS
        )
        self.assertEqual({answer.status for answer in answers}, {202})
        self.assertEachOnce(devices)
        runs = set(Run.objects.values_list('pk', flat=True))
        queued = 0
        for answer in answers:
            dispatch = answer.json['dispatch']
            joined = {int(run): number for run, number in dispatch['joined'].items()}
            queued += dispatch['queued']
            self.assertEqual(dispatch['queued'] + sum(joined.values()), DEVICES)
            self.assertLessEqual({answer.json['id'], *joined}, runs)
        self.assertEqual(queued, DEVICES)
