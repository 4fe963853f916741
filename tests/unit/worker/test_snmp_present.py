"""The question which tables an agent has: one request where the agent behaves, more where it does not."""

import pytest

from .agent import END_OF_VIEW, GETNEXT, Agent, below, interface_objects, oid, string, system_objects
from .snmp_session import (
    AUTHORIZATION_ERROR,
    DESCR,
    GEN_ERR,
    NO_ACCESS,
    NO_SUCH_NAME,
    TIMEOUT,
    TOO_BIG,
    V1,
    fails,
    session,
)

pytestmark = pytest.mark.filterwarnings('error')

ALIAS = '1.3.6.1.2.1.31.1.1.1.18'
SUBTREES = ('1.3.6.1.2.1.1', DESCR, '1.3.6.1.2.1.3', ALIAS, '1.3.6.1.4.1.9')
PRESENT = {'1.3.6.1.2.1.1', DESCR, ALIAS}


def is_present(client):
    return client.present(SUBTREES)


def test_present():
    """One request tells which of the subtrees have anything."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        assert session(agent, is_present) == PRESENT
        assert [request.kind for request in agent.requests] == [GETNEXT]


def test_present_in_v1():
    """In SNMP v1 each subtree behind which nothing follows costs one request more."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        assert session(agent, is_present, version=V1) == PRESENT
        assert [len(request.oids) for request in agent.requests] == [5, 4]


def test_present_of_nothing():
    """Nothing asked, nothing sent."""
    with Agent() as agent:
        assert session(agent, lambda client: client.present([])) == set()
        assert agent.requests == []


@pytest.mark.parametrize('status', [TOO_BIG, GEN_ERR])
@pytest.mark.parametrize('most', [1, 2, 4])
def test_present_where_fewer_can_be_asked_for(status, most):
    """An agent that refuses the whole is asked for parts."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [request.refuse(status)] if len(request.oids) > most else None
        assert session(agent, is_present) == PRESENT


def test_present_where_one_has_no_such_name():
    """A subtree of which the agent says so is absent, and only that, also if it does not say which one it means."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [request.refuse(NO_SUCH_NAME, index=0)] if below(request, DESCR) else None
        assert session(agent, is_present) == PRESENT - {DESCR}


@pytest.mark.parametrize('status', [GEN_ERR, NO_ACCESS, AUTHORIZATION_ERROR])
@pytest.mark.parametrize('refused', [DESCR, SUBTREES[-1]])
def test_present_where_one_is_refused(status, refused):
    """An error does not say that there is nothing: of an agent in trouble a whole table would be taken for gone."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [request.refuse(status, index=0)] if below(request, refused) else None
        assert session(agent, is_present) == PRESENT | {refused}


def test_present_of_a_busy_agent():
    """Refused while it is busy, then answered: nothing is taken for absent that is there."""
    with Agent(system_objects() | interface_objects(3)) as agent:
        agent.hook = lambda request: [request.refuse(GEN_ERR)] if len(agent.requests) < 5 else None
        assert session(agent, is_present) >= PRESENT


@pytest.mark.parametrize('most', [1, 2])
def test_present_where_answers_are_cut_off(most):
    """What an answer leaves out is asked for again."""
    with Agent(system_objects() | interface_objects(3), most=most) as agent:
        assert session(agent, is_present) == PRESENT


def test_present_where_nothing_is_answered():
    """An agent that gives no binding at all has said nothing, and is not asked for ever."""
    with Agent(hook=lambda request: [request.reply([])]) as agent:
        assert session(agent, is_present) == set(SUBTREES)
        assert len(agent.requests) <= 2 * len(SUBTREES)


def test_present_where_the_question_is_met_with_silence():
    """If the agent lives but is silent to the question, all subtrees may be there: the walks will tell."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [] if request.kind == GETNEXT else None
        assert session(agent, is_present, timeout=TIMEOUT) == set(SUBTREES)


def test_present_of_a_dead_agent():
    """If it does not live, that is the failure."""
    with Agent(hook=lambda request: []) as agent:
        assert fails(agent, is_present, timeout=TIMEOUT).code == 'unreachable:no-response'


def test_present_at_the_end_of_the_view():
    """An agent that names what it was asked for, with a value or without, has nothing below it."""
    with Agent() as agent:
        agent.hook = lambda request: [request.reply([(name, string('x')) for name in request.oids])]
        assert session(agent, is_present) == set()
        agent.hook = lambda request: [request.reply([(name, END_OF_VIEW) for name in request.oids])]
        assert session(agent, is_present) == set()
        agent.hook = lambda request: [request.reply([((*name, 1), oid('1.3')) for name in request.oids])]
        assert session(agent, is_present) == set(SUBTREES)
