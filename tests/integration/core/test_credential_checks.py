"""What a check of credentials brings becomes statuses, history, host keys, events, and a stop where accounts are in
danger; and nothing of what a worker makes up.
"""

import json
from datetime import timedelta

import pytest
from dcim.models import Device
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from utilities.testing import TestCase

from netbox_netops import event_types
from netbox_netops.dispatch import enqueue
from netbox_netops.inventory import sync
from netbox_netops.lifecycle import claim
from netbox_netops.models import (
    Credential,
    CredentialChange,
    CredentialStatus,
    HostKey,
    Run,
    SecretAccess,
    Target,
)
from netbox_netops.results import ResultSink
from netbox_netops.results.credentials import merge_checks
from netbox_netops.results.resolutions import note_resolutions
from netbox_netops.transitions import credentials_stopped, state_changed
from netops_worker.wire import Result
from tests.integration.api.base import make_run
from tests.integration.factories import NOON, assign_address, make_credential, make_site, make_target
from tests.integration.rules import make_rule, make_webhook, webhook_jobs

MINUTE = timedelta(minutes=1)
KEYS = [f'SHA256:{letter * 43}' for letter in 'abcd']


def host_key(number=0, **values):
    return {'type': 'ssh-ed25519', 'fingerprint': KEYS[number], 'public_key': 'ssh-ed25519 AAAA'} | values


class CheckCase(TestCase):
    def setUp(self):
        super().setUp()
        self.target = make_target('r1')
        self.credential = make_credential('core', protocol='ssh-password', username='admin')
        self.run_ = make_run(kind='credential-check')
        self.minutes = 0
        self.transitions, self.stopped = [], []
        state_changed.connect(self._changed)
        credentials_stopped.connect(self._stopped)
        self.addCleanup(state_changed.disconnect, self._changed)
        self.addCleanup(credentials_stopped.disconnect, self._stopped)

    def _changed(self, transitions, **kwargs):
        self.transitions += transitions

    def _stopped(self, credentials, **kwargs):
        self.stopped += credentials

    def result(self, checks=(), *, target=None, at=None, key=None, state='trusted', run=None, **data):
        data = {'credential_check': {'checks': list(checks), 'host_key': key, 'host_key_state': state, **data}}
        return Result(
            task=1, run=(run or self.run_).pk, target=(target or self.target).pk, kind='credential-check', ok=True,
            lease_token='', started_at=(at or NOON + self.minutes * MINUTE).timestamp(), duration_ms=5,
            # As that of a worker at a POP.
            data=json.loads(json.dumps(data)),
        )  # fmt: skip

    def write(self, *results):
        self.minutes += 1
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            merge_checks(results)

    def check(self, verdict='accepted', code='', credential=None, **values):
        return {
            'credential': (credential or self.credential).pk,
            'verdict': verdict,
            'code': code,
            'detail': '',
            'stage': 1,
            'latency_ms': 20.6,
        } | values

    def rejected(self, **values):
        return self.check('rejected', 'credential:rejected', **values)

    def status(self):
        return CredentialStatus.objects.get(target=self.target, credential=self.credential)


