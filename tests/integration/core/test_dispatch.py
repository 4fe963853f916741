"""The one door in: what `enqueue` refuses, creates, joins and queues."""

import threading
from unittest import mock

from core.models import Job, ObjectType
from dcim.models import Device, VirtualChassis
from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django_rq import get_queue
from redis.exceptions import ConnectionError as RedisConnectionError
from users.models import ObjectPermission
from utilities.testing import TestCase

from netbox_netops.dispatch import DispatchError, enqueue, request_sync, ring_all
from netbox_netops.inventory import SyncStats
from netbox_netops.jobs.netbox_sync import NetBoxSyncJob
from netbox_netops.models import Run, RunTarget, Target
from tests.integration.factories import make_device, make_machine, make_site, make_target


class DispatchCase(TestCase):
    def refused(self, code, field='', **arguments):
        """Assert that the request is refused with this code, and that nothing came of it."""
        arguments = {'kind': 'device-scan', 'user': None} | arguments
        with self.captureOnCommitCallbacks(execute=True), self.assertRaises(DispatchError) as caught:
            enqueue(**arguments)
        self.assertEqual((caught.exception.code, caught.exception.field), (code, field))
        self.assertFalse(Run.objects.exists())
        self.assertFalse(Job.objects.exists())
        return caught.exception.detail

    def grant(self, action, model=Device, **constraints):
        permission = ObjectPermission.objects.create(
            name=f'{action} {model} {constraints}', actions=[action], constraints=constraints or None
        )
        permission.users.add(self.user)
        permission.object_types.add(ObjectType.objects.get_for_model(model))
        # The permissions of a user object are read once.
        self.user = get_user_model().objects.get(pk=self.user.pk)


class RefusalTest(DispatchCase):
    def test_empty_selection(self):
        self.refused('selection:empty')
        self.refused('selection:empty', devices=[], virtual_machines=())
        self.refused('selection:empty', devices=Device.objects.filter(name='nothing has this name'))

    def test_unknown_kind(self):
        self.assertIn('device-scan', self.refused('kind:unknown', 'kind', kind='device-scam'))

    def test_unknown_device_refuses_the_whole_request(self):
        device = make_device()
        detail = self.refused('target:unknown', 'devices', devices=[device.pk, 4711, 4712])
        self.assertIn('4711, 4712', detail)
        self.refused('target:unknown', 'virtual_machines', virtual_machines=[1])

    def test_what_is_not_a_primary_key(self):
        for value in ('1', None, True, 1.0):
            self.refused('selection:invalid', 'devices', devices=[value])

    def test_invalid_options(self):
        device = make_device()
        for options in ({'port': 0}, {'timeout': 'soon'}, {'comunity': 'x'}, {'port': True}, ['port']):
            self.refused('options:invalid', 'options', devices=[device.pk], options=options)
        self.refused('options:invalid', 'options', kind='netbox-sync', options={'port': 161})

    def test_sync_takes_no_selection(self):
        device = make_device()
        self.refused('selection:invalid', 'devices', kind='netbox-sync', devices=[device.pk])
        self.refused('selection:invalid', 'devices', kind='netbox-sync', devices=Device.objects.all())


class PermissionTest(DispatchCase):
    def test_without_the_action_nothing_is_started(self):
        device = make_device()
        self.grant('view')
        self.assertIn('dcim.netops_scan_device', self.refused('permission:denied', 'devices', user=self.user,
                                                              devices=[device.pk]))  # fmt: skip
        self.refused('permission:denied', 'devices', user=self.user, devices=Device.objects.all())
        self.refused('permission:denied', user=self.user, kind='netbox-sync')

    def test_constraints_hold_object_by_object(self):
        """A foreign device looks like one that does not exist; a queryset is narrowed."""
        mine, foreign = make_site('Mine'), make_site('Foreign')
        own, other = make_device(site=mine), make_device(site=foreign)
        self.grant('netops_scan', site__slug='mine')
        detail = self.refused('target:unknown', 'devices', user=self.user, devices=[own.pk, other.pk])
        self.assertEqual(detail, f'device: {other.pk}')
        result = enqueue('device-scan', user=self.user, devices=Device.objects.all())
        self.assertEqual(list(RunTarget.objects.values_list('target__device', flat=True)), [own.pk])
        self.assertEqual(result.run.requested_by, self.user)

    def test_chassis_member_does_not_open_the_master_of_another(self):
        master, member = make_device('sw-1', address='192.0.2.1'), make_device('sw-2')
        chassis = VirtualChassis.objects.create(name='stack', master=master)
        for position, device in enumerate((master, member), 1):
            Device.objects.filter(pk=device.pk).update(virtual_chassis=chassis, vc_position=position)
        self.grant('netops_scan', name='sw-2')
        self.refused('target:unknown', 'devices', user=self.user, devices=[member.pk])
        self.refused('selection:empty', user=self.user, devices=Device.objects.filter(pk=member.pk))
        self.grant('netops_scan', name='sw-1')
        self.assertEqual(enqueue('device-scan', user=self.user, devices=[member.pk]).queued, 1)

    def test_machines_have_their_own_permission(self):
        machine = make_machine()
        self.grant('netops_scan')
        self.refused('permission:denied', 'virtual_machines', user=self.user, virtual_machines=[machine.pk])
        self.grant('netops_scan', model=type(machine))
        self.assertEqual(enqueue('device-scan', user=self.user, virtual_machines=[machine.pk]).queued, 1)

    def test_sync_has_its_own_permission(self):
        self.grant('netops_sync', model=Target)
        self.assertTrue(enqueue('netbox-sync', user=self.user).created)


