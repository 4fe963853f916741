"""Answers of several columns, row after row, go into their columns: whole, cut off, with holes, or damaged."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import Malformed
from netops_worker.probes.snmp.pdu import bindings, parse_pdu
from netops_worker.probes.snmp.walk import Column, outcome, take

from . import agent
from .agent import END_OF_VIEW, GETBULK, NO_SUCH_OBJECT, Request, View, string

ENTRY = '1.3.6.1.2.1.2.2.1'
A, B, C = f'{ENTRY}.2', f'{ENTRY}.3', f'{ENTRY}.4'


def fed(columns, *answers, max_rows=1000):
    """Counts of the answers, each a list of (OID text, encoded value), put into the columns."""
    return [feed(columns, answer, max_rows) for answer in answers]


def feed(columns, answer, max_rows=1000):
    data = Request(b'', GETBULK, 1, 0, []).reply_pdu([(agent.parse(name), value) for name, value in answer])
    pdu = parse_pdu(data, 0, len(data))
    return take(data, pdu.start, pdu.end, [column for column in columns if not column.ended], max_rows)


def columns(*names):
    return [Column(name) for name in names]


def x(*names):
    return [(name, string('x')) for name in names]


def found(wanted):
    return [(list(column.rows), column.ended, column.failure and column.failure.code) for column in wanted]


def test_row_after_row():
    """The bindings of an answer go to the columns in turn, and each goes on from its last one."""
    wanted = columns(A, B)
    assert fed(wanted, x(f'{A}.1', f'{B}.1', f'{A}.2', f'{B}.2')) == [4]
    assert found(wanted) == [(['1', '2'], False, None)] * 2
    assert wanted[0].position == agent.oid(f'{A}.2')[2:]


def test_a_row_that_is_cut_off():
    """Of a last row that is cut off nothing is taken, so that the columns stay equally far; it is asked for again."""
    wanted = columns(A, B, C)
    assert fed(wanted, x(f'{A}.1', f'{B}.1', f'{C}.1', f'{A}.2'), x(f'{A}.2', f'{B}.2', f'{C}.2')) == [3, 3]
    assert found(wanted) == [(['1', '2'], False, None)] * 3


def test_an_only_row_that_is_cut_off():
    """If not even one row fits, the columns are as far as they came, and go on from there."""
    wanted = columns(A, B, C)
    assert fed(wanted, x(f'{A}.1', f'{B}.1'), x(f'{A}.2', f'{B}.2', f'{C}.1')) == [2, 3]
    assert found(wanted) == [(['1', '2'], False, None), (['1', '2'], False, None), (['1'], False, None)]


def test_columns_of_different_lengths():
    """A column has ended where the agent gives the next one's rows in its place; the others go on."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.1', f'{B}.1', f'{B}.1', f'{B}.2', f'{B}.1', f'{B}.3'))
    assert found(wanted) == [(['1'], True, None), (['1', '2', '3'], False, None)]


