from netbox.api.fields import ChoiceField
from netbox.api.serializers import BaseModelSerializer
from users.api.serializers import UserSerializer

from ...choices import HostKeyStateChoices, VerdictChoices
from ...models import CredentialChange, CredentialStatus, HostKey, SecretAccess
from .credentials import CredentialSerializer
from .fields import ErrorInfoField
from .runs import RunSerializer
from .targets import TargetSerializer

__all__ = (
    'CredentialChangeSerializer',
    'CredentialStatusSerializer',
    'HostKeySerializer',
    'SecretAccessSerializer',
)


class CredentialStatusSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    credential = CredentialSerializer(nested=True, read_only=True)
    verdict = ChoiceField(choices=VerdictChoices, read_only=True)
    error = ErrorInfoField(source='code')
    run = RunSerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = CredentialStatus
        fields = (
            *('id', 'url', 'display_url', 'display', 'target', 'credential', 'verdict', 'code', 'detail', 'error'),
            *('stage', 'latency_ms', 'server', 'checked', 'since', 'rejections', 'paused_until', 'run'),
        )
        brief_fields = ('id', 'url', 'display', 'verdict', 'code', 'checked')


class CredentialChangeSerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    credential = CredentialSerializer(nested=True, read_only=True)
    old_verdict = ChoiceField(choices=VerdictChoices, read_only=True)
    verdict = ChoiceField(choices=VerdictChoices, read_only=True)
    error = ErrorInfoField(source='code')
    run = RunSerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = CredentialChange
        fields = (
            *('id', 'url', 'display_url', 'display', 'time', 'target', 'credential', 'old_verdict', 'old_code'),
            *('verdict', 'code', 'error', 'run'),
        )
        brief_fields = ('id', 'url', 'display', 'time', 'verdict', 'code')


class HostKeySerializer(BaseModelSerializer):
    target = TargetSerializer(nested=True, read_only=True)
    state = ChoiceField(choices=HostKeyStateChoices, read_only=True)
    approved_by = UserSerializer(nested=True, read_only=True, allow_null=True)

    class Meta:
        model = HostKey
        fields = (
            *('id', 'url', 'display_url', 'display', 'target', 'type', 'fingerprint', 'public_key', 'state'),
            *('address', 'first_seen', 'last_seen', 'approved_by', 'approved'),
        )
        brief_fields = ('id', 'url', 'display', 'type', 'fingerprint', 'state')


class SecretAccessSerializer(BaseModelSerializer):
    credential = CredentialSerializer(nested=True, read_only=True, allow_null=True)
    target = TargetSerializer(nested=True, read_only=True, allow_null=True)
    run = RunSerializer(nested=True, read_only=True, allow_null=True)
    error = ErrorInfoField(source='code')

    class Meta:
        model = SecretAccess
        fields = (
            *('id', 'url', 'display_url', 'display', 'time', 'credential', 'credential_name', 'target', 'target_name'),
            *('run', 'user', 'worker', 'provider', 'code', 'error', 'milliseconds'),
        )
        brief_fields = ('id', 'url', 'display', 'time', 'credential_name', 'target_name', 'code')
