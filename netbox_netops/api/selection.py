"""A selection of devices by the parameters of the device list."""

from django.utils.translation import gettext as _
from rest_framework.serializers import ValidationError

from ..scope import ScopeError, devices_in

__all__ = ('select_devices',)


def select_devices(parameters: dict, request):
    """The devices that match. Permissions are not looked at here. Raises ValidationError naming the parameter."""
    if not parameters:
        raise ValidationError(_('Select at least one device; nothing was started.'), code='selection:empty')
    try:
        return devices_in(parameters, request)
    except ScopeError as error:
        raise ValidationError(error.messages) from None
