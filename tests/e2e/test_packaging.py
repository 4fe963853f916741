"""What is installed is complete: one wheel with both packages, and the worker needs no Django."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
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
    assert [line.split()[1].split('<')[0].split('>')[0] for line in required] == ['cryptography']


def test_worker_is_imported_where_there_is_no_django(wheel, tmp_path):
    venv.create(tmp_path / 'venv', with_pip=True)
    # The tests have the checkout on their path, where an editable install left its metadata.
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    python = tmp_path / 'venv' / 'bin' / 'python'
    subprocess.run([python, '-m', 'pip', 'install', '--quiet', wheel], env=env, check=True)
    code = (
        'import importlib.util, pkgutil, netops_worker\n'
        'assert importlib.util.find_spec("django") is None\n'
        'for module in pkgutil.walk_packages(netops_worker.__path__, "netops_worker."):\n'
        '    importlib.import_module(module.name)\n'
        'print(netops_worker.__version__)\n'
    )
    done = subprocess.run([python, '-c', code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '0.1.0'
