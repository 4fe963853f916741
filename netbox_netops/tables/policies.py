import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import PrimaryModelTable, columns

from ..models import Policy
from ..ui.policies import outcome_badge
from ..ui.schedule import schedule_text
from .columns import NOWRAP

__all__ = ('PolicyTable',)


class ScheduleColumn(tables.Column):
    """In words; exported as cron expression, or minutes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, empty_values=(), order_by=('cron', 'interval'), **kwargs)

    def render(self, record):
        return schedule_text(record.cron, record.interval) or self.default

    def value(self, record):
        return record.cron or record.interval


class OutcomeColumn(tables.Column):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, empty_values=(), **kwargs)

    def render(self, record):
        return outcome_badge(record) or self.default

    def value(self, record):
        return record.last_outcome


class PolicyTable(PrimaryModelTable):
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    kind = columns.ChoiceFieldColumn(verbose_name=_('Kind'))
    enabled = columns.BooleanColumn(verbose_name=_('Enabled'))
    schedule = ScheduleColumn(verbose_name=_('Schedule'), accessor='cron')
    next_run = columns.DateTimeColumn(verbose_name=_('Next Run'), timespec='minutes', attrs=NOWRAP)
    last_run = tables.Column(verbose_name=_('Last Run'), linkify=True)
    last_run_status = columns.ChoiceFieldColumn(
        verbose_name=_('Status of Last Run'),
        accessor='last_run__status',
        color=lambda record: record.last_run.get_status_color(),
    )
    last_fired = columns.DateTimeColumn(verbose_name=_('Last Fired'), timespec='minutes', attrs=NOWRAP)
    last_outcome = OutcomeColumn(verbose_name=_('Last Outcome'))
    run_as = tables.Column(verbose_name=_('Runs As'))
    tags = columns.TagColumn(url_name='plugins:netbox_netops:policy_list')

    class Meta(PrimaryModelTable.Meta):
        model = Policy
        fields = (
            'pk',
            'id',
            'name',
            'kind',
            'enabled',
            'schedule',
            'cron',
            'interval',
            'next_run',
            'last_run',
            'last_run_status',
            'last_fired',
            'last_outcome',
            'run_as',
            'concurrency',
            'rate',
            'description',
            'owner_group',
            'owner',
            'comments',
            'tags',
            'created',
            'last_updated',
        )
        default_columns = (
            'pk',
            'name',
            'kind',
            'enabled',
            'schedule',
            'next_run',
            'last_run',
            'last_run_status',
            'last_outcome',
            'run_as',
        )
