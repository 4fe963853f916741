"""The action "Run NetOps policy": one run for all objects of a request, whatever happens around it."""

import logging
import threading
import uuid
from contextlib import contextmanager
from unittest import mock

from core.events import JOB_COMPLETED, OBJECT_CREATED, OBJECT_DELETED, OBJECT_UPDATED
from core.models import Job, ObjectType
from core.signals import job_end
from dcim.models import Device, Interface, InventoryItem, MACAddress, Site
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.test import TransactionTestCase, override_settings
from django.test.utils import CaptureQueriesContext
from extras.events import EventContext, process_event_rules
from extras.models import EventRule
from ipam.models import IPAddress
from netbox.context import events_queue
from netbox.event_rules import get_event_rule_action
from redis.exceptions import ConnectionError as RedisConnectionError
from users.models import ObjectPermission, User
from utilities.testing import TestCase
from virtualization.models import VirtualMachine, VMInterface

from netbox_netops import event_rules
from netbox_netops.jobs.device_scan import DeviceScanJob
from netbox_netops.models import Run, RunTarget
from tests.integration.factories import assign_address, make_device, make_machine, make_site
from tests.integration.rules import make_policy, make_rule, request_by

CORE = 'extras.events.process_event_queue'
OURS = 'netbox_netops.event_rules.dispatch_collected'


def fail(events):
    raise RuntimeError('another plugin')


class RuleCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.site = make_site()
        cls.policy = make_policy('Scan')

    def setUp(self):
        super().setUp()
        event_rules._warned.clear()

    @contextmanager
    def request(self):
        """What is saved within are the changes of one request."""
        with self.captureOnCommitCallbacks(execute=True), request_by(self.user):
            yield

    def device(self, **values):
        return make_device(site=self.site, **values)

    def ran_on(self):
        """Devices and virtual machines of each run."""
        return [
            {row.target.object for row in run.targets.select_related('target__device', 'target__virtual_machine')}
            for run in Run.objects.order_by('pk')
        ]


class OneRunTest(RuleCase):
    def test_new_devices(self):
        make_rule(self.policy, Device, OBJECT_CREATED, name='New devices')
        with self.request():
            devices = {self.device() for _number in range(5)}
        self.assertEqual(self.ran_on(), [devices])
        run = Run.objects.get()
        self.assertEqual((run.kind, run.policy, run.requested_by), ('device-scan', self.policy, self.policy.run_as))
        self.assertEqual((run.reason, run.total, run.interactive), ('event rule New devices', 5, False))
        self.policy.refresh_from_db()
        self.assertEqual((self.policy.last_outcome, self.policy.last_run), ('', None))
        self.assertIsNotNone(self.policy.last_fired)

    def test_queries_do_not_depend_on_the_number_of_objects(self):
        make_rule(self.policy, [Device, Interface], OBJECT_CREATED)
        counts = []
        for number in (2, 40):
            with mock.patch('extras.events.settings.EVENTS_PIPELINE', [CORE]), self.request():
                found = [self.device() for _number in range(number)]
                found += [Interface.objects.create(device=device, name='x', type='virtual') for device in found]
                events = list(events_queue.get().values())
            with CaptureQueriesContext(connection) as queries:
                event_rules.dispatch_collected(events)
            counts.append(len(queries))
        self.assertEqual(sorted(Run.objects.values_list('total', flat=True)), [2, 40])
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 40)

    def test_collecting_asks_the_database_once_for_all_objects(self):
        make_rule(self.policy, Device, OBJECT_CREATED)
        counts = []
        for number in (2, 12):
            devices = [self.device() for _number in range(number)]
            object_type = ObjectType.objects.get_for_model(Device)
            rules = EventRule.objects.filter(enabled=True)
            events = [
                EventContext(object=device, object_id=device.pk, event_type=OBJECT_CREATED, user=None, data={})
                for device in devices
            ]
            with (
                mock.patch.object(event_rules, '_is_queued', return_value=True),
                CaptureQueriesContext(connection) as queries,
            ):
                for event in events:
                    process_event_rules(rules, object_type, event)
            counts.append(len(queries))
        self.assertEqual(counts, [2, 2])

    def test_two_rules_for_the_same_policy(self):
        make_rule(self.policy, Device, OBJECT_CREATED, name='A')
        make_rule(self.policy, IPAddress, OBJECT_CREATED, name='B')
        with self.request():
            device = self.device(address='192.0.2.1')
        self.assertEqual(self.ran_on(), [{device}])
        self.assertEqual(Run.objects.get().reason, 'event rule A, B')

    def test_two_policies(self):
        other = make_policy('Other', kind='netbox-sync', device_filter=None, machine_filter=None)
        for policy in (self.policy, other):
            make_rule(policy, Device, OBJECT_CREATED)
        with self.request():
            self.device()
            self.device()
        self.assertEqual(
            sorted(Run.objects.values_list('policy__name', 'kind', 'total')),
            [('Other', 'netbox-sync', 1), ('Scan', 'device-scan', 2)],
        )

    def test_conditions_of_the_rule(self):
        became_active = {'and': [{'attr': 'status', 'op': 'changed'}, {'attr': 'status.value', 'value': 'active'}]}
        make_rule(self.policy, Device, OBJECT_UPDATED, conditions=became_active)
        planned, active = self.device(status='planned'), self.device()
        with self.request():
            for device in (planned, active):
                device.snapshot()
                device.status = 'active'
                device.comments = 'changed'
                device.save()
        self.assertEqual(self.ran_on(), [{planned}])

    def test_a_later_request_joins_what_is_at_work(self):
        make_rule(self.policy, Device, (OBJECT_CREATED, OBJECT_UPDATED))
        with self.request():
            device = self.device()
        with self.request():
            device.snapshot()
            device.comments = 'changed'
            device.save()
        self.assertEqual(self.ran_on(), [{device}])


