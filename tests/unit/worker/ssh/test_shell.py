"""Logins with a shell: prompts, enable secrets, commands."""

import asyncio

import asyncssh
import pytest

from .cases import check, checks, enable, key, only, password, probe
from .servers import OTHER_HOST_KEY, FakeDevice
from .shells import Arista, Cisco, Huawei, Juniper, MikroTik, Shell

CISCO = {'stage': 2, 'driver': 'cisco_ios'}


def start(devices, shell, device=FakeDevice, **options):
    return devices.start(device, process_factory=shell, **options)


@pytest.mark.parametrize(
    ('shell', 'driver'),
    [
        (Cisco, 'cisco_ios'),
        (Arista, 'arista_eos'),
        (Juniper, 'juniper_junos'),
        (Huawei, 'huawei_vrp'),
        (MikroTik, 'mikrotik_routeros'),
    ],
)
def test_prompts(devices, shell, driver):
    """The prompt of the platform is recognised, and the command runs."""
    made = shell()
    port, seen = start(devices, made)
    result = check(port, stage=2, driver=driver, command='show clock')
    assert (checks(result), only(result)['stage']) == ([('accepted', '')], 2), result
    assert 'show clock' in made.commands
    # Once without a shell, once with one.
    assert [entry[0] for entry in seen].count('password') == 2


def test_keyboard_interactive(devices):
    """A device that only asks questions lets in for a shell as well."""
    port, _ = start(devices, Cisco(), type('Device', (FakeDevice,), {'methods': ('keyboard-interactive',)}))
    assert checks(check(port, **CISCO)) == [('accepted', '')]


