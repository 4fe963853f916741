"""End-to-end tests: real servers and a real browser, driven from outside. No Django in the test process.

One lab for all tests: PostgreSQL, Valkey and NetBox. Each test makes its own devices, starts the job workers and
agents it needs, and what a fixture started ends with the test.
"""

import contextlib
import functools
import itertools
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from lab import accounts
from lab.api import Api
from lab.netbox import Server
from lab.paths import CHECKOUT
from lab.session import Lab
from lab.snmpd import Snmpd
from lab.snmpsim import SimulatedDevice, Simulator

COMMUNITY = 'public'
# Slug of the gateway that has a doorbell, and the number of the Redis database with it.
GATEWAY, GATEWAY_DATABASE = 'pop', 8
# Chromium must not look for anything outside: every name but this one resolves to nothing.
BROWSER_ARGUMENTS = ['--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--disable-background-networking']


class EndToEndLab:
    """What tests see of the lab.

    `url`: base URL of NetBox, `login` and `password` of its administrator, `api`: the REST API as administrator.
    `netbox`, `cluster`, `valkey`: the parts (lab.netbox.NetBox, lab.postgres.Cluster, lab.valkey.Valkey).
    `secrets_directory`: where credentials of the provider `file` are read. The job workers' environment has
    NETOPS_SECRET_TEST = 'public'; `environment` adds more for workers started later.
    """

    login, password, community = accounts.LOGIN, accounts.PASSWORD, COMMUNITY

    def __init__(self, lab: Lab, web: Server, authorization: str):
        self.lab, self.web, self.url = lab, web, web.url
        self.run, self.netbox, self.cluster, self.valkey = lab.run, lab.netbox, lab.cluster, lab.valkey
        self.api = Api(web.url, authorization)
        self.secrets_directory = lab.netbox.secrets_directory

    @property
    def environment(self) -> dict[str, str]:
        return self.netbox.extra_env

    @property
    def database_url(self) -> str:
        """A libpq connection string of NetBox's database."""
        return self.cluster.url(self.netbox.database)

    def sql(self, statement: str, *parameters) -> list[tuple]:
        """Run one statement in NetBox's database, outside any transaction; the rows it returns."""
        return self.cluster.execute(statement, *parameters, database=self.netbox.database)

    def django(self, code: str) -> str:
        """Run Python code in a NetBox process (some 5 s) and return what it prints on stdout."""
        return self.netbox.python('-c', f'import django; django.setup()\n{code}')


@pytest.fixture(scope='session')
def lab():
    """The lab for all end-to-end tests: EndToEndLab."""
    # What does not answer is to say so at once: retries have tests of their own.
    settings = {'attempts': {'device-scan': 1, 'credential-check': 1}, 'host_rate': None}
    config = {'PLUGINS_CONFIG': {'netbox_netops': settings}}
    with Lab('e2e', settings=config, env={'NETOPS_SECRET_TEST': COMMUNITY}) as parts:
        doorbell = f'redis://127.0.0.1:{parts.valkey.port}/{GATEWAY_DATABASE}'
        parts.netbox.settings['PLUGINS_CONFIG']['netbox_netops']['gateway_redis'] = {GATEWAY: doorbell}
        with parts.netbox.web(wait=False) as web:
            answer = json.loads(parts.netbox.python('-m', 'lab.accounts'))
            web.wait()
            yield EndToEndLab(parts, web, answer['token'])


@pytest.fixture(scope='session')
def wheel(tmp_path_factory) -> Path:
    """Built from what git would hand to a packager: no leftovers of the checkout."""
    source, target = tmp_path_factory.mktemp('source'), tmp_path_factory.mktemp('wheel')
    names = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
        cwd=CHECKOUT, capture_output=True, check=True, text=True,
    ).stdout.split('\0')  # fmt: skip
    for name in filter(None, names):
        path = CHECKOUT / name
        if path.is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', target, source], check=True
    )
    (built,) = target.glob('*.whl')
    return built


@pytest.fixture(scope='session')
def installed_wheel(wheel, tmp_path_factory):
    """`installed_wheel('[worker]')`: (directory of programs, environment) with the wheel and what that extra brings."""
    # The tests have the checkout on their path, where an editable install left its metadata.
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}

    @functools.cache
    def install(extra: str = '') -> tuple[Path, dict[str, str]]:
        directory = tmp_path_factory.mktemp('venv')
        venv.create(directory, with_pip=True)
        subprocess.run(
            [directory / 'bin' / 'python', '-m', 'pip', 'install', '--quiet', f'{wheel}{extra}'], env=env, check=True
        )
        return directory / 'bin', env

    return install


@pytest.fixture(scope='session')
def shared_worker(lab):
    """Starts and stops the one job worker that tests share; to start one takes longer than most tests."""
    shared = SharedWorker(lab)
    yield shared
    shared.stop()


class SharedWorker:
    def __init__(self, lab: EndToEndLab):
        self.lab = lab
        self.server: Server | None = None

    def start(self) -> None:
        if self.server is None:
            self.server = self.lab.netbox.worker(name='worker')

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None
        # A worker that was killed stays registered for minutes, and would count as alive.
        client = self.lab.valkey.client(self.lab.netbox.redis_databases[0])
        for key in ('rq:workers', *client.scan_iter('rq:worker:*'), *client.scan_iter('rq:workers:*')):
            client.delete(key)


@pytest.fixture
def worker(shared_worker) -> None:
    """A job worker on NetBox's default queues runs."""
    shared_worker.start()


@pytest.fixture
def no_worker(shared_worker) -> None:
    """No job worker runs, and none seems to."""
    shared_worker.stop()


