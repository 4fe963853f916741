from collections.abc import Callable

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from netbox.api.viewsets.mixins import BulkDestroyModelMixin
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import DestroyModelMixin
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from utilities.exceptions import AbortRequest

from netops_worker.errors import NetOpsError

from ... import steering
from ...dispatch import DispatchError, enqueue
from ...filtersets import RunFilterSet, RunTargetFilterSet
from ...kinds import KINDS
from ...lifecycle import expire_overdue
from ...models import Run, RunTarget
from ...permissions import may_start
from ..errors import forbidden, refused, refused_by_dispatch, refused_to_steer
from ..permissions import StartRunPermission
from ..serializers import RunSerializer, RunStartSerializer, RunTargetSerializer
from ..serializers_.starts import RunForbiddenSerializer, RunRefusedSerializer, RunStartedSerializer
from ..serializers_.steering import (
    RunCancelledSerializer,
    RunRerunSerializer,
    RunRetriedSerializer,
    RunSteeringConflictSerializer,
    RunTargetIdsSerializer,
    RunTargetsRefusedSerializer,
)
from .base import RowViewSet, device_prefetch, started

__all__ = (
    'RunTargetViewSet',
    'RunViewSet',
)


class RunViewSet(BulkDestroyModelMixin, DestroyModelMixin, RowViewSet):
    """Runs are started and deleted, never edited."""

    queryset = Run.objects.all()
    serializer_class = RunSerializer
    filterset_class = RunFilterSet
    parser_classes = (JSONParser,)

    def get_permissions(self):
        if self.action in ('create', 'cancel', 'retry', 'rerun'):
            return [StartRunPermission()]
        return super().get_permissions()

    def get_object(self):
        if self.request.method == 'POST':
            # To act on a run takes no right to add one, but that to view it; the rest is up to its targets.
            visible = Run.objects.restrict(self.request.user, 'view').select_related('requested_by', 'policy')
            return get_object_or_404(visible, pk=self.kwargs['pk'])
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
                interactive=True,
            )
        except DispatchError as error:
            in_filter = 'filter' in wanted and error.field in ('', 'devices') and error.code.startswith('selection:')
            return refused_by_dispatch(error, 'filter' if in_filter else '')

        return started(self, dispatch, RunStartedSerializer, own=dispatch.created)

    @extend_schema(
        request=None,
        responses={202: RunCancelledSerializer, 403: RunForbiddenSerializer, 409: RunSteeringConflictSerializer},
    )
    @action(detail=True, methods=['post'])
    def cancel(self, request, pk):
        """
        Cancel what of the run is not finished, on the devices that you may operate; of a run that you asked for, all.
        What waits is cancelled at once, what is at work within 2 s.
        """
        return _steered(lambda: steering.cancel(self.get_object(), request.user), RunCancelledSerializer)

    @extend_schema(
        request=None,
        responses={202: RunRetriedSerializer, 403: RunForbiddenSerializer, 409: RunSteeringConflictSerializer},
    )
    @action(detail=True, methods=['post'])
    def retry(self, request, pk):
        """Try at once what waits for its next attempt, on the devices that you may operate."""
        return _steered(lambda: steering.retry(self.get_object(), request.user), RunRetriedSerializer)

    @extend_schema(
        request=None,
        responses={
            202: RunRerunSerializer,
            400: RunRefusedSerializer,
            403: RunForbiddenSerializer,
            409: RunSteeringConflictSerializer,
        },
    )
    @action(detail=True, methods=['post'])
    def rerun(self, request, pk):
        """
        Start a run of the same kind, with the same options, on those targets of this finished one that failed, expired
        or were cancelled, and that you may operate.
        """
        run = self.get_object()
        try:
            again = steering.rerun(run, request.user)
        except NetOpsError as error:
            return refused_to_steer(error)
        return started(self, again.dispatch, RunRerunSerializer, own=again.dispatch.created, left=again.left)


class RunTargetViewSet(RowViewSet):
    queryset = RunTarget.objects.all()
    serializer_class = RunTargetSerializer
    filterset_class = RunTargetFilterSet
    parser_classes = (JSONParser,)
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }

    def get_permissions(self):
        if self.action in ('cancel', 'retry'):
            return [StartRunPermission()]
        return super().get_permissions()

    @extend_schema(
        request=RunTargetIdsSerializer,
        responses={
            202: RunCancelledSerializer,
            400: RunTargetsRefusedSerializer,
            403: RunForbiddenSerializer,
            409: RunSteeringConflictSerializer,
        },
    )
    @action(detail=False, methods=['post'], filterset_class=None, pagination_class=None)
    def cancel(self, request):
        """Cancel these targets, as far as you may operate them or asked for their run; see the same of runs."""
        return self._steer(steering.cancel_selected, RunCancelledSerializer)

    @extend_schema(
        request=RunTargetIdsSerializer,
        responses={
            202: RunRetriedSerializer,
            400: RunTargetsRefusedSerializer,
            403: RunForbiddenSerializer,
            409: RunSteeringConflictSerializer,
        },
    )
    @action(detail=False, methods=['post'], filterset_class=None, pagination_class=None)
    def retry(self, request):
        """Try these targets at once, as far as they wait for their next attempt and you may operate them."""
        return self._steer(steering.retry_selected, RunRetriedSerializer)

    def _steer(self, operation, serializer: type[Serializer]) -> Response:
        wanted = RunTargetIdsSerializer(data=self.request.data)
        if not wanted.is_valid():
            return refused(wanted.errors)
        ids = wanted.validated_data['ids']
        rows = RunTarget.objects.restrict(self.request.user, 'view').filter(pk__in=ids)
        return _steered(lambda: operation(rows, self.request.user, len(ids)), serializer)


def _steered(operation: Callable, serializer: type[Serializer]) -> Response:
    """202 with what became of it, or the refusal."""
    try:
        outcome = operation()
    except NetOpsError as error:
        return refused_to_steer(error)
    return Response(serializer(outcome).data, status=status.HTTP_202_ACCEPTED)
