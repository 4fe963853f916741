"""Logins without a shell: the verdict and the reason for what devices do."""

import asyncio

import asyncssh
import pytest

from netops_worker.secrets import redact

from .cases import check, checks, key, only, password, probe
from .servers import HOST_KEY, OTHER_HOST_KEY, FakeDevice

FINGERPRINT = HOST_KEY.get_fingerprint('sha256')


def trusted(made, state='trusted'):
    return {'type': made.get_algorithm(), 'fingerprint': made.get_fingerprint('sha256'), 'state': state}


def secrets_in(seen):
    return [entry for entry in seen if entry[0] != 'user']


def test_accepted(devices):
    """The right password, and all that is told of the device."""
    port, seen = devices.start(type('Device', (FakeDevice,), {'banner': 'Authorised\nusers only\n'}))
    result = check(port)
    assert (result.ok, result.credential, result.error_code) == (True, 1, '')
    found = result.data['credential_check']
    assert only(result) | {'latency_ms': 0} == {
        'credential': 1, 'verdict': 'accepted', 'code': '', 'detail': '', 'stage': 1, 'latency_ms': 0,
    }  # fmt: skip
    assert only(result)['latency_ms'] > 0
    assert found['server']['version'].startswith('SSH-2.0-AsyncSSH')
    assert found['server'] | {'version': ''} == {
        'version': '', 'banner': 'Authorised users only', 'auth_methods': ['password'], 'kex': 'curve25519-sha256',
        'cipher': 'aes128-gcm@openssh.com', 'mac': '', 'host_key_algorithm': 'ssh-ed25519',
    }  # fmt: skip
    assert found['host_key'] == {
        'type': 'ssh-ed25519', 'fingerprint': FINGERPRINT,
        'public_key': HOST_KEY.export_public_key('openssh').decode().strip(),
    }  # fmt: skip
    assert found['host_key_state'] == 'first-use'
    assert secrets_in(seen) == [('password', 'right-password')]


def test_each_credential_once_and_in_order(devices):
    """Every credential is tried, each with one connection and one password."""
    port, seen = devices.start(type('Device', (FakeDevice,), {'methods': ('password', 'keyboard-interactive')}))
    result = check(port, ['wrong-password', 'right-password', 'bad-password'])
    assert checks(result) == [
        ('rejected', 'credential:rejected'), ('accepted', ''), ('rejected', 'credential:rejected'),
    ]  # fmt: skip
    assert (result.error_code, result.credential) == ('credential:rejected', 2)
    # Not again by keyboard-interactive: a device counts failures.
    assert [entry[1] for entry in secrets_in(seen)] == ['wrong-password', 'right-password', 'bad-password']


@pytest.mark.parametrize(
    ('secret', 'expected'),
    [('right-password', ('accepted', '')), ('wrong-password', ('rejected', 'credential:rejected'))],
)
def test_keyboard_interactive(devices, secret, expected):
    """A device that only asks questions is answered with the password; a wrong one is rejected, not unavailable."""
    port, seen = devices.start(type('Device', (FakeDevice,), {'methods': ('keyboard-interactive',)}))
    assert checks(check(port, [secret])) == [expected]
    assert secrets_in(seen) == [('keyboard-interactive', secret)]


def test_a_question_with_names(devices):
    """What users and devices are called does not make a password something else."""

    class Device(FakeDevice):
        methods = ('keyboard-interactive',)

        def get_kbdint_challenge(self, username, lang, submethods):
            return '', 'Welcome to new-code-token', 'en', [("operator@new-token-1's password: ", False)]

    port, _ = devices.start(Device)
    assert checks(check(port)) == [('accepted', '')]


class AsksAgain(FakeDevice):
    methods = ('keyboard-interactive',)

    def validate_kbdint_response(self, username, responses):
        super().validate_kbdint_response(username, responses)
        return '', '', 'en', [('Password: ', False)]


class AsksForACode(FakeDevice):
    methods = ('keyboard-interactive',)

    def validate_kbdint_response(self, username, responses):
        super().validate_kbdint_response(username, responses)
        return '', '', 'en', [('Verification code: ', True)]


class AsksForATokenFirst(AsksForACode):
    def get_kbdint_challenge(self, username, lang, submethods):
        return '', '', 'en', [('Enter PASSCODE: ', False)]


