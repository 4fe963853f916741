"""Claims under limits, with a real Valkey: what is full holds up nobody else, and what ends gives its place back."""

import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import redis
from django.db import connection, transaction
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from django_rq import get_connection
from tenancy.models import Tenant
from utilities.testing import TestCase

from lab.valkey import free_port
from netbox_netops import lifecycle, limiting
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs.source import RunSource
from netbox_netops.limiting import Limiting, get_limits, limits_in_effect
from netbox_netops.models import Run, RunTarget, Target
from netbox_netops.results import ResultSink
from netbox_netops.settings import get_settings
from netops_worker.limits import Limits
from tests.integration.core.runs import OTHER_KIND, in_threads, lose_leases, make_result, make_run, other_kind
from tests.integration.factories import make_credential, make_gateway, make_site, make_target
from tests.integration.rules import make_policy


def plugin_settings(**values):
    return override_settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None} | values})


@contextmanager
def without_redis():
    """Nobody listens where Redis should be."""
    closed = redis.Redis(port=free_port(), socket_connect_timeout=2)
    with mock.patch.object(limiting, 'quick_redis', return_value=closed):
        yield


class LimitCase(TestCase):
    def take(self, run, limit=100, gateway=None) -> lifecycle.Claimed:
        """A claim with the limits of the run as they are now."""
        found = Limiting.of(Run.objects.get(pk=run.pk), get_settings(), gateway)
        return lifecycle.claim(run.pk, limit, worker='w', lease_seconds=60, limiting=found, gateway=gateway)

    def claim(self, run, limit=100, gateway=None):
        return self.take(run, limit, gateway).claims

    def usage(self, *names):
        return list(get_limits().usage(names).values())

    def blocked(self, run):
        return list(run.targets.order_by('pk').values_list('blocked', flat=True))

    def finish(self, run, *claims, **values):
        ResultSink().write([make_result(claim, run, **values) for claim in claims])


