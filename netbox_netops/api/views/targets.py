from ...filtersets import TargetFilterSet
from ...models import Target
from ..serializers import TargetSerializer
from .base import RowViewSet, device_prefetch

__all__ = ('TargetViewSet',)


class TargetViewSet(RowViewSet):
    queryset = Target.objects.all()
    serializer_class = TargetSerializer
    filterset_class = TargetFilterSet
    field_prefetches = {
        ('device',): (device_prefetch('device'),),
    }
