"""Credential checks against OpenSSH's server, and against the prompts of FakeNOS. No NetBox here.

Users, keys and algorithms are those of a private server; see lab.sshd.
"""

import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.process import Child, wait_until
from lab.runs import RunDirectory, inherited_environment
from lab.sshd import Sshd, SshUser, make_key
from lab.valkey import free_port
from netops_worker.engine import Engine
from netops_worker.probes import default_probes
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

PASSWORD, WRONG, PHRASE = 'right-password', 'wrong-password', 'a pass phrase'
TIMEOUT = 30
OLD = (
    'KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group14-sha1',
    'HostKeyAlgorithms ssh-rsa',
    'PubkeyAcceptedAlgorithms ssh-rsa',
    'Ciphers aes128-cbc,3des-cbc',
    'MACs hmac-sha1',
)


@pytest.fixture(scope='module')
def run():
    with RunDirectory('ssh') as directory:
        yield directory


@pytest.fixture(scope='module')
def keys(run):
    """Paths of private keys by name: 'good', 'strange', 'locked' (with the pass phrase), 'rsa'."""
    made = {name: make_key(run.path / f'user-{name}') for name in ('good', 'strange')}
    made['locked'] = make_key(run.path / 'user-locked', passphrase=PHRASE)
    made['rsa'] = make_key(run.path / 'user-rsa', 'rsa')
    return made


@pytest.fixture(scope='module')
def users(keys):
    lines = [Path(f'{keys[name]}.pub').read_text().strip() for name in ('good', 'locked', 'rsa')]
    return [
        SshUser('operator', PASSWORD, keys=lines),
        SshUser('expired', PASSWORD, state='expired'),
        SshUser('locked', PASSWORD, state='locked'),
        SshUser('change', PASSWORD, state='change'),
        SshUser('noshell', PASSWORD, program='/usr/sbin/nologin'),
    ]


@pytest.fixture(scope='module')
def start(run, users, sshd_program):
    """`start(lines=(), host_keys=('ed25519',), pam=False)`: a running Sshd with the users."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(Sshd(run, users, **options))


@pytest.fixture(scope='module')
def sshd(start):
    return start(host_keys=('ed25519', 'ecdsa', 'rsa'))


def credential(number, protocol='ssh-password', username='operator', **parameters):
    reference = f'NETOPS_SECRET_C{number}'
    return CredentialRef(number, f'c{number}', protocol, 'environment', reference, {'username': username, **parameters})


def check(address, port, secrets=(PASSWORD,), credentials=None, *, host_keys=None, **ssh):
    """The result of checking credentials, by default one password per secret, through the engine."""
    credentials = credentials or [credential(number) for number in range(1, len(secrets) + 1)]
    environment = {f'NETOPS_SECRET_C{number}': secret for number, secret in enumerate(secrets, 1)}
    options = {'ssh': {'port': port, 'timeout': TIMEOUT, 'shell_timeout': TIMEOUT, **ssh}, 'deadline': 120}
    if host_keys:
        options['host_keys'] = host_keys
    task = make_task(1, kind='credential-check', address=address, credentials=tuple(credentials), options=options,
                     lease_seconds=180)  # fmt: skip
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider({**environment, 'NETOPS_SECRET_PHRASE': PHRASE})})
    Engine(MemorySource([task]), sink, default_probes(), resolver, worker='w').run()
    return sink.results[1]


def verdicts(result):
    return [(one['verdict'], one['code']) for one in result.data['credential_check']['checks']]


REJECTED = ('rejected', 'credential:rejected')


@pytest.mark.parametrize(
    ('username', 'secret', 'expected'),
    [
        ('operator', PASSWORD, ('accepted', '')),
        ('operator', WRONG, REJECTED),
        ('nobody-there', PASSWORD, REJECTED),
        # From outside these look like a wrong password.
        ('expired', PASSWORD, REJECTED),
        ('locked', PASSWORD, REJECTED),
    ],
)
def test_passwords(sshd, username, secret, expected):
    """Users as they are, with a password."""
    result = check(sshd.address, sshd.port, [secret], [credential(1, username=username)])
    assert verdicts(result) == [expected]


@pytest.mark.parametrize(
    ('name', 'parameters', 'expected'),
    [
        ('good', {}, ('accepted', '')),
        ('rsa', {}, ('accepted', '')),
        ('strange', {}, REJECTED),
        ('locked', {'passphrase_reference': 'NETOPS_SECRET_PHRASE'}, ('accepted', '')),
        ('locked', {'passphrase_reference': 'NETOPS_SECRET_C1'}, ('unknown', 'credential:passphrase')),
        ('locked', {}, ('unknown', 'credential:passphrase')),
    ],
)
def test_keys(sshd, keys, name, parameters, expected):
    """Keys as ssh-keygen makes them."""
    result = check(sshd.address, sshd.port, [keys[name].read_text()], [credential(1, 'ssh-key', **parameters)])
    assert verdicts(result) == [expected]


def test_what_is_told_of_the_server(sshd):
    """Identification, algorithms and host key, as ssh-keygen shows them."""
    found = check(sshd.address, sshd.port).data['credential_check']
    assert found['server']['version'].startswith('SSH-2.0-OpenSSH_')
    assert found['server']['auth_methods'] == ['publickey', 'password', 'keyboard-interactive']
    assert found['server']['kex'].startswith('curve25519-sha256')
    assert found['server']['host_key_algorithm'] == 'ssh-ed25519'
    assert found['host_key']['public_key'] == sshd.public_key('ed25519')
    shown = subprocess.run(
        ['ssh-keygen', '-lf', '-'], input=sshd.public_key('ed25519'), capture_output=True, text=True, check=True
    ).stdout
    assert found['host_key']['fingerprint'] == shown.split()[1]


def test_no_shell_is_opened(sshd):
    """Without a shell, nothing but the login is in the server's log."""
    before = len(sshd.log)
    assert check(sshd.address, sshd.port).ok
    wait_until(lambda: 'Disconnected from user operator' in sshd.log[before:], what='sshd', timeout=20)
    said = sshd.log[before:]
    assert 'Accepted password for operator' in said
    assert 'session' not in said.lower()


