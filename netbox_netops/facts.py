"""What was found on targets: rows with the names of what they refer to, and how many there are."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Collate

from .models import (
    AddressState,
    BGPPeerState,
    Difference,
    InterfaceState,
    InventoryState,
    NeighbourState,
    ScanResult,
    Target,
)

__all__ = (
    'addresses',
    'counts',
    'inventory',
    'neighbours',
    'peers',
    'sessions',
)


def addresses() -> QuerySet[AddressState]:
    """With `interface_name`."""
    return AddressState.objects.annotate(interface_name=_interface_name())


def neighbours() -> QuerySet[NeighbourState]:
    """With `interface_name`."""
    return NeighbourState.objects.annotate(interface_name=_interface_name())


def inventory() -> QuerySet[InventoryState]:
    """With `parent_name`."""
    container = InventoryState.objects.filter(target=OuterRef('target'), index=OuterRef('parent'))
    return InventoryState.objects.annotate(parent_name=Subquery(container.values('name')[:1]))


def peers() -> QuerySet[BGPPeerState]:
    """By their addresses as numbers, IPv4 first."""
    return BGPPeerState.objects.order_by('vrf', Collate('address', 'natural_sort'))


def _interface_name() -> Subquery:
    interface = InterfaceState.objects.filter(target=OuterRef('target'), index=OuterRef('if_index'))
    return Subquery(interface.values('name')[:1])


def counts(target: Target) -> dict[str, int]:
    """How many rows of each kind a target has; `…_down`: those that should be up. One query."""
    rows = {
        'interfaces': InterfaceState.objects.all(),
        'interfaces_down': InterfaceState.objects.filter(InterfaceState.DOWN),
        'bgp': BGPPeerState.objects.all(),
        'bgp_down': BGPPeerState.objects.filter(BGPPeerState.DOWN),
        'neighbours': NeighbourState.objects.all(),
        'addresses': AddressState.objects.all(),
        'inventory': InventoryState.objects.all(),
        # What a user has muted is not on the list of things to do.
        'differences': Difference.objects.filter(ignored=False),
        'scans': ScanResult.objects.all(),
    }
    numbers = Target.objects.filter(pk=target.pk).values_list(*map(_number, rows.values())).get()
    return dict(zip(rows, numbers, strict=True))


def sessions(target: Target) -> dict[str, int]:
    """How many BGP sessions a target has, as `total`, and how many of them should be up and are not, as `down`."""
    return target.bgp_peers.aggregate(total=Count('pk'), down=Count('pk', filter=BGPPeerState.DOWN))


def _number(rows: QuerySet) -> Coalesce:
    found = rows.filter(target=OuterRef('pk')).order_by().values('target').annotate(number=Count('pk'))
    return Coalesce(Subquery(found.values('number'), output_field=IntegerField()), 0)
