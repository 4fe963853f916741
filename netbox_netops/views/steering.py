"""Steering work that was started: cancel it, after a question; try again at once; run again what failed."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from netbox.views.generic.base import BaseObjectView
from utilities.views import GetReturnURLMixin, register_model_view

from netops_worker.errors import NetOpsError

from .. import filtersets, steering
from ..choices import RunTargetStateChoices
from ..errors import describe
from ..models import Run, RunTarget
from .confirmation import Confirmation, ask
from .requests import number, tell
from .selections import SelectionView, primary_keys

__all__ = (
    'RunCancelView',
    'RunRerunView',
    'RunRetryView',
    'RunTargetBulkCancelView',
    'RunTargetBulkRetryView',
)


class RunSteeringView(GetReturnURLMixin, BaseObjectView):
    """On a run that the user may view; what he may do to it is up to its targets."""

    queryset = Run.objects.all()
    http_method_names = ('post', 'options')

    def get_required_permission(self):
        return 'netbox_netops.view_run'

    def post(self, request, pk):
        run = self.get_object(pk=pk)
        try:
            url = self.steer(request, run)
        except NetOpsError as error:
            messages.error(request, describe(error))
            url = None
        return redirect(url or self.get_return_url(request, run))

    def steer(self, request, run: Run) -> str | None:
        """Returns where to go, where that is not back."""
        raise NotImplementedError


@register_model_view(Run, 'cancel')
class RunCancelView(RunSteeringView):
    http_method_names = ('get', 'post', 'options')

    def get(self, request, pk):
        run = self.get_object(pk=pk)
        rows = RunTarget.objects.filter(run=run, state__in=RunTargetStateChoices.ACTIVE)
        confirmation = _confirm_cancel(
            rows.filter(steering.cancellable(request.user)),
            asked=rows.count() if run.is_active else 0,
            title=_('Cancel {run}').format(run=run),
            return_url=self.get_return_url(request, run),
        )
        return ask(request, confirmation)

    def steer(self, request, run):
        _tell_cancelled(request, steering.cancel(run, request.user))


@register_model_view(Run, 'retry')
class RunRetryView(RunSteeringView):
    def steer(self, request, run):
        _tell_retried(request, steering.retry(run, request.user))


@register_model_view(Run, 'rerun')
class RunRerunView(RunSteeringView):
    def steer(self, request, run):
        again = steering.rerun(run, request.user)
        tell(request, again.dispatch, what=_('What failed in #{run}').format(run=run.pk), left_out=again.left)
        new = again.dispatch.run
        return new.get_absolute_url() if request.user.has_perm('netbox_netops.view_run', new) else None


class RunTargetSelectionView(SelectionView):
    queryset = RunTarget.objects.all()
    filterset = filtersets.RunTargetFilterSet
    permission = 'netbox_netops.view_runtarget'

    def post(self, request):
        try:
            answer = self.steer(request)
        except NetOpsError as error:
            messages.error(request, describe(error))
            answer = None
        return answer or redirect(self.get_return_url(request))

    def steer(self, request):
        """Returns a response, where that is not to go back."""
        raise NotImplementedError


@register_model_view(RunTarget, 'bulk_cancel', path='cancel', detail=False)
class RunTargetBulkCancelView(RunTargetSelectionView):
    """First says what would be cancelled; cancels exactly that when it is confirmed."""

    def steer(self, request):
        if '_confirm' in request.POST:
            chosen = primary_keys(request.POST.get('rows', '').split(','))
            rows = self.queryset.filter(pk__in=chosen)
            _tell_cancelled(request, steering.cancel_selected(rows, request.user, len(chosen)))
            return None
        # A subquery, because joins of filters may repeat a row.
        rows = RunTarget.objects.filter(pk__in=self.get_selection(request).order_by().values('pk'))
        asked = rows.count()
        if not asked:
            raise NetOpsError('selection:empty')
        allowed = rows.filter(steering.cancellable(request.user), state__in=RunTargetStateChoices.ACTIVE)
        return ask(
            request,
            _confirm_cancel(
                allowed,
                asked=asked,
                title=_('Cancel selected targets'),
                hidden={'rows': ','.join(str(pk) for pk in allowed.values_list('pk', flat=True))},
                return_url=self.get_return_url(request),
            ),
        )


@register_model_view(RunTarget, 'bulk_retry', path='retry', detail=False)
class RunTargetBulkRetryView(RunTargetSelectionView):
    def steer(self, request):
        rows = self.get_selection(request)
        _tell_retried(request, steering.retry_selected(rows, request.user, rows.order_by().distinct().count()))


def _confirm_cancel(rows, *, asked: int, **values) -> Confirmation:
    counts = {state: rows.filter(state=state).count() for state in RunTargetStateChoices.ACTIVE}
    waiting, running = (counts[state] for state in RunTargetStateChoices.ACTIVE)
    lines = []
    if waiting:
        text = ngettext('{count} target that waits', '{count} targets that wait', waiting)
        lines.append(text.format(count=number(waiting)))
    if running:
        text = ngettext(
            '{count} target at work: it ends within seconds, without a result',
            '{count} targets at work: they end within seconds, without a result',
            running,
        )
        lines.append(text.format(count=number(running)))
    warnings = []
    if left := asked - waiting - running:
        text = ngettext(
            '{count} target is left as it is: it is finished, or you may not operate it.',
            '{count} targets are left as they are: they are finished, or you may not operate them.',
            left,
        )
        warnings.append(text.format(count=number(left)))
    return Confirmation(
        text=_('This will be cancelled:') if lines else _('There is nothing here that you may cancel.'),
        lines=lines,
        warnings=warnings,
        button=_('Cancel these targets'),
        button_class='orange',
        icon='mdi-cancel',
        possible=bool(lines),
        **values,
    )


def _tell_cancelled(request, outcome: steering.Cancelled) -> None:
    text = ngettext('{count} target was cancelled.', '{count} targets were cancelled.', outcome.cancelled)
    parts = [text.format(count=number(outcome.cancelled))]
    if outcome.running:
        text = ngettext(
            '{count} is still at work and ends within seconds.',
            '{count} are still at work and end within seconds.',
            outcome.running,
        )
        parts.append(text.format(count=number(outcome.running)))
    messages.success(request, ' '.join(parts))
    _tell_left(request, outcome.left)


def _tell_retried(request, outcome: steering.Retried) -> None:
    if outcome.retried:
        text = ngettext('{count} target is tried again now.', '{count} targets are tried again now.', outcome.retried)
        messages.success(request, text.format(count=number(outcome.retried)))
    else:
        messages.info(request, _('No target waits for its next attempt.'))
    _tell_left(request, outcome.left)


def _tell_left(request, left: int) -> None:
    if left:
        text = ngettext(
            '{count} target was left as it is: its state does not allow it, or you may not operate it.',
            '{count} targets were left as they are: their state does not allow it, or you may not operate them.',
            left,
        )
        messages.warning(request, text.format(count=number(left)))
