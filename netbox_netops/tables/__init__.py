from .credentials import CredentialTable
from .differences import DifferenceApplyTable, DifferenceTable, TargetDifferenceTable
from .facts import (
    AddressStateTable,
    BGPPeerStateTable,
    InterfaceStateTable,
    InventoryStateTable,
    NeighbourStateTable,
    SystemStateTable,
)
from .runs import RecentRunTable, RunTable, RunTargetTable
from .scans import ScanResultTable
from .sections import (
    TargetAddressTable,
    TargetBGPPeerTable,
    TargetInterfaceTable,
    TargetInventoryTable,
    TargetNeighbourTable,
    TargetScanTable,
)
from .targets import TargetTable

__all__ = (
    'AddressStateTable',
    'BGPPeerStateTable',
    'CredentialTable',
    'DifferenceApplyTable',
    'DifferenceTable',
    'InterfaceStateTable',
    'InventoryStateTable',
    'NeighbourStateTable',
    'RecentRunTable',
    'RunTable',
    'RunTargetTable',
    'ScanResultTable',
    'SystemStateTable',
    'TargetAddressTable',
    'TargetBGPPeerTable',
    'TargetDifferenceTable',
    'TargetInterfaceTable',
    'TargetInventoryTable',
    'TargetNeighbourTable',
    'TargetScanTable',
    'TargetTable',
)
