"""Targets follow their objects: a change of a device, virtual machine or address refreshes the targets it concerns, and
a new or renamed interface the links to it. What differs from the latest scan is compared anew after any of them.

Changes are collected per transaction and refreshed once when it commits, so that an import of 500 devices costs one
refresh, and a rolled back change none.
"""

import threading

from dcim.models import CablePath, Device, Interface, MACAddress, VirtualChassis
from dcim.utils import decompile_path_node
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils import timezone
from extras.models import ConfigContext
from ipam.models import IPAddress
from virtualization.models import VirtualMachine, VMInterface

from netops_worker.log import get_logger

from .choices import DifferenceKindChoices, RunTargetStateChoices, TargetStatusChoices
from .dispatch import ring_all
from .drift.compare import compare
from .inventory import CONTEXT_KEY, sync
from .lifecycle import wake
from .models import Run, RunTarget
from .results.links import relink

__all__ = ('connect',)

logger = get_logger('netbox.netbox_netops.signals')

# Targets that a change in NetBox compares at once.
_MOST_COMPARED = 100


class _Pending(threading.local):
    """What the current thread's transaction has changed. Left-overs of a roll-back are refreshed with the next one."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.devices: set[int] = set()
        self.machines: set[int] = set()
        self.addresses: set[int] = set()
        self.chassis: set[int] = set()
        # Owners of interfaces that were made or renamed.
        self.interface_devices: set[int] = set()
        self.interface_machines: set[int] = set()
        # Interfaces of which an address, a MAC address or the cable has changed.
        self.interfaces: set[int] = set()
        self.vm_interfaces: set[int] = set()
        # To be compared, whatever they belong to.
        self.targets: set[int] = set()


_pending = _Pending()


def connect() -> None:
    post_save.connect(_device_saved, sender=Device, dispatch_uid='netops_device_saved')
    post_save.connect(_machine_saved, sender=VirtualMachine, dispatch_uid='netops_machine_saved')
    post_save.connect(_address_saved, sender=IPAddress, dispatch_uid='netops_address_saved')
    post_save.connect(_chassis_saved, sender=VirtualChassis, dispatch_uid='netops_chassis_saved')
    post_save.connect(_interface_saved, sender=Interface, dispatch_uid='netops_interface_saved')
    post_save.connect(_vm_interface_saved, sender=VMInterface, dispatch_uid='netops_vm_interface_saved')
    for model in (IPAddress, MACAddress):
        post_save.connect(_assignment_changed, sender=model, dispatch_uid=f'netops_{model.__name__}_assigned')
        post_delete.connect(_assignment_changed, sender=model, dispatch_uid=f'netops_{model.__name__}_unassigned')
    post_save.connect(_path_changed, sender=CablePath, dispatch_uid='netops_path_saved')
    post_delete.connect(_path_changed, sender=CablePath, dispatch_uid='netops_path_deleted')
    post_delete.connect(_interface_saved, sender=Interface, dispatch_uid='netops_interface_deleted')
    post_delete.connect(_vm_interface_saved, sender=VMInterface, dispatch_uid='netops_vm_interface_deleted')
    pre_delete.connect(_object_deleted, sender=Device, dispatch_uid='netops_device_deleted')
    pre_delete.connect(_object_deleted, sender=VirtualMachine, dispatch_uid='netops_machine_deleted')
    pre_delete.connect(_run_deleted, sender=Run, dispatch_uid='netops_run_deleted')
    post_save.connect(_context_changed, sender=ConfigContext, dispatch_uid='netops_context_saved')
    post_delete.connect(_context_changed, sender=ConfigContext, dispatch_uid='netops_context_deleted')


def _device_saved(instance, raw=False, **kwargs):
    if not raw:
        _pending.devices.add(instance.pk)
        transaction.on_commit(_refresh)


def _machine_saved(instance, raw=False, **kwargs):
    if not raw:
        _pending.machines.add(instance.pk)
        transaction.on_commit(_refresh)


def _address_saved(instance, created, raw=False, **kwargs):
    # A new address is nobody's primary one yet: the device is saved for that.
    if not raw and not created:
        _pending.addresses.add(instance.pk)
        transaction.on_commit(_refresh)


def _chassis_saved(instance, raw=False, **kwargs):
    if not raw:
        _pending.chassis.add(instance.pk)
        transaction.on_commit(_refresh)


def _interface_saved(instance, raw=False, **kwargs):
    if not raw:
        _pending.interface_devices.add(instance.device_id)
        transaction.on_commit(_refresh)


def _vm_interface_saved(instance, raw=False, **kwargs):
    if not raw:
        _pending.interface_machines.add(instance.virtual_machine_id)
        transaction.on_commit(_refresh)


def _assignment_changed(instance, raw=False, **kwargs):
    """An address or MAC address: the interface it has now, and the one it had when it was loaded."""
    if raw:
        return
    for type_id, pk in (
        (instance.assigned_object_type_id, instance.assigned_object_id),
        (instance._original_assigned_object_type_id, instance._original_assigned_object_id),
    ):
        if type_id and pk:
            _add_interface(type_id, pk)


def _path_changed(instance, raw=False, **kwargs):
    """A path starts at the interfaces whose cable it is; there is another one for the opposite direction."""
    if not raw and instance.path:
        for node in instance.path[0]:
            _add_interface(*decompile_path_node(node))


def _add_interface(type_id: int, pk: int) -> None:
    model = ContentType.objects.get_for_id(type_id).model_class()
    if model in (Interface, VMInterface):
        (_pending.interfaces if model is Interface else _pending.vm_interfaces).add(pk)
        transaction.on_commit(_refresh)


def _object_deleted(instance, using, **kwargs):
    """The history of its target stays. What differs from an object that is not there means nothing any more."""
    from .models import Difference, Target

    field = 'device' if isinstance(instance, Device) else 'virtual_machine'
    target_ids = list(Target.objects.filter(**{field: instance}).values_list('pk', flat=True))
    # In this order: the update waits for a comparison that is at work on the target.
    Target.objects.filter(pk__in=target_ids).update(
        **{field: None}, status=TargetStatusChoices.RETIRED, synced_at=timezone.now()
    )
    # For the ORM each row would be an object that signals are sent for.
    Difference.objects.filter(target__in=target_ids)._raw_delete(using)
    if field == 'device':
        _device_deleted(instance)


def _device_deleted(device: Device) -> None:
    """Other targets may have missed its interfaces, or a cable to it."""
    from .models import Difference

    ports = list(Interface.objects.filter(device=device).order_by().values_list('pk', flat=True))
    # Of a neighbour whose port is not known the name is all there is.
    heard = Q(data__remote_interface__in=ports) | Q(found=device.name)
    rows = Difference.objects.filter(heard, kind=DifferenceKindChoices.NEIGHBOUR_UNCABLED).order_by()
    _pending.targets.update(rows.values_list('target_id', flat=True))
    if device.virtual_chassis_id:
        _pending.chassis.add(device.virtual_chassis_id)
    transaction.on_commit(_refresh)


def _run_deleted(instance, **kwargs):
    """Its rows before the run itself, as those who write results do: otherwise each could wait for the other."""
    if instance.is_active:
        active = RunTarget.objects.filter(run=instance, state__in=RunTargetStateChoices.ACTIVE)
        # Nothing is done with them: they are locked.
        len(active.order_by('pk').select_for_update().values_list('pk'))


def _context_changed(instance, raw=False, **kwargs):
    """A context reaches any number of devices: leave it to a sync in the background."""
    before = (getattr(instance, '_prechange_snapshot', None) or {}).get('data') or {}
    if not raw and (CONTEXT_KEY in (instance.data or {}) or CONTEXT_KEY in before):
        transaction.on_commit(_request_sync)


def _request_sync():
    from . import dispatch

    dispatch.request_sync('config context changed')


def _refresh():
    devices, machines = set(_pending.devices), set(_pending.machines)
    addresses, chassis = set(_pending.addresses), set(_pending.chassis)
    interface_devices, interface_machines = set(_pending.interface_devices), set(_pending.interface_machines)
    interfaces, vm_interfaces = set(_pending.interfaces), set(_pending.vm_interfaces)
    targets = set(_pending.targets)
    _pending.clear()
    if addresses:
        primary = Q(primary_ip4__in=addresses) | Q(primary_ip6__in=addresses)
        devices.update(Device.objects.filter(primary | Q(oob_ip__in=addresses)).values_list('pk', flat=True))
        machines.update(VirtualMachine.objects.filter(primary).values_list('pk', flat=True))
    if chassis:
        devices.update(Device.objects.filter(virtual_chassis__in=chassis).values_list('pk', flat=True))
    try:
        if devices or machines:
            sync(device_ids=devices, virtual_machine_ids=machines)
            ring_all(wake(devices, machines))
        interface_devices |= devices
        interface_machines |= machines
        _link(interface_devices, interface_machines)
        if interfaces:
            owners = Interface.objects.filter(pk__in=interfaces).order_by()
            interface_devices.update(owners.values_list('device', flat=True))
        if vm_interfaces:
            owners = VMInterface.objects.filter(pk__in=vm_interfaces).order_by()
            interface_machines.update(owners.values_list('virtual_machine', flat=True))
        _compare(interface_devices, interface_machines, targets)
    except Exception:
        # The user's change is already committed; the next sync and scan bring the targets up to date.
        logger.exception(f'Targets of {len(devices)} devices and {len(machines)} virtual machines not refreshed')


def _link(devices: set[int], machines: set[int]) -> None:
    """A member of a chassis may have the interfaces that were found on the master."""
    from .models import InterfaceState

    if not devices and not machines:
        return
    chassis = Device.objects.filter(pk__in=devices, virtual_chassis__isnull=False).values('virtual_chassis')
    owned = Q(target__device__in=devices) | Q(target__virtual_machine__in=machines)
    found = InterfaceState.objects.filter(owned | Q(target__device__virtual_chassis__in=chassis))
    relink(found.order_by().values_list('target_id', flat=True).distinct())


def _compare(devices: set[int], machines: set[int], others: set[int]) -> None:
    from .models import Target

    if not devices and not machines and not others:
        return
    # A member of a chassis may be operated through its master.
    masters = VirtualChassis.objects.filter(members__in=devices).order_by().values('master')
    owned = Q(device__in=devices) | Q(device__in=masters) | Q(virtual_machine__in=machines) | Q(pk__in=others)
    targets = Target.objects.filter(owned, latest_scan__isnull=False).order_by()
    target_ids = list(targets.values_list('pk', flat=True)[: _MOST_COMPARED + 1])
    if len(target_ids) > _MOST_COMPARED:
        # Somebody waits for the answer of his import: leave it to the background.
        from . import dispatch

        dispatch.request_sync('many objects changed')
    else:
        compare(None, target_ids)
