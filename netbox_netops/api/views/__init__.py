from .checks import (
    CredentialChangeViewSet,
    CredentialStatusViewSet,
    HostKeyViewSet,
    SecretAccessViewSet,
)
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
from .gateways import GatewayViewSet
from .policies import PolicyViewSet
from .queue import PauseViewSet, QueueViewSet
from .runs import RunTargetViewSet, RunViewSet
from .scans import ScanResultViewSet
from .targets import TargetViewSet

__all__ = (
    'AddressStateViewSet',
    'BGPPeerStateViewSet',
    'CredentialChangeViewSet',
    'CredentialStatusViewSet',
    'CredentialViewSet',
    'DifferenceViewSet',
    'GatewayViewSet',
    'HostKeyViewSet',
    'InterfaceStateViewSet',
    'InventoryStateViewSet',
    'NeighbourStateViewSet',
    'PauseViewSet',
    'PolicyViewSet',
    'QueueViewSet',
    'RunTargetViewSet',
    'RunViewSet',
    'ScanResultViewSet',
    'SecretAccessViewSet',
    'SystemStateViewSet',
    'TargetViewSet',
)
