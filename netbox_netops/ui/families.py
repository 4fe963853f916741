"""The families of a scan's values in the words of the reader, and what changed in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..models import AddressState, BGPPeerState, InterfaceState, InventoryState, NeighbourState, SystemState
from . import format as fmt
from .bgp import notification

__all__ = (
    'Change',
    'describe_changes',
    'family_label',
    'family_numbers',
)

_MODELS = {
    'system': SystemState,
    'interfaces': InterfaceState,
    'addresses': AddressState,
    'inventory': InventoryState,
    'neighbours': NeighbourState,
    'bgp': BGPPeerState,
}
_LABELS = {
    'system': _('System'),
    # Maker, model and software are read apart from the rest of the system group.
    'platform': _('Platform'),
    'interfaces': _('Interfaces'),
    'addresses': _('IP addresses'),
    'inventory': _('Inventory'),
    'neighbours': _('Neighbours'),
    'bgp': _('BGP sessions'),
}
# What happened to a row though its values are the same.
_EVENTS = {('bgp', 'reset'): _('Reset: established at')}


def _moment(value: str) -> str:
    return fmt.timestamp(datetime.fromisoformat(value))


_WORDS = {
    ('interfaces', 'speed'): fmt.speed,
    ('interfaces', 'type'): fmt.interface_type,
    ('bgp', 'last_error'): notification,
    ('bgp', 'reset'): _moment,
}
APPEARED, VANISHED, CHANGED = 'appeared', 'vanished', 'changed'


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a list of changes; `kind` is 'appeared', 'vanished' or 'changed'."""

    kind: str
    family: str
    key: str
    field: str
    old: str
    new: str


def family_label(name: str) -> str:
    return str(_LABELS.get(name, name))


def family_numbers(counts: dict[str, int]) -> list[tuple[str, int]]:
    """For `ScanResult.counts`, in the order of the families."""
    order = list(_LABELS)
    names = sorted(counts, key=lambda name: order.index(name) if name in order else len(order))
    return [(family_label(name), counts[name]) for name in names]


def describe_changes(changes: Iterable[dict[str, Any]]) -> list[Change]:
    """For the entries of `ScanResult.changes`."""
    return [_describe(change) for change in changes]


def _describe(change: dict[str, Any]) -> Change:
    family, field = change['family'], change['field']
    kind = CHANGED if field else VANISHED if change['new'] is None else APPEARED
    return Change(
        kind=kind,
        family=family_label(family),
        key=change['key'],
        field=_field_label(family, field) if field else '',
        old=_in_words(family, field, change['old']),
        new=_in_words(family, field, change['new']),
    )


def _in_words(family: str, field: str, value) -> str:
    if isinstance(value, dict):
        # The names of a row that came or went, in the order of the model: PostgreSQL keeps none in JSON.
        order = [field.name for field in _MODELS[family]._meta.fields] if family in _MODELS else []
        names = sorted(value, key=lambda name: order.index(name) if name in order else len(order))
        words = ((name, _in_words(family, name, value[name])) for name in names)
        return ', '.join(f'{_field_label(family, name)} {text}' for name, text in words if text)
    if value is None or value == '':
        return ''
    if isinstance(value, bool):
        return gettext('Yes') if value else gettext('No')
    model_field = _field(family, field)
    choices = dict(model_field.flatchoices) if model_field and model_field.choices else {}
    if value in choices:
        return str(choices[value])
    formatter = _WORDS.get((family, field))
    return formatter(value) if formatter else str(value)


def _field(family: str, name: str):
    model = _MODELS.get(family)
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        # Of another version.
        return None


def _field_label(family: str, name: str) -> str:
    field = _field(family, name)
    return str(field.verbose_name if field else _EVENTS.get((family, name), name))
