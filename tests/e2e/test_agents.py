"""Real and recorded agents, scanned through the whole path, say the same to us as to net-snmp and pysnmp."""

import itertools
import os
from pathlib import Path

import pytest
import snmpsim_data

from demo import oracle
from lab.snmpsim import SimulatedDevice

# None of them is part of the demo. NETOPS_RECORDINGS=all takes every recording of the package (some minutes).
RECORDINGS = (
    'UPS/eaton-93e-80',
    'network/appliance/cisco-ucs-6100',
    'network/firewall/fortinet-xcu',
    'network/router/huawei-unknown-001',
    'network/router/ruijie-n18010',
    'network/switch/bdcom-s5612',
    'network/switch/dlink-des3200',
    'network/switch/h3c-comware-7-1-075',
    'network/switch/huawei-s12704',
    'network/switch/zte-zxr10-5250',
    'network/wifi/ubiquiti-m5',
    'os/windows/XP',
)


def chosen_recordings():
    if os.environ.get('NETOPS_RECORDINGS') != 'all':
        return RECORDINGS
    root = Path(snmpsim_data.__file__).parent / 'data'
    files = root.glob('*/**/*.snmprec.bz2')
    return sorted(str(path.relative_to(root)).split('.snmprec')[0] for path in files)


def scan(lab, *devices, refused=frozenset()):
    """Scan them all. `refused`: names of devices that show nothing of the system group, which every agent must have."""
    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id'] for device in devices]))
    parts = lab.api.list('plugins/netops/run-targets/', run_id=run['id'])
    failures = {part['name']: part['error_code'] for part in parts if part['error_code']}
    assert failures == dict.fromkeys(refused, 'credential:no-access')
    assert run['succeeded'] == len(devices) - len(refused)
    return run


def read(lab, device):
    """(system facts, newest scan result, interface rows) of a device, from the REST API."""
    (result, *_older) = lab.api.list('plugins/netops/scan-results/', device_id=device['id'])
    (target,) = lab.api.list('plugins/netops/targets/', device_id=device['id'])
    return target['system'], result, lab.api.list('plugins/netops/interface-states/', device_id=device['id'])


BATCHES = list(itertools.batched(chosen_recordings(), 12))


@pytest.mark.parametrize('number', range(len(BATCHES)))
def test_recordings_of_real_devices(lab, worker, simulate, make_device, credential, number):
    # A few at a time: one process answers for all of them, and a client that reads them all at once waits in vain.
    simulated = [
        SimulatedDevice(f'127.21.{number}.{position}', name) for position, name in enumerate(BATCHES[number], 1)
    ]
    simulator = simulate(*simulated)
    expected = oracle.read_devices(simulated, simulator.port)
    devices = [make_device(f'recorded-{item.address}', item.address, port=simulator.port) for item in simulated]
    bare = {item.address for item in simulated if not any(value for value in expected[item.address]['system'].values())}
    scan(lab, *devices, refused={f'recorded-{address}' for address in bare})
    after = oracle.read_uptimes(simulated, simulator.port)
    problems = []
    for device, item in zip(devices, simulated, strict=True):
        if item.address in bare:
            assert expected[item.address]['interfaces'] == {}
            continue
        found = oracle.differences(expected[item.address], *read(lab, device), after[item.address])
        tables = [
            lab.api.list(f'plugins/netops/{name}/', device_id=device['id'])
            for name in ('address-states', 'bgp-peer-states')
        ]
        found += oracle.table_differences(expected[item.address], *tables)
        problems += [f'{item.recording}: {difference}' for difference in found]
    assert problems == []
    assert sum(len(device['interfaces']) for device in expected.values()) > 0


@pytest.mark.parametrize('address', ['127.22.1.2', '::1'])
def test_net_snmp(lab, worker, snmpd, make_device, credential, address, bulkwalk):
    """The agent and the client that most of the world runs, over IPv4 and IPv6."""
    agent = snmpd(address, sys_name='real-agent')
    device = make_device(f'snmpd-{address}', address, port=agent.port)
    scan(lab, device)
    system, _result, interfaces = read(lab, device)
    assert (system['name'], system['contact'], system['location']) == (
        'real-agent', 'noc@example.net', 'Lab',
    )  # fmt: skip
    names = bulkwalk(agent, '1.3.6.1.2.1.2.2.1.2')
    types = bulkwalk(agent, '1.3.6.1.2.1.2.2.1.3')
    assert {str(row['index']): row['description'] for row in interfaces} == names
    assert {str(row['index']): str(row['type']) for row in interfaces} == types


def test_agent_that_restarts_between_scans(lab, worker, snmpd, make_device, credential):
    """Unreachable while it is down, reachable again afterwards, and its history tells."""
    agent = snmpd('127.22.1.1', sys_name='comes-and-goes')
    device = make_device('comes-and-goes', agent.address, port=agent.port)
    scan(lab, device)
    agent.stop()
    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[device['id']]))
    assert run['status']['value'] == 'failed'
    (target,) = lab.api.list('plugins/netops/targets/', device_id=device['id'])
    assert (target['reachability']['value'], target['last_error']) == ('unreachable', 'unreachable:port-closed')
    agent.start()
    scan(lab, device)
    (target,) = lab.api.list('plugins/netops/targets/', device_id=device['id'])
    assert (target['reachability']['value'], target['last_error']) == ('reachable', '')
    results = lab.api.list('plugins/netops/scan-results/', device_id=device['id'])
    assert [result['ok'] for result in results] == [True, False, True]
