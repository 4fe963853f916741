from .addresses import AddressState
from .bgp import BGPPeerState
from .checks import CredentialChange, CredentialStatus
from .credentials import Credential
from .differences import Difference
from .gateways import Gateway, GatewaySite
from .host_keys import HostKey
from .interfaces import InterfaceState
from .inventory import InventoryState
from .neighbours import NeighbourState
from .pauses import Pause
from .policies import Policy
from .runs import Run, RunTarget
from .scans import FamilyState, ScanResult
from .secret_access import SecretAccess
from .system import SystemState
from .targets import Target

__all__ = (
    'AddressState',
    'BGPPeerState',
    'Credential',
    'CredentialChange',
    'CredentialStatus',
    'Difference',
    'FamilyState',
    'Gateway',
    'GatewaySite',
    'HostKey',
    'InterfaceState',
    'InventoryState',
    'NeighbourState',
    'Pause',
    'Policy',
    'Run',
    'RunTarget',
    'ScanResult',
    'SecretAccess',
    'SystemState',
    'Target',
)