class ConcernedTest(RuleCase):
    def updated(self, *objects):
        with self.request():
            for item in objects:
                item.snapshot()
                item.description = 'changed'
                item.save()

    def test_address(self):
        make_rule(self.policy, IPAddress, OBJECT_UPDATED)
        device, machine = self.device(), make_machine(site=self.site)
        self.updated(assign_address(device, '192.0.2.1'), assign_address(machine, '192.0.2.2'))
        self.assertEqual(self.ran_on(), [{device, machine}])

    def test_address_that_is_primary_of_a_device_but_assigned_to_another(self):
        make_rule(self.policy, IPAddress, OBJECT_UPDATED)
        owner, out_of_band = self.device(), self.device()
        address = assign_address(owner, '192.0.2.1')
        Device.objects.filter(pk=out_of_band.pk).update(oob_ip=address)
        self.updated(address)
        self.assertEqual(self.ran_on(), [{owner, out_of_band}])

    def test_address_of_nobody(self):
        make_rule(self.policy, IPAddress, OBJECT_UPDATED)
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.INFO) as logs:
            self.updated(IPAddress.objects.create(address='192.0.2.1/32'))
        self.assertIn('nothing that is operated', logs.output[0])
        self.assertEqual(self.ran_on(), [])

    def test_parts_of_a_device_or_virtual_machine(self):
        for model in (Interface, InventoryItem, VMInterface, MACAddress):
            with self.subTest(model=model):
                rule = make_rule(self.policy, model, OBJECT_CREATED)
                with self.request():
                    owner = make_machine(site=self.site) if model is VMInterface else self.device()
                    if model is Interface:
                        Interface.objects.create(device=owner, name='a', type='virtual')
                    elif model is InventoryItem:
                        InventoryItem.objects.create(device=owner, name='a')
                    elif model is VMInterface:
                        VMInterface.objects.create(virtual_machine=owner, name='a')
                    else:
                        interface = Interface.objects.create(device=owner, name='a', type='virtual')
                        MACAddress.objects.create(mac_address='00:00:5e:00:53:01', assigned_object=interface)
                self.assertEqual(self.ran_on(), [{owner}])
                rule.delete()
                Run.objects.all().delete()

    def test_address_that_moves_within_the_request(self):
        """The device it ends at is the one."""
        make_rule(self.policy, IPAddress, OBJECT_UPDATED)
        first, last = (Interface.objects.create(device=self.device(), name='a', type='virtual') for _number in range(2))
        address = IPAddress.objects.create(address='192.0.2.1/32')
        with self.request():
            for interface in (first, last):
                address = IPAddress.objects.get(pk=address.pk)
                address.assigned_object = interface
                address.save()
        self.assertEqual(self.ran_on(), [{last.device}])

    def test_deleted_objects_are_ignored(self):
        make_rule(self.policy, [Device, Interface, Site], (OBJECT_CREATED, OBJECT_DELETED))
        device, site = self.device(), make_site()
        Interface.objects.create(device=device, name='a', type='virtual')
        with self.assertNoLogs('netbox.netbox_netops.event_rules'), self.request():
            device.delete()
            site.delete()
            self.device().delete()
        self.assertEqual(self.ran_on(), [])

    def test_what_concerns_no_device_is_warned_of_once(self):
        make_rule(self.policy, Site, OBJECT_CREATED, name='Sites')
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.WARNING) as logs:
            for _number in range(2):
                with self.request():
                    make_site()
        self.assertEqual(len(logs.output), 1)
        self.assertIn('Event rule "Sites"', logs.output[0])
        self.assertEqual(self.ran_on(), [])

    def test_policy_that_was_deleted(self):
        rule = make_rule(make_policy(), Device, OBJECT_CREATED, name='Old')
        # Past the ORM, and past what else a deletion may take with it.
        EventRule.objects.filter(pk=rule.pk).update(action_object_id=2**31)
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.WARNING) as logs, self.request():
            self.device()
            self.device()
        self.assertEqual(len(logs.output), 1)
        self.assertIn('Event rule "Old" runs no policy', logs.output[0])
        self.assertEqual(self.ran_on(), [])

    def test_devices_that_are_not_operated(self):
        make_rule(self.policy, Device, OBJECT_CREATED)
        with self.request():
            active = self.device()
            for status in ('planned', 'offline', 'inventory', 'decommissioning'):
                self.device(status=status)
        self.assertEqual(self.ran_on(), [{active}])

    def test_devices_that_the_policy_does_not_concern(self):
        make_rule(make_policy(device_filter={'site_id': [self.site.pk]}), Device, OBJECT_CREATED)
        with self.request():
            inside = self.device()
            make_device()
        self.assertEqual(self.ran_on(), [{inside}])
        with self.request():
            make_device()
        self.assertEqual(len(self.ran_on()), 1)


