from dcim.api.serializers import DeviceSerializer
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from netbox.api.fields import ChoiceField
from netbox.api.serializers import PrimaryModelSerializer
from rest_framework import serializers
from users.api.serializers import UserSerializer
from virtualization.api.serializers import VirtualMachineSerializer

from ...choices import RunKindChoices
from ...models import Policy
from ...policies import take_over
from .fields import ErrorInfoField
from .runs import RunSerializer

__all__ = (
    'PolicyPreviewSerializer',
    'PolicySerializer',
)

_FILTER_HELP = _('Parameters of the list, each a value or a list of values: {"site": ["spo1"]}')
_ACT_AS_YOURSELF = _('Only a superuser may have it act as somebody else; leave it out to have it act as you.')


class PolicySerializer(PrimaryModelSerializer):
    kind = ChoiceField(choices=RunKindChoices)
    options = serializers.DictField(required=False, help_text=_('Options of the kind of run'))
    device_filter = serializers.DictField(required=False, allow_null=True, help_text=_FILTER_HELP)
    machine_filter = serializers.DictField(required=False, allow_null=True, help_text=_FILTER_HELP)
    run_as = UserSerializer(
        nested=True,
        required=False,
        help_text=_('The user whose permissions apply: who saved the policy last; only superusers may choose another'),
    )
    next_run = serializers.DateTimeField(read_only=True, allow_null=True)
    last_run = RunSerializer(nested=True, read_only=True, allow_null=True)
    last_fired = serializers.DateTimeField(read_only=True, allow_null=True)
    last_outcome = serializers.CharField(
        read_only=True, help_text=_('Error code, if the last firing did not start anything')
    )
    error = ErrorInfoField(source='last_outcome')

    class Meta:
        model = Policy
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'name',
            'enabled',
            'kind',
            'options',
            'device_filter',
            'machine_filter',
            'cron',
            'interval',
            'concurrency',
            'rate',
            'run_as',
            'next_run',
            'last_run',
            'last_fired',
            'last_outcome',
            'error',
            'description',
            'owner',
            'comments',
            'tags',
            'custom_fields',
            'created',
            'last_updated',
        )
        brief_fields = ('id', 'url', 'display', 'name', 'enabled', 'kind', 'description')

    def validate(self, data):
        if not self.nested:
            user, chosen = self.context['request'].user, data.get('run_as')
            if chosen not in (None, user) and not user.is_superuser:
                raise serializers.ValidationError({'run_as': _ACT_AS_YOURSELF}, code='permission:denied')
            policy = self.instance or Policy()
            take_over(policy, user, chosen)
            data['run_as'] = policy.run_as
        return super().validate(data)


class PolicyDevicesSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text=_('How many the user of the policy may operate now'))
    results = DeviceSerializer(nested=True, many=True, source='shown', help_text=_('The first that you may view'))


class PolicyMachinesSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text=_('How many the user of the policy may operate now'))
    results = VirtualMachineSerializer(nested=True, many=True, source='shown', help_text=_('The first you may view'))


class PolicyProblemSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField(source='info.title')
    hint = serializers.CharField(source='info.hint')
    detail = serializers.CharField()


class PolicyPreviewSerializer(serializers.Serializer):
    """What the policy would operate if it ran now, and when it runs next."""

    devices = serializers.SerializerMethodField()
    virtual_machines = serializers.SerializerMethodField()
    error = PolicyProblemSerializer(allow_null=True, help_text=_('Why it would start nothing'))
    next_times = serializers.ListField(child=serializers.DateTimeField())

    @extend_schema_field(PolicyDevicesSerializer(allow_null=True))
    def get_devices(self, preview):
        return self._part(preview, 'devices', PolicyDevicesSerializer)

    @extend_schema_field(PolicyMachinesSerializer(allow_null=True))
    def get_virtual_machines(self, preview):
        return self._part(preview, 'virtual_machines', PolicyMachinesSerializer)

    def _part(self, preview, name, serializer):
        part = preview['parts'].get(name)
        return None if part is None else serializer(part, context=self.context).data
