"""A core job drains its run: ready targets are probed by the engine, the others closed with the reason."""

import asyncio
import math
import time
from functools import partial
from unittest import mock

from core.choices import JobStatusChoices
from dcim.models import Device
from django.utils import timezone
from django_rq import get_connection
from utilities.testing import TestCase

from netbox_netops import lifecycle
from netbox_netops.dispatch import enqueue
from netbox_netops.inventory import sync
from netbox_netops.jobs import tick
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.jobs.netbox_sync import NetBoxSyncJob
from netbox_netops.models import FamilyState, InterfaceState, Run, RunTarget, ScanResult, Target
from netops_worker.engine import EngineLimits
from netops_worker.errors import NetOpsError
from netops_worker.probes import ProbeOutcome
from tests.integration.factories import make_credential, make_device, make_machine, make_site, make_target

SYSTEM = {
    'name': 'r1',
    'description': 'Router',
    'object_id': '1.3.6.1.4.1.9.1.1',
    'uptime_ticks': 4200,
    'contact': 'noc',
    'location': 'rack 1',
}


def interface(index, **values):
    return {
        'index': index,
        'name': f'Gi0/{index}',
        'description': f'GigabitEthernet0/{index}',
        'alias': '',
        'type': 6,
        'mtu': 1500,
        'speed': 10**9,
        'mac': '00:11:22:33:44:55',
        'admin_status': 1,
        'oper_status': 1,
        'last_change': 0,
    } | values


class DrainCase(TestCase):
    """`self.answers` maps a target's name to what its probe returns or raises."""

    def setUp(self):
        super().setUp()
        self.credential = make_credential()
        self.site = make_site()
        self.answers = {}
        self.tasks = []

    def target(self, name='', **values):
        return make_target(name, site=self.site, **values)

    async def _probe(self, task, context):
        self.tasks.append(task)
        answer = self.answers.get(task.name, ProbeOutcome(data={'system': SYSTEM, 'interfaces': []}))
        if isinstance(answer, Exception):
            raise answer
        await asyncio.sleep(0)
        return answer

    def drain(self, *targets, **options):
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets], **options).run
        return self.work(run)

    def work(self, run):
        with mock.patch('netbox_netops.jobs.base.default_probes', return_value={'device-scan': self._probe}):
            self.job = DeviceScanJob.enqueue(instance=run, immediate=True, run=run.pk)
        self.assertEqual(self.job.status, JobStatusChoices.STATUS_COMPLETED, self.job.log_entries)
        run.refresh_from_db()
        return run


