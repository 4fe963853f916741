"""What a check must not touch, and what must not outlive it."""

import asyncio
import socket
import threading
import time

import asyncssh
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netops_worker.clock import lease_now
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.ssh.check import CredentialCheckProbe
from netops_worker.secrets import EnvironmentProvider, SecretResolver

from .cases import check, checks, password, task
from .servers import FakeDevice, RawServer
from .shells import Cisco, Shell

CISCO = {'stage': 2, 'driver': 'cisco_ios'}


class TakesKeys(FakeDevice):
    methods = ('publickey', 'password')

    def validate_public_key(self, username, key):
        super().validate_public_key(username, key)
        return True


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The home of a user who could log in everywhere. Nobody may ask his agent."""
    directory = tmp_path / '.ssh'
    directory.mkdir()
    key = asyncssh.generate_private_key('ssh-ed25519')
    key.write_private_key(directory / 'id_ed25519')
    (directory / 'config').write_text('Host *\n  User somebody-else\n  ProxyCommand false\n')
    (directory / 'known_hosts').write_text('not a line of it\n')
    monkeypatch.setenv('HOME', str(tmp_path))
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / 'agent'))
        agent.listen()
        agent.setblocking(False)
        monkeypatch.setenv('SSH_AUTH_SOCK', str(tmp_path / 'agent'))
        yield
        with pytest.raises(BlockingIOError):
            agent.accept()


@pytest.mark.usefixtures('home')
@pytest.mark.parametrize('stage', [1, 2])
def test_nothing_of_the_user_that_runs_the_worker(devices, stage):
    """Neither his keys, his agent nor his settings are used: what is checked is the credential."""
    port, seen = devices.start(TakesKeys, process_factory=Cisco())
    result = check(port, ['wrong-password', 'right-password'], stage=stage, driver='cisco_ios')
    assert checks(result) == [('rejected', 'credential:rejected'), ('accepted', '')]
    assert {entry for entry in seen if entry[0] != 'password'} == {('user', 'operator')}


class Hangs(Shell):
    """`ended` is set when the session is."""

    def __init__(self):
        super().__init__()
        self.begun, self.ended = threading.Event(), threading.Event()

    async def __call__(self, process):
        self.begun.set()
        try:
            await process.wait_closed()
        finally:
            self.ended.set()


def cancelled(port, begun, **options):
    """Cancel a check as soon as it has `begun`, and return how long that took, in seconds."""

    async def run():
        made, environment = task(port, ['right-password'], [password()], **options)
        resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
        context = ProbeContext(resolver, time.monotonic() + 60, lease_now() + 90)
        running = asyncio.create_task(CredentialCheckProbe()(made, context))
        assert await asyncio.to_thread(begun.wait, 20)
        begin = time.monotonic()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return time.monotonic() - begin

    return asyncio.run(run())


def test_a_cancelled_login():
    """Whoever cancels a check ends its connection."""
    begun, ended = threading.Event(), threading.Event()

    def act(server, connection):
        connection.recv(100)
        begun.set()
        connection.settimeout(20)
        while connection.recv(100):
            pass
        ended.set()

    with RawServer(act) as server:
        assert cancelled(server.port, begun) < 2
        assert ended.wait(10)


def test_a_cancelled_shell(devices):
    """The same for one in a thread."""
    shell = Hangs()
    port, _ = devices.start(process_factory=shell)
    assert cancelled(port, shell.begun, **CISCO) < 2
    assert shell.ended.wait(10)


def test_no_more_shells_than_threads(devices):
    """Many devices at once share a bounded number of threads, and all come to their turn."""
    before = {thread.name for thread in threading.enumerate()}
    port, _ = devices.start(process_factory=Cisco())

    async def run():
        probe, most = CredentialCheckProbe(), 0
        made, environment = task(port, ['right-password'], [password()], **CISCO)
        resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
        context = ProbeContext(resolver, time.monotonic() + 60, lease_now() + 90)
        running = [asyncio.create_task(probe(made, context)) for _ in range(24)]
        while pending := [one for one in running if not one.done()]:
            await asyncio.wait(pending, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
            names = [thread.name for thread in threading.enumerate() if thread.name.startswith('netops-shell')]
            most = max(most, len({*names} - before))
        return [one.result() for one in running], most

    outcomes, most = asyncio.run(run())
    assert [outcome.error_code for outcome in outcomes] == [''] * 24
    assert 1 <= most <= 16


names = st.lists(st.text('abcdefghij-@.0123456789', max_size=12), max_size=4).map(','.join)


@st.composite
def kexinit(draw):
    """A key exchange message with whatever lists."""
    lists = [draw(st.one_of(names, st.just('curve25519-sha256,ssh-ed25519,aes128-ctr,hmac-sha1,none'))).encode()
             for _ in range(10)]  # fmt: skip
    body = b'\x14' + bytes(16) + b''.join(len(entry).to_bytes(4, 'big') + entry for entry in lists) + bytes(5)
    padding = 16 - (5 + len(body)) % 8
    return (1 + len(body) + padding).to_bytes(4, 'big') + bytes([padding]) + body + bytes(padding)


@settings(max_examples=60)
@given(identification=st.sampled_from([b'SSH-2.0-x\r\n', b'', b'SSH-1.99-y\n', b'SSH-2.0-\xff\xfe\r\n']),
       messages=st.lists(st.one_of(st.binary(max_size=200), kexinit()), max_size=3))  # fmt: skip
def test_anything_may_come(identification, messages):
    """Whatever a port sends has one of our reasons, and nothing secret is sent to it."""
    received = []

    def act(server, connection):
        connection.sendall(identification + b''.join(messages))
        connection.settimeout(0.3)
        while data := connection.recv(4096):
            received.append(data)

    with RawServer(act) as server:
        result = check(server.port)
    ((verdict, code),) = checks(result)
    assert verdict == 'unknown'
    assert code in ('ssh:closed', 'ssh:protocol', 'ssh:no-algorithm'), result
    assert b'right-password' not in b''.join(received)
