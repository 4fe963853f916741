"""The engine and the worker run where NetBox is not installed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

WORKER = Path(__file__).parents[3] / 'worker'
SOURCES = sorted(WORKER.rglob('*.py'))
FORBIDDEN = ('django', 'netbox_netops', 'netbox', 'rest_framework', 'strawberry')

BLOCKED_IMPORT = f"""
import importlib, pkgutil, sys
for name in {FORBIDDEN!r}:
    sys.modules[name] = None  # importing it now raises ModuleNotFoundError
import netops_worker
names = [module.name for module in pkgutil.walk_packages(netops_worker.__path__, 'netops_worker.')]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def test_every_module_imports_without_django():
    """`import netops_worker` and each of its modules works with Django and the plugin out of reach."""
    done = subprocess.run(
        [sys.executable, '-c', BLOCKED_IMPORT], env={'PYTHONPATH': str(WORKER)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len([path for path in SOURCES if path.parent.name != 'worker']) - 1


@pytest.mark.parametrize('path', SOURCES, ids=lambda path: str(path.relative_to(WORKER)))
def test_no_source_names_django(path):
    """No module under worker/ imports Django, NetBox or the plugin, not even inside a function."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, 'imports are absolute here'
            names.append(node.module)
    assert not [name for name in names if name.split('.')[0] in FORBIDDEN]


def test_the_scan_sees_the_sources():
    """The scan above looks at the engine itself, so it cannot pass by finding nothing."""
    assert WORKER / 'netops_worker' / 'engine.py' in SOURCES
