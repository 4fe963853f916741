from django.utils import timezone
from drf_spectacular.utils import extend_schema
from netbox.api.viewsets.mixins import BulkDestroyModelMixin
from rest_framework import status
from rest_framework.mixins import DestroyModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from utilities.exceptions import AbortRequest

from ...dispatch import DispatchError, enqueue
from ...filtersets import RunFilterSet, RunTargetFilterSet
from ...kinds import KINDS
from ...lifecycle import expire_overdue
from ...models import Run, RunTarget
from ..errors import forbidden, refused, refused_by_dispatch
from ..permissions import StartRunPermission, may_start
from ..serializers import RunSerializer, RunStartSerializer, RunTargetSerializer
from ..serializers_.starts import RunForbiddenSerializer, RunRefusedSerializer, RunStartedSerializer
from .base import RowViewSet, device_prefetch

__all__ = (
    'RunTargetViewSet',
    'RunViewSet',
)


# What a user who may not view runs learns of the run that already works on his devices.
JOINED_FIELDS = ('id', 'url', 'display', 'kind', 'status', 'is_active', 'dispatch')


class RunViewSet(BulkDestroyModelMixin, DestroyModelMixin, RowViewSet):
    """Runs are started and deleted, never edited."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilterSet
    parser_classes = (JSONParser,)

    def get_permissions(self):
        if self.action == 'create':
            return [StartRunPermission()]
        return super().get_permissions()

    def get_object(self):
        run = super().get_object()
        if self.action == 'retrieve' and run.is_active and run.expires <= timezone.now():
            # Where no worker and no scheduler runs, whoever waits for the run would wait for ever.
            expire_overdue()
            run = super().get_object()
        return run

    def handle_exception(self, exc):
        # From the rules of an administrator that protect objects from deletion.
        if isinstance(exc, AbortRequest):
            return Response({'detail': exc.message}, status=status.HTTP_400_BAD_REQUEST)
        return super().handle_exception(exc)

    @extend_schema(
        request=RunStartSerializer,
        responses={202: RunStartedSerializer, 400: RunRefusedSerializer, 403: RunForbiddenSerializer},
    )
    def create(self, request, *args, **kwargs):
        """
        Start a run on devices and virtual machines, by their IDs or by a filter. The answer is the new run or, when all
        of them are already being worked on, the active one. The right to do so is that of the kind on the objects
        (for example dcim.netops_scan_device), not add_run.
        """
        start = RunStartSerializer(data=request.data, context=self.get_serializer_context())
        valid = start.is_valid()
        # Before anything about devices is said.
        if 'kind' not in start.errors and isinstance(request.data, dict):
            kind = KINDS.get(request.data.get('kind'))
            if kind and not may_start(request.user, kind):
                return forbidden()
        if not valid:
            return refused(start.errors)

        wanted = start.validated_data
        try:
            dispatch = enqueue(
                wanted['kind'],
                user=request.user,
                devices=wanted.get('filter', wanted.get('devices', ())),
                virtual_machines=wanted.get('virtual_machines', ()),
                reason=wanted.get('reason', ''),
                options=wanted.get('options', {}),
            )
        except DispatchError as error:
            in_filter = 'filter' in wanted and error.field in ('', 'devices') and error.code.startswith('selection:')
            return refused_by_dispatch(error, 'filter' if in_filter else '')

        run = Run.objects.select_related('requested_by').get(pk=dispatch.run.pk)
        run.dispatch = dispatch
        data = RunStartedSerializer(run, context=self.get_serializer_context()).data
        if not dispatch.created and not request.user.has_perm('netbox_netops.view_run', run):
            # Another's run: who asked for it and why is not for this user.
            data = {name: data[name] for name in JOINED_FIELDS}
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={'Location': data['url']})


class RunTargetViewSet(RowViewSet):
    queryset = RunTarget.objects.all()
    serializer_class = RunTargetSerializer
    filterset_class = RunTargetFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }
