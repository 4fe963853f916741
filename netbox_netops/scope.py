"""Selections of devices and virtual machines by the filters of NetBox's own lists, where every mistake is an error.

NetBox's filtersets ignore what they do not know or cannot use. In a list that shows too much; here it would start the
operation on the whole fleet. Permissions are not looked at here.
"""

import math
from collections.abc import Mapping
from typing import Any

from dcim.filtersets import DeviceFilterSet
from dcim.models import Device
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES
from utilities.views import get_action_url
from virtualization.filtersets import VirtualMachineFilterSet
from virtualization.models import VirtualMachine

from netops_worker.errors import NetOpsError

__all__ = (
    'ScopeError',
    'devices_in',
    'list_url',
    'machines_in',
    'unsafe_text',
)


class ScopeError(NetOpsError):
    """Filters that would not select what they seem to. `messages` names each mistake."""

    def __init__(self, messages: list[str]):
        super().__init__('scope:invalid', '; '.join(messages))
        self.messages = messages


def devices_in(filters: Any, request=None) -> QuerySet[Device]:
    """The devices that match {"name of the filter": value or list of values}. Raises ScopeError."""
    return _filtered(DeviceFilterSet, Device, filters, request)


def machines_in(filters: Any, request=None) -> QuerySet[VirtualMachine]:
    """As `devices_in`, for virtual machines."""
    return _filtered(VirtualMachineFilterSet, VirtualMachine, filters, request)


def list_url(model, filters: Mapping[str, Any]) -> str:
    """The page of NetBox that lists the objects which these filters select."""
    return f'{get_action_url(model, action="list")}?{_query(filters).urlencode()}'


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


def _filtered(filterset_class, model, filters, request):
    if not isinstance(filters, Mapping):
        raise ScopeError([_('Filters are an object: {"name of the filter": ["value", …]}')])
    # Nothing chosen is nothing done; all devices are chosen by a filter that all of them pass.
    if not filters:
        raise ScopeError([_('Name at least one filter.')])
    known = filterset_class(queryset=model.objects.all(), request=request).filters
    if errors := [error for name, value in filters.items() if (error := _mistake(known, name, value))]:
        raise ScopeError(errors)
    query = _query(filters)
    filterset = filterset_class(query, queryset=model.objects.all(), request=request)
    if not filterset.is_valid():
        raise ScopeError([f'{name}: {message}' for name, found in filterset.errors.items() for message in found])
    # What the form takes for empty, the filterset ignores: a boolean of "maybe", for example.
    if ignored := [name for name in query if _is_empty(filterset.form.cleaned_data.get(name))]:
        raise ScopeError([_('{name}: not a valid value').format(name=name) for name in ignored])
    # A subquery, because joins of the filters may repeat an object.
    return model.objects.filter(pk__in=filterset.qs.order_by().values('pk'))


def _mistake(known, name: str, value) -> str:
    values = value if isinstance(value, list) else [value]
    if name not in known:
        return _('Unknown filter: {name}').format(name=name)
    if not values:
        return _('{name}: an empty list would select everything').format(name=name)
    if not all(_is_plain(item) for item in values) or unsafe_text(values):
        return _('{name}: each value must be a text, a number, true or false').format(name=name)
    if len(values) > 1 and not getattr(known[name].field.widget, 'allow_multiple_selected', False):
        return _('{name}: only one value is possible').format(name=name)
    return ''


def _query(filters: Mapping[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in filters.items():
        query.setlist(name, [_as_parameter(item) for item in (value if isinstance(value, list) else [value])])
    return query


def _is_plain(value) -> bool:
    if isinstance(value, float):
        # Python's JSON knows numbers that PostgreSQL's does not.
        return math.isfinite(value)
    return isinstance(value, bool | int) or (isinstance(value, str) and bool(value.strip()))


def _as_parameter(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_empty(value) -> bool:
    # A queryset is never empty here, and comparing one would load it.
    return isinstance(value, str | list | tuple | dict | None) and value in EMPTY_VALUES
