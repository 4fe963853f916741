"""A whole lab: PostgreSQL, Valkey and a NetBox on a copy of the migrated template."""

import contextlib
from collections.abc import Mapping

from lab.netbox import NetBox
from lab.postgres import Cluster
from lab.runs import RunDirectory
from lab.template import TEMPLATE, ensure_template
from lab.valkey import Valkey

__all__ = ('Lab',)

DATABASE = 'netbox'


class Lab:
    """Context manager: `with Lab('check') as lab: lab.netbox.web()`.

    `name`: of its directory below the state directory. `keep`: use `<state>/<name>` and keep the database for the
    next start; otherwise all is fresh and removed at the end. `settings`, `env`: see lab.netbox.NetBox.
    `run`, `cluster`, `valkey`, `netbox`: its parts. `fresh`: whether its database was made just now.
    """

    def __init__(self, name: str, *, keep: bool = False, settings: Mapping | None = None,
                 env: Mapping[str, str] | None = None):  # fmt: skip
        self.name, self.keep = name, keep
        self._settings, self._env = settings, env

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.run = stack.enter_context(RunDirectory(self.name, keep=self.keep))
            self.cluster = stack.enter_context(Cluster(self.run))
            self.valkey = stack.enter_context(Valkey(self.run))
            self.fresh = not self.cluster.exists(DATABASE)
            if self.fresh:
                # One that a kept cluster has from an interrupted start may be incomplete or outdated.
                self.cluster.drop(TEMPLATE)
                self.cluster.create(DATABASE, template=ensure_template(self.run, self.cluster, self.valkey))
            self.netbox = NetBox(self.run, self.cluster, self.valkey, DATABASE, settings=self._settings, env=self._env)
            self._servers = stack.pop_all()
        return self

    def __exit__(self, *exc):
        return self._servers.__exit__(*exc)

    def database(self, name: str) -> str:
        """A further fresh copy of the migrated template, for a test process of its own."""
        template = ensure_template(self.run, self.cluster, self.valkey)
        return self.cluster.create(name, template=template)
