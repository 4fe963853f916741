from django.contrib import messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from netbox.object_actions import BulkDelete, BulkExport, DeleteObject, ObjectAction
from netbox.ui.layout import Column, Layout, Row
from netbox.ui.panels import PluginContentPanel
from netbox.views import generic
from netbox.views.generic.base import BaseMultiObjectView
from utilities.views import get_action_url, register_model_view

from .. import filtersets, forms, tables
from ..choices import TargetStatusChoices
from ..kinds import NETBOX_SYNC
from ..models import Target
from ..permissions import may_start
from ..ui import targets as panels
from ..ui.credential_use import TargetCredentialsPanel
from ..ui.panels import OptionsPanel
from ..ui.starting import BULK_START_ACTIONS
from ..ui.state import read_state
from .live import Live, LiveView
from .requests import start

__all__ = (
    'TargetBulkDeleteView',
    'TargetDeleteView',
    'TargetListView',
    'TargetSyncView',
    'TargetView',
)


class SyncTargets(ObjectAction):
    """The button on the list. A form of its own: it changes something, so it is a POST."""

    name = 'sync'
    label = _('Sync from NetBox')
    permissions_required = {'netops_sync'}
    template_name = 'netbox_netops/buttons/sync.html'

    @classmethod
    def get_context(cls, context, obj):
        return {'csrf_token': get_token(context['request'])}


@register_model_view(Target, 'list', path='', detail=False)
class TargetListView(generic.ObjectListView):
    queryset = Target.objects.all()
    filterset = filtersets.TargetFilterSet
    filterset_form = forms.TargetFilterForm
    table = tables.TargetTable
    actions = (SyncTargets, BulkExport, BulkDelete)

    def get_permitted_actions(self, user, model=None):
        # By the rights on devices and virtual machines, not on targets.
        starts = [action for action in BULK_START_ACTIONS if may_start(user, action.kind)]
        return [*super().get_permitted_actions(user, model), *starts]


@register_model_view(Target)
class TargetView(LiveView):
    queryset = Target.objects.select_related(
        *('latest_scan', 'system', 'snmp_credential'),
        *('device', 'virtual_machine', 'site', 'tenant', 'role', 'platform'),
    )
    sections = True
    live_layout = Layout(
        Row(
            Column(panels.TargetPanel(), panels.ReadinessPanel()),
            Column(panels.StatePanel(), panels.SystemPanel(), TargetCredentialsPanel(), panels.RecentRunsPanel()),
        ),
    )
    layout = Layout(
        Row(
            Column(
                OptionsPanel('options', title=_('Options from the config context')), PluginContentPanel('left_page')
            ),
            Column(PluginContentPanel('right_page')),
        ),
        Row(Column(PluginContentPanel('full_width_page'))),
    )

    def get_permitted_actions(self, user, model=None):
        if model.status != TargetStatusChoices.RETIRED:
            return []
        return super().get_permitted_actions(user, model=model)

    actions = (DeleteObject,)

    def get_live(self, request, instance):
        state = read_state(instance)
        return Live(active=bool(state.active), token=state.token, context={'state': state})

    def get_target(self, request, instance, live):
        return instance


@register_model_view(Target, 'delete')
class TargetDeleteView(generic.ObjectDeleteView):
    queryset = Target.objects.all()

    def get(self, request, *args, **kwargs):
        return self._refuse(request, **kwargs) or super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        return self._refuse(request, **kwargs) or super().post(request, *args, **kwargs)

    def _refuse(self, request, **kwargs):
        target = self.get_object(**kwargs)
        if target.status == TargetStatusChoices.RETIRED:
            return None
        messages.error(request, _('Only retired targets can be deleted: the next sync would bring this one back.'))
        url = target.get_absolute_url()
        # The confirmation is asked for inside a modal, which a plain redirect would fill with the page.
        return HttpResponse(headers={'HX-Redirect': url}) if request.htmx else redirect(url)


@register_model_view(Target, 'bulk_delete', path='delete', detail=False)
class TargetBulkDeleteView(generic.BulkDeleteView):
    """Deletes the retired ones of the selection, and says how many it left out."""

    queryset = Target.objects.filter(status=TargetStatusChoices.RETIRED)
    filterset = filtersets.TargetFilterSet
    table = tables.TargetTable

    def post(self, request, **kwargs):
        if '_confirm' not in request.POST and (left_out := self._left_out(request)):
            messages.warning(
                request,
                ngettext(
                    '{count} target is not retired and is left out: the next sync would bring it back.',
                    '{count} targets are not retired and are left out: the next sync would bring them back.',
                    left_out,
                ).format(count=left_out),
            )
        return super().post(request, **kwargs)

    def _left_out(self, request) -> int:
        targets = Target.objects.restrict(request.user, 'delete').exclude(status=TargetStatusChoices.RETIRED)
        if request.POST.get('_all'):
            return self.filterset(request.GET, targets, request=request).qs.count()
        return targets.filter(pk__in=request.POST.getlist('pk')).count()


@register_model_view(Target, 'sync', detail=False)
class TargetSyncView(BaseMultiObjectView):
    queryset = Target.objects.all()
    http_method_names = ('post', 'options')

    def get_required_permission(self):
        return 'netbox_netops.netops_sync_target'

    def post(self, request):
        start(
            request,
            NETBOX_SYNC,
            what=_('Sync from NetBox'),
            reason=_('Target list'),
        )
        return redirect(get_action_url(Target, action='list'))
