from .credentials import CredentialTable
from .runs import RecentRunTable, RunTable, RunTargetTable
from .scans import InterfaceStateTable, RecentScanTable, ScanResultTable, TargetInterfaceTable
from .targets import TargetTable

__all__ = (
    'CredentialTable',
    'InterfaceStateTable',
    'RecentRunTable',
    'RecentScanTable',
    'RunTable',
    'RunTargetTable',
    'ScanResultTable',
    'TargetInterfaceTable',
    'TargetTable',
)