class EnqueueTest(DispatchCase):
    def test_a_run_with_its_targets_and_one_job(self):
        self.grant('netops_scan')
        targets = [make_target(address=f'192.0.2.{number}') for number in range(1, 4)]
        with self.captureOnCommitCallbacks(execute=True):
            result = enqueue(
                'device-scan',
                user=self.user,
                devices=[target.device_id for target in targets],
                reason='because',
                options={'timeout': 1},
            )
        run = Run.objects.get()
        self.assertEqual((result.run, result.created, result.queued, result.joined), (run, True, 3, {}))
        self.assertEqual((run.status, run.total, run.reason, run.options), ('queued', 3, 'because', {'timeout': 1}))
        self.assertEqual(set(run.targets.values_list('target', 'state')), {(t.pk, 'waiting') for t in targets})
        job = Job.objects.get()
        self.assertEqual((job.object, job.queue_name, job.user), (run, 'low', self.user))
        entry = get_queue('low').fetch_job(str(job.job_id))
        self.assertEqual({key: entry.kwargs[key] for key in ('run', 'reason')}, {'run': run.pk, 'reason': 'because'})
        self.assertEqual(set(entry.kwargs) - {'job'}, {'run', 'reason'})
        self.assertGreater(entry.timeout, 240)

    def test_missing_target_is_created(self):
        device = make_device('new', address='192.0.2.1')
        self.assertFalse(Target.objects.exists())
        enqueue('device-scan', user=None, devices=[device.pk])
        self.assertEqual(RunTarget.objects.get().target.device, device)

    def test_device_that_is_not_operated_is_recorded_as_such(self):
        device = make_device(status='inventory')
        enqueue('device-scan', user=None, devices=[device.pk])
        self.assertEqual(RunTarget.objects.get().target.status, 'retired')

    def test_chassis_member_is_its_master_s_target(self):
        master, member = make_device('sw-1', address='192.0.2.1'), make_device('sw-2')
        chassis = VirtualChassis.objects.create(name='stack', master=master)
        for position, device in enumerate((master, member), 1):
            Device.objects.filter(pk=device.pk).update(virtual_chassis=chassis, vc_position=position)
        result = enqueue('device-scan', user=None, devices=[master.pk, member.pk])
        self.assertEqual(result.queued, 1)
        self.assertEqual(RunTarget.objects.get().target.device, master)

    def test_duplicate_answers_with_the_active_run(self):
        target = make_target()
        first = enqueue('device-scan', user=None, devices=[target.device_id])
        second = enqueue('device-scan', user=None, devices=[target.device_id])
        self.assertEqual((second.run, second.created, second.queued), (first.run, False, 0))
        self.assertEqual(second.joined, {first.run.pk: 1})
        self.assertEqual(Run.objects.count(), 1)
        self.assertEqual(RunTarget.objects.count(), 1)

    def test_overlapping_run_joins_what_is_active(self):
        targets = [make_target() for _ in range(3)]
        first = enqueue('device-scan', user=None, devices=[targets[0].device_id])
        second = enqueue('device-scan', user=None, devices=[target.device_id for target in targets])
        self.assertEqual((second.created, second.queued, second.joined), (True, 2, {first.run.pk: 1}))
        self.assertEqual(Run.objects.get(pk=second.run.pk).joined, {str(first.run.pk): 1})

    def test_finished_work_can_be_requested_again(self):
        target = make_target()
        first = enqueue('device-scan', user=None, devices=[target.device_id])
        RunTarget.objects.update(state='succeeded')
        second = enqueue('device-scan', user=None, devices=[target.device_id])
        self.assertNotEqual(first.run, second.run)

    def test_sync_is_active_once(self):
        first, second = enqueue('netbox-sync', user=None), enqueue('netbox-sync', user=None)
        self.assertEqual((first.created, second.created, first.run), (True, False, second.run))

    def test_sync_requested_while_one_is_at_work_is_followed_by_another(self):
        """The one at work may have read what has changed since."""
        first = enqueue('netbox-sync', user=None).run
        request_sync('waiting: nothing is read yet')
        self.assertEqual(Run.objects.count(), 1)
        with mock.patch('netbox_netops.jobs.netbox_sync.sync') as sync:
            sync.side_effect = lambda: (request_sync('changed meanwhile'), SyncStats())[1]
            NetBoxSyncJob.enqueue(instance=first, immediate=True, run=first.pk)
        statuses = list(Run.objects.order_by('pk').values_list('status', flat=True))
        self.assertEqual(statuses, ['succeeded', 'queued'])

    def test_overdue_run_is_not_joined(self):
        target = make_target()
        first = enqueue('device-scan', user=None, devices=[target.device_id])
        RunTarget.objects.update(expires='2020-01-01T00:00Z')
        second = enqueue('device-scan', user=None, devices=[target.device_id])
        self.assertTrue(second.created)
        first.run.refresh_from_db()
        self.assertEqual(first.run.status, 'expired')
        self.assertEqual(first.run.targets.get().error_code, 'expired:no-worker')

    def test_number_of_queries_and_jobs_does_not_depend_on_the_number_of_devices(self):
        site = make_site()
        counts = []
        # The first round fills what NetBox keeps per process: content types and its configuration.
        for number in (2, 2, 40):
            devices = [make_device(site=site).pk for _ in range(number)]
            with CaptureQueriesContext(connection) as queries, self.captureOnCommitCallbacks(execute=True):
                enqueue('device-scan', user=None, devices=devices)
            counts.append((len(queries), Job.objects.count()))
            Job.objects.all()._raw_delete(using='default')
        self.assertEqual(counts[1], counts[2])
        self.assertEqual(counts[1][1], 1)

    def test_a_run_whose_job_is_queued_needs_no_other(self):
        """Addresses that are set one by one ring once, not each for itself; gateways are rung at."""
        target = make_target()
        with self.captureOnCommitCallbacks(execute=True):
            run = enqueue('device-scan', user=None, devices=[target.device_id]).run
        (job,) = run.jobs.all()
        with mock.patch('netbox_netops.dispatch.ring_gateways') as rung:
            ring_all([run.pk])
        rung.assert_called_once_with(run)
        self.assertEqual(list(run.jobs.all()), [job])
        # What has begun may be about to end.
        job.start()
        ring_all([run.pk])
        self.assertEqual(run.jobs.count(), 2)

    def test_no_worker_is_a_warning(self):
        target = make_target()
        self.assertTrue(enqueue('device-scan', user=None, devices=[target.device_id]).no_worker)
        with mock.patch('netbox_netops.dispatch.any_workers_for_queue', return_value=True) as served:
            self.assertFalse(enqueue('device-scan', user=None, devices=[target.device_id]).no_worker)
        served.assert_called_once_with('low')


