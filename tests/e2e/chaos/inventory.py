"""What the chaos needs inside NetBox: `python -m tests.e2e.chaos.inventory PORT TARGETS SMALL`.

The devices of the benchmarks, of which every SMALL-th is at a second site.
"""

import json
import sys

import django


def prepare(port: str, targets: str, small: str) -> dict:
    from dcim.models import Device, Site

    from benchmarks._netbox import FLEET
    from benchmarks._netbox import prepare as prepare_fleet
    from netbox_netops.inventory import sync

    prepare_fleet(port, targets, '0')
    site = Site.objects.create(name='Small', slug='small')
    names = [f'{FLEET}{number}' for number in range(0, int(targets), int(small))]
    Device.objects.filter(name__in=names).update(site=site)
    sync()
    return {'devices': Device.objects.count()}


if __name__ == '__main__':
    django.setup()
    print(json.dumps(prepare(*sys.argv[1:])))
