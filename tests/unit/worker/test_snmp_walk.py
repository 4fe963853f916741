"""A walk reads whole tables from agents as they are: columns together where that works, one by one where it does not,
and what one column costs is that column.
"""

import time

import pytest

from .agent import (
    GET,
    GETBULK,
    GETNEXT,
    NULL,
    Agent,
    interface_objects,
    parse,
    string,
    system_objects,
)
from .snmp_session import (
    ALIAS,
    DESCR,
    GEN_ERR,
    IF_ENTRY,
    MTU,
    SPEED,
    TIMEOUT,
    TOO_BIG,
    TYPE,
    V1,
    V2C,
    fails,
    numbers,
    rows,
    session,
    walk,
)

pytestmark = pytest.mark.filterwarnings('error')

VERSIONS = pytest.mark.parametrize('version', [V1, V2C], ids=['v1', 'v2c'])


# One column


@VERSIONS
@pytest.mark.parametrize('count', [0, 1, 24, 25, 26, 50, 60])
def test_walk(count, version):
    """A walk gives the rows of its column in order and nothing of the next one."""
    with Agent(system_objects() | interface_objects(count)) as agent:
        found = rows(agent, version=version)
    assert list(found.items()) == [(row, f'GigabitEthernet0/{row}'.encode()) for row in numbers(count)]


@VERSIONS
def test_walk_to_the_end_of_the_view(version):
    """A walk of the very last column ends where the agent has nothing more."""
    with Agent(interface_objects(30)) as agent:
        assert list(rows(agent, ALIAS, version=version)) == numbers(30)
        assert rows(agent, '1.3.6.1.4.1', version=version) == {}


def test_walk_with_long_indexes():
    """Indexes of several numbers come as dotted text, in their numeric order, also mixed with short ones."""
    names = ['2', '10', '10.0.0.1', '10.0.0.2', '10.0.0.10', '192.0.2.1', '4294967295.1']
    with Agent({f'{DESCR}.{name}': string(name) for name in names}) as agent:
        assert list(rows(agent, max_repetitions=3).items()) == [(name, name.encode()) for name in names]


def test_walk_asks_for_max_repetitions():
    """Rows are asked for as many at a time as the option says."""
    with Agent(interface_objects(60)) as agent:
        rows(agent, max_repetitions=50)
        assert [request.repetitions for request in agent.requests] == [50, 50]


@pytest.mark.parametrize(('version', 'options'), [(V1, {}), (V2C, {'max_repetitions': 0})], ids=['v1', 'option'])
def test_walk_without_getbulk(version, options):
    """SNMP v1 knows no GETBULK, and the option can do without it."""
    with Agent(interface_objects(3)) as agent:
        assert list(rows(agent, DESCR, TYPE, version=version, **options)[TYPE]) == numbers(3)
        assert {request.kind for request in agent.requests} == {GETNEXT}


# Several columns


@VERSIONS
@pytest.mark.parametrize('most', [None, 1, 4, 7])
def test_columns_together(most, version):
    """Several columns are read with the same requests, whole or with their last row cut off."""
    with Agent(interface_objects(30), most=most) as agent:
        found = rows(agent, DESCR, TYPE, MTU, version=version)
        assert all(len(request.oids) == 3 for request in agent.requests[:5])
    assert [list(column) for column in found.values()] == [numbers(30)] * 3
    assert found[DESCR]['7'] == b'GigabitEthernet0/7'
    assert set(found[TYPE].values()) == {6}
    assert set(found[MTU].values()) == {1500}


@VERSIONS
def test_columns_of_different_lengths_and_with_holes(version):
    """Columns end each where its rows end, have their own holes, and one that is missing is empty."""
    objects = interface_objects(20)
    for row in (1, 5, 6, 20):
        del objects[f'{TYPE}.{row}']
    objects |= {f'{ALIAS}.{row}': string('more') for row in range(30, 60)}
    with Agent(objects) as agent:
        found = rows(agent, DESCR, TYPE, f'{IF_ENTRY}.99', ALIAS, version=version)
    assert list(found[DESCR]) == numbers(20)
    assert list(found[TYPE]) == [row for row in numbers(20) if row not in ('1', '5', '6', '20')]
    assert found[f'{IF_ENTRY}.99'] == {}
    assert list(found[ALIAS]) == [*numbers(20), *map(str, range(30, 60))]


def test_what_has_ended_is_not_asked_for_again():
    """Of columns of different lengths, only those that go on are in the next request."""
    objects = interface_objects(5, high=False) | {f'{ALIAS}.{row}': string('x') for row in range(1, 41)}
    with Agent(objects) as agent:
        rows(agent, DESCR, TYPE, ALIAS, max_repetitions=10)
        assert [len(request.oids) for request in agent.requests][1:] == [1] * (len(agent.requests) - 1)