class ConcurrencyTest(LimitCase):
    def check(self, run, most, name, code, gateway=None):
        """Of a run of four, so many are at work at the same time under the limit, and the others say what for."""
        taken = self.take(run, gateway=gateway)
        self.assertEqual(len(taken.claims), most)
        self.assertEqual(self.usage(name), [most])
        self.assertEqual(self.blocked(run), [''] * most + [code] * (4 - most))
        self.assertIsNotNone(taken.again_after)
        again = self.take(run, gateway=gateway)
        self.assertEqual((again.claims, again.again_after), ([], 1.0))
        self.finish(run, taken.claims[0])
        (following,) = self.claim(run, gateway=gateway)
        self.assertEqual(following.id, run.targets.order_by('pk')[most].pk)
        # What it waited for is over.
        self.assertEqual(self.blocked(run), [''] * (most + 1) + [code] * (3 - most))

    def test_site(self):
        site = make_site()
        with plugin_settings(site_concurrency=2):
            self.check(make_run(4, site=site), 2, f'site:{site.pk}', 'waiting:site')

    def test_tenant(self):
        run = make_run(4)
        tenant = Tenant.objects.create(name='T', slug='t')
        Target.objects.update(tenant=tenant)
        with plugin_settings(tenant_concurrency=3):
            self.check(run, 3, f'tenant:{tenant.pk}', 'waiting:tenant')

    def test_kind(self):
        with plugin_settings(kind_concurrency={'device-scan': 2}):
            self.check(make_run(4), 2, 'kind:device-scan', 'waiting:kind')

    def test_gateway(self):
        site = make_site()
        gateway = make_gateway(sites=[site])
        run = make_run(4, site=site)
        # Nothing of it is for the workers inside of NetBox.
        self.assertEqual(self.claim(run), [])
        with plugin_settings(gateway_concurrency=2):
            self.check(run, 2, f'gateway:{gateway.pk}', 'waiting:gateway', gateway=gateway.pk)

    def test_policy(self):
        policy = make_policy('P', concurrency=2)
        run = make_run(4, policy=policy)
        self.check(run, 2, f'policy:{policy.pk}', 'waiting:policy')
        # Others are not held up by it.
        self.assertEqual(len(self.claim(make_run(3))), 3)

    def test_rate_of_a_policy(self):
        run = make_run(4, policy=make_policy('P', rate=60))
        taken = self.take(run)
        self.assertEqual((len(taken.claims), self.blocked(run)), (1, [''] + ['waiting:policy'] * 3))
        self.assertTrue(0 < taken.again_after <= 1, taken.again_after)

    def test_rate_of_a_kind(self):
        run = make_run(4)
        with plugin_settings(kind_rate={'device-scan': 0.2}):
            taken = self.take(run)
        self.assertEqual((len(taken.claims), self.blocked(run)), (1, [''] + ['waiting:rate'] * 3))
        self.assertTrue(3 < taken.again_after <= 5, taken.again_after)

    def test_rate_of_a_device(self):
        """However often it is asked for, by whatever run."""
        target = make_target()
        codes = []
        with plugin_settings(host_rate=6):
            for _time in range(4):
                run = enqueue('device-scan', user=None, devices=[target.device_id]).run
                taken = self.take(run)
                codes += self.blocked(run)
                self.finish(run, *taken.claims)
        self.assertEqual(codes, ['', '', '', 'waiting:host'])
        self.assertTrue(5 < taken.again_after <= 10, taken.again_after)

    def test_runs_share_a_limit(self):
        site = make_site()
        one, two = make_run(2, site=site), make_run(2, site=site)
        with plugin_settings(site_concurrency=3):
            self.assertEqual((len(self.claim(one)), len(self.claim(two))), (2, 1))

    def test_no_limits(self):
        with plugin_settings(site_concurrency=None, kind_concurrency={'device-scan': None},
                             kind_rate={'device-scan': None}):  # fmt: skip
            self.assertEqual(len(self.claim(make_run(4))), 4)

    def test_what_is_shown_is_what_applies(self):
        site, policy = make_site(), make_policy('P', concurrency=7)
        with plugin_settings(site_concurrency=3, kind_concurrency={'device-scan': 5}):
            self.claim(make_run(2, site=site, policy=policy))
            shown = limits_in_effect(sites=[site.pk], policies={policy.pk: 7})
        self.assertEqual({(limit.name, limit.most): usage for limit, usage in shown}, {
            ('kind:device-scan', 5): 2, ('kind:credential-check', 64): 0, (f'site:{site.pk}', 3): 2,
            (f'policy:{policy.pk}', 7): 2,
        })  # fmt: skip


class HeadOfTheQueueTest(LimitCase):
    def test_full_site_does_not_hold_up_the_others(self):
        full, free = make_site('Full'), make_site('Free')
        targets = [make_target(site=full) for _ in range(6)] + [make_target(site=free) for _ in range(2)]
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
        with plugin_settings(site_concurrency=1):
            claims = self.claim(run, 2)
            self.assertEqual([item.target for item in claims], [targets[0].pk, targets[6].pk])
            self.finish(run, claims[1])
            self.assertEqual([item.target for item in self.claim(run, 2)], [targets[7].pk])

    def test_many_full_sites(self):
        """More of them than a claim looks at rows, or has rounds."""
        targets = [make_target(site=site) for site in [make_site() for _ in range(12)] for _ in range(3)]
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
        claimed = []
        with plugin_settings(site_concurrency=1):
            while found := self.claim(run, 2):
                claimed += [item.target for item in found]
        self.assertEqual(claimed, [target.pk for target in targets[::3]])

    def test_full_tenant_and_targets_without_one(self):
        tenant = Tenant.objects.create(name='T', slug='t')
        site = make_site()
        targets = [make_target(site=site) for _ in range(5)]
        Target.objects.filter(pk__in=[target.pk for target in targets[:4]]).update(tenant=tenant)
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
        with plugin_settings(tenant_concurrency=1):
            self.assertEqual([item.target for item in self.claim(run, 2)], [targets[0].pk, targets[4].pk])

    def test_target_another_operation_is_at_work_on(self):
        targets = [make_target() for _ in range(2)]
        with other_kind():
            other = enqueue(OTHER_KIND, user=None, devices=[targets[0].device_id]).run
            self.assertEqual(len(self.claim(other)), 1)
            run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
            taken = self.take(run, 1)
            self.assertEqual([item.target for item in taken.claims], [targets[1].pk])
            # Nothing of this run ends before: it is worth asking again all the same.
            taken = self.take(run, 1)
            self.assertEqual((taken.claims, taken.again_after), ([], 1.0))
            self.finish(other, lifecycle.Claim(*self._held(other)))
            self.assertEqual([item.target for item in self.claim(run)], [targets[0].pk])

    def _held(self, run):
        row = run.targets.get()
        return row.pk, row.target_id, row.name, row.attempt, str(row.lease_token)