def test_columns_with_holes():
    """Rows that one column lacks shift its bindings, and nothing else."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.1', f'{B}.2', f'{A}.2', f'{B}.4', f'{A}.3', f'{B}.5', f'{A}.4', f'{B}.6'))
    assert found(wanted) == [(['1', '2', '3', '4'], False, None), (['2', '4', '5', '6'], False, None)]


@pytest.mark.parametrize('end', [END_OF_VIEW, NO_SUCH_OBJECT, b'\x81\x00'])
def test_the_end_of_the_view(end):
    """endOfMibView, under whatever name, ends a column, and so do exceptions that belong to a GET."""
    for name in (f'{A}.1', f'{A}.2', A, f'{B}.7'):
        wanted = columns(A)
        fed(wanted, [(f'{A}.1', string('x')), (name, end)])
        assert found(wanted) == [(['1'], True, None)]
        wanted = columns(A, B)
        fed(wanted, [(f'{A}.1', string('x')), (f'{B}.1', end), (f'{A}.2', string('x')), (f'{B}.2', end)])
        assert found(wanted) == [(['1', '2'], False, None), ([], True, None)]


def test_nothing_below_a_column():
    """A column that the agent lacks has ended, without a row and without a failure."""
    wanted = columns(A, f'{A}0')
    fed(wanted, x(f'{B}.1', f'{ENTRY}.21.1'))
    assert found(wanted) == [([], True, None)] * 2


def test_similar_prefixes():
    """1.2.1 is not below 1.2.10, nor the reverse: sub-identifiers are compared, also those of several octets."""
    wanted = columns(f'{ENTRY}.1', f'{ENTRY}.128')
    fed(wanted, x(f'{ENTRY}.10.1', f'{ENTRY}.16384.1'))
    assert found(wanted) == [([], True, None)] * 2


@pytest.mark.parametrize(
    ('rows', 'kept'),
    [(['1', '2', '1'], ['1', '2']), (['1', '1'], ['1']), (['128', '127'], ['128']), (['16384', '256'], ['16384']),
     (['1.5', '1'], ['1.5']), (['1', '1.5', '2.7', '2.6', '3'], ['1', '1.5', '2.7'])],
)  # fmt: skip
def test_rows_that_do_not_increase(rows, kept):
    """The first row that does not follow its predecessor, as numbers, fails the column, which keeps those before."""
    wanted = columns(A, B)
    fed(wanted, list(itertools.chain.from_iterable(x(f'{A}.{row}', f'{B}.{count}') for count, row in enumerate(rows))))
    assert found(wanted)[0] == (kept, True, 'snmp:endless-walk')
    assert found(wanted)[1] == (list(map(str, range(len(rows)))), False, None)


def test_rows_that_do_not_increase_from_answer_to_answer():
    """Nor may an answer begin before the end of the one before, or with the column itself."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.2', B), x(f'{A}.2'))
    assert found(wanted) == [(['2'], True, 'snmp:endless-walk'), ([], True, 'snmp:endless-walk')]


def test_an_index_that_is_not_understood():
    """An OID that no text can be made of fails its column only."""
    wanted = columns(A, B)
    data = agent.tlv(0x30, agent.tlv(0x06, agent.oid(A)[2:] + b'\x81') + string('x'))
    data += agent.tlv(0x30, agent.oid(f'{B}.1') + string('x'))
    assert take(data, 0, len(data), wanted, 10) == 2
    assert found(wanted) == [([], True, 'snmp:endless-walk'), (['1'], False, None)]


def test_values_of_another_column():
    """An agent that answers for the first column only is not taken to say that the others are empty."""
    wanted = columns(A, B)
    with pytest.raises(Malformed):
        fed(wanted, x(f'{A}.1', f'{A}.2', f'{A}.3', f'{A}.4'))
    assert found(wanted) == [(['1'], False, None), ([], False, None)]


def test_columns_that_are_left_out():
    """Nor is one that leaves out the columns that have ended, so that the others move into their places."""
    wanted = columns(A, B, C)
    fed(wanted, x(f'{A}.1', f'{B}.1', f'{C}.1', f'{A}.2', f'{B}.2', f'{C}.2', f'{B}.3', f'{C}.3'))
    with pytest.raises(Malformed):
        fed(wanted, x(f'{B}.3', f'{C}.3', f'{B}.4', f'{C}.4'))
    assert found(wanted)[1:] == [(['1', '2'], False, None)] * 2


def test_from_the_end_to_the_beginning():
    """An agent that goes on at its first object instead of saying that this was the last one has ended the column."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.1', f'{B}.1', f'{A}.2', '1.3.6.1.2.1.1.1.0'))
    assert found(wanted) == [(['1', '2'], False, None), (['1'], True, None)]


def test_too_many_rows():
    """A column keeps no more rows than it may and fails; one that has exactly as many does not."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.1', f'{B}.1', f'{A}.2', f'{B}.2', f'{A}.3', '1.3.6.1.9'), max_rows=2)
    assert found(wanted) == [(['1', '2'], True, 'snmp:endless-walk'), (['1', '2'], True, None)]
    assert A in wanted[0].failure.detail