def test_a_column_that_is_asked_for_twice():
    """It is read once."""
    with Agent(interface_objects(3)) as agent:
        found = rows(agent, DESCR, DESCR)
        assert found == {DESCR: {str(row): f'GigabitEthernet0/{row}'.encode() for row in (1, 2, 3)}}
        assert len(agent.requests[0].oids) == 1


def test_no_column():
    """A walk of nothing asks for nothing."""
    with Agent() as agent:
        assert session(agent, lambda client: client.walk([])).columns == {}
        assert agent.requests == []


# The size of requests


def repetitions(agent):
    return [request.repetitions for request in agent.requests]


def test_requests_grow_with_the_table():
    """After four full answers twice as many values are asked for: 60, 120, and not more than 240."""
    with Agent(interface_objects(800)) as agent:
        rows(agent, DESCR, TYPE, MTU, max_repetitions=100)
        sizes = repetitions(agent)
    assert sizes[:10] == [20] * 4 + [40] * 4 + [80] * 2
    assert set(sizes[10:]) <= {80, 100}


def test_requests_do_not_grow_when_answers_are_cut_off():
    """An agent that cannot fill its answers is asked for as many whole rows as they hold."""
    with Agent(interface_objects(200), most=40) as agent:
        rows(agent, DESCR, TYPE, MTU, max_repetitions=100)
        assert repetitions(agent)[0] == 20
        assert set(repetitions(agent)[1:]) == {13}


@pytest.mark.parametrize('failure', ['tooBig', 'silence', 'garbage'])
def test_requests_shrink_after_a_failure(failure):
    """Where the larger request fails the smaller one goes on, until the end of the walk, with all columns."""
    answers = {'tooBig': lambda request: [request.refuse(TOO_BIG)], 'silence': lambda request: [],
               'garbage': lambda request: [b'garbage']}  # fmt: skip
    with Agent(interface_objects(400)) as agent:
        agent.hook = lambda request: answers[failure](request) if request.repetitions > 20 else None
        found = rows(agent, DESCR, TYPE, MTU, max_repetitions=100, timeout=3 * TIMEOUT)
        sizes = repetitions(agent)
        assert all(len(request.oids) == 3 and request.kind == GETBULK for request in agent.requests)
    assert [list(column) for column in found.values()] == [numbers(400)] * 3
    assert sizes[:5] == [20] * 4 + [40]
    assert set(sizes[5:]) == {20}


# Agents that mishandle GETBULK


def only_up_to(most, mishandle):
    def hook(request):
        return mishandle(request) if request.kind == GETBULK and request.repetitions > most else None

    return hook


MISHANDLED = {
    'tooBig': lambda request: [request.refuse(TOO_BIG)],
    'tooBig without varbinds': lambda request: [request.reply([], TOO_BIG)],
    'genErr': lambda request: [request.refuse(GEN_ERR)],
    'silence': lambda request: [],
    'garbage': lambda request: [b'\x30\x84garbage'],
    'nothing': lambda request: [request.reply([])],
}


@pytest.mark.parametrize('columns', [(DESCR,), (DESCR, TYPE)], ids=['one', 'two'])
@pytest.mark.parametrize('most', [10, 0], ids=['fewer', 'getnext'])
@pytest.mark.parametrize('mishandle', MISHANDLED.values(), ids=MISHANDLED)
def test_falls_back_to_smaller_requests(mishandle, most, columns):
    """If large GETBULKs fail while GETs work, ten rows are asked for, and then one; nothing is lost."""
    with Agent(system_objects() | interface_objects(30), hook=only_up_to(most, mishandle)) as agent:
        walked = session(agent, walk(*columns), timeout=TIMEOUT)
        kinds = {(request.kind, request.repetitions) for request in agent.requests}
    assert walked.failures == {}
    assert [list(column) for column in walked.columns.values()] == [numbers(30)] * len(columns)
    assert (GETBULK, 10) in kinds
    assert ((GETNEXT, 0) in kinds) == (most == 0)


def test_continues_where_the_larger_request_failed():
    """A fall-back in the middle of a column neither repeats nor skips rows, and stays for the next column."""
    count = 60

    def hook(request):
        late = request.oids[0] > parse(f'{DESCR}.25')
        return [request.refuse(TOO_BIG)] if request.kind == GETBULK and request.repetitions > 10 and late else None

    async def two(client):
        return await client.walk([DESCR]), await client.walk([TYPE])

    with Agent(interface_objects(count), hook=hook) as agent:
        first, second = session(agent, two)
        sizes = repetitions(agent)
    assert list(first.columns[DESCR]) == list(second.columns[TYPE]) == numbers(count)
    assert sizes[:3] == [25, 25, 25]
    assert set(sizes[3:]) == {10}


def test_modesty_stays():
    """An agent that is silent to requests of several columns is asked for one at a time from then on."""

    async def two(client):
        return await client.walk([DESCR, TYPE]), await client.walk([MTU, SPEED])

    with Agent(system_objects() | interface_objects(12)) as agent:
        agent.hook = lambda request: [] if len(request.oids) > 1 else None
        walks = session(agent, two, timeout=TIMEOUT)
        assert [len(request.oids) for request in agent.requests].count(2) == 1
    assert [list(column) for found in walks for column in found.columns.values()] == [numbers(12)] * 4