class AsksForBoth(AsksForACode):
    def get_kbdint_challenge(self, username, lang, submethods):
        return '', '', 'en', [('Password: ', False), ('Token: ', False)]


class AsksForANewOne(FakeDevice):
    methods = ('keyboard-interactive',)

    def validate_kbdint_response(self, username, responses):
        super().validate_kbdint_response(username, responses)
        return '', 'Your password has expired.', 'en', [('New password: ', False)]


class WantsItChanged(FakeDevice):
    def validate_password(self, username, password):
        super().validate_password(username, password)
        raise asyncssh.PasswordChangeRequired('Change it')


class WantsAKey(FakeDevice):
    methods = ('publickey',)


class LetsEverybodyIn(FakeDevice):
    def begin_auth(self, username):
        super().begin_auth(username)
        return False


class HangsUp(FakeDevice):
    def validate_password(self, username, password):
        super().validate_password(username, password)
        raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, 'The session table is full')


class HadEnough(FakeDevice):
    def validate_password(self, username, password):
        super().validate_password(username, password)
        raise asyncssh.DisconnectError(asyncssh.DISC_PROTOCOL_ERROR, 'Too many authentication failures')


@pytest.mark.parametrize(
    ('device', 'verdict', 'code', 'detail', 'sent'),
    [
        (AsksAgain, 'rejected', 'credential:rejected', 'tried keyboard-interactive', 1),
        (AsksForACode, 'unknown', 'credential:second-factor', 'Verification code:', 1),
        (AsksForATokenFirst, 'unknown', 'credential:second-factor', 'Enter PASSCODE:', 0),
        (AsksForBoth, 'unknown', 'credential:second-factor', 'Password:', 0),
        (AsksForANewOne, 'unknown', 'credential:password-expired', 'New password:', 1),
        (WantsItChanged, 'unknown', 'credential:password-expired', '', 1),
        (WantsAKey, 'unknown', 'credential:method-unavailable', 'it offers publickey', 0),
        (LetsEverybodyIn, 'unknown', 'credential:not-asked', '', 0),
        (HangsUp, 'unknown', 'ssh:closed', 'after the secret was sent: The session table is full', 1),
        (HadEnough, 'rejected', 'credential:rejected', '', 1),
    ],
)
def test_reasons(devices, device, verdict, code, detail, sent):
    """What devices do with a login, and what it is called."""
    port, seen = devices.start(device)
    result = check(port)
    assert checks(result) == [(verdict, code)]
    assert detail in only(result)['detail']
    assert len(secrets_in(seen)) == sent
    assert (result.ok, result.error_code) == (False, code)


# Keys


class TakesKeys(FakeDevice):
    methods = ('publickey', 'password')
    good = b''

    def validate_public_key(self, username, key):
        super().validate_public_key(username, key)
        return key.public_data == self.good


class TakesKeyAndPassword(TakesKeys):
    """The key is not enough."""

    methods = ('publickey', 'keyboard-interactive')

    def connection_made(self, conn):
        super().connection_made(conn)
        # The server of asyncssh knows no further factors: it says so itself instead of the success.
        conn.send_userauth_success = self._not_enough

    async def _not_enough(self):
        self.conn._auth = None
        self.conn.send_packet(51, asyncssh.packet.NameList([b'keyboard-interactive']), asyncssh.packet.Boolean(True))


class AcceptsAPublicKey(TakesKeys):
    """Without a signature."""

    async def validate_public_key(self, username, key):
        super().validate_public_key(username, key)
        await self.conn.send_userauth_success()
        return False


@pytest.fixture(scope='module')
def user_key():
    return asyncssh.generate_private_key('ssh-ed25519')


def private(made, passphrase=None):
    return made.export_private_key('openssh', passphrase).decode()


@pytest.mark.parametrize('form', ['openssh', 'pkcs8-pem', 'no line break'])
def test_a_key(devices, user_key, form):
    """A key is accepted in the usual forms, also without its last line break."""
    port, _ = devices.start(type('Device', (TakesKeys,), {'good': user_key.public_data}))
    text = user_key.export_private_key('pkcs8-pem').decode() if form == 'pkcs8-pem' else private(user_key)
    assert checks(check(port, [text.strip() if form == 'no line break' else text], [key()])) == [('accepted', '')]


