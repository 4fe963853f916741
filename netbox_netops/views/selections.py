"""What is selected in a list: rows by their check boxes, or all that match its filters."""

from django.db.models import QuerySet
from netbox.views.generic.base import BaseMultiObjectView
from utilities.views import GetReturnURLMixin

__all__ = (
    'SelectionView',
    'primary_keys',
)

# The largest primary key PostgreSQL can hold.
_MOST = 2**63 - 1


class SelectionView(GetReturnURLMixin, BaseMultiObjectView):
    """Works on the selected rows, or on all that match the filters of the list."""

    http_method_names = ('post', 'options')
    filterset: type
    permission: str

    def get_required_permission(self):
        return self.permission

    def get_selection(self, request) -> QuerySet:
        if not request.POST.get('_all'):
            return self.queryset.filter(pk__in=primary_keys(request.POST.getlist('pk')))
        filterset = self.filterset(request.GET, self.queryset, request=request)
        # What cannot be used NetBox passes over, which would select more than was meant.
        return filterset.qs if filterset.is_valid() else self.queryset.none()


def primary_keys(values: list[str]) -> list[int]:
    """The numbers among these texts of a form."""
    return [int(value) for value in values if value.isascii() and value.isdecimal() and int(value) <= _MOST]
