from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from ... import filtersets
from ...host_keys import APPROVE, decide
from ...models import CredentialChange, CredentialStatus, HostKey, SecretAccess
from .. import serializers
from ..permissions import ApproveHostKeyPermission
from ..serializers_.starts import RunForbiddenSerializer
from .base import RowViewSet, device_prefetch

__all__ = (
    'CredentialChangeViewSet',
    'CredentialStatusViewSet',
    'HostKeyViewSet',
    'SecretAccessViewSet',
)

_DECIDED = {'request': None, 'responses': {200: serializers.HostKeySerializer, 403: RunForbiddenSerializer}}


class CredentialStatusViewSet(RowViewSet):
    queryset = CredentialStatus.objects.all()
    serializer_class = serializers.CredentialStatusSerializer
    filterset_class = filtersets.CredentialStatusFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class CredentialChangeViewSet(RowViewSet):
    queryset = CredentialChange.objects.all()
    serializer_class = serializers.CredentialChangeSerializer
    filterset_class = filtersets.CredentialChangeFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }


class HostKeyViewSet(RowViewSet):
    queryset = HostKey.objects.all()
    serializer_class = serializers.HostKeySerializer
    filterset_class = filtersets.HostKeyFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }

    def get_permissions(self):
        if self.action in ('approve', 'reject'):
            return [ApproveHostKeyPermission()]
        return super().get_permissions()

    @extend_schema(**_DECIDED)
    @action(detail=True, methods=['post'])
    def approve(self, request, pk):
        """
        Trust the key: passwords are sent to whoever has it. The trusted key of the same type is rejected.
        """
        return self._decide(request, pk, trusted=True)

    @extend_schema(**_DECIDED)
    @action(detail=True, methods=['post'])
    def reject(self, request, pk):
        """
        Reject the key: nothing is sent to whoever has it.
        """
        return self._decide(request, pk, trusted=False)

    def _decide(self, request, pk, *, trusted: bool):
        key = get_object_or_404(HostKey.objects.restrict(request.user, APPROVE), pk=pk)
        decide(key, request.user, trusted=trusted)
        row = HostKey.objects.select_related('target', 'approved_by').get(pk=key.pk)
        return Response(self.get_serializer(row).data)


class SecretAccessViewSet(RowViewSet):
    queryset = SecretAccess.objects.all()
    serializer_class = serializers.SecretAccessSerializer
    filterset_class = filtersets.SecretAccessFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
    }
