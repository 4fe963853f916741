from .credentials import CredentialViewSet
from .runs import RunTargetViewSet, RunViewSet
from .scans import InterfaceStateViewSet, ScanResultViewSet
from .targets import TargetViewSet

__all__ = (
    'CredentialViewSet',
    'InterfaceStateViewSet',
    'RunTargetViewSet',
    'RunViewSet',
    'ScanResultViewSet',
    'TargetViewSet',
)
