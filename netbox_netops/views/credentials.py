from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from extras.ui.panels import CustomFieldsPanel, TagsPanel
from netbox.object_actions import (
    AddObject,
    BulkDelete,
    BulkEdit,
    BulkExport,
    BulkImport,
    CloneObject,
    DeleteObject,
    EditObject,
    ObjectAction,
)
from netbox.ui.layout import SimpleLayout
from netbox.ui.panels import CommentsPanel
from netbox.views import generic
from utilities.views import ConditionalLoginRequiredMixin, get_action_url, register_model_view

from .. import filtersets, forms, tables
from ..binding import ACTION, bound, check_binding
from ..choices import TargetStatusChoices
from ..lockout import resume
from ..models import Credential, Target
from ..models.credentials import SCOPE_FIELDS
from ..ui import credentials as panels
from ..ui.credential_use import FleetPanel, fleet_numbers

__all__ = (
    'CredentialBulkDeleteView',
    'CredentialBulkEditView',
    'CredentialBulkImportView',
    'CredentialDeleteView',
    'CredentialEditView',
    'CredentialListView',
    'CredentialResumeView',
    'CredentialView',
)


class ResumeCredential(ObjectAction):
    """A form of its own: it changes something, so it is a POST."""

    name = 'resume'
    label = _('Let it go on')
    permissions_required = {ACTION}
    url_kwargs = ['pk']
    template_name = 'netbox_netops/buttons/resume_credential.html'

    @classmethod
    def get_context(cls, context, obj):
        return {'csrf_token': get_token(context['request'])}


@register_model_view(Credential, 'list', path='', detail=False)
class CredentialListView(generic.ObjectListView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    filterset_form = forms.CredentialFilterForm
    table = tables.CredentialTable
    actions = (AddObject, BulkImport, BulkExport, BulkEdit, BulkDelete)


@register_model_view(Credential)
class CredentialView(generic.ObjectView):
    queryset = Credential.objects.prefetch_related(*SCOPE_FIELDS)
    template_name = 'generic/object.html'
    actions = (ResumeCredential, CloneObject, EditObject, DeleteObject)
    layout = SimpleLayout(
        left_panels=[panels.CredentialPanel(), TagsPanel(), CustomFieldsPanel()],
        right_panels=[panels.CredentialScopePanel(), FleetPanel(), CommentsPanel()],
    )

    def get_permitted_actions(self, user, model=None):
        actions = super().get_permitted_actions(user, model=model)
        held = model.stopped or model.statuses.filter(paused_until__isnull=False).exists()
        if held and user.has_perm(f'netbox_netops.{ACTION}_credential', model):
            return actions
        return [action for action in actions if action is not ResumeCredential]

    def get_extra_context(self, request, instance):
        numbers = None
        if request.user.has_perm('netbox_netops.view_credentialstatus'):
            numbers = fleet_numbers(instance, request.user)
        if not request.user.has_perm('netbox_netops.view_target'):
            return {'numbers': numbers}
        query = urlencode({'status': TargetStatusChoices.ACTIVE, 'in_scope_of': instance.pk})
        targets = filtersets.TargetFilterSet(
            QueryDict(query), Target.objects.restrict(request.user, 'view'), request=request
        )
        scope = {'count': targets.qs.count(), 'url': f'{get_action_url(Target, action="list")}?{query}'}
        return {'scope': scope, 'numbers': numbers}


@register_model_view(Credential, 'resume')
class CredentialResumeView(ConditionalLoginRequiredMixin, View):
    """Lets a credential go on. One that the user may not bind does not exist for this view."""

    http_method_names = ('post', 'options')

    def post(self, request, pk):
        credential = get_object_or_404(Credential.objects.restrict(request.user, ACTION), pk=pk)
        resume(credential)
        messages.success(request, _t('{credential} is used again.').format(credential=credential))
        visible = request.user.has_perm('netbox_netops.view_credential', credential)
        return redirect(credential.get_absolute_url() if visible else reverse('home'))


@register_model_view(Credential, 'add', detail=False)
@register_model_view(Credential, 'edit')
class CredentialEditView(generic.ObjectEditView):
    queryset = Credential.objects.all()

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.form = partial(forms.CredentialForm, user=request.user)


@register_model_view(Credential, 'delete')
class CredentialDeleteView(generic.ObjectDeleteView):
    queryset = Credential.objects.all()


@register_model_view(Credential, 'bulk_import', path='import', detail=False)
class CredentialBulkImportView(generic.BulkImportView):
    queryset = Credential.objects.all()
    model_form = forms.CredentialImportForm

    def save_object(self, object_form, request):
        before = bound(request.user, object_form.instance.pk)
        credential = super().save_object(object_form, request)
        check_binding(request.user, credential.pk, before)
        return credential


@register_model_view(Credential, 'bulk_edit', path='edit', detail=False)
class CredentialBulkEditView(generic.BulkEditView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    table = tables.CredentialTable
    form = forms.CredentialBulkEditForm

    def pre_save_operations(self, form, obj):
        self.before = bound(self.request.user, obj.pk)

    def post_save_operations(self, form, obj):
        check_binding(self.request.user, obj.pk, self.before)


@register_model_view(Credential, 'bulk_delete', path='delete', detail=False)
class CredentialBulkDeleteView(generic.BulkDeleteView):
    queryset = Credential.objects.all()
    filterset = filtersets.CredentialFilterSet
    table = tables.CredentialTable
