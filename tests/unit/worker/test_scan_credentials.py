"""The scan of a device: which credential is used, and with which options."""

import socket
import time

import pytest

from .agent import GET, NO_SUCH_OBJECT, V1, V2C, Agent, Request, parse, system_objects
from .agent_v3 import AgentV3
from .scan_cases import SILENCE, SYSTEM, credential, scan, v3_credential

pytestmark = pytest.mark.filterwarnings('error')


# Credentials


def test_credentials_are_tried_in_order():
    """The first credential that works is used and remembered; none is tried after it."""
    with Agent(system_objects(), community='right') as agent:
        result = scan(agent, ['wrong', 'right', 'unused'], timeout=SILENCE)
        communities = [request.community for request in agent.requests]
    assert (result.ok, result.credential) == (True, 2)
    assert communities[:2] == [b'wrong', b'right']
    assert b'unused' not in communities


@pytest.mark.parametrize(('options', 'tries'), [({}, 4), ({'max_credentials': 2}, 2)])
def test_the_tries_are_bounded(options, tries):
    """Not more credentials are tried than allowed."""
    with Agent(hook=lambda request: []) as agent:
        result = scan(agent, ['a1', 'b2', 'c3', 'd4', 'e5', 'f6'], timeout=0.05, **options)
        assert len(agent.requests) == tries
    assert result.error_code == 'unreachable:no-response'


@pytest.mark.parametrize('credentials', [[], [credential(1, protocol='ssh'), credential(2, protocol='snmp')]])
def test_no_credential(credentials):
    """Without a credential of SNMP nothing is sent."""
    with Agent(system_objects()) as agent:
        result = scan(agent, credentials=credentials)
        assert agent.requests == []
    assert result.error_code == 'credential:none'


def test_a_dead_device_costs_the_first_get_only():
    """A silent device costs its time-outs for one GET per credential, and nothing more."""
    with Agent(hook=lambda request: []) as agent:
        begin = time.monotonic()
        result = scan(agent, ['a1', 'b2'], retries=1, timeout=0.1)
        assert time.monotonic() - begin < 4 * 0.1 + 0.5
        assert [request.kind for request in agent.requests] == [GET] * 4
    assert result.error_code == 'unreachable:no-response'
    assert result.data == {}
    assert result.credential is None


def test_a_closed_port_ends_the_tries():
    """A closed port is reported at once, without trying further credentials."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(('127.0.0.77', 0))
        begin = time.monotonic()
        result = scan(None, ['one', 'two', 'three'], port=holder.getsockname()[1], timeout=20)
    assert result.error_code == 'unreachable:port-closed'
    # Not 'also tried'
    assert 'c2' not in result.error_detail
    assert time.monotonic() - begin < 5


def test_a_view_without_anything():
    """A credential that may read nothing of the system group is no working credential."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: (
            [request.reply([(name, NO_SUCH_OBJECT) for name in request.oids])]
            if request.community == b'nothing'
            else None
        )
        assert scan(agent, ['nothing']).error_code == 'credential:no-access'
        assert scan(agent, ['nothing', 'public']).credential == 2


def test_versions_are_tried_in_order():
    """Credentials of v1, v2c and v3 are tried as they are listed; the first that works is used."""
    with AgentV3(system_objects(), community='right') as agent:
        credentials = [
            credential(1, protocol='snmp-v1'), credential(2), v3_credential(3, username='stranger'), v3_credential(4),
        ]  # fmt: skip
        result = scan(
            agent, ['wrong', 'wrong', 'authentication-1', 'authentication-1'], credentials=credentials, timeout=SILENCE
        )
        tried = [request.version if isinstance(request, Request) else request.user for request in agent.requests]
    assert (result.ok, result.credential) == (True, 4)
    assert tried[:7] == [V1, V2C, b'', b'stranger', b'', b'operator', b'operator']


