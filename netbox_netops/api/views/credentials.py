from netbox.api.viewsets import NetBoxModelViewSet

from ...filtersets import CredentialFilterSet
from ...models import Credential
from ..serializers import CredentialSerializer

__all__ = ('CredentialViewSet',)


class CredentialViewSet(NetBoxModelViewSet):
    queryset = Credential.objects.all()
    serializer_class = CredentialSerializer
    filterset_class = CredentialFilterSet