class DeviceScanJobTest(DrainCase):
    def test_success_is_stored(self):
        target = self.target('r1')
        self.answers['r1'] = ProbeOutcome(
            data={'system': SYSTEM, 'interfaces': [interface(1), interface(2, oper_status=2)]},
            credential=self.credential.pk,
        )
        run = self.drain(target)
        self.assertEqual((run.status, run.succeeded), ('succeeded', 1))
        scan = ScanResult.objects.get()
        self.assertEqual((scan.target, scan.run, scan.ok, scan.credential), (target, run, True, self.credential))
        self.assertEqual((scan.uptime_ticks, scan.counts, scan.interface_count), (4200, {'interfaces': 2}, 2))
        self.assertEqual((scan.first, scan.change_count, scan.changes, scan.problems), (True, 0, [], []))
        target.refresh_from_db()
        system = target.system
        self.assertEqual(
            (system.name, system.description, system.object_id, system.contact, system.location),
            ('r1', 'Router', '1.3.6.1.4.1.9.1.1', 'noc', 'rack 1'),
        )
        self.assertEqual((target.reachability, target.latest_scan, target.last_error), ('reachable', scan, ''))
        self.assertEqual((target.last_attempt_at, target.last_success_at), (scan.started, scan.started))
        self.assertEqual(target.reachability_since, scan.started)
        self.assertEqual(target.snmp_credential, self.credential)
        row = InterfaceState.objects.get(index=2)
        self.assertEqual((row.name, row.oper_status, row.speed), ('Gi0/2', 2, 10**9))
        self.assertEqual((row.oper_since, row.changed_at), (scan.started, scan.started))

    def test_task_carries_the_minimal_payload_and_references_only(self):
        Device.objects.filter(pk=(target := self.target('r1', address='192.0.2.9')).device_id).update(
            _config_context_data={'netops': {'snmp': {'port': 1161, 'timeout': 4}}}
        )
        sync()
        run = self.drain(target, reason='why', options={'timeout': 1})
        task = self.tasks[0].to_json()
        self.assertEqual(task['version'], 1)
        self.assertEqual((task['run'], task['target'], task['attempt']), (run.pk, target.pk, 1))
        self.assertEqual(
            (task['deviceId'], task['netboxId'], task['tenantId']), (target.device_id, target.device_id, None)
        )
        self.assertEqual((task['reason'], task['requestedBy'], task['address']), ('why', '', '192.0.2.9'))
        self.assertEqual(task['options'], {'port': 1161, 'timeout': 1})
        self.assertEqual(task['credentials'][0]['reference'], 'NETOPS_SECRET_TEST')

    def test_one_bad_device_does_not_touch_the_others(self):
        targets = [self.target(name) for name in ('crash', 'silent', 'endless', 'good')]
        self.answers |= {
            'crash': RuntimeError('canary'),
            'silent': NetOpsError('unreachable:no-response', 'nothing'),
            'endless': ProbeOutcome(
                data={'system': SYSTEM, 'interfaces': [interface(1)]}, error_code='snmp:endless-walk'
            ),
        }
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'attempts': {'device-scan': 1}}}):
            run = self.drain(*targets)
        self.assertEqual((run.status, run.succeeded, run.failed), ('partial', 1, 3))
        codes = dict(run.targets.values_list('name', 'error_code'))
        self.assertEqual(
            codes,
            {
                'crash': 'internal:error',
                'silent': 'unreachable:no-response',
                'endless': 'snmp:endless-walk',
                'good': '',
            },
        )
        reachability = dict(Target.objects.values_list('name', 'reachability'))
        self.assertEqual(
            reachability, {'crash': 'unknown', 'silent': 'unreachable', 'endless': 'reachable', 'good': 'reachable'}
        )
        # What was read before the failure is kept.
        self.assertEqual(InterfaceState.objects.get().target.name, 'endless')
        self.assertNotIn('canary', str(list(run.targets.values())))

    def test_value_that_the_database_refuses_fails_alone(self):
        targets = [self.target(name) for name in ('odd', 'even', 'plain')]
        self.answers['odd'] = ProbeOutcome(data={'system': SYSTEM | {'name': 'bad\ud800surrogate'}, 'interfaces': []})
        self.answers['even'] = ProbeOutcome(
            data={
                'system': SYSTEM | {'name': 'x' * 999, 'uptime_ticks': 2**70, 'location': 'a\0b', 'contact': None},
                'interfaces': [
                    interface(1, mtu=2**70, name='n' * 300, oper_status='up', alias=None),
                    interface(2**70),
                    {'index': 3},
                    {},
                ],
            }
        )
        run = self.drain(*targets)
        codes = dict(run.targets.values_list('name', 'error_code'))
        self.assertEqual(codes, {'odd': 'result:invalid', 'even': '', 'plain': ''})
        scan = ScanResult.objects.select_related('target__system').get(target__name='even')
        system = scan.target.system
        self.assertEqual((len(system.name), scan.uptime_ticks, system.location), (255, None, 'ab'))
        self.assertEqual(
            list(InterfaceState.objects.values_list('index', 'mtu', 'oper_status')), [(1, None, None), (3, None, None)]
        )

    def test_targets_that_are_not_ready_are_closed_with_the_reason(self):
        no_address, disabled = self.target('no-address', address=None), self.target('disabled')
        retired, wrong = self.target('retired'), self.target('wrong')
        gone, good = self.target('gone'), self.target('good')
        deleted = self.target('deleted')
        run = enqueue('device-scan', user=None, devices=list(Device.objects.values_list('pk', flat=True))).run
        Target.objects.filter(pk=disabled.pk).update(status='disabled')
        Target.objects.filter(pk=retired.pk).update(status='retired')
        Target.objects.filter(pk=wrong.pk).update(options_error='netops.snmp.port must be …')
        gone.delete()
        deleted.device.delete()
        self.work(run)
        self.assertEqual(
            dict(run.targets.values_list('name', 'error_code')),
            {
                'no-address': 'target:no-address',
                'disabled': 'target:disabled',
                'retired': 'target:retired',
                'wrong': 'target:invalid-options',
                'gone': 'target:gone',
                'deleted': 'target:gone',
                'good': '',
            },
        )
        self.assertEqual([task.name for task in self.tasks], ['good'])
        self.assertEqual(run.targets.get(name='wrong').error_detail, 'netops.snmp.port must be …')
        self.assertEqual((run.status, run.succeeded, run.failed), ('partial', 1, 6))
        self.assertEqual(no_address.scans.count(), 0)
        self.assertEqual(good.scans.count(), 1)

    def test_no_credential_applies(self):
        self.credential.sites.add(make_site('elsewhere'))
        run = self.drain(self.target('r1'))
        self.assertEqual((run.status, run.targets.get().error_code), ('failed', 'credential:none'))
        self.assertEqual(self.tasks, [])

    def test_virtual_machine(self):
        machine = make_machine(address='192.0.2.50')
        run = enqueue('device-scan', user=None, virtual_machines=[machine.pk]).run
        self.work(run)
        self.assertEqual(run.status, 'succeeded')
        self.assertEqual((self.tasks[0].device_id, self.tasks[0].netbox_id), (None, machine.pk))

    def test_finished_or_deleted_run_is_left_alone(self):
        run = self.drain(self.target())
        self.work(run)
        self.assertEqual(len(self.tasks), 1)
        pk = run.pk
        run.delete()
        job = DeviceScanJob.enqueue(immediate=True, run=pk)
        self.assertEqual(job.status, 'completed')

    def test_job_that_runs_out_of_time_rings_for_a_successor(self):
        targets = [self.target() for _ in range(3)]
        config = {'netbox_netops': {'drain_seconds': 10, 'concurrency': 1}}
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
        with (
            self.settings(PLUGINS_CONFIG=config),
            mock.patch('netbox_netops.jobs.base.Engine.run', self._exhausted),
            mock.patch('netbox_netops.dispatch.ring') as ring,
        ):
            self.work(run)
        ring.assert_called_once_with(run, drainers=1, at_front=False)

    @staticmethod
    def _exhausted(engine, should_stop=None, time_budget=None, grace=None, should_yield=None):
        from netops_worker.engine import EngineStats

        assert (time_budget, grace) == (10, 8)
        return EngineStats(claimed=0, ok=0, failed=0, accepted=0, handed_back=0, seconds=10, ended='budget')