class AgainTest(LimitCase):
    def test_nothing_left(self):
        run = make_run(1)
        self.claim(run)
        self.assertEqual(self.take(run), lifecycle.Claimed([]))

    def test_what_is_put_off_is_nobody_s_to_wait_for(self):
        run = make_run(1)
        RunTarget.objects.update(next_attempt=timezone.now() + timedelta(minutes=1))
        self.assertEqual(self.take(run), lifecycle.Claimed([]))

    def test_paused(self):
        run = make_run(1)
        lifecycle.pause('device-scan', None)
        self.assertEqual(self.take(run), lifecycle.Claimed([]))


class PlacesTest(LimitCase):
    """Whatever ends gives back what it held: the place at its site, and the lock of its device."""

    def setUp(self):
        super().setUp()
        make_credential()
        self.site = make_site()
        self.run_ = make_run(2, site=self.site)

    def held(self):
        locks = get_connection('default').keys('netops:lock:device:*')
        return [*self.usage(f'site:{self.site.pk}', 'kind:device-scan'), len(locks)]

    def source(self):
        return RunSource(self.run_, worker='w', settings=get_settings())

    def test_result(self):
        claims = self.claim(self.run_)
        self.assertEqual(self.held(), [2, 2, 2])
        self.finish(self.run_, claims[0])
        self.assertEqual(self.held(), [1, 1, 1])
        self.finish(self.run_, claims[1], error_code='unreachable:no-response')
        self.assertEqual(self.held(), [0, 0, 0])

    def test_result_that_is_refused(self):
        """Who lost his lease may still hold something: it is his, and nobody else's."""
        (late, _other) = self.claim(self.run_)
        lose_leases()
        lifecycle.reap_leases()
        self.assertEqual(ResultSink().write([make_result(late, self.run_)]), 0)
        self.assertEqual(self.held(), [1, 1, 1])

    def test_late_result_frees_nothing_of_the_new_owner(self):
        late = self.claim(self.run_)
        lose_leases()
        lifecycle.reap_leases()
        get_limits().release([claim.lease_token for claim in late])
        self.claim(self.run_)
        self.assertEqual(self.held(), [2, 2, 2])
        ResultSink().write([make_result(claim, self.run_) for claim in late])
        self.assertEqual(self.held(), [2, 2, 2])
        self.assertEqual(set(self.run_.targets.values_list('state', flat=True)), {'running'})

    def test_refusal(self):
        Target.objects.update(status='disabled')
        source = self.source()
        self.assertEqual((source.claim(10), source.not_ready), ([], 2))
        self.assertEqual(self.held(), [0, 0, 0])

    def test_hand_back(self):
        source = self.source()
        tasks = source.claim(10)
        self.assertEqual(self.held(), [2, 2, 2])
        source.hand_back(tasks)
        self.assertEqual(self.held(), [0, 0, 0])

    def test_maintenance(self):
        window = {'start': '2020-01-01T00:00:00+00:00', 'end': '2090-01-01T00:00:00+00:00'}
        Target.objects.update(options={'maintenance': [window]})
        self.assertEqual(self.source().claim(10), [])
        self.assertEqual((self.held(), self.blocked(self.run_)), ([0, 0, 0], ['waiting:maintenance'] * 2))

    def test_claim_that_is_rolled_back(self):
        with (
            mock.patch.object(lifecycle.claims, '_take', side_effect=RuntimeError),
            self.assertRaises(RuntimeError),
            transaction.atomic(),
        ):
            self.claim(self.run_)
        self.assertEqual(self.held(), [0, 0, 0])
        self.assertEqual(len(self.claim(self.run_)), 2)

    def test_lost_lease_frees_itself(self):
        run = make_run(1, site=self.site)
        found = Limiting.of(run, get_settings())
        lifecycle.claim(run.pk, 1, worker='w', lease_seconds=0.2, limiting=found)
        done = threading.Event()
        deadline = timezone.now() + timedelta(seconds=20)
        while self.held() != [0, 0, 0]:
            self.assertLess(timezone.now(), deadline)
            done.wait(0.05)


