"""The same inside the page of a target or its device, where whoever sees that sees all of its rows.

Rows link to pages of NetBox's own objects, not to pages of state rows, which the reader may not be allowed to open.
"""

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from netbox.tables import columns

from .columns import NOWRAP, NaturalColumn
from .facts import (
    AddressStateTable,
    BGPPeerStateTable,
    InterfaceStateTable,
    InventoryStateTable,
    NeighbourStateTable,
)
from .scans import ScanResultTable

__all__ = (
    'TargetAddressTable',
    'TargetBGPPeerTable',
    'TargetInterfaceTable',
    'TargetInventoryTable',
    'TargetNeighbourTable',
    'TargetScanTable',
)

_ELSEWHERE = ('id', 'target', 'site')


class TargetInterfaceTable(InterfaceStateTable):
    name = NaturalColumn(verbose_name=_('Name'))

    class Meta(InterfaceStateTable.Meta):
        exclude = _ELSEWHERE
        empty_text = _('No interface was found')

    def configure(self, request):
        self.linked = {name for name in ('interface', 'vm_interface') if request.user.has_perm(_VIEW_PERMISSIONS[name])}
        super().configure(request)

    def render_name(self, record):
        for field, view in (('interface', 'dcim:interface'), ('vm_interface', 'virtualization:vminterface')):
            pk = getattr(record, f'{field}_id')
            if pk and field in self.linked:
                return format_html('<a href="{}">{}</a>', reverse(view, args=[pk]), record)
        return str(record)


_VIEW_PERMISSIONS = {'interface': 'dcim.view_interface', 'vm_interface': 'virtualization.view_vminterface'}


class TargetAddressTable(AddressStateTable):
    address = tables.Column(verbose_name=_('Address'), order_by=('address', 'prefix_length'))
    interface_name = tables.Column(verbose_name=_('Interface'))

    class Meta(AddressStateTable.Meta):
        exclude = _ELSEWHERE
        empty_text = _('No IP address was found')


class TargetInventoryTable(InventoryStateTable):
    name = NaturalColumn(verbose_name=_('Name'), empty_values=())

    class Meta(InventoryStateTable.Meta):
        exclude = _ELSEWHERE
        empty_text = _('No physical entity was found')


class TargetNeighbourTable(NeighbourStateTable):
    system_name = tables.Column(verbose_name=_('Neighbour'), empty_values=())

    class Meta(NeighbourStateTable.Meta):
        exclude = _ELSEWHERE
        empty_text = _('No neighbour was found')


class TargetBGPPeerTable(BGPPeerStateTable):
    address = NaturalColumn(verbose_name=_('Peer Address'))

    class Meta(BGPPeerStateTable.Meta):
        exclude = _ELSEWHERE
        empty_text = _('No BGP session was found')

    def render_address(self, record):
        peer = self.links.get(record.pk)
        return format_html('<a href="{}">{}</a>', peer.address_url, record.address) if peer else record.address


class TargetScanTable(ScanResultTable):
    """`started` leads to the page of the scan for those who may view it."""

    started = columns.DateTimeColumn(verbose_name=_('Started'), attrs=NOWRAP)

    class Meta(ScanResultTable.Meta):
        exclude = ('id', 'target', 'run', 'credential')
        empty_text = _('Not scanned yet')

    def configure(self, request):
        self.linked = request.user.has_perm('netbox_netops.view_scanresult')
        super().configure(request)

    def render_started(self, record, bound_column, value):
        text = bound_column.column.render(value)
        return format_html('<a href="{}">{}</a>', record.get_absolute_url(), text) if self.linked else text
