import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from netbox.tables import NetBoxTable, columns

from ..models import CredentialChange, CredentialStatus, HostKey, SecretAccess
from .columns import NOWRAP, ErrorColumn, SinceColumn

__all__ = (
    'CredentialChangeTable',
    'CredentialStatusTable',
    'HostKeyTable',
    'SecretAccessTable',
)


class _TargetTable(NetBoxTable):
    target = tables.Column(verbose_name=_('Target'), linkify=True, attrs=NOWRAP)
    site = tables.Column(accessor='target__site', verbose_name=_('Site'), linkify=True)
    actions = columns.ActionsColumn(actions=())


class CredentialStatusTable(_TargetTable):
    checked = columns.DateTimeColumn(verbose_name=_('Checked'), linkify=True, attrs=NOWRAP)
    credential = tables.Column(verbose_name=_('Credential'), linkify=True)
    verdict = columns.ChoiceFieldColumn(verbose_name=_('Verdict'))
    code = ErrorColumn(verbose_name=_('Reason'))
    detail = tables.Column(verbose_name=_('Detail'))
    stage = tables.Column(verbose_name=_('Stage'))
    latency_ms = tables.Column(verbose_name=_('Latency (ms)'))
    since = SinceColumn(verbose_name=_('Since'))
    rejections = tables.Column(verbose_name=_('Rejections'))
    paused_until = columns.DateTimeColumn(verbose_name=_('Paused Until'), attrs=NOWRAP)
    run = tables.Column(verbose_name=_('Run'), linkify=True)

    class Meta(NetBoxTable.Meta):
        model = CredentialStatus
        fields = (
            *('pk', 'id', 'checked', 'target', 'site', 'credential', 'verdict', 'code', 'detail', 'stage'),
            *('latency_ms', 'since', 'rejections', 'paused_until', 'run'),
        )
        default_columns = (
            *('target', 'credential', 'verdict', 'code', 'since', 'checked', 'latency_ms', 'paused_until'),
        )


class CredentialChangeTable(_TargetTable):
    time = columns.DateTimeColumn(verbose_name=_('Time'), linkify=True, attrs=NOWRAP)
    credential = tables.Column(verbose_name=_('Credential'), linkify=True)
    old_verdict = columns.ChoiceFieldColumn(verbose_name=_('Verdict Before'))
    old_code = ErrorColumn(verbose_name=_('Reason Before'), compact=True)
    verdict = columns.ChoiceFieldColumn(verbose_name=_('Verdict'))
    code = ErrorColumn(verbose_name=_('Reason'))
    run = tables.Column(verbose_name=_('Run'), linkify=True)

    class Meta(NetBoxTable.Meta):
        model = CredentialChange
        fields = (
            *('pk', 'id', 'time', 'target', 'site', 'credential', 'old_verdict', 'old_code', 'verdict', 'code', 'run'),
        )
        default_columns = ('time', 'target', 'credential', 'old_verdict', 'old_code', 'verdict', 'code')


class HostKeyTable(_TargetTable):
    type = tables.Column(verbose_name=_('Type'))
    fingerprint = tables.Column(
        verbose_name=_('Fingerprint'), linkify=True, attrs={'td': {'class': 'font-monospace text-break'}}
    )
    public_key = tables.Column(verbose_name=_('Public Key'), attrs={'td': {'class': 'font-monospace text-break'}})
    state = columns.ChoiceFieldColumn(verbose_name=_('State'))
    address = tables.Column(verbose_name=_('Address'))
    first_seen = SinceColumn(verbose_name=_('First Seen'))
    last_seen = SinceColumn(verbose_name=_('Last Seen'))
    approved_by = tables.Column(verbose_name=_('Decided By'))
    approved = columns.DateTimeColumn(verbose_name=_('Decided'), attrs=NOWRAP)

    class Meta(NetBoxTable.Meta):
        model = HostKey
        fields = (
            *('pk', 'id', 'target', 'site', 'type', 'fingerprint', 'public_key', 'state', 'address', 'first_seen'),
            *('last_seen', 'approved_by', 'approved'),
        )
        default_columns = ('target', 'type', 'fingerprint', 'state', 'address', 'first_seen', 'last_seen')


class SecretAccessTable(_TargetTable):
    time = columns.DateTimeColumn(verbose_name=_('Time'), linkify=True, attrs=NOWRAP)
    credential = tables.Column(verbose_name=_('Credential'), linkify=True)
    credential_name = tables.Column(verbose_name=_('Name of the Credential'))
    target_name = tables.Column(verbose_name=_('Name of the Target'))
    run = tables.Column(verbose_name=_('Run'), linkify=True)
    user = tables.Column(verbose_name=_('User'))
    worker = tables.Column(verbose_name=_('Worker'))
    provider = tables.Column(verbose_name=_('Provider'))
    code = ErrorColumn(verbose_name=_('Outcome'))
    milliseconds = tables.Column(verbose_name=_('Duration (ms)'))

    class Meta(NetBoxTable.Meta):
        model = SecretAccess
        fields = (
            *('pk', 'id', 'time', 'credential', 'credential_name', 'target', 'target_name', 'site', 'run', 'user'),
            *('worker', 'provider', 'code', 'milliseconds'),
        )
        default_columns = (
            *('time', 'credential_name', 'target_name', 'run', 'user', 'worker', 'provider', 'code', 'milliseconds'),
        )
