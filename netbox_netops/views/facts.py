"""What scans found, over all devices: lists to filter, and a page for each row."""

from netbox.object_actions import BulkExport
from netbox.ui.layout import SimpleLayout
from netbox.views import generic
from utilities.views import register_model_view

from .. import facts, filtersets, forms, tables
from ..models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from ..ui import facts as panels

__all__ = (
    'AddressStateListView',
    'AddressStateView',
    'BGPPeerStateListView',
    'BGPPeerStateView',
    'InterfaceStateListView',
    'InterfaceStateView',
    'InventoryStateListView',
    'InventoryStateView',
    'NeighbourStateListView',
    'NeighbourStateView',
    'SystemStateListView',
    'SystemStateView',
)


class FactListView(generic.ObjectListView):
    actions = (BulkExport,)


class FactView(generic.ObjectView):
    template_name = 'netbox_netops/state_object.html'
    actions = ()


@register_model_view(SystemState, 'list', path='', detail=False)
class SystemStateListView(FactListView):
    queryset = SystemState.objects.all()
    filterset = filtersets.SystemStateFilterSet
    filterset_form = forms.SystemStateFilterForm
    table = tables.SystemStateTable


@register_model_view(SystemState)
class SystemStateView(FactView):
    queryset = SystemState.objects.select_related('target')
    layout = SimpleLayout(left_panels=[panels.SystemStatePanel()])


@register_model_view(InterfaceState, 'list', path='', detail=False)
class InterfaceStateListView(FactListView):
    queryset = InterfaceState.objects.all()
    filterset = filtersets.InterfaceStateFilterSet
    filterset_form = forms.InterfaceStateFilterForm
    table = tables.InterfaceStateTable


@register_model_view(InterfaceState)
class InterfaceStateView(FactView):
    queryset = InterfaceState.objects.select_related('target', 'interface', 'vm_interface')
    layout = SimpleLayout(left_panels=[panels.InterfacePanel()], right_panels=[panels.InterfaceStatePanel()])


@register_model_view(AddressState, 'list', path='', detail=False)
class AddressStateListView(FactListView):
    queryset = facts.addresses()
    filterset = filtersets.AddressStateFilterSet
    filterset_form = forms.AddressStateFilterForm
    table = tables.AddressStateTable


@register_model_view(AddressState)
class AddressStateView(FactView):
    queryset = facts.addresses().select_related('target')
    layout = SimpleLayout(left_panels=[panels.AddressPanel()])


@register_model_view(InventoryState, 'list', path='', detail=False)
class InventoryStateListView(FactListView):
    queryset = facts.inventory()
    filterset = filtersets.InventoryStateFilterSet
    filterset_form = forms.InventoryStateFilterForm
    table = tables.InventoryStateTable


@register_model_view(InventoryState)
class InventoryStateView(FactView):
    queryset = facts.inventory().select_related('target')
    layout = SimpleLayout(left_panels=[panels.InventoryPanel()], right_panels=[panels.RevisionPanel()])


@register_model_view(NeighbourState, 'list', path='', detail=False)
class NeighbourStateListView(FactListView):
    queryset = facts.neighbours()
    filterset = filtersets.NeighbourStateFilterSet
    filterset_form = forms.NeighbourStateFilterForm
    table = tables.NeighbourStateTable


@register_model_view(NeighbourState)
class NeighbourStateView(FactView):
    queryset = facts.neighbours().select_related('target')
    layout = SimpleLayout(left_panels=[panels.NeighbourPanel()], right_panels=[panels.NeighbourPortPanel()])


@register_model_view(BGPPeerState, 'list', path='', detail=False)
class BGPPeerStateListView(FactListView):
    queryset = BGPPeerState.objects.all()
    filterset = filtersets.BGPPeerStateFilterSet
    filterset_form = forms.BGPPeerStateFilterForm
    table = tables.BGPPeerStateTable


@register_model_view(BGPPeerState)
class BGPPeerStateView(FactView):
    queryset = BGPPeerState.objects.select_related('target')
    layout = SimpleLayout(left_panels=[panels.BGPPeerPanel()], right_panels=[panels.BGPStatePanel()])
