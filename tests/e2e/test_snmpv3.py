"""Our SNMP v3 and that of net-snmp's agent, which most of the world runs, understand each other.

No NetBox here: the session is driven directly. pysnmp's agent is asked in the unit tests.
"""

import asyncio
import itertools
import time

import pytest

from lab.runs import RunDirectory
from lab.snmpd import Snmpd
from netops_worker.clock import lease_now
from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.client import SessionOptions
from netops_worker.probes.snmp.session import Session
from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.secrets import Secret, SecretResolver

AUTH = ('MD5', 'SHA', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512')
# Our name of the protocol to that of snmpd. It has no 3DES.
PRIV = {'DES': 'DES', 'AES': 'AES', 'AES-192': 'AES-192', 'AES-256': 'AES-256', 'AES-192-C': 'AES192C',
        'AES-256-C': 'AES256C'}  # fmt: skip
PAIRS = list(itertools.product(AUTH, ('', *PRIV)))
AUTH_PASSPHRASE, PRIV_PASSPHRASE = 'authentication-1', 'privacy-1'

NAME = '1.3.6.1.2.1.1.5.0'
SYSTEM, IF_DESCR = '1.3.6.1.2.1.1', '1.3.6.1.2.1.2.2.1.2'
UPTIME = '1.3.6.1.2.1.1.3.0'


def user_name(auth, priv):
    return f'{auth}-{priv or "none"}'


def configuration():
    """The users, each with the least level that it may use."""
    yield 'createUser nobody'
    yield 'rouser nobody noauth'
    for auth, priv in PAIRS:
        privacy = f' {PRIV[priv]} "{PRIV_PASSPHRASE}"' if priv else ''
        yield f'createUser {user_name(auth, priv)} {auth} "{AUTH_PASSPHRASE}"{privacy}'
        yield f'rouser {user_name(auth, priv)} {"priv" if priv else "auth"}'
    # Another user who sees one object, and that in one context only.
    yield f'createUser elsewhere SHA "{AUTH_PASSPHRASE}"'
    yield f'view name included {NAME}'
    yield 'group elsewhere usm elsewhere'
    yield 'access elsewhere vlan-7 usm auth exact name none none'
    yield f'proxy -Cn vlan-7 -v2c -c public {{address}}:{{port}} {SYSTEM}'


@pytest.fixture(scope='module')
def run():
    with RunDirectory('snmpv3') as directory:
        yield directory


@pytest.fixture(scope='module')
def agent(run, program):
    program('snmpd')
    address, port = '127.22.3.1', 16261
    lines = [line.replace('{address}:{port}', f'{address}:{port}') for line in configuration()]
    with Snmpd(run, address, port=port, sys_name='v3-agent', lines=lines) as running:
        yield running


def security(name, auth='', priv='', *, auth_passphrase=AUTH_PASSPHRASE, priv_passphrase=PRIV_PASSPHRASE, context=''):
    return UserSecurity(
        SecurityUser(
            name,
            auth or None,
            Secret(auth_passphrase) if auth else None,
            priv or None,
            Secret(priv_passphrase) if priv else None,
        ),
        context,
    )


def session(agent, proof, action, *, timeout=5.0):
    async def run():
        now = time.monotonic()
        context = ProbeContext(SecretResolver({}), now + 60, lease_now() + 90)
        options = SessionOptions(port=agent.port, timeout=timeout, retries=0)
        client = await Session.open(agent.address, proof, options, context)
        try:
            return await action(client)
        finally:
            client.close()

    return asyncio.run(run())


async def read(client):
    values = await client.get([NAME])
    walked = await client.walk([SYSTEM, IF_DESCR])
    return values, walked


def refused(agent, proof, *, timeout=5.0):
    with pytest.raises(NetOpsError) as caught:
        session(agent, proof, lambda client: client.get([NAME]), timeout=timeout)
    return caught.value


def check(agent, proof):
    values, walked = session(agent, proof, read)
    assert values == {NAME: b'v3-agent'}
    assert walked.failures == {}
    assert walked.columns[SYSTEM]['5.0'] == b'v3-agent'
    assert b'lo' in walked.columns[IF_DESCR].values()


@pytest.mark.parametrize(('auth', 'priv'), PAIRS, ids=[user_name(*pair) for pair in PAIRS])
def test_protocols(agent, auth, priv):
    """GET and GETBULK with each pair of protocols."""
    check(agent, security(user_name(auth, priv), auth, priv))


def test_without_authentication(agent):
    """A user without any key."""
    check(agent, security('nobody'))


@pytest.mark.parametrize(
    ('proof', 'detail'),
    [
        (security('stranger', 'SHA'), 'unknown user'),
        (security('SHA-AES', 'SHA', 'AES', auth_passphrase='authentication-2'), 'wrong authentication'),
        (security('SHA-AES', 'SHA-256', 'AES'), 'wrong authentication'),
        (security('SHA-none', 'SHA', 'AES'), 'level'),
    ],
    ids=['user', 'pass phrase', 'protocol', 'level'],
)
def test_wrong_credentials(agent, proof, detail):
    """What snmpd reports is told as what is wrong with the credential."""
    error = refused(agent, proof)
    assert error.code == 'credential:rejected'
    assert detail in error.detail


@pytest.mark.parametrize('proof', [security('SHA-AES', 'SHA'), security('SHA-AES')], ids=['no privacy', 'nothing'])
def test_less_than_the_user_must(agent, proof):
    """A user at a lower level than the agent wants is refused access, not taken for unknown."""
    assert refused(agent, proof).code == 'credential:no-access'


@pytest.mark.parametrize('priv', ['AES', 'DES'])
def test_a_wrong_privacy_key(agent, priv):
    """snmpd is silent to what it cannot decrypt, or reports it."""
    proof = security(user_name('SHA', priv), 'SHA', priv, priv_passphrase='privacy-2')
    assert refused(agent, proof, timeout=1).code in ('unreachable:no-response', 'credential:rejected')


def test_a_context(agent):
    """The context name is understood: in it there is what is nowhere else, and outside of it there is nothing."""
    proof = security('elsewhere', 'SHA', context='vlan-7')
    assert session(agent, proof, lambda client: client.get([NAME, UPTIME])) == {NAME: b'v3-agent'}
    assert refused(agent, security('elsewhere', 'SHA')).code == 'credential:no-access'


def test_an_agent_that_restarts(agent):
    """A session goes on with an agent that restarted meanwhile, whose boots went up and whose time began anew."""

    async def act(client):
        first = await client.get([NAME])
        agent.stop()
        agent.start()
        return first, await client.get([NAME])

    first, second = session(agent, security('SHA-256-AES', 'SHA-256', 'AES'), act)
    assert first == second == {NAME: b'v3-agent'}
