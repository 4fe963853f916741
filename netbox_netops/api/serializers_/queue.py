"""The work of the whole fleet, and the pauses of kinds of run."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from netbox.api.fields import ChoiceField
from rest_framework import serializers
from users.api.serializers import UserSerializer

from ...choices import RunKindChoices
from ...models import Pause
from ...ui.queue import find_alarms, name_limits

__all__ = (
    'PauseSerializer',
    'QueueSerializer',
)


class PauseSerializer(serializers.ModelSerializer):
    url = serializers.HyperlinkedIdentityField(
        view_name='plugins-api:netbox_netops-api:pause-detail', lookup_field='kind'
    )
    display = serializers.CharField(source='__str__', read_only=True)
    kind = ChoiceField(choices=RunKindChoices)
    paused_by = UserSerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = Pause
        fields = ('id', 'url', 'display', 'kind', 'reason', 'since', 'paused_by')
        brief_fields = ('id', 'url', 'display', 'kind')
        read_only_fields = ('since',)
        # Pausing what is paused already changes nothing, and is no error.
        extra_kwargs = {'kind': {'validators': []}}


class AlarmSerializer(serializers.Serializer):
    level = serializers.ChoiceField(choices=[('danger', _('Danger')), ('warning', _('Warning'))])
    title = serializers.CharField()
    text = serializers.CharField()
    code = serializers.CharField(help_text=_('An error code that explains it, or empty'))


class QueueStateSerializer(serializers.Serializer):
    name = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text=_('Kinds of run that use it'))
    depth = serializers.IntegerField(help_text=_('Jobs that wait'))
    oldest = serializers.DateTimeField(allow_null=True, help_text=_('When the oldest of them was queued'))
    workers = serializers.IntegerField(help_text=_('Live workers that serve it'))
    busy = serializers.IntegerField(help_text=_('Those of them that are at work'))


class PausedSerializer(serializers.Serializer):
    since = serializers.DateTimeField()
    reason = serializers.CharField()
    paused_by = serializers.CharField(allow_null=True, source='paused_by.username', default=None)


class KindStateSerializer(serializers.Serializer):
    kind = serializers.CharField()
    waiting = serializers.IntegerField(help_text=_('Targets that wait'))
    due = serializers.IntegerField(help_text=_('Those of them that lack nothing but their turn'))
    running = serializers.IntegerField(help_text=_('Targets that a worker holds'))
    overdue = serializers.IntegerField(help_text=_('Those of them whose worker went silent'))
    blocked = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=_('Waiting targets by what they wait for: an error code, or "retry"'),
    )
    oldest = serializers.DateTimeField(
        allow_null=True, help_text=_('When the oldest run with waiting targets was made')
    )
    pause = PausedSerializer(allow_null=True)


class LimitSerializer(serializers.Serializer):
    scope = serializers.CharField(help_text=_('kind, site, tenant, gateway or policy'))
    name = serializers.CharField()
    object_id = serializers.IntegerField(allow_null=True, help_text=_('Of the site, tenant, gateway or policy'))
    used = serializers.IntegerField(help_text=_('Targets at work'))
    most = serializers.IntegerField(help_text=_('Targets that may be at work'))


class QueueSerializer(serializers.Serializer):
    """The work of the whole fleet now. What runs on which device is in run-targets, with the filter state=running."""

    redis = serializers.BooleanField(help_text=_('Whether Redis answers; else queues, limits and tick are not known'))
    tick_age = serializers.FloatField(allow_null=True, help_text=_('Seconds since the last tick'))
    alarms = serializers.SerializerMethodField()
    queues = QueueStateSerializer(many=True)
    kinds = KindStateSerializer(many=True)
    limits = serializers.SerializerMethodField()

    @extend_schema_field(AlarmSerializer(many=True))
    def get_alarms(self, overview):
        return AlarmSerializer(find_alarms(overview), many=True).data

    @extend_schema_field(LimitSerializer(many=True))
    def get_limits(self, overview):
        return LimitSerializer(name_limits(overview.limits, self.context['request'].user), many=True).data
