"""Which platform an agent runs on: vendor, model, operating system with version, and serial number.

The rules are data, in `rules/`; docs/how-to/add-a-platform.md tells how to add one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import SnmpClient
from netops_worker.probes.snmp.platforms.book import RuleBook
from netops_worker.probes.snmp.platforms.engine import Reading
from netops_worker.probes.snmp.platforms.rules import CALLED, RULES, VENDORS
from netops_worker.probes.snmp.platforms.values import folded

__all__ = ('Platform', 'identify', 'platform_subtrees')

# Agents decide how long sysDescr is, and the patterns of the rules take more than linear time.
_DESCRIPTION_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class Platform:
    """Each text is '' if the agent does not tell. `rule`: id of the rule that matched.

    `failure`: what kept objects of the rule from being read; the other values stand nevertheless.
    """

    vendor: str = ''
    model: str = ''
    os: str = ''
    os_version: str = ''
    serial: str = ''
    rule: str = ''
    failure: NetOpsError | None = None


async def identify(client: SnmpClient, system: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]) -> Platform:
    """Find the platform. `system` is from `collect_system`; `entities` are rows of the ENTITY-MIB, maybe none.

    Sends at most one request in the usual case: one GET for what the rule wants beyond `system` and `entities`.
    Agents with an unspecific sysObjectID are asked once more for the subtrees they have; few rules walk a column.
    Raises nothing: see `Platform.failure`.
    """
    object_id = system.get('object_id') or ''
    description = folded(system.get('description'))[:_DESCRIPTION_LENGTH]
    reading = Reading(client, object_id, description, entities)
    chosen = await reading.choose(_book().candidates(object_id, description))
    if chosen is None or chosen.rule.generic:
        chosen = _book().described(description) or chosen
    if chosen is None:
        version, model, serial = reading.unruled()
        return Platform(_vendor(object_id), model, '', version, serial, '', reading.failure)
    version, model, serial = await reading.read(chosen)
    rule = chosen.rule
    return Platform(rule.vendor or _vendor(object_id), model, rule.os, version, serial, rule.id, reading.failure)


def platform_subtrees() -> set[str]:
    """The subtrees in which all objects lie that rules name, but for those below an agent's own sysObjectID."""
    return _book().subtrees


def _vendor(object_id: str) -> str:
    """The vendor to whom IANA gave the enterprise number, if it is a well-known one."""
    head, _, rest = object_id.partition('1.3.6.1.4.1.')
    return VENDORS.get(rest.partition('.')[0], '') if not head else ''


@cache
def _book() -> RuleBook:
    """Built at the first scan: processes that only import the probes need none."""
    return RuleBook(RULES, CALLED)
