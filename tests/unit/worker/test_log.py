"""A log line says what it belongs to and never shows a secret."""

import io
import json
import logging

import pytest

from netops_worker.log import LOG_FIELDS, JsonFormatter, get_logger, log_context
from netops_worker.secrets import Secret

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
    with log_context(run=1, target=2, task=3), log_context(attempt=2, worker='w1'):
        logger.warning('line %d\nwith é', 1)
    logger.info('outside')
    first, second = stream.getvalue().splitlines()
    first, second = json.loads(first), json.loads(second)
    assert first.pop('time').endswith('+00:00')
    assert first == {
        'level': 'WARNING',
        'logger': logger.name,
        'message': 'line 1\nwith é',
        'run': 1,
        'target': 2,
        'task': 3,
        'attempt': 2,
        'worker': 'w1',
    }
    assert [second[name] for name in LOG_FIELDS] == [None] * 5


def test_one_filter_per_logger():
    """Asking for a logger again does not filter its records twice."""
    assert get_logger('netops_worker.test.twice') is get_logger('netops_worker.test.twice')
    assert len(get_logger('netops_worker.test.twice').filters) == 1
