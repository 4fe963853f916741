import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import BaseTable, NetBoxTable, columns

from ..errors import error_badge
from ..models import Difference
from .columns import NOWRAP, NaturalColumn

__all__ = (
    'DifferenceApplyTable',
    'DifferenceTable',
    'TargetDifferenceTable',
)


class _Columns(tables.Table):
    kind = columns.ChoiceFieldColumn(verbose_name=_('Kind'))
    key = NaturalColumn(verbose_name=_('Subject'))
    documented = tables.Column(verbose_name=_('NetBox'))
    found = tables.Column(verbose_name=_('Device'))

    def render_documented(self, record):
        return record.documented_display

    def render_found(self, record):
        return record.found_display


class DifferenceTable(_Columns, NetBoxTable):
    target = tables.Column(verbose_name=_('Target'), linkify=True, attrs=NOWRAP)
    key = NaturalColumn(verbose_name=_('Subject'), linkify=True)
    applicable = columns.BooleanColumn(verbose_name=_('Applicable'))
    ignored = columns.BooleanColumn(verbose_name=_('Ignored'))
    first_seen = columns.DateTimeColumn(verbose_name=_('First Seen'), timespec='minutes', attrs=NOWRAP)
    site = tables.Column(accessor='target__site', verbose_name=_('Site'), linkify=True)
    interface = tables.Column(verbose_name=_('Interface'), linkify=True)
    vm_interface = tables.Column(verbose_name=_('VM Interface'), linkify=True)
    ip_address = tables.Column(verbose_name=_('IP Address'), linkify=True)
    actions = columns.ActionsColumn(actions=())

    class Meta(NetBoxTable.Meta):
        model = Difference
        fields = (
            'pk',
            'id',
            'target',
            'site',
            'kind',
            'key',
            'documented',
            'found',
            'applicable',
            'ignored',
            'first_seen',
            'interface',
            'vm_interface',
            'ip_address',
        )
        default_columns = (
            'pk',
            'target',
            'kind',
            'key',
            'documented',
            'found',
            'applicable',
            'ignored',
            'first_seen',
        )


class TargetDifferenceTable(DifferenceTable):
    """Inside the page of a target or its device, where whoever sees that sees all of its differences."""

    key = NaturalColumn(verbose_name=_('Subject'))

    class Meta(DifferenceTable.Meta):
        exclude = ('id', 'target', 'site')


class DifferenceApplyTable(_Columns, BaseTable):
    """What is about to be written. `codes`: {id: error code} of the rows that are left out."""

    target = tables.Column(verbose_name=_('Target'))
    code = tables.Column(verbose_name=_('Left Out Because'), empty_values=())

    class Meta(BaseTable.Meta):
        model = Difference
        fields = ('target', 'kind', 'key', 'documented', 'found', 'code')
        orderable = False

    def __init__(self, *args, codes=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.codes = codes or {}

    def render_code(self, record):
        return error_badge(self.codes.get(record.pk, ''))