class MergeTest(DrainCase):
    def scan(self, target, *interfaces, **values):
        outcome = {'data': {'system': SYSTEM, 'interfaces': list(interfaces)}} | values
        self.answers[target.name] = ProbeOutcome(**outcome)
        return self.drain(target)

    def test_unchanged_interfaces_are_not_written_again(self):
        target = self.target('r1')
        self.scan(target, interface(1), interface(2))
        before = list(InterfaceState.objects.order_by('index').values())
        versions = self._versions()
        self.scan(target, interface(1), interface(2, alias='new'))
        after = list(InterfaceState.objects.order_by('index').values())
        self.assertEqual(before[0], after[0])
        self.assertEqual(self._versions()[0], versions[0])
        self.assertNotEqual(self._versions()[1], versions[1])
        self.assertEqual((after[1]['alias'], after[1]['oper_since']), ('new', before[1]['oper_since']))
        self.assertGreater(after[1]['changed_at'], before[1]['changed_at'])

    def _versions(self):
        """Where PostgreSQL keeps the rows: an update moves them."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute('SELECT ctid::text FROM netbox_netops_interfacestate ORDER BY index')
            return cursor.fetchall()

    def test_since_when_an_interface_is_down(self):
        target = self.target('r1')
        self.scan(target, interface(1))
        up = InterfaceState.objects.get().oper_since
        self.scan(target, interface(1, oper_status=2))
        self.assertGreater(InterfaceState.objects.get().oper_since, up)

    def test_vanished_interface_goes_with_a_complete_scan_only(self):
        target = self.target('r1')
        self.scan(target, interface(1), interface(2))
        self.scan(target, interface(1), error_code='snmp:endless-walk')
        self.assertEqual(InterfaceState.objects.count(), 2)
        self.scan(target, interface(1))
        self.assertEqual(InterfaceState.objects.get().index, 1)
        self.scan(target, data={'system': SYSTEM})
        self.assertEqual(InterfaceState.objects.count(), 1)

    def test_broken_off_walk_does_not_wipe_what_is_known(self):
        """It lacks columns, not values: no port of a core switch may lose its status by a lost packet."""
        target = self.target('r1')
        self.scan(target, interface(1, alias='uplink'))
        before = InterfaceState.objects.values().get()
        broken = interface(1, oper_status=None, speed=None, alias=None), interface(2, oper_status=None)
        self.scan(target, *broken, error_code='unreachable:no-response')
        self.assertEqual(InterfaceState.objects.values().get(index=1), before)
        self.assertEqual(InterfaceState.objects.get(index=2).oper_status, None)

    def test_duplicate_index_is_kept_once(self):
        target = self.target('r1')
        run = self.scan(target, interface(1, name='first'), interface(1, name='second'))
        self.assertEqual((run.status, InterfaceState.objects.count()), ('succeeded', 1))

    def test_older_result_does_not_overwrite_newer_state(self):
        target = self.target('r1')
        self.scan(target, interface(1, alias='new'))
        newest = Target.objects.get(pk=target.pk)
        old = timezone.now().timestamp() - 3600
        with mock.patch('netops_worker.runner.time.time', return_value=old):
            run = self.scan(target, interface(1, alias='old'), interface(2))
        self.assertEqual(run.status, 'succeeded')
        self.assertEqual(InterfaceState.objects.get().alias, 'new')
        target.refresh_from_db()
        self.assertEqual(target.latest_scan, newest.latest_scan)
        # It is history all the same.
        self.assertEqual(ScanResult.objects.count(), 2)

    def test_unreachable_since_the_first_failure(self):
        target = self.target('r1')
        self.scan(target, interface(1))
        facts = Target.objects.get(pk=target.pk).latest_scan
        self.scan(target, data={}, error_code='unreachable:no-response')
        since = Target.objects.get(pk=target.pk).reachability_since
        self.scan(target, data={}, error_code='unreachable:no-response')
        target.refresh_from_db()
        self.assertEqual((target.reachability, target.reachability_since), ('unreachable', since))
        self.assertEqual((target.last_error, target.latest_scan), ('unreachable:no-response', facts))
        self.assertLess(target.last_success_at, target.last_attempt_at)
        # What it looked like last is still there.
        self.assertEqual(InterfaceState.objects.count(), 1)

    def test_failure_before_the_device_was_asked_says_nothing_about_it(self):
        target = self.target('r1')
        self.scan(target, interface(1))
        self.scan(target, data={}, error_code='secret:not-found')
        target.refresh_from_db()
        self.assertEqual((target.reachability, target.last_error), ('reachable', 'secret:not-found'))

    def test_a_job_that_fails_at_once_does_not_call_for_the_next(self):
        """It would fail as fast. What it leaves is rung for by the scheduler, or the system job."""
        run = enqueue('device-scan', user=None, devices=[self.target().device_id]).run
        run.jobs.all().delete()
        with (
            mock.patch('netbox_netops.jobs.base.default_probes', side_effect=ImportError('x')),
            mock.patch.object(tick, 'tick') as ticked,
        ):
            job = DeviceScanJob.enqueue(instance=run, immediate=True, run=run.pk)
        self.assertEqual(job.status, JobStatusChoices.STATUS_ERRORED)
        ticked.assert_not_called()

    def test_number_of_queries_does_not_depend_on_the_number_of_devices(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counts = []
        # The first round fills what NetBox keeps per process: content types and its configuration.
        for number in (1, 1, 12):
            targets = [self.target() for _ in range(number)]
            for target in targets:
                self.answers[target.name] = ProbeOutcome(
                    data={'system': SYSTEM, 'interfaces': [interface(1), interface(2)]}
                )
            run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
            # One batch each: on a loaded machine the results could come in several.
            limits = partial(EngineLimits, batch_seconds=60)
            with (
                mock.patch('netbox_netops.jobs.base.EngineLimits', limits),
                # The tick at the end of the job looks at its system job only every half minute.
                mock.patch.object(tick._revival, 'due', math.inf),
                CaptureQueriesContext(connection) as queries,
            ):
                self.work(run)
            # Whether the engine looks for more work before or after the first result is a matter of microseconds. Each
            # look that finds nothing is one statement between the two of its savepoint, and a count.
            claims = sum('SKIP LOCKED' in query['sql'] and 't.site_id' in query['sql'] for query in queries)
            self.assertIn(claims, (2, 3))
            counts.append(len(queries) - 4 * claims)
            self.assertEqual(run.succeeded, number)
        self.assertEqual(counts[1], counts[2])


class NetBoxSyncJobTest(TestCase):
    def test_sync_run(self):
        make_device(address='192.0.2.1')
        make_device(status='inventory')
        run = enqueue('netbox-sync', user=None).run
        job = NetBoxSyncJob.enqueue(instance=run, immediate=True, run=run.pk)
        run.refresh_from_db()
        self.assertEqual((run.status, run.total, run.succeeded), ('succeeded', 1, 1))
        self.assertEqual(job.data, {'seen': 2, 'created': 1, 'updated': 0, 'retired': 0})
        self.assertEqual(RunTarget.objects.get().target, None)
        self.assertEqual(Target.objects.count(), 1)

    def test_defect_ends_the_run_and_not_only_the_job(self):
        run = enqueue('netbox-sync', user=None).run
        with mock.patch('netbox_netops.jobs.netbox_sync.sync', side_effect=RuntimeError('canary')):
            job = NetBoxSyncJob.enqueue(instance=run, immediate=True, run=run.pk)
        run.refresh_from_db()
        self.assertEqual((job.status, run.status), ('errored', 'failed'))
        row = RunTarget.objects.get()
        self.assertEqual((row.state, row.error_code, row.error_detail), ('failed', 'internal:error', 'RuntimeError'))
        self.assertTrue(enqueue('netbox-sync', user=None).created)

    def test_cancelled_between_its_steps(self):
        """The targets are up to date by then; the comparison goes no further."""
        make_device(address='192.0.2.1')
        run = enqueue('netbox-sync', user=None).run

        def cancel():
            lifecycle.cancel_run(run.pk, None)
            return sync()

        with (
            mock.patch('netbox_netops.jobs.netbox_sync.sync', cancel),
            mock.patch('netbox_netops.drift.compare.compare') as compare,
        ):
            FamilyState.objects.create(target=make_target(), family='interfaces', merged_at=timezone.now())
            job = NetBoxSyncJob.enqueue(instance=run, immediate=True, run=run.pk)
        compare.assert_not_called()
        run.refresh_from_db()
        self.assertEqual((run.status, job.status), ('cancelled', 'completed'))
        row = run.targets.get()
        self.assertEqual((row.state, row.error_code), ('cancelled', 'cancelled:user'))
        self.assertTrue(Target.objects.filter(address='192.0.2.1').exists())

    def test_it_says_that_it_lives(self):
        beats = []

        def look():
            # The first one comes from another thread.
            deadline = time.monotonic() + 30
            while not get_connection('default').exists(f'netops:drainer:{job_id(run)}'):
                self.assertLess(time.monotonic(), deadline)
            beats.append(1)
            return sync()

        def job_id(run):
            return run.jobs.order_by('-pk').first().job_id

        run = enqueue('netbox-sync', user=None).run
        with mock.patch('netbox_netops.jobs.netbox_sync.sync', look):
            NetBoxSyncJob.enqueue(instance=run, immediate=True, run=run.pk)
        self.assertEqual(beats, [1])

    def test_second_job_finds_nothing_to_do(self):
        run = enqueue('netbox-sync', user=None).run
        lifecycle.claim(run.pk, 1, worker='other', lease_seconds=60)
        NetBoxSyncJob.enqueue(instance=run, immediate=True, run=run.pk)
        self.assertEqual(Run.objects.get().status, 'running')
