from .serializers_.credentials import CredentialSerializer
from .serializers_.runs import RunSerializer, RunTargetSerializer
from .serializers_.scans import InterfaceStateSerializer, ScanResultSerializer
from .serializers_.starts import RunRefusedSerializer, RunStartedSerializer, RunStartSerializer
from .serializers_.targets import TargetSerializer

__all__ = (
    'CredentialSerializer',
    'InterfaceStateSerializer',
    'RunRefusedSerializer',
    'RunSerializer',
    'RunStartSerializer',
    'RunStartedSerializer',
    'RunTargetSerializer',
    'ScanResultSerializer',
    'TargetSerializer',
)
