from django.utils.translation import gettext_lazy as _
from utilities.choices import ChoiceSet

from netops_worker.probes.snmp.usm_keys import AUTH_PROTOCOLS, PRIV_PROTOCOLS

from .kinds import CREDENTIAL_CHECK, DEVICE_SCAN, KINDS, NETBOX_SYNC

__all__ = (
    'AlgorithmChoices',
    'AuthProtocolChoices',
    'BGPStateChoices',
    'CredentialProtocolChoices',
    'DifferenceKindChoices',
    'HostKeyStateChoices',
    'InterfaceStatusChoices',
    'NeighbourProtocolChoices',
    'PhysicalClassChoices',
    'PrivacyProtocolChoices',
    'ReachabilityChoices',
    'RunKindChoices',
    'RunStatusChoices',
    'RunTargetStateChoices',
    'SecretProviderChoices',
    'TargetStatusChoices',
    'VerdictChoices',
)


class RunKindChoices(ChoiceSet):
    CHOICES = [
        (NETBOX_SYNC, KINDS[NETBOX_SYNC].label, 'purple'),
        (DEVICE_SCAN, KINDS[DEVICE_SCAN].label, 'cyan'),
        (CREDENTIAL_CHECK, KINDS[CREDENTIAL_CHECK].label, 'indigo'),
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
    SNMP_V1 = 'snmp-v1'
    SNMP_V2C = 'snmp-v2c'
    SNMP_V3 = 'snmp-v3'
    SSH_PASSWORD = 'ssh-password'  # noqa: S105
    SSH_KEY = 'ssh-key'
    ENABLE = 'enable'
    HTTP_BASIC = 'http-basic'
    HTTP_BEARER = 'http-bearer'

    CHOICES = [
        (SNMP_V1, _('SNMP v1'), 'gray'),
        (SNMP_V2C, _('SNMP v2c'), 'cyan'),
        (SNMP_V3, _('SNMP v3'), 'green'),
        (SSH_PASSWORD, _('SSH password'), 'blue'),
        (SSH_KEY, _('SSH key'), 'indigo'),
        (ENABLE, _('Enable secret'), 'purple'),
        (HTTP_BASIC, _('HTTP user and password'), 'orange'),
        (HTTP_BEARER, _('HTTP token'), 'yellow'),
    ]


class AlgorithmChoices(ChoiceSet):
    """Which algorithms a session of SSH may agree on. `legacy`: those of old gear too, which are broken or weak."""

    DEFAULT = 'default'
    LEGACY = 'legacy'

    CHOICES = [
        (DEFAULT, _('Default'), 'green'),
        (LEGACY, _('Those of old devices too'), 'orange'),
    ]


class AuthProtocolChoices(ChoiceSet):
    """How an SNMP v3 user authenticates (RFC 3414, RFC 7860)."""

    CHOICES = [(name, name) for name in AUTH_PROTOCOLS]


class PrivacyProtocolChoices(ChoiceSet):
    """How an SNMP v3 user encrypts. `-C`: keys extended as Cisco does it."""

    CHOICES = [(name, name) for name in PRIV_PROTOCOLS]


class SecretProviderChoices(ChoiceSet):
    ENVIRONMENT = 'environment'
    FILE = 'file'
    VAULT = 'vault'
    NETBOX_SECRETS = 'netbox-secrets'

    CHOICES = [
        (ENVIRONMENT, _('Environment variable'), 'blue'),
        (FILE, _('File'), 'purple'),
        (VAULT, _('HashiCorp Vault or OpenBao'), 'yellow'),
        (NETBOX_SECRETS, 'netbox-secrets', 'teal'),
    ]


class VerdictChoices(ChoiceSet):
    """Whether a device takes a credential. `unknown`: the check ended before the device could say so."""

    ACCEPTED = 'accepted'
    REJECTED = 'rejected'
    UNKNOWN = 'unknown'

    CHOICES = [
        (ACCEPTED, _('Accepted'), 'green'),
        (REJECTED, _('Rejected'), 'red'),
        (UNKNOWN, _('Unknown'), 'gray'),
    ]


class HostKeyStateChoices(ChoiceSet):
    """`pending`: somebody has to look at it before any password is sent to who shows it."""

    TRUSTED = 'trusted'
    PENDING = 'pending'
    REJECTED = 'rejected'

    CHOICES = [
        (TRUSTED, _('Trusted'), 'green'),
        (PENDING, _('To be approved'), 'orange'),
        (REJECTED, _('Rejected'), 'red'),
    ]


class InterfaceStatusChoices(ChoiceSet):
    """ifAdminStatus and ifOperStatus of RFC 2863, by their numbers."""

    UP = 1
    DOWN = 2
    LOWER_LAYER_DOWN = 7

    CHOICES = [
        (UP, _('Up'), 'green'),
        (DOWN, _('Down'), 'red'),
        (3, _('Testing'), 'yellow'),
        (4, _('Unknown'), 'gray'),
        (5, _('Dormant'), 'cyan'),
        (6, _('Not present'), 'gray'),
        (LOWER_LAYER_DOWN, _('Lower layer down'), 'orange'),
    ]


class BGPStateChoices(ChoiceSet):
    """bgpPeerState of RFC 4273, by its numbers. The colours are those of a session that is meant to be up."""

    ESTABLISHED = 6

    CHOICES = [
        (1, _('Idle'), 'red'),
        (2, _('Connect'), 'orange'),
        (3, _('Active'), 'orange'),
        (4, _('OpenSent'), 'yellow'),
        (5, _('OpenConfirm'), 'yellow'),
        (ESTABLISHED, _('Established'), 'green'),
    ]


class NeighbourProtocolChoices(ChoiceSet):
    CHOICES = [
        ('lldp', 'LLDP', 'blue'),
        ('cdp', 'CDP', 'cyan'),
    ]


class PhysicalClassChoices(ChoiceSet):
    """PhysicalClass of RFC 6933, by its numbers."""

    CHOICES = [
        (1, _('Other'), 'gray'),
        (2, _('Unknown'), 'gray'),
        (3, _('Chassis'), 'blue'),
        (4, _('Backplane'), 'gray'),
        (5, _('Container'), 'gray'),
        (6, _('Power supply'), 'orange'),
        (7, _('Fan'), 'cyan'),
        (8, _('Sensor'), 'yellow'),
        (9, _('Module'), 'green'),
        (10, _('Port'), 'purple'),
        (11, _('Stack'), 'blue'),
        (12, _('CPU'), 'green'),
        (13, _('Energy object'), 'orange'),
        (14, _('Battery'), 'orange'),
        (15, _('Storage drive'), 'green'),
    ]


class DifferenceKindChoices(ChoiceSet):
    """What differs between a scan and NetBox. `missing`: on the device only; `extra`: in NetBox only."""

    NAME = 'name'
    SERIAL = 'serial'
    MODEL = 'model'
    PLATFORM = 'platform'
    OS_VERSION = 'os-version'
    INTERFACE_MISSING = 'interface-missing'
    INTERFACE_EXTRA = 'interface-extra'
    INTERFACE_TYPE = 'interface-type'
    INTERFACE_MTU = 'interface-mtu'
    INTERFACE_DESCRIPTION = 'interface-description'
    INTERFACE_MAC = 'interface-mac'
    INTERFACE_ENABLED = 'interface-enabled'
    ADDRESS_MISSING = 'address-missing'
    ADDRESS_EXTRA = 'address-extra'
    ADDRESS_PREFIX_LENGTH = 'address-prefix-length'
    ADDRESS_INTERFACE = 'address-interface'
    NEIGHBOUR_UNCABLED = 'neighbour-uncabled'
    NEIGHBOUR_DIFFERS = 'neighbour-differs'

    CHOICES = [
        (
            _('Device'),
            (
                (NAME, _('Name'), 'blue'),
                (SERIAL, _('Serial number'), 'blue'),
                (MODEL, _('Device type'), 'blue'),
                (PLATFORM, _('Platform'), 'blue'),
                (OS_VERSION, _('Software version'), 'blue'),
            ),
        ),
        (
            _('Interface'),
            (
                (INTERFACE_MISSING, _('Interface not documented'), 'green'),
                (INTERFACE_EXTRA, _('Interface not on the device'), 'orange'),
                (INTERFACE_TYPE, _('Interface type'), 'cyan'),
                (INTERFACE_MTU, _('Interface MTU'), 'cyan'),
                (INTERFACE_DESCRIPTION, _('Interface description'), 'cyan'),
                (INTERFACE_MAC, _('Interface MAC address'), 'cyan'),
                (INTERFACE_ENABLED, _('Interface enabled'), 'cyan'),
            ),
        ),
        (
            _('IP address'),
            (
                (ADDRESS_MISSING, _('IP address not documented'), 'green'),
                (ADDRESS_EXTRA, _('IP address not on the device'), 'orange'),
                (ADDRESS_PREFIX_LENGTH, _('Prefix length'), 'cyan'),
                (ADDRESS_INTERFACE, _('Interface of the IP address'), 'cyan'),
            ),
        ),
        (
            _('Neighbour'),
            (
                (NEIGHBOUR_UNCABLED, _('Neighbour without a cable'), 'green'),
                (NEIGHBOUR_DIFFERS, _('Cable to another neighbour'), 'red'),
            ),
        ),
    ]
