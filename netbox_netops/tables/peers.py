"""BGP peers as NetBox knows them: the IP address of that number, and the device it is on."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import django_tables2 as tables
from dcim.models import Device
from django.db.models import Case, CharField, F, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from ipam.models import IPAddress
from virtualization.models import VirtualMachine

from ..models import BGPPeerState
from .links import LinkedTable

__all__ = ('PeerMixin',)


@dataclass(frozen=True, slots=True)
class _Peer:
    """`name` and `url` of the device or virtual machine are empty where there is none, or none the user may view."""

    vrf: str
    address_url: str
    url: str
    name: str


class PeerMixin(LinkedTable):
    """A column `peer`, for the rows of the page that is shown."""

    peer = tables.Column(verbose_name=_('Peer'), empty_values=(), orderable=False, exclude_from_export=True)

    def find_links(self, records, user):
        return _find_peers(records, user)

    def render_peer(self, record):
        peer = self.links.get(record.pk)
        if peer is None:
            return self.default
        if peer.url:
            return format_html('<a href="{}">{}</a>', peer.url, peer.name)
        return format_html('<a href="{}">{}</a>', peer.address_url, _('IP address'))


def _find_peers(states: Iterable[BGPPeerState], user) -> dict[int, _Peer]:
    """By the id of the row, with one query for all of them."""
    wanted = {state.pk: number for state in states if (number := _number(state.address))}
    if not wanted:
        return {}
    found: dict[str, list[_Peer]] = {}
    for pk, address, vrf, device, device_name, machine, machine_name in (
        IPAddress.objects.restrict(user, 'view')
        .filter(address__net_in=sorted(set(wanted.values())))
        .order_by('pk')
        .values_list(
            *('pk', 'address', 'vrf__name'),
            *(_if_visible(Device, 'interface__device', field, user) for field in ('id', 'name')),
            *(_if_visible(VirtualMachine, 'vminterface__virtual_machine', field, user) for field in ('id', 'name')),
        )
    ):
        url, name = '', ''
        if device:
            url, name = reverse('dcim:device', args=[device]), device_name or _('Unnamed device')
        elif machine:
            url, name = reverse('virtualization:virtualmachine', args=[machine]), machine_name
        peer = _Peer(vrf or '', reverse('ipam:ipaddress', args=[pk]), url, str(name))
        found.setdefault(_number(str(address.ip)), []).append(peer)
    chosen = {state.pk: _choose(found.get(wanted.get(state.pk, ''), []), state.vrf) for state in states}
    return {pk: peer for pk, peer in chosen.items() if peer is not None}


def _choose(peers: list[_Peer], vrf: str) -> _Peer | None:
    """The one in the VRF of that name, or the only one there is: VRFs are often named otherwise in NetBox."""
    same = [peer for peer in peers if peer.vrf == vrf]
    return same[0] if same else peers[0] if len(peers) == 1 else None


def _number(text: str) -> str:
    """The address as the database writes it; '' for what is none, and for one that means nothing outside its link."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ''
    return '' if address.is_link_local else str(address)


def _if_visible(model, path: str, field: str, user) -> Case:
    visible = model.objects.restrict(user, 'view').values('pk')
    return Case(
        When(**{f'{path}__in': visible}, then=F(f'{path}__{field}')),
        output_field=None if field == 'id' else CharField(),
    )
