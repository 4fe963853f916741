from datetime import timedelta

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns
from utilities.string import humanize_duration

from ..models import ScanResult
from ..ui import format as fmt
from .columns import NOWRAP, ErrorColumn

__all__ = (
    'RecentScanTable',
    'ScanResultTable',
)


class ScanColumnsMixin(tables.Table):
    started = columns.DateTimeColumn(verbose_name=_('Started'), linkify=True, attrs=NOWRAP)
    ok = columns.BooleanColumn(verbose_name=_('Succeeded'))
    uptime_ticks = tables.Column(verbose_name=_('Uptime'), attrs=NOWRAP)
    interface_count = tables.Column(verbose_name=_('Interfaces'), order_by='counts__interfaces')
    change_count = tables.Column(verbose_name=_('Changes'))
    duration_ms = tables.Column(verbose_name=_('Duration'))
    worker = tables.Column(verbose_name=_('Worker'))
    error_code = ErrorColumn(verbose_name=_('Error'))

    def render_uptime_ticks(self, value):
        return fmt.uptime(value)

    def value_uptime_ticks(self, value):
        return value

    def render_duration_ms(self, value):
        return humanize_duration(timedelta(milliseconds=value))

    def value_duration_ms(self, value):
        return value


class ScanResultTable(ScanColumnsMixin, NetBoxTable):
    target = tables.Column(verbose_name=_('Target'), linkify=True)
    run = tables.Column(verbose_name=_('Run'), linkify=True)
    credential = tables.Column(verbose_name=_('Credential'), linkify=True)
    first = columns.BooleanColumn(verbose_name=_('First'))
    error_detail = tables.Column(verbose_name=_('Error Detail'))
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = ScanResult
        fields = (
            'pk',
            'id',
            'started',
            'target',
            'ok',
            'error_code',
            'error_detail',
            'first',
            'change_count',
            'uptime_ticks',
            'interface_count',
            'duration_ms',
            'worker',
            'run',
            'credential',
        )
        default_columns = (
            'started',
            'target',
            'ok',
            'error_code',
            'change_count',
            'uptime_ticks',
            'interface_count',
            'duration_ms',
            'worker',
        )


class RecentScanTable(ScanColumnsMixin, BaseTable):
    """The latest scans of one target, for a panel."""

    # Whoever sees the device sees this panel, but not necessarily the page of a scan.
    started = columns.DateTimeColumn(verbose_name=_('Started'), attrs=NOWRAP)

    class Meta(BaseTable.Meta):
        model = ScanResult
        fields = (
            'started',
            'ok',
            'change_count',
            'uptime_ticks',
            'interface_count',
            'duration_ms',
            'worker',
            'error_code',
        )
        orderable = False
        empty_text = _('Not scanned yet')
