import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import PrimaryModelTable, columns

from ..models import Credential
from ..models.credentials import SCOPE_FIELDS
from ..protocols import FIELDS
from .columns import ErrorColumn, SinceColumn

__all__ = ('CredentialTable',)


class CredentialTable(PrimaryModelTable):
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    protocol = columns.ChoiceFieldColumn(verbose_name=_('Protocol'))
    provider = columns.ChoiceFieldColumn(verbose_name=_('Secret Provider'))
    reference = tables.Column(verbose_name=_('Secret Reference'))
    enabled = columns.BooleanColumn(verbose_name=_('Enabled'))
    algorithms = columns.ChoiceFieldColumn(verbose_name=_('Algorithms'))
    stopped = SinceColumn(verbose_name=_('Stopped'))
    stopped_code = ErrorColumn(verbose_name=_('Why Stopped'))
    regions = columns.ManyToManyColumn(verbose_name=_('Regions'), linkify_item=True)
    sites = columns.ManyToManyColumn(verbose_name=_('Sites'), linkify_item=True)
    locations = columns.ManyToManyColumn(verbose_name=_('Locations'), linkify_item=True)
    roles = columns.ManyToManyColumn(verbose_name=_('Roles'), linkify_item=True)
    platforms = columns.ManyToManyColumn(verbose_name=_('Platforms'), linkify_item=True)
    tenant_groups = columns.ManyToManyColumn(verbose_name=_('Tenant Groups'), linkify_item=True)
    tenants = columns.ManyToManyColumn(verbose_name=_('Tenants'), linkify_item=True)
    device_tags = columns.ManyToManyColumn(verbose_name=_('Device Tags'), linkify_item=True)
    devices = columns.ManyToManyColumn(verbose_name=_('Devices'), linkify_item=True)
    tags = columns.TagColumn(url_name='plugins:netbox_netops:credential_list')

    class Meta(PrimaryModelTable.Meta):
        model = Credential
        fields = (
            'pk',
            'id',
            'name',
            'protocol',
            'provider',
            *FIELDS,
            'enabled',
            'weight',
            *SCOPE_FIELDS,
            'stopped',
            'stopped_code',
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
            'protocol',
            'provider',
            'reference',
            'enabled',
            'weight',
            'sites',
            'roles',
            'platforms',
            'tenants',
        )
