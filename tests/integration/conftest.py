"""Integration tests: inside NetBox, on a copy of the migrated database, with a Valkey of their own.

Works for `pytest tests/integration` with any selection, with and without xdist (`-n 2`): every test process has its
own copy of the database and its own two Redis databases. Tests are pytest functions marked `django_db`, Django's
TestCase, or the classes of NetBox's `utilities.testing`. A test that commits (TransactionTestCase,
`django_db(transaction=True)`) finds and leaves a fresh copy too.
"""

import os
import shutil
from pathlib import Path

import pytest
import redis

from lab.postgres import Databases
from lab.template import TEMPLATE

SETTINGS = {
    # As in NetBox's own tests: enqueue at once, since the transaction around a test never commits.
    'RQ': {'COMMIT_MODE': 'auto'},
    'DEFAULT_PERMISSIONS': {},
    # Tests scan the same device again at once.
    'PLUGINS_CONFIG': {'netbox_netops': {'host_rate': None}},
    'LOGGING': {'version': 1, 'disable_existing_loggers': False},
}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    worker = os.environ.get('PYTEST_XDIST_WORKER')
    if worker is None:
        _start_lab(config)
    else:
        # The controller's environment names the servers; only database and Redis numbers are this process's own.
        number = int(worker.removeprefix('gw')) + 1
        os.environ['NETOPS_LAB_DATABASE'] = f'test_{worker}'
        os.environ['NETOPS_LAB_REDIS_DATABASES'] = f'{2 * number},{2 * number + 1}'
        _copy_template()
    _set_up_django()


def _start_lab(config):
    from lab.netbox import NetBox
    from lab.session import Lab

    lab = Lab('integration').__enter__()
    config.add_cleanup(lambda: lab.__exit__(None, None, None))
    netbox = NetBox(lab.run, lab.cluster, lab.valkey, lab.netbox.database, settings=SETTINGS)
    os.environ.update(netbox.lab_env)


def _set_up_django():
    import django
    from django.conf import settings
    from django.test import TransactionTestCase

    os.environ['DJANGO_SETTINGS_MODULE'] = 'netbox.settings'
    django.setup()
    # An xdist worker that inherited it would load the settings before this file has named its own database.
    del os.environ['DJANGO_SETTINGS_MODULE']
    settings.PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']
    # Django would empty every table, also those that the migrations filled. A fresh copy is faster and complete.
    TransactionTestCase._fixture_teardown = lambda self: fresh_database()


def fresh_database():
    """Replace this process's database by a new copy of the template (0.3 s)."""
    from django.db import connections

    connections.close_all()
    _copy_template()


def _copy_template():
    Databases(os.environ['NETOPS_LAB_DATABASE_HOST']).create(os.environ['NETOPS_LAB_DATABASE'], template=TEMPLATE)


@pytest.fixture(scope='session')
def django_db_setup(django_test_environment):
    """The copy is used as it is: pytest-django must not create a test database."""


@pytest.fixture(scope='session')
def redis_clients() -> list[redis.Redis]:
    """Clients of the two Redis databases of this test process: tasks and caching."""
    port = int(os.environ['NETOPS_LAB_REDIS_PORT'])
    return [redis.Redis(port=port, db=int(number)) for number in os.environ['NETOPS_LAB_REDIS_DATABASES'].split(',')]


@pytest.fixture(autouse=True)
def _empty_redis(redis_clients):
    """Every test starts without the queued jobs and the cached configuration of an earlier one."""
    for client in redis_clients:
        client.flushdb()


@pytest.fixture
def secrets_directory() -> Path:
    """The directory that the setting `secrets_directory` names, empty at the start of each test that asks for it."""
    path = Path(os.environ['NETOPS_LAB_SECRETS_DIRECTORY'])
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path
