from dcim.models import Device, DeviceRole, Platform, Site
from django import forms
from django.utils.translation import gettext_lazy as _
from tenancy.forms import TenancyFilterForm
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from virtualization.models import VirtualMachine

from ..choices import ReachabilityChoices, TargetStatusChoices
from ..models import Credential, Target
from .base import StateFilterForm, error_choices

__all__ = ('TargetFilterForm',)


class TargetFilterForm(TenancyFilterForm, StateFilterForm):
    model = Target
    fieldsets = (
        FieldSet('q', 'filter_id'),
        FieldSet('status', 'reachability', 'last_error', 'address', name=_('State')),
        FieldSet('site_id', 'role_id', 'platform_id', 'in_scope_of', name=_('Scope')),
        FieldSet(
            'system_name', 'system_vendor', 'system_model', 'system_os_version', 'system_serial', name=_('System')
        ),
        FieldSet('device_id', 'virtual_machine_id', name=_('Object')),
        FieldSet('tenant_group_id', 'tenant_id', name=_('Tenant')),
    )

    status = forms.MultipleChoiceField(label=_('Status'), choices=TargetStatusChoices, required=False)
    reachability = forms.MultipleChoiceField(label=_('Reachability'), choices=ReachabilityChoices, required=False)
    last_error = forms.MultipleChoiceField(label=_('Last error'), choices=error_choices, required=False)
    address = forms.CharField(label=_('Address or prefix'), required=False)
    site_id = DynamicModelMultipleChoiceField(
        label=_('Site'), queryset=Site.objects.all(), required=False, null_option='None'
    )
    role_id = DynamicModelMultipleChoiceField(
        label=_('Role'), queryset=DeviceRole.objects.all(), required=False, null_option='None'
    )
    platform_id = DynamicModelMultipleChoiceField(
        label=_('Platform'), queryset=Platform.objects.all(), required=False, null_option='None'
    )
    in_scope_of = DynamicModelMultipleChoiceField(
        label=_('Scope of the credential'), queryset=Credential.objects.all(), required=False
    )
    system_name = forms.CharField(label=_('System name'), required=False)
    system_vendor = forms.CharField(label=_('Vendor'), required=False)
    system_model = forms.CharField(label=_('Model'), required=False)
    system_os_version = forms.CharField(label=_('Software version'), required=False)
    system_serial = forms.CharField(label=_('Serial number'), required=False)
    device_id = DynamicModelMultipleChoiceField(label=_('Device'), queryset=Device.objects.all(), required=False)
    virtual_machine_id = DynamicModelMultipleChoiceField(
        label=_('Virtual machine'), queryset=VirtualMachine.objects.all(), required=False
    )
