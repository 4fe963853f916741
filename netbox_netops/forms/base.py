"""What the filter forms of the state rows share: they have neither tags nor custom fields."""

from dcim.models import Device, DeviceRole, Platform, Site
from django.utils.translation import gettext_lazy as _
from netbox.forms.mixins import SavedFiltersMixin
from tenancy.models import Tenant
from utilities.forms import FilterForm
from utilities.forms.fields import DynamicModelMultipleChoiceField
from utilities.forms.rendering import FieldSet
from virtualization.models import VirtualMachine

from netops_worker.errors import ERRORS

__all__ = (
    'StateFilterForm',
    'TargetChildFilterForm',
    'error_choices',
)


def error_choices() -> list[tuple[str, str]]:
    return [(code, f'{_(info.title)} ({code})') for code, info in ERRORS.items()]


class StateFilterForm(SavedFiltersMixin, FilterForm):
    selector_fields = ('filter_id', 'q')


class TargetChildFilterForm(StateFilterForm):
    target_fieldset = FieldSet(
        'site_id', 'tenant_id', 'role_id', 'platform_id', 'device_id', 'virtual_machine_id', name=_('Target')
    )

    site_id = DynamicModelMultipleChoiceField(
        label=_('Site'), queryset=Site.objects.all(), required=False, null_option='None'
    )
    tenant_id = DynamicModelMultipleChoiceField(
        label=_('Tenant'), queryset=Tenant.objects.all(), required=False, null_option='None'
    )
    role_id = DynamicModelMultipleChoiceField(
        label=_('Role'), queryset=DeviceRole.objects.all(), required=False, null_option='None'
    )
    platform_id = DynamicModelMultipleChoiceField(
        label=_('Platform'), queryset=Platform.objects.all(), required=False, null_option='None'
    )
    device_id = DynamicModelMultipleChoiceField(
        label=_('Device'), queryset=Device.objects.all(), required=False, query_params={'site_id': '$site_id'}
    )
    virtual_machine_id = DynamicModelMultipleChoiceField(
        label=_('Virtual machine'),
        queryset=VirtualMachine.objects.all(),
        required=False,
        query_params={'site_id': '$site_id'},
    )
