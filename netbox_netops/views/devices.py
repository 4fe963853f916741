"""NetOps on the pages of NetBox's devices and virtual machines."""

from dcim.models import Device
from django.utils.translation import gettext_lazy as _
from netbox.ui.layout import Column, Layout, Row
from utilities.views import ViewTab, register_model_view
from virtualization.models import VirtualMachine

from ..settings import get_settings
from ..ui import targets as panels
from ..ui.credential_use import TargetCredentialsPanel
from ..ui.starting import start_buttons
from ..ui.state import find_target, read_state
from .live import Live, LiveView

__all__ = (
    'DeviceNetOpsView',
    'VirtualMachineNetOpsView',
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
            Column(panels.SystemPanel(), TargetCredentialsPanel(), panels.RecentRunsPanel()),
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
            'buttons': start_buttons(instance, request.user),
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
