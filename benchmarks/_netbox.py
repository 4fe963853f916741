"""What a benchmark does inside a NetBox process: `python -m benchmarks._netbox ACTION ARGUMENTS`; prints JSON.

prepare PORT DEVICES BASELINE    inventory of both fleets, their targets, and the credential
scan                             enqueue a device-scan of the fleet
baseline OBJECTS                 enqueue the obvious stack for its own devices
dispatch DEVICES FEW ROUNDS      enqueue so many devices again and again, and once a few; seconds and queries of each
enqueue-jobs NUMBER              enqueue a core job for each of so many devices; seconds
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


def dispatch(devices: str, few: str, rounds: str) -> dict:
    # What NetBox keeps per process is read once.
    _dispatch(1)
    found = [_dispatch(int(devices)) for _round in range(int(rounds))]
    found.append(_dispatch(int(few)))
    walls, cpus, queries = zip(*found, strict=True)
    return {'walls': walls[:-1], 'cpus': cpus[:-1], 'queries': queries}


def _dispatch(number: int) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and queries of one dispatch of so many devices."""
    from dcim.models import Device
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from netbox_netops.dispatch import enqueue

    pks = list(Device.objects.filter(name__startswith=FLEET).order_by('pk').values_list('pk', flat=True)[:number])
    devices = Device.objects.filter(pk__in=pks)
    # Not both at once: to note each query costs time.
    with CaptureQueriesContext(connection) as captured:
        answer = enqueue('device-scan', user=None, devices=devices)
    _forget(answer, number)
    clock, cpu = time.perf_counter(), time.process_time()
    answer = enqueue('device-scan', user=None, devices=devices)
    wall, cpu = time.perf_counter() - clock, time.process_time() - cpu
    _forget(answer, number)
    return wall, cpu, len(captured)


def _forget(answer, number: int) -> None:
    if answer.queued != number or not answer.run.jobs.exists():
        raise RuntimeError(f'{answer.queued} of {number} were queued, with {answer.run.jobs.count()} jobs')
    answer.run.jobs.all().delete()
    answer.run.delete()


def enqueue_jobs(number: str) -> dict:
    from benchmarks.baseline.jobs import BaselineJob
    from netbox_netops.models import Target

    targets = Target.objects.filter(name__startswith=BASELINE).values_list('pk', flat=True)[: int(number)]
    clock = time.perf_counter()
    for pk in targets:
        BaselineJob.enqueue(target=pk, asked={}, queue_name=BASELINE_QUEUE, notifications='never')
    return {'wall_s': time.perf_counter() - clock}


if __name__ == '__main__':
    django.setup()
    actions = {
        'prepare': prepare,
        'scan': scan,
        'baseline': baseline,
        'dispatch': dispatch,
        'enqueue-jobs': enqueue_jobs,
    }
    action = actions[sys.argv[1]]
    print(json.dumps(action(*sys.argv[2:])))
