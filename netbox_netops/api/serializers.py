from .serializers_.checks import (
    CredentialChangeSerializer,
    CredentialStatusSerializer,
    HostKeySerializer,
    SecretAccessSerializer,
)
from .serializers_.credentials import CredentialSerializer
from .serializers_.differences import DifferenceSerializer
from .serializers_.facts import (
    AddressStateSerializer,
    BGPPeerStateSerializer,
    InterfaceStateSerializer,
    InventoryStateSerializer,
    NeighbourStateSerializer,
    SystemStateSerializer,
)
from .serializers_.gateways import GatewaySerializer
from .serializers_.policies import PolicySerializer
from .serializers_.queue import PauseSerializer
from .serializers_.runs import RunSerializer, RunTargetSerializer
from .serializers_.scans import ScanResultSerializer
from .serializers_.starts import RunRefusedSerializer, RunStartedSerializer, RunStartSerializer
from .serializers_.targets import TargetSerializer

__all__ = (
    'AddressStateSerializer',
    'BGPPeerStateSerializer',
    'CredentialChangeSerializer',
    'CredentialSerializer',
    'CredentialStatusSerializer',
    'DifferenceSerializer',
    'GatewaySerializer',
    'HostKeySerializer',
    'InterfaceStateSerializer',
    'InventoryStateSerializer',
    'NeighbourStateSerializer',
    'PauseSerializer',
    'PolicySerializer',
    'RunRefusedSerializer',
    'RunSerializer',
    'RunStartSerializer',
    'RunStartedSerializer',
    'RunTargetSerializer',
    'ScanResultSerializer',
    'SecretAccessSerializer',
    'SystemStateSerializer',
    'TargetSerializer',
)
