from typing import TYPE_CHECKING, Annotated

import strawberry
import strawberry_django
from netbox.graphql.filters import BaseModelFilter, PrimaryModelFilter, register_filter
from strawberry import ID
from strawberry_django import BaseFilterLookup, DatetimeFilterLookup, FilterLookup, StrFilterLookup

from .. import models

if TYPE_CHECKING:
    from dcim.graphql.filters import (
        DeviceFilter,
        DeviceRoleFilter,
        LocationFilter,
        PlatformFilter,
        RegionFilter,
        SiteFilter,
    )
    from extras.graphql.filters import TagFilter
    from netbox.graphql.filter_lookups import BigIntegerLookup, IntegerLookup
    from tenancy.graphql.filters import TenantFilter, TenantGroupFilter
    from users.graphql.filters import UserFilter
    from virtualization.graphql.filters import VirtualMachineFilter

    from .enums import (
        CredentialProtocolEnum,
        DifferenceKindEnum,
        HostKeyStateEnum,
        NeighbourProtocolEnum,
        ReachabilityEnum,
        RunKindEnum,
        RunStatusEnum,
        RunTargetStateEnum,
        SecretProviderEnum,
        TargetStatusEnum,
        VerdictEnum,
    )

__all__ = (
    'AddressStateFilter',
    'BGPPeerStateFilter',
    'CredentialChangeFilter',
    'CredentialFilter',
    'CredentialStatusFilter',
    'DifferenceFilter',
    'GatewayFilter',
    'HostKeyFilter',
    'InterfaceStateFilter',
    'InventoryStateFilter',
    'NeighbourStateFilter',
    'PolicyFilter',
    'RunFilter',
    'RunTargetFilter',
    'ScanResultFilter',
    'SecretAccessFilter',
    'SystemStateFilter',
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
    username: StrFilterLookup | None = strawberry_django.filter_field()
    auth_protocol: StrFilterLookup | None = strawberry_django.filter_field()
    privacy_protocol: StrFilterLookup | None = strawberry_django.filter_field()
    privacy_reference: StrFilterLookup | None = strawberry_django.filter_field()
    context_name: StrFilterLookup | None = strawberry_django.filter_field()
    enabled: FilterLookup[bool] | None = strawberry_django.filter_field()
    weight: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    passphrase_reference: StrFilterLookup | None = strawberry_django.filter_field()
    host: StrFilterLookup | None = strawberry_django.filter_field()
    port: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    algorithms: StrFilterLookup | None = strawberry_django.filter_field()
    stopped: DatetimeFilterLookup | None = strawberry_django.filter_field()
    stopped_code: StrFilterLookup | None = strawberry_django.filter_field()
    regions: Annotated['RegionFilter', _DCIM] | None = strawberry_django.filter_field()
    sites: Annotated['SiteFilter', _DCIM] | None = strawberry_django.filter_field()
    locations: Annotated['LocationFilter', _DCIM] | None = strawberry_django.filter_field()
    roles: Annotated['DeviceRoleFilter', _DCIM] | None = strawberry_django.filter_field()
    platforms: Annotated['PlatformFilter', _DCIM] | None = strawberry_django.filter_field()
    tenant_groups: Annotated['TenantGroupFilter', _TENANCY] | None = strawberry_django.filter_field()
    tenants: Annotated['TenantFilter', _TENANCY] | None = strawberry_django.filter_field()
    device_tags: Annotated['TagFilter', strawberry.lazy('extras.graphql.filters')] | None = (
        strawberry_django.filter_field()
    )
    devices: Annotated['DeviceFilter', _DCIM] | None = strawberry_django.filter_field()


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
    system: Annotated['SystemStateFilter', _OURS] | None = strawberry_django.filter_field()
    created: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.Policy, lookups=True, name='NetOpsPolicyFilter')
class PolicyFilter(PrimaryModelFilter):
    name: StrFilterLookup | None = strawberry_django.filter_field()
    enabled: FilterLookup[bool] | None = strawberry_django.filter_field()
    kind: BaseFilterLookup[Annotated['RunKindEnum', _ENUMS]] | None = strawberry_django.filter_field()
    cron: StrFilterLookup | None = strawberry_django.filter_field()
    interval: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    run_as: Annotated['UserFilter', strawberry.lazy('users.graphql.filters')] | None = strawberry_django.filter_field()
    run_as_id: ID | None = strawberry_django.filter_field()
    next_run: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_fired: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_outcome: StrFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.Gateway, lookups=True, name='NetOpsGatewayFilter')
class GatewayFilter(PrimaryModelFilter):
    name: StrFilterLookup | None = strawberry_django.filter_field()
    slug: StrFilterLookup | None = strawberry_django.filter_field()
    enabled: FilterLookup[bool] | None = strawberry_django.filter_field()
    sites: Annotated['SiteFilter', _DCIM] | None = strawberry_django.filter_field()
    last_seen: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.Run, lookups=True, name='NetOpsRunFilter')
