from netbox.api.serializers import BaseModelSerializer
from rest_framework import serializers

from ...models import ScanResult
from .credentials import CredentialSerializer
from .fields import ErrorInfoField
from .runs import RunSerializer
from .targets import TargetSerializer

__all__ = ('ScanResultSerializer',)


class NetOpsProblemSerializer(serializers.Serializer):
    collector = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class NetOpsChangeSerializer(serializers.Serializer):
    """`old` is null where a row appeared, `new` where one vanished; `field` is empty in both cases."""

    family = serializers.CharField()
    key = serializers.CharField()
    field = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class ScanResultSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    run = RunSerializer(nested=True, read_only=True, allow_null=True)
    credential = CredentialSerializer(nested=True, read_only=True, allow_null=True)
    error = ErrorInfoField(source='error_code')
    counts = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text=ScanResult._meta.get_field('counts').help_text
    )
    problems = NetOpsProblemSerializer(many=True, read_only=True)
    changes = NetOpsChangeSerializer(many=True, read_only=True)

    class Meta:
        model = ScanResult
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'run',
            'credential',
            'ok',
            'error_code',
            'error_detail',
            'error',
            'started',
            'duration_ms',
            'worker',
            'uptime_ticks',
            'first',
            'counts',
            'problems',
            'change_count',
            'changes',
        )
        brief_fields = ('id', 'url', 'display', 'ok', 'error_code', 'started', 'uptime_ticks')
