from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from netbox.graphql.filters import BaseModelFilter, PrimaryModelFilter, register_filter
from strawberry import ID
from strawberry_django import BaseFilterLookup, DatetimeFilterLookup, FilterLookup, StrFilterLookup

from .. import models

if TYPE_CHECKING:
    from dcim.graphql.filters import DeviceFilter, DeviceRoleFilter, PlatformFilter, SiteFilter
    from netbox.graphql.filter_lookups import BigIntegerLookup, IntegerLookup
    from tenancy.graphql.filters import TenantFilter
    from users.graphql.filters import UserFilter
    from virtualization.graphql.filters import VirtualMachineFilter

    from .enums import (
        CredentialProtocolEnum,
        ReachabilityEnum,
        RunKindEnum,
        RunStatusEnum,
        RunTargetStateEnum,
        SecretProviderEnum,
        TargetStatusEnum,
    )

__all__ = (
    'CredentialFilter',
    'InterfaceStateFilter',
    'RunFilter',
    'RunTargetFilter',
    'ScanResultFilter',
    'TargetFilter',
)

_ENUMS = strawberry.lazy('netbox_netops.graphql.enums')
_LOOKUPS = strawberry.lazy('netbox.graphql.filter_lookups')
_DCIM = strawberry.lazy('dcim.graphql.filters')
_TENANCY = strawberry.lazy('tenancy.graphql.filters')
_OURS = strawberry.lazy('netbox_netops.graphql.filters')


@register_filter(models.Credential, lookups=True, name='NetOpsCredentialFilter')
class CredentialFilter(PrimaryModelFilter):
    name: StrFilterLookup | None = strawberry_django.filter_field()
    protocol: BaseFilterLookup[Annotated['CredentialProtocolEnum', _ENUMS]] | None = strawberry_django.filter_field()
    provider: BaseFilterLookup[Annotated['SecretProviderEnum', _ENUMS]] | None = strawberry_django.filter_field()
    reference: StrFilterLookup | None = strawberry_django.filter_field()
    enabled: FilterLookup[bool] | None = strawberry_django.filter_field()
    weight: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    sites: Annotated['SiteFilter', _DCIM] | None = strawberry_django.filter_field()
    tenants: Annotated['TenantFilter', _TENANCY] | None = strawberry_django.filter_field()
    roles: Annotated['DeviceRoleFilter', _DCIM] | None = strawberry_django.filter_field()
    platforms: Annotated['PlatformFilter', _DCIM] | None = strawberry_django.filter_field()


@register_filter(models.Target, lookups=True, name='NetOpsTargetFilter')
class TargetFilter(BaseModelFilter):
    device: Annotated['DeviceFilter', _DCIM] | None = strawberry_django.filter_field()
    device_id: ID | None = strawberry_django.filter_field()
    virtual_machine: Annotated['VirtualMachineFilter', strawberry.lazy('virtualization.graphql.filters')] | None = (
        strawberry_django.filter_field()
    )
    virtual_machine_id: ID | None = strawberry_django.filter_field()
    name: StrFilterLookup | None = strawberry_django.filter_field()
    status: BaseFilterLookup[Annotated['TargetStatusEnum', _ENUMS]] | None = strawberry_django.filter_field()
    site: Annotated['SiteFilter', _DCIM] | None = strawberry_django.filter_field()
    site_id: ID | None = strawberry_django.filter_field()
    tenant: Annotated['TenantFilter', _TENANCY] | None = strawberry_django.filter_field()
    tenant_id: ID | None = strawberry_django.filter_field()
    role: Annotated['DeviceRoleFilter', _DCIM] | None = strawberry_django.filter_field()
    role_id: ID | None = strawberry_django.filter_field()
    platform: Annotated['PlatformFilter', _DCIM] | None = strawberry_django.filter_field()
    platform_id: ID | None = strawberry_django.filter_field()
    reachability: BaseFilterLookup[Annotated['ReachabilityEnum', _ENUMS]] | None = strawberry_django.filter_field()
    reachability_since: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_attempt_at: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_success_at: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_error: StrFilterLookup | None = strawberry_django.filter_field()
    created: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.Run, lookups=True, name='NetOpsRunFilter')
class RunFilter(BaseModelFilter):
    kind: BaseFilterLookup[Annotated['RunKindEnum', _ENUMS]] | None = strawberry_django.filter_field()
    status: BaseFilterLookup[Annotated['RunStatusEnum', _ENUMS]] | None = strawberry_django.filter_field()
    reason: StrFilterLookup | None = strawberry_django.filter_field()
    requested_by: Annotated['UserFilter', strawberry.lazy('users.graphql.filters')] | None = (
        strawberry_django.filter_field()
    )
    requested_by_id: ID | None = strawberry_django.filter_field()
    created: DatetimeFilterLookup | None = strawberry_django.filter_field()
    started: DatetimeFilterLookup | None = strawberry_django.filter_field()
    finished: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.RunTarget, lookups=True, name='NetOpsRunTargetFilter')
class RunTargetFilter(BaseModelFilter):
    run: Annotated['RunFilter', _OURS] | None = strawberry_django.filter_field()
    run_id: ID | None = strawberry_django.filter_field()
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    name: StrFilterLookup | None = strawberry_django.filter_field()
    state: BaseFilterLookup[Annotated['RunTargetStateEnum', _ENUMS]] | None = strawberry_django.filter_field()
    attempt: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    error_code: StrFilterLookup | None = strawberry_django.filter_field()
    worker: StrFilterLookup | None = strawberry_django.filter_field()
    started: DatetimeFilterLookup | None = strawberry_django.filter_field()
    finished: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.ScanResult, lookups=True, name='NetOpsScanResultFilter')
class ScanResultFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    run: Annotated['RunFilter', _OURS] | None = strawberry_django.filter_field()
    run_id: ID | None = strawberry_django.filter_field()
    credential: Annotated['CredentialFilter', _OURS] | None = strawberry_django.filter_field()
    credential_id: ID | None = strawberry_django.filter_field()
    ok: FilterLookup[bool] | None = strawberry_django.filter_field()
    error_code: StrFilterLookup | None = strawberry_django.filter_field()
    started: DatetimeFilterLookup | None = strawberry_django.filter_field()
    duration_ms: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    sys_name: StrFilterLookup | None = strawberry_django.filter_field()
    sys_description: StrFilterLookup | None = strawberry_django.filter_field()
    sys_object_id: StrFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.InterfaceState, lookups=True, name='NetOpsInterfaceStateFilter')
class InterfaceStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    index: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    name: StrFilterLookup | None = strawberry_django.filter_field()
    description: StrFilterLookup | None = strawberry_django.filter_field()
    alias: StrFilterLookup | None = strawberry_django.filter_field()
    type: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    speed: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    mac: StrFilterLookup | None = strawberry_django.filter_field()
    admin_status: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    oper_status: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    oper_since: DatetimeFilterLookup | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()
