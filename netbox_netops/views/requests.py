"""From a click to a run: calls dispatch and tells the user what became of it."""

from django.contrib import messages
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netops_worker.errors import NetOpsError

from .. import dispatch
from ..errors import describe
from ..kinds import Kind
from ..models import Pause, Run
from ..settings import get_settings
from ..ui.runs import pause_text

__all__ = (
    'number',
    'run_link',
    'start',
    'tell',
    'warnings_about',
)

# Other runs that a message names, at most.
_MOST_RUNS = 5


def start(request, kind: str, *, what: str, reason: str, left_out: int = 0, **selection) -> dispatch.Dispatch | None:
    """Enqueue a run for the user of this request. `what` names the work in the message, e.g. 'Scan of router1'.

    `left_out`: of what was selected, how many the user may not operate.
    """
    try:
        outcome = dispatch.enqueue(kind, user=request.user, reason=str(reason), interactive=True, **selection)
    except dispatch.DispatchError as error:
        messages.error(request, describe(error))
        return None
    tell(request, outcome, what=what, left_out=left_out)
    return outcome


def tell(request, outcome: dispatch.Dispatch, *, what: str, left_out: int = 0) -> None:
    """Say what became of a request for work, and what stands in its way."""
    run = run_link(request, outcome.run)
    if outcome.queued + sum(outcome.joined.values()) > 1:
        level = messages.SUCCESS if outcome.created else messages.INFO
        messages.add_message(request, level, format_html('{}: {}', what, _counts(request, outcome)))
    elif outcome.created:
        messages.success(request, format_html(_('{what} was started: {run}'), what=what, run=run))
    else:
        messages.info(request, format_html(_('{what} is already under way: {run}'), what=what, run=run))
    if left_out:
        text = ngettext(
            '{count} of the selection is left out: you may not operate it, or it is gone.',
            '{count} of the selection are left out: you may not operate them, or they are gone.',
            left_out,
        )
        messages.warning(request, text.format(count=number(left_out)))
    if outcome.pause:
        messages.warning(request, pause_text(outcome.pause))
    if outcome.no_worker:
        messages.warning(request, describe(NetOpsError('queue:no-worker')))


def warnings_about(kind: Kind) -> list[str]:
    """What stands in the way of work of this kind at the moment."""
    warnings = []
    if pause := Pause.objects.filter(kind=kind.slug).select_related('paused_by').first():
        warnings.append(pause_text(pause))
    if not dispatch.queue_is_served(get_settings().queue_for(kind.slug)):
        warnings.append(describe(NetOpsError('queue:no-worker')))
    return warnings


def number(value: int) -> str:
    """With the separator of thousands of the user's language."""
    return number_format(value, force_grouping=True)


def run_link(request, run: Run, *, short: bool = False) -> SafeString:
    linked = request.user.has_perm('netbox_netops.view_run', run)
    return _link(run, f'#{run.pk}' if short else str(run), linked=linked)


def _counts(request, outcome: dispatch.Dispatch) -> SafeString:
    """'9,800 queued in #42, 200 already under way in #41'."""
    parts = []
    if outcome.created:
        text = ngettext('{count} queued in {run}', '{count} queued in {run}', outcome.queued)
        parts.append(format_html(text, count=number(outcome.queued), run=run_link(request, outcome.run, short=True)))
    largest = sorted(outcome.joined, key=outcome.joined.get, reverse=True)
    named = Run.objects.restrict(request.user, 'view').in_bulk(largest[:_MOST_RUNS])
    for pk in largest[:_MOST_RUNS]:
        count = outcome.joined[pk]
        text = ngettext('{count} already under way in {run}', '{count} already under way in {run}', count)
        link = _link(named[pk], f'#{pk}', linked=True) if pk in named else f'#{pk}'
        parts.append(format_html(text, count=number(count), run=link))
    if others := sum(outcome.joined[pk] for pk in largest[_MOST_RUNS:]):
        text = ngettext('{count} in other runs', '{count} in other runs', others)
        parts.append(format_html(text, count=number(others)))
    return format_html_join(', ', '{}', ((part,) for part in parts))


def _link(run: Run, text: str, *, linked: bool) -> SafeString:
    if not linked:
        return format_html('{}', text)
    return format_html('<a href="{}">{}</a>', run.get_absolute_url(), text)
