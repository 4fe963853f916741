"""Neighbours as NetBox knows them: the device of that name."""

import re
from collections.abc import Iterable

import django_tables2 as tables
from dcim.models import Device
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..models import NeighbourState
from .links import LinkedTable

__all__ = ('NeighbourMixin',)

# CDP adds the serial number in brackets.
_SERIAL = re.compile(r'\(.*$', re.DOTALL)


class NeighbourMixin(LinkedTable):
    """A column `device`, for the rows of the page that is shown."""

    device = tables.Column(verbose_name=_('Device'), empty_values=(), orderable=False, exclude_from_export=True)

    def find_links(self, records, user):
        return _find_devices(records, user)

    def render_device(self, record):
        if record.pk not in self.links:
            return self.default
        pk, name = self.links[record.pk]
        return format_html('<a href="{}">{}</a>', reverse('dcim:device', args=[pk]), name)


def _find_devices(states: Iterable[NeighbourState], user) -> dict[int, tuple[int, str]]:
    """Id and name of the device by the id of the row, with one query; none where several have the name."""
    wanted = {state.pk: names for state in states if (names := _names(state.system_name))}
    if not wanted:
        return {}
    devices = (
        Device.objects.restrict(user, 'view')
        .annotate(key=Lower('name'))
        .filter(key__in=sorted(set().union(*wanted.values())))
        .values_list('key', 'pk', 'name')
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for key, pk, name in devices:
        found.setdefault(key, []).append((pk, name))
    chosen = {row: [device for name in names for device in found.get(name, ())] for row, names in wanted.items()}
    return {row: candidates[0] for row, candidates in chosen.items() if len(candidates) == 1}


def _names(system_name: str) -> set[str]:
    """As it came, and without the domain."""
    name = _SERIAL.sub('', system_name).strip().lower()
    # An address is not shortened.
    short = name if name.replace('.', '').isdecimal() else name.split('.')[0]
    return {name, short} - {''}
