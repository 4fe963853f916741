"""The tables on the page of a target and on the NetOps tab of its device: one at a time, chosen by `?section=`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .. import facts, filtersets, tables
from ..models import BGPPeerState, InterfaceState, ScanResult, Target

__all__ = (
    'SECTIONS',
    'Section',
    'chosen_section',
    'section_tabs',
)


@dataclass(frozen=True, slots=True)
class Section:
    """`family`: whose number of rows the latest scan has counted, '' for none."""

    slug: str
    label: str | Promise
    family: str
    rows: Callable[[], QuerySet]
    table: type
    filterset: type


SECTIONS = (
    Section('interfaces', _('Interfaces'), 'interfaces', InterfaceState.objects.all, tables.TargetInterfaceTable,
            filtersets.InterfaceStateFilterSet),
    Section('bgp', _('BGP sessions'), 'bgp', BGPPeerState.objects.all, tables.TargetBGPPeerTable,
            filtersets.BGPPeerStateFilterSet),
    Section('neighbours', _('Neighbours'), 'neighbours', facts.neighbours, tables.TargetNeighbourTable,
            filtersets.NeighbourStateFilterSet),
    Section('addresses', _('IP addresses'), 'addresses', facts.addresses, tables.TargetAddressTable,
            filtersets.AddressStateFilterSet),
    Section('inventory', _('Inventory'), 'inventory', facts.inventory, tables.TargetInventoryTable,
            filtersets.InventoryStateFilterSet),
    Section('scans', _('Scans'), '', ScanResult.objects.all, tables.TargetScanTable, filtersets.ScanResultFilterSet),
)  # fmt: skip


def chosen_section(request) -> Section:
    """The one that the URL names, otherwise the first."""
    slug = request.GET.get('section')
    return next((section for section in SECTIONS if section.slug == slug), SECTIONS[0])


def section_tabs(target: Target, chosen: Section) -> list[dict[str, Any]]:
    counts = (target.latest_scan.counts if target.latest_scan else None) or {}
    return [
        {
            'slug': section.slug,
            'label': section.label,
            'count': counts.get(section.family),
            'active': section is chosen,
        }
        for section in SECTIONS
    ]