def test_a_key_that_is_refused(devices, user_key):
    """A key that the device does not know."""
    port, seen = devices.start(TakesKeys)
    result = check(port, [private(user_key)], [key()])
    assert checks(result) == [('rejected', 'credential:rejected')]
    assert {entry[0] for entry in secrets_in(seen)} == {'publickey'}


def test_a_key_and_a_password(devices, user_key):
    """A key that is accepted and not enough is not rejected."""
    port, _ = devices.start(type('Device', (TakesKeyAndPassword,), {'good': user_key.public_data}))
    assert checks(check(port, [private(user_key)], [key()])) == [('unknown', 'credential:second-factor')]


def test_a_key_that_signed_nothing(devices, user_key):
    """A device that lets in whoever shows a public key proves nothing about the private one."""
    port, _ = devices.start(AcceptsAPublicKey)
    assert checks(check(port, [private(user_key)], [key()])) == [('unknown', 'credential:not-asked')]


def test_a_device_without_keys(devices, user_key):
    """Only passwords are offered."""
    port, seen = devices.start()
    result = check(port, [private(user_key)], [key()])
    assert checks(result) == [('unknown', 'credential:method-unavailable')]
    assert secrets_in(seen) == []


@pytest.mark.parametrize(
    ('passphrase', 'expected'),
    [('open sesame', ('accepted', '')), ('wrong', ('unknown', 'credential:passphrase')),
     (None, ('unknown', 'credential:passphrase'))],
)  # fmt: skip
def test_a_key_with_a_pass_phrase(devices, user_key, passphrase, expected):
    """The pass phrase is a secret of its own; without it or with another one nothing is sent."""
    port, seen = devices.start(type('Device', (TakesKeys,), {'good': user_key.public_data}))
    reference = {'passphrase_reference': 'NETOPS_SECRET_PHRASE'} if passphrase else {}
    result = check(
        port, [private(user_key, 'open sesame')], [key(**reference)], more={'NETOPS_SECRET_PHRASE': passphrase or ''}
    )
    assert checks(result) == [expected]
    assert bool(seen) == (expected[0] == 'accepted')


