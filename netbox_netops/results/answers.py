"""Devices that stop or begin to answer, or to refuse a credential, as transitions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from netops_worker.errors import ERRORS
from netops_worker.wire import Result

from ..choices import ReachabilityChoices
from ..transitions import Transition
from .columns import clean_text
from .history import reachability_of

__all__ = (
    'Answer',
    'answer_transitions',
)

# How a device says that it does not let us in.
_REFUSALS = ('credential:rejected', 'credential:no-access')
_FIRST_ANSWER = (ReachabilityChoices.UNKNOWN, ReachabilityChoices.REACHABLE)


class Answer(NamedTuple):
    """What a target says of the scan before: its reachability, and the error code."""

    reachability: str
    error_code: str


def answer_transitions(
    before: Mapping[int, Answer], results: Mapping[int, Result], times: Mapping[int, datetime]
) -> Iterator[Transition]:
    """`before`, `results` and `times`, the start of the scan, by target.

    That a device answers its first scan is no transition; that it does not is one.
    """
    for target, result in results.items():
        details = {'code': clean_text(result.error_code, 50), 'detail': clean_text(result.error_detail, 500)}
        old, new = _reachability(before[target]), reachability_of(result)
        if new not in (None, old) and (old, new) != _FIRST_ANSWER:
            yield Transition('reachability', target, '', '', old, new, times[target], run=result.run, details=details)
        old, new = before[target].error_code, details['code']
        if new in _REFUSALS and new != old:
            yield Transition('credential', target, '', '', old, new, times[target], run=result.run, details=details)


def _reachability(answer: Answer) -> str:
    """A device that got another address is unknown there; who was told that it does not answer waits for news of it."""
    info = ERRORS.get(answer.error_code)
    if answer.reachability == ReachabilityChoices.UNKNOWN and info is not None and info.unreachable:
        return ReachabilityChoices.UNREACHABLE
    return answer.reachability
