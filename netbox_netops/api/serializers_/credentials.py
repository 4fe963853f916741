from dcim.api.serializers import DeviceRoleSerializer, PlatformSerializer, SiteSerializer
from dcim.models import DeviceRole, Platform, Site
from netbox.api.fields import ChoiceField, SerializedPKRelatedField
from netbox.api.serializers import PrimaryModelSerializer
from tenancy.api.serializers import TenantSerializer
from tenancy.models import Tenant

from ...choices import (
    AuthProtocolChoices,
    CredentialProtocolChoices,
    PrivacyProtocolChoices,
    SecretProviderChoices,
)
from ...models import Credential

__all__ = ('CredentialSerializer',)


class CredentialSerializer(PrimaryModelSerializer):
    protocol = ChoiceField(choices=CredentialProtocolChoices, required=False)
    provider = ChoiceField(choices=SecretProviderChoices, required=False)
    auth_protocol = ChoiceField(choices=AuthProtocolChoices, required=False, allow_blank=True)
    privacy_protocol = ChoiceField(choices=PrivacyProtocolChoices, required=False, allow_blank=True)
    sites = SerializedPKRelatedField(
        queryset=Site.objects.all(), serializer=SiteSerializer, nested=True, required=False, many=True
    )
    tenants = SerializedPKRelatedField(
        queryset=Tenant.objects.all(), serializer=TenantSerializer, nested=True, required=False, many=True
    )
    roles = SerializedPKRelatedField(
        queryset=DeviceRole.objects.all(), serializer=DeviceRoleSerializer, nested=True, required=False, many=True
    )
    platforms = SerializedPKRelatedField(
        queryset=Platform.objects.all(), serializer=PlatformSerializer, nested=True, required=False, many=True
    )

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
            'reference',
            'username',
            'auth_protocol',
            'privacy_protocol',
            'privacy_reference',
            'context_name',
            'enabled',
            'weight',
            'sites',
            'tenants',
            'roles',
            'platforms',
            'description',
            'owner',
            'comments',
            'tags',
            'custom_fields',
            'created',
            'last_updated',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'protocol', 'description')
