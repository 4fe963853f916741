import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import PrimaryModelTable, columns

from ..models import Gateway
from .columns import SinceColumn

__all__ = ('GatewayTable',)


class GatewayTable(PrimaryModelTable):
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    enabled = columns.BooleanColumn(verbose_name=_('Enabled'))
    sites = columns.ManyToManyColumn(verbose_name=_('Sites'), linkify_item=True)
    last_seen = SinceColumn(verbose_name=_('Last Seen'))
    tags = columns.TagColumn(url_name='plugins:netbox_netops:gateway_list')

    class Meta(PrimaryModelTable.Meta):
        model = Gateway
        fields = (
            'pk',
            'id',
            'name',
            'slug',
            'enabled',
            'sites',
            'last_seen',
            'last_worker',
            'description',
            'owner_group',
            'owner',
            'comments',
            'tags',
            'created',
            'last_updated',
        )
        default_columns = ('pk', 'name', 'enabled', 'sites', 'last_seen', 'last_worker', 'description')