class RunFilter(BaseModelFilter):
    kind: BaseFilterLookup[Annotated['RunKindEnum', _ENUMS]] | None = strawberry_django.filter_field()
    status: BaseFilterLookup[Annotated['RunStatusEnum', _ENUMS]] | None = strawberry_django.filter_field()
    reason: StrFilterLookup | None = strawberry_django.filter_field()
    requested_by: Annotated['UserFilter', strawberry.lazy('users.graphql.filters')] | None = (
        strawberry_django.filter_field()
    )
    requested_by_id: ID | None = strawberry_django.filter_field()
    policy: Annotated['PolicyFilter', _OURS] | None = strawberry_django.filter_field()
    policy_id: ID | None = strawberry_django.filter_field()
    interactive: FilterLookup[bool] | None = strawberry_django.filter_field()
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
    blocked: StrFilterLookup | None = strawberry_django.filter_field()
    urgent: FilterLookup[bool] | None = strawberry_django.filter_field()
    next_attempt: DatetimeFilterLookup | None = strawberry_django.filter_field()
    gateway: Annotated['GatewayFilter', _OURS] | None = strawberry_django.filter_field()
    gateway_id: ID | None = strawberry_django.filter_field()
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
    first: FilterLookup[bool] | None = strawberry_django.filter_field()
    change_count: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()


@register_filter(models.SystemState, lookups=True, name='NetOpsSystemStateFilter')
class SystemStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    name: StrFilterLookup | None = strawberry_django.filter_field()
    description: StrFilterLookup | None = strawberry_django.filter_field()
    object_id: StrFilterLookup | None = strawberry_django.filter_field()
    contact: StrFilterLookup | None = strawberry_django.filter_field()
    location: StrFilterLookup | None = strawberry_django.filter_field()
    vendor: StrFilterLookup | None = strawberry_django.filter_field()
    model: StrFilterLookup | None = strawberry_django.filter_field()
    os: StrFilterLookup | None = strawberry_django.filter_field()
    os_version: StrFilterLookup | None = strawberry_django.filter_field()
    serial: StrFilterLookup | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()


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


@register_filter(models.AddressState, lookups=True, name='NetOpsAddressStateFilter')
class AddressStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    address: StrFilterLookup | None = strawberry_django.filter_field()
    if_index: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    prefix_length: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.BGPPeerState, lookups=True, name='NetOpsBGPPeerStateFilter')
class BGPPeerStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    vrf: StrFilterLookup | None = strawberry_django.filter_field()
    address: StrFilterLookup | None = strawberry_django.filter_field()
    remote_as: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    local_as: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    local_address: StrFilterLookup | None = strawberry_django.filter_field()
    router_id: StrFilterLookup | None = strawberry_django.filter_field()
    state: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    enabled: FilterLookup[bool] | None = strawberry_django.filter_field()
    state_since: DatetimeFilterLookup | None = strawberry_django.filter_field()
    established_at: DatetimeFilterLookup | None = strawberry_django.filter_field()
    transitions: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    prefixes_accepted: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    prefixes_advertised: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    last_error: StrFilterLookup | None = strawberry_django.filter_field()
    description: StrFilterLookup | None = strawberry_django.filter_field()
    mib: StrFilterLookup | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.InventoryState, lookups=True, name='NetOpsInventoryStateFilter')
class InventoryStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    index: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    parent: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    physical_class: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    name: StrFilterLookup | None = strawberry_django.filter_field()
    description: StrFilterLookup | None = strawberry_django.filter_field()
    model: StrFilterLookup | None = strawberry_django.filter_field()
    serial: StrFilterLookup | None = strawberry_django.filter_field()
    hardware: StrFilterLookup | None = strawberry_django.filter_field()
    firmware: StrFilterLookup | None = strawberry_django.filter_field()
    software: StrFilterLookup | None = strawberry_django.filter_field()
    manufacturer: StrFilterLookup | None = strawberry_django.filter_field()
    vendor_type: StrFilterLookup | None = strawberry_django.filter_field()
    fru: FilterLookup[bool] | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.NeighbourState, lookups=True, name='NetOpsNeighbourStateFilter')
class NeighbourStateFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    protocol: BaseFilterLookup[Annotated['NeighbourProtocolEnum', _ENUMS]] | None = strawberry_django.filter_field()
    if_index: Annotated['BigIntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    local_port: StrFilterLookup | None = strawberry_django.filter_field()
    chassis_id: StrFilterLookup | None = strawberry_django.filter_field()
    port_id: StrFilterLookup | None = strawberry_django.filter_field()
    port_description: StrFilterLookup | None = strawberry_django.filter_field()
    system_name: StrFilterLookup | None = strawberry_django.filter_field()
    system_description: StrFilterLookup | None = strawberry_django.filter_field()
    address: StrFilterLookup | None = strawberry_django.filter_field()
    platform: StrFilterLookup | None = strawberry_django.filter_field()
    changed_at: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.Difference, lookups=True, name='NetOpsDifferenceFilter')
class DifferenceFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    kind: BaseFilterLookup[Annotated['DifferenceKindEnum', _ENUMS]] | None = strawberry_django.filter_field()
    key: StrFilterLookup | None = strawberry_django.filter_field()
    found: StrFilterLookup | None = strawberry_django.filter_field()
    documented: StrFilterLookup | None = strawberry_django.filter_field()
    applicable: FilterLookup[bool] | None = strawberry_django.filter_field()
    ignored: FilterLookup[bool] | None = strawberry_django.filter_field()
    first_seen: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.CredentialStatus, lookups=True, name='NetOpsCredentialStatusFilter')
class CredentialStatusFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    credential: Annotated['CredentialFilter', _OURS] | None = strawberry_django.filter_field()
    credential_id: ID | None = strawberry_django.filter_field()
    run: Annotated['RunFilter', _OURS] | None = strawberry_django.filter_field()
    run_id: ID | None = strawberry_django.filter_field()
    verdict: BaseFilterLookup[Annotated['VerdictEnum', _ENUMS]] | None = strawberry_django.filter_field()
    code: StrFilterLookup | None = strawberry_django.filter_field()
    stage: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    latency_ms: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    checked: DatetimeFilterLookup | None = strawberry_django.filter_field()
    since: DatetimeFilterLookup | None = strawberry_django.filter_field()
    rejections: Annotated['IntegerLookup', _LOOKUPS] | None = strawberry_django.filter_field()
    paused_until: DatetimeFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.CredentialChange, lookups=True, name='NetOpsCredentialChangeFilter')
class CredentialChangeFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    credential: Annotated['CredentialFilter', _OURS] | None = strawberry_django.filter_field()
    credential_id: ID | None = strawberry_django.filter_field()
    run: Annotated['RunFilter', _OURS] | None = strawberry_django.filter_field()
    run_id: ID | None = strawberry_django.filter_field()
    time: DatetimeFilterLookup | None = strawberry_django.filter_field()
    old_verdict: BaseFilterLookup[Annotated['VerdictEnum', _ENUMS]] | None = strawberry_django.filter_field()
    old_code: StrFilterLookup | None = strawberry_django.filter_field()
    verdict: BaseFilterLookup[Annotated['VerdictEnum', _ENUMS]] | None = strawberry_django.filter_field()
    code: StrFilterLookup | None = strawberry_django.filter_field()


@register_filter(models.HostKey, lookups=True, name='NetOpsHostKeyFilter')
class HostKeyFilter(BaseModelFilter):
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    type: StrFilterLookup | None = strawberry_django.filter_field()
    fingerprint: StrFilterLookup | None = strawberry_django.filter_field()
    state: BaseFilterLookup[Annotated['HostKeyStateEnum', _ENUMS]] | None = strawberry_django.filter_field()
    first_seen: DatetimeFilterLookup | None = strawberry_django.filter_field()
    last_seen: DatetimeFilterLookup | None = strawberry_django.filter_field()
    approved: DatetimeFilterLookup | None = strawberry_django.filter_field()
    approved_by: Annotated['UserFilter', strawberry.lazy('users.graphql.filters')] | None = (
        strawberry_django.filter_field()
    )
    approved_by_id: ID | None = strawberry_django.filter_field()


@register_filter(models.SecretAccess, lookups=True, name='NetOpsSecretAccessFilter')
class SecretAccessFilter(BaseModelFilter):
    time: DatetimeFilterLookup | None = strawberry_django.filter_field()
    target: Annotated['TargetFilter', _OURS] | None = strawberry_django.filter_field()
    target_id: ID | None = strawberry_django.filter_field()
    target_name: StrFilterLookup | None = strawberry_django.filter_field()
    credential: Annotated['CredentialFilter', _OURS] | None = strawberry_django.filter_field()
    credential_id: ID | None = strawberry_django.filter_field()
    credential_name: StrFilterLookup | None = strawberry_django.filter_field()
    run: Annotated['RunFilter', _OURS] | None = strawberry_django.filter_field()
    run_id: ID | None = strawberry_django.filter_field()
    user: StrFilterLookup | None = strawberry_django.filter_field()
    worker: StrFilterLookup | None = strawberry_django.filter_field()
    provider: StrFilterLookup | None = strawberry_django.filter_field()
    code: StrFilterLookup | None = strawberry_django.filter_field()