class StatusTest(CheckCase):
    def test_status_and_history(self):
        self.write(self.result([self.check()], server={'version': 'OpenSSH_9', 'auth_methods': ['password']}))
        status = self.status()
        self.assertEqual((status.verdict, status.code, status.latency_ms, status.stage), ('accepted', '', 21, 1))
        self.assertEqual((status.checked, status.since, status.run), (NOON, NOON, self.run_))
        self.assertEqual(status.server, {'version': 'OpenSSH_9', 'auth_methods': ['password']})
        self.write(self.result([self.check()]))
        self.write(self.result([self.rejected(detail='no')]))
        status = self.status()
        self.assertEqual((status.verdict, status.detail), ('rejected', 'no'))
        self.assertEqual((status.checked, status.since), (NOON + 2 * MINUTE, NOON + 2 * MINUTE))
        changes = CredentialChange.objects.order_by('pk').values_list('old_verdict', 'old_code', 'verdict', 'code')
        self.assertEqual(list(changes), [('', '', 'accepted', ''), ('accepted', '', 'rejected', 'credential:rejected')])
        self.assertEqual(CredentialChange.objects.latest('pk').time, NOON + 2 * MINUTE)

    def test_older_never_overwrites_newer(self):
        self.write(self.result([self.rejected()], at=NOON))
        self.write(self.result([self.check()], at=NOON - MINUTE))
        self.assertEqual((self.status().verdict, self.status().checked), ('rejected', NOON))
        # Nor in one batch, in whichever order.
        self.write(self.result([self.check()], at=NOON + 2 * MINUTE), self.result([self.rejected()], at=NOON + MINUTE))
        self.assertEqual(self.status().verdict, 'accepted')
        self.assertEqual(CredentialChange.objects.count(), 2)

    def test_nothing_is_from_the_future(self):
        self.write(self.result([self.check()], at=timezone.now() + timedelta(days=1)))
        self.assertLessEqual(self.status().checked, timezone.now())

    def test_number_of_queries(self):
        numbers = []
        for number in (2, 8):
            targets = [make_target(address=f'198.51.100.{n + 10 * number}') for n in range(number)]
            results = [self.result([self.rejected()], target=target, key=host_key()) for target in targets]
            with CaptureQueriesContext(connection) as queries:
                self.write(*results)
            numbers.append(len(queries))
        self.assertEqual(*numbers)

    def test_what_a_worker_makes_up(self):
        elsewhere = make_credential('elsewhere', protocol='ssh-password', username='admin')
        elsewhere.sites.add(make_site())
        bearer = make_credential('http', protocol='http-bearer', host='h')
        good = self.check(detail='a\0b' + 'x' * 900, latency_ms=10**30, stage=7)
        for checks in (
            None, 'x', {}, [None, 5, 'x', [], {}],
            [self.check(credential=elsewhere)], [self.check(credential=bearer)],
            [self.check() | {'credential': value} for value in (10**6, -1, 2**70, True, 1.5, '1', None, [1])],
            [self.check(verdict) for verdict in ('', 'fine', None, 5, ['accepted'])],
        ):  # fmt: skip
            with self.subTest(checks):
                data = {'credential_check': {'checks': checks}}
                result = self.result()
                self.write(Result(**{name: getattr(result, name) for name in result.__slots__} | {'data': data}))
                self.assertFalse(CredentialStatus.objects.exists())
        self.write(
            self.result([good, self.rejected()], server={'version': ['x'], 'banner': '\ud800', 'kex': 'k' * 5000}),
            self.result([self.check()], target=Target(pk=10**6)),
        )
        status = self.status()
        self.assertEqual((status.verdict, status.stage, status.latency_ms), ('accepted', 1, 2**31 - 1))
        self.assertEqual((status.detail[:2], len(status.detail)), ('ab', 500))
        self.assertEqual((status.server['banner'], len(status.server['kex'])), ('?', 1000))

    def test_rows_go_with_target_and_credential(self):
        self.write(self.result([self.check()], key=host_key(), state='first-use'))
        Run.objects.filter(pk=self.run_.pk)._raw_delete('default')
        self.assertIsNone(self.status().run)
        self.credential.delete()
        self.assertFalse(CredentialStatus.objects.exists())
        self.assertFalse(CredentialChange.objects.exists())
        Target.objects.filter(pk=self.target.pk).delete()
        self.assertFalse(HostKey.objects.exists())


class LockOutTest(CheckCase):
    def reject_on(self, *targets, **values):
        now = timezone.now()
        self.write(*(self.result([self.rejected(**values)], target=target, at=now) for target in targets))

    def test_a_device_is_paused_after_some_rejections_in_a_row(self):
        for rejections in (1, 2):
            self.write(self.result([self.rejected()]))
            self.assertEqual((self.status().rejections, self.status().paused_until), (rejections, None))
        self.write(self.result([self.check('unknown', 'ssh:timeout')]))
        self.write(self.result([self.rejected()]))
        self.assertEqual(self.status().rejections, 3)
        pause = self.status().paused_until - timezone.now()
        self.assertLess(abs(pause.total_seconds() - 3600), 30)
        self.write(self.result([self.check()]))
        self.assertEqual((self.status().rejections, self.status().paused_until), (0, None))

    def test_a_changed_host_key_does_not_speak_against_the_credential(self):
        for _number in range(4):
            self.write(self.result([self.check('rejected', 'credential:host-key-changed')], state='changed'))
        self.assertEqual((self.status().rejections, self.status().paused_until), (0, None))
        self.assertEqual(self.transitions, [])

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'credential_reject_devices': 3}})
    def test_devices_that_reject_it_stop_it_everywhere(self):
        targets = [self.target, *(make_target(address=f'192.0.2.{n}') for n in range(2, 6))]
        rule = make_rule(make_webhook(), (Credential,), (event_types.CREDENTIAL_STOPPED,))
        self.reject_on(targets[0])
        # However often by one device.
        self.reject_on(targets[0])
        self.reject_on(targets[1])
        self.credential.refresh_from_db()
        self.assertIsNone(self.credential.stopped)
        self.reject_on(targets[2], targets[3])
        self.credential.refresh_from_db()
        self.assertIsNotNone(self.credential.stopped)
        self.assertEqual(self.credential.stopped_code, 'credential:rejected')
        self.assertEqual(self.stopped, [self.credential.pk])
        self.assertTrue(rule.enabled)
        [job] = webhook_jobs()
        self.assertEqual(job['event_type'], 'netops_credential_stopped')
        # Told once.
        self.reject_on(targets[4])
        self.assertEqual(self.stopped, [self.credential.pk])

    @override_settings(PLUGINS_CONFIG={'netbox_netops': {'credential_reject_devices': 2}})
    def test_what_is_long_ago_does_not_count(self):
        self.write(self.result([self.rejected()], at=timezone.now() - timedelta(hours=1)))
        self.reject_on(make_target(address='192.0.2.2'))
        self.credential.refresh_from_db()
        self.assertIsNone(self.credential.stopped)

    def test_who_listens_hears_it_once(self):
        make_rule(make_webhook(), (Device,), (event_types.CREDENTIAL_REJECTED,))
        self.write(self.result([self.rejected(detail='why')]))
        self.write(self.result([self.rejected()]))
        [transition] = self.transitions
        self.assertEqual(
            (transition.kind, transition.key, transition.name), ('credential', str(self.credential.pk), 'core')
        )
        [job] = webhook_jobs()
        self.assertEqual(job['data']['credential'], {'id': self.credential.pk, 'name': 'core'})
        self.assertEqual(job['data']['error'], {'code': 'credential:rejected', 'detail': 'why'})


