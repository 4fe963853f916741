"""What a worker says to NetBox, and how it understands whatever answers."""

import ipaddress
import logging
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from netops_worker.clients.netbox import NetBoxClient
from netops_worker.errors import NetOpsError
from netops_worker.secrets import Secret
from netops_worker.stopping import Stop
from netops_worker.testing import make_task

from .netbox_fake import TOKEN, FakeNetBox


@pytest.fixture
def fake():
    with FakeNetBox() as fake:
        yield fake


def make_client(url, token=TOKEN, gateway='gru', stop=None, **options):
    return NetBoxClient(url, Secret(token), gateway, worker='w1', stop=stop or Stop(1.0), **options)


@pytest.fixture
def client(fake):
    client = make_client(fake.url)
    yield client
    client.close()


def code_of(call, *arguments):
    with pytest.raises(NetOpsError) as caught:
        call(*arguments)
    return caught.value.code


def test_claim(fake, client):
    """A claim names worker, limit and kinds, and brings tasks as they were sent."""
    fake.tasks = [make_task(1, options={'port': 161}), make_task(2)]
    fake.again_after = 2.5
    assert client.claim(10, {'device-scan'}) == ([make_task(1, options={'port': 161}), make_task(2)], 2.5)
    assert fake.asked('claim') == [{'worker': 'w1', 'limit': 10, 'kinds': ['device-scan']}]


@pytest.mark.parametrize(
    ('token', 'header'),
    [(TOKEN, f'Bearer {TOKEN}'), ('0123456789abcdef' * 2 + 'abcdef01', 'Token ' + '0123456789abcdef' * 2 + 'abcdef01')],
)
def test_both_versions_of_tokens(fake, token, header, monkeypatch, tmp_path):
    """The header has the keyword of the token's version, whatever a .netrc says about the host."""
    netrc = tmp_path / 'netrc'
    netrc.write_text('machine 127.0.0.1 login other password other\n')
    monkeypatch.setenv('NETRC', str(netrc))
    client = make_client(fake.url, token)
    client.control([])
    client.close()
    assert fake.requests[0][2]['Authorization'] == header


def test_large_bodies_are_compressed(fake, client):
    """What is larger than a packet travels compressed."""
    client.control(range(1, 2001))
    assert fake.asked('control')[0]['tasks'] == list(range(1, 2001))
    assert fake.requests[0][2]['Content-Encoding'] == 'gzip'
    assert int(fake.requests[0][2]['Content-Length']) < 5000


@pytest.mark.parametrize(
    ('reply', 'code', 'text'),
    [
        ((401, {'detail': 'Token expired'}, {}), 'gateway:unauthorised', 'Token expired'),
        ((403, {'detail': 'Invalid v2 token'}, {}), 'gateway:unauthorised', 'Invalid v2 token'),
        ((404, {'detail': 'Not found.'}, {}), 'gateway:unknown', 'Not found.'),
        ((404, '<html>', {}), 'gateway:unknown', 'no JSON'),
        ((400, {'detail': 'limit: too many', 'code': 'wire:invalid'}, {}), 'wire:invalid', 'limit: too many'),
        ((400, {'limit': ['wrong']}, {}), 'gateway:refused', 'wrong'),
        ((413, '<html>nginx', {}), 'wire:too-large', '413'),
        ((200, '<html>login', {}), 'gateway:refused', 'no JSON'),
        ((200, [], {}), 'gateway:refused', '200'),
        ((302, '', {'Location': 'https://other.example/login/'}), 'gateway:refused', 'https://other.example/login/'),
        ((200, {'tasks': 5, 'again_after': None}, {}), 'wire:invalid', 'claim'),
        ((200, {'tasks': [{}], 'again_after': None}, {}), 'wire:version', 'version'),
        ((200, {'tasks': [], 'again_after': 'soon'}, {}), 'wire:invalid', 'claim'),
        ((503, '<html>restarting', {}), 'gateway:unreachable', '503'),
        ((500, '<html>', {}), 'gateway:unreachable', '500'),
        ((429, {}, {}), 'gateway:unreachable', '429'),
        (None, 'gateway:unreachable', 'Remote'),
    ],
)
def test_other_answers(fake, client, reply, code, text):
    """Whatever answers, the error has the code that tells what to do, and a claim is never said twice."""
    fake.script['claim'] = [reply]
    with pytest.raises(NetOpsError, match=text) as caught:
        client.claim(1, {'device-scan'})
    assert caught.value.code == code
    assert len(fake.requests) == 1
    # The token goes nowhere else.
    assert fake.requests[0][0] == 'claim'