def test_host_keys(start):
    """Trusted on first use, recognised, and refused when it has changed; then no password reaches the server."""
    server = start(host_keys=('ed25519', 'ecdsa', 'rsa'))
    first = check(server.address, server.port).data['credential_check']
    assert first['host_key_state'] == 'first-use'
    known = {'type': first['host_key']['type'], 'fingerprint': first['host_key']['fingerprint'], 'state': 'trusted'}
    again = check(server.address, server.port, host_keys={'policy': 'strict', 'known': [known]})
    assert (again.ok, again.data['credential_check']['host_key_state']) == (True, 'trusted')
    server.stop()
    server.change_host_key('ed25519')
    server.start()
    before = len(server.log)
    result = check(server.address, server.port, [PASSWORD, WRONG], host_keys={'known': [known]})
    assert verdicts(result) == [('rejected', 'credential:host-key-changed')] * 2
    assert result.data['credential_check']['host_key_state'] == 'changed'
    assert known['fingerprint'] in result.error_detail
    assert 'password' not in server.log[before:]


@pytest.mark.parametrize('kind', ['rsa', 'ecdsa'])
def test_the_known_type_of_several(sshd, kind):
    """A server with several keys is recognised by the one that is known, with a shell too."""
    blob = sshd.public_key(kind)
    shown = subprocess.run(['ssh-keygen', '-lf', '-'], input=blob, capture_output=True, text=True, check=True).stdout
    known = {'type': blob.split()[0], 'fingerprint': shown.split()[1], 'state': 'trusted'}
    host_keys = {'policy': 'strict', 'known': [known]}
    assert check(sshd.address, sshd.port, host_keys=host_keys, stage=2, driver='linux').ok


@pytest.mark.parametrize(('secret', 'expected'), [(PASSWORD, ('accepted', '')), (WRONG, REJECTED)])
@pytest.mark.parametrize('stage', [1, 2])
def test_keyboard_interactive_only(start, secret, expected, stage):
    """A server that asks questions through PAM."""
    server = start(pam=True, lines=['PasswordAuthentication no', 'KbdInteractiveAuthentication yes'])
    assert verdicts(check(server.address, server.port, [secret], stage=stage, driver='linux')) == [expected]


def test_two_factors(start, keys):
    """A key and a password, both wanted: neither alone is enough, and neither is called wrong."""
    server = start(pam=True, lines=['AuthenticationMethods publickey,keyboard-interactive'])
    result = check(
        server.address, server.port, [keys['good'].read_text(), PASSWORD], [credential(1, 'ssh-key'), credential(2)]
    )
    assert verdicts(result) == [('unknown', 'credential:second-factor'), ('unknown', 'credential:method-unavailable')]


