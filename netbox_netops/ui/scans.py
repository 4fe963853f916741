from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels
from utilities.string import humanize_duration

from . import format as fmt
from .attrs import ErrorAttr, RestrictedObjectAttr, UptimeAttr
from .targets import SystemPanel

__all__ = (
    'InterfacePanel',
    'InterfaceStatePanel',
    'ScanResultPanel',
    'ScanSystemPanel',
)


class MillisecondsAttr(attrs.TextAttr):
    def get_value(self, obj):
        value = super().get_value(obj)
        return None if value is None else humanize_duration(timedelta(milliseconds=value))


class InterfaceTypeAttr(attrs.TextAttr):
    def get_value(self, obj):
        return fmt.interface_type(super().get_value(obj))


class SpeedAttr(attrs.TextAttr):
    def get_value(self, obj):
        return fmt.speed(super().get_value(obj))


class ScanResultPanel(panels.ObjectAttributesPanel):
    title = _('Scan result')
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    ok = attrs.BooleanAttr('ok', label=_('Succeeded'))
    error_code = ErrorAttr('error_code', label=_('Error'), detail='error_detail')
    started = attrs.DateTimeAttr('started', label=_('Started'))
    duration_ms = MillisecondsAttr('duration_ms', label=_('Duration'))
    worker = attrs.TextAttr('worker', label=_('Worker'), style='font-monospace')
    run = RestrictedObjectAttr('run', label=_('Run'), permission='netbox_netops.view_run')
    credential = RestrictedObjectAttr('credential', label=_('Credential'), permission='netbox_netops.view_credential')


class ScanSystemPanel(SystemPanel):
    accessor = 'object'


class InterfacePanel(panels.ObjectAttributesPanel):
    title = _('Interface')
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    index = attrs.NumericAttr('index', label=_('Index'))
    name = attrs.TextAttr('name', label=_('Name'))
    description = attrs.TextAttr('description', label=_('Description'))
    alias = attrs.TextAttr('alias', label=_('Alias'))
    type = InterfaceTypeAttr('type', label=_('Type'))
    speed = SpeedAttr('speed', label=_('Speed'))
    mtu = attrs.NumericAttr('mtu', label=_('MTU'))
    mac = attrs.TextAttr('mac', label=_('MAC address'), style='font-monospace', copy_button=True)


class InterfaceStatePanel(panels.ObjectAttributesPanel):
    title = _('State')
    admin_status = attrs.ChoiceAttr('admin_status', label=_('Admin status'))
    oper_status = attrs.ChoiceAttr('oper_status', label=_('Oper status'))
    oper_since = attrs.DateTimeAttr('oper_since', label=_('Oper status since'))
    last_change = UptimeAttr('last_change', label=_('Last change (uptime)'))
    changed_at = attrs.DateTimeAttr('changed_at', label=_('Last changed'))
