from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from netops_worker.errors import ERRORS

from ..models import Pause
from . import format as fmt
from .attrs import AttemptAttr, ElapsedAttr, ErrorAttr, NextAttemptAttr, RestrictedObjectAttr

__all__ = (
    'RunPanel',
    'RunProgressPanel',
    'RunTargetErrorPanel',
    'RunTargetPanel',
    'pause_text',
)


def pause_text(pause: Pause) -> str:
    """That, since when and why nothing of a kind is started."""
    if pause.paused_by:
        text = gettext('{kind} was paused by {user} at {since}.')
    else:
        text = gettext('{kind} was paused at {since}.')
    parts = [text.format(kind=pause.get_kind_display(), user=pause.paused_by, since=fmt.timestamp(pause.since))]
    if pause.reason:
        parts.append(gettext('Reason: {reason}.').format(reason=pause.reason.rstrip('.')))
    return ' '.join([*parts, gettext(ERRORS['waiting:paused'].hint)])


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
    policy = RestrictedObjectAttr('policy', label=_('Policy'), permission='netbox_netops.view_policy')
    requested_by = attrs.TextAttr('requested_by', label=_('Requested by'))
    interactive = attrs.BooleanAttr('interactive', label=_('Interactive'))
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
    cancelled = attrs.DateTimeAttr('cancelled', label=_('Cancelled'))
    cancelled_by = attrs.TextAttr('cancelled_by', label=_('Cancelled by'))


class RunTargetPanel(panels.ObjectAttributesPanel):
    title = _('Run target')
    run = attrs.RelatedObjectAttr('run', label=_('Run'), linkify=True)
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    name = attrs.TextAttr('name', label=_('Name'))
    state = attrs.ChoiceAttr('state', label=_('State'))
    is_cancelling = attrs.BooleanAttr('is_cancelling', label=_('Being cancelled'))
    exclusive = attrs.BooleanAttr('exclusive', label=_('Exclusive'))
    dedup_key = attrs.TextAttr('dedup_key', label=_('Dedup key'), style='font-monospace')


class RunTargetErrorPanel(panels.ObjectAttributesPanel):
    title = _('Execution')
    error_code = ErrorAttr('error_code', label=_('Error'), detail='error_detail')
    blocked = ErrorAttr('blocked', label=_('Waits for'))
    urgent = attrs.BooleanAttr('urgent', label=_('Urgent'))
    attempt = AttemptAttr('attempt', label=_('Attempt'))
    next_attempt = NextAttemptAttr('next_attempt', label=_('Next attempt'))
    started = attrs.DateTimeAttr('started', label=_('Started'))
    finished = attrs.DateTimeAttr('finished', label=_('Finished'))
    duration = ElapsedAttr('started', label=_('Duration'))
    expires = attrs.DateTimeAttr('expires', label=_('Expires'))
    gateway = attrs.RelatedObjectAttr('gateway', label=_('Gateway'), linkify=True)
    worker = attrs.TextAttr('worker', label=_('Worker'), style='font-monospace')
    lease_until = attrs.DateTimeAttr('lease_until', label=_('Lease until'))
