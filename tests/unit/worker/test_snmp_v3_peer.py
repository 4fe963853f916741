"""Each pair of authentication and privacy protocols is understood by pysnmp's agent, and understands it."""

import pytest

from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.probes.snmp.usm_keys import AUTH_PROTOCOLS, PRIV_PROTOCOLS
from netops_worker.secrets import Secret

from .pysnmp_agent import AUTH_PASSPHRASE, PRIV_PASSPHRASE, USERS, pysnmp_agent
from .snmp_session import fails, get, session

DESCR = '1.3.6.1.2.1.1.1.0'
COLUMNS = ['1.3.6.1.2.1.1.1', '1.3.6.1.2.1.1.3']


@pytest.fixture(scope='module')
def agent():
    with pysnmp_agent() as port:
        yield port


def security(name, auth, priv, passphrase=AUTH_PASSPHRASE):
    return UserSecurity(
        SecurityUser(
            name,
            auth or None,
            Secret(passphrase) if auth else None,
            priv or None,
            Secret(PRIV_PASSPHRASE) if priv else None,
        )
    )


def test_all_protocols_are_tried():
    """There is a user for each pair, so that none is left out below."""
    pairs = {(auth, priv) for auth in AUTH_PROTOCOLS for priv in ('', *PRIV_PROTOCOLS)}
    assert set(USERS.values()) == pairs | {('', '')}


@pytest.mark.parametrize(('name', 'protocols'), USERS.items(), ids=USERS)
def test_protocols(agent, name, protocols):
    """A GET and a walk with these protocols give what the agent has."""

    async def read(client):
        return await client.get([DESCR]), await client.walk(COLUMNS)

    # It is slow, and what counts is that it understands.
    values, walked = session(agent, read, security=security(name, *protocols), timeout=20, max_repetitions=2)
    assert b'pysnmp' in values[DESCR].lower()
    assert walked.failures == {}
    assert walked.columns[COLUMNS[0]] == {'0': values[DESCR]}
    assert len(walked.columns[COLUMNS[1]]) == 1


@pytest.mark.parametrize(
    ('name', 'auth', 'priv', 'passphrase', 'detail'),
    [
        ('nobody', 'SHA', '', AUTH_PASSPHRASE, 'unknown user'),
        ('SHA-none', 'SHA', '', 'authentication-2', 'wrong authentication'),
        ('SHA-none', 'SHA-256', '', AUTH_PASSPHRASE, 'wrong authentication'),
    ],
)
def test_refusals(agent, name, auth, priv, passphrase, detail):
    """What pysnmp reports about a wrong user is told as such."""
    error = fails(agent, get(DESCR), security=security(name, auth, priv, passphrase))
    assert error.code == 'credential:rejected'
    assert detail in error.detail
