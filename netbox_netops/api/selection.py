"""A selection of devices by the parameters of the device list, where every mistake is an error.

NetBox's filtersets ignore what they do not know or cannot use. In a list that shows too much; here it would start the
operation on the whole fleet.
"""

from dcim.filtersets import DeviceFilterSet
from dcim.models import Device
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES
from rest_framework.serializers import ValidationError

__all__ = (
    'select_devices',
    'unsafe_text',
)


def select_devices(parameters: dict, request):
    """The devices that match. Permissions are not looked at here. Raises ValidationError naming the parameter."""
    if not parameters:
        raise ValidationError(_('Select at least one device; nothing was started.'), code='selection:empty')
    filterset = DeviceFilterSet(queryset=Device.objects.all(), request=request)
    known = filterset.filters
    query = QueryDict(mutable=True)
    errors = []
    for name, value in parameters.items():
        values = value if isinstance(value, list) else [value]
        if name not in known:
            errors.append(_('Unknown filter: {name}').format(name=name))
        elif not values:
            errors.append(_('{name}: an empty list would select everything').format(name=name))
        elif not all(_is_plain(item) for item in values):
            errors.append(_('{name}: each value must be a text, a number, true or false').format(name=name))
        elif len(values) > 1 and not getattr(known[name].field.widget, 'allow_multiple_selected', False):
            errors.append(_('{name}: only one value is possible').format(name=name))
        else:
            query.setlist(name, [_as_parameter(item) for item in values])
    if errors:
        raise ValidationError(errors)

    filterset = DeviceFilterSet(query, queryset=Device.objects.all(), request=request)
    if not filterset.is_valid():
        raise ValidationError(
            [f'{name}: {message}' for name, messages in filterset.errors.items() for message in messages]
        )
    # What the form takes for empty, the filterset ignores: a boolean of "maybe", for example.
    if ignored := [name for name in query if _is_empty(filterset.form.cleaned_data.get(name))]:
        raise ValidationError([_('{name}: not a valid value').format(name=name) for name in ignored])
    # A subquery, because joins of the filters may repeat a device.
    return Device.objects.filter(pk__in=filterset.qs.order_by().values('pk'))


def unsafe_text(value) -> bool:
    """Whether a text anywhere in this JSON value cannot be stored in PostgreSQL, or not even be sent back."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if '\0' in item or any('\ud800' <= char <= '\udfff' for char in item):
                return True
        elif isinstance(item, dict):
            pending.extend(item)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


def _is_plain(value) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and bool(value.strip()))


def _as_parameter(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_empty(value) -> bool:
    # A queryset is never empty here, and comparing one would load it.
    return isinstance(value, (str, list, tuple, dict, type(None))) and value in EMPTY_VALUES
