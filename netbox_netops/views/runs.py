from django.db.models import Count
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
from ..models import Run, RunTarget
from ..ui import runs as panels
from ..ui.panels import OptionsPanel
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


@register_model_view(Run)
class RunView(LiveView):
    """A run and its targets, of which only those the user may see."""

    queryset = Run.objects.select_related('requested_by')
    actions = (DeleteObject,)
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
        counts = dict(
            RunTarget.objects.restrict(request.user, 'view')
            .filter(run=instance)
            .order_by()
            .values_list('state')
            .annotate(count=Count('pk'))
        )
        states = [
            {'value': value, 'label': label, 'count': counts[value], 'color': RunTargetStateChoices.colors.get(value)}
            for value, label in RunTargetStateChoices
            if value in counts
        ]
        token = '-'.join([instance.status, *(f'{state["value"]}.{state["count"]}' for state in states)])
        return Live(
            active=instance.is_active,
            token=token,
            context={'states': states, 'state_total': sum(counts.values())},
        )

    def get_rows(self, request, instance, live):
        if not request.user.has_perm('netbox_netops.view_runtarget'):
            return None
        return RunTarget.objects.restrict(request.user, 'view').filter(run=instance)


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
    queryset = RunTarget.objects.all()
    filterset = filtersets.RunTargetFilterSet
    filterset_form = forms.RunTargetFilterForm
    table = tables.RunTargetTable
    actions = (BulkExport,)


@register_model_view(RunTarget)
class RunTargetView(generic.ObjectView):
    queryset = RunTarget.objects.select_related('run', 'target')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.RunTargetPanel()],
        right_panels=[panels.RunTargetErrorPanel()],
    )