def test_a_damaged_binding():
    """Where the frame of a binding is damaged the columns keep what came before it, and nothing of it."""
    good, bad = (
        b''.join(agent.tlv(0x30, agent.oid(name) + string(value)) for name in (f'{A}.{row}', f'{B}.{row}'))
        for row, value in ((1, 'good'), (2, 'damaged'))
    )
    for cut in {*range(1, len(bad))} - {len(bad) // 2}:
        wanted = columns(A, B)
        with pytest.raises(Malformed):
            take(good + bad, 0, len(good) + cut, wanted, 10)
        assert [column.rows for column in wanted] == [{'1': b'good'}] * 2


@pytest.mark.parametrize('extra', [b'', b'x', b'x' * 60])
def test_values_that_look_like_bindings(extra):
    """A value that has in it what the next binding begins with is taken whole."""
    row = [(f'{A}.1', agent.tlv(0x30, agent.oid(f'{B}.1') + string('y')) + extra), (f'{B}.1', b'real')]
    wanted = columns(A, B)
    fed(wanted, [(name, string(value)) for name, value in row] + x(f'{A}.2', f'{B}.2'))
    assert [column.rows for column in wanted] == [{'1': row[0][1], '2': b'x'}, {'1': b'real', '2': b'x'}]


def test_bindings_longer_than_their_frame():
    """A binding that reaches beyond the frame of all of them is damaged, although the bytes are there."""
    bind = agent.tlv(0x30, agent.oid(f'{A}.1') + string('x' * 200))
    (wanted,) = columns(A)
    with pytest.raises(Malformed):
        take(bind + bytes(10), 0, len(bind) - 1, [wanted], 10)
    assert wanted.rows == {}


def test_an_outcome_has_all_columns():
    """The outcome has every column, and next to them the failures of those that failed."""
    wanted = columns(A, B)
    fed(wanted, x(f'{A}.1'))
    error = NetOpsError('snmp:no-answer')
    wanted[1].fail(error)
    walk = outcome(wanted)
    assert walk.columns == {A: {'1': b'x'}, B: {}}
    assert walk.failures == {B: error}
    assert walk.failure is error


def test_the_gravest_failure():
    """The failure to report is one that ends the session, otherwise the first."""
    wanted = columns(A, B, C)
    wanted[0].fail(NetOpsError('snmp:endless-walk'))
    wanted[1].fail(NetOpsError('snmp:no-answer'))
    assert outcome(wanted).failure.code == 'snmp:endless-walk'
    wanted[2].fail(NetOpsError('deadline:probe'))
    assert outcome(wanted).failure.code == 'deadline:probe'
    assert outcome(columns(A)).failure is None


LARGE = {
    'long value': string('x' * 300),
    'long number': b'\x02\x84\x00\x00\x00\x01\x05',
    'text': string('x'),
    'negative': b'\x02\x01\xff',
    'counter': b'\x46\x09\x00' + b'\xff' * 8,
    'impossible': b'\x46\x09\x01' + bytes(8),
    'nothing': b'\x05\x00',
}


@pytest.mark.parametrize('value', LARGE.values(), ids=LARGE)
@pytest.mark.parametrize('index', ['1', '.'.join(['4294967295'] * 30)], ids=['short', 'long'])
def test_the_fast_way_and_the_general_one(value, index):
    """Short bindings, which are read in a faster way, and long ones give the same values as the plain decoder."""
    data = agent.tlv(0x30, agent.oid(f'{A}.{index}') + value)
    (wanted,) = columns(A)
    take(data, 0, len(data), [wanted], 10)
    ((_name, plain),) = bindings(data, 0, len(data))
    assert wanted.rows == {index: plain}
    assert type(wanted.rows[index]) is type(plain)


tables = st.lists(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=3), max_size=8), min_size=1, max_size=4)


@given(tables, st.integers(1, 8), st.integers(1, 40), st.booleans())
def test_any_table(table, repetitions, most, backwards):
    """Whatever rows the columns have, and however their answers are cut off, all of them are read in order."""
    names = [f'{ENTRY}.{number}' for number in range(2, 2 + len(table))]
    rows = {name: sorted({tuple(index) for index in indexes}) for name, indexes in zip(names, table, strict=True)}
    objects = {
        f'{name}.{".".join(map(str, index))}': string(f'{name} {index}') for name in names for index in rows[name]
    }
    view, wanted = View(objects), columns(*(reversed(names) if backwards else names))
    while active := [column for column in wanted if not column.ended]:
        asked = [agent.read_oid(column.position) for column in active]
        binds, _, _ = view.answer(Request(b'', GETBULK, 1, repetitions, asked), most)
        count = feed(wanted, [('.'.join(map(str, name)), value) for name, value in binds])
        assert 0 < count <= len(binds)
    walk = outcome(wanted)
    assert walk.failures == {}
    assert walk.columns == {
        name: {'.'.join(map(str, index)): f'{name} {index}'.encode() for index in rows[name]} for name in names
    }
    assert all(list(walk.columns[name]) == ['.'.join(map(str, index)) for index in rows[name]] for name in names)
