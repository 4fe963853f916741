"""The one door in: every operation, whoever asks for it, becomes a Run here.

Set-based: the number of queries does not depend on the number of targets. Deduplication is a partial unique index, so
it holds under concurrent requests and inside outer transactions.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from core.choices import JobStatusChoices
from core.models import Job
from dcim.models import Device
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from redis.exceptions import RedisError
from utilities.permissions import get_permission_for_model
from utilities.rqworker import any_workers_for_queue
from virtualization.models import VirtualMachine

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger

from .choices import RunStatusChoices
from .doorbell import ring_gateways
from .inventory import sync
from .kinds import KINDS, NETBOX_SYNC, Kind
from .lifecycle import claimable, expire_overdue, hurry
from .logs import request_id
from .models import Pause, Policy, Run, Target
from .options import check_run_options
from .settings import get_settings

__all__ = (
    'MOST_INTERACTIVE',
    'Dispatch',
    'DispatchError',
    'drainers_for',
    'enqueue',
    'queue_is_served',
    'request_sync',
    'ring',
    'ring_all',
)

logger = get_logger('netbox.netbox_netops.dispatch')

# Nobody sits and waits for more targets than these: a larger selection goes behind those that are waited for, and is
# as considerate of devices as what the scheduler starts (maintenance windows, devices that do not answer).
MOST_INTERACTIVE = 50


class DispatchError(NetOpsError):
    """A request that was refused; nothing was started. `field` names the argument at fault, if it is one."""

    def __init__(self, code: str, detail: str = '', field: str = ''):
        super().__init__(code, detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What became of a request.

    `run` is the new run, or the active one when all targets were already being worked on (`created` is False).
    `queued` targets were added to it; `joined` maps other active runs to the number of targets they already hold.
    `no_worker` warns that no worker serves the queue at the moment, `pause` that nothing of this kind is started now.
    """

    run: Run
    created: bool
    queued: int
    joined: dict[int, int] = field(default_factory=dict)
    no_worker: bool = False
    pause: Pause | None = None


def enqueue(
    kind: str,
    *,
    user,
    devices: Iterable = (),
    virtual_machines: Iterable = (),
    reason: str = '',
    options: dict | None = None,
    interactive: bool = False,
    policy: Policy | None = None,
    wait_for_address: bool = False,
) -> Dispatch:
    """Start a run of `kind` on devices and virtual machines (querysets, or iterables of primary keys).

    `interactive`: somebody asks for it by hand, and waits for it unless it is too much. `policy`: whose limits apply.
    `wait_for_address`: what has no address yet waits for one, as long as the settings say, instead of failing.

    The user's permission for the kind's action is enforced object by object: a queryset is narrowed to what the user
    may operate, a primary key that does not exist or is not permitted refuses the request. `user=None` is the system
    itself. Raises DispatchError with the codes kind:unknown, permission:denied, selection:empty, selection:invalid,
    target:unknown and options:invalid.
    """
    info = KINDS.get(kind)
    if info is None:
        raise DispatchError('kind:unknown', f'known are {", ".join(KINDS)}', field='kind')
    try:
        checked = check_run_options(kind, options)
    except NetOpsError as error:
        raise DispatchError(error.code, error.detail, field='options') from None
    # Before looking for duplicates: what is overdue must not be joined.
    expire_overdue()
    with transaction.atomic():
        if info.per_target:
            device_ids = _permitted(Device, devices, user, info, 'devices')
            machine_ids = _permitted(VirtualMachine, virtual_machines, user, info, 'virtual_machines')
            targets = _permitted_targets(_targets(device_ids, machine_ids), device_ids, devices, user, info)
            if not targets:
                raise DispatchError('selection:empty', 'no device is selected that you may operate')
        else:
            _check_sync(info, user, devices, virtual_machines)
            targets = None
        awaited = interactive and (targets is None or len(targets) <= MOST_INTERACTIVE)
        run = Run.objects.create(
            kind=kind,
            reason=reason[:200],
            requested_by=user,
            options=checked,
            interactive=awaited,
            policy=policy,
            expires=timezone.now() + timedelta(seconds=get_settings().run_expiry),
        )
        queued, joined = _add_targets(run, info, targets, wait_for_address)
        if queued:
            run.total, run.joined = queued, joined
            Run.objects.filter(pk=run.pk).update(total=queued, joined=joined)
            transaction.on_commit(partial(ring, run))
        else:
            Run.objects.filter(pk=run.pk)._raw_delete(using=connection.alias)
            run = Run.objects.get(pk=max(joined, key=joined.get))
        if awaited and joined:
            # That they wait a little longer would be no reason to call the request failed.
            transaction.on_commit(partial(_hurry, _keys(info, targets), list(joined)), robust=True)
    return Dispatch(
        run=run,
        created=bool(queued),
        queued=queued,
        joined=joined,
        no_worker=not queue_is_served(get_settings().queue_for(kind)),
        pause=Pause.objects.filter(kind=kind).select_related('paused_by').first(),
    )


