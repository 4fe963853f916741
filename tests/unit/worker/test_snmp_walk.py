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
    below,
    interface_objects,
    parse,
    string,
    system_objects,
)
from .snmp_session import (
    DESCR,
    GEN_ERR,
    IF_ENTRY,
    NO_ACCESS,
    NO_SUCH_NAME,
    TIMEOUT,
    TOO_BIG,
    TYPE,
    V1,
    V2C,
    fails,
    rows,
    session,
    walk,
)

pytestmark = pytest.mark.filterwarnings('error')

MTU, SPEED = f'{IF_ENTRY}.4', f'{IF_ENTRY}.5'
NAMES, ALIAS = '1.3.6.1.2.1.31.1.1.1.1', '1.3.6.1.2.1.31.1.1.1.18'
VERSIONS = pytest.mark.parametrize('version', [V1, V2C], ids=['v1', 'v2c'])


def numbers(count):
    return [str(number) for number in range(1, count + 1)]


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
