"""The engine's Source inside NetBox: leases RunTargets and turns them into Tasks."""

import time
from collections.abc import Sequence

from django.db import transaction

from netops_worker.wire import CredentialRef, Result, Task

from ..choices import TargetStatusChoices
from ..kinds import KINDS
from ..lifecycle import Claim, claim, finish, settle
from ..matching import credentials_for
from ..models import Credential, Run, Target
from ..settings import Settings

__all__ = ('RunSource',)

# Option groups of a device's config context that a kind of run reads.
_OPTION_GROUPS = {'device-scan': 'snmp'}


class RunSource:
    """Claims the targets of one run. What cannot be probed at all is closed here, with the reason, and not probed."""

    def __init__(self, run: Run, *, worker: str, settings: Settings) -> None:
        self.run = run
        self.kind = KINDS[run.kind]
        self.worker = worker
        self.lease_seconds = settings.lease_seconds
        self.not_ready = 0

    def claim(self, limit: int) -> Sequence[Task]:
        while claims := claim(self.run.pk, limit, worker=self.worker, lease_seconds=self.lease_seconds):
            tasks = self._tasks(claims)
            # An empty answer would mean that nothing is claimable: look on when all of these were not ready.
            if tasks:
                return tasks
        return ()

    def _tasks(self, claims: list[Claim]) -> list[Task]:
        targets = Target.objects.in_bulk([item.target for item in claims if item.target is not None])
        credentials = credentials_for(targets.values(), self.kind.protocols)
        tasks, refused = [], []
        for item in claims:
            target = targets.get(item.target)
            code, detail = _not_ready(target, credentials)
            if code:
                refused.append(self._refusal(item, code, detail))
            else:
                tasks.append(self._task(item, target, credentials[target.pk]))
        if refused:
            with transaction.atomic():
                finish(refused)
                settle([self.run.pk])
            self.not_ready += len(refused)
        return tasks

    def _task(self, item: Claim, target: Target, credentials: list[Credential]) -> Task:
        return Task(
            id=item.id,
            kind=self.run.kind,
            run=self.run.pk,
            target=target.pk,
            name=target.name,
            address=target.address,
            lease_token=item.lease_token,
            lease_seconds=self.lease_seconds,
            attempt=item.attempt,
            tenant_id=target.tenant_id,
            device_id=target.device_id,
            netbox_id=target.device_id or target.virtual_machine_id,
            reason=self.run.reason,
            requested_by=self.run.requested_by.username if self.run.requested_by else '',
            options=target.options.get(_OPTION_GROUPS.get(self.run.kind, ''), {}) | self.run.options,
            credentials=tuple(_reference(credential) for credential in credentials),
        )

    def _refusal(self, item: Claim, code: str, detail: str) -> Result:
        return Result(
            task=item.id,
            run=self.run.pk,
            target=item.target or 0,
            kind=self.run.kind,
            ok=False,
            lease_token=item.lease_token,
            started_at=time.time(),
            duration_ms=0,
            error_code=code,
            error_detail=detail,
            attempt=item.attempt,
            worker=self.worker,
        )


def _not_ready(target: Target | None, credentials: dict[int, list[Credential]]) -> tuple[str, str]:
    if target is None or not (target.device_id or target.virtual_machine_id):
        return 'target:gone', ''
    if target.status == TargetStatusChoices.RETIRED:
        return 'target:retired', ''
    if target.status == TargetStatusChoices.DISABLED:
        return 'target:disabled', ''
    if target.options_error:
        return 'target:invalid-options', target.options_error
    if not target.address:
        return 'target:no-address', ''
    if not credentials[target.pk]:
        return 'credential:none', ''
    return '', ''


def _reference(credential: Credential) -> CredentialRef:
    return CredentialRef(
        id=credential.pk,
        name=credential.name,
        protocol=credential.protocol,
        provider=credential.provider,
        reference=credential.reference,
        parameters=credential.parameters,
    )
