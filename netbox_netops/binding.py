"""Who may bind a secret: say which secret a credential refers to, and where it is sent.

Whoever may do that could have a secret of somebody else's sent to a listener of his own. So it takes the permission
`netops_bind_secret` on the credential, as it was and as it becomes, whichever way it is written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models.signals import post_delete, pre_delete
from django.utils import timezone
from django.utils.translation import gettext as _
from utilities.exceptions import PermissionsViolation

from netops_worker.errors import NetOpsError
from netops_worker.log import get_logger

from .errors import describe
from .matching import DIMENSIONS
from .models import Credential
from .models.credentials import SCOPE_FIELDS
from .protocols import FIELDS

__all__ = (
    'ACTION',
    'BindingDenied',
    'Bound',
    'bound',
    'check_binding',
    'connect',
)

logger = get_logger('netbox.netbox_netops.binding')

ACTION = 'netops_bind_secret'
# All but what it is called and when it is tried. To switch a credential off takes nothing more than to change it.
_COLUMNS = ('protocol', 'provider', *FIELDS, 'enabled')


class BindingDenied(PermissionsViolation):
    """`names`: of the fields that the user may not set or change."""

    code = 'permission:denied'

    def __init__(self, names: Collection[str]) -> None:
        labels = ', '.join(str(Credential._meta.get_field(name).verbose_name) for name in names)
        detail = _('Needs "netops_bind_secret" on the credential, before and after the change: {fields}')
        self.message = f'{describe(NetOpsError(self.code, detail.format(fields=labels)))} ({self.code})'
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Bound:
    """What is stored of a credential that matters here. `permitted`: whether the user may bind it as it is."""

    values: dict[str, Any]
    permitted: bool


def bound(user, pk: int | None) -> Bound | None:
    """As it is stored at the moment; None for a new one. Its row is locked until the end of the transaction, so that
    nothing can be put back to what a user saw before somebody else has changed it.
    """
    if pk is None:
        return None
    row = Credential.objects.filter(pk=pk).select_for_update(no_key=True).order_by().values(*_COLUMNS).first()
    if row is None:
        return None
    scope = {name: set() for name in SCOPE_FIELDS}
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE, {'pk': pk})
        for name, value in cursor.fetchall():
            scope[name].add(value)
    return Bound(row | scope, Credential.objects.restrict(user, ACTION).filter(pk=pk).exists())


def check_binding(user, pk: int, before: Bound | None) -> None:
    """To be called when all of the credential is saved. Raises BindingDenied; what was saved has to be rolled back."""
    after = bound(user, pk)
    old = before.values if before else {}
    changed = [name for name, value in after.values.items() if name not in old or old[name] != value]
    if before and not after.values['enabled']:
        changed = [name for name in changed if name != 'enabled']
    if changed and not (after.permitted and (before is None or before.permitted)):
        raise BindingDenied(changed)


_SCOPE = ' UNION ALL '.join(
    f"SELECT '{name}', {field.m2m_reverse_name()} FROM {field.m2m_db_table()} WHERE credential_id = %(pk)s"
    for name in SCOPE_FIELDS
    for field in (Credential._meta.get_field(name),)
)


# A scope that loses its last object would match everything


def connect() -> None:
    for dimension in DIMENSIONS:
        uid = f'netops_scope_{dimension.name}'
        pre_delete.connect(_about_to_delete, sender=dimension.model, dispatch_uid=f'{uid}_before')
        post_delete.connect(_deleted, sender=dimension.model, dispatch_uid=uid)


def _about_to_delete(instance, **kwargs):
    """Django asks before anything is deleted, also of several at once: only afterwards it is known what is left."""
    instance._netops_scopes = {
        dimension.name: pks
        for dimension in DIMENSIONS
        if isinstance(instance, dimension.model) and (pks := _named_by(dimension.name, instance.pk))
    }


def _deleted(instance, **kwargs):
    for name, pks in getattr(instance, '_netops_scopes', {}).items():
        # What refers to it may be deleted after it.
        there = {f'{_reverse(name)}__in': type(instance)._base_manager.values('pk')}
        left = _through(name).objects.filter(credential__in=pks, **there).values('credential')
        widened = Credential.objects.filter(pk__in=pks, stopped__isnull=True).exclude(pk__in=left)
        if stopped := widened.update(stopped=timezone.now(), stopped_code='credential:scope-lost'):
            logger.warning(f'{stopped} credentials are stopped: the last of their {name} was deleted')


def _through(name: str):
    return getattr(Credential, name).through


def _reverse(name: str) -> str:
    return Credential._meta.get_field(name).m2m_reverse_field_name()


def _named_by(name: str, pk: int) -> list[int]:
    return list(_through(name).objects.filter(**{_reverse(name): pk}).values_list('credential_id', flat=True))
