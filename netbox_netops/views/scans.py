from netbox.object_actions import BulkExport
from netbox.ui.layout import SimpleLayout
from netbox.views import generic
from utilities.views import register_model_view

from .. import filtersets, forms, tables
from ..models import ScanResult
from ..ui import scans as panels

__all__ = (
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
        left_panels=[panels.ScanResultPanel(), panels.ProblemsPanel()],
        right_panels=[panels.ScanContentPanel()],
        bottom_panels=[panels.ChangesPanel()],
    )
