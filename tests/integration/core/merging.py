"""What the tests of merging scan results share."""

from datetime import timedelta

from django.db import connection, transaction
from utilities.testing import TestCase

from netbox_netops.results.scans import merge_scans
from tests.integration.factories import NOON, make_scan_result, make_target

__all__ = ('MINUTE', 'MergeCase')

MINUTE = timedelta(minutes=1)


class MergeCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.target = make_target('r1')

    def merge(self, data, *, at=NOON, target=None, **values):
        """Merge one result; returns the row of its history."""
        target = target or self.target
        self.write(make_scan_result(target, data, at=at, **values))
        return target.scans.get(started=at)

    def write(self, *results):
        with transaction.atomic():
            merge_scans(results)

    def places(self, model):
        """Where PostgreSQL keeps the rows of the table: every write moves them."""
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT id, ctid::text, xmin::text FROM {model._meta.db_table} ORDER BY id')
            return cursor.fetchall()
