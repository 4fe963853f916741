from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from ..choices import RunTargetStateChoices

__all__ = (
    'GatewayPanel',
    'GatewaySitesPanel',
    'GatewayWorkPanel',
    'GatewayWorkersPanel',
)


class GatewayPanel(panels.ObjectAttributesPanel):
    title = _('Gateway')
    name = attrs.TextAttr('name', label=_('Name'))
    slug = attrs.TextAttr('slug', label=_('Slug'), style='font-monospace', copy_button=True)
    enabled = attrs.BooleanAttr('enabled', label=_('Enabled'))
    description = attrs.TextAttr('description', label=_('Description'))


class GatewaySitesPanel(panels.ObjectAttributesPanel):
    title = _('Sites')
    sites = attrs.RelatedObjectListAttr('sites', label=_('Sites'), linkify=True, max_items=50)


class GatewayWorkersPanel(panels.ObjectAttributesPanel):
    """`waiting` and `running` come from the view: numbers of targets that the user may see."""

    title = _('Workers')
    last_seen = attrs.DateTimeAttr('last_seen', label=_('Last seen'))
    last_worker = attrs.TextAttr('last_worker', label=_('Last worker'), style='font-monospace')
    has_doorbell = attrs.BooleanAttr('has_doorbell', label=_('Doorbell'))
    waiting = attrs.NumericAttr('waiting', label=_('Targets waiting'))
    running = attrs.NumericAttr('running', label=_('Targets at work'))


class GatewayWorkPanel(panels.ObjectsTablePanel):
    def __init__(self):
        super().__init__(
            'netbox_netops.RunTarget',
            title=_('Active work'),
            filters={'gateway_id': lambda context: context['object'].pk, 'state': list(RunTargetStateChoices.ACTIVE)},
        )
