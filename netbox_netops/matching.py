"""Which credentials apply to which targets, in the order in which they are to be tried."""

from collections import defaultdict
from collections.abc import Iterable

from dcim.models import DeviceRole, Platform

from .models import Credential, Target

__all__ = ('credentials_for',)

# Dimension of the scope -> attribute of the target. An empty dimension matches everything, as in config contexts.
_DIMENSIONS = {
    'sites': 'site_id',
    'tenants': 'tenant_id',
    'roles': 'role_id',
    'platforms': 'platform_id',
}


def credentials_for(targets: Iterable[Target], protocols: Iterable[str]) -> dict[int, list[Credential]]:
    """Map each target's primary key to its enabled credentials of these protocols.

    The one that worked last comes first, the others by weight and name. The number of queries does not depend on the
    number of targets.
    """
    credentials = list(Credential.objects.filter(enabled=True, protocol__in=tuple(protocols)))
    scopes = {credential.pk: {} for credential in credentials}
    for dimension, attribute in _DIMENSIONS.items():
        through = getattr(Credential, dimension).through
        column = f'{Credential._meta.get_field(dimension).related_model._meta.model_name}_id'
        for pk, value in through.objects.filter(credential__in=scopes).values_list('credential_id', column):
            scopes[pk].setdefault(attribute, set()).add(value)
    # Roles and platforms are trees: a scope on a branch covers everything below it.
    _add_descendants(scopes, 'role_id', DeviceRole)
    _add_descendants(scopes, 'platform_id', Platform)
    matched = {}
    for target in targets:
        applying = [
            credential
            for credential in credentials
            if all(getattr(target, name) in allowed for name, allowed in scopes[credential.pk].items())
        ]
        applying.sort(key=lambda credential: credential.pk != target.snmp_credential_id)
        matched[target.pk] = applying
    return matched


def _add_descendants(scopes: dict[int, dict[str, set]], attribute: str, model) -> None:
    scoped = [scope[attribute] for scope in scopes.values() if attribute in scope]
    if not scoped:
        return
    children = defaultdict(list)
    for pk, parent in model.objects.values_list('pk', 'parent_id'):
        children[parent].append(pk)
    for allowed in scoped:
        queue = list(allowed)
        while queue:
            below = children[queue.pop()]
            allowed.update(below)
            queue.extend(below)