class RedisTest(LimitCase):
    def test_without_redis_nothing_starts_and_nothing_is_lost(self):
        run = make_run(2)
        with without_redis(), self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'):
            taken = self.take(run)
        self.assertEqual((taken.claims, taken.again_after), ([], 2.0))
        rows = run.targets.values_list('state', 'attempt', 'lease_token', 'blocked')
        self.assertEqual(set(rows), {('waiting', 0, None, '')})
        run.refresh_from_db()
        self.assertEqual(run.status, 'queued')
        self.assertEqual(len(self.claim(run)), 2)

    def test_without_redis_results_are_kept(self):
        run = make_run(2)
        first, second = self.claim(run)
        found = Limiting.of(run, get_settings())
        with without_redis(), self.assertLogs('netbox.netbox_netops', 'ERROR'):
            found = Limiting.of(run, get_settings())
            self.finish(run, first)
            lifecycle.hand_back([(second.id, second.lease_token)], found)
        self.assertEqual(list(run.targets.order_by('pk').values_list('state', flat=True)), ['succeeded', 'waiting'])

    def test_emptied_redis_learns_what_is_running(self):
        site = make_site()
        run, policy = make_run(3, site=site), make_policy('P', concurrency=5)
        Run.objects.filter(pk=run.pk).update(policy=policy)
        with plugin_settings(site_concurrency=3):
            held = self.claim(run, 2)
            names = f'site:{site.pk}', 'kind:device-scan', f'policy:{policy.pk}'
            get_connection('default').flushall()
            self.assertEqual(self.usage(*names), [0, 0, 0])
            other = make_run(3, site=site)
            self.assertEqual(len(self.claim(other)), 1)
            self.assertEqual(self.usage(*names), [3, 3, 2])
            # The locks of devices too, as those of another kind would see.
            targets = Target.objects.filter(pk__in=[claim.target for claim in held])
            with other_kind(), mock.patch.object(lifecycle.claims, 'BUSY', 'false'):
                second = enqueue(OTHER_KIND, user=None, devices=[target.device_id for target in targets]).run
                self.assertEqual((self.claim(second), self.blocked(second)), ([], ['waiting:busy'] * 2))
            self.finish(run, *held)
            self.assertEqual(self.usage(*names), [1, 1, 0])

    def test_redis_that_is_emptied_again_and_again(self):
        run = make_run(1)
        seed = Limits.seed

        def in_vain(limits, held):
            seed(limits, held)
            get_connection('default').flushall()

        with mock.patch.object(Limits, 'seed', in_vain), self.assertLogs('netbox.netbox_netops.lifecycle', 'ERROR'):
            self.assertEqual(self.take(run).claims, [])
        self.assertEqual(len(self.claim(run)), 1)