def request_sync(reason: str) -> None:
    """Have the targets synchronized after this moment: a sync that has begun may have read what changed just now."""
    for _attempt in range(3):
        if enqueue(NETBOX_SYNC, user=None, reason=reason).created:
            return
        # The job looks at the mark after it has finished its run; one that is finished takes no mark any more.
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE netbox_netops_run SET options = options || '{"again": true}'
                WHERE kind = %s AND status = 'running'
                """,
                [NETBOX_SYNC],
            )
            if cursor.rowcount:
                return


def ring(run: Run, drainers: int | None = None, *, at_front: bool | None = None) -> None:
    """Queue the core jobs that drain the run, a few and never one per target, and ring at the gateways with work of it.

    `at_front`: before what waits in the queue; default: when somebody waits for the run.

    Without Redis nothing is queued and nothing is lost: the run waits in the database until the tick rings again.
    """
    job_class = import_string(KINDS[run.kind].job)
    if drainers is None:
        drainers = drainers_for(claimable(run.pk))
    found = request_id()
    origin = {'request_id': found} if found else {}
    for _drainer in range(drainers):
        try:
            job_class.enqueue(
                instance=run,
                name=f'{job_class.name} #{run.pk}',
                user=run.requested_by,
                run=run.pk,
                reason=run.reason,
                **origin,
                at_front=run.interactive if at_front is None else at_front,
            )
        except RedisError:
            logger.exception(f'{run} waits: its job could not be queued')
            # The core job was saved before Redis refused it, and would stay pending for ever.
            run.jobs.filter(status=JobStatusChoices.STATUS_PENDING, started=None).delete()
            break
    ring_gateways(run)


def drainers_for(due: int) -> int:
    """How many jobs are to work on so many targets of a run."""
    settings = get_settings()
    return min(settings.drainers, -(-due // settings.concurrency))


def ring_all(runs: Collection[int]) -> None:
    """Ring for these runs, as far as they are active. One whose job is queued already needs no other: gateways do."""
    found = Run.objects.filter(pk__in=runs, status__in=RunStatusChoices.ACTIVE).select_related('requested_by')
    for run in found.annotate(queued=Exists(_pending())):
        ring(run, 0 if run.queued else None)


def _hurry(keys: list[str], joined: list[int]) -> None:
    """Have go first what of these operations waits behind others in the runs that were joined."""
    for run in Run.objects.filter(pk__in=hurry(keys, joined)).select_related('requested_by'):
        ring(run, 1, at_front=True)


def _pending():
    """Core jobs of a run that have not begun."""
    return Job.objects.filter(
        object_id=OuterRef('pk'), object_type__app_label='netbox_netops', object_type__model='run',
        status=JobStatusChoices.STATUS_PENDING,
    )  # fmt: skip


def queue_is_served(queue: str) -> bool:
    """Whether a live worker serves the queue. After a restart of Redis workers are seen again only after a while."""
    try:
        return any_workers_for_queue(queue)
    except RedisError:
        logger.exception('Redis does not answer')
        return False


def _permitted(model, selection: Iterable, user, info: Kind, name: str) -> list[int]:
    """Primary keys of the selected objects on which the user may carry out the kind's action."""
    is_queryset = isinstance(selection, QuerySet)
    if not is_queryset:
        selection = set(selection)
        if not selection:
            return []
    if user is not None and not user.has_perm(get_permission_for_model(model, info.action)):
        raise DispatchError('permission:denied', f'{get_permission_for_model(model, info.action)} is needed', name)
    allowed = model.objects.all() if user is None else model.objects.restrict(user, info.action)
    if is_queryset:
        # Evaluated on its own: as part of another query it is joined as if the table had as few rows as it had when
        # the database last looked, and after an import that takes minutes.
        selected = list(selection.order_by().values_list('pk', flat=True))
        return list(allowed.order_by().filter(pk__in=selected).values_list('pk', flat=True))
    if invalid := [item for item in selection if type(item) is not int]:
        raise DispatchError('selection:invalid', f'{invalid[0]!r} is not a primary key', name)
    found = set(allowed.filter(pk__in=selection).values_list('pk', flat=True))
    if missing := sorted(selection - found):
        # The same answer for what does not exist and for what the user may not operate.
        listed = ', '.join(map(str, missing[:10])) + (', …' if len(missing) > 10 else '')
        raise DispatchError('target:unknown', f'{model._meta.verbose_name}: {listed}', name)
    return sorted(found)


