from django.db.models import Count
from extras.ui.panels import CustomFieldsPanel, TagsPanel
from netbox.object_actions import AddObject, BulkDelete, BulkEdit, BulkExport, BulkImport
from netbox.ui.layout import SimpleLayout
from netbox.ui.panels import CommentsPanel
from netbox.views import generic
from utilities.views import register_model_view

from .. import filtersets, forms, tables
from ..choices import RunTargetStateChoices
from ..models import Gateway, RunTarget
from ..settings import get_settings
from ..ui import gateways as panels

__all__ = (
    'GatewayBulkDeleteView',
    'GatewayBulkEditView',
    'GatewayBulkImportView',
    'GatewayDeleteView',
    'GatewayEditView',
    'GatewayListView',
    'GatewayView',
)


@register_model_view(Gateway, 'list', path='', detail=False)
class GatewayListView(generic.ObjectListView):
    queryset = Gateway.objects.all()
    filterset = filtersets.GatewayFilterSet
    filterset_form = forms.GatewayFilterForm
    table = tables.GatewayTable
    actions = (AddObject, BulkImport, BulkExport, BulkEdit, BulkDelete)


@register_model_view(Gateway)
class GatewayView(generic.ObjectView):
    queryset = Gateway.objects.prefetch_related('sites')
    template_name = 'generic/object.html'
    layout = SimpleLayout(
        left_panels=[panels.GatewayPanel(), TagsPanel(), CustomFieldsPanel()],
        right_panels=[panels.GatewayWorkersPanel(), panels.GatewaySitesPanel(), CommentsPanel()],
        bottom_panels=[panels.GatewayWorkPanel()],
    )

    def get_extra_context(self, request, instance):
        instance.has_doorbell = instance.slug in get_settings().gateway_redis
        instance.waiting = instance.running = None
        if request.user.has_perm('netbox_netops.view_runtarget'):
            rows = RunTarget.objects.restrict(request.user, 'view').filter(
                gateway=instance, state__in=RunTargetStateChoices.ACTIVE
            )
            counts = dict(rows.order_by().values_list('state').annotate(count=Count('pk')))
            instance.waiting = counts.get(RunTargetStateChoices.WAITING, 0)
            instance.running = counts.get(RunTargetStateChoices.RUNNING, 0)
        return {}


@register_model_view(Gateway, 'add', detail=False)
@register_model_view(Gateway, 'edit')
class GatewayEditView(generic.ObjectEditView):
    queryset = Gateway.objects.all()
    form = forms.GatewayForm


@register_model_view(Gateway, 'delete')
class GatewayDeleteView(generic.ObjectDeleteView):
    queryset = Gateway.objects.all()


@register_model_view(Gateway, 'bulk_import', path='import', detail=False)
class GatewayBulkImportView(generic.BulkImportView):
    queryset = Gateway.objects.all()
    model_form = forms.GatewayImportForm


@register_model_view(Gateway, 'bulk_edit', path='edit', detail=False)
class GatewayBulkEditView(generic.BulkEditView):
    queryset = Gateway.objects.all()
    filterset = filtersets.GatewayFilterSet
    table = tables.GatewayTable
    form = forms.GatewayBulkEditForm


@register_model_view(Gateway, 'bulk_delete', path='delete', detail=False)
class GatewayBulkDeleteView(generic.BulkDeleteView):
    queryset = Gateway.objects.all()
    filterset = filtersets.GatewayFilterSet
    table = tables.GatewayTable
