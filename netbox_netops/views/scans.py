from netbox.object_actions import BulkExport
from netbox.ui.layout import SimpleLayout
from netbox.views import generic
from utilities.views import register_model_view

from .. import filtersets, forms, tables
from ..models import InterfaceState, ScanResult
from ..ui import scans as panels

__all__ = (
    'InterfaceStateListView',
    'InterfaceStateView',
    'ScanResultListView',
    'ScanResultView',
)


@register_model_view(ScanResult, 'list', path='', detail=False)
class ScanResultListView(generic.ObjectListView):
    queryset = ScanResult.objects.all()
    filterset = filtersets.ScanResultFilterSet
    filterset_form = forms.ScanResultFilterForm
    table = tables.ScanResultTable
    actions = (BulkExport,)


@register_model_view(ScanResult)
class ScanResultView(generic.ObjectView):
    queryset = ScanResult.objects.select_related('target', 'run', 'credential')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.ScanResultPanel()],
        right_panels=[panels.ScanSystemPanel()],
    )


@register_model_view(InterfaceState, 'list', path='', detail=False)
class InterfaceStateListView(generic.ObjectListView):
    queryset = InterfaceState.objects.all()
    filterset = filtersets.InterfaceStateFilterSet
    filterset_form = forms.InterfaceStateFilterForm
    table = tables.InterfaceStateTable
    actions = (BulkExport,)


@register_model_view(InterfaceState)
class InterfaceStateView(generic.ObjectView):
    queryset = InterfaceState.objects.select_related('target')
    template_name = 'netbox_netops/state_object.html'
    actions = ()
    layout = SimpleLayout(
        left_panels=[panels.InterfacePanel()],
        right_panels=[panels.InterfaceStatePanel()],
    )
