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
    CredentialFilter,
    InterfaceStateFilter,
    RunFilter,
    RunTargetFilter,
    ScanResultFilter,
    TargetFilter,
)

if TYPE_CHECKING:
    from dcim.graphql.types import DeviceRoleType, DeviceType, PlatformType, SiteType
    from tenancy.graphql.types import TenantType
    from users.graphql.types import UserType
    from virtualization.graphql.types import VirtualMachineType

__all__ = (
    'CredentialType',
    'InterfaceStateType',
    'RunTargetType',
    'RunType',
    'ScanResultType',
    'TargetType',
)

_DCIM = strawberry.lazy('dcim.graphql.types')
_TENANCY = strawberry.lazy('tenancy.graphql.types')
_OURS = strawberry.lazy('netbox_netops.graphql.types')


@register_type(
    models.Credential, fields='__all__', filters=CredentialFilter, pagination=True, name='NetOpsCredentialType'
)
class CredentialType(PrimaryObjectType):
    sites: list[Annotated['SiteType', _DCIM]]
    tenants: list[Annotated['TenantType', _TENANCY]]
    roles: list[Annotated['DeviceRoleType', _DCIM]]
    platforms: list[Annotated['PlatformType', _DCIM]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Target, fields='__all__', filters=TargetFilter, pagination=True, name='NetOpsTargetType')
class TargetType(BaseObjectType):
    device: Annotated['DeviceType', _DCIM] | None
    virtual_machine: Annotated['VirtualMachineType', strawberry.lazy('virtualization.graphql.types')] | None
    site: Annotated['SiteType', _DCIM] | None
    tenant: Annotated['TenantType', _TENANCY] | None
    role: Annotated['DeviceRoleType', _DCIM] | None
    platform: Annotated['PlatformType', _DCIM] | None
    snmp_credential: Annotated['CredentialType', _OURS] | None
    latest_scan: Annotated['ScanResultType', _OURS] | None
    interfaces: list[Annotated['InterfaceStateType', _OURS]]

    @strawberry_django.field(only=['name'])
    def display(self) -> str:
        return str(self)


@register_type(models.Run, fields='__all__', filters=RunFilter, pagination=True, name='NetOpsRunType')
class RunType(BaseObjectType):
    requested_by: Annotated['UserType', strawberry.lazy('users.graphql.types')] | None
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

    @strawberry_django.field(only=['name', 'index'])
    def display(self) -> str:
        return str(self)