class RightsTest(RuleCase):
    def limited_policy(self, **constraints):
        user = User.objects.create(username='limited')
        permission = ObjectPermission.objects.create(
            name='scan', actions=['netops_scan'], constraints=constraints or None
        )
        permission.users.add(user)
        permission.object_types.add(ObjectType.objects.get_for_model(Device))
        return make_policy('Limited', run_as=user)

    def test_only_what_the_user_of_the_policy_may_operate(self):
        make_rule(self.limited_policy(name='r1'), Device, OBJECT_CREATED)
        with self.request():
            allowed = self.device(name='r1')
            self.device(name='r2')
        self.assertEqual(self.ran_on(), [{allowed}])

    def refused(self, policy, code):
        make_rule(policy, Device, OBJECT_CREATED)
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.WARNING) as logs, self.request():
            device = self.device()
        self.assertIn(code, logs.output[0])
        self.assertTrue(Device.objects.filter(pk=device.pk).exists())
        self.assertEqual(self.ran_on(), [])
        policy.refresh_from_db()
        self.assertEqual(policy.last_outcome, code)

    def test_a_user_without_the_right(self):
        self.refused(make_policy(run_as=User.objects.create(username='nobody')), 'permission:denied')

    def test_a_user_who_is_not_active(self):
        user = User.objects.create(username='gone', is_superuser=True, is_active=False)
        self.refused(make_policy(run_as=user), 'policy:user')

    def test_a_disabled_policy(self):
        self.refused(make_policy(enabled=False), 'policy:disabled')

    def test_a_policy_whose_filter_is_not_valid_any_more(self):
        self.refused(make_policy(device_filter={'no_such_filter': ['x']}), 'scope:invalid')

    def test_saving_a_rule_needs_the_right_to_run_its_policy(self):
        rule = make_rule(self.policy, Device, OBJECT_CREATED)
        with request_by(self.user), self.assertRaises(ValidationError) as caught:
            rule.full_clean()
        self.assertIn('action_object_id', caught.exception.message_dict)
        self.add_permissions('netbox_netops.netops_run_policy')
        with request_by(User.objects.get(pk=self.user.pk)):
            rule.full_clean()

    def test_a_rule_needs_a_policy(self):
        action = get_event_rule_action('netbox_netops.run_policy')
        with self.assertRaises(ValidationError):
            action._validate(action_object=None, action_data={})
        with self.assertRaises(ValidationError):
            action._validate(action_object=self.site, action_data={})

    def test_import_by_name(self):
        action = get_event_rule_action('netbox_netops.run_policy')
        self.assertEqual(action.resolve_import_object('Scan'), self.policy)
        with self.assertRaises(ObjectDoesNotExist):
            action.resolve_import_object('Nothing')


