from dcim.api.serializers import InterfaceSerializer
from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer
from virtualization.api.serializers import VMInterfaceSerializer

from ...choices import BGPStateChoices, InterfaceStatusChoices, NeighbourProtocolChoices, PhysicalClassChoices
from ...models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from .targets import TargetSerializer

__all__ = (
    'AddressStateSerializer',
    'BGPPeerStateSerializer',
    'InterfaceStateSerializer',
    'InventoryStateSerializer',
    'NeighbourStateSerializer',
    'SystemStateSerializer',
)


class AddressStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)

    class Meta:
        model = AddressState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'address',
            'prefix_length',
            'if_index',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'address', 'prefix_length')


class BGPPeerStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    state = ChoiceField(choices=BGPStateChoices, read_only=True, allow_null=True)

    class Meta:
        model = BGPPeerState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'vrf',
            'address',
            'remote_as',
            'local_as',
            'local_address',
            'router_id',
            'state',
            'enabled',
            'state_since',
            'established_at',
            'transitions',
            'prefixes_accepted',
            'prefixes_advertised',
            'last_error',
            'description',
            'mib',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'vrf', 'address', 'remote_as', 'state')


class InterfaceStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    admin_status = ChoiceField(choices=InterfaceStatusChoices, read_only=True, allow_null=True)
    oper_status = ChoiceField(choices=InterfaceStatusChoices, read_only=True, allow_null=True)
    interface = InterfaceSerializer(nested=True, read_only=True, allow_null=True)
    vm_interface = VMInterfaceSerializer(nested=True, read_only=True, allow_null=True)

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
            'interface',
            'vm_interface',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'index', 'name', 'oper_status')


class InventoryStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    physical_class = ChoiceField(choices=PhysicalClassChoices, read_only=True, allow_null=True)

    class Meta:
        model = InventoryState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'index',
            'parent',
            'physical_class',
            'name',
            'description',
            'model',
            'serial',
            'hardware',
            'firmware',
            'software',
            'manufacturer',
            'vendor_type',
            'fru',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'index', 'name', 'model', 'serial')


class NeighbourStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    protocol = ChoiceField(choices=NeighbourProtocolChoices, read_only=True)

    class Meta:
        model = NeighbourState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'protocol',
            'if_index',
            'local_port',
            'chassis_id',
            'port_id',
            'port_description',
            'system_name',
            'system_description',
            'address',
            'platform',
            'changed_at',
        )
        brief_fields = ('id', 'url', 'display', 'protocol', 'local_port', 'system_name', 'port_id')


class SystemStateSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)

    class Meta:
        model = SystemState
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
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
        brief_fields = ('id', 'url', 'display', 'name', 'vendor', 'model', 'os', 'os_version')
