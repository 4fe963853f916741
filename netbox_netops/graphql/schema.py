import strawberry
import strawberry_django

from .types import (
    AddressStateType,
    BGPPeerStateType,
    CredentialChangeType,
    CredentialStatusType,
    CredentialType,
    DifferenceType,
    GatewayType,
    HostKeyType,
    InterfaceStateType,
    InventoryStateType,
    NeighbourStateType,
    PolicyType,
    RunTargetType,
    RunType,
    ScanResultType,
    SecretAccessType,
    SystemStateType,
    TargetType,
)

__all__ = ('schema',)


# Prefixed: all plugins share one query type, and of two fields of one name NetBox would silently keep one.
@strawberry.type(name='Query')
class NetOpsQuery:
    netops_address_state: AddressStateType = strawberry_django.field()
    netops_address_state_list: list[AddressStateType] = strawberry_django.field()

    netops_bgp_peer_state: BGPPeerStateType = strawberry_django.field()
    netops_bgp_peer_state_list: list[BGPPeerStateType] = strawberry_django.field()

    netops_credential: CredentialType = strawberry_django.field()
    netops_credential_list: list[CredentialType] = strawberry_django.field()

    netops_credential_change: CredentialChangeType = strawberry_django.field()
    netops_credential_change_list: list[CredentialChangeType] = strawberry_django.field()

    netops_credential_status: CredentialStatusType = strawberry_django.field()
    netops_credential_status_list: list[CredentialStatusType] = strawberry_django.field()

    netops_difference: DifferenceType = strawberry_django.field()
    netops_difference_list: list[DifferenceType] = strawberry_django.field()

    netops_gateway: GatewayType = strawberry_django.field()
    netops_gateway_list: list[GatewayType] = strawberry_django.field()

    netops_host_key: HostKeyType = strawberry_django.field()
    netops_host_key_list: list[HostKeyType] = strawberry_django.field()

    netops_interface_state: InterfaceStateType = strawberry_django.field()
    netops_interface_state_list: list[InterfaceStateType] = strawberry_django.field()

    netops_inventory_state: InventoryStateType = strawberry_django.field()
    netops_inventory_state_list: list[InventoryStateType] = strawberry_django.field()

    netops_neighbour_state: NeighbourStateType = strawberry_django.field()
    netops_neighbour_state_list: list[NeighbourStateType] = strawberry_django.field()

    netops_policy: PolicyType = strawberry_django.field()
    netops_policy_list: list[PolicyType] = strawberry_django.field()

    netops_run: RunType = strawberry_django.field()
    netops_run_list: list[RunType] = strawberry_django.field()

    netops_run_target: RunTargetType = strawberry_django.field()
    netops_run_target_list: list[RunTargetType] = strawberry_django.field()

    netops_scan_result: ScanResultType = strawberry_django.field()
    netops_scan_result_list: list[ScanResultType] = strawberry_django.field()

    netops_secret_access: SecretAccessType = strawberry_django.field()
    netops_secret_access_list: list[SecretAccessType] = strawberry_django.field()

    netops_system_state: SystemStateType = strawberry_django.field()
    netops_system_state_list: list[SystemStateType] = strawberry_django.field()

    netops_target: TargetType = strawberry_django.field()
    netops_target_list: list[TargetType] = strawberry_django.field()


schema = [NetOpsQuery]
