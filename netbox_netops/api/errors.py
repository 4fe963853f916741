"""Refusals of the REST API: field errors beside one stable code."""

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.response import Response

from netops_worker.errors import ERRORS, NetOpsError

from ..dispatch import DispatchError

__all__ = (
    'forbidden',
    'refused',
    'refused_by_dispatch',
    'refused_to_steer',
)

# What an error of this field means when the error itself has no code of ours.
CODE_OF_FIELD = {
    'kind': 'kind:unknown',
    'options': 'options:invalid',
}


def refused(errors: dict) -> Response:
    """400 for the errors of a serializer."""
    codes = [
        detail.code if detail.code in ERRORS else CODE_OF_FIELD.get(field, 'selection:invalid')
        for field, details in errors.items()
        for detail in details
    ]
    # With several mistakes a specific code would hide the others.
    code = codes[0] if len(set(codes)) == 1 else 'selection:invalid'
    return Response({**errors, 'code': code}, status=status.HTTP_400_BAD_REQUEST)


def refused_by_dispatch(error: DispatchError, field: str = '') -> Response:
    """400, 403 or 409 for what dispatch refused; `field` replaces a field that this request does not have."""
    message = error.detail or f'{error.info.title}. {error.info.hint}'
    if error.code == 'permission:denied':
        return forbidden(message)
    if error.code.startswith('policy:'):
        return Response({'detail': message, 'code': error.code}, status=status.HTTP_409_CONFLICT)
    return Response(
        {field or error.field or NON_FIELD_ERRORS: [message], 'code': error.code}, status=status.HTTP_400_BAD_REQUEST
    )


def refused_to_steer(error: NetOpsError) -> Response:
    """400, 403 or 409 for what `steering` refused."""
    if error.code == 'permission:denied':
        return forbidden(error.detail or _('You may not carry out this operation on any of these devices.'))
    message = error.detail or f'{error.info.title}. {error.info.hint}'
    if error.code.startswith('run:'):
        return Response({'detail': message, 'code': error.code}, status=status.HTTP_409_CONFLICT)
    return Response({NON_FIELD_ERRORS: [message], 'code': error.code}, status=status.HTTP_400_BAD_REQUEST)


def forbidden(detail: str = '') -> Response:
    detail = detail or _('You do not have the permission to start this kind of run.')
    return Response({'detail': detail, 'code': 'permission:denied'}, status=status.HTTP_403_FORBIDDEN)
