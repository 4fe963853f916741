from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from .attrs import ElapsedAttr, ErrorAttr

__all__ = (
    'RunPanel',
    'RunProgressPanel',
    'RunTargetErrorPanel',
    'RunTargetPanel',
)


class JoinedAttr(attrs.TemplatedAttr):
    """The other runs that already worked on some of the requested targets."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, template_name='netbox_netops/attrs/joined.html', **kwargs)

    def get_value(self, obj):
        return super().get_value(obj) or None


class RunPanel(panels.ObjectAttributesPanel):
    title = _('Run')
    kind = attrs.ChoiceAttr('kind', label=_('Kind'))
    status = attrs.ChoiceAttr('status', label=_('Status'))
    requested_by = attrs.TextAttr('requested_by', label=_('Requested by'))
    reason = attrs.TextAttr('reason', label=_('Reason'))
    joined = JoinedAttr('joined', label=_('Joined runs'))


class RunProgressPanel(panels.ObjectAttributesPanel):
    title = _('Progress')
    progress = attrs.TemplatedAttr('progress', label=_('Targets'), template_name='netbox_netops/attrs/progress.html')
    created = attrs.DateTimeAttr('created', label=_('Created'))
    started = attrs.DateTimeAttr('started', label=_('Started'))
    finished = attrs.DateTimeAttr('finished', label=_('Finished'))
    expires = attrs.DateTimeAttr('expires', label=_('Expires'))
    duration = ElapsedAttr('started', label=_('Duration'))


class RunTargetPanel(panels.ObjectAttributesPanel):
    title = _('Run target')
    run = attrs.RelatedObjectAttr('run', label=_('Run'), linkify=True)
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    name = attrs.TextAttr('name', label=_('Name'))
    state = attrs.ChoiceAttr('state', label=_('State'))
    exclusive = attrs.BooleanAttr('exclusive', label=_('Exclusive'))
    dedup_key = attrs.TextAttr('dedup_key', label=_('Dedup key'), style='font-monospace')


class RunTargetErrorPanel(panels.ObjectAttributesPanel):
    title = _('Execution')
    error_code = ErrorAttr('error_code', label=_('Error'), detail='error_detail')
    attempt = attrs.NumericAttr('attempt', label=_('Attempt'))
    next_attempt = attrs.DateTimeAttr('next_attempt', label=_('Next attempt'))
    started = attrs.DateTimeAttr('started', label=_('Started'))
    finished = attrs.DateTimeAttr('finished', label=_('Finished'))
    duration = ElapsedAttr('started', label=_('Duration'))
    expires = attrs.DateTimeAttr('expires', label=_('Expires'))
    worker = attrs.TextAttr('worker', label=_('Worker'), style='font-monospace')
    lease_until = attrs.DateTimeAttr('lease_until', label=_('Lease until'))