@pytest.mark.parametrize('text', ['no key at all', 'public', 'cut'])
def test_an_unreadable_key(devices, user_key, text):
    """Whatever is no private key is told as that, without a connection and without quoting it."""
    port, seen = devices.start(TakesKeys)
    whole = private(user_key)
    text = {'public': user_key.export_public_key().decode(), 'cut': whole[: len(whole) // 2]}.get(text, text)
    result = check(port, [text], [key()])
    assert checks(result) == [('unknown', 'credential:invalid-key')]
    assert only(result)['detail'] == ''
    assert seen == []


def test_a_signature_that_is_too_old(devices):
    """A device that takes RSA keys with SHA-1 only: no algorithm in common, until the credential allows it."""
    rsa = asyncssh.generate_private_key('ssh-rsa', key_size=2048)
    kind = type('Device', (TakesKeys,), {'good': rsa.public_data})
    port, _ = devices.start(kind, signature_algs=['ssh-rsa'])
    result = check(port, [private(rsa), private(rsa)], [key(1), key(2, algorithms='legacy')])
    assert checks(result) == [('unknown', 'ssh:no-algorithm'), ('accepted', '')]
    assert 'signature' in result.data['credential_check']['checks'][0]['detail']


# Host keys


@pytest.mark.parametrize(
    ('host_keys', 'verdict', 'code', 'state'),
    [
        ({'policy': 'strict'}, 'unknown', 'credential:host-key-unknown', 'unknown'),
        ({'known': [trusted(OTHER_HOST_KEY)]}, 'rejected', 'credential:host-key-changed', 'changed'),
        ({'known': [trusted(HOST_KEY, 'pending')]}, 'unknown', 'credential:host-key-unknown', 'unknown'),
        ({'known': [trusted(HOST_KEY, 'rejected')]}, 'unknown', 'credential:host-key-unknown', 'unknown'),
    ],
)
def test_no_secret_for_a_strange_host_key(devices, user_key, host_keys, verdict, code, state):
    """Neither a password nor a key, nor even the user name, is sent, whatever the number of credentials."""
    port, seen = devices.start(type('Device', (FakeDevice,), {'methods': ('publickey', 'password')}))
    result = check(port, ['right-password', private(user_key)], [password(1), key(2)], host_keys=host_keys)
    assert checks(result) == [(verdict, code)] * 2
    assert result.error_code == code
    assert seen == []
    found = result.data['credential_check']
    assert found['host_key_state'] == state
    # What there is to approve.
    assert found['host_key']['fingerprint'] == FINGERPRINT


@pytest.mark.parametrize('policy', ['first-use', 'strict'])
def test_a_trusted_host_key(devices, policy):
    """The key that is known is no reason to wait."""
    port, _ = devices.start()
    result = check(port, host_keys={'policy': policy, 'known': [trusted(HOST_KEY)]})
    assert result.ok
    assert result.data['credential_check']['host_key_state'] == 'trusted'


def test_the_known_type_is_asked_for(devices):
    """A device that has got a key of a better type goes on showing the one that is known."""
    rsa = asyncssh.generate_private_key('ssh-rsa', key_size=2048)
    port, _ = devices.start(keys=(HOST_KEY, rsa))
    assert check(port).data['credential_check']['host_key']['type'] == 'ssh-ed25519'
    result = check(port, host_keys={'policy': 'strict', 'known': [trusted(rsa)]})
    assert result.ok
    found = result.data['credential_check']
    assert (found['host_key_state'], found['host_key']['type']) == ('trusted', 'ssh-rsa')
    assert found['server']['host_key_algorithm'] == 'rsa-sha2-512'


def test_a_key_that_changes_within_a_task(devices):
    """What is trusted on first use is trusted for the rest: another key at the next credential gets nothing."""
    port, seen = devices.start()
    listener, begin_auth = devices.last, devices.kind.begin_auth

    def swap(self, username):
        listener.update(server_host_keys=[OTHER_HOST_KEY])
        return begin_auth(self, username)

    devices.kind.begin_auth = swap
    result = check(port, ['right-password', 'right-password'])
    assert checks(result) == [('accepted', ''), ('rejected', 'credential:host-key-changed')]
    assert secrets_in(seen) == [('password', 'right-password')]
    found = result.data['credential_check']
    assert found['host_key_state'] == 'changed'
    assert found['host_key']['fingerprint'] == OTHER_HOST_KEY.get_fingerprint('sha256')


# What devices send back


class Echoes(FakeDevice):
    methods = ('keyboard-interactive',)

    def validate_kbdint_response(self, username, responses):
        super().validate_kbdint_response(username, responses)
        return '', '', 'en', [(f'You sent {responses[0]}. Code: ', True)]


class EchoesWhenItHangsUp(FakeDevice):
    def validate_password(self, username, password):
        super().validate_password(username, password)
        raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, f'No {password} here')


@pytest.mark.parametrize('device', [Echoes, EchoesWhenItHangsUp])
def test_a_device_that_sends_the_secret_back(devices, device):
    """Nothing that a device says brings a secret into a result."""
    port, seen = devices.start(device)
    result = check(port, ['canary-1234'])
    assert 'canary-1234' in str(seen)
    assert redact(str(result)) == str(result)
    assert 'canary' not in str(result)


# Time


def test_nothing_after_the_deadline(devices):
    """When the time of the probe is over, no connection is made, and the credentials are told as not checked."""
    port, seen = devices.start()
    outcome = probe(port, ['right-password'], [password()], seconds=-1)
    assert outcome.error_code == 'deadline:probe'
    assert seen == []


def test_the_rest_after_the_deadline(devices):
    """What was checked before it is kept."""
    port, _ = devices.start(AsksSlowly)
    outcome = probe(port, ['right-password'] * 3, [password(1), password(2), password(3)], seconds=1)
    codes = [one['code'] for one in outcome.data['credential_check']['checks']]
    assert codes == ['deadline:probe'] * 3
    assert outcome.error_code == 'deadline:probe'


class AsksSlowly(FakeDevice):
    async def validate_password(self, username, password):
        super().validate_password(username, password)
        # Never answers; the server ends it when it stops.
        await asyncio.Event().wait()


def test_a_login_without_an_answer(devices):
    """A device that takes the password and says nothing: unknown, and told where it stopped."""
    port, seen = devices.start(AsksSlowly)
    result = check(port, timeout=0.5)
    assert checks(result) == [('unknown', 'ssh:timeout')]
    assert only(result)['detail'] == 'after the secret was sent'
    assert secrets_in(seen) == [('password', 'right-password')]
