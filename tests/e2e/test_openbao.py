"""The contract with a real OpenBao server: what its answers mean to the provider, and that nothing secret is told.

What no real server does on request (errors of its own, silence, redirects) is tested with a fake one in
tests/unit/worker/test_vault.py.
"""

import itertools
import traceback

import pytest
from hvac.exceptions import InvalidRequest

from lab.openbao import OpenBao
from lab.process import wait_until
from lab.runs import RunDirectory
from netops_worker.errors import NetOpsError
from netops_worker.secrets import VaultConfig, VaultProvider

POLICY = 'path "secret/data/netops/*" { capabilities = ["read"] }'
REFERENCE = 'netops/core#password'
PASSWORD = 'canary-pässword "\n'


@pytest.fixture(scope='module')
def run():
    with RunDirectory('openbao') as run:
        yield run


@pytest.fixture
def bao(run):
    """A server with secrets inside and outside of what the policy allows, and the AppRole `netops`."""
    with OpenBao(run) as bao:
        store = bao.client.secrets.kv.v2.create_or_update_secret
        store('netops/core', {'password': 'canary-old'})
        store('netops/core', {'password': PASSWORD, 'number': 5, 'nested': {'a': 1}})
        store('netops/deleted', {'password': 'canary-deleted'})
        bao.client.secrets.kv.v2.delete_latest_version_of_secret('netops/deleted')
        store('netopsx/core', {'password': 'canary-other'})
        bao.client.sys.create_or_update_policy('netops', POLICY)
        bao.client.sys.enable_auth_method('approle')
        bao.client.auth.approle.create_or_update_approle('netops', token_policies=['netops'], token_ttl='600s')
        yield bao


@pytest.fixture
def key_file(tmp_path):
    numbers = itertools.count()

    def write(text):
        path = tmp_path / f'key{next(numbers)}'
        path.touch(mode=0o600)
        path.write_text(f'{text}\n')
        return str(path)

    return write


@pytest.fixture
def by_role(bao, key_file):
    """`by_role(**others)`: a provider that logs in by AppRole."""
    approle = bao.client.auth.approle
    values = {
        'url': bao.url,
        'prefixes': ('netops', 'netopsx'),
        'role_id': approle.read_role_id('netops')['data']['role_id'],
        'secret_id_file': key_file(approle.generate_secret_id('netops')['data']['secret_id']),
    }
    return lambda **others: VaultProvider(VaultConfig(**values | others))


@pytest.fixture
def by_token(bao, key_file):
    """`by_token(token=None)`: a provider with that token, or one of the policy."""

    def provider(token=None):
        token = token or bao.client.auth.token.create(policies=['netops'])['auth']['client_token']
        return VaultProvider(VaultConfig(bao.url, ('netops', 'netopsx'), token_file=key_file(token)))

    return provider


def failure(provider, reference=REFERENCE):
    with pytest.raises(NetOpsError) as caught:
        provider.resolve(reference)
    assert 'canary' not in ''.join(traceback.format_exception(caught.value))
    return caught.value.code


def test_found(by_role, by_token):
    """The latest version, by either login, with every character that was stored."""
    for provider in (by_role(), by_token()):
        found = provider.resolve(REFERENCE)
        assert (found.secret.reveal(), found.source) == (PASSWORD, 'version 2')


@pytest.mark.parametrize(
    ('reference', 'code'),
    [('netops/none#password', 'secret:not-found'), ('netops/deleted#password', 'secret:not-found'),
     ('netops/core#other', 'secret:not-found'), ('netops/core#number', 'secret:unreadable'),
     ('netops/core#nested', 'secret:unreadable'), ('netopsx/core#password', 'secret:forbidden'),
     ('sys/policy#name', 'secret:refused')],
)  # fmt: skip
def test_not_found(by_role, by_token, reference, code):
    """Absent, deleted, not text, not allowed by the policy, and not set aside."""
    for provider in (by_role(), by_token()):
        assert failure(provider, reference) == code


def test_a_wrong_key(by_role, by_token, key_file, bao):
    """A wrong secret id, one that was destroyed, a wrong role, and a token that nobody knows."""
    assert failure(by_role(secret_id_file=key_file('canary-wrong'))) == 'secret:wrong-key'
    assert failure(by_role(role_id='another')) == 'secret:wrong-key'
    assert failure(by_token('canary-unknown')) == 'secret:wrong-key'
    secret_id = bao.client.auth.approle.generate_secret_id('netops')['data']['secret_id']
    bao.client.auth.approle.destroy_secret_id('netops', secret_id)
    assert failure(by_role(secret_id_file=key_file(secret_id))) == 'secret:wrong-key'


def test_batch_tokens(bao, by_role):
    """As the documentation recommends them: they leave nothing behind, and may not be looked up or revoked."""
    bao.client.auth.approle.create_or_update_approle(
        'netops', token_policies=['netops'], token_ttl='600s', token_type='batch'
    )
    provider = by_role()
    assert provider.resolve(REFERENCE).secret.reveal() == PASSWORD
    assert failure(provider, 'netopsx/core#password') == 'secret:forbidden'


def test_a_login_that_was_revoked(bao, by_role):
    """It logs in again, as often as that happens."""
    provider = by_role()
    for _ in range(3):
        assert provider.resolve(REFERENCE).secret.reveal() == PASSWORD
        for accessor in bao.client.auth.token.list_accessors()['data']['keys']:
            if bao.client.auth.token.lookup_accessor(accessor)['data']['path'] == 'auth/approle/login':
                bao.client.auth.token.revoke_accessor(accessor)


def test_sealed_and_down(bao, by_role, by_token):
    """With a login of before and without one: sealed is told from down, and only down is retried."""
    providers = by_role(), by_token()
    for provider in providers:
        provider.resolve(REFERENCE)
    bao.client.sys.seal()
    for provider in (*providers, by_token('any'), by_role()):
        assert failure(provider) == 'secret:locked'
    bao.stop()
    for provider in (*providers, by_token('any')):
        assert failure(provider) == 'secret:unavailable'
    assert NetOpsError('secret:unavailable').info.retryable
    assert not NetOpsError('secret:locked').info.retryable


def test_another_mount(bao, by_role):
    """A mount with slashes in its name; and one that does not exist, which the server calls forbidden."""
    bao.client.sys.enable_secrets_engine('kv', path='team/kv', options={'version': '2'})
    bao.client.sys.create_or_update_policy('netops', POLICY.replace('secret/', 'team/kv/'))

    def stored():
        try:
            return bao.client.secrets.kv.v2.create_or_update_secret(
                'netops/core', {'password': 'canary-kv'}, mount_point='team/kv'
            )
        except InvalidRequest:
            # The server makes the mount ready in the background.
            return None

    wait_until(stored, what='the mount', timeout=20, child=bao.child)
    assert by_role(mount='team/kv').resolve(REFERENCE).secret.reveal() == 'canary-kv'
    assert failure(by_role(mount='nowhere')) == 'secret:forbidden'
