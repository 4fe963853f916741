from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from ...drift.apply import apply
from ...filtersets import DifferenceFilterSet
from ...models import Difference
from ..errors import refused
from ..permissions import ApplyPermission
from ..serializers import DifferenceSerializer
from ..serializers_.differences import (
    DifferenceApplySerializer,
    DifferenceRefusedSerializer,
    DifferenceReportSerializer,
)
from .base import RowViewSet, device_prefetch

__all__ = ('DifferenceViewSet',)


class DifferenceViewSet(RowViewSet):
    queryset = Difference.objects.all()
    serializer_class = DifferenceSerializer
    filterset_class = DifferenceFilterSet
    field_prefetches = {
        ('target',): (device_prefetch('target__device'),),
        ('interface',): (device_prefetch('interface__device'),),
    }

    def get_permissions(self):
        if self.action == 'apply':
            return [ApplyPermission()]
        return super().get_permissions()

    @extend_schema(request=DifferenceSerializer, responses={200: DifferenceSerializer})
    def partial_update(self, request, *args, **kwargs):
        """Only `ignored` can be changed."""
        difference = self.get_object()
        serializer = self.get_serializer(difference, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        ignored = serializer.validated_data.get('ignored', difference.ignored)
        with transaction.atomic():
            # Not by save(): a comparison may have replaced the row by one that says something else.
            if not Difference.objects.filter(pk=difference.pk).update(ignored=ignored):
                raise Http404
            if not self.queryset.filter(pk=difference.pk).exists():
                raise PermissionDenied
        return Response(self.get_serializer(self.get_queryset().get(pk=difference.pk)).data)

    @extend_schema(
        request=DifferenceApplySerializer,
        responses={
            200: DifferenceReportSerializer,
            400: DifferenceRefusedSerializer,
            403: DifferenceReportSerializer,
            409: DifferenceReportSerializer,
        },
    )
    @action(detail=False, methods=['post'], filterset_class=None, pagination_class=None)
    def apply(self, request):
        """
        Write what was found to NetBox's own objects: all of the differences or none. Needs the permission to edit these
        objects by hand, and to view the differences. Refused with 403 for lack of permissions, else with 409.
        """
        wanted = DifferenceApplySerializer(data=request.data)
        if not wanted.is_valid():
            return refused(wanted.errors)
        # NetBox's changelog knows the request of Django.
        report = apply(wanted.validated_data['ids'], request._request)
        codes = {outcome.code for outcome in report.outcomes} - {'', 'drift:withheld'}
        if report.applied:
            code = status.HTTP_200_OK
        elif codes == {'permission:denied'}:
            code = status.HTTP_403_FORBIDDEN
        else:
            code = status.HTTP_409_CONFLICT
        return Response(DifferenceReportSerializer(report).data, status=code)
