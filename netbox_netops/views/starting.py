"""Starting work from the pages of NetBox and from the list of targets: a device, a selection, a site, a tenant.

For each kind of run that works on single targets. Whoever may carry out its action on the objects may start it there.
"""

from dcim.filtersets import DeviceFilterSet
from dcim.models import Device, Site
from dcim.views import DeviceListView
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View
from tenancy.models import Tenant
from utilities.permissions import get_permission_for_model
from utilities.views import ConditionalLoginRequiredMixin, get_action_url, register_model_view
from virtualization.filtersets import VirtualMachineFilterSet
from virtualization.models import VirtualMachine
from virtualization.views import VirtualMachineListView

from .. import filtersets
from ..choices import TargetStatusChoices
from ..kinds import Kind
from ..models import Target
from ..permissions import may_start, startable
from ..querysets import permitted_targets
from ..settings import get_settings
from ..ui.starting import BULK_START_ACTIONS, TARGET_KINDS
from .confirmation import Confirmation, ask
from .requests import number, start, warnings_about
from .selections import SelectionView

__all__ = (
    'DeviceBulkStartView',
    'DeviceStartView',
    'SiteStartView',
    'TargetBulkStartView',
    'TenantStartView',
    'VirtualMachineBulkStartView',
    'VirtualMachineStartView',
)


class StartView(ConditionalLoginRequiredMixin, View):
    """On one object. What the user may not operate does not exist for this view."""

    http_method_names = ('post', 'options')
    model: type[Device] | type[VirtualMachine]
    argument: str

    def post(self, request, pk, kind: Kind):
        obj = get_object_or_404(self.model.objects.restrict(request.user, kind.action), pk=pk)
        start(
            request,
            kind.slug,
            what=_('{kind} of {name}').format(kind=kind.label, name=obj),
            reason=_('{verb} button').format(verb=kind.verb),
            **{self.argument: [obj.pk]},
        )
        return redirect(get_action_url(obj, action='netops', kwargs={'pk': obj.pk}))


class DeviceStartView(StartView):
    model = Device
    argument = 'devices'


class VirtualMachineStartView(StartView):
    model = VirtualMachine
    argument = 'virtual_machines'


class BulkStartView(SelectionView):
    """On what is selected in a list of devices or virtual machines, or all that match its filters."""

    argument: str
    reason: str

    def get_required_permission(self):
        return get_permission_for_model(self.queryset.model, 'view')

    def post(self, request, kind: Kind):
        if not self.may_start(request.user, kind):
            return self.handle_no_permission()
        # A subquery, because joins of filters may repeat a row.
        model = self.queryset.model
        chosen = model.objects.filter(pk__in=self.get_selection(request).order_by().values('pk'))
        start(
            request,
            kind.slug,
            what=kind.label,
            reason=_('Selection in a list'),
            left_out=chosen.count() - self.get_permitted(request.user, kind, chosen).count(),
            **self.get_arguments(request.user, kind, chosen),
        )
        return redirect(self.get_return_url(request))

    def may_start(self, user, kind: Kind) -> bool:
        return user.has_perm(get_permission_for_model(self.queryset.model, kind.action))

    def get_permitted(self, user, kind: Kind, chosen: QuerySet) -> QuerySet:
        return chosen.restrict(user, kind.action)

    def get_arguments(self, user, kind: Kind, chosen: QuerySet) -> dict[str, QuerySet]:
        return {self.argument: chosen}


class DeviceBulkStartView(BulkStartView):
    queryset = Device.objects.all()
    filterset = DeviceFilterSet
    argument = 'devices'


class VirtualMachineBulkStartView(BulkStartView):
    queryset = VirtualMachine.objects.all()
    filterset = VirtualMachineFilterSet
    argument = 'virtual_machines'


class TargetBulkStartView(BulkStartView):
    queryset = Target.objects.all()
    filterset = filtersets.TargetFilterSet

    def may_start(self, user, kind):
        return may_start(user, kind)

    def get_permitted(self, user, kind, chosen):
        return chosen.filter(permitted_targets(user, action=kind.action) or Q())

    def get_arguments(self, user, kind, chosen):
        return startable(
            user,
            kind,
            devices=Device.objects.filter(netops_target__in=chosen.values('pk')),
            virtual_machines=VirtualMachine.objects.filter(netops_target__in=chosen.values('pk')),
        )


