"""What one column, a bad line or silence costs a walk: that, and nothing else of the table."""

import pytest

from .agent import (
    GET,
    GETBULK,
    Agent,
    below,
    interface_objects,
    parse,
    string,
    system_objects,
)
from .snmp_session import (
    ALIAS,
    DESCR,
    GEN_ERR,
    MTU,
    NAMES,
    NO_ACCESS,
    NO_SUCH_NAME,
    SPEED,
    TIMEOUT,
    TOO_BIG,
    TYPE,
    V1,
    numbers,
    rows,
    session,
    walk,
)

pytestmark = pytest.mark.filterwarnings('error')


# One column fails


@pytest.mark.parametrize('status', [GEN_ERR, NO_ACCESS, 99])
@pytest.mark.parametrize('bad', [DESCR, TYPE, MTU])
def test_a_refused_column(bad, status):
    """A column that the agent answers with an error costs that column only."""
    with Agent(interface_objects(30)) as agent:
        agent.hook = lambda request: [request.refuse(status)] if below(request, bad) else None
        found = session(agent, walk(DESCR, TYPE, MTU))
    good = {DESCR, TYPE, MTU} - {bad}
    assert set(found.failures) == {bad}
    assert found.failures[bad].code == ('credential:no-access' if status == NO_ACCESS else 'snmp:error-status')
    assert found.columns[bad] == {}
    assert all(list(found.columns[column]) == numbers(30) for column in good)


@pytest.mark.parametrize('trouble', ['error', 'silence'])
def test_a_table_that_goes_away(trouble):
    """An agent in trouble that then has nothing of the table has not said that the table is empty."""

    def hook(request):
        if request.oids[0][: len(parse(DESCR)) - 2] != parse(DESCR)[:-2]:
            return None
        if len(agent.requests) <= 2:
            return [request.refuse(GEN_ERR)] if trouble == 'error' else []
        return None

    with Agent(system_objects()) as agent:
        agent.hook = hook
        found = session(agent, walk(DESCR, TYPE, MTU), timeout=TIMEOUT)
    codes = {column: error.code for column, error in found.failures.items()}
    code = 'snmp:error-status' if trouble == 'error' else 'snmp:no-answer'
    assert codes == dict.fromkeys((DESCR, TYPE, MTU), code)


def test_an_empty_table():
    """Without trouble it is empty."""
    with Agent(system_objects()) as agent:
        assert session(agent, walk(DESCR, TYPE, MTU)).failures == {}


