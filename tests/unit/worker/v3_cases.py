"""What the tests of SNMP v3 share: the user of AgentV3, at each level, in a session."""

import pytest

from netops_worker.probes.snmp.user import UserSecurity
from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.secrets import Secret

from .agent import system_objects
from .agent_v3 import AgentV3
from .snmp_session import NAME, TIMEOUT, UPTIME, fails, get, session

__all__ = (
    'EVERY_LEVEL',
    'FOUND',
    'SIGNED_LEVELS',
    'agent_v3',
    'ask',
    'refused',
    'security',
    'twice',
)

LEVELS = {'noAuthNoPriv': {'auth': '', 'priv': ''}, 'authNoPriv': {'priv': ''}, 'authPriv': {}}
EVERY_LEVEL = pytest.mark.parametrize('level', LEVELS.values(), ids=LEVELS)
SIGNED_LEVELS = pytest.mark.parametrize('level', [LEVELS['authNoPriv'], LEVELS['authPriv']], ids=list(LEVELS)[1:])
FOUND = {NAME: b'sw1'}


def security(auth='authentication-1', priv='privacy-1', name='operator', context=''):
    return UserSecurity(
        SecurityUser(
            name,
            'SHA-256' if auth else None,
            Secret(auth) if auth else None,
            'AES' if priv else None,
            Secret(priv) if priv else None,
        ),
        context,
    )


def agent_v3(objects=None, **values):
    return AgentV3(objects or system_objects(), **values)


def ask(agent, action=None, *, level=None, **options):
    """The outcome of `action`, by default a GET of NAME, as the agent's user."""
    return session(agent, action or get(NAME), security=security(**(level or {})), **options)


def refused(agent, action=None, *, level=None, **options):
    proof = security(**(level or {}))
    return fails(agent, action or get(NAME), security=proof, **{'timeout': TIMEOUT, **options})


def twice(between):
    """Two GETs in one session, and what happens between them."""

    async def act(client):
        await client.get([UPTIME])
        between()
        return await client.get([NAME])

    return act