@pytest.mark.parametrize('kind', ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'])
def test_keys(devices, kind):
    """A private key opens a shell too, and a host key of each type is recognised there."""
    made = asyncssh.generate_private_key(kind)

    class Device(FakeDevice):
        methods = ('publickey',)

        def validate_public_key(self, username, key):
            return key.public_data == made.public_data

    others = [asyncssh.generate_private_key(name) for name in ('ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256')]
    port, _ = start(devices, Cisco(), Device, keys=others)
    known = next(other for other in others if other.get_algorithm() == kind)
    host_keys = {'policy': 'strict', 'known': [
        {'type': kind, 'fingerprint': known.get_fingerprint('sha256'), 'state': 'trusted'},
    ]}  # fmt: skip
    text = made.export_private_key('openssh', 'phrase', rounds=50).decode()
    result = check(
        port, [text], [key(passphrase_reference='NETOPS_SECRET_PHRASE')], more={'NETOPS_SECRET_PHRASE': 'phrase'},
        host_keys=host_keys, **CISCO,
    )  # fmt: skip
    assert checks(result) == [('accepted', '')], result


# Enable secrets


def test_enable(devices):
    """The enable secret is tried after the login, and the login stands first."""
    shell = Cisco()
    port, seen = start(devices, shell)
    result = check(port, ['enable-secret', 'right-password'], [enable(1), password(2)], **CISCO)
    assert checks(result) == [('accepted', ''), ('accepted', '')]
    assert (result.ok, result.credential) == (True, 1)
    assert shell.commands.count('enable-secret') == 1
    assert ('password', 'enable-secret') not in seen


def test_a_wrong_enable_secret(devices):
    """It is sent once, and told without waiting for a prompt that does not come; the next one is tried."""
    shell = Cisco()
    port, _ = start(devices, shell)
    secrets = ['right-password', 'wrong-enable', 'enable-secret']
    result = check(port, secrets, [password(1), enable(2), enable(3)], **CISCO)
    assert checks(result) == [('accepted', ''), ('unknown', 'credential:enable-rejected'), ('accepted', '')]
    assert result.error_code == 'credential:enable-rejected'
    assert shell.commands.count('wrong-enable') == 1
    assert result.data['credential_check']['checks'][1]['latency_ms'] < 10_000


@pytest.mark.parametrize('settings', [{'secret': ''}, {'privileged': True}])
def test_a_needless_enable_secret(devices, settings):
    """A device that does not ask for it proves nothing, and nothing is wrong."""
    shell = type('Device', (Cisco,), settings)()
    port, _ = start(devices, shell)
    result = check(port, ['right-password', 'enable-secret'], [password(1), enable(2)], **CISCO)
    assert checks(result) == [('accepted', ''), ('unknown', 'credential:not-asked')]
    assert (result.ok, result.error_code) == (True, '')
    assert 'enable-secret' not in shell.commands


def test_no_login_for_the_enable_secret(devices):
    """Without a login it is not tried."""
    shell = Cisco()
    port, _ = start(devices, shell)
    result = check(port, ['wrong-password', 'enable-secret'], [password(1), enable(2)], **CISCO)
    assert checks(result) == [('rejected', 'credential:rejected'), ('unknown', 'credential:no-login')]
    assert shell.commands == []


@pytest.mark.parametrize('options', [{'stage': 1, 'driver': 'cisco_ios'}, {'stage': 2}])
def test_no_shell_unless_it_is_wanted(devices, options):
    """Stage 1, or an unknown platform: no channel is opened, and enable secrets are left out."""
    shell = Cisco()
    port, seen = start(devices, shell)
    result = check(port, ['right-password', 'enable-secret'], [password(1), enable(2)], **options)
    assert checks(result) == [('accepted', '')]
    assert only(result)['stage'] == 1
    assert [entry[0] for entry in seen].count('password') == 1
    assert shell.commands == []


def test_an_unknown_driver(devices):
    """Only netmiko's own drivers for SSH are loaded."""
    port, seen = start(devices, Cisco())
    result = check(port, stage=2, driver='os_system')
    assert result.error_code == 'options:invalid'
    assert seen == []


# Shells that are none


class Expired(Shell):
    motd = 'WARNING: Your password has expired.\nYou must change your password now and login again!\n'
    prompt = 'Current password: '


class ExpiredHuawei(Huawei):
    motd = 'Warning: The initial password poses security risks.\nThe password needs to be changed. Change now? '
    prompt = '[Y/N]: '


class Reminds(Cisco):
    motd = 'Passwords must be changed every 90 days. Ask your administrator.\n'


class Menu(Shell):
    prompt = 'Welcome. Press any key:'

    def answer(self, command, prompt):
        return '', 'Please wait'


class Quits(Shell):
    async def __call__(self, process):
        process.stdout.write('You have no shell here.\n')
        process.exit(1)


class Silent(Shell):
    async def __call__(self, process):
        await asyncio.Event().wait()


class Endless(Shell):
    async def __call__(self, process):
        while True:
            process.stdout.write('y\n' * 10_000)
            await process.stdout.drain()


class NoShell(FakeDevice):
    def session_requested(self):
        return False


@pytest.mark.parametrize(
    ('shell', 'driver', 'device', 'code'),
    [
        (Expired, 'cisco_ios', FakeDevice, 'credential:password-expired'),
        (Expired, 'linux', FakeDevice, 'credential:password-expired'),
        (ExpiredHuawei, 'huawei_vrp', FakeDevice, 'credential:password-expired'),
        (Reminds, 'cisco_ios', FakeDevice, ''),
        (Menu, 'cisco_ios', FakeDevice, 'ssh:no-prompt'),
        (Quits, 'cisco_ios', FakeDevice, 'ssh:no-prompt'),
        (Silent, 'cisco_ios', FakeDevice, 'ssh:no-prompt'),
        (Endless, 'cisco_ios', FakeDevice, 'ssh:no-prompt'),
        (None, 'cisco_ios', NoShell, 'ssh:no-prompt'),
        # Another platform than NetBox says.
        (Huawei, 'linux', FakeDevice, 'ssh:no-prompt'),
    ],
)
def test_shells(devices, shell, driver, device, code):
    """The login worked; what comes of the shell is told, within its time-out."""
    port, _ = start(devices, shell and shell(), device)
    result = check(port, stage=2, driver=driver, shell_timeout=3)
    assert checks(result) == [('unknown' if code else 'accepted', code)], result
    assert only(result)['latency_ms'] < 12_000


def test_another_host_key_for_the_shell(devices):
    """The key that was seen without a shell is the only one that gets the password again."""
    shell = Cisco()
    port, seen = start(devices, shell)
    listener, begin_auth = devices.last, devices.kind.begin_auth

    def swap(self, username):
        listener.update(server_host_keys=[OTHER_HOST_KEY])
        return begin_auth(self, username)

    devices.kind.begin_auth = swap
    result = check(port, **CISCO)
    assert checks(result) == [('rejected', 'credential:host-key-changed')]
    assert [entry[0] for entry in seen].count('password') == 1


class EchoesTheSecret(Cisco):
    """Shows what is typed, and quotes it."""

    def answer(self, command, prompt):
        if prompt == 'Password: ':
            return f'\n{command} is wrong\n', 'Password: '
        return super().answer(command, prompt)


def test_a_device_that_sends_the_secret_back(devices):
    """Nothing that a shell says brings a secret into a result."""
    port, _ = start(devices, EchoesTheSecret())
    result = check(port, ['right-password', 'canary-1234'], [password(1), enable(2)], **CISCO)
    assert checks(result)[1] == ('unknown', 'credential:enable-rejected')
    assert 'canary' not in str(result)


def test_the_deadline_in_a_shell(devices):
    """A shell does not outlive the deadline of the probe."""
    port, _ = start(devices, Silent())
    outcome = probe(port, ['right-password'], [password()], seconds=2, **CISCO)
    assert outcome.error_code in ('deadline:probe', 'ssh:timeout')
    assert outcome.data['credential_check']['checks'][0]['latency_ms'] < 8_000


def test_no_secret_in_the_log(devices, caplog):
    """The libraries log what they send when somebody asks them to; the secrets in it are not readable."""
    for name in ('asyncssh', 'netmiko', 'paramiko', 'paramiko.transport'):
        caplog.set_level('DEBUG', name)
    port, _ = start(devices, Cisco())
    secrets = ['right-password', 'canary-1234', 'enable-secret']
    result = check(port, secrets, [password(1), enable(2), enable(3)], **CISCO)
    assert checks(result)[2] == ('accepted', '')
    text = '\n'.join(str(vars(record)) for record in caplog.records)
    # They did log, the answer to the question for the secret too.
    assert {'asyncssh', 'netmiko', 'paramiko.transport'} <= {record.name for record in caplog.records}
    assert 'write_channel' in text
    assert [secret for secret in secrets if secret in text] == []