class HostKeyTest(CheckCase):
    def show(self, number=0, state='first-use', target=None, **values):
        self.write(self.result([self.check()], key=host_key(number), state=state, target=target, **values))

    def states(self):
        return dict(HostKey.objects.order_by('pk').values_list('fingerprint', 'state'))

    def test_first_use(self):
        self.show()
        key = HostKey.objects.get()
        self.assertEqual((key.state, key.type, key.address), ('trusted', 'ssh-ed25519', '192.0.2.1'))
        self.assertEqual((key.first_seen, key.last_seen), (NOON, NOON))
        self.show(state='trusted')
        key.refresh_from_db()
        self.assertEqual((key.first_seen, key.last_seen), (NOON, NOON + MINUTE))
        self.assertEqual(self.transitions, [])

    def test_a_worker_cannot_make_a_key_trusted(self):
        for state in ('trusted', 'unknown', 'changed', 'x', None, 5, []):
            with self.subTest(state):
                self.show(state=state)
                self.assertEqual(self.states(), {KEYS[0]: 'pending'})
                HostKey.objects.all()._raw_delete('default')
        self.show()
        self.show(1)
        self.show(1, state='trusted')
        self.assertEqual(self.states(), {KEYS[0]: 'trusted', KEYS[1]: 'pending'})

    def test_strict(self):
        strict = make_run(kind='credential-check', options={'host_key_policy': 'strict'})
        self.show(run=strict)
        self.assertEqual(self.states(), {KEYS[0]: 'pending'})
        with override_settings(PLUGINS_CONFIG={'netbox_netops': {'host_key_policy': 'strict'}}):
            self.show(1, target=make_target(address='192.0.2.2'))
        self.assertEqual(self.states(), {KEYS[0]: 'pending', KEYS[1]: 'pending'})

    def test_another_key_is_an_event_once(self):
        make_rule(make_webhook(), (Device,), (event_types.HOST_KEY_CHANGED,))
        self.show()
        self.show(1, state='changed')
        self.show(1, state='changed')
        [transition] = self.transitions
        self.assertEqual((transition.kind, transition.old, transition.new), ('host-key', KEYS[0], KEYS[1]))
        [job] = webhook_jobs()
        self.assertEqual(job['data']['host_key'], {'type': 'ssh-ed25519', 'fingerprint': KEYS[1], 'previous': KEYS[0]})

    def test_what_is_no_key(self):
        for values in (
            {'type': 'x' * 51}, {'type': 'a b'}, {'type': None}, {'fingerprint': 'MD5:00'}, {'fingerprint': 'SHA256:x'},
            {'fingerprint': 5}, {'fingerprint': f'{KEYS[0]}\n'},
        ):  # fmt: skip
            with self.subTest(values):
                self.write(self.result(key=host_key(**values), state='first-use'))
                self.assertFalse(HostKey.objects.exists())
        self.write(self.result(key=host_key(public_key='<script>\0'), state='first-use'))
        self.assertEqual(HostKey.objects.get().public_key, '')

    def test_somebody_with_ever_new_keys_does_not_fill_the_table(self):
        for number in range(60):
            key = {'type': 'ssh-rsa', 'fingerprint': f'SHA256:{number:043d}', 'public_key': ''}
            self.write(self.result(key=key, state='changed'))
        self.assertEqual(HostKey.objects.count(), 50)

    def test_another_address_asks_for_approval(self):
        """Whoever may edit a device does not get the passwords of the one it was."""
        other = make_target('r2', address='192.0.2.9')
        self.show()
        self.show(1, target=other)
        HostKey.objects.update(approved=NOON)
        assign_address(self.target.device, '203.0.113.66')
        sync(device_ids=[self.target.device_id, other.device_id])
        self.assertEqual(Target.objects.get(pk=self.target.pk).address, '203.0.113.66')
        self.assertEqual(self.states(), {KEYS[0]: 'pending', KEYS[1]: 'trusted'})
        self.assertIsNone(HostKey.objects.get(fingerprint=KEYS[0]).approved)
        # Nothing else about a device does that.
        Device.objects.filter(pk=other.device_id).update(name='renamed')
        sync(device_ids=[other.device_id])
        self.assertEqual(self.states()[KEYS[1]], 'trusted')


