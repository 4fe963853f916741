from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from utilities.views import get_viewname

from ..querysets import TargetChildQuerySet

__all__ = (
    'DatabaseForeignKey',
    'DatabaseOneToOneField',
    'FoundModel',
    'RowModel',
    'TargetChildModel',
)


class DatabaseForeignKey(models.ForeignKey):
    """A foreign key whose deletion rule the database carries out (see the migrations), not Django.

    Django would load every child row, and NetBox would send a signal for each: 2 ms a row, for millions of rows.
    """

    def __init__(self, to, **kwargs):
        kwargs.setdefault('on_delete', models.DO_NOTHING)
        super().__init__(to, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, 'django.db.models.ForeignKey', args, kwargs


class DatabaseOneToOneField(models.OneToOneField):
    """As DatabaseForeignKey, for at most one row."""

    def __init__(self, to, **kwargs):
        kwargs.setdefault('on_delete', models.DO_NOTHING)
        super().__init__(to, **kwargs)

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, 'django.db.models.OneToOneField', args, kwargs


class RowModel(models.Model):
    """A plain row: no changelog, no signals worth having, written by set-based SQL in bulk."""

    class Meta:
        abstract = True

    def get_absolute_url(self):
        return reverse(get_viewname(self), args=[self.pk])


class TargetChildModel(RowModel):
    objects = TargetChildQuerySet.as_manager()

    class Meta:
        abstract = True


class FoundModel(TargetChildModel):
    """A row of what scans found on a target. It is written only when something in it changed; when it was seen last is
    the time of the target's latest scan.

    The foreign key `target` needs no index of its own: the unique key of every such table begins with it.
    """

    changed_at = models.DateTimeField(
        verbose_name=_('last changed'), help_text=_('Start of the scan that saw the last change, counters aside')
    )

    class Meta:
        abstract = True
