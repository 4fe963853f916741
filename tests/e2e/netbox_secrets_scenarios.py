"""What test_netbox_secrets.py runs inside of a NetBox with netbox-secrets: every situation, and what comes of it.

`main(directory)` makes the key files there, and prints one JSON object: situation -> {code, detail, value, source,
expected}, and under `threads`, `log` and `keys` what the tests need besides.
"""

import asyncio
import base64
import io
import json
import logging
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

from Crypto.PublicKey import RSA
from dcim.models import Device, DeviceRole, DeviceType, Manufacturer, Platform, Site
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from netbox_secrets.models import Secret, SecretRole, SessionKey, UserKey
from tenancy.models import Tenant
from users.models import ObjectPermission, User
from virtualization.models import Cluster, ClusterType, VirtualMachine

from netbox_netops.models import Target
from netbox_netops.secret_settings import NetBoxSecretsConfig
from netbox_netops.secrets.netbox_secrets import NetBoxSecretsProvider
from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.secrets import SecretResolver, SecretSubject
from netops_worker.wire import CredentialRef

PLACES = ('device', 'role', 'platform', 'site', 'tenant')


class Scenarios:
    def __init__(self, directory: Path):
        self.directory = directory
        self.outcomes: dict[str, dict] = {}
        self._files = 0

        self.keys = {name: RSA.generate(2048) for name in ('admin', 'netops')}
        self.users = {name: User.objects.create(username=name) for name in ('admin', 'netops', 'keyless', 'ana', 'bob')}
        User.objects.create(username='gone', is_active=False)
        # The first user key makes the master key.
        self.admin_key = self._user_key('admin')
        self.master_key = self.admin_key.get_master_key(self.keys['admin'].export_key())
        self.roles = {slug: SecretRole.objects.create(name=slug, slug=slug) for slug in ('snmp', 'login')}
        self._permission(['netops', 'ana', 'keyless'])
        self._permission(['bob'], {'role__slug': 'login'})
        self._inventory()
        self.config = NetBoxSecretsConfig('netops', self.file(self.keys['netops'].export_key().decode()))

    def _inventory(self):
        maker = Manufacturer.objects.create(name='m', slug='m')
        self.owners = {
            'role': DeviceRole.objects.create(name='r', slug='r'),
            'platform': Platform.objects.create(name='p', slug='p'),
            'site': Site.objects.create(name='s', slug='s'),
            'tenant': Tenant.objects.create(name='t', slug='t'),
        }
        device_type = DeviceType.objects.create(manufacturer=maker, model='x', slug='x')
        device = Device.objects.create(name='core1', device_type=device_type, **self.owners)
        bare = Device.objects.create(
            name='bare', device_type=device_type, role=self.owners['role'], site=self.owners['site']
        )
        kind = ClusterType.objects.create(name='c', slug='c')
        machine = VirtualMachine.objects.create(name='vm1', cluster=Cluster.objects.create(name='c', type=kind))
        self.owners['device'] = device
        self.machine = machine
        self.subject = self._subject(device=device)
        self.bare = self._subject(device=bare)
        self.of_machine = self._subject(virtual_machine=machine)

    def _subject(self, **owner) -> SecretSubject:
        (name,) = {str(item) for item in owner.values()}
        target, _ = Target.objects.get_or_create(**owner, defaults={'name': name})
        # Ids of another NetBox: they must not be what decides.
        return SecretSubject(target.pk, 999_999, 999_999, name)

    def _user_key(self, name: str) -> UserKey:
        return UserKey.objects.create(
            user=self.users[name], public_key=self.keys[name].public_key().export_key().decode()
        )

    def _permission(self, names, constraints=None):
        permission = ObjectPermission.objects.create(name=f'of {names}', actions=['view'], constraints=constraints)
        permission.object_types.add(ContentType.objects.get_for_model(Secret))
        permission.users.set([self.users[name] for name in names])

    def file(self, text: str, mode=0o600) -> str:
        self._files += 1
        path = self.directory / f'key{self._files}'
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def store(self, owner, value: str, role='snmp', name='') -> Secret:
        secret = Secret(assigned_object=owner, role=self.roles[role], name=name, plaintext=value)
        secret.encrypt(self.master_key)
        secret.save()
        return secret

    def ask(self, situation, *, config=None, reference='snmp', subject=None, requested_by='', secret=None):
        """As a probe does, in the event loop. `secret`: that is expected, whose id is put into the outcome."""
        subject = replace(subject or self.subject, requested_by=requested_by)
        resolver = SecretResolver({'netbox-secrets': NetBoxSecretsProvider(config or self.config)}, cache_seconds=0)
        lent = ProbeContext(resolver, time.monotonic() + 60, float('inf'), subject)
        outcome = {'code': '', 'detail': '', 'value': '', 'expected': secret and f'secret {secret.pk} of its '}
        try:
            outcome['value'] = asyncio.run(lent.secret(_credential(reference))).reveal()
        except NetOpsError as error:
            outcome |= {'code': error.code, 'detail': error.detail}
        (resolution,) = lent.resolutions
        assert resolution.code == outcome['code']
        assert 'canary' not in json.dumps(resolution.to_json())
        self.outcomes[situation] = outcome | {'source': resolution.source}

    def keys_of_the_service_user(self):
        secret = self.store(self.owners['device'], 'canary-device')
        self.ask('no user key')
        key = self._user_key('netops')
        self.ask('inactive')
        key.refresh_from_db()
        key.activate(self.master_key)
        self.ask('works', secret=secret)
        self.ask('unknown service user', config=replace(self.config, user='nobody'))
        self.ask('inactive service user', config=replace(self.config, user='gone'))
        self.ask('keyless service user', config=replace(self.config, user='keyless'))
        for situation, text, mode in (
            ('private key of another', self.keys['admin'].export_key().decode(), 0o600),
            ('private key with pass phrase', self.keys['netops'].export_key(passphrase='x').decode(), 0o600),
            ('public key', self.keys['netops'].public_key().export_key().decode(), 0o600),
            ('no key at all', 'canary-nonsense', 0o600),
            ('private key for everybody', self.keys['netops'].export_key().decode(), 0o644),
        ):
            self.ask(situation, config=replace(self.config, private_key_file=self.file(text, mode)))
        self.ask('no key file', config=replace(self.config, private_key_file=str(self.directory / 'none')))
        secret.delete()

    def session_keys(self):
        key = UserKey.objects.get(user=self.users['netops'])
        secret = self.store(self.owners['device'], 'canary-session')
        session = SessionKey(userkey=key)
        session.save(master_key=self.master_key)
        self.session_key = base64.b64encode(session.key).decode()
        config = replace(self.config, private_key_file='', session_key_file=self.file(self.session_key))
        self.ask('session key', config=config, secret=secret)
        for situation, text in (('session key of nonsense', '!!'), ('short session key', 'c2hvcnQ=')):
            self.ask(situation, config=replace(config, session_key_file=self.file(text)))
        session.delete()
        self.ask('session key deleted', config=config)
        SessionKey(userkey=key).save(master_key=self.master_key)
        self.ask('session key rotated', config=config)
        secret.delete()

    def order(self):
        secrets = {place: self.store(self.owners[place], f'canary-{place}') for place in PLACES}
        self.ask('tenant first', config=replace(self.config, lookup=('tenant', 'device')), secret=secrets['tenant'])
        with override_settings(PLUGINS_CONFIG={'netbox_secrets': {'apps': ['tenancy.tenant', 'dcim.site']}}):
            self.ask('apps', secret=secrets['site'])
        self.ask('device without platform and tenant', subject=self.bare, secret=secrets['role'])
        for place in PLACES:
            self.ask(f'of its {place}', secret=secrets[place])
            secrets[place].delete()
        self.ask('none left')
        others = [self.store(self.owners['device'], f'canary-{name}', 'login', name) for name in ('zoe', 'adam')]
        self.ask('first by name', reference='login', secret=others[1])
        self.ask('by name', reference='login/zoe', secret=others[0])
        self.ask('no such name', reference='login/eve')
        self.ask('no such role', reference='other')
        machine = self.store(self.machine, 'canary-machine')
        self.ask('virtual machine', subject=self.of_machine, secret=machine)
        self.ask('no such target', subject=SecretSubject(999_999))

    def permissions(self):
        own = self.store(self.owners['device'], 'canary-own')
        self.ask('requester may', requested_by='ana', secret=own)
        self.ask('requester may not', requested_by='bob')
        self.ask('requester may other roles', requested_by='bob', reference='login/zoe')
        self.ask('requester unknown', requested_by='nobody')
        self.ask('requester not active', requested_by='gone')
        self.ask('requester not checked', requested_by='bob', config=replace(self.config, check_requester=False))
        # What is further away and allowed does not stand in for what is nearer and not.
        ObjectPermission.objects.filter(users=self.users['netops']).update(constraints={'pk__lt': own.pk})
        self.store(self.owners['site'], 'canary-of-site')
        self.ask('service user may not')
        ObjectPermission.objects.filter(users=self.users['netops']).update(constraints=None)
        Secret.objects.filter(pk=own.pk).update(ciphertext=b'x' * 80)
        self.ask('damaged')
        Secret.objects.filter(pk=own.pk).update(ciphertext=b'x' * 16)
        self.ask('cut off')
        own.delete()

    def threads(self) -> dict:
        """Many at the same time: how often the master key was unlocked, and the connections left over."""
        provider = NetBoxSecretsProvider(self.config, 60)
        resolver = SecretResolver({'netbox-secrets': provider}, cache_seconds=0)
        lent = ProbeContext(resolver, time.monotonic() + 60, float('inf'), self.subject)
        before = _connections()

        async def main():
            # With a cache of none, every one of them asks the database.
            return await asyncio.gather(*(lent.secret(_credential(f'login/{name}')) for name in ['zoe', 'adam'] * 10))

        with mock.patch.object(UserKey, 'get_master_key', autospec=True, side_effect=UserKey.get_master_key) as unlock:
            values = asyncio.run(main())
            unlocked = unlock.call_count
            provider.clear()
            asyncio.run(lent.secret(_credential('login/zoe')))
            unlocked_again = unlock.call_count - unlocked
        return {
            'values': sorted({value.reveal() for value in values}),
            'unlocked': unlocked,
            'unlocked_again': unlocked_again,
            'connections_left': _connections() - before,
        }


def _credential(reference: str) -> CredentialRef:
    return CredentialRef(1, 'lab', 'snmp-v2c', 'netbox-secrets', reference)


def _connections() -> int:
    with connection.cursor() as cursor:
        cursor.execute('SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()')
        return cursor.fetchone()[0]


def main(directory: str) -> None:
    call_command('migrate', 'netbox_secrets', interactive=False, verbosity=0)
    log = io.StringIO()
    logging.basicConfig(level=logging.DEBUG, stream=log, force=True)
    scenarios = Scenarios(Path(directory))
    scenarios.keys_of_the_service_user()
    scenarios.session_keys()
    scenarios.order()
    scenarios.permissions()
    threads = scenarios.threads()
    master = scenarios.master_key
    print(
        json.dumps(
            scenarios.outcomes
            | {
                'threads': threads,
                'log': log.getvalue(),
                'keys': [master.hex(), base64.b64encode(master).decode(), repr(master), scenarios.session_key],
            }
        )
    )
