from typing import NamedTuple

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from netbox.object_actions import BulkDelete, BulkExport, DeleteObject
from netbox.ui.layout import Column, Layout, Row, SimpleLayout
from netbox.ui.panels import PluginContentPanel
from netbox.views import generic
from utilities.views import register_model_view

from .. import filtersets, forms, tables
from ..choices import RunTargetStateChoices
from ..lifecycle import expire_overdue
from ..models import Pause, Run, RunTarget
from ..ui import runs as panels
from ..ui.panels import OptionsPanel
from ..ui.runs import pause_text
from ..ui.steering import row_actions, run_controls
from .live import Live, LiveView

__all__ = (
    'RunBulkDeleteView',
    'RunDeleteView',
    'RunListView',
    'RunTargetListView',
    'RunTargetView',
    'RunView',
)


@register_model_view(Run, 'list', path='', detail=False)
class RunListView(generic.ObjectListView):
    queryset = Run.objects.all()
    filterset = filtersets.RunFilterSet
    filterset_form = forms.RunFilterForm
    table = tables.RunTable
    actions = (BulkExport, BulkDelete)


class Counts(NamedTuple):
    """Rows of one state: all, and those to be cancelled, waiting for their next attempt, and held up by something."""

    total: int = 0
    cancelling: int = 0
    retries: int = 0
    blocked: int = 0


@register_model_view(Run)
class RunView(LiveView):
    """A run and its targets, of which only those the user may see."""

    queryset = Run.objects.select_related('requested_by', 'cancelled_by', 'policy')
    actions = (DeleteObject,)
    controls_template = 'netbox_netops/buttons/run.html'
    table = tables.RunTargetTable
    filterset = filtersets.RunTargetFilterSet
    table_title = _('Targets')
    hidden_columns = ('run', 'kind')
    live_layout = Layout(Row(Column(panels.RunPanel()), Column(panels.RunProgressPanel())))
    layout = Layout(
        Row(
            Column(OptionsPanel('options', title=_('Options')), PluginContentPanel('left_page')),
            Column(PluginContentPanel('right_page')),
        ),
        Row(Column(PluginContentPanel('full_width_page'))),
    )

    def get_object(self, **kwargs):
        run = super().get_object(**kwargs)
        if run.is_active and run.expires <= timezone.now():
            # Where no worker runs at all, nobody else notices that the time is over.
            expire_overdue()
            run.refresh_from_db()
        return run

    def get_live(self, request, instance):
        counts = self.get_counts(request, instance)
        states = [
            {
                'value': value,
                'label': label,
                'count': counts[value].total,
                'color': RunTargetStateChoices.colors.get(value),
            }
            for value, label in RunTargetStateChoices
            if value in counts
        ]
        pause = None
        if instance.is_active:
            pause = Pause.objects.filter(kind=instance.kind).select_related('paused_by').first()
        waiting, running = (counts.get(state, Counts()) for state in RunTargetStateChoices.ACTIVE)
        token = '-'.join(
            [
                instance.status,
                *('.'.join(map(str, (value, *counts[value]))) for value in sorted(counts)),
                str(bool(pause)),
            ]
        )
        return Live(
            active=instance.is_active,
            token=token,
            context={
                'states': states,
                'state_total': sum(count.total for count in counts.values()),
                'pause': pause_text(pause) if pause else '',
                'cancelling': running.cancelling,
                'controls': run_controls(instance, request.user, retries=waiting.retries),
            },
        )

    def get_counts(self, request, instance) -> dict[str, 'Counts']:
        """{state: how many rows the user may view}"""
        rows = RunTarget.objects.restrict(request.user, 'view').filter(run=instance).order_by().values_list('state')
        return {
            state: Counts(*counts)
            for state, *counts in rows.annotate(
                total=Count('pk'),
                cancelling=Count('pk', filter=Q(cancel=True)),
                retries=Count('pk', filter=Q(next_attempt__gt=Now()) & ~Q(blocked='waiting:address')),
                blocked=Count('pk', filter=~Q(blocked='')),
            )
        }

    def get_rows(self, request, instance, live):
        if not request.user.has_perm('netbox_netops.view_runtarget'):
            return None
        return RunTarget.objects.restrict(request.user, 'view').filter(run=instance).select_related('run')

    def get_row_actions(self, request):
        return row_actions(request.user)


@register_model_view(Run, 'delete')
class RunDeleteView(generic.ObjectDeleteView):
    queryset = Run.objects.all()


@register_model_view(Run, 'bulk_delete', path='delete', detail=False)
class RunBulkDeleteView(generic.BulkDeleteView):
    queryset = Run.objects.all()
    filterset = filtersets.RunFilterSet
    table = tables.RunTable


@register_model_view(RunTarget, 'list', path='', detail=False)
class RunTargetListView(generic.ObjectListView):
    queryset = RunTarget.objects.select_related('run')
    filterset = filtersets.RunTargetFilterSet
    filterset_form = forms.RunTargetFilterForm
    table = tables.RunTargetTable
    actions = (BulkExport,)

    def get_permitted_actions(self, user, model=None):
        return [*super().get_permitted_actions(user, model), *row_actions(user)]


@register_model_view(RunTarget)
class RunTargetView(generic.ObjectView):
    queryset = RunTarget.objects.select_related('run', 'target', 'gateway')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.RunTargetPanel()],
        right_panels=[panels.RunTargetErrorPanel()],
    )
