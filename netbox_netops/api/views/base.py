from dcim.models import Device
from django.db.models import Prefetch
from netbox.api.viewsets import NetBoxReadOnlyModelViewSet
from rest_framework import status
from rest_framework.response import Response

from ...dispatch import Dispatch
from ...models import Run
from ..serializers_.starts import RunStartedSerializer

__all__ = (
    'RowViewSet',
    'device_prefetch',
    'started',
)

# What a user who may not view runs learns of one that is not his.
_FIELDS_FOR_STRANGERS = ('id', 'url', 'display', 'kind', 'status', 'is_active', 'dispatch')


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


def started(viewset, dispatch: Dispatch, serializer: type[RunStartedSerializer], *, own: bool, **values) -> Response:
    """202 with the run, what became of the request, and `values` besides. `own`: the user asked for this run."""
    run = Run.objects.select_related('requested_by', 'cancelled_by', 'policy').get(pk=dispatch.run.pk)
    run.dispatch = dispatch
    for name, value in values.items():
        setattr(run, name, value)
    data = serializer(run, context=viewset.get_serializer_context()).data
    if not own and not viewset.request.user.has_perm('netbox_netops.view_run', run):
        # Who asked for it and why is not for this user.
        data = {name: data[name] for name in (*_FIELDS_FOR_STRANGERS, *values)}
    return Response(data, status=status.HTTP_202_ACCEPTED, headers={'Location': str(data['url'])})