class RaceTest(TransactionTestCase):
    def test_what_was_claimed_before_somebody_was_faster_is_not_lost(self):
        """A later round of a claim meets an operation that has begun since it looked."""
        full, other = make_site(), make_site()
        targets = [make_target(site=full) for _ in range(2)] + [make_target(site=other)]
        run = enqueue('device-scan', user=None, devices=[target.device_id for target in targets]).run
        rival = Run.objects.create(kind='device-scan', expires=run.expires, total=1)
        row = RunTarget.objects.create(
            run=rival, target=targets[2], name='x', dedup_key='other-kind', exclusive=True, expires=run.expires
        )
        find = lifecycle.claims._candidates
        rounds = []

        def look(*arguments):
            rows = find(*arguments)
            rounds.append([item[0] for item in rows])
            if len(rounds) == 2:
                (outcome,) = in_threads(lambda: lifecycle.claim(rival.pk, 1, worker='rival', lease_seconds=60))
                self.assertEqual([claim.id for claim in outcome.claims], [row.pk])
            return rows

        with plugin_settings(site_concurrency=1), mock.patch.object(lifecycle.claims, '_candidates', look):
            found = Limiting.of(run, get_settings())
            claimed = lifecycle.claim(run.pk, 2, worker='w', lease_seconds=60, limiting=found)
        self.assertEqual([claim.target for claim in claimed.claims], [targets[0].pk])
        running = RunTarget.objects.filter(state='running').values_list('worker', flat=True)
        self.assertEqual(sorted(running), ['rival', 'w'])
        # The place that was granted in vain is free again.
        self.assertEqual(get_limits().usage([f'site:{other.pk}']), {f'site:{other.pk}': 0})

    def test_two_kinds_on_the_same_devices(self):
        """Without Redis' help: the index alone decides, and whoever is late goes on with what is left."""
        site = make_site()
        devices = [make_target(site=site).device_id for _ in range(12)]
        with other_kind():
            for _round in range(6):
                runs = [enqueue('device-scan', user=None, devices=devices).run]
                # Their rows lie the other way round.
                runs.append(enqueue(OTHER_KIND, user=None, devices=devices).run)
                self.turn_round(runs[1])
                barrier = threading.Barrier(2, timeout=30)
                find = lifecycle.claims._candidates

                def together(*arguments, find=find, barrier=barrier, seen=set()):  # noqa: B006
                    """Both have seen the targets free before either takes them."""
                    rows = find(*arguments)
                    if threading.get_ident() not in seen:
                        seen.add(threading.get_ident())
                        barrier.wait()
                    return rows

                with mock.patch.object(lifecycle.claims, '_candidates', together):
                    outcomes = in_threads(
                        *(lambda run=run: lifecycle.claim(run.pk, 12, worker='w', lease_seconds=60) for run in runs)
                    )
                self.check(outcomes)
                RunTarget.objects.all().delete()

    def turn_round(self, run):
        """Its rows name the targets in the opposite order."""
        rows, targets = list(run.targets.order_by('pk')), [row.target_id for row in run.targets.order_by('-pk')]
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE netbox_netops_runtarget t SET target_id = g.target
                FROM unnest(%s::bigint[], %s::bigint[]) AS g(id, target) WHERE t.id = g.id
                """,
                [[row.pk for row in rows], targets],
            )

    def check(self, outcomes):
        for outcome in outcomes:
            self.assertIsInstance(outcome, lifecycle.Claimed)
        claimed = {claim.id for outcome in outcomes for claim in outcome.claims}
        running = RunTarget.objects.filter(state='running')
        self.assertEqual(claimed, set(running.values_list('pk', flat=True)))
        self.assertEqual(len(claimed), 12)
        self.assertEqual(running.values('target').distinct().count(), 12)

    def test_many_claimers_keep_to_the_limits(self):
        sites = [make_site() for _ in range(3)]
        runs = [
            enqueue('device-scan', user=None, devices=[make_target(site=site).device_id for site in sites * 8]).run
            for _run in range(2)
        ]
        most = {}

        def work(run):
            def drain():
                claims = 0
                found = Limiting.of(run, get_settings())
                while run.targets.filter(state='waiting').exists():
                    taken = lifecycle.claim(run.pk, 5, worker='w', lease_seconds=60, limiting=found).claims
                    for claim in taken:
                        site = Target.objects.get(pk=claim.target).site_id
                        at_work = RunTarget.objects.filter(state='running', target__site=site).count()
                        most[site] = max(most.get(site, 0), at_work)
                    ResultSink().write([make_result(claim, run) for claim in taken])
                    claims += len(taken)
                return claims

            return drain

        with plugin_settings(site_concurrency=4):
            outcomes = in_threads(*(work(run) for run in runs * 2))
        self.assertEqual([item for item in outcomes if not isinstance(item, int)], [])
        self.assertEqual(sum(outcomes), 48)
        self.assertEqual(set(RunTarget.objects.values_list('state', flat=True)), {'succeeded'})
        self.assertLessEqual(max(most.values()), 4)
