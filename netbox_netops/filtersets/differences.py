import django_filters
from dcim.models import Interface
from django.utils.translation import gettext_lazy as _
from ipam.models import IPAddress
from netbox.filtersets import BaseFilterSet
from utilities.filtersets import register_filterset
from virtualization.models import VMInterface

from ..choices import DifferenceKindChoices
from ..models import Difference
from .base import SearchFilterSet, TargetChildFilterSet

__all__ = ('DifferenceFilterSet',)


@register_filterset
class DifferenceFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    kind = django_filters.MultipleChoiceFilter(
        choices=DifferenceKindChoices,
        distinct=False,
        null_value=None,
    )
    interface_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Interface.objects.all(),
        distinct=False,
        label=_('Interface (ID)'),
    )
    vm_interface_id = django_filters.ModelMultipleChoiceFilter(
        queryset=VMInterface.objects.all(),
        distinct=False,
        label=_('VM interface (ID)'),
    )
    ip_address_id = django_filters.ModelMultipleChoiceFilter(
        queryset=IPAddress.objects.all(),
        distinct=False,
        label=_('IP address (ID)'),
    )

    search_fields = ('target__name', 'key', 'found', 'documented')

    class Meta:
        model = Difference
        fields = ('id', 'key', 'found', 'documented', 'applicable', 'ignored', 'first_seen')
