"""The physical entities of a target."""

from .columns import flag, number, text
from .family import Family

__all__ = ('INVENTORY',)

INVENTORY = Family(
    name='inventory',
    table='netbox_netops_inventorystate',
    columns=(
        number('index'),
        number('parent'),
        number('physical_class', 'integer', source='class'),
        text('name'),
        text('description'),
        text('model'),
        text('serial'),
        text('hardware'),
        text('firmware'),
        text('software'),
        text('manufacturer'),
        text('vendor_type'),
        flag('fru'),
    ),
    key=('index',),
    names=('index', 'name', 'model', 'serial'),
    label=lambda row: row['name'] or row['description'] or str(row['index']),
)
