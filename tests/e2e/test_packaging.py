"""What is installed is complete: one wheel with both packages, and the worker needs no Django."""

import subprocess
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_wheel_has_everything_that_is_not_python_too(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith('.dist-info/METADATA'))).decode()
    for package, source in (('netbox_netops', CHECKOUT), ('netops_worker', CHECKOUT / 'worker')):
        expected = {
            str(path.relative_to(source))
            for path in (source / package).rglob('*')
            if path.is_file() and '__pycache__' not in path.parts and path.suffix not in ('.po', '.sh')
        }
        assert expected - names == set()
        assert f'{package}/py.typed' in names
    assert not [name for name in names if name.split('/')[0] in ('lab', 'demo', 'tests', 'benchmarks')]
    required = [line for line in metadata.splitlines() if line.startswith('Requires-Dist') and 'extra ==' not in line]
    # NetBox pins its dependencies exactly, and those of the plugin must never meet them.
    names = [line.split()[1].split('<')[0].split('>')[0] for line in required]
    assert names == ['asyncssh', 'croniter', 'cryptography', 'netmiko']


def run(env, *command) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd='/', env=env, capture_output=True, text=True)


def test_worker_is_imported_where_there_is_no_django(installed_wheel):
    programs, env = installed_wheel('[worker]')
    code = (
        'import importlib.util, pkgutil, netops_worker\n'
        'assert importlib.util.find_spec("django") is None\n'
        'for module in pkgutil.walk_packages(netops_worker.__path__, "netops_worker."):\n'
        '    importlib.import_module(module.name)\n'
        'print(netops_worker.__version__)\n'
    )
    done = run(env, programs / 'python', '-c', code)
    assert done.stdout.strip() == '0.1.0', done.stderr
    assert run(env, programs / 'netops-worker', '--version').stdout.strip() == '0.1.0'


def test_engine_needs_nothing_that_only_the_worker_does(installed_wheel):
    programs, env = installed_wheel()
    done = run(env, programs / 'python', '-c', 'import netops_worker.engine, netops_worker.probes.snmp.scan')
    assert done.returncode == 0, done.stderr
    done = run(env, programs / 'netops-worker', 'run', '--url', 'http://127.0.0.1:1', '--gateway', 'g')
    assert (done.returncode, done.stdout) == (2, '')
    assert 'pip install "netbox-netops[worker]"' in done.stderr