@pytest.fixture
def start_worker(lab, no_worker):
    """`start_worker(*queues, name='worker')`: a real `netbox rqworker`, ready. `.stop()`, `.kill()`, `.pid`.

    The shared one is stopped before, so that the test decides when there is a worker.
    """
    numbers = itertools.count(1)
    with contextlib.ExitStack() as stack:

        def start(*queues: str, name: str | None = None) -> Server:
            return stack.enter_context(lab.netbox.worker(*queues, name=name or f'worker{next(numbers)}'))

        yield start


@pytest.fixture
def snmpd(lab, program):
    """`snmpd(address='127.0.0.1', port=None, community='public', sys_name='snmpd1', lines=())`: a running Snmpd."""
    program('snmpd')
    with contextlib.ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Snmpd(lab.run, *args, **options))


@pytest.fixture
def bulkwalk(program):
    """`bulkwalk(agent, column)`: {index: value} of a column of an Snmpd, by net-snmp's own client."""
    command = [program('snmpbulkwalk'), '-v2c', '-Onqe']
    env = {'MIBS': '', 'SNMPCONFPATH': '/nonexistent'}

    def walk(agent: Snmpd, column: str) -> dict[str, str]:
        host = f'udp6:[{agent.address}]' if ':' in agent.address else f'udp:{agent.address}'
        done = subprocess.run(
            [*command, '-c', agent.community, f'{host}:{agent.port}', column],
            env=env, capture_output=True, text=True, check=True,
        )  # fmt: skip
        rows = (line.split(' ', 1) for line in done.stdout.splitlines() if line.startswith(f'.{column}.'))
        return {oid.removeprefix(f'.{column}.'): value.strip('"') for oid, value in rows}

    return walk


@pytest.fixture(scope='session')
def sshd_program(program):
    """OpenSSH's server can be started with users of its own."""
    program('sshd', 'openssh-server')
    program('ssh-keygen', 'openssh-client')
    if os.geteuid() != 0:
        reason = 'Users of its own need root: sshd reads the shadow file.'
        pytest.fail(reason) if os.environ.get('CI') == 'true' else pytest.skip(reason)


@pytest.fixture
def simulate(lab):
    """`simulate(SimulatedDevice(...), ..., port=None)`: a running Simulator of these devices."""
    with contextlib.ExitStack() as stack:

        def start(*devices: SimulatedDevice, port: int | None = None) -> Simulator:
            return stack.enter_context(Simulator(lab.run, devices, port=port, name=f'snmpsim{len(devices)}'))

        yield start


@pytest.fixture
def make_device(lab):
    """`make_device('sw1', '127.0.0.1', port=16161, **fields)`: a new device in NetBox with this primary address.

    Returns it as the REST API shows it. `address` None: a device without one. `port`: its SNMP port, set in its own
    config context. `fields`: of the device, such as `site` or `tenant` (ids). Names must be new in this session.
    """
    api = lab.api

    def ensure(path: str, slug: str, **values) -> int:
        found = api.list(path, slug=slug)
        return (found[0] if found else api.post(path, {'slug': slug, **values}))['id']

    def make(name: str, address: str | None, *, port: int | None = None, **fields) -> dict:
        maker = ensure('dcim/manufacturers/', 'acme', name='Acme')
        fields.setdefault('site', ensure('dcim/sites/', 'lab', name='Lab'))
        fields.setdefault('role', ensure('dcim/device-roles/', 'switch', name='Switch', color='2196f3'))
        fields.setdefault('device_type', ensure('dcim/device-types/', 'rs1', model='RS1', manufacturer=maker))
        if port:
            fields['local_context_data'] = {'netops': {'snmp': {'port': port}}}
        device = api.post('dcim/devices/', {'name': name, 'status': 'active', **fields})
        if address is None:
            return device
        interface = api.post('dcim/interfaces/', {'device': device['id'], 'name': 'mgmt0', 'type': 'other'})
        ip = api.post('ipam/ip-addresses/', {
            'address': f'{address}/{128 if ":" in address else 32}',
            'assigned_object_type': 'dcim.interface', 'assigned_object_id': interface['id'],
        })  # fmt: skip
        field = 'primary_ip6' if ':' in address else 'primary_ip4'
        answer = api.request('PATCH', f'dcim/devices/{device["id"]}/', {field: ip['id']})
        assert answer.status == 200, answer.json
        return answer.json

    return make


@pytest.fixture
def credential(lab):
    """A credential that applies to every device: community 'public' from the environment of the job worker."""
    made = lab.api.post('plugins/netops/credentials/', {
        'name': 'Test', 'protocol': 'snmp-v2c', 'provider': 'environment', 'reference': 'NETOPS_SECRET_TEST',
    })  # fmt: skip
    yield made
    lab.api.request('DELETE', f'plugins/netops/credentials/{made["id"]}/')


# Per module: for as long as it is open an event loop runs in this thread, so that tests cannot run one of their own.
@pytest.fixture(scope='module')
def browser(program):
    """Debian's Chromium under Playwright."""
    from playwright.sync_api import sync_playwright

    executable = program('chromium')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(lab, browser):
    """A new browser window, nobody logged in. `page.goto('/dcim/devices/')` is relative to NetBox."""
    context = browser.new_context(base_url=lab.url, viewport={'width': 1400, 'height': 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def logged_in(lab, page):
    """The same window, the administrator logged in through the login page."""
    page.goto('/login/')
    page.fill('#id_username', lab.login)
    page.fill('#id_password', lab.password)
    page.click('form button[type=submit]')
    page.wait_for_url(f'{lab.url}/')
    return page
