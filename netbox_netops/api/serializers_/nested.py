"""Brief forms of models whose full serializers would import each other."""

from netbox.api.serializers import WritableNestedSerializer
from rest_framework import serializers

from ...models import Policy, ScanResult, SystemState

__all__ = (
    'NestedPolicySerializer',
    'NestedScanResultSerializer',
    'NestedSystemStateSerializer',
)


class NestedPolicySerializer(WritableNestedSerializer):
    class Meta:
        model = Policy
        fields = ('id', 'url', 'display', 'name')


class NestedScanResultSerializer(WritableNestedSerializer):
    class Meta:
        model = ScanResult
        fields = ('id', 'url', 'display', 'ok', 'error_code', 'started', 'uptime_ticks')


class NestedSystemStateSerializer(serializers.ModelSerializer):
    """Part of its target: it has no address of its own."""

    class Meta:
        model = SystemState
        fields = (
            'name',
            'description',
            'object_id',
            'contact',
            'location',
            'vendor',
            'model',
            'os',
            'os_version',
            'serial',
            'changed_at',
        )
        read_only_fields = fields
