"""Random interleavings of all that happens to work: after each step everything adds up, and in the end all is done.

A step is one statement of the life cycle. What happens when two of them meet at the same rows is tested elsewhere.
"""

import os
import random
from collections import Counter
from datetime import timedelta
from functools import partial
from unittest import mock

from django.db import connection
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from django_rq import get_connection
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from netbox_netops import lifecycle
from netbox_netops.choices import RunStatusChoices, RunTargetStateChoices
from netbox_netops.dispatch import enqueue
from netbox_netops.limiting import Limiting, get_limits
from netbox_netops.models import Pause, Run, RunTarget
from netbox_netops.settings import get_settings
from tests.integration.core.runs import OTHER_KIND, make_result, other_kind
from tests.integration.factories import make_site, make_target

# So much fits into half a minute. By hand: NETOPS_EXAMPLES=1000 for more of it, and NETOPS_SEED=… of a failure, to see
# it again and to have its steps reduced to those that matter, which takes minutes.
EXAMPLES = int(os.environ.get('NETOPS_EXAMPLES', '25'))
SEED = os.environ.get('NETOPS_SEED')
STEPS = 50

KINDS = ('device-scan', OTHER_KIND)
ATTEMPTS = {'device-scan': 2, OTHER_KIND: 3}
TARGETS = 6
SITE_MOST = 2
ACTIVE = RunTargetStateChoices.ACTIVE
# Error code of an attempt -> what becomes of its row.
OUTCOMES = {
    '': 'succeeded',
    'snmp:malformed': 'failed',
    'credential:rejected': 'failed',
    'cancelled:user': 'cancelled',
    'unreachable:no-response': 'retry',
    'deadline:probe': 'retry',
}
# Step -> how often it is taken, compared with the others.
WEIGHTS = {
    'enqueue': 2,
    'claim': 5,
    'finish': 6,
    'hand_back': 4,
    'defer': 3,
    'crash': 5,
    'late': 8,
    'time_passes': 4,
    'expire': 2,
    'redis_is_emptied': 1,
    'cancel_run': 1,
    'cancel_rows': 2,
    'retry_now': 2,
    'pause_or_resume': 2,
    'delete_run': 1,
}

_codes = st.sampled_from(list(OUTCOMES))
_kinds = st.sampled_from(KINDS)


def chosen(data, items, most=1):
    """Some of these numbers, at least one."""
    return data.draw(st.lists(st.sampled_from(sorted(items)), min_size=1, max_size=most, unique=True))


