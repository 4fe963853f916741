"""Runs of a fleet and what else waits: a cancelled run sends nothing more, a single click and a webhook get their turn.

FLEET_DEVICES (2000): how many devices the run has, up to 10,000.
"""

import http.server
import json
import os
import threading
import time
from types import SimpleNamespace

import pytest

from benchmarks.fleet import COMMUNITY, Fleet, received
from lab.api import Api
from lab.process import wait_until
from lab.session import Lab

DEVICES = int(os.environ.get('FLEET_DEVICES', '2000'))
# Seconds until an answer, of which a probe takes a dozen: the run lasts longer than anything else here.
DELAY = 0.4
SETTINGS = {'site_concurrency': None, 'concurrency': 120, 'host_rate': None}


@pytest.fixture(scope='module')
def fleet():
    """A NetBox of its own with the devices, and a log of what these receive."""
    config = {'PLUGINS_CONFIG': {'netbox_netops': SETTINGS}}
    with Lab('fleet-runs', settings=config, env={'NETOPS_SECRET_BENCH': COMMUNITY}) as lab:
        log = lab.run.path / 'packets'
        with Fleet(lab.run, 4, 2, delay=DELAY, log=log) as devices, lab.netbox.web(wait=False) as web:
            prepare = ('-m', 'benchmarks._netbox', 'prepare', str(devices.port), str(DEVICES), '10')
            lab.netbox.python(*prepare)
            token = json.loads(lab.netbox.python('-m', 'lab.accounts'))['token']
            web.wait()
            yield SimpleNamespace(lab=lab, log=log, api=Api(web.url, token), netbox=lab.netbox)


@pytest.fixture
def running(fleet):
    """A run of the whole fleet that has begun, drained by the only worker; cancelled at the end."""
    with fleet.netbox.worker():
        run = json.loads(fleet.netbox.python('-m', 'benchmarks._netbox', 'scan'))['run']
        wait_until(lambda: fleet.api.get(f'plugins/netops/runs/{run}/')['progress'], what='the first results')
        yield run
        fleet.api.request('POST', f'plugins/netops/runs/{run}/cancel/')
        fleet.api.wait_run(run)


def test_nothing_starts_2_seconds_after_the_cancel(fleet, running):
    answer = fleet.api.request('POST', f'plugins/netops/runs/{running}/cancel/')
    cancelled_at = time.monotonic()
    assert answer.status in (200, 202), answer.json
    run = fleet.api.wait_run(running)
    ended_after = time.monotonic() - cancelled_at
    assert run['status']['value'] == 'cancelled'
    # Probes under way are given up, not awaited: each would take some 5 s.
    assert ended_after < 5
    # Each probe has a port of its own. What the devices keep for half a second is in the file by then.
    time_of = {}
    for packet in received(fleet.log):
        time_of.setdefault((packet.address, packet.port), []).append(packet.at)
    late_starts = [owner for owner, times in time_of.items() if times[0] > cancelled_at + 2]
    late_packets = [owner for owner, times in time_of.items() if times[-1] > cancelled_at + 2]
    print(f'last packet {max(times[-1] for times in time_of.values()) - cancelled_at:+.2f} s, end {ended_after:.2f} s')
    assert late_starts == late_packets == []
    rows = fleet.api.get('plugins/netops/run-targets/', run_id=running, state='cancelled', limit=1)
    assert rows['count'] > DEVICES / 2


def test_a_single_scan_and_a_webhook_get_their_turn_behind_a_fleet(fleet, running, webhook):
    """With one worker, and with nothing else than NetBox's own queues."""
    device = fleet.api.get('dcim/devices/', name='baseline-3')['results'][0]
    clicked = time.monotonic()
    run = fleet.api.start_run('device-scan', devices=[device['id']])
    answer = fleet.api.request('PATCH', f'dcim/devices/{device["id"]}/', {'comments': 'changed'})
    assert answer.status == 200, answer.json
    delays = {}

    def both():
        row = fleet.api.get('plugins/netops/run-targets/', run_id=run['id'])['results'][0]
        if row['started']:
            delays.setdefault('scan', time.monotonic() - clicked)
        if webhook.received:
            delays.setdefault('webhook', webhook.received[0] - clicked)
        return len(delays) == 2

    wait_until(both, what='the scan and the webhook', timeout=60)
    print({name: round(seconds, 1) for name, seconds in delays.items()})
    assert max(delays.values()) < 30
    assert fleet.api.wait_run(run['id'])['status']['value'] == 'succeeded'
    # They did not wait for the end of the fleet's run, and that goes on.
    before = fleet.api.get(f'plugins/netops/runs/{running}/')
    assert before['is_active']
    wait_until(
        lambda: fleet.api.get(f'plugins/netops/runs/{running}/')['progress'] > before['progress'],
        what='the run of the fleet going on',
    )


def test_a_click_on_a_device_of_the_fleet(fleet, running):
    """It is scanned in the run that has it already, before all the others that wait there."""
    rows = fleet.api.get('plugins/netops/run-targets/', run_id=running, ordering='-id', limit=1)['results']
    (last,) = rows
    assert last['state']['value'] == 'waiting'
    device = fleet.api.get('dcim/devices/', name=last['name'])['results'][0]
    clicked = time.monotonic()
    run = fleet.api.start_run('device-scan', devices=[device['id']])
    assert run['id'] == running

    def started():
        return fleet.api.get(f'plugins/netops/run-targets/{last["id"]}/')['started']

    wait_until(started, what='the scan', timeout=60)
    print(f'started after {time.monotonic() - clicked:.1f} s')
    assert time.monotonic() - clicked < 30
    assert fleet.api.get(f'plugins/netops/runs/{running}/')['is_active']


@pytest.fixture
def webhook(fleet):
    """An event rule of NetBox that calls us when a device was updated; `received`: when it did."""
    times = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            times.append(time.monotonic())
            self.rfile.read(int(self.headers['Content-Length']))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    with http.server.HTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://127.0.0.1:{server.server_port}/'
        hook = fleet.api.post('extras/webhooks/', {'name': 'Test', 'payload_url': url})
        fleet.api.post(
            'extras/event-rules/',
            {
                'name': 'Test',
                'object_types': ['dcim.device'],
                'event_types': ['object_updated'],
                'action_type': 'webhook',
                'action_object_type': 'extras.webhook',
                'action_object_id': hook['id'],
            },
        )
        yield SimpleNamespace(received=times)
        server.shutdown()
