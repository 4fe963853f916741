"""The tables of the queue page: what the overview says, and the two lists below it."""

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns

from ..choices import RunKindChoices
from ..errors import error_title, error_url
from ..models import RunTarget, Target
from ..overview import RETRY
from .columns import NOWRAP, ElapsedColumn, ErrorColumn, SinceColumn, TargetNameColumn

__all__ = (
    'KindTable',
    'LeaseTable',
    'LimitTable',
    'QueueTable',
    'SparedTargetTable',
)

_BADGE = '<span class="badge text-bg-{}">{}</span>'


class KindColumn(tables.Column):
    """A kind of run, as the badge that NetBox shows for a choice."""

    def render(self, value):
        return format_html(_BADGE, RunKindChoices.colors.get(value) or 'gray', dict(RunKindChoices).get(value, value))


class OverviewTable(BaseTable):
    """Of a few rows that are no objects of the database, for a panel."""

    class Meta(BaseTable.Meta):
        orderable = False
        empty_text = ''


class QueueTable(OverviewTable):
    name = tables.Column(verbose_name=_('Queue'), attrs=NOWRAP)
    kinds = tables.Column(verbose_name=_('Kinds'))
    depth = tables.Column(verbose_name=_('Waiting Jobs'))
    oldest = SinceColumn(verbose_name=_('Oldest'))
    workers = tables.Column(verbose_name=_('Workers'))
    is_served = tables.Column(verbose_name=_('State'), attrs=NOWRAP)

    class Meta(OverviewTable.Meta):
        sequence = ('name', 'kinds', 'depth', 'oldest', 'workers', 'is_served')
        empty_text = _('Redis does not answer')

    def render_kinds(self, value):
        labels = dict(RunKindChoices)
        return ', '.join(str(labels.get(kind, kind)) for kind in value)

    def render_workers(self, record):
        if not record.busy:
            return record.workers
        return gettext('{workers} ({busy} at work)').format(workers=record.workers, busy=record.busy)

    def render_is_served(self, value):
        if value:
            return format_html(_BADGE, 'green', gettext('Served'))
        return format_html(_BADGE, 'red', gettext('No worker'))


class KindTable(OverviewTable):
    kind = KindColumn(verbose_name=_('Kind'), attrs=NOWRAP)
    waiting = tables.Column(verbose_name=_('Waiting'))
    due = tables.Column(verbose_name=_('Due'))
    running = tables.Column(verbose_name=_('Running'))
    blocked = tables.Column(verbose_name=_('Held Up By'), empty_values=())
    oldest = SinceColumn(verbose_name=_('Oldest Run'))
    pause = tables.TemplateColumn(
        verbose_name=_('Pause'), template_name='netbox_netops/columns/pause.html', empty_values=()
    )

    class Meta(OverviewTable.Meta):
        sequence = ('kind', 'waiting', 'due', 'running', 'blocked', 'oldest', 'pause')

    def render_blocked(self, value):
        if not value:
            return self.default
        return format_html_join(
            mark_safe('<br>'), '{} {}', ((number, _reason(code)) for code, number in sorted(value.items()))
        )


def _reason(code: str):
    if code == RETRY:
        return gettext('Failed, waiting for the next attempt')
    url, title = error_url(code), error_title(code)
    return format_html('<a href="{}">{}</a>', url, title) if url else title


class LimitTable(OverviewTable):
    """Of `ui.queue.NamedLimit`."""

    scope_label = tables.Column(verbose_name=_('Limit of'), attrs=NOWRAP)
    name = tables.Column(verbose_name=_('Name'))
    used = tables.TemplateColumn(
        verbose_name=_('At Work'),
        template_name='netbox_netops/columns/limit.html',
        attrs={'td': {'class': 'w-50'}},
    )

    class Meta(OverviewTable.Meta):
        sequence = ('scope_label', 'name', 'used')
        empty_text = _('No limit is in effect')

    def render_name(self, record):
        return format_html('<a href="{}">{}</a>', record.url, record.name) if record.url else record.name


class LeaseTable(NetBoxTable):
    """Run targets that a worker holds: nobody else works on the device at this moment."""

    name = tables.Column(verbose_name=_('Name'), linkify=True)
    kind = columns.ChoiceFieldColumn(
        verbose_name=_('Kind'), accessor='run__kind', color=lambda record: record.run.get_kind_color()
    )
    run = tables.Column(verbose_name=_('Run'), linkify=True, order_by='run_id')
    exclusive = columns.BooleanColumn(verbose_name=_('Exclusive'))
    attempt = tables.Column(verbose_name=_('Attempt'))
    duration = ElapsedColumn(verbose_name=_('Running For'))
    worker = tables.Column(verbose_name=_('Worker'))
    lease_until = columns.DateTimeColumn(verbose_name=_('Lease Until'), attrs=NOWRAP)
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = RunTarget
        fields = ('pk', 'id', 'name', 'kind', 'run', 'exclusive', 'attempt', 'duration', 'worker', 'lease_until')
        default_columns = ('name', 'kind', 'run', 'attempt', 'duration', 'worker', 'lease_until')
        empty_text = _('Nothing is running')


class SparedTargetTable(NetBoxTable):
    """Targets that are not asked for a while, because they did not answer often in a row."""

    name = TargetNameColumn(verbose_name=_('Name'))
    site = tables.Column(verbose_name=_('Site'), linkify=True)
    address = tables.Column(verbose_name=_('Address'))
    failures = tables.Column(verbose_name=_('Failures in a Row'))
    last_error = ErrorColumn(verbose_name=_('Last Error'))
    last_attempt_at = columns.DateTimeColumn(verbose_name=_('Last Attempt'), attrs=NOWRAP)
    spared_until = columns.DateTimeColumn(verbose_name=_('Spared Until'), attrs=NOWRAP)
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = Target
        fields = (
            'pk',
            'id',
            'name',
            'site',
            'address',
            'failures',
            'last_error',
            'last_attempt_at',
            'spared_until',
        )
        default_columns = ('name', 'site', 'address', 'failures', 'last_error', 'spared_until')
        empty_text = _('No device is spared')
