from .checks import (
    CredentialChangeTable,
    CredentialStatusTable,
    HostKeyTable,
    SecretAccessTable,
)
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
from .gateways import GatewayTable
from .policies import PolicyTable
from .queue import KindTable, LeaseTable, LimitTable, QueueTable, SparedTargetTable
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
    'CredentialChangeTable',
    'CredentialStatusTable',
    'CredentialTable',
    'DifferenceApplyTable',
    'DifferenceTable',
    'GatewayTable',
    'HostKeyTable',
    'InterfaceStateTable',
    'InventoryStateTable',
    'KindTable',
    'LeaseTable',
    'LimitTable',
    'NeighbourStateTable',
    'PolicyTable',
    'QueueTable',
    'RecentRunTable',
    'RunTable',
    'RunTargetTable',
    'ScanResultTable',
    'SecretAccessTable',
    'SparedTargetTable',
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
