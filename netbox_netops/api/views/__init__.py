from .credentials import CredentialViewSet
from .differences import DifferenceViewSet
from .facts import (
    AddressStateViewSet,
    BGPPeerStateViewSet,
    InterfaceStateViewSet,
    InventoryStateViewSet,
    NeighbourStateViewSet,
    SystemStateViewSet,
)
from .runs import RunTargetViewSet, RunViewSet
from .scans import ScanResultViewSet
from .targets import TargetViewSet

__all__ = (
    'AddressStateViewSet',
    'BGPPeerStateViewSet',
    'CredentialViewSet',
    'DifferenceViewSet',
    'InterfaceStateViewSet',
    'InventoryStateViewSet',
    'NeighbourStateViewSet',
    'RunTargetViewSet',
    'RunViewSet',
    'ScanResultViewSet',
    'SystemStateViewSet',
    'TargetViewSet',
)
