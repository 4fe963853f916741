"""The external worker, installed where there is neither NetBox nor Django, does the work of its gateway over REST."""

import itertools
import json
import signal
import threading

import pytest

from lab.process import Child, LabError, wait_until
from tests.unit.worker.agent import Agent, interface_objects, system_objects

from .conftest import COMMUNITY, GATEWAY, GATEWAY_DATABASE
from .gateways import make_gateway, start_worker

_addresses = itertools.count(1)
ROWS = """
    SELECT w.name, w.state, w.attempt, w.returns, w.worker, w.error_code FROM netbox_netops_runtarget w
    WHERE w.run_id = %s ORDER BY w.name
"""
JOBS = """
    SELECT count(*) FROM core_job j JOIN django_content_type t ON t.id = j.object_type_id
    WHERE t.model = 'run' AND j.object_id = %s
"""


class Pop:
    """A site with its gateway, a user who may only serve that, and a secret that only workers there have."""

    def __init__(self, lab):
        self.lab, self.api = lab, lab.api
        self.site = self.api.post('dcim/sites/', {'name': 'POP', 'slug': 'pop'})['id']
        self.elsewhere = self.api.post('dcim/sites/', {'name': 'Centre', 'slug': 'centre'})['id']
        self.gateway, self.token = make_gateway(self.api, GATEWAY, [self.site])
        for name, site, reference in (
            ('At the POP', self.site, 'NETOPS_SECRET_POP'),
            ('In the centre', self.elsewhere, 'NETOPS_SECRET_TEST'),
        ):
            self.api.post('plugins/netops/credentials/', {
                'name': name, 'protocol': 'snmp-v2c', 'provider': 'environment', 'reference': reference,
                'sites': [site],
            })  # fmt: skip

    def rows(self, run):
        return self.lab.sql(ROWS, run['id'])

    def finished(self, run, timeout=60):
        try:
            return self.api.wait_run(run, timeout=timeout)
        except LabError as error:
            jobs = self.lab.sql(
                'SELECT status, created, started, log_entries FROM core_job WHERE object_id = %s', run['id']
            )
            rows = self.lab.sql('SELECT * FROM netbox_netops_runtarget WHERE run_id = %s', run['id'])
            raise AssertionError(f'{error}\n{rows}\n{jobs}') from None


@pytest.fixture(scope='module')
def pop(lab):
    return Pop(lab)


@pytest.fixture
def netops_worker(lab, pop, installed_wheel):
    """`netops_worker(name)`: a running worker of the gateway, that never polls."""
    started = []

    def start(name: str) -> Child:
        child = start_worker(
            installed_wheel('[worker]'), lab.run, name,
            *('--url', lab.url, '--gateway', GATEWAY, '--poll', '3600', '--grace', '8'),
            env={
                'NETOPS_WORKER_TOKEN': pop.token,
                'NETOPS_WORKER_REDIS_URL': f'redis://127.0.0.1:{lab.valkey.port}/{GATEWAY_DATABASE}',
                'NETOPS_SECRET_POP': COMMUNITY,
            },
        )  # fmt: skip
        started.append(child)
        return child

    yield start
    for child in started:
        child.stop()


@pytest.fixture
def agent(make_device):
    """`agent(name, site)`: (device, Agent) of a new device; with `silent` set, the agent does not answer."""
    running = []

    def make(name: str, site: int, **options):
        silent = threading.Event()
        agent = Agent(
            system_objects() | interface_objects(3),
            COMMUNITY,
            lambda _request: [] if silent.is_set() else None,
            f'127.52.1.{next(_addresses)}',
        )
        agent.silent = silent
        running.append(agent.__enter__())
        # On a busy machine an answer may take its time, and another attempt comes only half a minute later.
        options = {'port': agent.port, 'timeout': 20, **options}
        return make_device(name, agent.address, site=site, local_context_data={'netops': {'snmp': options}}), agent

    yield make
    for agent in running:
        agent.__exit__()


