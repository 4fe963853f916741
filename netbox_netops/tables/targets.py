import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import NetBoxTable, columns

from ..models import Target
from .columns import NOWRAP, ErrorColumn, ReachabilityColumn, RetiredActionsColumn, TargetNameColumn

__all__ = ('TargetTable',)


class TargetTable(NetBoxTable):
    name = TargetNameColumn(verbose_name=_('Name'))
    device = tables.Column(verbose_name=_('Device'), linkify=True)
    virtual_machine = tables.Column(verbose_name=_('Virtual Machine'), linkify=True)
    status = columns.ChoiceFieldColumn(verbose_name=_('Status'))
    reachability = ReachabilityColumn(verbose_name=_('Reachability'))
    reachability_since = columns.DateTimeColumn(verbose_name=_('Reachability Since'))
    failures = tables.Column(verbose_name=_('Failures in a Row'))
    spared_until = columns.DateTimeColumn(verbose_name=_('Spared Until'), attrs=NOWRAP)
    address = tables.Column(verbose_name=_('Address'))
    site = tables.Column(verbose_name=_('Site'), linkify=True)
    tenant = tables.Column(verbose_name=_('Tenant'), linkify=True)
    role = columns.ColoredLabelColumn(verbose_name=_('Role'))
    platform = tables.Column(verbose_name=_('Platform'), linkify=True)
    system_name = tables.Column(accessor='system__name', verbose_name=_('System Name'))
    system_vendor = tables.Column(accessor='system__vendor', verbose_name=_('Vendor'))
    system_model = tables.Column(accessor='system__model', verbose_name=_('Model'))
    system_os = tables.Column(accessor='system__os', verbose_name=_('Operating System'))
    system_os_version = tables.Column(accessor='system__os_version', verbose_name=_('Software Version'))
    system_serial = tables.Column(accessor='system__serial', verbose_name=_('Serial Number'))
    system_description = tables.Column(accessor='system__description', verbose_name=_('System Description'))
    system_object_id = tables.Column(accessor='system__object_id', verbose_name=_('System Object ID'))
    system_contact = tables.Column(accessor='system__contact', verbose_name=_('System Contact'))
    system_location = tables.Column(accessor='system__location', verbose_name=_('System Location'))
    snmp_credential = tables.Column(verbose_name=_('SNMP Credential'), linkify=True)
    options_error = tables.Column(verbose_name=_('Options Error'))
    last_attempt_at = columns.DateTimeColumn(verbose_name=_('Last Attempt'))
    last_success_at = columns.DateTimeColumn(verbose_name=_('Last Success'), timespec='minutes', attrs=NOWRAP)
    last_error = ErrorColumn(verbose_name=_('Last Error'))
    created = columns.DateTimeColumn(verbose_name=_('Created'))
    synced_at = columns.DateTimeColumn(verbose_name=_('Last Changed by a Sync'))
    actions = RetiredActionsColumn(actions=('delete',))

    class Meta(NetBoxTable.Meta):
        model = Target
        fields = (
            'pk',
            'id',
            'name',
            'device',
            'virtual_machine',
            'status',
            'reachability',
            'reachability_since',
            'failures',
            'spared_until',
            'address',
            'site',
            'tenant',
            'role',
            'platform',
            'system_name',
            'system_vendor',
            'system_model',
            'system_os',
            'system_os_version',
            'system_serial',
            'system_description',
            'system_object_id',
            'system_contact',
            'system_location',
            'snmp_credential',
            'options_error',
            'last_attempt_at',
            'last_success_at',
            'last_error',
            'created',
            'synced_at',
        )
        default_columns = (
            'pk',
            'name',
            'status',
            'reachability',
            'address',
            'site',
            'tenant',
            'role',
            'platform',
            'last_success_at',
            'last_error',
        )