class FailureTest(RuleCase):
    """The user's request goes on, and what was collected gets nowhere else."""

    def setUp(self):
        super().setUp()
        make_rule(self.policy, Device, OBJECT_CREATED)

    def failing(self, error):
        other = make_policy('Z')
        make_rule(other, Device, OBJECT_CREATED)

        def fire(policy, **arguments):
            if policy != other:
                raise error
            return original(policy, **arguments)

        original = event_rules.fire
        with (
            mock.patch.object(event_rules, 'fire', side_effect=fire),
            self.assertLogs('netbox.netbox_netops.event_rules', logging.ERROR) as logs,
            self.request(),
        ):
            device = self.device()
        self.assertIn('Policy Scan is not run', logs.output[0])
        self.assertEqual(Run.objects.get().policy, other)
        return device

    def test_a_failure_keeps_no_other_policy_from_running(self):
        device = self.failing(RuntimeError('boom'))
        self.assertTrue(Device.objects.filter(pk=device.pk).exists())

    def test_a_failure_of_the_database_leaves_the_transaction_usable(self):
        def break_it(*arguments, **keywords):
            with connection.cursor() as cursor:
                cursor.execute('SELECT 1 / 0')

        with (
            mock.patch.object(event_rules, 'fire', side_effect=break_it),
            self.assertLogs('netbox.netbox_netops.event_rules', logging.ERROR),
            transaction.atomic(),
            self.request(),
        ):
            self.device()
        self.assertEqual(Device.objects.count(), 1)

    def test_a_failure_before_the_first_policy(self):
        with (
            mock.patch.object(event_rules.Policy.objects, 'in_bulk', side_effect=DatabaseError('down')),
            self.assertLogs('netbox.netbox_netops.event_rules', logging.ERROR),
            self.request(),
        ):
            self.device()
        self.assertEqual(Device.objects.count(), 1)

    def test_without_redis_the_run_is_there(self):
        with (
            mock.patch.object(DeviceScanJob, 'enqueue', side_effect=RedisConnectionError('refused')),
            self.assertLogs('netbox.netbox_netops.dispatch', logging.ERROR),
            self.request(),
        ):
            device = self.device(address='192.0.2.1')
        self.assertEqual(self.ran_on(), [{device}])

    @override_settings(EVENTS_PIPELINE=[CORE, f'{__name__}.fail', OURS])
    def test_what_was_collected_by_a_request_that_failed_is_forgotten(self):
        with self.assertRaises(RuntimeError), self.request():
            self.device()
        with override_settings(EVENTS_PIPELINE=[CORE, OURS]), self.request():
            second = self.device()
        self.assertEqual(self.ran_on(), [{second}])

    def test_a_request_that_is_rolled_back(self):
        with self.assertRaises(RuntimeError), self.request():
            self.device()
            raise RuntimeError('the view')
        with self.request():
            second = self.device()
        self.assertEqual(self.ran_on(), [{second}])

    def test_requests_within_each_other(self):
        with self.request():
            outer = self.device()
            with request_by(self.user):
                inner = self.device()
            self.assertEqual(self.ran_on(), [{inner}])
        self.assertEqual(self.ran_on(), [{inner}, {outer}])

    def test_events_of_jobs_concern_no_device_and_get_nowhere(self):
        make_rule(self.policy, Device, JOB_COMPLETED, name='Jobs')
        object_type = ObjectType.objects.get_for_model(Device)
        job = Job.objects.create(object_type=object_type, object_id=1, name='x', job_id=uuid.uuid4(), data={'id': 1})
        with self.assertLogs('netbox.netbox_netops.event_rules', logging.WARNING) as logs:
            job_end.send(job)
        self.assertIn('Event rule "Jobs"', logs.output[0])
        with self.request():
            device = self.device()
        self.assertEqual(self.ran_on(), [{device}])

    def test_events_that_somebody_passes_to_the_rules_himself(self):
        device = self.device()
        object_type = ObjectType.objects.get_for_model(Device)
        values = {'object': device, 'object_id': device.pk, 'event_type': OBJECT_CREATED, 'user': self.user}
        with self.captureOnCommitCallbacks(execute=True):
            # As a dictionary, and as EventContext.
            process_event_rules(EventRule.objects.all(), object_type, {**values, 'data': {'id': device.pk}})
        self.assertEqual(self.ran_on(), [{device}])
        other = self.device()
        with self.captureOnCommitCallbacks(execute=True):
            event = EventContext(values | {'object': other, 'object_id': other.pk})
            process_event_rules(EventRule.objects.all(), object_type, event)
        self.assertEqual(self.ran_on(), [{device}, {other}])


class ThreadsTest(TransactionTestCase):
    def test_requests_at_the_same_time(self):
        user = User.objects.create(username='user')
        site = make_site()
        # What makes devices is made once.
        make_device(site=site)
        make_rule(make_policy(), Device, OBJECT_CREATED)
        barrier = threading.Barrier(4, timeout=60)
        made, errors = {}, []

        def work(number):
            try:
                with request_by(user):
                    devices = {make_device(f'{number}-{index}', site=site).pk for index in range(number + 1)}
                    made[number] = devices
                    barrier.wait()
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        found = {
            frozenset(RunTarget.objects.filter(run=run).values_list('target__device_id', flat=True))
            for run in Run.objects.all()
        }
        self.assertEqual(found, {frozenset(devices) for devices in made.values()})


class MachineTest(RuleCase):
    def test_virtual_machines(self):
        make_rule(self.policy, VirtualMachine, OBJECT_CREATED)
        with self.request():
            machine = make_machine(site=self.site)
        self.assertEqual(self.ran_on(), [{machine}])
