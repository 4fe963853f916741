from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from .attrs import RestrictedObjectAttr

__all__ = (
    'DifferenceObjectsPanel',
    'DifferencePanel',
)


class DifferencePanel(panels.ObjectAttributesPanel):
    title = _('Difference')
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    kind = attrs.ChoiceAttr('kind', label=_('Kind'))
    key = attrs.TextAttr('key', label=_('Subject'))
    documented = attrs.TextAttr('documented_display', label=_('NetBox'))
    found = attrs.TextAttr('found_display', label=_('Device'))


class DifferenceObjectsPanel(panels.ObjectAttributesPanel):
    title = _('State')
    applicable = attrs.BooleanAttr('applicable', label=_('Applicable'))
    ignored = attrs.BooleanAttr('ignored', label=_('Ignored'))
    first_seen = attrs.DateTimeAttr('first_seen', label=_('First seen'))
    interface = RestrictedObjectAttr('interface', label=_('NetBox interface'), permission='dcim.view_interface')
    vm_interface = RestrictedObjectAttr(
        'vm_interface', label=_('NetBox VM interface'), permission='virtualization.view_vminterface'
    )
    ip_address = RestrictedObjectAttr('ip_address', label=_('IP address'), permission='ipam.view_ipaddress')
