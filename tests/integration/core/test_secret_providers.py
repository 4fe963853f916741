"""The secret providers inside of NetBox: set up from PLUGINS_CONFIG, and said clearly what is not there.

What the plugin netbox-secrets answers where it is loaded is tested in tests/e2e/test_netbox_secrets.py.
"""

from pathlib import Path

import pytest
from django.core import checks
from django.core.exceptions import ValidationError

from netbox_netops.models import Credential
from netbox_netops.secret_settings import NetBoxSecretsConfig
from netbox_netops.secrets import get_resolver
from netbox_netops.settings import get_settings
from netops_worker.errors import NetOpsError
from netops_worker.secrets import Secret, VaultConfig
from netops_worker.wire import CredentialRef

VAULT = {'url': 'http://127.0.0.1:1', 'prefixes': ['netops'], 'timeout': 1}
NETBOX_SECRETS = {'user': 'netops', 'session_key_file': '/nonexistent', 'lookup': ['device', 'site']}


def reference(provider, text):
    return CredentialRef(1, 'lab', 'snmp-v2c', provider, text)


@pytest.fixture
def configured(settings, secrets_directory, tmp_path):
    """`configured(**values)`: the plugin's settings for this test, with the directory of secret files."""

    def configure(**values):
        values['secrets_directory'] = str(secrets_directory)
        settings.PLUGINS_CONFIG = {**settings.PLUGINS_CONFIG, 'netbox_netops': values}

    return configure


def test_settings_as_objects(configured):
    """What is written as a mapping arrives as what the providers take."""
    configured(
        vault={**VAULT, 'token_file': '/t'}, netbox_secrets=NETBOX_SECRETS, secret_fallback=['vault', 'netbox-secrets']
    )
    parsed = get_settings()
    assert parsed.vault == VaultConfig('http://127.0.0.1:1', ('netops',), token_file='/t', timeout=1)
    assert parsed.netbox_secrets == NetBoxSecretsConfig(
        'netops', session_key_file='/nonexistent', lookup=('device', 'site')
    )
    assert parsed.secret_fallback == ('vault', 'netbox-secrets')


@pytest.mark.parametrize('provider', ['vault', 'netbox-secrets'])
def test_what_is_not_configured_is_not_installed(configured, provider):
    """Without its setting a provider is not there."""
    configured()
    with pytest.raises(NetOpsError) as caught:
        get_resolver().resolve(reference(provider, 'netops/core#password' if provider == 'vault' else 'snmp'))
    assert caught.value.code == 'secret:not-installed'


@pytest.mark.django_db
def test_netbox_secrets_is_not_loaded(configured, secrets_directory):
    """With the setting and without the plugin it says so; and falls back where the administrator wants that."""
    configured(netbox_secrets=NETBOX_SECRETS)
    with pytest.raises(NetOpsError) as caught:
        get_resolver().resolve(reference('netbox-secrets', 'snmp'))
    assert (caught.value.code, caught.value.detail) == (
        'secret:not-installed',
        'lab: the plugin netbox-secrets is not loaded',
    )
    (secrets_directory / 'snmp').write_text('from-file')
    configured(netbox_secrets=NETBOX_SECRETS, secret_fallback=['file'])
    told = []
    assert get_resolver().resolve(reference('netbox-secrets', 'snmp'), record=told.append) == Secret('from-file')
    assert (told[0].asked, told[0].provider) == ('netbox-secrets', 'file')


def test_vault_is_asked(configured, tmp_path):
    """With the setting it is asked: nobody is there, which is not the same as not configured."""
    token = Path(tmp_path, 'token')
    token.touch(mode=0o600)
    token.write_text('canary-token')
    configured(vault={**VAULT, 'token_file': str(token)}, secret_fallback=['environment'])
    with pytest.raises(NetOpsError) as caught:
        get_resolver().resolve(reference('vault', 'netops/core#password'))
    assert caught.value.code == 'secret:unavailable'
    assert 'canary' not in str(caught.value)


def test_the_check_names_what_is_not_loaded(configured):
    """`netbox check` and every start warn of a provider that is configured and not there."""
    configured(netbox_secrets=NETBOX_SECRETS)
    assert [(warning.id, warning.level) for warning in _ours()] == [('netbox_netops.W001', checks.WARNING)]
    configured()
    assert not _ours()


def _ours():
    return [warning for warning in checks.run_checks() if warning.id.startswith('netbox_netops.')]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ('provider', 'text', 'is_right'),
    [('vault', 'netops/core#password', True), ('vault', 'netops/../x#password', False), ('vault', 'netops/core', False),
     ('netbox-secrets', 'snmp', True), ('netbox-secrets', 'login/admin', True), ('netbox-secrets', 'a b', False)],
)  # fmt: skip
def test_references_are_checked_where_they_are_entered(provider, text, is_right):
    """By the form that the provider has."""
    credential = Credential(name='lab', provider=provider, reference=text)
    if is_right:
        credential.full_clean()
    else:
        with pytest.raises(ValidationError) as caught:
            credential.full_clean()
        assert set(caught.value.error_dict) == {'reference'}
