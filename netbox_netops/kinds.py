"""The kinds of run: what each is called, who may start it, and how its work is shaped."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from netops_worker.probes.snmp.logins import PROTOCOLS as SNMP_PROTOCOLS

__all__ = (
    'CREDENTIAL_CHECK',
    'DEVICE_SCAN',
    'KINDS',
    'NETBOX_SYNC',
    'Kind',
)

CREDENTIAL_CHECK = 'credential-check'
DEVICE_SCAN = 'device-scan'
NETBOX_SYNC = 'netbox-sync'


@dataclass(frozen=True, slots=True)
class Kind:
    """`action` is the permission action: on the device or virtual machine when `per_target`, else on Target.
    `verb` and `icon` (of Material Design Icons) are those of its buttons.

    `exclusive`: at most one such operation at a time on a target, whatever the kind.
    `protocols`: credentials it uses, any of them. `job` is where its JobRunner lives.
    `attempts`: how often a target is tried in all. `concurrency`: targets at work at the same time over all workers;
    `rate`: targets started per second. None: as many as there are; the settings may say otherwise.
    """

    slug: str
    label: str
    action: str
    job: str
    verb: str
    icon: str
    per_target: bool = True
    exclusive: bool = False
    protocols: tuple[str, ...] = ()
    attempts: int = 3
    concurrency: int | None = None
    rate: float | None = None


KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            slug=NETBOX_SYNC,
            label=_('NetBox sync'),
            action='netops_sync',
            job='netbox_netops.jobs.netbox_sync.NetBoxSyncJob',
            verb=_('Sync from NetBox'),
            icon='mdi-sync',
            per_target=False,
        ),
        Kind(
            slug=DEVICE_SCAN,
            label=_('Device scan'),
            action='netops_scan',
            job='netbox_netops.jobs.device_scan.DeviceScanJob',
            verb=_('Scan'),
            icon='mdi-radar',
            exclusive=True,
            protocols=SNMP_PROTOCOLS,
            concurrency=512,
            rate=500.0,
        ),
        Kind(
            slug=CREDENTIAL_CHECK,
            label=_('Credential check'),
            action='netops_check_credential',
            job='netbox_netops.jobs.credential_check.CredentialCheckJob',
            verb=_('Check credentials'),
            icon='mdi-key-chain',
            exclusive=True,
            protocols=('ssh-password', 'ssh-key', 'enable', *SNMP_PROTOCOLS),
            # What is under way when a credential is stopped, because devices reject it, is not called back.
            concurrency=64,
            rate=50.0,
        ),
    )
}
