from dcim.api.serializers import SiteSerializer
from dcim.models import Site
from netbox.api.fields import SerializedPKRelatedField
from netbox.api.serializers import PrimaryModelSerializer
from rest_framework import serializers

from ...assignment import check_sites
from ...models import Gateway

__all__ = ('GatewaySerializer',)


class GatewaySerializer(PrimaryModelSerializer):
    sites = SerializedPKRelatedField(
        queryset=Site.objects.all(), serializer=SiteSerializer, nested=True, required=False, many=True
    )
    last_seen = serializers.DateTimeField(read_only=True, allow_null=True)
    last_worker = serializers.CharField(read_only=True)

    class Meta:
        model = Gateway
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'name',
            'slug',
            'enabled',
            'sites',
            'last_seen',
            'last_worker',
            'description',
            'owner',
            'comments',
            'tags',
            'custom_fields',
            'created',
            'last_updated',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'slug', 'description')

    def validate_sites(self, sites):
        check_sites(sites, self.instance)
        return sites
