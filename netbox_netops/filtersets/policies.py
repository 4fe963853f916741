import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import PrimaryModelFilterSet
from users.models import User
from utilities.filtersets import register_filterset

from ..choices import RunKindChoices
from ..models import Policy, Run
from .base import SearchFilterSet, filter_condition

__all__ = ('PolicyFilterSet',)

_SCHEDULED = ~Q(cron='') | Q(interval__isnull=False)


@register_filterset
class PolicyFilterSet(SearchFilterSet, PrimaryModelFilterSet):
    kind = django_filters.MultipleChoiceFilter(
        choices=RunKindChoices,
        distinct=False,
        null_value=None,
    )
    scheduled = django_filters.BooleanFilter(method='filter_scheduled', label=_('Has a schedule'))
    run_as_id = django_filters.ModelMultipleChoiceFilter(
        queryset=User.objects.all(),
        distinct=False,
        label=_('Runs as (ID)'),
    )
    run_as = django_filters.ModelMultipleChoiceFilter(
        field_name='run_as__username',
        queryset=User.objects.all(),
        distinct=False,
        to_field_name='username',
        label=_('Runs as (user name)'),
    )
    last_run_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Run.objects.all(),
        distinct=False,
        label=_('Last run (ID)'),
    )

    search_fields = ('name', 'description', 'comments')

    class Meta:
        model = Policy
        fields = (
            *('id', 'name', 'enabled', 'cron', 'interval', 'concurrency', 'rate'),
            *('next_run', 'last_fired', 'last_outcome', 'description'),
        )

    def filter_scheduled(self, queryset, name, value):
        return filter_condition(queryset, _SCHEDULED, value)
