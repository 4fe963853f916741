"""NetOps on the pages of NetBox's devices and virtual machines."""

from dcim.models import Device
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from netbox.ui.layout import Column, Layout, Row
from utilities.permissions import get_permission_for_model
from utilities.views import ConditionalLoginRequiredMixin, ViewTab, get_action_url, register_model_view
from virtualization.models import VirtualMachine

from ..kinds import DEVICE_SCAN
from ..settings import get_settings
from ..ui import targets as panels
from ..ui.state import find_target, read_state
from .live import Live, LiveView
from .requests import start

__all__ = (
    'DeviceNetOpsView',
    'DeviceScanView',
    'VirtualMachineNetOpsView',
    'VirtualMachineScanView',
)


class NetOpsTabView(LiveView):
    """What NetOps knows about one object. Whoever may view the object may view this."""

    template_name = 'netbox_netops/netops_tab.html'
    base_template: str
    actions = ()
    sections = True
    live_layout = Layout(
        Row(
            Column(panels.StatePanel(actions=[panels.TargetLink()]), panels.ReadinessPanel()),
            Column(panels.SystemPanel(), panels.RecentRunsPanel()),
        ),
    )

    def get_live(self, request, instance):
        target, master = find_target(instance, request.user)
        state = read_state(target)
        return Live(active=bool(state.active), token=state.token, context={'state': state, 'master': master})

    def get_target(self, request, instance, live):
        return live.context['state'].target

    def get_extra_context(self, request, instance):
        chassis = getattr(instance, 'virtual_chassis', None)
        return {
            'base_template': self.base_template,
            'operated': instance.status in get_settings().operated_statuses,
            'chassis_member': bool(chassis and chassis.master_id and chassis.master_id != instance.pk),
            'can_scan': request.user.has_perm(get_permission_for_model(instance, 'netops_scan'), instance),
            'scan_url': get_action_url(instance, action='netops_scan', kwargs={'pk': instance.pk}),
        }


@register_model_view(Device, 'netops')
class DeviceNetOpsView(NetOpsTabView):
    queryset = Device.objects.all()
    base_template = 'dcim/device/base.html'
    tab = ViewTab(label=_('NetOps'), weight=1500, permission='dcim.view_device')


@register_model_view(VirtualMachine, 'netops')
class VirtualMachineNetOpsView(NetOpsTabView):
    queryset = VirtualMachine.objects.all()
    base_template = 'virtualization/virtualmachine/base.html'
    tab = ViewTab(label=_('NetOps'), weight=1500, permission='virtualization.view_virtualmachine')


class ScanView(ConditionalLoginRequiredMixin, View):
    """Starts a scan of one object. What the user may not scan does not exist for this view."""

    http_method_names = ('post', 'options')
    model: type[Device] | type[VirtualMachine]
    selection: str

    def post(self, request, pk):
        obj = get_object_or_404(self.model.objects.restrict(request.user, 'netops_scan'), pk=pk)
        start(
            request,
            DEVICE_SCAN,
            what=_t('Scan of {name}').format(name=obj),
            reason=_t('Scan button'),
            **{self.selection: [obj.pk]},
        )
        return redirect(get_action_url(obj, action='netops', kwargs={'pk': obj.pk}))


@register_model_view(Device, 'netops_scan', path='netops/scan')
class DeviceScanView(ScanView):
    model = Device
    selection = 'devices'


@register_model_view(VirtualMachine, 'netops_scan', path='netops/scan')
class VirtualMachineScanView(ScanView):
    model = VirtualMachine
    selection = 'virtual_machines'
