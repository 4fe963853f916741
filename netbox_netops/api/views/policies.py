from django.core.exceptions import NON_FIELD_ERRORS
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from netbox.api.viewsets import NetBoxModelViewSet
from rest_framework.decorators import action
from rest_framework.response import Response

from ... import policies
from ...dispatch import DispatchError
from ...filtersets import PolicyFilterSet
from ...models import Policy
from ..errors import refused_by_dispatch
from ..permissions import RunPolicyPermission
from ..serializers import PolicySerializer
from ..serializers_.policies import PolicyPreviewSerializer
from ..serializers_.starts import RunForbiddenSerializer, RunRefusedSerializer, RunStartedSerializer
from ..serializers_.steering import RunSteeringConflictSerializer
from .base import started

__all__ = ('PolicyViewSet',)


# What NetBox documents for everything that is read; these are for objects.
_NONE = [OpenApiParameter(name, exclude=True) for name in ('brief', 'fields', 'omit')]


class PolicyViewSet(NetBoxModelViewSet):
    queryset = Policy.objects.all()
    serializer_class = PolicySerializer
    filterset_class = PolicyFilterSet

    def get_permissions(self):
        if self.action == 'run':
            return [RunPolicyPermission()]
        return super().get_permissions()

    @extend_schema(
        request=None,
        responses={
            202: RunStartedSerializer,
            400: RunRefusedSerializer,
            403: RunForbiddenSerializer,
            409: RunSteeringConflictSerializer,
        },
    )
    @action(detail=True, methods=['post'])
    def run(self, request, pk):
        """
        Run the policy now, whatever its schedule says, with the permissions of its user. The answer is the new run or,
        when all of its devices are already being worked on, the active one.
        """
        policy = get_object_or_404(Policy.objects.restrict(request.user, 'netops_run'), pk=pk)
        try:
            dispatch = policies.fire(policy, user=request.user, reason=_('Run now'))
        except DispatchError as error:
            # The request has no fields that could be at fault.
            return refused_by_dispatch(error, NON_FIELD_ERRORS)
        return started(self, dispatch, RunStartedSerializer, own=False)

    @extend_schema(parameters=_NONE, responses={200: PolicyPreviewSerializer})
    @action(detail=True, methods=['get'], filterset_class=None, pagination_class=None)
    def preview(self, request, pk):
        """
        What the policy would operate if it ran now, with the permissions of its user, and when it runs next.
        """
        policy = self.get_object()
        preview = policies.preview(policy, request.user)
        serializer = PolicyPreviewSerializer(
            {'parts': preview.parts, 'error': preview.error, 'next_times': policies.upcoming(policy)},
            context=self.get_serializer_context(),
        )
        return Response(serializer.data)
