from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from netops_worker.errors import ERRORS

__all__ = (
    'ErrorInfoField',
    'IdListField',
)

# The largest primary key PostgreSQL can hold; a larger number would fail in the database instead of here.
MAX_ID = 2**63 - 1


class NetOpsErrorInfoSerializer(serializers.Serializer):
    """What an error code means: what happened, and what to do."""

    title = serializers.CharField()
    hint = serializers.CharField()


@extend_schema_field(NetOpsErrorInfoSerializer(allow_null=True))
class ErrorInfoField(serializers.Field):
    """The meaning of the error code in `source`; null when there was no error."""

    def __init__(self, **kwargs):
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, code):
        info = ERRORS.get(code)
        return {'title': info.title, 'hint': info.hint} if info else None


class IdListField(serializers.ListField):
    """Primary keys, each once. Checked in one pass: a request may name every device of a fleet."""

    child = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    default_error_messages = {
        'not_an_id': _('Not an ID: {value}'),
    }

    def to_internal_value(self, data):
        if not isinstance(data, list):
            self.fail('not_a_list', input_type=type(data).__name__)
        for value in data:
            # A bool is an int to Python, but not to a person.
            if type(value) is not int or not 1 <= value <= MAX_ID:
                self.fail('not_an_id', value=repr(value)[:50])
        return list(dict.fromkeys(data))
