from dcim.api.serializers import InterfaceSerializer
from django.utils.translation import gettext_lazy as _
from ipam.api.serializers import IPAddressSerializer
from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer
from rest_framework import serializers
from virtualization.api.serializers import VMInterfaceSerializer

from ...choices import DifferenceKindChoices
from ...models import Difference
from .fields import ErrorInfoField, IdListField
from .targets import TargetSerializer

__all__ = (
    'DifferenceApplySerializer',
    'DifferenceRefusedSerializer',
    'DifferenceReportSerializer',
    'DifferenceSerializer',
)


class DifferenceSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    kind = ChoiceField(choices=DifferenceKindChoices, read_only=True)
    interface = InterfaceSerializer(nested=True, read_only=True, allow_null=True)
    vm_interface = VMInterfaceSerializer(nested=True, read_only=True, allow_null=True)
    ip_address = IPAddressSerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = Difference
        fields = (
            'id',
            'url',
            'display_url',
            'display',
            'target',
            'kind',
            'key',
            'found',
            'documented',
            'applicable',
            'ignored',
            'first_seen',
            'interface',
            'vm_interface',
            'ip_address',
        )
        read_only_fields = tuple(name for name in fields if name != 'ignored')
        brief_fields = ('id', 'url', 'display', 'kind', 'key', 'found', 'documented', 'ignored')


class DifferenceApplySerializer(serializers.Serializer):
    ids = IdListField(help_text=_('IDs of differences: all of them are applied, or none'))

    def validate_ids(self, value):
        if not value:
            raise serializers.ValidationError(
                _('Select at least one difference; nothing was changed.'), code='selection:empty'
            )
        return value


class DifferenceRefusedSerializer(serializers.Serializer):
    """A stable error code, and what is wrong with the IDs."""

    code = serializers.CharField()
    ids = serializers.ListField(child=serializers.CharField(), required=False)


class DifferenceOutcomeSerializer(serializers.Serializer):
    """`code`: why it was not applied, empty if it was."""

    id = serializers.IntegerField()
    applied = serializers.SerializerMethodField()
    code = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    error = ErrorInfoField(source='code')

    def get_applied(self, outcome) -> bool:
        return not outcome.code


class DifferenceReportSerializer(serializers.Serializer):
    applied = serializers.BooleanField()
    results = DifferenceOutcomeSerializer(many=True, source='outcomes')
