"""What the pages show about one target, read once with a constant number of queries."""

from dataclasses import dataclass, field

from dcim.models import Device
from django.db import models
from django.utils import timezone

from ..choices import RunTargetStateChoices, TargetStatusChoices
from ..lifecycle import expire_overdue
from ..models import RunTarget, Target

__all__ = (
    'TargetState',
    'find_target',
    'read_state',
)

RECENT = 5
_RELATED = (
    *('latest_scan', 'system', 'snmp_credential', 'device', 'virtual_machine', 'site', 'tenant', 'role', 'platform'),
)


@dataclass(frozen=True, slots=True)
class TargetState:
    """`target` is None for what no sync has seen yet. `active`: rows that are waiting or running now."""

    target: Target | None = None
    active: list[RunTarget] = field(default_factory=list)
    recent_runs: list[RunTarget] = field(default_factory=list)

    @property
    def facts(self) -> Target | None:
        """The target when a scan has brought facts about it."""
        return self.target if self.target and hasattr(self.target, 'system') else None

    @property
    def token(self) -> str:
        """Differs whenever something on the page may have changed."""
        if self.target is None:
            return ''
        newest = self.recent_runs[0].pk if self.recent_runs else 0
        states = '-'.join(f'{row.pk}.{row.state}.{row.cancel:d}.{row.blocked}.{row.attempt}' for row in self.active)
        return f'{self.target.latest_scan_id or 0}-{newest}-{states}'


def find_target(obj, user) -> tuple[Target | None, Device | None]:
    """Return the target of a device or virtual machine, and the chassis master it was taken from if not its own.

    Everyone who may see the object may see its own target; the master's only those who may see the master.
    """
    targets = Target.objects.select_related(*_RELATED)
    if not isinstance(obj, Device):
        return targets.filter(virtual_machine=obj).first(), None
    master = obj.virtual_chassis.master if obj.virtual_chassis_id else None
    if master is None or master.pk == obj.pk:
        return targets.filter(device=obj).first(), None
    found = {target.device_id: target for target in targets.filter(device__in=(obj.pk, master.pk))}
    own = found.get(obj.pk)
    if own and own.status != TargetStatusChoices.RETIRED:
        return own, None
    shared = found.get(master.pk)
    if (
        shared
        and shared.status != TargetStatusChoices.RETIRED
        and Device.objects.restrict(user, 'view').filter(pk=master.pk).exists()
    ):
        return shared, master
    return own, None


def read_state(target: Target | None) -> TargetState:
    if target is None:
        return TargetState()
    active = _active(target)
    now = timezone.now()
    if any(row.state == RunTargetStateChoices.WAITING and row.expires <= now for row in active):
        # Where no worker runs at all, nobody else notices that the time is over.
        expire_overdue()
        active = _active(target)
    rows = target.run_targets.select_related('run')
    return TargetState(
        target=target,
        active=active,
        recent_runs=list(rows.order_by('-pk')[:RECENT]),
    )


def _active(target: Target) -> list[RunTarget]:
    rows: models.QuerySet[RunTarget] = target.run_targets.filter(state__in=RunTargetStateChoices.ACTIVE)
    return list(rows.select_related('run').order_by('-pk'))
