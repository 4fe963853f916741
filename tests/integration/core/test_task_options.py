"""What a check of credentials is told beside its targets: SSH, host keys; and which credentials it gets."""

from datetime import timedelta

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from utilities.testing import TestCase

from netbox_netops.dispatch import DispatchError, enqueue
from netbox_netops.jobs.source import RunSource
from netbox_netops.models import Credential, HostKey, RunTarget, Target
from netbox_netops.options import check_run_options, parse_device_options
from netbox_netops.settings import get_settings
from netops_worker.errors import NetOpsError
from tests.integration.api.base import make_host_key, make_status
from tests.integration.factories import make_credential, make_platform, make_target


class TaskCase(TestCase):
    def tasks(self, *targets, kind='credential-check', **values):
        run = enqueue(kind, user=None, devices=[target.device_id for target in targets], **values).run
        return RunSource(run, worker='w', settings=get_settings()).claim(100)

    def task(self, target, **values):
        [task] = self.tasks(target, **values)
        return task


class CredentialsTest(TaskCase):
    def setUp(self):
        super().setUp()
        self.target = make_target()
        for protocol, values in (
            ('snmp-v2c', {}),
            ('ssh-password', {'username': 'admin', 'port': 2222}),
            ('ssh-key', {'username': 'admin', 'passphrase_reference': 'NETOPS_SECRET_P', 'algorithms': 'legacy'}),
            ('enable', {}),
            ('http-bearer', {'host': 'h'}),
        ):
            make_credential(protocol, protocol=protocol, **values)

    def names(self, **values):
        return {credential.name for credential in self.task(self.target, **values).credentials}

    def test_each_kind_gets_its_own(self):
        self.assertEqual(self.names(), {'snmp-v2c', 'ssh-password', 'ssh-key', 'enable'})

    def test_a_scan_gets_those_of_snmp(self):
        self.assertEqual(self.names(kind='device-scan'), {'snmp-v2c'})

    def test_parameters(self):
        found = {item.name: item.parameters for item in self.task(self.target).credentials}
        self.assertEqual(found['ssh-password'], {'username': 'admin', 'port': 2222, 'algorithms': 'default'})
        self.assertEqual(
            found['ssh-key'],
            {'username': 'admin', 'algorithms': 'legacy', 'passphrase_reference': 'NETOPS_SECRET_P'},
        )

    def test_stopped_and_paused_ones_are_left_out(self):
        Credential.objects.filter(name='enable').update(stopped=timezone.now())
        until = timezone.now() + timedelta(minutes=5)
        make_status(self.target, Credential.objects.get(name='ssh-key'), verdict='rejected', paused_until=until)
        past = timezone.now() - timedelta(minutes=5)
        make_status(self.target, Credential.objects.get(name='snmp-v2c'), verdict='rejected', paused_until=past)
        other = make_target(address='192.0.2.2')
        found = {task.target: {item.name for item in task.credentials} for task in self.tasks(self.target, other)}
        self.assertEqual(found[self.target.pk], {'snmp-v2c', 'ssh-password'})
        self.assertEqual(found[other.pk], {'snmp-v2c', 'ssh-password', 'ssh-key'})

    def test_it_says_when_none_is_left(self):
        Credential.objects.update(stopped=timezone.now())
        self.assertEqual(self.tasks(self.target), [])
        self.assertEqual(RunTarget.objects.latest('pk').error_code, 'credential:stopped')
        Credential.objects.exclude(name='snmp-v2c').delete()
        Credential.objects.update(stopped=None)
        until = timezone.now() + timedelta(minutes=5)
        make_status(self.target, Credential.objects.get(), verdict='rejected', paused_until=until)
        self.assertEqual(self.tasks(self.target), [])
        self.assertEqual(RunTarget.objects.latest('pk').error_code, 'credential:paused')


