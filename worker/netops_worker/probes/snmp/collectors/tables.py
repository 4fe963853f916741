"""Reading the tables that an agent has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.client import FATAL, SnmpClient, SnmpValue, Walk

__all__ = (
    'Column',
    'Columns',
    'Table',
    'TableReader',
    'is_listed',
)

# Index (dotted text) to value.
type Column = Mapping[str, SnmpValue]
# By the name of the object.
type Columns = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Table:
    """`root`: the subtree that an agent with this table has something below. `columns`: name of the object to its OID,
    of this table and of those with the same index: they are walked together.
    """

    root: str
    columns: Mapping[str, str]


class TableReader:
    """Walks the tables whose root is in `present`, until a walk ends the session. `failure`: the gravest of them.
    `listed`: whether nevertheless no row is missing.
    """

    def __init__(self, client: SnmpClient, present: Collection[str]) -> None:
        self._client = client
        self._present = present
        self._failures: dict[str, NetOpsError] = {}
        self.failure: NetOpsError | None = None
        self.listed = True

    async def read(self, *tables: Table) -> Columns:
        """All columns of the tables, empty where the agent lacks them."""
        columns: dict[str, Column] = {}
        for table in tables:
            if table.root not in self._present or (self.failure and self.failure.code.startswith(FATAL)):
                columns |= {name: {} for name in table.columns}
                # The root is absent, or the session is at its end.
                self.listed &= table.root not in self._present
                continue
            walk = await self._client.walk([*table.columns.values()])
            columns |= {name: walk.columns[oid] for name, oid in table.columns.items()}
            if walk.failures:
                self._failures |= walk.failures
                self.failure = Walk({}, self._failures).failure
                self.listed &= is_listed(table.root, walk)
        return columns


def is_listed(entry: str, walk: Walk) -> bool:
    """Whether a column below `entry`, in which every row has a value, was read to its end and has all rows seen."""
    seen: set[str] = set().union(*walk.columns.values())
    return any(
        rows and oid.startswith(f'{entry}.') and oid not in walk.failures and seen <= rows.keys()
        for oid, rows in walk.columns.items()
    )
