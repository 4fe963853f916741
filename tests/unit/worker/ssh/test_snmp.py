"""Credentials of SNMP, alone and next to those of SSH."""

import pytest

from netops_worker.engine import Engine
from netops_worker.probes.ssh.check import CredentialCheckProbe
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

from ..agent import NO_SUCH_OBJECT, Agent, system_objects
from ..agent_v3 import AgentV3
from ..scan_cases import PRIVACY, SILENCE, v3_credential
from .cases import checks, only, password


def community(number, protocol='snmp-v2c'):
    return CredentialRef(number, f'c{number}', protocol, 'environment', f'NETOPS_SECRET_C{number}')


def check(agent, secrets, credentials, *, ssh=None, timeout=5):
    """The result for credentials of both kinds; `agent` may be silent."""
    environment = {f'NETOPS_SECRET_C{number}': secret for number, secret in enumerate(secrets, 1)}
    options = {'snmp': {'port': agent.port, 'timeout': timeout, 'retries': 0}, 'ssh': {'port': ssh, 'timeout': 20}}
    task = make_task(1, kind='credential-check', credentials=tuple(credentials), options=options)
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider({**environment, PRIVACY: 'privacy-1'})})
    Engine(MemorySource([task]), sink, {'credential-check': CredentialCheckProbe()}, resolver, worker='w').run()
    return sink.results[1]


@pytest.mark.parametrize('protocol', ['snmp-v1', 'snmp-v2c'])
def test_a_community(protocol):
    """An answer accepts it; silence proves nothing, because agents are silent to a wrong one."""
    with Agent(system_objects(), community='right-community') as agent:
        result = check(agent, ['right-community'], [community(1, protocol)])
        assert (checks(result), result.ok, result.credential) == ([('accepted', '')], True, 1)
        found = result.data['credential_check']
        assert (found['server'], found['host_key'], found['host_key_state']) == (None, None, 'unknown')
        result = check(agent, ['wrong-community'], [community(1, protocol)], timeout=SILENCE)
        assert checks(result) == [('unknown', 'unreachable:no-response')]
        assert result.error_code == 'unreachable:no-response'


def test_all_are_tried():
    """One that works does not spare the others."""
    with Agent(system_objects(), community='right-community') as agent:
        secrets = ['wrong-community', 'right-community', 'other-community']
        result = check(agent, secrets, [community(number) for number in (1, 2, 3)], timeout=SILENCE)
    assert [verdict for verdict, _ in checks(result)] == ['unknown', 'accepted', 'unknown']
    # It answered: the device is not unreachable.
    assert (result.error_code, result.credential) == ('credential:unclear', 2)


@pytest.mark.parametrize(
    ('parameters', 'secret', 'expected'),
    [
        ({}, 'authentication-1', ('accepted', '')),
        ({}, 'authentication-2', ('rejected', 'credential:rejected')),
        ({'username': 'stranger'}, 'authentication-1', ('rejected', 'credential:rejected')),
        ({'auth_protocol': 'ROT13'}, 'authentication-1', ('unknown', 'options:invalid')),
    ],
)
def test_a_user(parameters, secret, expected):
    """An agent of SNMP v3 says what it thinks of a user."""
    with AgentV3(system_objects()) as agent:
        result = check(agent, [secret], [v3_credential(1, **parameters)])
    assert checks(result) == [expected]


def test_nothing_is_readable():
    """A credential that is known and may read nothing is not rejected."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [request.reply([(name, NO_SUCH_OBJECT) for name in request.oids])]
        result = check(agent, ['public-community'], [community(1)])
    assert checks(result) == [('unknown', 'credential:no-access')]


def test_next_to_ssh(devices, closed_port):
    """A device that is silent over SNMP and answers over SSH, and the other way round."""
    port, _ = devices.start()
    with Agent(system_objects(), community='right-community') as agent:
        credentials = [community(1), password(2)]
        result = check(agent, ['wrong-community', 'right-password'], credentials, ssh=port, timeout=SILENCE)
        assert checks(result) == [('unknown', 'unreachable:no-response'), ('accepted', '')]
        assert result.error_code == 'credential:unclear'
        result = check(agent, ['right-community', 'right-password'], credentials, ssh=closed_port)
        assert checks(result) == [('accepted', ''), ('unknown', 'unreachable:port-closed')]
        assert result.error_code == 'credential:unclear'
        assert result.error_detail == 'c2: unreachable:port-closed'


def test_no_community_in_a_result():
    """Whatever an agent does, the community is in no result."""
    with Agent(system_objects(), community='canary-5678') as agent:
        assert 'canary' not in str(check(agent, ['canary-5678'], [community(1)]))
        agent.hook = lambda request: [b'canary-5678']
        result = check(agent, ['canary-5678'], [community(1)], timeout=SILENCE)
    assert only(result)['code'] == 'snmp:malformed'
    assert 'canary' not in str(result)
