"""Secrets are found where the administrator set them aside, and nowhere else."""

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.secrets import EnvironmentProvider, check_reference


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


@pytest.mark.parametrize(
    ('provider', 'reference'),
    [('environment', 'NETOPS_SECRET_X'), ('file', 'snmp/core'), ('vault', 'netops/core-1/snmp#v3.auth'),
     ('vault', 'a#b'), ('netbox-secrets', 'snmp-community'), ('netbox-secrets', 'login/admin@core 1/x')],
)  # fmt: skip
def test_references_of_the_right_form(provider, reference):
    """Every provider has a form of its own for references."""
    check_reference(provider, reference)


@pytest.mark.parametrize(
    ('provider', 'reference'),
    [('vault', text) for text in (
        'netops/core', 'netops/core#', '#field', '/netops/core#x', 'netops//core#x', 'netops/../other#x', '../x#y',
        './x#y', 'netops/*#x', 'netops/+#x', 'netops/core#*', 'netops/core#a#b', 'netops/core?version=1#x',
        'netops/%2e%2e/other#x', 'netops\\core#x', 'netops/core#x\n', 'netops/co\0re#x', 'netops/core/#x', '', None, 5,
    )]
    + [('netbox-secrets', text) for text in ('', '/name', 'role/', 'a b', 'role/na\nme', 'role\n', '../x', None)]
    + [('carrier-pigeon', 'x'), ('', 'x')],
)  # fmt: skip
def test_references_of_a_wrong_form(provider, reference):
    """Nothing that leaves its place, matches more than one secret, or is no name is accepted."""
    with pytest.raises(NetOpsError) as caught:
        check_reference(provider, reference)
    assert caught.value.code == 'secret:refused'
