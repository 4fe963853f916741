"""The demo's parts brought up together: the lab, the simulated network, NetBox and its job worker, the inventory."""

import contextlib
import hashlib
import json
import time
from pathlib import Path

from demo import network
from lab.api import Api
from lab.session import Lab
from lab.snmpsim import Simulator
from lab.system import say
from lab.template import migrate, schema_hash
from lab.valkey import free_port

__all__ = ('Stack',)


class Stack:
    """A context manager: the whole demo is up when it is entered, and nothing of it is left after it.

    `name`, `keep`: as of lab.session.Lab. `web_port`: where NetBox listens, or the next free one.
    `url`, `api`: of NetBox. `simulator`: the simulated devices. `lab`: the rest.
    """

    def __init__(self, name: str, *, keep: bool, web_port: int):
        self.name, self.keep, self.web_port = name, keep, web_port
        self._begun = time.monotonic()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            env = {network.COMMUNITY_VARIABLE: network.COMMUNITY}
            # The dead device is to be seen as dead at once, not after a second and a third attempt.
            settings = {'PLUGINS_CONFIG': {'netbox_netops': {'attempts': {'device-scan': 1}}}}
            self.lab = stack.enter_context(Lab(self.name, keep=self.keep, env=env, settings=settings))
            self._migrate()
            self.step('database and queue')
            netbox = self.lab.netbox
            self._write_secret(netbox.secrets_directory / network.COMMUNITY_FILE)
            # NetBox needs long to start: the rest is done meanwhile.
            web = stack.enter_context(netbox.web(free_port(self.web_port), wait=False))
            worker = stack.enter_context(netbox.worker(wait=False))
            self.url = web.url
            self.simulator = stack.enter_context(Simulator(self.lab.run, network.simulated_devices()))
            self.step(f'{len(self.simulator.devices)} simulated devices on UDP port {self.simulator.port}')
            self.api = Api(self.url, self._load_inventory())
            self.step('inventory')
            worker.wait()
            self.step('job worker')
            web.wait()
            self.step('NetBox')
            self._servers = stack.pop_all()
        return self

    def __exit__(self, *exc):
        return self._servers.__exit__(*exc)

    def step(self, text: str) -> None:
        """Tell that a step is done, and how many seconds after the start."""
        say(f'  {time.monotonic() - self._begun:5.1f} s  {text}')

    def _migrate(self) -> None:
        """Bring a database kept from an earlier start up to date when the migrations have changed since."""
        stamp = self.lab.run.path / 'schema'
        if self.lab.fresh:
            (self.lab.run.path / 'inventory.json').unlink(missing_ok=True)
        elif not stamp.exists() or stamp.read_text() != schema_hash():
            say('Migrating the database of the last start ...')
            migrate(self.lab.netbox)
        stamp.write_text(schema_hash())

    def _load_inventory(self) -> str:
        """Load the inventory, unless an earlier start has loaded this very one. Returns the API's authorization."""
        stamp = self.lab.run.path / 'inventory.json'
        sources = [Path(__file__).with_name(name).read_text() for name in ('network.py', 'inventory.py')]
        wanted = hashlib.sha256(repr((sources, self.simulator.port)).encode()).hexdigest()
        with contextlib.suppress(OSError, ValueError):
            loaded = json.loads(stamp.read_text())
            if loaded['of'] == wanted:
                return loaded['token']
        answer = json.loads(self.lab.netbox.python('-m', 'demo.inventory', str(self.simulator.port)))
        stamp.touch(mode=0o600)
        stamp.write_text(json.dumps({'of': wanted, 'token': answer['token']}))
        return answer['token']

    @staticmethod
    def _write_secret(path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(f'{network.COMMUNITY_FORTALEZA}\n')
