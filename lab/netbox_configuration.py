"""NetBox's configuration in the lab (NETBOX_CONFIGURATION=lab.netbox_configuration): all of it from the environment.

`lab.netbox.NetBox` sets these variables:
NETOPS_LAB_DATABASE, NETOPS_LAB_DATABASE_HOST    name and socket directory of the database
NETOPS_LAB_REDIS_PORT, NETOPS_LAB_REDIS_DATABASES    port, and the two database numbers for tasks and caching
NETOPS_LAB_KEYS        file with the signing keys: the same over restarts, or every login and token would be lost
NETOPS_LAB_SECRETS_DIRECTORY    the plugin's setting `secrets_directory`
NETOPS_LAB_PLUGINS     plugins by name, separated by spaces
NETOPS_LAB_LIFTED      those of them that shall load though they say they are not made for this version of NetBox
NETOPS_LAB_SETTINGS    JSON object of further settings; PLUGINS_CONFIG is merged per plugin, the rest replaces
"""

import importlib
import json
import os
from pathlib import Path

_keys = json.loads(Path(os.environ['NETOPS_LAB_KEYS']).read_text())
_tasks, _caching = (int(number) for number in os.environ['NETOPS_LAB_REDIS_DATABASES'].split(','))


def _redis(database):
    return {
        'HOST': '127.0.0.1', 'PORT': int(os.environ['NETOPS_LAB_REDIS_PORT']), 'DATABASE': database,
        'USERNAME': '', 'PASSWORD': '', 'SSL': False,
    }  # fmt: skip


ALLOWED_HOSTS = ['127.0.0.1', 'localhost', 'testserver']
SECRET_KEY = _keys['secret_key']
API_TOKEN_PEPPERS = {1: _keys['pepper']}

DATABASES = {
    'default': {
        'NAME': os.environ['NETOPS_LAB_DATABASE'],
        'USER': 'netbox',
        'PASSWORD': '',
        'HOST': os.environ['NETOPS_LAB_DATABASE_HOST'],
        'PORT': '',
        'CONN_MAX_AGE': 300,
    }
}
REDIS = {'tasks': _redis(_tasks), 'caching': _redis(_caching)}

PLUGINS = os.environ.get('NETOPS_LAB_PLUGINS', 'netbox_netops').split()
PLUGINS_CONFIG = {'netbox_netops': {'secrets_directory': os.environ['NETOPS_LAB_SECRETS_DIRECTORY']}}

for _name in os.environ.get('NETOPS_LAB_LIFTED', '').split():
    importlib.import_module(_name).config.max_version = None

# Nothing leaves this machine: no usage report, no look-up of new releases or of the plugin catalogue.
CENSUS_REPORTING_ENABLED = False
ISOLATED_DEPLOYMENT = True

# Short and known passwords are fine here: it listens on loopback only.
AUTH_PASSWORD_VALIDATORS = []

for _name, _value in json.loads(os.environ.get('NETOPS_LAB_SETTINGS') or '{}').items():
    if _name == 'PLUGINS_CONFIG':
        for _plugin, _options in _value.items():
            PLUGINS_CONFIG.setdefault(_plugin, {}).update(_options)
    else:
        globals()[_name] = _value
