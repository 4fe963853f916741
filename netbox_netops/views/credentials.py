from urllib.parse import urlencode

from django.http import QueryDict
from extras.ui.panels import CustomFieldsPanel, TagsPanel
from netbox.object_actions import AddObject, BulkDelete, BulkEdit, BulkExport, BulkImport
from netbox.ui.layout import SimpleLayout
from netbox.ui.panels import CommentsPanel
from netbox.views import generic
from utilities.views import get_action_url, register_model_view

from .. import filtersets, forms, tables
from ..choices import TargetStatusChoices
from ..models import Credential, Target
from ..ui import credentials as panels

__all__ = (
    'CredentialBulkDeleteView',
    'CredentialBulkEditView',
    'CredentialBulkImportView',
    'CredentialDeleteView',
    'CredentialEditView',
    'CredentialListView',
    'CredentialView',
)

# Dimension of the scope -> filter of the target list, which covers the branches of trees like the matching does.
_SCOPE_FILTERS = {'sites': 'site_id', 'tenants': 'tenant_id', 'roles': 'role_id', 'platforms': 'platform_id'}


@register_model_view(Credential, 'list', path='', detail=False)
class CredentialListView(generic.ObjectListView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    filterset_form = forms.CredentialFilterForm
    table = tables.CredentialTable
    actions = (AddObject, BulkImport, BulkExport, BulkEdit, BulkDelete)


@register_model_view(Credential)
class CredentialView(generic.ObjectView):
    queryset = Credential.objects.prefetch_related('sites', 'tenants', 'roles', 'platforms')
    template_name = 'generic/object.html'
    layout = SimpleLayout(
        left_panels=[panels.CredentialPanel(), TagsPanel(), CustomFieldsPanel()],
        right_panels=[panels.CredentialScopePanel(), CommentsPanel()],
    )

    def get_extra_context(self, request, instance):
        if not request.user.has_perm('netbox_netops.view_target'):
            return {}
        params = [('status', TargetStatusChoices.ACTIVE)]
        for dimension, name in _SCOPE_FILTERS.items():
            params += [(name, obj.pk) for obj in getattr(instance, dimension).all()]
        query = urlencode(params)
        targets = filtersets.TargetFilterSet(
            QueryDict(query), Target.objects.restrict(request.user, 'view'), request=request
        )
        return {'scope': {'count': targets.qs.count(), 'url': f'{get_action_url(Target, action="list")}?{query}'}}


@register_model_view(Credential, 'add', detail=False)
@register_model_view(Credential, 'edit')
class CredentialEditView(generic.ObjectEditView):
    queryset = Credential.objects.all()
    form = forms.CredentialForm


@register_model_view(Credential, 'delete')
class CredentialDeleteView(generic.ObjectDeleteView):
    queryset = Credential.objects.all()


@register_model_view(Credential, 'bulk_import', path='import', detail=False)
class CredentialBulkImportView(generic.BulkImportView):
    queryset = Credential.objects.all()
    model_form = forms.CredentialImportForm


@register_model_view(Credential, 'bulk_edit', path='edit', detail=False)
class CredentialBulkEditView(generic.BulkEditView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    table = tables.CredentialTable
    form = forms.CredentialBulkEditForm


@register_model_view(Credential, 'bulk_delete', path='delete', detail=False)
class CredentialBulkDeleteView(generic.BulkDeleteView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    table = tables.CredentialTable
