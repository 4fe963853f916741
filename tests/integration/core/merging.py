"""What the tests of merging scan results share."""

from datetime import timedelta

from django.db import connection, transaction
from utilities.testing import TestCase

from netbox_netops.models import (
    AddressState,
    BGPPeerState,
    InterfaceState,
    InventoryState,
    NeighbourState,
    SystemState,
)
from netbox_netops.results.scans import merge_scans
from tests.integration.factories import (
    NOON,
    address_row,
    entity_row,
    interface_row,
    make_scan_result,
    make_target,
    neighbour_row,
    peer_row,
    scan_data,
    system_facts,
)

__all__ = (
    'MINUTE',
    'MODELS',
    'MergeCase',
    'everything',
    'listed',
)

MINUTE = timedelta(minutes=1)
MODELS = (SystemState, InterfaceState, AddressState, InventoryState, NeighbourState, BGPPeerState)


def everything(*incomplete, **families):
    return scan_data(
        *incomplete,
        **{
            'system': system_facts(),
            'interfaces': [interface_row(1), interface_row(2)],
            'addresses': [address_row('192.0.2.1'), address_row('2001:db8::1', prefix_length=64)],
            'inventory': [entity_row(1, **{'class': 3}), entity_row(2, parent=1)],
            'neighbours': [neighbour_row(1), neighbour_row(2, protocol='cdp')],
            'bgp': [peer_row('192.0.2.2'), peer_row('192.0.2.3', vrf='red')],
        }
        | families,
    )


def listed(data, family):
    """Of an incomplete family all rows are there."""
    data['collectors'][family]['listed'] = True
    return data


class MergeCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('r1')

    def merge(self, data, *, at=NOON, target=None, **values):
        """Merge one result; returns the row of its history."""
        target = target or self.target
        self.write(make_scan_result(target, data, at=at, **values))
        return target.scans.get(started=at)

    def write(self, *results):
        with transaction.atomic():
            merge_scans(results)

    def places(self, model):
        """Where PostgreSQL keeps the rows of the table: every write moves them."""
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT id, ctid::text, xmin::text FROM {model._meta.db_table} ORDER BY id')
            return cursor.fetchall()
