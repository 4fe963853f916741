"""What workers at gateways send, and what they get. Tasks and results have the form of `netops_worker.wire`."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from .fields import MAX_ID, IdListField

__all__ = (
    'GatewayClaimSerializer',
    'GatewayClaimedSerializer',
    'GatewayControlSerializer',
    'GatewayControlledSerializer',
    'GatewayHandBackSerializer',
    'GatewayHandedBackSerializer',
    'GatewayRefusedSerializer',
    'GatewayResultsSerializer',
    'GatewayResultsTakenSerializer',
)

MOST_CLAIMED = 1000
MOST_RESULTS = 500
MOST_TASKS = 10_000


class WorkerSerializer(serializers.Serializer):
    # It is shown to people, and stored with each target.
    worker = serializers.RegexField(
        r'^[ -~]+\Z', max_length=100, help_text=_('Name of the worker, shown with what it does')
    )


class GatewayClaimSerializer(WorkerSerializer):
    limit = serializers.IntegerField(min_value=1, max_value=MOST_CLAIMED, help_text=_('Tasks at most'))
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=30), max_length=50, help_text=_('Kinds of run that the worker can do')
    )


class GatewayClaimedSerializer(serializers.Serializer):
    tasks = serializers.ListField(child=serializers.DictField(), help_text=_('Tasks, each leased to the worker'))
    again_after = serializers.FloatField(
        allow_null=True, help_text=_('Seconds after which it is worth asking again; null: not known')
    )


class GatewayResultsSerializer(WorkerSerializer):
    results = serializers.ListField(max_length=MOST_RESULTS, help_text=_('Results, each with its lease token'))


class GatewayResultsTakenSerializer(serializers.Serializer):
    accepted = serializers.IntegerField(help_text=_('Results whose lease was valid'))


class GatewayControlSerializer(WorkerSerializer):
    tasks = IdListField(max_length=MOST_TASKS, help_text=_('Tasks that the worker has'))


class GatewayControlledSerializer(serializers.Serializer):
    cancelled = serializers.ListField(child=serializers.IntegerField(), help_text=_('Those of them to give up'))
    gateway = serializers.CharField(help_text=_('Slug of the gateway'))


class LeaseSerializer(serializers.Serializer):
    task = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    lease_token = serializers.UUIDField()


class GatewayHandBackSerializer(WorkerSerializer):
    leases = LeaseSerializer(many=True, max_length=MOST_TASKS)


class GatewayHandedBackSerializer(serializers.Serializer):
    handed_back = serializers.IntegerField(help_text=_('Tasks that were still leased'))


class GatewayRefusedSerializer(serializers.Serializer):
    """A stable error code, and what is wrong."""

    code = serializers.CharField()
    detail = serializers.CharField()
