"""Nothing waits for a gateway that does not serve it, and nothing is missed by one that does."""

import django_rq
from django.db import transaction
from django.test import TransactionTestCase

from netbox_netops import assignment
from netbox_netops.assignment import reassign
from netbox_netops.dispatch import enqueue
from netbox_netops.jobs.tick import tick
from netbox_netops.lifecycle import claim, claimable, claimable_runs
from netbox_netops.models import Gateway, GatewaySite, Run, RunTarget, Target
from netbox_netops.serving import claim_tasks
from tests.integration.factories import make_gateway, make_machine, make_site, make_target


class AssignmentTest(TransactionTestCase):
    def setUp(self):
        self.site_a, self.site_b = make_site('A'), make_site('B')
        self.target_a = make_target('a', site=self.site_a)
        self.target_b = make_target('b', site=self.site_b)
        self.gateway = make_gateway('Lisbon', sites=[self.site_a])

    def scan(self):
        return enqueue('device-scan', user=None, devices=[self.target_a.device_id, self.target_b.device_id]).run

    def served(self):
        return {row.name: row.gateway and row.gateway.name for row in RunTarget.objects.select_related('gateway')}

    def jobs(self):
        return django_rq.get_queue('low').count

    def test_new_work_is_assigned_by_the_site(self):
        run = self.scan()
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})
        self.assertEqual(run.jobs.count(), 1)

    def test_a_run_for_gateways_only_has_no_job(self):
        run = enqueue('device-scan', user=None, devices=[self.target_a.device_id]).run
        self.assertEqual((run.jobs.count(), self.jobs()), (0, 0))

    def test_sites_change(self):
        self.scan()
        self.gateway.sites.add(self.site_b)
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': 'Lisbon'})
        self.gateway.sites.set([self.site_b])
        self.assertEqual(self.served(), {'a': None, 'b': 'Lisbon'})
        self.gateway.sites.clear()
        self.assertEqual(self.served(), {'a': None, 'b': None})

    def test_what_comes_back_is_rung_for(self):
        run = enqueue('device-scan', user=None, devices=[self.target_a.device_id]).run
        self.gateway.sites.clear()
        self.assertEqual((run.jobs.count(), self.jobs()), (1, 1))

    def test_disabled_and_enabled(self):
        run = self.scan()
        self.gateway.enabled = False
        self.gateway.save()
        self.assertEqual(self.served(), {'a': None, 'b': None})
        # The job that is queued already works on both.
        self.assertEqual(run.jobs.count(), 1)
        self.gateway.enabled = True
        self.gateway.save()
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})

    def test_deleted(self):
        run = enqueue('device-scan', user=None, devices=[self.target_a.device_id]).run
        self.gateway.delete()
        self.assertEqual(self.served(), {'a': None})
        self.assertEqual((run.jobs.count(), self.jobs()), (1, 1))

    def test_deleted_with_others(self):
        run = enqueue('device-scan', user=None, devices=[self.target_a.device_id]).run
        make_gateway('Porto', sites=[self.site_b])
        Gateway.objects.all().delete()
        self.assertEqual(self.served(), {'a': None})
        self.assertEqual(run.jobs.count(), 1)

    def test_its_site_is_deleted(self):
        """A virtual machine may live without one."""
        site = make_site('C')
        machine = make_machine('vm', address='192.0.2.9', site=site)
        self.gateway.sites.add(site)
        enqueue('device-scan', user=None, virtual_machines=[machine.pk])
        self.assertEqual(self.served(), {'vm': 'Lisbon'})
        machine.site = None
        machine.save()
        site.delete()
        self.assertEqual(self.served(), {'vm': None})
        self.assertEqual(list(GatewaySite.objects.values_list('site', flat=True)), [self.site_a.pk])

    def test_a_change_that_is_rolled_back(self):
        self.scan()
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            self.gateway.sites.clear()
            raise ZeroDivisionError
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})
        self.gateway.sites.add(self.site_b)
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': 'Lisbon'})

    def test_what_is_at_work_stays_until_its_worker_is_done(self):
        run = self.scan()
        claim(run.pk, 5, worker='w', lease_seconds=60, gateway=self.gateway.pk)
        self.gateway.sites.clear()
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})
        # It failed and is to be tried again, by those who serve it now: the tick looks after that.
        RunTarget.objects.filter(name='a').update(state='waiting', lease_token=None)
        tick()
        self.assertEqual(self.served(), {'a': None, 'b': None})

    def test_a_device_moves_to_another_site(self):
        run = enqueue('device-scan', user=None, devices=[self.target_a.device_id]).run
        device = self.target_a.device
        device.site = self.site_b
        device.save()
        self.assertEqual(Target.objects.get(name='a').site, self.site_b)
        tick()
        self.assertEqual(self.served(), {'a': None})
        self.assertEqual(run.jobs.count(), 1)

    def test_until_the_tick_nobody_claims_a_device_that_moved(self):
        """The old gateway may not reach it, and has no business with its credentials; nor have those inside."""
        porto = make_gateway('Porto', sites=[make_site('C')])
        run = self.scan()
        for target, site in ((self.target_a, porto.sites.get()), (self.target_b, self.site_a)):
            target.device.site = site
            target.device.save()
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})
        for gateway in (self.gateway, porto, None):
            with self.subTest(gateway):
                key = gateway and gateway.pk
                taken = claim(run.pk, 5, worker='w', lease_seconds=60, gateway=key)
                self.assertEqual((taken.claims, taken.again_after, claimable(run.pk, key)), ([], None, 0))
                if gateway:
                    self.assertEqual(claim_tasks(gateway, worker='w', limit=5, kinds=['device-scan']), ([], None))
        self.assertEqual(claimable_runs(), {})
        tick()
        self.assertEqual(self.served(), {'a': 'Porto', 'b': 'Lisbon'})
        for gateway, name in ((porto, 'a'), (self.gateway, 'b')):
            (found,) = claim(run.pk, 5, worker='w', lease_seconds=60, gateway=gateway.pk).claims
            self.assertEqual(found.name, name)

    def test_what_was_deleted_is_closed_by_whoever_had_it(self):
        """It has no site any more, so nobody would assign it anew."""
        run = self.scan()
        Target.objects.filter(pk=self.target_a.pk).delete()
        (found,) = claim(run.pk, 5, worker='w', lease_seconds=60, gateway=self.gateway.pk).claims
        self.assertEqual((found.name, found.target), ('a', None))

    def test_only_what_waited_for_the_gateway_is_told_otherwise(self):
        self.scan()
        for blocked, expected in (('waiting:gateway', ''), ('waiting:address', 'waiting:address')):
            RunTarget.objects.filter(name='a').update(gateway=self.gateway, blocked=blocked)
            GatewaySite.objects.all()._raw_delete('default')
            self.assertEqual(reassign(), {Run.objects.get().pk})
            self.assertEqual(RunTarget.objects.get(name='a').blocked, expected)

    def test_nothing_to_do_writes_nothing(self):
        self.scan()
        self.assertEqual(reassign(), set())
        Gateway.objects.all().delete()
        with self.assertNumQueries(1):
            self.assertEqual(reassign(), set())

    def test_finished_rows_keep_who_did_them(self):
        self.scan()
        RunTarget.objects.update(state='succeeded')
        self.gateway.sites.clear()
        self.assertEqual(self.served(), {'a': 'Lisbon', 'b': None})

    def test_a_defect_does_not_fail_the_change_of_the_user(self):
        self.addCleanup(setattr, assignment, 'reassign', assignment.reassign)
        assignment.reassign = lambda: 1 / 0
        with self.assertLogs('netbox.netbox_netops.assignment', 'ERROR'):
            self.gateway.sites.clear()
        self.assertFalse(self.gateway.sites.exists())
