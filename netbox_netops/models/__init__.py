from .credentials import Credential
from .runs import Run, RunTarget
from .scans import InterfaceState, ScanResult
from .targets import Target

__all__ = (
    'Credential',
    'InterfaceState',
    'Run',
    'RunTarget',
    'ScanResult',
    'Target',
)
