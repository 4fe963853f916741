from .credentials import CredentialFilterSet
from .differences import DifferenceFilterSet
from .facts import (
    AddressStateFilterSet,
    BGPPeerStateFilterSet,
    InterfaceStateFilterSet,
    InventoryStateFilterSet,
    NeighbourStateFilterSet,
    SystemStateFilterSet,
)
from .gateways import GatewayFilterSet
from .policies import PolicyFilterSet
from .runs import RunFilterSet, RunTargetFilterSet
from .scans import ScanResultFilterSet
from .targets import TargetFilterSet

__all__ = (
    'AddressStateFilterSet',
    'BGPPeerStateFilterSet',
    'CredentialFilterSet',
    'DifferenceFilterSet',
    'GatewayFilterSet',
    'InterfaceStateFilterSet',
    'InventoryStateFilterSet',
    'NeighbourStateFilterSet',
    'PolicyFilterSet',
    'RunFilterSet',
    'RunTargetFilterSet',
    'ScanResultFilterSet',
    'SystemStateFilterSet',
    'TargetFilterSet',
)