def _permitted_targets(targets: dict[int, int | None], device_ids: list[int], devices, user, info: Kind) -> list[int]:
    """Of {target: its device}, those the user may operate: a chassis member leads to a master that may be another's."""
    masters = {device for device in targets.values() if device is not None} - set(device_ids)
    if user is not None and masters:
        allowed = set(Device.objects.restrict(user, info.action).filter(pk__in=masters).values_list('pk', flat=True))
        if foreign := masters - allowed:
            if not isinstance(devices, QuerySet):
                detail = 'a selected chassis member is operated through a master that you may not operate'
                raise DispatchError('target:unknown', detail, 'devices')
            return [target for target, device in targets.items() if device not in foreign]
    return list(targets)


def _check_sync(info: Kind, user, devices, virtual_machines) -> None:
    for name, selection in (('devices', devices), ('virtual_machines', virtual_machines)):
        if isinstance(selection, QuerySet) or set(selection):
            raise DispatchError('selection:invalid', f'{info.slug} takes no selection', name)
    permission = get_permission_for_model(Target, info.action)
    if user is not None and not user.has_perm(permission):
        raise DispatchError('permission:denied', f'{permission} is needed')


def _targets(device_ids: list[int], machine_ids: list[int]) -> dict[int, int | None]:
    """{target: its device} for what these objects are operated through, created where it is missing."""
    with connection.cursor() as cursor:
        for include_retired in (False, True):
            cursor.execute(_MISSING, [device_ids, machine_ids])
            missing_devices, missing_machines = cursor.fetchone()
            if not missing_devices and not missing_machines:
                break
            # Nothing comes of objects that are not operated; only then their refusal is what is to be recorded.
            sync(
                device_ids=missing_devices or (),
                virtual_machine_ids=missing_machines or (),
                include_retired=include_retired,
            )
        cursor.execute(_RESOLVED, [device_ids, machine_ids])
        return dict(cursor.fetchall())


# Device -> target: its own, unless it is a chassis member that is operated through the master.
_DEVICE_TARGETS = """
    SELECT d.id AS device_id, COALESCE(own.id, master.id, retired.id) AS target_id
    FROM dcim_device d
    LEFT JOIN netbox_netops_target own ON own.device_id = d.id AND own.status <> 'retired'
    LEFT JOIN dcim_virtualchassis c ON c.id = d.virtual_chassis_id AND c.master_id <> d.id
    LEFT JOIN netbox_netops_target master ON master.device_id = c.master_id AND master.status <> 'retired'
    LEFT JOIN netbox_netops_target retired ON retired.device_id = d.id
    WHERE d.id = ANY(%s)
"""
_MISSING = f"""
    SELECT (SELECT array_agg(device_id) FROM ({_DEVICE_TARGETS}) x WHERE target_id IS NULL),
           (SELECT array_agg(m) FROM unnest(%s::bigint[]) m
            WHERE NOT EXISTS (SELECT 1 FROM netbox_netops_target t WHERE t.virtual_machine_id = m))
"""
_RESOLVED = f"""
    SELECT id, device_id FROM netbox_netops_target
    WHERE id IN (SELECT target_id FROM ({_DEVICE_TARGETS}) x) OR virtual_machine_id = ANY(%s)
    ORDER BY id
"""


