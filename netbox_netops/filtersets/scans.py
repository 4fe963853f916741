import django_filters
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import BaseFilterSet
from utilities.filters import MultiValueNumberFilter
from utilities.filtersets import register_filterset

from ..models import Credential, Run, ScanResult
from .base import SearchFilterSet, TargetChildFilterSet

__all__ = ('ScanResultFilterSet',)


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

    interface_count = MultiValueNumberFilter(method='filter_interface_count', label=_('Interfaces'))

    search_fields = ('target__name', 'target__system__name', 'target__system__description')

    class Meta:
        model = ScanResult
        fields = (
            'id',
            'ok',
            'error_code',
            'started',
            'duration_ms',
            'worker',
            'uptime_ticks',
            'first',
            'change_count',
        )

    def filter_interface_count(self, queryset, name, value):
        return queryset.filter(counts__interfaces__in=value) if value else queryset
