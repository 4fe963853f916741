"""The migrated database as a template: made once per NetBox version and state of our migrations, then only copied.

Two dumps in the cache directory, because migrating NetBox itself costs minutes and our own migrations seconds:
`netbox-<version>-pg<major>.dump`, and on top of it `netbox-<version>-pg<major>-netops-<hash>.dump`.
"""

import ast
import hashlib
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from lab.netbox import PLUGIN, NetBox, default_plugins
from lab.paths import CHECKOUT, cache_directory
from lab.postgres import Cluster
from lab.process import LabError
from lab.runs import RunDirectory, file_lock
from lab.system import Progress, say
from lab.valkey import Valkey

__all__ = (
    'TEMPLATE',
    'ensure_template',
    'migrate',
)

TEMPLATE = 'template_netops'
BASE = 'template_netbox'


def ensure_template(run: RunDirectory, cluster: Cluster, valkey: Valkey) -> str:
    """Name of a database in `cluster` with all migrations of NetBox and of the plugin applied, for `cluster.create`.

    Restores it from the cache (2 s), or makes what is missing there. Two runs never make the same dump twice: the
    second waits for the first. A damaged dump is made again.
    """
    if cluster.exists(TEMPLATE):
        return TEMPLATE
    base = cache_directory() / f'netbox-{version("netbox")}-pg{cluster.major}.dump'
    full = base.with_name(f'{base.stem}-netops-{schema_hash()}.dump') if default_plugins() else base

    def make_base(database):
        say('Migrating an empty database to NetBox, once per NetBox version: some minutes ...')
        cluster.create(database)
        migrate(NetBox(run, cluster, valkey, database, plugins=()))

    def make_full(database):
        _restore_or_make(cluster, base, BASE, make_base)
        say('Applying the migrations of the plugin ...')
        cluster.create(database, template=BASE)
        migrate(NetBox(run, cluster, valkey, database))
        cluster.drop(BASE)

    _restore_or_make(cluster, full, TEMPLATE, make_base if full is base else make_full)
    return TEMPLATE


def _restore_or_make(cluster: Cluster, dump: Path, database: str, make) -> None:
    if _restore(cluster, dump, database):
        return
    with file_lock(dump.with_suffix('.lock')):
        # Another run may have made it while this one waited for the lock.
        if not _restore(cluster, dump, database):
            make(database)
            cluster.dump(database, dump)


def _restore(cluster: Cluster, dump: Path, database: str) -> bool:
    if not dump.exists():
        return False
    try:
        cluster.restore(dump, database)
    except LabError as error:
        say(f'{dump.name} is damaged and will be made again.\n{error}')
        return False
    return True


def schema_hash() -> str:
    """Names what the template depends on: our migrations, and the bases and names of our models.

    The latter, because NetBox records in the database which features (jobs, tags, ...) a model class has.
    """
    digest = hashlib.sha256(' '.join(default_plugins()).encode())
    package = CHECKOUT / PLUGIN
    for path in sorted([*(package / 'migrations').rglob('*.py'), *(package / 'migrations').rglob('*.sql')]):
        digest.update(path.relative_to(package).as_posix().encode() + b'\0' + path.read_bytes() + b'\0')
    for path in sorted((package / 'models').rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                digest.update(f'{node.name}({", ".join(map(ast.unparse, node.bases))})\0'.encode())
    return digest.hexdigest()[:16]


def migrate(netbox: NetBox) -> None:
    """Apply all migrations to a NetBox's database and show how far it is. Raises LabError when one fails."""
    plan = netbox.manage('showmigrations', '--plan').splitlines()
    total = sum(line.startswith('[ ]') for line in plan)
    output: list[str] = []

    def applied() -> str:
        return f'{sum(line.startswith("  Applying ") for line in output)} of {total} migrations'

    command = [sys.executable, '-u', '-m', 'netbox', 'migrate', '--no-input', '--no-color']
    with Progress(applied), subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=CHECKOUT, env=netbox.env
    ) as process:  # fmt: skip
        try:
            for line in process.stdout:
                output.append(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise LabError(f'netbox migrate failed:\n{"".join(output[-40:])}')
