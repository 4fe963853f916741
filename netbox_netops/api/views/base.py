from dcim.models import Device
from django.db.models import Prefetch
from netbox.api.viewsets import NetBoxReadOnlyModelViewSet

__all__ = (
    'RowViewSet',
    'device_prefetch',
)


def device_prefetch(path: str) -> Prefetch:
    """The devices at `path` in brief: a device is a wide row, and its name may be made of that of other objects."""
    devices = Device.objects.select_related('device_type__manufacturer', 'virtual_chassis').only(
        'name',
        'asset_tag',
        'description',
        'vc_position',
        'device_type__model',
        'device_type__manufacturer__name',
        'virtual_chassis__name',
    )
    return Prefetch(path, queryset=devices)


class RowViewSet(NetBoxReadOnlyModelViewSet):
    """For rows that only jobs write."""

    @staticmethod
    def _get_etag(obj):
        # NetBox would make one of the time of creation, which says nothing about the state.
        return None
