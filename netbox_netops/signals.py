"""Targets follow their objects: a change of a device, virtual machine or address refreshes the targets it concerns.

Changes are collected per transaction and refreshed once when it commits, so that an import of 500 devices costs one
refresh, and a rolled back change none.
"""

import logging
import threading

from dcim.models import Device, VirtualChassis
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils import timezone
from extras.models import ConfigContext
from ipam.models import IPAddress
from virtualization.models import VirtualMachine

from .choices import TargetStatusChoices
from .inventory import CONTEXT_KEY, sync

__all__ = ('connect',)

logger = logging.getLogger('netbox.netbox_netops.signals')


class _Pending(threading.local):
    """What the current thread's transaction has changed. Left-overs of a roll-back are refreshed with the next one."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.devices: set[int] = set()
        self.machines: set[int] = set()
        self.addresses: set[int] = set()
        self.chassis: set[int] = set()


_pending = _Pending()


def connect() -> None:
    post_save.connect(_device_saved, sender=Device, dispatch_uid='netops_device_saved')
    post_save.connect(_machine_saved, sender=VirtualMachine, dispatch_uid='netops_machine_saved')
    post_save.connect(_address_saved, sender=IPAddress, dispatch_uid='netops_address_saved')
    post_save.connect(_chassis_saved, sender=VirtualChassis, dispatch_uid='netops_chassis_saved')
    pre_delete.connect(_object_deleted, sender=Device, dispatch_uid='netops_device_deleted')
    pre_delete.connect(_object_deleted, sender=VirtualMachine, dispatch_uid='netops_machine_deleted')
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


def _object_deleted(instance, **kwargs):
    from .models import Target

    field = 'device' if isinstance(instance, Device) else 'virtual_machine'
    Target.objects.filter(**{field: instance}).update(
        **{field: None}, status=TargetStatusChoices.RETIRED, synced_at=timezone.now()
    )


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
    _pending.clear()
    if addresses:
        primary = Q(primary_ip4__in=addresses) | Q(primary_ip6__in=addresses)
        devices.update(Device.objects.filter(primary | Q(oob_ip__in=addresses)).values_list('pk', flat=True))
        machines.update(VirtualMachine.objects.filter(primary).values_list('pk', flat=True))
    if chassis:
        devices.update(Device.objects.filter(virtual_chassis__in=chassis).values_list('pk', flat=True))
    if not devices and not machines:
        return
    try:
        sync(device_ids=devices, virtual_machine_ids=machines)
    except Exception:
        # The user's change is already committed; the next sync brings the targets up to date.
        logger.exception(f'Targets of {len(devices)} devices and {len(machines)} virtual machines not refreshed')
