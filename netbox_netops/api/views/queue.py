from django.http import Http404
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from netbox.api.authentication import TokenPermissions
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet
from utilities.exceptions import PermissionsViolation

from ...models import Pause, Run
from ...overview import read_overview
from ...pausing import pause_for, resume_for
from ..serializers import PauseSerializer
from ..serializers_.queue import QueueSerializer
from .base import RowViewSet

__all__ = (
    'PauseViewSet',
    'QueueViewSet',
)


class QueueViewSet(ViewSet):
    """Who may view runs may see the numbers of the whole fleet."""

    queryset = Run.objects.all()
    permission_classes = (TokenPermissions,)

    @extend_schema(responses=forced_singular_serializer(QueueSerializer))
    def list(self, request):
        """What waits, who does it, what holds it up."""
        return Response(QueueSerializer(read_overview(), context={'request': request}).data)


class PauseViewSet(RowViewSet):
    """A kind of run is paused as long as its pause is there."""

    queryset = Pause.objects.all()
    serializer_class = PauseSerializer
    lookup_field = 'kind'

    @extend_schema(request=PauseSerializer, responses={200: PauseSerializer, 201: PauseSerializer})
    def create(self, request, *args, **kwargs):
        """Pause a kind of run, fleet-wide. The answer is 200 when it was paused already."""
        serializer = PauseSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        try:
            created = pause_for(request.user, wanted['kind'], wanted.get('reason', ''))
        except PermissionsViolation as error:
            raise PermissionDenied(error.message) from None
        pause = Pause.objects.select_related('paused_by').get(kind=wanted['kind'])
        data = PauseSerializer(pause, context=self.get_serializer_context()).data
        return Response(
            data,
            status=status.HTTP_201_CREATED if created else status.HTTP_200_OK,
            headers={'Location': str(data['url'])},
        )

    @extend_schema(responses={204: None})
    def destroy(self, request, *args, kind, **kwargs):
        """Resume the kind of run."""
        try:
            if not resume_for(request.user, kind):
                raise Http404
        except PermissionsViolation as error:
            raise PermissionDenied(error.message) from None
        return Response(status=status.HTTP_204_NO_CONTENT)
