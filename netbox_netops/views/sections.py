"""The tables on the page of a target and on the NetOps tab of its device: one at a time, chosen by `?section=`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from netbox.object_actions import ObjectAction

from .. import facts, filtersets, tables
from ..choices import (
    BGPStateChoices,
    DifferenceKindChoices,
    InterfaceStatusChoices,
    NeighbourProtocolChoices,
    PhysicalClassChoices,
)
from ..models import Difference, InterfaceState, ScanResult, Target
from ..ui.scans import describe_problems
from .differences import ACTIONS

__all__ = (
    'SECTIONS',
    'Section',
    'chosen_section',
    'section_facets',
    'section_problems',
    'section_tabs',
)


@dataclass(frozen=True, slots=True)
class Section:
    """`facet`: the filter whose values are offered above the table, with their `colors`. `actions`: for selected rows.

    `slug` is also the name of the family in a scan, and of the number of rows in `facts.counts`.
    """

    slug: str
    label: str | Promise
    rows: Callable[[], QuerySet]
    table: type
    filterset: type
    facet: str = ''
    colors: Mapping[Any, str] = field(default_factory=dict)
    actions: tuple[type[ObjectAction], ...] = ()


SECTIONS = (
    Section('interfaces', _('Interfaces'), InterfaceState.objects.all, tables.TargetInterfaceTable,
            filtersets.InterfaceStateFilterSet, facet='oper_status', colors=InterfaceStatusChoices.colors),
    Section('bgp', _('BGP sessions'), facts.peers, tables.TargetBGPPeerTable,
            filtersets.BGPPeerStateFilterSet, facet='state', colors=BGPStateChoices.colors),
    Section('neighbours', _('Neighbours'), facts.neighbours, tables.TargetNeighbourTable,
            filtersets.NeighbourStateFilterSet, facet='protocol', colors=NeighbourProtocolChoices.colors),
    Section('addresses', _('IP addresses'), facts.addresses, tables.TargetAddressTable,
            filtersets.AddressStateFilterSet),
    Section('inventory', _('Inventory'), facts.inventory, tables.TargetInventoryTable,
            filtersets.InventoryStateFilterSet, facet='physical_class', colors=PhysicalClassChoices.colors),
    Section('differences', _('Differences'), Difference.objects.all, tables.TargetDifferenceTable,
            filtersets.DifferenceFilterSet, facet='kind', colors=DifferenceKindChoices.colors, actions=ACTIONS),
    Section('scans', _('Scans'), ScanResult.objects.all, tables.TargetScanTable, filtersets.ScanResultFilterSet),
)  # fmt: skip

# Of these one click shows what is switched on and not up, under this name and in this colour.
_DOWN = {'interfaces': (_('Enabled and not up'), 'orange'), 'bgp': (_('Enabled and not established'), 'red')}


def chosen_section(request) -> Section:
    """The one that the URL names, otherwise the first."""
    slug = request.GET.get('section')
    return next((section for section in SECTIONS if section.slug == slug), SECTIONS[0])


def section_tabs(chosen: Section, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            'slug': section.slug,
            'label': section.label,
            'count': counts[section.slug],
            # Ports without a cable are no reason to worry; a session that somebody configured is.
            'alert': counts['bgp_down'] if section.slug == 'bgp' else 0,
            'active': section is chosen,
        }
        for section in SECTIONS
    ]


def section_facets(section: Section, request, rows: QuerySet, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The ways in which the table can be narrowed by a click, each with its number of rows. One query."""
    if not section.facet:
        return []
    found = list(rows.order_by(section.facet).values_list(section.facet).annotate(number=Count('pk')))
    labels = dict(rows.model._meta.get_field(section.facet).flatchoices)
    wanted = request.GET.getlist(section.facet)
    facets = [
        {
            'label': labels[value],
            'query': f'{section.facet}={value}',
            'count': number,
            'color': section.colors.get(value),
            'active': str(value) in wanted,
        }
        for value, number in found
        if value in labels
    ]
    if number := counts.get(f'{section.slug}_down'):
        label, color = _DOWN[section.slug]
        down = {'label': label, 'query': 'down=true', 'count': number, 'color': color}
        facets.insert(0, down | {'active': request.GET.get('down') == 'true'})
    if not facets:
        return []
    every = {'label': _('All'), 'query': '', 'count': sum(number for _value, number in found), 'color': None}
    return [every | {'active': not any(facet['active'] for facet in facets)}, *facets]


def section_problems(section: Section, target: Target) -> list[dict[str, Any]]:
    """Why the latest scan could not read the family of this section completely, if so."""
    problems = target.latest_scan.problems if target.latest_scan else []
    return describe_problems(problem for problem in problems if problem['collector'] == section.slug)