class ResolutionTest(CheckCase):
    def note(self, resolutions, **values):
        result = self.result(**values)
        values = {name: getattr(result, name) for name in result.__slots__} | {'worker': 'w-1'}
        values['resolutions'] = json.loads(json.dumps(resolutions))
        with transaction.atomic():
            note_resolutions([Result(**values)])

    def test_who_asked_for_what(self):
        Run.objects.filter(pk=self.run_.pk).update(requested_by=self.user)
        at = timezone.now().timestamp() - 60
        self.note([
            {'credential': self.credential.pk, 'provider': 'environment', 'code': '', 'seconds': 0.0032, 'at': at},
            {'credential': self.credential.pk, 'provider': 'vault', 'code': 'secret:not-found', 'seconds': 0.5,
             'at': at + 1},
        ])  # fmt: skip
        first, second = SecretAccess.objects.order_by('time')
        self.assertEqual(
            (first.credential, first.credential_name, first.target, first.target_name, first.run, first.user),
            (self.credential, 'core', self.target, 'r1', self.run_, self.user.username),
        )
        self.assertEqual((first.worker, first.provider, first.code, first.milliseconds), ('w-1', 'environment', '', 3))
        self.assertAlmostEqual(first.time.timestamp(), at, places=2)
        self.assertEqual((second.provider, second.code, second.milliseconds), ('vault', 'secret:not-found', 500))
        # What it is about stays when that is gone.
        self.credential.delete()
        first.refresh_from_db()
        self.assertEqual((first.credential, first.credential_name), (None, 'core'))

    def test_what_a_worker_makes_up(self):
        self.note([None, 5, 'x', []])
        self.assertFalse(SecretAccess.objects.exists())
        self.note([
            {'credential': 2**80, 'provider': 'x' * 500, 'code': '\0' + 'c' * 500, 'seconds': -5, 'at': 10**300,
             'value': 'hush'},
            {'credential': 10**9, 'provider': ['file'], 'code': None, 'seconds': True, 'at': -5},
        ])  # fmt: skip
        now = timezone.now()
        for row in SecretAccess.objects.all():
            self.assertLessEqual(row.time, now)
            self.assertGreater(row.time, now - timedelta(days=1, minutes=1))
            self.assertEqual((row.credential, row.credential_name, row.provider), (None, '', ''))
        self.assertEqual(SecretAccess.objects.count(), 2)


@pytest.mark.django_db
def test_the_sink_takes_checks_and_resolutions():
    target, credential = make_target(), make_credential(protocol='ssh-password', username='admin')
    run = enqueue('credential-check', user=None, devices=[target.device_id]).run
    [claimed] = claim(run.pk, 1, worker='w', lease_seconds=60).claims
    check = {'credential': credential.pk, 'verdict': 'accepted'}
    data = {
        'credential_check': {'checks': [check], 'host_key': host_key(), 'host_key_state': 'first-use'},
    }
    resolutions = [{'credential': credential.pk, 'provider': 'environment', 'code': ''}]
    result = Result(
        task=claimed.id, run=run.pk, target=target.pk, kind='credential-check', ok=True, duration_ms=1, data=data,
        resolutions=resolutions, lease_token=claimed.lease_token, started_at=timezone.now().timestamp(),
    )  # fmt: skip
    assert ResultSink().write([result]) == 1
    assert CredentialStatus.objects.get().verdict == 'accepted'
    assert HostKey.objects.get().state == 'trusted'
    assert SecretAccess.objects.get().credential == credential
    # Not from who came too late.
    assert ResultSink().write([result]) == 0
    assert SecretAccess.objects.count() == 1
