"""Migrations that carry data over: what was there before is there after."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import TransactionTestCase
from django.utils import timezone

from netbox_netops.models import InterfaceState, ScanResult, SystemState, Target
from tests.integration.api.base import make_interface
from tests.integration.factories import make_target

APP = 'netbox_netops'


def migrate(name):
    executor = MigrationExecutor(connection)
    executor.migrate([(APP, name)])
    return executor.loader.project_state([(APP, name)]).apps


class DeviceFactsTest(TransactionTestCase):
    """0003: the facts of the latest scan become the system state of its target."""

    def test_facts_and_counts(self):
        target = make_target('r1')
        bare = make_target('r2', address='192.0.2.2')
        make_interface(target)
        latest = MigrationExecutor(connection).loader.graph.leaf_nodes(APP)[0][1]
        old = migrate('0002_deletion_rules')
        scan_model = old.get_model(APP, 'ScanResult')
        values = {'target_id': target.pk, 'ok': True, 'started': timezone.now(), 'duration_ms': 1}
        scan_model.objects.create(**values, sys_name='old', interface_count=7)
        newest = scan_model.objects.create(
            **values,
            sys_name='r1.example',
            sys_description='Acme OS',
            sys_object_id='1.3.6.1.4.1.32473.1',
            sys_contact='noc',
            sys_location='rack 1',
            interface_count=8,
        )
        scan_model.objects.create(**values | {'ok': False})
        old.get_model(APP, 'Target').objects.filter(pk=target.pk).update(latest_scan=newest)

        migrate(latest)
        system = SystemState.objects.get()
        self.assertEqual(
            (system.target, system.name, system.description, system.object_id, system.contact, system.location),
            (target, 'r1.example', 'Acme OS', '1.3.6.1.4.1.32473.1', 'noc', 'rack 1'),
        )
        self.assertEqual((system.vendor, system.changed_at), ('', newest.started))
        counts = list(ScanResult.objects.order_by('pk').values_list('counts', 'changes', 'first'))
        self.assertEqual(counts, [({'interfaces': 7}, [], False), ({'interfaces': 8}, [], False), ({}, [], False)])
        # The rules of deletion still hold.
        Target.objects.filter(pk=target.pk).delete()
        self.assertEqual(Target.objects.get(), bare)
        for model in (SystemState, ScanResult, InterfaceState):
            self.assertFalse(model.objects.exists())
