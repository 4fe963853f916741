"""Which credentials apply to which targets, why, and in which order they are to be tried."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from core.models import ObjectType
from dcim.models import Device, DeviceRole, Location, Platform, Region, Site
from django.db.models import Model, Q
from extras.models import Tag, TaggedItem
from tenancy.models import Tenant, TenantGroup
from virtualization.models import VirtualMachine

from .models import Credential, Target

__all__ = (
    'DIMENSIONS',
    'Dimension',
    'Match',
    'credentials_for',
    'explain',
    'in_scope',
)

# {target: what it belongs to in a dimension}
_Membership = dict[int, set[int]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of a credential's scope, as of a config context's. An empty one matches everything.

    `name`: of the credential's field. `tree`: a scope on a branch covers all below it. `members` maps targets to the
    primary keys of the objects that they belong to, with a constant number of queries; `condition` is the same the
    other way round: that a target belongs to one of the objects with these primary keys.
    """

    name: str
    model: type[Model]
    members: Callable[[Collection[Target]], _Membership]
    condition: Callable[[Collection[int]], Q]
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """That a credential applies to a target. `why`: {dimension: primary key of the object that its scope names}."""

    credential: Credential
    why: dict[str, int]


def credentials_for(
    targets: Iterable[Target], protocols: Iterable[str], *, stopped: bool = False
) -> dict[int, list[Credential]]:
    """Map each target's primary key to its enabled credentials of these protocols; with `stopped`, those as well.

    The one that worked last comes first, the others by weight and name. The number of queries does not depend on the
    number of targets.
    """
    found = _matches(targets, protocols)
    return {
        pk: [match.credential for match in matches if stopped or match.credential.stopped is None]
        for pk, matches in found.items()
    }


def explain(target: Target, protocols: Iterable[str]) -> list[Match]:
    """The credentials that apply to the target, in the order in which they are tried, each with the reason.

    Stopped ones are among them.
    """
    return _matches([target], protocols)[target.pk]


def in_scope(credential: Credential) -> Q:
    """The condition on targets that the scope of the credential imposes, enabled or not."""
    condition = Q()
    for dimension in DIMENSIONS:
        named = _named(dimension, [credential.pk]).get(credential.pk)
        if named:
            covered = _covered(dimension.model, [named]) if dimension.tree else {}
            condition &= dimension.condition({below for name in named for below in covered.get(name, (name,))})
    return condition


def _matches(targets: Iterable[Target], protocols: Iterable[str]) -> dict[int, list[Match]]:
    targets = list(targets)
    credentials = list(Credential.objects.filter(enabled=True, protocol__in=tuple(protocols)))
    scopes = {credential.pk: {} for credential in credentials}
    members = {}
    for dimension in DIMENSIONS:
        named = _named(dimension, scopes)
        if not named:
            continue
        members[dimension.name] = dimension.members(targets)
        covered = _covered(dimension.model, named.values()) if dimension.tree else {}
        for pk, objects in named.items():
            # {what a target may belong to: what the scope names}
            scopes[pk][dimension.name] = {below: name for name in objects for below in covered.get(name, (name,))}
    matched = {}
    for target in targets:
        found = [
            Match(credential, why)
            for credential in credentials
            if (why := _why(target.pk, scopes[credential.pk], members)) is not None
        ]
        found.sort(key=lambda match: match.credential.pk != target.snmp_credential_id)
        matched[target.pk] = found
    return matched


def _named(dimension: Dimension, credentials: Collection[int]) -> dict[int, set[int]]:
    """{credential: what its scope names in this dimension}"""
    through = getattr(Credential, dimension.name).through
    column = Credential._meta.get_field(dimension.name).m2m_reverse_name()
    named = defaultdict(set)
    for pk, value in through.objects.filter(credential__in=list(credentials)).values_list('credential_id', column):
        named[pk].add(value)
    return named


def _why(target: int, scope: Mapping[str, Mapping[int, int]], members: Mapping[str, _Membership]) -> dict | None:
    """By what the target is within the scope, or None."""
    why = {}
    for name, allowed in scope.items():
        # Of several tags the same one each time.
        found = next((pk for pk in sorted(members[name].get(target, ())) if pk in allowed), None)
        if found is None:
            return None
        why[name] = allowed[found]
    return why


def _covered(model: type[Model], named: Iterable[set[int]]) -> dict[int, set[int]]:
    """{node: itself and all below it}, of the nodes that any scope names."""
    children = defaultdict(list)
    for pk, parent in model.objects.values_list('pk', 'parent_id'):
        children[parent].append(pk)
    covered = {}
    for node in set().union(*named):
        below, queue = {node}, [node]
        while queue:
            found = children[queue.pop()]
            below.update(found)
            queue.extend(found)
        covered[node] = below
    return covered


# What targets belong to


def _column(name: str) -> Callable[[Collection[Target]], _Membership]:
    return lambda targets: {target.pk: {value} for target in targets if (value := getattr(target, name)) is not None}


def _through(column: str, model: type[Model], name: str) -> Callable[[Collection[Target]], _Membership]:
    """By a column of the object that a column of the target points at."""

    def members(targets: Collection[Target]) -> _Membership:
        keys = {target.pk: key for target in targets if (key := getattr(target, column)) is not None}
        values = dict(
            model.objects.filter(pk__in=set(keys.values()), **{f'{name}__isnull': False}).values_list('pk', name)
        )
        return {pk: {values[key]} for pk, key in keys.items() if key in values}

    return members


def _tags(targets: Collection[Target]) -> _Membership:
    members = defaultdict(set)
    for model, column in ((Device, 'device_id'), (VirtualMachine, 'virtual_machine_id')):
        owners = {key: target.pk for target in targets if (key := getattr(target, column)) is not None}
        if owners:
            tagged = TaggedItem.objects.filter(
                content_type=ObjectType.objects.get_for_model(model), object_id__in=owners
            )
            for key, tag in tagged.values_list('object_id', 'tag_id'):
                members[owners[key]].add(tag)
    return members


def _is(lookup: str) -> Callable[[Collection[int]], Q]:
    return lambda pks: Q(**{f'{lookup}__in': pks})


def _is_tagged(pks: Collection[int]) -> Q:
    # Subqueries, because joins would repeat a target with several of the tags.
    def owners(model):
        content_type = ObjectType.objects.get_for_model(model)
        return TaggedItem.objects.filter(content_type=content_type, tag__in=pks).values('object_id')

    return Q(device__in=owners(Device)) | Q(virtual_machine__in=owners(VirtualMachine))


DIMENSIONS = (
    Dimension('regions', Region, _through('site_id', Site, 'region_id'), _is('site__region'), tree=True),
    Dimension('sites', Site, _column('site_id'), _is('site')),
    Dimension('locations', Location, _through('device_id', Device, 'location_id'), _is('device__location'), tree=True),
    Dimension('roles', DeviceRole, _column('role_id'), _is('role'), tree=True),
    Dimension('platforms', Platform, _column('platform_id'), _is('platform'), tree=True),
    Dimension('tenant_groups', TenantGroup, _through('tenant_id', Tenant, 'group_id'), _is('tenant__group'), tree=True),
    Dimension('tenants', Tenant, _column('tenant_id'), _is('tenant')),
    Dimension('device_tags', Tag, _tags, _is_tagged),
    Dimension('devices', Device, _column('device_id'), _is('device')),
)