class ScopeStartView(ConditionalLoginRequiredMixin, View):
    """On all that is operated at a site, or of a tenant, and has an address; asks first, with the number."""

    http_method_names = ('get', 'post', 'options')
    model: type[Site] | type[Tenant]
    field: str

    def dispatch(self, request, *args, **kwargs):
        if not may_start(request.user, kwargs['kind']):
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, pk, kind: Kind):
        scope = self.get_scope(request, pk)
        selection = self.get_selection(scope, request.user, kind)
        devices, machines = (
            selection[name].restrict(request.user, kind.action).count() if name in selection else 0
            for name in ('devices', 'virtual_machines')
        )
        lines = []
        if devices:
            lines.append(ngettext('{count} device', '{count} devices', devices).format(count=number(devices)))
        if machines:
            lines.append(
                ngettext('{count} virtual machine', '{count} virtual machines', machines).format(count=number(machines))
            )
        if lines:
            text = _('What is operated there, has an address, and may be operated by you:')
        else:
            text = _('Nothing is operated there that has an address and may be operated by you.')
        return ask(
            request,
            Confirmation(
                title=_('{kind}: {name}').format(kind=kind.label, name=scope),
                text=text,
                lines=lines,
                warnings=warnings_about(kind),
                button=kind.verb,
                icon=kind.icon,
                possible=bool(lines),
                return_url=scope.get_absolute_url(),
            ),
        )

    def post(self, request, pk, kind: Kind):
        scope = self.get_scope(request, pk)
        name = scope._meta.verbose_name
        start(
            request,
            kind.slug,
            what=_('{kind}: {name}').format(kind=kind.label, name=scope),
            reason=_('All of the {model} {name}').format(model=name, name=scope),
            **self.get_selection(scope, request.user, kind),
        )
        return redirect(scope.get_absolute_url())

    def get_scope(self, request, pk):
        return get_object_or_404(self.model.objects.restrict(request.user, 'view'), pk=pk)

    def get_selection(self, scope, user, kind: Kind) -> dict[str, QuerySet]:
        # Members of a chassis have no address of their own: the master stands for them.
        addressed = Q(netops_target__address__isnull=False)
        addressed |= Q(primary_ip4__isnull=False) | Q(primary_ip6__isnull=False)
        operated = ~Q(netops_target__status=TargetStatusChoices.DISABLED)
        operated &= Q(**{self.field: scope}, status__in=get_settings().operated_statuses)
        return startable(
            user,
            kind,
            devices=Device.objects.filter(operated, addressed | Q(oob_ip__isnull=False)),
            virtual_machines=VirtualMachine.objects.filter(operated, addressed),
        )


class SiteStartView(ScopeStartView):
    model = Site
    field = 'site'


class TenantStartView(ScopeStartView):
    model = Tenant
    field = 'tenant'


_SINGLE = {
    Device: DeviceStartView,
    VirtualMachine: VirtualMachineStartView,
    Site: SiteStartView,
    Tenant: TenantStartView,
}
_BULK = {Device: DeviceBulkStartView, VirtualMachine: VirtualMachineBulkStartView, Target: TargetBulkStartView}

for _kind in TARGET_KINDS:
    _path = f'netops/{_kind.action.removeprefix("netops_").replace("_", "-")}'
    for _model, _view in _SINGLE.items():
        register_model_view(_model, _kind.action, path=_path, kwargs={'kind': _kind})(_view)
    for _model, _view in _BULK.items():
        register_model_view(_model, f'bulk_{_kind.action}', path=_path, detail=False, kwargs={'kind': _kind})(_view)

# NetBox has no way to add an action to its own lists; this is where it looks for them whenever it shows one.
for _list in (DeviceListView, VirtualMachineListView):
    _list.actions = (*_list.actions, *BULK_START_ACTIONS)
