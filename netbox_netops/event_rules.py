"""The action "Run NetOps policy" of NetBox's event rules.

NetBox calls an action for each object, in the request of the user: there it is only noted at the event which policy is
to run. When all events of the request have been through their rules, NetBox calls `dispatch_collected`, which starts
one run per policy for all objects together. What is noted travels with the events, so nothing is left behind in the
process when a request fails half-way, and nothing gets into another request.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cache, partial

from dcim.models import Device, Interface, MACAddress
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from ipam.models import IPAddress
from netbox.context import current_request, events_queue
from netbox.event_rules import EventRuleAction
from netbox.events import get_event_type
from virtualization.models import VirtualMachine, VMInterface

from netops_worker.log import get_logger

from .dispatch import DispatchError
from .kinds import KINDS
from .models import Policy
from .policies import fire
from .settings import get_settings

__all__ = (
    'CAUSE',
    'RunPolicyAction',
    'dispatch_collected',
    'event_rule_actions',
)

logger = get_logger('netbox.netbox_netops.event_rules')

# Key of an event: {policy: names of the rules that ask for it}. Plain values: other plugins see the events too.
_POLICIES = 'netops_policies'
# Key of NetOps's own events: the policy whose run has caused it, or None.
CAUSE = 'netops_cause'


class RunPolicyAction(EventRuleAction):
    slug = 'netbox_netops.run_policy'
    label = _('Run NetOps policy')
    description = _('Run a NetOps policy on the device or virtual machine concerned')
    object_model = Policy
    object_required = True

    def resolve_import_object(self, value):
        return Policy.objects.get(name=value)

    def validate(self, *, action_object, action_data):
        # A rule makes the policy run for whoever edits devices, so who saves it must be allowed to run the policy.
        request = current_request.get()
        if request is not None and not request.user.has_perm('netbox_netops.netops_run_policy', action_object):
            raise ValidationError({'action_object_id': _('You are not permitted to run this policy.')})

    def enqueue(self, *, event_rule, event_context, action_object, action_data):
        event_type = get_event_type(event_context['event_type'])
        instance = event_context.get('object')
        if event_type is not None and event_type.destructive:
            return
        if action_object is None:
            _warn_once(event_rule, 'its policy was deleted')
            return
        if instance is None or not _is_understood(type(instance)):
            _warn_once(event_rule, f'a {event_context["object_type"]} with this event concerns no device')
            return
        if event_context.get(CAUSE) == action_object.pk:
            logger.info(f'{instance}: {action_object} is not run for what a run of itself has found')
            return
        event_context.setdefault(_POLICIES, {}).setdefault(action_object.pk, []).append(event_rule.name)
        if CAUSE not in event_context and not _is_queued(event_context):
            # Somebody passes it to the rules by himself: nobody will call us when he is done.
            transaction.on_commit(partial(dispatch_collected, [event_context]))


event_rule_actions = [RunPolicyAction]


def dispatch_collected(events: Iterable[MutableMapping]) -> None:
    """Start one run for each policy that rules have asked for. It never raises: that would break the user's request."""
    try:
        requests = _collect(events)
        if not requests:
            return
        policies = Policy.objects.in_bulk(requests)
    except Exception:
        logger.exception('Policies that event rules have asked for are not run')
        return
    # In one order: each policy is locked until the end of the outermost transaction.
    for pk, policy in sorted(policies.items()):
        try:
            # Inside of somebody's transaction a failure must leave that usable.
            with transaction.atomic():
                _dispatch(policy, requests[pk])
        except Exception:
            logger.exception(f'Policy {policy} is not run, as event rules have asked for')


@dataclass(slots=True)
class _Request:
    """What rules have asked of a policy. `rules`: their names, in order. `objects`: primary keys, by model."""

    rules: dict[str, None] = field(default_factory=dict)
    objects: defaultdict[type[models.Model], set[int]] = field(default_factory=lambda: defaultdict(set))


def _collect(events: Iterable[MutableMapping]) -> dict[int, _Request]:
    requests: defaultdict[int, _Request] = defaultdict(_Request)
    for event in events:
        instance = event.get('object')
        for policy, rules in event.pop(_POLICIES, {}).items():
            requests[policy].rules.update(dict.fromkeys(rules))
            requests[policy].objects[type(instance)].add(event['object_id'])
    return requests


