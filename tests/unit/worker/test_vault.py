"""Secrets from HashiCorp Vault or OpenBao: what each answer means, and that nothing of what is secret is ever told.

A contract test with a real server is in tests/e2e/test_openbao.py.
"""

import itertools
import json
import logging
import sys
import threading
import traceback
from dataclasses import replace

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.secrets import REDACTED, Secret, VaultConfig, VaultProvider, parse_vault, redact
from netops_worker.secrets import vault as vault_module

pytest.importorskip('hvac')

from .fake_vault import FakeVault

REFERENCE = 'netops/core#password'


@pytest.fixture
def server():
    with FakeVault() as server:
        yield server


@pytest.fixture
def key_file(tmp_path):
    numbers = itertools.count()

    def write(text, mode=0o600):
        path = tmp_path / f'key{next(numbers)}'
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    return write


@pytest.fixture
def by_token(server, key_file):
    return VaultConfig(server.url, ('netops',), token_file=key_file('canary-token\n'), timeout=5)


@pytest.fixture
def by_role(server, key_file):
    return VaultConfig(server.url, ('netops',), role_id='r1', secret_id_file=key_file('canary-secret-id\n'), timeout=5)


def failure(provider, reference=REFERENCE):
    """Code and detail of what it raises, after making sure that nothing of it shows what is secret."""
    with pytest.raises(NetOpsError) as caught:
        provider.resolve(reference)
    shown = ''.join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert 'canary' not in shown
    return caught.value.code, caught.value.detail


def test_by_token(server, by_token):
    """With a token in a file; the version is told, and the namespace asked for."""
    found = VaultProvider(replace(by_token, namespace='team/net')).resolve(REFERENCE)
    assert (found.secret.reveal(), found.source) == ('canary-value', 'version 3')
    ((method, path, headers),) = server.calls
    assert (method, path) == ('GET', '/v1/secret/data/netops/core')
    assert (headers['X-Vault-Token'], headers['X-Vault-Namespace']) == ('canary-token', 'team/net')


def test_by_role(server, by_role):
    """One login serves many secrets, and what it brought is known to the redaction of logs."""
    provider = VaultProvider(by_role)
    for _ in range(3):
        assert provider.resolve(REFERENCE).secret == Secret('canary-value')
    assert server.logins == 1
    assert redact('X-Vault-Token: canary-login-1') == f'X-Vault-Token: {REDACTED}'


