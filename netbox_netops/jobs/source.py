"""The engine's Source inside NetBox: leases RunTargets and turns them into Tasks."""

import time
from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from netops_worker.wire import CredentialRef, Result, Task

from ..choices import TargetStatusChoices
from ..kinds import KINDS
from ..lifecycle import Claim, cancelled_among, claim, defer, finish, hand_back, release_limits, settle
from ..limiting import Limiting
from ..lockout import paused
from ..maintenance import seconds_left
from ..matching import credentials_for
from ..models import Credential, Run, Target
from ..settings import Settings
from .task_options import task_options

__all__ = ('RunSource',)


class RunSource:
    """Claims the targets of one run. What cannot be probed at all is closed here, with the reason, and not probed.

    `gateway`: of the targets, those of the sites of this gateway (its id); None: those that have none.
    """

    def __init__(self, run: Run, *, worker: str, settings: Settings, gateway: int | None = None) -> None:
        self.run = run
        self.kind = KINDS[run.kind]
        self.worker = worker
        self.gateway = gateway
        self.lease_seconds = settings.lease_seconds
        self.expiry = settings.run_expiry
        self.limiting = Limiting.of(run, settings, gateway)
        self.not_ready = 0
        self.again_after: float | None = None

    def claim(self, limit: int) -> Sequence[Task]:
        while True:
            claimed = claim(
                self.run.pk,
                limit,
                worker=self.worker,
                lease_seconds=self.lease_seconds,
                limiting=self.limiting,
                gateway=self.gateway,
            )
            self.again_after = claimed.again_after
            tasks = self._tasks(claimed.claims)
            # An empty answer would mean that nothing is claimable: look on when all of these were not ready.
            if tasks or not claimed.claims:
                return tasks

    def cancelled(self, tasks: Collection[int]) -> Collection[int]:
        return cancelled_among(tasks)

    def hand_back(self, tasks: Sequence[Task]) -> None:
        hand_back([(task.id, task.lease_token) for task in tasks], self.limiting)

    def _tasks(self, claims: list[Claim]) -> list[Task]:
        if not claims:
            return []
        targets = Target.objects.in_bulk([item.target for item in claims if item.target is not None])
        now = timezone.now()
        applying = credentials_for(targets.values(), self.kind.protocols, stopped=True)
        credentials = _usable(applying, paused(targets, now))
        options = task_options(self.run, targets.values())
        tasks, refused, deferred = [], [], []
        for item in claims:
            target = targets.get(item.target)
            code, detail = _not_ready(target, applying, credentials)
            by_hand = self.run.interactive or item.urgent
            if not code and not by_hand and target.spared_until and target.spared_until > now:
                code, detail = 'unreachable:spared', target.last_error
            if code:
                refused.append(self._refusal(item, code, detail))
            elif not by_hand and (seconds := seconds_left(target.options, now)):
                deferred.append((item.id, item.lease_token, seconds))
            else:
                tasks.append(self._task(item, target, credentials[target.pk], options[target.pk]))
        if deferred:
            defer(deferred, 'waiting:maintenance', self.limiting, self.expiry)
        if refused:
            with transaction.atomic():
                finish(refused)
                settle([self.run.pk])
            release_limits(refused)
            self.not_ready += len(refused)
        return tasks

    def _task(self, item: Claim, target: Target, credentials: list[Credential], options: dict) -> Task:
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
            returns=item.returns,
            tenant_id=target.tenant_id,
            device_id=target.device_id,
            netbox_id=target.device_id or target.virtual_machine_id,
            reason=self.run.reason,
            requested_by=self.run.requested_by.username if self.run.requested_by else '',
            options=options,
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


def _usable(applying: dict[int, list[Credential]], held: set[tuple[int, int]]) -> dict[int, list[Credential]]:
    return {
        target: [item for item in found if item.stopped is None and (target, item.pk) not in held]
        for target, found in applying.items()
    }


def _not_ready(
    target: Target | None, applying: dict[int, list[Credential]], credentials: dict[int, list[Credential]]
) -> tuple[str, str]:
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
    if not applying[target.pk]:
        return 'credential:none', ''
    if not credentials[target.pk]:
        is_paused = any(credential.stopped is None for credential in applying[target.pk])
        return 'credential:paused' if is_paused else 'credential:stopped', ''
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
