"""The own actions on NetBox's devices and virtual machines, with object constraints like any other permission."""

from dcim.models import Device
from django.utils.translation import gettext_lazy as _
from utilities.permissions import ModelAction, register_model_actions
from virtualization.models import VirtualMachine

__all__ = ('register',)


def register() -> None:
    for model in (Device, VirtualMachine):
        register_model_actions(model, [ModelAction('netops_scan', help_text=_('Scan with NetOps (SNMP)'))])