def test_nothing_of_the_environment_counts(server, by_token, monkeypatch):
    """Neither a token nor an address nor a proxy that happens to be set for other programs."""
    for name in ('VAULT_ADDR', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'):
        monkeypatch.setenv(name, 'http://127.0.0.1:1')
    monkeypatch.setenv('VAULT_TOKEN', 'foreign')
    assert VaultProvider(by_token).resolve(REFERENCE).secret == Secret('canary-value')


@pytest.mark.parametrize('reference', ['other/core#password', 'netopsx/core#password', 'net#password', 'secret#netops'])
def test_outside_of_what_was_set_aside(server, by_token, reference):
    """Whatever the token may read: a credential reaches the configured prefixes only, and the server is not asked."""
    server.secrets['other/core'] = {'password': 'canary-other'}
    assert failure(VaultProvider(by_token), reference)[0] == 'secret:refused'
    assert not server.calls


@pytest.mark.parametrize(
    'reference', ['netops/../other#x', 'netops/%2e%2e/other#x', '/netops/core#x', 'netops/core', 'netops/*#x']
)
def test_references_of_a_wrong_form(server, by_token, reference):
    """Checked again when they are used: a task at a POP comes from elsewhere."""
    assert failure(VaultProvider(by_token), reference)[0] == 'secret:refused'
    assert not server.calls


@pytest.mark.parametrize(
    ('path', 'code'),
    [('netops/none#password', 'secret:not-found'), ('netops/deleted#password', 'secret:not-found'),
     ('netops/core#other', 'secret:not-found'), ('netops/core#empty', 'secret:not-found'),
     ('netops/core#number', 'secret:unreadable'), ('netops/forbidden#password', 'secret:forbidden')],
)  # fmt: skip
def test_what_is_not_there_or_not_allowed(server, by_token, by_role, path, code):
    """The same code by either login."""
    server.secrets['netops/deleted'] = None
    server.forbidden.add('netops/forbidden')
    for config in (by_token, by_role):
        assert failure(VaultProvider(config), path)[0] == code


@pytest.mark.parametrize(
    ('answer', 'code'),
    [
        ((503, {'errors': ['Vault is sealed']}), 'secret:locked'),
        ((501, {'errors': ['not initialized']}), 'secret:locked'),
        ((503, {'errors': ['canary: upstream']}), 'secret:unavailable'),
        ((500, {'errors': ['canary: internal']}), 'secret:unavailable'),
        ((502, b'<html>canary</html>'), 'secret:unavailable'),
        ((429, {'errors': ['canary: too many']}), 'secret:unavailable'),
        ((418, {'errors': ['canary']}), 'secret:unavailable'),
        ((307, {}), 'secret:unavailable'),
        ((200, b'canary, and no JSON'), 'secret:unavailable'),
        ((200, {'data': {'password': 'canary'}}), 'secret:unavailable'),
        ((200, ['canary']), 'secret:unavailable'),
        ((200, {'auth': {'client_token': 5}, 'data': {'data': [], 'metadata': {}}}), 'secret:unavailable'),
    ],
)
def test_what_a_server_answers(server, by_token, by_role, answer, code):
    """To the question and to the login before it; what is said to be temporary is retryable, and nothing else."""
    server.answer = answer
    for config in (by_token, by_role):
        assert failure(VaultProvider(config))[0] == code
    assert NetOpsError(code).info.retryable == (code == 'secret:unavailable')


def test_a_redirect_is_not_followed(server, by_token):
    """The token goes to the configured server and nowhere else."""
    server.answer = (307, {})
    assert failure(VaultProvider(by_token))[0] == 'secret:unavailable'
    assert len(server.calls) == 1


def test_no_answer(server, by_token, by_role):
    """Closed connections, silence, and nobody there."""
    server.closes = True
    for config in (by_token, by_role):
        assert failure(VaultProvider(config))[0] == 'secret:unavailable'
    server.closes, server.hold = False, threading.Event()
    try:
        for config in (by_token, by_role):
            assert failure(VaultProvider(replace(config, timeout=0.2)))[0] == 'secret:unavailable'
    finally:
        server.hold.set()
    for config in (by_token, by_role):
        assert failure(VaultProvider(replace(config, url='http://127.0.0.1:1')))[0] == 'secret:unavailable'


def test_a_wrong_key(server, by_token, by_role, key_file):
    """A token that nobody knows, a wrong secret id, a wrong role, and no AppRole at that place."""
    for config in (
        replace(by_token, token_file=key_file('canary-unknown')),
        replace(by_role, secret_id_file=key_file('canary-wrong')),
        replace(by_role, role_id='r2'),
        replace(by_role, auth_mount='elsewhere'),
    ):
        assert failure(VaultProvider(config))[0] == 'secret:wrong-key'


@pytest.mark.parametrize(
    ('text', 'mode', 'problem'),
    [('canary-token', 0o604, 'is open to everybody (mode 0604)'), ('canary-token', 0o602, 'is open to everybody'),
     ('\n', 0o600, 'is empty'), ('canary-t\N{LATIN SMALL LETTER O WITH DIAERESIS}ken', 0o600, 'is not text'),
     ('canary' * 12000, 0o600, 'is larger than 65536 bytes')],
)  # fmt: skip
def test_key_files(server, by_token, by_role, key_file, text, mode, problem):
    """A key that is none, or that everybody may read, is not used."""
    for config, what in (
        (replace(by_token, token_file=key_file(text, mode)), 'token'),
        (replace(by_role, secret_id_file=key_file(text, mode)), 'secret ID'),
    ):
        code, detail = failure(VaultProvider(config))
        assert code == 'secret:wrong-key'
        assert detail.startswith(f'the file with the {what} {problem}')
    assert not server.calls


def test_key_files_that_cannot_be_read(by_token, tmp_path):
    """The detail says why, and not where the administrator keeps it."""
    for path, reason in ((tmp_path / 'none', 'No such file or directory'), (tmp_path, 'is not a regular file')):
        code, detail = failure(VaultProvider(replace(by_token, token_file=str(path))))
        assert code == 'secret:wrong-key'
        assert reason in detail
        assert str(tmp_path) not in detail


def test_a_token_that_was_replaced(server, by_token, key_file):
    """Read again from its file when the server refuses it, once."""
    provider = VaultProvider(by_token)
    provider.resolve(REFERENCE)
    server.tokens = {'canary-next'}
    assert failure(provider) == ('secret:wrong-key', 'the token is not valid, or may not even look at itself')
    with open(by_token.token_file, 'w') as file:
        file.write('canary-next')
    assert provider.resolve(REFERENCE).secret == Secret('canary-value')


def test_a_login_that_was_revoked(server, by_role):
    """It logs in again once, and not for ever."""
    provider = VaultProvider(by_role)
    provider.resolve(REFERENCE)
    server.tokens.clear()
    assert provider.resolve(REFERENCE).secret == Secret('canary-value')
    assert server.logins == 2
    server.forbidden.add('netops/core')
    assert failure(provider) == ('secret:forbidden', "no policy of its login allows to read 'netops/core'")
    assert server.logins == 3


def test_a_login_that_ends(server, by_role, monkeypatch):
    """It is renewed before it does, and one without an end is kept."""
    now = 1000.0
    monkeypatch.setattr(vault_module.time, 'monotonic', lambda: now)
    provider = VaultProvider(by_role)
    for moment, logins in ((1000, 1), (4239, 1), (4240, 2), (7479, 2), (7480, 3)):
        now = moment
        provider.resolve(REFERENCE)
        assert server.logins == logins
    server.lease = 0
    now = 20_000
    provider.resolve(REFERENCE)
    now = 10**9
    provider.resolve(REFERENCE)
    assert server.logins == 4


def test_one_login_for_many_threads(server, by_role):
    """Threads that begin together wait for the first."""
    provider, found = VaultProvider(by_role), []
    server.hold = threading.Event()
    threads = [threading.Thread(target=lambda: found.append(provider.resolve(REFERENCE).secret)) for _ in range(6)]
    for thread in threads:
        thread.start()
    server.hold.set()
    for thread in threads:
        thread.join(20)
    assert found == [Secret('canary-value')] * 6
    assert server.logins == 1


def test_one_failure_for_many_threads(server, by_role):
    """A server that is down is not waited for once per thread; who comes later asks again."""
    provider, codes, waiting = VaultProvider(by_role), [], threading.Semaphore(0)
    lock = provider._login.lock

    class Counted:
        def __enter__(self):
            waiting.release()
            lock.acquire()

        def __exit__(self, *_exc):
            lock.release()

    provider._login.lock = Counted()
    server.hold, server.closes = threading.Event(), True

    def ask():
        with pytest.raises(NetOpsError) as caught:
            provider.resolve(REFERENCE)
        codes.append(caught.value.code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=10)
    server.hold.set()
    for thread in threads:
        thread.join(20)
    assert codes == ['secret:unavailable'] * 6
    assert len(server.calls) == 1
    server.closes = False
    assert provider.resolve(REFERENCE).secret == Secret('canary-value')


def test_cleared(server, by_role):
    """After that a new login is needed."""
    provider = VaultProvider(by_role)
    provider.resolve(REFERENCE)
    provider.clear()
    provider.resolve(REFERENCE)
    assert server.logins == 2


def test_not_installed(server, by_token, monkeypatch):
    """Without hvac it says what to install."""
    monkeypatch.setitem(sys.modules, 'hvac', None)
    code, detail = failure(VaultProvider(by_token))
    assert code == 'secret:not-installed'
    assert 'netbox-netops[vault]' in detail


def test_nothing_is_logged(server, by_role, caplog):
    """Neither what is sent nor what is answered, at the highest verbosity of all libraries."""
    with caplog.at_level(logging.DEBUG):
        provider = VaultProvider(by_role)
        provider.resolve(REFERENCE)
        failure(provider, 'netops/none#x')
    assert '/v1/auth/approle/login' in caplog.text
    assert 'canary' not in caplog.text


# Configuration

RIGHT = {'url': 'https://vault.example.net:8200/', 'prefixes': ['netops/', 'shared/snmp'], 'token_file': '/run/token'}
BY_ROLE = {'url': 'https://v', 'prefixes': ['n'], 'role_id': 'r', 'secret_id_file': '/run/id'}


def test_configuration():
    """With everything that has a default left out, and with everything given."""
    assert parse_vault(RIGHT) == VaultConfig(
        'https://vault.example.net:8200', ('netops', 'shared/snmp'), token_file='/run/token'
    )
    everything = {**BY_ROLE, 'mount': 'kv/net', 'namespace': 'a/b/', 'auth_mount': 'roles', 'timeout': 2}
    assert parse_vault(everything) == VaultConfig(
        'https://v', ('n',), mount='kv/net', namespace='a/b/', auth_mount='roles', role_id='r',
        secret_id_file='/run/id', timeout=2,
    )  # fmt: skip


@pytest.mark.parametrize('url', ['http://localhost:8200', 'http://127.0.0.1', 'http://[::1]:8200'])
def test_without_tls_only_on_this_machine(url):
    """There it cannot be read on the way."""
    assert parse_vault({**RIGHT, 'url': url}).url == url


@pytest.mark.parametrize(
    ('values', 'problem'),
    [
        (None, 'must be a mapping with url, prefixes'),
        ('https://v', 'must be a mapping'),
        ({**RIGHT, 'token': 'canary'}, 'has the unknown key token; known are url, prefixes, mount'),
        ({**RIGHT, 'url': 5}, 'url must be text'),
        ({**RIGHT, 'url': ''}, 'url must begin with https://'),
        ({**RIGHT, 'url': 'ftp://v'}, 'url must begin with https://'),
        ({**RIGHT, 'url': 'https://'}, 'url must begin with https://'),
        ({**RIGHT, 'url': 'https://v:99999'}, 'url must begin with https://'),
        ({**RIGHT, 'url': 'https://user:canary@v'}, 'url must begin with https:// and name a host, without user'),
        ({**RIGHT, 'url': 'http://vault.example.net'}, 'url must begin with https://, except for this machine itself'),
        ({**RIGHT, 'url': 'http://127.example.net'}, 'url must begin with https://, except for this machine itself'),
        ({**RIGHT, 'mount': '/secret'}, 'mount must be the path of a mount, such as secret'),
        ({**RIGHT, 'auth_mount': '..'}, 'auth_mount must be the path of a mount, such as approle'),
        ({'url': 'https://v', 'token_file': '/t'}, 'prefixes must be a list with at least one path'),
        ({**RIGHT, 'prefixes': []}, 'prefixes must be a list with at least one path'),
        ({**RIGHT, 'prefixes': 'netops'}, 'prefixes must be a list'),
        ({**RIGHT, 'prefixes': ['']}, 'prefixes must be plain paths'),
        ({**RIGHT, 'prefixes': ['*']}, 'prefixes must be plain paths'),
        ({**RIGHT, 'prefixes': ['/netops']}, 'prefixes must be plain paths'),
        ({**RIGHT, 'prefixes': ['a/../b']}, 'prefixes must be plain paths'),
        ({**RIGHT, 'prefixes': [5]}, 'prefixes must be plain paths'),
        ({**RIGHT, 'namespace': '../x'}, 'namespace must be a plain path'),
        ({**RIGHT, 'ca_file': 'ca.pem'}, 'ca_file must be an absolute path'),
        ({**RIGHT, 'ca_file': '/nonexistent/ca.pem'}, 'ca_file names a file that does not exist'),
        ({**RIGHT, 'token_file': 'token'}, 'token_file must be an absolute path'),
        ({**RIGHT, 'role_id': 'r'}, 'must have either token_file, or role_id and secret_id_file'),
        ({'url': 'https://v', 'prefixes': ['n']}, 'must have either token_file, or role_id and secret_id_file'),
        ({**BY_ROLE, 'secret_id_file': ''}, 'must have both role_id and secret_id_file'),
        ({**RIGHT, 'timeout': 0}, 'timeout must be from 0.1 to 60 seconds'),
        ({**RIGHT, 'timeout': True}, 'timeout must be from 0.1 to 60 seconds'),
        ({**RIGHT, 'timeout': '5'}, 'timeout must be from 0.1 to 60 seconds'),
    ],
)
def test_mistakes_are_named(values, problem):
    """With the key and what it must be, and without what was written there."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is compared)
        parse_vault(values)
    assert str(caught.value).startswith(problem)
    assert 'canary' not in str(caught.value)


def test_the_secret_id_travels_in_the_body(server, by_role):
    """Not in an address, which servers write to their logs."""
    VaultProvider(by_role).resolve(REFERENCE)
    assert [json.loads(body) for body in server.bodies if body] == [{'role_id': 'r1', 'secret_id': 'canary-secret-id'}]
    assert 'canary' not in ' '.join(path for _method, path, _headers in server.calls)
