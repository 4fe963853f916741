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
from .runs import RunFilterForm, RunTargetFilterForm
from .scans import ScanResultFilterForm
from .targets import TargetFilterForm

__all__ = (
    'AddressStateFilterForm',
    'BGPPeerStateFilterForm',
    'CredentialBulkEditForm',
    'CredentialFilterForm',
    'CredentialForm',
    'CredentialImportForm',
    'DifferenceFilterForm',
    'InterfaceStateFilterForm',
    'InventoryStateFilterForm',
    'NeighbourStateFilterForm',
    'RunFilterForm',
    'RunTargetFilterForm',
    'ScanResultFilterForm',
    'SystemStateFilterForm',
    'TargetFilterForm',
)