def test_answers_without_their_numbers(fake, client):
    """An answer that lacks what was asked for is not taken for a zero."""
    fake.script = {name: [(200, {}, {})] for name in ('results', 'control', 'hand-back')}
    assert code_of(client.results, []) == 'wire:invalid'
    assert code_of(client.control, []) == 'wire:invalid'
    assert code_of(client.hand_back, []) == 'wire:invalid'


def test_what_may_be_said_twice_is_said_again(fake, client):
    """While NetBox restarts, results are reported again and again, until the moment given."""
    fake.script['results'] = [(502, '', {}), None, (503, '', {})]
    assert client.results([{'task': 1}], time.monotonic() + 30) == 1
    assert len(fake.asked('results')) == 4


def test_the_moment_is_over(fake, client):
    """After the moment given nothing is said again."""
    fake.script['results'] = [(503, '', {})] * 1000
    begin = time.monotonic()
    assert code_of(client.results, [], begin + 0.8) == 'gateway:unreachable'
    assert 0.5 < time.monotonic() - begin < 5
    assert len(fake.requests) > 1


def test_a_refusal_is_no_reason_to_say_it_again(fake, client):
    """What NetBox has understood and refused stays refused."""
    fake.script['results'] = [(403, {'detail': 'no'}, {})]
    assert code_of(client.results, [], time.monotonic() + 30) == 'gateway:unauthorised'
    assert len(fake.requests) == 1


def test_a_stop_ends_the_pause_and_bounds_the_rest(fake):
    """Somebody who stops the worker need not wait for its pauses, nor for the moment given."""
    stop = Stop(0.5)
    client = make_client(fake.url, stop=stop)
    fake.script['results'] = [(503, '', {})] * 1000
    threading.Timer(0.3, stop.request).start()
    begin = time.monotonic()
    assert code_of(client.results, [], begin + 600) == 'gateway:unreachable'
    assert time.monotonic() - begin < 10
    client.close()


def test_nobody_listens():
    """A refused connection and a name that does not exist are told apart by their detail."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NetOpsError, match='Connection refused') as caught:
        make_client(f'http://127.0.0.1:{port}').control([])
    assert caught.value.code == 'gateway:unreachable'


def test_a_silent_server():
    """An answer that does not come is waited for no longer than told."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        client = make_client(f'http://127.0.0.1:{server.getsockname()[1]}', timeout=0.3)
        begin = time.monotonic()
        with pytest.raises(NetOpsError, match='timed out') as caught:
            client.control([])
    assert caught.value.code == 'gateway:unreachable'
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    'url',
    ['h', 'ftp://h', 'https://', 'https://user:pw@h', 'http://h?x=1', 'http://h#x', 'http://h:x', 'http://h:0'],
)
def test_urls_that_are_none(url):
    """A URL that cannot work, or would carry a password into logs, is refused at once, and not shown."""
    with pytest.raises(NetOpsError) as caught:
        make_client(url)
    assert caught.value.code == 'gateway:refused'
    assert 'pw' not in str(caught.value)


def test_a_path_before_the_api(fake):
    """NetBox may live below a path (BASE_PATH), and a slug needs no quoting, whatever it is."""
    client = make_client(f'{fake.url}/netbox/', gateway='a/../b')
    assert client._base == f'{fake.url}/netbox/api/plugins/netops/gateways/a%2F..%2Fb'
    client.close()


def test_the_token_is_shown_nowhere(fake, caplog):
    """Neither logs of any level nor errors nor the client itself show the token."""
    caplog.set_level(logging.DEBUG)
    client = make_client(fake.url)
    fake.script = {'control': [(400, {'detail': f'you said {TOKEN}'}, {}), (503, '', {})]}
    with pytest.raises(NetOpsError) as caught:
        client.control([])
    client.control([], time.monotonic() + 10)
    shown = [caplog.text, str(caught.value), repr(client), str(vars(client)), str(vars(client._session))]
    assert not [text for text in shown if 'canary' in text]
    assert any(TOKEN in header['Authorization'] for _name, _body, header in fake.requests)
    client.close()


@pytest.fixture(scope='module')
def certificate(tmp_path_factory):
    """Paths of a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'lab')])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp('tls')
    paths = directory / 'cert.pem', directory / 'key.pem'
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_certificates_are_verified(certificate):
    """A certificate nobody vouches for is refused; the file that is given vouches for it."""
    path, key = certificate
    with FakeNetBox() as fake:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, key)
        fake._server.socket = context.wrap_socket(fake._server.socket, server_side=True)
        url = fake.url.replace('http:', 'https:')
        with pytest.raises(NetOpsError, match='CERTIFICATE_VERIFY_FAILED') as caught:
            make_client(url).control([])
        assert caught.value.code == 'gateway:unreachable'
        assert not fake.requests
        client = make_client(url, ca_file=str(path))
        assert client.control([]) == (set(), 'gru')
        client.close()
