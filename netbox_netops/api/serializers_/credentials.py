from dcim.api.serializers import (
    DeviceRoleSerializer,
    DeviceSerializer,
    LocationSerializer,
    PlatformSerializer,
    RegionSerializer,
    SiteSerializer,
)
from dcim.models import Device, DeviceRole, Location, Platform, Region, Site
from extras.api.serializers import TagSerializer
from extras.models import Tag
from netbox.api.fields import ChoiceField, SerializedPKRelatedField
from netbox.api.serializers import PrimaryModelSerializer
from tenancy.api.serializers import TenantGroupSerializer, TenantSerializer
from tenancy.models import Tenant, TenantGroup

from ...choices import (
    AlgorithmChoices,
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ...models import Credential
from ...models.credentials import SCOPE_FIELDS
from ...protocols import FIELDS
from .fields import ErrorInfoField

__all__ = ('CredentialSerializer',)


class CredentialSerializer(PrimaryModelSerializer):
    protocol = ChoiceField(choices=CredentialProtocolChoices, required=False)
    provider = ChoiceField(choices=SecretProviderChoices, required=False)
    auth_protocol = ChoiceField(choices=AuthProtocolChoices, required=False, allow_blank=True)
    privacy_protocol = ChoiceField(choices=PrivacyProtocolChoices, required=False, allow_blank=True)
    algorithms = ChoiceField(choices=AlgorithmChoices, required=False, allow_blank=True)
    regions = SerializedPKRelatedField(
        queryset=Region.objects.all(), serializer=RegionSerializer, nested=True, required=False, many=True
    )
    sites = SerializedPKRelatedField(
        queryset=Site.objects.all(), serializer=SiteSerializer, nested=True, required=False, many=True
    )
    locations = SerializedPKRelatedField(
        queryset=Location.objects.all(), serializer=LocationSerializer, nested=True, required=False, many=True
    )
    roles = SerializedPKRelatedField(
        queryset=DeviceRole.objects.all(), serializer=DeviceRoleSerializer, nested=True, required=False, many=True
    )
    platforms = SerializedPKRelatedField(
        queryset=Platform.objects.all(), serializer=PlatformSerializer, nested=True, required=False, many=True
    )
    tenant_groups = SerializedPKRelatedField(
        queryset=TenantGroup.objects.all(), serializer=TenantGroupSerializer, nested=True, required=False, many=True
    )
    tenants = SerializedPKRelatedField(
        queryset=Tenant.objects.all(), serializer=TenantSerializer, nested=True, required=False, many=True
    )
    device_tags = SerializedPKRelatedField(
        queryset=Tag.objects.all(), serializer=TagSerializer, nested=True, required=False, many=True
    )
    devices = SerializedPKRelatedField(
        queryset=Device.objects.all(), serializer=DeviceSerializer, nested=True, required=False, many=True
    )
    stopped_error = ErrorInfoField(source='stopped_code')

    class Meta:
        model = Credential
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'name',
            'protocol',
            'provider',
            *FIELDS,
            'enabled',
            'weight',
            *SCOPE_FIELDS,
            'stopped',
            'stopped_code',
            'stopped_error',
            'description',
            'owner',
            'comments',
            'tags',
            'custom_fields',
            'created',
            'last_updated',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'protocol', 'description')