def _keys(info: Kind, targets: list[int] | None) -> list[str]:
    """The dedup keys of a kind's operation on these targets; None: of one that concerns no single target."""
    return [f'{info.slug}:all'] if targets is None else [f'{info.slug}:{pk}' for pk in targets]


def _add_targets(run: Run, info: Kind, targets: list[int] | None, wait_for_address: bool) -> tuple[int, dict[int, int]]:
    """Add the targets that nobody is working on to the run. Returns how many, and {run: number} for the others."""
    keys = _keys(info, targets)
    parameters = {
        'run': run.pk,
        'keys': keys,
        'targets': targets or [None],
        'exclusive': info.exclusive,
        'expires': run.expires,
        'label': str(info.label),
        'wait': wait_for_address,
        'patience': get_settings().address_wait_seconds,
    }
    with connection.cursor() as cursor:
        for _attempt in range(5):
            cursor.execute(_ACTIVE, parameters)
            parameters['active'] = [pk for (pk,) in cursor.fetchall()]
            with transaction.atomic():
                # All of them in one statement, in one order. Who added what is missing to rows he has already would
                # wait for somebody who waits for those rows.
                cursor.execute(_INSERT, parameters)
                queued = cursor.rowcount
                cursor.execute(_JOINED, parameters)
                joined = dict(cursor.fetchall())
                if queued + sum(joined.values()) >= len(keys):
                    return queued, joined
                # Work on some was given up in between, or was asked for and done in this moment: now they are free.
                transaction.set_rollback(True)
    raise RuntimeError(f'{run}: its targets start and finish faster than they can be added')


_ACTIVE = """
    SELECT id FROM netbox_netops_runtarget
    WHERE dedup_key = ANY(%(keys)s) AND state IN ('waiting', 'running') AND NOT cancel
"""
_INSERT = """
    INSERT INTO netbox_netops_runtarget (run_id, target_id, name, dedup_key, exclusive, state, attempt, expires,
                                         next_attempt, blocked, gateway_id, worker, error_code, error_detail)
    SELECT %(run)s, t.id, COALESCE(t.name, %(label)s), w.key, %(exclusive)s, 'waiting', 0,
           CASE WHEN a.awaited THEN a.until ELSE %(expires)s END,
           CASE WHEN a.awaited THEN a.until END,
           CASE WHEN a.awaited THEN 'waiting:address' ELSE '' END,
           g.id, '', '', ''
    FROM unnest(%(keys)s::text[], %(targets)s::bigint[]) AS w (key, target)
    LEFT JOIN netbox_netops_target t ON t.id = w.target
    LEFT JOIN netbox_netops_gatewaysite s ON s.site_id = t.site_id
    LEFT JOIN netbox_netops_gateway g ON g.id = s.gateway_id AND g.enabled
    CROSS JOIN LATERAL (
        SELECT %(wait)s AND t.id IS NOT NULL AND t.address IS NULL AND t.status = 'active' AS awaited,
               statement_timestamp() + make_interval(secs => %(patience)s) AS until
    ) a
    ORDER BY w.target
    ON CONFLICT (dedup_key) WHERE NOT cancel AND state IN ('waiting', 'running') DO NOTHING
"""
# Who else has the others. What was active before the insert, and was done when it had passed, is joined all the same:
# its result is as fresh as that of any row that is joined at work.
_JOINED = """
    WITH ours AS (SELECT dedup_key FROM netbox_netops_runtarget WHERE run_id = %(run)s),
    found AS (
        SELECT id, run_id, dedup_key FROM netbox_netops_runtarget
        WHERE dedup_key = ANY(%(keys)s) AND state IN ('waiting', 'running') AND NOT cancel AND run_id <> %(run)s
        UNION ALL
        SELECT id, run_id, dedup_key FROM netbox_netops_runtarget
        WHERE id = ANY(%(active)s) AND state IN ('succeeded', 'failed')
    ),
    others AS (
        SELECT DISTINCT ON (dedup_key) run_id FROM found
        WHERE NOT EXISTS (SELECT 1 FROM ours WHERE ours.dedup_key = found.dedup_key)
        ORDER BY dedup_key, id DESC
    )
    SELECT run_id, count(*) FROM others GROUP BY run_id ORDER BY run_id
"""
