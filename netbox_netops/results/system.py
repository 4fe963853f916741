"""What a target says it is, in one row: its system group, and maker, model and software made out from it.

They are read in different ways, and one may fail without the other: two families that share a table.
"""

from .columns import Column, text
from .family import Family

__all__ = (
    'PLATFORM',
    'SYSTEM',
)

_TABLE = 'netbox_netops_systemstate'
_GROUP = (
    text('name'),
    text('description', 10_000),
    text('object_id'),
    text('contact'),
    text('location'),
)
_PLATFORM = (
    text('vendor', 100),
    text('model'),
    text('os', 100),
    text('os_version'),
    text('serial'),
)


def _left_alone(columns: tuple[Column, ...]) -> dict[str, tuple[str, str]]:
    return {column.name: ("''", f't."{column.name}"') for column in columns}


SYSTEM = Family(
    name='system',
    table=_TABLE,
    columns=_GROUP,
    key=(),
    names=('name',),
    label=lambda row: '',
    kept=_left_alone(_PLATFORM),
)

PLATFORM = Family(
    name='platform',
    wire='system',
    table=_TABLE,
    columns=_PLATFORM,
    key=(),
    names=('vendor', 'model', 'serial'),
    label=lambda row: '',
    # Without the inventory they would be made out from less certain sources.
    settled=('model', 'serial'),
    kept=_left_alone(_GROUP),
)
