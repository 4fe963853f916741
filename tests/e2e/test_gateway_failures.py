"""A worker at a POP that dies in the middle of its work, and one that is frozen and wakes up when others have it.

Whether two were at a device at the same time is read in what the simulated devices received.
"""

import contextlib
import json
import signal
import time
from types import SimpleNamespace

import pytest

from benchmarks.fleet import COMMUNITY, Fleet
from lab.api import Api
from lab.process import Child, state, wait_until
from lab.session import Lab

from .chaos.outcome import LOST, OVERWRITTEN, STATES
from .chaos.packets import duplicates, heard
from .gateways import make_gateway, start_worker

GATEWAY = 'pop'
DEVICES, PORTS, PEERS = 120, 4, 2
# Seconds until an answer: a probe takes a dozen of them.
DELAY = 0.3
# The least that is allowed, and how many targets a worker takes at a time: there is more to do when it fails.
SETTINGS, CONCURRENCY = {'lease_seconds': 10}, '50'

HELD = """
    SELECT t.id, host(t.address) FROM netbox_netops_runtarget w JOIN netbox_netops_target t ON t.id = w.target_id
    WHERE w.run_id = %s AND w.state = 'running' AND w.worker = %s AND w.lease_until > now()
"""
TAKEN_OVER = """
    SELECT count(*) FROM netbox_netops_runtarget
    WHERE run_id = %s AND target_id = ANY(%s) AND state = 'running' AND worker = %s
"""
ENDS = 'SELECT DISTINCT worker, attempt FROM netbox_netops_runtarget WHERE run_id = %s AND target_id = ANY(%s)'
RESULTS = """
    SELECT count(*) FROM netbox_netops_scanresult WHERE run_id = %s AND target_id = ANY(%s) AND worker = %s
"""


@pytest.fixture(scope='module')
def pop():
    """A NetBox of its own, whose simulated devices are all at the site of a gateway; nobody else works there."""
    config = {'PLUGINS_CONFIG': {'netbox_netops': SETTINGS}}
    with Lab('gateway-failures', settings=config, env={'NETOPS_SECRET_BENCH': COMMUNITY}) as lab:
        log, netbox = lab.run.path / 'packets', lab.netbox
        with Fleet(lab.run, PORTS, PEERS, delay=DELAY, log=log) as fleet, netbox.web(wait=False) as web:
            netbox.python('-m', 'benchmarks._netbox', 'prepare', str(fleet.port), str(DEVICES), '0')
            api = Api(web.url, json.loads(netbox.python('-m', 'lab.accounts'))['token'])
            web.wait()
            (site,) = api.list('dcim/sites/')
            _gateway, token = make_gateway(api, GATEWAY, [site['id']])
            devices = [device['id'] for device in api.list('dcim/devices/')]
            with netbox.scheduler():
                yield SimpleNamespace(lab=lab, url=web.url, api=api, token=token, devices=devices, log=log)


@pytest.fixture
def netops_worker(pop, installed_wheel):
    """`netops_worker(name)`: a running worker of the gateway, that asks for work every second."""
    with contextlib.ExitStack() as stack:

        def start(name: str) -> Child:
            arguments = ('--url', pop.url, '--gateway', GATEWAY, '--poll', '1', '--concurrency', CONCURRENCY)
            env = {'NETOPS_WORKER_TOKEN': pop.token, 'NETOPS_SECRET_BENCH': COMMUNITY}
            child = start_worker(installed_wheel('[worker]'), pop.lab.run, name, *arguments, env=env)
            return stack.enter_context(child)

        yield start


@pytest.fixture
def at_work(pop, netops_worker):
    """`at_work(name)`: a worker that is stopped (SIGSTOP) in the middle of a run of all devices; see `Stopped`."""

    def start(name: str) -> Stopped:
        return Stopped(pop, netops_worker(name))

    return start


class Stopped:
    """`targets`, `addresses`: of what it holds at this moment. `begun`: the start of the run (monotonic clock)."""

    def __init__(self, pop, child: Child):
        self.pop, self.child, self.begun = pop, child, time.monotonic()
        self.run = pop.api.start_run('device-scan', devices=pop.devices)['id']
        # The first of them are done, and there are others to do.
        wait_until(self._stop, what=f'{child.name} at work', timeout=30, child=child)

    def _stop(self) -> bool:
        if not self.pop.api.get(f'plugins/netops/runs/{self.run}/')['progress']:
            return False
        self.child.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(self.child.pid) == 'T', what='its stop', timeout=5, interval=0.005)
        if rows := self.query(HELD, self.child.name):
            self.targets, self.addresses = (list(column) for column in zip(*rows, strict=True))
            return True
        self.child.process.send_signal(signal.SIGCONT)
        return False

    def query(self, statement: str, *parameters) -> list[tuple]:
        return self.pop.lab.cluster.execute(statement, self.run, *parameters, database=self.pop.lab.netbox.database)

    def check_the_end(self, other: str) -> None:
        """All is done, what was held here by the other worker, once; and no device heard both at the same time."""
        run = self.pop.api.wait_run(self.run)
        states = self.query(STATES)
        assert (run['status']['value'], run['succeeded']) == ('succeeded', DEVICES), states
        # The lease that was lost was an attempt.
        assert self.query(ENDS, self.targets) == [(other, 2)]
        assert self.query(LOST, 'fleet-%', PORTS, PEERS) == [(0,)]
        assert self.query(OVERWRITTEN) == [(0,)]
        assert self.query(RESULTS, self.targets, self.child.name) == [(0,)]
        # The devices write down what they received every half second.
        wait_until(lambda: len(heard(self.pop.log, self.begun)) == DEVICES, what='the packets', timeout=5)
        owners = heard(self.pop.log, self.begun)
        print(f'{len(self.targets)} held; {sum(number > 1 for number in owners.values())} devices heard two owners')
        assert {address for address, number in owners.items() if number > 1} <= set(self.addresses)
        assert any(owners[address] > 1 for address in self.addresses)
        assert list(duplicates(self.pop.log)) == []


def test_sigkill_in_the_middle_of_its_work(at_work, netops_worker):
    """Its targets are free when their leases end, and another worker of the gateway scans them."""
    killed = at_work('killed')
    killed.child.process.kill()
    assert killed.child.process.wait(10) == -signal.SIGKILL
    netops_worker('heir')
    killed.check_the_end('heir')


def test_frozen_for_longer_than_its_lease(at_work, netops_worker):
    """It wakes up while another works on what it held: it sends nothing more there, and its results are refused."""
    frozen = at_work('frozen')
    netops_worker('other')
    wait_until(
        lambda: frozen.query(TAKEN_OVER, frozen.targets, 'other') != [(0,)], what='the other on its targets', timeout=40
    )
    frozen.child.process.send_signal(signal.SIGCONT)
    # All that it held, and nothing else of what it did.
    refused = f'{len(frozen.targets)} results came after the end of their lease'
    wait_until(lambda: refused in frozen.child.log.read_text(), what=refused, timeout=30, child=frozen.child)
    frozen.check_the_end('other')
