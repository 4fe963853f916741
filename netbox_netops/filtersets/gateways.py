import django_filters
from dcim.models import Site
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import PrimaryModelFilterSet
from utilities.filtersets import register_filterset

from ..models import Gateway
from .base import SearchFilterSet

__all__ = ('GatewayFilterSet',)


@register_filterset
class GatewayFilterSet(SearchFilterSet, PrimaryModelFilterSet):
    site_id = django_filters.ModelMultipleChoiceFilter(
        field_name='sites',
        queryset=Site.objects.all(),
        label=_('Site (ID)'),
    )
    site = django_filters.ModelMultipleChoiceFilter(
        field_name='sites__slug',
        queryset=Site.objects.all(),
        to_field_name='slug',
        label=_('Site (slug)'),
    )

    search_fields = ('name', 'slug', 'description', 'comments', 'last_worker')

    class Meta:
        model = Gateway
        fields = ('id', 'name', 'slug', 'enabled', 'last_seen', 'last_worker', 'description')
