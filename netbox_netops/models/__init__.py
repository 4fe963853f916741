from .addresses import AddressState
from .bgp import BGPPeerState
from .credentials import Credential
from .differences import Difference
from .gateways import Gateway, GatewaySite
from .interfaces import InterfaceState
from .inventory import InventoryState
from .neighbours import NeighbourState
from .pauses import Pause
from .policies import Policy
from .runs import Run, RunTarget
from .scans import FamilyState, ScanResult
from .system import SystemState
from .targets import Target

__all__ = (
    'AddressState',
    'BGPPeerState',
    'Credential',
    'Difference',
    'FamilyState',
    'Gateway',
    'GatewaySite',
    'InterfaceState',
    'InventoryState',
    'NeighbourState',
    'Pause',
    'Policy',
    'Run',
    'RunTarget',
    'ScanResult',
    'SystemState',
    'Target',
)
