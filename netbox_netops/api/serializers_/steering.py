"""What cancelling, retrying and running again take and answer."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from .fields import IdListField
from .starts import RunStartedSerializer

__all__ = (
    'RunCancelledSerializer',
    'RunRerunSerializer',
    'RunRetriedSerializer',
    'RunSteeringConflictSerializer',
    'RunTargetIdsSerializer',
    'RunTargetsRefusedSerializer',
)


class RunTargetIdsSerializer(serializers.Serializer):
    ids = IdListField(help_text=_('IDs of run targets'))

    def validate_ids(self, value):
        if not value:
            raise serializers.ValidationError(
                _('Select at least one run target; nothing was changed.'), code='selection:empty'
            )
        return value


class RunCancelledSerializer(serializers.Serializer):
    cancelled = serializers.IntegerField(help_text=_('Targets that are cancelled'))
    running = serializers.IntegerField(help_text=_('Of these, those still at work: they end within 2 s'))
    left = serializers.IntegerField(
        help_text=_('Targets left as they are: finished, not there, or not yours to operate')
    )


class RunRetriedSerializer(serializers.Serializer):
    retried = serializers.IntegerField(help_text=_('Targets that waited for their next attempt and are tried now'))
    left = serializers.IntegerField(
        help_text=_('Targets left as they are: not waiting, not there, or not yours to operate')
    )


class RunRerunSerializer(RunStartedSerializer):
    left = serializers.IntegerField(
        read_only=True, help_text=_('Targets that failed and are in no new run: gone, or not yours to operate')
    )

    class Meta(RunStartedSerializer.Meta):
        fields = (*RunStartedSerializer.Meta.fields, 'left')


class RunSteeringConflictSerializer(serializers.Serializer):
    """The state of the run does not allow it: `run:finished` or `run:active`."""

    code = serializers.CharField()
    detail = serializers.CharField()


class RunTargetsRefusedSerializer(serializers.Serializer):
    """A stable error code, and what is wrong with the IDs."""

    code = serializers.CharField()
    ids = serializers.ListField(child=serializers.CharField(), required=False)
