import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import BaseFilterSet
from users.models import User
from utilities.filtersets import register_filterset

from ..choices import RunKindChoices, RunStatusChoices, RunTargetStateChoices
from ..models import Gateway, Policy, Run, RunTarget
from .base import SearchFilterSet, TargetChildFilterSet

__all__ = (
    'RunFilterSet',
    'RunTargetFilterSet',
)


@register_filterset
class RunFilterSet(SearchFilterSet, BaseFilterSet):
    kind = django_filters.MultipleChoiceFilter(
        choices=RunKindChoices,
        distinct=False,
        null_value=None,
    )
    status = django_filters.MultipleChoiceFilter(
        choices=RunStatusChoices,
        distinct=False,
        null_value=None,
    )
    active = django_filters.BooleanFilter(method='filter_active', label=_('Queued or running'))
    requested_by_id = django_filters.ModelMultipleChoiceFilter(
        queryset=User.objects.all(),
        distinct=False,
        label=_('Requested by (ID)'),
    )
    requested_by = django_filters.ModelMultipleChoiceFilter(
        field_name='requested_by__username',
        queryset=User.objects.all(),
        distinct=False,
        to_field_name='username',
        label=_('Requested by (user name)'),
    )
    cancelled_by_id = django_filters.ModelMultipleChoiceFilter(
        queryset=User.objects.all(),
        distinct=False,
        label=_('Cancelled by (ID)'),
    )
    cancelled_by = django_filters.ModelMultipleChoiceFilter(
        field_name='cancelled_by__username',
        queryset=User.objects.all(),
        distinct=False,
        to_field_name='username',
        label=_('Cancelled by (user name)'),
    )
    policy_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Policy.objects.all(),
        distinct=False,
        label=_('Policy (ID)'),
    )
    policy = django_filters.ModelMultipleChoiceFilter(
        field_name='policy__name',
        queryset=Policy.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Policy (name)'),
    )

    class Meta:
        model = Run
        fields = (
            'id',
            'reason',
            'interactive',
            'total',
            'succeeded',
            'failed',
            'created',
            'started',
            'finished',
            'expires',
            'cancelled',
        )

    def filter_active(self, queryset, name, value):
        condition = Q(status__in=RunStatusChoices.ACTIVE)
        return queryset.filter(condition if value else ~condition)

    def search(self, queryset, name, value):
        """By reason or by number, with or without the # it is shown with."""
        value = value.strip()
        if not value:
            return queryset
        condition = Q(reason__icontains=value)
        number = value.removeprefix('#')
        # isdecimal() alone would also let foreign digits and numbers beyond any id through.
        if number.isascii() and number.isdecimal() and len(number) < 19:
            condition |= Q(pk=int(number))
        return queryset.filter(condition)


@register_filterset
class RunTargetFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    run_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Run.objects.all(),
        distinct=False,
        label=_('Run (ID)'),
    )
    kind = django_filters.MultipleChoiceFilter(
        field_name='run__kind',
        choices=RunKindChoices,
        distinct=False,
        null_value=None,
        label=_('Kind'),
    )
    state = django_filters.MultipleChoiceFilter(
        choices=RunTargetStateChoices,
        distinct=False,
        null_value=None,
    )

    gateway_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Gateway.objects.all(),
        distinct=False,
        label=_('Gateway (ID)'),
    )
    gateway = django_filters.ModelMultipleChoiceFilter(
        field_name='gateway__slug',
        queryset=Gateway.objects.all(),
        distinct=False,
        to_field_name='slug',
        label=_('Gateway (slug)'),
    )

    search_fields = ('name', 'error_code', 'error_detail')

    class Meta:
        model = RunTarget
        fields = (
            'id',
            'name',
            'exclusive',
            'attempt',
            'next_attempt',
            'blocked',
            'cancel',
            'urgent',
            'returns',
            'expires',
            'started',
            'finished',
            'worker',
            'error_code',
        )
