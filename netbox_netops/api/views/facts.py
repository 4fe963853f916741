from ... import filtersets
from ...models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from .. import serializers
from .base import RowViewSet, device_prefetch

__all__ = (
    'AddressStateViewSet',
    'BGPPeerStateViewSet',
    'InterfaceStateViewSet',
    'InventoryStateViewSet',
    'NeighbourStateViewSet',
    'SystemStateViewSet',
)


class AddressStateViewSet(RowViewSet):
    queryset = AddressState.objects.all()
    serializer_class = serializers.AddressStateSerializer
    filterset_class = filtersets.AddressStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class BGPPeerStateViewSet(RowViewSet):
    queryset = BGPPeerState.objects.all()
    serializer_class = serializers.BGPPeerStateSerializer
    filterset_class = filtersets.BGPPeerStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class InterfaceStateViewSet(RowViewSet):
    queryset = InterfaceState.objects.all()
    serializer_class = serializers.InterfaceStateSerializer
    filterset_class = filtersets.InterfaceStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
        ('interface',): (device_prefetch('interface__device'),),
    }


class InventoryStateViewSet(RowViewSet):
    queryset = InventoryState.objects.all()
    serializer_class = serializers.InventoryStateSerializer
    filterset_class = filtersets.InventoryStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class NeighbourStateViewSet(RowViewSet):
    queryset = NeighbourState.objects.all()
    serializer_class = serializers.NeighbourStateSerializer
    filterset_class = filtersets.NeighbourStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class SystemStateViewSet(RowViewSet):
    queryset = SystemState.objects.all()
    serializer_class = serializers.SystemStateSerializer
    filterset_class = filtersets.SystemStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }
