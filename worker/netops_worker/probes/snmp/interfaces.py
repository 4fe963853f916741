"""The interface table: ifTable and ifXTable of IF-MIB (RFC 2863, section 6)."""

from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import SnmpClient, SnmpValue, WalkError
from netops_worker.probes.snmp.text import integer, mac, text

__all__ = ('collect_interfaces',)

COLUMNS = {
    # ifEntry
    'ifDescr': '1.3.6.1.2.1.2.2.1.2',
    'ifType': '1.3.6.1.2.1.2.2.1.3',
    'ifMtu': '1.3.6.1.2.1.2.2.1.4',
    'ifSpeed': '1.3.6.1.2.1.2.2.1.5',
    'ifPhysAddress': '1.3.6.1.2.1.2.2.1.6',
    'ifAdminStatus': '1.3.6.1.2.1.2.2.1.7',
    'ifOperStatus': '1.3.6.1.2.1.2.2.1.8',
    'ifLastChange': '1.3.6.1.2.1.2.2.1.9',
    # ifXEntry, which old agents lack
    'ifName': '1.3.6.1.2.1.31.1.1.1.1',
    'ifHighSpeed': '1.3.6.1.2.1.31.1.1.1.15',
    'ifAlias': '1.3.6.1.2.1.31.1.1.1.18',
}

# RFC 2863: an ifSpeed of this value means "faster than that, see ifHighSpeed".
_SPEED_LIMIT = 2**32 - 1

# A column that fails with one of these costs that column, not the others.
_COLUMN_ERRORS = ('snmp:endless-walk', 'snmp:error-status', 'credential:no-access')


async def collect_interfaces(client: SnmpClient) -> tuple[list[dict[str, Any]], NetOpsError | None]:
    """Walk the columns one by one. Returns the rows ordered by index, and the first failure if there was one.

    A row has `index`, `type`, `mtu`, `speed` (bit/s), `admin_status`, `oper_status`, `last_change` (hundredths of a
    second, on the clock of sysUpTime) as int or None; `description` and `alias` as text or None; `name` (ifName, else
    ifDescr) and `mac` as text, '' if there is none. A table or column that the agent lacks is no failure.
    """
    columns: dict[str, dict[str, SnmpValue]] = {}
    failure: NetOpsError | None = None
    for name, oid in COLUMNS.items():
        try:
            rows = await client.walk(oid)
        except WalkError as error:
            columns[name] = dict(error.rows)
            failure = failure or NetOpsError(error.code, f'{name}: {error.detail}' if error.detail else name)
            # An agent that gives rows without end would do so in every column.
            if error.capped or error.code not in _COLUMN_ERRORS:
                break
        else:
            columns[name] = dict(rows)
    return _rows(columns), failure


def _rows(columns: dict[str, dict[str, SnmpValue]]) -> list[dict[str, Any]]:
    def column(name: str):
        return columns.get(name, {}).get

    description, kind, mtu = column('ifDescr'), column('ifType'), column('ifMtu')
    low_speed, high_speed = column('ifSpeed'), column('ifHighSpeed')
    address, change = column('ifPhysAddress'), column('ifLastChange')
    admin_status, oper_status = column('ifAdminStatus'), column('ifOperStatus')
    short_name, alias = column('ifName'), column('ifAlias')

    rows = []
    # ifIndex is one number; whatever has more behind the column is no row of these tables.
    indexes = {index for values in columns.values() for index in values if index.isdecimal()}
    for index in sorted(indexes, key=int):
        descr = text(description(index))
        rows.append(
            {
                'index': int(index),
                'name': text(short_name(index)) or descr or '',
                'description': descr,
                'alias': text(alias(index)),
                'type': integer(kind(index)),
                'mtu': integer(mtu(index)),
                'speed': _speed(integer(low_speed(index)), integer(high_speed(index))),
                'mac': mac(address(index)),
                'admin_status': integer(admin_status(index)),
                'oper_status': integer(oper_status(index)),
                'last_change': integer(change(index)),
            }
        )
    return rows


def _speed(low: int | None, high: int | None) -> int | None:
    if high is not None and high > 0:
        return high * 1_000_000
    if low is not None and 0 <= low < _SPEED_LIMIT:
        return low
    return None
