"""What the tests of the platform rules share: an agent made of a few rows, and what is made out from it."""

import asyncio

from netops_worker.probes.snmp.platforms import identify
from netops_worker.probes.snmp.platforms.rule import full

from .recorded import RecordedClient

__all__ = (
    'CHASSIS_ROW',
    'ENTERPRISES',
    'FAN',
    'Agent',
    'entity',
    'found',
    'values',
)

ENTERPRISES = '1.3.6.1.4.1'

CHASSIS_ROW = {'class': 3, 'name': 'Chassis'}


def entity(index, **fields):
    texts = ('name', 'description', 'model', 'serial', 'hardware', 'firmware', 'software', 'manufacturer')
    return {'index': index, 'parent': None, 'class': None, **dict.fromkeys(texts, ''), 'vendor_type': '', **fields}


class Agent(RecordedClient):
    """`requests`: the OIDs of each GET. `rows`: OID below `enterprises`, or in full, to text or a number."""

    def __init__(self, rows, failure=None):
        lines = (f'{full(oid)}|{2 if isinstance(value, int) else 4}|{value}' for oid, value in rows.items())
        super().__init__('\n'.join(lines))
        self.requests = []
        self.probes = []
        self.failure = failure

    async def get(self, oids):
        self.requests.append(list(oids))
        if self.failure:
            raise self.failure
        return await super().get(oids)

    async def present(self, subtrees):
        self.probes.append(set(subtrees))
        return await super().present(subtrees)


def found(oid, description, rows=None, entities=(), agent=None):
    system = {'object_id': f'{ENTERPRISES}.{oid}' if oid else None, 'description': description}
    return asyncio.run(identify(agent or Agent(rows or {}), system, list(entities)))


def values(platform):
    return platform.vendor, platform.os, platform.os_version, platform.model, platform.serial


FAN = entity(4, name='Fan Tray 1', model='FAN', serial='FA000001')
