"""The system group of SNMPv2-MIB (RFC 3418, section 2)."""

from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import SnmpClient
from netops_worker.probes.snmp.text import integer, object_id, text

__all__ = ('collect_system',)

SYS_DESCR = '1.3.6.1.2.1.1.1.0'
SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0'
SYS_UP_TIME = '1.3.6.1.2.1.1.3.0'
SYS_CONTACT = '1.3.6.1.2.1.1.4.0'
SYS_NAME = '1.3.6.1.2.1.1.5.0'
SYS_LOCATION = '1.3.6.1.2.1.1.6.0'

_OIDS = (SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION)


async def collect_system(client: SnmpClient) -> tuple[dict[str, Any] | None, NetOpsError | None]:
    """Read the group with one GET. Returns the values, and why some may be missing; None if the agent lacks those.

    No values at all if the agent gives nothing of the group; single ones that are missing are None. `uptime_ticks` is
    in hundredths of a second since the SNMP agent, not the device, was started. Raises NetOpsError like SnmpClient.
    """
    values = await client.get(_OIDS)
    if not values:
        return None, values.failure
    system = {
        'name': text(values.get(SYS_NAME)),
        'description': text(values.get(SYS_DESCR), lines=True),
        'object_id': object_id(values.get(SYS_OBJECT_ID)),
        'uptime_ticks': integer(values.get(SYS_UP_TIME)),
        'contact': text(values.get(SYS_CONTACT)),
        'location': text(values.get(SYS_LOCATION)),
    }
    return system, values.failure
