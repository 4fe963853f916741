"""NetOps's own events, for NetBox's event rules: webhooks, notifications and scripts without code of anybody's own.

They are made from what the rest of the plugin tells after its commits: runs that have finished, and transitions of
targets. While no enabled rule listens to them they cost one query for each batch of news; nothing is loaded then.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from core.models import ObjectType
from django.db import connection
from django.db.models import Model
from extras.events import EventContext, process_event_rules, serialize_for_event
from extras.models import EventRule
from redis.exceptions import RedisError
from rest_framework.utils.encoders import JSONEncoder
from utilities.api import get_serializer_for_model

from netops_worker.log import get_logger

from .choices import ReachabilityChoices
from .event_rules import CAUSE, dispatch_collected
from .event_types import (
    BGP_DOWN,
    BGP_UP,
    CREDENTIAL_REJECTED,
    CREDENTIAL_STOPPED,
    DEVICE_REACHABLE,
    DEVICE_UNREACHABLE,
    HOST_KEY_CHANGED,
    RUN_FAILED,
    RUN_FINISHED,
)
from .lifecycle import runs_finished
from .models import Credential, Run, Target
from .transitions import Transition, credentials_stopped, state_changed

__all__ = (
    'MOST_EVENTS',
    'connect',
)

logger = get_logger('netbox.netbox_netops.events')

# Events passed to the rules for one batch of news: a webhook takes a millisecond, a script several, and meanwhile the
# job that writes results does nothing else.
MOST_EVENTS = 500

# What of a session's row is told of it.
_PEER = ('vrf', 'address', 'remote_as', 'local_as', 'local_address', 'description', 'last_error')

# What of a target says where it is.
_PLACES = ('site', 'tenant', 'role')

type Rules = Mapping[tuple[str, int], Sequence[EventRule]]


def connect() -> None:
    runs_finished.connect(_tell_runs, dispatch_uid='netops_events_runs')
    state_changed.connect(_tell_transitions, dispatch_uid='netops_events_transitions')
    credentials_stopped.connect(_tell_stopped, dispatch_uid='netops_events_stopped')


def _rules(event_types: Collection[str]) -> Rules:
    """The enabled rules that listen, by event type and content type. One query where there are none."""
    rules = {rule.pk: rule for rule in EventRule.objects.filter(enabled=True, event_types__overlap=list(event_types))}
    found = defaultdict(list)
    if rules:
        # Not prefetched: what hangs on a rule travels with it into the queue, once for each webhook.
        applied = EventRule.object_types.through.objects.filter(eventrule__in=rules)
        for pk, content_type in applied.order_by('eventrule__name').values_list('eventrule_id', 'contenttype_id'):
            for event_type in event_types:
                if event_type in rules[pk].event_types:
                    found[event_type, content_type].append(rules[pk])
    return found


def _pass_on(events: Sequence[EventContext], rules: Rules) -> None:
    """Pass the events to the rules that listen to them. Nobody who writes results may fail for a rule of somebody's."""
    object_types = ObjectType.objects.get_for_models(*{type(event['object']) for event in events})
    heard = [event for event in events if (event['event_type'], object_types[type(event['object'])].pk) in rules]
    if len(heard) > MOST_EVENTS:
        logger.error(f'{len(heard) - MOST_EVENTS} of {len(heard)} events at once are not passed to event rules')
        del heard[MOST_EVENTS:]
    for number, event in enumerate(heard):
        object_type = object_types[type(event['object'])]
        try:
            process_event_rules(rules[event['event_type'], object_type.pk], object_type, event)
        except RedisError:
            # Each of the others would wait for it as long.
            logger.exception(f'Redis does not answer: {len(heard) - number} events are not passed to event rules')
            break
        except Exception:
            logger.exception(f'{event["event_type"]} of {event["object"]} is not passed to event rules')
    dispatch_collected(heard)


def _event(event_type: str, instance, data: dict[str, Any], run: Run | None) -> EventContext:
    return EventContext(
        object_id=instance.pk,
        object=instance,
        event_type=event_type,
        data=data,
        user=run and run.requested_by,
        **{CAUSE: run and run.policy_id},
    )


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """As it will be in JSON, whatever a rule does with it."""
    return json.loads(json.dumps(data, cls=JSONEncoder))


# Runs


def _tell_runs(runs: Collection[int], **kwargs) -> None:
    rules = _rules((RUN_FINISHED, RUN_FAILED))
    if not rules:
        return
    errors = _errors(runs)
    events = []
    for run in Run.objects.filter(pk__in=runs).select_related('requested_by', 'policy').order_by('pk'):
        data = _plain(serialize_for_event(run) | {'errors': errors.get(run.pk, {})})
        events.append(_event(RUN_FINISHED, run, data, run))
        if run.pk in errors:
            events.append(_event(RUN_FAILED, run, data, run))
    _pass_on(events, rules)