class OptionsTest(TaskCase):
    def setUp(self):
        super().setUp()
        make_credential(protocol='ssh-password', username='admin')

    def test_driver_of_the_platform_or_one_above_it(self):
        ios = make_platform('Cisco IOS')
        below = make_platform('Our image', parent=ios)
        for platform, driver in (
            (ios, 'cisco_ios'),
            (below, 'cisco_ios'),
            (make_platform('Unheard of'), ''),
            (None, ''),
        ):
            with self.subTest(platform):
                target = make_target(platform=platform)
                self.assertEqual(self.task(target).options['ssh'], {'driver': driver})

    def test_run_over_config_context_over_platform(self):
        target = make_target(platform=make_platform('Cisco IOS'))
        context = {'ssh': {'port': 830, 'driver': 'cisco_xe'}, 'snmp': {'port': 1161}}
        Target.objects.filter(pk=target.pk).update(options=context)
        options = self.task(target, options={'stage': 2, 'command': 'show version', 'port': 22}).options
        self.assertEqual(options['ssh'], {'driver': 'cisco_xe', 'port': 22, 'stage': 2, 'command': 'show version'})
        self.assertEqual(options['snmp'], {'port': 1161})

    def test_host_keys(self):
        target, other = make_target(), make_target(address='192.0.2.2')
        make_host_key(target, 'SHA256:p', state='pending')
        make_host_key(target, 'SHA256:t')
        make_host_key(target, 'SHA256:r', state='rejected')
        found = {task.target: task.options['host_keys'] for task in self.tasks(target, other)}
        self.assertEqual(found[other.pk], {'policy': 'first-use', 'known': []})
        known = [(key['fingerprint'], key['state']) for key in found[target.pk]['known']]
        self.assertEqual(known[0], ('SHA256:t', 'trusted'))
        self.assertEqual(set(known[1:]), {('SHA256:p', 'pending'), ('SHA256:r', 'rejected')})

    def test_policy(self):
        target = make_target()
        options = self.task(target, options={'host_key_policy': 'strict'}).options
        self.assertEqual(options['host_keys']['policy'], 'strict')
        self.assertNotIn('host_key_policy', options['ssh'])
        with override_settings(PLUGINS_CONFIG={'netbox_netops': {'host_rate': None, 'host_key_policy': 'strict'}}):
            # Nobody loosens what the settings say.
            other = make_target(address='192.0.2.2')
            options = self.task(other, options={'host_key_policy': 'first-use'}).options
        self.assertEqual(options['host_keys']['policy'], 'strict')

    def test_constant_number_of_queries(self):
        # Fills the caches of content types.
        self.task(make_target())
        numbers = []
        for number in (2, 10):
            targets = [make_target(address=f'198.51.100.{n + 20 * number}') for n in range(number)]
            for target in targets:
                make_host_key(target)
            run = enqueue('credential-check', user=None, devices=[target.device_id for target in targets]).run
            source = RunSource(run, worker='w', settings=get_settings())
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(len(source.claim(100)), number)
            numbers.append(len(queries))
        self.assertEqual(*numbers)

    def test_what_may_be_asked_for(self):
        for options in (
            {}, {'stage': 1}, {'stage': 2, 'command': 'show version'}, {'command': 'display version'},
            {'command': '/system identity print'}, {'port': 22, 'timeout': 5, 'driver': 'cisco_ios'},
            {'host_key_policy': 'strict'},
        ):  # fmt: skip
            self.assertEqual(check_run_options('credential-check', options), options)
        for options in (
            {'stage': 3}, {'stage': '2'}, {'command': 'reload'}, {'command': 'show run | redirect tftp://x/'},
            {'command': 'show version\nreload'}, {'command': 'show x > flash:y'}, {'command': 'get; reboot'},
            {'command': 'show'}, {'host_key_policy': 'never'}, {'known': []}, {'timeout': 10**9}, {'username': 'x'},
        ):  # fmt: skip
            with self.subTest(options), self.assertRaises(NetOpsError) as caught:
                check_run_options('credential-check', options)
            self.assertEqual(caught.exception.code, 'options:invalid')
        with self.assertRaises(DispatchError):
            enqueue('credential-check', user=None, devices=[make_target().device_id], options={'command': 'reload'})

    def test_config_context(self):
        good = {'ssh': {'port': 830, 'timeout': 5, 'driver': 'cisco_xe'}}
        self.assertEqual(parse_device_options(good), (good, ''))
        for value, problem in (
            ([], 'netops.ssh must be an object'),
            ({'port': 0}, 'netops.ssh.port must be'),
            # What is done there is for who starts a run.
            ({'command': 'show version'}, 'netops.ssh.command is not an option'),
            ({'stage': 2}, 'netops.ssh.stage is not an option'),
        ):
            options, error = parse_device_options({'ssh': value})
            self.assertEqual(options, {})
            self.assertIn(problem, error)

    def test_nothing_is_trusted_at_another_address(self):
        target = make_target()
        make_host_key(target)
        HostKey.objects.update(state='pending')
        [key] = self.task(target).options['host_keys']['known']
        self.assertEqual(key['state'], 'pending')
