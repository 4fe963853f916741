import django_tables2 as tables
from django.db.models.functions import Collate
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from netbox.tables import columns
from utilities.string import humanize_duration

from ..choices import TargetStatusChoices
from ..errors import error_badge
from ..ui import format as fmt

__all__ = (
    'NOWRAP',
    'ElapsedColumn',
    'ErrorColumn',
    'NaturalColumn',
    'ReachabilityColumn',
    'RetiredActionsColumn',
    'SinceColumn',
    'TargetNameColumn',
)


NOWRAP = {'td': {'class': 'text-nowrap'}}


class ErrorColumn(tables.Column):
    def __init__(self, *args, compact: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.compact = compact

    def render(self, value):
        return error_badge(value, compact=self.compact)

    def value(self, value):
        return value


class NaturalColumn(tables.Column):
    """Sorted as NetBox sorts its own names: Gi0/2 comes before Gi0/10."""

    def order(self, queryset, is_descending):
        key = Collate(self.accessor, 'natural_sort')
        return queryset.order_by(key.desc() if is_descending else key.asc(), 'pk'), True


class ElapsedColumn(tables.Column):
    """The time from the record's `started` to its `finished`, or until now. Exported in seconds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, accessor='started', orderable=False, **kwargs)

    def render(self, record):
        return humanize_duration(fmt.elapsed(record.started, record.finished)) or self.default

    def value(self, record):
        took = fmt.elapsed(record.started, record.finished)
        return None if took is None else round(took.total_seconds(), 3)


class ReachabilityColumn(columns.ChoiceFieldColumn):
    def render(self, record, bound_column, value):
        badge = super().render(record, bound_column, value)
        if not record.reachability_since:
            return badge
        return format_html(
            '<span class="text-nowrap">{} <span class="text-secondary" title="{}">{}</span></span>',
            badge,
            date(record.reachability_since, 'Y-m-d H:i:s'),
            gettext('for {duration}').format(duration=fmt.age(record.reachability_since)),
        )


class SinceColumn(columns.DateTimeColumn):
    """How long ago, with the moment as tooltip. Exported as the moment."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, attrs=NOWRAP, **kwargs)

    def render(self, value):
        return format_html('<span title="{}">{}</span>', fmt.timestamp(value), fmt.age(value))


class RetiredActionsColumn(columns.ActionsColumn):
    """Only what is retired may be deleted: the next sync would bring anything else back."""

    def render(self, record, table, **kwargs):
        if record.status != TargetStatusChoices.RETIRED:
            return ''
        return super().render(record, table, **kwargs)


def _object_url(record) -> str:
    if record.device_id:
        return reverse('dcim:device', args=[record.device_id])
    if record.virtual_machine_id:
        return reverse('virtualization:virtualmachine', args=[record.virtual_machine_id])
    return record.get_absolute_url()


class TargetNameColumn(tables.Column):
    """The name of a target, linked to its device or virtual machine without fetching that."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, linkify=_object_url, **kwargs)
