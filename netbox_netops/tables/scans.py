from datetime import timedelta

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from netbox.tables import NetBoxTable, columns
from utilities.string import humanize_duration

from ..errors import error_title
from ..models import ScanResult
from ..ui import format as fmt
from ..ui.families import family_label
from .columns import NOWRAP, ErrorColumn

__all__ = ('ScanResultTable',)


class ScanResultTable(NetBoxTable):
    started = columns.DateTimeColumn(verbose_name=_('Started'), linkify=True, attrs=NOWRAP)
    target = tables.Column(verbose_name=_('Target'), linkify=True)
    ok = columns.BooleanColumn(verbose_name=_('Succeeded'))
    error_code = ErrorColumn(verbose_name=_('Error'))
    error_detail = tables.Column(verbose_name=_('Error Detail'))
    problems = tables.Column(verbose_name=_('Incomplete'), orderable=False)
    first = columns.BooleanColumn(verbose_name=_('First'))
    change_count = tables.Column(verbose_name=_('Changes'))
    uptime_ticks = tables.Column(verbose_name=_('Uptime'), attrs=NOWRAP)
    interface_count = tables.Column(verbose_name=_('Interfaces'), order_by='counts__interfaces')
    duration_ms = tables.Column(verbose_name=_('Duration'), attrs=NOWRAP)
    worker = tables.Column(verbose_name=_('Worker'))
    run = tables.Column(verbose_name=_('Run'), linkify=True)
    credential = tables.Column(verbose_name=_('Credential'), linkify=True)
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = ScanResult
        fields = (
            *('pk', 'id', 'started', 'target', 'ok', 'error_code', 'error_detail', 'problems', 'first'),
            *('change_count', 'uptime_ticks', 'interface_count', 'duration_ms', 'worker', 'run', 'credential'),
        )
        default_columns = (
            *('started', 'target', 'ok', 'error_code', 'problems', 'change_count', 'uptime_ticks'),
            *('interface_count', 'duration_ms', 'worker'),
        )

    def render_problems(self, value):
        if not value:
            return self.default
        return format_html(
            '<span class="badge text-bg-yellow" title="{}">{}</span>',
            '; '.join(f'{family_label(item["collector"])}: {error_title(item["code"])}' for item in value),
            ngettext('{count} family', '{count} families', len(value)).format(count=len(value)),
        )

    def value_problems(self, value):
        return ', '.join(f'{item["collector"]} ({item["code"]})' for item in value)

    def render_change_count(self, record, value):
        if record.first:
            return format_html('<span class="badge text-bg-blue">{}</span>', gettext('Baseline'))
        return value

    def value_change_count(self, value):
        return value

    def render_uptime_ticks(self, value):
        return fmt.uptime(value)

    def value_uptime_ticks(self, value):
        return value

    def render_duration_ms(self, value):
        return humanize_duration(timedelta(milliseconds=value))

    def value_duration_ms(self, value):
        return value
