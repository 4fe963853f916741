"""What the tests of the credential check share."""

import asyncio
import time

from netops_worker.clock import lease_now
from netops_worker.engine import Engine
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.ssh.check import CredentialCheckProbe
from netops_worker.secrets import EnvironmentProvider, SecretResolver
from netops_worker.testing import MemorySink, MemorySource, make_task
from netops_worker.wire import CredentialRef

__all__ = ('check', 'checks', 'enable', 'key', 'only', 'password', 'probe')

# Long, because a busy machine must not make an answer late; tests of silence give their own.
TIMEOUT = 20


def password(number=1, username='operator', **parameters):
    return _credential(number, 'ssh-password', username=username, **parameters)


def key(number=1, username='operator', **parameters):
    return _credential(number, 'ssh-key', username=username, **parameters)


def enable(number):
    return _credential(number, 'enable')


def _credential(number, protocol, **parameters):
    return CredentialRef(number, f'c{number}', protocol, 'environment', f'NETOPS_SECRET_C{number}', parameters)


def task(port, secrets, credentials, *, address='127.0.0.1', host_keys=None, **ssh):
    environment = {f'NETOPS_SECRET_C{number}': value for number, value in enumerate(secrets, 1) if value}
    options = {'ssh': {'port': port, 'timeout': TIMEOUT, 'shell_timeout': TIMEOUT, **ssh}}
    if host_keys is not None:
        options['host_keys'] = host_keys
    made = make_task(1, kind='credential-check', address=address, options=options, credentials=tuple(credentials))
    return made, environment


def check(port, secrets=('right-password',), credentials=None, *, more=None, **options):
    """The result of checking credentials, through the engine; by default one password per secret."""
    if credentials is None:
        credentials = [password(number) for number in range(1, len(secrets) + 1)]
    made, environment = task(port, secrets, credentials, **options)
    sink = MemorySink()
    resolver = SecretResolver({'environment': EnvironmentProvider({**environment, **(more or {})})})
    probes = {'credential-check': CredentialCheckProbe()}
    Engine(MemorySource([made]), sink, probes, resolver, worker='w').run()
    return sink.results[1]


def checks(result):
    """(verdict, code) of each credential."""
    return [(one['verdict'], one['code']) for one in result.data['credential_check']['checks']]


def only(result):
    """The one check of a result."""
    (one,) = result.data['credential_check']['checks']
    return one


def probe(port, secrets, credentials, *, seconds=60.0, lease_seconds=90.0, **options):
    """The outcome of the probe alone, with a deadline and a lease of its own."""
    made, environment = task(port, secrets, credentials, **options)
    resolver = SecretResolver({'environment': EnvironmentProvider(environment)})
    context = ProbeContext(resolver, time.monotonic() + seconds, lease_now() + lease_seconds)
    return asyncio.run(CredentialCheckProbe()(made, context))
