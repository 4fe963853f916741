"""`make demo-check`: boots the demo beside a running one, scans all of it, and compares with an independent walk.

Prints one JSON line on stdout: {"targets": N, "succeeded": N, "failed": N, "seconds": S}. Exit status 0 only when
every device that answers was scanned, its values are those that pysnmp reads, and the dead one is unreachable.
"""

import json
import time

from demo import network, oracle
from demo.stack import Stack
from lab.api import Api
from lab.system import say
from lab.valkey import free_port

__all__ = ('main',)

UNREACHABLE = 'unreachable:'


def main() -> int:
    started = time.monotonic()
    with Stack('check', keep=False, web_port=free_port()) as stack:
        expected = oracle.read_devices(stack.simulator.devices, stack.simulator.port)
        stack.step('walked by pysnmp')
        run = scan_everything(stack.api, stack)
        after = oracle.read_uptimes(stack.simulator.devices, stack.simulator.port)
        problems, counts = compare(stack.api, run, expected, after)
        stack.step('compared')
        for problem in problems:
            say(f'MISMATCH  {problem}')
        if problems:
            say(f'The logs:\n{stack.lab.run.path}')
            for name in ('worker', 'web'):
                say('\n'.join(stack.lab.run.log(name).read_text(errors='replace').splitlines()[-30:]))
    # The last line on stdout, after everything has been stopped.
    print(json.dumps(counts | {'seconds': round(time.monotonic() - started, 1)}), flush=True)
    return 1 if problems else 0


def scan_everything(api: Api, stack: Stack) -> dict:
    """Synchronise the inventory, then scan every device and virtual machine; the finished scan run."""
    sync = api.wait_run(api.start_run('netbox-sync', reason='make demo-check'))
    stack.step(f'netbox-sync: {sync["status"]["value"]}')
    devices = [device['id'] for device in api.list('dcim/devices/')]
    machines = [machine['id'] for machine in api.list('virtualization/virtual-machines/')]
    scan = api.wait_run(api.start_run('device-scan', devices=devices, virtual_machines=machines))
    stack.step(f'device-scan: {scan["status"]["value"]}, {scan["succeeded"]} of {scan["total"]}')
    return scan


def compare(api: Api, run: dict, expected: dict[str, dict], uptimes: dict[str, int | None]) -> tuple[list[str], dict]:
    """(what is not as it should be, counts of the targets). `expected` and `uptimes` are by address."""
    targets = {target['id']: target for target in api.list('plugins/netops/targets/')}
    results = {result['target']['id']: result for result in api.list('plugins/netops/scan-results/', run_id=run['id'])}
    parts = api.list('plugins/netops/run-targets/', run_id=run['id'])
    problems, seen = [], set()
    for part in parts:
        target = targets[part['target']['id']]
        address, state = target['address'], part['state']['value']
        seen.add(address)
        if address not in expected:
            if state != 'failed' or not part['error_code'].startswith(UNREACHABLE):
                problems.append(f'{target["name"]} is dead, but its part is {state} {part["error_code"]}')
            continue
        if state != 'succeeded' or target['id'] not in results:
            problems.append(f'{target["name"]}: {state} {part["error_code"]} {part["error_detail"]}')
            continue
        rows = api.list('plugins/netops/interface-states/', target_id=target['id'])
        found = oracle.differences(expected[address], target['system'], results[target['id']], rows, uptimes[address])
        addresses = api.list('plugins/netops/address-states/', target_id=target['id'])
        peers = api.list('plugins/netops/bgp-peer-states/', target_id=target['id'])
        found += oracle.table_differences(expected[address], addresses, peers)
        problems += [f'{target["name"]}: {difference}' for difference in found]
    wanted = {machine.address for machine in (*network.DEVICES, *network.VIRTUAL_MACHINES) if machine.address}
    if seen != wanted:
        problems.append(f'addresses in the run: {sorted(seen)}, expected {sorted(wanted)}')
    states = [part['state']['value'] for part in parts]
    counts = {'targets': len(parts), 'succeeded': states.count('succeeded'), 'failed': states.count('failed')}
    return problems, counts
