"""Vendor MIBs that no free daemon serves: recordings written from their definitions, answered by snmpsim, to the rows.

What each row must say is pinned in tests/unit/worker, where the same recordings are read without a network.
"""

import asyncio
from pathlib import Path

import pytest

from lab.snmpsim import SimulatedDevice
from netops_worker.probes.snmp.collectors.bgp import ROOTS, collect_bgp
from tests.unit.worker.recorded import RecordedClient

RECORDINGS = Path(__file__).parents[1] / 'unit' / 'worker' / 'recordings'
SYSTEM = """\
1.3.6.1.2.1.1.1.0|4|Recorded router
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.1.5.0|4|recorded
"""
FIELDS = ('vrf', 'address', 'remote_as', 'local_as', 'local_address', 'router_id', 'state', 'enabled', 'transitions',
          'prefixes_accepted', 'prefixes_advertised', 'last_error', 'description', 'mib')  # fmt: skip
PEERS = f"""
    SELECT t.name, {', '.join(f'p.{field}' for field in FIELDS)}
    FROM netbox_netops_bgppeerstate p JOIN netbox_netops_target t ON t.id = p.target_id WHERE t.name LIKE 'vendor-%%'
"""


@pytest.fixture
def devices(simulate, make_device, tmp_path):
    """{name of the device: text of its recording}, all of them answering."""
    texts, simulated = {}, []
    for number, path in enumerate(sorted(RECORDINGS.glob('bgp*.snmprec')), start=1):
        lines = (SYSTEM + path.read_text()).splitlines(keepends=True)
        lines.sort(key=lambda line: [int(part) for part in line.split('|')[0].split('.')])
        file = tmp_path / path.name
        file.write_text(''.join(lines))
        texts[f'vendor-{path.stem}'] = file.read_text()
        simulated.append(SimulatedDevice(f'127.45.0.{number}', str(file), subtrees=()))
    simulator = simulate(*simulated)
    ids = [
        make_device(name, device.address, port=simulator.port)['id']
        for name, device in zip(texts, simulated, strict=True)
    ]
    return texts, ids


def test_bgp_of_every_vendor(lab, worker, credential, devices):
    """Sessions over IPv6, in VRFs and with four-octet AS numbers, of each MIB."""
    texts, ids = devices
    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=ids))
    assert run['succeeded'] == len(texts)
    expected = set()
    for name, text in texts.items():
        client = RecordedClient(text)
        result = asyncio.run(collect_bgp(client, asyncio.run(client.present(ROOTS))))
        assert result.rows
        expected |= {(name, *(row[field] for field in FIELDS)) for row in result.rows}
    assert set(lab.sql(PEERS)) == expected
    assert {len(address.split(':')) > 1 for _name, _vrf, address, *_rest in expected} == {True, False}
