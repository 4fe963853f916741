"""A log line says what it belongs to and never shows a secret."""

import io
import json
import logging

import pytest

from netops_worker import log
from netops_worker.log import LOG_FIELDS, JsonFormatter, add_log_source, get_logger, log_context
from netops_worker.probes import ProbeOutcome
from netops_worker.secrets import Secret
from netops_worker.testing import make_task

from .engine_cases import run

CANARY = 'canary-55e0c2'


class BadRepr:
    def __str__(self):
        raise ValueError(CANARY)


@pytest.fixture
def logger(request):
    logger = get_logger(f'netops_worker.test.{request.node.name}')
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield logger
    logger.handlers.clear()


def attach(logger, formatter=None):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    return stream


def fail(value):
    try:
        try:
            raise ValueError(f'login with {value} failed')
        except ValueError as error:
            raise RuntimeError(f'and again {value!r}') from error
    except RuntimeError as error:
        error.add_note(f'a note about {value}')
        raise


LINES = {
    'message': lambda logger, value: logger.info(f'got {value}'),
    'argument': lambda logger, value: logger.info('got %s', value),
    'repr of an argument': lambda logger, value: logger.info('got %r', {'secret': value}),
    'mapping argument': lambda logger, value: logger.info('got %(x)s', {'x': value}),
    'too many arguments': lambda logger, value: logger.info('got', value),
    'broken argument': lambda logger, value: logger.info('got %s %s', BadRepr(), value),
    'stack': lambda logger, value: logger.info(value, stack_info=True),
}


@pytest.mark.parametrize('formatter', [None, JsonFormatter()], ids=['plain', 'json'])
@pytest.mark.parametrize('line', LINES.values(), ids=LINES)
def test_secrets_are_redacted(logger, line, formatter):
    """However a revealed secret gets into a record, no handler prints it."""
    stream = attach(logger, formatter)
    line(logger, Secret(CANARY).reveal())
    assert stream.getvalue()
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize('formatter', [None, JsonFormatter()], ids=['plain', 'json'])
def test_exceptions_are_redacted(logger, formatter):
    """Message, cause and notes of a logged exception are redacted; the traceback itself is kept."""
    stream = attach(logger, formatter)
    try:
        fail(Secret(CANARY).reveal())
    except RuntimeError:
        logger.exception('it failed')
    output = stream.getvalue()
    assert CANARY not in output
    for part in ('it failed', 'RuntimeError', 'login with **********', 'a note about **********', 'test_log.py'):
        assert part in output


def test_no_handler_gets_the_exception_object(logger):
    """Handlers that read variables out of frames (error reporters) find no frames."""
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    try:
        fail(Secret(CANARY).reveal())
    except RuntimeError:
        logger.exception('it failed')
    assert records[0].exc_info is None
    assert CANARY not in repr(vars(records[0]))


def test_records_of_other_loggers_are_redacted_by_the_formatter():
    """A record that did not pass our loggers is redacted when our formatter prints it."""
    record = logging.LogRecord('other', logging.INFO, 'f', 1, 'got %s', (Secret(CANARY).reveal(),), None)
    assert json.loads(JsonFormatter().format(record))['message'] == 'got **********'


def test_json_line(logger):
    """One JSON object per line with time in UTC, level, logger, message and where it belongs."""
    stream = attach(logger, JsonFormatter())
    with log_context(request='r1', run=1, target=2, task=3), log_context(attempt=2, worker='w1'):
        logger.warning('line %d\nwith é', 1)
    logger.info('outside')
    first, second = stream.getvalue().splitlines()
    first, second = json.loads(first), json.loads(second)
    assert first.pop('time').endswith('+00:00')
    assert first == {
        'level': 'WARNING',
        'logger': logger.name,
        'message': 'line 1\nwith é',
        'request': 'r1',
        'run': 1,
        'target': 2,
        'task': 3,
        'attempt': 2,
        'worker': 'w1',
    }
    assert [second[name] for name in LOG_FIELDS] == [None] * 6


def test_source_of_fields(logger, monkeypatch):
    """A host process may know fields by itself; what the code around a line says goes before it."""
    monkeypatch.setattr(log, '_sources', [])
    source = {'request': 'r2', 'run': 7}
    add_log_source(source.copy)
    stream = attach(logger, JsonFormatter())
    logger.info('inside')
    with log_context(run=8):
        logger.info('nearer')
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line['request'], line['run'], line['target']) for line in lines] == [('r2', 7, None), ('r2', 8, None)]


def test_one_filter_per_logger():
    """Asking for a logger again does not filter its records twice."""
    assert get_logger('netops_worker.test.twice') is get_logger('netops_worker.test.twice')
    assert len(get_logger('netops_worker.test.twice').filters) == 1


def test_lines_of_probes_belong_to_the_request_around_the_engine(logger):
    """Run, target, task and attempt are those of each probe; the request is that of whoever runs the engine."""
    stream = attach(logger, JsonFormatter())

    async def probe(task, context):
        logger.info('probing')
        return ProbeOutcome()

    with log_context(request='r1'):
        run([make_task(3, run=4, target=5, attempt=2)], probe)
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert {name: line[name] for name in LOG_FIELDS} == {
        'request': 'r1',
        'run': 4,
        'target': 5,
        'task': 3,
        'attempt': 2,
        'worker': 'w1',
    }
