import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import PrimaryModelTable, columns

from ..models import Credential

__all__ = ('CredentialTable',)


class CredentialTable(PrimaryModelTable):
    name = tables.Column(verbose_name=_('Name'), linkify=True)
    protocol = columns.ChoiceFieldColumn(verbose_name=_('Protocol'))
    provider = columns.ChoiceFieldColumn(verbose_name=_('Secret Provider'))
    reference = tables.Column(verbose_name=_('Secret Reference'))
    enabled = columns.BooleanColumn(verbose_name=_('Enabled'))
    sites = columns.ManyToManyColumn(verbose_name=_('Sites'), linkify_item=True)
    tenants = columns.ManyToManyColumn(verbose_name=_('Tenants'), linkify_item=True)
    roles = columns.ManyToManyColumn(verbose_name=_('Roles'), linkify_item=True)
    platforms = columns.ManyToManyColumn(verbose_name=_('Platforms'), linkify_item=True)
    tags = columns.TagColumn(url_name='plugins:netbox_netops:credential_list')

    class Meta(PrimaryModelTable.Meta):
        model = Credential
        fields = (
            'pk',
            'id',
            'name',
            'protocol',
            'provider',
            'reference',
            'username',
            'auth_protocol',
            'privacy_protocol',
            'privacy_reference',
            'context_name',
            'enabled',
            'weight',
            'sites',
            'tenants',
            'roles',
            'platforms',
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
            'tenants',
            'roles',
            'platforms',
        )