def _dispatch(policy: Policy, request: _Request) -> None:
    reason = f'event rule {", ".join(request.rules)}'
    selection = {}
    if KINDS[policy.kind].per_target:
        devices, machines = _owners(request.objects)
        if not devices and not machines:
            logger.info(f'Policy {policy} is not run ({reason}): nothing that is operated is concerned')
            return
        selection = {'devices': devices, 'machines': machines}
    try:
        dispatch = fire(policy, reason=reason, wait_for_address=True, **selection)
    except DispatchError as error:
        if error.code == 'selection:empty':
            # The rule asks for more than the policy concerns, or than its user may operate.
            logger.info(f'Policy {policy} is not run ({reason}): it concerns none of the objects')
            return
        logger.warning(f'Policy {policy} is not run ({reason}): {error}')
        outcome = error.code
    else:
        logger.info(f'Policy {policy} ({reason}): {dispatch.queued} targets in {dispatch.run}')
        outcome = ''
    # Not the last run, which the schedule looks at: what waits for an address must not keep it from its turn.
    Policy.objects.filter(pk=policy.pk).update(last_fired=Now(), last_outcome=outcome)


def _is_queued(event: Mapping) -> bool:
    """Whether the event is one of those that NetBox passes through its pipeline when the current request ends."""
    meta = event['object']._meta
    return events_queue.get().get(f'{meta.app_label}.{meta.model_name}:{event.get("object_id")}') is event


_warned: set[tuple[int, str]] = set()


def _warn_once(event_rule, problem: str) -> None:
    key = (event_rule.pk, problem)
    if key not in _warned:
        _warned.add(key)
        logger.warning(f'Event rule "{event_rule}" runs no policy: {problem}')


# From objects to devices and virtual machines


def _is_understood(model: type[models.Model]) -> bool:
    return issubclass(model, Device | VirtualMachine | IPAddress | MACAddress) or any(_owner_fields(model))


@cache
def _owner_fields(model: type[models.Model]) -> tuple[bool, bool]:
    """Whether the model has a foreign key to the device, and one to the virtual machine, that it belongs to."""
    return tuple(
        any(item.name == name and item.many_to_one and item.concrete for item in model._meta.get_fields())
        for name in ('device', 'virtual_machine')
    )


def _owners(objects: Mapping[type[models.Model], set[int]]) -> tuple[list[int], list[int]]:
    """Devices and virtual machines that these objects are, or belong to, as far as they are operated.

    The database is asked, not the objects: within one request they may have changed more than once.
    """
    devices, machines = set(), set()
    for model, ids in objects.items():
        if issubclass(model, Device):
            devices |= ids
        elif issubclass(model, VirtualMachine):
            machines |= ids
        elif issubclass(model, IPAddress | MACAddress):
            relation = 'ip_addresses__in' if issubclass(model, IPAddress) else 'mac_addresses__in'
            devices.update(_values(Interface.objects.filter(**{relation: ids}), 'device_id'))
            machines.update(_values(VMInterface.objects.filter(**{relation: ids}), 'virtual_machine_id'))
            if issubclass(model, IPAddress):
                primary = Q(primary_ip4__in=ids) | Q(primary_ip6__in=ids)
                devices.update(_values(Device.objects.filter(primary | Q(oob_ip__in=ids)), 'pk'))
                machines.update(_values(VirtualMachine.objects.filter(primary), 'pk'))
        else:
            of_device, of_machine = _owner_fields(model)
            if of_device:
                devices.update(_values(model.objects.filter(pk__in=ids, device__isnull=False), 'device_id'))
            if of_machine:
                found = model.objects.filter(pk__in=ids, virtual_machine__isnull=False)
                machines.update(_values(found, 'virtual_machine_id'))
    # An automatic run for what is deliberately not operated would only be a failure that nobody asked for.
    operated = get_settings().operated_statuses
    return (
        _values(Device.objects.filter(pk__in=devices, status__in=operated), 'pk') if devices else [],
        _values(VirtualMachine.objects.filter(pk__in=machines, status__in=operated), 'pk') if machines else [],
    )


def _values(queryset: models.QuerySet, name: str) -> list[int]:
    return list(queryset.order_by().values_list(name, flat=True))
