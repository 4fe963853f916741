"""What the tests of the SNMP session share."""

import asyncio
import time

import pytest

from netops_worker.errors import NetOpsError
from netops_worker.probes.base import ProbeContext
from netops_worker.probes.snmp.client import SessionOptions
from netops_worker.probes.snmp.gufo import connect
from netops_worker.secrets import Secret, SecretResolver

NAME = '1.3.6.1.2.1.1.5.0'
UPTIME = '1.3.6.1.2.1.1.3.0'
DESCR = '1.3.6.1.2.1.2.2.1.2'
# How long tests of silence wait; the others wait long, because a busy machine must not make an answer late.
TIMEOUT = 0.2
TOO_BIG, NO_SUCH_NAME, GEN_ERR, NO_ACCESS, AUTHORIZATION_ERROR = 1, 2, 5, 6, 16


def session(agent, action, *, community='public', seconds=20.0, lease=30.0, **options):
    """What `action(client)` returns, in an event loop of its own."""
    address, port = ('127.0.0.1', agent) if isinstance(agent, int) else (agent.address, agent.port)

    async def run():
        now = time.monotonic()
        context = ProbeContext(SecretResolver({}), now + seconds, now + lease)
        settings = SessionOptions(**{'port': port, 'timeout': 5.0, 'retries': 0, **options})
        client = await connect(address, Secret(community), settings, context)
        try:
            return await action(client)
        finally:
            client.close()

    return asyncio.run(run())


def get(*oids):
    return lambda client: client.get(oids)


def walk(column=DESCR):
    return lambda client: client.walk(column)


def fails(agent, action, **options):
    with pytest.raises(NetOpsError) as caught:
        session(agent, action, **options)
    return caught.value