def test_a_credential_that_is_rejected():
    """What the agent says about a user is reported before silence, and does not stop the others."""
    with AgentV3(system_objects(), community='right') as agent:
        users = [credential(1), v3_credential(2), v3_credential(3, username='stranger')]
        # None of them is a word of the detail, which would not be shown then.
        secrets = ['not-that-one', 'authentication-2', 'authentication-1']
        result = scan(agent, secrets, credentials=users, timeout=SILENCE)
        assert (result.ok, result.error_code) == (False, 'credential:rejected')
        assert result.error_detail.startswith('c2: wrong authentication key')
        assert 'c3: credential:rejected' in result.error_detail
        assert scan(agent, [*secrets, 'right'], credentials=[*users, credential(4)], timeout=SILENCE).credential == 4


def test_an_agent_that_is_not_authentic():
    """Answers that are signed with other keys are told as such, when nothing better comes."""
    with AgentV3(system_objects()) as agent:
        agent.hook = lambda request: [agent.answer(request, auth='authentication-2')] if request.engine_id else None
        result = scan(agent, ['authentication-1'], credentials=[v3_credential(1)], timeout=SILENCE)
    assert result.error_code == 'snmp:not-authentic'


@pytest.mark.parametrize(
    ('parameters', 'code', 'detail'),
    [
        ({'username': ''}, 'options:invalid', 'user name'),
        ({'username': 5}, 'options:invalid', 'username'),
        ({'auth_protocol': 'CRC'}, 'options:invalid', 'CRC'),
        ({'auth_protocol': '', 'privacy_protocol': 'AES'}, 'options:invalid', 'privacy needs'),
        ({'privacy_protocol': ['AES']}, 'options:invalid', 'privacy_protocol'),
        ({'privacy_reference': 'NETOPS_SECRET_NONE'}, 'secret:not-found', 'NETOPS_SECRET_NONE'),
        ({'context_name': 7}, 'options:invalid', 'context_name'),
    ],
)
def test_wrong_parameters_of_a_user(parameters, code, detail):
    """A user that cannot exist is told by the name of its credential, and nothing is sent."""
    with AgentV3(system_objects()) as agent:
        result = scan(agent, ['authentication-1'], credentials=[v3_credential(1, **parameters)])
        assert agent.requests == []
    assert result.error_code == code
    assert detail in result.error_detail
    assert result.error_detail.count('c1') == 1


@pytest.mark.parametrize(
    ('agent', 'parameters'),
    [
        ({'auth': '', 'priv': ''}, {'auth_protocol': '', 'privacy_protocol': ''}),
        ({'priv': ''}, {'privacy_protocol': None}),
        ({'contexts': ('vlan-7',)}, {'context_name': 'vlan-7'}),
    ],
    ids=['noAuthNoPriv', 'authNoPriv', 'context'],
)
def test_levels_of_a_user(agent, parameters):
    """Users without privacy, or without any key, and in a context."""
    wanted = {name: value for name, value in parameters.items() if value is not None}
    if parameters.get('privacy_protocol', '') is None:
        wanted['privacy_protocol'] = ''
    with AgentV3(system_objects(), **agent) as running:
        assert scan(running, ['authentication-1'], credentials=[v3_credential(1, **wanted)]).ok


def test_a_missing_secret_does_not_stop_the_others():
    """A credential whose secret is missing is passed over."""
    with Agent(system_objects()) as agent:
        assert scan(agent, [None, 'public']).credential == 2


@pytest.mark.parametrize(
    ('communities', 'answers', 'code'),
    [
        (['a1', None], [], 'secret:not-found'),
        ([None, 'a1'], [], 'secret:not-found'),
        ([None, None], [], 'secret:not-found'),
        (['a1', 'b2'], [], 'unreachable:no-response'),
        (['a1', None], ['garbage'], 'snmp:malformed'),
        ([None, 'a1'], ['refuse'], 'credential:no-access'),
        (['a1', 'b2'], ['refuse', 'garbage'], 'credential:no-access'),
        (['a1', 'b2'], ['garbage', 'refuse'], 'credential:no-access'),
        (['a1', 'b2'], ['silence', 'garbage'], 'snmp:malformed'),
    ],
)
def test_the_most_useful_failure_is_reported(communities, answers, code):
    """What the device said comes before a secret that is missing, and that before silence."""
    behaviour = {'garbage': lambda request: [b'garbage'], 'refuse': lambda request: [request.refuse(16)]}
    by_community = dict(zip([value.encode() for value in communities if value], answers, strict=False))

    def hook(request):
        return behaviour.get(by_community.get(request.community), lambda request: [])(request)

    with Agent(hook=hook) as agent:
        result = scan(agent, communities, timeout=SILENCE)
    assert (result.ok, result.error_code) == (False, code)
    assert 'c1' in result.error_detail
    if len(communities) == 2:
        assert 'c2' in result.error_detail


def test_no_secret_in_a_result():
    """Neither what worked nor what did not appears anywhere in a result."""
    with Agent(system_objects(), community='canary-right') as agent:
        for communities in (['canary-wrong', 'canary-right'], ['canary-wrong', 'canary-other']):
            assert 'canary' not in repr(scan(agent, communities, timeout=SILENCE))


def test_no_pass_phrase_in_a_result():
    """The same of pass phrases, right, wrong, and too short."""
    for auth, privacy in (('canary-auth', 'canary-priv'), ('canary-wrong', 'canary-priv'), ('canary', 'canary')):
        with AgentV3(system_objects(), auth='canary-auth', priv='canary-priv') as agent:
            result = scan(agent, [auth], credentials=[v3_credential(1)], privacy=privacy, timeout=SILENCE)
        assert 'canary' not in repr(result)
        assert result.ok is (auth == 'canary-auth')


# Options


def test_the_port_of_the_credential():
    """A credential may name the port; the option of the task wins over it; then it is 161."""
    with Agent(system_objects()) as agent:
        assert scan(None, credentials=[credential(1, port=agent.port)]).ok
        assert scan(agent, credentials=[credential(1, port=1)]).ok


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('port', 0), ('port', 65536), ('port', '161'), ('port', 161.5), ('port', True),
        ('timeout', 0), ('timeout', -1), ('timeout', 61), ('timeout', 'x'), ('timeout', float('nan')),
        ('retries', -1), ('retries', 11), ('retries', 1.5), ('retries', [1]),
        ('max_repetitions', 0), ('max_repetitions', 101), ('max_repetitions', 10**400),
        ('max_credentials', 0), ('max_credentials', 17),
        ('deadline', 0), ('deadline', 3601), ('deadline', float('inf')), ('deadline', False),
    ],
)  # fmt: skip
def test_wrong_options(name, value):
    """An option out of its range is refused by name before anything is sent."""
    with Agent(system_objects()) as agent:
        result = scan(agent, **{name: value})
        assert agent.requests == []
    assert result.error_code == 'options:invalid'
    assert name in result.error_detail


@pytest.mark.parametrize('port', [0, 'snmp', True])
def test_a_wrong_port_of_a_credential(port):
    """A wrong port parameter of a credential is reported by the credential's name."""
    result = scan(None, credentials=[credential(1, port=port)])
    assert result.error_code == 'options:invalid'
    assert 'c1' in result.error_detail
    assert 'port' in result.error_detail


def test_other_options_are_ignored():
    """Options that are not set, or meant for something else, do no harm."""
    with Agent(system_objects()) as agent:
        assert scan(agent, deadline=None, max_repetitions=None, colour='blue').ok


def test_a_host_name():
    """A name is looked up, and one that does not resolve ends the tries."""
    address = socket.getaddrinfo('localhost', 161, type=socket.SOCK_DGRAM)[0][4][0]
    with Agent(system_objects(), address=address) as agent:
        assert scan(agent, address='localhost').ok
    error = scan(None, ['one', 'two'], address='a..b')
    assert error.error_code == 'target:no-address'
    assert 'also tried' not in error.error_detail


def test_the_first_get_asks_for_the_system_group():
    """The GET that decides over a credential is the one that reads the system group."""
    with Agent(system_objects()) as agent:
        scan(agent)
        first = agent.requests[0]
    assert first.kind == GET
    assert first.oids == [parse(f'{SYSTEM}.{number}.0') for number in range(1, 7)]
