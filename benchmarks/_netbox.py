"""What a benchmark does inside a NetBox process: `python -m benchmarks._netbox ACTION ARGUMENTS`; prints JSON.

prepare PORT DEVICES BASELINE    inventory of both fleets, their targets, and the credential
scan                             enqueue a device-scan of the fleet
baseline OBJECTS                 enqueue the obvious stack for its own devices
"""

import json
import sys
import time

import django

FLEET, BASELINE = 'fleet-', 'baseline-'
# Served by no system job of NetBox or ours, which would be counted too.
BASELINE_QUEUE = 'high'


def prepare(port: str, devices: str, baseline: str) -> dict:
    from dcim.models import DeviceRole, DeviceType, Manufacturer, Site

    from netbox_netops.inventory import sync
    from netbox_netops.models import Credential

    maker = Manufacturer.objects.create(name='Bench', slug='bench')
    fields = {
        'site': Site.objects.create(name='Bench', slug='bench'),
        'role': DeviceRole.objects.create(name='Bench', slug='bench'),
        'device_type': DeviceType.objects.create(manufacturer=maker, model='Bench', slug='bench'),
        'local_context_data': {'netops': {'snmp': {'port': int(port)}}},
        'status': 'active',
    }
    _add_devices(FLEET, '127.30', int(devices), fields)
    _add_devices(BASELINE, '127.31', int(baseline), fields)
    Credential.objects.create(name='Bench', reference='NETOPS_SECRET_BENCH')
    return {'targets': sync().created}


def _add_devices(prefix: str, network: str, number: int, fields: dict) -> None:
    from dcim.models import Device, Interface
    from django.contrib.contenttypes.models import ContentType
    from ipam.models import IPAddress

    devices = Device.objects.bulk_create(Device(name=f'{prefix}{n}', **fields) for n in range(number))
    ports = Interface.objects.bulk_create(
        Interface(device=device, name='mgmt0', type='other', _site=device.site) for device in devices
    )
    kind = ContentType.objects.get_for_model(Interface)
    addresses = IPAddress.objects.bulk_create(
        IPAddress(
            address=f'{network}.{n // 250}.{n % 250 + 1}/32', assigned_object_type=kind, assigned_object_id=port.pk
        )
        for n, port in enumerate(ports)
    )
    for device, address in zip(devices, addresses, strict=True):
        device.primary_ip4 = address
    Device.objects.bulk_update(devices, ['primary_ip4'], batch_size=1000)


def scan() -> dict:
    from dcim.models import Device

    from netbox_netops.dispatch import enqueue

    begun, clock = time.time(), time.perf_counter()
    answer = enqueue('device-scan', user=None, devices=Device.objects.filter(name__startswith=FLEET))
    return {
        'run': answer.run.pk,
        'queued': answer.queued,
        'begun': begun,
        'enqueue_s': time.perf_counter() - clock,
    }


def baseline(asked: str) -> dict:
    from benchmarks.baseline.jobs import BaselineJob
    from netbox_netops.models import Target

    targets = Target.objects.filter(name__startswith=BASELINE).values_list('pk', flat=True)
    options = {'asked': json.loads(asked), 'queue_name': BASELINE_QUEUE, 'notifications': 'never'}
    jobs = [BaselineJob.enqueue(target=pk, **options) for pk in targets]
    return {'jobs': len(jobs)}


if __name__ == '__main__':
    django.setup()
    action = {'prepare': prepare, 'scan': scan, 'baseline': baseline}[sys.argv[1]]
    print(json.dumps(action(*sys.argv[2:])))
