from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from netbox.api.viewsets import NetBoxModelViewSet
from netbox.api.viewsets.mixins import discard_events_on_rollback
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from ...binding import ACTION, BindingDenied, bound, check_binding
from ...filtersets import CredentialFilterSet
from ...lockout import resume
from ...models import Credential
from ..permissions import BindSecretPermission
from ..serializers import CredentialSerializer
from ..serializers_.starts import RunForbiddenSerializer
from .base import device_prefetch

__all__ = ('CredentialViewSet',)


class CredentialViewSet(NetBoxModelViewSet):
    queryset = Credential.objects.all()
    serializer_class = CredentialSerializer
    filterset_class = CredentialFilterSet
    field_prefetches = {
        ('devices',): (device_prefetch('devices'),),
    }

    # Why a secret may not be bound. NetBox tells who writes many at once no more than that something is denied.
    denied: BindingDenied | None = None

    def perform_create(self, serializer):
        self._perform(super().perform_create, serializer)

    def perform_update(self, serializer):
        self._perform(super().perform_update, serializer)

    def _perform(self, perform, serializer) -> None:
        user = self.request.user
        try:
            with transaction.atomic(), discard_events_on_rollback(self):
                before = bound(user, serializer.instance and serializer.instance.pk)
                perform(serializer)
                check_binding(user, serializer.instance.pk, before)
        except BindingDenied as error:
            self.denied = error
            raise PermissionDenied(error.message) from None

    def get_permissions(self):
        if self.action == 'resume':
            return [BindSecretPermission()]
        return super().get_permissions()

    @extend_schema(request=None, responses={200: CredentialSerializer, 403: RunForbiddenSerializer})
    @action(detail=True, methods=['post'])
    def resume(self, request, pk):
        """
        Let a credential go on that was stopped, or that is paused on some devices, because they rejected it.
        """
        credential = get_object_or_404(Credential.objects.restrict(request.user, ACTION), pk=pk)
        resume(credential)
        return Response(self.get_serializer(Credential.objects.get(pk=pk)).data)

    def finalize_response(self, request, response, *args, **kwargs):
        if self.denied is not None and response.status_code == 403:
            response.data |= {'detail': self.denied.message, 'code': self.denied.code}
        return super().finalize_response(request, response, *args, **kwargs)
