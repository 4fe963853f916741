"""The request that starts a run, and its two answers."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from netops_worker.errors import NetOpsError

from ...choices import RunKindChoices
from ...errors import describe
from ...kinds import KINDS
from ...scope import unsafe_text
from ..selection import select_devices
from .fields import IdListField
from .runs import RunSerializer

__all__ = (
    'RunRefusedSerializer',
    'RunStartSerializer',
    'RunStartedSerializer',
)

SELECTION = ('devices', 'virtual_machines', 'filter')


class RunStartSerializer(serializers.Serializer):
    """What to run, on which devices and virtual machines."""

    kind = serializers.ChoiceField(choices=list(RunKindChoices))
    devices = IdListField(required=False, help_text=_('IDs of devices'))
    virtual_machines = IdListField(required=False, help_text=_('IDs of virtual machines'))
    filter = serializers.DictField(
        required=False,
        help_text=_('Instead of devices: parameters of the device list, each a value or a list of values'),
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    options = serializers.DictField(required=False, help_text=_('Options of the kind of run'))

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        errors = {}
        for key, value in data.items():
            if unsafe_text(key):
                errors['__all__'] = [_('The name of a field contains characters that cannot be stored.')]
            elif key == 'code':
                # The answer uses this key for the error code.
                errors['__all__'] = [_('Unknown field: code')]
            elif key not in self.fields:
                errors[key] = [_('Unknown field.')]
            elif unsafe_text(value):
                errors[key] = [_('Contains characters that cannot be stored.')]
        if errors:
            # Errors of known fields are worth reporting too, so that one answer names everything.
            checkable = {key: value for key, value in data.items() if key in self.fields and key not in errors}
            try:
                super().to_internal_value(checkable)
            except serializers.ValidationError as error:
                errors = {**error.detail, **errors}
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)

    def validate_filter(self, value):
        return select_devices(value, self.context['request'])

    def validate(self, attrs):
        given = [name for name in SELECTION if name in attrs]
        if not KINDS[attrs['kind']].per_target:
            if given:
                raise serializers.ValidationError({name: [_('This kind of run takes no devices.')] for name in given})
            return attrs
        if 'devices' in attrs and 'filter' in attrs:
            raise serializers.ValidationError({'filter': [_('Give either devices or a filter, not both.')]})
        if 'filter' not in attrs and not any(attrs.get(name) for name in given):
            message = _('Select at least one device; nothing was started.')
            raise serializers.ValidationError(
                {name: [message] for name in given or ['devices']}, code='selection:empty'
            )
        return attrs


class RunWarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    text = serializers.CharField()


class DispatchSerializer(serializers.Serializer):
    """What became of the request."""

    created = serializers.BooleanField(help_text=_('False when all targets were already being worked on'))
    queued = serializers.IntegerField(help_text=_('Targets that this request added'))
    joined = serializers.DictField(
        child=serializers.IntegerField(),
        help_text=_('Active runs that already hold some of the targets, with the number of these'),
    )
    warnings = serializers.SerializerMethodField()

    @extend_schema_field(RunWarningSerializer(many=True))
    def get_warnings(self, dispatch):
        codes = []
        if dispatch.pause:
            codes.append('waiting:paused')
        if dispatch.no_worker:
            codes.append('queue:no-worker')
        return [{'code': code, 'text': describe(NetOpsError(code))} for code in codes]


class RunStartedSerializer(RunSerializer):
    dispatch = DispatchSerializer(read_only=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, 'dispatch')


class RunRefusedSerializer(serializers.Serializer):
    """A stable error code. Beside it, each field at fault has a list of messages, `__all__` those of no field."""

    code = serializers.CharField()
    kind = serializers.ListField(child=serializers.CharField(), required=False)
    devices = serializers.ListField(child=serializers.CharField(), required=False)
    virtual_machines = serializers.ListField(child=serializers.CharField(), required=False)
    filter = serializers.ListField(child=serializers.CharField(), required=False)
    reason = serializers.ListField(child=serializers.CharField(), required=False)
    options = serializers.ListField(child=serializers.CharField(), required=False)


class RunForbiddenSerializer(serializers.Serializer):
    code = serializers.CharField(required=False)
    detail = serializers.CharField()