def test_a_click_is_heard_at_the_pop(lab, pop, worker, netops_worker, agent):
    """By the doorbell: the worker would poll an hour later. NetBox's own job worker leaves the device alone."""
    child = netops_worker('pop1')
    wait_until(lambda: lab.api.get(f'plugins/netops/gateways/{pop.gateway}/')['last_seen'], what='a sign of life')
    at_pop, _agent = agent('gw-a', pop.site)
    in_centre, _agent = agent('gw-b', pop.elsewhere)

    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[at_pop['id']]), timeout=30)
    assert run['status']['value'] == 'succeeded'
    assert lab.sql(JOBS, run['id']) == [(0,)]

    run = lab.api.wait_run(lab.api.start_run('device-scan', devices=[at_pop['id'], in_centre['id']]), timeout=30)
    assert run['status']['value'] == 'succeeded'
    (a, b) = pop.rows(run)
    assert a == ('gw-a', 'succeeded', 1, 0, 'pop1', '')
    assert b[:2] == ('gw-b', 'succeeded')
    assert b[4] != 'pop1'

    # What was found is where it is found for any other device.
    (target,) = lab.api.list('plugins/netops/targets/', device_id=at_pop['id'])
    assert (target['reachability']['value'], target['system']['name']) == ('reachable', 'sw1')
    assert target['snmp_credential']['name'] == 'At the POP'
    assert len(lab.api.list('plugins/netops/interface-states/', device_id=at_pop['id'])) == 3
    (newest, _first) = lab.api.list('plugins/netops/scan-results/', device_id=at_pop['id'])
    assert (newest['worker'], newest['ok']) == ('pop1', True)

    gateway = lab.api.get(f'plugins/netops/gateways/{pop.gateway}/')
    assert gateway['last_worker'] == 'pop1'
    log = child.log.read_text()
    assert pop.token not in log
    assert COMMUNITY not in log
    assert {json.loads(line)['worker'] for line in log.splitlines()} == {'pop1'}


def test_sigterm_in_the_middle_of_a_run(lab, pop, worker, netops_worker, agent):
    """What is done is reported, what is not goes to another worker of the gateway; nothing is lost or done twice."""
    first = netops_worker('pop2')
    devices, agents = zip(
        *(agent(f'gw-{letter}', pop.site, timeout=40, retries=0) for letter in 'cde'), strict=True
    )  # fmt: skip
    agents[0].silent.set()
    run = lab.api.start_run('device-scan', devices=[device['id'] for device in devices])
    wait_until(
        lambda: agents[0].requests and [row[1] for row in pop.rows(run)] == ['running', 'succeeded', 'succeeded'],
        what='two of three', timeout=30, child=first,
    )  # fmt: skip
    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(20) == 0, first.log_tail()
    assert pop.rows(run)[0] == ('gw-c', 'waiting', 0, 1, 'pop2', '')
    # NetBox's own job worker was there all the time.
    assert lab.sql(JOBS, run['id']) == [(0,)]

    agents[0].silent.clear()
    netops_worker('pop3')
    run = pop.finished(run)
    assert (run['status']['value'], run['succeeded']) == ('succeeded', 3)
    assert [row[4] for row in pop.rows(run)] == ['pop3', 'pop2', 'pop2']


def test_a_gateway_that_is_switched_off(lab, pop, worker, agent):
    """Without any worker at the POP its devices wait; the workers of the centre take over what waits for it."""
    device, _agent = agent('gw-f', pop.site)
    credential = lab.api.post('plugins/netops/credentials/', {
        'name': 'POP from the centre', 'protocol': 'snmp-v2c', 'provider': 'environment',
        'reference': 'NETOPS_SECRET_TEST', 'sites': [pop.site], 'weight': 1,
    })  # fmt: skip
    run = lab.api.start_run('device-scan', devices=[device['id']])
    assert [row[1] for row in pop.rows(run)] == ['waiting']
    url = f'plugins/netops/gateways/{pop.gateway}/'
    assert lab.api.request('PATCH', url, {'enabled': False}).status == 200
    run = pop.finished(run)
    assert run['status']['value'] == 'succeeded', pop.rows(run)
    assert lab.api.request('PATCH', url, {'enabled': True}).status == 200
    lab.api.request('DELETE', f'plugins/netops/credentials/{credential["id"]}/')
