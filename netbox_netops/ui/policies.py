from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels

from ..errors import error_badge
from ..models import Policy
from .attrs import ErrorAttr, RestrictedObjectAttr
from .schedule import schedule_text

__all__ = (
    'PolicyPanel',
    'PolicyPreviewPanel',
    'PolicySchedulePanel',
    'outcome_badge',
)


def outcome_badge(policy: Policy) -> SafeString | str:
    """What came of the last firing: something was started, or the code that says why not."""
    if policy.last_outcome:
        return error_badge(policy.last_outcome)
    if policy.last_fired:
        return format_html('<span class="badge text-bg-green">{}</span>', gettext('Started'))
    return ''


class ScheduleAttr(attrs.TextAttr):
    def get_value(self, obj):
        return schedule_text(obj.cron, obj.interval)


class OutcomeAttr(ErrorAttr):
    """As `outcome_badge`, with what to do."""

    def render(self, obj, context):
        return super().render(obj, context) if obj.last_outcome else outcome_badge(obj) or self.placeholder


class PolicyPanel(panels.ObjectAttributesPanel):
    title = _('Policy')
    name = attrs.TextAttr('name', label=_('Name'))
    kind = attrs.ChoiceAttr('kind', label=_('Kind'))
    enabled = attrs.BooleanAttr('enabled', label=_('Enabled'))
    run_as = attrs.TextAttr('run_as', label=_('Runs as'))
    concurrency = attrs.NumericAttr('concurrency', label=_('Devices at the same time'))
    rate = attrs.NumericAttr('rate', label=_('Devices per minute'))
    description = attrs.TextAttr('description', label=_('Description'))


class PolicySchedulePanel(panels.ObjectAttributesPanel):
    """The next times come from the view."""

    template_name = 'netbox_netops/panels/policy_schedule.html'
    title = _('Schedule')
    schedule = ScheduleAttr('cron', label=_('Schedule'))
    cron = attrs.TextAttr('cron', label=_('Cron expression'), style='font-monospace')
    last_fired = attrs.DateTimeAttr('last_fired', label=_('Last fired'))
    last_run = RestrictedObjectAttr('last_run', label=_('Last run'), permission='netbox_netops.view_run')
    last_outcome = OutcomeAttr('last_outcome', label=_('Last outcome'))

    def get_context(self, context):
        return {**super().get_context(context), 'upcoming': context.get('upcoming')}


class PolicyPreviewPanel(panels.ObjectPanel):
    """What a run would operate now; from the view."""

    template_name = 'netbox_netops/panels/policy_preview.html'
    title = _('What a run would concern now')

    def get_context(self, context):
        return {**super().get_context(context), 'preview': context.get('preview'), 'problem': context.get('problem')}
