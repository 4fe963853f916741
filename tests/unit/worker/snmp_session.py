"""What the tests of the SNMP session share."""

import asyncio
import time

import pytest

from netops_worker.clock import lease_now
from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.client import SessionOptions
from netops_worker.probes.snmp.security import CommunitySecurity
from netops_worker.probes.snmp.session import Session
from netops_worker.secrets import Secret, SecretResolver

from .agent import V1, V2C

__all__ = (
    'ALIAS',
    'AUTHORIZATION_ERROR',
    'DESCR',
    'GEN_ERR',
    'IF_ENTRY',
    'MTU',
    'NAME',
    'NAMES',
    'NO_ACCESS',
    'NO_SUCH_NAME',
    'SPEED',
    'TIMEOUT',
    'TOO_BIG',
    'TYPE',
    'UPTIME',
    'V1',
    'V2C',
    'fails',
    'get',
    'numbers',
    'present',
    'rows',
    'session',
    'walk',
)

NAME = '1.3.6.1.2.1.1.5.0'
UPTIME = '1.3.6.1.2.1.1.3.0'
IF_ENTRY = '1.3.6.1.2.1.2.2.1'
MTU, SPEED = f'{IF_ENTRY}.4', f'{IF_ENTRY}.5'
NAMES, ALIAS = '1.3.6.1.2.1.31.1.1.1.1', '1.3.6.1.2.1.31.1.1.1.18'
DESCR, TYPE = f'{IF_ENTRY}.2', f'{IF_ENTRY}.3'
# How long tests of silence wait; the others wait long, because a busy machine must not make an answer late.
TIMEOUT = 0.2
TOO_BIG, NO_SUCH_NAME, GEN_ERR, NO_ACCESS, AUTHORIZATION_ERROR = 1, 2, 5, 6, 16


def session(agent, action, *, community='public', version=V2C, security=None, seconds=20.0, lease=30.0, **options):
    """What `action(client)` returns, in an event loop of its own. `agent`: an Agent, or a port of 127.0.0.1."""
    address, port = ('127.0.0.1', agent) if isinstance(agent, int) else (agent.address, agent.port)

    async def run():
        now = time.monotonic()
        context = ProbeContext(SecretResolver({}), now + seconds, lease_now() + lease)
        settings = SessionOptions(**{'port': port, 'timeout': 5.0, 'retries': 0, **options})
        proof = security or CommunitySecurity(version, Secret(community))
        client = await Session.open(address, proof, settings, context)
        try:
            return await action(client)
        finally:
            client.close()

    return asyncio.run(run())


def get(*oids):
    return lambda client: client.get(oids)


def walk(*columns):
    return lambda client: client.walk(columns or [DESCR])


def present(*subtrees):
    return lambda client: client.present(subtrees)


def rows(agent, *columns, **options):
    """The rows of the columns (of one: alone), of a walk without a failure."""
    found = session(agent, walk(*columns), **options)
    assert found.failures == {}
    return found.columns if len(columns) > 1 else next(iter(found.columns.values()))


def fails(agent, action, **options):
    """The error that the action raises, or the failure of the walk that it returns."""

    async def act(client):
        found = await action(client)
        raise found.failure

    with pytest.raises(NetOpsError) as caught:
        session(agent, act, **options)
    return caught.value


def numbers(count):
    """The indexes of so many rows."""
    return [str(number) for number in range(1, count + 1)]
