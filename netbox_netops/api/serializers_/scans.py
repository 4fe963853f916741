from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer

from ...choices import InterfaceStatusChoices
from ...models import InterfaceState, ScanResult
from .credentials import CredentialSerializer
from .fields import ErrorInfoField
from .runs import RunSerializer
from .targets import TargetSerializer

__all__ = (
    'InterfaceStateSerializer',
    'ScanResultSerializer',
)


class ScanResultSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    run = RunSerializer(nested=True, read_only=True, allow_null=True)
    credential = CredentialSerializer(nested=True, read_only=True, allow_null=True)
    error = ErrorInfoField(source='error_code')

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
            'sys_name',
            'sys_description',
            'sys_object_id',
            'sys_contact',
            'sys_location',
            'uptime_ticks',
            'interface_count',
        )
        brief_fields = ('id', 'url', 'display', 'ok', 'error_code', 'started', 'sys_name')


class InterfaceStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    admin_status = ChoiceField(choices=InterfaceStatusChoices, read_only=True, allow_null=True)
    oper_status = ChoiceField(choices=InterfaceStatusChoices, read_only=True, allow_null=True)

    class Meta:
        model = InterfaceState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'index',
            'name',
            'description',
            'alias',
            'type',
            'mtu',
            'speed',
            'mac',
            'admin_status',
            'oper_status',
            'last_change',
            'oper_since',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'index', 'name', 'oper_status')
