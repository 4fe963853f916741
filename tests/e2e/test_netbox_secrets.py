"""Secrets of the real plugin netbox-secrets, decrypted in a process of NetBox without any browser.

The released plugin does not load on NetBox 4.7: here, and only here, its version ceiling is lifted. See
`netbox_secrets_scenarios.py` for how each situation is made.
"""

import json

import pytest

from lab.netbox import PLUGIN, NetBox
from lab.session import Lab

APPS = [
    'dcim.device',
    'virtualization.virtualmachine',
    'dcim.devicerole',
    'dcim.platform',
    'dcim.site',
    'tenancy.tenant',
]
SCENARIOS = 'import django; django.setup(); from tests.e2e.netbox_secrets_scenarios import main; main({!r})'
SKIPPED = """
import django
django.setup()
from netbox_netops.secret_settings import NetBoxSecretsConfig
from netbox_netops.secrets.netbox_secrets import NetBoxSecretsProvider
from netops_worker.errors import NetOpsError
from django.conf import settings
assert 'netbox_secrets' in settings.PLUGINS
try:
    NetBoxSecretsProvider(NetBoxSecretsConfig('netops', '/nonexistent')).resolve('snmp')
except NetOpsError as error:
    print(error)
"""


@pytest.fixture(scope='module')
def parts():
    with Lab('netbox-secrets') as lab:
        yield lab


def netbox_with_secrets(parts, **env):
    settings = {'PLUGINS_CONFIG': {'netbox_secrets': {'apps': APPS}}}
    return NetBox(
        parts.run, parts.cluster, parts.valkey, parts.netbox.database, settings=settings,
        plugins=[PLUGIN, 'netbox_secrets'], env=env,
    )  # fmt: skip


@pytest.fixture(scope='module')
def outcomes(parts, tmp_path_factory):
    netbox = netbox_with_secrets(parts, NETOPS_LAB_LIFTED='netbox_secrets')
    return json.loads(netbox.python('-c', SCENARIOS.format(str(tmp_path_factory.mktemp('keys')))))


@pytest.mark.parametrize(
    ('situation', 'value', 'place'),
    [
        ('works', 'canary-device', 'device'),
        ('session key', 'canary-session', 'device'),
        *((f'of its {place}', f'canary-{place}', place) for place in ('device', 'role', 'platform', 'site', 'tenant')),
        ('tenant first', 'canary-tenant', 'tenant'),
        ('apps', 'canary-site', 'site'),
        ('device without platform and tenant', 'canary-role', 'role'),
        ('first by name', 'canary-adam', 'device'),
        ('by name', 'canary-zoe', 'device'),
        ('virtual machine', 'canary-machine', 'device'),
        ('requester may', 'canary-own', 'device'),
    ],
)
def test_found(outcomes, situation, value, place):
    """The nearest secret by the configured order; which one it was is told by its id."""
    outcome = outcomes[situation]
    assert (outcome['code'], outcome['value']) == ('', value), outcome
    assert outcome['source'] == outcome['expected'] + place


@pytest.mark.parametrize(
    ('situation', 'code', 'detail'),
    [
        ('no user key', 'secret:no-key', "the user 'netops' has no user key"),
        ('keyless service user', 'secret:no-key', "the user 'keyless' has no user key"),
        ('unknown service user', 'secret:no-key', "there is no active user 'nobody'"),
        ('inactive service user', 'secret:no-key', "there is no active user 'gone'"),
        ('inactive', 'secret:inactive', "the user key of 'netops' is not active"),
        ('private key of another', 'secret:wrong-key', "the private key is not that of the user 'netops'"),
        ('private key with pass phrase', 'secret:wrong-key', "the private key is not that of the user 'netops'"),
        ('public key', 'secret:wrong-key', "the private key is not that of the user 'netops'"),
        ('no key at all', 'secret:wrong-key', "the private key is not that of the user 'netops'"),
        ('private key for everybody', 'secret:wrong-key', 'the file with the private key is open to everybody'),
        ('no key file', 'secret:wrong-key', 'the file with the private key cannot be read: No such file'),
        ('session key of nonsense', 'secret:wrong-key', 'what is in the file with the session key is none'),
        ('short session key', 'secret:wrong-key', 'what is in the file with the session key is none'),
        ('session key deleted', 'secret:session-rotated', 'the user netops has no session key any more'),
        ('session key rotated', 'secret:session-rotated', 'the user netops has another session key'),
        ('none left', 'secret:not-found', "no secret 'snmp' (looked up: device, role, platform, site, tenant)"),
        ('no such name', 'secret:not-found', "no secret 'login/eve'"),
        ('no such role', 'secret:not-found', "no secret 'other'"),
        ('no such target', 'secret:not-found', "no secret 'snmp' (looked up: nothing)"),
        ('requester may not', 'secret:forbidden', "the user 'bob' may not view the secret 'snmp'"),
        ('requester unknown', 'secret:forbidden', "there is no active user 'nobody'"),
        ('requester not active', 'secret:forbidden', "there is no active user 'gone'"),
        ('service user may not', 'secret:forbidden', "the user 'netops' may not view the secret 'snmp'"),
        ('damaged', 'secret:unreadable', "the secret 'snmp' cannot be decrypted"),
        ('cut off', 'secret:unreadable', "the secret 'snmp' cannot be decrypted"),
    ],
)
def test_not_found(outcomes, situation, code, detail):
    """Each situation has its own code, and says who or what it is about."""
    outcome = outcomes[situation]
    assert (outcome['code'], outcome['value']) == (code, ''), outcome
    assert outcome['detail'].startswith(f'lab: {detail}')


def test_permissions_with_constraints(outcomes):
    """Who may view some secrets gets these, and the others only where the administrator does not check him."""
    assert outcomes['requester may other roles']['value'] == 'canary-zoe'
    assert outcomes['requester not checked']['value'] == 'canary-own'


def test_many_at_the_same_time(outcomes):
    """The master key is unlocked once in its time, and no connection to the database stays open."""
    assert outcomes['threads'] == {
        'values': ['canary-adam', 'canary-zoe'], 'unlocked': 1, 'unlocked_again': 1, 'connections_left': 0,
    }  # fmt: skip


def test_nothing_is_told(outcomes):
    """Neither values nor keys are in a log at the highest verbosity, nor in what failures say."""
    assert outcomes['log']
    failures = [outcome['detail'] for outcome in outcomes.values() if isinstance(outcome, dict) and 'detail' in outcome]
    assert len(failures) > 30
    for text in (outcomes['log'], *failures):
        assert 'canary' not in text
        assert 'PRIVATE KEY' not in text
        assert not [key for key in outcomes['keys'] if key in text]


def test_a_plugin_that_netbox_skipped(parts):
    """As it is released: its name is in PLUGINS, NetBox does not load it, and we say that it is not there."""
    said = netbox_with_secrets(parts).python('-W', 'ignore', '-c', SKIPPED)
    assert said == 'secret:not-installed: the plugin netbox-secrets is not loaded\n'
