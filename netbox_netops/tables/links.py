"""What the rows of a page mean in NetBox, looked up for all of them together."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import django_tables2 as tables
from django.db.models import Model

__all__ = ('LinkedTable',)


class LinkedTable(tables.Table):
    """`links`: what `find_links` has found for the rows of the page that is shown, by the id of the row."""

    _user = None

    def configure(self, request):
        self._user = request.user
        super().configure(request)

    @cached_property
    def links(self) -> dict[int, Any]:
        page = getattr(self, 'page', None)
        if self._user is None or page is None:
            return {}
        return self.find_links([row.record for row in page.object_list], self._user)

    def find_links(self, records: Sequence[Model], user) -> dict[int, Any]:
        raise NotImplementedError
