"""What was kept long enough is deleted in chunks: good results soon, failed ones late, and never what is current."""

import re
import uuid
from datetime import timedelta
from unittest import mock

import django_rq
import pytest
from core.models import Job
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from netbox_netops import retention
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.jobs.tick import tick
from netbox_netops.models import CredentialChange, FamilyState, Run, RunTarget, ScanResult, SecretAccess, Target
from netbox_netops.retention import Deleted, retain
from tests.integration.api.base import make_access, make_change, make_run, make_run_target, make_scan
from tests.integration.factories import make_credential, make_target


def ago(days):
    return timezone.now() - timedelta(days=days)


def make_old_run(days, status, *states, target=None, **values):
    """A run that was created and finished so many days ago, with rows of these states."""
    run = make_run(status=status, total=len(states), started=ago(days), finished=ago(days), **values)
    Run.objects.filter(pk=run.pk).update(created=ago(days))
    rows = [make_run_target(run, target, name='x', state=state, finished=ago(days)) for state in states]
    return run, rows


class ScanTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target()

    def left(self):
        return set(ScanResult.objects.values_list('pk', flat=True))

    def test_good_ones_go_after_the_short_time_and_failed_ones_after_the_long_one(self):
        kept = [
            make_scan(self.target, started=ago(29)),
            make_scan(self.target, started=ago(31), ok=False, error_code='deadline:probe'),
            make_scan(self.target, started=ago(89), ok=False, error_code='deadline:probe'),
        ]
        make_scan(self.target, started=ago(31))
        make_scan(self.target, started=ago(91))
        make_scan(self.target, started=ago(91), ok=False, error_code='deadline:probe')
        self.assertEqual(retain(), Deleted(scan_results=3, complete=True))
        self.assertEqual(self.left(), {scan.pk for scan in kept})

    def test_what_is_known_of_a_target_stays(self):
        """However old it is: nothing newer brought facts."""
        scan = make_scan(self.target, started=ago(400))
        Target.objects.filter(pk=self.target.pk).update(latest_scan=scan)
        FamilyState.objects.create(target=self.target, family='system', merged_at=ago(400))
        make_scan(self.target, started=ago(399), ok=False, error_code='deadline:probe')
        self.assertEqual(retain(), Deleted(scan_results=1, complete=True))
        self.assertEqual(self.left(), {scan.pk})
        self.target.refresh_from_db()
        self.assertEqual(self.target.latest_scan, scan)
        self.assertTrue(FamilyState.objects.exists())

    def test_settings(self):
        make_scan(self.target, started=ago(3))
        make_scan(self.target, started=ago(3), ok=False, error_code='deadline:probe')
        with self.settings(PLUGINS_CONFIG={'netbox_netops': {'retention_days': 2, 'retention_failed_days': 4}}):
            retain()
        self.assertEqual([scan.ok for scan in ScanResult.objects.all()], [False])

    def test_in_chunks_by_the_order_of_time(self):
        for number in range(25):
            make_scan(self.target, started=ago(40) + timedelta(minutes=number % 7), ok=number % 5 != 0)
        with mock.patch.object(retention, '_ROWS', 4), CaptureQueriesContext(connection) as queries:
            self.assertEqual(retain(60), Deleted(scan_results=20, complete=True))
        deletes = [query['sql'] for query in queries if 'DELETE FROM netbox_netops_scanresult' in query['sql']]
        # 25 rows by 4, and one that finds nothing beyond 90 days.
        self.assertEqual(len(deletes), 7 + 1)
        self.assertEqual(ScanResult.objects.filter(ok=True).count(), 0)
        self.assertEqual(ScanResult.objects.filter(ok=False).count(), 5)


class RunTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target()

    def test_runs_with_their_targets(self):
        good, _rows = make_old_run(31, 'succeeded', 'succeeded', 'succeeded')
        young, _rows = make_old_run(29, 'succeeded', 'succeeded')
        failed, _rows = make_old_run(31, 'failed', 'failed')
        old, _rows = make_old_run(91, 'failed', 'failed', 'cancelled')
        self.assertEqual(retain(), Deleted(runs=2, run_targets=4, complete=True))
        self.assertEqual(set(Run.objects.all()), {young, failed})
        self.assertEqual(RunTarget.objects.filter(run__in=(good.pk, old.pk)).count(), 0)

    def test_of_a_partly_succeeded_run_only_what_failed_is_kept_long(self):
        """Else one dead device would keep the rows of all others for months."""
        run, rows = make_old_run(31, 'partial', 'succeeded', 'failed', 'succeeded', 'expired')
        self.assertEqual(retain(), Deleted(run_targets=2, complete=True))
        self.assertEqual(list(run.targets.order_by('pk')), [rows[1], rows[3]])
        run.refresh_from_db()
        self.assertEqual((run.status, run.total), ('partial', 4))

    def test_active_runs_stay(self):
        run, _rows = make_old_run(400, 'running', 'waiting')
        Run.objects.update(finished=None)
        lately, _rows = make_old_run(400, 'succeeded', 'succeeded')
        Run.objects.filter(pk=lately.pk).update(finished=ago(1))
        self.assertEqual(retain(), Deleted(complete=True))
        self.assertEqual(set(Run.objects.all()), {run, lately})

    def test_scan_that_is_still_current_loses_its_run_only(self):
        run, _rows = make_old_run(31, 'succeeded', 'succeeded', target=self.target)
        scan = make_scan(self.target, started=ago(31), run=run)
        Target.objects.filter(pk=self.target.pk).update(latest_scan=scan)
        self.assertEqual(retain(), Deleted(runs=1, run_targets=1, complete=True))
        scan.refresh_from_db()
        self.assertIsNone(scan.run)

    def test_core_jobs_go_with_their_run(self):
        run, _rows = make_old_run(31, 'succeeded', 'succeeded')
        other, _rows = make_old_run(29, 'succeeded', 'succeeded')
        with self.captureOnCommitCallbacks(execute=True):
            gone, kept = (DeviceScanJob.enqueue(instance=item, name='x', run=item.pk) for item in (run, other))
        # Of the same number, but not of a run.
        foreign = Job.objects.create(
            object_type=ContentType.objects.get_for_model(Target), object_id=run.pk, name='x', job_id=uuid.uuid4()
        )
        queue = django_rq.get_queue('low')
        self.assertEqual(set(queue.job_ids), {str(gone.job_id), str(kept.job_id)})
        self.assertEqual(retain(), Deleted(runs=1, run_targets=1, jobs=1, complete=True))
        self.assertEqual(set(Job.objects.all()), {kept, foreign})
        self.assertEqual(queue.job_ids, [str(kept.job_id)])
        self.assertIsNone(queue.fetch_job(str(gone.job_id)))

    def test_in_chunks(self):
        """Large runs by parts, small ones together."""
        make_old_run(40, 'succeeded', *['succeeded'] * 11)
        for _number in range(6):
            make_old_run(39, 'succeeded', 'succeeded')
        with (
            mock.patch.object(retention, '_ROWS', 3),
            mock.patch.object(retention, '_RUNS', 4),
            CaptureQueriesContext(connection) as queries,
        ):
            self.assertEqual(retain(60), Deleted(runs=7, run_targets=17, complete=True))
        deletes = [query['sql'] for query in queries if 'DELETE FROM netbox_netops_runtarget' in query['sql']]
        # 11 rows by 3; three runs together, which fill a statement, so that another looks for more; and three again.
        self.assertEqual(len(deletes), 4 + 2 + 2)
        self.assertTrue(all('LIMIT 3' in sql for sql in deletes))


class PaceTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target()

    def make_scans(self, number):
        ScanResult.objects.bulk_create(
            ScanResult(target=self.target, ok=True, started=ago(40) + timedelta(seconds=index), duration_ms=1)
            for index in range(number)
        )

    def test_once_an_hour(self):
        self.assertIsNotNone(retain())
        self.make_scans(1)
        self.assertIsNone(retain())
        ttl = django_rq.get_connection('default').ttl(retention._RESTING)
        self.assertTrue(3590 < ttl <= 3600, ttl)

    def test_what_is_left_is_for_the_next_tick(self):
        """Without time there is one chunk; the next call goes on where that ended."""
        self.make_scans(10)
        with mock.patch.object(retention, '_ROWS', 4):
            self.assertEqual(retain(0), Deleted(scan_results=4))
            self.assertEqual(retain(0), Deleted(scan_results=4))
            self.assertEqual(retain(60), Deleted(scan_results=2, complete=True))
            self.assertIsNone(retain())

    def test_a_large_run_does_not_take_longer_than_it_may(self):
        make_old_run(40, 'succeeded', *['succeeded'] * 10)
        with mock.patch.object(retention, '_ROWS', 4):
            self.assertEqual(retain(0), Deleted(run_targets=4))
            self.assertEqual(retain(60), Deleted(run_targets=6, runs=1, complete=True))

    def test_what_is_kept_is_not_read_again_and_again(self):
        for number in range(10):
            make_scan(self.target, started=ago(40) + timedelta(minutes=number), ok=False, error_code='x')
        redis = django_rq.get_connection('default')
        with mock.patch.object(retention, '_ROWS', 4):
            retain()
            redis.delete(retention._RESTING)
            with CaptureQueriesContext(connection) as queries:
                retain()
        self.assertEqual(sum('DELETE FROM netbox_netops_scanresult' in query['sql'] for query in queries), 2)
        # After some days it is: what was passed over then is found.
        self.assertTrue(0 < redis.ttl(retention._MARKS) <= 7 * 24 * 3600)

    def test_without_redis_nothing_is_deleted(self):
        self.make_scans(1)
        with (
            mock.patch('netbox_netops.retention.get_connection', side_effect=RedisDown),
            self.assertLogs('netbox.netbox_netops.retention', 'WARNING'),
        ):
            self.assertIsNone(retain())
        self.assertEqual(ScanResult.objects.count(), 1)


class AuditTest(TransactionTestCase):
    def test_who_asked_for_secrets_and_what_changed(self):
        target, credential = make_target(), make_credential()
        for days in (366, 364):
            make_access(target, credential, time=ago(days))
            make_change(target, credential, time=ago(days))
        self.assertEqual(retain(), Deleted(secret_accesses=1, credential_changes=1, complete=True))
        for model in (SecretAccess, CredentialChange):
            self.assertGreater(model.objects.get().time, ago(365))


class BlockingTest(TransactionTestCase):
    """Short transactions, that wait for nobody."""

    def test_rows_that_others_hold_are_passed_over(self):
        target = make_target()
        held = make_scan(target, started=ago(40))
        make_scan(target, started=ago(40))
        run, _rows = make_old_run(40, 'succeeded', 'succeeded')
        other = connections.create_connection('default')
        try:
            with other.cursor() as cursor:
                other.set_autocommit(False)
                cursor.execute('SELECT 1 FROM netbox_netops_scanresult WHERE id = %s FOR UPDATE', [held.pk])
                cursor.execute('SELECT 1 FROM netbox_netops_run WHERE id = %s FOR UPDATE', [run.pk])
                with connection.cursor() as mine:
                    mine.execute("SET lock_timeout = '5s'")
                self.assertEqual(retain(), Deleted(scan_results=1, run_targets=1, complete=True))
        finally:
            other.close()
        self.assertEqual(list(ScanResult.objects.all()), [held])
        django_rq.get_connection('default').flushdb()
        self.assertEqual(retain(), Deleted(scan_results=1, runs=1, complete=True))

    def test_the_tick_does_it(self):
        make_scan(make_target(), started=ago(40))
        with self.assertLogs('netbox.netbox_netops.retention', 'INFO') as logs:
            tick()
        self.assertIn('Deleted after their time: 1 scan results', logs.output[0])
        self.assertFalse(ScanResult.objects.exists())


@pytest.mark.django_db
def test_a_page_is_found_by_the_index_of_time_and_deleted_by_its_place():
    """In a table with millions of rows neither may read more than the page."""
    target = make_target()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO netbox_netops_scanresult (target_id, ok, error_code, error_detail, started, duration_ms, worker,
                                                  first, counts, problems, change_count, changes)
            SELECT %s, true, '', '', now() - n * interval '1 minute', 1, '', false, '{}', '[]', 0, '[]'
            FROM generate_series(1, 50000) n
            """,
            [target.pk],
        )
        cursor.execute('ANALYZE netbox_netops_scanresult')
        parameters = {'at': ago(60), 'pk': 5, 'before': ago(3), 'everything': False, 'rows': 1000}
        cursor.execute(f'EXPLAIN {retention._DELETE_SCANS}', parameters)
        plan = '\n'.join(row[0] for row in cursor.fetchall())
    scans = re.findall(r'(\w[\w ]+) on netbox_netops_scanresult', plan)
    assert [re.sub(' using .*', '', scan) for scan in scans if 'Delete' not in scan] == [
        'Index Scan Backward',
        'Tid Scan',
        'Tid Scan',
    ], plan
    assert 'ROW(started, id) >' in plan, plan