class Machine(RuleBasedStateMachine):
    """`leases`: {row: (claim, run)} of those that are valid; `lost`: those that are not any more."""

    targets: list

    def __init__(self):
        super().__init__()
        self.leases, self.lost = {}, []
        # The columns of rows that have reached their final state.
        self.final = {}
        self.told = Counter()
        lifecycle.runs_finished.connect(self.note_finished, weak=False, dispatch_uid='stateful')

    def note_finished(self, runs, **kwargs):
        self.told.update(runs)

    # One rule: of several, hypothesis leaves out most in each example, and then hardly any work is done.
    @rule(what=st.sampled_from([name for name, weight in WEIGHTS.items() for _time in range(weight)]), data=st.data())
    def step(self, what, data):
        if what == 'late' and not self.lost:
            what = 'hand_back'
        if what in ('finish', 'hand_back', 'defer', 'crash') and not self.leases:
            what = 'claim'
        if what not in ('enqueue', 'pause_or_resume', 'redis_is_emptied') and not RunTarget.objects.exists():
            what = 'enqueue'
        getattr(self, what)(data)

    def rows(self, **filters):
        return {row['id']: row for row in RunTarget.objects.filter(**filters).order_by('pk').values()}

    def runs(self):
        return list(Run.objects.order_by('pk').values_list('pk', flat=True))

    def paused(self):
        return set(Pause.objects.values_list('kind', flat=True))

    def kind_of(self, run):
        return Run.objects.get(pk=run).kind

    def drop(self, rows):
        """The leases of these rows are over."""
        self.lost += [self.leases.pop(pk) for pk in sorted(rows)]

    # Asking for work

    def enqueue(self, data):
        kind = data.draw(_kinds)
        wanted = [self.targets[index] for index in sorted(chosen(data, range(TARGETS), TARGETS))]
        # What is overdue is not joined.
        lifecycle.expire_overdue()
        active = RunTarget.objects.filter(state__in=ACTIVE, cancel=False, run__kind=kind, target__in=wanted)
        taken = set(active.values_list('target', flat=True))
        answer = enqueue(kind, user=None, devices=[target.device_id for target in wanted])
        assert answer.queued == len(wanted) - len(taken)
        assert sum(answer.joined.values()) == len(taken)
        assert answer.created == bool(answer.queued)
        if answer.created:
            new = {row['target_id'] for row in self.rows(run=answer.run).values()}
            assert new == {target.pk for target in wanted} - taken

    # Work

    def claim(self, data):
        # From a run with work, if there is any.
        (pk,) = chosen(data, lifecycle.claimable_runs() or self.runs())
        self.take(pk, data.draw(st.integers(1, 4)), data.draw(st.sampled_from(['w1', 'w2', 'w3'])))

    def take(self, pk, limit, worker):
        run = Run.objects.select_related('policy').get(pk=pk)
        before = self.rows(run=run)
        found = Limiting.of(run, get_settings())
        claimed = lifecycle.claim(run.pk, limit, worker=worker, lease_seconds=3600, limiting=found)
        assert len(claimed.claims) <= limit
        if claimed.claims:
            assert run.kind not in self.paused()
        for claim in claimed.claims:
            row = before[claim.id]
            assert (row['state'], row['cancel']) == ('waiting', False)
            assert claim.attempt == row['attempt'] + 1
            assert row['next_attempt'] is None or row['next_attempt'] <= timezone.now()
            self.leases[claim.id] = claim, run

    def finish(self, data):
        """As the engine's sink does it: several results at once."""
        self.write({pk: data.draw(_codes) for pk in chosen(data, self.leases, 3)})

    def write(self, codes):
        before = {row.pk: row for row in RunTarget.objects.filter(pk__in=codes)}
        results = [make_result(*self.leases[pk], error_code=code) for pk, code in codes.items()]
        assert lifecycle.finish(results) == set(codes)
        lifecycle.settle({result.run for result in results})
        lifecycle.release_limits(results)
        self.drop(codes)
        after = self.rows(pk__in=codes)
        for result in results:
            row, expected = after[result.task], OUTCOMES[result.error_code]
            if expected == 'retry' and result.attempt >= ATTEMPTS[result.kind]:
                expected = 'failed'
            elif expected == 'retry' and before[row['id']].cancel:
                expected = 'cancelled'
            elif expected == 'retry':
                # It was overdue while its kind was paused, and was claimed right after that.
                expected = 'failed' if before[row['id']].expires < timezone.now() else 'waiting'
            assert (row['state'], row['error_code']) == (expected, result.error_code)
            assert (row['next_attempt'] is not None) == (expected == 'waiting')

    def hand_back(self, data):
        ids = chosen(data, self.leases, 3)
        leases = [(pk, self.leases[pk][0].lease_token) for pk in ids]
        kinds = {pk: self.leases[pk][1].kind for pk in ids}
        before = self.rows(pk__in=ids)
        assert lifecycle.hand_back(leases) == len(leases)
        get_limits().release([token for _pk, token in leases])
        self.drop(ids)
        for pk, row in self.rows(pk__in=ids).items():
            free = before[pk]['returns'] < lifecycle.MOST_RETURNS
            assert row['attempt'] == before[pk]['attempt'] - free
            if before[pk]['cancel']:
                assert row['state'] == 'cancelled'
            else:
                again = free or before[pk]['attempt'] < ATTEMPTS[kinds[pk]]
                assert row['state'] == ('waiting' if again else 'failed')

    def defer(self, data):
        (pk,) = chosen(data, self.leases)
        claim, run = self.leases[pk]
        before = RunTarget.objects.get(pk=pk)
        lease = pk, claim.lease_token, data.draw(st.floats(3600, 1e12))
        lifecycle.defer([lease], 'waiting:maintenance', Limiting.of(run, get_settings()), 3600)
        self.drop([pk])
        row = RunTarget.objects.get(pk=pk)
        assert row.state == ('cancelled' if before.cancel else 'waiting')
        assert row.attempt == before.attempt - 1

    def crash(self, data):
        """A worker dies with its lease; what it held in Redis ends at the same moment."""
        (pk,) = chosen(data, self.leases)
        RunTarget.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        get_limits().release([self.leases[pk][0].lease_token])
        if data.draw(st.booleans()):
            self.reap()

    def reap(self):
        ended = self.rows(state='running', lease_until__lte=timezone.now())
        assert lifecycle.reap_leases() == {row['run_id'] for row in ended.values()}
        self.drop(ended)
        for pk, row in self.rows(pk__in=ended).items():
            if ended[pk]['cancel']:
                expected = 'cancelled'
            else:
                expected = 'waiting' if row['attempt'] < ATTEMPTS[self.kind_of(row['run_id'])] else 'failed'
            assert row['state'] == expected

    def late(self, data):
        """Somebody comes back whose lease was over long ago."""
        before = self.rows()
        # Somebody whose row another one works on, if there is any.
        running = [item for item in self.lost if before.get(item[0].id, {}).get('state') == 'running']
        claim, run = data.draw(st.sampled_from(running or self.lost))
        how = data.draw(st.sampled_from(['finish', 'hand_back', 'defer']))
        if how == 'finish':
            assert lifecycle.finish([make_result(claim, run, error_code=data.draw(_codes))]) == set()
        elif how == 'hand_back':
            assert lifecycle.hand_back([(claim.id, claim.lease_token)]) == 0
        else:
            lifecycle.defer([(claim.id, claim.lease_token, 60.0)], 'waiting:maintenance', None, 3600)
        get_limits().release([claim.lease_token])
        assert self.rows() == before

    # Time

    def time_passes(self, data):
        self.reap()
        RunTarget.objects.filter(next_attempt__isnull=False).update(next_attempt=timezone.now())
        # Nobody was killed between the last row and its run.
        before = list(Run.objects.order_by('pk').values())
        lifecycle.settle_finished()
        assert list(Run.objects.order_by('pk').values()) == before

    def expire(self, data):
        if waiting := self.rows(state='waiting'):
            # So long ago that no pause, however slow the machine is, makes up for it.
            past = timezone.now() - timedelta(days=1)
            RunTarget.objects.filter(pk__in=chosen(data, waiting, 2)).update(expires=past)
        paused = self.paused()
        overdue = self.rows(state='waiting', expires__lte=timezone.now())
        overdue = {pk: row for pk, row in overdue.items() if self.kind_of(row['run_id']) not in paused}
        assert lifecycle.expire_overdue() == len(overdue)
        for pk, row in self.rows(pk__in=overdue).items():
            had_its_turn = overdue[pk]['error_code'] != ''
            assert row['state'] == ('failed' if had_its_turn else 'expired')
            assert row['error_code'] == overdue[pk]['error_code'] or not had_its_turn

    def redis_is_emptied(self, data):
        get_connection('default').flushdb()

    # People

    def cancel_run(self, data):
        (run,) = chosen(data, self.runs())
        self.check_cancel(self.rows(run=run), partial(lifecycle.cancel_run, run, None))

    def cancel_rows(self, data):
        rows = self.rows()
        at_work = data.draw(st.booleans()) and self.leases
        ids = chosen(data, at_work or rows, 3)
        self.check_cancel({pk: rows[pk] for pk in ids}, partial(lifecycle.cancel_rows, ids))

    def check_cancel(self, before, cancel):
        expected = {pk for pk, row in before.items() if row['state'] in ACTIVE and not row['cancel']}
        assert cancel() == len(expected)
        after = self.rows(pk__in=before)
        for pk in expected:
            assert after[pk]['cancel']
            assert after[pk]['state'] == ('running' if before[pk]['state'] == 'running' else 'cancelled')
        assert lifecycle.cancelled_among(before) == {pk for pk, row in after.items() if row['cancel']}

    def retry_now(self, data):
        ids = chosen(data, self.rows(), 4)
        waiting = self.rows(pk__in=ids, state='waiting', next_attempt__gt=timezone.now())
        assert lifecycle.retry_now(ids) == {row['run_id'] for row in waiting.values()}
        for row in self.rows(pk__in=waiting).values():
            assert (row['state'], row['next_attempt'], row['blocked']) == ('waiting', None, '')

    def pause_or_resume(self, data):
        kind = data.draw(_kinds)
        before, paused = self.rows(), self.paused()
        assert lifecycle.pause(kind, None) == (kind not in paused)
        if kind in paused:
            assert lifecycle.resume(kind)
            assert not lifecycle.resume(kind)
        for pk, row in self.rows().items():
            assert row['expires'] >= before[pk]['expires']

    def delete_run(self, data):
        (pk,) = chosen(data, self.runs())
        rows = self.rows(run=pk)
        Run.objects.get(pk=pk).delete()
        self.drop(self.leases.keys() & rows.keys())
        self.final = {row: columns for row, columns in self.final.items() if row not in rows}
        assert lifecycle.cancelled_among(rows) == set(rows)

    # What always holds

    @invariant()
    def everything_adds_up(self):
        rows = self.rows()
        runs = {run.pk: run for run in Run.objects.order_by()}
        for row in rows.values():
            self.check_row(row, ATTEMPTS[runs[row['run_id']].kind])
        assert self.final.keys() <= rows.keys()
        self.check_owners(rows)
        states = {pk: Counter() for pk in runs}
        for row in rows.values():
            states[row['run_id']][row['state']] += 1
        for pk, run in runs.items():
            self.check_run(run, states[pk])

    def check_row(self, row, attempts):
        state = row['state']
        assert (state == 'running') == (row['lease_token'] is not None) == (row['lease_until'] is not None), row
        assert (state in ACTIVE) == (row['finished'] is None), row
        assert 0 <= row['attempt'] <= attempts, row
        assert row['returns'] <= lifecycle.MOST_RETURNS + attempts, row
        if state != 'waiting':
            assert (row['next_attempt'], row['blocked']) == (None, ''), row
        if state == 'waiting':
            assert not row['cancel'], row
        elif state == 'running':
            assert row['attempt'] >= 1, row
        else:
            assert (state == 'succeeded') == (row['error_code'] == ''), row
            # Nothing changes any more.
            assert self.final.setdefault(row['id'], row) == row

    def check_owners(self, rows):
        """Who works on what: one owner of a target, one active row of a kind for it, and no more at a site than may."""
        running = {pk: row for pk, row in rows.items() if row['state'] == 'running'}
        assert {pk: str(row['lease_token']) for pk, row in running.items()} == {
            pk: claim.lease_token for pk, (claim, _run) in self.leases.items()
        }
        assert len({row['target_id'] for row in running.values()}) == len(running)
        keys = [row['dedup_key'] for row in rows.values() if row['state'] in ACTIVE and not row['cancel']]
        assert len(set(keys)) == len(keys)
        now = timezone.now()
        sites = {target.pk: target.site_id for target in self.targets}
        at_work = Counter(sites[row['target_id']] for row in running.values() if row['lease_until'] > now)
        assert max(at_work.values(), default=0) <= SITE_MOST

    def check_run(self, run, states):
        active = sum(states[state] for state in ACTIVE)
        assert (run.total, run.succeeded) == (states.total(), states['succeeded'])
        assert run.failed == states['failed'] + states['expired'] + states['cancelled']
        assert (run.status in RunStatusChoices.ACTIVE) == (run.finished is None) == (active > 0)
        assert self.told[run.pk] == (not active)
        if active:
            assert (run.status == 'queued') == (run.started is None)
        elif states['succeeded'] == run.total:
            assert run.status == 'succeeded'
        elif run.cancelled and states['cancelled']:
            assert run.status == 'cancelled'
        elif states['succeeded']:
            assert run.status == 'partial'
        else:
            assert run.status == next(state for state in ('failed', 'expired', 'cancelled') if states[state])

    # The end

    def teardown(self):
        try:
            self.drain()
        finally:
            lifecycle.runs_finished.disconnect(dispatch_uid='stateful')
            self.clean()

    def drain(self):
        """When nothing happens any more but work, all of it ends."""
        for kind in KINDS:
            lifecycle.resume(kind)
        for _round in range(100):
            # Who lost his lease comes back at last, or it runs out in Redis too.
            get_limits().release([claim.lease_token for claim, _run in self.lost])
            self.time_passes(None)
            if self.leases:
                self.write(dict.fromkeys(self.leases, ''))
            runs = lifecycle.claimable_runs()
            if not runs:
                break
            for run in runs:
                self.take(run, 4, 'w1')
        self.everything_adds_up()
        assert not RunTarget.objects.filter(state__in=ACTIVE).exists()
        assert not Run.objects.filter(status__in=RunStatusChoices.ACTIVE).exists()
        # Nothing is held for nobody.
        assert set(get_limits().usage([f'kind:{kind}' for kind in KINDS]).values()) == {0}

    def clean(self):
        with connection.cursor() as cursor:
            for table in ('runtarget', 'run', 'pause'):
                cursor.execute(f'DELETE FROM netbox_netops_{table}')
        get_connection('default').flushdb()


class StatefulTest(TransactionTestCase):
    def test_random_interleavings(self):
        Machine.targets = [make_target(site=site) for site in [make_site(), make_site()] for _ in range(TARGETS // 2)]
        number = int(SEED or random.randrange(2**32))
        print(f'NETOPS_SEED={number}')
        config = {
            'host_rate': None,
            'site_concurrency': SITE_MOST,
            'kind_concurrency': {'device-scan': 3},
            'attempts': {'device-scan': ATTEMPTS['device-scan']},
            # Time passes when a step says so, however slow the machine is.
            'retry_seconds': 3600,
            'run_expiry': 7 * 24 * 3600,
        }
        with (
            other_kind(attempts=ATTEMPTS[OTHER_KIND]),
            override_settings(PLUGINS_CONFIG={'netbox_netops': config}),
            # Core jobs are no part of this, and take longer than all the rest.
            mock.patch('netbox_netops.dispatch.ring'),
        ):
            run_state_machine_as_test(
                seed(number)(Machine),
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    phases=[Phase.generate, Phase.shrink] if SEED else [Phase.generate],
                    deadline=None,
                    print_blob=True,
                    report_multiple_bugs=False,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
