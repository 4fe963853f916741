from ...filtersets import InterfaceStateFilterSet, ScanResultFilterSet
from ...models import InterfaceState, ScanResult
from ..serializers import InterfaceStateSerializer, ScanResultSerializer
from .base import RowViewSet, device_prefetch

__all__ = (
    'InterfaceStateViewSet',
    'ScanResultViewSet',
)


class ScanResultViewSet(RowViewSet):
    queryset = ScanResult.objects.all()
    serializer_class = ScanResultSerializer
    filterset_class = ScanResultFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
        # The name of a scan result begins with that of its target.
        ('display',): ('target',),
    }


class InterfaceStateViewSet(RowViewSet):
    queryset = InterfaceState.objects.all()
    serializer_class = InterfaceStateSerializer
    filterset_class = InterfaceStateFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }
