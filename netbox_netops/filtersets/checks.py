"""Filters of what checks of credentials found: statuses, their history, host keys, and who asked for secrets."""

import django_filters
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from netbox.filtersets import BaseFilterSet
from users.models import User
from utilities.filters import MultiValueCharFilter
from utilities.filtersets import register_filterset

from ..choices import HostKeyStateChoices, VerdictChoices
from ..models import Credential, CredentialChange, CredentialStatus, HostKey, Run, SecretAccess
from .base import MultiValueNetworkFilter, SearchFilterSet, TargetChildFilterSet, filter_condition

__all__ = (
    'CredentialChangeFilterSet',
    'CredentialStatusFilterSet',
    'HostKeyFilterSet',
    'SecretAccessFilterSet',
)


class _OfCredential(django_filters.FilterSet):
    credential_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Credential.objects.all(),
        distinct=False,
        label=_('Credential (ID)'),
    )
    credential = django_filters.ModelMultipleChoiceFilter(
        field_name='credential__name',
        queryset=Credential.objects.all(),
        distinct=False,
        to_field_name='name',
        label=_('Credential (name)'),
    )
    run_id = django_filters.ModelMultipleChoiceFilter(
        queryset=Run.objects.all(),
        distinct=False,
        label=_('Run (ID)'),
    )


@register_filterset
class CredentialStatusFilterSet(_OfCredential, TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    verdict = django_filters.MultipleChoiceFilter(
        choices=VerdictChoices,
        distinct=False,
        null_value=None,
    )
    paused = django_filters.BooleanFilter(method='filter_paused', label=_('Paused'))

    search_fields = ('target__name', 'credential__name', 'code', 'detail')

    class Meta:
        model = CredentialStatus
        fields = (*('id', 'code', 'detail', 'stage', 'latency_ms', 'checked', 'since', 'rejections', 'paused_until'),)

    def filter_paused(self, queryset, name, value):
        return filter_condition(queryset, Q(paused_until__gt=Now()), value)


@register_filterset
class CredentialChangeFilterSet(_OfCredential, TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    verdict = django_filters.MultipleChoiceFilter(
        choices=VerdictChoices,
        distinct=False,
        null_value=None,
    )
    old_verdict = django_filters.MultipleChoiceFilter(
        choices=VerdictChoices,
        distinct=False,
        null_value=None,
    )

    search_fields = ('target__name', 'credential__name', 'code', 'old_code')

    class Meta:
        model = CredentialChange
        fields = ('id', 'time', 'old_code', 'code')


@register_filterset
class HostKeyFilterSet(TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    state = django_filters.MultipleChoiceFilter(
        choices=HostKeyStateChoices,
        distinct=False,
        null_value=None,
    )
    address = MultiValueNetworkFilter(label=_('Address or prefix'))
    public_key = MultiValueCharFilter()
    approved_by_id = django_filters.ModelMultipleChoiceFilter(
        queryset=User.objects.all(),
        distinct=False,
        label=_('Decided by (ID)'),
    )
    approved_by = django_filters.ModelMultipleChoiceFilter(
        field_name='approved_by__username',
        queryset=User.objects.all(),
        distinct=False,
        to_field_name='username',
        label=_('Decided by (name)'),
    )

    search_fields = ('target__name', 'type', 'fingerprint')

    class Meta:
        model = HostKey
        fields = ('id', 'type', 'fingerprint', 'first_seen', 'last_seen', 'approved')


@register_filterset
class SecretAccessFilterSet(_OfCredential, TargetChildFilterSet, SearchFilterSet, BaseFilterSet):
    resolved = django_filters.BooleanFilter(method='filter_resolved', label=_('Found'))

    search_fields = ('credential_name', 'target_name', 'user', 'worker')

    class Meta:
        model = SecretAccess
        fields = (
            *('id', 'time', 'credential_name', 'target_name', 'user', 'worker', 'provider', 'code', 'milliseconds'),
        )

    def filter_resolved(self, queryset, name, value):
        return filter_condition(queryset, Q(code=''), value)
