"""Structured logs: which request, run, target, task, attempt and worker a line belongs to, and never a secret in it."""

import json
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from netops_worker.secrets.redaction import redact

__all__ = (
    'LOG_FIELDS',
    'JsonFormatter',
    'RedactionFilter',
    'add_log_source',
    'get_logger',
    'log_context',
)

LOG_FIELDS = ('request', 'run', 'target', 'task', 'attempt', 'worker')

_context: ContextVar[dict[str, Any]] = ContextVar('netops_log_context', default={})  # noqa: B039 (never mutated)


# What the host process knows by itself of the fields of a line, for example in which request it is.
_sources: list[Callable[[], Mapping[str, Any]]] = []


def add_log_source(source: Callable[[], Mapping[str, Any]]) -> None:
    """Have `source` asked for the fields of each line. What `log_context` says goes before it."""
    if source not in _sources:
        _sources.append(source)


@contextmanager
def log_context(**fields: Any) -> Iterator[None]:
    """Give the lines logged inside these fields (those of LOG_FIELDS), on top of the ones set outside."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


class RedactionFilter(logging.Filter):
    """Replaces revealed secrets in message, arguments and exception, and adds the fields of `log_context`.

    The exception is kept as text only, so that no later handler reads variables out of its frames.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:
            # Its parts may hold what must not be printed, so they are not shown.
            message = '(a log message that could not be formatted)'
        record.msg = redact(message)
        record.args = None
        if record.exc_info and record.exc_info[0]:
            record.exc_text = ''.join(traceback.format_exception(*record.exc_info)).rstrip('\n')
        record.exc_info = None
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        context: dict[str, Any] = {}
        for source in _sources:
            context |= source()
        context |= _context.get()
        for name in LOG_FIELDS:
            if not hasattr(record, name):
                setattr(record, name, context.get(name))
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time (UTC), level, logger, message, the LOG_FIELDS, and exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        _redaction.filter(record)
        line = {
            'time': datetime.fromtimestamp(record.created, UTC).isoformat(timespec='milliseconds'),
            'level': record.levelname,
            'logger': record.name,
            'message': record.msg,
            **{name: getattr(record, name) for name in LOG_FIELDS},
        }
        if record.exc_text:
            line['exception'] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


_redaction = RedactionFilter()


def get_logger(name: str) -> logging.Logger:
    """Return the logger of that name, redacted whatever handlers the host process has configured."""
    logger = logging.getLogger(name)
    # addFilter ignores a filter that is already there.
    logger.addFilter(_redaction)
    return logger
