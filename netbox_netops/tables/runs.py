from urllib.parse import urlencode

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns
from utilities.views import get_action_url

from ..models import Run, RunTarget
from ..ui import format as fmt
from ..ui.steering import run_controls
from .columns import NOWRAP, ElapsedColumn, ErrorColumn

__all__ = (
    'RecentRunTable',
    'RunTable',
    'RunTargetTable',
)


class RunActionsColumn(columns.ActionsColumn):
    """What can be done to the run, before the usual. The buttons are part of the form around the list."""

    def render(self, record, table, **kwargs):
        usual = super().render(record, table, **kwargs)
        request = table.context['request'] if hasattr(table, 'context') else None
        if request is None:
            return usual
        controls = run_controls(record, request.user)
        query = urlencode({'return_url': request.get_full_path()})
        parts = []
        if controls.cancel:
            url = get_action_url(record, action='cancel', kwargs={'pk': record.pk})
            parts.append(
                format_html(
                    '<a href="{}?{}" class="btn btn-sm btn-orange" title="{title}" aria-label="{title}">'
                    '<i class="mdi mdi-cancel"></i></a>',
                    url,
                    query,
                    title=gettext('Cancel run'),
                )
            )
        if controls.rerun:
            url = get_action_url(record, action='rerun', kwargs={'pk': record.pk})
            parts.append(
                format_html(
                    '<button type="submit" formaction="{}?{}" class="btn btn-sm btn-primary" title="{title}" '
                    'aria-label="{title}"><i class="mdi mdi-replay"></i></button>',
                    url,
                    query,
                    title=gettext('Run failed again'),
                )
            )
        return format_html_join(' ', '{}', ((part,) for part in (*parts, usual)))


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
    policy = tables.Column(verbose_name=_('Policy'), linkify=True)
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
    interactive = columns.BooleanColumn(verbose_name=_('Interactive'))
    cancelled = columns.DateTimeColumn(verbose_name=_('Cancelled'))
    cancelled_by = tables.Column(verbose_name=_('Cancelled By'))
    actions = RunActionsColumn(actions=('delete',))

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
            'policy',
            'requested_by',
            'interactive',
            'reason',
            'created',
            'started',
            'finished',
            'expires',
            'duration',
            'cancelled',
            'cancelled_by',
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


class RunTargetStateColumn(columns.ChoiceFieldColumn):
    """The state; of what is being cancelled, that."""

    def render(self, record, bound_column, value):
        if record.is_cancelling:
            return format_html('<span class="badge text-bg-orange">{}</span>', gettext('Cancelling…'))
        return super().render(record, bound_column, value)


class AttemptColumn(tables.Column):
    """Which attempt it is, of how many at most. Exported without the latter."""

    def render(self, value, record):
        return fmt.attempt(value, record.run.kind)

    def value(self, value):
        return value


class NextAttemptColumn(columns.DateTimeColumn):
    """In how long, and when. Exported as the moment."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, attrs=NOWRAP, **kwargs)

    def render(self, value):
        return format_html(
            '{} <span class="text-secondary" title="{}">({})</span>',
            fmt.until(value),
            fmt.timestamp(value),
            fmt.clock(value),
        )


class RunTargetTable(NetBoxTable):
    run = tables.Column(verbose_name=_('Run'), linkify=True, order_by='run_id')
    kind = columns.ChoiceFieldColumn(
        verbose_name=_('Kind'), accessor='run__kind', color=lambda record: record.run.get_kind_color()
    )
    name = tables.Column(verbose_name=_('Name'), linkify=True, attrs=NOWRAP)
    target = tables.Column(verbose_name=_('Target'), linkify=True)
    state = RunTargetStateColumn(verbose_name=_('State'))
    attempt = AttemptColumn(verbose_name=_('Attempt'), attrs=NOWRAP)
    next_attempt = NextAttemptColumn(verbose_name=_('Next Attempt'))
    blocked = ErrorColumn(verbose_name=_('Waits For'))
    urgent = columns.BooleanColumn(verbose_name=_('Urgent'))
    gateway = tables.Column(verbose_name=_('Gateway'), linkify=True)
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
            'blocked',
            'urgent',
            'started',
            'finished',
            'expires',
            'duration',
            'gateway',
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
            'next_attempt',
            'blocked',
            'started',
            'duration',
            'gateway',
            'worker',
            'error_code',
        )


class RecentRunTable(BaseTable):
    """The latest runs of one target, for a panel; `linked` for those who may view runs."""

    run = tables.Column(verbose_name=_('Run'))
    state = RunTargetStateColumn(verbose_name=_('State'))
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
