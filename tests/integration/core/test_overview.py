"""What the overview says of the fleet's work: why things wait, and which limits apply."""

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone
from tenancy.models import Tenant
from users.models import User

from netbox_netops import overview
from netbox_netops.kinds import KINDS
from netbox_netops.lifecycle import claim
from netbox_netops.limiting import Limiting
from netbox_netops.models import Pause, Policy, Run, RunTarget, Target
from netbox_netops.overview import RETRY, KindState, read_kinds, read_overview
from netbox_netops.settings import get_settings
from tests.integration.api.base import make_run, make_run_target
from tests.integration.factories import make_gateway, make_site, make_target

KIND = 'device-scan'


def scan_state() -> KindState:
    return next(state for state in read_kinds() if state.kind == KIND)


class WaitingTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target()
        cls.run_ = make_run()

    def wait(self, target=None, **values):
        return make_run_target(self.run_, target, name='x', **values)

    def test_nothing(self):
        self.assertEqual(scan_state(), KindState(KIND))

    def test_why_it_waits(self):
        now = timezone.now()
        later = now + timedelta(minutes=5)
        self.wait()
        self.wait(next_attempt=now - timedelta(seconds=1), error_code='deadline:probe')
        self.wait(next_attempt=later, error_code='deadline:probe')
        self.wait(next_attempt=later, blocked='waiting:address')
        self.wait(blocked='waiting:site')
        self.wait(state='succeeded', blocked='waiting:site')
        state = scan_state()
        self.assertEqual((state.waiting, state.due, state.running), (5, 2, 0))
        self.assertEqual(state.blocked, {RETRY: 1, 'waiting:address': 1, 'waiting:site': 1})
        self.assertEqual(state.oldest, self.run_.created)

    def test_another_operation_on_the_device(self):
        """Nobody marks such a row: it is not even a candidate for a claim."""
        self.wait(self.target, state='running', exclusive=True, started=timezone.now())
        self.wait(self.target, exclusive=True)
        self.wait(self.target, exclusive=False)
        state = scan_state()
        self.assertEqual((state.waiting, state.due, state.running), (2, 1, 1))
        self.assertEqual(state.blocked, {'waiting:busy': 1})

    def test_nothing_of_a_paused_kind_is_due(self):
        self.wait()
        pause = Pause.objects.create(kind=KIND)
        state = scan_state()
        self.assertEqual((state.waiting, state.due, state.pause), (1, 0, pause))

    def test_overdue_leases(self):
        for seconds in (-1, 60):
            self.wait(state='running', started=timezone.now(), lease_until=timezone.now() + timedelta(seconds=seconds))
        self.assertEqual((scan_state().running, scan_state().overdue), (2, 1))

    def test_kind_of_another_version(self):
        make_run_target(make_run(kind='from-tomorrow'), None, name='x')
        Pause.objects.create(kind='from-tomorrow')
        self.assertEqual([state.kind for state in read_kinds()], list(KINDS))
        self.assertEqual(scan_state(), KindState(KIND))


class LimitTest(TestCase):
    def test_those_of_what_is_going_on(self):
        """Of sites, tenants, gateways and policies that have work now; those with the least room first."""
        user = User.objects.create(username='u')
        policy = Policy.objects.create(name='p', kind=KIND, device_filter={'site': ['a']}, concurrency=1, run_as=user)
        tenant = Tenant.objects.create(name='T', slug='t')
        site, idle = make_site('A'), make_site('B')
        gateway = make_gateway('G', sites=[site])
        target = make_target(site=site, tenant=tenant)
        make_target(site=idle, address='192.0.2.9')
        changes = {'host_rate': None, 'tenant_concurrency': 5, 'gateway_concurrency': 2}
        with self.settings(PLUGINS_CONFIG={'netbox_netops': changes}):
            run = make_run(policy=policy)
            row = make_run_target(run, target, gateway=gateway)
            limiting = Limiting.of(run, get_settings(), gateway.pk)
            claim(run.pk, 1, worker='w', lease_seconds=60, limiting=limiting, gateway=gateway.pk)
            limits = [(limit.scope, limit.key, limit.used, limit.most) for limit in read_overview().limits]
            self.assertEqual(
                limits,
                [
                    ('kind', KIND, 1, 512),
                    ('kind', 'credential-check', 0, 64),
                    ('policy', str(policy.pk), 1, 1),
                    ('gateway', str(gateway.pk), 1, 2),
                    ('tenant', str(tenant.pk), 1, 5),
                    ('site', str(site.pk), 1, 128),
                ],
            )
            RunTarget.objects.filter(pk=row.pk).update(state='succeeded')
            Run.objects.filter(pk=run.pk).update(status='succeeded')
            self.assertEqual([limit.scope for limit in read_overview().limits], ['kind', 'kind'])

    def test_those_of_metrics_do_not_come_and_go(self):
        """With work or without, at first use and later, and whatever else is added."""
        user = User.objects.create(username='u')
        for name, most in (('p', 3), ('unlimited', None)):
            Policy.objects.create(name=name, kind=KIND, device_filter={'site': ['a']}, concurrency=most, run_as=user)
        tenant = Tenant.objects.create(name='T', slug='t')
        sites = [make_site() for _ in range(3)]
        gateway = make_gateway('G', sites=[make_site()])
        for number, site in enumerate(sites):
            make_target(site=site, tenant=tenant, address=f'192.0.2.{number + 1}')
        changes = {'host_rate': None, 'tenant_concurrency': 5, 'gateway_concurrency': 2}
        with (
            self.settings(PLUGINS_CONFIG={'netbox_netops': changes}),
            mock.patch.object(overview, '_MOST_SCOPES', 2),
        ):
            before = self.steady()
            self.assertEqual(
                before,
                {
                    ('kind', KIND): 0,
                    ('kind', 'credential-check'): 0,
                    ('policy', str(Policy.objects.get(name='p').pk)): 0,
                    ('gateway', str(gateway.pk)): 0,
                    ('tenant', str(tenant.pk)): 0,
                    **{('site', str(site.pk)): 0 for site in sites[:2]},
                },
            )
            run = make_run()
            for target in Target.objects.all():
                make_run_target(run, target)
            claim(run.pk, 9, worker='w', lease_seconds=60, limiting=Limiting.of(run, get_settings()))
            self.assertEqual(self.steady().keys(), before.keys())
            self.assertEqual(self.steady()['site', str(sites[0].pk)], 1)
            make_target(site=make_site(), address='192.0.2.9')
            self.assertEqual(self.steady().keys(), before.keys())

    def steady(self):
        return {(limit.scope, limit.key): limit.used for limit in read_overview(steady_limits=True).limits}
