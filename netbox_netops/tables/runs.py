import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns

from ..models import Run, RunTarget
from .columns import NOWRAP, ElapsedColumn, ErrorColumn

__all__ = (
    'RecentRunTable',
    'RunTable',
    'RunTargetTable',
)


class RunTable(NetBoxTable):
    kind = columns.ChoiceFieldColumn(verbose_name=_('Kind'))
    status = columns.ChoiceFieldColumn(verbose_name=_('Status'))
    progress = columns.TemplateColumn(
        verbose_name=_('Progress'),
        template_name='netbox_netops/columns/progress.html',
        accessor='done',
        orderable=False,
        attrs={'td': {'class': 'w-25'}},
    )
    reason = tables.Column(verbose_name=_('Reason'))
    requested_by = tables.Column(verbose_name=_('Requested By'))
    total = tables.Column(verbose_name=_('Targets'))
    succeeded = tables.Column(verbose_name=_('Succeeded'))
    failed = tables.Column(verbose_name=_('Failed'))
    created = columns.DateTimeColumn(verbose_name=_('Created'), attrs=NOWRAP)
    started = columns.DateTimeColumn(verbose_name=_('Started'), attrs=NOWRAP)
    finished = columns.DateTimeColumn(verbose_name=_('Finished'))
    expires = columns.DateTimeColumn(verbose_name=_('Expires'))
    duration = ElapsedColumn(verbose_name=_('Duration'))
    actions = columns.ActionsColumn(actions=('delete',))

    class Meta(NetBoxTable.Meta):
        model = Run
        fields = (
            'pk',
            'id',
            'kind',
            'status',
            'progress',
            'total',
            'succeeded',
            'failed',
            'requested_by',
            'reason',
            'created',
            'started',
            'finished',
            'expires',
            'duration',
        )
        default_columns = (
            'pk',
            'id',
            'kind',
            'status',
            'progress',
            'requested_by',
            'reason',
            'created',
            'duration',
        )

    def value_progress(self, record):
        return f'{record.succeeded}/{record.failed}/{record.total}'


class RunTargetTable(NetBoxTable):
    run = tables.Column(verbose_name=_('Run'), linkify=True, order_by='run_id')
    kind = columns.ChoiceFieldColumn(
        verbose_name=_('Kind'), accessor='run__kind', color=lambda record: record.run.get_kind_color()
    )
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    target = tables.Column(verbose_name=_('Target'), linkify=True)
    state = columns.ChoiceFieldColumn(verbose_name=_('State'))
    attempt = tables.Column(verbose_name=_('Attempt'))
    next_attempt = columns.DateTimeColumn(verbose_name=_('Next Attempt'))
    started = columns.DateTimeColumn(verbose_name=_('Started'), attrs=NOWRAP)
    finished = columns.DateTimeColumn(verbose_name=_('Finished'))
    expires = columns.DateTimeColumn(verbose_name=_('Expires'))
    duration = ElapsedColumn(verbose_name=_('Duration'))
    worker = tables.Column(verbose_name=_('Worker'))
    error_code = ErrorColumn(verbose_name=_('Error'))
    error_detail = tables.Column(verbose_name=_('Error Detail'))
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = RunTarget
        fields = (
            'pk',
            'id',
            'run',
            'kind',
            'name',
            'target',
            'state',
            'attempt',
            'next_attempt',
            'started',
            'finished',
            'expires',
            'duration',
            'worker',
            'error_code',
            'error_detail',
        )
        default_columns = (
            'run',
            'kind',
            'name',
            'state',
            'attempt',
            'started',
            'duration',
            'worker',
            'error_code',
        )


class RecentRunTable(BaseTable):
    """The latest runs of one target, for a panel; `linked` for those who may view runs."""

    run = tables.Column(verbose_name=_('Run'))
    state = columns.ChoiceFieldColumn(verbose_name=_('State'))
    created = columns.DateTimeColumn(
        verbose_name=_('Requested'), accessor='run__created', timespec='minutes', attrs=NOWRAP
    )
    duration = ElapsedColumn(verbose_name=_('Duration'))
    # In this narrow table a code would be cut at any letter.
    error_code = ErrorColumn(verbose_name=_('Error'), compact=True, attrs=NOWRAP)

    class Meta(BaseTable.Meta):
        model = RunTarget
        fields = ('run', 'state', 'created', 'duration', 'error_code')
        sequence = fields
        orderable = False
        empty_text = _('Nothing was run here yet')

    def __init__(self, *args, linked: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.linked = linked

    def render_run(self, record):
        if not self.linked:
            return str(record.run)
        return format_html('<a href="{}">{}</a>', record.run.get_absolute_url(), record.run)
