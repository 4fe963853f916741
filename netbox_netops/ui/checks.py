"""The panels of what checks of credentials found."""

from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from .attrs import ErrorAttr, RestrictedObjectAttr

__all__ = (
    'ChangePanel',
    'HostKeyDecisionPanel',
    'HostKeyPanel',
    'OtherHostKeysPanel',
    'SecretAccessPanel',
    'StatusPanel',
    'StatusTimePanel',
)


class StatusPanel(panels.ObjectAttributesPanel):
    title = _('Credential status')
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    credential = RestrictedObjectAttr('credential', label=_('Credential'), permission='netbox_netops.view_credential')
    verdict = attrs.ChoiceAttr('verdict', label=_('Verdict'))
    code = ErrorAttr('code', label=_('Reason'), detail='detail')
    stage = attrs.NumericAttr('stage', label=_('Stage'))
    latency_ms = attrs.NumericAttr('latency_ms', label=_('Latency (ms)'))


class StatusTimePanel(panels.ObjectAttributesPanel):
    title = _('Time')
    checked = attrs.DateTimeAttr('checked', label=_('Checked'))
    since = attrs.DateTimeAttr('since', label=_('Since'))
    rejections = attrs.NumericAttr('rejections', label=_('Rejections in a row'))
    paused_until = attrs.DateTimeAttr('paused_until', label=_('Paused until'))
    run = RestrictedObjectAttr('run', label=_('Run'), permission='netbox_netops.view_run')


class ChangePanel(panels.ObjectAttributesPanel):
    title = _('Credential change')
    time = attrs.DateTimeAttr('time', label=_('Time'))
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    credential = RestrictedObjectAttr('credential', label=_('Credential'), permission='netbox_netops.view_credential')
    old_verdict = attrs.ChoiceAttr('old_verdict', label=_('Verdict before'))
    old_code = ErrorAttr('old_code', label=_('Reason before'))
    verdict = attrs.ChoiceAttr('verdict', label=_('Verdict'))
    code = ErrorAttr('code', label=_('Reason'))
    run = RestrictedObjectAttr('run', label=_('Run'), permission='netbox_netops.view_run')


class HostKeyPanel(panels.ObjectAttributesPanel):
    title = _('Host key')
    target = attrs.RelatedObjectAttr('target', label=_('Target'), linkify=True)
    type = attrs.TextAttr('type', label=_('Type'))
    fingerprint = attrs.TextAttr('fingerprint', label=_('Fingerprint'), style='font-monospace', copy_button=True)
    public_key = attrs.TextAttr('public_key', label=_('Public key'), style='font-monospace text-break')
    address = attrs.TextAttr('address', label=_('Address'), style='font-monospace')


class HostKeyDecisionPanel(panels.ObjectAttributesPanel):
    title = _('State')
    state = attrs.ChoiceAttr('state', label=_('State'))
    first_seen = attrs.DateTimeAttr('first_seen', label=_('First seen'))
    last_seen = attrs.DateTimeAttr('last_seen', label=_('Last seen'))
    approved_by = attrs.TextAttr('approved_by', label=_('Decided by'))
    approved = attrs.DateTimeAttr('approved', label=_('Decided'))


class OtherHostKeysPanel(panels.ObjectPanel):
    """The other keys of the same target, to compare with; from the view."""

    template_name = 'netbox_netops/panels/host_keys.html'
    title = _('Other host keys of the target')

    def get_context(self, context):
        return {**super().get_context(context), 'keys': context.get('others')}

    def should_render(self, context):
        return bool(context['keys'])


class SecretAccessPanel(panels.ObjectAttributesPanel):
    title = _('Secret access')
    time = attrs.DateTimeAttr('time', label=_('Time'))
    credential_name = attrs.TextAttr('credential_name', label=_('Credential'))
    target_name = attrs.TextAttr('target_name', label=_('Target'))
    run = RestrictedObjectAttr('run', label=_('Run'), permission='netbox_netops.view_run')
    user = attrs.TextAttr('user', label=_('User'))
    worker = attrs.TextAttr('worker', label=_('Worker'), style='font-monospace')
    provider = attrs.TextAttr('provider', label=_('Provider'))
    code = ErrorAttr('code', label=_('Outcome'))
    milliseconds = attrs.NumericAttr('milliseconds', label=_('Duration (ms)'))