class CommittedTest(TransactionTestCase):
    def test_without_redis_the_run_is_kept_and_no_job_is_left_pending(self):
        """Losing Redis costs delay, never work, and no error page after the run was committed."""
        target = make_target()
        with (
            mock.patch('rq.queue.Queue.enqueue', side_effect=RedisConnectionError),
            mock.patch('netbox_netops.dispatch.any_workers_for_queue', side_effect=RedisConnectionError),
            self.assertLogs('netbox.netbox_netops.dispatch', 'ERROR'),
        ):
            result = enqueue('device-scan', user=None, devices=[target.device_id])
        self.assertTrue(result.no_worker)
        self.assertEqual(RunTarget.objects.get().state, 'waiting')
        self.assertEqual(list(result.run.jobs.all()), [])

    def test_concurrent_requests_for_the_same_devices_create_each_target_once(self):
        """The index decides, not a look before the insert."""
        site = make_site()
        devices = [make_device(site=site, address=f'192.0.2.{number}').pk for number in range(1, 51)]
        results, errors = [], []
        barrier = threading.Barrier(8)

        def request():
            try:
                barrier.wait()
                results.append(enqueue('device-scan', user=None, devices=devices))
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=request) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(RunTarget.objects.filter(state='waiting').count(), 50)
        self.assertEqual(sum(result.queued for result in results), 50)
        for result in results:
            self.assertEqual(result.queued + sum(result.joined.values()), 50)
            self.assertTrue(Run.objects.filter(pk=result.run.pk).exists())
