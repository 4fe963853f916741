from django.contrib import messages
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
from netbox.ui.panels import CommentsPanel, ObjectsTablePanel
from netbox.views import generic
from utilities.views import ConditionalLoginRequiredMixin, register_model_view

from .. import filtersets, forms, policies, tables
from ..dispatch import DispatchError
from ..errors import describe
from ..models import Policy
from ..ui import policies as panels
from ..ui.panels import OptionsPanel
from .requests import tell

__all__ = (
    'PolicyBulkDeleteView',
    'PolicyBulkEditView',
    'PolicyBulkImportView',
    'PolicyDeleteView',
    'PolicyEditView',
    'PolicyListView',
    'PolicyRunView',
    'PolicyView',
)


class RunPolicy(ObjectAction):
    """A form of its own: it changes something, so it is a POST."""

    name = 'run'
    label = _('Run now')
    permissions_required = {'netops_run'}
    url_kwargs = ['pk']
    template_name = 'netbox_netops/buttons/run_policy.html'

    @classmethod
    def get_context(cls, context, obj):
        return {'csrf_token': get_token(context['request'])}


@register_model_view(Policy, 'list', path='', detail=False)
class PolicyListView(generic.ObjectListView):
    queryset = Policy.objects.all()
    filterset = filtersets.PolicyFilterSet
    filterset_form = forms.PolicyFilterForm
    table = tables.PolicyTable
    actions = (AddObject, BulkImport, BulkExport, BulkEdit, BulkDelete)


@register_model_view(Policy)
class PolicyView(generic.ObjectView):
    queryset = Policy.objects.select_related('run_as', 'last_run')
    template_name = 'generic/object.html'
    actions = (RunPolicy, CloneObject, EditObject, DeleteObject)
    layout = SimpleLayout(
        left_panels=[
            panels.PolicyPanel(),
            OptionsPanel('device_filter', title=_('Device filter')),
            OptionsPanel('machine_filter', title=_('Virtual machine filter')),
            OptionsPanel('options', title=_('Options')),
            TagsPanel(),
            CustomFieldsPanel(),
        ],
        right_panels=[panels.PolicySchedulePanel(), panels.PolicyPreviewPanel(), CommentsPanel()],
        bottom_panels=[
            ObjectsTablePanel(
                'netbox_netops.run',
                title=_('Runs'),
                filters={'policy_id': lambda context: context['object'].pk},
                exclude_columns=['policy'],
            )
        ],
    )

    def get_permitted_actions(self, user, model=None):
        actions = super().get_permitted_actions(user, model=model)
        if model.enabled and user.has_perm('netbox_netops.netops_run_policy', model):
            return actions
        return [action for action in actions if action is not RunPolicy]

    def get_extra_context(self, request, instance):
        preview = policies.preview(instance, request.user)
        return {
            'preview': preview,
            'problem': describe(preview.error) if preview.error else '',
            'upcoming': policies.upcoming(instance),
        }


@register_model_view(Policy, 'run')
class PolicyRunView(ConditionalLoginRequiredMixin, View):
    """Starts the policy. One that the user may not run does not exist for this view."""

    http_method_names = ('post', 'options')

    def post(self, request, pk):
        policy = get_object_or_404(Policy.objects.restrict(request.user, 'netops_run'), pk=pk)
        try:
            outcome = policies.fire(policy, user=request.user, reason=_t('Run now'))
        except DispatchError as error:
            messages.error(request, describe(error))
        else:
            tell(request, outcome, what=policy.name)
        visible = request.user.has_perm('netbox_netops.view_policy', policy)
        return redirect(policy.get_absolute_url() if visible else reverse('home'))


class PolicyFormView:
    """Whoever saves a policy becomes its user; only the forms of superusers let them choose another one."""

    form_attribute = 'form'
    admin_form: type

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_superuser:
            setattr(self, self.form_attribute, self.admin_form)


@register_model_view(Policy, 'add', detail=False)
@register_model_view(Policy, 'edit')
class PolicyEditView(PolicyFormView, generic.ObjectEditView):
    queryset = Policy.objects.all()
    form = forms.PolicyForm
    admin_form = forms.PolicyAdminForm

    def alter_object(self, obj, request, url_args, url_kwargs):
        before = obj.run_as if obj.pk else None
        policies.take_over(obj, request.user)
        if request.method == 'GET' and not request.htmx and before not in (None, obj.run_as):
            messages.warning(
                request,
                _t('When you save it, the policy will act with your permissions, not with those of {user}.').format(
                    user=before
                ),
            )
        return obj


@register_model_view(Policy, 'delete')
class PolicyDeleteView(generic.ObjectDeleteView):
    queryset = Policy.objects.all()


@register_model_view(Policy, 'bulk_import', path='import', detail=False)
class PolicyBulkImportView(PolicyFormView, generic.BulkImportView):
    queryset = Policy.objects.all()
    form_attribute = 'model_form'
    model_form = forms.PolicyImportForm
    admin_form = forms.PolicyAdminImportForm

    def save_object(self, object_form, request):
        policies.take_over(object_form.instance, request.user)
        return super().save_object(object_form, request)


@register_model_view(Policy, 'bulk_edit', path='edit', detail=False)
class PolicyBulkEditView(PolicyFormView, generic.BulkEditView):
    queryset = Policy.objects.all()
    filterset = filtersets.PolicyFilterSet
    table = tables.PolicyTable
    form = forms.PolicyBulkEditForm
    admin_form = forms.PolicyAdminBulkEditForm

    def pre_save_operations(self, form, obj):
        policies.take_over(obj, self.request.user)


@register_model_view(Policy, 'bulk_delete', path='delete', detail=False)
class PolicyBulkDeleteView(generic.BulkDeleteView):
    queryset = Policy.objects.all()
    filterset = filtersets.PolicyFilterSet
    table = tables.PolicyTable
