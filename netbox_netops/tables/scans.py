from datetime import timedelta

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns
from utilities.string import humanize_duration

from ..models import InterfaceState, ScanResult
from ..ui import format as fmt
from .columns import NOWRAP, ErrorColumn

__all__ = (
    'InterfaceStateTable',
    'RecentScanTable',
    'ScanResultTable',
    'TargetInterfaceTable',
)


class ScanColumnsMixin(tables.Table):
    started = columns.DateTimeColumn(verbose_name=_('Started'), linkify=True, attrs=NOWRAP)
    ok = columns.BooleanColumn(verbose_name=_('Succeeded'))
    sys_name = tables.Column(verbose_name=_('System Name'))
    uptime_ticks = tables.Column(verbose_name=_('Uptime'), attrs=NOWRAP)
    interface_count = tables.Column(verbose_name=_('Interfaces'))
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
    sys_description = tables.Column(verbose_name=_('System Description'))
    sys_object_id = tables.Column(verbose_name=_('System Object ID'))
    sys_contact = tables.Column(verbose_name=_('System Contact'))
    sys_location = tables.Column(verbose_name=_('System Location'))
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
            'sys_name',
            'sys_description',
            'sys_object_id',
            'sys_contact',
            'sys_location',
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
            'sys_name',
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
        fields = ('started', 'ok', 'sys_name', 'uptime_ticks', 'interface_count', 'duration_ms', 'worker', 'error_code')
        orderable = False
        empty_text = _('Not scanned yet')


class InterfaceStateTable(NetBoxTable):
    target = tables.Column(verbose_name=_('Target'), linkify=True)
    index = tables.Column(verbose_name=_('Index'))
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    description = tables.Column(verbose_name=_('Description'))
    alias = tables.Column(verbose_name=_('Alias'))
    type = tables.Column(verbose_name=_('Type'))
    speed = tables.Column(verbose_name=_('Speed'), attrs=NOWRAP)
    mtu = tables.Column(verbose_name=_('MTU'))
    mac = tables.Column(verbose_name=_('MAC Address'))
    admin_status = columns.ChoiceFieldColumn(verbose_name=_('Admin'))
    oper_status = columns.ChoiceFieldColumn(verbose_name=_('Oper'))
    oper_since = columns.DateTimeColumn(verbose_name=_('Oper Since'), attrs=NOWRAP)
    last_change = tables.Column(verbose_name=_('Last Change (Uptime)'))
    changed_at = columns.DateTimeColumn(verbose_name=_('Last Changed'))
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = InterfaceState
        fields = (
            'pk',
            'id',
            'target',
            'index',
            'name',
            'description',
            'alias',
            'type',
            'speed',
            'mtu',
            'mac',
            'admin_status',
            'oper_status',
            'oper_since',
            'last_change',
            'changed_at',
        )
        default_columns = (
            'target',
            'name',
            'alias',
            'type',
            'speed',
            'mtu',
            'mac',
            'admin_status',
            'oper_status',
            'oper_since',
        )

    def render_type(self, value):
        return fmt.interface_type(value)

    def render_speed(self, value):
        return fmt.speed(value)

    def value_speed(self, value):
        return value

    def render_last_change(self, value):
        return fmt.uptime(value)

    def value_last_change(self, value):
        return value


class TargetInterfaceTable(InterfaceStateTable):
    """Inside the page of a target or its device, where whoever sees that sees all of its interfaces."""

    name = tables.Column(verbose_name=_('Name'))

    class Meta(InterfaceStateTable.Meta):
        exclude = ('id', 'target')
