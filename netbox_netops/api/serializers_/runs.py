from django.utils.translation import gettext_lazy as _
from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer
from rest_framework import serializers
from users.api.serializers import UserSerializer

from ...choices import RunKindChoices, RunStatusChoices, RunTargetStateChoices
from ...models import Run, RunTarget
from .fields import ErrorInfoField
from .gateways import GatewaySerializer
from .nested import NestedPolicySerializer
from .targets import TargetSerializer

__all__ = (
    'RunSerializer',
    'RunTargetSerializer',
)


class RunSerializer(BaseModelSerializer):
    kind = ChoiceField(choices=RunKindChoices, read_only=True)
    status = ChoiceField(choices=RunStatusChoices, read_only=True)
    requested_by = UserSerializer(nested=True, read_only=True, allow_null=True)
    policy = NestedPolicySerializer(read_only=True, allow_null=True)
    cancelled_by = UserSerializer(nested=True, read_only=True, allow_null=True)
    joined = serializers.DictField(
        child=serializers.IntegerField(), read_only=True, help_text=Run._meta.get_field('joined').help_text
    )
    is_active = serializers.BooleanField(read_only=True)
    progress = serializers.IntegerField(
        read_only=True,
        help_text=_('Percentage of the targets that are in a final state'),
    )

    class Meta:
        model = Run
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'kind',
            'status',
            'is_active',
            'reason',
            'requested_by',
            'policy',
            'interactive',
            'options',
            'joined',
            'total',
            'succeeded',
            'failed',
            'progress',
            'created',
            'started',
            'finished',
            'expires',
            'cancelled',
            'cancelled_by',
        )
        brief_fields = ('id', 'url', 'display', 'kind', 'status')


class RunTargetSerializer(BaseModelSerializer):
    run = RunSerializer(nested=True, read_only=True)
    target = TargetSerializer(nested=True, read_only=True, allow_null=True)
    state = ChoiceField(choices=RunTargetStateChoices, read_only=True)
    error = ErrorInfoField(source='error_code')
    waits_for = ErrorInfoField(source='blocked')
    gateway = GatewaySerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = RunTarget
        # Never the lease token: whoever holds it may write the result.
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'run',
            'target',
            'name',
            'state',
            'exclusive',
            'attempt',
            'next_attempt',
            'blocked',
            'waits_for',
            'cancel',
            'urgent',
            'gateway',
            'expires',
            'started',
            'finished',
            'worker',
            'error_code',
            'error_detail',
            'error',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'state', 'error_code')
