from django.utils.translation import gettext_lazy as _
from netbox.ui import actions, attrs, panels

from ..kinds import KINDS
from ..readiness import readiness
from ..tables import RecentRunTable
from .attrs import ErrorAttr, ReachabilityAttr, RestrictedObjectAttr, UptimeAttr

__all__ = (
    'ReadinessPanel',
    'RecentRunsPanel',
    'StatePanel',
    'SystemPanel',
    'TargetLink',
    'TargetPanel',
)


class TargetLink(actions.LinkAction):
    """From a panel about a target to the target's own page."""

    def __init__(self):
        super().__init__(
            view_name='plugins:netbox_netops:target',
            label=_('Target'),
            button_icon='target',
            permissions=['netbox_netops.view_target'],
        )

    def get_url(self, context):
        return context['object'].get_absolute_url()


class TargetPanel(panels.ObjectAttributesPanel):
    """What a target is: taken over from its device or virtual machine."""

    title = _('Target')
    name = attrs.TextAttr('name', label=_('Name'))
    device = attrs.RelatedObjectAttr('device', label=_('Device'), linkify=True)
    virtual_machine = attrs.RelatedObjectAttr('virtual_machine', label=_('Virtual machine'), linkify=True)
    site = attrs.RelatedObjectAttr('site', label=_('Site'), linkify=True)
    tenant = attrs.RelatedObjectAttr('tenant', label=_('Tenant'), linkify=True)
    role = attrs.RelatedObjectAttr('role', label=_('Role'), linkify=True, colored=True)
    platform = attrs.RelatedObjectAttr('platform', label=_('Platform'), linkify=True)
    synced_at = attrs.DateTimeAttr('synced_at', label=_('Last changed by a sync'))


class StatePanel(panels.ObjectAttributesPanel):
    accessor = 'state.target'
    title = _('State')
    status = attrs.ChoiceAttr('status', label=_('Status'))
    reachability = ReachabilityAttr('reachability', label=_('Reachability'))
    address = attrs.TextAttr('address', label=_('Address'), style='font-monospace', copy_button=True)
    last_attempt_at = attrs.DateTimeAttr('last_attempt_at', label=_('Last attempt'))
    last_success_at = attrs.DateTimeAttr('last_success_at', label=_('Last success'))
    last_error = ErrorAttr('last_error', label=_('Last error'))
    spared_until = attrs.DateTimeAttr('spared_until', label=_('Spared until'))
    snmp_credential = RestrictedObjectAttr(
        'snmp_credential', label=_('SNMP credential'), permission='netbox_netops.view_credential'
    )

    def should_render(self, context):
        return context['object'] is not None


class SystemPanel(panels.ObjectAttributesPanel):
    """What the target says it is, and when the newest scan that brought facts read it."""

    accessor = 'state.facts'
    title = _('System')
    name = attrs.TextAttr('system.name', label=_('Name'))
    description = attrs.TextAttr('system.description', label=_('Description'), style='text-break')
    vendor = attrs.TextAttr('system.vendor', label=_('Vendor'))
    model = attrs.TextAttr('system.model', label=_('Model'))
    os = attrs.TextAttr('system.os', label=_('Operating system'))
    os_version = attrs.TextAttr('system.os_version', label=_('Software version'))
    serial = attrs.TextAttr('system.serial', label=_('Serial number'), style='font-monospace', copy_button=True)
    object_id = attrs.TextAttr('system.object_id', label=_('Object ID'), style='font-monospace')
    location = attrs.TextAttr('system.location', label=_('Location'))
    contact = attrs.TextAttr('system.contact', label=_('Contact'))
    uptime_ticks = UptimeAttr('latest_scan.uptime_ticks', label=_('Uptime'))
    interface_count = attrs.NumericAttr('latest_scan.interface_count', label=_('Interfaces'))
    started = attrs.DateTimeAttr('latest_scan.started', label=_('As of'))

    def should_render(self, context):
        return context['object'] is not None


class ReadinessPanel(panels.ObjectPanel):
    """For each kind of run: may it start, and what is missing where."""

    accessor = 'state.target'
    template_name = 'netbox_netops/panels/readiness.html'
    title = _('Readiness')

    def get_context(self, context):
        context = super().get_context(context)
        target, request = context['object'], context['request']
        groups = {}
        if target is not None:
            for item in readiness(target, request.user):
                groups.setdefault(item.kind, []).append(item)
        context['groups'] = [
            {
                'label': KINDS[slug].label,
                'checks': items,
                'ready': all(item.ok for item in items if item.required),
            }
            for slug, items in groups.items()
        ]
        return context

    def should_render(self, context):
        return context['object'] is not None


class RecentRunsPanel(panels.Panel):
    template_name = 'ui/panels/context_table.html'
    title = _('Recent runs')

    def get_context(self, context):
        state, user = context['state'], context['request'].user
        table = None
        if state.target:
            table = RecentRunTable(state.recent_runs, linked=user.has_perm('netbox_netops.view_run'))
        return {**super().get_context(context), 'table': table}

    def should_render(self, context):
        return context['table'] is not None
