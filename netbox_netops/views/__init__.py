from .credentials import (
    CredentialBulkDeleteView,
    CredentialBulkEditView,
    CredentialBulkImportView,
    CredentialDeleteView,
    CredentialEditView,
    CredentialListView,
    CredentialView,
)
from .devices import DeviceNetOpsView, DeviceScanView, VirtualMachineNetOpsView, VirtualMachineScanView
from .runs import (
    RunBulkDeleteView,
    RunDeleteView,
    RunListView,
    RunTargetListView,
    RunTargetView,
    RunView,
)
from .scans import InterfaceStateListView, InterfaceStateView, ScanResultListView, ScanResultView
from .targets import TargetBulkDeleteView, TargetDeleteView, TargetListView, TargetSyncView, TargetView

__all__ = (
    'CredentialBulkDeleteView',
    'CredentialBulkEditView',
    'CredentialBulkImportView',
    'CredentialDeleteView',
    'CredentialEditView',
    'CredentialListView',
    'CredentialView',
    'DeviceNetOpsView',
    'DeviceScanView',
    'InterfaceStateListView',
    'InterfaceStateView',
    'RunBulkDeleteView',
    'RunDeleteView',
    'RunListView',
    'RunTargetListView',
    'RunTargetView',
    'RunView',
    'ScanResultListView',
    'ScanResultView',
    'TargetBulkDeleteView',
    'TargetDeleteView',
    'TargetListView',
    'TargetSyncView',
    'TargetView',
    'VirtualMachineNetOpsView',
    'VirtualMachineScanView',
)
