"""Deletes what was kept long enough: good results after a short time, failed ones after a long one (see the settings).

At most once an hour by one process, and for about a second at a time: what is left is for the next tick. Each statement
deletes a few thousand rows in a transaction of its own and passes over rows that others hold, so nobody waits for it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from core.models import Job
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from django_rq import get_connection
from redis.exceptions import RedisError
from rq.job import Job as Entry

from netops_worker.log import get_logger

from .models import Run
from .settings import get_settings

__all__ = (
    'Deleted',
    'retain',
)

logger = get_logger('netbox.netbox_netops.retention')

# Set while nothing is to be done, or somebody is at it.
_RESTING = 'netops:retention:resting'
_RESTING_SECONDS = 3600
# How far each walk has come: behind it there is only what is kept. Forgotten after some days, so that what was passed
# over (a row that somebody held, a run that was paused for weeks) is found too.
_MARKS = 'netops:retention:marks'
_MARKS_SECONDS = 7 * 24 * 3600
# Rows of one statement, and runs looked at together.
_ROWS = 5000
_RUNS = 200

type _Mark = tuple[datetime, int]
_START: _Mark = (datetime(1970, 1, 1, tzinfo=UTC), 0)


@dataclass(slots=True)
class Deleted:
    """Rows deleted. `complete`: nothing is left for now."""

    scan_results: int = 0
    run_targets: int = 0
    runs: int = 0
    jobs: int = 0
    secret_accesses: int = 0
    credential_changes: int = 0
    complete: bool = False

    def __bool__(self) -> bool:
        return any(getattr(self, item.name) for item in fields(self) if item.name != 'complete')


def retain(seconds: float = 1.0) -> Deleted | None:
    """Delete for about so many seconds. None when it is not due, or Redis, which keeps how far it came, is silent."""
    try:
        redis = get_connection('default')
        if not redis.set(_RESTING, '1', nx=True, ex=_RESTING_SECONDS):
            return None
        deleted = _Retention(redis, time.monotonic() + seconds).run()
        if not deleted.complete:
            redis.delete(_RESTING)
    except RedisError as error:
        logger.warning('Redis does not answer: nothing is deleted (%s)', type(error).__name__)
        return None
    if deleted:
        logger.info(
            'Deleted after their time: %d scan results, %d runs with %d targets, %d jobs, %d accesses to secrets, '
            '%d changes of credentials',
            *(deleted.scan_results, deleted.runs, deleted.run_targets, deleted.jobs, deleted.secret_accesses),
            deleted.credential_changes,
        )
    return deleted


class _Retention:
    def __init__(self, redis, deadline: float) -> None:
        self._redis = redis
        self._deadline = deadline
        self._deleted = Deleted()

    def run(self) -> Deleted:
        settings = get_settings()
        now = timezone.now()
        good, failed = (
            now - timedelta(days=days) for days in (settings.retention_days, settings.retention_failed_days)
        )
        walks = (
            ('scans', self._scans, good, False),
            ('failed-scans', self._scans, failed, True),
            ('runs', self._runs, good, False),
            ('failed-runs', self._runs, failed, True),
        )
        audited = now - timedelta(days=settings.audit_days)
        self._deleted.complete = all(self._walk(*walk) for walk in walks) and all(
            self._delete_aged(name, audited) for name in ('secret_accesses', 'credential_changes')
        )
        return self._deleted

    def _walk(self, name: str, steps, before: datetime, everything: bool) -> bool:
        """Take steps from where it stopped last until the end (True) or until the time is over (False)."""
        for mark in steps(self._mark(name), before, everything):
            if mark is None:
                return True
            self._set_mark(name, mark)
            if self._is_over():
                return False
        return False

    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def _mark(self, name: str) -> _Mark:
        value = self._redis.hget(_MARKS, name)
        if value is None:
            return _START
        moment, _separator, pk = value.decode().partition('|')
        return datetime.fromisoformat(moment), int(pk)

    def _set_mark(self, name: str, mark: _Mark) -> None:
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(_MARKS, name, f'{mark[0].isoformat()}|{mark[1]}')
            pipeline.expire(_MARKS, _MARKS_SECONDS, nx=True)
            pipeline.execute()

    # A walk yields how far it has come, and None at its end. It ends without None when the time is over before a step.

    def _scans(self, mark: _Mark, before: datetime, everything: bool) -> Iterator[_Mark | None]:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    _DELETE_SCANS,
                    {'at': mark[0], 'pk': mark[1], 'before': before, 'everything': everything, 'rows': _ROWS},
                )
                deleted, seen, *last = cursor.fetchone()
            self._deleted.scan_results += deleted
            if seen:
                mark = (last[0], last[1])
                yield mark
            if seen < _ROWS:
                yield None

    def _runs(self, mark: _Mark, before: datetime, everything: bool) -> Iterator[_Mark | None]:
        while True:
            with connection.cursor() as cursor:
                cursor.execute(_RUN_PAGE, {'at': mark[0], 'pk': mark[1], 'before': before, 'runs': _RUNS})
                page = cursor.fetchall()
            for group in _groups(page):
                whole = [pk for pk, _created, status, _total in group if everything or status == 'succeeded']
                in_part = [pk for pk, _created, status, _total in group if not everything and status != 'succeeded']
                for runs, states in ((whole, None), (in_part, ['succeeded'])):
                    if runs and not self._delete_run_targets(runs, states):
                        return
                if whole:
                    self._delete_runs(whole)
                mark = (group[-1][1], group[-1][0])
                yield mark
            if len(page) < _RUNS:
                yield None

    def _delete_aged(self, name: str, before: datetime) -> bool:
        """Delete rows that nothing refers to, by their `time`. False when the time was over before the end."""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(_DELETE_AGED.format(table=_AGED[name]), {'before': before, 'rows': _ROWS})
                deleted = cursor.rowcount
            setattr(self._deleted, name, getattr(self._deleted, name) + deleted)
            if deleted < _ROWS:
                return True
            if self._is_over():
                return False

    def _delete_run_targets(self, runs: list[int], states: list[str] | None) -> bool:
        """Delete the rows of these runs, all or of these states. False when the time was over before the end."""
        while True:
            with connection.cursor() as cursor:
                cursor.execute(_DELETE_RUN_TARGETS, {'runs': runs, 'states': states, 'rows': _ROWS})
                deleted = cursor.rowcount
            self._deleted.run_targets += deleted
            if deleted < _ROWS:
                return True
            if self._is_over():
                return False

    def _delete_runs(self, runs: list[int]) -> None:
        jobs = Job.objects.filter(object_type=ContentType.objects.get_for_model(Run), object_id__in=runs).order_by()
        found = dict(jobs.values_list('pk', 'job_id'))
        # Before the rows that name them. Most are gone by themselves: RQ keeps what failed for a year.
        for entry in Entry.fetch_many(list(map(str, found.values())), connection=self._redis) if found else ():
            if entry is not None:
                entry.delete()
        with transaction.atomic(), connection.cursor() as cursor:
            if found:
                self._deleted.jobs += Job.objects.filter(pk__in=found)._raw_delete(connection.alias)
            # What is left of their targets goes by the rule of the foreign key.
            cursor.execute(_DELETE_RUNS, [runs])
            self._deleted.runs += cursor.rowcount


def _groups(page: list[tuple]) -> Iterator[list[tuple]]:
    """Runs in a row that have not much more targets together than one statement deletes."""
    group, size = [], 0
    for row in page:
        group.append(row)
        size += row[3]
        if size >= _ROWS:
            yield group
            group, size = [], 0
    if group:
        yield group


# By the place of a row (ctid) and not by its key: PostgreSQL would join the page with the whole table. The latest scan
# of a target stays: what is known of it is as of that. A page is what is looked at, since most of it may be kept.
_DELETE_SCANS = """
    WITH page AS MATERIALIZED (
        SELECT ctid, id, started, ok FROM netbox_netops_scanresult
        WHERE started < %(before)s AND (started, id) > (%(at)s, %(pk)s)
        ORDER BY started, id LIMIT %(rows)s
    ), found AS MATERIALIZED (
        SELECT s.ctid FROM netbox_netops_scanresult s
        WHERE s.ctid = ANY(ARRAY(SELECT ctid FROM page WHERE ok OR %(everything)s))
          AND NOT EXISTS (SELECT 1 FROM netbox_netops_target t WHERE t.latest_scan_id = s.id)
        FOR UPDATE OF s SKIP LOCKED
    ), deleted AS (
        DELETE FROM netbox_netops_scanresult WHERE ctid = ANY(ARRAY(SELECT ctid FROM found)) RETURNING 1
    )
    SELECT (SELECT count(*) FROM deleted), (SELECT count(*) FROM page), last.started, last.id
    FROM (SELECT 1) one LEFT JOIN (SELECT started, id FROM page ORDER BY started DESC, id DESC LIMIT 1) last ON true
"""

_RUN_PAGE = """
    SELECT id, created, status, total FROM netbox_netops_run
    WHERE created < %(before)s AND created >= %(at)s AND (created, id) > (%(at)s, %(pk)s)
      AND finished < %(before)s
    ORDER BY created, id LIMIT %(runs)s
"""

_DELETE_RUN_TARGETS = """
    DELETE FROM netbox_netops_runtarget WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM netbox_netops_runtarget
        WHERE run_id = ANY(%(runs)s) AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s::text[]))
        LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    ))
"""

_AGED = {
    'secret_accesses': 'netbox_netops_secretaccess',
    'credential_changes': 'netbox_netops_credentialchange',
}
_DELETE_AGED = """
    DELETE FROM {table} WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM {table} WHERE time < %(before)s ORDER BY time, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    ))
"""

_DELETE_RUNS = """
    DELETE FROM netbox_netops_run WHERE id IN (
        SELECT id FROM netbox_netops_run WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED
    )
"""
