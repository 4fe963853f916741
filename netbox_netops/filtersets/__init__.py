from .credentials import CredentialFilterSet
from .runs import RunFilterSet, RunTargetFilterSet
from .scans import InterfaceStateFilterSet, ScanResultFilterSet
from .targets import TargetFilterSet

__all__ = (
    'CredentialFilterSet',
    'InterfaceStateFilterSet',
    'RunFilterSet',
    'RunTargetFilterSet',
    'ScanResultFilterSet',
    'TargetFilterSet',
)
