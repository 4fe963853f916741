from .credentials import (
    CredentialBulkEditForm,
    CredentialFilterForm,
    CredentialForm,
    CredentialImportForm,
)
from .runs import RunFilterForm, RunTargetFilterForm
from .scans import InterfaceStateFilterForm, ScanResultFilterForm
from .targets import TargetFilterForm

__all__ = (
    'CredentialBulkEditForm',
    'CredentialFilterForm',
    'CredentialForm',
    'CredentialImportForm',
    'InterfaceStateFilterForm',
    'RunFilterForm',
    'RunTargetFilterForm',
    'ScanResultFilterForm',
    'TargetFilterForm',
)
