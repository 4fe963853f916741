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
from .serializers_.runs import RunSerializer, RunTargetSerializer
from .serializers_.scans import ScanResultSerializer
from .serializers_.starts import RunRefusedSerializer, RunStartedSerializer, RunStartSerializer
from .serializers_.targets import TargetSerializer

__all__ = (
    'AddressStateSerializer',
    'BGPPeerStateSerializer',
    'CredentialSerializer',
    'DifferenceSerializer',
    'InterfaceStateSerializer',
    'InventoryStateSerializer',
    'NeighbourStateSerializer',
    'RunRefusedSerializer',
    'RunSerializer',
    'RunStartSerializer',
    'RunStartedSerializer',
    'RunTargetSerializer',
    'ScanResultSerializer',
    'SystemStateSerializer',
    'TargetSerializer',
)
