"""Brief forms of models whose full serializers would import each other."""

from netbox.api.serializers import WritableNestedSerializer

from ...models import ScanResult

__all__ = ('NestedScanResultSerializer',)


class NestedScanResultSerializer(WritableNestedSerializer):
    class Meta:
        model = ScanResult
        fields = ('id', 'url', 'display', 'ok', 'error_code', 'started', 'sys_name')
