from ...filtersets import ScanResultFilterSet
from ...models import ScanResult
from ..serializers import ScanResultSerializer
from .base import RowViewSet, device_prefetch

__all__ = ('ScanResultViewSet',)


class ScanResultViewSet(RowViewSet):
    queryset = ScanResult.objects.all()
    serializer_class = ScanResultSerializer
    filterset_class = ScanResultFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }
