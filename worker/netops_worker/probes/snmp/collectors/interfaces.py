"""The interface table: ifTable and ifXTable of IF-MIB (RFC 2863, section 6)."""

from collections.abc import Iterable
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import SnmpClient, SnmpValue, Walk
from netops_worker.probes.snmp.collectors.collected import Collected
from netops_worker.probes.snmp.collectors.tables import is_listed
from netops_worker.probes.snmp.text import integers, mac, text

__all__ = ('collect_interfaces',)

_IF_ENTRY = '1.3.6.1.2.1.2.2.1'

COLUMNS = {
    # ifEntry
    'ifDescr': f'{_IF_ENTRY}.2',
    'ifType': f'{_IF_ENTRY}.3',
    'ifMtu': f'{_IF_ENTRY}.4',
    'ifSpeed': f'{_IF_ENTRY}.5',
    'ifPhysAddress': f'{_IF_ENTRY}.6',
    'ifAdminStatus': f'{_IF_ENTRY}.7',
    'ifOperStatus': f'{_IF_ENTRY}.8',
    'ifLastChange': f'{_IF_ENTRY}.9',
    # ifXEntry, which old agents lack
    'ifName': '1.3.6.1.2.1.31.1.1.1.1',
    'ifHighSpeed': '1.3.6.1.2.1.31.1.1.1.15',
    'ifAlias': '1.3.6.1.2.1.31.1.1.1.18',
}

# RFC 2863: an ifSpeed of this value means "faster than that, see ifHighSpeed".
_SPEED_LIMIT = 2**32 - 1
# An ifHighSpeed from here on, 100 Tbit/s, is a number of bit/s or a -1 of too few bits.
_HIGH_SPEED_LIMIT = 100_000_000
_MEGABIT = 1_000_000


async def collect_interfaces(client: SnmpClient) -> Collected:
    """Walk all columns together.

    A row has `index`, `type`, `mtu`, `speed` (bit/s), `admin_status`, `oper_status`, `last_change` (hundredths of a
    second, on the clock of sysUpTime) as int or None; `description` and `alias` as text or None; `name` (ifName, else
    ifDescr) and `mac` as text, '' if there is none. Ordered by index. A table or column that the agent lacks is no
    failure.
    """
    walk = await client.walk(list(COLUMNS.values()))
    rows = _rows({name: walk.columns[oid] for name, oid in COLUMNS.items()})
    return Collected(rows, _named(walk), is_listed(_IF_ENTRY, walk))


def _named(walk: Walk) -> NetOpsError | None:
    """The failure of a walk, with the name of the column in its detail."""
    if (failure := walk.failure) is None:
        return None
    name = next(name for name, oid in COLUMNS.items() if walk.failures.get(oid) is failure)
    return NetOpsError(failure.code, f'{name}: {failure.detail}' if failure.detail else name)


def _rows(columns: dict[str, dict[str, SnmpValue]]) -> list[dict[str, Any]]:
    # ifIndex is one number; whatever has more behind the column is no row of these tables.
    indexes = sorted({index for index in set().union(*columns.values()) if index.isdecimal()}, key=int)

    def column(name: str) -> Iterable[SnmpValue]:
        values = columns.get(name, {})
        # Nearly always the rows are the same in all columns, and need no lookup.
        return values.values() if list(values) == indexes else map(values.get, indexes)

    descriptions = list(map(text, column('ifDescr')))
    speeds = map(_speed, integers(column('ifSpeed')), integers(column('ifHighSpeed')))
    return [
        {
            'index': int(index),
            'name': name or description or '',
            'description': description,
            'alias': alias,
            'type': kind,
            'mtu': mtu,
            'speed': speed,
            'mac': address,
            'admin_status': admin_status,
            'oper_status': oper_status,
            'last_change': last_change,
        }
        for (
            index, name, description, alias, kind, mtu, speed, address, admin_status, oper_status, last_change
        ) in zip(
            indexes,
            map(text, column('ifName')),
            descriptions,
            map(text, column('ifAlias')),
            integers(column('ifType')),
            integers(column('ifMtu')),
            speeds,
            map(mac, column('ifPhysAddress')),
            integers(column('ifAdminStatus')),
            integers(column('ifOperStatus')),
            integers(column('ifLastChange')),
            strict=True,
        )
    ]  # fmt: skip


def _speed(low: int | None, high: int | None) -> int | None:
    """From ifSpeed and ifHighSpeed: the second, which is whole Mbit/s, unless the first says the same exactly."""
    if low is not None and not 0 <= low < _SPEED_LIMIT:
        low = None
    if high is None or not 0 < high < _HIGH_SPEED_LIMIT:
        return low
    speed = high * _MEGABIT
    # Rounded as the MIB says, or cut off.
    return low if low is not None and -_MEGABIT // 2 <= low - speed < _MEGABIT else speed
