"""The IP addresses of a target."""

from .columns import address, number
from .family import Family

__all__ = ('ADDRESSES',)

ADDRESSES = Family(
    name='addresses',
    table='netbox_netops_addressstate',
    columns=(
        address('address'),
        number('if_index', source='interface'),
        number('prefix_length', 'smallint'),
    ),
    key=('address', 'if_index'),
    names=('address', 'prefix_length', 'if_index'),
    label=lambda row: row['address'],
)
