"""Every type restricts its rows by what the user may view, also where it is reached through another type.

Each says which fields its `display` is made of: the optimizer loads no others, and would fetch them row by row.
"""

from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from netbox.graphql.scalars import BigInt
from netbox.graphql.types import BaseObjectType, PrimaryObjectType, register_type

from .. import models
from .filters import (
    AddressStateFilter,
    BGPPeerStateFilter,
    CredentialChangeFilter,
    CredentialFilter,
    CredentialStatusFilter,
    DifferenceFilter,
    GatewayFilter,
    HostKeyFilter,
    InterfaceStateFilter,
    InventoryStateFilter,
    NeighbourStateFilter,
    PolicyFilter,
    RunFilter,
    RunTargetFilter,
    ScanResultFilter,
    SecretAccessFilter,
    SystemStateFilter,
    TargetFilter,
)

if TYPE_CHECKING:
    from dcim.graphql.types import (
        DeviceRoleType,
        DeviceType,
        InterfaceType,
        LocationType,
        PlatformType,
        RegionType,
        SiteType,
    )
    from extras.graphql.types import TagType
    from ipam.graphql.types import IPAddressType
    from tenancy.graphql.types import TenantGroupType, TenantType
    from users.graphql.types import UserType
    from virtualization.graphql.types import VirtualMachineType, VMInterfaceType

__all__ = (
    'AddressStateType',
    'BGPPeerStateType',
    'CredentialChangeType',
    'CredentialStatusType',
    'CredentialType',
    'DifferenceType',
    'GatewayType',
    'HostKeyType',
    'InterfaceStateType',
    'InventoryStateType',
    'NeighbourStateType',
    'PolicyType',
    'RunTargetType',
    'RunType',
    'ScanResultType',
    'SecretAccessType',
    'SystemStateType',
    'TargetType',
)

_DCIM = strawberry.lazy('dcim.graphql.types')
_TENANCY = strawberry.lazy('tenancy.graphql.types')
_VIRTUALIZATION = strawberry.lazy('virtualization.graphql.types')
_USERS = strawberry.lazy('users.graphql.types')
_OURS = strawberry.lazy('netbox_netops.graphql.types')


@register_type(
    models.Credential, fields='__all__', filters=CredentialFilter, pagination=True, name='NetOpsCredentialType'
)
class CredentialType(PrimaryObjectType):
    regions: list[Annotated['RegionType', _DCIM]]
    sites: list[Annotated['SiteType', _DCIM]]
    locations: list[Annotated['LocationType', _DCIM]]
    roles: list[Annotated['DeviceRoleType', _DCIM]]
    platforms: list[Annotated['PlatformType', _DCIM]]
    tenant_groups: list[Annotated['TenantGroupType', _TENANCY]]
    tenants: list[Annotated['TenantType', _TENANCY]]
    device_tags: list[Annotated['TagType', strawberry.lazy('extras.graphql.types')]]
    devices: list[Annotated['DeviceType', _DCIM]]
    statuses: list[Annotated['CredentialStatusType', _OURS]]
    changes: list[Annotated['CredentialChangeType', _OURS]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Target, fields='__all__', filters=TargetFilter, pagination=True, name='NetOpsTargetType')
class TargetType(BaseObjectType):
    device: Annotated['DeviceType', _DCIM] | None
    virtual_machine: Annotated['VirtualMachineType', _VIRTUALIZATION] | None
    site: Annotated['SiteType', _DCIM] | None
    tenant: Annotated['TenantType', _TENANCY] | None
    role: Annotated['DeviceRoleType', _DCIM] | None
    platform: Annotated['PlatformType', _DCIM] | None
    snmp_credential: Annotated['CredentialType', _OURS] | None
    latest_scan: Annotated['ScanResultType', _OURS] | None
    system: Annotated['SystemStateType', _OURS] | None
    interfaces: list[Annotated['InterfaceStateType', _OURS]]
    addresses: list[Annotated['AddressStateType', _OURS]]
    inventory: list[Annotated['InventoryStateType', _OURS]]
    neighbours: list[Annotated['NeighbourStateType', _OURS]]
    bgp_peers: list[Annotated['BGPPeerStateType', _OURS]]
    scans: list[Annotated['ScanResultType', _OURS]]
    differences: list[Annotated['DifferenceType', _OURS]]
    credential_statuses: list[Annotated['CredentialStatusType', _OURS]]
    credential_changes: list[Annotated['CredentialChangeType', _OURS]]
    host_keys: list[Annotated['HostKeyType', _OURS]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Policy, fields='__all__', filters=PolicyFilter, pagination=True, name='NetOpsPolicyType')
class PolicyType(PrimaryObjectType):
    run_as: Annotated['UserType', _USERS] | None
    last_run: Annotated['RunType', _OURS] | None
    runs: list[Annotated['RunType', _OURS]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Gateway, fields='__all__', filters=GatewayFilter, pagination=True, name='NetOpsGatewayType')
class GatewayType(PrimaryObjectType):
    sites: list[Annotated['SiteType', _DCIM]]
    run_targets: list[Annotated['RunTargetType', _OURS]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Run, fields='__all__', filters=RunFilter, pagination=True, name='NetOpsRunType')