def test_answers_for_the_first_column_only():
    """An agent that knows only requests of one column loses none: the others are asked for by themselves."""
    with Agent(system_objects() | interface_objects(12)) as agent:

        def first_only(request):
            request.oids = request.oids[:1]

        agent.hook = first_only
        found = rows(agent, DESCR, TYPE, MTU)
    assert [list(column) for column in found.values()] == [numbers(12)] * 3
    assert set(found[MTU].values()) == {1500}


def test_answers_of_one_row_for_the_first_column_only():
    """The same where it gives one value at a time."""
    with Agent(system_objects() | interface_objects(4), most=1) as agent:
        found = rows(agent, DESCR, TYPE, MTU)
    assert [list(column) for column in found.values()] == [numbers(4)] * 3


def test_no_binding_at_all():
    """An agent that answers a walk with nothing is not taken to say that there is nothing."""
    with Agent(system_objects()) as agent:
        agent.hook = lambda request: None if request.kind == GET else [request.reply([])]
        found = session(agent, walk(DESCR, TYPE))
        assert len(agent.requests) < 10
    assert found.columns == {DESCR: {}, TYPE: {}}
    assert {error.code for error in found.failures.values()} == {'snmp:malformed'}
    assert set(found.failures) == {DESCR, TYPE}


def test_values_that_are_missing():
    """Rows without a value (NULL) are rows."""
    with Agent({f'{DESCR}.1': NULL, f'{DESCR}.2': string('x')}) as agent:
        assert rows(agent) == {'1': None, '2': b'x'}


# Walks without end


def counting(step):
    """An agent that answers any GETBULK with rows that follow the one it was asked for, `step` apart."""

    def hook(request):
        last = request.oids[0][len(parse(DESCR)) :] or (0,)
        found = range(last[0] + step, last[0] + step * (request.repetitions + 1), step)
        return [request.reply([((*parse(DESCR), max(row, 0)), string('x')) for row in found])]

    return hook


def test_rows_without_end():
    """A walk of more rows than allowed ends, and keeps as many as are allowed."""
    with Agent(hook=counting(1)) as agent:
        found = session(agent, walk(), max_rows=110)
        assert len(agent.requests) == 5
    assert (found.failure.code, len(found.columns[DESCR])) == ('snmp:endless-walk', 110)


def test_as_many_rows_as_allowed():
    """A table of exactly the allowed size is complete."""
    with Agent(interface_objects(50)) as agent:
        assert len(rows(agent, max_rows=50)) == 50


def test_a_walk_without_end_in_time():
    """All columns of a walk together may take so long; what was read until then is kept."""
    with Agent(hook=counting(1)) as agent:
        begin = time.monotonic()
        found = session(agent, walk(), max_rows=10**9, max_seconds=0.3)
        assert time.monotonic() - begin < 5
    assert found.failure.code == 'snmp:endless-walk'
    assert len(found.columns[DESCR]) >= 25


def looping(request):
    """Gives rows 1, 2, 3 again and again."""
    return [request.reply([((*parse(DESCR), row), string('x')) for row in (1, 2, 3)])]


def standing(request):
    """Returns the object it was asked to go on from."""
    return [request.reply([(request.oids[0], string('x'))])]


def disordered(request):
    return [request.reply([((*parse(DESCR), row), string('x')) for row in (1, 2, 5, 4, 6)])]


def disordered_tuples(request):
    names = [(1,), (1, 5), (2, 7), (2, 6), (3,)]
    return [request.reply([((*parse(DESCR), *name), string('x')) for name in names])]


@pytest.mark.parametrize(
    ('hook', 'kept'),
    [(looping, ['1', '2', '3']), (standing, []), (disordered, ['1', '2', '5']),
     (disordered_tuples, ['1', '1.5', '2.7'])],
)  # fmt: skip
def test_rows_that_do_not_increase(hook, kept):
    """A walk whose OIDs do not increase ends at once and keeps the rows in order."""
    with Agent(hook=hook) as agent:
        found = session(agent, walk())
        assert len(agent.requests) <= 2
    assert found.failure.code == 'snmp:endless-walk'
    assert list(found.columns[DESCR]) == kept


def test_the_deadline_keeps_the_rows():
    """A walk that is too slow ends with deadline:probe and the rows it had."""
    with Agent(interface_objects(60)) as agent:
        agent.hook = lambda request: [] if len(agent.requests) > 1 else None
        found = session(agent, walk(), timeout=10, seconds=0.5)
    assert found.failure.code == 'deadline:probe'
    assert len(found.columns[DESCR]) == 25


def test_a_closed_port(closed_port):
    """What ends the session ends the walk, for all of its columns."""
    assert fails(closed_port, walk(DESCR, TYPE)).code == 'unreachable:port-closed'
