"""Brief forms of models whose full serializers would import each other."""

from netbox.api.serializers import WritableNestedSerializer
from rest_framework import serializers

from ...models import ScanResult, SystemState

__all__ = (
    'NestedScanResultSerializer',
    'NestedSystemStateSerializer',
)


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
