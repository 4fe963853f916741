from dcim.models import Device
from django.db.models import Prefetch
from netbox.api.viewsets import NetBoxReadOnlyModelViewSet

__all__ = (
    'RowViewSet',
    'device_prefetch',
)


def device_prefetch(path: str) -> Prefetch:
    """The devices at `path`, with what the name of an unnamed device is made of."""
    return Prefetch(path, queryset=Device.objects.select_related('device_type__manufacturer'))


class RowViewSet(NetBoxReadOnlyModelViewSet):
    """For rows that only jobs write."""

    @staticmethod
    def _get_etag(obj):
        # NetBox would make one of the time of creation, which says nothing about the state.
        return None