def test_an_empty_table_of_an_agent_for_which_the_request_is_too_big():
    """It says how to ask, not that it is in trouble."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: [request.refuse(TOO_BIG)] if len(request.oids) > 1 else None
        assert session(agent, walk(DESCR, TYPE, MTU)).failures == {}


def test_a_row_that_is_refused():
    """Rows before one that the agent answers with an error are kept, one by one up to it."""
    last = parse(f'{TYPE}.14')

    def hook(request):
        names = [name for name in request.oids if name[: len(parse(TYPE))] == parse(TYPE)]
        reach = max(request.repetitions, 1)
        refuse = any((*name, 0)[10] + reach > last[10] for name in names)
        return [request.refuse(GEN_ERR)] if refuse else None

    with Agent(interface_objects(30), hook=hook) as agent:
        found = session(agent, walk(DESCR, TYPE, MTU))
    assert {column: len(rows) for column, rows in found.columns.items()} == {DESCR: 30, TYPE: 14, MTU: 30}
    assert {column: error.code for column, error in found.failures.items()} == {TYPE: 'snmp:error-status'}


@pytest.mark.parametrize('index', [None, 0, 7])
def test_no_such_name_ends_a_walk(index):
    """noSuchName, which says in SNMP v1 that there is nothing more, ends a walk in v2c as well."""

    def hook(request):
        return [request.refuse(NO_SUCH_NAME, index=index)] if request.oids[0] >= parse(f'{DESCR}.25') else None

    with Agent(interface_objects(25), hook=hook) as agent:
        assert list(rows(agent)) == numbers(25)


def test_no_such_name_blames_one_column():
    """In SNMP v1 the error index says which of the columns has ended; the others go on together."""
    with Agent(interface_objects(30, high=False)) as agent:
        found = rows(agent, DESCR, '1.3.6.1.4.1.9.2', ALIAS, TYPE, version=V1)
        widths = [len(request.oids) for request in agent.requests]
    assert [len(column) for column in found.values()] == [30, 0, 0, 30]
    assert widths[:3] == [4, 3, 2]
    assert set(widths[3:]) == {2}


def test_an_endless_column():
    """A column whose OIDs do not increase ends, and keeps its good rows, while the others are read."""

    def hook(request):
        if not below(request, TYPE):
            return None
        position = request.oids.index(next(name for name in request.oids if name[:10] == parse(TYPE)))
        binds, _, _ = agent._view.answer(request)
        width = len(request.oids)
        return [request.reply([
            (parse(f'{TYPE}.{(place // width) % 2 + 1}'), string('x')) if place % width == position else bind
            for place, bind in enumerate(binds)
        ])]  # fmt: skip

    with Agent(interface_objects(30), hook=hook) as agent:
        found = session(agent, walk(DESCR, TYPE, MTU))
    assert {column: len(rows) for column, rows in found.columns.items()} == {DESCR: 30, TYPE: 2, MTU: 30}
    assert {column: error.code for column, error in found.failures.items()} == {TYPE: 'snmp:endless-walk'}


# Silence


def test_a_device_that_dies_in_a_walk():
    """If the agent is gone, the walk fails with what it had, without trying every smaller request."""
    with Agent(system_objects() | interface_objects(60)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 1 else None
        found = session(agent, walk(DESCR, TYPE), timeout=TIMEOUT)
        assert len(agent.requests) == 3
        assert agent.requests[-1].kind == GET
    assert {error.code for error in found.failures.values()} == {'unreachable:no-response'}
    assert [len(column) for column in found.columns.values()] == [25, 25]


def test_a_bad_line():
    """Where now and then a request and its repetitions are lost, a long table is still read in large requests."""
    lost = set()

    def hook(request):
        # Twice in a row, at three places.
        place = len(agent.requests) // 12
        if len(agent.requests) % 12 < 2 and place in (1, 2, 3) and below(request, DESCR):
            lost.add(place)
            return []
        return None

    with Agent(system_objects() | interface_objects(1500)) as agent:
        agent.hook = hook
        found = session(agent, walk(DESCR, TYPE, MTU, SPEED), timeout=TIMEOUT, retries=1)
        count = len(agent.requests)
    assert found.failures == {}
    assert all(list(rows) == numbers(1500) for rows in found.columns.values())
    assert len(lost) == 3
    assert count < 150


@pytest.mark.parametrize(('answer', 'code'), [([], 'snmp:no-answer'), ([b'garbage'], 'snmp:malformed')])
def test_silence_about_one_table(answer, code):
    """An agent that is silent about one table only is asked once more for it, and answers for others as before."""

    async def two(client):
        return await client.walk([NAMES, ALIAS]), await client.walk([DESCR, TYPE])

    with Agent(system_objects() | interface_objects(60)) as agent:
        agent.hook = lambda request: answer if below(request, NAMES, ALIAS) else None
        silent, good = session(agent, two, timeout=TIMEOUT)
        widths = [(request.kind, len(request.oids)) for request in agent.requests if below(request, DESCR)]
        # All columns, ten rows of the first, one row of the first.
        assert len([request for request in agent.requests if below(request, NAMES)]) == 3
    assert {column: error.code for column, error in silent.failures.items()} == {
        NAMES: code, ALIAS: code,
    }  # fmt: skip
    assert NAMES in silent.failure.detail
    assert good.failures == {}
    assert [len(column) for column in good.columns.values()] == [60, 60]
    assert set(widths) == {(GETBULK, 2)}


@pytest.mark.parametrize('bad', [TYPE, SPEED])
def test_silence_about_one_column(bad):
    """Where columns before it were answered, one that is not costs that column only."""
    wanted = [DESCR, TYPE, MTU, SPEED]
    with Agent(system_objects() | interface_objects(12)) as agent:
        agent.hook = lambda request: [] if below(request, bad) else None
        found = session(agent, walk(*wanted), timeout=TIMEOUT)
    assert {column: error.code for column, error in found.failures.items()} == {bad: 'snmp:no-answer'}
    assert all(list(found.columns[column]) == numbers(12) for column in wanted if column != bad)


def test_silence_in_the_middle_of_a_column():
    """Rows before the silence are kept, and the failure says that the column is not complete."""
    stop = parse(f'{TYPE}.12')
    with Agent(system_objects() | interface_objects(30)) as agent:
        agent.hook = lambda request: [] if any(stop <= name < parse(MTU) for name in request.oids) else None
        found = session(agent, walk(DESCR, TYPE), timeout=TIMEOUT, max_repetitions=4)
    assert [len(column) for column in found.columns.values()] == [30, 12]
    assert {column: error.code for column, error in found.failures.items()} == {TYPE: 'snmp:no-answer'}
