"""What a claim costs in a run on ten thousand devices: it reads about as many rows as it takes."""

import json
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from virtualization.models import VirtualMachine

from netbox_netops import lifecycle
from netbox_netops.models import Run, RunTarget, Target
from tests.integration.factories import make_gateway, make_site

DEVICES = 10_000
LIMIT = 256


def nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for child in plan.get('Plans', ()):
        yield from nodes(child)


class PlanTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        sites = [make_site() for _ in range(50)]
        cls.gateways = [make_gateway(f'G{number}', sites=sites[number::10]) for number in range(5)]
        served = {site.pk: gateway for gateway in cls.gateways for site in gateway.sites.all()}
        machines = VirtualMachine.objects.bulk_create(
            [VirtualMachine(name=f'vm{number}', site=sites[number % 50]) for number in range(DEVICES)]
        )
        targets = Target.objects.bulk_create(
            [Target(virtual_machine=machine, name=machine.name, site=machine.site) for machine in machines]
        )
        expires = timezone.now() + timedelta(hours=1)
        cls.run_ = Run.objects.create(kind='device-scan', expires=expires, total=DEVICES)
        RunTarget.objects.bulk_create(
            [
                RunTarget(
                    run=cls.run_,
                    target=target,
                    name=target.name,
                    dedup_key=f'device-scan:{target.pk}',
                    gateway=served.get(target.site_id),
                    exclusive=True,
                    expires=expires,
                )
                for target in targets
            ]
        )
        with connection.cursor() as cursor:
            for table in ('runtarget', 'target', 'run', 'gateway', 'gatewaysite', 'pause'):
                cursor.execute(f'ANALYZE netbox_netops_{table}')

    def explain(self, gateway: int | None) -> dict:
        with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
            found = lifecycle.claims._candidates(cursor, self.run_.pk, LIMIT, gateway, {'site': set(), 'tenant': set()})
        self.assertEqual(len(found), LIMIT)
        with connection.cursor() as cursor:
            cursor.execute(f'EXPLAIN (ANALYZE, FORMAT JSON) {queries[0]["sql"]}')
            (answer,) = cursor.fetchone()
        return (json.loads(answer) if isinstance(answer, str) else answer)[0]

    def check(self, gateway: int | None, share: int) -> None:
        """`share`: one row in so many is for whoever asks."""
        found = self.explain(gateway)
        plan = list(nodes(found['Plan']))
        scans = [
            node for node in plan if node.get('Relation Name') == 'netbox_netops_runtarget' and node['Alias'] == 'w'
        ]
        self.assertEqual([scan.get('Index Name') for scan in scans], ['netops_runtarget_waiting'])
        self.assertNotIn('Sort', {node['Node Type'] for node in plan})
        (scan,) = scans
        read = scan['Actual Rows'] + scan.get('Rows Removed by Filter', 0)
        self.assertLessEqual(read, LIMIT * share * 1.5)

    def test_of_a_gateway(self):
        self.check(self.gateways[0].pk, 10)

    def test_of_the_workers_inside(self):
        self.check(None, 2)