class RunType(BaseObjectType):
    requested_by: Annotated['UserType', _USERS] | None
    cancelled_by: Annotated['UserType', _USERS] | None
    policy: Annotated['PolicyType', _OURS] | None
    targets: list[Annotated['RunTargetType', _OURS]]

    @strawberry_django.field(only=['kind'])
    def display(self) -> str:
        return str(self)


# Never the lease token: whoever holds it may write the result.
@register_type(
    models.RunTarget,
    exclude=('dedup_key', 'lease_token', 'lease_until'),
    filters=RunTargetFilter,
    pagination=True,
    name='NetOpsRunTargetType',
)
class RunTargetType(BaseObjectType):
    run: Annotated['RunType', _OURS] | None
    target: Annotated['TargetType', _OURS] | None
    gateway: Annotated['GatewayType', _OURS] | None

    @strawberry_django.field(only=['name', 'run'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.ScanResult, fields='__all__', filters=ScanResultFilter, pagination=True, name='NetOpsScanResultType'
)
class ScanResultType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    run: Annotated['RunType', _OURS] | None
    credential: Annotated['CredentialType', _OURS] | None
    uptime_ticks: BigInt | None

    @strawberry_django.field(only=['started'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.SystemState, fields='__all__', filters=SystemStateFilter, pagination=True, name='NetOpsSystemStateType'
)
class SystemStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None

    @strawberry_django.field(only=['name', 'object_id'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.InterfaceState,
    fields='__all__',
    filters=InterfaceStateFilter,
    pagination=True,
    name='NetOpsInterfaceStateType',
)
class InterfaceStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    index: BigInt
    mtu: BigInt | None
    speed: BigInt | None
    last_change: BigInt | None
    interface: Annotated['InterfaceType', _DCIM] | None
    vm_interface: Annotated['VMInterfaceType', _VIRTUALIZATION] | None

    @strawberry_django.field(only=['name', 'index'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.AddressState, fields='__all__', filters=AddressStateFilter, pagination=True, name='NetOpsAddressStateType'
)
class AddressStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    if_index: BigInt | None

    @strawberry_django.field(only=['address', 'prefix_length'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.BGPPeerState, fields='__all__', filters=BGPPeerStateFilter, pagination=True, name='NetOpsBGPPeerStateType'
)
class BGPPeerStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    remote_as: BigInt | None
    local_as: BigInt | None
    transitions: BigInt | None
    prefixes_accepted: BigInt | None
    prefixes_advertised: BigInt | None

    @strawberry_django.field(only=['vrf', 'address'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.InventoryState,
    fields='__all__',
    filters=InventoryStateFilter,
    pagination=True,
    name='NetOpsInventoryStateType',
)
class InventoryStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    index: BigInt
    parent: BigInt | None

    @strawberry_django.field(only=['name', 'description', 'index'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.NeighbourState,
    fields='__all__',
    filters=NeighbourStateFilter,
    pagination=True,
    name='NetOpsNeighbourStateType',
)
class NeighbourStateType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    if_index: BigInt | None

    @strawberry_django.field(only=['system_name', 'chassis_id'])
    def display(self) -> str:
        return str(self)


# The data are for the one who applies: they name objects that the reader may not view.
@register_type(
    models.Difference,
    exclude=('data',),
    filters=DifferenceFilter,
    pagination=True,
    name='NetOpsDifferenceType',
)
class DifferenceType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    interface: Annotated['InterfaceType', _DCIM] | None
    vm_interface: Annotated['VMInterfaceType', _VIRTUALIZATION] | None
    ip_address: Annotated['IPAddressType', strawberry.lazy('ipam.graphql.types')] | None

    @strawberry_django.field(only=['kind', 'key'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.CredentialStatus,
    fields='__all__',
    filters=CredentialStatusFilter,
    pagination=True,
    name='NetOpsCredentialStatusType',
)
class CredentialStatusType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    credential: Annotated['CredentialType', _OURS] | None
    run: Annotated['RunType', _OURS] | None

    @strawberry_django.field(only=['verdict', 'checked'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.CredentialChange,
    fields='__all__',
    filters=CredentialChangeFilter,
    pagination=True,
    name='NetOpsCredentialChangeType',
)
class CredentialChangeType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    credential: Annotated['CredentialType', _OURS] | None
    run: Annotated['RunType', _OURS] | None

    @strawberry_django.field(only=['verdict', 'time'])
    def display(self) -> str:
        return str(self)


@register_type(models.HostKey, fields='__all__', filters=HostKeyFilter, pagination=True, name='NetOpsHostKeyType')
class HostKeyType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    approved_by: Annotated['UserType', _USERS] | None

    @strawberry_django.field(only=['type', 'fingerprint'])
    def display(self) -> str:
        return str(self)


@register_type(
    models.SecretAccess, fields='__all__', filters=SecretAccessFilter, pagination=True, name='NetOpsSecretAccessType'
)
class SecretAccessType(BaseObjectType):
    target: Annotated['TargetType', _OURS] | None
    credential: Annotated['CredentialType', _OURS] | None
    run: Annotated['RunType', _OURS] | None

    @strawberry_django.field(only=['time'])
    def display(self) -> str:
        return str(self)
