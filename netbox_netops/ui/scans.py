from datetime import timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from netbox.ui import attrs, panels
from utilities.string import humanize_duration

from netops_worker.errors import ERRORS

from ..errors import error_title, error_url
from .attrs import ErrorAttr, RestrictedObjectAttr, UptimeAttr
from .families import describe_changes, family_label, family_numbers

__all__ = (
    'ChangesPanel',
    'ProblemsPanel',
    'ScanContentPanel',
    'ScanResultPanel',
    'describe_problems',
)


class MillisecondsAttr(attrs.TextAttr):
    def get_value(self, obj):
        value = super().get_value(obj)
        return None if value is None else humanize_duration(timedelta(milliseconds=value))


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
    uptime_ticks = UptimeAttr('uptime_ticks', label=_('Uptime'))


class ScanContentPanel(panels.ObjectPanel):
    """How many rows of each family were read."""

    title = _('Content')
    template_name = 'netbox_netops/panels/scan_content.html'

    def get_context(self, context):
        context = super().get_context(context)
        return {**context, 'counts': family_numbers(context['object'].counts)}


class ProblemsPanel(panels.ObjectPanel):
    """The families that could not be read completely."""

    title = _('Incomplete')
    template_name = 'netbox_netops/panels/scan_problems.html'

    def get_context(self, context):
        context = super().get_context(context)
        return {**context, 'problems': describe_problems(context['object'].problems)}

    def should_render(self, context):
        return bool(context['problems'])


class ChangesPanel(panels.ObjectPanel):
    title = _('Changes')
    template_name = 'netbox_netops/panels/scan_changes.html'

    def get_context(self, context):
        context = super().get_context(context)
        return {**context, 'changes': describe_changes(context['object'].changes)}


def describe_problems(problems) -> list[dict]:
    return [
        {
            'family': family_label(problem['collector']),
            'code': problem['code'],
            'title': error_title(problem['code']),
            'hint': gettext(info.hint) if (info := ERRORS.get(problem['code'])) else '',
            'url': error_url(problem['code']),
            'detail': problem['detail'],
        }
        for problem in problems
    ]
