from .checks import (
    CredentialChangeFilterSet,
    CredentialStatusFilterSet,
    HostKeyFilterSet,
    SecretAccessFilterSet,
)
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
    'CredentialChangeFilterSet',
    'CredentialFilterSet',
    'CredentialStatusFilterSet',
    'DifferenceFilterSet',
    'GatewayFilterSet',
    'HostKeyFilterSet',
    'InterfaceStateFilterSet',
    'InventoryStateFilterSet',
    'NeighbourStateFilterSet',
    'PolicyFilterSet',
    'RunFilterSet',
    'RunTargetFilterSet',
    'ScanResultFilterSet',
    'SecretAccessFilterSet',
    'SystemStateFilterSet',
    'TargetFilterSet',
)
