"""Ports that are closed, silent, slow, or speak something else: each its reason, within its time-out."""

import asyncio
import itertools
import socket
import time

import pytest

from netops_worker.clock import lease_now
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.ssh.check import CredentialCheckProbe
from netops_worker.secrets import EnvironmentProvider, SecretResolver

from .cases import check, checks, key, only, password, probe, task
from .servers import RawServer

# A busy machine may wake up late; an endless device would keep a test for its whole time-out of 20 s.
LATE = 5


def timed(*args, **options):
    begin = time.monotonic()
    result = check(*args, **options)
    return result, time.monotonic() - begin


def silent(server, connection):
    server.stopping.wait(60)


def tarpit(server, connection):
    """One byte a second, without a line ever ending; faster here, which is harder to end."""
    while not server.stopping.wait(0.05):
        connection.send(b'x')


def slow_identification(server, connection):
    for byte in itertools.chain(b'SSH-2.0-', itertools.repeat(ord('x'))):
        if server.stopping.wait(0.05):
            return
        connection.send(bytes([byte]))


def endless_lines(server, connection):
    while not server.stopping.is_set():
        connection.send(b'All work and no play makes Jack a dull boy\r\n' * 100)


def endless_line(server, connection):
    while not server.stopping.is_set():
        connection.send(b'x' * 4096)


def endless_packets(server, connection):
    """Messages of the kind that are to be ignored, for ever."""
    connection.send(b'SSH-2.0-Endless\r\n')
    message = b'\x02' + (1000).to_bytes(4, 'big') + b'x' * 1000
    packet = (len(message) + 5).to_bytes(4, 'big') + b'\x04' + message + b'\0' * 4
    while not server.stopping.is_set():
        connection.send(packet)


def full(server, connection):
    connection.send(b'Exceeded MaxStartups\r\n')


def gone(server, connection):
    pass


def gone_after_identification(server, connection):
    connection.send(b'SSH-2.0-Cisco-1.25\r\n')
    connection.recv(100)


def web(server, connection):
    connection.recv(100)
    connection.send(b'HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<h1>Bad Request</h1>')


def ssh1(server, connection):
    connection.send(b'SSH-1.5-Cisco-1.25\r\n')
    connection.recv(100)


def garbage(server, connection):
    connection.send(b'SSH-2.0-Garbage\r\n' + bytes(range(255, 0, -1)) * 20)
    connection.recv(1000)
    server.stopping.wait(60)


@pytest.mark.parametrize(
    ('act', 'code', 'detail'),
    [
        (silent, 'ssh:timeout', 'before its identification'),
        (tarpit, 'ssh:timeout', 'before its identification'),
        (slow_identification, 'ssh:timeout', 'before its identification'),
    ],
)
def test_time_out(act, code, detail):
    """Nothing that comes too slowly holds the check longer than its time-out."""
    with RawServer(act) as server:
        result, seconds = timed(server.port, timeout=0.5)
    assert checks(result) == [('unknown', code)]
    assert only(result)['detail'] == detail
    assert (result.error_code, result.data['credential_check']['host_key']) == (code, None)
    assert 0.5 <= seconds < 0.5 + LATE


@pytest.mark.parametrize(
    ('act', 'code', 'detail'),
    [
        (endless_lines, 'ssh:protocol', 'Too many banner lines'),
        (endless_line, 'ssh:protocol', 'too long'),
        (endless_packets, 'ssh:protocol', 'without end'),
        (full, 'ssh:closed', 'it said: Exceeded MaxStartups'),
        (gone, 'ssh:closed', 'before its identification'),
        (gone_after_identification, 'ssh:closed', 'before the key exchange was done'),
        (web, 'ssh:closed', 'HTTP/1.1 400 Bad Request'),
        (ssh1, 'ssh:protocol', 'SSH 1'),
        (garbage, 'ssh:protocol', ''),
    ],
)
def test_no_ssh(act, code, detail):
    """What is no SSH, or no more, is told at once, with what it said."""
    with RawServer(act) as server:
        result, seconds = timed(server.port)
    assert checks(result) == [('unknown', code)]
    assert detail in only(result)['detail']
    assert seconds < LATE


def test_a_closed_port(closed_port):
    """Refused at once: the device is unreachable, and each credential has that reason."""
    result, seconds = timed(closed_port, ['one-secret', 'another'])
    assert checks(result) == [('unknown', 'unreachable:port-closed')] * 2
    assert result.error_code == 'unreachable:port-closed'
    assert seconds < LATE


def test_no_answer_to_the_connection():
    """A host that drops what is sent to it."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # Nobody accepts them, so that the next one gets no answer.
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(('127.0.0.1', port))
        result, seconds = timed(port, ['one-secret', 'another'], timeout=0.5)
        for filler in fillers:
            filler.close()
    assert checks(result) == [('unknown', 'unreachable:no-response')] * 2
    assert result.error_code == 'unreachable:no-response'
    # The second is not tried.
    assert 0.5 <= seconds < 0.5 + LATE


def test_one_connection_to_a_hopeless_port():
    """What does not depend on the credential is found out once."""
    with RawServer(full) as server:
        result = check(server.port, ['one-secret', 'another', 'third'])
        assert server.clients == 1
    assert checks(result) == [('unknown', 'ssh:closed')] * 3


def test_no_address():
    """A name that does not resolve."""
    result = check(22, address='no-such-device.invalid')
    assert result.error_code == 'target:no-address'


def test_no_credential():
    """Without a credential of ours nothing is sent; an enable secret is none without a shell."""
    with RawServer(silent) as server:
        result = check(server.port, [], [])
        assert result.error_code == 'credential:none'
        assert server.clients == 0


@pytest.mark.parametrize(
    ('credentials', 'code'),
    [
        ([password(2)], 'secret:not-found'),
        ([key(2)], 'secret:not-found'),
        ([password(1, username='')], 'options:invalid'),
    ],
)
def test_no_connection_without_a_secret(credentials, code):
    """What is wrong with the credential itself is told without a connection."""
    with RawServer(silent) as server:
        result = check(server.port, ['right-password'], credentials)
        assert server.clients == 0
    assert checks(result) == [('unknown', code)]


def test_a_lost_lease():
    """When the lease is over nothing is sent, and the result is not one of the device."""
    with RawServer(silent) as server:
        outcome = None
        with pytest.raises(Exception, match='lease:lost'):
            outcome = probe(server.port, ['right-password'], [password()], lease_seconds=-1)
        assert outcome is None
        assert server.clients == 0


def test_a_lease_that_ends_in_between():
    """A process that was frozen sends nothing when it wakes up, though its connection is open."""
    received = []

    def reads(server, connection):
        connection.settimeout(5)
        while data := connection.recv(4096):
            received.append(data)
            if len(received) == 1:
                # The identification has come: now the lease ends, and the device goes on.
                clock.append(1e9)
                connection.send(b'SSH-2.0-Slow\r\n')

    clock = []

    class Context(ProbeContext):
        def check_deadline(self):
            if clock:
                object.__setattr__(self, 'lease_deadline', lease_now() - 1)
            return super().check_deadline()

    with RawServer(reads) as server:
        made, environment = task(server.port, ['right-password'], [password()])
        resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
        context = Context(resolver, time.monotonic() + 60, lease_now() + 60)
        with pytest.raises(Exception, match='lease:lost'):
            asyncio.run(CredentialCheckProbe()(made, context))
    assert b''.join(received).count(b'\n') == 1
