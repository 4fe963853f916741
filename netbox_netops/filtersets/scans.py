import django_filters
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import BaseFilterSet
from utilities.filtersets import register_filterset

from ..choices import InterfaceStatusChoices
from ..models import Credential, InterfaceState, Run, ScanResult
from .base import SearchFilterSet, TargetChildFilterSet

__all__ = (
    'InterfaceStateFilterSet',
    'ScanResultFilterSet',
)


@register_filterset
class ScanResultFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    run_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Run.objects.all(),
        distinct=False,
        label=_('Run (ID)'),
    )
    credential_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Credential.objects.all(),
        distinct=False,
        label=_('Credential (ID)'),
    )

    search_fields = ('target__name', 'sys_name', 'sys_description')

    class Meta:
        model = ScanResult
        fields = (
            'id',
            'ok',
            'error_code',
            'started',
            'duration_ms',
            'worker',
            'sys_name',
            'sys_description',
            'sys_object_id',
            'sys_contact',
            'sys_location',
            'uptime_ticks',
            'interface_count',
        )


@register_filterset
class InterfaceStateFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    admin_status = django_filters.MultipleChoiceFilter(
        choices=InterfaceStatusChoices,
        distinct=False,
        null_value=None,
    )
    oper_status = django_filters.MultipleChoiceFilter(
        choices=InterfaceStatusChoices,
        distinct=False,
        null_value=None,
    )

    search_fields = ('name', 'description', 'alias', 'mac')

    class Meta:
        model = InterfaceState
        fields = (
            'id',
            'index',
            'name',
            'description',
            'alias',
            'type',
            'mtu',
            'speed',
            'mac',
            'last_change',
            'oper_since',
            'changed_at',
        )
