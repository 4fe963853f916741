"""Rows of state with the names of what they refer to, looked up for the rows of a page in the same query."""

from django.db.models import OuterRef, QuerySet, Subquery

from .models import AddressState, InterfaceState, InventoryState, NeighbourState

__all__ = (
    'addresses',
    'inventory',
    'neighbours',
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


def _interface_name() -> Subquery:
    interface = InterfaceState.objects.filter(target=OuterRef('target'), index=OuterRef('if_index'))
    return Subquery(interface.values('name')[:1])
