"""Secrets are found where the administrator set them aside, and nowhere else."""

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.secrets import EnvironmentProvider, Secret, SecretResolver
from netops_worker.wire import CredentialRef


def credential(provider='environment', reference='NETOPS_SECRET_LAB'):
    return CredentialRef(1, 'lab', 'snmp-v2c', provider, reference)


def test_environment_gives_the_variable():
    """A variable NETOPS_SECRET_* is a secret."""
    assert EnvironmentProvider({'NETOPS_SECRET_LAB': 'pub'}).resolve('NETOPS_SECRET_LAB').reveal() == 'pub'


def test_environment_reads_the_process(monkeypatch):
    """Without a mapping it is the environment of the process, as it is at that moment."""
    provider = EnvironmentProvider()
    monkeypatch.setenv('NETOPS_SECRET_LAB', 'late')
    assert provider.resolve('NETOPS_SECRET_LAB').reveal() == 'late'


@pytest.mark.parametrize(
    'name',
    ['PATH', 'SECRET_KEY', 'netops_secret_lab', 'NETOPS_SECRET_', 'NETOPS_SECRET_lab', 'XNETOPS_SECRET_LAB',
     'NETOPS_SECRET_LAB\n', ' NETOPS_SECRET_LAB', 'NETOPS_SECRET_LAB=x', 'NETOPS_SECRET_É', '', None, 5],
)  # fmt: skip
def test_environment_refuses_other_names(name):
    """No other variable of the process can be read by naming it in a credential."""
    with pytest.raises(NetOpsError) as caught:
        EnvironmentProvider({name: 'value-of-it'}).resolve(name)
    assert caught.value.code == 'secret:refused'
    assert 'value-of-it' not in str(caught.value)


@pytest.mark.parametrize('environment', [{}, {'NETOPS_SECRET_LAB': ''}])
def test_environment_missing(environment):
    """A variable that is not set, or empty, is not found."""
    with pytest.raises(NetOpsError) as caught:
        EnvironmentProvider(environment).resolve('NETOPS_SECRET_LAB')
    assert caught.value.code == 'secret:not-found'
    assert 'NETOPS_SECRET_LAB' in caught.value.detail


def test_resolver_asks_the_provider_of_the_credential():
    """The credential names the provider, and that one is asked with its reference."""
    resolver = SecretResolver({'environment': EnvironmentProvider({'NETOPS_SECRET_LAB': 'pub'})})
    assert resolver.resolve(credential()) == Secret('pub')


def test_resolver_refuses_unknown_providers():
    """A provider that is not configured here is refused, not guessed."""
    with pytest.raises(NetOpsError) as caught:
        SecretResolver({}).resolve(credential('vault'))
    assert caught.value.code == 'secret:refused'
    assert "'vault'" in caught.value.detail


class Broken:
    def __init__(self, answer):
        self.answer = answer

    def resolve(self, reference):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize('code', ['secret:not-found', 'secret:refused', 'secret:unavailable'])
def test_resolver_keeps_the_code_of_the_provider(code):
    """The code of a provider arrives, with the name of the credential in front of its detail."""
    with pytest.raises(NetOpsError) as caught:
        SecretResolver({'x': Broken(NetOpsError(code, 'why'))}).resolve(credential('x'))
    assert (caught.value.code, caught.value.detail) == (code, 'lab: why')


def test_resolver_hides_what_a_provider_raises():
    """Of an unexpected exception only the type is told: its text may be the secret."""
    with pytest.raises(NetOpsError) as caught:
        SecretResolver({'x': Broken(ValueError('canary-secret'))}).resolve(credential('x'))
    assert (caught.value.code, caught.value.detail) == ('secret:unavailable', 'lab: ValueError')
    assert caught.value.__suppress_context__


def test_resolver_takes_only_secrets():
    """A provider that returns bare text is a failure: bare text could be printed."""
    with pytest.raises(NetOpsError) as caught:
        SecretResolver({'x': Broken('canary-secret')}).resolve(credential('x'))
    assert caught.value.code == 'secret:unavailable'
    assert 'canary' not in str(caught.value)
