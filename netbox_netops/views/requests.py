"""From a click to a run: calls dispatch and tells the user what became of it."""

from django.contrib import messages
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from netops_worker.errors import NetOpsError

from .. import dispatch
from ..errors import describe
from ..models import Run

__all__ = ('start',)


def start(request, kind: str, *, what: str, reason: str, **selection) -> dispatch.Dispatch | None:
    """Enqueue a run for the user of this request. `what` names the work in the message, e.g. 'Scan of router1'."""
    try:
        outcome = dispatch.enqueue(kind, user=request.user, reason=str(reason), **selection)
    except dispatch.DispatchError as error:
        messages.error(request, describe(error))
        return None
    run = _link(request, outcome.run)
    if outcome.created:
        messages.success(request, format_html(_('{what} was started: {run}'), what=what, run=run))
    else:
        messages.info(request, format_html(_('{what} is already under way: {run}'), what=what, run=run))
    if outcome.no_worker:
        messages.warning(request, describe(NetOpsError('queue:no-worker')))
    return outcome


def _link(request, run: Run) -> SafeString:
    if not request.user.has_perm('netbox_netops.view_run', run):
        return format_html('{}', run)
    return format_html('<a href="{}">{}</a>', run.get_absolute_url(), run)
