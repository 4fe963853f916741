from .checks import (
    CredentialChangeFilterForm,
    CredentialStatusFilterForm,
    HostKeyFilterForm,
    SecretAccessFilterForm,
)
from .credentials import (
    CredentialBulkEditForm,
    CredentialFilterForm,
    CredentialForm,
    CredentialImportForm,
)
from .differences import DifferenceFilterForm
from .facts import (
    AddressStateFilterForm,
    BGPPeerStateFilterForm,
    InterfaceStateFilterForm,
    InventoryStateFilterForm,
    NeighbourStateFilterForm,
    SystemStateFilterForm,
)
from .gateways import GatewayBulkEditForm, GatewayFilterForm, GatewayForm, GatewayImportForm
from .policies import (
    PolicyAdminBulkEditForm,
    PolicyAdminForm,
    PolicyAdminImportForm,
    PolicyBulkEditForm,
    PolicyFilterForm,
    PolicyForm,
    PolicyImportForm,
)
from .queue import PauseForm
from .runs import RunFilterForm, RunTargetFilterForm
from .scans import ScanResultFilterForm
from .targets import TargetFilterForm

__all__ = (
    'AddressStateFilterForm',
    'BGPPeerStateFilterForm',
    'CredentialBulkEditForm',
    'CredentialChangeFilterForm',
    'CredentialFilterForm',
    'CredentialForm',
    'CredentialImportForm',
    'CredentialStatusFilterForm',
    'DifferenceFilterForm',
    'GatewayBulkEditForm',
    'GatewayFilterForm',
    'GatewayForm',
    'GatewayImportForm',
    'HostKeyFilterForm',
    'InterfaceStateFilterForm',
    'InventoryStateFilterForm',
    'NeighbourStateFilterForm',
    'PauseForm',
    'PolicyAdminBulkEditForm',
    'PolicyAdminForm',
    'PolicyAdminImportForm',
    'PolicyBulkEditForm',
    'PolicyFilterForm',
    'PolicyForm',
    'PolicyImportForm',
    'RunFilterForm',
    'RunTargetFilterForm',
    'ScanResultFilterForm',
    'SecretAccessFilterForm',
    'SystemStateFilterForm',
    'TargetFilterForm',
)
