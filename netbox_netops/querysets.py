"""Who sees what: state rows follow the view permission of the device or virtual machine they belong to."""

from dcim.models import Device
from django.db.models import Q
from utilities.querysets import RestrictedQuerySet
from virtualization.models import VirtualMachine

__all__ = (
    'TargetChildQuerySet',
    'TargetQuerySet',
    'permitted_targets',
)


def permitted_targets(user, prefix: str = '', action: str = 'view') -> Q | None:
    """The condition on targets (below `prefix`, ending in `__`) that the user's rights on devices and VMs impose.

    None means no restriction. A target whose object was deleted counts for those who have the right on all devices:
    nothing is left that a constraint could be checked against.
    """
    devices = Device.objects.restrict(user, action)
    machines = VirtualMachine.objects.restrict(user, action)
    all_devices, all_machines = _is_everything(devices), _is_everything(machines)
    if all_devices and all_machines:
        return None
    device = Q(**{f'{prefix}device__isnull': False})
    if not all_devices:
        device = Q(**{f'{prefix}device__in': devices.values('pk')})
    machine = Q(**{f'{prefix}virtual_machine__isnull': False})
    if not all_machines:
        machine = Q(**{f'{prefix}virtual_machine__in': machines.values('pk')})
    permitted = device | machine
    if all_devices:
        permitted |= Q(**{f'{prefix}device__isnull': True, f'{prefix}virtual_machine__isnull': True})
    return permitted


def _is_everything(queryset) -> bool:
    return not queryset.query.where and not queryset.query.is_empty()


class TargetQuerySet(RestrictedQuerySet):
    """For Target itself."""

    target_prefix = ''

    def restrict(self, user, action='view'):
        queryset = super().restrict(user, action)
        permitted = permitted_targets(user, self.target_prefix)
        return queryset if permitted is None else queryset.filter(permitted)


class TargetChildQuerySet(TargetQuerySet):
    """For rows that belong to a target by the foreign key `target`."""

    target_prefix = 'target__'
