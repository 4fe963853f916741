"""What the tests of event rules share: rules with their actions, requests, and what core has put into its queue."""

import itertools
import uuid

from core.models import ObjectType
from django.test import RequestFactory
from django_rq import get_queue
from extras.models import EventRule, NotificationGroup, Webhook
from netbox.context_managers import event_tracking
from users.models import User

from netbox_netops.models import Policy

__all__ = (
    'make_group',
    'make_policy',
    'make_rule',
    'make_webhook',
    'request_by',
    'webhook_jobs',
)

_numbers = itertools.count(1)


def make_policy(name='', **values) -> Policy:
    """A scan of everything without a schedule, with all rights."""
    number = next(_numbers)
    if 'run_as' not in values:
        values['run_as'] = User.objects.create(username=f'policy-{number}', is_superuser=True)
    values = {
        'kind': 'device-scan',
        'device_filter': {'status': ['active', 'staged', 'failed', 'planned']},
        'machine_filter': {'status': ['active']},
    } | values
    return Policy.objects.create(name=name or f'Policy {number}', **values)


def make_webhook(**values) -> Webhook:
    return Webhook.objects.create(name=f'Webhook {next(_numbers)}', payload_url='http://127.0.0.1:9/', **values)


def make_group(*users) -> NotificationGroup:
    group = NotificationGroup.objects.create(name=f'Group {next(_numbers)}')
    group.users.set(users)
    return group


def make_rule(action_object, models, event_types, *, name='', **values) -> EventRule:
    """`action_object`: a policy, a webhook or a notification group; `models`: one or several."""
    actions = {Policy: 'netbox_netops.run_policy', Webhook: 'webhook', NotificationGroup: 'notification'}
    rule = EventRule.objects.create(
        name=name or f'Rule {next(_numbers)}',
        event_types=[event_types] if isinstance(event_types, str) else list(event_types),
        action_type=actions[type(action_object)],
        action_object_type=ObjectType.objects.get_for_model(action_object),
        action_object_id=action_object.pk,
        **values,
    )
    models = models if isinstance(models, (list, tuple)) else [models]
    rule.object_types.set(ObjectType.objects.get_for_models(*models).values())
    return rule


def request_by(user):
    """A request as NetBox tracks it: what is saved within becomes events, which are flushed at its end."""
    request = RequestFactory().post('/')
    request.id = uuid.uuid4()
    request.user = user
    return event_tracking(request)


def webhook_jobs() -> list[dict]:
    """What core's webhook jobs are called with, in the order of the queue."""
    return [job.kwargs for job in get_queue('default').jobs if job.func_name == 'extras.webhooks.send_webhook']