def _errors(runs: Collection[int]) -> dict[int, dict[str, int]]:
    """{run: {error code: targets}} of what failed or expired in these runs. What was cancelled is no failure."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT run_id, error_code, count(*) FROM netbox_netops_runtarget
            WHERE run_id = ANY(%s) AND state IN ('failed', 'expired') GROUP BY run_id, error_code ORDER BY 1, 3 DESC, 2
            """,
            [list(runs)],
        )
        errors: dict[int, dict[str, int]] = {}
        for run, code, number in cursor.fetchall():
            errors.setdefault(run, {})[code] = number
        return errors


# Credentials


def _tell_stopped(credentials: Collection[int], **kwargs) -> None:
    rules = _rules((CREDENTIAL_STOPPED,))
    if rules:
        rows = Credential.objects.filter(pk__in=credentials).order_by('pk')
        _pass_on([_event(CREDENTIAL_STOPPED, row, _plain(serialize_for_event(row)), None) for row in rows], rules)


# Targets


def _tell_transitions(transitions: Sequence[Transition], **kwargs) -> None:
    told = [(event_type, item) for item in transitions for event_type in _event_types(item)]
    # Most of what goes up and down are interfaces, which nobody listens to.
    rules = told and _rules({event_type for event_type, _item in told})
    if not rules:
        return
    heard = {event_type for event_type, _content_type in rules}
    told = [(event_type, item) for event_type, item in told if event_type in heard]
    targets = Target.objects.select_related(
        'device__device_type__manufacturer', 'device__virtual_chassis', 'virtual_machine', 'site', 'tenant', 'role'
    ).in_bulk({item.target_id for _event_type, item in told})
    runs = Run.objects.select_related('requested_by').in_bulk({item.run for _event_type, item in told if item.run})
    briefs = _briefs(targets.values())
    events = []
    for event_type, item in told:
        target = targets.get(item.target_id)
        # Deleted since, or none to be told of.
        if target is not None and target.object is not None:
            run = runs.get(item.run)
            data = briefs[target.object] | {name: briefs.get(getattr(target, name)) for name in _PLACES}
            events.append(_event(event_type, target.object, _plain(data | _happened(item, target, run)), run))
    _pass_on(events, rules)


def _event_types(item: Transition) -> tuple[str, ...]:
    match item.kind:
        case 'reachability':
            return (DEVICE_REACHABLE if item.new == ReachabilityChoices.REACHABLE else DEVICE_UNREACHABLE,)
        case 'credential':
            return (CREDENTIAL_REJECTED,)
        case 'host-key':
            return (HOST_KEY_CHANGED,)
        case 'bgp' if item.old == item.new:
            # It was reset between two scans.
            return (BGP_DOWN, BGP_UP)
        case 'bgp':
            return (BGP_UP if item.new == 'established' else BGP_DOWN,)
    return ()


def _happened(item: Transition, target: Target, run: Run | None) -> dict[str, Any]:
    error = peer = credential = host_key = None
    if item.kind == 'bgp':
        peer = {name: item.details.get(name) for name in _PEER} | {'reset': item.old == item.new}
    elif item.details.get('code'):
        error = {name: item.details.get(name) for name in ('code', 'detail')}
    if item.kind == 'credential' and item.key:
        credential = {'id': int(item.key), 'name': item.name}
    if item.kind == 'host-key':
        host_key = {'type': item.name, 'fingerprint': item.new, 'previous': item.old}
    return {
        'target': target.pk,
        'address': target.address,
        'run': run and run.pk,
        'policy': run and run.policy_id,
        'previous': item.old,
        'state': item.new,
        'since': item.at,
        'error': error,
        'peer': peer,
        'credential': credential,
        'host_key': host_key,
    }


def _briefs(targets: Iterable[Target]) -> dict[Model, dict[str, Any]]:
    """Devices and virtual machines of the targets, and where these are, in brief as at NetBox's REST API.

    One serializer for all of a model: to make one takes as long as four webhooks.
    """
    found: defaultdict[type[Model], set[Model]] = defaultdict(set)
    for target in targets:
        for instance in (target.object, *(getattr(target, name) for name in _PLACES)):
            if instance is not None:
                found[type(instance)].add(instance)
    briefs = {}
    for model, instances in found.items():
        rows = list(instances)
        serializer = get_serializer_for_model(model)(rows, many=True, nested=True, context={'request': None})
        briefs.update(zip(rows, serializer.data, strict=True))
    return briefs