@pytest.mark.parametrize('stage', [1, 2])
def test_old_algorithms(start, keys, stage):
    """Old gear is told as such, and let in where the credential allows it."""
    server = start(host_keys=['rsa'], lines=OLD)
    credentials = [credential(1), credential(2, algorithms='legacy'), credential(3, 'ssh-key', algorithms='legacy')]
    secrets = [PASSWORD, PASSWORD, keys['rsa'].read_text()]
    result = check(server.address, server.port, secrets, credentials, stage=stage, driver='linux')
    assert verdicts(result) == [('unknown', 'ssh:no-algorithm'), ('accepted', ''), ('accepted', '')], result
    assert 'diffie-hellman-group1-sha1' in result.data['credential_check']['checks'][0]['detail']
    assert result.data['credential_check']['server']['cipher'] == 'aes128-cbc'


def test_no_host_key_in_common(start):
    """The key exchange would do, the host key does not."""
    server = start(host_keys=['rsa'], lines=['HostKeyAlgorithms ssh-rsa'])
    result = check(server.address, server.port)
    assert verdicts(result) == [('unknown', 'ssh:no-algorithm')]
    assert result.error_detail.startswith('c1: host key: it offers ssh-rsa')


def test_too_many_sessions(start):
    """A server that is full says so in a line of text and hangs up."""
    server = start(lines=['MaxStartups 2:100:2'])
    with ExitStack() as stack:
        for _ in range(2):
            waiting = stack.enter_context(socket.create_connection((server.address, server.port), 10))
            # Counted when the identification has come.
            assert waiting.recv(4) == b'SSH-'
        result = check(server.address, server.port)
    assert verdicts(result) == [('unknown', 'ssh:closed')]
    assert 'Exceeded MaxStartups' in result.error_detail


# With a shell


@pytest.mark.parametrize(
    ('username', 'code'),
    [('operator', ''), ('change', 'credential:password-expired'), ('noshell', 'ssh:no-prompt')],
)
def test_shells(sshd, username, code):
    """What only a shell tells: that the password has to be changed first, that there is no shell."""
    begin = time.monotonic()
    result = check(
        sshd.address, sshd.port, [PASSWORD], [credential(1, username=username)], stage=2, driver='linux', command='id'
    )
    assert verdicts(result) == [('unknown' if code else 'accepted', code)], result
    assert time.monotonic() - begin < TIMEOUT


FAKENOS = """
import signal, sys
from fakenos import FakeNOS
hosts = {f'sw{number}': {'port': int(port), 'platform': platform, 'server': {
    'plugin': 'ParamikoSshServer', 'configuration': {'address': '127.0.0.1', 'timeout': 1}}}
    for number, (platform, port) in enumerate(zip(sys.argv[1::2], sys.argv[2::2]), 1)}
FakeNOS(inventory={'default': {'username': 'operator', 'password': 'right-password'}, 'hosts': hosts}).start()
print('started', flush=True)
signal.pause()
"""


@pytest.fixture(scope='module')
def fakenos(run):
    """Ports of devices of FakeNOS by platform."""
    ports = {platform: free_port() for platform in ('cisco_ios', 'arista_eos')}
    arguments = [str(part) for pair in ports.items() for part in pair]
    command = [sys.executable, '-c', FAKENOS, *arguments]
    with Child('fakenos', command, log=run.log('fakenos'), env=inherited_environment() | run.env, grace=1) as child:
        wait_until(lambda: 'started' in run.log('fakenos').read_text(), what='FakeNOS', timeout=60, child=child)
        yield ports


@pytest.mark.parametrize('platform', ['cisco_ios', 'arista_eos'])
def test_fakenos(fakenos, platform):
    """The prompts of Cisco IOS and Arista; their enable mode asks for no password here, so that nothing is proven."""
    credentials = [credential(1), credential(2), CredentialRef(3, 'c3', 'enable', 'environment', 'NETOPS_SECRET_C3')]
    result = check(
        '127.0.0.1', fakenos[platform], [PASSWORD, WRONG, 'enable-secret'], credentials, stage=2, driver=platform,
        command='show version',
    )  # fmt: skip
    assert verdicts(result) == [('accepted', ''), REJECTED, ('unknown', 'credential:not-asked')], result
    assert result.error_code == 'credential:rejected'
