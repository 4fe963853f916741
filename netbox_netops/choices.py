from django.utils.translation import gettext_lazy as _
from utilities.choices import ChoiceSet

from .kinds import DEVICE_SCAN, KINDS, NETBOX_SYNC

__all__ = (
    'CredentialProtocolChoices',
    'InterfaceStatusChoices',
    'ReachabilityChoices',
    'RunKindChoices',
    'RunStatusChoices',
    'RunTargetStateChoices',
    'SecretProviderChoices',
    'TargetStatusChoices',
)


class RunKindChoices(ChoiceSet):
    CHOICES = [
        (NETBOX_SYNC, KINDS[NETBOX_SYNC].label, 'purple'),
        (DEVICE_SCAN, KINDS[DEVICE_SCAN].label, 'cyan'),
    ]


class RunStatusChoices(ChoiceSet):
    """`partial`: some targets succeeded and some did not."""

    QUEUED = 'queued'
    RUNNING = 'running'
    SUCCEEDED = 'succeeded'
    PARTIAL = 'partial'
    FAILED = 'failed'
    EXPIRED = 'expired'
    CANCELLED = 'cancelled'

    CHOICES = [
        (QUEUED, _('Queued'), 'gray'),
        (RUNNING, _('Running'), 'blue'),
        (SUCCEEDED, _('Succeeded'), 'green'),
        (PARTIAL, _('Partly succeeded'), 'yellow'),
        (FAILED, _('Failed'), 'red'),
        (EXPIRED, _('Expired'), 'orange'),
        (CANCELLED, _('Cancelled'), 'gray'),
    ]
    ACTIVE = (QUEUED, RUNNING)


class RunTargetStateChoices(ChoiceSet):
    WAITING = 'waiting'
    RUNNING = 'running'
    SUCCEEDED = 'succeeded'
    FAILED = 'failed'
    EXPIRED = 'expired'
    CANCELLED = 'cancelled'

    CHOICES = [
        (WAITING, _('Waiting'), 'gray'),
        (RUNNING, _('Running'), 'blue'),
        (SUCCEEDED, _('Succeeded'), 'green'),
        (FAILED, _('Failed'), 'red'),
        (EXPIRED, _('Expired'), 'orange'),
        (CANCELLED, _('Cancelled'), 'gray'),
    ]
    ACTIVE = (WAITING, RUNNING)


class TargetStatusChoices(ChoiceSet):
    """Whether we operate the target. `disabled`: switched off in its config context; `retired`: left the scope."""

    ACTIVE = 'active'
    DISABLED = 'disabled'
    RETIRED = 'retired'

    CHOICES = [
        (ACTIVE, _('Active'), 'green'),
        (DISABLED, _('Disabled'), 'gray'),
        (RETIRED, _('Retired'), 'orange'),
    ]


class ReachabilityChoices(ChoiceSet):
    UNKNOWN = 'unknown'
    REACHABLE = 'reachable'
    UNREACHABLE = 'unreachable'

    CHOICES = [
        (UNKNOWN, _('Unknown'), 'gray'),
        (REACHABLE, _('Reachable'), 'green'),
        (UNREACHABLE, _('Unreachable'), 'red'),
    ]


class CredentialProtocolChoices(ChoiceSet):
    SNMP_V2C = 'snmp-v2c'

    CHOICES = [
        (SNMP_V2C, _('SNMP v2c'), 'cyan'),
    ]


class SecretProviderChoices(ChoiceSet):
    ENVIRONMENT = 'environment'
    FILE = 'file'

    CHOICES = [
        (ENVIRONMENT, _('Environment variable'), 'blue'),
        (FILE, _('File'), 'purple'),
    ]


class InterfaceStatusChoices(ChoiceSet):
    """ifAdminStatus and ifOperStatus of RFC 2863, by their numbers."""

    UP = 1
    DOWN = 2

    CHOICES = [
        (UP, _('Up'), 'green'),
        (DOWN, _('Down'), 'red'),
        (3, _('Testing'), 'yellow'),
        (4, _('Unknown'), 'gray'),
        (5, _('Dormant'), 'cyan'),
        (6, _('Not present'), 'gray'),
        (7, _('Lower layer down'), 'orange'),
    ]
