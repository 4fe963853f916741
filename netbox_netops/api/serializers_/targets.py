from dcim.api.serializers import DeviceRoleSerializer, DeviceSerializer, PlatformSerializer, SiteSerializer
from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer
from tenancy.api.serializers import TenantSerializer
from virtualization.api.serializers import VirtualMachineSerializer

from ...choices import ReachabilityChoices, TargetStatusChoices
from ...models import Target
from .credentials import CredentialSerializer
from .fields import ErrorInfoField
from .nested import NestedScanResultSerializer, NestedSystemStateSerializer

__all__ = ('TargetSerializer',)


class TargetSerializer(BaseModelSerializer):
    device = DeviceSerializer(nested=True, read_only=True, allow_null=True)
    virtual_machine = VirtualMachineSerializer(nested=True, read_only=True, allow_null=True)
    status = ChoiceField(choices=TargetStatusChoices, read_only=True)
    site = SiteSerializer(nested=True, read_only=True, allow_null=True)
    tenant = TenantSerializer(nested=True, read_only=True, allow_null=True)
    role = DeviceRoleSerializer(nested=True, read_only=True, allow_null=True)
    platform = PlatformSerializer(nested=True, read_only=True, allow_null=True)
    snmp_credential = CredentialSerializer(nested=True, read_only=True, allow_null=True)
    reachability = ChoiceField(choices=ReachabilityChoices, read_only=True)
    error = ErrorInfoField(source='last_error')
    latest_scan = NestedScanResultSerializer(read_only=True, allow_null=True)
    system = NestedSystemStateSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Target
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'name',
            'device',
            'virtual_machine',
            'status',
            'address',
            'site',
            'tenant',
            'role',
            'platform',
            'options',
            'options_error',
            'snmp_credential',
            'reachability',
            'reachability_since',
            'failures',
            'spared_until',
            'last_attempt_at',
            'last_success_at',
            'last_error',
            'error',
            'latest_scan',
            'system',
            'created',
            'synced_at',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'device', 'virtual_machine')
