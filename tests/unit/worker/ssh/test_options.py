"""The options of a credential check."""

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.ssh.options import CheckOptions, SshLogin, SshOptions

from .cases import password

KEY = {'type': 'ssh-ed25519', 'fingerprint': 'SHA256:abc', 'state': 'trusted'}


def test_all_of_them():
    """What a task may say."""
    options = CheckOptions.from_task({
        'ssh': {'port': 2222, 'timeout': 3, 'stage': 2, 'driver': 'cisco_ios', 'command': 'show clock'},
        'host_keys': {'policy': 'strict', 'known': [KEY, KEY | {'fingerprint': 'SHA256:def=', 'state': 'pending'}]},
        'snmp': {'port': 1161},
        'deadline': 30,
    })  # fmt: skip
    assert options.ssh == SshOptions(port=2222, timeout=3, stage=2, driver='cisco_ios', command='show clock')
    assert options.policy == 'strict'
    assert [key.fingerprint for key in options.known] == ['SHA256:abc', 'SHA256:def']
    assert options.snmp.port == 1161


def test_defaults():
    """Without options: trust on first use, no shell."""
    options = CheckOptions.from_task({})
    assert (options.policy, options.known, options.ssh) == ('first-use', (), SshOptions())
    assert options.ssh.stage == 1


@pytest.mark.parametrize(
    ('options', 'named'),
    [
        ({'ssh': []}, 'ssh must'),
        ({'ssh': {'port': 0}}, 'ssh.port'),
        ({'ssh': {'port': True}}, 'ssh.port'),
        ({'ssh': {'port': '22'}}, 'ssh.port'),
        ({'ssh': {'timeout': 0}}, 'ssh.timeout'),
        ({'ssh': {'timeout': float('nan')}}, 'ssh.timeout'),
        ({'ssh': {'stage': 3}}, 'ssh.stage'),
        ({'ssh': {'driver': 7}}, 'ssh.driver'),
        ({'ssh': {'command': 'show\nreload'}}, 'ssh.command'),
        ({'ssh': {'command': 'x' * 256}}, 'ssh.command'),
        ({'host_keys': 'strict'}, 'host_keys'),
        ({'host_keys': {'policy': 'never'}}, 'host_keys.policy'),
        ({'host_keys': {'policy': None}}, 'host_keys.policy'),
        ({'host_keys': {'known': KEY}}, 'host_keys.known'),
        ({'host_keys': {'known': ['SHA256:abc']}}, 'host_keys.known'),
        ({'host_keys': {'known': [KEY] * 101}}, 'host_keys.known'),
        ({'host_keys': {'known': [KEY | {'state': 'good'}]}}, 'host_keys.known.state'),
        ({'host_keys': {'known': [KEY | {'fingerprint': 'MD5:aa'}]}}, 'host_keys.known.fingerprint'),
        ({'snmp': {'port': 0}}, 'port'),
    ],
)
def test_invalid(options, named):
    """The option is named, and nothing is guessed: a policy that is not understood must not be a lax one."""
    with pytest.raises(NetOpsError) as caught:
        CheckOptions.from_task(options)
    assert caught.value.code == 'options:invalid'
    assert named in caught.value.detail


@pytest.mark.parametrize(
    ('parameters', 'named'),
    [
        ({'username': ''}, 'username'),
        ({'username': 'a\nb'}, 'username'),
        ({'algorithms': 'all'}, 'algorithms'),
        ({'port': 70000}, 'port'),
        ({'passphrase_reference': 1}, 'passphrase_reference'),
    ],
)
def test_invalid_parameters(parameters, named):
    """Those of a credential are named with the credential."""
    with pytest.raises(NetOpsError) as caught:
        SshLogin.of(password(**parameters), SshOptions())
    assert caught.value.code == 'options:invalid'
    assert caught.value.detail.startswith(f'c1: {named}')


def test_the_port():
    """That of the task goes before that of the credential."""
    credential = password(port=830)
    assert SshLogin.of(credential, SshOptions()).port == 830
    assert SshLogin.of(credential, SshOptions(port=2222)).port == 2222
    assert SshLogin.of(password(), SshOptions()).port == 22


def test_what_a_person_may_enter():
    """Unknown options are refused where a person enters them."""
    assert CheckOptions.check_ssh({'stage': 2}) == {'stage': 2}
    with pytest.raises(NetOpsError, match=r'netops\.ssh\.prot is not an option'):
        CheckOptions.check_ssh({'prot': 22}, 'netops.ssh.')
